"""One process of the fairness measurement: its share of the calls, all at once, on budgets that others share."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.load.goals import ACCOUNTS, CALLS
from truto_unify import Account, AsyncClient, Limits, Registry, RetryPolicy, Settings
from truto_unify.accounts.redis_budgets import RedisBudgetStore
from truto_unify.accounts.store import AccountStore
from truto_unify.engine.budget_store import PROCESS_BUDGETS
from truto_unify.server.runtime import settle_memory

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from truto_unify.types import BudgetStore

OVERLAY = Path(__file__).with_name("overlay")
SECRET_KEY = "A" * 43 + "="
_PATIENT = RetryPolicy(deadline=300.0)


@asynccontextmanager
async def open_budgets(url: str) -> AsyncIterator[BudgetStore]:
    """The budgets at an address: ``memory``, a Redis, or a database with the service's schema."""
    if url == "memory":
        yield PROCESS_BUDGETS
    elif url.startswith("redis"):
        redis = RedisBudgetStore(url)
        yield redis
        await redis.close()
    else:
        store = await AccountStore.open(url, SECRET_KEY)
        yield store.budgets
        await store.close()


async def work(url: str, origin: str, number: int, processes: int) -> None:
    """Makes this process's calls after a word from the parent; prints the failures, the duration and the CPU time."""
    accounts = [
        Account(provider="paced", id=str(place), credentials={"token": "t"}, base_url=f"{origin}/paced-{place}")
        for place in range(ACCOUNTS)
    ]
    limits = Limits(total_timeout=300.0)
    async with open_budgets(url) as budgets:
        settings = Settings(retry=_PATIENT, budgets=budgets)
        async with AsyncClient(Registry(overlay=[str(OVERLAY)]), settings=settings, limits=limits) as client:
            settle_memory()  # as ``truto-unify serve`` does
            print("ready", flush=True)
            await asyncio.to_thread(sys.stdin.readline)
            began, used = time.monotonic(), time.process_time()
            calls = (
                client.proxy_list("people", accounts[call % ACCOUNTS])
                for call in range(CALLS)
                if call // ACCOUNTS % processes == number
            )
            ends = await asyncio.gather(*calls, return_exceptions=True)
            seconds, cpu = time.monotonic() - began, time.process_time() - used
    failures = [f"{type(end).__name__}: {end}" for end in ends if isinstance(end, BaseException)]
    result = {"failures": failures[:3], "failed": len(failures), "seconds": seconds, "cpu": cpu}
    print(json.dumps(result), flush=True)


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
