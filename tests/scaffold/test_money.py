"""How scaffold reads amounts: in units, in cents, and by what stands beside them."""

from __future__ import annotations

from typing import Any

import pytest

from truto_unify.models import RESOURCES
from truto_unify.scaffold.fields import guess_fields
from truto_unify.scaffold.vocabulary import read_vocabulary

SCHEMA = RESOURCES["ecommerce/orders"]


def rules_of(*records: Any) -> dict[str, Any]:
    guesses = guess_fields([*records], SCHEMA, read_vocabulary(SCHEMA.name))
    return {name: guess.value for name, guess in guesses.rules.items()}


def amount(value: Any, **beside: Any) -> dict[str, Any]:
    return {"amount": value, **beside}


@pytest.mark.parametrize(
    ("beside", "rule"),
    [
        ({"divisor": 100, "currency_code": "EUR"}, "divide_decimals(total.amount, total.divisor)"),
        ({"divisor": 1, "currency_code": "JPY"}, "divide_decimals(total.amount, total.divisor)"),
        ({"scale": 2}, "shift_decimal(total.amount, total.scale)"),
        ({"currency": "JPY"}, "from_minor_units(total.amount, total.currency)"),
        ({"divisor": "x", "currencyCode": "EUR"}, "from_minor_units(total.amount, total.currencyCode)"),
        ({"currency": "a coin"}, "shift_decimal(total.amount, '2')"),
    ],
)
def test_an_amount_in_an_object_is_read_with_what_stands_beside_it(beside: dict[str, Any], rule: str) -> None:
    record = {"id": 7, "total": amount(1500, **beside), "subtotal": 1400, "tax_total": 300, "shipping_cost": 200}

    assert rules_of(record)["total_amount"] == {"expr": rule}


def test_cents_have_the_decimals_of_the_currency_of_the_order_in_its_lines_too() -> None:
    line = {"id": 1, "price": 1500, "tax": 100}
    rules = rules_of({"id": 7, "total": 1500, "currency": "JPY", "line_items": [line]})

    assert rules["total_amount"] == {"expr": "from_minor_units(total, currency)"}
    assert rules["line_items"][0]["unit_price"] == "from_minor_units(price, record.currency)"


def test_a_currency_that_an_order_lacks_gives_no_decimals() -> None:
    orders = [
        {"id": number, "total": 1500, "tax_total": 300, "currency": code} for number, code in ((1, "EUR"), (2, ""))
    ]

    assert rules_of(*orders)["total_amount"] == {"expr": "shift_decimal(total, '2')"}


def test_units_in_an_object_are_read_as_they_are() -> None:
    rules = rules_of({"id": 7, "total": amount("15.00", currency="EUR"), "lines": [{"id": 1, "price": amount("7.5")}]})

    assert rules["total_amount"] == {"expr": "total.amount"}
    assert rules["line_items"][0]["unit_price"] == "price.amount"
