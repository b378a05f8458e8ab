"""Orders of the pretend BigCommerce store, in its older API."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sandbox.bigcommerce.shop import ORDERS
from tests.shared_material import needs_shared, read_payload

if TYPE_CHECKING:
    import httpx


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [1003, 1002, 1001]),
        ("customer_id=102", [1003, 1002]),
        ("status_id=1", [1002]),
        ("email=ANA@example.test", [1001]),
        ("min_id=1002&max_id=1002", [1002]),
        ("min_date_created=2024-05-15", [1003]),
        ("max_date_modified=Tue,%2014%20May%202024%2009:34:00%20%2B0000", [1002, 1001]),
        ("min_date_modified=Mon,%2020%20May%202024%2009:34:00%20-0000&page=1&sort=id:asc", [1003]),
        ("sort=date_created:asc&limit=2", [1001, 1002]),
        ("sort=status_id:desc&limit=1", [1001]),
        ("sort=id:asc&limit=2&page=2", [1003]),
    ],
)
def test_orders(api: httpx.Client, query: str, expected: list[int]) -> None:
    assert [order["id"] for order in api.get(f"{ORDERS}?{query}").json()] == expected


def test_no_orders_is_204_without_a_body(api: httpx.Client) -> None:
    answer = api.get(f"{ORDERS}?customer_id=999")
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["x-rate-limit-requests-left"] == "149"


def test_order_values(api: httpx.Client) -> None:
    paid = api.get(f"{ORDERS}/1001").json()
    assert paid["date_created"] == "Tue, 14 May 2024 09:34:00 +0000"
    assert (paid["total_inc_tax"], paid["currency_code"], paid["customer_id"]) == ("109.0500", "EUR", 101)
    assert (paid["status"], paid["status_id"], paid["date_shipped"]) == ("Completed", 10, "")
    pending, refunded = api.get(f"{ORDERS}/1002").json(), api.get(f"{ORDERS}/1003").json()
    assert (pending["status"], pending["total_inc_tax"]) == ("Pending", "0.0500")
    assert (refunded["status"], refunded["refunded_amount"]) == ("Refunded", "0.0000")


@needs_shared
def test_order_keys(api: httpx.Client, crowd: httpx.Client) -> None:
    recorded = read_payload("bigcommerce", "v2_order_get_recorded")
    for order in [api.get(f"{ORDERS}/1001").json(), *crowd.get(ORDERS).json()]:
        assert order.keys() == recorded.keys()
        assert order["billing_address"].keys() == recorded["billing_address"].keys()


def test_unknown_order(api: httpx.Client) -> None:
    answer = api.get(f"{ORDERS}/5")
    assert (answer.status_code, answer.json()) == (
        404,
        [{"status": 404, "message": "The requested resource was not found."}],
    )


@pytest.mark.parametrize("accept", ["", "*/*", "application/xml"])
def test_v2_speaks_xml_unless_json_is_asked_for(api: httpx.Client, accept: str) -> None:
    answer = api.get(ORDERS, headers={"Accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (406, "application/xml")
    assert answer.text.startswith("<?xml")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("id=1", 400),
        ("id:in=1", 400),
        ("sort=total:asc", 400),
        ("customer_id=x", 422),
        ("min_date_created=x", 422),
    ],
)
def test_v2_errors_are_arrays(api: httpx.Client, query: str, status: int) -> None:
    answer = api.get(f"{ORDERS}?{query}")
    assert (answer.status_code, answer.json()[0]["status"]) == (status, status)


def test_v2_names_the_unknown_field(api: httpx.Client) -> None:
    message = "The field 'id' is not supported by this resource."
    assert api.get(f"{ORDERS}?id=1").json() == [{"status": 400, "message": message}]
