"""Records of the same time: none is lost in silence, however the store orders them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import httpx
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from tests.lists.cells import LIMITS, Cell, run_cell
from tests.lists.doors import Bench, Door, open_bench
from tests.lists.faults import honest
from tests.lists.scenarios import CHANGED, CREATED, NEWEST, Scenario
from tests.lists.stock import Order, Stock, make_tied_stock
from tests.lists.subjects import Subject, write_overlays
from tests.lists.test_random_changes import TRIED_DOORS, TRIED_SUBJECTS, Step, a_step, change_and_serve, is_told
from truto_unify import Account, Client, Registry

if TYPE_CHECKING:
    from collections.abc import Iterator

AT_ONCE, BY_CURSOR, _ = TRIED_DOORS
COUNTING = [subject for subject in TRIED_SUBJECTS if subject.dialect is None and subject.kind.counts_places]
NAMED = {subject.name: subject for subject in COUNTING}
WITH_TOTAL = [NAMED[name] for name in ("number_total", "number_offset", "number_fixed", "offset_total", "range_total")]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    overlay = write_overlays(tmp_path_factory.mktemp("stores"))
    with open_bench(Registry(overlay=[overlay]), overlay) as opened:
        yield opened


def make_imported_stock() -> Stock:
    """Sixty people who were imported at the same moment, by a store that orders them by their numbers."""
    return replace(make_tied_stock(60, lambda _: 0), ties=False)


@pytest.mark.parametrize("order", [CREATED, NEWEST, CHANGED], ids=str)
@pytest.mark.parametrize("subject", COUNTING, ids=lambda subject: subject.name)
def test_many_more_records_of_one_time_than_a_page_shows_are_listed_page_by_page(
    bench: Bench, subject: Subject, order: Order
) -> None:
    scenario = Scenario("imported", honest, make_stock=make_imported_stock, order=order)
    verdict = run_cell(bench, Cell(subject, scenario, BY_CURSOR, 3)).verdict

    assert (verdict.outcome, verdict.reason) == ("exact", "")


@pytest.mark.parametrize("is_kept", [True, False], ids=["the order stays", "the order changes"])
@pytest.mark.parametrize("name", ["number_total", "number_silent", "offset_total"])
def test_records_of_one_time_that_a_cursor_cannot_remember_all_come_once_or_the_list_ends_with_an_error(
    bench: Bench, name: str, is_kept: bool
) -> None:
    make_stock = partial(replace, make_tied_stock(400, lambda _: 0), ties=not is_kept)
    scenario = Scenario("imported", honest, make_stock=make_stock, order=CREATED)
    verdict = run_cell(bench, Cell(NAMED[name], scenario, BY_CURSOR, 64)).verdict

    assert verdict.outcome in ({"exact"} if is_kept else {"exact", "error"}), verdict.reason


def test_the_cursor_of_a_list_of_records_of_one_time_stays_short() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        page, size = (int(request.url.params[name]) for name in ("page", "limit"))
        people = [
            {"id": number, "date_created": "2024-01-01T00:00:00Z"} for number in range((page - 1) * size, page * size)
        ]
        pagination = {"total": 5000, "current_page": page, "total_pages": 5000 // size}
        return httpx.Response(200, json={"data": people, "meta": {"pagination": pagination}})

    account = Account(provider="bigcommerce", context={"store_hash": "abc"}, credentials={"access_token": "invented"})
    cursor, ids = None, []
    with Client(transport=httpx.MockTransport(answer)) as client:
        for _ in range(8):
            page = client.list(
                "ecommerce/customers", account, sort_by={"created_at": "asc"}, limit=250, next_cursor=cursor
            )
            ids += [record.id for record in page.result]
            cursor = page.next_cursor
            assert cursor is not None
            assert len(cursor) < 5000

    assert len(ids) > 1000
    assert ids == [str(number) for number in range(len(ids))]


def test_a_default_order_that_nobody_asked_for_ends_no_walk_over_records_of_one_time() -> None:
    people = [{"id": number, "date_created": "2024-01-01T00:00:00Z"} for number in range(280)]
    pages = iter([people[:250], people[250:], people[250:]])  # whatever place and size the engine asks for
    shop = httpx.MockTransport(lambda _: httpx.Response(200, json={"data": next(pages), "meta": {}}))

    account = Account(
        provider="bigcommerce", context={"store_hash": "imported"}, credentials={"access_token": "invented"}
    )
    with Client(transport=shop) as client:
        ids = [record.id for record in client.iterate("ecommerce/customers", account)]

    assert ids == [str(number) for number in range(280)]


# The second page holds the last of its group that came before; another leaves, and the third moves to its place.
@example(NAMED["offset_total"], [Step(2, "delete", 9)], 6, 4, CREATED, AT_ONCE, None)
# The first page, of which one record was given, is asked for again, and one has left.
@example(NAMED["number_fixed"], [Step(3, "insert", 4), Step(8, "delete", 15)], 21, 25, CREATED, BY_CURSOR, 1)
# A page tells that the total fell; when it is asked for again, a newcomer hides it.
@example(NAMED["number_total"], [Step(3, "delete", 22), Step(4, "insert", 15)], 22, 3, CREATED, AT_ONCE, None)
@settings(max_examples=60)
@given(
    subject=st.sampled_from(WITH_TOTAL),
    steps=st.lists(a_step, min_size=1, max_size=6),
    count=st.integers(1, 25),
    size=st.sampled_from([2, 3, 4, 7, 25]),
    order=st.sampled_from([CREATED, NEWEST]),
    door=st.sampled_from(TRIED_DOORS),
    limit=st.sampled_from(
        LIMITS[1:]
    ),  # a record at a time takes more requests than are allowed, where the engine sorts
)
def test_changes_among_records_of_one_time_are_survived_or_told(
    bench: Bench,
    subject: Subject,
    steps: list[Step],
    count: int,
    size: int,
    order: Order,
    door: Door,
    limit: int | None,
) -> None:
    assume(is_told(subject, steps, order))
    make_stock = partial(make_tied_stock, count, lambda number: number // size)
    scenario = Scenario("changes", partial(change_and_serve, steps), make_stock=make_stock, order=order)
    verdict = run_cell(bench, Cell(subject, scenario, door, limit)).verdict

    assert verdict.outcome in {"exact", "flagged", "error"}, verdict.reason
