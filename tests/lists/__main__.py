"""``make lists``: runs every cell, writes the table, and compares what is wrong with what is known to be."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from tests.lists.cells import all_cells, run_cell
from tests.lists.doors import open_bench
from tests.lists.kinds import KINDS, write_overlay
from tests.lists.known_wrong import read_known_wrong, write_known_wrong
from tests.lists.table import write_table
from truto_unify import Registry

if TYPE_CHECKING:
    from tests.lists.cells import Result

PAGE = Path(__file__).resolve().parents[2] / "docs" / "list-faults.md"
_SHOWN = 40


def run_store(name: str, scenario: str, door: str) -> list[Result]:
    """The results of one store."""
    with tempfile.TemporaryDirectory() as folder:
        overlay = write_overlay(Path(folder))
        with open_bench(Registry(overlay=[overlay]), overlay) as bench:
            return [
                run_cell(bench, cell)
                for cell in all_cells()
                if cell.kind.name == name and scenario in cell.scenario.name and door in cell.door.name
            ]


def main() -> int:
    """Runs the cells; 1 where one is wrong that is not known to be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", default="", help="only stores of which the name holds this")
    parser.add_argument("--scenario", default="", help="only scenarios of which the name holds this")
    parser.add_argument("--door", default="", help="only doors of which the name holds this")
    parser.add_argument("--accept", action="store_true", help="add what is wrong to the known cells")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    names = [kind.name for kind in KINDS if options.store in kind.name]
    with ProcessPoolExecutor(options.workers) as pool:
        parts = pool.map(run_store, names, [options.scenario] * len(names), [options.door] * len(names))
        results = [result for part in parts for result in part]
    is_whole = not (options.store or options.scenario or options.door)
    return report(results, is_whole=is_whole, accepts=options.accept)


def report(results: list[Result], *, is_whole: bool, accepts: bool) -> int:
    """Prints what came out, and writes the files after a whole run."""
    known, tried = read_known_wrong(), {result.key for result in results}
    wrong = {result.key: result for result in results if result.verdict.is_bad}
    new, mended = set(wrong) - known, (known & tried) - set(wrong)
    for key in sorted(new)[:_SHOWN]:
        sys.stdout.write(f"new: {' | '.join(key)}: {wrong[key].verdict.reason}\n")
    totals = Counter(result.verdict.outcome for result in results)
    sys.stdout.write(f"{len(results)} walks: {dict(totals)}\n")
    sys.stdout.write(f"{len(new)} newly wrong, {len(mended)} mended\n")
    kept = known - mended | (new if accepts else set())
    write_known_wrong(kept & tried if is_whole else kept)
    if is_whole:
        PAGE.write_text(write_table(results), encoding="utf-8")
    return 1 if new and not accepts else 0


if __name__ == "__main__":
    sys.exit(main())
