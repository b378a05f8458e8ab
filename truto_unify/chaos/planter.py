"""Chooses which requests are struck by which fault, reproducibly, and plants the fault."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from truto_unify.chaos.catalogue import FAULTS
from truto_unify.chaos.fault import Exchange, Fault
from truto_unify.chaos.json_lists import Path, find_records, parse
from truto_unify.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from truto_unify.chaos.answer import Answer, SeenRequest


@dataclass(frozen=True, slots=True)
class PlantedFault:
    """A fault that was planted.

    Attributes:
        number: of the request, from 1.
        fault: its name.
        method: of the request.
        path: of the request; without the query, which may hold credentials.
    """

    number: int
    fault: str
    method: str
    path: str

    def __str__(self) -> str:
        return f"#{self.number} {self.fault}: {self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Strike:
    """The choice for one request.

    Attributes:
        number: of the request, from 1.
        fault: the fault that strikes it; None: none.
        random: what the fault chooses with.
    """

    number: int
    fault: Fault | None
    random: Random

    @property
    def needs_store(self) -> bool:
        """Whether the store is asked."""
        return self.fault is None or self.fault.needs_store


@dataclass(slots=True)
class _ListMemory:
    """The last two pages of one list: of the last request, and of the different one before it."""

    request: SeenRequest
    answer: Answer
    previous: Answer | None = None


@dataclass(slots=True)
class Chaos:
    """Plants faults; safe to share between threads. The same requests in the same order get the same faults.

    Args:
        shares: the share of requests that each fault strikes, from 0 to 1, by its name.
        seed: chooses the requests.
        path: a regular expression; only requests whose path it is found in are counted and struck.
        only: the numbers of the requests at which a fault may begin, from 1; None: all.
        on_fault: called with each fault that was planted.

    Attributes:
        count: the number of requests so far.
        planted: the faults so far.

    Raises:
        InvalidInput: a fault is unknown, or the shares are no shares.
    """

    shares: Mapping[str, float]
    seed: int = 0
    path: str = ""
    only: Collection[int] | None = None
    on_fault: Callable[[PlantedFault], None] = lambda _: None
    count: int = field(default=0, init=False)
    planted: list[PlantedFault] = field(default_factory=list, init=False)
    _running: list[Fault] = field(default_factory=list, init=False)
    _lists: dict[tuple[str, str, Path], _ListMemory] = field(default_factory=dict, init=False)
    _guard: threading.Lock = field(default_factory=threading.Lock, init=False)
    _pattern: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        unknown = [name for name in self.shares if name not in FAULTS]
        if unknown:
            raise InvalidInput(f'there is no fault "{unknown[0]}"; there are: {", ".join(FAULTS)}')
        wrong = [name for name, share in self.shares.items() if not 0 <= share <= 1]
        if wrong:
            raise InvalidInput(f'the share of the fault "{wrong[0]}" must be a number from 0 to 1')
        if sum(self.shares.values()) > 1.000001:
            raise InvalidInput("the shares of all faults together are more than 1; a request gets one fault at most")
        try:
            self._pattern = re.compile(self.path)
        except re.error as error:
            raise InvalidInput(f'"{self.path}" is no regular expression: {error}') from None

    def strike(self, request: SeenRequest) -> Strike:
        """Counts a request and chooses its fault."""
        with self._guard:
            if not self._pattern.search(request.path):
                return Strike(0, None, Random(0))  # noqa: S311 - reproducible, and protects nothing
            self.count += 1
            random = Random(f"{self.seed} {self.count}")  # noqa: S311 - as above
            return Strike(self.count, self._choose(random), random)

    def _choose(self, random: Random) -> Fault | None:
        place = random.random()
        if self._running:
            return self._running.pop()
        if self.only is not None and self.count not in self.only:
            return None
        for name, share in self.shares.items():
            if place < share:
                fault = FAULTS[name]
                self._running = [fault] * (fault.length - 1)
                return fault
            place -= share
        return None

    def plant(self, strike: Strike, request: SeenRequest, answer: Answer) -> Answer:
        """The answer that the client gets.

        Args:
            strike: the choice for the request.
            request: of the client.
            answer: of the store; anything if the store was not asked.
        """
        previous = self._remember(request, answer) if strike.needs_store else None
        if strike.fault is None:
            return answer
        altered = strike.fault.alter(Exchange(request, answer, previous, strike.random))
        if altered is None:
            return answer
        planted = PlantedFault(strike.number, strike.fault.name, request.method, request.path)
        self.planted.append(planted)
        self.on_fault(planted)
        return altered

    def _remember(self, request: SeenRequest, answer: Answer) -> Answer | None:
        """Remembers a page; gives the page before it. A request that is repeated asks for the same page."""
        path = find_records(parse(answer.body))
        if path is None:
            return None
        key = (request.method, request.path, path)
        with self._guard:
            memory = self._lists.get(key)
            if memory is None:
                self._lists[key] = _ListMemory(request, answer)
                return None
            if (memory.request.query, memory.request.body) != (request.query, request.body):
                memory.request, memory.answer, memory.previous = request, answer, memory.answer
            return memory.previous
