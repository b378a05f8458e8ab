"""The scenarios of every store: a fault, its records and the request."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from tests.lists.faults import FAULTS, Answer, Change, Demand, Fault, Operation, Where, always, honest
from tests.lists.recorded_store import imported_stock, recorded_stock
from tests.lists.stock import BY_ID, COMPANIES, Order, Stock, make_stock, make_tied_stock

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.lists.kinds import Kind

COUNT = 23
CREATED = Order("created")
NEWEST = Order("created", is_descending=True)
CHANGED = Order("updated")
LAST_CHANGED = Order("updated", is_descending=True)
ORDERS = (CREATED, NEWEST, CHANGED, LAST_CHANGED)


def _usual_stock() -> Stock:
    return make_stock(COUNT)


@dataclass(frozen=True)
class Scenario:
    """One row of the table, or one of several that share a row.

    Attributes:
        row: as the table shows it.
        variant: tells scenarios of one row apart.
        answer: the fault.
        make_stock: the records.
        order: what is asked for.
        company: whom the list is limited to.
        demand: what is right.
        fits: which kinds can have it.
        is_timed: the store's lists come by creation time, and nobody asks for an order.
        is_provable: whether a kind's answers hold anything that contradicts the fault.
        why_not: why they hold nothing.
    """

    row: str
    answer: Answer
    demand: Demand = "exact or error"
    variant: str = ""
    make_stock: Callable[[], Stock] = _usual_stock
    order: Order = BY_ID
    company: str | None = None
    fits: Callable[[Kind], bool] = always
    is_timed: bool = False
    is_provable: Callable[[Kind], bool] = always
    why_not: str = ""

    @property
    def name(self) -> str:
        """Names it among all."""
        return f"{self.row} ({self.variant})" if self.variant else self.row

    @property
    def is_tied(self) -> bool:
        """Whether several records share their place in the order."""
        return self.row.startswith("ties")

    @property
    def is_priced(self) -> bool:
        """Whether requests are counted: without a fault, and where only the order is at fault."""
        return self.row == "none" or (self.is_tied and self.demand == "exact")

    @property
    def is_changing(self) -> bool:
        """Whether the records change while they are read."""
        return isinstance(self.answer, Change)

    @property
    def is_plain(self) -> bool:
        """Whether it asks for neither an order nor a filter, and has no mapping of its own."""
        return self.order == BY_ID and self.company is None and not self.is_timed


def _from_fault(fault: Fault) -> list[Scenario]:
    if fault.needs == "order":
        return [
            Scenario(fault.name, fault.answer, fault.demand, str(order), order=order, fits=fault.fits)
            for order in ORDERS
        ]
    company = COMPANIES[1] if fault.needs == "filter" else None
    return [
        Scenario(
            fault.name,
            fault.answer,
            fault.demand,
            company=company,
            fits=fault.fits,
            is_provable=fault.is_provable,
            why_not=fault.why_not,
        )
    ]


def _without_fault() -> list[Scenario]:
    counts = [
        Scenario("none", honest, "exact", f"{count} records", make_stock=partial(make_stock, count))
        for count in (0, 1, 5, 25)
    ]
    orders = [Scenario("none", honest, "exact", str(order), order=order) for order in ORDERS]
    return [*counts, *orders, Scenario("none", honest, "exact", "filtered", company=COMPANIES[1])]


def _pairs(number: int) -> int:
    return number // 2


def _mixed(number: int) -> int:
    """Groups of 1, 3, 4, 2, 4, 1, 3, 4 and 1."""
    return next(index for index, end in enumerate((1, 4, 8, 10, 14, 15, 18, 22, 99)) if number <= end)


def _large(number: int) -> int:
    """Groups of 4, 12 and 7, of which two hold more than a page."""
    return 0 if number <= 4 else 1 if number <= 16 else 2


TIES: tuple[tuple[str, Callable[[int], int]], ...] = (
    ("pairs", _pairs),
    ("groups below a page", _mixed),
    ("groups above a page", _large),
    ("all of them", lambda _: 0),
)


def _ties() -> list[Scenario]:
    scenarios = []
    for variant, group in TIES:
        for order in (CREATED, NEWEST):
            scenarios.append(
                Scenario(
                    f"ties {order}",
                    honest,
                    variant=variant,
                    make_stock=partial(make_tied_stock, COUNT, group),
                    order=order,
                    fits=lambda kind: kind.counts_places,
                )
            )
        scenarios.append(
            Scenario(
                "ties in the default order",
                honest,
                variant=variant,
                make_stock=partial(make_tied_stock, COUNT, group),
                fits=lambda kind: kind.counts_places,
                is_timed=True,
            )
        )
    return scenarios


ONCE, LATER, OFTEN = (2,), (3,), (2, 3, 4, 5)


def _changes() -> list[Scenario]:
    plan: list[tuple[Operation, Order, tuple[Where, ...], tuple[tuple[int, ...], ...]]] = [
        ("delete", BY_ID, ("first", "three", "last given", "next"), (ONCE, LATER, OFTEN)),
        ("delete", NEWEST, ("first", "last given"), (ONCE, OFTEN)),
        ("delete", CHANGED, ("first", "last given"), (ONCE, OFTEN)),
        ("insert", BY_ID, ("end",), (ONCE, OFTEN)),
        ("insert", CREATED, ("front", "end"), (ONCE, OFTEN)),
        ("insert", NEWEST, ("front", "end"), (ONCE, OFTEN)),
        ("update", BY_ID, ("first",), (OFTEN,)),
        ("update", CHANGED, ("first", "next", "last given"), (ONCE, OFTEN)),
        ("update", LAST_CHANGED, ("last", "first", "next"), (ONCE, OFTEN)),
    ]
    scenarios = [
        Scenario(f"{operation}, {order}", change, variant=str(change), order=order)
        for operation, order, places, moments in plan
        for where in places
        for gaps in moments
        for change in [Change(operation, where, gaps)]
    ]
    replaced = Scenario(
        f"delete and insert at once, {BY_ID}",
        Change("replace", "first"),
        is_provable=lambda kind: "total" not in kind.signals,
        why_not="the total stays as it is, and pages that are full to the last do not overlap",
    )
    return [*scenarios, replaced]


def shop_scenarios() -> tuple[Scenario, ...]:
    """Every sort of a real shop whose customers were registered in bulk."""
    stocks: dict[str, Callable[[], Stock]] = {
        "as recorded": recorded_stock,
        "30 a second": partial(imported_stock, 30),
        "160 a second": partial(imported_stock, 160),
    }
    return tuple(
        Scenario(f"ties {order}", honest, "exact", variant, stock, order)
        for variant, stock in stocks.items()
        for order in (CREATED, NEWEST)
    ) + tuple(
        Scenario("none", honest, "exact", str(order), recorded_stock, order) for order in (BY_ID, CHANGED, LAST_CHANGED)
    )


SCENARIOS: tuple[Scenario, ...] = (
    *(scenario for fault in FAULTS for scenario in _from_fault(fault)),
    *_without_fault(),
    *_ties(),
    *_changes(),
)
