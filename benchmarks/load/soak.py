"""Lets callers use the service for minutes, kills it in the middle, and watches memory, files and latency."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import psutil

from benchmarks.goals import Row
from benchmarks.load import goals
from benchmarks.load.processes import Memory, connect, start_store
from tests.server.running import run_service
from truto_unify.accounts.vault import new_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.server.running import Running

CALLERS = 4
WINDOWS = 6
"""Of each life of the service."""
LIST = "/unified/ecommerce/customers"


@dataclass(slots=True)
class Life:
    """One run of the service.

    Attributes:
        memory: MiB at the end of each window.
        files: file descriptors at the end of each window.
        latency: the median of each window, in milliseconds.
        calls: all calls.
        failures: calls without a good answer.
    """

    memory: list[float] = field(default_factory=list)
    files: list[int] = field(default_factory=list)
    latency: list[float] = field(default_factory=list)
    calls: int = 0
    failures: int = 0


def measure_soak(minutes: float) -> Iterator[Row]:
    """Two lives of the service on one database, the first ended by kill -9."""
    seconds = minutes * 60 / 2 / WINDOWS
    with start_store() as origin, tempfile.TemporaryDirectory() as folder:
        settings = {"TRUTO_UNIFY_SECRET_KEY": new_key()}
        with run_service(Path(folder), **settings) as service:
            token = service.token
            accounts = [connect(service, origin, kind) for kind in ("good",) * CALLERS]
            first = asyncio.run(_live(service, accounts, seconds))
            accounts.append(connect(service, origin, "good", tenant_id="written just before the kill"))
            service.process.kill()
            service.process.wait()
        began = time.monotonic()
        with run_service(Path(folder), **settings) as service:
            restart = time.monotonic() - began
            service.token = token
            stored = [service.call("GET", f"/integrated-account/{account}").status_code for account in accounts]
            second = asyncio.run(_live(service, accounts, seconds))
    note = f"{WINDOWS} windows of {seconds:.0f} s"
    for name, life in (("before kill -9", first), ("after kill -9 and restart", second)):
        case = f"{name}, {life.calls} calls"
        yield Row(goals.SOAK_FAILED, case, life.failures)
        yield Row(goals.SOAK_MEMORY, case, life.memory[-1] - life.memory[0], f"{note}, {life.memory[-1]:.0f} MiB")
        yield Row(goals.SOAK_FILES, case, life.files[-1] - life.files[0], f"{note}, {life.files[-1]} at the end")
        latency = f"{note}, {life.latency[0]:.1f} ms, then {life.latency[-1]:.1f} ms"
        yield Row(goals.SOAK_LATENCY, case, life.latency[-1] / life.latency[0], latency)
    yield Row(goals.SOAK_LOST, f"{len(accounts)} accounts", len(stored) - stored.count(200))
    yield Row(goals.SOAK_RESTART, "SQLite, two commands included", restart)


async def _live(service: Running, accounts: list[str], seconds: float) -> Life:
    """Calls without a pause for so many windows."""
    life, process = Life(), psutil.Process(service.process.pid)
    headers = {"Authorization": f"Bearer {service.token}"}
    async with httpx.AsyncClient(base_url=service.origin, headers=headers, timeout=60.0, trust_env=False) as client:
        for _ in range(WINDOWS):
            until = time.monotonic() + seconds
            turns = await asyncio.gather(*(_call(client, account, until, life) for account in accounts[:CALLERS]))
            life.memory.append(Memory(process.pid).read("VmRSS"))
            life.files.append(process.num_fds())
            life.latency.append(statistics.median(time for turn in turns for time in turn))
    return life


async def _call(client: httpx.AsyncClient, account: str, until: float, life: Life) -> list[float]:
    times = []
    while time.monotonic() < until:
        began = time.perf_counter()
        answer = await client.get(f"{LIST}?integrated_account_id={account}&limit=50")
        times.append((time.perf_counter() - began) * 1000)
        life.calls += 1
        life.failures += not answer.is_success
    return times
