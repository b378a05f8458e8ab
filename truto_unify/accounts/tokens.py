"""A token store in memory, for the clients of one process."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from truto_unify.forks import renew_after_fork

if TYPE_CHECKING:
    from truto_unify.types import Token


class MemoryTokenStore:
    """Tokens by key; safe to share between threads, tasks and clients."""

    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}
        self._renew_locks()
        renew_after_fork(self, MemoryTokenStore._renew_locks)

    def _renew_locks(self) -> None:
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    def read(self, key: str) -> Token | None:
        """The stored token of this key; None if absent."""
        with self._guard:
            return self._tokens.get(key)

    def write(self, key: str, token: Token) -> None:
        """Stores a token."""
        with self._guard:
            self._tokens[key] = token

    def lock(self, key: str) -> threading.Lock:
        """The lock of a key, which allows one renewal at a time."""
        with self._guard:
            return self._locks.setdefault(key, threading.Lock())
