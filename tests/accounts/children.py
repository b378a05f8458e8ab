"""The work of a test's processes, each started as ``python -m tests.accounts.children WORK ...``."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import replace
from functools import partial

from tests.accounts.material import draft
from tests.unhurried import unhurried_budgets
from truto_unify import AsyncClient, Registry, Settings
from truto_unify.accounts.admission import Admission
from truto_unify.accounts.redis_budgets import RedisBudgetStore
from truto_unify.accounts.store import AccountStore
from truto_unify.engine.rate_budget import Demand, Grant, claim
from truto_unify.types import Token

URL, KEY = "CHILD_DATABASE_URL", "CHILD_SECRET_KEY"


async def call(environment_id: str, account_id: str, count: str) -> None:
    """Lists customers so many times at once, after a word from the parent; prints how each call ended.

    The limit of the store, 100 requests a minute, makes no call wait.
    """
    store = await AccountStore.open(os.environ[URL], os.environ[KEY])
    settings = Settings(budgets=unhurried_budgets())
    async with AsyncClient(Registry(), settings=settings, tokens=store.tokens) as client:
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)

        async def call_once() -> str:
            connection = await store.connection(environment_id, account_id)
            assert connection is not None
            page = await client.list("ecommerce/customers", connection.account, limit=2)
            return f"{len(page.result)} customers"

        ends = await asyncio.gather(*(call_once() for _ in range(int(count))), return_exceptions=True)
    await store.close()
    print(json.dumps([str(end) for end in ends]), flush=True)


async def write(environment_id: str, first: str) -> None:
    """Writes accounts and tokens for ever; prints each number once everything about it is written."""
    store = await AccountStore.open(os.environ[URL], os.environ[KEY])
    rules = Admission(Registry(), store.outbound)
    number = int(first)
    while True:
        secrets = {"consumer_key": f"ck_{number}", "consumer_secret": f"cs_{number}"}
        account_draft = draft(tenant_id=f"t{number}", credentials=secrets)
        account = await store.accounts.create(environment_id, account_draft, rules)
        key = f"{account.id}/{number}"
        async with store.tokens.lock(key):
            await store.tokens.read(key)
            await store.tokens.write(key, Token(f"access-{number}", None, f"refresh-{number}"))
        context = {"store_url": f"https://shop-{number}.example"}
        changed = {name: f"{text}_new" for name, text in secrets.items()}
        await store.accounts.update(environment_id, account.id, {"context": context, "credentials": changed}, rules)
        await store.tokens.write(key, replace(Token(f"access-{number}"), refresh_token=f"refresh-{number}"))
        print(number, flush=True)
        number += 1


async def claim_budget(budgets_url: str, count: str) -> None:
    """Asks so many times for leave to send to one store, after a word from the parent; prints the number of grants."""
    redis = RedisBudgetStore(budgets_url) if budgets_url.startswith("redis") else None
    store = await AccountStore.open(os.environ[URL], os.environ[KEY]) if redis is None else None
    budgets = redis if store is None else store.budgets
    assert budgets is not None
    rules = Registry().provider("zohoinventory").config.rate_limit.rules
    demand = Demand(rules, cost=1.0, kind="", patience=0.0, lease=60.0)
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    grants: list[Grant] = await asyncio.gather(
        *(budgets.change("acme", partial(claim, demand=demand)) for _ in range(int(count)))
    )
    print(sum(grant.is_now for grant in grants), flush=True)
    for opened in (redis, store):
        if opened is not None:
            await opened.close()


if __name__ == "__main__":
    asyncio.run({"call": call, "claim": claim_budget, "write": write}[sys.argv[1]](*sys.argv[2:]))  # type: ignore[operator]  # functions of several signatures
