"""Customers and addresses of the pretend BigCommerce store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sandbox.bigcommerce.shop import ADDRESSES, CUSTOMERS, follow, ids
from tests.shared_material import needs_shared, read_payload

if TYPE_CHECKING:
    import httpx


@needs_shared
def test_customer_keys_and_their_order(api: httpx.Client) -> None:
    ours = api.get(f"{CUSTOMERS}?include=addresses&id:in=101").json()["data"][0]
    documented = read_payload("bigcommerce", "v3_customer_id23_two_addresses_docs")["data"][0]
    newer = read_payload("bigcommerce", "v3_customers_list_recorded")["data"][0]
    assert list(ours["addresses"][0]) == list(documented["addresses"][0])
    assert list(ours) == [*documented, *(name for name in newer if name not in documented)]
    assert list(api.get(CUSTOMERS).json()["data"][0]) == list(newer)


def test_customer_values(api: httpx.Client) -> None:
    ana = api.get(f"{CUSTOMERS}?include=addresses&id:in=101").json()["data"][0]
    assert (ana["company"], ana["phone"]) == ("Ruiz, Sons", "+12125550100 x77")
    assert (ana["date_created"], ana["date_modified"]) == ("2024-05-14T09:34:00Z", "2024-06-14T09:34:00Z")
    first, second = ana["addresses"]
    assert (first["state_or_province"], first["country"], first["country_code"]) == (
        "Texas",
        "United States",
        "US",
    )
    assert (first["address_type"], second["address_type"]) == ("commercial", "residential")
    assert (second["address2"], second["postal_code"], second["company"]) == ("", "", "")


def test_included_addresses_stop_at_ten(api: httpx.Client) -> None:
    ben = api.get(f"{CUSTOMERS}?include=addresses&id:in=102").json()["data"][0]
    assert (ben["address_count"], len(ben["addresses"])) == (12, 10)
    assert len(ids(api, "customer_id:in=102", ADDRESSES)) == 12


def test_other_includes(api: httpx.Client) -> None:
    query = "include=storecredit,attributes,formfields,shopper_profile_id,segment_ids,addresses&id:in=101"
    record = api.get(f"{CUSTOMERS}?{query}").json()["data"][0]
    assert (record["store_credit_amounts"], record["attributes"], record["form_fields"]) == (
        [{"amount": 0}],
        [],
        [],
    )
    assert record["addresses"][0]["form_fields"] == []
    assert record["segment_ids"] == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("customer_id:in=101", [1002, 1001]),
        ("customer_id:in=101,999&id:in=1001,2001", [1001]),
        ("company:in=ruiz", [1001]),
        ("name:in=Ana%20Ruiz", [1002, 1001]),
        ("include=formfields&id:in=2012", [2012]),
    ],
)
def test_address_filters(api: httpx.Client, query: str, expected: list[int]) -> None:
    assert ids(api, query, ADDRESSES) == expected


@needs_shared
def test_addresses_look_like_the_recorded_ones(api: httpx.Client) -> None:
    ours, recorded = (
        api.get(f"{ADDRESSES}?id:in=1001").json(),
        read_payload("bigcommerce", "v3_addresses_list_recorded"),
    )
    assert ours["meta"] == recorded["meta"]
    assert list(ours["data"][0]) == list(recorded["data"][0])


def test_addresses_know_pages_only(crowd: httpx.Client) -> None:
    paged = [record for page in follow(crowd, "limit=11", "pagination", ADDRESSES) for record in page]
    assert paged == ids(crowd, "limit=250", ADDRESSES)
    assert len(set(paged)) == len(paged)
    assert crowd.get(f"{ADDRESSES}?after=eyJpZCI6MX0").status_code == 422
    assert crowd.get(f"{ADDRESSES}?include=addresses").status_code == 422
    assert crowd.get(f"{ADDRESSES}?customer_id=1").status_code == 422
