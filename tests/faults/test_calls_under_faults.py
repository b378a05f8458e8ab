"""Calls under faults, over sockets: each gives every record once, or one typed error, and nothing else.

A sample of all cells, on a few stores; ``make faults`` tries them all and writes docs/faults.md.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.faults.bench import HASTY, PATIENT, FaultBench, Shop
from tests.faults.cells import Cell, Result, all_cells, check_sound, find_secrets, judge, run_cell
from tests.faults.leaks import Holdings, count_holdings
from tests.faults.many import read_shops
from tests.faults.table import show_outcome
from tests.lists.dialects import CUSTOMERS as DIALECTS
from tests.lists.subjects import write_overlays
from tests.lists.walk import Walk
from truto_unify import Registry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from truto_unify.types import Limits

TRANSIENT = {
    "delay",
    "reset",
    "closed",
    "reset-body",
    "cut",
    "bad-chunk",
    "error",
    "gateway",
    "truncated",
    "empty",
}
"""If they strike once, a call repeats its request and is exact."""


@pytest.fixture(scope="module")
def overlay(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_overlays(tmp_path_factory.mktemp("stores"))


@pytest.fixture(scope="module")
def registry(overlay: Path) -> Registry:
    return Registry(overlay=[overlay])


def open_shop(slug: str, bench: FaultBench) -> Shop:
    return Shop(next(dialect for dialect in DIALECTS if dialect.provider == slug), bench)


def choose(slug: str) -> Iterator[Cell]:
    """A cell for each fault; the doors and the durations take turns."""
    by_fault: dict[str, list[Cell]] = {}
    for cell in all_cells([slug]):
        by_fault.setdefault(cell.fault.name, []).append(cell)
    for place, cells in enumerate(by_fault.values()):
        yield cells[place % len(cells)]


def run(registry: Registry, overlay: Path, cells: list[Cell], limits: Limits) -> tuple[list[Result], int]:
    """The results of the cells with these limits, and the tasks that are left."""
    with closing(FaultBench(registry, overlay, limits)) as bench:
        shop = open_shop(cells[0].slug, bench)
        check_sound(bench, shop)
        return [run_cell(bench, shop, cell) for cell in cells if cell.limits == limits], bench.count_tasks()


def test_no_call_is_wrong_and_nothing_is_left_behind(registry: Registry, overlay: Path) -> None:
    cells = list(choose("wix"))[::2]
    run(registry, overlay, cells[:1], PATIENT)  # what the first use of a library opens for good is no leak
    before = count_holdings()

    patient, tasks = run(registry, overlay, cells, PATIENT)
    hasty, further_tasks = run(registry, overlay, cells, HASTY)

    results = [*patient, *hasty]
    assert [(result.key, result.outcome) for result in results if result.is_wrong] == []
    assert [(result.key, result.leaked) for result in results if result.leaked] == []
    assert len(results) == len(cells)
    assert (count_holdings() - before, tasks, further_tasks) == (Holdings(0, 0), 0, 0)


def test_a_transient_fault_costs_no_record(registry: Registry, overlay: Path) -> None:
    cells = [
        cell
        for cell in all_cells(["woocommerce"])
        if cell.fault.name in TRANSIENT and cell.door.name == "list" and cell.duration == "once"
    ]
    results, _ = run(registry, overlay, cells, PATIENT)

    assert {result.key[1]: result.outcome for result in results} == dict.fromkeys(TRANSIENT, "exact")


def test_a_list_with_a_null_on_each_page_comes_to_an_end(registry: Registry, overlay: Path) -> None:
    cells = [
        cell
        for cell in all_cells(["bigcommerce"])
        if cell.fault.name == "record-null" and cell.door.name in {"list", "iterate"} and cell.duration == "always"
    ]
    results, _ = run(registry, overlay, cells, PATIENT)

    assert [result.outcome for result in results] == ["ProviderError(incomplete_list)"] * 2


def test_lists_are_exact_or_an_error_if_a_fifth_of_the_answers_is_faulty(registry: Registry, overlay: Path) -> None:
    with closing(FaultBench(registry, overlay, PATIENT)) as bench:
        result = read_shops(bench, "commerce7", customers=250)

    assert (result.failures, result.faults > 5, result.exact > 0) == ((), True, True)


def test_the_judge_finds_what_is_wrong() -> None:
    assert judge(Walk([1, 2]), [1, 2]) == ("exact", False)
    assert judge(Walk([1]), [1, 2]) == ("lost [2]", True)
    assert judge(Walk([1], is_flagged=True), [1, 2]) == ("flagged", False)
    assert judge(Walk([1, 1], error="E"), [1, 2]) == ("repeated [1], strangers []", True)
    assert judge(Walk([7]), [1]) == ("repeated [], strangers [7]", True)
    assert judge(Walk([1], error="E"), [1, 2]) == ("E", False)
    assert judge(Walk([1, 0]), [1, 2]) == ("marked", False)
    assert judge(Walk([1, 0, 0]), [1, 2]) == ("lost [2]", True)
    assert judge(Walk(crash="KeyError"), []) == ("KeyError", True)


def test_a_secret_is_found_in_its_spellings() -> None:
    assert find_secrets("Basic c2VjcmV0IQ==", ["secret!"]) == "Basic c2VjcmV0IQ=="
    assert (find_secrets("a%20b", ["a b"]), find_secrets("nothing", ["secret!"])) == ("a%20b", "")


def test_an_outcome_is_shown_in_a_word() -> None:
    outcomes = ["exact", "-", "ProviderError(pagination_loop)", "TransportError", "502 Bad Gateway"]

    assert list(map(show_outcome, outcomes)) == ["exact", "-", "`pagination_loop`", "`TransportError`", "502"]
