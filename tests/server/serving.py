"""The service on a local socket, for tests that a call inside the process cannot cover."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

import uvicorn

from tests.unhurried import unhurried_budgets
from truto_unify import AsyncClient, RetryPolicy, Settings
from truto_unify.server.app import create_app
from truto_unify.server.request_context import observed

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

    from fastapi import FastAPI

    from tests.server.memory_store import MemoryStore
    from truto_unify import Registry
    from truto_unify.accounts.store import AccountStore
    from truto_unify.server.settings import ServiceSettings


class _Server(uvicorn.Server):
    """A server that says when it answers, and where; it closes client and store at the end."""

    def __init__(self, app: FastAPI) -> None:
        config = uvicorn.Config(
            app,
            host="127.0.0.1",
            port=0,
            loop="asyncio",
            log_config=None,
            log_level="critical",
            access_log=False,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=2,
        )
        super().__init__(config)
        self.ready = threading.Event()
        self.port = 0
        self._state: Any = app.state

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.port = self.servers[0].sockets[0].getsockname()[1]
        self.ready.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets=sockets)
        await self._state.client.aclose()
        await self._state.store.close()


@contextmanager
def serve_app(app: FastAPI) -> Iterator[str]:
    """Serves an application from a thread while the context lasts.

    Yields:
        The origin.
    """
    server = _Server(app)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        assert server.ready.wait(20)
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.should_exit = True
        thread.join(10)


def make_app(registry: Registry, store: MemoryStore, settings: ServiceSettings | None = None) -> FastAPI:
    """The service over a store in memory; a refused native request is not sent again, and none waits."""
    budgets, retry = unhurried_budgets(), RetryPolicy(attempts=1)
    calls = observed(Settings(retry=retry, budgets=budgets))
    client = AsyncClient(registry, settings=calls)
    return create_app(cast("AccountStore", store), registry=registry, client=client, settings=settings)
