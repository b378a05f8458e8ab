"""Requests that wait for the same budget ask in the order of their tickets; nobody waits for a request that is gone."""

from __future__ import annotations

import asyncio
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from benchmarks.load.worker import OVERLAY
from truto_unify import AsyncClient, Client, RateLimitedError, Registry, Settings, StorageError
from truto_unify.accounts.tokens import MemoryTokenStore
from truto_unify.engine.budget_store import MemoryBudgetStore
from truto_unify.steps import ChangeBudget, Queued, Turn, Wait
from truto_unify.transport import AsyncTransport
from truto_unify.turns import Turns, _wake
from truto_unify.types import Account

if TYPE_CHECKING:
    from collections.abc import Generator

    from truto_unify.steps import Flow

LONG, SHORT = 30.0, 0.01
KEY = "acme"
SHOP = Account(
    provider="zohoinventory",
    credentials={"access_token": "t", "client_id": "c", "client_secret": "s", "refresh_token": "r"},
    context={"organization_id": "1"},
)


def turn(number: int, seconds: float = LONG) -> Turn:
    return Turn(KEY, number, seconds)


def test_the_smallest_ticket_waits_for_nobody() -> None:
    turns = Turns()
    with turns.held(KEY, 2), turns.held(KEY, 5), turns.held("other", 1):
        turns.wait(turn(2))
        asyncio.run(turns.async_wait(turn(2)))
        assert turns.queued == 3
    assert turns.queued == 0


def test_a_wait_ends_with_its_time() -> None:
    turns = Turns()
    with turns.held(KEY, 1), turns.held(KEY, 2):
        turns.wait(turn(2, SHORT))
        asyncio.run(turns.async_wait(turn(2, SHORT)))
        turns.wait(turn(2, 0.0))


async def ask_in_turn(turns: Turns, number: int, asked: list[int]) -> None:
    with turns.held(KEY, number):
        await turns.async_wait(turn(number))
        asked.append(number)


def test_tasks_ask_in_the_order_of_their_tickets_and_a_cancelled_task_holds_up_nobody() -> None:
    async def run() -> list[int]:
        turns, asked = Turns(), list[int]()
        with turns.held(KEY, 1):
            tasks = [asyncio.create_task(ask_in_turn(turns, number, asked)) for number in (4, 2, 3, 5)]
            await asyncio.sleep(0)
            tasks[1].cancel()
            await asyncio.sleep(0)
            assert (asked, turns.queued) == ([], 4)
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(end) for end in ends] == [type(None), asyncio.CancelledError, type(None), type(None)]
        return asked

    assert asyncio.run(run()) == [3, 4, 5]


def test_a_ticket_that_asks_in_vain_stays_the_first() -> None:
    async def run() -> list[int]:
        turns, asked = Turns(), list[int]()
        with turns.held(KEY, 1):
            task = asyncio.create_task(ask_in_turn(turns, 2, asked))
            await asyncio.sleep(0)
        with turns.held(KEY, 1):  # in the same step of the event loop
            for _ in range(5):
                await asyncio.sleep(0)
            asked.append(1)
        await task
        return asked

    assert asyncio.run(run()) == [1, 2]


def test_threads_ask_in_the_order_of_their_tickets() -> None:
    turns, asked = Turns(), list[int]()
    are_queued = threading.Barrier(4)

    def ask(number: int) -> None:
        with turns.held(KEY, number):
            are_queued.wait(LONG)
            turns.wait(turn(number))
            asked.append(number)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(ask, (3, 1, 4, 2)))
    assert asked == [1, 2, 3, 4]


def test_a_task_waits_for_a_thread_and_for_a_task_of_another_event_loop() -> None:
    turns, asked = Turns(), list[int]()
    with ExitStack() as first, ThreadPoolExecutor(2) as threads:
        first.enter_context(turns.held(KEY, 1))
        loops = [threads.submit(asyncio.run, ask_in_turn(turns, number, asked)) for number in (2, 3)]
        while turns.queued < 3:
            pass
        assert asked == []
        first.close()
        for loop in loops:
            loop.result(LONG)
    assert asked == [2, 3]


