"""Renews the locks of a forked process: a thread of its parent may have held them, and it has no such thread."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Callable

_Owner = TypeVar("_Owner")
_RENEWALS: WeakKeyDictionary[Any, Callable[[Any], None]] = WeakKeyDictionary()


def renew_after_fork(owner: _Owner, renew: Callable[[_Owner], None]) -> None:
    """Calls ``renew(owner)`` in each process that is forked while the owner lives."""
    _RENEWALS[owner] = renew


def _renew_all() -> None:
    for owner, renew in list(_RENEWALS.items()):
        renew(owner)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_all)
