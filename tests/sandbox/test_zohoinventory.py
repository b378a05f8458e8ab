from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from truto_unify.sandbox.people import Person, PostalAddress, PurchaseOrder, invent_people
from truto_unify.sandbox.store import PlannedFailure, Store
from truto_unify.sandbox.zohoinventory.answers import ZohoError
from truto_unify.sandbox.zohoinventory.app import ACCOUNT, API_ROOT, REFRESH_CREDENTIALS, TOKEN_PATH, create_app
from truto_unify.sandbox.zohoinventory.auth import ZohoAccess

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.applications import Starlette

FIXTURES = Path(__file__).resolve().parents[2].parent / "shared" / "fixtures" / "zohoinventory"
needs_fixtures = pytest.mark.skipif(
    not FIXTURES.is_dir(), reason="shared/fixtures/zohoinventory is not beside this checkout"
)

TOKEN = {"Authorization": "Zoho-oauthtoken zoho_sandbox_token"}
ORGANIZATION = {"organization_id": ACCOUNT["context"]["organization_id"]}
PEOPLE = invent_people()
VENDORS = ["Harbour Paper Supply", "Mill Lane Packaging", "Østfjord Freight"]

ANA = Person(
    number=1,
    first_name="Ana",
    last_name="García",
    email="ana@example.test",
    second_email="ana@work.example.test",
    phone="+12125550101",
    phone_extension="123",
    company="Acme",
    currency="EUR",
    is_active=True,
    accepts_marketing=True,
    created_at=datetime(2024, 1, 1, 2, tzinfo=UTC),
    updated_at=datetime(2024, 7, 1, 10, tzinfo=UTC),
    addresses=(
        PostalAddress("billing", "1 Main St", "Apt 2", "Austin", "TX", "Texas", "73301", "US", "United States"),
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


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True)
class Organization:
    app: Starlette
    store: Store

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        async def answer() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url="https://zoho.example.test") as client:
                return await client.request(method, path, **options)

        return asyncio.run(answer())

    def get(self, path: str, **params: str | int) -> httpx.Response:
        return self.send("GET", API_ROOT + path, headers=TOKEN, params={**ORGANIZATION, **params})

    def names(self, **params: str | int) -> list[str]:
        answer = self.get("/contacts", **params)
        assert (answer.status_code, answer.json()["code"]) == (200, 0), answer.text
        return [contact["contact_name"] for contact in answer.json()["contacts"]]


def organization(*people: Person, clock: Clock | None = None) -> Organization:
    store = Store(people=list(people or (ANA, BO)), clock=clock or Clock())
    return Organization(create_app(store), store)


