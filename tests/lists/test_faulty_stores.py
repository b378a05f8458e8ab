"""Lists from stores with faults: each walk is exact, flagged, or ends in one typed error.

A sample of all cells; ``make lists`` tries them all. What is wrong today stands in ``known_wrong.txt``, which is exact
in both ways.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING
from zlib import crc32

import pytest

from tests.lists.cells import Cell, all_cells, run_cell
from tests.lists.doors import Bench, open_bench
from tests.lists.kinds import KINDS, write_overlay
from tests.lists.known_wrong import read_known_wrong
from truto_unify import Registry

if TYPE_CHECKING:
    from collections.abc import Iterator

SHARE = 71
"""One of so many cells is tried, beside one of each row of each store."""


def mark(cell: Cell) -> int:
    return crc32("|".join(cell.key).encode())


def sample() -> dict[str, list[Cell]]:
    every = list(all_cells())
    row_cells = {(cell.kind.name, cell.scenario.row): cell for cell in every}
    for cell in every:
        row = (cell.kind.name, cell.scenario.row)
        row_cells[row] = min(row_cells[row], cell, key=mark)
    chosen = {cell.key for cell in row_cells.values()} | {cell.key for cell in every if mark(cell) % SHARE == 0}
    cells: dict[str, list[Cell]] = defaultdict(list)
    for cell in every:
        if cell.key in chosen:
            cells[cell.kind.name].append(cell)
    return cells


SAMPLE = sample()


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    overlay = write_overlay(tmp_path_factory.mktemp("stores"))
    with open_bench(Registry(overlay=[overlay]), overlay) as opened:
        yield opened


def test_the_sample_holds_every_store_door_and_row() -> None:
    every, chosen = list(all_cells()), [cell for cells in SAMPLE.values() for cell in cells]

    assert {cell.kind.name for cell in chosen} == {kind.name for kind in KINDS}
    assert {cell.door.name for cell in chosen} == {cell.door.name for cell in every}
    assert {cell.scenario.row for cell in chosen} == {cell.scenario.row for cell in every}


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS])
def test_what_is_wrong_is_known(bench: Bench, kind: str) -> None:
    results = [run_cell(bench, cell) for cell in SAMPLE[kind]]
    wrong = {result.key for result in results if result.verdict.is_bad}

    assert wrong == read_known_wrong() & {result.key for result in results}
