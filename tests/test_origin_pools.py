"""Each request has a connection of its own at once, and idle connections are used again, by origin."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpcore
import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from truto_unify import Limits, OutboundRule
from truto_unify.connections import open_client
from truto_unify.guarded_network import GuardedBackend
from truto_unify.origin_pools import AsyncOriginPool, Connections, OriginPool

if sys.platform != "win32":
    import resource

if TYPE_CHECKING:
    from truto_unify.origin_pools import OriginKey

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
FIRST, SECOND = "https://first.example/customers", "https://second.example/customers"


def pool_of(transport: Any) -> OriginPool:
    pool = transport._pool
    assert isinstance(pool, OriginPool)
    return pool


def make_pool(answers: int = 1) -> OriginPool:
    """A pool each of whose connections gives so many answers."""
    backend = httpcore.MockBackend([ANSWER] * answers)
    return OriginPool(httpcore.ConnectionPool(network_backend=backend))


def make_request(url: str) -> httpcore.Request:
    return httpcore.Request("GET", url, headers={"Host": "store.example"})


def send(pool: OriginPool, url: str) -> httpcore.Response:
    return pool.handle_request(make_request(url))


def read(answer: httpcore.Response) -> bytes:
    body = answer.read()
    answer.close()
    return body


def count(pool: OriginPool | AsyncOriginPool) -> tuple[int, int]:
    return pool.connections.running, pool.connections.idle


class RefusingBackend(httpcore.NetworkBackend):
    """No connection can be opened."""

    def connect_tcp(self, *_: object, **__: object) -> httpcore.NetworkStream:
        raise httpcore.ConnectError("refused")


class AsyncRefusingBackend(httpcore.AsyncNetworkBackend):
    """No connection can be opened."""

    async def connect_tcp(self, *_: object, **__: object) -> httpcore.AsyncNetworkStream:
        raise httpcore.ConnectError("refused")


def test_a_connection_that_could_not_be_opened_is_not_used_again() -> None:
    pool = OriginPool(httpcore.ConnectionPool(network_backend=RefusingBackend()))

    for _ in range(2):
        with pytest.raises(httpcore.ConnectError, match="refused"):
            send(pool, FIRST)

    assert count(pool) == (0, 0)


def test_nor_is_it_asynchronously() -> None:
    pool = AsyncOriginPool(httpcore.AsyncConnectionPool(network_backend=AsyncRefusingBackend()))

    async def send_twice() -> None:
        for _ in range(2):
            with pytest.raises(httpcore.ConnectError, match="refused"):
                await pool.handle_async_request(make_request(FIRST))

    asyncio.run(send_twice())

    assert count(pool) == (0, 0)


def test_connections_have_the_certificates_and_the_check_of_addresses_of_the_client() -> None:
    with open_client(Limits(outbound=OutboundRule.strict(hosts="first.example")), None) as client:
        opener: Any = pool_of(client._transport).opener
        connection = opener.create_connection(httpcore.URL(FIRST).origin)
        assert isinstance(connection._network_backend, GuardedBackend)
        assert connection._ssl_context is opener._ssl_context


def test_a_proxy_of_the_environment_opens_the_connections_of_its_origins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "second.example")
    with open_client(Limits(), None) as client:
        openers = [pool_of(client._transport_for_url(httpx.URL(url))).opener for url in (FIRST, SECOND)]
    assert [type(opener) for opener in openers] == [httpcore.HTTPProxy, httpcore.ConnectionPool]


def test_requests_at_the_same_time_have_connections_of_their_own_which_are_used_again() -> None:
    pool = make_pool(answers=2)
    answers = [send(pool, url) for url in (FIRST, FIRST, SECOND)]
    assert count(pool) == (3, 0)
    assert [read(answer) for answer in answers] == [b"{}"] * 3
    assert count(pool) == (0, 3)
    assert read(send(pool, FIRST)) == b"{}"
    assert count(pool) == (0, 3)


def test_an_answer_that_is_not_read_to_its_end_ends_its_connection() -> None:
    pool = make_pool()
    answer = send(pool, FIRST)
    for _ in range(2):
        answer.close()
    assert count(pool) == (0, 0)


def test_a_connection_that_the_server_has_closed_is_not_used_again() -> None:
    pool = make_pool()
    read(send(pool, FIRST))
    (first,) = pool.connections._idle
    first._connection._expire_at = 0.0  # as after a long time
    assert read(send(pool, FIRST)) == b"{}"
    assert first.is_closed()
    assert (count(pool), first in pool.connections._idle) == ((0, 1), False)


def test_a_failed_request_leaves_no_connection() -> None:
    pool = make_pool(answers=0)
    with pytest.raises(httpcore.RemoteProtocolError):
        send(pool, FIRST)
    assert count(pool) == (0, 0)


def test_an_address_that_is_no_http_is_refused() -> None:
    with pytest.raises(httpcore.UnsupportedProtocol, match='must begin with http:// or https://, not "ftp"'):
        send(make_pool(), "ftp://first.example")


def test_a_closed_pool_closes_its_connections_and_keeps_no_later_one() -> None:
    pool = make_pool()
    read(send(pool, SECOND))
    running = send(pool, FIRST)
    connections = [*pool.connections._idle, *pool.connections._running]
    pool.close()
    running.close()
    assert [connection.is_closed() for connection in connections] == [True, True]
    assert read(send(pool, FIRST)) == b"{}"
    assert count(pool) == (0, 0)


def test_a_cancelled_task_leaves_no_connection() -> None:
    class Silent(httpcore.AsyncMockStream):
        async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
            del max_bytes, timeout
            is_sent.set()
            await asyncio.Event().wait()
            raise AssertionError

    class SilentBackend(httpcore.AsyncMockBackend):
        async def connect_tcp(self, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
            return Silent([])

    is_sent = asyncio.Event()

    async def run() -> tuple[tuple[int, int], tuple[int, int]]:
        pool = AsyncOriginPool(httpcore.AsyncConnectionPool(network_backend=SilentBackend([])))
        task = asyncio.create_task(pool.handle_async_request(make_request("http://first.example")))
        await is_sent.wait()
        before = count(pool)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return before, count(pool)

    assert asyncio.run(run()) == ((1, 0), (0, 0))


def test_tasks_use_connections_as_threads_do() -> None:
    async def run() -> list[tuple[int, int]]:
        backend = httpcore.AsyncMockBackend([ANSWER] * 2)
        async with AsyncOriginPool(httpcore.AsyncConnectionPool(network_backend=backend)) as pool:
            counts = []
            for urls in ([FIRST, FIRST, SECOND], [FIRST]):
                answers = [await pool.handle_async_request(make_request(url)) for url in urls]
                counts.append(count(pool))
                for answer in answers:
                    assert await answer.aread() == b"{}"
                    await answer.aclose()
                counts.append(count(pool))
        return [*counts, count(pool)]

    assert asyncio.run(run()) == [(3, 0), (0, 3), (1, 2), (0, 3), (0, 0)]


@dataclass(eq=False)
class Pretended:
    """A connection that says what the test wants."""

    state: str = "idle"
    is_expired: bool = field(default=False)

    def is_idle(self) -> bool:
        return self.state == "idle"

    def is_closed(self) -> bool:
        return self.state == "closed"

    def has_expired(self) -> bool:
        return self.is_expired


ENDS = ("idle", "closed", "broken")


def origin(number: int) -> OriginKey:
    return b"https", b"store-%d.example" % number, None


def test_the_connections_that_were_used_least_recently_are_surplus() -> None:
    connections, opened = Connections(max_open=2), [Pretended() for _ in range(4)]
    surplus = [connections.end(origin(number), connection) for number, connection in enumerate(opened[:3])]
    opened[1].is_expired = True
    surplus.append(connections.end(origin(3), opened[3]))
    assert surplus == [[], [], [opened[0]], [opened[1]]]


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(ENDS), st.booleans()), max_size=40))
def test_a_connection_has_one_request_at_a_time_and_each_is_running_idle_or_closed(
    steps: list[tuple[int, str, bool]],
) -> None:
    connections = Connections(max_open=4)
    running: list[tuple[OriginKey, Pretended]] = []
    opened: dict[Pretended, OriginKey] = {}
    closed: set[Pretended] = set()
    for number, state, ends in steps:
        connection = connections.take(origin(number))
        if connection is None:
            connection = Pretended()
            closed |= {*connections.add(connection)}
        assert opened.setdefault(connection, origin(number)) == origin(number)
        assert connection not in closed
        assert connection not in [other for _, other in running]
        running.append((origin(number), connection))
        if ends:
            key, ending = running.pop(0)
            ending.state = state
            surplus = connections.end(key, ending)
            assert (ending in surplus) >= (state == "broken")
            closed |= {*surplus, *([ending] if state == "closed" else [])}
        assert connections.idle <= 1 or connections.idle + connections.running <= 4
        assert (connections.running, connections.idle) == (len(running), len(opened) - len(closed) - len(running))


@pytest.mark.skipif(sys.platform == "win32", reason="sockets are no files on Windows")
@pytest.mark.parametrize(("files", "idle"), [(4, 2), (1_000_000, 1000), (-1, 1000)])
def test_idle_connections_take_at_most_half_of_the_files_that_the_system_allows(
    files: int, idle: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (files, files))
    connections = Connections()
    for number in range(1001):
        connections.end(origin(number), Pretended())
    assert connections.idle == idle
