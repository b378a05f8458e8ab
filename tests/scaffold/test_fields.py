from __future__ import annotations

from typing import Any

import pytest

from truto_unify.models import RESOURCES
from truto_unify.scaffold.fields import guess_fields, unread_places
from truto_unify.scaffold.vocabulary import read_vocabulary

SCHEMA = RESOURCES["ecommerce/customers"]
WORDS = read_vocabulary(SCHEMA.name)


def rules_of(*records: dict[str, Any]) -> dict[str, Any]:
    return {name: guess.value for name, guess in guess_fields(list(records), SCHEMA, WORDS).rules.items()}


def test_a_flat_person() -> None:
    record = {
        "Customer_ID": 7,
        "GivenName": "Ana",
        "surname": "Ruiz",
        "e-mail": None,
        "Email": "a@b.test",
        "mobile": "+1 555 0100",
    }

    assert rules_of(record) == {
        "id": {"expr": "Customer_ID"},
        "name": {"expr": "join_text(' ', [GivenName, surname])"},
        "first_name": {"expr": "GivenName"},
        "last_name": {"expr": "surname"},
        "emails": [{"email": "Email", "type": {"const": "primary"}, "is_primary": {"const": True}}],
        "phones": [{"number": "mobile", "type": {"const": "mobile"}}],
    }


def test_lists_of_emails_phones_and_addresses() -> None:
    record = {
        "id": "1",
        "emails": [{"value": "a@b.test", "label": "work", "primary": True}],
        "phone_numbers": ["+1 555 0100"],
        "addresses": [{"id": 5, "line1": "1 Main St", "town": "Lima", "country_code": "PE", "country": "Peru"}],
    }

    assert rules_of(record) == {
        "id": {"expr": "id"},
        "emails": [{"each": "emails", "email": "value", "type": "label", "is_primary": "primary"}],
        "phones": [{"each": "phone_numbers", "number": "@"}],
        "addresses": [
            {"each": "addresses", "id": "id", "street_1": "line1", "city": "town", "country": "country_code || country"}
        ],
    }


def test_addresses_in_objects_and_in_a_list_are_put_together() -> None:
    record = {
        "id": 1,
        "default_address": {"city": "Lima", "zip": "15001"},
        "billing_address": {"city": "Lima", "zip": "15001"},
        "addresses": [{"city": "Cusco", "postcode": "08001", "kind": "home"}],
    }

    assert rules_of(record)["addresses"] == [
        {"type": {"const": "billing"}, "city": "billing_address.city", "postal_code": "billing_address.zip"},
        {"each": "addresses", "type": "kind", "city": "city", "postal_code": "postcode"},
    ]


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"city": "Lima", "zip": "15001"}, [{"city": "city", "postal_code": "zip"}]),
        (
            {"address": {"city": "Lima", "street": ["1 Main St", "Floor 2"]}},
            [{"street_1": "address.street[0]", "street_2": "address.street[1]", "city": "address.city"}],
        ),
        ({"city": "Lima"}, None),
    ],
)
def test_the_only_address(record: dict[str, Any], expected: Any) -> None:
    assert rules_of({"id": 1, **record}).get("addresses") == expected


def test_what_belongs_to_somebody_else_is_not_the_persons() -> None:
    record = {"id": 1, "email": "a@b.test", "manager": {"id": 2, "email": "boss@b.test", "phone": "+1 555 0100"}}

    assert [source["email"] for source in rules_of(record)["emails"]] == ["email"]


def test_names_that_jmespath_would_misread_are_quoted() -> None:
    assert rules_of({"id": 1, "first-name": "Ana", "last name": "Ruiz"}) == {
        "id": {"expr": "id"},
        "name": {"expr": 'join_text(\' \', ["first-name", "last name"])'},
        "first_name": {"expr": '"first-name"'},
        "last_name": {"expr": '"last name"'},
    }


@pytest.mark.parametrize(
    ("value", "expression"), [("gid://shop/Customer/17", "after_last(id, '/')"), (17, "id"), ("c_17", "id")]
)
def test_a_global_id_is_cut(value: Any, expression: str) -> None:
    assert rules_of({"id": value}) == {"id": {"expr": expression}}


def test_a_status_is_not_mistaken_for_a_state_of_the_country() -> None:
    assert "status" not in rules_of({"id": 1, "state": "California", "city": "Napa"})


def test_values_speak_against_a_name() -> None:
    assert rules_of({"id": 1, "email": 5, "created": "soon", "currency": "dollars", "first_name": True}) == {
        "id": {"expr": "id"}
    }


def test_what_is_missing_and_what_is_unread_is_told() -> None:
    records = [{"id": 1, "note": "x", "blank": "", "emails": [{"email": "a@b.test", "verified": True}]}]
    found = guess_fields(records, SCHEMA, WORDS)

    assert found.missing["orders"] == "not in the record; it may be a call of its own, which a side load reads"
    assert found.missing["emails.type"] == "nothing like it was seen in emails"
    assert set(found.missing) & set(found.rules) == set()
    assert unread_places(records, found) == ["note", "emails[].verified"]
