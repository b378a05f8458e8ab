"""Measures whether many calls of many accounts use what the store allows, and no more, in one process and in four."""

from __future__ import annotations

import asyncio
import json
import tempfile
from contextlib import ExitStack
from typing import TYPE_CHECKING

from benchmarks.goals import Row
from benchmarks.load import goals
from benchmarks.load.processes import pipe, read_statistics, send_line, start, start_store
from benchmarks.load.worker import SECRET_KEY
from tests.postgres import find_binaries, serve_postgres
from tests.redis_server import find_program, serve_redis
from truto_unify.accounts.store import AccountStore

if TYPE_CHECKING:
    from collections.abc import Iterator

PROCESSES = 4


def measure_fairness() -> Iterator[Row]:
    """One process with its own budgets; four with budgets in SQLite, PostgreSQL and Redis."""
    with ExitStack() as stack:
        origin = stack.enter_context(start_store())
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        yield from _race(origin, "memory", 1, "1 process")
        yield from _race(origin, f"sqlite:///{folder}/budgets.db", PROCESSES, f"{PROCESSES} processes, SQLite")
        if find_binaries() is not None:
            server = stack.enter_context(serve_postgres())
            yield from _race(origin, f"{server}/postgres", PROCESSES, f"{PROCESSES} processes, PostgreSQL")
        if find_program() is not None:
            yield from _race(origin, stack.enter_context(serve_redis()), PROCESSES, f"{PROCESSES} processes, Redis")


def _race(origin: str, budgets: str, processes: int, name: str) -> Iterator[Row]:
    if budgets.startswith(("sqlite", "postgresql")):
        asyncio.run(_migrate(budgets))
    with ExitStack() as stack:
        children = [
            stack.enter_context(start("benchmarks.load.worker", budgets, origin, str(number), str(processes)))
            for number in range(processes)
        ]
        for child in children:
            pipe(child.stdout).readline()
        for child in children:
            send_line(child, "go")
        results = [json.loads(pipe(child.stdout).readline()) for child in children]
    seen = read_statistics(origin)
    seconds = max(result["seconds"] for result in results)
    failures = [failure for result in results for failure in result["failures"]]
    steps = goals.CALLS / goals.ACCOUNTS - 1
    cpu = sum(result["cpu"] for result in results) / goals.CALLS
    note = f"all answered after {seconds:.1f} s; {steps / goals.RATE:.1f} s is the least; CPU {cpu * 1e3:.1f} ms a call"
    yield Row(goals.FAILED, name, sum(result["failed"] for result in results), "; ".join(failures[:1])[:120])
    yield Row(goals.BLOCKED, name, seen["blocked"])
    yield Row(goals.REFUSED, name, seen["refused"])
    yield Row(goals.USED_RATE, name, seen["slowest"] / goals.RATE * 100, note)


async def _migrate(url: str) -> None:
    await AccountStore.migrate(url)
    await (await AccountStore.open(url, SECRET_KEY)).close()
