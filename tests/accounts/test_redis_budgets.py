from __future__ import annotations

import asyncio
from functools import partial

import pytest

from truto_unify import InvalidSetting, StorageError
from truto_unify.accounts.redis_budgets import RedisBudgetStore
from truto_unify.engine.rate_budget import Demand, Grant, claim
from truto_unify.registry import Registry

pytestmark = pytest.mark.anyio
RULES = Registry().provider("zohoinventory").config.rate_limit.rules


async def ask(budgets: RedisBudgetStore, key: str) -> Grant:
    demand = Demand(RULES, cost=1.0, kind="", patience=0.0, lease=60.0)
    grant: Grant = await budgets.change(key, partial(claim, demand=demand))
    return grant


async def test_two_processes_share_one_burst(redis_url: str) -> None:
    processes = [RedisBudgetStore(redis_url), RedisBudgetStore(redis_url)]
    try:
        grants = await asyncio.gather(*(ask(processes[turn % 2], "acme") for turn in range(20)))
        other = await ask(processes[0], "other")
    finally:
        for budgets in processes:
            await budgets.close()

    assert (sum(grant.is_now for grant in grants), other.is_now) == (5, True)


async def test_a_redis_that_does_not_answer_is_an_error() -> None:
    budgets = RedisBudgetStore("redis://127.0.0.1:1/0")

    with pytest.raises(StorageError, match="Redis does not answer: ConnectionError"):
        await ask(budgets, "acme")
    await budgets.close()


def test_a_wrong_url_is_not_shown() -> None:
    with pytest.raises(InvalidSetting) as caught:
        RedisBudgetStore("http://user:s3cret@host")
    assert caught.value.message == (
        "TRUTO_UNIFY_REDIS_URL must be like redis://host:6379/0 or rediss://user:password@host:6379/0"
    )
