"""Filters and sorts of the customers of the pretend BigCommerce store."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from tests.sandbox.bigcommerce.shop import CUSTOMERS, ids

if TYPE_CHECKING:
    import httpx


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("id:in=101", [101]),
        ("id%3Ain=101,102,999", [102, 101]),
        ("id:in=7", []),
        ("email:in=ana@example.test,x@example.test", [101]),
        ("company:in=Ruiz,%20Sons", []),  # a comma in a value cannot be told from a separator
        ("phone:in=%2B12125550100", [102]),
        ("phone:in=%2B12125550100%20x77", [101]),
        ("name:in=Ana+Ruiz", [101]),
        ("name:in=Ana", []),
        ("name:in=Ben", [102]),
        ("name:like=a%20RU", [101]),
        ("name:like=be,ru", [102, 101]),
        ("customer_group_id:in=0", [102, 101]),
        ("customer_group_id:in=1,2", []),
        ("registration_ip_address:in=1.2.3.4", []),
        ("date_created=2024-05-14", [101]),
        ("date_created=2024-05-14T09:34:00", [101]),
        ("date_created=2024-05-14T09:34:01Z", []),
        ("date_created:min=2024-05-15T09:34:00", [102]),
        ("date_created:min=2024-05-15T09:34:01", []),
        ("date_created:max=2024-05-14T09:34:00Z", [101]),
        ("date_created:max=2024-05-14", []),
        ("date_created:min=2024-05-14T11:34:00%2B0200", [102, 101]),
        ("date_created:min=2024-05-14T11:34:01%2B02:00&date_created:max=2025-01-01", [102]),
        ("date_modified:min=2024-05-20", [101]),
        ("date_modified:max=2024-05-20", [102]),
        ("date_modified=2024-05-16", [102]),
        ("sort=date_created:asc", [101, 102]),
        ("sort=date_created:desc", [102, 101]),
        ("sort=date_modified:asc", [102, 101]),
        ("sort=last_name:asc", [102, 101]),
        ("sort=last_name:desc", [101, 102]),
    ],
)
def test_filters_and_sorts(api: httpx.Client, query: str, expected: list[int]) -> None:
    assert ids(api, query) == expected


@pytest.mark.parametrize(
    "query",
    [
        f"date_created:min={quote('2024-10-19T20:00:00', safe='')}",
        "date_created=2024-10-19T20%3a00%3a00",
        "date_created=2024-10-19T20:00:00+0200",  # the plus arrives as a blank
        "date_created=2024-02-30",
        "date_created=yesterday",
        "date_created=",
        "id:in=",
        "id:in=1,x",
        "include=addresses,orders",
        "sort=first_name:asc",
        "sort=last_name",
        "page=0",
        "page=x",
        "limit=0",
        "limit=-1",
        "after=nonsense",
        "after=W10",
        "after=eyJpZCI6MTAxfQ&before=eyJpZCI6MTAxfQ",
    ],
)
def test_invalid_values(api: httpx.Client, query: str) -> None:
    answer = api.get(f"{CUSTOMERS}?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"]


@pytest.mark.parametrize(("query", "names"), [("foo=1&customer_id=2", "foo, customer_id"), ("&page=1", "")])
def test_unknown_parameters(api: httpx.Client, query: str, names: str) -> None:
    answer = api.get(f"{CUSTOMERS}?{query}")
    assert answer.status_code == 422
    assert answer.json()["title"] == f"The filter(s): {names} are not valid filter parameter(s)."


def test_over_limit(api: httpx.Client) -> None:
    assert api.get(f"{CUSTOMERS}?limit=250").status_code == 200
    assert api.get(f"{CUSTOMERS}?limit=251").status_code == 413
