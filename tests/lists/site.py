"""A store with a fault, behind a client, during a walk."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import httpx

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.lists.exchange import Ask, Reply
    from tests.lists.faults import Answer
    from tests.lists.stock import Stock


class Store(Protocol):
    """An honest store that reads and writes its own way.

    Attributes:
        stock: its records.
        native_resource: how the provider's file calls the list.
        person_id: a person with a side load; the first of the list where None.
        is_always_partial: whether its lists hold less than ``get`` gives, whatever happens.
    """

    @property
    def stock(self) -> Stock: ...

    @property
    def native_resource(self) -> str: ...

    @property
    def person_id(self) -> str | None: ...

    @property
    def is_always_partial(self) -> bool: ...

    def key(self, record: Mapping[str, Any]) -> int:
        """The number of a native record."""

    def unified_number(self, record: Mapping[str, Any]) -> int:
        """The number of a unified record."""

    def company(self, number: int) -> str:
        """What the filter of the harness compares."""

    def person_answer(self, request: httpx.Request) -> httpx.Response | None:
        """The answer to a request for one person; None for a request of a page."""

    def read(self, request: httpx.Request) -> Ask:
        """The page that a request asks for."""

    def serve(self, ask: Ask, request: int) -> Reply:
        """The honest answer."""

    def write(self, ask: Ask, reply: Reply) -> httpx.Response:
        """The answer as it leaves."""


@dataclass
class Site:
    """Answers requests, and remembers what faults need.

    Attributes:
        store: the honest store.
        answer: the fault.
        max_requests: pages before the site refuses, so that each walk ends.
        requests: pages that were asked for.
        returned: numbers of the returned records, in order.
        places: the pages of the list in the order in which they were first asked for.
        first_replies: the first honest answer for each place.
        marks: cursors that a fault keeps.
        withheld: numbers that a fault left out of some page; a reader need not return them.
    """

    store: Store
    answer: Answer
    max_requests: int
    requests: int = 0
    returned: list[int] = field(default_factory=list)
    places: list[tuple[object, ...]] = field(default_factory=list)
    first_replies: dict[tuple[object, ...], Reply] = field(default_factory=dict)
    marks: list[str] = field(default_factory=list)
    withheld: set[int] = field(default_factory=set)

    @property
    def stock(self) -> Stock:
        """The records behind it."""
        return self.store.stock

    @property
    def required(self) -> set[int]:
        """Who was there all the time, and was to be had."""
        return self.stock.steady - (self.withheld - set(self.returned))

    @property
    def is_exhausted(self) -> bool:
        """Whether the walk asked for more than it may."""
        return self.requests > self.max_requests

    def serve(self, ask: Ask) -> Reply:
        """The honest answer."""
        return self.store.serve(ask, self.requests)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answers one request."""
        person = self.store.person_answer(request)
        if person is not None:
            return person
        self.requests += 1
        if self.is_exhausted:
            return httpx.Response(418, json={"message": "the walk asks for too many pages"})
        ask = self.store.read(request)
        reply = self.answer(self, ask)
        self.returned += [self.store.key(record) for record in reply.records]
        return self.store.write(ask, reply)
