"""The state of a pretend store: its people, the requests it received, and the failures that a test plans."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from truto_unify.sandbox.people import Person

SERVER = "truto-unify-sandbox"
"""The ``Server`` header of the pretend stores, which tells them from real ones."""


@dataclass(frozen=True, slots=True)
class SeenRequest:
    """One request as the store received it."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: tuple[tuple[str, str], ...]  # names in lower case
    body: bytes


@dataclass(frozen=True, slots=True)
class PlannedFailure:
    """An answer that replaces the store's own answer."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass
class Store:
    """The state of one pretend store.

    Tests change ``people`` between two requests, plan ``failures`` (answered first, in order) and read
    ``requests``. ``clock`` gives seconds and drives rate limits; a test passes its own.
    """

    people: list[Person]
    clock: Callable[[], float] = time.monotonic
    requests: list[SeenRequest] = field(default_factory=list)
    failures: deque[PlannedFailure] = field(default_factory=deque)

    @classmethod
    def of(cls, people: Iterable[Person], clock: Callable[[], float] = time.monotonic) -> Store:
        """A store with a copy of these people."""
        return cls(people=list(people), clock=clock)
