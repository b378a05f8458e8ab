"""Lists from stores with faults: each walk is exact, flagged, or ends in one typed error.

A sample of all cells; ``make lists`` walks through them all and writes docs/list-faults.md.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import pytest

from tests.lists.cells import Cell, all_cells, run_cell, sample_cells
from tests.lists.doors import Bench, open_bench
from tests.lists.subjects import SUBJECTS, write_overlays
from truto_unify import Registry

if TYPE_CHECKING:
    from collections.abc import Iterator

SAMPLE: dict[str, list[Cell]] = defaultdict(list)
for chosen_cell in sample_cells():
    SAMPLE[chosen_cell.subject.name].append(chosen_cell)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    overlay = write_overlays(tmp_path_factory.mktemp("stores"))
    with open_bench(Registry(overlay=[overlay]), overlay) as opened:
        yield opened


def test_the_sample_holds_every_store_door_and_row() -> None:
    every, chosen = list(all_cells()), [cell for cells in SAMPLE.values() for cell in cells]

    assert {cell.subject.name for cell in chosen} == {subject.name for subject in SUBJECTS}
    assert {(cell.scenario.row, cell.door.name) for cell in chosen} == {
        (cell.scenario.row, cell.door.name) for cell in every
    }


@pytest.mark.parametrize("kind", [subject.name for subject in SUBJECTS])
def test_no_walk_is_wrong_or_wasteful(bench: Bench, kind: str) -> None:
    results = [run_cell(bench, cell) for cell in SAMPLE[kind]]

    assert [(*result.key, result.verdict.reason) for result in results if result.verdict.is_bad] == []
