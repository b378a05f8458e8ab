from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from typing import Any

import httpx
import pytest

from truto_unify import AsyncClient, Client, InvalidInput, RetryPolicy, Settings, UnifyError
from truto_unify.config.rate_rules import ConcurrencyRule
from truto_unify.engine.budget_store import MemoryBudgetStore
from truto_unify.engine.rate_budget import Demand, claim
from truto_unify.types import Account, BudgetChange

RULES = (ConcurrencyRule(type="concurrency", at_once=1),)
SHOP = Account(
    provider="zohoinventory",
    credentials={
        "access_token": "t0ken-of-acme",
        "client_id": "c",
        "client_secret": "s3cret-1",
        "refresh_token": "r-1",
    },
    context={"organization_id": "1"},
)


class Remembering(MemoryBudgetStore):
    """Remembers the newest stored budget."""

    text = ""

    def change(self, key: str, change: BudgetChange) -> Any:
        def remember(text: str | None, elapsed: float) -> tuple[str, Any]:
            self.text, reply = change(text, elapsed)
            return self.text, reply

        return super().change(key, remember)


class Asynchronous:
    """A budget store that must be awaited."""

    async def change(self, _key: str, change: BudgetChange) -> Any:
        return change(None, 0.0)[1]


async def text_before_cancellation(budgets: Remembering, count: int) -> str:
    """Cancels so many calls while the first of them waits for its answer; gives the budget as it was before."""
    is_sent = asyncio.Event()

    async def hang(_request: httpx.Request) -> httpx.Response:
        is_sent.set()
        return await asyncio.Future[httpx.Response]()

    async with AsyncClient(transport=httpx.MockTransport(hang), settings=Settings(budgets=budgets)) as client:
        calls = [asyncio.ensure_future(client.list("ecommerce/customers", SHOP)) for _ in range(count)]
        await is_sent.wait()
        before = budgets.text
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        return before


def test_a_cancelled_call_is_no_longer_under_way() -> None:
    budgets = Remembering()

    before = asyncio.run(text_before_cancellation(budgets, 1))
    assert ('"is_sent":true' in before, '"is_sent":true' in budgets.text) == (True, False)


def test_cancelled_calls_leave_the_queue_of_their_budget() -> None:
    budgets = Remembering()

    before = asyncio.run(text_before_cancellation(budgets, 20))
    assert ('"is_sent":false' in before, '"tickets":{}' in budgets.text) == (True, True)


def test_a_call_that_is_cancelled_while_its_claim_is_stored_leaves_nothing_behind() -> None:
    begun, stored = asyncio.Event(), asyncio.Event()

    budgets = Remembering()

    class Slow:
        async def change(self, key: str, change: BudgetChange) -> Any:
            reply = budgets.change(key, change)
            begun.set()
            await stored.wait()
            return reply

    async def cancel() -> tuple[str, str]:
        transport = httpx.MockTransport(lambda _: httpx.Response(200, json={}))
        async with AsyncClient(transport=transport, settings=Settings(budgets=Slow())) as client:
            call = asyncio.ensure_future(client.list("ecommerce/customers", SHOP))
            await begun.wait()
            before = budgets.text
            call.cancel()
            await asyncio.sleep(0)
            stored.set()
            await asyncio.gather(call, return_exceptions=True)
            return before, budgets.text

    before, after = asyncio.run(cancel())
    assert ('"is_sent":true' in before, '"tickets":{}' in after) == (True, True)


def test_a_synchronous_client_takes_no_asynchronous_store() -> None:
    with pytest.raises(InvalidInput, match="Asynchronous is an asynchronous budget store: use it with AsyncClient"):
        Client(settings=Settings(budgets=Asynchronous()))


def test_a_forgotten_budget_is_a_full_one() -> None:
    budgets = MemoryBudgetStore(lambda: 0.0)
    demand = Demand(RULES, cost=1.0, kind="", patience=0.0, lease=60.0)

    first, second = (budgets.change("acme", partial(claim, demand=demand)).is_now for _ in range(2))
    budgets.clear()
    assert (first, second, budgets.change("acme", partial(claim, demand=demand)).is_now) == (True, False, True)


def test_after_a_refusal_calls_wait_as_long_as_the_provider_asks_for() -> None:
    answers = iter([httpx.Response(429, headers={"Retry-After": "0.1"}, json={}), httpx.Response(200, json={})])
    settings = Settings(budgets=MemoryBudgetStore(lambda: 0.0), retry=RetryPolicy(attempts=1), timer=lambda: 0.0)
    waits: list[float] = []
    with Client(
        transport=httpx.MockTransport(lambda _: next(answers)), settings=settings, sleep=waits.append
    ) as client:
        for _ in range(2):
            with suppress(UnifyError):
                client.proxy_list("customers", SHOP)

    assert waits == [pytest.approx(0.1)]
