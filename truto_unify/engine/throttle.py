"""Keeps an account below a provider's quota, for providers that lock out clients which exceed it."""

from __future__ import annotations

import threading
from collections import deque

WINDOW = 60.0


class Throttle:
    """The times of each account's requests in the last minute; safe to share between threads."""

    def __init__(self) -> None:
        self._sent: dict[str, deque[float]] = {}
        self._guard = threading.Lock()

    def reserve(self, key: str, per_minute: int, now: float, max_delay: float) -> tuple[float, bool]:
        """Reserves the time of one request.

        Args:
            key: the account.
            per_minute: the maximum number of requests in any 60 seconds.
            now: seconds of a monotonic clock.
            max_delay: seconds that the caller is ready to wait.

        Returns:
            Seconds until the request may be sent, and whether the time is reserved: not if that exceeds ``max_delay``.
        """
        with self._guard:
            sent = self._sent.setdefault(key, deque())
            while sent and sent[0] <= now - WINDOW:
                sent.popleft()
            begins = now if len(sent) < per_minute else max(now, sent[len(sent) - per_minute] + WINDOW)
            delay = begins - now
            if delay > max_delay:
                return delay, False
            sent.append(begins)
            return delay, True
