"""Gives each origin a connection pool of its own, so that the cost of a request does not grow with the other requests.

The pool of httpcore compares each waiting request with each connection and keeps one queue for all origins. The idle
connections of all pools together are bounded: the pools that were used least recently are closed.
"""

from __future__ import annotations

import copy
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

MAX_IDLE_CONNECTIONS = 200
"""Idle connections of all origins together."""


def split_by_origin(client: httpx.Client | httpx.AsyncClient) -> None:
    """Replaces the pools of a client, those of proxies included, by pools for each origin.

    httpx has no public parameter that keeps the proxies of the environment; a renamed attribute raises here.
    """
    client._transport = _split(client._transport)
    client._mounts = {
        pattern: None if transport is None else _split(transport) for pattern, transport in client._mounts.items()
    }


def _split(transport: Any) -> Any:
    if isinstance(transport, httpx.HTTPTransport):
        return OriginTransport(lambda: _copy(transport))
    return AsyncOriginTransport(lambda: _copy(transport))


def _copy(transport: Any) -> Any:
    """A transport with an empty pool and the same certificates, addresses, proxy and sizes."""
    fresh, pool = copy.copy(transport), copy.copy(transport._pool)
    pool._connections, pool._requests = [], []
    pool._optional_thread_lock = type(pool._optional_thread_lock)()
    fresh._pool = pool
    return fresh


@dataclass(slots=True)
class OriginPool:
    """The pool of one origin.

    Attributes:
        transport: of httpx.
        running: requests whose answer has not been read to its end.
        idle: connections without a request.
    """

    transport: Any
    running: int = 0
    idle: int = 0


class OriginPools:
    """The pools by origin, least recently used first; safe to share between threads.

    Args:
        open_transport: opens a transport of httpx.
        max_idle: the maximum number of idle connections of all pools together.
    """

    def __init__(self, open_transport: Callable[[], Any], max_idle: int = MAX_IDLE_CONNECTIONS) -> None:
        self._open_transport = open_transport
        self._max_idle = max_idle
        self._pools: OrderedDict[tuple[bytes, bytes, int | None], OriginPool] = OrderedDict()
        self._idle = 0
        self._guard = threading.Lock()

    @property
    def idle(self) -> int:
        """Idle connections of all origins together."""
        return self._idle

    def pools(self) -> list[OriginPool]:
        """All pools, least recently used first."""
        with self._guard:
            return list(self._pools.values())

    def begin(self, url: httpx.URL) -> OriginPool:
        """The pool for a request, which counts as running until ``end``."""
        origin = (url.raw_scheme, url.raw_host, url.port)
        with self._guard:
            pool = self._pools.get(origin)
            if pool is None:
                pool = self._pools[origin] = OriginPool(self._open_transport())
            self._pools.move_to_end(origin)
            pool.running += 1
            return pool

    def end(self, pool: OriginPool) -> list[OriginPool]:
        """Counts a request as ended.

        Returns:
            Pools without a request that are no longer used; the caller closes them.
        """
        with self._guard:
            pool.running -= 1
            idle = max(len(pool.transport._pool.connections) - pool.running, 0)
            self._idle += idle - pool.idle
            pool.idle = idle
            return self._take_surplus()

    def _take_surplus(self) -> list[OriginPool]:
        if self._idle <= self._max_idle:
            return []
        surplus: list[OriginPool] = []
        for origin, pool in list(self._pools.items()):
            if self._idle <= self._max_idle:
                break
            if pool.running == 0:
                del self._pools[origin]
                self._idle -= pool.idle
                surplus.append(pool)
        return surplus

    def clear(self) -> list[OriginPool]:
        """Forgets all pools; the caller closes them."""
        with self._guard:
            pools, self._idle = list(self._pools.values()), 0
            self._pools.clear()
            return pools


class OriginTransport(httpx.BaseTransport):
    """Sends each request over the pool of its origin."""

    def __init__(self, open_transport: Callable[[], Any]) -> None:
        self.origins = OriginPools(open_transport)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Sends a request."""
        pool = self.origins.begin(request.url)
        try:
            answer: httpx.Response = pool.transport.handle_request(request)
        except BaseException:
            self._end(pool)
            raise
        return httpx.Response(
            answer.status_code,
            headers=answer.headers,
            stream=_Body(answer.stream, lambda: self._end(pool)),
            extensions=answer.extensions,
        )

    def _end(self, pool: OriginPool) -> None:
        for surplus in self.origins.end(pool):
            surplus.transport.close()

    def close(self) -> None:
        """Closes all connections."""
        for pool in self.origins.clear():
            pool.transport.close()


class AsyncOriginTransport(httpx.AsyncBaseTransport):
    """As ``OriginTransport``, asynchronously."""

    def __init__(self, open_transport: Callable[[], Any]) -> None:
        self.origins = OriginPools(open_transport)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Sends a request."""
        pool = self.origins.begin(request.url)
        try:
            answer: httpx.Response = await pool.transport.handle_async_request(request)
        except BaseException:
            await self._end(pool)
            raise
        return httpx.Response(
            answer.status_code,
            headers=answer.headers,
            stream=_AsyncBody(answer.stream, lambda: self._end(pool)),
            extensions=answer.extensions,
        )

    async def _end(self, pool: OriginPool) -> None:
        for surplus in self.origins.end(pool):
            await surplus.transport.aclose()

    async def aclose(self) -> None:
        """Closes all connections."""
        for pool in self.origins.clear():
            await pool.transport.aclose()


class _Body(httpx.SyncByteStream):
    """The bytes of an answer; calls ``end`` once, when they are closed."""

    def __init__(self, stream: Any, end: Callable[[], None]) -> None:
        self._stream = stream
        self._end = end
        self._is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream

    def close(self) -> None:
        if self._is_closed:
            return
        self._is_closed = True
        try:
            self._stream.close()
        finally:
            self._end()


class _AsyncBody(httpx.AsyncByteStream):
    """As ``_Body``, asynchronously."""

    def __init__(self, stream: Any, end: Callable[[], Any]) -> None:
        self._stream = stream
        self._end = end
        self._is_closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._stream:
            yield part

    async def aclose(self) -> None:
        if self._is_closed:
            return
        self._is_closed = True
        try:
            await self._stream.aclose()
        finally:
            await self._end()
