"""The pretend Shopify store as the tests ask its older REST Admin API."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.sandbox.customers import ANA_RUIZ, AUSTIN
from tests.sandbox.in_process import open_client
from truto_unify.sandbox.people import Person, PostalAddress, PurchaseOrder
from truto_unify.sandbox.shopify_rest.app import ACCOUNT, API_ROOT, create_app
from truto_unify.sandbox.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

TOKEN = {"X-Shopify-Access-Token": ACCOUNT["credentials"]["access_token"]}
CUSTOMERS = f"{API_ROOT}/customers.json"
FIRST_ID = 7_000_000_000_000
SEE_PAGINATION = "See https://shopify.dev/api/usage/pagination-rest for more information."

JANUARY = datetime(2024, 1, 14, 17, 5, tzinfo=UTC)
ANA = replace(
    ANA_RUIZ,
    created_at=JANUARY,
    updated_at=JANUARY.replace(month=7),
    addresses=(AUSTIN, PostalAddress(kind="shipping", city="Kyiv", country_code="UA", phone="+12125550101")),
    orders=(
        PurchaseOrder(number=1001, status="paid", total_minor=10905, created_at=JANUARY),
        PurchaseOrder(number=1002, status="refunded", total_minor=7, created_at=JANUARY.replace(day=20)),
    ),
    tags=("vip", "Noël"),
)
BEN = replace(
    ANA,
    number=2,
    first_name="",
    email="",
    phone="",
    phone_extension="",
    is_active=False,
    accepts_marketing=False,
    created_at=JANUARY.replace(day=15),
    updated_at=JANUARY.replace(day=16),
    addresses=(),
    orders=(),
    tags=(),
)
CAM = replace(ANA, number=3, created_at=JANUARY.replace(day=18), updated_at=JANUARY.replace(day=18))
NOBODY = replace(BEN, number=4, last_name="")


def numbers(answer: httpx.Response, name: str = "customers", first_id: int = FIRST_ID) -> list[int]:
    assert answer.status_code == 200, answer.text
    return [record["id"] - first_id for record in answer.json()[name]]


def listed(api: httpx.Client, query: str = "") -> list[int]:
    return numbers(api.get(f"{CUSTOMERS}?{query}"))


def follow(api: httpx.Client, query: str, relation: str = "next") -> Iterator[list[int]]:
    link: str | None = f"{CUSTOMERS}?{query}"
    while link is not None:
        answer = api.get(link)
        yield numbers(answer)
        link = answer.links.get(relation, {}).get("url")


def all_records(api: httpx.Client) -> list[dict[str, Any]]:
    records, link = [], CUSTOMERS
    while link:
        answer = api.get(link)
        records += answer.json()["customers"]
        link = answer.links.get("next", {}).get("url", "")
    return records


def customer(person: Person) -> dict[str, Any]:
    api = open_client(create_app(Store.of([person])), TOKEN)
    record: dict[str, Any] = api.get(f"{API_ROOT}/customers/{FIRST_ID + person.number}.json").json()["customer"]
    return record
