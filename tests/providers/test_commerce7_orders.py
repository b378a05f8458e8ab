"""Orders and products of the pretend Commerce7 tenant, through the client: pages, filters, sorts and refunds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.loopback import PEOPLE, Loopback
from truto_unify import Account, Client, NotFoundError, UnsupportedParameter
from truto_unify.sandbox.commerce7.orders import all_orders
from truto_unify.sandbox.commerce7.products import product_id
from truto_unify.sandbox.commerce7.records import customer_id, derive_id
from truto_unify.sandbox.goods import invent_goods

if TYPE_CHECKING:
    from truto_unify import Order, Product

ORDERS: Final = "ecommerce/orders"
PRODUCTS: Final = "ecommerce/products"
PLACED = all_orders(PEOPLE)
GOODS = invent_goods()


@pytest.fixture
def account(loopback: Loopback) -> Account:
    return loopback.account("commerce7")


def ids(records: Any) -> list[str]:
    return [record.id for record in records]


def test_a_list_holds_every_order_once(orders: list[Order]) -> None:
    assert sorted(ids(orders)) == sorted(order.id for order in PLACED)


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        ({"customer_id": customer_id(PEOPLE[2])}, lambda order: order.customer.id == customer_id(PEOPLE[2])),
        ({"status": "completed"}, lambda order: order.status == "completed"),
        ({"payment_status": ["refunded", "authorized"]}, lambda order: order.payment_status != "paid"),
        ({"fulfillment_status": "pending"}, lambda order: order.fulfillment_status == "pending"),
        ({"fulfillment_status": "delivered"}, lambda order: order.fulfillment_status == "delivered"),
        ({"created_at": {"gt": "2025-01-01"}}, lambda order: order.created_at.year >= 2025),
        ({"created_at": {"gte": "2025-01-01", "lt": "2026-01-01"}}, lambda order: order.created_at.year == 2025),
        ({"updated_at": {"gte": "2025-01-01", "lt": "2026-01-01"}}, lambda order: order.updated_at.year == 2025),
        (
            {"created_at": {"gt": "2024-06-01"}, "updated_at": {"lt": "2026-01-01"}, "status": "active"},
            lambda order: "2024-06" <= str(order.created_at) < "2026" and order.status == "active",
        ),
    ],
)
def test_a_filter_means_the_same_whoever_applies_it(
    client: Client, account: Account, orders: list[Order], query: dict[str, Any], matches: Any
) -> None:
    found = list(client.iterate(ORDERS, account, **query))

    assert sorted(ids(found)) == sorted(order.id for order in orders if matches(order))
    assert 0 < len(found) < len(orders)


@pytest.mark.parametrize(
    ("query", "sent"),
    [
        ({"customer_id": customer_id(PEOPLE[2])}, ("customerId", customer_id(PEOPLE[2]))),
        ({"fulfillment_status": "pending"}, ("fulfillmentStatus", "Not Fulfilled")),
        ({"created_at": {"gt": "2025-01-01"}}, ("updatedAt", "gt:2025-01-01T00:00:00.000Z")),
        (
            {"updated_at": {"gte": "2025-01-01", "lte": "2026-01-01"}},
            ("updatedAt", "btw:2025-01-01T00:00:00.000Z|2026-01-01T00:00:00.000Z"),
        ),
    ],
)
def test_what_the_store_can_filter_is_asked_of_it(
    client: Client, account: Account, loopback: Loopback, query: dict[str, Any], sent: tuple[str, str]
) -> None:
    client.list(ORDERS, account, **query)

    assert sent in loopback.store("commerce7").requests[-1].query


@pytest.mark.parametrize("field", ["created_at", "updated_at", "id"])
def test_a_sort_is_the_engines(client: Client, account: Account, field: str) -> None:
    query: Any = {"sort_by": {field: "desc"}}

    page = client.list(ORDERS, account, limit=30, **query)
    keys = [getattr(order, field) for order in page.result]

    assert keys == sorted(keys, reverse=True)
    assert [(entry.parameter, entry.how) for entry in page.query_plan] == [(f"sort_by[{field}]", "emulated")]
    with pytest.raises(UnsupportedParameter, match="sort_by"):
        client.list(ORDERS, account, unsupported="error", **query)


def test_an_order_is_whole_in_a_list_and_by_its_id(client: Client, account: Account, orders: list[Order]) -> None:
    paid = next(order for order in PLACED if order.purchase.status == "paid" and order.person.addresses)
    listed = next(order for order in orders if order.id == paid.id)

    order = client.get(ORDERS, account, paid.id)

    whole = order.model_dump(mode="json", exclude={"remote_data"})
    assert whole == listed.model_dump(mode="json", exclude={"remote_data"})
    assert (order.status, order.payment_status, order.fulfillment_status) == ("completed", "paid", "delivered")
    assert (order.order_number, order.payment_method) == (str(paid.number), "Credit Card")
    assert whole["customer"]["id"] == customer_id(paid.person)
    (line,) = order.line_items
    assert line.unit_price == line.total_amount == order.sub_total == order.total_amount
    assert (line.quantity, line.total_discount, order.refunds) == ("1", "0.00", [])
    (shipment,) = order.fulfillments
    assert (shipment.carrier, shipment.tracking_number) == ("UPS", f"1Z{paid.number:010}")


def test_a_refund_is_an_order_of_its_own_whose_amounts_make_up_for_the_first_one(orders: list[Order]) -> None:
    refund = next(order for order in orders if order.payment_status == "refunded")
    first = next(order for order in orders if order.id == refund.remote_data["previousOrderId"])

    assert (first.status, first.payment_status) == ("completed", "paid")
    assert (refund.status, refund.total_amount) == ("completed", f"-{first.total_amount}")
    assert [(line.quantity, line.total_amount) for line in refund.line_items] == [
        (f"-{line.quantity}", f"-{line.total_amount}") for line in first.line_items
    ]
    assert len([order for order in orders if order.payment_status == "refunded"]) == sum(
        order.is_refund for order in PLACED
    )


def test_a_list_holds_every_product_once(products: list[Product]) -> None:
    assert sorted(ids(products)) == sorted(map(product_id, GOODS))


def test_a_product_has_its_variants(client: Client, account: Account) -> None:
    goods = next(item for item in GOODS if item.variants)

    product = client.get(PRODUCTS, account, product_id(goods))

    assert [(variant.id, variant.sku, variant.name) for variant in product.variants] == [
        (derive_id("variant", variant.number), variant.sku, f"{variant.size}, {variant.colour}")
        for variant in goods.variants
    ]
    assert product.inventory_quantity == str(sum(variant.stock or 0 for variant in goods.variants))
    assert [(category.name) for category in product.categories] == [goods.category]


def test_a_sale_shows_the_price_before_it(products: list[Product]) -> None:
    before = {product.id: product.compare_at_price for product in products}

    for goods in GOODS:
        cents = goods.before_cents
        assert before[product_id(goods)] == (None if cents is None else f"{cents // 100}.{cents % 100:02}")


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"sku": GOODS[0].sku}, 1),
        ({"status": "active"}, sum(goods.is_active for goods in GOODS)),
        ({"status": "inactive"}, sum(not goods.is_active for goods in GOODS)),
        ({"name": GOODS[1].name}, 1),
        ({"name": {"like": "jam &"}}, sum("Jam &" in goods.name for goods in GOODS)),
        ({"created_at": {"gte": GOODS[30].created_at}}, sum(g.created_at >= GOODS[30].created_at for g in GOODS)),
        ({"updated_at": {"lt": GOODS[30].updated_at}}, sum(g.updated_at < GOODS[30].updated_at for g in GOODS)),
    ],
)
def test_products_are_filtered(client: Client, account: Account, query: dict[str, Any], count: int) -> None:
    assert len(list(client.iterate(PRODUCTS, account, **query))) == count > 0


@pytest.mark.parametrize("resource", [ORDERS, PRODUCTS])
def test_an_unknown_id_is_not_found(client: Client, account: Account, resource: Any) -> None:
    with pytest.raises(NotFoundError):
        client.get(resource, account, "11112222-3333-4444-5555-666677778888")
