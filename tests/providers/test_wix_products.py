"""Products of Wix, of the catalog of version 1: of the pretend site through the client, and as documented."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.providers.oracle import check_against_oracle
from tests.shared_material import SHARED, needs_shared
from tests.shipped import REGISTRY
from truto_unify import Account, Client, NotFoundError, RejectedInputError
from truto_unify.sandbox.goods import invent_goods
from truto_unify.sandbox.wix.products import product_id

if TYPE_CHECKING:
    from tests.loopback import Loopback
    from truto_unify import Product

PRODUCTS: Final = "ecommerce/products"
MAPPER = REGISTRY.mapper(PRODUCTS, "wix")
GOODS = invent_goods()


@pytest.fixture
def account(loopback: Loopback) -> Account:
    return loopback.account("wix")


def names(records: Any) -> list[str]:
    return [record.name for record in records]


def test_a_list_holds_every_product_once_hidden_ones_too(products: list[Product]) -> None:
    assert names(products) == [goods.name for goods in GOODS]
    assert [product.status for product in products] == ["active" if goods.is_active else "inactive" for goods in GOODS]
    assert {product.currency for product in products} == {"USD"}


def test_a_list_that_is_longer_than_its_offsets_ends_with_an_error(
    client: Client, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """https://dev.wix.com/docs/api-reference/business-solutions/stores/catalog-v1/catalog/query-products"""
    monkeypatch.setattr("truto_unify.sandbox.wix.app._MAX_OFFSET", 20)
    products = client.iterate(PRODUCTS, account, limit=15)

    assert names(islice(products, 30)) == [goods.name for goods in GOODS[:30]]
    with pytest.raises(RejectedInputError, match="must be less than or equal to 20"):
        list(products)


def test_filter_and_sort_are_json_inside_of_a_text(client: Client, account: Account, loopback: Loopback) -> None:
    client.list(PRODUCTS, account, updated_at={"gte": "2023-04-01T00:00:00Z"}, sort_by={"updated_at": "desc"}, limit=5)

    body = json.loads(loopback.store("wix").requests[0].body)
    assert json.loads(body["query"]["filter"]) == {"lastUpdated": {"$gte": "2023-04-01T00:00:00.000Z"}}
    assert json.loads(body["query"]["sort"]) == [{"lastUpdated": "desc"}]


def test_a_product_has_its_variants(client: Client, account: Account) -> None:
    goods = next(item for item in GOODS if item.variants)

    product = client.get(PRODUCTS, account, product_id(goods))

    assert [(variant.sku, variant.price) for variant in product.variants] == [
        (variant.sku, f"{variant.price_cents / 100:g}") for variant in goods.variants
    ]
    assert [(option.name, option.value) for option in product.variants[1].options] == [
        ("Size", "S"),
        ("Colour", "dark blue"),
    ]
    assert [(option.name, option.values) for option in product.options] == [
        ("Size", ["S", "M", "L"]),
        ("Colour", ["red", "dark blue"]),
    ]


def test_a_product_without_variants_and_on_sale(client: Client, account: Account, products: list[Product]) -> None:
    goods = next(item for item in GOODS if item.before_cents is not None and item.stock is not None)

    product = client.get(PRODUCTS, account, product_id(goods))

    assert product in products
    assert (product.variants, product.options, product.inventory_quantity) == ([], [], str(goods.stock))
    assert (product.price, product.compare_at_price) == (
        f"{goods.price_cents / 100:g}",
        f"{(goods.before_cents or 0) / 100:g}",
    )


@pytest.mark.parametrize(
    ("query", "expected", "how"),
    [
        ({"sku": GOODS[0].sku.lower()}, [GOODS[0].name], "native"),
        ({"name": GOODS[5].name.upper()}, [GOODS[5].name], "native"),
        ({"name": {"like": "jam &"}}, [goods.name for goods in GOODS if "Jam &" in goods.name], "emulated"),
        ({"status": "inactive"}, [goods.name for goods in GOODS if not goods.is_active], "emulated"),
    ],
)
def test_products_are_filtered(
    client: Client, account: Account, query: dict[str, Any], expected: list[str], how: str
) -> None:
    page = client.list(PRODUCTS, account, **query)

    assert names(page.result) == expected
    assert [entry.how for entry in page.query_plan] == [how]


@pytest.mark.parametrize("name", ["created_at", "updated_at"])
@pytest.mark.parametrize("op", ["gt", "gte", "lt", "lte"])
def test_products_are_filtered_by_time(
    client: Client, account: Account, products: list[Product], name: str, op: str
) -> None:
    moments = sorted(getattr(product, name) for product in products)
    moment = moments[20]
    tests = {
        "gt": moment.__lt__,
        "gte": moment.__le__,
        "lt": moment.__gt__,
        "lte": moment.__ge__,
    }

    query: Any = {name: {op: moment}}
    page = client.list(PRODUCTS, account, limit=100, **query)

    assert len(page.result) == sum(tests[op](each) for each in moments)
    assert [entry.how for entry in page.query_plan] == ["native"]


@pytest.mark.parametrize(("field", "how"), [("created_at", "emulated"), ("updated_at", "native"), ("id", "emulated")])
@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_products_are_sorted(client: Client, account: Account, field: str, how: str, direction: str) -> None:
    query: Any = {"sort_by": {field: direction}}

    page = client.list(PRODUCTS, account, limit=30, **query)
    keys = [getattr(product, field) for product in page.result]

    assert keys == sorted(keys, reverse=direction == "desc")
    assert [entry.how for entry in page.query_plan] == [how]


def test_an_unknown_id_is_not_found(client: Client, account: Account) -> None:
    with pytest.raises(NotFoundError):
        client.get(PRODUCTS, account, "11112222-3333-4444-5555-666677778888")


@needs_shared
def test_every_documented_product_maps_as_the_oracle_says() -> None:
    files = sorted((SHARED / "fixtures-commerce" / "wix").glob("v1_product*_docs.json"))
    contents = [json.loads(file.read_text("utf-8")) for file in files if "_request_" not in file.name]
    natives = [product for content in contents for product in content.get("products") or [content["product"]]]

    check_against_oracle(MAPPER, natives, at_least=7)


@needs_shared
def test_the_documented_coffee() -> None:
    file = SHARED / "fixtures-commerce" / "wix" / "v1_product_get_docs.json"

    product = MAPPER.map(json.loads(file.read_text("utf-8"))["product"])

    assert (product["price"], product["compare_at_price"], product["currency"]) == ("30", "35", "USD")
    assert [variant["sku"] for variant in product["variants"]] == ["10001", "10003", "10002", "10004"]
    assert product["variants"][1]["options"] == [
        {"id": None, "name": "Weight", "value": "250g"},
        {"id": None, "name": "Ground for", "value": "Filter"},
    ]
    assert product["url"] == "https://wixsite.com/examplestore/product-page/colombian-arabica-1"
