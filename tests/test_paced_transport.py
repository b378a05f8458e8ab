from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from truto_unify import AsyncClient, CircuitBreaker, Client, InvalidInput, RetryPolicy, Settings, UnifyError
from truto_unify.accounts.tokens import MemoryTokenStore
from truto_unify.config.rate_rules import ConcurrencyRule
from truto_unify.engine.budget_store import MemoryBudgetStore
from truto_unify.engine.rate_budget import Demand, claim
from truto_unify.types import Account, BudgetChange

if TYPE_CHECKING:
    from collections.abc import Callable

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


class CallbackFailed(BaseException):
    """What a callback raises; no handler of errors takes it for one of its own."""


def fail(_report: object) -> None:
    raise CallbackFailed


async def no_sleep(_seconds: float) -> None:
    """Does not wait."""


QUOTA = {"x-rate-limit-limit": "100", "x-rate-limit-remaining": "0", "x-rate-limit-reset": "60"}
CLIENTS: list[Callable[[httpx.MockTransport, Settings], Client | AsyncClient]] = [
    lambda transport, settings: Client(transport=transport, settings=settings, sleep=lambda _: None),
    lambda transport, settings: AsyncClient(transport=transport, settings=settings, sleep=no_sleep),
]


@pytest.mark.parametrize("status", [200, 429, 503])
@pytest.mark.parametrize("callback", ["on_exchange", "on_quota", "on_mapped", "on_wait"])
@pytest.mark.parametrize("open_client", CLIENTS)
def test_a_callback_that_raises_leaves_nothing_behind(
    open_client: Callable[[httpx.MockTransport, Settings], Client | AsyncClient], callback: str, status: int
) -> None:
    budgets = Remembering(lambda: 0.0)
    options: dict[str, Any] = {callback: fail, "budgets": budgets, "timer": lambda: 0.0}
    transport = httpx.MockTransport(lambda _: httpx.Response(status, headers=QUOTA, json={"code": 0, "contacts": []}))
    client = open_client(transport, Settings(retry=RetryPolicy(attempts=2), **options))
    failures = []
    for _ in range(2):  # the second call waits for the reset of the quota
        try:
            result: Any = client.list("ecommerce/customers", SHOP)
            asyncio.run(result) if asyncio.iscoroutine(result) else None
        except (CallbackFailed, UnifyError) as error:
            failures.append(type(error))

    assert CallbackFailed in failures or (callback, status) in {("on_mapped", 429), ("on_mapped", 503)}
    assert '"tickets":{}' in budgets.text
    assert (client.lanes.running, client.lanes.waiting) == (0, 0)


def test_a_budget_learns_of_an_answer_whose_callback_raises() -> None:
    budgets = Remembering(lambda: 0.0)
    transport = httpx.MockTransport(lambda _: httpx.Response(200, headers=QUOTA, json={"code": 0, "contacts": []}))
    with (
        Client(transport=transport, settings=Settings(budgets=budgets, on_quota=fail, on_exchange=fail)) as client,
        pytest.raises(CallbackFailed),
    ):
        client.list("ecommerce/customers", SHOP)

    assert ('"left":0' in budgets.text, '"resets_in":60' in budgets.text) == (True, True)


def test_a_probe_whose_callback_raises_makes_room_for_the_next() -> None:
    statuses = iter([503, 200, 200])
    transport = httpx.MockTransport(lambda _: httpx.Response(next(statuses), json={"code": 0, "contacts": []}))
    now = [0.0]
    settings = Settings(
        budgets=MemoryBudgetStore(lambda: 0.0),
        breaker=CircuitBreaker(max_failures=1, first_pause=5.0),
        retry=RetryPolicy(attempts=1),
        timer=lambda: now[0],
        on_exchange=fail,
    )
    with Client(transport=transport, settings=settings) as client:
        for seconds in (0.0, 6.0, 6.0):
            now[0] = seconds
            with pytest.raises(CallbackFailed):
                client.list("ecommerce/customers", SHOP)

    assert next(statuses, None) is None


def test_a_renewed_token_is_stored_although_a_callback_raises() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        is_token = request.url.path.endswith("/token")
        return httpx.Response(200, json={"access_token": "a-2", "expires_in": 3600} if is_token else {})

    def fail_softly(_report: object) -> None:
        raise LookupError

    tokens = MemoryTokenStore()
    settings = Settings(budgets=MemoryBudgetStore(lambda: 0.0), on_exchange=fail_softly)
    with Client(transport=httpx.MockTransport(answer), settings=settings, tokens=tokens) as client:
        with pytest.raises(LookupError):
            client.refresh_token(SHOP)
        key = next(iter(tokens._tokens))

    token = tokens.read(key)
    assert token is not None
    assert token.access_token == "a-2"


def test_a_call_that_is_cancelled_while_its_end_is_stored_leaves_nothing_behind() -> None:
    budgets, is_ending = Remembering(), asyncio.Event()
    claims: list[str] = []

    class Slow:
        async def change(self, key: str, change: BudgetChange) -> Any:
            claims.append(key)
            if len(claims) > 1:
                is_ending.set()
                await asyncio.sleep(0)
                await asyncio.sleep(0)
            return budgets.change(key, change)

    async def cancel() -> None:
        transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"code": 0, "contacts": []}))
        async with AsyncClient(transport=transport, settings=Settings(budgets=Slow())) as client:
            call = asyncio.ensure_future(client.list("ecommerce/customers", SHOP))
            await is_ending.wait()
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)
            await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})

    asyncio.run(cancel())
    assert '"tickets":{}' in budgets.text
