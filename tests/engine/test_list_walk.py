"""Lists from stores that change between any two requests: whoever was there all the time comes once, or it is told."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.driver import Driver, ids
from tests.engine.stores import FREE_START, KINDS, PretendStore, account, person

if TYPE_CHECKING:
    from truto_unify.registry import Registry
    from truto_unify.types import Page, Request, Response

PLACES = tuple(sorted({"numbers_total", "numbers_body", "numbers_more", "numbers", *FREE_START}))
MARKS = tuple(sorted(set(KINDS) - set(PLACES)))
CHANGES = st.lists(
    st.tuples(st.integers(1, 9), st.sampled_from(["delete", "insert", "append"]), st.integers(0, 30)), max_size=6
)


def people(count: int) -> list[dict[str, Any]]:
    return [person(number) for number in range(1, count + 1)]


@dataclass
class ChangingStore(PretendStore):
    """Changes before some requests; marks hold the id of the last record and not a place."""

    changes: list[tuple[int, str, int]] = field(default_factory=list)
    steady: set[int] = field(default_factory=set)
    newest: int = 1000

    def __post_init__(self) -> None:
        self.steady = {one["id"] for one in self.people}

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


@settings(max_examples=150)
@given(st.sampled_from(PLACES), st.integers(0, 25), st.none() | st.integers(1, 12), CHANGES)
def test_who_was_there_all_the_time_comes_once_or_the_page_says_that_it_may_have_changed(
    stores: Registry, kind: str, count: int, limit: int | None, changes: list[tuple[int, str, int]]
) -> None:
    store = ChangingStore(kind, people(count), changes=changes)
    pages = walk(stores, store, limit)
    found = Counter(ids(pages))

    is_right = max(found.values(), default=1) == 1 and store.steady <= set(found)
    assert is_right or any(page.may_have_changed for page in pages)


@given(st.sampled_from(KINDS), st.integers(0, 25), st.none() | st.integers(1, 12))
def test_a_list_that_nobody_changes_is_never_said_to_have_changed(
    stores: Registry, kind: str, count: int, limit: int | None
) -> None:
    pages = walk(stores, ChangingStore(kind, people(count)), limit)

    assert ids(pages) == list(range(1, count + 1))
    assert not any(page.may_have_changed for page in pages if kind not in {"numbers", "numbers_more"})
