from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from truto_unify.models import RESOURCES
from truto_unify.models.fields import field_kinds

if TYPE_CHECKING:
    from truto_unify.models.resource import ResourceSchema


def test_the_filters_of_customers_are_those_of_the_unified_api() -> None:
    assert RESOURCES["ecommerce/customers"].filter_names == (
        "created_at",
        "updated_at",
        "name",
        "first_name",
        "last_name",
        "company_name",
        "email",
        "emails[][email]",
        "emails[][type]",
        "emails[][status]",
        "emails[][is_primary]",
        "phones[][number]",
        "phones[][extension]",
        "phones[][type]",
    )


@pytest.mark.parametrize(
    ("resource", "filters"),
    [
        ("ecommerce/orders", ("status", "payment_status", "fulfillment_status", "customer_id")),
        ("ecommerce/products", ("name", "status", "sku")),
    ],
)
def test_orders_and_products_have_filters_of_their_own(resource: str, filters: tuple[str, ...]) -> None:
    assert RESOURCES[resource].filter_names == ("created_at", "updated_at", *filters)


def test_customers_are_sorted_by_their_times_and_the_others_by_id_too() -> None:
    assert {name: schema.sorts for name, schema in RESOURCES.items()} == {
        "ecommerce/customers": ("created_at", "updated_at"),
        "ecommerce/orders": ("created_at", "updated_at", "id"),
        "ecommerce/products": ("created_at", "updated_at", "id"),
    }


@pytest.mark.parametrize("schema", RESOURCES.values(), ids=RESOURCES)
def test_a_resource_is_found_by_its_own_name(schema: ResourceSchema) -> None:
    assert RESOURCES[schema.name] is schema


@pytest.mark.parametrize("schema", RESOURCES.values(), ids=RESOURCES)
def test_every_filter_and_sort_names_a_field_of_its_kind(schema: ResourceSchema) -> None:
    kinds = field_kinds(schema.record)
    inside = {(name, part) for name, kind in kinds.items() for part in kind.parts}
    elements = {(name, part) for name, parts in schema.element_filters.items() for part in parts}

    assert {kinds[name].name for name in (*schema.time_filters, *schema.sorts)} <= {"time", "id"}
    assert {kinds[name].name for name in schema.text_filters} <= {"text", "status"}
    assert elements | set(schema.inner_filters.values()) <= inside
