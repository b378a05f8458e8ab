"""A list is read page by page while customers change: by time of change, filtered or sorted by the engine.

``tests/lists`` reads whole lists of every store while customers are created, changed and deleted.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.loopback import PEOPLE
from tests.query.shops import SLUGS, joined, open_shop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tests.query.conftest import Market
    from tests.query.shops import Record, Shop
    from truto_unify import Page
    from truto_unify.sandbox.people import Person

SIZE = 10
COMPLETE = [person for person in PEOPLE if person.email and person.first_name and person.last_name]
CROWD = [person for person in COMPLETE if person.number % 12][:35]
LATER = timedelta(days=400)
LAST_CHANGE = max(person.updated_at for person in PEOPLE)
# How a store pages decides what a change does; see docs/paging.md.
BY_NUMBER = ("bigcommerce", "woocommerce", "wix", "zohoinventory")  # a page is "the records from the 11th on"
BY_CURSOR = ("commerce7", "shopify", "shopify_rest")  # a page is "what comes after this record"
each_by_cursor = pytest.mark.parametrize("slug", BY_CURSOR)
every_store = pytest.mark.parametrize("slug", SLUGS)
NUMBERS = {person.email.casefold(): person.number for person in PEOPLE}


@pytest.fixture
def open_small(market: Market) -> Iterator[Callable[[str], Shop]]:
    """Opens a store of 35 customers with native pages of ten."""
    stores: list[Any] = []

    def open_one(slug: str) -> Shop:
        stores.append(open_shop(slug, market.registry(SIZE), CROWD))
        shop: Shop = stores[-1].__enter__()
        return shop

    yield open_one
    for store in stores:
        store.__exit__(None, None, None)


def numbers(records: Iterable[Record]) -> list[int]:
    return [NUMBERS[record["emails"][0]["email"].casefold()] for record in records]


def go_on(shop: Shop, page: Page[Record], **query: Any) -> list[int]:
    """The numbers of the customers on the pages after this page."""
    seen: list[int] = []
    while page.next_cursor is not None:
        page = shop.page(**query, next_cursor=page.next_cursor)
        seen += numbers(page.result)
    return seen


def remove(shop: Shop, *gone: int) -> None:
    shop.store.people[:] = [person for person in shop.store.people if person.number not in gone]


def change(shop: Shop, number: int, **facts: Any) -> None:
    shop.store.people[:] = [
        replace(person, **facts) if person.number == number else person for person in shop.store.people
    ]


def create(shop: Shop, number: int, **facts: Any) -> None:
    """Adds a customer at the end of the store's own list."""
    newcomer: Person = next(person for person in PEOPLE if person.number == number)
    assert newcomer not in shop.store.people
    shop.store.people.append(replace(newcomer, **facts))


def test_the_two_kinds_are_all_stores() -> None:
    assert sorted(BY_NUMBER + BY_CURSOR) == sorted(SLUGS)
    assert len(CROWD) == 35


# --------------------------------------------------------------------------------- a list by time of change


@pytest.mark.parametrize("slug", ["bigcommerce", "zohoinventory", "shopify"])
def test_a_changed_customer_comes_again_in_a_list_by_time_of_change(
    slug: str, open_small: Callable[[str], Shop]
) -> None:
    shop = open_small(slug)
    by_change = {"limit": SIZE, "sort_by": {"updated_at": "asc"}}
    whole = [person.number for person in sorted(CROWD, key=lambda person: person.updated_at)]
    page = shop.page(**by_change)
    change(shop, whole[2], updated_at=LAST_CHANGE + LATER)
    seen = numbers(page.result) + go_on(shop, page, **by_change)

    assert seen == [*whole, whole[2]]


@pytest.mark.parametrize("slug", ["bigcommerce", "zohoinventory", "shopify"])
def test_a_customer_that_moves_to_an_earlier_page_is_not_seen(slug: str, open_small: Callable[[str], Shop]) -> None:
    shop = open_small(slug)
    by_change = {"limit": SIZE, "sort_by": {"updated_at": "desc"}}
    whole = [person.number for person in sorted(CROWD, key=lambda person: person.updated_at, reverse=True)]
    page = shop.page(**by_change)
    change(shop, whole[20], updated_at=LAST_CHANGE + LATER)
    seen = numbers(page.result) + go_on(shop, page, **by_change)

    assert seen == [*whole[:20], *whole[21:]]


