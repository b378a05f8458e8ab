"""Gives each request a connection to its origin at once: an idle one, or a new one.

The pool of httpcore compares each waiting request with each connection, asks each idle connection for its state, and
may give an idle connection to several requests, of which all but the first start again. Here no request waits, because
requests are bounded before they reach a pool, and the cost of a request does not grow with the other requests.
"""

from __future__ import annotations

import sys
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Self

import httpcore

from truto_unify.forks import renew_after_fork

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    import httpx

MAX_OPEN_CONNECTIONS = 1000
"""Connections of all origins together above which none stays open without a request."""
OriginKey = tuple[bytes, bytes, int | None]
"""Scheme, host and port; no port means that of the scheme."""


def split_by_origin(client: httpx.Client | httpx.AsyncClient) -> None:
    """Replaces the pools of a client, those of proxies included, by pools that look connections up by origin.

    httpx has no public parameter that keeps the proxies of the environment; a renamed attribute raises here.
    """
    for transport in (client._transport, *client._mounts.values()):
        if transport is not None:
            pool: Any = getattr(transport, "_pool")  # noqa: B009 - it is not declared
            split: Any = OriginPool if isinstance(pool, httpcore.ConnectionPool) else AsyncOriginPool
            setattr(transport, "_pool", split(pool))  # noqa: B010 - it is not declared


class Connections:
    """The connections of a pool: those with a request, and the idle ones by origin; safe to share between threads.

    Args:
        max_open: the number of connections above which an idle one is closed; None takes a thousand, or half of the
            files that the system lets this process open.
    """

    def __init__(self, max_open: int | None = None) -> None:
        self._max_open = _max_open() if max_open is None else max_open
        self._running: set[Any] = set()
        self._idle: OrderedDict[Any, OriginKey] = OrderedDict()  # the least recently used first
        self._by_origin: dict[OriginKey, list[Any]] = {}
        self._is_closed = False
        self._renew_lock()
        renew_after_fork(self, Connections._renew_lock)

    def _renew_lock(self) -> None:
        self._guard = threading.Lock()

    @property
    def running(self) -> int:
        """Connections with a request."""
        return len(self._running)

    @property
    def idle(self) -> int:
        """Connections without a request."""
        return len(self._idle)

    def take(self, origin: OriginKey) -> Any | None:
        """The idle connection of an origin that was used last, which counts as running now; None if absent."""
        with self._guard:
            if origin not in self._by_origin:
                return None
            connection = self._by_origin[origin][-1]
            self._forget_idle(connection)
            self._running.add(connection)
            return connection

    def add(self, connection: Any) -> list[Any]:
        """Counts a new connection as running.

        Returns:
            Connections that are no longer needed; the caller closes them.
        """
        with self._guard:
            self._running.add(connection)
            return self._take_surplus()

    def end(self, origin: OriginKey, connection: Any) -> list[Any]:
        """Counts a request as ended.

        Returns:
            Connections that are no longer needed; the caller closes them.
        """
        with self._guard:
            self._running.discard(connection)
            if connection.is_closed():  # one that could not be opened calls itself idle, too
                return []
            if self._is_closed or not connection.is_idle():
                return [connection]
            self._idle[connection] = origin
            self._by_origin.setdefault(origin, []).append(connection)
            return self._take_surplus()

    def drop(self, connection: Any) -> None:
        """Forgets a running connection, which the caller has closed."""
        with self._guard:
            self._running.discard(connection)

    def _take_surplus(self) -> list[Any]:
        """The least recently used connections that are too many, or that nobody can use any more."""
        surplus: list[Any] = []
        while len(self._idle) > 1:
            oldest = next(iter(self._idle))
            is_surplus = len(self._idle) + len(self._running) > self._max_open
            if not is_surplus and not oldest.has_expired():
                break
            self._forget_idle(oldest)
            surplus.append(oldest)
        return surplus

    def _forget_idle(self, connection: Any) -> None:
        origin = self._idle.pop(connection)
        connections = self._by_origin[origin]
        connections.remove(connection)
        if not connections:
            del self._by_origin[origin]

    def close(self) -> list[Any]:
        """Forgets all connections, and keeps no further one; the caller closes them."""
        with self._guard:
            self._is_closed = True
            connections = [*self._idle, *self._running]
            self._idle.clear()
            self._by_origin.clear()
            self._running.clear()
            return connections


