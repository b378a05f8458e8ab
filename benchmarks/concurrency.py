"""Measures whether 1,000 calls at once are as fast as 100: one client, small answers, a store on this machine.

``python -m benchmarks.concurrency PORT`` runs the store.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from benchmarks import goals
from benchmarks.goals import Row
from benchmarks.service import free_port, wait_for
from truto_unify import Account, AsyncClient, Limits, Registry, RetryPolicy, Settings
from truto_unify.server.runtime import settle_memory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FEW, MANY = 100, 1000
CALLS = 2000  # of each turn
HOSTS = 100
# On a busy machine, a thousand connections take longer than a store may.
PATIENT = Settings(retry=RetryPolicy(deadline=600.0))
SLOW = Limits(connect_timeout=600.0, read_timeout=600.0, total_timeout=600.0)
_ANSWER = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{"is_up": 1}'
Seconds = tuple[float, float]
"""By the clock, and of the processor."""


class StoreProtocol(asyncio.Protocol):
    """One connection to the store, which gives every request the same answer."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Stores the transport."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - of a TCP server
        self._transport = transport
        self._head = b""

    def data_received(self, data: bytes) -> None:
        """Answers each request after its head; requests have no body."""
        self._head += data
        while b"\r\n\r\n" in self._head:
            self._head = self._head.partition(b"\r\n\r\n")[2]
            self._transport.write(_ANSWER)


def measure_concurrency(rounds: int, tick: Callable[[], None]) -> list[Row]:
    """The rate of calls at 1,000 at once against 100 at once: to many hosts, and to one."""
    settle_memory()  # as ``truto-unify serve`` does
    with _store() as port:
        return [
            row
            for hosts, accounts in ((HOSTS, HOSTS), (1, HOSTS))
            for row in asyncio.run(_race(port, hosts, accounts, rounds, tick))
        ]


async def _race(port: int, hosts: int, accounts: int, rounds: int, tick: Callable[[], None]) -> list[Row]:
    """Both turns in each round, in rotating order."""
    merchants = [_account(number, f"127.0.0.{number % hosts + 1}:{port}") for number in range(accounts)]
    seconds: dict[int, list[Seconds]] = {FEW: [], MANY: []}
    async with AsyncClient(Registry(), settings=PATIENT, limits=SLOW) as client:
        for number in range(rounds + 1):
            for at_once in (FEW, MANY) if number % 2 else (MANY, FEW):
                turn = await _time_calls(client, merchants, at_once)
                if number:  # the first round warms up
                    seconds[at_once].append(turn)
            tick()
    clock, cpu = (
        [statistics.median(turn[kind] for turn in seconds[at_once]) for at_once in (FEW, MANY)] for kind in (0, 1)
    )
    ratios = [
        statistics.median(few[kind] / many[kind] for few, many in zip(seconds[FEW], seconds[MANY], strict=True))
        for kind in (0, 1)
    ]
    name = f"{accounts} accounts on {hosts} host{'s' if hosts > 1 else ''}"
    rates = f"{CALLS / clock[1]:.0f} calls a second against {CALLS / clock[0]:.0f}"
    return [
        Row(goals.CONCURRENCY, f"{name}, by the clock ({rates})", ratios[0]),
        Row(goals.CONCURRENCY_CPU, f"{name}, CPU ({cpu[1] / CALLS * 1e3:.2f} ms a call)", ratios[1]),
    ]


async def _time_calls(client: AsyncClient, accounts: list[Account], at_once: int) -> Seconds:
    async def call_in_turn(worker: int) -> None:
        for number in range(CALLS // at_once):
            await client.custom("GET", "/status", accounts[(worker + number) % len(accounts)])

    clock, cpu = time.perf_counter(), time.thread_time()
    await asyncio.gather(*(call_in_turn(worker) for worker in range(at_once)))
    return time.perf_counter() - clock, time.thread_time() - cpu


def _account(number: int, address: str) -> Account:
    credentials = {"consumer_key": f"ck_{number}", "consumer_secret": "cs_0"}
    return Account(provider="woocommerce", credentials=credentials, base_url=f"http://{address}")


@contextmanager
def _store() -> Iterator[int]:
    port = free_port()
    with subprocess.Popen([sys.executable, "-m", "benchmarks.concurrency", str(port)]) as child:  # noqa: S603 - ours
        try:
            wait_for(port, child)
            yield port
        finally:
            child.terminate()


async def serve_store(port: int) -> None:
    """Serves on all loopback addresses until the process ends."""
    server = await asyncio.get_running_loop().create_server(StoreProtocol, "0.0.0.0", port, backlog=2048)  # noqa: S104 - every loopback address is one store
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve_store(int(sys.argv[1])))
