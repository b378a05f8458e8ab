"""Measures the whole service over HTTP: a plain one and ours, on the same machine and the same store behind them."""

from __future__ import annotations

import asyncio
import json
import socket
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
import psutil  # type: ignore[import-untyped]

from benchmarks import goals
from benchmarks.equality import Different
from benchmarks.goals import Row
from benchmarks.service_apps import ACCOUNT_ID, LAST_PAGE, LIST_PATH, PAGE, TOKEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HOST = "127.0.0.1"
WORKLOAD = "shopify_rest dense, a page of 250"
PATIENCE = 30.0  # seconds until a process answers
REQUESTS = 10  # of each service in each round: so many that one is not measured on cold caches
LARGEST = 4 * 2**20  # bytes of an answer
STREAMS = 200
LOOK_EVERY = 0.05  # seconds between two looks at the memory


@dataclass(slots=True)
class Served:
    """One of the services, in a process of its own.

    Attributes:
        port: where it listens.
        process: the process, whose CPU time and memory are read.
        seconds: by the clock, of one request in each round.
    """

    port: int
    process: Any
    seconds: list[float] = field(default_factory=list)
    _room: memoryview = field(default_factory=lambda: memoryview(bytearray(LARGEST)), repr=False)

    def request(self) -> bytes:
        """The body of one list call.

        Raises:
            RuntimeError: the service answers with an error.
        """
        with socket.create_connection((HOST, self.port), timeout=PATIENCE) as connection:
            return bytes(self._ask(connection))

    def _ask(self, connection: socket.socket) -> memoryview:
        """The body of one answer, which the next one overwrites; read with as little work as can be."""
        query = f"integrated_account_id={ACCOUNT_ID}&limit={PAGE}"
        head = f"GET {LIST_PATH}?{query} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {TOKEN}\r\n\r\n"
        connection.sendall(head.encode())
        size = start = 0
        length: int | None = None
        while length is None or size < start + length:
            count = connection.recv_into(self._room[size:])
            if not count:
                raise RuntimeError("the service ends the connection in the middle of an answer")
            size += count
            if length is None and (end := bytes(self._room[:size]).find(b"\r\n\r\n")) >= 0:
                start, lines = end + 4, bytes(self._room[:end]).lower().split(b"\r\n")
                length = next(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
        body = self._room[start:size]
        if not bytes(self._room[:16]).startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(f"the service refuses: {bytes(self._room[:500]).decode(errors='replace')}")
        return body

    def time_requests(self, count: int) -> float:
        """Seconds by the clock for one request, on one connection."""
        with socket.create_connection((HOST, self.port), timeout=PATIENCE) as connection:
            self._ask(connection)
            started = time.perf_counter()
            for _ in range(count):
                self._ask(connection)
            return (time.perf_counter() - started) / count

    def cpu_seconds(self) -> float:
        """What the process has used up to now."""
        times = self.process.cpu_times()
        return float(times.user + times.system)


def measure_service(rounds: int, tick: Callable[[], None], streams: int = STREAMS) -> list[Row]:
    """How much faster ours answers a page of 250, and what its memory does under many streams.

    Raises:
        Different: the two services give other records.
    """
    with ExitStack() as stack:
        upstream = stack.enter_context(_serve("upstream", ""))
        origin = f"http://{HOST}:{upstream.port}"
        plain = stack.enter_context(_serve("plain", origin))
        ours = stack.enter_context(_serve("ours", origin))
        _check_equal(plain, ours)
        rows = _race(plain, ours, rounds, tick)
        return [*rows, _measure_streams(ours, streams)]


@contextmanager
def _serve(name: str, origin: str) -> Iterator[Served]:
    port = _free_port()
    command = [sys.executable, "-m", "benchmarks.service_apps", name, str(port), origin]
    with subprocess.Popen(command) as child:  # noqa: S603 - ours
        try:
            _wait_for(port, child)
            yield Served(port, psutil.Process(child.pid))
        finally:
            child.terminate()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind((HOST, 0))
        port: int = one.getsockname()[1]
        return port


def _wait_for(port: int, child: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and child.poll() is None:
        with socket.socket() as one:
            if one.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"{' '.join(map(str, child.args))} does not listen on {port}")  # type: ignore[arg-type]


def _check_equal(plain: Served, ours: Served) -> None:
    """The two bodies hold the same records; cursors are each service's own."""
    first, second = json.loads(plain.request()), json.loads(ours.request())
    for name in ("result", "result_count", "is_partial_response"):
        if json.dumps(first[name], sort_keys=True) != json.dumps(second[name], sort_keys=True):
            raise Different(f"the two services differ in {name}")


def _race(plain: Served, ours: Served, rounds: int, tick: Callable[[], None]) -> list[Row]:
    services = [plain, ours]
    spent = [service.cpu_seconds() for service in services]
    for number in range(rounds):
        for service in services if number % 2 else reversed(services):
            service.seconds.append(service.time_requests(REQUESTS))
        tick()
    used = [service.cpu_seconds() - before for service, before in zip(services, spent, strict=True)]
    ratio = statistics.median(slow / fast for slow, fast in zip(plain.seconds, ours.seconds, strict=True))
    times = [f"{statistics.median(service.seconds) * 1000:.1f} ms" for service in services]
    return [
        Row(goals.SERVICE, f"{WORKLOAD}, by the clock", ratio, f"{times[0]} against {times[1]}"),
        Row(goals.SERVICE_CPU, f"{WORKLOAD}, CPU of the service", used[0] / used[1]),
    ]


def _measure_streams(ours: Served, streams: int) -> Row:
    """By how much the memory is higher at its highest in the second half of the time than in the first."""
    rest = ours.process.memory_info().rss
    seen = asyncio.run(_watch_streams(ours, streams))
    half = len(seen) // 2
    growth = max(seen[half:]) - max(seen[:half])
    note = f"second half of the time against the first; {_mebibytes(max(seen) - rest):.0f} MiB more than at rest"
    return Row(goals.SERVICE_STREAMS, f"{streams} streams of {LAST_PAGE} pages", _mebibytes(growth), note)


def _mebibytes(size: float) -> float:
    return size / 2**20


async def _watch_streams(ours: Served, streams: int) -> list[int]:
    """The memory of the process from when every stream has had its first page, in steps of time.

    Raises:
        Different: a stream had too few records, or too many.
    """
    limits = httpx.Limits(max_connections=streams, max_keepalive_connections=0)
    started = asyncio.Semaphore(0)
    async with httpx.AsyncClient(base_url=f"http://{HOST}:{ours.port}", limits=limits, timeout=None) as client:  # noqa: S113 - two hundred share one processor
        readers = [asyncio.create_task(_read_stream(client, started)) for _ in range(streams)]
        for _ in range(streams):
            await started.acquire()
        seen = [ours.process.memory_info().rss] * 2
        while not all(reader.done() for reader in readers):
            await asyncio.sleep(LOOK_EVERY)
            seen.append(ours.process.memory_info().rss)
        counts = [await reader for reader in readers]
    if set(counts) != {PAGE * LAST_PAGE}:
        raise Different(f"a stream must have {PAGE * LAST_PAGE} records; these have {sorted(set(counts))}")
    return seen


async def _read_stream(client: httpx.AsyncClient, started: asyncio.Semaphore) -> int:
    """The records of one stream, read as they come; ``started`` is told of the end of the first page."""
    params = {"integrated_account_id": ACCOUNT_ID, "truto_response_format": "stream"}
    headers = {"Authorization": f"Bearer {TOKEN}"}
    count = 0
    is_started = False
    try:
        async with client.stream("GET", LIST_PATH, params=params, headers=headers) as answer:
            answer.raise_for_status()
            async for chunk in answer.aiter_raw():
                count += chunk.count(b"\n")
                if count >= PAGE and not is_started:
                    is_started = True
                    started.release()
    finally:
        if not is_started:
            started.release()
    return count
