"""The checks of objects, of lists inside of elements, and of lists of values."""

from __future__ import annotations

from typing import Any

import pytest

from tests.shipped import REGISTRY
from truto_unify import ConfigError

ORDERS, PRODUCTS = "ecommerce/orders", "ecommerce/products"


def problems_of(resource: str, **layer: Any) -> list[str]:
    """The messages about the shipped mapping with this layer over it."""
    try:
        REGISTRY.mapping(resource, "woocommerce", [layer])
    except ConfigError as error:
        return [problem.message for problem in error.problems]
    return []


@pytest.mark.parametrize(
    ("resource", "rules", "message"),
    [
        (ORDERS, {"tags": [{"name": "tag"}]}, '"tags" is a list of values; give an expression of the list'),
        (ORDERS, {"notes": {"text": "note", "by": "author"}}, '"notes" is not an object; give an expression'),
        (ORDERS, {"notes": [{"text": "note"}]}, '"notes" is not a list; give an expression'),
        (
            PRODUCTS,
            {"images": {"id": "id", "url": "src"}},
            '"images" is a list; give its sources, as [{each: …, part: …}]',
        ),
        (
            ORDERS,
            {"customer": {"emails": "mails"}},
            '"customer.emails" is a list; give its sources, as [{each: …, part: …}]',
        ),
        (
            PRODUCTS,
            {
                "options": [
                    {"each": "attributes", "id": "id", "name": "name", "values": [{"each": "options", "x": "@"}]}
                ]
            },
            '"options.values" is a list of values; give an expression of the list',
        ),
    ],
)
def test_a_rule_has_the_form_of_its_kind(resource: str, rules: dict[str, Any], message: str) -> None:
    assert message in problems_of(resource, response_mapping=rules)


def test_an_object_of_the_model_is_no_expression() -> None:
    assert problems_of(ORDERS, response_mapping={"shipping_address": "shipping"}) == [
        '"shipping_address" is an object; give a table of its parts, as {part: …}'
    ]


def test_every_part_at_any_depth_is_mapped_or_excused() -> None:
    variants = [{"each": "loaded.variants", "id": "id", "options": [{"each": "attributes", "name": "name"}]}]

    problems = problems_of(PRODUCTS, response_mapping={"variants": variants}, unsupported={"variants.name": "None."})

    ending = 'is neither mapped nor listed under "unsupported" with a reason'
    missing = (
        "price",
        "compare_at_price",
        "sku",
        "barcode",
        "inventory_quantity",
        "weight",
        "options.id",
        "options.value",
    )
    assert sorted(problems) == [f'unified field "variants.{part}" {ending}' for part in sorted(missing)]


def test_a_part_that_an_overlay_removes_needs_no_reason() -> None:
    assert problems_of(ORDERS, response_mapping={"customer": {"phones": None, "name": None}}) == []


def test_a_reason_for_a_whole_field_holds_for_its_parts() -> None:
    assert problems_of(ORDERS, response_mapping={"customer": None}, unsupported={"customer": "Nobody."}) == []


def test_a_part_is_not_mapped_and_excused() -> None:
    assert problems_of(ORDERS, unsupported={"customer.name": "Nobody."}) == [
        '"customer.name" is mapped and listed as unsupported; remove one'
    ]
    assert problems_of(ORDERS, unsupported={"customer.age": "Nobody."}) == [
        'no unified field "customer.age" (did you mean "customer.name"?)'
    ]


def test_a_custom_part_that_is_nearly_one_of_the_model_is_a_warning() -> None:
    node = REGISTRY.mapping(ORDERS, "woocommerce", [{"response_mapping": {"customer": {"fist_name": "x"}}}]).node
    findings = REGISTRY.with_file("mappings/ecommerce/orders/woocommerce.yaml", node).findings()

    assert [(finding.message.partition(";")[0], finding.is_warning) for finding in findings] == [
        ('custom field "customer.fist_name" is nearly "first_name" of the unified model', True)
    ]


@pytest.mark.parametrize(
    ("field", "place"),
    [
        ("customer.emails[0].email", "email"),
        ("line_items[1].sku", "sku"),
        ("billing_address.city", "city"),
        ("refunds[0].created_at", "created_at"),
    ],
)
def test_the_place_of_a_part_is_that_of_its_rule(field: str, place: str) -> None:
    mapping = REGISTRY.mapping(ORDERS, "woocommerce")
    file, line, _ = mapping.place_of(field).rsplit(":", 2)

    assert file.endswith("mappings/ecommerce/orders/woocommerce.yaml")
    text = mapping.node.source[int(line) - 1]
    assert f"{place}:" in text
