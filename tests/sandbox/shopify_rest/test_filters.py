"""Filters, orders and fields of the customers' list of Shopify's REST Admin API."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sandbox.shopify_rest.shop import CUSTOMERS, FIRST_ID, SEE_PAGINATION, listed, numbers
from truto_unify.sandbox.shopify_rest.app import API_ROOT

if TYPE_CHECKING:
    import httpx


def test_the_newest_customer_is_first_and_a_person_without_data_is_absent(api: httpx.Client) -> None:
    answer = api.get(CUSTOMERS)
    assert numbers(answer) == [3, 2, 1]
    assert "link" not in answer.headers


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("since_id=0", [1, 2, 3]),
        (f"since_id={FIRST_ID + 1}", [2, 3]),
        (f"since_id={FIRST_ID + 3}", []),
        (f"ids={FIRST_ID + 1},{FIRST_ID + 3},5", [3, 1]),
        (f"ids={FIRST_ID + 1}%2C%20{FIRST_ID + 2}", [2, 1]),
        ("ids=", [3, 2, 1]),
        ("created_at_min=", [3, 2, 1]),
        ("order=id+asc&email=ana@example.test", [3, 2, 1]),
    ],
)
def test_the_list_by_id(api: httpx.Client, query: str, expected: list[int]) -> None:
    assert listed(api, query) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("created_at_min=2024-01-15T17:05:00Z", [3, 2]),
        ("created_at_min=2024-01-15T17:05:01Z", [3]),
        ("created_at_max=2024-01-15T17:05:00Z", [2, 1]),
        ("created_at_max=2024-01-15T17:04:59Z", [1]),
        ("updated_at_min=2024-01-18T17:05:00Z", [3, 1]),
        ("updated_at_max=2024-01-18T17:05:00Z", [3, 2]),
        ("updated_at_min=2024-01-17&updated_at_max=2024-01-19", [3]),
        # Without a zone, in the shop's: 17:05 UTC is 12:05 in winter and 13:05 in summer.
        ("created_at_min=2024-01-15T12:05:00", [3, 2]),
        ("created_at_min=2024-01-15 12:05:01", [3]),
        ("updated_at_min=2024-07-14T13:05:00", [1]),
        ("updated_at_min=2024-07-14T13:05:01", []),
        ("created_at_min=2024-01-15T19:05:00%2B02:00", [3, 2]),
    ],
)
def test_bounds_are_inclusive(api: httpx.Client, query: str, expected: list[int]) -> None:
    assert listed(api, query) == expected


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        ("created_at_min=yesterday", {"created_at_min": "Invalid value."}),
        ("created_at_min=2024-01-15T19:05:00+02:00", {"created_at_min": "Invalid value."}),
        ("limit=ten", {"limit": "Invalid value."}),
        ("limit=0", {"limit": "Invalid value."}),
        ("ids=1,ana", {"ids": "expected String to be a id"}),
        ("since_id=-1", {"since_id": "expected String to be a id"}),
        ("page=2", {"page": f"page cannot be passed. {SEE_PAGINATION}"}),
        ("page_info=", {"page_info": "Invalid value."}),
        ("page_info=garbage", {"page_info": "Invalid value."}),
    ],
)
def test_a_bad_parameter_is_refused(api: httpx.Client, query: str, errors: dict[str, str]) -> None:
    answer = api.get(f"{CUSTOMERS}?{query}")
    assert (answer.status_code, answer.json()) == (400, {"errors": errors})


@pytest.mark.parametrize("fields", ["id,email,tags", " tags, email ,id,nonsense"])
def test_fields_narrow_the_record(api: httpx.Client, fields: str) -> None:
    expected = {"id": FIRST_ID + 1, "email": "ana@example.test", "tags": "Noël, vip"}
    assert api.get(CUSTOMERS, params={"fields": fields}).json()["customers"][-1] == expected
    single = api.get(f"{API_ROOT}/customers/{FIRST_ID + 1}.json", params={"fields": fields})
    assert single.json() == {"customer": expected}