@pytest.mark.parametrize("slug", ["bigcommerce", "zohoinventory", "shopify"])
def test_a_list_of_one_native_page_says_that_a_customer_moved_above_the_cursor(
    slug: str, open_halved: Callable[..., Shop]
) -> None:
    shop = open_halved(slug, is_emulated=False)
    remove(shop, *(person.number for person in CROWD[SIZE - 1 :]))
    query: dict[str, Any] = {"last_name": "half-way", "sort_by": {"updated_at": "desc"}}
    page = shop.page(**query, limit=2)
    steady = shop.page(**query, limit=SIZE, next_cursor=page.next_cursor)
    moved = numbers(steady.result)[-1]
    change(shop, moved, updated_at=LAST_CHANGE + LATER)
    last = shop.page(**query, limit=SIZE, next_cursor=page.next_cursor)

    assert (steady.may_have_changed, steady.request_count) == (False, 1)
    assert (last.may_have_changed, last.next_cursor) == (True, None)
    assert moved not in numbers(page.result + last.result)


@pytest.mark.parametrize("slug", ["bigcommerce", "shopify", "wix"])
def test_a_list_by_the_newest_change_is_whole_if_its_first_customer_is_deleted(
    slug: str, open_small: Callable[[str], Shop]
) -> None:
    shop = open_small(slug)
    by_change: dict[str, Any] = {"sort_by": {"updated_at": "desc"}}
    page = shop.page(**by_change, limit=SIZE)
    remove(shop, numbers(page.result)[0])
    pages = [page]
    while pages[-1].next_cursor is not None:
        pages.append(shop.page(**by_change, limit=SIZE, next_cursor=pages[-1].next_cursor))

    assert sorted(numbers(joined(pages))) == sorted(person.number for person in CROWD)
    assert [page.may_have_changed for page in pages] == [False] * len(pages)


@every_store
def test_a_record_is_as_it_was_when_its_page_was_read(slug: str, open_small: Callable[[str], Shop]) -> None:
    shop = open_small(slug)
    page = shop.page(limit=SIZE)
    later = shop.page(limit=SIZE, next_cursor=page.next_cursor)
    change(shop, numbers(later.result)[0], last_name="Changed")
    again = shop.page(limit=SIZE, next_cursor=page.next_cursor)

    assert [record["last_name"] for record in again.result] == [
        "Changed",
        *[record["last_name"] for record in later.result[1:]],
    ]


# ------------------------------------------------------------- a cursor that stands inside a native page

HALF = {"phones": [{"type": "nobody"}, {"type": "half"}]}


def in_half(number: int) -> bool:
    return number % 2 == 1


@pytest.fixture
def open_halved(market: Market) -> Iterator[Callable[..., Shop]]:
    """Opens a store in which every second customer has the wanted last name; the engine filters it."""
    stores: list[Any] = []

    def open_one(slug: str, *, is_emulated: bool = True) -> Shop:
        crowd = [
            replace(person, last_name="Half-way" if in_half(index) else "Other") for index, person in enumerate(CROWD)
        ]
        stores.append(open_shop(slug, market.registry(SIZE, is_emulated=is_emulated), crowd))
        shop: Shop = stores[-1].__enter__()
        return shop

    yield open_one
    for store in stores:
        store.__exit__(None, None, None)


def start_inside(shop: Shop) -> tuple[list[int], list[int], Page[Record], dict[str, Any]]:
    """All customers in the store's order, the wanted customers, and a first page that ends inside a native page."""
    query: dict[str, Any] = {"last_name": "half-way", "limit": 3}
    whole = numbers(joined(shop.walk([SIZE])))
    wanted = numbers(joined(shop.walk(**query)))
    assert 15 < len(wanted) < 20
    return whole, wanted, shop.page(**query), query


NOT_OFFSETS = [slug for slug in SLUGS if slug not in {"wix", "woocommerce"}]


@pytest.mark.parametrize("slug", NOT_OFFSETS)
@pytest.mark.parametrize("count", [1, 3])
def test_a_cursor_inside_a_page_loses_nobody_if_earlier_customers_are_deleted(
    slug: str, count: int, open_halved: Callable[[str], Shop]
) -> None:
    """Numbered pages shift by this count, but no further than the records that the cursor remembers."""
    shop = open_halved(slug)
    whole, wanted, page, query = start_inside(shop)
    gone = whole[: whole.index(wanted[2])][:count]
    remove(shop, *gone)
    seen = numbers(page.result) + go_on(shop, page, **query)

    missed = [number for number in wanted if number not in seen and number not in gone]
    assert len(set(seen)) == len(seen)
    assert len(missed) <= (count if slug in BY_NUMBER else 0)
    assert seen[:6] == wanted[:6] or slug in BY_NUMBER
    assert [number for number in missed if number in whole[:SIZE]] == []


@each_by_cursor
def test_a_cursor_inside_a_page_holds_if_its_own_record_is_deleted(
    slug: str, open_halved: Callable[[str], Shop]
) -> None:
    shop = open_halved(slug)
    whole, wanted, page, query = start_inside(shop)
    remove(shop, wanted[2], whole[whole.index(wanted[2]) - 1])

    assert numbers(page.result) + go_on(shop, page, **query) == wanted


