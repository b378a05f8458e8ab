"""All cells of store, scenario, door and limit, and what comes out of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.lists.doors import DOORS, Bench, Door
from tests.lists.kinds import KINDS, PAGE_SIZE, TIMED, Kind
from tests.lists.scenarios import SCENARIOS, Scenario
from tests.lists.site import Site
from tests.lists.stores import FakeStore
from tests.lists.walk import Verdict, judge
from truto_unify import Account

if TYPE_CHECKING:
    from collections.abc import Iterator

LIMITS: tuple[int | None, ...] = (1, 2, 7, PAGE_SIZE - 1, PAGE_SIZE, PAGE_SIZE + 1, 3 * PAGE_SIZE + 3, None)
FEW_LIMITS: tuple[int | None, ...] = (2, PAGE_SIZE, PAGE_SIZE + 1, None)
SPARE_REQUESTS = 50
Key = tuple[str, str, str, str]


@dataclass(frozen=True)
class Cell:
    """One walk."""

    kind: Kind
    scenario: Scenario
    door: Door
    limit: int | None

    @property
    def key(self) -> Key:
        """Names it among all: store, scenario, door and limit."""
        limit = "none" if self.limit is None else str(self.limit)
        return (self.kind.name, self.scenario.name, self.door.name, limit)


@dataclass(frozen=True)
class Result:
    """What came out of a cell.

    Attributes:
        key: names the cell.
        row: of the table.
    """

    key: Key
    row: str
    verdict: Verdict


def all_cells() -> Iterator[Cell]:
    """Every cell that makes sense."""
    for kind in KINDS:
        for scenario in SCENARIOS:
            if scenario.fits(kind):
                yield from _cells_of(kind, scenario)


def _cells_of(kind: Kind, scenario: Scenario) -> Iterator[Cell]:
    for door in DOORS:
        if not door.is_unified and (not scenario.is_plain or scenario.is_timed):
            continue
        limits = door.limits or LIMITS
        if scenario.is_thin:
            limits = limits[:1] if door.limits else FEW_LIMITS
        for limit in limits:
            yield Cell(kind, scenario, door, limit)


def run_cell(bench: Bench, cell: Cell) -> Result:
    """Walks once."""
    store = FakeStore(cell.kind, cell.scenario.make_stock())
    wanted = len(store.stock.people)
    ideal = ideal_requests(wanted, cell.limit, cell.door)
    site = Site(store, cell.scenario.answer, most=SPARE_REQUESTS + 3 * ideal)
    slug = f"{cell.kind.name}{TIMED if cell.scenario.is_timed else ''}"
    account = Account(provider=slug, credentials={"token": "invented"})
    walk = bench.walk(cell.door, account, site, cell.scenario, cell.limit)
    verdict = judge(walk, site, cell.scenario, is_ordered=cell.door.is_ordered)
    allowed = ideal + _allowance(cell, wanted)
    if cell.scenario.row == "none" and verdict.outcome == "exact" and site.requests > allowed:
        verdict = Verdict("wasteful", f"{site.requests} requests, {allowed} allowed")
    return Result(cell.key, cell.scenario.row, verdict)


def ideal_requests(wanted: int, limit: int | None, door: Door) -> int:
    """The fewest requests that a caller who keeps nothing but a cursor can do with."""
    whole = max(-(-wanted // PAGE_SIZE), 1)
    if limit is None:
        return whole
    if door.is_continuous:
        return max(-(-wanted // min(limit, PAGE_SIZE)), 1)
    full, rest = divmod(wanted, limit)
    return max(full * -(-limit // PAGE_SIZE) + -(-rest // PAGE_SIZE), 1)


def _allowance(cell: Cell, wanted: int) -> int:
    """Requests beyond the ideal: the end of a silent store costs one, and each call that ends inside a page one."""
    kind, limit = cell.kind, cell.limit
    silent = 1 if kind.is_silent else 0
    ends_inside = limit is not None and limit > PAGE_SIZE and limit % PAGE_SIZE and not cell.door.is_continuous
    can_start_anywhere = kind.style in {"offset", "cursor", "connection"} or kind.has_offset
    return silent + (wanted // (limit or 1) + 1 if ends_inside and not can_start_anywhere else 0)
