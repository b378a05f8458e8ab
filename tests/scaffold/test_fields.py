from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.scaffold.drafts import SCHEMA, WORDS
from truto_unify import Registry
from truto_unify.models import RESOURCES
from truto_unify.scaffold.fields import guess_fields, unread_paths
from truto_unify.scaffold.vocabulary import read_vocabulary

if TYPE_CHECKING:
    from pathlib import Path


def rules_of(*records: dict[str, Any]) -> dict[str, Any]:
    return {name: guess.value for name, guess in guess_fields(list(records), SCHEMA, WORDS).rules.items()}


def test_plain_fields_of_a_record_are_matched_by_name_and_value() -> None:
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


def test_native_lists_become_the_unified_lists() -> None:
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


def test_addresses_come_from_objects_and_from_a_list_together() -> None:
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
def test_a_single_address_comes_from_an_object_or_from_the_record_itself(record: dict[str, Any], expected: Any) -> None:
    assert rules_of({"id": 1, **record}).get("addresses") == expected


def test_a_field_of_another_person_is_not_taken() -> None:
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
def test_only_a_global_id_is_cut_to_its_last_part(value: Any, expression: str) -> None:
    assert rules_of({"id": value}) == {"id": {"expr": expression}}


def test_the_state_of_an_address_is_not_taken_for_a_status() -> None:
    assert "status" not in rules_of({"id": 1, "state": "California", "city": "Napa"})


def test_a_name_that_fits_is_ignored_if_the_values_do_not_fit() -> None:
    assert rules_of({"id": 1, "email": 5, "created": "soon", "currency": "dollars", "first_name": True}) == {
        "id": {"expr": "id"}
    }


def test_missing_fields_have_reasons_and_unread_paths_are_listed() -> None:
    records = [{"id": 1, "note": "x", "blank": "", "emails": [{"email": "a@b.test", "verified": True}]}]
    guesses = guess_fields(records, SCHEMA, WORDS)

    assert (
        guesses.missing["orders"] == "nothing with a usual name was seen; it may be a call of its own, as a side load"
    )
    assert guesses.missing["emails.type"] == "nothing like it was seen in emails"
    assert set(guesses.missing) & set(guesses.rules) == set()
    assert unread_paths(records, guesses) == ["note", "emails[].verified"]


def test_an_order_is_guessed_by_the_kinds_of_its_model() -> None:
    schema = RESOURCES["ecommerce/orders"]
    order = {
        "id": 7,
        "number": "1007",
        "currency": "EUR",
        "status": "processing",
        "billing": {"first_name": "Ana", "address_1": "1 Main St", "city": "Lima", "country": "PE"},
        "line_items": [{"id": 1, "product_id": 5, "sku": "J-1", "name": "Jam", "quantity": 2, "price": "3.50"}],
        "coupon_lines": [{"id": 3, "code": "SPRING", "discount": "1.00"}],
        "total": "6.00",
        "tags": ["gift"],
    }

    guesses = guess_fields([order], schema, read_vocabulary(schema.name))

    line = {"id": "id", "product_id": "product_id", "sku": "sku", "name": "name", "quantity": "quantity"}
    assert {name: guess.value for name, guess in guesses.rules.items()} == {
        "id": {"expr": "id"},
        "order_number": {"expr": "number"},
        "currency": {"expr": "currency"},
        "discounts": [{"each": "coupon_lines", "code": "code", "amount": "discount"}],
        "total_amount": {"expr": "total"},
        "status": {"expr": "status", "enum": {"processing": "active"}},
        "customer": {"first_name": "billing.first_name"},
        "billing_address": {"street_1": "billing.address_1", "city": "billing.city", "country": "billing.country"},
        "line_items": [{"each": "line_items", **line, "unit_price": "price"}],
        "tags": {"expr": "tags"},
    }


def test_a_list_with_one_required_part_may_be_a_list_of_texts() -> None:
    schema = RESOURCES["ecommerce/products"]

    guesses = guess_fields([{"id": 1, "images": ["https://cdn.test/1.png"]}], schema, read_vocabulary(schema.name))

    assert guesses.rules["images"].value == [{"each": "images", "url": "@"}]


