"""``make faults``: tries every fault at every door and writes docs/faults.md; fails if an outcome is wrong."""

from __future__ import annotations

import argparse
import faulthandler
import logging
import pickle
import sys
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.faults.bench import HASTY, PATIENT, SLUGS, FaultBench, Shop
from tests.faults.cells import Result, all_cells, check_sound, run_cell
from tests.faults.leaks import count_holdings
from tests.faults.many import CUSTOMERS, ManyResult, read_shops
from tests.faults.table import write_page
from tests.lists.dialects import CUSTOMERS as DIALECTS
from tests.lists.subjects import write_overlays
from truto_unify import Registry

PAGE = Path(__file__).resolve().parents[2] / "docs" / "faults.md"
CACHE = Path(__file__).resolve().parents[2] / ".cache" / "faults"
"""The last results of each provider: the page can be written after one of them was tried again."""
_HANG_SECONDS = 1800
"""A process that is stuck prints where, and ends."""


@dataclass(frozen=True, slots=True)
class ProviderResult:
    """What came out for one provider; ``leak`` says what was left behind, and is empty if nothing was."""

    results: list[Result]
    many: ManyResult
    leak: str

    @property
    def is_bad(self) -> bool:
        """Whether anything is wrong."""
        is_wrong = any(result.is_wrong or result.leaked for result in self.results)
        return is_wrong or bool(self.leak or self.many.failures)


def run_provider(slug: str, fault: str, door: str, customers: int) -> ProviderResult:
    """Tries the cells of one provider, then lists its shops."""
    faulthandler.dump_traceback_later(_HANG_SECONDS, exit=True)
    cells = [cell for cell in all_cells([slug]) if fault in cell.fault.name and door in cell.door.name]
    results: list[Result] = []
    tasks = 0
    with tempfile.TemporaryDirectory() as folder:
        overlay = write_overlays(Path(folder))
        registry = Registry(overlay=[overlay])
        with closing(FaultBench(registry, overlay)) as bench:
            check_sound(bench, _open_shop(slug, bench))
        before = count_holdings()  # what the first use of a library opens for good is no leak
        for limits in (PATIENT, HASTY):
            with closing(FaultBench(registry, overlay, limits)) as bench:
                shop = _open_shop(slug, bench)
                check_sound(bench, shop)
                for cell in cells:
                    if cell.limits == limits:
                        results.append(run_cell(bench, shop, cell))
                        tasks = max(tasks, bench.count_tasks())
        with closing(FaultBench(registry, overlay, HASTY)) as bench:
            many = read_shops(bench, slug, customers)
        left = count_holdings() - before
    faulthandler.cancel_dump_traceback_later()
    has_leak = tasks or left.descriptors > 0 or left.threads > 0
    return ProviderResult(results, many, f"{slug}: {left}, {tasks} tasks" if has_leak else "")


def _open_shop(slug: str, bench: FaultBench) -> Shop:
    return Shop(next(dialect for dialect in DIALECTS if dialect.provider == slug), bench)


def main() -> int:
    """Tries the cells; 1 if an outcome is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--provider", default="", help="only providers of which the name holds this")
    parser.add_argument("--fault", default="", help="only faults of which the name holds this")
    parser.add_argument("--door", default="", help="only doors of which the name holds this")
    parser.add_argument("--customers", type=int, default=CUSTOMERS, help="of all providers together")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    slugs = [slug for slug in SLUGS if options.provider in slug]
    run = partial(run_provider, fault=options.fault, door=options.door, customers=-(-options.customers // len(SLUGS)))
    is_whole = not (options.fault or options.door) and options.customers == CUSTOMERS
    is_bad = False
    with ProcessPoolExecutor(options.workers) as pool:
        futures = {pool.submit(run, slug): slug for slug in slugs}
        for future in as_completed(futures):
            slug, part = futures[future], future.result()
            _show(slug, part)
            is_bad = is_bad or part.is_bad
            if is_whole:
                CACHE.mkdir(parents=True, exist_ok=True)
                (CACHE / f"{slug}.pickle").write_bytes(pickle.dumps(part))
    if is_whole:
        _write_page()
    return 1 if is_bad else 0


def _write_page() -> None:
    """Writes the page from the last results of each provider, once all of them have some."""
    files = [CACHE / f"{slug}.pickle" for slug in SLUGS]
    if not all(file.exists() for file in files):
        return
    parts: list[ProviderResult] = [pickle.loads(file.read_bytes()) for file in files]
    results = [result for part in parts for result in part.results]
    leaks = [part.leak for part in parts if part.leak]
    PAGE.write_text(write_page(results, leaks, [part.many for part in parts]), encoding="utf-8")


def _show(slug: str, part: ProviderResult) -> None:
    """What came out for one provider, with a line for each cell that is wrong."""
    counts = Counter("wrong" if result.is_wrong else "right" for result in part.results)
    many = part.many
    sys.stdout.write(
        f"{slug}: {dict(counts)}; {many.faults} of {many.answers} answers faulty: {many.exact} lists exact, "
        f"{dict(many.errors)}\n"
    )
    for result in part.results:
        place = " | ".join(result.key)
        if result.is_wrong:
            sys.stdout.write(f"wrong: {place}: {result.outcome}\n")
        if result.leaked:
            sys.stdout.write(f"secret: {place}: {result.leaked!r}\n")
    for failure in (*many.failures, *filter(None, [part.leak])):
        sys.stdout.write(f"wrong: {slug} | {failure}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    logging.getLogger().setLevel(logging.WARNING)
    sys.exit(main())
