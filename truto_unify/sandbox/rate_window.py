"""The rate limit of a pretend store: a quota of calls for each time window."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(slots=True)
class RateWindow:
    """A window that opens with the first call after the previous window has closed."""

    clock: Callable[[], float]
    quota: int
    seconds: float
    _closes_at: float = field(default=-math.inf, init=False)
    _used: int = field(default=0, init=False)

    def admit(self) -> bool:
        """Count a call and return whether it is within the quota."""
        now = self.clock()
        if now >= self._closes_at:
            self._closes_at = now + self.seconds
            self._used = 0
        self._used += 1
        return self._used <= self.quota

    @property
    def calls_left(self) -> int:
        """The calls that remain in the current window."""
        return max(0, self.quota - self._used)

    @property
    def milliseconds_left(self) -> int:
        """The time until the current window closes, rounded up."""
        return max(0, math.ceil((self._closes_at - self.clock()) * 1000))
