"""The pretend Shopify store answers its older REST Admin API as the vendor's documentation says."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from tests.sandbox.in_process import Clock, open_client
from tests.shared_material import SHARED, needs_shared
from truto_unify.sandbox.people import Person, PostalAddress, PurchaseOrder, invent_people
from truto_unify.sandbox.shopify import app as shopify
from truto_unify.sandbox.shopify_rest.app import ACCOUNT, API_ROOT, VERSION, create_app
from truto_unify.sandbox.store import PlannedFailure, Store

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = {"X-Shopify-Access-Token": ACCOUNT["credentials"]["access_token"]}
CUSTOMERS = f"{API_ROOT}/customers.json"
FIRST_ID = 7_000_000_000_000
SEE_PAGINATION = "See https://shopify.dev/api/usage/pagination-rest for more information."

JANUARY = datetime(2024, 1, 14, 17, 5, tzinfo=UTC)
HOME = PostalAddress(
    kind="billing",
    street_1="1 Main St",
    city="Austin",
    state_code="TX",
    state_name="Texas",
    postal_code="78701",
    country_code="US",
    country_name="United States",
)
ANA = Person(
    number=1,
    first_name="Ana",
    last_name="Ruiz",
    email="ana@example.test",
    phone="+12125550100",
    phone_extension="77",
    company="Ruiz, Sons",
    currency="EUR",
    is_active=True,
    accepts_marketing=True,
    created_at=JANUARY,
    updated_at=JANUARY.replace(month=7),
    addresses=(HOME, PostalAddress(kind="shipping", city="Kyiv", country_code="UA", phone="+12125550101")),
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


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(clock: Clock) -> Store:
    return Store.of([ANA, BEN, CAM, NOBODY], clock=clock)


@pytest.fixture
def api(store: Store) -> httpx.Client:
    return open_client(create_app(store), TOKEN)


@pytest.fixture
def crowd() -> httpx.Client:
    return open_client(create_app(Store.of(invent_people(137))), TOKEN)


def fixture(name: str) -> Any:
    return json.loads((SHARED / "fixtures" / "shopify" / f"{name}.json").read_text(encoding="utf-8"))


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


# ------------------------------------------------------------------------------------------------ access


@pytest.mark.parametrize("headers", [{}, {"X-Shopify-Access-Token": "shpat_other"}, {"Authorization": "Bearer x"}])
def test_a_wrong_token_is_refused_and_not_counted(store: Store, headers: dict[str, str]) -> None:
    answer = open_client(create_app(store), headers).get(CUSTOMERS)
    assert answer.status_code == 401
    assert answer.json() == {"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"}
    assert "x-shopify-shop-api-call-limit" not in answer.headers


def test_an_answer_has_the_headers_of_the_real_store(api: httpx.Client) -> None:
    answer = api.get(CUSTOMERS)
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["x-shopify-api-version"] == VERSION
    assert answer.headers["x-shopify-shop-api-call-limit"] == "1/40"
    assert answer.headers["vary"] == "Accept"
    assert answer.headers["x-request-id"]


def test_a_newer_version_answers_for_a_retired_version(api: httpx.Client) -> None:
    answer = api.get("/admin/api/2024-01/customers.json")
    assert numbers(answer) == [3, 2, 1]
    assert answer.headers["x-shopify-api-version"] == VERSION
    assert "x-shopify-api-version-warning" in answer.headers
    assert "x-shopify-api-version-warning" not in api.get(CUSTOMERS).headers


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/admin/api/v3/customers.json",
        f"{API_ROOT}/customers",
        f"{API_ROOT}/customers/search.json?query=ana",
        f"{API_ROOT}/customers/count.json",
        f"{API_ROOT}/customers/7000000000099.json",
        f"{API_ROOT}/customers/7000000000004.json",
        f"{API_ROOT}/customers/7000000000099/orders.json",
        f"{API_ROOT}/collects.json",
        f"{API_ROOT}/orders/6000000000001/addresses.json",
    ],
)
def test_an_unknown_path_or_id_is_not_found(api: httpx.Client, path: str) -> None:
    answer = api.get(path)
    assert (answer.status_code, answer.json()) == (404, {"errors": "Not Found"})


def test_the_token_may_not_write(api: httpx.Client) -> None:
    answer = api.post(CUSTOMERS, json={"customer": {"email": "new@example.test"}})
    assert answer.status_code == 403
    assert answer.json() == {"errors": "[API] This action requires merchant approval for write_customers scope."}


def test_requests_are_recorded_and_planned_failures_come_first(store: Store) -> None:
    store.failures.append(PlannedFailure(422, (("Retry-After", "1.0"),), b'{"errors":["not now"]}'))
    api = open_client(create_app(store), {})
    broken = api.get(f"{CUSTOMERS}?limit=1")
    assert (broken.status_code, broken.headers["retry-after"], broken.json()) == (422, "1.0", {"errors": ["not now"]})
    assert api.get(CUSTOMERS).status_code == 401
    seen = store.requests[0]
    assert (seen.method, seen.path, seen.query) == ("GET", CUSTOMERS, (("limit", "1"),))
    assert len(store.requests) == 2


def test_the_bucket_holds_forty_calls_and_leaks_two_a_second(api: httpx.Client, clock: Clock) -> None:
    limits = [api.get(CUSTOMERS).headers["x-shopify-shop-api-call-limit"] for _turn in range(40)]
    assert limits == [f"{count}/40" for count in range(1, 41)]
    refused = api.get(CUSTOMERS)
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "2.0"
    assert refused.headers["x-shopify-shop-api-call-limit"] == "40/40"
    assert refused.json()["errors"].startswith("Exceeded 2 calls per second for api client.")
    clock.now += 0.25
    assert api.get(CUSTOMERS).status_code == 429
    clock.now += 1.75
    assert [api.get(CUSTOMERS).status_code for _turn in range(5)] == [200, 200, 200, 200, 429]
    clock.now += 3600
    assert api.get(CUSTOMERS).headers["x-shopify-shop-api-call-limit"] == "1/40"


@needs_shared
def test_refusals_are_the_documented_ones(api: httpx.Client, store: Store) -> None:
    assert open_client(create_app(store), {}).get(CUSTOMERS).json() == fixture("rest_error_401_docs")
    assert api.get(f"{API_ROOT}/customers/1.json").json() == fixture("rest_error_404_docs")
    assert api.get(f"{CUSTOMERS}?page_info=garbage").json() == fixture("rest_error_400_page_info_invalid_reported")
    crossed = api.get(f"{CUSTOMERS}?page_info=x&created_at_min=2024-01-01").json()
    assert crossed == fixture("rest_error_400_page_info_with_filter_reported")
    answers = [api.get(CUSTOMERS) for _turn in range(40)]
    assert answers[-1].json() == fixture("rest_error_429_docs")


# ----------------------------------------------------------------------------------------------- the list


def test_the_newest_customer_is_first_and_a_person_without_data_is_absent(api: httpx.Client) -> None:
    answer = api.get(CUSTOMERS)
    assert numbers(answer) == [3, 2, 1]
    assert "link" not in answer.headers


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("since_id=0", [1, 2, 3]),
        (f"since_id={FIRST_ID + 1}", [2, 3]),
        (f"since_id={FIRST_ID + 3}", []),
        (f"ids={FIRST_ID + 1},{FIRST_ID + 3},5", [3, 1]),
        (f"ids={FIRST_ID + 1}%2C%20{FIRST_ID + 2}", [2, 1]),
        ("ids=", [3, 2, 1]),
        ("created_at_min=", [3, 2, 1]),
        ("order=id+asc&email=ana@example.test", [3, 2, 1]),
    ],
)
def test_the_list_by_id(api: httpx.Client, query: str, expected: list[int]) -> None:
    assert listed(api, query) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("created_at_min=2024-01-15T17:05:00Z", [3, 2]),
        ("created_at_min=2024-01-15T17:05:01Z", [3]),
        ("created_at_max=2024-01-15T17:05:00Z", [2, 1]),
        ("created_at_max=2024-01-15T17:04:59Z", [1]),
        ("updated_at_min=2024-01-18T17:05:00Z", [3, 1]),
        ("updated_at_max=2024-01-18T17:05:00Z", [3, 2]),
        ("updated_at_min=2024-01-17&updated_at_max=2024-01-19", [3]),
        # Without a zone, in the shop's: 17:05 UTC is 12:05 in winter and 13:05 in summer.
        ("created_at_min=2024-01-15T12:05:00", [3, 2]),
        ("created_at_min=2024-01-15 12:05:01", [3]),
        ("updated_at_min=2024-07-14T13:05:00", [1]),
        ("updated_at_min=2024-07-14T13:05:01", []),
        ("created_at_min=2024-01-15T19:05:00%2B02:00", [3, 2]),
    ],
)
def test_bounds_are_inclusive(api: httpx.Client, query: str, expected: list[int]) -> None:
    assert listed(api, query) == expected


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        ("created_at_min=yesterday", {"created_at_min": "Invalid value."}),
        ("created_at_min=2024-01-15T19:05:00+02:00", {"created_at_min": "Invalid value."}),
        ("limit=ten", {"limit": "Invalid value."}),
        ("limit=0", {"limit": "Invalid value."}),
        ("ids=1,ana", {"ids": "expected String to be a id"}),
        ("since_id=-1", {"since_id": "expected String to be a id"}),
        ("page=2", {"page": f"page cannot be passed. {SEE_PAGINATION}"}),
        ("page_info=", {"page_info": "Invalid value."}),
        ("page_info=garbage", {"page_info": "Invalid value."}),
    ],
)
def test_a_bad_parameter_is_refused(api: httpx.Client, query: str, errors: dict[str, str]) -> None:
    answer = api.get(f"{CUSTOMERS}?{query}")
    assert (answer.status_code, answer.json()) == (400, {"errors": errors})


@pytest.mark.parametrize(
    "content",
    [[], {"last_id": 1}, {"last_id": "x", "direction": "next", "customers": {}}]
    + [{"last_id": 1, "direction": "next", "customers": filters} for filters in ("text", None)],
)
def test_a_made_up_page_info_is_refused(api: httpx.Client, content: object) -> None:
    token = base64.urlsafe_b64encode(json.dumps(content).encode()).decode()
    answer = api.get(CUSTOMERS, params={"page_info": token})
    assert (answer.status_code, answer.json()) == (400, {"errors": {"page_info": "Invalid value."}})


def test_fifty_make_a_page_and_two_hundred_and_fifty_are_the_most() -> None:
    api = open_client(create_app(Store.of(invent_people(300))), TOKEN)
    assert len(listed(api)) == 50
    answer = api.get(f"{CUSTOMERS}?limit=1000")
    assert len(numbers(answer)) == 250
    assert "limit=250" in answer.links["next"]["url"]


@pytest.mark.parametrize("query", ["", "limit=250", "limit=2&fields=id", "limit=7&since_id=0", "limit=46"])
def test_following_the_links_shows_everybody_once(query: str) -> None:
    people = invent_people(60)
    api = open_client(create_app(Store.of(people)), TOKEN)
    seen = [number for page in follow(api, query) for number in page]
    known = [
        person.number for person in people if person.first_name or person.last_name or person.email or person.phone
    ]
    assert seen == (known if "since_id" in query else known[::-1])


@pytest.mark.parametrize("query", ["limit=50", "limit=50&since_id=0"])
def test_the_links_lead_back_again(crowd: httpx.Client, query: str) -> None:
    pages = list(follow(crowd, query))
    answer = crowd.get(f"{CUSTOMERS}?{query}")
    assert set(answer.links) == {"next"}
    middle = crowd.get(answer.links["next"]["url"])
    assert list(middle.links) == ["previous", "next"]
    assert len(middle.headers.get_list("link")) == 1
    last = crowd.get(middle.links["next"]["url"])
    assert set(last.links) == {"previous"}
    assert [numbers(page) for page in (answer, middle, last)] == pages
    back = crowd.get(last.links["previous"]["url"])
    assert numbers(back) == pages[1]
    first = crowd.get(back.links["previous"]["url"])
    assert numbers(first) == pages[0]
    assert set(first.links) == {"next"}


def test_a_link_keeps_the_filters_in_its_token_and_the_fields_beside_it(crowd: httpx.Client) -> None:
    bound = "2024-06-01T00:00:00-04:00"
    answer = crowd.get(CUSTOMERS, params={"limit": 3, "created_at_max": bound, "fields": "id,created_at"})
    link = httpx.URL(answer.links["next"]["url"])
    assert (link.host, link.path) == ("store.example.test", CUSTOMERS)
    assert dict(link.params) == {"limit": "3", "fields": "id,created_at", "page_info": link.params["page_info"]}
    following = crowd.get(link).json()["customers"]
    assert [set(record) for record in following] == [{"id", "created_at"}] * 3
    assert all(datetime.fromisoformat(record["created_at"]) <= datetime.fromisoformat(bound) for record in following)


@pytest.mark.parametrize("extra", ["created_at_min=2024-01-01", "ids=1", "since_id=0", "status=any", "title="])
def test_beside_page_info_only_limit_and_fields_may_be_sent(crowd: httpx.Client, extra: str) -> None:
    token = quote(httpx.URL(crowd.get(f"{CUSTOMERS}?limit=2").links["next"]["url"]).params["page_info"])
    name = extra.partition("=")[0]
    answer = crowd.get(f"{CUSTOMERS}?page_info={token}&{extra}")
    assert answer.status_code == 400
    assert answer.json() == {"errors": {name: f"{name} cannot be passed when page_info is present. {SEE_PAGINATION}"}}
    assert len(listed(crowd, f"page_info={token}&limit=5&fields=id")) == 5
    assert len(listed(crowd, f"page_info={token}")) == 50


def test_a_page_goes_on_when_people_come_and_go(store: Store, api: httpx.Client) -> None:
    link = api.get(f"{CUSTOMERS}?limit=2").links["next"]["url"]
    store.people[:] = [ANA, CAM, replace(CAM, number=9)]
    assert numbers(api.get(link)) == [1]
    store.people[:] = [CAM]
    answer = api.get(link)
    assert (numbers(answer), "link" in answer.headers) == ([], False)


def test_links_name_the_path_that_the_store_is_mounted_at(store: Store) -> None:
    app = Starlette(routes=[Mount("/shopify_rest", app=create_app(store))])
    api = open_client(app, TOKEN)
    answer = api.get(f"/shopify_rest{CUSTOMERS}?limit=2")
    assert answer.links["next"]["url"].startswith(f"https://store.example.test/shopify_rest{CUSTOMERS}?limit=2&")
    assert numbers(api.get(answer.links["next"]["url"])) == [1]
    assert store.requests[0].path == CUSTOMERS


@pytest.mark.parametrize("fields", ["id,email,tags", " tags, email ,id,nonsense"])
def test_fields_narrow_the_record(api: httpx.Client, fields: str) -> None:
    expected = {"id": FIRST_ID + 1, "email": "ana@example.test", "tags": "Noël, vip"}
    assert api.get(CUSTOMERS, params={"fields": fields}).json()["customers"][-1] == expected
    single = api.get(f"{API_ROOT}/customers/{FIRST_ID + 1}.json", params={"fields": fields})
    assert single.json() == {"customer": expected}


# ------------------------------------------------------------------------------------------------ records


def test_a_customer_with_everything() -> None:
    record = customer(ANA)
    default = {
        "id": 9_000_000_000_100,
        "customer_id": FIRST_ID + 1,
        "first_name": "Ana",
        "last_name": "Ruiz",
        "company": "Ruiz, Sons",
        "address1": "1 Main St",
        "address2": "",
        "city": "Austin",
        "province": "Texas",
        "country": "United States",
        "zip": "78701",
        "phone": "+12125550100 x77",
        "name": "Ana Ruiz",
        "province_code": "TX",
        "country_code": "US",
        "country_name": "United States",
        "default": True,
    }
    other = record["addresses"][1]
    assert record | {"addresses": []} == {
        "id": FIRST_ID + 1,
        "email": "ana@example.test",
        "created_at": "2024-01-14T12:05:00-05:00",
        "updated_at": "2024-07-14T13:05:00-04:00",
        "first_name": "Ana",
        "last_name": "Ruiz",
        "orders_count": 2,
        "state": "enabled",
        "total_spent": "109.05",
        "last_order_id": 6_000_000_001_002,
        "note": None,
        "verified_email": True,
        "multipass_identifier": None,
        "tax_exempt": False,
        "tags": "Noël, vip",
        "last_order_name": "#1002",
        "currency": "EUR",
        "phone": "+12125550100",
        "addresses": [],
        "tax_exemptions": [],
        "email_marketing_consent": {
            "state": "subscribed",
            "opt_in_level": "single_opt_in",
            "consent_updated_at": "2024-01-14T12:05:00-05:00",
        },
        "sms_marketing_consent": {
            "state": "not_subscribed",
            "opt_in_level": "single_opt_in",
            "consent_updated_at": None,
            "consent_collected_from": "OTHER",
        },
        "admin_graphql_api_id": f"gid://shopify/Customer/{FIRST_ID + 1}",
        "default_address": default,
    }
    assert record["addresses"][0] == default
    assert (other["default"], other["company"], other["phone"]) == (False, None, "+12125550101")
    assert (other["address1"], other["province"], other["province_code"], other["country_code"]) == (
        None,
        None,
        None,
        "UA",
    )


def test_a_customer_with_next_to_nothing() -> None:
    record = customer(BEN)
    names = ("email", "first_name", "phone", "last_order_id", "last_order_name")
    assert {name: record[name] for name in names} == dict.fromkeys(names)
    assert (record["email_marketing_consent"], record["sms_marketing_consent"]) == (None, None)
    assert (record["state"], record["tags"], record["total_spent"], record["orders_count"]) == (
        "disabled",
        "",
        "0.00",
        0,
    )
    assert record["addresses"] == []
    assert "default_address" not in record


def test_who_did_not_agree_is_not_subscribed() -> None:
    consent = customer(replace(ANA, accepts_marketing=False))["email_marketing_consent"]
    assert consent == {"state": "not_subscribed", "opt_in_level": "single_opt_in", "consent_updated_at": None}


def test_an_address_without_person_has_an_empty_name() -> None:
    address = customer(replace(ANA, first_name="", last_name=""))["default_address"]
    assert (address["first_name"], address["last_name"], address["name"]) == (None, None, "")


def test_at_most_ten_addresses_are_shown() -> None:
    record = customer(replace(ANA, addresses=(HOME,) * 12))
    assert [address["id"] for address in record["addresses"]] == [9_000_000_000_100 + index for index in range(10)]
    assert record["default_address"] == record["addresses"][0]


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


def test_the_offset_changes_with_daylight_saving_inside_one_list(crowd: httpx.Client) -> None:
    records = all_records(crowd)
    offsets = {datetime.fromisoformat(record["created_at"]).utcoffset() for record in records}
    assert offsets == {timedelta(hours=-5), timedelta(hours=-4)}
    people = {person.number: person for person in invent_people(137)}
    for record in records:
        person = people[record["id"] - FIRST_ID]
        assert datetime.fromisoformat(record["created_at"]) == person.created_at
        assert datetime.fromisoformat(record["updated_at"]) == person.updated_at


def test_the_graphql_store_knows_the_same_customers() -> None:
    people = (*invent_people(137), replace(NOBODY, number=138))
    graphql = open_client(shopify.create_app(Store.of(people)), TOKEN)
    selection = "legacyResourceId email phone state numberOfOrders defaultAddress { company phone }"
    query = f"{{ customers(first: 138) {{ nodes {{ {selection} }} }} }}"
    nodes = graphql.post(f"{shopify.API_ROOT}/graphql.json", json={"query": query}).json()["data"]["customers"]["nodes"]
    ours = all_records(open_client(create_app(Store.of(people)), TOKEN))
    assert len(ours) == len(nodes) == len(people) - 1
    for record, node in zip(reversed(ours), nodes, strict=True):
        address, theirs = record.get("default_address"), node["defaultAddress"]
        assert str(record["id"]) == node["legacyResourceId"]
        assert (record["email"], record["phone"]) == (node["email"], node["phone"])
        assert record["state"] == node["state"].lower()
        assert str(record["orders_count"]) == node["numberOfOrders"]
        assert (address is None) == (theirs is None)
        if address is not None:
            assert (address["company"], address["phone"] or None) == (theirs["company"], theirs["phone"])


# ----------------------------------------------------------------------------------------------- fixtures


@needs_shared
def test_a_customer_has_the_documented_keys_in_the_documented_order() -> None:
    theirs = fixture("rest_customer_get_docs")["customer"]
    ours = customer(ANA)
    assert list(ours) == list(theirs)
    assert list(ours["default_address"]) == list(theirs["default_address"])
    assert [list(address) for address in ours["addresses"]] == [list(theirs["addresses"][0])] * 2
    assert list(ours["email_marketing_consent"]) == list(theirs["email_marketing_consent"])
    assert list(ours["sms_marketing_consent"]) == list(theirs["sms_marketing_consent"])


@needs_shared
def test_a_customer_without_an_address_has_the_documented_keys() -> None:
    four = fixture("rest_customers_list_four_2026_01_docs")["customers"]
    theirs = next(record for record in four if not record["addresses"])
    assert set(customer(BEN)) == set(theirs)
    assert type(customer(BEN)["sms_marketing_consent"]) is type(theirs["sms_marketing_consent"])


@needs_shared
def test_an_order_has_no_key_that_is_not_documented(api: httpx.Client) -> None:
    theirs = fixture("rest_customer_orders_docs")["orders"][0]
    ours = api.get(f"{API_ROOT}/customers/{FIRST_ID + 1}/orders.json?status=any").json()["orders"][0]
    assert set(ours) <= set(theirs)
    assert set(ours["customer"]) == set(theirs["customer"])
    assert set(ours["total_price_set"]["shop_money"]) == set(theirs["total_price_set"]["shop_money"])
