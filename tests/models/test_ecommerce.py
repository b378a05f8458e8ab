from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from truto_unify.models.ecommerce import PLACE_PARTS, Address, Customer, CustomerOrder, Email, Phone
from truto_unify.models.fields import field_kinds

EMPTY: dict[str, Any] = {
    "id": "17",
    "name": None,
    "first_name": None,
    "last_name": None,
    "company_name": None,
    "emails": [],
    "phones": [],
    "addresses": [],
    "currency": None,
    "status": None,
    "orders": [],
    "created_at": None,
    "updated_at": None,
    "remote_data": None,
}


def test_a_customer_has_every_field_of_the_unified_model() -> None:
    assert Customer(id="17").model_dump(mode="json") == EMPTY


def test_a_customer_leaves_as_it_came() -> None:
    full = EMPTY | {
        "name": "Ana Ruiz",
        "emails": [{"email": "ana@x.test", "type": "primary", "status": None, "is_primary": True}],
        "phones": [{"number": "5550100", "extension": "7", "type": None}],
        "addresses": [
            {
                "id": "1",
                "type": "billing",
                "street_1": "1 Road",
                "street_2": None,
                "city": "Town",
                "state": None,
                "postal_code": "10",
                "country": "US",
            }
        ],
        "orders": [{"id": "9", "status": "paid", "total_amount": "10.00"}],
        "created_at": "2024-05-02T08:00:00Z",
        "updated_at": "2024-05-02T08:00:00.120Z",
        "remote_data": {"id": 17, "extra": [1.50]},
        "loyalty_tier": "gold",
    }

    assert Customer.model_validate(full).model_dump(mode="json") == full


def test_a_time_is_a_datetime_in_python() -> None:
    customer = Customer.model_validate({"id": "17", "created_at": "2024-05-02T08:00:00Z"})

    assert customer.model_dump()["created_at"] == datetime(2024, 5, 2, 8, tzinfo=UTC)


@pytest.mark.parametrize("record", [{}, {"id": None}, {"id": 17}, {"id": "17", "created_at": "2024-05-02T08:00:00"}])
def test_a_customer_needs_an_id_of_text_and_times_with_a_zone(record: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Customer.model_validate(record)


@pytest.mark.parametrize(
    ("model", "kinds"),
    [
        (
            Customer,
            {
                "id": "id",
                "name": "text",
                "first_name": "text",
                "last_name": "text",
                "company_name": "text",
                "emails": "list",
                "phones": "list",
                "addresses": "list",
                "currency": "text",
                "status": "status",
                "orders": "list",
                "created_at": "time",
                "updated_at": "time",
            },
        ),
        (Email, {"email": "text", "type": "text", "status": "status", "is_primary": "boolean"}),
        (Phone, {"number": "phone", "extension": "text", "type": "text"}),
        (
            Address,
            {
                "id": "id",
                "type": "text",
                "street_1": "text",
                "street_2": "text",
                "city": "text",
                "state": "text",
                "postal_code": "text",
                "country": "country",
            },
        ),
        (CustomerOrder, {"id": "id", "status": "status", "total_amount": "money"}),
    ],
)
def test_every_field_has_its_kind(model: type[BaseModel], kinds: dict[str, str]) -> None:
    assert {name: kind.name for name, kind in field_kinds(model).items()} == kinds


def test_lists_know_their_elements_and_which_of_them_stay() -> None:
    lists = {
        name: (kind.item, kind.required, kind.unique)
        for name, kind in field_kinds(Customer).items()
        if kind.name == "list"
    }

    assert lists == {
        "emails": (Email, ("email",), ("email",)),
        "phones": (Phone, ("number",), ("number", "extension")),
        "addresses": (Address, PLACE_PARTS, False),
        "orders": (CustomerOrder, (), False),
    }
