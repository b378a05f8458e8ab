"""What happens to a list that is read page by page while customers come, change and go: docs/paging.md, shown."""

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
CROWD = [one for one in PEOPLE if one.email and one.first_name and one.last_name and one.number % 12][:35]
LATER = timedelta(days=400)
LAST_CHANGE = max(one.updated_at for one in PEOPLE)
# How a store pages decides what a change does; see docs/paging.md.
PLACES = ("bigcommerce", "woocommerce", "wix", "zohoinventory")  # a page is "the records from the 11th on"
MARKS = ("commerce7", "shopify", "shopify_rest")  # a page is "what comes after this record"
each_place = pytest.mark.parametrize("slug", PLACES)
each_mark = pytest.mark.parametrize("slug", MARKS)
every_store = pytest.mark.parametrize("slug", SLUGS)
NUMBERS = {one.email.casefold(): one.number for one in PEOPLE}


@pytest.fixture
def open_small(market: Market) -> Iterator[Callable[[str], Shop]]:
    """Opens a store of 35 customers with native pages of ten."""
    opened: list[Any] = []

    def open_one(slug: str) -> Shop:
        opened.append(open_shop(slug, market.registry(SIZE), CROWD))
        shop: Shop = opened[-1].__enter__()
        return shop

    yield open_one
    for one in opened:
        one.__exit__(None, None, None)


def numbers(records: Iterable[Record]) -> list[int]:
    return [NUMBERS[record["emails"][0]["email"].casefold()] for record in records]


def go_on(shop: Shop, page: Page[Record], **query: Any) -> list[int]:
    """The numbers of everybody on the pages after this one."""
    found: list[int] = []
    while page.next_cursor is not None:
        page = shop.page(**query, next_cursor=page.next_cursor)
        found += numbers(page.result)
    return found


def remove(shop: Shop, *gone: int) -> None:
    shop.store.people[:] = [one for one in shop.store.people if one.number not in gone]


def change(shop: Shop, number: int, **facts: Any) -> None:
    shop.store.people[:] = [replace(one, **facts) if one.number == number else one for one in shop.store.people]


def create(shop: Shop, number: int, **facts: Any) -> None:
    """Somebody new, at the end of the store's own book."""
    newcomer: Person = next(one for one in PEOPLE if one.number == number)
    assert newcomer not in shop.store.people
    shop.store.people.append(replace(newcomer, **facts))


def test_the_two_kinds_are_all_stores() -> None:
    assert sorted(PLACES + MARKS) == sorted(SLUGS)
    assert len(CROWD) == 35


# ------------------------------------------------------------------------------------- the store's own order


@every_store
def test_a_list_that_nobody_changes_is_read_whole(slug: str, open_small: Callable[[str], Shop]) -> None:
    shop = open_small(slug)
    page = shop.page(limit=SIZE)
    seen = numbers(page.result) + go_on(shop, page, limit=SIZE)

    assert sorted(seen) == [one.number for one in CROWD]


@every_store
def test_nobody_is_skipped_when_one_before_the_place_goes(slug: str, open_small: Callable[[str], Shop]) -> None:
    shop = open_small(slug)
    whole = numbers(joined(shop.walk([SIZE])))
    page = shop.page(limit=SIZE)
    remove(shop, whole[3])
    seen = numbers(page.result) + go_on(shop, page, limit=SIZE)

    assert seen == whole


@every_store
def test_the_place_holds_when_the_record_itself_goes(slug: str, open_small: Callable[[str], Shop]) -> None:
    """The last record of the page, or the first of the next, is what the place is known by."""
    shop = open_small(slug)
    whole = numbers(joined(shop.walk([SIZE])))
    page = shop.page(limit=SIZE)
    remove(shop, whole[9], whole[10])
    seen = numbers(page.result) + go_on(shop, page, limit=SIZE)

    assert seen == whole[:10] + whole[11:]


@every_store
def test_one_that_goes_before_it_is_reached_is_not_seen(slug: str, open_small: Callable[[str], Shop]) -> None:
    shop = open_small(slug)
    whole = numbers(joined(shop.walk([SIZE])))
    page = shop.page(limit=SIZE)
    remove(shop, whole[25])

    assert numbers(page.result) + go_on(shop, page, limit=SIZE) == whole[:25] + whole[26:]


