"""Access tokens, through whole clients: one renewal for any number of calls, and never a leak, a loop or a lock."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import httpx
import pytest

from tests.engine.driver import START, Clock
from tests.engine.stores import RESOURCE, account, person
from truto_unify import (
    AsyncClient,
    AuthenticationError,
    Client,
    Limits,
    PermissionDeniedError,
    Settings,
    TransportError,
)
from truto_unify.accounts.tokens import MemoryTokenStore
from truto_unify.engine.breaker import CircuitBreaker
from truto_unify.types import Token

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from truto_unify import Account, Registry

MANY = 20
LIMITS = Limits(max_in_flight_per_account=MANY)
CLIENT: Account = account("oauth", credentials={"client_id": "client-1", "refresh_token": "refresh-0"})


class Unmetered:
    """Limits are another matter."""

    def change(self, _key: str, change: Any) -> Any:
        return change(None, 0.0)[1]


async def nobody() -> None:
    """There is nobody to wait for."""


@dataclass
class Provider:
    """Takes the newest access token alone, and each refresh token once.

    ``meet`` and ``meet_async`` hold back the refusals of access tokens, ``hold`` the answers to token requests;
    ``instead`` gives other answers, by path.
    """

    asked: list[str] = field(default_factory=list)
    issued: int = 0
    revoked: int = 0
    meet: Callable[[], Any] = lambda: None
    meet_async: Callable[[], Awaitable[Any]] = nobody
    hold: Callable[[], Awaitable[Any]] = nobody
    instead: dict[str, Callable[[httpx.Request], httpx.Response]] = field(default_factory=dict)
    guard: threading.Lock = field(default_factory=threading.Lock)

    def revoke(self) -> None:
        """Every token so far is refused from now on, and what was asked before is forgotten."""
        self.revoked = self.issued
        self.asked.clear()

    def handle(self, request: httpx.Request) -> httpx.Response:
        answer = self.answer(request)
        {401: self.meet}.get(answer.status_code, lambda: None)()
        return answer

    async def handle_async(self, request: httpx.Request) -> httpx.Response:
        await {"/token": self.hold}.get(request.url.path, nobody)()
        answer = self.answer(request)
        await {401: self.meet_async}.get(answer.status_code, nobody)()
        return answer

    def answer(self, request: httpx.Request) -> httpx.Response:
        with self.guard:
            usual = {"/token": self.give_token, "/api/people": self.give_people}
            return (usual | self.instead)[request.url.path](request)

    def give_token(self, request: httpx.Request) -> httpx.Response:
        received = dict(parse_qsl(request.content.decode()))["refresh_token"]
        self.asked.append(received)
        is_good = received == f"refresh-{self.issued}"
        self.issued += is_good
        fresh = {"access_token": f"access-{self.issued}", "refresh_token": f"refresh-{self.issued}", "expires_in": 3600}
        used = {"error": "invalid_grant", "error_description": f"{received} was used before"}
        return {True: httpx.Response(200, json=fresh), False: httpx.Response(400, json=used)}[is_good]

    def give_people(self, request: httpx.Request) -> httpx.Response:
        token = request.headers["Authorization"].removeprefix("Bearer ")
        self.asked.append(token)
        is_good = token == f"access-{self.issued}" and self.issued > self.revoked
        good, bad = {"people": [person(1), person(2)]}, {"message": f"{token} has expired"}
        return {True: httpx.Response(200, json=good), False: httpx.Response(401, json=bad)}[is_good]


def settings(**changes: Any) -> Settings:
    chosen: dict[str, Any] = {"random": lambda: 0.0, "budgets": Unmetered(), "now": Clock()} | changes
    return Settings(**chosen)


def open_client(registry: Registry, provider: Provider, tokens: Any = None, **changes: Any) -> Client:
    transport = httpx.MockTransport(provider.handle)
    chosen = settings(**changes)
    return Client(registry, transport=transport, tokens=tokens, settings=chosen, limits=LIMITS, sleep=lambda _: None)


def open_async(registry: Registry, provider: Provider, tokens: Any = None, **changes: Any) -> AsyncClient:
    transport = httpx.MockTransport(provider.handle_async)
    return AsyncClient(registry, transport=transport, tokens=tokens, settings=settings(**changes), limits=LIMITS)


def ids(page: Any) -> list[str]:
    return [record.id for record in page.result]


def stored(tokens: MemoryTokenStore) -> list[Token]:
    return list(tokens._tokens.values())


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def tokens(stores: Registry, provider: Provider) -> MemoryTokenStore:
    """A store whose token worked once and is refused now."""
    shared = MemoryTokenStore()
    with open_client(stores, provider, shared) as client:
        client.list(RESOURCE, CLIENT)
    provider.revoke()
    return shared


# ------------------------------------------------------------------------------------------- many calls at once


def test_many_threads_that_meet_an_expired_token_renew_it_once(
    stores: Registry, provider: Provider, tokens: MemoryTokenStore
) -> None:
    provider.meet = threading.Barrier(MANY, timeout=30).wait
    with open_client(stores, provider, tokens) as client, ThreadPoolExecutor(MANY) as pool:
        listed = [ids(page) for page in pool.map(lambda _: client.list(RESOURCE, CLIENT), range(MANY))]

    assert listed == [["1", "2"]] * MANY
    assert Counter(provider.asked) == {"access-1": MANY, "refresh-1": 1, "access-2": MANY}


def test_many_tasks_that_meet_an_expired_token_renew_it_once(
    stores: Registry, provider: Provider, tokens: MemoryTokenStore
) -> None:
    async def read() -> list[list[str]]:
        provider.meet_async = asyncio.Barrier(MANY).wait
        async with open_async(stores, provider, tokens) as client:
            pages = await asyncio.gather(*(client.list(RESOURCE, CLIENT) for _ in range(MANY)))
        return [ids(page) for page in pages]

    assert asyncio.run(read()) == [["1", "2"]] * MANY
    assert Counter(provider.asked) == {"access-1": MANY, "refresh-1": 1, "access-2": MANY}


def test_many_tasks_without_a_token_fetch_one(stores: Registry, provider: Provider) -> None:
    async def read() -> None:
        async with open_async(stores, provider) as client:
            await asyncio.gather(*(client.list(RESOURCE, CLIENT) for _ in range(MANY)))

    asyncio.run(read())

    assert Counter(provider.asked) == {"refresh-0": 1, "access-1": MANY}


def test_threads_and_tasks_of_clients_that_share_a_store_renew_once(
    stores: Registry, provider: Provider, tokens: MemoryTokenStore
) -> None:
    half = MANY // 2
    everybody = threading.Barrier(MANY, timeout=30)
    provider.meet = everybody.wait

    async def read(waiting_room: ThreadPoolExecutor) -> list[list[str]]:
        loop = asyncio.get_running_loop()
        provider.meet_async = lambda: loop.run_in_executor(waiting_room, everybody.wait)
        async with open_async(stores, provider, tokens) as client:
            pages = await asyncio.gather(*(client.list(RESOURCE, CLIENT) for _ in range(half)))
        return [ids(page) for page in pages]

    with open_client(stores, provider, tokens) as client, ThreadPoolExecutor(MANY) as pool:
        threads = [pool.submit(client.list, RESOURCE, CLIENT) for _ in range(half)]
        by_tasks = asyncio.run(read(pool))
        by_threads = [ids(thread.result()) for thread in threads]

    assert by_tasks + by_threads == [["1", "2"]] * MANY
    assert Counter(provider.asked) == {"access-1": MANY, "refresh-1": 1, "access-2": MANY}


def test_accounts_renew_their_own_tokens(stores: Registry, provider: Provider, tokens: MemoryTokenStore) -> None:
    other = account("oauth", credentials={"client_id": "client-2", "refresh_token": "refresh-1"})
    with open_client(stores, provider, tokens) as client:
        client.list(RESOURCE, other)

    assert provider.asked == ["refresh-1", "access-2"]
    assert len(stored(tokens)) == 2


# ---------------------------------------------------------------------------------------------- a token's life


def test_rotated_refresh_tokens_are_kept_and_each_is_used_once(stores: Registry, provider: Provider) -> None:
    shared = MemoryTokenStore()
    for _ in range(3):
        with open_client(stores, provider, shared) as client:
            client.list(RESOURCE, CLIENT)
        provider.revoked = provider.issued

    assert provider.asked == [
        *("refresh-0", "access-1"),
        *("access-1", "refresh-1", "access-2"),
        *("access-2", "refresh-2", "access-3"),
    ]
    assert stored(shared) == [Token("access-3", START + timedelta(hours=1), "refresh-3")]


def test_a_token_that_expires_by_its_own_clock_is_renewed_before_it_is_used(
    stores: Registry, provider: Provider
) -> None:
    clock = Clock()
    with open_client(stores, provider, now=clock) as client:
        for seconds in (0, 3539, 1):
            clock.wait(seconds)
            client.list(RESOURCE, CLIENT)

    assert provider.asked == ["refresh-0", "access-1", "access-1", "refresh-1", "access-2"]


def test_the_first_token_of_an_account_is_used_until_it_is_refused(stores: Registry, provider: Provider) -> None:
    with_token = account("oauth", credentials={**CLIENT.credentials, "token": "access-0"})
    provider.revoked = -1
    with open_client(stores, provider) as client:
        client.list(RESOURCE, with_token)
        provider.revoked = 0
        client.list(RESOURCE, with_token)
        client.list(RESOURCE, with_token)

    assert provider.asked == ["access-0", "access-0", "refresh-0", "access-1", "access-1"]


# ------------------------------------------------------------------------------------------------------ refusals


def test_a_dead_refresh_token_ends_each_call_once(
    stores: Registry, provider: Provider, tokens: MemoryTokenStore
) -> None:
    provider.issued, provider.revoked = 7, 7
    messages = []
    with open_client(stores, provider, tokens) as client:
        for _ in range(2):
            with pytest.raises(AuthenticationError) as caught:
                client.list(RESOURCE, CLIENT)
            messages.append(caught.value.message)

    assert (
        messages
        == ["oauth token: no token: [redacted] was used before (HTTP 400); refused: refresh_token, client_id"] * 2
    )
    assert provider.asked == ["access-1", "refresh-1"] * 2
    assert [token.access_token for token in stored(tokens)] == ["access-1"]


def test_a_provider_that_refuses_every_token_is_not_asked_for_ever(stores: Registry, provider: Provider) -> None:
    provider.revoked = 10**6
    with open_client(stores, provider) as client, pytest.raises(AuthenticationError) as caught:
        client.list(RESOURCE, CLIENT)

    assert caught.value.raw_response == {"message": "[redacted] has expired"}
    assert provider.asked == ["refresh-0", "access-1", "refresh-1", "access-2"]


def test_a_refusal_for_another_reason_renews_nothing(stores: Registry, provider: Provider) -> None:
    provider.instead = {"/api/people": lambda _: httpx.Response(403, json={"message": "not yours"})}
    with open_client(stores, provider) as client, pytest.raises(PermissionDeniedError):
        client.list(RESOURCE, CLIENT)

    assert provider.asked == ["refresh-0"]


def test_an_endpoint_that_cannot_be_reached_leaves_the_lock_free(stores: Registry, provider: Provider) -> None:
    def lose(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("lost")

    provider.instead = {"/token": lose}
    with open_client(stores, provider, breaker=CircuitBreaker(max_failures=100)) as client:
        with pytest.raises(TransportError, match="lost"):
            client.list(RESOURCE, CLIENT)
        provider.instead = {}
        assert ids(client.list(RESOURCE, CLIENT)) == ["1", "2"]


def test_a_token_is_renewed_on_request(stores: Registry, provider: Provider, tokens: MemoryTokenStore) -> None:
    with open_client(stores, provider, tokens) as client:
        assert client.refresh_token(CLIENT)
        assert client.refresh_token(CLIENT)
        assert ids(client.list(RESOURCE, CLIENT)) == ["1", "2"]

    assert provider.asked == ["refresh-1", "refresh-2", "access-3"]


def test_a_first_token_is_fetched_on_request(stores: Registry, provider: Provider) -> None:
    async def renew() -> bool:
        async with open_async(stores, provider) as client:
            return await client.refresh_token(CLIENT)

    assert asyncio.run(renew())
    assert provider.asked == ["refresh-0"]


def test_an_account_whose_credentials_are_no_token_has_nothing_to_renew(stores: Registry, provider: Provider) -> None:
    with open_client(stores, provider) as client:
        assert not client.refresh_token(account("numbers"))
    assert provider.asked == []


# -------------------------------------------------------------------------------------------------- cancellation


class HeldRenewal:
    """Says when a request for a token has come, and answers it when it may end."""

    def __init__(self) -> None:
        self.has_begun, self.may_end = asyncio.Event(), asyncio.Event()

    async def __call__(self) -> None:
        self.has_begun.set()
        await self.may_end.wait()


def test_a_task_that_is_cancelled_in_the_middle_of_a_renewal_does_not_lose_the_rotated_token(
    stores: Registry, provider: Provider
) -> None:
    async def read() -> list[str]:
        renewal = provider.hold = HeldRenewal()
        async with open_async(stores, provider) as client:
            first = asyncio.create_task(client.list(RESOURCE, CLIENT))
            await renewal.has_begun.wait()
            first.cancel()
            with pytest.raises(asyncio.CancelledError):
                await first
            second = asyncio.create_task(client.list(RESOURCE, CLIENT))
            renewal.may_end.set()
            return ids(await asyncio.wait_for(second, 30))

    assert asyncio.run(read()) == ["1", "2"]
    assert provider.asked == ["refresh-0", "access-1"]


def test_a_client_that_is_closed_in_the_middle_of_a_renewal_waits_for_its_answer(
    stores: Registry, provider: Provider
) -> None:
    tokens = MemoryTokenStore()

    async def read() -> None:
        renewal = provider.hold = HeldRenewal()
        client = open_async(stores, provider, tokens)
        call = asyncio.create_task(client.list(RESOURCE, CLIENT))
        await renewal.has_begun.wait()
        call.cancel()
        renewal.may_end.set()
        await client.aclose()

    asyncio.run(read())
    assert [(token.access_token, token.refresh_token) for token in stored(tokens)] == [("access-1", "refresh-1")]


def test_a_client_that_is_closed_with_a_limit_cancels_a_renewal_that_hangs(
    stores: Registry, provider: Provider
) -> None:
    tokens = MemoryTokenStore()

    async def read() -> None:
        renewal = provider.hold = HeldRenewal()
        client = open_async(stores, provider, tokens)
        call = asyncio.create_task(client.list(RESOURCE, CLIENT))
        await renewal.has_begun.wait()
        await asyncio.wait_for(client.aclose(max_seconds=0.0), 30)
        assert call.cancelled() or call.done()

    asyncio.run(read())
    assert stored(tokens) == []


def test_a_task_that_is_cancelled_while_it_waits_for_a_renewal_disturbs_no_other(
    stores: Registry, provider: Provider
) -> None:
    async def read() -> list[str]:
        renewal = provider.hold = HeldRenewal()
        async with open_async(stores, provider) as client:
            first = asyncio.create_task(client.list(RESOURCE, CLIENT))
            await renewal.has_begun.wait()
            second = asyncio.create_task(client.list(RESOURCE, CLIENT))
            third = asyncio.create_task(client.list(RESOURCE, CLIENT))
            await asyncio.sleep(0)
            second.cancel()
            renewal.may_end.set()
            with pytest.raises(asyncio.CancelledError):
                await second
            return [*ids(await first), *ids(await asyncio.wait_for(third, 30))]

    assert asyncio.run(read()) == ["1", "2", "1", "2"]
    assert Counter(provider.asked) == {"refresh-0": 1, "access-1": 2}


# ------------------------------------------------------------------------------------------------- token stores


@dataclass
class AsyncTokenStore:
    """Keeps tokens elsewhere: to read and to write takes time."""

    inner: MemoryTokenStore = field(default_factory=MemoryTokenStore)
    steps: list[str] = field(default_factory=list)

    async def read(self, key: str) -> Token | None:
        self.steps.append("read")
        await asyncio.sleep(0)
        return self.inner.read(key)

    async def write(self, key: str, token: Token) -> None:
        self.steps.append("write")
        await asyncio.sleep(0)
        self.inner.write(key, token)

    def lock(self, key: str) -> threading.Lock:
        return self.inner.lock(key)


def test_a_token_store_may_be_asynchronous(stores: Registry, provider: Provider) -> None:
    elsewhere = AsyncTokenStore()

    async def read() -> list[list[str]]:
        listed = []
        for _ in range(2):  # two clients, one after the other
            async with open_async(stores, provider, elsewhere) as client:
                pages = await asyncio.gather(*(client.list(RESOURCE, CLIENT) for _ in range(3)))
                listed += [ids(page) for page in pages]
        return listed

    assert asyncio.run(read()) == [["1", "2"]] * 6
    assert Counter(provider.asked) == {"refresh-0": 1, "access-1": 6}
    assert elsewhere.steps.count("write") == 1


# --------------------------------------------------------------------------------------------------------- leaks


def test_no_token_appears_in_a_representation_a_log_or_an_error(
    stores: Registry, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    shared = MemoryTokenStore()
    shown = []
    with open_client(stores, provider, shared) as client:
        client.list(RESOURCE, CLIENT)
        provider.revoke()
        client.list(RESOURCE, CLIENT)
        provider.issued, provider.revoked = 7, 7
        with pytest.raises(AuthenticationError) as caught:
            client.list(RESOURCE, CLIENT)
        error = caught.value
        shown += [str(error), repr(error), json.dumps(error.to_dict()), str(error.__dict__)]
        shown += [repr(client), repr(client.settings), repr(shared), repr(stored(shared)), repr(CLIENT), caplog.text]

    assert provider.asked[-1] == "refresh-2"  # a rotated token, which the account does not hold
    assert [text for text in shown if "access-" in text or "refresh-" in text] == []
