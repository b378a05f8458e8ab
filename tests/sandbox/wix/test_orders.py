"""Orders of the pretend Wix site, with their shipments and payments."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.sandbox.json_keys import key_paths
from tests.sandbox.wix.site import ANA, ORDERS, site
from tests.shared_material import needs_shared, read_payload
from truto_unify.sandbox.wix.records import contact_id


def test_orders_of_one_contact_page_by_cursor() -> None:
    place = site(ANA, replace(ANA, number=9, orders=(replace(ANA.orders[0], number=2001),)))
    body: dict[str, Any] = {"filter": {"buyerInfo.contactId": contact_id(ANA)}, "cursorPaging": {"limit": 2}}
    first = place.send("POST", ORDERS, json={"search": body}).json()
    cursor = first["metadata"]["cursors"]["next"]
    assert first["metadata"]["hasNext"] is True
    second = place.send("POST", ORDERS, json={"search": {"cursorPaging": {"limit": 2, "cursor": cursor}}}).json()
    assert second["metadata"] == {"count": 1, "cursors": {}, "hasNext": False}
    orders = first["orders"] + second["orders"]
    assert [
        (order["number"], order["paymentStatus"], order["priceSummary"]["total"]["amount"]) for order in orders
    ] == [
        ("1003", "FULLY_REFUNDED", "5.00"),
        ("1002", "NOT_PAID", "0.99"),
        ("1001", "PAID", "12.50"),
    ]
    assert orders[0]["buyerInfo"] == {"contactId": contact_id(ANA), "email": "ana@example.test"}


@needs_shared
def test_an_order_has_documented_keys_alone() -> None:
    documented = set(key_paths(read_payload("wix", "ecom_order_get_docs")["order"]))
    # The printed example is older than the renaming of totalPrice to total, and than these parts.
    documented |= {path.replace("/totalPrice", "/total") for path in documented}
    newer = {
        "/purchasedDate",
        "/billingInfo/contactDetails/company",
        "/lineItems/physicalProperties/sku",
        "/lineItems/priceBeforeDiscounts",
        "/lineItems/taxInfo",
        "/lineItems/taxInfo/taxAmount",
        "/lineItems/taxInfo/taxRate",
        "/lineItems/taxInfo/taxableAmount",
        "/priceSummary/totalAdditionalFees",
        "/shippingInfo/logistics/shippingDestination/contactDetails/company",
    }
    amounts = {f"{path}/{part}" for path in newer for part in ("amount", "formattedAmount")}
    orders = site().send("POST", ORDERS, json={}).json()["orders"]
    assert set(key_paths(orders)) - documented - newer - amounts == set()


@pytest.mark.parametrize(
    "search",
    [
        {"filter": {"totals": 1}},
        {"cursorPaging": {"limit": 101}},
        {"cursorPaging": {"cursor": "nonsense"}},
        {"cursorPaging": {"cursor": "W10="}, "filter": {"number": "1001"}},
        {"sort": [{"fieldName": "status"}]},
    ],
)
def test_a_malformed_order_search_is_refused(search: dict[str, Any]) -> None:
    assert site().send("POST", ORDERS, json={"search": search}).status_code == 400


def test_the_shipments_and_payments_of_many_orders_are_one_answer_each() -> None:
    place = site()
    orders = place.send("POST", ORDERS, json={"search": {"sort": [{"fieldName": "number"}]}}).json()["orders"]
    asked = {"orderIds": [order["id"] for order in orders]}

    shipments = place.send("POST", "/ecom/v1/fulfillments/list-by-ids", json=asked).json()["ordersWithFulfillments"]
    payments = place.send("POST", "/ecom/v1/payments/list-by-ids", json=asked).json()["orderTransactions"]

    by_number = {order["id"]: order["number"] for order in orders}
    assert {by_number[entry["orderId"]]: len(entry["fulfillments"]) for entry in shipments} == {
        "1001": 1,
        "1002": 0,
        "1003": 1,
    }
    assert {by_number[entry["orderId"]]: (len(entry["payments"]), len(entry["refunds"])) for entry in payments} == {
        "1001": (1, 0),
        "1002": (0, 0),
        "1003": (1, 1),
    }


@pytest.mark.parametrize("ids", [[], ["x"], "11112222-3333-4444-5555-666677778888", [7]])
def test_wrong_ids_of_many_orders_are_refused(ids: Any) -> None:
    assert site().send("POST", "/ecom/v1/fulfillments/list-by-ids", json={"orderIds": ids}).status_code == 400


def test_one_order_and_an_unknown_one() -> None:
    place = site()
    (order, *_) = place.send("POST", ORDERS, json={}).json()["orders"]

    assert place.send("GET", f"/ecom/v1/orders/{order['id']}").json() == {"order": order}
    assert place.send("GET", "/ecom/v1/orders/11112222-3333-4444-5555-666677778888").status_code == 404
