"""E-mails and phones in plain fields of a record: names with a prefix, fields without a value, addresses."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scaffold.drafts import SCHEMA, WORDS
from truto_unify.scaffold.fields import guess_fields


def rule_of(field: str, record: dict[str, Any]) -> Any:
    rules = guess_fields([{"id": 7, **record}], SCHEMA, WORDS).rules
    return rules[field].value if field in rules else None


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"defaultPhoneNumber": "0161 496 0100"}, [("defaultPhoneNumber", "default")]),
        ({"primary_mobile": 5550100}, [("primary_mobile", "primary")]),
        ({"main-tel": "0161 496 0100"}, [('"main-tel"', "primary")]),
        ({"contact": {"defaultPhone": "0161 496 0100"}}, [("contact.defaultPhone", "default")]),
        ({"defaultPhoneNumber": None}, [("defaultPhoneNumber", "default")]),
        # Something better is there.
        ({"phone": "0161 496 0100", "defaultPhoneNumber": "0161 496 0101"}, [("phone", "primary")]),
        ({"phone": None, "defaultPhoneNumber": "0161 496 0101"}, [("defaultPhoneNumber", "default")]),
        ({"phone": None, "defaultPhoneNumber": None}, [("phone", "primary")]),
        # The value is none of a phone.
        ({"defaultPhoneNumber": "unlisted"}, None),
    ],
)
def test_a_phone_whose_name_has_a_prefix_is_found_if_nothing_better_is(
    record: dict[str, Any], expected: list[tuple[str, str]] | None
) -> None:
    rule = rule_of("phones", record)

    assert (None if rule is None else [(source["number"], source["type"]["const"]) for source in rule]) == expected


def test_the_default_phone_counts_beside_the_phones_of_addresses_and_that_of_the_default_address_does_not() -> None:
    address = {"address1": "1 Main St", "city": "Lima", "zip": "15001", "phone": "0161 496 0102"}
    record = {
        "defaultPhoneNumber": {"phoneNumber": "0161 496 0100"},
        "defaultAddress": address,
        "addresses": [address],
    }

    assert rule_of("phones", record) == [
        {"number": "defaultPhoneNumber.phoneNumber", "type": {"const": "default"}},
        {"each": "addresses[]", "number": "phone", "type": {"const": "address"}},
    ]


def test_an_address_without_a_value_is_no_e_mail() -> None:
    assert rule_of("emails", {"address": None, "default_address": None}) is None
    assert rule_of("emails", {"address": None, "default_mail": None}) == [
        {"email": "default_mail", "type": {"const": "primary"}, "is_primary": {"const": True}}
    ]
