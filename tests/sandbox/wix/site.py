"""The pretend Wix site as the tests ask it: two contacts, and a person who is none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.sandbox.customers import ANA_GARCIA
from tests.sandbox.in_process import Clock, open_client
from truto_unify.sandbox.people import Person, PostalAddress, PurchaseOrder, invent_people
from truto_unify.sandbox.store import Store
from truto_unify.sandbox.wix.app import ACCOUNT, create_app

if TYPE_CHECKING:
    import httpx

QUERY = "/contacts/v4/contacts/query"
LIST = "/contacts/v4/contacts"
ORDERS = "/ecom/v1/orders/search"
KEY_HEADERS = {
    "Authorization": ACCOUNT["credentials"]["api_key"],
    "wix-site-id": ACCOUNT["context"]["site_id"],
}
PEOPLE = invent_people()
CONTACTS = [person for person in PEOPLE if person.first_name or person.last_name or person.email or person.phone]

ANA = replace(
    ANA_GARCIA,
    addresses=(
        *ANA_GARCIA.addresses,
        PostalAddress("shipping", city="Reykjavík", country_code="IS"),
        PostalAddress("shipping"),
    ),
    orders=(
        PurchaseOrder(1001, "paid", 1250, datetime(2024, 2, 1, tzinfo=UTC)),
        PurchaseOrder(1002, "pending", 99, datetime(2024, 2, 2, tzinfo=UTC)),
        PurchaseOrder(1003, "refunded", 500, datetime(2024, 2, 3, tzinfo=UTC)),
    ),
    tags=("gift buyer",),
)
BO = replace(
    ANA,
    number=2,
    first_name="Bo",
    last_name="",
    email="bo@example.test",
    second_email="",
    phone="",
    company="",
    is_active=False,
    created_at=datetime(2024, 1, 2, 10, tzinfo=UTC),
    updated_at=datetime(2024, 1, 2, 10, tzinfo=UTC),
    addresses=(),
    orders=(),
    tags=(),
)
NOBODY = replace(BO, number=3, first_name="", email="")


@dataclass(frozen=True)
class Site:
    client: httpx.Client
    store: Store

    def send(self, method: str, path: str, *, headers: dict[str, str] | None = None, **options: Any) -> httpx.Response:
        return self.client.request(method, path, headers=KEY_HEADERS if headers is None else headers, **options)

    def query(self, query: dict[str, Any] | None = None, **body: Any) -> httpx.Response:
        return self.send("POST", QUERY, json={"query": query or {}, **body})

    def names(self, query: dict[str, Any] | None = None, **body: Any) -> list[str]:
        answer = self.query(query, **body)
        assert answer.status_code == 200, answer.text
        return [contact["info"]["name"]["first"] for contact in answer.json()["contacts"]]


def site(*people: Person, clock: Clock | None = None) -> Site:
    store = Store(people=list(people or (ANA, BO, NOBODY)), clock=clock or Clock())
    return Site(open_client(create_app(store), {}), store)
