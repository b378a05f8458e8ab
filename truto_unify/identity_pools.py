"""Keeps the connection pools of a transport: the usual ones, and those of each client certificate.

A connection shows one certificate, so that no request of another account may use it.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Generic, TypeVar

from truto_unify.forks import renew_after_fork

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from truto_unify.types import ClientIdentity

Pools = TypeVar("Pools")
MAX_IDENTITIES = 50
"""Client certificates whose connections are kept; those in use are never closed."""


class IdentityPools(Generic[Pools]):
    """The pools by the certificate that their connections show; safe to share between threads.

    Args:
        open_pools: opens pools that show this certificate, or none.
    """

    def __init__(self, open_pools: Callable[[ClientIdentity | None], Pools]) -> None:
        self._open_pools = open_pools
        self._usual = open_pools(None)
        self._certified: OrderedDict[ClientIdentity, Pools] = OrderedDict()  # the least recently used first
        self._running: Counter[ClientIdentity] = Counter()
        self._renew_lock()
        renew_after_fork(self, IdentityPools._renew_lock)

    def _renew_lock(self) -> None:
        self._guard = threading.Lock()

    @contextmanager
    def using(self, identity: ClientIdentity | None) -> Iterator[Pools]:
        """The pools of a certificate, which stay open meanwhile.

        Raises:
            InvalidInput: the certificate or its key cannot be used.
        """
        if identity is None:
            yield self._usual
            return
        with self._guard:
            if identity not in self._certified:
                self._certified[identity] = self._open_pools(identity)
            self._certified.move_to_end(identity)
            self._running[identity] += 1
            pools = self._certified[identity]
        try:
            yield pools
        finally:
            with self._guard:
                self._running[identity] -= 1

    def take_surplus(self) -> list[Pools]:
        """The least recently used pools that are too many and not in use; the caller closes them."""
        with self._guard:
            excess = len(self._certified) - MAX_IDENTITIES
            idle = [identity for identity in self._certified if not self._running[identity]]
            return [self._certified.pop(identity) for identity in idle[: max(excess, 0)]]

    def all(self) -> list[Pools]:
        """All pools."""
        with self._guard:
            return [self._usual, *self._certified.values()]
