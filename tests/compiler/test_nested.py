"""Objects, lists inside of elements and lists of values, compiled and interpreted, from values and from bytes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.compiler.fuzz.tables import overrides
from tests.laid_over import mapper_of_file
from tests.shipped import REGISTRY

if TYPE_CHECKING:
    from truto_unify.mapping.mapper import Mapper

ORDERS, PRODUCTS = "ecommerce/orders", "ecommerce/products"


def make_mapper(resource: str, **rules: Any) -> Mapper:
    """A mapping of these fields and the id."""
    layers = overrides({"id": "id", **rules}, REGISTRY.mapping(resource, "woocommerce"))
    return mapper_of_file(REGISTRY, resource, "woocommerce", *layers)


def map_every_way(mapper: Mapper, native: dict[str, Any]) -> dict[str, Any]:
    """The unified record, which is the same interpreted, compiled, and from bytes."""
    record = mapper.map_record(native)

    assert record == mapper.interpret_record(native)
    assert record.faults == []
    assert json.loads(mapper.map_page(json.dumps([native]).encode())) == [record.fields]
    return dict(record.fields)


def test_an_object_has_its_parts() -> None:
    mapper = make_mapper(
        ORDERS, customer={"id": "buyer", "name": "who", "emails": [{"each": "mails", "email": "@"}], "phones": []}
    )
    native = {"id": 1, "buyer": 7, "who": " Ana ", "mails": ["a@b.test", "A@B.test", " "]}

    assert map_every_way(mapper, native)["customer"] == {
        "id": "7",
        "name": "Ana",
        "first_name": None,
        "last_name": None,
        "company_name": None,
        "emails": [{"email": "a@b.test", "type": None, "status": None, "is_primary": None}],
        "phones": [],
    }


@pytest.mark.parametrize(
    ("native", "is_there"),
    [
        ({}, False),
        ({"who": " ", "mails": []}, False),
        ({"mails": [""]}, False),
        ({"mails": ["a@b.test"]}, True),
        ({"who": "Ana"}, True),
    ],
)
def test_an_object_without_a_value_is_null(native: dict[str, Any], is_there: bool) -> None:
    mapper = make_mapper(ORDERS, customer={"name": "who", "emails": [{"each": "mails", "email": "@"}]})

    assert (map_every_way(mapper, {"id": 1, **native})["customer"] is not None) is is_there


def test_an_object_whose_kind_requires_parts_is_null_without_them() -> None:
    mapper = make_mapper(ORDERS, billing_address={"company_name": "firm", "city": "town"})

    assert map_every_way(mapper, {"id": 1, "firm": "Acme"})["billing_address"] is None
    assert map_every_way(mapper, {"id": 1, "firm": "Acme", "town": "Lugo"})["billing_address"] == {
        "street_1": None,
        "street_2": None,
        "city": "Lugo",
        "state": None,
        "postal_code": None,
        "country": None,
        "company_name": "Acme",
    }


def test_the_elements_of_a_list_have_lists_and_see_what_encloses_them() -> None:
    mapper = make_mapper(
        PRODUCTS,
        variants=[
            {
                "each": "forms",
                "id": "number",
                "name": "join_text(' ', [record.title, kind])",
                "options": [
                    {"each": "facts", "name": "key", "value": "join_text(' ', [record.title, parent.kind, text])"},
                    {"name": {"const": "kind"}, "value": "kind"},
                ],
            }
        ],
    )
    native = {
        "id": 1,
        "title": "Tea",
        "forms": [{"number": 2, "kind": "green", "facts": [{"key": "size", "text": "S"}]}, {"number": 3}],
    }

    variants = map_every_way(mapper, native)["variants"]

    assert [(variant["id"], variant["name"], variant["options"]) for variant in variants] == [
        (
            "2",
            "Tea green",
            [
                {"id": None, "name": "size", "value": "Tea green S"},
                {"id": None, "name": "kind", "value": "green"},
            ],
        ),
        ("3", "Tea", [{"id": None, "name": "kind", "value": None}]),
    ]


def test_the_same_value_may_enclose_and_be_enclosed() -> None:
    name = "%s.title || title || 'none'"
    mapper = make_mapper(
        PRODUCTS,
        variants=[
            {
                "each": "[@]",
                "id": "number",
                "name": name % "record",
                "options": [{"each": "[@, record.other]", "name": name % "parent"}],
            }
        ],
    )
    native = {"id": 1, "number": 2, "title": "outer", "other": {"title": "inner"}}

    assert map_every_way(mapper, native)["variants"][0]["options"] == [
        {"id": None, "name": "outer", "value": None},
        {"id": None, "name": "outer", "value": None},
    ]


def test_a_list_of_texts_drops_blanks_and_repeats() -> None:
    mapper = make_mapper(ORDERS, tags="labels[].name")

    native = {"id": 1, "labels": [{"name": " Sale "}, {"name": ""}, {}, {"name": "new"}, {"name": "SALE"}, {"name": 7}]}

    assert map_every_way(mapper, native)["tags"] == ["Sale", "new", "7"]


@pytest.mark.parametrize("native", [{}, {"labels": None}, {"labels": []}, {"labels": [None, ""]}])
def test_a_list_of_texts_without_any_is_empty(native: dict[str, Any]) -> None:
    assert map_every_way(make_mapper(ORDERS, tags="labels"), {"id": 1, **native})["tags"] == []


def test_the_rules_of_a_list_of_texts_apply_to_each() -> None:
    mapper = make_mapper(ORDERS, tags={"expr": "labels", "enum": {"b2b": "business"}})
    record = mapper.map_record({"id": 1, "labels": ["B2B", "x"]})

    assert record == mapper.interpret_record({"id": 1, "labels": ["B2B", "x"]})
    assert (record.fields["tags"], dict(record.unmapped)) == (["business", "x"], {"tags=x": 1})


@pytest.mark.parametrize(
    ("native", "fault"),
    [
        ({"labels": "a, b"}, ("tags", "expected a list, got a text")),
        ({"labels": ["a", {"name": "b"}]}, ("tags[1]", "expected text, got an object")),
        ({"lines": {}}, ("line_items", "expected a list, got an object")),
        ({"lines": [{"id": 1}, {}]}, ("line_items[1].id", "every element must have an id")),
        ({"buyer": {"mails": [[]]}}, ("customer.emails[0].email", "expected text, got a list")),
    ],
)
def test_a_fault_names_its_place(native: dict[str, Any], fault: tuple[str, str]) -> None:
    mapper = make_mapper(
        ORDERS,
        tags="labels",
        line_items=[{"each": "lines", "id": "id"}],
        customer={"name": "who", "emails": [{"each": "buyer.mails", "email": "@"}]},
    )
    record = mapper.map_record({"id": 1, **native})

    assert record == mapper.interpret_record({"id": 1, **native})
    assert record.faults == [fault]
