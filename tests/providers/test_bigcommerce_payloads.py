"""Orders and products of BigCommerce: every documented and recorded one maps, and the amounts of orders add up."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.providers.oracle import check_against_oracle
from tests.shared_material import SHARED, needs_shared
from tests.shipped import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = needs_shared
ORDERS = REGISTRY.mapper("ecommerce/orders", "bigcommerce")
PRODUCTS = REGISTRY.mapper("ecommerce/products", "bigcommerce")
COMMERCE = SHARED / "fixtures-commerce" / "bigcommerce"


def read(name: str) -> Any:
    return json.loads((COMMERCE / f"{name}.json").read_text("utf-8"))


def payloads() -> Iterator[dict[str, Any]]:
    """Every record of every answer."""
    for folder in (SHARED / "fixtures" / "bigcommerce", COMMERCE):
        for file in sorted(folder.glob("v*.json")):
            content = json.loads(file.read_text("utf-8"))
            records = content.get("data", content) if isinstance(content, dict) else content
            yield from filter(_is_object, records if isinstance(records, list) else [records])


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


@pytest.fixture(scope="module")
def orders() -> list[dict[str, Any]]:
    return [native for native in payloads() if native.keys() >= {"id", "status_id", "total_inc_tax"}]


@pytest.fixture(scope="module")
def products() -> list[dict[str, Any]]:
    return [native for native in payloads() if native.keys() >= {"id", "is_visible", "categories", "price"}]


def test_every_order_maps_as_the_oracle_says(orders: list[dict[str, Any]]) -> None:
    check_against_oracle(ORDERS, orders, at_least=4)
    assert [ORDERS.map(native)["line_items"] for native in orders] == [[]] * len(orders)  # a link stands in their place


def test_every_product_maps_as_the_oracle_says(products: list[dict[str, Any]]) -> None:
    check_against_oracle(PRODUCTS, products, at_least=4)


def test_the_parts_of_an_order_map() -> None:
    loaded = {
        "products": read("v2_order_products_recorded"),
        "shipping_addresses": read("v2_order_shipping_addresses_recorded"),
        "shipments": read("v2_order_shipments_docs"),
        "coupons": read("v2_order_coupons_docs"),
    }
    native = read("v2_order_update_recorded")

    mapped = ORDERS.map_record(native, loaded=loaded)

    order = mapped.fields
    assert (mapped.faults, mapped) == ([], ORDERS.interpret_record(native, loaded=loaded))
    assert order["shipping_address"]["city"] == "Austin"
    assert order["discounts"] == [{"code": "S2549JM0Y", "amount": "5", "percentage": None}]
    assert [(line["name"], line["total_amount"], line["unit_price"]) for line in order["line_items"]] == [
        ("[Sample] Orbit Terrarium - Large", "109.0000", "109.0000")
    ]
    assert [(each["carrier"], each["tracking_number"]) for each in order["fulfillments"]] == [
        ("USPS", "EJ958083578US"),
        ("USPS", "EJ958083578UK"),
    ]
    assert sum(Decimal(line["total_amount"]) for line in order["line_items"]) == Decimal(order["total_amount"])


def test_a_variant_that_differs_by_options_is_one_and_the_base_variant_is_not() -> None:
    native = read("v3_product_create_recorded")["data"]
    with_options = {**native, "variants": [read("v3_variant_create_recorded")["data"]]}

    assert PRODUCTS.map(native)["variants"] == []
    (variant,) = PRODUCTS.map(with_options)["variants"]
    assert (variant["name"], variant["price"]) == ("L / Red", "49.99")


def test_the_amounts_of_every_order_add_up(orders: list[dict[str, Any]]) -> None:
    """The documented example has the tax in its subtotal alone: it says both without and with tax what is with it."""
    for native in orders:
        order = ORDERS.map(native)
        costs = [order["shipping_cost"], native["handling_cost_ex_tax"], native["wrapping_cost_ex_tax"]]
        tax = order["total_tax"] if Decimal(order["total_tax"]) else native["subtotal_tax"]
        parts = sum(map(Decimal, [order["sub_total"], *costs, tax]), Decimal()) - Decimal(order["total_discount"])
        assert parts == Decimal(order["total_amount"]), native["id"]
