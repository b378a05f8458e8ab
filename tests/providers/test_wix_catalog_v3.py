"""Products of Wix, of the catalog of version 3, which an account's context chooses."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.providers.pretend import Pretend, open_store
from tests.shipped import REGISTRY
from truto_unify import NotFoundError, RejectedInputError
from truto_unify.sandbox.goods import invent_goods
from truto_unify.sandbox.wix.auth import V3_SITE_ID
from truto_unify.sandbox.wix.products import product_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from truto_unify import Client

PRODUCTS: Final = "ecommerce/products"
GOODS = invent_goods()


def site(catalog: str, context: str) -> Pretend:
    """A site with this catalog, and an account that says that it has that one."""
    store = open_store("wix", [])
    site_id = V3_SITE_ID if catalog == "v3" else store.account.context["site_id"]
    return replace(store, account=replace(store.account, context={"site_id": site_id, "catalog": context}))


@pytest.fixture
def store() -> Pretend:
    return site("v3", "v3")


@pytest.fixture
def client(store: Pretend) -> Iterator[Client]:
    with store.open() as client:
        yield client


def content(record: Any) -> dict[str, Any]:
    unified: dict[str, Any] = record.model_dump(mode="json", exclude={"remote_data"})
    return unified


def test_both_catalogs_give_the_same_product(store: Pretend, client: Client) -> None:
    old = site("v1", "v1")
    with old.open() as other:
        by_v1 = {record.id: content(record) for record in other.iterate(PRODUCTS, old.account)}
    by_v3 = {record.id: content(record) for record in client.iterate(PRODUCTS, store.account)}

    assert list(by_v3) == list(by_v1) == [product_id(goods) for goods in GOODS]
    same = ("name", "description", "status", "currency", "vendor", "url", "created_at", "updated_at")
    assert [{name: record[name] for name in same} for record in by_v3.values()] == [
        {name: record[name] for name in same} for record in by_v1.values()
    ]
    assert [[part["id"] for part in record["categories"]] for record in by_v3.values()] == [
        [part["id"] for part in record["categories"]] for record in by_v1.values()
    ]


def test_a_page_takes_one_request_for_products_one_for_variants_one_for_categories_and_those_for_stock(
    store: Pretend, client: Client
) -> None:
    page = client.list(PRODUCTS, store.account)

    assert [request.path for request in store.store.requests] == [
        "/stores/v3/products/query",
        "/stores/v3/products/query-variants",
        *["/stores/v3/inventory-items/query"] * (page.request_count - 3),
        "/categories/v1/categories/query",
    ]
    assert (len(page.result), page.next_cursor, page.is_partial_response) == (len(GOODS), None, False)


def test_list_and_get_tell_the_same(store: Pretend, client: Client) -> None:
    goods = next(item for item in GOODS if any(variant.stock for variant in item.variants))
    (listed,) = [each for each in client.iterate(PRODUCTS, store.account) if each.id == product_id(goods)]

    product = client.get(PRODUCTS, store.account, product_id(goods))

    assert content(listed) == content(product)
    assert [(each.sku, Decimal(each.price or ""), each.barcode) for each in product.variants] == [
        (each.sku, Decimal(each.price_cents) / 100, each.barcode or None) for each in goods.variants
    ]
    assert [[(part.name, part.value) for part in each.options] for each in product.variants] == [
        [("Size", each.size), ("Colour", each.colour)] for each in goods.variants
    ]
    assert {option.name: option.values for option in product.options} == {
        "Size": ["S", "M", "L"],
        "Colour": ["red", "dark blue"],
    }
    assert product.inventory_quantity == str(sum(each.stock or 0 for each in goods.variants))
    assert [each.inventory_quantity for each in product.variants] == [
        None if each.stock is None else str(each.stock) for each in goods.variants
    ]


def test_a_product_without_options_has_no_variants(store: Pretend, client: Client) -> None:
    goods = next(item for item in GOODS if not item.variants and item.weight_grams and item.barcode and item.sku)

    product = client.get(PRODUCTS, store.account, product_id(goods))

    assert (product.variants, product.options) == ([], [])
    assert (product.sku, product.barcode, product.weight_unit) == (goods.sku, goods.barcode, "kg")
    assert Decimal(product.weight or "") == Decimal(goods.weight_grams or 0) / 1000


def test_the_pages_of_a_list_follow_cursors(store: Pretend, client: Client) -> None:
    pages = list(client.pages(PRODUCTS, store.account, limit=15, sort_by={"updated_at": "desc"}))

    times = [str(record.updated_at) for page in pages for record in page.result]
    assert (len(times), times) == (len(GOODS), sorted(times, reverse=True))
    queries = [
        json.loads(request.body)["query"] for request in store.store.requests if "products/query" in request.path
    ]
    assert queries[0]["sort"] == [{"fieldName": "updatedDate", "order": "DESC"}]


def test_filters_are_plain_objects_and_names_are_emulated(store: Pretend, client: Client) -> None:
    page = client.list(PRODUCTS, store.account, name=GOODS[0].name, updated_at={"gte": "2023-01-01T00:00:00Z"})

    assert [entry.how for entry in page.query_plan] == ["emulated", "native"]
    query = json.loads(store.store.requests[0].body)["query"]
    assert query["filter"] == {"updatedDate": {"$gte": "2023-01-01T00:00:00.000Z"}}
    assert {record.name for record in page.result} == {GOODS[0].name}


def test_an_unknown_product_is_not_found(store: Pretend, client: Client) -> None:
    with pytest.raises(NotFoundError):
        client.get(PRODUCTS, store.account, "11112222-3333-4444-5555-666677778888")


@pytest.mark.parametrize(("catalog", "context"), [("v3", "v1"), ("v1", "v3")])
def test_the_wrong_catalog_is_an_error_that_says_what_to_set(catalog: str, context: str) -> None:
    store = site(catalog, context)

    with store.open() as client, pytest.raises(RejectedInputError, match=f"set the context field catalog to {catalog}"):
        client.list(PRODUCTS, store.account)


def test_an_account_without_a_catalog_has_the_first() -> None:
    first = REGISTRY.mapper(PRODUCTS, "wix")

    assert REGISTRY.mapper(PRODUCTS, "wix", context={"site_id": "a"}) is first
    assert REGISTRY.mapper(PRODUCTS, "wix", context={"catalog": "v1"}) is first
    assert REGISTRY.mapper(PRODUCTS, "wix", context={"catalog": "v3"}) is not first
