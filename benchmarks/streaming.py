"""Streams a million customers page by page in a separate process, and measures its memory.

``python -m benchmarks.streaming 1000000`` prints one line of JSON.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psutil

from benchmarks import goals
from benchmarks.goals import Row
from benchmarks.workload import RESOURCE, make_workload
from truto_unify import Registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROVIDER = "shopify"
PAGE = 250
WARM_UP_PAGES = 40
SAMPLE_PAGES = 10
MAX_SECONDS = 600


def measure_streaming(count: int, modes: tuple[str, ...] = ("pages", "records")) -> list[Row]:
    """The growth of memory for each mode of streaming ``count`` customers.

    Raises:
        subprocess.SubprocessError: the process failed or took too long.
    """
    rows = []
    for mode in modes:
        command = [sys.executable, "-m", "benchmarks.streaming", str(count), mode]
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=MAX_SECONDS)  # noqa: S603 - ours
        result = json.loads(done.stdout)
        note = f"{result['customers']:,} customers in {result['seconds']:.0f} s"
        rows.append(Row(goals.STREAM, f"{PROVIDER} dense, as {mode}", result["growth_mib"], note))
    return rows


def stream(count: int, mode: str) -> dict[str, float]:
    """Maps ``count`` customers, each with its own ids, and releases every page.

    Args:
        count: the number of customers.
        mode: ``pages`` maps whole pages (``map_page``), ``records`` one record at a time (``iter_page``).
    """
    run = _runner(mode)
    process = psutil.Process()
    pages = count // PAGE
    customers = length = 0
    start = peak = 0
    started = time.perf_counter()
    for number, body in enumerate(_bodies(WARM_UP_PAGES + pages)):
        if number == WARM_UP_PAGES:
            gc.collect()
            start = peak = process.memory_info().rss
            started = time.perf_counter()
        length += run(body)
        customers += PAGE if number >= WARM_UP_PAGES else 0
        if number >= WARM_UP_PAGES and number % SAMPLE_PAGES == 0:
            peak = max(peak, process.memory_info().rss)
    seconds = time.perf_counter() - started
    return {"customers": customers, "bytes": length, "growth_mib": (peak - start) / 2**20, "seconds": seconds}


def _runner(mode: str) -> Callable[[bytes], int]:
    """A function that maps a page and returns the length of the result."""
    mapper = Registry().mapper(RESOURCE, PROVIDER)

    def send_records(body: bytes) -> int:
        length = 0
        for text in mapper.iter_page(body):
            length += len(text) + 1
        return length

    return send_records if mode == "records" else lambda body: len(mapper.map_page(body))


def _bodies(pages: int) -> Iterator[bytes]:
    """The same page again and again, each time with other ids."""
    body = make_workload(PROVIDER, "dense", PAGE).body
    for number in range(pages):
        yield body.replace(b"7000000000", b"7%09d" % number)


if __name__ == "__main__":
    print(json.dumps(stream(int(sys.argv[1]), sys.argv[2])))
