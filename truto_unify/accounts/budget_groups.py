"""Collects the changes of budgets that arrive while a transaction runs, and hands them to the next one together.

A burst of calls so needs one connection and few transactions, not one of each for every call.
"""

from __future__ import annotations

import asyncio
from copy import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from truto_unify.types import BudgetChange

MAX_CHANGES = 500
"""Changes of one transaction, which other processes wait for."""


class PendingChange:
    """A change whose caller waits for the reply.

    Args:
        key: of the budget.
        change: the change.
    """

    def __init__(self, key: str, change: BudgetChange) -> None:
        self.key = key
        self._change = change
        self._reply: Any = None
        self._failure: Exception | None = None
        self.future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    def run(self, text: str | None, elapsed: float) -> str | None:
        """The changed budget; None if the change fails, which is an error of its own caller."""
        self._failure = None
        try:
            fresh, self._reply = self._change(text, elapsed)
        except Exception as error:  # noqa: BLE001 - reaches the caller
            self._failure = error
            return None
        return fresh

    def finish(self) -> None:
        """Gives the caller the reply of a change that is stored."""
        if self._failure is not None:
            self.fail(self._failure)
        elif not self.future.done():
            self.future.set_result(self._reply)

    def fail(self, error: Exception) -> None:
        """Gives the caller the error of a change that is not stored."""
        if not self.future.done():
            self.future.set_exception(error)


def group_by_key(changes: Iterable[PendingChange]) -> dict[str, list[PendingChange]]:
    """The changes of each key in their order; the keys are sorted, so that two processes never wait for each other."""
    groups: dict[str, list[PendingChange]] = {}
    for pending in changes:
        groups.setdefault(pending.key, []).append(pending)
    return dict(sorted(groups.items()))


def run_in_turn(changes: Iterable[PendingChange], text: str | None, elapsed: float) -> str | None:
    """Runs the changes of one key, each on the result of the one before.

    Args:
        changes: of the key; those of cancelled callers are left out, because nobody would use a grant.
        text: the stored budget; None if absent.
        elapsed: seconds since it was stored.

    Returns:
        The budget to store; None if nothing changed.
    """
    newest = None
    for pending in changes:
        if pending.future.cancelled():
            continue
        fresh = pending.run(text, elapsed)
        if fresh is not None:
            text, newest, elapsed = fresh, fresh, 0.0
    return newest


class BudgetGroups:
    """The changes of one budget store in this process, for one event loop at a time.

    Args:
        commit: runs and stores a group of changes, and finishes each of them.
    """

    def __init__(self, commit: Callable[[list[PendingChange]], Awaitable[None]]) -> None:
        self._commit = commit
        self._waiting: list[PendingChange] = []
        self._worker: asyncio.Task[None] | None = None

    async def change(self, key: str, change: BudgetChange) -> Any:
        """Hands a change to the next group, and gives its reply."""
        pending = PendingChange(key, change)
        self._waiting.append(pending)
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work())
        return await pending.future

    async def _work(self) -> None:
        """Stores group after group until nobody waits."""
        group: list[PendingChange] = []
        try:
            while self._waiting:
                group, self._waiting = self._waiting[:MAX_CHANGES], self._waiting[MAX_CHANGES:]
                try:
                    await self._commit(group)
                except Exception as error:  # noqa: BLE001 - reaches every caller of the group
                    for pending in group:
                        pending.fail(copy(error))
        finally:
            # Only the end of the event loop cancels this task.
            for pending in [*group, *self._waiting]:
                pending.future.cancel()
            self._waiting = []

    async def close(self) -> None:
        """Waits for the changes that are under way."""
        if self._worker is not None:
            await asyncio.wait([self._worker])
