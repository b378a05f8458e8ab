"""Keeps an account below a provider's quota, for providers that punish the one who finds it out by trying."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

WINDOW = 60.0


class Throttle:
    """Remembers when each account sent its requests of the last minute; safe to share between threads."""

    def __init__(self) -> None:
        self._sent: dict[str, deque[float]] = {}
        self._guard = threading.Lock()

    def reserve(self, key: str, per_minute: int, now: datetime, longest: float) -> tuple[float, bool]:
        """Takes a place in the account's minute.

        Args:
            key: the account.
            per_minute: requests that any 60 seconds may hold.
            now: the present moment.
            longest: seconds that the caller would wait.

        Returns:
            Seconds until the place begins, and whether it was taken; it is not where that is longer than ``longest``.
        """
        moment = now.timestamp()
        with self._guard:
            sent = self._sent.setdefault(key, deque())
            while sent and sent[0] <= moment - WINDOW:
                sent.popleft()
            begins = moment if len(sent) < per_minute else max(moment, sent[len(sent) - per_minute] + WINDOW)
            delay = begins - moment
            if delay > longest:
                return delay, False
            sent.append(begins)
            return delay, True