def test_a_task_whose_event_loop_is_closed_holds_up_nobody() -> None:
    turns = Turns()
    loop = asyncio.new_event_loop()
    with ExitStack() as first:
        first.enter_context(turns.held(KEY, 1))
        first.enter_context(turns.held(KEY, 2))
        turns._is_first(turn(2), partial(_wake, loop, asyncio.Event()))
        loop.close()
    assert turns.queued == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_process_waits_for_none_of_its_parents_requests() -> None:
    turns = Turns()
    with turns.held(KEY, 1):
        child = os.fork()
        if child == 0:
            turns.wait(turn(2))
            os._exit(turns.queued)
        assert os.waitpid(child, 0)[1] == 0


class Failing(MemoryBudgetStore):
    """A store that fails for a key."""

    def change(self, key: str, change: Any) -> Any:
        if key == "broken":
            raise StorageError("the database does not answer")
        return super().change(key, change)


def test_the_error_of_the_first_is_its_own() -> None:
    def ask(number: int, key: str) -> Flow[int]:
        def wait_and_ask() -> Generator[Any, Any, int]:
            yield Wait(0.0, "its ticket says so", turn(number))
            yield ChangeBudget(key, lambda text, _: (text or "", None))
            return number

        reply: int = yield Queued(KEY, number, wait_and_ask())
        return reply

    async def run() -> list[Any]:
        transport = AsyncTransport(tokens=MemoryTokenStore(), budgets=Failing())
        flows = [ask(1, "broken"), ask(2, "fine"), ask(3, "fine")]
        ends = await asyncio.gather(*map(transport.run, flows), return_exceptions=True)
        await transport.aclose()
        return [str(end) for end in ends]

    assert asyncio.run(run()) == ["the database does not answer", "2", "3"]


class Clock:
    """A clock that only waits move; every third wait takes half a second too long.

    Attributes:
        now: the moment.
        readings: how often the budget store looked at it, once for each change.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self.readings = 0
        self._waits = 0

    def __call__(self) -> float:
        self.readings += 1
        return self.now

    async def sleep(self, seconds: float) -> None:
        self._waits += 1
        until = self.now + seconds + (0.5 if self._waits % 3 == 0 else 0.0)
        while self.now < until:
            await asyncio.sleep(0)
            self.now += 0.002


def test_calls_of_an_account_are_sent_in_order_and_few_of_their_questions_are_in_vain() -> None:
    """Each call asks when it begins, when it is the next, and when it may be sent; its end changes the budget, too."""
    clock, sent = Clock(), list[str]()
    account = Account(provider="paced", credentials={"token": "t"}, base_url="https://paced.example")

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.url.params["page"])
        return httpx.Response(200, json={})

    async def run() -> None:
        settings = Settings(budgets=MemoryBudgetStore(clock), timer=lambda: clock.now)
        transport, registry = httpx.MockTransport(answer), Registry(overlay=[str(OVERLAY)])
        async with AsyncClient(registry, transport=transport, settings=settings, sleep=clock.sleep) as client:
            calls = (client.custom("GET", "/people", account, [("page", str(number))]) for number in range(20))
            await asyncio.gather(*calls)

    asyncio.run(run())
    assert sent == [str(number) for number in range(20)]
    assert clock.readings <= 4 * 20


def test_a_call_that_cannot_wait_so_long_is_refused_at_once_by_a_thread_too() -> None:
    settings = Settings(budgets=MemoryBudgetStore(lambda: 0.0))
    waits: list[float] = []
    transport = httpx.MockTransport(lambda _: httpx.Response(429, headers={"Retry-After": "3600"}, json={}))
    with Client(transport=transport, settings=settings, sleep=waits.append) as client:
        for _ in range(2):
            with pytest.raises(RateLimitedError):
                client.custom("GET", "/contacts", SHOP)
    assert waits == []
