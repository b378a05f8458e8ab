"""Orders of the pretend WooCommerce shop: filters, sorts and bounds of time."""

from __future__ import annotations

import pytest

from tests.sandbox.woocommerce.shop import listed_ids, pick, shop
from truto_unify.sandbox.woocommerce.app import API_ROOT


def test_the_orders_of_a_customer_come_newest_first() -> None:
    person = pick(lambda p: len(p.orders) == 3)
    orders = shop().get(f"{API_ROOT}/orders?customer={person.number + 1}&status=any").json()
    newest_first = sorted(person.orders, key=lambda order: order.created_at, reverse=True)
    assert [(order["number"], order["total"], order["currency"]) for order in orders] == [
        (str(order.number), f"{order.total_minor / 100:.2f}", person.currency) for order in newest_first
    ]


@pytest.mark.parametrize(
    ("query", "statuses"),
    [
        ("status=completed", {"completed"}),
        ("status=pending,refunded", {"pending", "refunded"}),
        ("status[]=pending&status[]=any", {"pending", "completed", "refunded"}),
        ("", {"pending", "completed", "refunded"}),
    ],
)
def test_orders_are_filtered_by_status(query: str, statuses: set[str]) -> None:
    orders = shop().get(f"{API_ROOT}/orders?per_page=100&{query}").json()
    assert {order["status"] for order in orders} == statuses


@pytest.mark.parametrize("query", ["customer=0", "customer=99999", "status=failed", "after=2099-01-01T00:00:00"])
def test_orders_that_do_not_exist_are_an_empty_list(query: str) -> None:
    answer = shop().get(f"{API_ROOT}/orders?{query}")
    assert (answer.json(), answer.headers["x-wp-total"]) == ([], "0")


@pytest.mark.parametrize("query", ["status=paid", "after=yesterday", "orderby=total", "customer=x"])
def test_bad_order_parameters_are_refused(query: str) -> None:
    answer = shop().get(f"{API_ROOT}/orders?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "rest_invalid_param")


@pytest.mark.parametrize(
    "query",
    [
        "after={local}&include={number}",
        "modified_after={utc}&dates_are_gmt=true&include={number}",
        "before={utc}Z&include={number}",
    ],
)
def test_time_bounds_are_exclusive(query: str) -> None:
    order = shop().get(f"{API_ROOT}/orders").json()[0]
    text = query.format(local=order["date_created"], utc=order["date_created_gmt"], number=order["number"])
    assert shop().get(f"{API_ROOT}/orders?{text}").json() == []


@pytest.mark.parametrize("query", ["after=2023-01-01T00:00:00", "before=2027-01-01T00:00:00%2B00:00"])
def test_wide_time_bounds_keep_everything(query: str) -> None:
    total = shop().get(f"{API_ROOT}/orders").headers["x-wp-total"]
    assert shop().get(f"{API_ROOT}/orders?{query}").headers["x-wp-total"] == total


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("orderby=id&order=asc&per_page=3", [1001, 1002, 1003]),
        ("include=1003,1001&orderby=include", [1003, 1001]),
    ],
)
def test_orders_can_be_sorted(query: str, ids: list[int]) -> None:
    assert listed_ids(f"/orders?{query}") == ids
