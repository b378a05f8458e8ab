"""What scaffold says of a field that it did not find, and what it takes for no field at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from truto_unify.models import RESOURCES
from truto_unify.scaffold.fields import guess_fields
from truto_unify.scaffold.vocabulary import read_vocabulary

if TYPE_CHECKING:
    from truto_unify.scaffold.guess import MappingGuesses


def guesses_of(*records: Any, resource: str = "ecommerce/orders") -> MappingGuesses:
    schema = RESOURCES[resource]
    return guess_fields([*records], schema, read_vocabulary(resource))


@pytest.mark.parametrize(
    ("record", "field", "reason"),
    [
        ({"refunds": [{"sum": 5}]}, "refunds", 'the elements of "refunds" have no id that is seen'),
        ({"refunds": []}, "refunds", 'the list "refunds" is empty in each sample'),
        ({"discounts": [{"what": 5}]}, "discounts", 'the list "discounts" holds nothing with a usual name'),
        ({"customer": {"what": 5}}, "customer", 'the object "customer" holds nothing with a usual name'),
        ({"buyer": "Ana"}, "customer", '"buyer" holds a plain value'),
        ({"number": True}, "order_number", 'the values of "number" are of another kind'),
        ({"status": "Odd"}, "status", 'nothing says what the values of "status" mean: Odd'),
        ({}, "notes", "no field with a usual name was seen"),
        ({}, "refunds", "nothing with a usual name was seen; it may be a call of its own"),
    ],
)
def test_the_reason_says_what_the_records_hold(record: dict[str, Any], field: str, reason: str) -> None:
    guesses = guesses_of({"id": 7, **record})

    assert field not in guesses.rules
    assert guesses.missing[field].startswith(reason)


@pytest.mark.parametrize(
    "record",
    [
        {"status": "Odd", "state": ""},
        {"state": "", "city": "Lugo", "zip": "27001"},
        {"state": "CA", "city": "", "zip": ""},
    ],
)
def test_the_state_of_an_address_is_no_status_of_an_order(record: dict[str, Any]) -> None:
    assert "status" not in guesses_of({"id": 7, **record}).rules


def test_a_state_whose_values_are_known_is_a_status_also_beside_a_city() -> None:
    guesses = guesses_of({"id": 7, "state": "enabled", "city": "Lugo", "zip": "1"}, resource="ecommerce/customers")

    assert guesses.rules["status"].value == {"expr": "state", "enum": {"enabled": "active"}}


def test_the_person_of_an_order_is_found_in_fields_that_begin_with_its_name() -> None:
    order = {"id": 7, "buyer_user_id": 77, "buyer_email": "ana@example.test", "buyerName": "Ana", "seller_id": 5}

    assert guesses_of(order).rules["customer"].value == {
        "id": "buyer_user_id",
        "name": "buyerName",
        "emails": [{"email": "buyer_email", "type": {"const": "primary"}, "is_primary": {"const": True}}],
    }


@pytest.mark.parametrize(
    ("items", "native_id"),
    [
        ([{"product_id": 1, "transaction_id": 5}, {"product_id": 1, "transaction_id": 6}], "transaction_id"),
        ([{"product_id": 1, "transaction_id": 5}, {"product_id": 1, "transaction_id": 5}], None),
        ([{"product_id": 1, "listing_id": 5}], None),
    ],
)
def test_the_id_of_an_element_has_another_value_in_each(items: list[dict[str, Any]], native_id: str | None) -> None:
    rule = guesses_of({"id": 7, "line_items": [{"sku": "a", "title": "Mug", **item} for item in items]}).rules.get(
        "line_items"
    )

    assert (rule.value[0]["id"] if rule is not None else None) == native_id
