"""Runs the checks of overrides in a thread of their own, so that they never take the threads in which calls map."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")


class CheckThread:
    """A thread for checks; they take turns by environment, so that one with many checks delays no other for long."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="override-check")
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def run(self, environment_id: str, check: Callable[[Callable[[], bool]], Result]) -> Result:
        """Runs a check and gives its result, or raises what it raises.

        Args:
            environment_id: the environment of the caller; its checks wait for each other.
            check: receives a function that says whether the caller still waits. A caller that is cancelled, as by its
                time limit, does not: a check that has not begun never runs.
        """
        turn = self._turns.get(environment_id)
        if turn is None:
            self._turns[environment_id] = turn = asyncio.Lock()
        is_abandoned = Event()
        async with turn:
            loop = asyncio.get_running_loop()
            try:
                return await loop.run_in_executor(self._executor, partial(check, lambda: not is_abandoned.is_set()))
            finally:
                is_abandoned.set()

    def close(self) -> None:
        """Ends the thread after its present check; those that wait never run."""
        self._executor.shutdown(wait=False, cancel_futures=True)
