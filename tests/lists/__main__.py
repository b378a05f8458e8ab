"""``make lists``: runs every cell, writes the table, and compares what is wrong with what is known to be."""

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
from tests.lists.known_wrong import read_known_wrong, write_known_wrong
from tests.lists.subjects import SUBJECTS, write_overlays
from tests.lists.table import write_table
from truto_unify import Registry

if TYPE_CHECKING:
    from tests.lists.cells import Key, Result

PAGE = Path(__file__).resolve().parents[2] / "docs" / "list-faults.md"
_SHOWN = 60


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
    """Runs the cells; 1 if a cell is newly wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", default="", help="only stores of which the name holds this")
    parser.add_argument("--scenario", default="", help="only scenarios of which the name holds this")
    parser.add_argument("--door", default="", help="only doors of which the name holds this")
    parser.add_argument("--sample", action="store_true", help="only the cells that the tests try")
    parser.add_argument("--accept", action="store_true", help="add what is wrong to the known cells")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    names = [subject.name for subject in SUBJECTS if options.store in subject.name]
    with ProcessPoolExecutor(options.workers) as pool:
        run = partial(run_store, scenario=options.scenario, door=options.door, is_sample=options.sample)
        parts = pool.map(run, names)
        results = [result for part in parts for result in part]
    is_whole = not (options.store or options.scenario or options.door or options.sample)
    return report(results, is_whole=is_whole, accepts=options.accept)


def report(results: list[Result], *, is_whole: bool, accepts: bool) -> int:
    """Prints the results, and writes the files after a whole run."""
    known, tried = read_known_wrong(), {result.key for result in results}
    wrong = {result.key: result for result in results if result.verdict.is_bad}
    new, mended = set(wrong) - known, (known & tried) - set(wrong)
    _show({key: wrong[key].verdict.reason for key in new})
    totals = Counter(result.verdict.outcome for result in results)
    sys.stdout.write(f"{len(results)} walks: {dict(totals)}\n")
    sys.stdout.write(f"{len(new)} newly wrong, {len(mended)} mended\n")
    still_wrong = known - mended | (new if accepts else set())
    write_known_wrong(still_wrong & tried if is_whole else still_wrong)
    if is_whole:
        PAGE.write_text(write_table(results), encoding="utf-8")
    return 1 if new and not accepts else 0


def _show(reasons: dict[Key, str]) -> None:
    """One line for each scenario and door, with the limits and the reason of the first."""
    limits: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for store, scenario, door, limit in sorted(reasons):
        limits[store, scenario, door].append(limit)
    for names, tried in list(limits.items())[:_SHOWN]:
        reason = textwrap.shorten(reasons[*names, tried[0]], 160)
        sys.stdout.write(f"new: {' | '.join(names)} | {' '.join(tried)}: {reason}\n")


if __name__ == "__main__":
    sys.exit(main())
