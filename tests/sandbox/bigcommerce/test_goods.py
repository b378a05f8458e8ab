"""The parts of orders, and the catalog, of the pretend BigCommerce store."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.sandbox.in_process import open_client
from tests.shared_material import SHARED, needs_shared
from truto_unify.sandbox.bigcommerce.app import ACCOUNT, API_ROOT, ORDERS_ROOT, create_app
from truto_unify.sandbox.goods import invent_goods
from truto_unify.sandbox.people import PostalAddress, PurchaseOrder, invent_people
from truto_unify.sandbox.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from truto_unify.sandbox.goods import Goods

HEADERS = {"X-Auth-Token": ACCOUNT["credentials"]["access_token"], "Accept": "application/json"}
ORDERS = f"{ORDERS_ROOT}/orders"
REFUNDS = f"{API_ROOT}/orders/payment_actions/refunds"
PRODUCTS = f"{API_ROOT}/catalog/products"
MAY = datetime(2024, 5, 14, 9, 34, tzinfo=UTC)
ANA = replace(
    invent_people(1)[0],
    first_name="Ana",
    email="ana@example.test",
    addresses=(PostalAddress("billing", "1 Main St"), PostalAddress("shipping", "2 Side St", city="Kyiv")),
    orders=(
        PurchaseOrder(number=1001, status="paid", total_minor=10905, created_at=MAY),
        PurchaseOrder(number=1002, status="pending", total_minor=5, created_at=MAY),
        PurchaseOrder(number=1003, status="refunded", total_minor=700, created_at=MAY),
    ),
)


@pytest.fixture
def api() -> httpx.Client:
    return open_client(create_app(Store.of([ANA])), HEADERS)


def ids(api: httpx.Client, query: str) -> list[int]:
    answer = api.get(f"{PRODUCTS}?{query}")
    assert answer.status_code == 200, answer.text
    return [record["id"] for record in answer.json()["data"]]


@needs_shared
@pytest.mark.parametrize(
    ("name", "recorded"),
    [
        ("products", "v2_order_products_recorded"),
        ("shipping_addresses", "v2_order_shipping_addresses_recorded"),
        ("shipments", "v2_order_shipments_docs"),
    ],
)
def test_keys_of_the_parts_of_an_order(api: httpx.Client, name: str, recorded: str) -> None:
    (ours,) = api.get(f"{ORDERS}/1001/{name}").json()
    theirs = json.loads((SHARED / "fixtures-commerce" / "bigcommerce" / f"{recorded}.json").read_text("utf-8"))[0]
    assert ours.keys() == theirs.keys()


def test_an_order_without_parts_answers_204(api: httpx.Client) -> None:
    for path in ("1001/coupons", "1002/shipments", "1001/products?page=2"):
        answer = api.get(f"{ORDERS}/{path}")
        assert (answer.status_code, answer.content) == (204, b"")
    assert api.get(f"{ORDERS}/5/products").status_code == 404
    assert api.get(f"{ORDERS}/1001/nothing").status_code == 404
    assert api.get(f"{ORDERS}/1001/products?sort=id").status_code == 400


def test_refunds_of_several_orders(api: httpx.Client) -> None:
    refunds = api.get(f"{REFUNDS}?order_id:in=1001,1003").json()
    assert [(refund["order_id"], refund["total_amount"]) for refund in refunds["data"]] == [(1003, 7.0)]
    assert refunds["meta"]["pagination"]["total"] == 1
    assert api.get(f"{REFUNDS}?order_id=1003").status_code == 422


# ------------------------------------------------------------------------------------------------ catalog


@needs_shared
def test_product_keys(api: httpx.Client) -> None:
    folder = SHARED / "fixtures-commerce" / "bigcommerce"
    product = json.loads((folder / "v3_product_create_recorded.json").read_text("utf-8"))["data"]
    variant = json.loads((folder / "v3_variants_list_recorded.json").read_text("utf-8"))["data"][0]
    for ours in api.get(f"{PRODUCTS}?include=variants,images").json()["data"]:
        assert ours.keys() <= product.keys()
        assert [each.keys() for each in ours["variants"]] == [variant.keys()] * len(ours["variants"])
        values = [value for each in ours["variants"] for value in each["option_values"]]
        assert all(value.keys() == variant["option_values"][0].keys() for value in values)


def test_a_product_is_found_by_its_id(api: httpx.Client) -> None:
    listed = api.get(f"{PRODUCTS}?limit=1").json()["data"][0]
    assert api.get(f"{PRODUCTS}/{listed['id']}").json() == {"data": listed, "meta": {}}
    assert api.get(f"{PRODUCTS}/{listed['id']}?include=options").json()["data"]["options"] == []
    assert api.get(f"{PRODUCTS}/5").status_code == 404


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        ("id:in=2001,2021", lambda goods: goods.number in {2001, 2021}),
        ("id:min=2301&id:less=2351", lambda goods: 2301 <= goods.number < 2351),
        ("name=mug%201", lambda goods: goods.name == "Mug 1"),
        ("keyword=jam", lambda goods: "Jam" in goods.name),
        ("sku=goods-002", lambda goods: goods.sku == "GOODS-002"),
        ("sku:in=GOODS-002,GOODS-003", lambda goods: goods.sku in {"GOODS-002", "GOODS-003"}),
        ("is_visible=true", lambda goods: goods.is_active),
        ("brand_id=41", lambda goods: goods.vendor == "Acme"),
        ("availability=available", lambda goods: True),
        ("date_modified:min=2023-03-01T00:00:00Z", lambda goods: goods.updated_at >= datetime(2023, 3, 1, tzinfo=UTC)),
        ("date_modified:max=2023-03-01T00:00:00Z", lambda goods: goods.updated_at <= datetime(2023, 3, 1, tzinfo=UTC)),
    ],
)
def test_product_filters(api: httpx.Client, query: str, matches: Callable[[Goods], bool]) -> None:
    expected = [goods.number for goods in invent_goods() if matches(goods)]
    assert ids(api, query) == expected != []


@pytest.mark.parametrize(
    "query",
    ["colour=red", "sort=colour", "sort=id&direction=up", "include=prices", "id:in=x", "date_modified:min=today"],
)
def test_wrong_parameters_of_products(api: httpx.Client, query: str) -> None:
    assert api.get(f"{PRODUCTS}?{query}").status_code == 422


def test_a_page_with_options_has_ten_products(api: httpx.Client) -> None:
    assert len(ids(api, "include=options&limit=50")) == 10
    assert ids(api, "sort=date_modified&direction=desc&limit=3") == [
        goods.number for goods in sorted(invent_goods(), key=lambda goods: (goods.updated_at, goods.number))[:-4:-1]
    ]


def test_names_of_brands_and_categories_and_the_facts_of_the_store(api: httpx.Client) -> None:
    root = PRODUCTS.removesuffix("/products")
    assert api.get(f"{root}/brands?id:in=42").json()["data"] == [{"id": 42, "name": "Bo & Sons"}]
    assert [row["name"] for row in api.get(f"{root}/trees/categories?category_id:in=18,16").json()["data"]] == [
        "Kitchen",
        "Paper & pens",
    ]
    assert api.get(f"{ORDERS.removesuffix('/orders')}/store").json()["weight_units"] == "KGS"
