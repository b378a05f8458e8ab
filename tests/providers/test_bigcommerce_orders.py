"""Orders and products of the pretend BigCommerce store, through the client: pages, filters, sorts and side loads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

from tests.loopback import PEOPLE, Loopback
from truto_unify import Account, Client, MappingError, NotFoundError, Settings
from truto_unify.sandbox.bigcommerce.orders import all_orders
from truto_unify.sandbox.bigcommerce.records import customer_id, shipping_address
from truto_unify.sandbox.goods import invent_goods

if TYPE_CHECKING:
    from truto_unify import Order, Product

ORDERS: Final = "ecommerce/orders"
PRODUCTS: Final = "ecommerce/products"
PLACED = {order.number: (person, order) for person, order in all_orders(PEOPLE)}
GOODS = invent_goods()
BUYER = next(person for person, _ in PLACED.values())


@pytest.fixture
def account(loopback: Loopback) -> Account:
    return loopback.account("bigcommerce")


def ids(records: Any) -> list[str]:
    return [record.id for record in records]


def test_a_list_holds_every_order_once(orders: list[Order]) -> None:
    assert ids(orders) == [str(number) for number in sorted(PLACED)]


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        ({"customer_id": str(customer_id(BUYER))}, lambda order: order.customer.id == str(customer_id(BUYER))),
        ({"status": "completed"}, lambda order: order.status == "completed"),
        ({"payment_status": ["refunded", "pending"]}, lambda order: order.payment_status != "paid"),
        ({"fulfillment_status": "delivered"}, lambda order: order.fulfillment_status == "delivered"),
        ({"created_at": {"gte": "2025-01-01", "lt": "2026-01-01"}}, lambda order: order.created_at.year == 2025),
        ({"updated_at": {"gt": "2025-01-01"}}, lambda order: order.updated_at.year >= 2025),
        (
            {"status": "completed", "created_at": {"gt": "2025-01-01"}, "sort_by": {"created_at": "desc"}},
            lambda order: order.status == "completed" and order.created_at.year >= 2025,
        ),
    ],
)
def test_a_filter_means_the_same_whoever_applies_it(
    client: Client, account: Account, orders: list[Order], query: dict[str, Any], matches: Any
) -> None:
    found = list(client.iterate(ORDERS, account, **query))

    assert sorted(ids(found)) == sorted(order.id for order in orders if matches(order))
    assert 0 < len(found) < len(orders)


def test_both_ends_of_a_range_hold_the_instant_itself(client: Client, account: Account, orders: list[Order]) -> None:
    moment = orders[7].created_at
    assert moment is not None

    page = client.list(ORDERS, account, created_at={"gte": moment, "lte": moment})

    assert ids(page.result) == [order.id for order in orders if order.created_at == moment]
    assert {entry.how for entry in page.query_plan} == {"native"}


def test_a_filter_without_a_match_is_an_empty_page(client: Client, account: Account) -> None:
    """The store answers 204 without a body."""
    assert client.list(ORDERS, account, customer_id="999999").result == []


@pytest.mark.parametrize("resource", [ORDERS, PRODUCTS])
@pytest.mark.parametrize("field", ["created_at", "updated_at", "id"])
@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_records_are_sorted(client: Client, account: Account, resource: Any, field: str, direction: str) -> None:
    query: Any = {"sort_by": {field: direction}}

    page = client.list(resource, account, limit=30, **query)
    records: list[Any] = [*page.result]
    keys = [int(record.id) if field == "id" else getattr(record, field) for record in records]

    how = "emulated" if (resource, field) == (PRODUCTS, "created_at") else "native"
    assert keys == sorted(keys, reverse=direction == "desc")
    assert [(entry.parameter, entry.how) for entry in page.query_plan] == [(f"sort_by[{field}]", how)]


def test_get_has_the_parts_of_an_order_and_a_list_on_request(
    client: Client, account: Account, orders: list[Order]
) -> None:
    number, (person, _) = next(
        (number, pair)
        for number, pair in PLACED.items()
        if pair[1].status == "paid" and shipping_address(pair[0]) is not None
    )
    listed = next(order for order in orders if order.id == str(number))
    parts = ["products", "shipping_addresses", "coupons", "shipments", "refunds"]

    order = client.get(ORDERS, account, str(number))

    assert (listed.line_items, listed.shipping_address, listed.fulfillments) == ([], None, [])
    assert (order.status, order.payment_status, order.fulfillment_status) == ("completed", "paid", "delivered")
    (line,) = order.line_items
    assert line.unit_price == line.total_amount == order.sub_total == order.total_amount
    assert order.shipping_address is not None
    assert order.shipping_address.street_1 == person.addresses[1].street_1
    assert [shipment.carrier for shipment in order.fulfillments] == ["UPS"]
    page = client.list(ORDERS, account, created_at=order.created_at or "", side_load=parts)
    assert [*page.result] == [order]
    assert not page.is_partial_response
    assert client.list(ORDERS, account, limit=1).is_partial_response


def test_refunds_of_a_page_take_one_request(client: Client, account: Account, loopback: Loopback) -> None:
    page = client.list(ORDERS, account, limit=40, side_load="refunds")

    given_back = {order.id: [refund.amount for refund in order.refunds] for order in page.result if order.refunds}
    assert given_back == {
        order.id: [f"{float(order.total_amount or 0):.2f}".rstrip("0").rstrip(".")]
        for order in page.result
        if order.payment_status == "refunded"
    }
    assert len(loopback.store("bigcommerce").requests) == 2


def test_a_list_holds_every_product_once_and_its_currency(products: list[Product]) -> None:
    assert ids(products) == [str(goods.number) for goods in GOODS]
    assert {(product.currency, product.weight_unit) for product in products} == {("USD", "kg")}
    assert [product.vendor for product in products] == [goods.vendor or None for goods in GOODS]


def test_the_facts_of_a_page_are_asked_for_once(client: Client, account: Account, loopback: Loopback) -> None:
    client.list(PRODUCTS, account, limit=20)

    paths = [request.path.rpartition("/sandboxhash/")[2] for request in loopback.store("bigcommerce").requests]
    assert sorted(paths) == ["v2/store", "v3/catalog/brands", "v3/catalog/products"]


def test_a_product_has_its_variants_and_the_values_of_its_options(client: Client, account: Account) -> None:
    goods = next(item for item in GOODS if item.variants)

    product = client.get(PRODUCTS, account, str(goods.number))

    assert [(variant.id, variant.sku) for variant in product.variants] == [
        (str(variant.number), variant.sku) for variant in goods.variants
    ]
    assert [(option.name, option.value) for option in product.variants[1].options] == [
        ("Size", "S"),
        ("Colour", "dark blue"),
    ]
    assert [(option.name, option.values) for option in product.options] == [
        ("Size", ["S", "M", "L"]),
        ("Colour", ["red", "dark blue"]),
    ]
    assert [category.name for category in product.categories] == [goods.category]


def test_a_sale_shows_the_price_before_it(products: list[Product]) -> None:
    shown = {product.id: (float(product.price or 0), product.compare_at_price) for product in products}

    for goods in GOODS:
        price, before = shown[str(goods.number)]
        assert price == goods.price_cents / 100
        assert (before and float(before) * 100) == (goods.before_cents and pytest.approx(goods.before_cents))


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"sku": GOODS[0].sku}, 1),
        ({"sku": [GOODS[0].sku, GOODS[1].sku.lower()]}, 2),
        ({"status": "active"}, sum(goods.is_active for goods in GOODS)),
        ({"status": "inactive"}, sum(not goods.is_active for goods in GOODS)),
        ({"name": GOODS[1].name}, 1),
        ({"created_at": {"gte": GOODS[30].created_at}}, sum(g.created_at >= GOODS[30].created_at for g in GOODS)),
        ({"updated_at": {"lt": GOODS[30].updated_at}}, sum(g.updated_at < GOODS[30].updated_at for g in GOODS)),
    ],
)
def test_products_are_filtered(client: Client, account: Account, query: dict[str, Any], count: int) -> None:
    assert len(list(client.iterate(PRODUCTS, account, **query))) == count > 0


@pytest.mark.parametrize("resource", [ORDERS, PRODUCTS])
def test_an_unknown_id_is_not_found(client: Client, account: Account, resource: Any) -> None:
    with pytest.raises(NotFoundError):
        client.get(resource, account, "999999")


# ------------------------------------------------------------------------------------------- answers that lack parts


def answering(**answers: Any) -> httpx.MockTransport:
    """A store that answers with these bodies, by the last step of the path; every other list is empty."""

    def answer(request: httpx.Request) -> httpx.Response:
        body = answers.get(request.url.path.rpartition("/")[2].replace("104", "order").replace("77", "product"))
        if body is None and "/v3/" in request.url.path:
            return httpx.Response(200, json={"data": []})
        return httpx.Response(204) if body is None else httpx.Response(200, json=body)

    return httpx.MockTransport(answer)


def test_an_order_whose_lines_are_missing_is_told(account: Account) -> None:
    told: list[str] = []
    settings = Settings(on_shortage=told.append)
    for items_total in (3, 0):
        order = {"id": 104, "status_id": 11, "items_total": items_total, "items_shipped": 0}
        with Client(settings=settings, transport=answering(order=order)) as client:
            assert client.get(ORDERS, account, "104").line_items == []

    assert told == ['products: when(items_total > `0`, `1`) says 1, and 0 came (record "104")']


def test_a_store_that_answers_with_an_error_leaves_no_currency_out_in_silence(account: Account) -> None:
    product = {"data": {"id": 77, "name": "Mug", "price": 5}}
    error = {"status": 503, "title": "Try later"}

    with (
        Client(transport=answering(product=product, store=error)) as client,
        pytest.raises(MappingError, match=r"store\.get: the answer has no currency: it is another record, or an error"),
    ):
        client.get(PRODUCTS, account, "77")
    with Client(transport=answering(product=product, store={"currency": "EUR"})) as client:
        assert client.get(PRODUCTS, account, "77").currency == "EUR"
