"""Orders and products of real Shopify shops: every recorded one maps, and its amounts add up."""

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
FOLDERS = ("fixtures-commerce/shopify", "fixtures/shopify")
ORDER, PRODUCT = "gid://shopify/Order/", "gid://shopify/Product/"
REST_ORDER, REST_PRODUCT = {"line_items", "financial_status", "total_price"}, {"variants", "body_html", "title"}
KINDS = [
    pytest.param("shopify", "ecommerce/orders", 20, id="orders"),
    pytest.param("shopify", "ecommerce/products", 100, id="products"),
    pytest.param("shopify_rest", "ecommerce/orders", 2, id="orders of the older API"),
    pytest.param("shopify_rest", "ecommerce/products", 1, id="products of the older API"),
]


def recorded(slug: str, resource: str, names: str = "*.json") -> Iterator[dict[str, Any]]:
    """Every record of a resource in every recorded answer, and in the vendor's examples."""
    for folder in FOLDERS:
        for file in sorted((SHARED / folder).glob(names)):
            for native in objects_in(json.loads(file.read_text("utf-8"))):
                if (slug, resource) in _kinds(native):
                    yield _with_line_ids(native)


def _with_line_ids(native: dict[str, Any]) -> dict[str, Any]:
    """The record with ids of lines, for which not every recorded query asks."""
    lines = native.get("lineItems", {}).get("nodes", [])
    for number, line in enumerate(lines):
        line.setdefault("id", f"gid://shopify/LineItem/{number}")
    return native


def _kinds(native: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What an object is a record of; the objects of requests have no id."""
    record_id = native.get("id")
    kinds = {
        ("shopify", "ecommerce/orders"): str(record_id).startswith(ORDER) and "name" in native,
        ("shopify", "ecommerce/products"): str(record_id).startswith(PRODUCT) and "title" in native,
        ("shopify_rest", "ecommerce/orders"): isinstance(record_id, int) and native.keys() >= REST_ORDER,
        ("shopify_rest", "ecommerce/products"): isinstance(record_id, int) and native.keys() >= REST_PRODUCT,
    }
    return (kind for kind, is_so in kinds.items() if is_so)


@pytest.mark.parametrize(("slug", "resource", "least"), KINDS)
def test_every_recorded_record_maps_as_the_oracle_says(slug: str, resource: str, least: int) -> None:
    mapper = REGISTRY.mapper(resource, slug)
    natives = list(recorded(slug, resource))

    check_against_oracle(mapper, natives, at_least=least)


@pytest.mark.parametrize("slug", ["shopify", "shopify_rest"])
def test_the_amounts_of_every_recorded_order_add_up_to_the_last_decimal(slug: str) -> None:
    mapper = REGISTRY.mapper("ecommerce/orders", slug)
    orders = [mapper.map(native) for native in recorded(slug, "ecommerce/orders", "*_recorded.json")]
    parts = ("sub_total", "shipping_cost", "total_tax")
    whole = [order for order in orders if all(order[name] is not None for name in (*parts, "total_amount"))]

    assert whole
    for order in whole:
        assert sum(Decimal(order[name]) for name in parts) == Decimal(order["total_amount"]), order["id"]


def test_an_order_in_two_currencies_has_a_rate() -> None:
    mapper = REGISTRY.mapper("ecommerce/orders", "shopify")
    rates = {mapper.map(native)["exchange_rate"] for native in recorded("shopify", "ecommerce/orders")}

    assert rates == {None, "1.42857"}  # 10.0 CAD of the shop for 7.0 USD of the customer
