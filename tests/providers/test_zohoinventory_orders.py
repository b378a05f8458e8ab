"""Sales orders of Zoho Inventory: of the pretend organisation through the client, and as they were recorded."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.loopback import PEOPLE, Loopback
from tests.providers.oracle import check_against_oracle
from tests.shared_material import SHARED, needs_shared
from tests.shipped import REGISTRY
from truto_unify import Account, Client, NotFoundError, UnsupportedParameter
from truto_unify.sandbox.zohoinventory.orders import order_id

if TYPE_CHECKING:
    from truto_unify import Order

ORDERS: Final = "ecommerce/orders"
MAPPER = REGISTRY.mapper(ORDERS, "zohoinventory")
PLACED = sorted((order for person in PEOPLE for order in person.orders), key=lambda order: order.created_at)


@pytest.fixture
def account(loopback: Loopback) -> Account:
    return loopback.account("zohoinventory")


def ids(records: Any) -> list[str]:
    return [record.id for record in records]


def test_a_list_holds_every_order_once_and_says_that_get_has_more(
    client: Client, account: Account, orders: list[Order]
) -> None:
    assert sorted(ids(orders)) == sorted(order_id(order) for order in PLACED)
    assert [order.created_at for order in orders] == [order.created_at for order in PLACED]
    assert all(order.line_items == [] and order.billing_address is None for order in orders)
    assert client.list(ORDERS, account, limit=1).is_partial_response


@pytest.mark.parametrize(
    ("query", "how"),
    [
        ({"customer_id": "4608150000000003001"}, "native"),
        ({"status": "completed"}, "native"),
        ({"status": "cancelled"}, "native"),
        ({"status": "pending"}, "emulated"),
        ({"status": ["completed", "cancelled"]}, "emulated"),
        ({"payment_status": "paid"}, "emulated"),
        ({"fulfillment_status": ["delivered", "cancelled"]}, "emulated"),
    ],
)
def test_a_filter_means_the_same_whoever_applies_it(
    client: Client, account: Account, orders: list[Order], query: dict[str, Any], how: str
) -> None:
    page = client.list(ORDERS, account, limit=100, **query)
    ((name, value),) = query.items()
    wanted = value if isinstance(value, list) else [value]

    expected = [order for order in orders if _value(order, name) in wanted]
    assert ids(page.result) == ids(expected[:100])
    assert 0 < len(expected) < len(orders)
    assert [entry.how for entry in page.query_plan] == [how]


def _value(order: Order, name: str) -> str | None:
    if name == "customer_id":
        return order.customer.id if order.customer is not None else None
    value: str | None = getattr(order, name)
    return value


@pytest.mark.parametrize("place", range(0, len(PLACED), 9))
def test_a_bound_within_a_day_finds_the_orders_of_every_zone(
    client: Client, account: Account, orders: list[Order], place: int
) -> None:
    """The organisation compares days of its own zone, five hours behind UTC."""
    moment = PLACED[place].created_at

    page = client.list(ORDERS, account, created_at={"gte": moment, "lte": moment})

    assert ids(page.result) == [order.id for order in orders if order.created_at == moment]
    assert [(entry.how, entry.match) for entry in page.query_plan] == [("native", "wider")] * 2


@pytest.mark.parametrize("field", ["created_at", "updated_at", "id"])
@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_orders_are_sorted(client: Client, account: Account, field: str, direction: str) -> None:
    query: Any = {"sort_by": {field: direction}}

    page = client.list(ORDERS, account, limit=30, **query)
    keys = [int(order.id) if field == "id" else getattr(order, field) for order in page.result]

    assert keys == sorted(keys, reverse=direction == "desc")
    assert [entry.how for entry in page.query_plan] == ["emulated" if field == "id" else "native"]


def test_orders_that_changed_at_an_instant_or_later(client: Client, account: Account, orders: list[Order]) -> None:
    moment = PLACED[-4].created_at

    page = client.list(ORDERS, account, updated_at={"gte": moment})

    assert ids(page.result) == [order.id for order in orders if (order.updated_at or moment) >= moment]
    assert len(page.result) == 4


def test_an_order_is_whole(client: Client, account: Account) -> None:
    placed, buyer = next(
        (order, person)
        for person in PEOPLE
        for order in person.orders
        if order.status == "paid" and len(person.addresses) > 1 and person.addresses[0].country_code == "US"
    )

    order = client.get(ORDERS, account, order_id(placed)).model_dump(mode="json", exclude={"remote_data"})

    assert (order["status"], order["payment_status"], order["fulfillment_status"]) == ("completed", "paid", "delivered")
    assert (order["customer"]["first_name"], order["customer"]["last_name"]) == (
        buyer.first_name or None,
        buyer.last_name or None,
    )
    assert [email["email"] for email in order["customer"]["emails"]] == [buyer.email]
    assert (order["billing_address"]["street_1"], order["billing_address"]["country"]) == (
        buyer.addresses[0].street_1,
        "US",
    )
    (line,) = order["line_items"]
    assert (line["sku"], line["quantity"], line["variant_id"]) == ("SKU-1", "1", None)
    assert line["unit_price"] == line["total_amount"] == order["sub_total"] == order["total_amount"]
    (shipment,) = order["fulfillments"]
    assert (shipment["carrier"], shipment["tracking_number"]) == ("FedEx", f"TRK{placed.number}")
    assert (order["discounts"], order["refunds"], order["tags"]) == ([], [], [])


def test_a_list_with_the_side_load_is_what_get_gives(client: Client, account: Account) -> None:
    page = client.list(ORDERS, account, limit=5, side_load="order")

    assert page.result == [client.get(ORDERS, account, record_id) for record_id in ids(page.result)]
    assert not page.is_partial_response


def test_an_unknown_id_is_not_found(client: Client, account: Account) -> None:
    with pytest.raises(NotFoundError):
        client.get(ORDERS, account, "999999")


def test_what_the_organisation_does_not_filter_is_refused_on_request(client: Client, account: Account) -> None:
    with pytest.raises(UnsupportedParameter, match="payment_status is not supported"):
        client.list(ORDERS, account, payment_status="paid", unsupported="error")


def add_up(order: dict[str, Any], adjustment: object) -> Decimal:
    lines = [line["total_amount"] for line in order["line_items"]]
    parts = [*lines, order["shipping_cost"], order["total_tax"], adjustment]
    return sum((Decimal(str(part)) for part in parts), Decimal())


def recorded(*names: str) -> list[dict[str, Any]]:
    """The orders of recorded and documented answers."""
    contents = [json.loads((SHARED / name).read_text("utf-8")) for name in names]
    return [order for content in contents for order in content.get("salesorders") or [content["salesorder"]]]


@needs_shared
def test_every_recorded_order_maps_as_the_oracle_says() -> None:
    natives = recorded(
        "fixtures/zohoinventory/salesorders_list_recorded.json",
        "fixtures/zohoinventory/salesorder_get_docs.json",
        "fixtures-commerce/zohoinventory/salesorder_get_recorded.json",
    )

    check_against_oracle(MAPPER, natives, at_least=3)


@needs_shared
def test_the_recorded_order() -> None:
    (native,) = recorded("fixtures-commerce/zohoinventory/salesorder_get_recorded.json")

    order = MAPPER.map(native)

    assert add_up(order, native["adjustment"]) == Decimal(order["total_amount"]) == 300
    assert (order["status"], order["payment_status"], order["fulfillment_status"]) == ("pending",) * 3
    assert (order["billing_address"]["country"], order["shipping_address"]) == ("US", None)
    assert [(line["product_id"], line["quantity"], line["unit_price"]) for line in order["line_items"]] == [
        ("260815000000101002", "2", "150")
    ]


@needs_shared
def test_the_documented_order_has_its_discount_and_its_shipment() -> None:
    (native,) = recorded("fixtures/zohoinventory/salesorder_get_docs.json")

    order = MAPPER.map(native)

    assert order["discounts"] == [{"code": None, "amount": None, "percentage": "20.00"}]
    assert [(shipment["id"], shipment["status"], shipment["carrier"]) for shipment in order["fulfillments"]] == [
        ("4815000000044917", "Delivered", "FedEx")
    ]
    assert (order["status"], order["fulfillment_status"]) == ("completed", "delivered")
    assert [email["email"] for email in order["customer"]["emails"]] == ["willsmith@bowmanfurniture.com"]