if sys.platform == "win32":  # sockets are no files there

    def _max_open() -> int:
        return MAX_OPEN_CONNECTIONS

else:
    import resource

    def _max_open() -> int:
        files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        return MAX_OPEN_CONNECTIONS if files == resource.RLIM_INFINITY else min(MAX_OPEN_CONNECTIONS, files // 2)


class OriginPool:
    """Takes the place of a pool of httpcore.

    Args:
        opener: a pool of httpcore, which only opens connections here: direct ones, or those of its proxy.
    """

    def __init__(self, opener: httpcore.ConnectionPool) -> None:
        self.opener = opener
        self.connections = Connections()

    def handle_request(self, request: httpcore.Request) -> httpcore.Response:
        """Sends a request."""
        origin = _key(request.url)
        connection = self._connection(origin, request.url)
        try:
            answer = connection.handle_request(request)
        except BaseException:
            self._end(origin, connection)
            raise
        body = _Body(answer.stream, lambda: self._end(origin, connection))
        return httpcore.Response(answer.status, headers=answer.headers, content=body, extensions=answer.extensions)

    def _connection(self, origin: OriginKey, url: httpcore.URL) -> httpcore.ConnectionInterface:
        while (connection := self.connections.take(origin)) is not None:
            if not connection.has_expired():
                return connection  # type: ignore[no-any-return]  # the pool holds connections of both kinds
            connection.close()
            self.connections.drop(connection)
        opened = self.opener.create_connection(url.origin)
        for surplus in self.connections.add(opened):
            surplus.close()
        return opened

    def _end(self, origin: OriginKey, connection: httpcore.ConnectionInterface) -> None:
        for surplus in self.connections.end(origin, connection):
            surplus.close()

    def close(self) -> None:
        """Closes all connections."""
        for connection in self.connections.close():
            connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncOriginPool:
    """As ``OriginPool``, asynchronously."""

    def __init__(self, opener: httpcore.AsyncConnectionPool) -> None:
        self.opener = opener
        self.connections = Connections()

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        """Sends a request."""
        origin = _key(request.url)
        connection = await self._connection(origin, request.url)
        try:
            answer = await connection.handle_async_request(request)
        except BaseException:
            await self._end(origin, connection)
            raise
        body = _AsyncBody(answer.stream, lambda: self._end(origin, connection))
        return httpcore.Response(answer.status, headers=answer.headers, content=body, extensions=answer.extensions)

    async def _connection(self, origin: OriginKey, url: httpcore.URL) -> httpcore.AsyncConnectionInterface:
        while (connection := self.connections.take(origin)) is not None:
            if not connection.has_expired():
                return connection  # type: ignore[no-any-return]  # as above
            await connection.aclose()
            self.connections.drop(connection)
        opened = self.opener.create_connection(url.origin)
        for surplus in self.connections.add(opened):
            await surplus.aclose()
        return opened

    async def _end(self, origin: OriginKey, connection: httpcore.AsyncConnectionInterface) -> None:
        for surplus in self.connections.end(origin, connection):
            await surplus.aclose()

    async def aclose(self) -> None:
        """Closes all connections."""
        for connection in self.connections.close():
            await connection.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


def _key(url: httpcore.URL) -> OriginKey:
    """The origin of a URL.

    Raises:
        UnsupportedProtocol: it is no HTTP.
    """
    if url.scheme not in (b"http", b"https"):
        scheme = url.scheme.decode()
        raise httpcore.UnsupportedProtocol(f'the address must begin with http:// or https://, not "{scheme}"')
    return url.scheme, url.host, url.port


class _Body:
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


class _AsyncBody:
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
