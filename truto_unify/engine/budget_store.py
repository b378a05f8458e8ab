"""A budget store in memory, for the clients of one process."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from truto_unify.forks import renew_after_fork

if TYPE_CHECKING:
    from collections.abc import Callable

    from truto_unify.types import BudgetChange

_MAX_KEYS = 10_000


class MemoryBudgetStore:
    """Budgets by key; safe to share between threads, tasks and clients.

    Args:
        timer: a monotonic clock in seconds.
    """

    def __init__(self, timer: Callable[[], float] = time.monotonic) -> None:
        self._timer = timer
        self._budgets: OrderedDict[str, tuple[str, float]] = OrderedDict()
        self._guard = threading.Lock()
        renew_after_fork(self, MemoryBudgetStore.clear)

    def change(self, key: str, change: BudgetChange) -> Any:
        """Changes the budget of a key, and gives the reply."""
        with self._guard:
            now = self._timer()
            text, stored_at = self._budgets.pop(key, (None, now))
            fresh, reply = change(text, max(now - stored_at, 0.0))
            self._budgets[key] = fresh, now
            if len(self._budgets) > _MAX_KEYS:
                self._budgets.popitem(last=False)  # the one that was not used for the longest time
            return reply

    def clear(self) -> None:
        """Forgets every budget, also after a fork, which may have copied a lock that is held."""
        self._guard = threading.Lock()
        self._budgets.clear()


PROCESS_BUDGETS = MemoryBudgetStore()
"""The budgets of all clients of this process, unless ``Settings(budgets=...)`` names others."""
