"""Orders and products of both pretend Shopify stores, through the client: pages, filters, sorts, and lists inside."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

import pytest

from tests.loopback import PEOPLE, Loopback
from tests.shipped import REGISTRY
from truto_unify import Budget, Client, NotFoundError, Settings, UnsupportedParameter
from truto_unify.sandbox.goods import GoodsVariant, invent_goods
from truto_unify.sandbox.purchases import PurchaseLine, itemize
from truto_unify.sandbox.shopify import orders as shopify_orders
from truto_unify.sandbox.shopify import products as shopify_products
from truto_unify.sandbox.shopify.fields import customer_id, is_customer, order_id, product_id, variant_id
from truto_unify.values import read_time

ORDERS: Final = "ecommerce/orders"
PRODUCTS: Final = "ecommerce/products"
SALES = [(person, order) for person in PEOPLE if is_customer(person) for order in person.orders]
GOODS = invent_goods()
PAID = next(sale for sale in SALES if sale[1].status == "paid" and len(sale[0].addresses) > 1)
REFUNDED = next(sale for sale in SALES if sale[1].status == "refunded")
VARIED = next(goods for goods in GOODS if goods.variants)
each_store = pytest.mark.parametrize("slug", ["shopify", "shopify_rest"])


def ids(records: Any) -> list[str]:
    return [record.id for record in records]


def content(record: Any) -> Any:
    """A record, with amounts as numbers: one API pads them and the other does not."""
    return _with_numbers(record.model_dump(mode="json", exclude={"remote_data"}))


def _with_numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_numbers(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with_numbers(inner) for inner in value]
    return Decimal(value) if isinstance(value, str) and re.fullmatch(r"-?\d+\.\d+", value) else value


# ------------------------------------------------------------------------------------------------------ orders


@each_store
def test_a_list_holds_every_order_once(client: Client, loopback: Loopback, slug: str) -> None:
    orders = list(client.iterate(ORDERS, loopback.account(slug)))

    assert sorted(ids(orders)) == sorted(str(order_id(sale)) for sale in SALES)
    assert {order.status for order in orders} == {"active", "archived", "cancelled"}


QUERIES: list[dict[str, Any]] = [
    {"customer_id": str(customer_id(PAID[0]))},
    {"status": "active"},
    {"status": ["archived", "cancelled"]},
    {"status": "cancelled", "created_at": {"gt": "2025-01-01T00:00:00Z"}},
    {"payment_status": "paid"},
    {"payment_status": "pending"},
    {"payment_status": ["refunded", "voided"]},
    {"fulfillment_status": "delivered"},
    {"fulfillment_status": ["pending", "cancelled"]},
    {"created_at": {"gte": "2025-01-01T00:00:00Z", "lt": "2026-01-01T00:00:00Z"}},
    {"updated_at": {"gte": PAID[1].created_at, "lte": PAID[1].created_at}},
]


@each_store
@pytest.mark.parametrize("query", QUERIES, ids=repr)
def test_a_filter_means_the_same_whoever_applies_it(
    client: Client, loopback: Loopback, slug: str, query: dict[str, Any]
) -> None:
    account = loopback.account(slug)
    orders = list(client.iterate(ORDERS, account))

    matching = list(client.iterate(ORDERS, account, **query))

    assert sorted(ids(matching)) == sorted(order.id for order in orders if _matches(order, query))
    assert 0 < len(matching) < len(orders)


def _matches(order: Any, query: dict[str, Any]) -> bool:
    known = {**order.model_dump(), "customer_id": order.customer.id}
    return all(_fits(known[name], wanted) for name, wanted in query.items())


def _fits(value: Any, wanted: Any) -> bool:
    tests = {"gt": lambda a, b: a > b, "gte": lambda a, b: a >= b, "lt": lambda a, b: a < b, "lte": lambda a, b: a <= b}
    if isinstance(wanted, dict):
        return all(tests[op](value, _instant(bound)) for op, bound in wanted.items())
    return value in (wanted if isinstance(wanted, list) else [wanted])


def _instant(bound: Any) -> Any:
    return read_time(bound, zone=None) if isinstance(bound, str) else bound


@pytest.mark.parametrize(
    ("query", "sent"),
    [
        ({"status": "archived"}, "status:closed"),
        ({"status": ["active", "cancelled"]}, "(status:open OR status:cancelled)"),
        ({"payment_status": "voided"}, "(financial_status:voided OR financial_status:expired)"),
        ({"payment_status": "pending"}, None),
        ({"fulfillment_status": "pending"}, None),
        ({"customer_id": "7 OR customer_id:*"}, None),
        ({"customer_id": "17", "status": "active"}, "customer_id:17 status:open"),
    ],
)
def test_the_search_text_of_orders(client: Client, loopback: Loopback, query: dict[str, Any], sent: str | None) -> None:
    explained = client.explain(ORDERS, loopback.account("shopify"), **query)

    assert json.loads(explained.request.body or b"")["variables"].get("query") == sent


@each_store
def test_both_apis_give_the_same_order(client: Client, loopback: Loopback, slug: str) -> None:
    for sale in (PAID, REFUNDED):
        order = content(client.get(ORDERS, loopback.account("shopify"), str(order_id(sale))))
        other = content(client.get(ORDERS, loopback.account(slug), f"gid://shopify/Order/{order_id(sale)}"))

        words = [fulfillment.pop("status") for record in (order, other) for fulfillment in record["fulfillments"]]
        assert order == other
        assert {*words} <= {"FULFILLED", "success"}


@each_store
def test_an_order_is_whole(client: Client, loopback: Loopback, slug: str) -> None:
    person, sale = PAID

    order = content(client.get(ORDERS, loopback.account(slug), str(order_id(PAID))))

    assert order["order_number"] == f"#{sale.number}"
    assert (order["status"], order["payment_status"], order["fulfillment_status"]) == ("archived", "paid", "delivered")
    assert order["customer"]["id"] == str(customer_id(person))
    assert order["billing_address"]["street_1"] == person.addresses[0].street_1
    assert order["shipping_address"]["street_1"] == person.addresses[1].street_1
    line = order["line_items"][0]
    assert (line["name"], line["sku"]) == ("Invented thing", "SKU-1")
    assert (line["product_id"], line["variant_id"]) == (str(product_id(11)), str(variant_id(11)))
    assert [parcel["tracking_number"] for parcel in order["fulfillments"]] == [f"PARCEL{sale.number}"]


# ------------------------------------------------------------------------------------------------------ products


@each_store
def test_a_list_holds_every_product_once_and_its_currency(client: Client, loopback: Loopback, slug: str) -> None:
    products = list(client.iterate(PRODUCTS, loopback.account(slug)))

    assert sorted(ids(products)) == [str(product_id(goods.number)) for goods in GOODS]
    assert {product.currency for product in products} == {"USD"}
    assert {product.name for product in products} == {goods.name for goods in GOODS}


@each_store
@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"sku": GOODS[0].sku.lower()}, 1),
        ({"sku": VARIED.variants[0].sku}, 1),
        ({"sku": VARIED.variants[1].sku}, 0),
        ({"status": "active"}, sum(goods.is_active for goods in GOODS)),
        ({"status": "inactive"}, sum(not goods.is_active for goods in GOODS)),
        ({"name": GOODS[5].name.upper()}, 1),
        ({"name": {"like": "jam &"}}, sum("Jam &" in goods.name for goods in GOODS)),
        ({"updated_at": {"lte": GOODS[9].updated_at}}, sum(goods.updated_at <= GOODS[9].updated_at for goods in GOODS)),
    ],
)
def test_products_are_filtered(
    client: Client, loopback: Loopback, slug: str, query: dict[str, Any], count: int
) -> None:
    assert len(list(client.iterate(PRODUCTS, loopback.account(slug), **query))) == count


@pytest.mark.parametrize("resource", [ORDERS, PRODUCTS])
@pytest.mark.parametrize("field", ["created_at", "updated_at", "id"])
@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_a_sort_is_the_stores(client: Client, loopback: Loopback, resource: Any, field: str, direction: str) -> None:
    query: Any = {"sort_by": {field: direction}}

    page: Any = client.list(resource, loopback.account("shopify"), limit=30, **query)
    keys = [getattr(record, field) for record in page.result]

    assert keys == sorted(keys, reverse=direction == "desc")
    assert [(entry.parameter, entry.how) for entry in page.query_plan] == [(f"sort_by[{field}]", "native")]


@each_store
def test_both_apis_give_the_same_product(client: Client, loopback: Loopback, slug: str) -> None:
    for goods in (VARIED, GOODS[0], GOODS[2], GOODS[7]):
        product = content(client.get(PRODUCTS, loopback.account("shopify"), str(product_id(goods.number))))
        other = content(
            client.get(PRODUCTS, loopback.account(slug), f"gid://shopify/Product/{product_id(goods.number)}")
        )

        # The older API says neither the address of a product nor its collections, and the ids of a variant's options.
        for record in (product, other):
            for variant in record["variants"]:
                for option in variant["options"]:
                    del option["id"]
            del record["url"], record["categories"]
        assert product == other


@each_store
def test_a_product_has_its_variants_and_one_of_one_form_the_default_variant(
    client: Client, loopback: Loopback, slug: str
) -> None:
    plain = next(goods for goods in GOODS if not goods.variants and goods.sku and goods.weight_grams)

    product = client.get(PRODUCTS, loopback.account(slug), str(product_id(VARIED.number)))
    other = client.get(PRODUCTS, loopback.account(slug), str(product_id(plain.number)))

    assert [(variant.id, variant.sku) for variant in product.variants] == [
        (str(variant_id(variant.number)), variant.sku) for variant in VARIED.variants
    ]
    assert [(option.name, option.value) for option in product.variants[1].options] == [
        ("Size", "S"),
        ("Colour", "dark blue"),
    ]
    assert [(option.name, option.values) for option in product.options] == [
        ("Size", ["S", "M", "L"]),
        ("Colour", ["red", "dark blue"]),
    ]
    (default,) = other.variants
    assert (default.name, default.options, other.options) == (None, [], [])
    assert (default.sku, other.sku) == (plain.sku, plain.sku)
    assert (Decimal(other.weight or "nan"), other.weight_unit) == (Decimal(plain.weight_grams or 0) / 1000, "kg")


@each_store
@pytest.mark.parametrize("resource", [ORDERS, PRODUCTS])
def test_an_unknown_id_is_not_found(client: Client, loopback: Loopback, slug: str, resource: Any) -> None:
    with pytest.raises(NotFoundError):
        client.get(resource, loopback.account(slug), "999999")


# ------------------------------------------------------------------------------- lists inside are read to their end


@pytest.fixture
def many_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every fourth order has 300 lines, in pages of 20, of 250 and of the rest."""

    def order_lines(sale: Any) -> list[PurchaseLine]:
        count = 300 if sale[1].number % 4 == 0 else 1
        line = itemize(sale[1]).lines[0]
        return [replace(line, number=sale[1].number * 1000 + index) for index in range(count)]

    monkeypatch.setattr(shopify_orders, "order_lines", order_lines)


