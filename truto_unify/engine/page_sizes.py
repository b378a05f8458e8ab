"""Remembers which page sizes stores refused as too costly, so that the next list asks for fewer records at once."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from truto_unify.forks import renew_after_fork

if TYPE_CHECKING:
    from collections.abc import Hashable

_KEPT_SECONDS = 3600.0
"""How long a size counts: a store may get a larger quota."""
_MAX_LISTS = 10_000


class PageSizes:
    """The largest page that each list of each account may ask for; safe to share between threads."""

    def __init__(self) -> None:
        self._sizes: dict[Hashable, tuple[int, float]] = {}
        self._renew_lock()
        renew_after_fork(self, PageSizes._renew_lock)

    def _renew_lock(self) -> None:
        self._guard = threading.Lock()

    def limit(self, key: Hashable, size: int | None, now: float) -> int | None:
        """The size to ask for in place of the wanted one.

        Args:
            key: identifies the account and the list.
            size: the wanted size; None if the list has no sizes.
            now: a monotonic clock in seconds.
        """
        known = self._sizes.get(key)
        if size is None or known is None or now > known[1]:
            return size
        return min(size, known[0])

    def halve(self, key: Hashable, size: int, now: float) -> int:
        """Half of a size that the store refused; the lists that follow ask for no more."""
        with self._guard:
            self._sizes.pop(key, None)
            while len(self._sizes) >= _MAX_LISTS:
                self._sizes.pop(next(iter(self._sizes)))
            self._sizes[key] = (half := max(size // 2, 1), now + _KEPT_SECONDS)
        return half
