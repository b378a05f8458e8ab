"""Orders of Wix: of the pretend site through the client, and as the documentation shows them."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.loopback import PEOPLE, Loopback
from tests.shared_material import SHARED, needs_shared
from tests.shipped import REGISTRY
from truto_unify import Account, Client, NotFoundError, UnsupportedParameter
from truto_unify.sandbox.wix.orders import order_id
from truto_unify.sandbox.wix.records import contact_id

if TYPE_CHECKING:
    from truto_unify import Order

ORDERS: Final = "ecommerce/orders"
MAPPER = REGISTRY.mapper(ORDERS, "wix")
PLACED = sorted((order for person in PEOPLE for order in person.orders), key=lambda order: order.created_at)


@pytest.fixture
def account(loopback: Loopback) -> Account:
    return loopback.account("wix")


def ids(records: Any) -> list[str]:
    return [record.id for record in records]


def sent(loopback: Loopback) -> list[str]:
    return [request.path.removeprefix("/wix") for request in loopback.store("wix").requests]


def test_a_list_holds_every_order_once_and_says_that_get_has_more(
    client: Client, account: Account, orders: list[Order]
) -> None:
    assert sorted(ids(orders)) == sorted(order_id(order) for order in PLACED)
    assert [order.created_at for order in orders] == [order.created_at for order in PLACED]
    assert client.list(ORDERS, account, limit=1).is_partial_response


@pytest.mark.parametrize(
    ("query", "how", "match"),
    [
        ({"customer_id": contact_id(PEOPLE[2])}, "native", "exact"),
        ({"customer_id": contact_id(PEOPLE[2]).upper()}, "emulated", None),
        ({"status": "completed"}, "native", "wider"),
        ({"status": "active"}, "native", "wider"),
        ({"status": ["completed", "cancelled"]}, "emulated", None),
        ({"payment_status": "refunded"}, "native", "exact"),
        ({"payment_status": "pending"}, "emulated", None),
        ({"fulfillment_status": "delivered"}, "native", "wider"),
    ],
)
def test_a_filter_means_the_same_whoever_applies_it(
    client: Client, account: Account, orders: list[Order], query: dict[str, Any], how: str, match: str | None
) -> None:
    page = client.list(ORDERS, account, limit=100, **query)
    ((name, value),) = query.items()
    wanted = value if isinstance(value, list) else [value.lower()]

    expected = [order for order in orders if _value(order, name) in wanted]
    assert ids(page.result) == ids(expected[:100])
    assert 0 < len(expected) < len(orders)
    assert [(entry.how, entry.match) for entry in page.query_plan] == [(how, match)]


def _value(order: Order, name: str) -> str | None:
    if name == "customer_id":
        return order.customer.id if order.customer is not None else None
    value: str | None = getattr(order, name)
    return value


def test_both_ends_of_a_range_hold_the_instant_itself(client: Client, account: Account, orders: list[Order]) -> None:
    moment = orders[7].created_at
    assert moment is not None

    page = client.list(ORDERS, account, created_at={"gte": moment, "lte": moment})

    assert ids(page.result) == [order.id for order in orders if order.created_at == moment]
    assert {entry.match for entry in page.query_plan} == {"exact"}
    assert client.list(ORDERS, account, updated_at={"gt": moment, "lt": moment}).result == []


@pytest.mark.parametrize("field", ["created_at", "updated_at", "id"])
@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_orders_are_sorted_and_later_pages_keep_the_order(
    client: Client, account: Account, field: str, direction: str
) -> None:
    query: Any = {"sort_by": {field: direction}}

    keys = [getattr(order, field) for order in client.iterate(ORDERS, account, limit=40, **query)]

    assert len(keys) == len(PLACED)
    assert keys == sorted(keys, reverse=direction == "desc")


def test_an_order_is_whole(client: Client, account: Account, loopback: Loopback) -> None:
    placed, buyer = next(
        (order, person)
        for person in PEOPLE
        for order in person.orders
        if order.status == "refunded" and len(person.addresses) > 1 and person.addresses[0].state_code
    )

    order = client.get(ORDERS, account, order_id(placed)).model_dump(mode="json", exclude={"remote_data"})

    assert sent(loopback) == [
        f"/ecom/v1/orders/{order_id(placed)}",
        "/ecom/v1/fulfillments/list-by-ids",
        "/ecom/v1/payments/list-by-ids",
    ]
    assert (order["status"], order["payment_status"], order["fulfillment_status"]) == (
        "completed",
        "refunded",
        "delivered",
    )
    assert order["payment_method"] == "CreditCard"
    assert [email["email"] for email in order["customer"]["emails"]] == [buyer.email]
    for name, address in zip(("billing_address", "shipping_address"), buyer.addresses, strict=False):
        assert order[name]["street_1"] == (address.street_1 or None)
        assert (order[name]["state"], order[name]["country"]) == (
            address.state_code or None,
            address.country_code,
        )
    (line,) = order["line_items"]
    assert (line["sku"], line["quantity"], line["variant_id"]) == ("SKU-1", "1", None)
    assert line["unit_price"] == line["total_amount"] == order["sub_total"] == order["total_amount"]
    (shipment,) = order["fulfillments"]
    assert (shipment["carrier"], shipment["tracking_number"]) == ("ups", f"1Z{placed.number}")
    (refund,) = order["refunds"]
    assert (refund["amount"], refund["reason"]) == (order["total_amount"], None)
    assert refund["created_at"] is not None


def test_the_shipments_of_a_page_are_one_request(
    client: Client, account: Account, loopback: Loopback, orders: list[Order]
) -> None:
    loopback.store("wix").requests.clear()

    page = client.list(ORDERS, account, limit=60, side_load=["fulfillments", "transactions"])

    assert sent(loopback) == [
        "/ecom/v1/orders/search",
        "/ecom/v1/fulfillments/list-by-ids",
        "/ecom/v1/payments/list-by-ids",
    ]
    asked = json.loads(loopback.store("wix").requests[1].body)
    assert asked == {"orderIds": ids(orders[:60])}
    assert page.result[:3] == [client.get(ORDERS, account, record_id) for record_id in ids(page.result[:3])]
    assert not page.is_partial_response


def test_an_unknown_id_is_not_found(client: Client, account: Account) -> None:
    with pytest.raises(NotFoundError):
        client.get(ORDERS, account, "11112222-3333-4444-5555-666677778888")


def test_what_the_site_does_not_filter_is_refused_on_request(client: Client, account: Account) -> None:
    with pytest.raises(UnsupportedParameter, match="payment_status is not supported"):
        client.list(ORDERS, account, payment_status="pending", unsupported="error")


def add_up(order: dict[str, Any]) -> Decimal:
    lines = [line["total_amount"] for line in order["line_items"]]
    return sum(map(Decimal, [*lines, order["shipping_cost"], order["total_tax"]]), Decimal())


def documented(name: str) -> Any:
    return json.loads((SHARED / name).read_text("utf-8"))


@needs_shared
def test_the_documented_order_maps_as_the_oracle_says_and_adds_up() -> None:
    native = documented("fixtures/wix/ecom_order_get_docs.json")["order"]
    shipments = documented("fixtures-commerce/wix/ecom_fulfillments_many_orders_docs.json")["ordersWithFulfillments"]
    loaded = {"fulfillments": [entry for entry in shipments if entry["orderId"] == native["id"]]}

    mapped = MAPPER.map_record(native, loaded=loaded)

    assert (mapped.faults, dict(mapped.unmapped)) == ([], {})
    assert mapped == MAPPER.interpret_record(native, loaded=loaded)
    order = mapped.fields
    assert add_up(order) == Decimal(order["total_amount"]) == Decimal("215.66")
    assert [discount["code"] for discount in order["discounts"]] == ["SUMMERSALE5", None, None]
    assert [shipment["tracking_number"] for shipment in order["fulfillments"]] == ["12345", "12345"]
    assert (order["status"], order["shipping_address"]["state"]) == ("completed", "NY")
    assert [line["variant_id"] for line in order["line_items"]] == [
        "00000000-0000-0020-0005-ad9cdc10d3b8",
        "00000000-0000-0040-0005-a316f7c67df7",
    ]
