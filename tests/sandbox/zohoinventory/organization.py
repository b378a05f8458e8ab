"""The pretend Zoho Inventory organization as the tests ask it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.sandbox.customers import ANA_GARCIA
from tests.sandbox.in_process import Clock, open_client
from truto_unify.sandbox.people import Person, PostalAddress, PurchaseOrder, invent_people
from truto_unify.sandbox.store import Store
from truto_unify.sandbox.zohoinventory.app import ACCOUNT, API_ROOT, create_app

if TYPE_CHECKING:
    import httpx

TOKEN = {"Authorization": "Zoho-oauthtoken zoho_sandbox_token"}
ORGANIZATION = {"organization_id": ACCOUNT["context"]["organization_id"]}
PEOPLE = invent_people()
VENDORS = ["Harbour Paper Supply", "Mill Lane Packaging", "Østfjord Freight"]

ANA = replace(
    ANA_GARCIA,
    created_at=datetime(2024, 1, 1, 2, tzinfo=UTC),
    updated_at=datetime(2024, 7, 1, 10, tzinfo=UTC),
    addresses=(
        *ANA_GARCIA.addresses,
        PostalAddress("shipping", city="Reykjavík", country_code="IS", country_name="Iceland"),
        PostalAddress("shipping", city="Akureyri", country_code="IS", country_name="Iceland", phone="+3541"),
    ),
    orders=(
        PurchaseOrder(1001, "paid", 1250, datetime(2024, 2, 1, 3, tzinfo=UTC)),
        PurchaseOrder(1002, "pending", 30_000, datetime(2024, 2, 2, 3, tzinfo=UTC)),
        PurchaseOrder(1003, "refunded", 500, datetime(2024, 2, 3, 3, tzinfo=UTC)),
    ),
)
BO = replace(
    ANA,
    number=2,
    first_name="bo",
    last_name="",
    email="bo@example.test",
    second_email="",
    phone="",
    phone_extension="",
    company="",
    is_active=False,
    created_at=datetime(2024, 1, 2, 10, tzinfo=UTC),
    updated_at=datetime(2024, 1, 2, 10, tzinfo=UTC),
    addresses=(),
    orders=(),
)


@dataclass(frozen=True)
class Organization:
    client: httpx.Client
    store: Store

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        return self.client.request(method, path, **options)

    def get(self, path: str, **params: str | int) -> httpx.Response:
        return self.send("GET", API_ROOT + path, headers=TOKEN, params={**ORGANIZATION, **params})

    def names(self, **params: str | int) -> list[str]:
        answer = self.get("/contacts", **params)
        assert (answer.status_code, answer.json()["code"]) == (200, 0), answer.text
        return [contact["contact_name"] for contact in answer.json()["contacts"]]


def organization(*people: Person, clock: Clock | None = None) -> Organization:
    store = Store(people=list(people or (ANA, BO)), clock=clock or Clock())
    return Organization(open_client(create_app(store), {}), store)


def contact_of(place: Organization, name: str) -> dict[str, Any]:
    (listed,) = place.get("/contacts", contact_name=name).json()["contacts"]
    contact: dict[str, Any] = place.get(f"/contacts/{listed['contact_id']}").json()["contact"]
    return contact
