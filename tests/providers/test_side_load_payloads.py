"""Payloads beside the checkout: orders and addresses map through the side loads of customers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.providers.payloads import mapper, payload
from tests.shared_material import needs_shared, objects_in

pytestmark = needs_shared


def orders_in(slug: str, name: str) -> list[dict[str, Any]]:
    keys = {
        "bigcommerce": "status_id",
        "commerce7": "paymentStatus",
        "shopify": "currentTotalPriceSet",
        "shopify_rest": "financial_status",
        "wix": "buyerInfo",
        "zohoinventory": "salesorder_id",
    }
    return [native for native in objects_in(payload(slug, name)) if keys[slug] in native]


@pytest.mark.parametrize(
    ("slug", "name", "expected"),
    [
        ("bigcommerce", "v2_order_get_recorded", [("100", "Awaiting Fulfillment", "109.0000")]),
        ("commerce7", "order_get_docs", [("cf61d2ca-41d5-44f4-8e46-17ef90c83920", "Paid", "50.40")]),
        (
            "commerce7",
            "orders_list_page_docs",
            [
                ("d0052cb7-f4b4-4e38-86c0-a5a003442ee6", "Paid", "123.20"),
                ("cf61d2ca-41d5-44f4-8e46-17ef90c83920", "Paid", "50.40"),
            ],
        ),
        ("commerce7", "webhook_order_update_recorded", [("e15e4d80-d81b-40f4-aea1-d445e0ec8f3f", "Paid", "85.10")]),
        ("shopify", "graphql_customer_orders_recorded", [("8891577729330", None, "0.0")]),
        # The first lacks current_total_price.
        ("shopify_rest", "rest_orders_list_docs", [("450789469", "partially_refunded", "598.94")]),
        ("shopify_rest", "rest_customer_orders_docs", [("450789469", "partially_refunded", "199.65")]),
        ("wix", "ecom_order_get_docs", [("265c7d98-a7c3-48c4-89cd-bbdc00921eab", "PAID", "215.66")]),
        ("wix", "stores_v2_order_get_docs", [("7001d34b-11a6-4a34-8746-dc8ababeca42", "PARTIALLY_PAID", "130.00")]),
        ("wix", "stores_v2_orders_query_docs", [("265c7d98-a7c3-48c4-89cd-bbdc00921eab", "PAID", "215.66")]),
        ("zohoinventory", "salesorder_get_docs", [("4815000000044895", "fulfilled", "350")]),
        (
            "zohoinventory",
            "salesorders_list_recorded",
            [("260815000000163482", "draft", "300"), ("260815000000162485", "draft", "300")],
        ),
    ],
)
def test_orders_map_through_their_side_load(slug: str, name: str, expected: list[tuple[str, str | None, str]]) -> None:
    record = mapper(slug).map(
        {"id": 1, "contact_id": 1, "legacyResourceId": 1}, loaded={"orders": orders_in(slug, name)}
    )

    assert [(order["id"], order["status"], order["total_amount"]) for order in record["orders"]] == expected


@pytest.mark.parametrize(
    ("slug", "name", "path", "places"),
    [
        ("bigcommerce", "v3_addresses_list_recorded", "data", ["123 Test St/Austin/US"]),
        ("bigcommerce", "v3_addresses_list_docs", "data", ["123 Example Street/Austin/US"]),
        (
            "commerce7",
            "customer_addresses_list_one_customer_docs",
            "customerAddresses",
            ["289 Alexander Street/Vancouver/CA", "33925 Araki Court/Mission/CA"],
        ),
        ("shopify_rest", "rest_customer_addresses_list_docs", "addresses", ["Chestnut Street 92/Louisville/US"]),
    ],
)
def test_addresses_map_through_their_side_load(slug: str, name: str, path: str, places: list[str]) -> None:
    record = mapper(slug).map({"id": 1}, loaded={"addresses": payload(slug, name)[path]})

    addresses = record["addresses"]
    assert [f"{address['street_1']}/{address['city']}/{address['country']}" for address in addresses] == places
