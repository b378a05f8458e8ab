"""All cells of store, scenario, door and limit, and the result of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zlib import crc32

from tests.lists.kinds import PAGE_SIZE
from tests.lists.site import Site
from tests.lists.subjects import SUBJECTS, Subject
from tests.lists.walk import Verdict, judge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.lists.doors import Bench, Door
    from tests.lists.scenarios import Scenario

LIMITS: tuple[int | None, ...] = (1, 2, 7, PAGE_SIZE - 1, PAGE_SIZE, PAGE_SIZE + 1, 3 * PAGE_SIZE + 3, None)
FEW_LIMITS: tuple[int | None, ...] = (2, PAGE_SIZE, PAGE_SIZE + 1, None)
SPARE_REQUESTS = 50
_SHARE = 71
Key = tuple[str, str, str, str]


@dataclass(frozen=True)
class Cell:
    """One walk."""

    subject: Subject
    scenario: Scenario
    door: Door
    limit: int | None

    @property
    def key(self) -> Key:
        """Names it among all: store, scenario, door and limit."""
        limit = "none" if self.limit is None else str(self.limit)
        return (self.subject.name, self.scenario.name, self.door.name, limit)


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
    for subject in SUBJECTS:
        for scenario in subject.scenarios:
            yield from _cells_of(subject, scenario)


def _cells_of(subject: Subject, scenario: Scenario) -> Iterator[Cell]:
    for door in subject.doors:
        if not door.is_unified and not scenario.is_plain:
            continue
        if subject.is_shipped and scenario.is_thin and not door.is_usual:
            continue
        for limit in _limits(subject, scenario, door):
            yield Cell(subject, scenario, door, limit)


def _limits(subject: Subject, scenario: Scenario, door: Door) -> tuple[int | None, ...]:
    is_thin = scenario.is_thin or subject.is_shipped
    if door.limits:
        return door.limits[:1] if is_thin else door.limits
    if subject.shop_limits:
        return subject.shop_limits[::7] if is_thin else subject.shop_limits
    if subject.is_shipped and scenario.is_thin:
        return FEW_LIMITS[::2]
    return FEW_LIMITS if is_thin else LIMITS


def sample_cells() -> Iterator[Cell]:
    """One cell of each row of each store, and one of so many of the rest: always the same ones."""
    every = list(all_cells())
    firsts: dict[tuple[str, str], Cell] = {}
    for cell in every:
        row = (cell.subject.name, cell.scenario.row)
        firsts[row] = min(firsts.get(row, cell), cell, key=_mark)
    chosen = {cell.key for cell in firsts.values()}
    return (cell for cell in every if cell.key in chosen or _mark(cell) % _SHARE == 0)


def _mark(cell: Cell) -> int:
    return crc32("|".join(cell.key).encode())


def run_cell(bench: Bench, cell: Cell) -> Result:
    """Walks once."""
    stock = cell.scenario.make_stock()
    wanted = len(stock.people)
    allowed = allowed_requests(cell, wanted)
    site = Site(cell.subject.open(stock), cell.scenario.answer, max_requests=SPARE_REQUESTS + 3 * allowed)
    walk = bench.walk(cell.door, cell.subject.account(cell.scenario), site, cell.scenario, cell.limit)
    verdict = judge(walk, site, cell.scenario, is_ordered=cell.door.is_ordered)
    if cell.scenario.is_priced and verdict.outcome == "exact" and site.requests > allowed:
        verdict = Verdict("wasteful", f"{site.requests} requests, {allowed} allowed")
    return Result(cell.key, cell.scenario.row, verdict)


def allowed_requests(cell: Cell, wanted: int) -> int:
    """What a walk over a list without faults may ask for.

    The fewest that a caller who keeps nothing but a cursor can do with; one more for the end of a silent store, and
    for each page that is read again because a call ended inside it. Where times tie, each edge between two pages may
    cost another one. So it may where pages overlap: if no total tells of changes, and if an update moves a record.
    A list by the newest change is looked at once more at its top.
    """
    fewest, kind, order = _fewest_requests(cell, wanted), cell.subject.kind, cell.scenario.order
    if not cell.subject.sorts(order):
        return fewest
    overlaps = kind.counts_places and ("total" not in kind.signals or order.field == "updated")
    looks_at_top = order.field == "updated" and order.is_descending
    return (2 * fewest - 1 if cell.scenario.is_tied or overlaps else fewest) + looks_at_top


def _fewest_requests(cell: Cell, wanted: int) -> int:
    kind, limit, door = cell.subject.kind, cell.limit, cell.door
    calls = max(-(-wanted // limit), 1) if limit is not None else 1
    page_size = cell.subject.page_size
    whole = max(-(-wanted // page_size), 1)
    silent = 1 if kind.is_silent else 0
    if not cell.subject.sorts(cell.scenario.order):
        return (whole + silent) * (1 if door.is_continuous else calls)
    if limit is None:
        return whole + silent
    reread = whole if cell.subject.leaves_out and limit < page_size else 0
    if door.is_continuous:
        return max(-(-wanted // min(limit, page_size)), 1) + silent + reread
    full, rest = divmod(wanted, limit)
    fewest = max(full * -(-limit // page_size) + -(-rest // page_size), 1)
    can_start_anywhere = kind.style in {"offset", "cursor", "connection"} or kind.has_offset
    ends_inside = limit > page_size and limit % page_size and not can_start_anywhere
    return fewest + silent + reread + (full + 1 if ends_inside else 0)