@each_by_cursor
def test_a_cursor_inside_a_page_holds_if_all_earlier_customers_are_deleted(
    slug: str, open_halved: Callable[[str], Shop]
) -> None:
    shop = open_halved(slug)
    whole, wanted, page, query = start_inside(shop)
    remove(shop, *whole[: whole.index(wanted[2]) + 1])

    assert numbers(page.result) + go_on(shop, page, **query) == wanted


# --------------------------------------------------------------------------- an order that the engine makes

OWN_ORDER = [("wix", "updated_at"), ("woocommerce", "updated_at"), ("commerce7", "created_at")]
each_order = pytest.mark.parametrize(("slug", "field"), OWN_ORDER)


def in_time(field: str) -> list[int]:
    """The numbers of all customers in the order of this time, which is unique."""
    ordered = sorted(CROWD, key=lambda person: getattr(person, field))
    assert len({getattr(person, field) for person in ordered}) == len(ordered)
    return [person.number for person in ordered]


@pytest.fixture
def changed_crowd(monkeypatch: pytest.MonkeyPatch) -> list[Person]:
    """All customers, each changed once, at its own moment."""
    crowd = [
        replace(person, updated_at=person.created_at + timedelta(days=1, seconds=person.number)) for person in CROWD
    ]
    crowd = [
        replace(person, updated_at=crowd[index * 11 % len(crowd)].updated_at + LATER)
        for index, person in enumerate(crowd)
    ]
    monkeypatch.setattr(f"{__name__}.CROWD", crowd)
    return crowd


@each_order
def test_an_emulated_sort_goes_on_after_the_last_key(
    slug: str, field: str, changed_crowd: list[Person], open_small: Callable[[str], Shop]
) -> None:
    """Deletions and newcomers before the key skip and repeat nobody; newcomers after the key are seen."""
    shop = open_small(slug)
    query: dict[str, Any] = {"limit": SIZE, "sort_by": {field: "asc"}}
    whole = in_time(field)
    people = {person.number: person for person in changed_crowd}
    first, last = people[whole[0]], people[whole[-1]]
    page = shop.page(**query)
    remove(shop, whole[0], whole[9], whole[10])
    create(shop, 130, created_at=first.created_at - LATER, updated_at=getattr(first, field) - timedelta(seconds=1))
    create(shop, 131, created_at=last.created_at + LATER, updated_at=last.updated_at + LATER)
    seen = numbers(page.result) + go_on(shop, page, **query)

    assert seen == [*whole[:10], *whole[11:], 131]


@pytest.mark.parametrize("slug", ["wix", "woocommerce"])
def test_an_emulated_sort_shows_a_changed_customer_at_its_new_position(
    slug: str, changed_crowd: list[Person], open_small: Callable[[str], Shop]
) -> None:
    """A customer with a later key is seen again; a customer with an earlier key is not seen."""
    shop = open_small(slug)
    query: dict[str, Any] = {"limit": SIZE, "sort_by": {"updated_at": "asc"}}
    whole = in_time("updated_at")
    page = shop.page(**query)
    change(shop, whole[2], updated_at=LAST_CHANGE + LATER + LATER)
    people = {person.number: person for person in changed_crowd}
    change(shop, whole[20], updated_at=people[whole[0]].updated_at)
    seen = numbers(page.result) + go_on(shop, page, **query)

    assert seen == [*whole[:20], *whole[21:], whole[2]]


@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_an_emulated_sort_goes_on_after_the_last_id_of_equal_keys(
    direction: str, open_small: Callable[[str], Shop]
) -> None:
    shop = open_small("wix")
    for person in CROWD:
        change(shop, person.number, updated_at=LAST_CHANGE + LATER)
    query: dict[str, Any] = {"limit": SIZE, "sort_by": {"updated_at": direction}}
    whole = numbers(joined(shop.walk(**query)))
    page = shop.page(**query)
    remove(shop, whole[1], whole[9], whole[10])

    assert numbers(page.result) + go_on(shop, page, **query) == whole[:10] + whole[11:]


def test_an_emulated_sort_is_stable_under_ties(open_small: Callable[[str], Shop]) -> None:
    """All records have the same key: the ids decide, and a page may end between any two of them."""
    shop = open_small("wix")
    for person in CROWD:
        change(shop, person.number, updated_at=LAST_CHANGE + LATER)
    for direction in ("asc", "desc"):
        for limit in (1, 4, 35):
            records = joined(shop.walk([limit], sort_by={"updated_at": direction}))
            assert [record["id"] for record in records] == sorted(record["id"] for record in records)
            assert len(records) == len(CROWD)
