"""One unified list: its pages, filters, sorts, budgets and cursors."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.driver import START, Driver, ids, play
from tests.engine.stores import (
    FREE_START,
    KINDS,
    MOST,
    RESOURCE,
    PretendStore,
    account,
    people,
    person,
    reply,
    unified,
)
from truto_unify.engine import mapped_pages
from truto_unify.engine.cursor import Position, write_cursor
from truto_unify.engine.send import Budget
from truto_unify.errors import (
    InvalidCursor,
    MappingError,
    ProviderError,
    UnsupportedParameter,
)
from truto_unify.models.fields import format_time
from truto_unify.types import Account, Filter, PlanEntry, Sort

if TYPE_CHECKING:
    from truto_unify.registry import Registry

SHOP = Account(provider="shopify", credentials={"access_token": "shpat_0123"}, context={"shop": "acme"})
LIKE_1 = Filter("name", "like", "1")


# ------------------------------------------------------------------------------------------- lists, page by page


@pytest.mark.parametrize("kind", KINDS)
def test_every_record_comes_once_whole_and_in_order(stores: Registry, kind: str) -> None:
    for limit in (None, 4, 13):
        store = PretendStore(kind, people(12))
        pages = Driver(stores, store).walk(account(kind), limit=limit)
        results = [record for page in pages for record in page.result]

        assert results == [unified(person) for person in people(12)]
        assert sum(page.request_count for page in pages) == len(store.asked)


@given(st.sampled_from(KINDS), st.integers(0, 24), st.none() | st.integers(1, 30))
def test_walking_the_cursors_loses_and_repeats_nothing(
    stores: Registry, kind: str, count: int, limit: int | None
) -> None:
    pages = Driver(stores, PretendStore(kind, people(count))).walk(account(kind), limit=limit)
    sizes = [page.result_count for page in pages]

    assert ids(pages) == list(range(1, count + 1))
    assert all(0 < size <= (limit or MOST) for size in sizes[:-1])
    assert 0 <= sizes[-1] <= (limit or MOST)


@given(st.sampled_from(sorted(FREE_START - {"offsets"})), st.integers(1, 24), st.integers(1, 30))
def test_where_a_page_may_start_anywhere_and_the_total_is_told_no_request_is_wasted(
    stores: Registry, kind: str, count: int, limit: int
) -> None:
    pages = Driver(stores, PretendStore(kind, people(count))).walk(account(kind), limit=limit)

    assert all(page.request_count <= max(-(-page.result_count // MOST), 1) for page in pages)


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"numbers", "numbers_more", "offsets"}))
def test_one_call_for_everything_reads_no_page_twice(stores: Registry, kind: str) -> None:
    driver = Driver(stores, PretendStore(kind, people(12)))
    page = driver.page(account(kind), limit=60)

    assert (ids([page]), page.next_cursor, page.request_count) == (list(range(1, 13)), None, 3)


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        ("offsets", [("offset", 0, 5), ("offset", 4, 5), ("offset", 8, 5), ("offset", 12, 5)]),
        # Numbered pages start at multiples of their size: another size makes them overlap.
        ("numbers_more", [("page", 1, 5), ("page", 2, 4), ("page", 2, 5), ("page", 4, 3)]),
        ("numbers", [("page", 1, 5), ("page", 2, 4), ("page", 2, 5), ("page", 4, 3), ("page", 3, 5)]),
    ],
)
def test_pages_overlap_where_no_total_tells_whether_they_shifted(
    stores: Registry, kind: str, asked: list[tuple[str, int, int]]
) -> None:
    store = PretendStore(kind, people(12))
    page = Driver(stores, store).page(account(kind), limit=60)

    assert (ids([page]), page.next_cursor, page.may_have_changed) == (list(range(1, 13)), None, False)
    assert store.asked == [{name: str(place), "size": str(size)} for name, place, size in asked]


@pytest.mark.parametrize(
    ("limit", "sizes"),
    [(3, ["3"]), (5, ["5"]), (6, ["3", "3"]), (8, ["4", "4"]), (11, ["4", "4", "4"])],
)
def test_numbered_pages_of_a_call_are_equal_so_that_none_is_cut(stores: Registry, limit: int, sizes: list[str]) -> None:
    store = PretendStore("numbers_total", people(20))
    Driver(stores, store).page(account("numbers_total"), limit=limit)

    assert [ask["size"] for ask in store.asked] == sizes


def test_the_limit_may_change_from_page_to_page(stores: Registry) -> None:
    for kind in KINDS:
        driver = Driver(stores, PretendStore(kind, people(12)))
        first = driver.page(account(kind), limit=2)
        second = driver.page(account(kind), limit=4, next_cursor=first.next_cursor)
        third = driver.page(account(kind), next_cursor=second.next_cursor, limit=90)

        assert ids([first, second, third]) == list(range(1, 13))
        assert third.next_cursor is None


def test_a_list_without_pagination_is_cut_by_the_limit_too(stores: Registry) -> None:
    body = reply({"people": people(5)})
    pages = Driver(stores, lambda _request: body).walk(account("one_page"), limit=2)

    assert [page.result_count for page in pages] == [2, 2, 1]
    assert ids(pages) == [1, 2, 3, 4, 5]
    assert ids([Driver(stores, lambda _request: body).page(account("one_page"))]) == [1, 2, 3, 4, 5]


def test_native_parameters_are_sent_with_every_page(stores: Registry) -> None:
    since = datetime(2024, 1, 1, tzinfo=UTC)
    call: dict[str, Any] = {
        "filters": (Filter("created_at", "gte", since),),
        "sort": Sort("updated_at", "desc"),
        "remote_query": {"role": "all"},
    }
    store = PretendStore("offsets", people(7))
    page = Driver(stores, store).page(account("offsets"), limit=7, **call)

    assert store.asked == [
        {"order": "-updated", "since": "2024-01-01T00:00:00Z", "role": "all", "size": "5", "offset": "0"},
        {"order": "-updated", "since": "2024-01-01T00:00:00Z", "role": "all", "size": "5", "offset": "4"},
    ]
    assert page.result[0] == unified(person(1), first_name="2024-01-01T00:00:00Z")
    assert page.query_plan == (
        PlanEntry("created_at[gte]", "native", "exact", "since=2024-01-01T00:00:00Z"),
        PlanEntry("sort_by[updated_at]", "native", "exact", "order=-updated"),
    )


# ------------------------------------------------------------------------------- filters that the engine does


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("limit", [1, 2, 3, 4, 30])
def test_filtered_pages_are_full_and_together_they_are_all(stores: Registry, kind: str, limit: int) -> None:
    pages = Driver(stores, PretendStore(kind, people(23))).walk(account(kind), filters=(LIKE_1,), limit=limit)
    wanted = [number for number in range(1, 24) if "1" in str(number)]

    assert ids(pages) == wanted
    assert [page.result_count for page in pages[:-1]] == [limit] * (len(pages) - 1)
    assert pages[0].query_plan == (
        PlanEntry("name[like]", "emulated", reason='the provider has no filter for "name[like]"'),
    )


@given(st.sampled_from(KINDS), st.sets(st.integers(1, 24)), st.integers(0, 24), st.none() | st.integers(1, 9))
def test_emulated_filters_equal_a_filter_of_the_whole_list(
    stores: Registry, kind: str, chosen: set[int], count: int, limit: int | None
) -> None:
    marked = [person(number, name="yes" if number in chosen else "no") for number in range(1, count + 1)]
    driver = Driver(stores, PretendStore(kind, marked))
    pages = driver.walk(account(kind), filters=(Filter("name", "eq", "YES "),), limit=limit)

    assert ids(pages) == sorted(number for number in chosen if number <= count)
    assert all(page.result for page in pages[:-1])


def test_a_wider_native_filter_is_checked_again(stores: Registry) -> None:
    store = PretendStore("offsets", people(7))
    page = Driver(stores, store).page(account("offsets"), filters=(Filter("email", "eq", "P6@x.test"),), limit=9)

    assert (ids([page]), page.next_cursor) == ([6], None)
    assert [ask["mail"] for ask in store.asked] == ["P6@x.test"] * 3
    assert page.query_plan == (PlanEntry("email", "native", "wider", "mail=P6@x.test"),)


def test_a_filter_may_be_ignored_or_refused_instead(stores: Registry) -> None:
    driver = Driver(stores, PretendStore("offsets", people(3)))
    page = driver.page(account("offsets"), filters=(LIKE_1,), unsupported="ignore")

    assert ids([page]) == [1, 2, 3]
    assert [entry.how for entry in page.query_plan] == ["ignored"]
    with pytest.raises(UnsupportedParameter):
        driver.page(account("offsets"), filters=(LIKE_1,), unsupported="error")
    assert len(driver.sent) == 1


# --------------------------------------------------------------------------------- sorts that the engine does


CREATED = st.none() | st.integers(0, 4).map(lambda minute: f"2024-01-01T00:0{minute}:00")


@given(
    st.sampled_from(KINDS),
    st.lists(CREATED, max_size=12),
    st.none() | st.integers(1, 14),
    st.sampled_from(["asc", "desc"]),
)
def test_pages_of_an_emulated_sort_equal_the_sorted_whole(
    stores: Registry, kind: str, moments: list[str | None], limit: int | None, direction: Any
) -> None:
    natives = [person(number, created=moment) for number, moment in enumerate(moments, start=1)]
    pages = Driver(stores, PretendStore(kind, natives)).walk(
        account(kind), sort=Sort("created_at", direction), limit=limit
    )
    by_id = sorted(natives, key=lambda native: str(native["id"]))
    dated = sorted(
        (native for native in by_id if native["created"]),
        key=lambda native: str(native["created"]),
        reverse=direction == "desc",
    )
    expected = [native["id"] for native in (*dated, *(native for native in by_id if not native["created"]))]

    assert ids(pages) == expected
    assert [page.result_count for page in pages[:-1]] == [limit or 0] * (len(pages) - 1)


@pytest.mark.parametrize("direction", ["asc", "desc"])
@pytest.mark.parametrize("limit", [1, 2, 3])
def test_a_sort_ends_even_where_broken_records_have_neither_key_nor_id(
    stores: Registry, direction: Any, limit: int
) -> None:
    body = reply({"people": [*people(14), {"id": None}, {"id": None}, {"id": None}]})
    driver = Driver(stores, lambda _request: body)
    pages = driver.walk(account("one_page"), sort=Sort("created_at", direction), limit=limit)
    found = [record["id"] for page in pages for record in page.result]

    assert found[-3:] == [None, None, None]
    assert sorted(found[:-3], key=int, reverse=direction == "desc") == found[:-3]
    assert len(found) == 17


@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_a_sort_goes_on_where_the_last_record_would_stand_when_it_is_gone(stores: Registry, direction: Any) -> None:
    store = PretendStore("offsets", [*people(8), person(9, created=None)])
    driver = Driver(stores, store)
    call: dict[str, Any] = {"sort": Sort("created_at", direction), "limit": 4}
    first = driver.page(account("offsets"), **call)
    last = ids([first])[-1]
    store.people = [person for person in store.people if person["id"] != last]
    second = driver.page(account("offsets"), next_cursor=first.next_cursor, **call)
    third = driver.page(account("offsets"), next_cursor=second.next_cursor, **call)
    expected = {"asc": [1, 2, 3, 4, 5, 6, 7, 8, 9], "desc": [8, 7, 6, 5, 4, 3, 2, 1, 9]}[direction]

    assert ids([first, second, third]) == expected


def test_an_emulated_sort_reads_the_whole_list_whatever_the_limit(stores: Registry) -> None:
    driver = Driver(stores, PretendStore("numbers_total", people(12)))
    page = driver.page(account("numbers_total"), sort=Sort("created_at", "desc"), limit=2)

    assert (ids([page]), page.request_count) == ([12, 11], 3)
    assert page.query_plan == (PlanEntry("sort_by[created_at]", "emulated", reason="the provider cannot sort by it"),)


# -------------------------------------------------------------------------------------------------- budgets


def test_a_page_of_too_many_records_is_refused(stores: Registry) -> None:
    driver = Driver(stores, PretendStore("numbers_total", people(12)), {"budget": Budget(max_page_records=4)})

    with pytest.raises(ProviderError) as caught:
        driver.page(account("numbers_total"))

    assert (caught.value.code, caught.value.retryable, caught.value.message) == (
        "page_too_large",
        False,
        f"numbers_total {RESOURCE}: a page holds 5 records, and Budget.max_page_records allows 4",
    )


def test_a_large_page_of_broken_records_is_not_examined_to_its_end(
    stores: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mapped_pages, "_MAX_BROKEN_RECORDS", 2)
    broken: Any = []
    records = [*people(1), *[broken] * 4]
    driver = Driver(stores, PretendStore("numbers_total", records))

    with pytest.raises(MappingError) as caught:
        driver.page(account("numbers_total"))

    assert caught.value.message.startswith(
        f"numbers_total {RESOURCE}: record: more than 2 of 5 records break the mapping; one of them: a record must be"
    )


@pytest.mark.parametrize(
    ("budget", "spent", "read"),
    [
        (Budget(max_requests=2), "max_requests=2", "2 requests (10 records)"),
        (Budget(max_records=7), "max_records=7", "2 requests (10 records)"),
    ],
)
@pytest.mark.parametrize(
    ("call", "name"),
    [
        ({"sort": Sort("created_at", "asc"), "limit": 1}, "sort_by[created_at]"),
        ({"filters": (Filter("name", "eq", "P12"),)}, "name"),
        ({"filters": (Filter("email", "eq", "p12@x.test"),)}, "email"),
    ],
)
def test_a_budget_that_is_used_up_is_named(
    stores: Registry, budget: Budget, spent: str, read: str, call: dict[str, Any], name: str
) -> None:
    driver = Driver(stores, PretendStore("numbers_total", people(12)), {"budget": budget})

    with pytest.raises(UnsupportedParameter) as caught:
        driver.page(account("numbers_total"), **call)

    assert (caught.value.message, caught.value.parameter) == (
        f"numbers_total {RESOURCE}: {name} is served by reading the list, and {read} were not enough; the budget "
        f"{spent} is used up. Raise it, or narrow the list with what the provider serves itself",
        name,
    )


def test_a_clock_that_is_set_forward_uses_up_no_time(stores: Registry) -> None:
    days = iter(range(1_000))
    driver = Driver(
        stores,
        PretendStore("numbers_total", people(12)),
        {"budget": Budget(max_seconds=60.0), "now": lambda: START + timedelta(days=next(days))},
    )

    page = driver.page(account("numbers_total"), filters=(Filter("name", "eq", "P12"),))

    assert [record["id"] for record in page.result] == ["12"]
    assert next(days) > 1


def test_a_used_up_budget_names_the_native_form_that_may_miss_records(stores: Registry) -> None:
    page = {"nodes": [{"id": "gid://shopify/Customer/1"}], "pageInfo": {"hasNextPage": True, "endCursor": "x"}}
    driver = Driver(stores, play(reply({"data": {"customers": page}})), {"budget": Budget(max_requests=1)})

    with pytest.raises(UnsupportedParameter) as caught:
        driver.page(SHOP, filters=(Filter("email", "eq", "a@x.test"),), unsupported="emulate_may_miss")

    assert caught.value.message.endswith(
        'or narrow the list with what the provider serves itself; with unsupported="emulate" the provider serves more '
        "itself, and may miss records"
    )


def test_what_was_found_within_the_budget_is_a_page_and_the_cursor_goes_on(stores: Registry) -> None:
    driver = Driver(stores, PretendStore("numbers_total", people(23)), {"budget": Budget(max_requests=2)})
    pages = driver.walk(account("numbers_total"), filters=(LIKE_1,), limit=30)

    assert [ids([page]) for page in pages] == [[1, 10], [11, 12, 13, 14, 15, 16, 17, 18, 19], [21]]


# -------------------------------------------------------------------------------------------------- cursors


@pytest.mark.parametrize(
    "other",
    [
        {"filters": (Filter("name", "like", "2"),)},
        {"filters": ()},
        {"sort": Sort("created_at", "asc")},
        {"unsupported": "ignore"},
        {"remote_query": {"role": "all"}},
    ],
)
def test_a_cursor_belongs_to_its_query(stores: Registry, other: dict[str, Any]) -> None:
    driver = Driver(stores, PretendStore("offsets", people(12)))
    call: dict[str, Any] = {"filters": (LIKE_1,), "limit": 1}
    first = driver.page(account("offsets"), **call)

    with pytest.raises(InvalidCursor, match=r"^this cursor belongs to another account, resource, query or sort"):
        driver.page(account("offsets"), **call | other, next_cursor=first.next_cursor)
    assert len(driver.sent) == 1


def test_a_cursor_belongs_to_its_account_but_not_to_its_token(stores: Registry) -> None:
    driver = Driver(stores, PretendStore("offsets", people(12)))
    cursor = driver.page(account("offsets"), limit=2).next_cursor

    for other in (account("offsets", id="b"), account("offsets", context={"shop": "b"}), account("cursors")):
        with pytest.raises(InvalidCursor):
            driver.page(other, limit=2, next_cursor=cursor)
    rotated = account("offsets", credentials={"token": "another"})
    assert ids([driver.page(rotated, limit=2, next_cursor=cursor)]) == [3, 4]


def test_a_cursor_is_sealed_with_the_key_of_the_settings(stores: Registry) -> None:
    store = PretendStore("offsets", people(12))
    cursor = Driver(stores, store, {"cursor_key": b"one"}).page(account("offsets"), limit=2).next_cursor

    with pytest.raises(InvalidCursor, match=r"^this cursor is damaged"):
        Driver(stores, store, {"cursor_key": b"two"}).page(account("offsets"), limit=2, next_cursor=cursor)


def test_a_cursor_never_leads_to_another_origin(stores: Registry) -> None:
    driver = Driver(stores, play())
    forged = write_cursor(Position({"url": "https://evil.test/people"}), driver.binding(account("links")), b"driver")

    with pytest.raises(InvalidCursor, match=r"outside the provider's API root$"):
        driver.page(account("links"), next_cursor=forged)
    with pytest.raises(InvalidCursor, match=r"outside the provider's API root$"):
        driver.first_request(account("links"), next_cursor=forged)
    assert driver.sent == []


def test_a_cursor_shows_no_secret(stores: Registry) -> None:
    for kind in KINDS:
        page = Driver(stores, PretendStore(kind, people(12))).page(account(kind), limit=2)
        raw = base64.urlsafe_b64decode(f"{page.next_cursor}==")

        assert b"t0ken-of-acme" not in raw


# -------------------------------------------------------------------------------------------------- explain


@pytest.mark.parametrize("kind", [*KINDS, "one_page"])
def test_the_first_request_is_known_without_sending_it(stores: Registry, kind: str) -> None:
    driver = Driver(stores, PretendStore(kind, people(3)))
    first = driver.first_request(account(kind), limit=3)

    assert (first.headers == (), driver.sent) == (
        kind not in {"numbers_body", "offsets_body", "cursors_more", "edges"},
        [],
    )
    driver.page(account(kind), limit=3)
    assert replace(driver.sent[0], headers=first.headers) == first


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sort", [None, Sort("created_at", "asc")])
def test_the_request_behind_a_cursor_is_known_without_sending_it(
    stores: Registry, kind: str, sort: Sort | None
) -> None:
    driver = Driver(stores, PretendStore(kind, people(12)))
    cursor = driver.page(account(kind), limit=2, sort=sort).next_cursor
    already = len(driver.sent)
    explained = driver.first_request(account(kind), limit=2, sort=sort, next_cursor=cursor)
    driver.page(account(kind), limit=2, sort=sort, next_cursor=cursor)

    assert replace(driver.sent[already], headers=explained.headers) == explained


@given(st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)), st.integers(1, 3))
def test_an_instant_is_compared_as_an_instant(stores: Registry, moment: datetime, seconds: int) -> None:
    before, after = (moment + timedelta(seconds=seconds * sign) for sign in (-1, 1))
    natives = [person(n, created=format_time(one).removesuffix("Z")) for n, one in enumerate([before, moment, after])]
    driver = Driver(stores, PretendStore("offsets", natives))

    found = {
        op: ids([driver.page(account("offsets"), filters=(Filter("created_at", op, moment),))])
        for op in ("eq", "gt", "lt", "lte")
    }
    assert found == {"eq": [1], "gt": [2], "lt": [0], "lte": [0, 1]}


def test_a_native_cursor_that_is_too_long_ends_the_call(stores: Registry) -> None:
    driver = Driver(stores, play(reply({"people": people(2), "next": "x" * 4097})))

    with pytest.raises(ProviderError) as caught:
        driver.page(account("cursors"), limit=2)

    assert (caught.value.code, caught.value.message) == (
        "cursor_too_long",
        f"cursors {RESOURCE}: the answer names its next page with 4097 characters; 4096 are allowed",
    )
