"""The pretend BigCommerce store behaves as the vendor's documentation and recorded answers say."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from tests.sandbox.in_process import Clock, open_client
from tests.shared_material import SHARED, needs_shared
from truto_unify.sandbox.bigcommerce.app import ACCOUNT, API_ROOT, NARROW_TOKEN, create_app
from truto_unify.sandbox.people import Person, PostalAddress, PurchaseOrder, invent_people
from truto_unify.sandbox.store import PlannedFailure, Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

TOKEN = ACCOUNT["credentials"]["access_token"]
HEADERS = {"X-Auth-Token": TOKEN, "Accept": "application/json"}
CUSTOMERS = f"{API_ROOT}/customers"
ADDRESSES = f"{API_ROOT}/customers/addresses"
ORDERS = "/stores/sandboxhash/v2/orders"

MAY = datetime(2024, 5, 14, 9, 34, tzinfo=UTC)
ANA = Person(
    number=1,
    first_name="Ana",
    last_name="Ruiz",
    email="Ana@example.test",
    phone="+12125550100",
    phone_extension="77",
    company="Ruiz, Sons",
    currency="EUR",
    is_active=True,
    accepts_marketing=True,
    created_at=MAY,
    updated_at=MAY.replace(month=6),
    addresses=(
        PostalAddress(
            kind="billing",
            street_1="1 Main St",
            city="Austin",
            state_code="TX",
            state_name="Texas",
            postal_code="78701",
            country_code="US",
            country_name="United States",
            company="Ruiz",
        ),
        PostalAddress(kind="shipping", street_1="2 Side St", city="Kyiv", country_code="UA"),
    ),
    orders=(PurchaseOrder(number=1001, status="paid", total_minor=10905, created_at=MAY),),
)
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


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(clock: Clock) -> Store:
    return Store.of([ANA, BEN, NAMELESS, MAILLESS], clock=clock)


@pytest.fixture
def api(store: Store) -> httpx.Client:
    return open_client(create_app(store), HEADERS)


@pytest.fixture
def crowd() -> httpx.Client:
    return open_client(create_app(Store.of(invent_people(137))), HEADERS)


def fixture(name: str) -> Any:
    return json.loads((SHARED / "fixtures" / "bigcommerce" / f"{name}.json").read_text(encoding="utf-8"))


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


# ------------------------------------------------------------------------------------------------ access


def test_people_without_email_or_name_are_left_out(api: httpx.Client) -> None:
    assert ids(api, "") == [102, 101]


def test_every_request_is_recorded_and_faults_come_first(store: Store, api: httpx.Client) -> None:
    store.failures.append(PlannedFailure(503, (("X-Note", "planted"),), b"down"))
    broken = api.get(CUSTOMERS, headers={"X-Auth-Token": "wrong"})
    assert (broken.status_code, broken.text, broken.headers["x-note"]) == (503, "down", "planted")
    assert "x-rate-limit-requests-left" not in broken.headers
    assert api.get(f"{API_ROOT}/nothing").status_code == 404
    assert [request.path for request in store.requests] == [CUSTOMERS, f"{API_ROOT}/nothing"]


def test_works_below_a_mount_point(store: Store) -> None:
    client = open_client(Starlette(routes=[Mount("/bigcommerce", create_app(store))]), HEADERS)
    assert client.get(f"/bigcommerce{CUSTOMERS}").status_code == 200
    assert client.get(f"/bigcommerce{ORDERS}?id=1").json()[0]["status"] == 400


@pytest.mark.parametrize(
    ("token", "status", "title"),
    [
        ("", 401, "Unauthorized"),
        ("wrong", 401, "Unauthorized"),
        (NARROW_TOKEN, 403, "You don't have a required scope to access the endpoint"),
    ],
)
def test_tokens(api: httpx.Client, token: str, status: int, title: str) -> None:
    answer = api.get(CUSTOMERS, headers={"X-Auth-Token": token})
    assert (answer.status_code, answer.json()["status"], answer.json()["title"]) == (status, status, title)
    old = api.get(ORDERS, headers={"X-Auth-Token": token})
    assert (old.status_code, old.json()) == (status, [{"status": status, "message": title}])


def test_another_store_is_answered_in_html(api: httpx.Client) -> None:
    answer = api.get("/stores/other/v3/customers")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")


@needs_shared
def test_errors_look_like_the_reported_ones(api: httpx.Client) -> None:
    assert api.get(f"{CUSTOMERS}/101").json() == fixture("v3_error_404_reported")
    narrow = api.get(CUSTOMERS, headers={"X-Auth-Token": NARROW_TOKEN})
    assert narrow.json() == fixture("v3_error_403_scope_reported")
    assert api.get(f"{ORDERS}?limit=500").json() == fixture("v2_error_413_limit_reported")
    invalid = api.get(f"{CUSTOMERS}?id:in=x").json()
    assert invalid.keys() == fixture("v3_error_422_missing_fields_docs").keys()


def test_other_methods_are_refused(api: httpx.Client) -> None:
    answer = api.post(CUSTOMERS, json=[])
    assert (answer.status_code, answer.json()["title"]) == (405, "Method not allowed")


# ------------------------------------------------------------------------------------------------ rate limit


def test_rate_headers_and_429(api: httpx.Client, clock: Clock) -> None:
    first = api.get(CUSTOMERS)
    assert first.headers["X-Rate-Limit-Requests-Left"] == "149"
    assert first.headers["X-Rate-Limit-Requests-Quota"] == "150"
    assert first.headers["X-Rate-Limit-Time-Reset-Ms"] == "30000"
    assert first.headers["X-Rate-Limit-Time-Window-Ms"] == "30000"
    clock.now += 29.5
    assert {api.get(CUSTOMERS).status_code for _ in range(149)} == {200}
    late = api.get(CUSTOMERS)
    assert (late.status_code, late.json()["title"]) == (429, "Too many requests")
    assert late.headers["X-Rate-Limit-Time-Reset-Ms"] == "500"
    clock.now += 0.5
    assert api.get(CUSTOMERS).status_code == 200


# ------------------------------------------------------------------------------------------------ filters


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


# ------------------------------------------------------------------------------------------------ paging


@pytest.mark.parametrize("query", ["limit=7", "limit=7&sort=last_name:asc", "limit=7&sort=date_created:desc"])
@pytest.mark.parametrize("block", ["pagination", "cursor_pagination"])
def test_paging_loses_and_repeats_nothing(crowd: httpx.Client, query: str, block: str) -> None:
    paged = [record for page in follow(crowd, query, block) for record in page]
    assert paged == ids(crowd, query.replace("limit=7", "limit=250"))
    assert len(set(paged)) == len(paged) == 129


def test_links_keep_the_filters_as_they_were_sent(crowd: httpx.Client) -> None:
    query = "limit=7&date_created:min=2024-01-01T00:00:00&name:like=a"
    paged = [record for page in follow(crowd, query, "cursor_pagination") for record in page]
    assert paged == ids(crowd, query.replace("limit=7", "limit=250"))


def test_meta_of_each_kind_of_page(crowd: httpx.Client) -> None:
    first = crowd.get(f"{CUSTOMERS}?limit=50").json()["meta"]
    pagination, cursors = first["pagination"], first["cursor_pagination"]
    assert pagination == {
        "total": 129,
        "count": 50,
        "per_page": 50,
        "current_page": 1,
        "total_pages": 3,
        "links": {"current": "?limit=50&page=1", "next": "?limit=50&page=2"},
    }
    assert cursors["links"] == {"next": f"?limit=50&after={cursors['end_cursor']}"}
    second = crowd.get(f"{CUSTOMERS}?page=2").json()["meta"]
    assert second.keys() == {"pagination"}
    assert second["pagination"]["links"].keys() == {"previous", "current", "next"}
    last = crowd.get(f"{CUSTOMERS}?page=3").json()["meta"]["pagination"]
    assert (last["count"], last["links"].keys()) == (29, {"previous", "current"})
    after = crowd.get(f"{CUSTOMERS}?page=9&limit=200&after={cursors['end_cursor']}").json()["meta"]
    assert after.keys() == {"cursor_pagination"}
    assert after["cursor_pagination"]["count"] == 79
    assert after["cursor_pagination"]["end_cursor"]
    assert after["cursor_pagination"]["links"].keys() == {"previous"}


def test_before_reads_backwards(crowd: httpx.Client) -> None:
    pages = list(follow(crowd, "limit=50", "cursor_pagination"))
    cursor = crowd.get(f"{CUSTOMERS}?limit=50&page=1").json()["meta"]["cursor_pagination"]["end_cursor"]
    second = crowd.get(f"{CUSTOMERS}?limit=50&after={cursor}").json()
    back = crowd.get(f"{CUSTOMERS}{second['meta']['cursor_pagination']['links']['previous']}").json()
    assert [record["id"] for record in back["data"]] == pages[0]
    assert back["meta"]["cursor_pagination"]["links"].keys() == {"next"}


def test_after_goes_on_when_the_cursor_record_is_gone(store: Store, api: httpx.Client) -> None:
    cursor = api.get(f"{CUSTOMERS}?limit=1").json()["meta"]["cursor_pagination"]["end_cursor"]
    store.people.remove(BEN)
    assert ids(api, f"after={cursor}") == [101]
    store.people.remove(ANA)
    nothing = api.get(f"{CUSTOMERS}?after={cursor}").json()
    assert nothing == {"data": [], "meta": {"cursor_pagination": {"count": 0, "per_page": 50, "links": {}}}}


@needs_shared
def test_an_empty_list_equals_the_recording(api: httpx.Client) -> None:
    assert api.get(f"{CUSTOMERS}?id:in=5&page=1").json() == fixture("v3_customers_list_empty_recorded")


@needs_shared
def test_one_page_has_the_recorded_meta(api: httpx.Client) -> None:
    recorded, ours = fixture("v3_customers_list_recorded")["meta"], api.get(CUSTOMERS).json()["meta"]
    cursors = {"start_cursor": "eyJpZCI6MTAyfQ", "end_cursor": "eyJpZCI6MTAxfQ"}
    assert ours["pagination"] == recorded["pagination"]
    assert ours["cursor_pagination"] == recorded["cursor_pagination"] | cursors


# ------------------------------------------------------------------------------------------------ records


@needs_shared
def test_customer_keys_and_their_order(api: httpx.Client) -> None:
    ours = api.get(f"{CUSTOMERS}?include=addresses&id:in=101").json()["data"][0]
    documented = fixture("v3_customer_id23_two_addresses_docs")["data"][0]
    newer = fixture("v3_customers_list_recorded")["data"][0]
    assert list(ours["addresses"][0]) == list(documented["addresses"][0])
    assert list(ours) == [*documented, *(name for name in newer if name not in documented)]
    assert list(api.get(CUSTOMERS).json()["data"][0]) == list(newer)


def test_customer_values(api: httpx.Client) -> None:
    ana = api.get(f"{CUSTOMERS}?include=addresses&id:in=101").json()["data"][0]
    assert (ana["company"], ana["phone"]) == ("Ruiz, Sons", "+12125550100 x77")
    assert (ana["date_created"], ana["date_modified"]) == ("2024-05-14T09:34:00Z", "2024-06-14T09:34:00Z")
    first, second = ana["addresses"]
    assert (first["state_or_province"], first["country"], first["country_code"]) == (
        "Texas",
        "United States",
        "US",
    )
    assert (first["address_type"], second["address_type"]) == ("commercial", "residential")
    assert (second["address2"], second["postal_code"], second["company"]) == ("", "", "")


def test_included_addresses_stop_at_ten(api: httpx.Client) -> None:
    ben = api.get(f"{CUSTOMERS}?include=addresses&id:in=102").json()["data"][0]
    assert (ben["address_count"], len(ben["addresses"])) == (12, 10)
    assert len(ids(api, "customer_id:in=102", ADDRESSES)) == 12


def test_other_includes(api: httpx.Client) -> None:
    query = "include=storecredit,attributes,formfields,shopper_profile_id,segment_ids,addresses&id:in=101"
    record = api.get(f"{CUSTOMERS}?{query}").json()["data"][0]
    assert (record["store_credit_amounts"], record["attributes"], record["form_fields"]) == (
        [{"amount": 0}],
        [],
        [],
    )
    assert record["addresses"][0]["form_fields"] == []
    assert record["segment_ids"] == []


# ------------------------------------------------------------------------------------------------ addresses


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("customer_id:in=101", [1002, 1001]),
        ("customer_id:in=101,999&id:in=1001,2001", [1001]),
        ("company:in=ruiz", [1001]),
        ("name:in=Ana%20Ruiz", [1002, 1001]),
        ("include=formfields&id:in=2012", [2012]),
    ],
)
def test_address_filters(api: httpx.Client, query: str, expected: list[int]) -> None:
    assert ids(api, query, ADDRESSES) == expected


@needs_shared
def test_addresses_look_like_the_recorded_ones(api: httpx.Client) -> None:
    ours, recorded = api.get(f"{ADDRESSES}?id:in=1001").json(), fixture("v3_addresses_list_recorded")
    assert ours["meta"] == recorded["meta"]
    assert list(ours["data"][0]) == list(recorded["data"][0])


def test_addresses_know_pages_only(crowd: httpx.Client) -> None:
    paged = [record for page in follow(crowd, "limit=11", "pagination", ADDRESSES) for record in page]
    assert paged == ids(crowd, "limit=250", ADDRESSES)
    assert len(set(paged)) == len(paged)
    assert crowd.get(f"{ADDRESSES}?after=eyJpZCI6MX0").status_code == 422
    assert crowd.get(f"{ADDRESSES}?include=addresses").status_code == 422
    assert crowd.get(f"{ADDRESSES}?customer_id=1").status_code == 422


# ------------------------------------------------------------------------------------------------ orders


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
    recorded = fixture("v2_order_get_recorded")
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
