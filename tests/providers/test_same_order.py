"""The same order from every pretend store is equal in each field that the store can say, in each kind of currency."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.docs.page import read_page
from tests.providers.pretend import open_store
from tests.providers.test_same_person import unique_name
from tests.shipped import REGISTRY
from tests.store_pages import FOLDER
from truto_unify.engine.send import Budget
from truto_unify.inspection.reading import reads_of_mapping
from truto_unify.models.fields import format_time
from truto_unify.sandbox.people import Person, PostalAddress, PurchaseOrder, invent_people
from truto_unify.sandbox.purchases import decimal_places, itemize
from truto_unify.sandbox.serve import STORES

if TYPE_CHECKING:
    from collections.abc import Callable

    Truth = Callable[[Person, PurchaseOrder], Any]

ORDERS: Final = "ecommerce/orders"
SLUGS = tuple(STORES)
CURRENCIES = ("JPY", "EUR", "KWD")
"""One without decimals, one with two, one with three."""
POPULATION = invent_people()

# ----------------------------------------------------------------------------------------------- what an order is


def amount_of(amount: int, person: Person) -> Decimal:
    return Decimal(amount).scaleb(-decimal_places(person.currency))


def coupon_of(person: Person, order: PurchaseOrder) -> list[tuple[str, Decimal, int | None]]:
    """The code, what it takes off, and the share."""
    coupon = itemize(order).coupon
    return [(coupon.code, amount_of(coupon.amount, person), coupon.percentage)] if coupon else []


def lines_of(person: Person, order: PurchaseOrder) -> list[tuple[Any, ...]]:
    """The name, the sku, the quantity, the price of one, the discount, the tax, and the price after the discount."""
    return [
        (
            line.name,
            line.sku,
            line.quantity,
            *(amount_of(amount, person) for amount in (line.unit_price, line.discount, line.tax, line.amount)),
        )
        for line in itemize(order).lines
    ]


def lines_before_discounts(person: Person, order: PurchaseOrder) -> list[tuple[Any, ...]]:
    return [(*line[:4], 0, line[5], line[4] + line[6]) for line in lines_of(person, order)]


def refunds_of(person: Person, order: PurchaseOrder) -> list[tuple[Decimal, str | None]]:
    return [(amount_of(refund.amount, person), refund.reason or None) for refund in itemize(order).refunds]


def place_of(address: PostalAddress | None, *, state: str = "state_code") -> tuple[str | None, ...] | None:
    if address is None:
        return None
    parts = ("street_1", "street_2", "city", state, "postal_code", "country_code")
    return tuple(getattr(address, part) or None for part in parts)


def shipped_to(person: Person) -> PostalAddress | None:
    return next((address for address in person.addresses if address.kind == "shipping"), None)


def rate_of(_: Person, order: PurchaseOrder) -> Decimal:
    return 1 / Decimal(itemize(order).buyer_rate)


def rate_unless_one(person: Person, order: PurchaseOrder) -> Decimal | None:
    rate = rate_of(person, order)
    return None if rate == 1 else rate


TRUTH: dict[str, Truth] = {
    "name": lambda person, _: f"{person.first_name} {person.last_name}".strip(),
    "company": lambda person, _: person.company or None,
    "currency": lambda person, _: person.currency,
    "exchange_rate": rate_unless_one,
    "discounts": coupon_of,
    "sub_total": lambda person, order: amount_of(itemize(order).price, person),
    "shipping_cost": lambda person, order: amount_of(itemize(order).shipping, person),
    "total_discount": lambda person, order: amount_of(itemize(order).discount, person),
    "total_tax": lambda person, order: amount_of(itemize(order).tax, person),
    "total_amount": lambda person, order: amount_of(order.total_minor, person),
    "payment_status": lambda _, order: order.status,
    "billing_address": lambda person, _: place_of(person.addresses[0]),
    "shipping_address": lambda person, _: place_of(shipped_to(person)),
    "line_items": lines_of,
    "refunds": refunds_of,
    "notes": lambda _, order: itemize(order).note or None,
    "tags": lambda _, order: sorted(itemize(order).tags),
    "created_at": lambda _, order: format_time(order.created_at),
    "updated_at": lambda _, order: format_time(order.created_at),
}

# ------------------------------------------------------------------------------------- what a store cannot say


def nothing(*_: Any) -> None:
    return None


def empty(*_: Any) -> list[Any]:
    return []


def coupon_without_share(person: Person, order: PurchaseOrder) -> list[tuple[str, Decimal, None]]:
    return [(code, amount, None) for code, amount, _ in coupon_of(person, order)]


def after_discounts(person: Person, order: PurchaseOrder) -> Decimal:
    return amount_of(itemize(order).sub_total, person)


# A share is said without what it came to. The sub-total is the one after discounts. A customer has no company.
SHOPIFY: dict[str, Truth] = {
    "discounts": lambda person, order: [
        (code, amount if share is None else None, share) for code, amount, share in coupon_of(person, order)
    ],
    "sub_total": after_discounts,
}
LOSSES: dict[str, dict[str, Truth]] = {
    # States have names and no codes; only addresses have a company.
    "bigcommerce": {
        "company": lambda person, _: person.addresses[0].company or None,
        "exchange_rate": rate_of,
        "billing_address": lambda person, _: place_of(person.addresses[0], state="state_name"),
        "shipping_address": lambda person, _: place_of(shipped_to(person), state="state_name"),
        "tags": empty,
    },
    # A tenant has one currency, of hundredths. A refund is an order of its own.
    "commerce7": {
        "currency": nothing,
        "exchange_rate": nothing,
        "discounts": coupon_without_share,
        "sub_total": after_discounts,
        "payment_status": lambda _, order: "authorized" if order.status == "pending" else "paid",
        "refunds": empty,
    },
    "shopify": SHOPIFY,
    "shopify_rest": SHOPIFY,
    # Of tags an order has the ids alone.
    "wix": {"discounts": coupon_without_share, "tags": empty},
    # Codes are in small letters.
    "woocommerce": {
        "exchange_rate": nothing,
        "discounts": lambda person, order: [(code.lower(), *rest) for code, *rest in coupon_of(person, order)],
        "tags": empty,
    },
    # The name of a contact must be unique; a whole order has no company. The rate is that of the organisation's
    # currency. A discount of the whole order is in none of its lines.
    "zohoinventory": {
        "name": lambda person, _: unique_name(person),
        "company": nothing,
        "exchange_rate": lambda *_: 1,
        "line_items": lines_before_discounts,
        "payment_status": lambda _, order: "cancelled" if order.status == "refunded" else order.status,
        "refunds": empty,
    },
}
NO_KINDS_OF_CURRENCY = {"commerce7": "USD"}
"""A store that counts hundredths in every currency reads as one in this currency."""

# -------------------------------------------------------------------------------------------- reading every order


@cache
def read_orders(slug: str, currency: str) -> dict[str, dict[str, Any]]:
    """Every order of a shop in this currency, with all of its parts, by the digits of its number."""
    people = [replace(person, currency=currency) for person in POPULATION]
    store = open_store(slug, people, budget=Budget(at_once=1, max_side_requests=1000))
    loads = list(REGISTRY.mapping(ORDERS, slug).config.side_loads)
    with store.open() as client:
        orders = list(client.iterate(ORDERS, store.account, side_load=loads))
    return {str(order.order_number).lstrip("#SO-0"): order.model_dump(mode="json") for order in orders}


def placed(slug: str, currency: str) -> dict[str, tuple[Person, PurchaseOrder]]:
    """The orders of the people whom every store takes whole, by number."""
    known = NO_KINDS_OF_CURRENCY.get(slug, currency)
    return {
        str(order.number): (replace(person, currency=known), order)
        for person in POPULATION
        if person.email and person.first_name and person.addresses
        for order in person.orders
    }


def comparable(order: dict[str, Any]) -> dict[str, Any]:
    """The compared fields of a record in the form of ``TRUTH``; amounts by value, since each store has its decimals."""
    amounts = ("exchange_rate", "sub_total", "shipping_cost", "total_discount", "total_tax", "total_amount")
    parts = ("quantity", "unit_price", "total_discount", "total_tax", "total_amount")
    return {
        **{name: order[name] for name in TRUTH if name in order},
        **{name: number(order[name]) for name in amounts},
        "name": order["customer"]["name"],
        "company": order["customer"]["company_name"],
        "discounts": [
            (discount["code"], number(discount["amount"]), number(discount["percentage"]))
            for discount in order["discounts"]
        ],
        "billing_address": _place(order["billing_address"]),
        "shipping_address": _place(order["shipping_address"]),
        "line_items": [
            (line["name"], line["sku"], *(Decimal(line[part] or 0) for part in parts)) for line in order["line_items"]
        ],
        "refunds": [(number(refund["amount"]), refund["reason"]) for refund in order["refunds"]],
        "tags": sorted(order["tags"]),
    }


def number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _place(address: dict[str, Any] | None) -> tuple[Any, ...] | None:
    parts = ("street_1", "street_2", "city", "state", "postal_code", "country")
    return None if address is None else tuple(address[part] for part in parts)


# ------------------------------------------------------------------------------------------------------ the tests

each_store = pytest.mark.parametrize("slug", SLUGS)
each_kind_of_currency = pytest.mark.parametrize("currency", CURRENCIES)


@each_store
def test_every_store_lists_every_order(slug: str) -> None:
    listed, orders = read_orders(slug, "EUR"), placed(slug, "EUR")

    assert len(orders) > 80
    assert orders.keys() <= listed.keys()


@each_kind_of_currency
@each_store
def test_an_order_says_all_that_the_store_can_say(slug: str, currency: str) -> None:
    truths = TRUTH | LOSSES[slug]
    orders, listed = placed(slug, currency), read_orders(slug, currency)

    assert {key: comparable(listed[key]) for key in orders} == {
        key: {name: truth(*pair) for name, truth in truths.items()} for key, pair in orders.items()
    }


@each_kind_of_currency
@each_store
def test_the_amounts_of_an_order_add_up_to_the_last_decimal(slug: str, currency: str) -> None:
    for order in map(comparable, read_orders(slug, currency).values()):
        before, after = (sum(part) for part in zip(*map(line_sums, order["line_items"]), strict=True))
        extras = order["shipping_cost"] + order["total_tax"]
        off_the_whole = order["total_discount"] if slug == "zohoinventory" else 0
        assert before - order["total_discount"] + extras == order["total_amount"]
        assert after - off_the_whole + extras == order["total_amount"]
        assert sum(amount for amount, _ in order["refunds"]) in {0, order["total_amount"]}


@each_store
def test_the_page_of_a_store_says_how_an_order_adds_up(slug: str) -> None:
    """The sentences of docs/stores/ on the sums are true for every order."""
    text = page_on_sums(slug)
    named = re.fullmatch(r"`total_amount` is the lines' `(\w+)`, (.*?) together.*", text)
    assert named is not None
    of_lines, others = named[1], re.findall(r"`(\w+)`", named[2])
    is_before = "`sub_total` is before" in text
    is_taken_off = "`total_discount` is taken off, too" in text
    assert is_before or "`sub_total` is after discounts" in text

    for order in read_orders(slug, "EUR").values():
        discount, total = Decimal(order["total_discount"]), Decimal(order["total_amount"])
        extras = sum(Decimal(order[name]) for name in others)
        lines = sum(Decimal(line[of_lines]) for line in order["line_items"])
        assert lines - (discount if is_taken_off else 0) + extras == total
        assert Decimal(order["sub_total"]) - (discount if is_before else 0) + extras == total


@each_store
def test_the_native_amounts_that_a_page_calls_unmapped_are(slug: str) -> None:
    unmapped = set(re.findall(r"`(\w+)`", page_on_sums(slug))) - set(REGISTRY.schema(ORDERS).record.model_fields)
    flags = {"taxesIncluded", "taxes_included", "discount_type", "entity_level", "remote_data"}
    read = {path[0] for path in reads_of_mapping(REGISTRY.mapping(ORDERS, slug)).values}

    assert (unmapped - flags) & read == set()


def page_on_sums(slug: str) -> str:
    """The section of the store's page that says what an order adds up to, on one line."""
    page = read_page(f"{FOLDER}/{slug}.md").partition("## What an order adds up to\n")[2]
    return " ".join(page.partition("\n## ")[0].split())


def line_sums(line: tuple[Any, ...]) -> tuple[Decimal, Decimal]:
    """The price of a line before and after its discount."""
    quantity, unit_price, amount = line[2], line[3], line[6]
    return quantity * unit_price, amount
