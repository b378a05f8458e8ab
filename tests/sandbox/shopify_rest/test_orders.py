"""Orders of one customer of Shopify's REST Admin API."""

from __future__ import annotations

import httpx
import pytest

from tests.sandbox.shopify_rest.shop import CUSTOMERS, FIRST_ID, numbers
from tests.shared_material import needs_shared, read_payload
from truto_unify.sandbox.shopify_rest.app import API_ROOT


@pytest.mark.parametrize("path", ["ana", "7000000000001a", "{7000000000001}"])
@pytest.mark.parametrize("suffix", [".json", "/orders.json"])
def test_an_id_that_is_no_number_is_refused(api: httpx.Client, path: str, suffix: str) -> None:
    answer = api.get(f"{API_ROOT}/customers/{path}{suffix}")
    assert (answer.status_code, answer.json()) == (400, {"errors": {"id": "expected String to be a id"}})


def test_orders_of_one_customer(api: httpx.Client) -> None:
    answer = api.get(f"{API_ROOT}/customers/{FIRST_ID + 1}/orders.json?status=any")
    assert numbers(answer, "orders", 6_000_000_000_000) == [1002, 1001]
    first = answer.json()["orders"][0]
    assert (first["name"], first["order_number"], first["financial_status"], first["fulfillment_status"]) == (
        "#1002",
        1002,
        "refunded",
        "restocked",
    )
    assert (first["total_price"], first["currency"], first["created_at"]) == (
        "0.07",
        "EUR",
        "2024-01-20T12:05:00-05:00",
    )
    assert first["customer"]["id"] == FIRST_ID + 1
    assert api.get(f"{API_ROOT}/customers/{FIRST_ID + 2}/orders.json?status=any").json() == {"orders": []}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", []),
        ("status=open", []),
        ("status=closed", [1001]),
        ("status=cancelled", [1002]),
        ("status=any&financial_status=refunded", [1002]),
        ("status=any&fulfillment_status=shipped", [1001]),
        ("status=any&created_at_min=2024-01-20", [1002]),
    ],
)
def test_orders_by_status_and_time(api: httpx.Client, query: str, expected: list[int]) -> None:
    answer = api.get(f"{API_ROOT}/customers/{FIRST_ID + 1}/orders.json?{query}")
    assert numbers(answer, "orders", 6_000_000_000_000) == expected


def test_orders_come_in_pages_too(api: httpx.Client) -> None:
    answer = api.get(f"{API_ROOT}/customers/{FIRST_ID + 1}/orders.json?status=any&limit=1")
    following = api.get(answer.links["next"]["url"])
    assert numbers(following, "orders", 6_000_000_000_000) == [1001]
    token = httpx.URL(answer.links["next"]["url"]).params["page_info"]
    # A token belongs to its list.
    assert api.get(CUSTOMERS, params={"page_info": token}).status_code == 400


@needs_shared
def test_an_order_has_no_key_that_is_not_documented(api: httpx.Client) -> None:
    theirs = read_payload("shopify", "rest_customer_orders_docs")["orders"][0]
    ours = api.get(f"{API_ROOT}/customers/{FIRST_ID + 1}/orders.json?status=any").json()["orders"][0]
    assert set(ours) <= set(theirs)
    assert set(ours["customer"]) == set(theirs["customer"])
    assert set(ours["total_price_set"]["shop_money"]) == set(theirs["total_price_set"]["shop_money"])
