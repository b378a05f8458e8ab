"""Lists from stores that change between any two requests: whoever was there all the time comes once, or it is told."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.engine.driver import Driver, ids
from tests.engine.stores import (
    FREE_START,
    KINDS,
    MOST,
    PretendStore,
    account,
    people,
    person,
)
from truto_unify.errors import ProviderError

if TYPE_CHECKING:
    from truto_unify.registry import Registry
    from truto_unify.types import Page, Request, Response

PLACES = tuple(sorted({"numbers_total", "numbers_body", "numbers_more", "numbers", *FREE_START}))
MARKS = tuple(sorted(set(KINDS) - set(PLACES)))
CHANGES = st.lists(
    st.tuples(st.integers(1, 9), st.sampled_from(["delete", "insert", "append"]), st.integers(0, 30)), max_size=6
)


@dataclass
class ChangingStore(PretendStore):
    """Changes before some requests; marks hold the id of the last record and not a place."""

    changes: list[tuple[int, str, int]] = field(default_factory=list)
    steady: set[int] = field(default_factory=set)
    newest: int = 1000

    def __post_init__(self) -> None:
        self.steady = {person["id"] for person in self.people}

    def __call__(self, request: Request) -> Response:
        for at, what, where in self.changes:
            if at == len(self.asked):
                self.change(what, where)
        return super().__call__(request)

    def change(self, what: str, where: int) -> None:
        if what == "delete":
            if self.people:
                gone = self.people.pop(where % len(self.people))
                self.steady.discard(gone["id"])
            return
        self.newest += 1
        self.people.insert(len(self.people) if what == "append" else 0, person(self.newest))


def walk(stores: Registry, store: ChangingStore, limit: int | None) -> list[Page[Any]]:
    return Driver(stores, store).walk(account(store.kind), limit=limit)


def walk_into(found: list[int], driver: Driver, kind: str, limit: int | None) -> None:
    """Notes what each page holds, so that it is known when a later one fails."""
    cursor = None
    for _ in range(20):
        page = driver.page(account(kind), limit=limit, next_cursor=cursor)
        found += ids([page])
        cursor = page.next_cursor


def is_told(kind: str, changes: list[tuple[int, str, int]]) -> bool:
    """Whether no total hides a change: where pages are full to the last, one gone and one come look like none."""
    moments = Counter(at for at, _, _ in changes)
    return kind in {"numbers", "numbers_more", "offsets"} or max(moments.values(), default=0) < 2


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(PLACES), st.integers(0, 25), st.none() | st.integers(1, 12), CHANGES)
def test_who_was_there_all_the_time_comes_once_or_the_store_is_said_to_make_it_impossible(
    stores: Registry, kind: str, count: int, limit: int | None, changes: list[tuple[int, str, int]]
) -> None:
    assume(is_told(kind, changes))
    store = ChangingStore(kind, people(count), changes=changes)
    try:
        pages = walk(stores, store, limit)
    except ProviderError:  # said, if not settled
        return
    found = Counter(ids(pages))

    is_right = max(found.values(), default=1) == 1 and store.steady <= set(found)
    assert is_right or any(page.may_have_changed for page in pages)


@pytest.mark.parametrize("kind", PLACES)
@pytest.mark.parametrize("limit", [None, 3, 5, 40])
def test_nobody_is_lost_when_those_before_the_place_go(stores: Registry, kind: str, limit: int | None) -> None:
    store = ChangingStore(kind, people(23), changes=[(2, "delete", 0), (4, "delete", 1), (4, "delete", 0)])
    pages = walk(stores, store, limit)

    assert [number for number in ids(pages) if number in store.steady] == sorted(store.steady)
    assert not any(page.may_have_changed for page in pages)


def capped(store: PretendStore, cap: int, *, counts_asked_size: bool) -> Any:
    """The store behind something that cuts each page."""

    def answer(request: Request) -> Response:
        asked = store.read(request)
        size = min(int(asked["size"]), MOST)
        own = size if counts_asked_size else min(size, cap)
        start = store.start(asked, own)
        chosen = store.people[start : start + min(size, cap)]
        return store.answer(chosen, start + len(chosen), own)

    return answer


@pytest.mark.parametrize("kind", sorted(set(PLACES) - {"numbers"}))
@pytest.mark.parametrize("limit", [None, 2, 5, 30])
@pytest.mark.parametrize("counts_asked_size", [False, True])
def test_a_page_size_that_the_store_caps_is_found_out(
    stores: Registry, kind: str, limit: int | None, counts_asked_size: bool
) -> None:
    store = capped(PretendStore(kind, people(17)), 3, counts_asked_size=counts_asked_size)

    assert ids(Driver(stores, store).walk(account(kind), limit=limit)) == list(range(1, 18))


@pytest.mark.parametrize("kind", sorted(set(PLACES) - {"numbers", "offsets"}))
@pytest.mark.parametrize("at", [1, 2, 3])
@pytest.mark.parametrize("limit", [None, 2, 30])
def test_a_page_that_is_short_once_is_no_cap(stores: Registry, kind: str, at: int, limit: int | None) -> None:
    honest, store = PretendStore(kind, people(40)), PretendStore(kind, people(40))
    answer = store.answer

    def cut(chosen: list[dict[str, Any]], end: int, size: int) -> Response:
        kept = chosen[:1] if len(store.asked) == at else chosen
        return answer(kept, end - len(chosen) + len(kept), size)

    store.answer = cut  # type: ignore[method-assign]  # a store of this test alone
    Driver(stores, honest).walk(account(kind), limit=limit)

    assert ids(Driver(stores, store).walk(account(kind), limit=limit)) == list(range(1, 41))
    assert len(store.asked) <= len(honest.asked) + 2


@pytest.mark.parametrize("kind", ["numbers_total", "numbers_more", "numbers_offset", "offsets_body"])
@pytest.mark.parametrize("limit", [2, 3, 5, 6])
@pytest.mark.parametrize("size", [4, 8])
def test_a_store_that_does_not_listen_to_the_size_loses_nobody(
    stores: Registry, kind: str, limit: int, size: int
) -> None:
    store = PretendStore(kind, people(23))

    def answer(request: Request) -> Response:
        start = store.start(store.read(request), size)
        chosen = store.people[start : start + size]
        return store.answer(chosen, start + len(chosen), size)

    assert ids(Driver(stores, answer).walk(account(kind), limit=limit)) == list(range(1, 24))


@pytest.mark.parametrize("kind", ["numbers_total", "numbers_offset", "offsets_body"])
def test_records_that_a_plugin_hides_are_not_asked_for_again_and_again(stores: Registry, kind: str) -> None:
    store = PretendStore(kind, people(23))
    answer, sent = store.answer, []

    def hide(chosen: list[dict[str, Any]], end: int, size: int) -> Response:
        sent.append(end)
        return answer([person for person in chosen if person["id"] % 4], end, size)

    store.answer = hide  # type: ignore[method-assign]  # a store of this test alone
    pages = Driver(stores, store).walk(account(kind))

    assert ids(pages) == [number for number in range(1, 24) if number % 4]
    assert len(sent) <= 10


@pytest.mark.parametrize(("kind", "behind"), [("numbers_total", 10), ("numbers_more", 10), ("offsets_body", 9)])
def test_a_list_that_breaks_off_before_its_told_end_is_an_error(stores: Registry, kind: str, behind: int) -> None:
    store = PretendStore(kind, people(23))

    def empty_later(request: Request) -> Response:
        asked = store.read(request)
        start = store.start(asked, int(asked["size"]))
        return store.answer(store.people[start : start + 5] if start < 5 else [], start + 5, 5)

    with pytest.raises(ProviderError) as caught:
        Driver(stores, empty_later).walk(account(kind), limit=30)

    assert caught.value.code == "incomplete_list"
    assert "the list is not whole: the store says " in caught.value.message
    assert caught.value.message.endswith(f", and gave no record behind the first {behind}, asked for 8 times")


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"one_page"}))
@pytest.mark.parametrize("limit", [None, 3, 5])
def test_a_store_that_always_gives_its_first_page_is_found_out_across_calls(
    stores: Registry, kind: str, limit: int | None
) -> None:
    store = PretendStore(kind, people(23))
    store.start = lambda ask, size: 0  # type: ignore[method-assign]  # a store of this test alone
    found: list[int] = []

    with pytest.raises(ProviderError) as caught:
        walk_into(found, Driver(stores, store), kind, limit)

    assert caught.value.code == "pagination_loop"
    assert len(found) == len(set(found)) <= MOST


@pytest.mark.parametrize("kind", MARKS)
def test_a_cursor_that_leads_back_is_found_out_across_calls(stores: Registry, kind: str) -> None:
    store = PretendStore(kind, people(23))
    start = store.start
    store.start = lambda ask, size: start(ask, size) % 15  # type: ignore[method-assign]  # a store of this test alone
    found: list[int] = []

    with pytest.raises(ProviderError) as caught:
        walk_into(found, Driver(stores, store), kind, None)

    assert (caught.value.code, found) == ("pagination_loop", list(range(1, 16)))


@given(st.sampled_from(KINDS), st.integers(0, 25), st.none() | st.integers(1, 12))
def test_a_list_that_nobody_changes_is_never_said_to_have_changed(
    stores: Registry, kind: str, count: int, limit: int | None
) -> None:
    pages = walk(stores, ChangingStore(kind, people(count)), limit)

    assert ids(pages) == list(range(1, count + 1))
    assert not any(page.may_have_changed for page in pages if kind not in {"numbers", "numbers_more"})
