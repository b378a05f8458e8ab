"""Remembers which accounts a provider refuses: their requests must not use up the budget of those that it serves.

Whoever knows the address of a store may enter an account of it with wrong credentials.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

from truto_unify.forks import renew_after_fork

_MAX_ACCOUNTS = 10_000


class Refusals:
    """The accounts whose last calls a provider refused or served; safe to share between threads."""

    def __init__(self) -> None:
        self._refused: OrderedDict[str, bool] = OrderedDict()  # the account that called least recently first
        self._renew_lock()
        renew_after_fork(self, Refusals._renew_lock)

    def _renew_lock(self) -> None:
        self._guard = threading.Lock()

    def holds(self, account: str) -> bool:
        """Whether the credentials of an account were refused, and not accepted since."""
        return self._refused.get(account, False)

    def refuse(self, account: str, *, may_lack_a_right: bool = False) -> None:
        """The provider refused a call.

        Args:
            account: identifies the account.
            may_lack_a_right: whether the credentials may be good for other calls, as they are if they ever were.
        """
        with self._guard:
            if not may_lack_a_right or account not in self._refused:
                self._remember(account, is_refused=True)

    def accept(self, account: str) -> None:
        """The provider served a call."""
        with self._guard:
            self._remember(account, is_refused=False)

    def _remember(self, account: str, *, is_refused: bool) -> None:
        self._refused[account] = is_refused
        self._refused.move_to_end(account)
        if len(self._refused) > _MAX_ACCOUNTS:
            self._refused.popitem(last=False)
