from __future__ import annotations

import asyncio
import json
from functools import partial

import pytest
from redis import Redis

from tests.shipped import REGISTRY
from truto_unify import InvalidSetting, StorageError
from truto_unify.accounts.redis_budgets import PREFIX, RedisBudgetStore
from truto_unify.engine.rate_budget import Demand, Grant, claim

pytestmark = pytest.mark.anyio
RULES = REGISTRY.provider("zohoinventory").config.rate_limit.rules


async def ask(budgets: RedisBudgetStore, key: str) -> Grant:
    demand = Demand(RULES, cost=1.0, kind="", patience=0.0, lease=60.0)
    grant: Grant = await budgets.change(key, partial(claim, demand=demand))
    return grant


async def test_two_processes_share_one_burst(redis_url: str) -> None:
    processes = [RedisBudgetStore(redis_url), RedisBudgetStore(redis_url)]
    try:
        turns = [(turn, key) for turn in range(100) for key in ("acme", "other")]
        grants = await asyncio.gather(*(ask(processes[turn % 2], key) for turn, key in turns))
    finally:
        for budgets in processes:
            await budgets.close()

    assert (sum(grant.is_now for grant in grants[::2]), sum(grant.is_now for grant in grants[1::2])) == (5, 5)


async def test_a_change_is_repeated_if_another_process_changed_its_key_meanwhile(redis_url: str) -> None:
    budgets = RedisBudgetStore(redis_url)
    seen: list[str | None] = []

    def change(text: str | None, _elapsed: float) -> tuple[str, str]:
        seen.append(text)
        if len(seen) == 1:
            with Redis.from_url(redis_url) as other:
                other.set(f"{PREFIX}contested", json.dumps(["theirs", 0.0]))
        return f"{text} and ours", "done"

    def keep(text: str | None, _elapsed: float) -> tuple[str, str]:
        return text or "calm", "calm"

    try:
        replies = await asyncio.gather(budgets.change("contested", change), budgets.change("calm", keep))
        newest = await budgets.change("contested", lambda text, _elapsed: (text or "", text))
    finally:
        await budgets.close()
    assert (seen, list(replies), newest) == ([None, "theirs"], ["done", "calm"], "theirs and ours")


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
