"""Bounds the requests in flight for each account and each host, and lets the others wait in fair order.

The accounts of a host take turns, and the requests of an account are served in order. A request waits here and not in
the connection pool, so that no account waits behind the requests of another.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import OrderedDict, deque
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from truto_unify.errors import ProviderUnavailableError
from truto_unify.forks import renew_after_fork

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from truto_unify.types import Lane, Limits

_RETRY_AFTER = 1.0
"""Seconds after which a refused caller may try again; when a request ends is not known."""
_MIN_SECONDS = 0.001  # a socket takes 0 for "do not wait at all"


@dataclass(slots=True)
class _AccountLane:
    """An account with the hosts that it waits for."""

    key: str
    running: int = 0
    waits_for: dict[str, _HostLane] = field(default_factory=dict[str, "_HostLane"])


@dataclass(slots=True)
class _HostLane:
    """A host with the queue of each account, in the order of their turns."""

    key: str
    running: int = 0
    queues: OrderedDict[str, deque[Ticket]] = field(default_factory=OrderedDict[str, "deque[Ticket]"])


@dataclass(slots=True, eq=False)
class Ticket:
    """One request that waits, runs, or has ended.

    Attributes:
        wake: called once if the request had to wait and may run; it must not block.
    """

    account: _AccountLane
    host: _HostLane
    wake: Callable[[], None]
    state: Literal["waiting", "running", "ended"] = "waiting"

    @property
    def is_running(self) -> bool:
        """Whether the request may run."""
        return self.state == "running"


class Lanes:
    """The requests of one client; safe to share between threads and event loops.

    Args:
        max_per_account: the maximum number of requests in flight for an account.
        max_per_host: the maximum number of requests in flight to a host.
    """

    def __init__(self, max_per_account: int, max_per_host: int) -> None:
        self._max_per_account = max_per_account
        self._max_per_host = max_per_host
        self.start_over()
        renew_after_fork(self, Lanes.start_over)

    def start_over(self) -> None:
        """Forgets all requests: a forked process has none of its parent's threads."""
        self._accounts: dict[str, _AccountLane] = {}
        self._hosts: dict[str, _HostLane] = {}
        # The garbage collector may end an abandoned request, which leaves its lane, in the thread that holds the lock.
        self._guard = threading.RLock()

    @classmethod
    def of(cls, limits: Limits) -> Lanes:
        """The lanes of a client with these limits."""
        return cls(limits.max_in_flight_per_account, limits.max_in_flight_per_host)

    @property
    def running(self) -> int:
        """Requests in flight."""
        with self._guard:
            return sum(host.running for host in self._hosts.values())

    @property
    def waiting(self) -> int:
        """Requests that wait."""
        with self._guard:
            return sum(len(queue) for host in self._hosts.values() for queue in host.queues.values())

    def join(self, account: str, host: str, wake: Callable[[], None]) -> Ticket:
        """Queues a request; its ticket is running at once if both limits allow it.

        Args:
            account: identifies the account.
            host: identifies the host.
            wake: called once if the request had to wait and may run.
        """
        with self._guard:
            ticket = Ticket(
                self._accounts.setdefault(account, _AccountLane(account)),
                self._hosts.setdefault(host, _HostLane(host)),
                wake,
            )
            # If both have room, nobody who could run waits before this request.
            if self._has_room(ticket.account) and ticket.host.running < self._max_per_host:
                self._start(ticket)
            else:
                ticket.host.queues.setdefault(account, deque()).append(ticket)
                ticket.account.waits_for[host] = ticket.host
            return ticket

    def leave(self, ticket: Ticket) -> None:
        """Ends a request, or takes it out of its queue; then the next requests may run."""
        with self._guard:
            if ticket.state == "running":
                self._stop(ticket)
                self._start_next(ticket.host)
                # The account may wait for other hosts too.
                for host in list(ticket.account.waits_for.values()):
                    self._start_next(host)
            elif ticket.state == "waiting":
                self._take(ticket)
                ticket.state = "ended"
            self._forget(ticket)

    def explain_wait(self, ticket: Ticket, seconds: float) -> ProviderUnavailableError:
        """The error of a request that waited too long; it names the limit."""
        if self._has_room(ticket.account):
            limit, whose, setting = self._max_per_host, f"to {ticket.host.key}", "max_in_flight_per_host"
        else:
            limit, whose, setting = self._max_per_account, "of this account", "max_in_flight_per_account"
        message = (
            f"{limit} requests {whose} are in flight, which is the limit (Limits.{setting}, in the service "
            f"TRUTO_UNIFY_{setting.upper()}), and none of them ended within {seconds:.3g} seconds; nothing was sent"
        )
        return ProviderUnavailableError(message, status_code=503, code="busy", retry_after=_RETRY_AFTER)

    @contextmanager
    def place(self, lane: Lane, seconds: float) -> Iterator[float]:
        """Holds a place for a request of a thread; yields the seconds that are left of its time.

        Raises:
            ProviderUnavailableError: no place came free in time.
        """
        lane.check()
        began = time.monotonic()
        came_free = threading.Event()
        ticket = self.join(lane.account, lane.host, came_free.set)
        try:
            waited = 0.0
            if not ticket.is_running:
                came_free.wait(seconds)
                waited = time.monotonic() - began
            if not ticket.is_running:
                raise self.explain_wait(ticket, seconds)
            lane.enter(waited)
            yield max(seconds - waited, _MIN_SECONDS)
        finally:
            self.leave(ticket)

    @asynccontextmanager
    async def async_place(self, lane: Lane, seconds: float) -> AsyncIterator[float]:
        """As ``place``, for a task."""
        lane.check()
        loop = asyncio.get_running_loop()
        began = loop.time()
        came_free = asyncio.Event()
        ticket = self.join(lane.account, lane.host, lambda: _wake(loop, came_free))
        try:
            waited = 0.0
            if not ticket.is_running:
                with suppress(TimeoutError):
                    async with asyncio.timeout(seconds):
                        await came_free.wait()
                waited = loop.time() - began
            if not ticket.is_running:
                raise self.explain_wait(ticket, seconds)
            lane.enter(waited)
            yield max(seconds - waited, _MIN_SECONDS)
        finally:
            self.leave(ticket)

    def _has_room(self, account: _AccountLane) -> bool:
        return account.running < self._max_per_account

    def _start(self, ticket: Ticket) -> None:
        ticket.state = "running"
        ticket.account.running += 1
        ticket.host.running += 1

    def _stop(self, ticket: Ticket) -> None:
        ticket.state = "ended"
        ticket.account.running -= 1
        ticket.host.running -= 1

    def _take(self, ticket: Ticket) -> None:
        """Takes a waiting ticket out of its queue."""
        account, host = ticket.account, ticket.host
        queue = host.queues[account.key]
        queue.remove(ticket)
        if not queue:
            del host.queues[account.key], account.waits_for[host.key]

    def _start_next(self, host: _HostLane) -> None:
        """Starts waiting requests of a host while there is room, one account after the other."""
        while host.running < self._max_per_host:
            queue = next((queue for queue in host.queues.values() if self._has_room(queue[0].account)), None)
            if queue is None:
                return
            ticket = queue[0]
            self._take(ticket)
            if queue:
                host.queues.move_to_end(ticket.account.key)
            self._start(ticket)
            try:
                ticket.wake()
            except RuntimeError:  # the event loop of the request is closed
                self._stop(ticket)

    def _forget(self, ticket: Ticket) -> None:
        """Drops lanes that nobody uses."""
        account, host = ticket.account, ticket.host
        if not account.running and not account.waits_for:
            self._accounts.pop(account.key, None)
        if not host.running and not host.queues:
            self._hosts.pop(host.key, None)


def _wake(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
    """Sets an event of a loop from any thread."""
    loop.call_soon_threadsafe(event.set)
