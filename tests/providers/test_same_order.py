"""The same order from every pretend store is equal in each field that the store can say."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.providers.pretend import REGISTRY, open_store
from truto_unify.engine.send import Budget
from truto_unify.models.fields import format_time
from truto_unify.sandbox.people import Person, PostalAddress, PurchaseOrder, invent_people

if TYPE_CHECKING:
    from collections.abc import Callable

    Truth = Callable[[Person, PurchaseOrder], Any]

ORDERS: Final = "ecommerce/orders"
PEOPLE = [person for person in invent_people(60) if person.email and person.first_name and person.addresses]
PLACED = {str(order.number): (person, order) for person in PEOPLE for order in person.orders}

# ----------------------------------------------------------------------------------------------- what an order is


def amount_of(_: Person, order: PurchaseOrder) -> Decimal:
    return Decimal(order.total_cents).scaleb(-2)


def lines_of(person: Person, order: PurchaseOrder) -> list[tuple[Any, ...]]:
    amount = amount_of(person, order)
    return [("Invented thing", "SKU-1", 1, amount, 0, 0, amount)]


def place_of(address: PostalAddress | None, *, state: str = "state_code") -> tuple[str | None, ...] | None:
    if address is None:
        return None
    parts = ("street_1", "street_2", "city", state, "postal_code", "country_code")
    return tuple(getattr(address, part) or None for part in parts)


def shipped_to(person: Person) -> PostalAddress | None:
    return next((address for address in person.addresses if address.kind == "shipping"), None)


TRUTH: dict[str, Truth] = {
    "name": lambda person, _: f"{person.first_name} {person.last_name}".strip(),
    "currency": lambda person, _: person.currency,
    "sub_total": amount_of,
    "shipping_cost": lambda *_: 0,
    "total_discount": lambda *_: 0,
    "total_tax": lambda *_: 0,
    "total_amount": amount_of,
    "payment_status": lambda _, order: order.status,
    "billing_address": lambda person, _: place_of(person.addresses[0]),
    "shipping_address": lambda person, _: place_of(shipped_to(person)),
    "line_items": lines_of,
    "refunds": lambda person, order: [amount_of(person, order)] if order.status == "refunded" else [],
    "created_at": lambda _, order: format_time(order.created_at),
    "updated_at": lambda _, order: format_time(order.created_at),
}

# ------------------------------------------------------------------------------------- what a store cannot say

LOSSES: dict[str, dict[str, Truth]] = {
    # States have names and no codes.
    "bigcommerce": {
        "billing_address": lambda person, _: place_of(person.addresses[0], state="state_name"),
        "shipping_address": lambda person, _: place_of(shipped_to(person), state="state_name"),
    },
    # A tenant has one currency. A refund is an order of its own.
    "commerce7": {
        "currency": lambda *_: None,
        "payment_status": lambda _, order: "authorized" if order.status == "pending" else "paid",
        "refunds": lambda *_: [],
    },
    "woocommerce": {},
}

# -------------------------------------------------------------------------------------------- reading every order


@cache
def read_orders(slug: str) -> dict[str, dict[str, Any]]:
    """Every order with all of its parts, by number."""
    store = open_store(slug, PEOPLE, budget=Budget(at_once=1, max_side_requests=1000))
    loads = list(REGISTRY.mapping(ORDERS, slug).config.side_loads)
    with store.open() as client:
        orders = list(client.iterate(ORDERS, store.account, side_load=loads))
    return {str(order.order_number): order.model_dump(mode="json") for order in orders}


def comparable(order: dict[str, Any]) -> dict[str, Any]:
    """The compared fields of a record in the form of ``TRUTH``; amounts by value, since each store has its decimals."""
    amounts = ("sub_total", "shipping_cost", "total_discount", "total_tax", "total_amount")
    parts = ("quantity", "unit_price", "total_discount", "total_tax", "total_amount")
    return {
        **order,
        **{name: Decimal(order[name]) for name in amounts},
        "name": order["customer"]["name"],
        "billing_address": _place(order["billing_address"]),
        "shipping_address": _place(order["shipping_address"]),
        "line_items": [
            (line["name"], line["sku"], *(Decimal(line[part] or 0) for part in parts)) for line in order["line_items"]
        ],
        "refunds": [Decimal(refund["amount"]) for refund in order["refunds"]],
    }


def _place(address: dict[str, Any] | None) -> tuple[Any, ...] | None:
    parts = ("street_1", "street_2", "city", "state", "postal_code", "country")
    return None if address is None else tuple(address[part] for part in parts)


# ------------------------------------------------------------------------------------------------------ the tests


@pytest.mark.parametrize("slug", LOSSES)
def test_every_store_lists_every_order(slug: str) -> None:
    listed = read_orders(slug)

    assert len(PLACED) > 30
    assert PLACED.keys() <= listed.keys()
    assert {order["payment_status"] for number, order in listed.items() if number not in PLACED} <= {"refunded"}


@pytest.mark.parametrize("name", TRUTH)
@pytest.mark.parametrize("slug", LOSSES)
def test_an_order_says_all_that_the_store_can_say(slug: str, name: str) -> None:
    truth = LOSSES[slug].get(name, TRUTH[name])
    orders = {number: comparable(order) for number, order in read_orders(slug).items()}

    assert {number: orders[number][name] for number in PLACED} == {
        number: truth(*pair) for number, pair in PLACED.items()
    }


@pytest.mark.parametrize("slug", LOSSES)
def test_the_amounts_of_an_order_add_up_to_the_last_decimal(slug: str) -> None:
    for order in map(comparable, read_orders(slug).values()):
        lines = sum(amount for *_, amount in order["line_items"])
        assert lines + order["shipping_cost"] + order["total_tax"] == order["total_amount"]
        assert sum(order["refunds"]) <= abs(order["total_amount"])
