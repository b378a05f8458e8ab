"""Keeps one httpx client for each process and, asynchronously, for each event loop.

A forked process shares the sockets of its parent, and a connection belongs to the event loop that opened it.
"""

from __future__ import annotations

import asyncio
import os
import threading
from typing import TYPE_CHECKING

import httpx

from truto_unify.errors import UnusableClient
from truto_unify.forks import renew_after_fork

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import AsyncGenerator, Callable

_CLOSED = "the client is closed; make another one"
_FOREIGN = "the httpx transport of this client has its connections in another {}; make the client here"


class ProcessPools:
    """The httpx client of the process that asks for it.

    Args:
        open_client: opens a client. The first is opened at once, so that a wrong setting raises early.
        transport: the httpx transport that the client sends with, if the caller has one.
    """

    def __init__(self, open_client: Callable[[], httpx.Client], transport: httpx.BaseTransport | None) -> None:
        self._open_client = open_client
        self._transport = transport
        self._client = open_client()
        self._process = os.getpid()
        self._inherited: list[httpx.Client] = []
        self._is_closed = False
        self._renew_lock()
        renew_after_fork(self, ProcessPools._renew_lock)

    def _renew_lock(self) -> None:
        self._lock = threading.Lock()

    def client(self) -> httpx.Client:
        """The client of this process.

        Raises:
            UnusableClient: the pools are closed, or the caller's transport has its connections in another process.
        """
        if self._is_closed:
            raise UnusableClient(_CLOSED)
        if self._process != os.getpid():
            self._follow_fork()
        return self._client

    def _follow_fork(self) -> None:
        if isinstance(self._transport, httpx.HTTPTransport):
            raise UnusableClient(_FOREIGN.format("process"))
        with self._lock:
            if self._process == os.getpid():
                return
            if self._transport is None:
                # Kept open: the parent uses the same sockets, and closing them here would end its TLS sessions.
                self._inherited.append(self._client)
                self._client = self._open_client()
            self._process = os.getpid()

    def close(self) -> None:
        """Closes the connections of this process."""
        self._is_closed = True
        if self._process == os.getpid():
            self._client.close()


class LoopPools:
    """The asynchronous httpx client of the event loop that asks for it; arguments as for ``ProcessPools``.

    The connections of a loop are closed when the loop ends.
    """

    def __init__(
        self, open_client: Callable[[], httpx.AsyncClient], transport: httpx.AsyncBaseTransport | None
    ) -> None:
        self._open_client = open_client
        self._transport = transport
        self._first: httpx.AsyncClient | None = open_client()
        self._home: AbstractEventLoop | None = None
        self._clients: dict[AbstractEventLoop, httpx.AsyncClient] = {}
        self._guards: dict[AbstractEventLoop, AsyncGenerator[None, None]] = {}
        self._is_closed = False
        self._renew_lock()
        renew_after_fork(self, LoopPools._renew_lock)

    def _renew_lock(self) -> None:
        self._lock = threading.Lock()

    async def client(self) -> httpx.AsyncClient:
        """The client of the running loop.

        Raises:
            UnusableClient: the pools are closed, or the caller's transport has its connections in another loop.
        """
        if self._is_closed:
            raise UnusableClient(_CLOSED)
        loop = asyncio.get_running_loop()
        client = self._clients.get(loop)
        if client is None:
            client = self._clients[loop] = self._client_for(loop)
            if self._transport is None:
                self._guards[loop] = self._close_with(loop, client)
                await anext(self._guards[loop])
        return client

    def _client_for(self, loop: AbstractEventLoop) -> httpx.AsyncClient:
        with self._lock:
            client, self._first = self._first, None
            self._home = self._home or loop
        if client is not None:
            return client
        if self._transport is None:
            return self._open_client()
        if isinstance(self._transport, httpx.AsyncHTTPTransport):
            raise UnusableClient(_FOREIGN.format("event loop"))
        return self._clients[self._home]

    async def _close_with(self, loop: AbstractEventLoop, client: httpx.AsyncClient) -> AsyncGenerator[None, None]:
        """Closes the client of a loop when the loop ends, since a loop then closes its asynchronous generators."""
        try:
            yield
        finally:
            self._clients.pop(loop, None)
            self._guards.pop(loop, None)
            await client.aclose()

    async def aclose(self) -> None:
        """Closes the connections of the running loop; those of another loop are closed when it ends."""
        self._is_closed = True
        loop = asyncio.get_running_loop()
        guard, client = self._guards.get(loop), self._clients.get(loop, self._first)
        if guard is not None:
            await guard.aclose()
        elif client is not None:
            await client.aclose()
