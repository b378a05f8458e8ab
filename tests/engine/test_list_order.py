"""Lists that end behind the bound of a date filter, because they are sorted by that date."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.driver import Driver, ids
from tests.engine.stores import MAPPING, MOST, RESOURCE, PretendStore, account, people, person, write_stores
from truto_unify.engine.list_order import choose_order, ends_list
from truto_unify.engine.send import Budget
from truto_unify.errors import UnsupportedParameter
from truto_unify.registry import Registry
from truto_unify.types import Filter, PlanEntry, Sort
from truto_unify.values import read_time

if TYPE_CHECKING:
    from pathlib import Path

    from truto_unify.types import Request, Response

SORTS = """  sort:
    unique: false
    query: {order: "{field}:{direction}"}
    fields: {created_at: created, updated_at: updated}
    default: {query: {order: "id:asc"}}
"""
KINDS = ("numbers_total", "offsets", "cursors")
REASON = (
    'the provider has no filter for "created_at[{op}]"; '
    "the list is read by created_at, {first}, and ends behind the bound"
)


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """Stores that sort by both times and filter by none."""
    folder: Path = tmp_path_factory.mktemp("stores")
    write_stores(folder)
    start, end = MAPPING.index("  filters:"), MAPPING.index("  is_partial:")
    mapping = MAPPING[:start] + SORTS + MAPPING[end:]
    for kind in KINDS:
        (folder / "mappings" / RESOURCE / f"{kind}.yaml").write_text(mapping)
    return Registry(overlay=[folder])


@dataclass
class SortingStore(PretendStore):
    """Sorts as it is asked to; a store that ignores the sort gives the order of its list."""

    ignores_sort: bool = False

    def __call__(self, request: Request) -> Response:
        order = self.read(request).get("order", "")
        field, _, direction = order.partition(":")
        if field and not self.ignores_sort:
            self.people.sort(key=lambda native: native["id"])
            self.people.sort(key=lambda native: native[field] or "", reverse=direction == "desc")
        return super().__call__(request)


def created(op: Any, minute: int, second: str = "00") -> Filter:
    return Filter("created_at", op, read_time(f"2024-01-01T00:{minute:02}:{second}Z", zone=None))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("filters", "sort", "expected"),
    [
        ((created("gte", 18),), Sort("created_at", "desc"), [20, 19, 18]),
        ((created("gt", 18),), None, [20, 19]),
        ((created("eq", 18),), None, [18]),
        ((created("lte", 3),), Sort("created_at", "asc"), [1, 2, 3]),
        ((created("lt", 3),), None, [1, 2]),
        ((created("gt", 17), created("lt", 20)), None, [19, 18]),
    ],
)
def test_the_first_page_is_enough_where_all_matches_fit_on_it(
    stores: Registry, kind: str, filters: Any, sort: Sort | None, expected: list[int]
) -> None:
    store = SortingStore(kind, people(20))
    page = Driver(stores, store).page(account(kind), filters=filters, sort=sort, limit=10)

    assert (ids([page]), page.next_cursor, len(store.asked)) == (expected, None, 1)


@pytest.mark.parametrize("kind", KINDS)
def test_pages_end_at_the_bound_across_cursors(stores: Registry, kind: str) -> None:
    store = SortingStore(kind, people(30))
    pages = Driver(stores, store).walk(account(kind), filters=(created("gte", 19),), limit=4)

    assert ids(pages) == list(range(30, 18, -1))
    assert len(store.asked) <= 5  # two thirds of the list are never asked for


@pytest.mark.parametrize(
    ("sort", "op", "first"), [(Sort("created_at", "desc"), "gte", "newest first"), (None, "lte", "oldest first")]
)
def test_the_plan_says_where_the_list_ends(stores: Registry, sort: Sort | None, op: str, first: str) -> None:
    plan = (
        Driver(stores, SortingStore("cursors", [])).begin(account("cursors"), filters=(created(op, 3),), sort=sort).plan
    )

    assert plan.entries[0] == PlanEntry(f"created_at[{op}]", "emulated", reason=REASON.format(op=op, first=first))


def test_a_list_longer_than_the_budget_is_served_up_to_the_bound(stores: Registry) -> None:
    budget = {"budget": Budget(max_requests=2)}
    driver = Driver(stores, SortingStore("cursors", people(40)), budget)

    assert ids([driver.page(account("cursors"), filters=(created("gt", 38),))]) == [40, 39]
    with pytest.raises(UnsupportedParameter, match="max_requests=2"):
        driver.page(account("cursors"), filters=(created("gt", 58),), sort=Sort("created_at", "asc"))


def test_records_of_the_second_of_the_bound_are_all_looked_at(stores: Registry) -> None:
    natives = people(8)
    for native, part in zip(natives[3:6], ("2", "7", "4"), strict=True):
        native["created"] = f"2024-01-01T00:04:00.{part}"  # the store sorts by whole seconds
    store = SortingStore("cursors", list(reversed(natives)), ignores_sort=True)
    page = Driver(stores, store).page(account("cursors"), filters=(created("gte", 4, "00.3"),))

    assert ids([page]) == [8, 7, 6, 5]


def test_records_without_the_date_do_not_end_a_list(stores: Registry) -> None:
    nameless = [person(number, created=None) for number in range(90, 96)]
    store = SortingStore("cursors", [*nameless, *reversed(people(8))], ignores_sort=True)
    page = Driver(stores, store).page(account("cursors"), filters=(created("gte", 7),))

    assert (ids([page]), len(store.asked)) == ([8, 7], 2)


def test_a_page_of_equal_dates_proves_no_order(stores: Registry) -> None:
    early = [person(number, created="2024-01-01T00:01:00") for number in range(1, MOST + 1)]
    store = SortingStore("cursors", [*early, person(50)], ignores_sort=True)
    page = Driver(stores, store).page(account("cursors"), filters=(created("gte", 40),))

    assert ids([page]) == [50]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("limit", [None, 2, 7])
def test_a_store_that_ignores_the_chosen_order_is_read_in_its_own(
    stores: Registry, kind: str, limit: int | None
) -> None:
    store = SortingStore(kind, people(12), ignores_sort=True)
    pages = Driver(stores, store).walk(account(kind), filters=(created("gte", 8),), limit=limit)

    assert ids(pages) == [8, 9, 10, 11, 12]
    assert pages[0].query_plan == (
        PlanEntry("created_at[gte]", "emulated", reason='the provider has no filter for "created_at[gte]"'),
    )


@pytest.mark.parametrize("limit", [None, 2])
def test_many_records_of_one_date_do_not_stand_in_the_way_of_the_default_order(
    stores: Registry, limit: int | None
) -> None:
    natives = people(20, created="2024-01-01T00:30:00")
    pages = Driver(stores, SortingStore("numbers_total", natives)).walk(
        account("numbers_total"), filters=(created("gte", 8),), limit=limit
    )

    assert sorted(ids(pages)) == list(range(1, 21))


def test_an_order_is_chosen_only_where_records_stay_in_their_places(stores: Registry) -> None:
    rules = stores.mapper(RESOURCE, "cursors").mapping.config.list.sort  # type: ignore[union-attr]  # this store has lists
    changed = Filter("updated_at", "gte", read_time("2024-01-01T00:00:00Z", zone=None))

    assert choose_order([changed], rules, frozenset()) is None
    assert choose_order([changed, created("lt", 3)], rules, frozenset()) == Sort("created_at", "asc")
    assert choose_order([created("lt", 3)], rules, frozenset({"order"})) is None


@pytest.mark.parametrize(
    ("op", "directions"),
    [("gt", ["desc"]), ("gte", ["desc"]), ("eq", ["asc", "desc"]), ("lt", ["asc"]), ("lte", ["asc"])],
)
def test_each_operator_ends_a_list_in_its_direction(op: Any, directions: list[str]) -> None:
    condition = created(op, 1)

    assert [way for way in ("asc", "desc") if ends_list(condition, Sort("created_at", way))] == directions
    assert not ends_list(condition, Sort("updated_at", "asc"))
