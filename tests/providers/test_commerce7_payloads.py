"""Orders and products of Commerce7: every documented and recorded one maps, and the amounts of orders add up."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.providers.oracle import check_against_oracle
from tests.shared_material import SHARED, needs_shared, objects_in
from tests.shipped import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = needs_shared
ORDERS = REGISTRY.mapper("ecommerce/orders", "commerce7")
PRODUCTS = REGISTRY.mapper("ecommerce/products", "commerce7")


def payloads() -> Iterator[dict[str, Any]]:
    """Every object of every answer."""
    for folder in ("fixtures/commerce7", "fixtures-commerce/commerce7"):
        for file in sorted((SHARED / folder).glob("*.json")):
            if "request" not in file.name:
                yield from objects_in(json.loads(file.read_text("utf-8")))


@pytest.fixture(scope="module")
def orders() -> list[dict[str, Any]]:
    return [native for native in payloads() if native.keys() >= {"id", "orderNumber", "items", "total"}]


@pytest.fixture(scope="module")
def products() -> list[dict[str, Any]]:
    return [native for native in payloads() if native.keys() >= {"id", "variants", "webStatus", "slug"}]


def test_every_order_maps_as_the_oracle_says(orders: list[dict[str, Any]]) -> None:
    check_against_oracle(ORDERS, orders, at_least=4)


def test_every_product_maps_as_the_oracle_says(products: list[dict[str, Any]]) -> None:
    check_against_oracle(PRODUCTS, products, at_least=4)


def test_the_amounts_of_every_order_add_up(orders: list[dict[str, Any]]) -> None:
    for native in orders:
        order = ORDERS.map(native)
        lines = sum((Decimal(line["total_amount"]) for line in order["line_items"]), Decimal())
        others = Decimal(native["bottleDepositTotal"] + native["dutyTotal"]).scaleb(-2)
        parts = lines + Decimal(order["shipping_cost"]) + Decimal(order["total_tax"]) + others
        assert parts == Decimal(order["total_amount"]), native["id"]
        assert lines == Decimal(order["sub_total"])


def test_the_recorded_order_says_what_its_promotion_took_off(orders: list[dict[str, Any]]) -> None:
    (recorded,) = [ORDERS.map(native) for native in orders if native["orderNumber"] == 1511]

    assert recorded["discounts"] == [{"code": "Free Shipping", "amount": "15.00", "percentage": None}]
    assert (recorded["total_discount"], recorded["shipping_cost"], recorded["total_amount"]) == (
        "15.00",
        "0.00",
        "85.10",
    )