@every_store
def test_a_newcomer_repeats_nobody(slug: str, open_small: Callable[[str], Shop]) -> None:
    """Lists are read oldest first, so that newcomers come at the end; where the store's own order is another,
    it is a list by marks.
    """
    shop = open_small(slug)
    whole = numbers(joined(shop.walk([SIZE])))
    page = shop.page(limit=SIZE)
    create(shop, 130)
    create(shop, 131)
    seen = numbers(page.result) + go_on(shop, page, limit=SIZE)

    assert [one for one in seen if one < 130] == whole
    newcomers = {"shopify_rest": []}.get(slug, [130, 131])  # newest first: they stand before the first page
    assert sorted(one for one in seen if one >= 130) == newcomers or slug == "commerce7"


@pytest.mark.parametrize("slug", ["bigcommerce", "shopify", "wix", "woocommerce", "zohoinventory"])
def test_nobody_is_repeated_when_a_newcomer_comes_first(slug: str, open_small: Callable[[str], Shop]) -> None:
    shop = open_small(slug)
    newest_first = {"limit": SIZE, "sort_by": {"created_at": "desc"}}
    page = shop.page(**newest_first)
    create(shop, 130)
    seen = numbers(page.result) + go_on(shop, page, **newest_first)

    assert seen == [one.number for one in reversed(CROWD)]


@pytest.mark.parametrize("slug", ["bigcommerce", "zohoinventory", "shopify"])
def test_a_changed_customer_comes_again_in_a_list_by_time_of_change(
    slug: str, open_small: Callable[[str], Shop]
) -> None:
    shop = open_small(slug)
    by_change = {"limit": SIZE, "sort_by": {"updated_at": "asc"}}
    whole = [one.number for one in sorted(CROWD, key=lambda one: one.updated_at)]
    page = shop.page(**by_change)
    change(shop, whole[2], updated_at=LAST_CHANGE + LATER)
    seen = numbers(page.result) + go_on(shop, page, **by_change)

    assert seen == [*whole, whole[2]]


@pytest.mark.parametrize("slug", ["bigcommerce", "zohoinventory", "shopify"])
def test_one_that_moves_before_the_place_is_not_seen_any_more(slug: str, open_small: Callable[[str], Shop]) -> None:
    shop = open_small(slug)
    by_change = {"limit": SIZE, "sort_by": {"updated_at": "desc"}}
    whole = [one.number for one in sorted(CROWD, key=lambda one: one.updated_at, reverse=True)]
    page = shop.page(**by_change)
    change(shop, whole[20], updated_at=LAST_CHANGE + LATER)
    seen = numbers(page.result) + go_on(shop, page, **by_change)

    assert seen == [*whole[:20], *whole[21:]]


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
def open_halved(market: Market) -> Iterator[Callable[[str], Shop]]:
    """Every second customer has the company that is looked for, which the engine has to do itself."""
    opened: list[Any] = []

    def open_one(slug: str) -> Shop:
        crowd = [replace(one, last_name="Half-way" if in_half(index) else "Other") for index, one in enumerate(CROWD)]
        opened.append(open_shop(slug, market.registry(SIZE, is_emulated=True), crowd))
        shop: Shop = opened[-1].__enter__()
        return shop

    yield open_one
    for one in opened:
        one.__exit__(None, None, None)


def start_inside(shop: Shop) -> tuple[list[int], list[int], Page[Record], dict[str, Any]]:
    """Everybody in the store's order, those who are looked for, and a first page that ends inside a native one."""
    query: dict[str, Any] = {"last_name": "half-way", "limit": 3}
    whole = numbers(joined(shop.walk([SIZE])))
    wanted = numbers(joined(shop.walk(**query)))
    assert 15 < len(wanted) < 20
    return whole, wanted, shop.page(**query), query


NOT_OFFSETS = [slug for slug in SLUGS if slug not in {"wix", "woocommerce"}]


@pytest.mark.parametrize("slug", NOT_OFFSETS)
@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_cursor_inside_a_page_loses_nobody_when_some_before_it_go(
    slug: str, count: int, open_halved: Callable[[str], Shop]
) -> None:
    """Page lists shift by so many, but not further than the records that the cursor remembers."""
    shop = open_halved(slug)
    whole, wanted, page, query = start_inside(shop)
    gone = whole[: whole.index(wanted[2])][:count]
    remove(shop, *gone)
    seen = numbers(page.result) + go_on(shop, page, **query)

    missed = [one for one in wanted if one not in seen and one not in gone]
    assert len(set(seen)) == len(seen)
    assert len(missed) <= (count if slug in PLACES else 0)
    assert seen[:6] == wanted[:6] or slug in PLACES
    assert [one for one in missed if one in whole[:SIZE]] == []


@each_mark
def test_a_cursor_inside_a_page_holds_when_its_own_record_goes(slug: str, open_halved: Callable[[str], Shop]) -> None:
    shop = open_halved(slug)
    whole, wanted, page, query = start_inside(shop)
    remove(shop, wanted[2], whole[whole.index(wanted[2]) - 1])

    assert numbers(page.result) + go_on(shop, page, **query) == wanted