@pytest.fixture
def many_variants(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first product has 260 variants."""
    variants = [GoodsVariant(900_000 + index, "S", str(index), f"MANY-{index}", 100, None) for index in range(260)]
    goods = (replace(GOODS[0], variants=tuple(variants)), *GOODS[1:])
    monkeypatch.setattr(shopify_products, "invent_goods", lambda: goods)


@pytest.mark.usefixtures("many_lines")
def test_every_line_of_a_long_order_comes(client: Client, loopback: Loopback) -> None:
    account = loopback.account("shopify")

    page = client.list(ORDERS, account, limit=8)
    long_order = next(order for order in page.result if int(order.id) % 4 == 0)
    alone = client.get(ORDERS, account, long_order.id)

    counts = [len({line.id for line in order.line_items}) for order in page.result]
    assert counts == [300 if int(order.id) % 4 == 0 else 1 for order in page.result]
    assert not page.is_partial_response
    assert page.request_count == 1 + 2 * counts.count(300)
    assert long_order.line_items == alone.line_items


@pytest.mark.usefixtures("many_lines")
def test_lines_beyond_the_budget_are_an_error_and_never_left_out(loopback: Loopback) -> None:
    settings = Settings(budget=Budget(max_side_requests=1))
    with (
        Client(sleep=loopback.clock.advance, settings=settings) as client,
        pytest.raises(UnsupportedParameter, match=r'side_load "line_items" needs \d+ requests'),
    ):
        client.list(ORDERS, loopback.account("shopify"), limit=8)


@pytest.mark.usefixtures("many_variants")
def test_every_variant_of_a_product_comes(client: Client, loopback: Loopback) -> None:
    account = loopback.account("shopify")

    page = client.list(PRODUCTS, account, limit=3)
    alone = client.get(PRODUCTS, account, page.result[0].id)

    assert [len(product.variants) for product in page.result][:2] == [260, 1]
    assert (page.is_partial_response, page.request_count) == (False, 3)
    assert [variant.sku for variant in alone.variants] == [f"MANY-{index}" for index in range(260)]
    assert page.result[0].variants == alone.variants


@pytest.mark.parametrize("part", ["fulfillments", "refunds"])
def test_an_order_with_a_full_list_of_parts_may_lack_others(part: str) -> None:
    """These two are plain lists of at most 250, which have no second page."""
    mapper = REGISTRY.mapper(ORDERS, "shopify")

    flags = [mapper.is_partial({"id": "1", part: [{"id": "2"}] * count}) for count in (0, 249, 250)]

    assert flags == [False, False, True]
