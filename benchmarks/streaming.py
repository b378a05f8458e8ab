"""Streams a million customers page after page in a process of its own, and watches that process's memory.

``python -m benchmarks.streaming 1000000`` prints one line of JSON.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psutil  # type: ignore[import-untyped]

from benchmarks import goals
from benchmarks.goals import Row
from benchmarks.workload import RESOURCE, make_workload
from truto_unify import Registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROVIDER = "shopify"
PAGE = 250
WARM_UP_PAGES = 40
LOOK_EVERY = 10  # pages
LONGEST = 600  # seconds


def measure_streaming(count: int, ways: tuple[str, ...] = ("pages", "records")) -> list[Row]:
    """The growth of memory for each way of streaming ``count`` customers.

    Raises:
        subprocess.SubprocessError: the process failed, or took too long.
    """
    rows = []
    for way in ways:
        command = [sys.executable, "-m", "benchmarks.streaming", str(count), way]
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=LONGEST)  # noqa: S603 - ours
        seen = json.loads(done.stdout)
        note = f"{seen['customers']:,} customers in {seen['seconds']:.0f} s"
        rows.append(Row(goals.STREAM, f"{PROVIDER} dense, as {way}", seen["growth_mib"], note))
    return rows


def stream(count: int, way: str) -> dict[str, float]:
    """Maps ``count`` customers, each with ids of its own, and lets go of every page.

    Args:
        count: how many.
        way: ``pages`` asks for whole pages (``map_page``), ``records`` for one record at a time (``iter_page``).
    """
    run = _runner(way)
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
        if number >= WARM_UP_PAGES and number % LOOK_EVERY == 0:
            peak = max(peak, process.memory_info().rss)
    seconds = time.perf_counter() - started
    return {"customers": customers, "bytes": length, "growth_mib": (peak - start) / 2**20, "seconds": seconds}


def _runner(way: str) -> Callable[[bytes], int]:
    """What maps one page and gives the length of what would be sent."""
    mapper = Registry().mapper(RESOURCE, PROVIDER)

    def send_records(body: bytes) -> int:
        length = 0
        for text in mapper.iter_page(body):
            length += len(text) + 1
        return length

    return send_records if way == "records" else lambda body: len(mapper.map_page(body))


def _bodies(pages: int) -> Iterator[bytes]:
    """The same page over and over, with other ids each time."""
    body = make_workload(PROVIDER, "dense", PAGE).body
    for number in range(pages):
        yield body.replace(b"7000000000", b"7%09d" % number)


if __name__ == "__main__":
    print(json.dumps(stream(int(sys.argv[1]), sys.argv[2])))
