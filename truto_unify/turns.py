"""Lets the requests of a process that wait for the same budget ask it in the order of their tickets.

A ticket says how long a request waits if those ahead are in time. If they are late, each request behind would ask too
early, in vain, and wait again; in a shared budget each of these questions is a transaction. Here a request that has
waited long enough waits further while a request with a smaller ticket waits, or asks.
"""

from __future__ import annotations

import asyncio
import threading
import time
from bisect import insort
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from truto_unify.forks import renew_after_fork

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from truto_unify.steps import Turn


@dataclass(slots=True)
class _Queue:
    """The tickets of one budget.

    Attributes:
        numbers: in ascending order.
        wakes: what wakes a waiting request, by its number; it must not block.
    """

    numbers: list[int] = field(default_factory=list[int])
    wakes: dict[int, Callable[[], None]] = field(default_factory=dict[int, "Callable[[], None]"])


class Turns:
    """The queued requests of one client; safe to share between threads and event loops."""

    def __init__(self) -> None:
        self.start_over()
        renew_after_fork(self, Turns.start_over)

    def start_over(self) -> None:
        """Forgets all requests: a forked process has none of its parent's threads."""
        self._queues: dict[str, _Queue] = {}
        # The garbage collector may end an abandoned request, which leaves its queue, in the thread that holds the lock.
        self._guard = threading.RLock()

    @property
    def queued(self) -> int:
        """Requests in all queues."""
        with self._guard:
            return sum(len(queue.numbers) for queue in self._queues.values())

    @contextmanager
    def held(self, key: str, number: int) -> Iterator[None]:
        """Holds the place of a ticket in the queue of a budget."""
        with self._guard:
            insort(self._queues.setdefault(key, _Queue()).numbers, number)
        try:
            yield
        finally:
            self._leave(key, number)

    def wait(self, turn: Turn) -> None:
        """Blocks the thread until no smaller ticket is in the queue, or the time of the turn is over."""
        until = time.monotonic() + turn.max_seconds
        is_woken = threading.Event()
        while not self._is_first(turn, is_woken.set):
            if not is_woken.wait(until - time.monotonic()):
                return
            is_woken.clear()

    async def async_wait(self, turn: Turn) -> None:
        """As ``wait``, for a task."""
        is_woken = asyncio.Event()
        wake = partial(_wake, asyncio.get_running_loop(), is_woken)
        if self._is_first(turn, wake):  # as most are
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(turn.max_seconds):
                await is_woken.wait()
                while not self._is_first(turn, wake):
                    is_woken.clear()
                    await is_woken.wait()

    def _is_first(self, turn: Turn, wake: Callable[[], None]) -> bool:
        """Whether no smaller ticket is in the queue; else ``wake`` is called when that may have changed."""
        with self._guard:
            queue = self._queues.get(turn.key)
            if queue is None or queue.numbers[0] >= turn.number:
                return True
            queue.wakes[turn.number] = wake
            return False

    def _leave(self, key: str, number: int) -> None:
        """Takes a ticket out of its queue, and wakes the request that is the first now."""
        with self._guard:
            queue = self._queues.get(key)
            if queue is None or number not in queue.numbers:  # the process was forked meanwhile
                return
            queue.numbers.remove(number)
            queue.wakes.pop(number, None)
            if not queue.numbers:
                del self._queues[key]
                return
            wake = queue.wakes.pop(queue.numbers[0], None)
            if wake is not None:
                with suppress(RuntimeError):  # the event loop of the request is closed
                    wake()


def _wake(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
    """Sets an event of a loop from any thread."""
    loop.call_soon_threadsafe(event.set)