@each_mark
def test_a_cursor_inside_a_page_holds_when_all_before_it_go(slug: str, open_halved: Callable[[str], Shop]) -> None:
    shop = open_halved(slug)
    whole, wanted, page, query = start_inside(shop)
    remove(shop, *whole[: whole.index(wanted[2]) + 1])

    assert numbers(page.result) + go_on(shop, page, **query) == wanted


# --------------------------------------------------------------------------- an order that the engine makes

OWN_ORDER = [("wix", "updated_at"), ("woocommerce", "updated_at"), ("commerce7", "created_at")]
each_order = pytest.mark.parametrize(("slug", "field"), OWN_ORDER)


def in_time(field: str) -> list[int]:
    """Everybody by this time; nobody shares one."""
    ordered = sorted(CROWD, key=lambda one: getattr(one, field))
    assert len({getattr(one, field) for one in ordered}) == len(ordered)
    return [one.number for one in ordered]


@pytest.fixture
def changed_crowd(monkeypatch: pytest.MonkeyPatch) -> list[Person]:
    """Everybody was changed once, at a moment of their own."""
    crowd = [replace(one, updated_at=one.created_at + timedelta(days=1, seconds=one.number)) for one in CROWD]
    crowd = [
        replace(one, updated_at=crowd[index * 11 % len(crowd)].updated_at + LATER) for index, one in enumerate(crowd)
    ]
    monkeypatch.setattr(f"{__name__}.CROWD", crowd)
    return crowd


@each_order
def test_an_emulated_sort_goes_on_after_the_last_key(
    slug: str, field: str, changed_crowd: list[Person], open_small: Callable[[str], Shop]
) -> None:
    """Whatever goes or comes before it: nobody is skipped, nobody is repeated, newcomers are seen behind it only."""
    shop = open_small(slug)
    query: dict[str, Any] = {"limit": SIZE, "sort_by": {field: "asc"}}
    whole = in_time(field)
    first, last = (next(one for one in changed_crowd if one.number == number) for number in (whole[0], whole[-1]))
    page = shop.page(**query)
    remove(shop, whole[0], whole[9], whole[10])
    create(shop, 130, created_at=first.created_at - LATER, updated_at=getattr(first, field) - timedelta(seconds=1))
    create(shop, 131, created_at=last.created_at + LATER, updated_at=last.updated_at + LATER)
    seen = numbers(page.result) + go_on(shop, page, **query)

    assert seen == [*whole[:10], *whole[11:], 131]


@pytest.mark.parametrize("slug", ["wix", "woocommerce"])
def test_an_emulated_sort_shows_a_changed_customer_where_it_stands_now(
    slug: str, changed_crowd: list[Person], open_small: Callable[[str], Shop]
) -> None:
    """A later key is seen again, an earlier key is not seen any more."""
    shop = open_small(slug)
    query: dict[str, Any] = {"limit": SIZE, "sort_by": {"updated_at": "asc"}}
    whole = in_time("updated_at")
    page = shop.page(**query)
    change(shop, whole[2], updated_at=LAST_CHANGE + LATER + LATER)
    change(shop, whole[20], updated_at=next(one for one in changed_crowd if one.number == whole[0]).updated_at)
    seen = numbers(page.result) + go_on(shop, page, **query)

    assert seen == [*whole[:20], *whole[21:], whole[2]]


@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_an_emulated_sort_goes_on_after_the_last_id_of_equal_keys(
    direction: str, open_small: Callable[[str], Shop]
) -> None:
    shop = open_small("wix")
    for one in CROWD:
        change(shop, one.number, updated_at=LAST_CHANGE + LATER)
    query: dict[str, Any] = {"limit": SIZE, "sort_by": {"updated_at": direction}}
    whole = numbers(joined(shop.walk(**query)))
    page = shop.page(**query)
    remove(shop, whole[1], whole[9], whole[10])

    assert numbers(page.result) + go_on(shop, page, **query) == whole[:10] + whole[11:]


def test_an_emulated_sort_is_stable_under_ties(open_small: Callable[[str], Shop]) -> None:
    """All have the same key: the ids decide, and a page ends between any two of them."""
    shop = open_small("wix")
    for one in CROWD:
        change(shop, one.number, updated_at=LAST_CHANGE + LATER)
    for direction in ("asc", "desc"):
        for limit in (1, 4, 35):
            records = joined(shop.walk([limit], sort_by={"updated_at": direction}))
            assert [record["id"] for record in records] == sorted(record["id"] for record in records)
            assert len(records) == len(CROWD)
