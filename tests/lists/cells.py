"""All cells of store, scenario, door and limit, and the result of each."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar
from zlib import crc32

from tests.lists.kinds import PAGE_SIZE
from tests.lists.site import Site
from tests.lists.subjects import SUBJECTS, Subject
from tests.lists.walk import Verdict, judge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tests.lists.doors import Bench, Door
    from tests.lists.scenarios import Scenario

T = TypeVar("T")
BY_CURSOR: Final = "list by cursor"
LIMITS: tuple[int | None, ...] = (1, 2, 7, PAGE_SIZE - 1, PAGE_SIZE, PAGE_SIZE + 1, 3 * PAGE_SIZE + 3, None)
SPARE_REQUESTS = 50
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
    """At least one cell for each store, row and door; the limits and the scenarios of a row take turns."""
    for subject in SUBJECTS:
        for door in subject.doors:
            for scenarios in _rows(subject, door):
                for scenario in _choose(scenarios, _count_scenarios(door, scenarios)):
                    limits = subject.shop_limits if door.limits is None else door.limits
                    every = limits or LIMITS
                    for limit in _choose(every, _count_limits(subject, scenario, door), scenario.name, door.name):
                        yield Cell(subject, scenario, door, limit)


def _rows(subject: Subject, door: Door) -> Iterable[list[Scenario]]:
    rows: dict[str, list[Scenario]] = defaultdict(list)
    for scenario in subject.scenarios:
        if door.is_unified or scenario.is_plain:
            rows[scenario.row].append(scenario)
    return rows.values()


def _count_scenarios(door: Door, scenarios: Sequence[Scenario]) -> int:
    """A page by its cursor is what all doors are made of, so this door is tried with every scenario."""
    if not door.is_usual:
        return 1
    return -(-len(scenarios) // 3) if scenarios[0].is_changing and door.name != BY_CURSOR else len(scenarios)


def _count_limits(subject: Subject, scenario: Scenario, door: Door) -> int:
    if subject.shop_limits and scenario.is_tied:
        return len(subject.shop_limits) if door.name == BY_CURSOR else 3
    return 2 if door.name == BY_CURSOR and not subject.is_shipped and not scenario.is_changing else 1


def _choose(items: Sequence[T], count: int, *names: str) -> list[T]:
    """So many of the items, evenly spread from a place that the names decide."""
    first = crc32("|".join(names).encode())
    return [items[(first + index * len(items) // count) % len(items)] for index in range(min(count, len(items)))]


def sample_cells() -> Iterator[Cell]:
    """One cell for each row and door, and one for each store and door: always the same ones."""
    firsts: dict[tuple[str, str], Cell] = {}
    for cell in all_cells():
        for name in (cell.scenario.row, cell.subject.name):
            group = (name, cell.door.name)
            firsts[group] = min(firsts.get(group, cell), cell, key=_mark)
    return iter({cell.key: cell for cell in firsts.values()}.values())


def _mark(cell: Cell) -> int:
    return crc32("|".join(cell.key).encode())


def run_cell(bench: Bench, cell: Cell) -> Result:
    """Walks once."""
    stock = cell.scenario.make_stock()
    wanted = len(stock.people)
    allowed = allowed_requests(cell, wanted)
    most = max(SPARE_REQUESTS + 3 * allowed, _requests_to_sort(cell, wanted))
    site = Site(cell.subject.open(stock), cell.scenario.answer, max_requests=most)
    walk = bench.walk(cell.door, cell.subject.account(cell.scenario), site, cell.scenario, cell.limit)
    verdict = judge(walk, site, cell.scenario, is_ordered=cell.door.is_ordered)
    believes = cell.subject.kind.ends_short and not cell.scenario.is_changing
    is_provable = cell.scenario.is_provable(cell.subject.kind) and not believes
    if verdict.outcome == "wrong" and verdict.is_unseen_loss and not is_provable:
        verdict = Verdict("unprovable", verdict.reason)
    if cell.scenario.is_priced and verdict.outcome == "exact" and site.requests > allowed:
        verdict = Verdict("wasteful", f"{site.requests} requests, {allowed} allowed")
    return Result(cell.key, cell.scenario.row, verdict)


def allowed_requests(cell: Cell, wanted: int) -> int:
    """What a walk over a list without faults may ask for.

    The fewest that a caller who keeps nothing but a cursor can do with; one more for the end of a silent store, and
    for each page that is read again because a call ended inside it. Where times tie, each edge between two pages may
    cost another one. So it may where pages overlap: if no total tells of changes, and if an update moves a record.
    A list by the newest change is looked at once more at its top. Where more records share a time than a page shows,
    it takes one to find out, and each call reads the whole list to sort it.
    """
    fewest, kind, order = _fewest_requests(cell, wanted), cell.subject.kind, cell.scenario.order
    if not cell.subject.sorts(order):
        return fewest
    overlaps = kind.counts_places and ("total" not in kind.signals or order.field == "updated")
    looks_at_top = order.field == "updated" and order.is_descending
    allowed = (2 * fewest - 1 if cell.scenario.is_tied or overlaps else fewest) + looks_at_top
    if _is_group_above_page(cell):
        allowed += 1 + -(-wanted // cell.subject.page_size) * _count_calls(cell, wanted)
    return allowed


def _requests_to_sort(cell: Cell, wanted: int) -> int:
    """What it takes to sort a silent list of a fixed page size: all of it is read, twice, in each call."""
    kind = cell.subject.kind
    if not (kind.has_fixed_size and kind.is_silent and cell.scenario.row == "sort ignored"):
        return 0
    return 2 * (-(-wanted // cell.subject.page_size) + 1) * -(-wanted // (cell.limit or wanted))


def _is_group_above_page(cell: Cell) -> bool:
    stock, order = cell.scenario.make_stock(), cell.scenario.order
    groups = Counter(map(order.key, stock.people.values()))
    return max(groups.values(), default=0) > cell.subject.page_size


def _count_calls(cell: Cell, wanted: int) -> int:
    return 1 if cell.door.is_continuous or cell.limit is None else max(-(-wanted // cell.limit), 1)


def _fewest_requests(cell: Cell, wanted: int) -> int:
    kind, limit, door = cell.subject.kind, cell.limit, cell.door
    page_size = cell.subject.page_size
    whole = max(-(-wanted // page_size), 1)
    # A number of pages says no more of a full last page than nothing does, nor does a single page without a link.
    is_single = kind.signals == {"following"} and kind.counts_places and wanted <= min(limit or page_size, page_size)
    silent = 1 if kind.is_silent or kind.signals == {"pages"} or is_single else 0
    if not cell.subject.sorts(cell.scenario.order):
        return (whole + silent) * _count_calls(cell, wanted)
    if limit is None:
        return whole + silent
    if kind.has_fixed_size:
        starts = range(0, wanted, limit)
        touched = ((min(start + limit, wanted) - 1) // page_size - start // page_size + 1 for start in starts)
        return max(sum(touched), 1) + silent
    reread = whole if cell.subject.leaves_out and limit < page_size else 0
    if door.is_continuous:
        return max(-(-wanted // min(limit, page_size)), 1) + silent + reread
    full, rest = divmod(wanted, limit)
    fewest = max(full * -(-limit // page_size) + -(-rest // page_size), 1)
    can_start_anywhere = kind.style in {"offset", "cursor", "connection"} or kind.has_offset
    ends_inside = limit > page_size and limit % page_size and not can_start_anywhere
    return fewest + silent + reread + (full + 1 if ends_inside else 0)
