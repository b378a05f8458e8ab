"""Items of Zoho Inventory: of the pretend organisation through the client, and as they were recorded."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.providers.oracle import check_against_oracle
from tests.shared_material import SHARED, needs_shared
from tests.shipped import REGISTRY
from truto_unify import Account, Client, NotFoundError
from truto_unify.sandbox.goods import invent_goods

if TYPE_CHECKING:
    from tests.loopback import Loopback
    from truto_unify import Product

PRODUCTS: Final = "ecommerce/products"
MAPPER = REGISTRY.mapper(PRODUCTS, "zohoinventory")
GOODS = invent_goods()
ITEMS = [(goods, variant) for goods in GOODS for variant in goods.variants or (None,)]


@pytest.fixture
def account(loopback: Loopback) -> Account:
    return loopback.account("zohoinventory")


def names(records: Any) -> list[str]:
    return [record.name for record in records]


def test_each_item_of_a_group_is_a_product_of_its_own(products: list[Product]) -> None:
    assert sorted(names(products)) == sorted(
        goods.name if variant is None else f"{goods.name}-{variant.size}/{variant.colour}" for goods, variant in ITEMS
    )
    assert {(product.currency, product.weight_unit) for product in products} == {("USD", "kg")}
    assert [product.created_at for product in products] == sorted(goods.created_at for goods, _ in ITEMS)
    shirt = next(product for product in products if product.name == "Linen shirt 1-S/dark blue")
    assert [(option.name, option.values) for option in shirt.options] == [("Size", ["S"]), ("Colour", ["dark blue"])]
    assert shirt.variants == []


def test_the_currency_is_asked_for_once_a_page(client: Client, account: Account, loopback: Loopback) -> None:
    page = client.list(PRODUCTS, account, limit=20)

    paths = [request.path.rpartition("/inventory/v1/")[2] for request in loopback.store("zohoinventory").requests]
    assert paths == ["items", "organizations/10234695"]
    assert page.is_partial_response


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"sku": GOODS[0].sku.lower()}, [GOODS[0].name]),
        ({"sku": GOODS[3].variants[0].sku}, [f"{GOODS[3].name}-S/red"]),
        ({"name": GOODS[5].name.upper()}, [GOODS[5].name]),
        ({"name": {"like": "jam &"}}, [goods.name for goods in GOODS if "Jam &" in goods.name]),
    ],
)
def test_products_are_filtered_by_text(
    client: Client, account: Account, query: dict[str, Any], expected: list[str]
) -> None:
    page = client.list(PRODUCTS, account, **query)

    assert names(page.result) == expected
    assert [entry.how for entry in page.query_plan] == ["native"]


@pytest.mark.parametrize(("status", "is_active"), [("active", True), ("inactive", False)])
def test_products_are_filtered_by_status(client: Client, account: Account, status: str, *, is_active: bool) -> None:
    page = client.list(PRODUCTS, account, status=status, limit=100)

    assert len(page.result) == sum(goods.is_active == is_active for goods, _ in ITEMS)
    assert [entry.how for entry in page.query_plan] == ["native"]


@pytest.mark.parametrize(("name", "how"), [("created_at", "emulated"), ("updated_at", "native")])
@pytest.mark.parametrize("op", ["gt", "gte"])
def test_products_are_filtered_by_time(
    client: Client, account: Account, products: list[Product], name: str, how: str, op: str
) -> None:
    moments = sorted(getattr(product, name) for product in products)
    moment = moments[40]

    query: Any = {name: {op: moment}}
    page = client.list(PRODUCTS, account, limit=100, **query)

    assert len(page.result) == sum(each > moment or (op == "gte" and each == moment) for each in moments)
    assert [entry.how for entry in page.query_plan] == [how]


@pytest.mark.parametrize("field", ["created_at", "updated_at", "id"])
@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_products_are_sorted(client: Client, account: Account, field: str, direction: str) -> None:
    query: Any = {"sort_by": {field: direction}}

    page = client.list(PRODUCTS, account, limit=30, **query)
    keys = [int(product.id) if field == "id" else getattr(product, field) for product in page.result]

    assert keys == sorted(keys, reverse=direction == "desc")


def test_get_has_categories_and_tags(client: Client, account: Account, products: list[Product]) -> None:
    goods = next(goods for goods in GOODS if len(goods.tags) > 1 and goods.stock is not None)
    listed = next(product for product in products if product.sku == goods.sku)

    product = client.get(PRODUCTS, account, listed.id)

    assert (product.tags, [category.name for category in product.categories]) == ([*goods.tags], [goods.category])
    assert (product.price, product.inventory_quantity) == (
        f"{goods.price_cents / 100:g}",
        str(goods.stock),
    )
    assert (product.vendor, product.currency) == (goods.vendor or None, "USD")
    page = client.list(PRODUCTS, account, sku=goods.sku, side_load="item")
    assert page.result == [product]
    assert not page.is_partial_response


def test_an_unknown_id_is_not_found(client: Client, account: Account) -> None:
    with pytest.raises(NotFoundError):
        client.get(PRODUCTS, account, "999999")


@needs_shared
def test_every_recorded_item_maps_as_the_oracle_says() -> None:
    files = [
        *sorted((SHARED / "fixtures-commerce" / "zohoinventory").glob("*item*.json")),
        SHARED / "fixtures" / "zohoinventory" / "item_get_docs.json",
    ]
    contents = [json.loads(file.read_text("utf-8")) for file in files if "delete" not in file.name]
    natives = [item for content in contents for item in content.get("items") or [content["item"]]]

    check_against_oracle(MAPPER, natives, at_least=7)


@needs_shared
def test_the_documented_item() -> None:
    native = json.loads((SHARED / "fixtures" / "zohoinventory" / "item_get_docs.json").read_text("utf-8"))["item"]

    product = MAPPER.map(native, loaded={"organization": {"currency_code": "USD"}})

    assert (product["id"], product["price"], product["currency"]) == ("4815000000044208", "6", "USD")
    assert (product["sku"], product["barcode"], product["inventory_quantity"]) == ("SK123", "111111111112", None)
    assert product["options"] == [{"id": "4815000000044112", "name": "Small", "values": ["Small"]}]
