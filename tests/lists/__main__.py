"""``make lists``: walks through every cell and writes the table; fails if a walk is wrong or wasteful."""

from __future__ import annotations

import argparse
import sys
import tempfile
import textwrap
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tests.lists.cells import all_cells, run_cell, sample_cells
from tests.lists.doors import open_bench
from tests.lists.subjects import SUBJECTS, write_overlays
from tests.lists.table import write_table
from truto_unify import Registry

if TYPE_CHECKING:
    from tests.lists.cells import Result

PAGE = Path(__file__).resolve().parents[2] / "docs" / "list-faults.md"


def run_store(name: str, scenario: str, door: str, *, is_sample: bool) -> list[Result]:
    """The results of one store."""
    with tempfile.TemporaryDirectory() as folder:
        overlay = write_overlays(Path(folder))
        with open_bench(Registry(overlay=[overlay]), overlay) as bench:
            return [
                run_cell(bench, cell)
                for cell in (sample_cells() if is_sample else all_cells())
                if cell.subject.name == name and scenario in cell.scenario.name and door in cell.door.name
            ]


def main() -> int:
    """Walks through the cells; 1 if a walk is bad."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", default="", help="only stores of which the name holds this")
    parser.add_argument("--scenario", default="", help="only scenarios of which the name holds this")
    parser.add_argument("--door", default="", help="only doors of which the name holds this")
    parser.add_argument("--sample", action="store_true", help="only the cells that the tests try")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    names = [subject.name for subject in SUBJECTS if options.store in subject.name]
    with ProcessPoolExecutor(options.workers) as pool:
        run = partial(run_store, scenario=options.scenario, door=options.door, is_sample=options.sample)
        results: list[Result] = []
        for part in pool.map(run, names):
            _show([result for result in part if result.verdict.is_bad])
            results += part
    totals = Counter(result.verdict.outcome for result in results)
    sys.stdout.write(f"{len(results)} walks: {dict(totals)}\n")
    if not (options.store or options.scenario or options.door or options.sample):
        PAGE.write_text(write_table(results), encoding="utf-8")
    return 1 if any(result.verdict.is_bad for result in results) else 0


def _show(results: list[Result]) -> None:
    """One line for each scenario and door, with the limits and the reason of the first."""
    groups: dict[tuple[str, str, str], list[Result]] = defaultdict(list)
    for result in results:
        groups[result.key[:3]].append(result)
    for names, group in groups.items():
        limits = " ".join(result.key[3] for result in group)
        reason = textwrap.shorten(group[0].verdict.reason, 160)
        sys.stdout.write(f"{group[0].verdict.outcome}: {' | '.join(names)} | {limits}: {reason}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
