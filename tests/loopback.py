"""Stores on this machine: the sandbox over real sockets, and servers that misbehave byte by byte."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.routing import Mount

from truto_unify import Account, OutboundRule
from truto_unify.sandbox.people import Person, invent_people
from truto_unify.sandbox.serve import STORES, Sandbox
from truto_unify.sandbox.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PEOPLE = invent_people()
THIS_MACHINE = OutboundRule.strict(networks="127.0.0.0/8, ::1", allows_http=True)
"""What a service needs to reach these stores."""


@dataclass
class Clock:
    """Seconds that pass when a client would have slept."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Loopback:
    """The sandbox behind an address; every test finds its stores as new."""

    origin: str
    sandbox: Sandbox
    clock: Clock = field(default_factory=Clock)

    def account(self, slug: str, **changes: Any) -> Account:
        return replace(Account(**self.sandbox.account_arguments(slug, self.origin)), **changes)

    def store(self, slug: str) -> Store:
        return self.sandbox.stores[slug]

    def renew(self) -> None:
        self.clock.advance(3600)
        for store in self.sandbox.stores.values():
            store.people[:] = PEOPLE
            store.requests.clear()
            store.failures.clear()


def make_sandbox(clock: Clock, people: tuple[Person, ...] = PEOPLE, slugs: Iterable[str] = STORES) -> Sandbox:
    """These stores, on one clock."""
    stores = {slug: Store.of(people, clock) for slug in slugs}
    mounts = [Mount(f"/{slug}", app=STORES[slug](store)) for slug, store in stores.items()]
    return Sandbox(stores=stores, app=Starlette(routes=mounts))


@contextmanager
def serve_bytes(*answers: bytes, closes: bool = True) -> Iterator[str]:
    """Serves one connection after the other, each with the next answer, whatever is asked.

    Args:
        answers: what is written after the head of a request was read.
        closes: whether the connection is closed after the answer.

    Yields:
        The origin.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        held: list[socket.socket] = []

        def run() -> None:
            for answer in answers:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                received = b""
                while b"\r\n\r\n" not in received:
                    part = connection.recv(65536)
                    if not part:
                        break  # the client went away
                    received += part
                connection.sendall(answer)
                held.append(connection)
                if closes:
                    connection.shutdown(socket.SHUT_WR)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)  # ends accept(), which close() alone does not
        listener.close()
        thread.join(5)
        for connection in held:
            connection.close()
