"""The records of a fake store, and how they change while a list of them is read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

SortField = Literal["id", "created", "updated"]
COMPANIES = ("Red", "Green", "Blue")
BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
_LATER = 10_000


@dataclass(frozen=True, slots=True)
class Person:
    """One record. Times are minutes after ``BEGIN``."""

    number: int
    created: int
    updated: int

    @property
    def company(self) -> str:
        """What the filter of the harness asks for; a third of all people has the same."""
        return COMPANIES[self.number % len(COMPANIES)]

    def native(self) -> dict[str, object]:
        """The record as the store writes it."""
        return _native(self)


@cache
def _native(person: Person) -> dict[str, object]:
    return {
        "id": person.number,
        "name": f"Person {person.number}",
        "mail": f"person{person.number}@example.test",
        "company": person.company,
        "created": written_time(person.created),
        "updated": written_time(person.updated),
    }


def written_time(minutes: int) -> str:
    """The time so many minutes after ``BEGIN``."""
    return (BEGIN + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, slots=True)
class Order:
    """In which order a list is asked for."""

    field: SortField = "id"
    is_descending: bool = False

    def __str__(self) -> str:
        return f"by {self.field}{', newest first' if self.is_descending else ''}"

    def key(self, person: Person) -> int:
        """The sort key of people."""
        return {"id": person.number, "created": person.created, "updated": person.updated}[self.field]


BY_ID = Order()


@dataclass
class Stock:
    """The people of one store.

    Attributes:
        people: by number.
        steady: the numbers of those who were there all the time.
        updated: the numbers of those who were changed: a list by time of change may show them before and after.
        ties: shuffles people of the same key anew for each request, as a database without a second sort key does.
    """

    people: dict[int, Person]
    ties: bool = False
    steady: set[int] = field(default_factory=set)
    everybody: set[int] = field(default_factory=set)
    updated: set[int] = field(default_factory=set)
    changes: int = 0

    def __post_init__(self) -> None:
        self.steady = set(self.people)
        self.everybody = set(self.people)

    def ordered(self, order: Order, request: int) -> list[Person]:
        """Everybody in this order; ``request`` decides what stands first among equal keys."""
        people = sorted(self.people.values(), key=lambda person: person.number)
        if self.ties and order.field != "id":
            Random(request).shuffle(people)
        return sorted(people, key=order.key, reverse=order.is_descending)

    def delete(self, numbers: Iterable[int]) -> None:
        """Takes people away."""
        for number in numbers:
            self.people.pop(number, None)
            self.steady.discard(number)

    def insert(self, created: int | None = None) -> None:
        """Adds a person with the next number, created now or at the time that is passed."""
        self.changes += 1
        number = max(self.everybody, default=0) + 1
        now = _LATER + self.changes
        self.people[number] = Person(number, now if created is None else created, now)
        self.everybody.add(number)

    def update(self, numbers: Iterable[int]) -> None:
        """Changes people now."""
        for number in numbers:
            self.changes += 1
            self.updated.add(number)
            self.people[number] = replace(self.people[number], updated=_LATER + self.changes)


def make_stock(count: int) -> Stock:
    """People whose orders by number, by creation and by change all differ, without ties."""
    return Stock(
        {
            number: Person(number, created=100 + number * 7 % 101, updated=1000 + number * 31 % 101)
            for number in range(1, count + 1)
        }
    )


def make_tied_stock(count: int, group: Callable[[int], int]) -> Stock:
    """People of whom ``group`` says when they were created; whoever shares a time has no settled order."""
    times = {number: 100 + group(number) for number in range(1, count + 1)}
    return Stock({number: Person(number, time, time + 1000) for number, time in times.items()}, ties=True)
