"""Orders and products of the pretend WooCommerce shop, through the client: pages, filters, sorts and side loads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.loopback import PEOPLE, Loopback
from truto_unify import Account, Client, NotFoundError, Registry, UnknownResource, UnsupportedParameter
from truto_unify.sandbox.goods import invent_goods
from truto_unify.values import read_time

if TYPE_CHECKING:
    from truto_unify import Order, Product

ORDERS: Final = "ecommerce/orders"
PRODUCTS: Final = "ecommerce/products"
PLACED = [order for person in PEOPLE if person.email for order in person.orders]
GOODS = invent_goods()


@pytest.fixture
def account(loopback: Loopback) -> Account:
    return loopback.account("woocommerce")


def ids(records: Any) -> list[str]:
    return [record.id for record in records]


def test_orders_in_the_trash_are_asked_for_by_name(client: Client, account: Account) -> None:
    """Every other list leaves them out, even one of any status."""
    explanation = client.explain(ORDERS, account, status=["archived", "active"])

    assert explanation.query_plan[0].how == "native"
    assert "status=trash%2Cprocessing" in explanation.request.query


def test_a_list_holds_every_order_once(orders: list[Order]) -> None:
    assert ids(orders) == [str(order.number) for order in sorted(PLACED, key=lambda order: order.number)]


@pytest.mark.parametrize(
    "query",
    [
        {"customer_id": "3"},
        {"status": "completed"},
        {"status": ["completed", "cancelled"]},
        {"status": "pending"},
        {"payment_status": "refunded"},
        {"fulfillment_status": ["delivered", "cancelled"]},
        {"created_at": {"gte": "2025-01-01T00:00:00Z", "lt": "2026-01-01T00:00:00Z"}},
        {"status": "completed", "created_at": {"gt": "2025-01-01T00:00:00Z"}, "sort_by": {"created_at": "desc"}},
    ],
)
def test_a_filter_means_the_same_whoever_applies_it(
    client: Client, account: Account, orders: list[Order], query: dict[str, Any]
) -> None:
    asked = {name: value for name, value in query.items() if name != "sort_by"}

    found = list(client.iterate(ORDERS, account, **query))

    assert sorted(ids(found)) == sorted(order.id for order in orders if _matches(order, asked))
    assert len(found) < len(orders)


def _matches(order: Order, query: dict[str, Any]) -> bool:
    customer = order.customer.id if order.customer is not None else None
    moment = order.created_at
    assert moment is not None
    bounds = query.get("created_at", {})
    known = {
        "customer_id": customer,
        "status": order.status,
        "payment_status": order.payment_status,
        "fulfillment_status": order.fulfillment_status,
    }
    tests = {
        "gt": lambda bound: moment > bound,
        "gte": lambda bound: moment >= bound,
        "lt": lambda bound: moment < bound,
    }
    return all(
        known[name] in (value if isinstance(value, list) else [value])
        for name, value in query.items()
        if name != "created_at"
    ) and all(tests[op](read_time(bound, zone=None)) for op, bound in bounds.items())


def test_both_ends_of_a_range_hold_the_instant_itself(client: Client, account: Account, orders: list[Order]) -> None:
    moment = orders[7].created_at
    assert moment is not None

    page = client.list(ORDERS, account, created_at={"gte": moment, "lte": moment})

    assert ids(page.result) == [order.id for order in orders if order.created_at == moment]
    assert {entry.match for entry in page.query_plan} == {"exact"}
    assert ids(client.list(ORDERS, account, created_at=moment).result) == ids(page.result)
    assert client.list(ORDERS, account, created_at={"gt": moment, "lt": moment}).result == []


@pytest.mark.parametrize("field", ["created_at", "updated_at", "id"])
@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_a_sort_is_the_shops(client: Client, account: Account, field: str, direction: str) -> None:
    query: Any = {"sort_by": {field: direction}}

    page = client.list(PRODUCTS, account, limit=30, **query)
    records: list[Any] = [*page.result]
    keys = [int(product.id) if field == "id" else getattr(product, field) for product in records]

    assert keys == sorted(keys, reverse=direction == "desc")
    assert [(entry.parameter, entry.how) for entry in page.query_plan] == [(f"sort_by[{field}]", "native")]


def test_an_order_is_whole(client: Client, account: Account) -> None:
    number, buyer = next(
        (order.number, person) for person in PEOPLE if person.email for order in person.orders if order.status == "paid"
    )

    order = client.get(ORDERS, account, str(number)).model_dump(mode="json", exclude={"remote_data"})

    assert (order["status"], order["payment_status"], order["fulfillment_status"]) == ("completed", "paid", "delivered")
    assert order["customer"]["id"] == str(buyer.number + 1)
    (line,) = order["line_items"]
    assert line["quantity"] == "1"
    assert line["unit_price"] == line["total_amount"] == order["sub_total"] == order["total_amount"]
    assert (line["total_discount"], order["refunds"], order["tags"]) == ("0.00", [], [])


def test_get_says_when_an_order_was_refunded_and_a_list_only_on_request(
    client: Client, account: Account, orders: list[Order]
) -> None:
    listed = next(order for order in orders if order.payment_status == "refunded")
    (without_date,) = listed.refunds

    (refund,) = client.get(ORDERS, account, listed.id).refunds

    assert (without_date.amount, without_date.created_at) == (refund.amount, None) == (listed.total_amount, None)
    assert refund.created_at is not None
    page = client.list(ORDERS, account, status="completed", limit=100)
    assert page.is_partial_response
    loaded = client.list(ORDERS, account, created_at=listed.created_at or "", side_load="refunds")
    assert not loaded.is_partial_response
    assert [refund.created_at for order in loaded.result for refund in order.refunds] == [refund.created_at]


def test_a_list_holds_every_product_once_and_its_currency(products: list[Product]) -> None:
    assert ids(products) == [str(goods.number) for goods in GOODS]
    assert {(product.currency, product.weight_unit) for product in products} == {("USD", "kg")}


def test_the_facts_of_the_shop_are_asked_for_once_a_page(client: Client, account: Account, loopback: Loopback) -> None:
    client.list(PRODUCTS, account, limit=20)

    paths = [request.path.rpartition("/wc/v3/")[2] for request in loopback.store("woocommerce").requests]
    assert sorted(paths) == ["data/currencies/current", "products", "settings/products/woocommerce_weight_unit"]


def test_a_product_has_its_variants(client: Client, account: Account) -> None:
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


def test_names_that_wordpress_keeps_as_html_are_text(products: list[Product]) -> None:
    assert {category.name for product in products for category in product.categories} == {
        goods.category for goods in GOODS
    }
    assert {product.vendor for product in products} == {goods.vendor or None for goods in GOODS}


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"sku": GOODS[0].sku}, 1),
        ({"sku": [GOODS[0].sku, GOODS[1].sku.lower()]}, 2),
        ({"sku": next(item for item in GOODS if item.variants).variants[0].sku}, 0),
        ({"status": "active"}, sum(goods.is_active for goods in GOODS)),
        ({"status": "inactive"}, sum(not goods.is_active for goods in GOODS)),
        ({"name": {"like": "jam &"}}, sum("Jam &" in goods.name for goods in GOODS)),
    ],
)
def test_products_are_filtered(client: Client, account: Account, query: dict[str, Any], count: int) -> None:
    assert len(list(client.iterate(PRODUCTS, account, **query))) == count


def test_a_variation_is_no_product_of_its_own(client: Client, account: Account) -> None:
    variant = next(item for item in GOODS if item.variants).variants[0]

    with pytest.raises(NotFoundError):
        client.get(PRODUCTS, account, str(variant.number))


def test_an_unknown_id_is_not_found(client: Client, account: Account) -> None:
    with pytest.raises(NotFoundError):
        client.get(ORDERS, account, "999999")


def test_what_the_shop_does_not_filter_is_refused_on_request(client: Client, account: Account) -> None:
    with pytest.raises(UnsupportedParameter, match="payment_status is not supported"):
        client.list(ORDERS, account, payment_status="paid", unsupported="error")


@pytest.mark.parametrize("resource", [ORDERS, PRODUCTS])
def test_a_provider_without_a_mapping_refuses_the_resource(resource: Any) -> None:
    medusa = Path(__file__).resolve().parents[2] / "examples" / "medusa"  # it has customers alone

    with (
        Client(Registry(overlay=[medusa])) as client,
        pytest.raises(UnknownResource, match=f'^provider "medusa" has no unified resource "{resource}"; it has '),
    ):
        client.list(resource, Account(provider="medusa"))
