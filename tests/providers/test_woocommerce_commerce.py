"""Orders and products of a real WooCommerce 11: every recorded one maps, and its amounts add up."""

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
ORDERS = REGISTRY.mapper("ecommerce/orders", "woocommerce")
PRODUCTS = REGISTRY.mapper("ecommerce/products", "woocommerce")
ROUNDED = {("123", "49"), ("287", "42.11")}
"""Orders that the shop was asked to round: by dp=0, and a KWD order in a shop of two decimals."""
FOLDERS = (
    "recordings/woocommerce-11",
    "recordings/woocommerce",
    "fixtures-commerce/woocommerce",
    "fixtures/woocommerce",
)


def recorded() -> Iterator[dict[str, Any]]:
    """Every object of every recorded answer."""
    for folder in FOLDERS:
        for file in sorted((SHARED / folder).glob("*.json")):
            content = json.loads(file.read_text("utf-8"))
            is_answer = isinstance(content, dict) and "response" in content
            yield from objects_in(content["response"].get("json") if is_answer else content)


def _is_record(native: dict[str, Any], *keys: str) -> bool:
    """Whether an object is a record, and not the schema of one."""
    return native.keys() >= set(keys) and isinstance(native.get("id"), int)


@pytest.fixture(scope="module")
def orders() -> list[dict[str, Any]]:
    return [native for native in recorded() if _is_record(native, "line_items", "billing", "total")]


@pytest.fixture(scope="module")
def products() -> list[dict[str, Any]]:
    return [native for native in recorded() if _is_record(native, "regular_price", "catalog_visibility", "permalink")]


def test_every_recorded_order_maps_as_the_oracle_says(orders: list[dict[str, Any]]) -> None:
    check_against_oracle(ORDERS, orders, at_least=201, unmapped={"status=failed"})


def test_every_recorded_product_maps_as_the_oracle_says(products: list[dict[str, Any]]) -> None:
    check_against_oracle(PRODUCTS, products, at_least=151)


def test_the_amounts_of_every_recorded_order_add_up_to_the_last_decimal(orders: list[dict[str, Any]]) -> None:
    currencies = set()
    for native in orders:
        order = ORDERS.map(native)
        if (order["id"], order["total_amount"]) in ROUNDED:
            continue
        fees = sum((Decimal(fee["total"]) for fee in native["fee_lines"]), Decimal())
        lines = sum((Decimal(line["total_amount"]) for line in order["line_items"]), Decimal())
        parts = lines + Decimal(order["shipping_cost"]) + fees + Decimal(order["total_tax"])
        assert parts == Decimal(order["total_amount"]), (native["id"], native["currency"])
        currencies.add(order["currency"])

    assert {"EUR", "JPY", "KWD"} <= currencies
