"""The pretend stores behind a gate: a test decides when a request is answered."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from tests.loopback import Clock, make_sandbox
from truto_unify import Account
from truto_unify.sandbox.serve import Sandbox, run_in_thread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.applications import Starlette


@dataclass
class BlockingApp:
    """An ASGI application that answers the first requests and holds the others back.

    Attributes:
        open_until: number of requests that are answered at once.
        seen: number of requests so far.
        opened: set when the waiting requests may go on.
        waiting: set as soon as a request waits.
        disconnected: set when the client of a waiting request disconnects.
    """

    app: Any
    open_until: int
    seen: int = 0
    opened: threading.Event = field(default_factory=threading.Event)
    waiting: threading.Event = field(default_factory=threading.Event)
    disconnected: threading.Event = field(default_factory=threading.Event)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.seen += 1
        if self.seen > self.open_until:
            self.waiting.set()
            body = await receive()
            listening = asyncio.ensure_future(self._listen(receive))
            await asyncio.to_thread(self.opened.wait, 20)
            listening.cancel()
            receive = _replay(body)
        await self.app(scope, receive, send)

    async def _listen(self, receive: Any) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self.disconnected.set()


def _replay(message: Any) -> Any:
    async def receive() -> Any:
        return message

    return receive


@dataclass
class GatedStores:
    """The stores, their gate and their address."""

    gate: BlockingApp
    sandbox: Sandbox
    origin: str

    def account(self, slug: str) -> Account:
        return Account(**self.sandbox.account_arguments(slug, self.origin))


@contextmanager
def serve_gated(open_until: int) -> Iterator[GatedStores]:
    """The stores on a socket; after so many requests the gate closes, and it opens at the end."""
    inner = make_sandbox(Clock())
    gate = BlockingApp(inner.app, open_until)
    sandbox = Sandbox(stores=inner.stores, app=cast("Starlette", gate))
    with run_in_thread(sandbox) as origin:
        try:
            yield GatedStores(gate, sandbox, origin)
        finally:
            gate.opened.set()