def test_lists_inside_of_objects_and_of_elements_are_guessed_too() -> None:
    order, product = (RESOURCES[f"ecommerce/{name}"] for name in ("orders", "products"))
    bought = {
        "id": 1,
        "customer": {"id": 3, "email": "a@b.test"},
        "refunds": [{"id": 4, "created_at": "2024-02-04 10:00:00"}],
    }
    sold = {"id": 1, "variants": [{"id": 2, "selected_options": [{"name": "Size", "value": "S"}]}]}

    of_order = guess_fields([bought], order, read_vocabulary(order.name))
    of_product = guess_fields([sold], product, read_vocabulary(product.name))

    emails = [{"email": "customer.email", "type": {"const": "primary"}, "is_primary": {"const": True}}]
    assert of_order.rules["customer"].value == {"id": "customer.id", "emails": emails}
    assert of_order.rules["refunds"].value == [
        {"each": "refunds", "id": "id", "created_at": {"expr": "created_at", "zone": "utc"}}
    ]
    assert of_order.missing["customer.emails.status"] == "nothing like it was seen in customer.emails"
    assert ("customer", "email") in of_order.read
    assert of_product.rules["variants"].value == [
        {"each": "variants", "id": "id", "options": [{"each": "selected_options", "name": "name", "value": "value"}]}
    ]
    assert ("variants", "[]", "selected_options", "[]", "value") in of_product.read


def test_nested_lists_of_a_model_of_ones_own_are_guessed(tmp_path: Path) -> None:
    file = tmp_path / "models" / "library" / "loans.yaml"
    file.parent.mkdir(parents=True)
    authors = "authors: {kind: list, fields: {name: {kind: text}, born: {kind: time}}}"
    books = f"books: {{kind: list, fields: {{id: {{kind: id}}, {authors}, tags: {{kind: list, of: text}}}}}}"
    file.write_text(f"fields: {{id: {{kind: id}}, {books}}}\n", "utf-8")
    schema = Registry(overlay=tmp_path).schema("library/loans")
    born = "1950-01-01T00:00:00Z"
    loan = {"id": 1, "books": [{"id": 7, "authors": [{"name": "Ana", "born": born}], "tags": ["new"]}]}

    guesses = guess_fields([loan], schema, read_vocabulary(schema.name))

    people = [{"each": "authors", "name": "name", "born": "born"}]
    assert guesses.rules["books"].value == [{"each": "books", "id": "id", "authors": people, "tags": "tags"}]
    assert guesses.missing == {}


def test_the_customer_of_an_order_may_be_in_its_address_and_in_plain_fields() -> None:
    schema = RESOURCES["ecommerce/orders"]
    order = {
        "id": 7,
        "customer_id": 3,
        "billing": {"first_name": "Ana", "email": "a@b.test", "city": "Lima", "postcode": "1"},
        "refunds": [{"id": 4, "total": "-9.00"}],
        "line_items": [{"id": 1, "variation_id": 0}, {"id": "2", "variation_id": 23}],
    }

    rules = guess_fields([order], schema, read_vocabulary(schema.name)).rules

    emails = [{"email": "billing.email", "type": {"const": "primary"}, "is_primary": {"const": True}}]
    assert rules["customer"].value == {"id": "customer_id", "first_name": "billing.first_name", "emails": emails}
    assert rules["refunds"].value == [{"each": "refunds", "id": "id", "amount": "without_sign(total)"}]
    assert rules["line_items"].value == [
        {"each": "line_items", "id": "id", "variant_id": "when(variation_id != `0`, variation_id)"}
    ]


def test_values_say_what_a_field_is_if_no_name_does() -> None:
    record = {
        "id": 1,
        "login": "ana@example.test",
        "line": "+1 555 0100",
        "date_joined": "2024-05-02T08:00:00Z",
        "last_edit": "2024-06-02T08:00:00",
        "shop_curr": "eur",
        "company": {"#text": "Acme"},
        "note": "+1",
    }

    assert rules_of(record) == {
        "id": {"expr": "id"},
        "company_name": {"expr": 'company."#text"'},
        "emails": [{"email": "login", "type": {"const": "primary"}, "is_primary": {"const": True}}],
        "phones": [{"number": "line", "type": {"const": "primary"}}],
        "currency": {"expr": "upper(shop_curr)"},
        "created_at": {"expr": "date_joined"},
        "updated_at": {"expr": "last_edit", "zone": "utc"},
    }


@pytest.mark.parametrize(
    ("price", "total", "expression"),
    [(4500, 5040, "shift_decimal(total, '2')"), (45, 5040, "total"), ("4500", 5040, "total")],
)
def test_amounts_that_are_all_whole_numbers_from_a_hundred_are_cents(price: Any, total: Any, expression: str) -> None:
    schema = RESOURCES["ecommerce/orders"]
    order = {"id": 7, "total": total, "tax": 540, "line_items": [{"id": 1, "price": price, "tax": 540}]}

    rules = guess_fields([order], schema, read_vocabulary(schema.name)).rules

    assert rules["total_amount"].value == {"expr": expression}


def test_the_country_of_a_region_is_cut_off() -> None:
    record = {"id": 1, "address": {"city": "Portland", "subdivision": "US-ME", "postalCode": "04101"}}

    (source,) = rules_of(record)["addresses"]
    assert source["state"] == "after_last(address.subdivision, '-')"
