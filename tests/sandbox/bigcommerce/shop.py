"""The pretend BigCommerce store as the tests ask it: two customers, and two people who are none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.sandbox.customers import ANA_RUIZ, AUSTIN, KYIV, MAY
from truto_unify.sandbox.bigcommerce.app import ACCOUNT, API_ROOT
from truto_unify.sandbox.people import PurchaseOrder

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

TOKEN = ACCOUNT["credentials"]["access_token"]
HEADERS = {"X-Auth-Token": TOKEN, "Accept": "application/json"}
CUSTOMERS = f"{API_ROOT}/customers"
ADDRESSES = f"{API_ROOT}/customers/addresses"
ORDERS = "/stores/sandboxhash/v2/orders"

ANA = replace(ANA_RUIZ, email="Ana@example.test", addresses=(replace(AUSTIN, company="Ruiz"), KYIV))
BEN = replace(
    ANA,
    number=2,
    first_name="Ben",
    last_name="",
    email="ben@example.test",
    phone_extension="",
    company="",
    created_at=MAY.replace(day=15),
    updated_at=MAY.replace(day=16),
    addresses=ANA.addresses[1:] * 12,
    orders=(
        PurchaseOrder(number=1002, status="pending", total_minor=5, created_at=MAY),
        PurchaseOrder(number=1003, status="refunded", total_minor=700, created_at=MAY.replace(day=20)),
    ),
)
NAMELESS = replace(ANA, number=3, first_name="", last_name="")
MAILLESS = replace(ANA, number=4, email="")


def ids(api: httpx.Client, query: str, path: str = CUSTOMERS) -> list[int]:
    answer = api.get(f"{path}?{query}")
    assert answer.status_code == 200, answer.text
    return [record["id"] for record in answer.json()["data"]]


def follow(api: httpx.Client, query: str, block: str, path: str = CUSTOMERS) -> Iterator[list[int]]:
    link: str | None = f"?{query}"
    while link is not None:
        body = api.get(f"{path}{link}").json()
        yield [record["id"] for record in body["data"]]
        link = body["meta"][block].get("links", {}).get("next")
