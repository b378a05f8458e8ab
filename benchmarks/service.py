"""Measures the whole service over HTTP: a plain service and ours, on the same machine and the same store."""

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
import psutil

from benchmarks import goals
from benchmarks.equality import Different
from benchmarks.goals import Row
from benchmarks.service_apps import ACCOUNT_ID, LAST_PAGE, LIST_PATH, PAGE, TOKEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HOST = "127.0.0.1"
WORKLOAD = "shopify_rest dense, a page of 250"
START_SECONDS = 30.0  # seconds until a process answers
REQUESTS = 10  # of each service in each round: enough to warm the caches
MAX_ANSWER_BYTES = 4 * 2**20
STREAMS = 200
SAMPLE_SECONDS = 0.05  # between two samples of the memory


@dataclass(slots=True)
class Served:
    """A service in its own process.

    Attributes:
        port: the port.
        process: the process, whose CPU time and memory are measured.
        seconds: the wall time of a request in each round.
    """

    port: int
    process: Any
    seconds: list[float] = field(default_factory=list)
    _buffer: memoryview = field(default_factory=lambda: memoryview(bytearray(MAX_ANSWER_BYTES)), repr=False)

    def request(self) -> bytes:
        """The body of one list call.

        Raises:
            RuntimeError: the service answers with an error.
        """
        with socket.create_connection((HOST, self.port), timeout=START_SECONDS) as connection:
            return bytes(self._ask(connection))

    def _ask(self, connection: socket.socket) -> memoryview:
        """The body of an answer, read with little work; the next answer overwrites it."""
        query = f"integrated_account_id={ACCOUNT_ID}&limit={PAGE}"
        head = f"GET {LIST_PATH}?{query} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {TOKEN}\r\n\r\n"
        connection.sendall(head.encode())
        size = start = 0
        length: int | None = None
        while length is None or size < start + length:
            count = connection.recv_into(self._buffer[size:])
            if not count:
                raise RuntimeError("the service ends the connection in the middle of an answer")
            size += count
            if length is None and (end := bytes(self._buffer[:size]).find(b"\r\n\r\n")) >= 0:
                start, lines = end + 4, bytes(self._buffer[:end]).lower().split(b"\r\n")
                length = next(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
        body = self._buffer[start:size]
        if not bytes(self._buffer[:16]).startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(f"the service refuses: {bytes(self._buffer[:500]).decode(errors='replace')}")
        return body

    def time_requests(self, count: int) -> float:
        """The wall time of a request, on one connection."""
        with socket.create_connection((HOST, self.port), timeout=START_SECONDS) as connection:
            self._ask(connection)
            started = time.perf_counter()
            for _ in range(count):
                self._ask(connection)
            return (time.perf_counter() - started) / count

    def cpu_seconds(self) -> float:
        """The CPU time of the process so far."""
        times = self.process.cpu_times()
        return float(times.user + times.system)


def measure_service(rounds: int, tick: Callable[[], None], streams: int = STREAMS) -> list[Row]:
    """The speed of our service for a page of 250, and its memory under many streams.

    Raises:
        Different: the two services return different records.
    """
    with ExitStack() as stack:
        upstream = stack.enter_context(_serve("upstream", ""))
        origin = f"http://{HOST}:{upstream.port}"
        plain = stack.enter_context(_serve("plain", origin))
        ours = stack.enter_context(_serve("ours", origin))
        forwarder = stack.enter_context(_serve("forwarder", origin))
        _check_equal(plain, ours)
        rows = _race(plain, ours, forwarder, rounds, tick)
        return [*rows, _measure_streams(ours, streams)]


@contextmanager
def _serve(name: str, origin: str) -> Iterator[Served]:
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.service_apps", name, str(port), origin]
    with subprocess.Popen(command) as child:  # noqa: S603 - ours
        try:
            wait_for(port, child)
            yield Served(port, psutil.Process(child.pid))
        finally:
            child.terminate()


def free_port() -> int:
    """A port that nobody uses."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        port: int = listener.getsockname()[1]
        return port


def wait_for(port: int, child: subprocess.Popen[Any]) -> None:
    """Waits until a process listens on its port."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and child.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"{' '.join(map(str, child.args))} does not listen on {port}")  # type: ignore[arg-type]  # started with a list of words


def _check_equal(plain: Served, ours: Served) -> None:
    """The two bodies hold the same records; cursors are each service's own."""
    first, second = json.loads(plain.request()), json.loads(ours.request())
    for name in ("result", "result_count", "is_partial_response"):
        if json.dumps(first[name], sort_keys=True) != json.dumps(second[name], sort_keys=True):
            raise Different(f"the two services differ in {name}")


def _race(plain: Served, ours: Served, forwarder: Served, rounds: int, tick: Callable[[], None]) -> list[Row]:
    services = [plain, ours, forwarder]
    spent = [service.cpu_seconds() for service in services]
    for number in range(rounds):
        for service in services if number % 2 else reversed(services):
            service.seconds.append(service.time_requests(REQUESTS))
        tick()
    used = [service.cpu_seconds() - before for service, before in zip(services, spent, strict=True)]
    times = [f"{statistics.median(service.seconds) * 1000:.1f} ms" for service in services]
    clock = f"{WORKLOAD}, by the clock"
    return [
        Row(goals.SERVICE, clock, _ratio(plain, ours), f"{times[0]} against {times[1]}"),
        Row(goals.SERVICE_CPU, f"{WORKLOAD}, CPU of the service", used[0] / used[1]),
        Row(goals.SERVICE_BOUND, clock, _ratio(plain, forwarder), f"{times[0]} against {times[2]}"),
    ]


def _ratio(slow: Served, fast: Served) -> float:
    """How much faster a service is than another: the median over the rounds."""
    return statistics.median(longer / shorter for longer, shorter in zip(slow.seconds, fast.seconds, strict=True))


def _measure_streams(ours: Served, streams: int) -> Row:
    """The growth of peak memory from the first half of the time to the second."""
    rest = ours.process.memory_info().rss
    samples = asyncio.run(_watch_streams(ours, streams))
    half = len(samples) // 2
    growth = max(samples[half:]) - max(samples[:half])
    note = f"second half of the time against the first; {_mebibytes(max(samples) - rest):.0f} MiB more than at rest"
    return Row(goals.SERVICE_STREAMS, f"{streams} streams of {LAST_PAGE} pages", _mebibytes(growth), note)


def _mebibytes(size: float) -> float:
    return size / 2**20


async def _watch_streams(ours: Served, streams: int) -> list[int]:
    """Samples of the memory of the process, from the time when every stream has its first page.

    Raises:
        Different: a stream has too few or too many records.
    """
    limits = httpx.Limits(max_connections=streams, max_keepalive_connections=0)
    started = asyncio.Semaphore(0)
    async with httpx.AsyncClient(base_url=f"http://{HOST}:{ours.port}", limits=limits, timeout=None) as client:  # noqa: S113 - two hundred share one processor
        readers = [asyncio.create_task(_read_stream(client, started)) for _ in range(streams)]
        for _ in range(streams):
            await started.acquire()
        samples = [ours.process.memory_info().rss] * 2
        while not all(reader.done() for reader in readers):
            await asyncio.sleep(SAMPLE_SECONDS)
            samples.append(ours.process.memory_info().rss)
        counts = [await reader for reader in readers]
    if set(counts) != {PAGE * LAST_PAGE}:
        raise Different(f"a stream must have {PAGE * LAST_PAGE} records; these have {sorted(set(counts))}")
    return samples


async def _read_stream(client: httpx.AsyncClient, started: asyncio.Semaphore) -> int:
    """Counts the records of a stream; releases ``started`` after the first page."""
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
