"""How many requests a call sends, as the stores count them, and whether a page says that it holds less than ``get``."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import cache
from math import ceil
from typing import TYPE_CHECKING, Any

import pytest

from tests.providers.pretend import open_store, ordinary_people
from tests.shipped import REGISTRY
from truto_unify import UnsupportedParameter
from truto_unify.engine.send import Budget
from truto_unify.sandbox.people import PurchaseOrder, invent_people
from truto_unify.sandbox.serve import STORES
from truto_unify.sandbox.shopify import cost
from truto_unify.types import PlanEntry

if TYPE_CHECKING:
    from truto_unify.sandbox.people import Person

SLUGS = tuple(STORES)
SIDE_LOADS = {slug: REGISTRY.mapping("ecommerce/customers", slug).config.side_loads for slug in SLUGS}
TWELVE = [person for person in invent_people() if len(person.addresses) == 12]
FEW = [person for person in invent_people(40) if person.email and person.first_name and 0 < len(person.addresses) < 3]

COMPLETES = {"commerce7": 1}
"""The requests of ``get`` for a person with two addresses, beside the request for the record."""
COMPLETES_TWELVE = {"bigcommerce": 1, "commerce7": 1, "shopify_rest": 1}
"""The same for somebody with twelve."""


INLINE = {"shopify": (20, 100)}
"""How many orders the records of a list and of a get hold."""
WHOLE = ("woocommerce",)
"""Where the orders of all customers may be read as one list."""


@cache
def people_to(count: int) -> tuple[Person, ...]:
    return tuple(ordinary_people(count))


def sizes(slug: str) -> list[int]:
    """Sizes from zero over the edges of a page to several pages."""
    page = open_store(slug, []).page_size
    return [0, 1, page - 1, page, page + 1, 2 * page, 2 * page + 1]


EDGES = [(slug, count) for slug in SLUGS for count in sizes(slug)]


def pages_of(slug: str, count: int) -> int:
    """An empty list takes one request; without a total each page overlaps with the one before."""
    size = open_store(slug, []).page_size
    return max(1, ceil(count / size)) + (slug == "zohoinventory" and count == 2 * size)


@pytest.mark.parametrize(("slug", "count"), EDGES)
def test_a_whole_list_takes_a_request_for_each_full_page(slug: str, count: int) -> None:
    store = open_store(slug, people_to(count))

    pages = store.pages()

    assert [store.sent, sum(page.request_count for page in pages)] == [pages_of(slug, count)] * 2
    assert len({record.id for page in pages for record in page.result}) == count


@pytest.mark.parametrize(("slug", "count"), EDGES)
def test_one_long_page_takes_no_more(slug: str, count: int) -> None:
    store = open_store(slug, people_to(count))

    page = store.list(limit=max(count, 1))

    assert (store.sent, page.request_count) == (pages_of(slug, count), pages_of(slug, count))
    assert len({record.id for record in page.result}) == count
    assert page.next_cursor is None


@pytest.mark.parametrize("slug", SLUGS)
def test_a_filter_that_the_engine_serves_reads_full_pages(slug: str) -> None:
    count = open_store(slug, []).page_size + 1
    wanted = people_to(count)[-1]
    store = open_store(slug, people_to(count))

    page = store.list(phones={"extension": "no such"}, emails={"email": wanted.email, "is_primary": True}, limit=1)

    assert (page.result, page.next_cursor) == ([], None)
    assert store.sent <= pages_of(slug, count)


@pytest.mark.parametrize(
    ("people", "completing"),
    [(FEW[:1], COMPLETES), (TWELVE[:1], COMPLETES_TWELVE)],
    ids=["two addresses", "twelve addresses"],
)
@pytest.mark.parametrize("slug", SLUGS)
def test_get_costs_what_it_must(slug: str, people: list[Person], completing: dict[str, int]) -> None:
    store = open_store(slug, people)
    (record,) = store.list().result
    store.store.requests.clear()

    store.get(record.id)
    plain = store.sent
    store.get(record.id, side_load=["orders"])

    needed = 1 + completing.get(slug, 0)
    assert (plain, store.sent - plain) == (needed, needed + (slug not in INLINE))


@pytest.mark.parametrize("slug", SLUGS)
def test_orders_cost_a_request_for_each_customer_unless_the_store_gives_them_at_once(slug: str) -> None:
    store = open_store(slug, FEW)

    page = store.list(side_load=["orders"])

    needed = 1 + (0 if slug in INLINE else 1 if slug in WHOLE else len(FEW))
    assert (store.sent, page.request_count) == (needed, needed)


WAYS = {
    "shopify": "within {count} of {count} records; orders.of_customer for 0",
    "woocommerce": "orders.of_all_customers for {count} records: {orders} items, 1 request",
}


@pytest.mark.parametrize("slug", [*INLINE, *WHOLE])
def test_the_plan_says_which_way_the_orders_took(slug: str) -> None:
    store = open_store(slug, FEW)
    orders = sum(len(person.orders) for person in FEW)

    page = store.list(side_load=["orders"])

    native = WAYS[slug].format(count=len(FEW), orders=orders)
    assert page.query_plan == (PlanEntry("side_load[orders]", "native", native=native),)
    assert sum(len(record.orders) for record in page.result) == orders > 0


def test_a_shop_with_more_pages_of_orders_than_customers_is_asked_for_each() -> None:
    people = [buyer(701), *FEW[1:6]]
    store = open_store("woocommerce", people)

    page = store.list(side_load=["orders"])

    assert [len(record.orders) for record in page.result] == [len(person.orders) for person in people]
    assert page.query_plan == (
        PlanEntry(
            "side_load[orders]",
            "native",
            native="orders.of_customer for each of 6 records",
            reason="orders.of_all_customers has 8 pages",
        ),
    )
    assert (store.sent, page.request_count) == (1 + 1 + 5 + 8, 1 + 1 + 5 + 8)


def test_a_shop_with_a_small_bucket_is_asked_for_smaller_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cost, "BUCKET_SIZE", 70)
    store = open_store("shopify", people_to(130))

    sizes = [(len(page.result), page.request_count) for page in store.pages()]

    assert sizes == [(62, 3), (62, 1), (6, 1)]
    assert [(len(page.result), page.request_count) for page in store.pages()] == [(62, 1), (62, 1), (6, 1)]


def buyer(count: int) -> Person:
    """A person with this many orders, an hour and a cent apart."""
    somebody = replace(FEW[0], addresses=())
    orders = [
        PurchaseOrder(2000 + place, "paid", 100 + place, somebody.created_at + timedelta(hours=place))
        for place in range(count)
    ]
    return replace(somebody, orders=tuple(orders))


@pytest.mark.parametrize("count", [0, 99, 100, 101, 251])
@pytest.mark.parametrize("slug", SLUGS)
def test_all_orders_come_oldest_first_page_by_page(slug: str, count: int) -> None:
    store = open_store(slug, [buyer(count)])
    (record,) = store.list(side_load=["orders"]).result
    listed = store.sent

    customer = store.get(record.id, side_load=["orders"])

    pagination = REGISTRY.provider(slug).endpoint(SIDE_LOADS[slug]["orders"].endpoint).pagination
    assert pagination is not None
    needed = max(1, ceil(count / pagination.max_page_size))
    by_list, by_get = (needed if count > most else 0 for most in INLINE.get(slug, (-1, -1)))
    amounts = [Decimal(cents) / 100 for cents in range(100, 100 + count)]
    assert [Decimal(order.total_amount or "") for order in record.orders] == amounts
    assert [Decimal(order.total_amount or "") for order in customer.orders] == amounts
    assert (listed, store.sent - listed) == (1 + by_list, 1 + by_get + COMPLETES.get(slug, 0))


# ------------------------------------------------------------------------------------------------- the budget


@pytest.mark.parametrize("slug", [slug for slug in SLUGS if slug not in {*INLINE, *WHOLE}])
def test_side_loads_past_the_budget_send_nothing_and_say_what_would_work(slug: str) -> None:
    store = open_store(slug, FEW[:6], budget=Budget(max_side_requests=5, at_once=1))

    with pytest.raises(UnsupportedParameter) as caught:
        store.list(side_load=["orders"])

    assert store.sent == 1
    assert (caught.value.parameter, caught.value.message) == (
        "side_load",
        f'{slug}: side_load "orders" needs 6 requests for this page, and the budget is max_side_requests=5; '
        "ask for fewer records at a time (limit) or raise it",
    )
    assert len(store.list(side_load=["orders"], limit=5).result) == 5
    assert store.sent == 1 + 1 + 5


def test_several_side_loads_share_the_budget_and_are_refused_together() -> None:
    store = open_store("commerce7", FEW[:3], budget=Budget(max_side_requests=5, at_once=1))

    with pytest.raises(UnsupportedParameter, match='side_load "addresses, orders" needs 6 requests'):
        store.list(side_load=["addresses", "orders"])

    assert store.sent == 1
    assert len(store.list(side_load=["addresses", "orders"], limit=2).result) == 2


@pytest.mark.parametrize("slug", SLUGS)
def test_all_side_loads_stay_within_their_budget_and_the_count_is_true(slug: str) -> None:
    store = open_store(slug, [*FEW, *TWELVE])

    page = store.list(side_load=list(SIDE_LOADS[slug]))

    assert page.request_count == store.sent <= 1 + Budget().max_side_requests


# ---------------------------------------------------------------------------------------------- is it partial?

PARTIAL = {
    "bigcommerce": (False, True),
    "commerce7": (True, True),
    "shopify": (False, True),
    "shopify_rest": (False, True),
    "wix": (False, False),
    "woocommerce": (False, False),
    "zohoinventory": (True, True),
}
"""Whether a page is partial: of people with two addresses at most, and of such with twelve."""
COMPLETED_BY = {
    "bigcommerce": ["addresses"],
    "commerce7": ["addresses"],
    "shopify_rest": ["addresses"],
    "zohoinventory": ["contact"],
}


def whole(record: Any) -> dict[str, Any]:
    content: dict[str, Any] = record.model_dump(mode="json")
    return content | {"remote_data": None}


@pytest.mark.parametrize("slug", SLUGS)
def test_a_page_is_partial_if_and_only_if_get_gives_more(slug: str) -> None:
    flags = []
    for people in (FEW, TWELVE):
        store = open_store(slug, people)
        page = store.list()
        records = [whole(store.get(record.id)) for record in page.result]
        flags.append(page.is_partial_response)
        assert page.is_partial_response == ([whole(record) for record in page.result] != records)

    assert tuple(flags) == PARTIAL[slug]


@pytest.mark.parametrize("slug", SLUGS)
def test_a_page_without_anybody_is_whole(slug: str) -> None:
    assert open_store(slug, []).list().is_partial_response is False


@pytest.mark.parametrize("slug", COMPLETED_BY)
def test_a_page_is_whole_after_the_side_load_that_completes_it(slug: str) -> None:
    store = open_store(slug, [*FEW, *TWELVE])

    page = store.list(side_load=COMPLETED_BY[slug])

    assert page.is_partial_response is False
    assert [whole(record) for record in page.result] == [whole(store.get(record.id)) for record in page.result]


@pytest.mark.parametrize("slug", COMPLETED_BY)
def test_another_side_load_completes_nothing(slug: str) -> None:
    assert open_store(slug, TWELVE).list(side_load=["orders"]).is_partial_response is True