def key_paths(value: Any, path: str = "") -> Iterator[str]:
    """Every key of a document by its path; positions in a list do not count."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield f"{path}/{key}"
            yield from key_paths(item, f"{path}/{key}")
    elif isinstance(value, list):
        for item in value:
            yield from key_paths(item, path)


def fixture(name: str) -> Any:
    return json.loads((FIXTURES / name).read_text(encoding="utf-8"))


def contact_of(place: Organization, name: str) -> dict[str, Any]:
    (listed,) = place.get("/contacts", contact_name=name).json()["contacts"]
    contact: dict[str, Any] = place.get(f"/contacts/{listed['contact_id']}").json()["contact"]
    return contact


# -------------------------------------------------------------------------------------------- who may come in


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        (None, 14),
        ("Bearer zoho_sandbox_token", 14),
        ("zoho_sandbox_token", 14),
        ("Zoho-oauthtoken 1000.unknown", 57),
    ],
)
def test_without_a_token_of_zoho_nothing_opens(authorization: str | None, code: int) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    answer = organization().send("GET", f"{API_ROOT}/contacts", headers=headers, params=ORGANIZATION)
    assert (answer.status_code, answer.json()["code"]) == (401, code)


@needs_fixtures
def test_the_error_answer_equals_the_recording() -> None:
    answer = organization().send("GET", f"{API_ROOT}/contacts", params=ORGANIZATION)
    assert answer.json() == fixture("error_401_code14_recorded.json")


@pytest.mark.parametrize(("params", "code"), [({}, 6024), ({"organization_id": "63"}, 6041)])
def test_the_organization_must_be_named(params: dict[str, str], code: int) -> None:
    headers = {**TOKEN, **ORGANIZATION}
    answer = organization().send("GET", f"{API_ROOT}/contacts", headers=headers, params=params)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_organizations_are_listed_without_an_organization_id() -> None:
    answer = organization().send("GET", f"{API_ROOT}/organizations", headers=TOKEN)
    assert [item["organization_id"] for item in answer.json()["organizations"]] == list(ORGANIZATION.values())
    assert not [name for name in answer.headers if name.startswith("x-rate-limit")]


def ask_token(place: Organization, **changes: str) -> httpx.Response:
    params = {"grant_type": "refresh_token", **REFRESH_CREDENTIALS, **changes}
    return place.send("POST", TOKEN_PATH, params=params)


def test_a_refreshed_token_opens_for_an_hour() -> None:
    clock = Clock()
    place = organization(clock=clock)
    granted = ask_token(place).json()
    assert granted["expires_in"] == 3600
    headers = {"Authorization": f"Zoho-oauthtoken {granted['access_token']}"}
    assert place.send("GET", f"{API_ROOT}/organizations", headers=headers).status_code == 200
    clock.now += 3600
    expired = place.send("GET", f"{API_ROOT}/organizations", headers=headers)
    assert (expired.status_code, expired.json()["code"]) == (401, 57)


def test_the_token_endpoint_reads_a_form_too() -> None:
    form = {"grant_type": "refresh_token", **REFRESH_CREDENTIALS}
    assert "access_token" in organization().send("POST", TOKEN_PATH, data=form).json()


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_id": "x"}, "invalid_client"),
        ({"client_secret": "x"}, "invalid_client_secret"),
        ({"refresh_token": "x"}, "invalid_code"),
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
    ],
)
def test_the_token_endpoint_says_no_under_200(changes: dict[str, str], error: str) -> None:
    answer = ask_token(organization(), **changes)
    assert (answer.status_code, answer.json()) == (200, {"error": error})


def test_ten_tokens_in_ten_minutes() -> None:
    clock = Clock()
    place = organization(clock=clock)
    assert len({ask_token(place).json()["access_token"] for _ in range(10)}) == 10
    assert ask_token(place).json()["error"] == "Access Denied"
    clock.now += 600
    assert "access_token" in ask_token(place).json()


def test_more_than_a_hundred_requests_a_minute_block_the_organisation_for_an_hour() -> None:
    clock = Clock()
    place = organization(clock=clock)
    answers = [place.get("/salesorders") for _ in range(100)]
    assert {answer.status_code for answer in answers} == {200}
    refused = place.get("/salesorders")
    assert (refused.status_code, refused.json()["code"], refused.headers["retry-after"]) == (429, 43, "3600")
    clock.now += 3599
    still = place.get("/salesorders")
    assert (still.status_code, still.json()["code"], still.headers["retry-after"]) == (429, 44, "1")
    clock.now += 1
    assert place.get("/salesorders").status_code == 200


def test_the_plan_allows_so_many_requests_a_day() -> None:
    clock = Clock()
    access = ZohoAccess(Store(people=[], clock=clock))
    for _ in range(7500):
        access.check_rate()
        clock.now += 1
    with pytest.raises(ZohoError) as refused:
        access.check_rate()
    assert json.loads(bytes(refused.value.response.body))["code"] == 45
    assert refused.value.response.headers["x-rate-limit-remaining"] == "0"
    clock.now += 86_400
    access.check_rate()


def test_the_day_counts_down() -> None:
    clock = Clock()
    place = organization(clock=clock)
    first = place.get("/salesorders")
    headers = {name: value for name, value in first.headers.items() if name.startswith("x-rate-limit")}
    assert headers == {
        "x-rate-limit-limit": "7500",
        "x-rate-limit-remaining": "7499",
        "x-rate-limit-reset": "86400",
    }
    clock.now += 34
    assert place.get("/salesorders").headers["x-rate-limit-reset"] == "86366"


def test_every_request_is_noted_and_faults_come_first() -> None:
    place = organization()
    place.store.failures.append(PlannedFailure(500, (), b"<html>"))
    assert place.send("GET", "/nowhere").text == "<html>"
    assert place.get("/nowhere").json() == {"code": 5, "message": "Invalid URL Passed"}
    ask_token(place)
    assert [seen.path for seen in place.store.requests] == ["/nowhere", f"{API_ROOT}/nowhere", TOKEN_PATH]


# ---------------------------------------------------------------------------------------------------- records


def test_a_list_item_has_the_fields_of_zohos_list() -> None:
    item = organization().get("/contacts", contact_name="Ana García").json()["contacts"][0]
    shown = {name: item[name] for name in ("contact_id", "email", "phone", "mobile", "status", "currency_code")}
    assert shown == {
        "contact_id": "4608150000000001001",
        "email": "ana@example.test",
        "phone": "+12125550101 x123",
        "mobile": "",
        "status": "active",
        "currency_code": "EUR",
    }
    assert (item["created_time"], item["last_modified_time"]) == (
        "2023-12-31T21:00:00-0500",
        "2024-07-01T06:00:00-0400",
    )


def test_a_contact_alone_has_addresses_and_persons() -> None:
    contact = contact_of(organization(), "Ana García")
    billing, shipping = contact["billing_address"], contact["shipping_address"]
    parts = ("address", "street2", "city", "state", "state_code", "zip", "country", "country_code")
    assert [billing[part] for part in parts] == [
        "1 Main St", "Apt 2", "Austin", "Texas", "TX", "73301", "United States", "US",
    ]  # fmt: skip
    assert [shipping[part] for part in parts] == ["", "", "Reykjavík", "", "", "", "Iceland", "IS"]
    assert [(address["city"], address["phone"]) for address in contact["addresses"]] == [("Akureyri", "+3541")]
    persons = contact["contact_persons"]
    assert [(person["email"], person["is_primary_contact"]) for person in persons] == [
        ("ana@example.test", True),
        ("ana@work.example.test", False),
    ]
    assert contact["primary_contact_id"] == persons[0]["contact_person_id"]


def test_a_blank_address_still_has_its_id() -> None:
    contact = contact_of(organization(), "bo")
    for name in ("billing_address", "shipping_address"):
        address = contact[name]
        assert address.pop("address_id").isdecimal()
        assert set(address.values()) == {""}
    assert contact["addresses"] == []


def test_the_addresses_of_a_contact() -> None:
    place = organization()
    contact = contact_of(place, "Ana García")
    answer = place.get(f"/contacts/{contact['contact_id']}/address").json()
    assert answer["addresses"] == [
        contact["billing_address"],
        contact["shipping_address"],
        *contact["addresses"],
    ]


def test_names_are_present_and_unique() -> None:
    nameless = replace(BO, number=3, first_name="")
    with_phone = replace(nameless, number=4, email="", phone="+12125550104")
    with_nothing = replace(with_phone, number=5, phone="")
    place = organization(BO, nameless, with_phone, with_nothing, replace(BO, number=6, first_name="BO"))
    assert sorted(place.names(contact_type="customer")) == [
        "+12125550104",
        "BO (2)",
        "Contact 5",
        "bo",
        "bo@example.test",
    ]
    assert contact_of(place, "Contact 5")["contact_persons"] == []


@needs_fixtures
def test_a_list_has_the_recorded_keys() -> None:
    recorded = fixture("contacts_list_page1_active_recorded.json")
    assert set(key_paths(organization().get("/contacts").json())) == set(key_paths(recorded))


@needs_fixtures
def test_a_contact_has_the_recorded_keys() -> None:
    recorded = fixture("contact_get_address_no_persons_recorded.json")
    persons = fixture("contact_persons_list_docs.json")["contact_persons"]
    expected = {
        *key_paths(recorded),
        *(f"/contact/contact_persons{path}" for path in key_paths(persons)),
        *(f"/contact/addresses{path}" for path in key_paths(recorded["contact"]["billing_address"])),
    }
    # A person inside a contact does not repeat whose it is.
    expected.discard("/contact/contact_persons/contact_id")
    ours = {f"/contact{path}" for path in key_paths(contact_of(organization(), "Ana García"))}
    assert ours | {"/code", "/message", "/contact"} == expected


@needs_fixtures
def test_sales_orders_have_the_recorded_keys() -> None:
    recorded = fixture("salesorders_list_recorded.json")
    assert set(key_paths(organization().get("/salesorders").json())) == set(key_paths(recorded))


@needs_fixtures
def test_organizations_have_recorded_keys_alone() -> None:
    recorded = set(key_paths(fixture("organizations_list_recorded.json")))
    answer = organization().send("GET", f"{API_ROOT}/organizations", headers=TOKEN).json()
    assert set(key_paths(answer)) <= recorded


@needs_fixtures
def test_values_are_of_the_recorded_kinds() -> None:
    recorded = fixture("contacts_list_page1_active_recorded.json")["contacts"][0]
    ours = organization().get("/contacts").json()["contacts"][0]
    assert {key: type(value) for key, value in ours.items()} == {key: type(value) for key, value in recorded.items()}


@pytest.mark.parametrize(("contact_id", "status", "code"), [("1", 404, 1002), ("x", 400, 2)])
@pytest.mark.parametrize("rest", ["", "/address"])
def test_an_unknown_contact(contact_id: str, status: int, code: int, rest: str) -> None:
    answer = organization().get(f"/contacts/{contact_id}{rest}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)


# ---------------------------------------------------------------------------------------------------- queries


def test_vendors_are_contacts_too() -> None:
    assert organization().names() == ["Ana García", "bo", *VENDORS]
    assert organization().names(contact_type="customer") == ["Ana García", "bo"]
    assert organization().names(contact_type="vendor") == VENDORS


@pytest.mark.parametrize(
    ("params", "names"),
    [
        ({"filter_by": "Status.Active"}, ["Ana García"]),
        ({"filter_by": "Status.Inactive"}, ["bo"]),
        ({"filter_by": "Status.Crm"}, []),
        ({"contact_name": "Ana García"}, ["Ana García"]),
        ({"contact_name": "ana garcía"}, []),
        ({"contact_name_startswith": "ana"}, ["Ana García"]),
        ({"contact_name_contains": "GARC"}, ["Ana García"]),
        ({"company_name": "Acme"}, ["Ana García"]),
        ({"first_name": "bo"}, ["bo"]),
        ({"last_name_startswith": "g"}, ["Ana García"]),
        ({"email": "ana@work.example.test"}, ["Ana García"]),
        ({"email_contains": "EXAMPLE", "first_name": "bo"}, ["bo"]),
        ({"phone": "+12125550101"}, []),
        ({"phone": "+12125550101 x123"}, ["Ana García"]),
        ({"phone_contains": "5550101"}, ["Ana García"]),
        ({"address_contains": "austin"}, ["Ana García"]),
        ({"search_text": "o"}, ["bo"]),
        ({"email": ""}, ["Ana García", "bo"]),
        ({"mail": "bo@example.test"}, ["Ana García", "bo"]),
        ({"created_time": "2030-01-01T00:00:00-0500"}, ["Ana García", "bo"]),
        ({"last_modified_time": "2024-07-01T06:00:00-0400"}, ["Ana García"]),
        ({"last_modified_time": "2024-07-01T10:00:00+00:00"}, ["Ana García"]),
        ({"last_modified_time": "2024-07-01T10:00:01Z"}, []),
        ({"sort_column": "created_time", "sort_order": "D"}, ["bo", "Ana García"]),
        ({"sort_column": "last_modified_time"}, ["bo", "Ana García"]),
        ({"sort_column": "first_name", "sort_order": "D"}, ["bo", "Ana García"]),
        ({"sort_column": "outstanding_receivable_amount", "sort_order": "D"}, ["Ana García", "bo"]),
    ],
)
def test_filters_and_sorts(params: dict[str, str], names: list[str]) -> None:
    assert organization().names(contact_type="customer", **params) == names


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"page": "0"}, 400),
        ({"page": "x"}, 400),
        ({"per_page": "201"}, 400),
        ({"per_page": "0"}, 400),
        ({"filter_by": "Status.Gone"}, 200),
        ({"contact_type": "lead"}, 200),
        ({"sort_column": "city"}, 200),
        ({"sort_order": "asc"}, 200),
        ({"last_modified_time": "2024-07-01T10:00:00 0000"}, 200),
        ({"last_modified_time": "2024-07-01T10:00:00"}, 200),
    ],
)
def test_a_wrong_value_is_refused_sometimes_under_200(params: dict[str, str], status: int) -> None:
    answer = organization().get("/contacts", **params)
    (name,) = params
    assert answer.status_code == status
    assert answer.json() == {"code": 2, "message": f"Invalid value passed for {name}"}


@pytest.mark.parametrize("per_page", [7, 50, 200])
@pytest.mark.parametrize("sort_column", ["contact_name", "created_time", "email"])
def test_paging_to_the_end_loses_and_repeats_nothing(per_page: int, sort_column: str) -> None:
    place = organization(*PEOPLE)
    seen: list[str] = []
    has_more, page = True, 0
    while has_more:
        page += 1
        answer = place.get("/contacts", page=page, per_page=per_page, sort_column=sort_column).json()
        seen.extend(contact["contact_id"] for contact in answer["contacts"])
        has_more = answer["page_context"]["has_more_page"]
    assert len(seen) == len(set(seen)) == len(PEOPLE) + len(VENDORS)
    past_the_end = place.get("/contacts", page=page + 1, per_page=per_page).json()
    assert (past_the_end["contacts"], past_the_end["page_context"]["has_more_page"]) == ([], False)


def test_the_page_says_how_it_was_made() -> None:
    answer = organization().get("/contacts", filter_by="Status.Active", per_page=1).json()
    assert answer["page_context"] == {
        "page": 1,
        "per_page": 1,
        "has_more_page": True,
        "report_name": "Contacts",
        "applied_filter": "Status.Active",
        "sort_column": "contact_name",
        "sort_order": "A",
    }


def test_people_may_change_between_two_requests() -> None:
    place = organization()
    place.store.people.append(replace(BO, number=7, first_name="Cy"))
    assert "Cy" in place.names()


# ----------------------------------------------------------------------------------------------------- orders


def test_sales_orders_of_one_customer() -> None:
    other = replace(BO, orders=(PurchaseOrder(2001, "paid", 1, datetime(2024, 2, 4, tzinfo=UTC)),))
    answer = organization(ANA, other).get("/salesorders", customer_id="4608150000000001001").json()
    orders = answer["salesorders"]
    assert [(order["salesorder_number"], order["status"], order["total"]) for order in orders] == [
        ("SO-01003", "void", 5),
        ("SO-01002", "draft", 300),
        ("SO-01001", "closed", 12.5),
    ]
    assert (orders[0]["date"], orders[0]["created_time"]) == ("2024-02-02", "2024-02-02T22:00:00-0500")
    assert answer["page_context"]["sort_column"] == "created_time"


def test_sales_orders_page_and_sort() -> None:
    place = organization()
    first = place.get("/salesorders", per_page=2, sort_column="total").json()
    second = place.get("/salesorders", per_page=2, sort_column="total", page=2).json()
    totals = [order["total"] for order in first["salesorders"] + second["salesorders"]]
    assert totals == [5, 12.5, 300]
    assert (first["page_context"]["has_more_page"], second["page_context"]["has_more_page"]) == (True, False)
    assert place.get("/salesorders", customer_id="1").json()["salesorders"] == []
