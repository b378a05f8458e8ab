"""Ten thousand customers over all providers, in shops of different sizes; a fifth of the answers are faulty."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from tests.faults.bench import Shop
from tests.faults.cells import DOORS_TRIED, PLAIN, expected_numbers, judge
from tests.lists.dialects import CUSTOMERS as DIALECTS
from tests.lists.kinds import PAGE_SIZE
from truto_unify.chaos import FAULTS, Chaos

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.faults.bench import FaultBench
    from tests.lists.doors import Door

CUSTOMERS = 10_000
SHARE = 0.2
LARGEST_SHOP = 60
END_LOST = "the last page is lost"
"""Nothing proves it: a store whose last customers were deleted meanwhile gives the same empty page."""
_NAMES = [name for name, fault in FAULTS.items() if not fault.needs_transport]
_DOORS = [door for door in DOORS_TRIED if door.name in {"list", "iterate", "stream"}]


@dataclass(frozen=True, slots=True)
class ManyResult:
    """What came out of the shops of one provider.

    Attributes:
        slug: of the provider.
        customers: of all its shops.
        answers: how many the clients got.
        faults: how many of them were faulty.
        exact: lists that hold each customer once.
        unprovable: lists whose last page came empty and said that it is the last.
        errors: lists that ended with an error, by its class and code.
        failures: what is wrong with other lists.
    """

    slug: str
    customers: int
    answers: int
    faults: int
    exact: int
    unprovable: int
    errors: Counter[str]
    failures: tuple[str, ...]


def shop_sizes(slug: str, customers: int) -> Iterator[int]:
    """The sizes of the shops of a provider."""
    random = Random(slug)
    while customers > 0:
        size = min(random.randint(1, LARGEST_SHOP), customers)
        customers -= size
        yield size


def read_shops(bench: FaultBench, slug: str, customers: int) -> ManyResult:
    """Lists every shop of a provider once."""
    dialect = next(dialect for dialect in DIALECTS if dialect.provider == slug)
    answers = faults = exact = unprovable = 0
    errors: Counter[str] = Counter()
    failures: list[str] = []
    for number, size in enumerate(shop_sizes(slug, customers)):
        shop, door = Shop(dialect, bench, size), _DOORS[number % len(_DOORS)]
        chaos = Chaos(dict.fromkeys(_NAMES, SHARE / len(_NAMES)), seed=number)
        outcome, is_wrong = _read_shop(bench, shop, chaos, door)
        answers += chaos.count
        faults += len(chaos.planted)
        exact += outcome == "exact"
        if is_wrong and outcome == END_LOST:
            unprovable += 1
        elif is_wrong:
            failures.append(f"{door.name} of {size}, seed {number}: {outcome}; {'; '.join(map(str, chaos.planted))}")
        elif outcome != "exact":
            errors[outcome] += 1
    return ManyResult(slug, customers, answers, faults, exact, unprovable, errors, tuple(failures))


def _read_shop(bench: FaultBench, shop: Shop, chaos: Chaos, door: Door) -> tuple[str, bool]:
    walk = bench.read(door, shop, chaos, PLAIN)
    bench.witness.take()
    if shop.is_asked_without_end:
        return "no end", True
    expected = expected_numbers(shop, door)
    outcome, is_wrong = judge(walk, expected)
    is_skipped = "page-skipped" in {planted.fault for planted in chaos.planted}
    lost = sorted(set(expected) - set(walk.numbers))
    if outcome.startswith("lost") and is_skipped and lost == expected[-len(lost) :] and len(lost) <= PAGE_SIZE:
        return END_LOST, True
    return outcome, is_wrong
