"""No account waits for the store of another, in either client; the limits hold before requests reach httpx."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import httpx
import pytest

from tests.shipped import REGISTRY
from truto_unify import (
    Account,
    AsyncClient,
    CircuitBreaker,
    Client,
    Limits,
    ProviderUnavailableError,
    RetryPolicy,
    Settings,
)
from truto_unify.engine.breaker import CircuitKey

SECONDS = 30.0
LIMITS = Limits(max_in_flight_per_account=10, max_in_flight_per_host=25)


def merchant(name: str, host: str) -> Account:
    return Account(
        provider="woocommerce",
        id=name,
        credentials={"consumer_key": "ck_0123", "consumer_secret": "cs_0123"},
        base_url=f"https://{host}",
    )


DEAD, HEALTHY = merchant("a", "dead.example"), merchant("b", "alive.example")


@dataclass
class Stores(httpx.AsyncBaseTransport):
    """A host that does not answer until the test lets it, and others that do."""

    released: asyncio.Event = field(default_factory=asyncio.Event)
    running: int = 0
    most: int = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "dead.example":
            self.running += 1
            self.most = max(self.most, self.running)
            await self.released.wait()
            self.running -= 1
        return httpx.Response(200, json={"is_up": True})


@dataclass
class BlockingStores(httpx.BaseTransport):
    """As ``Stores``, for threads."""

    released: threading.Event = field(default_factory=threading.Event)
    entered: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "dead.example":
            self.entered.release()
            self.released.wait(SECONDS)
        return httpx.Response(200, json={"is_up": True})


def test_hanging_calls_of_one_account_do_not_delay_the_tasks_of_another() -> None:
    async def run() -> tuple[int, int, int]:
        stores = Stores()
        async with AsyncClient(REGISTRY, transport=stores, limits=LIMITS) as client:
            hanging = [asyncio.ensure_future(client.custom("GET", "/status", DEAD)) for _ in range(300)]
            while client.lanes.waiting < 290:
                await asyncio.sleep(0)
            answer = await client.custom("GET", "/status", HEALTHY)
            waiting = client.lanes.waiting
            stores.released.set()
            await asyncio.gather(*hanging)
            assert (client.lanes.running, client.lanes.waiting) == (0, 0)
        return answer.status, waiting, stores.most

    assert asyncio.run(run()) == (200, 290, 10)


def test_hanging_calls_of_one_account_do_not_delay_the_threads_of_another() -> None:
    stores = BlockingStores()
    with Client(REGISTRY, transport=stores, limits=LIMITS) as client, ThreadPoolExecutor(20) as threads:
        hanging = [threads.submit(client.custom, "GET", "/status", DEAD) for _ in range(20)]
        for _ in range(10):
            stores.entered.acquire(timeout=SECONDS)
        assert client.custom("GET", "/status", HEALTHY).status == 200
        assert (client.lanes.running, stores.entered.acquire(blocking=False)) == (10, False)
        stores.released.set()
        assert [future.result(SECONDS).status for future in hanging] == [200] * 20
        assert (client.lanes.running, client.lanes.waiting) == (0, 0)


def test_no_more_requests_reach_a_host_than_its_limit_and_cancelled_calls_give_their_places_back() -> None:
    async def run() -> tuple[int, int, int]:
        stores = Stores()
        async with AsyncClient(REGISTRY, transport=stores, limits=LIMITS) as client:
            accounts = [replace(DEAD, id=f"account-{number}") for number in range(10)]
            calls = [asyncio.ensure_future(client.custom("GET", "/status", accounts[n % 10])) for n in range(100)]
            while client.lanes.waiting < 75:
                await asyncio.sleep(0)
            for call in calls:
                call.cancel()
            await asyncio.gather(*calls, return_exceptions=True)
            return stores.most, client.lanes.running, client.lanes.waiting

    assert asyncio.run(run()) == (25, 0, 0)


def test_a_cancelled_probe_leaves_its_turn_to_the_next_call() -> None:
    now = 0.0

    async def run() -> int:
        nonlocal now
        stores = Stores()
        settings = Settings(
            retry=RetryPolicy(attempts=1), breaker=CircuitBreaker(max_failures=1, first_pause=5), timer=lambda: now
        )
        async with AsyncClient(REGISTRY, transport=stores, settings=settings, limits=LIMITS) as client:
            slow = asyncio.ensure_future(client.custom("GET", "/status", DEAD))
            while not stores.running:
                await asyncio.sleep(0)
            settings.breaker.fail(CircuitKey("woocommerce", "a", "dead.example"), now, is_probe=False)
            with pytest.raises(ProviderUnavailableError, match="nothing was sent"):
                await client.custom("GET", "/status", DEAD)
            slow.cancel()
            now = 5.0
            probe = asyncio.ensure_future(client.custom("GET", "/status", DEAD))
            while stores.running < 2:
                await asyncio.sleep(0)
            with pytest.raises(ProviderUnavailableError, match="one request is now trying"):
                await client.custom("GET", "/status", DEAD)
            probe.cancel()
            await asyncio.gather(slow, probe, return_exceptions=True)
            stores.released.set()
            return (await client.custom("GET", "/status", DEAD)).status

    assert asyncio.run(run()) == 200
