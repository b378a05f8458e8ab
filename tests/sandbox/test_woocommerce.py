from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from truto_unify.sandbox.people import Person, invent_people
from truto_unify.sandbox.store import PlannedFailure, Store
from truto_unify.sandbox.woocommerce.app import API_ROOT, create_app

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.applications import Starlette

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
RECORDINGS = SHARED / "recordings" / "woocommerce"
KEY = ("ck_sandbox", "cs_sandbox")
PEOPLE = invent_people()
CUSTOMERS = [person for person in PEOPLE if person.email]

needs_recordings = pytest.mark.skipif(
    not RECORDINGS.is_dir(), reason="shared/recordings/woocommerce is not beside this checkout"
)

# What no two servers have alike, or what the server in front adds.
SERVER_HEADERS = {"host", "date", "connection", "x-powered-by", "content-length"}


def recorded(name: str) -> dict[str, Any]:
    exchange: dict[str, Any] = json.loads((RECORDINGS / f"{name}.json").read_text(encoding="utf-8"))
    return exchange


@dataclass(frozen=True)
class Shop:
    app: Starlette
    auth: tuple[str, str] | None

    def get(self, path: str, params: dict[str, str] | None = None, **headers: str) -> httpx.Response:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.send("GET", path, params=params, headers=names)

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        async def answer() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(
                transport=transport, base_url="https://shop.example.test", auth=self.auth
            ) as client:
                return await client.request(method, path, **options)

        return asyncio.run(answer())


def shop(store: Store | None = None, auth: tuple[str, str] | None = KEY) -> Shop:
    return Shop(create_app(store or Store.of(PEOPLE)), auth)


def listed_ids(path: str, people: tuple[Person, ...] = PEOPLE) -> list[int]:
    answer = shop(Store.of(people)).get(API_ROOT + path)
    assert answer.status_code == 200, answer.text
    return [record["id"] for record in answer.json()]


def shape(value: object) -> object:
    """The keys at every level, and the kind of each value."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value[:1]]
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def pick(condition: Callable[[Person], bool]) -> Person:
    return next(person for person in CUSTOMERS if condition(person))


def get_customer(person: Person) -> dict[str, Any]:
    answer = shop(Store.of([person])).get(f"{API_ROOT}/customers/{person.number + 1}")
    record: dict[str, Any] = answer.json()
    return record


# ------------------------------------------------------------------------------------------ recordings


@needs_recordings
@pytest.mark.parametrize(
    ("name", "auth"),
    [
        ("029-err-404-id", KEY),
        ("031-err-404-route", KEY),
        ("034-err-400-per-page-high", KEY),
        ("038-err-400-orderby", KEY),
        ("040-err-400-email", KEY),
        ("043-err-401-nothing", None),
        ("045-err-401-bad-secret", ("ck_sandbox", "cs_other")),
        ("012-list-email-none", KEY),
    ],
)
def test_status_headers_and_body_are_the_recorded_ones(name: str, auth: tuple[str, str] | None) -> None:
    exchange = recorded(name)
    answer = shop(auth=auth).get(exchange["request"]["path"])
    assert answer.status_code == exchange["response"]["status"]
    assert answer.text == exchange["response"]["body"]
    expected = {(name.lower(), value) for name, value in exchange["response"]["headers"]}
    ours = {(name, value) for name, value in answer.headers.items() if name not in SERVER_HEADERS}
    assert ours == {(name, value) for name, value in expected if name not in SERVER_HEADERS}


@needs_recordings
@pytest.mark.parametrize(
    "name",
    [
        "001-list-default",
        "003-list-100-page2",
        "005-list-100-page4",
        "007-list-registered-desc",
        "011-list-email",
        "021-get-2",
        "026-get-admin",
        "064-orders-list",
        "068-customers-modified-after-ignored",
    ],
)
def test_the_same_headers_are_sent_as_recorded(name: str) -> None:
    exchange = recorded(name)
    people = (replace(PEOPLE[0], email="buyer0007@example.com"), *invent_people(300)[1:])
    answer = shop(Store.of(people)).get(exchange["request"]["path"])
    expected = [name.lower() for name, _ in exchange["response"]["headers"]]
    assert set(answer.headers) - SERVER_HEADERS == set(expected) - SERVER_HEADERS


@needs_recordings
@pytest.mark.parametrize(
    ("name", "number"),
    [("021-get-2", None), ("023-get-4", None), ("026-get-admin", 0), ("001-list-default", None)],
)
def test_a_record_has_the_recorded_keys_in_the_recorded_order(name: str, number: int | None) -> None:
    body = recorded(name)["response"]["json"]
    theirs = body[0] if isinstance(body, list) else body
    person = pick(lambda p: bool(p.orders) and not p.tags and p.updated_at > p.created_at)
    user = person.number + 1 if number is None else number + 1
    ours = shop().get(f"{API_ROOT}/customers/{user}").json()
    assert shape(ours) == shape(theirs)
    assert list(ours) == list(theirs)
    assert list(ours["billing"]) == list(theirs["billing"])
    assert list(ours["shipping"]) == list(theirs["shipping"])


@needs_recordings
def test_the_administrator_equals_the_recording_except_for_the_time() -> None:
    theirs = recorded("026-get-admin")["response"]["json"]
    ours = shop().get(f"{API_ROOT}/customers/1").json()
    times = {"date_created", "date_created_gmt"}
    assert {key: ours[key] for key in ours if key not in times} == {
        key: theirs[key] for key in theirs if key not in times
    }


@needs_recordings
@pytest.mark.parametrize("status", ["pending", "completed"])
def test_an_order_has_the_recorded_keys_in_the_recorded_order(status: str) -> None:
    theirs = next(o for o in recorded("064-orders-list")["response"]["json"] if o["status"] == status)
    ours = shop().get(f"{API_ROOT}/orders?status={status}").json()[0]
    assert shape(ours) == shape(theirs)
    assert list(ours) == list(theirs)
    assert list(ours["billing"]) == list(theirs["billing"])
    assert list(ours["shipping"]) == list(theirs["shipping"])


@needs_recordings
@pytest.mark.parametrize(
    ("name", "customers", "orders"),
    [
        ("003-list-100-page2", 250, 0),
        ("004-list-100-page3", 250, 0),
        ("005-list-100-page4", 250, 0),
        ("007-list-registered-desc", 250, 0),
        ("068-customers-modified-after-ignored", 251, 0),
        ("064-orders-list", 20, 20),
    ],
)
def test_totals_and_page_links_are_the_recorded_ones(name: str, customers: int, orders: int) -> None:
    exchange = recorded(name)
    order = PEOPLE[2].orders[0]
    people = [
        replace(person, orders=(replace(order, number=person.number),) if place < orders else ())
        for place, person in enumerate(p for p in invent_people(300) if p.email)
    ][:customers]
    answer = shop(Store.of(people)).get(exchange["request"]["path"])
    theirs = dict(exchange["response"]["headers"])
    for header in ("X-WP-Total", "X-WP-TotalPages", "Link"):
        assert answer.headers[header] == theirs[header]


# --------------------------------------------------------------------------------------------- access


@pytest.mark.parametrize(
    ("auth", "status", "code"),
    [
        (None, 401, "woocommerce_rest_cannot_view"),
        (("ck_unknown", "cs_sandbox"), 401, "woocommerce_rest_cannot_view"),
        (("ck_sandbox", ""), 401, "woocommerce_rest_cannot_view"),
        (("ck_sandbox", "cs_wrong"), 401, "woocommerce_rest_authentication_error"),
    ],
)
def test_wrong_credentials_are_refused(auth: tuple[str, str] | None, status: int, code: str) -> None:
    answer = shop(auth=auth).get(f"{API_ROOT}/customers")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["vary"] == "Origin"


@pytest.mark.parametrize("header", ["Bearer ck_sandbox", "Basic !!!", "Basic /w==", "Basic"])
def test_an_unreadable_authorization_counts_as_missing(header: str) -> None:
    answer = shop(auth=None).get(f"{API_ROOT}/customers", authorization=header)
    assert answer.json()["code"] == "woocommerce_rest_cannot_view"


def test_the_key_may_stand_in_the_query() -> None:
    query = "?consumer_key=ck_sandbox&consumer_secret=cs_sandbox&per_page=1"
    answer = shop(auth=None).get(f"{API_ROOT}/customers{query}")
    assert answer.status_code == 200
    assert answer.links["next"]["url"].endswith(f"{query}&page=2")


def test_one_customer_needs_a_key_too() -> None:
    answer = shop(auth=None).get(f"{API_ROOT}/customers/2")
    assert answer.json() == {
        "code": "woocommerce_rest_cannot_view",
        "message": "Sorry, you cannot view this resource.",
        "data": {"status": 401},
    }


def test_bad_parameters_are_seen_before_a_missing_key() -> None:
    answer = shop(auth=None).get(f"{API_ROOT}/customers?page=0")
    assert answer.status_code == 400
    assert "allow" not in answer.headers


def test_the_key_may_not_write() -> None:
    answer = shop().send("POST", f"{API_ROOT}/customers", json={"email": "new@example.com"})
    assert (answer.status_code, answer.json()["code"]) == (401, "woocommerce_rest_authentication_error")


def test_requests_are_noted_and_faults_come_first() -> None:
    store = Store.of(PEOPLE)
    store.failures.append(PlannedFailure(503, (("Retry-After", "600"),), b'{"code":"wp_die"}'))
    client = shop(store, auth=None)
    broken = client.get(f"{API_ROOT}/customers?page=2", x_test="yes")
    assert (broken.status_code, broken.headers["retry-after"], broken.json()) == (
        503,
        "600",
        {"code": "wp_die"},
    )
    assert client.get(f"{API_ROOT}/customers").status_code == 401
    seen = store.requests[0]
    assert (seen.method, seen.path, seen.query) == ("GET", f"{API_ROOT}/customers", (("page", "2"),))
    assert ("x-test", "yes") in seen.headers
    assert len(store.requests) == 2


@pytest.mark.parametrize("path", ["/wp-json/wc/v3/nosuch", "/wp-json/wc/v3/customers/abc", "/"])
def test_an_unknown_route_is_not_found(path: str) -> None:
    answer = shop().get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "rest_no_route")


# ------------------------------------------------------------------------------------------- parameters


@pytest.mark.parametrize(
    ("query", "text", "code"),
    [
        (
            "per_page=0",
            "per_page must be between 1 (inclusive) and 100 (inclusive)",
            "rest_out_of_bounds",
        ),
        ("per_page=ten", "per_page is not of type integer.", "rest_invalid_type"),
        ("page=0", "page must be greater than or equal to 1", "rest_out_of_bounds"),
        ("page=", "page is not of type integer.", "rest_invalid_type"),
        ("order=up", "order is not one of asc and desc.", "rest_not_in_enum"),
        ("email=", "Invalid email address.", "rest_invalid_email"),
        ("email=a@b", "Invalid email address.", "rest_invalid_email"),
        ("include=2,x", "include[1] is not of type integer.", "rest_invalid_type"),
        ("exclude[]=y", "exclude[0] is not of type integer.", "rest_invalid_type"),
        ("offset=1.5", "offset is not of type integer.", "rest_invalid_type"),
    ],
)
def test_a_bad_parameter_is_refused(query: str, text: str, code: str) -> None:
    name = query.partition("=")[0].removesuffix("[]")
    answer = shop().get(f"{API_ROOT}/customers?{query}")
    body = answer.json()
    assert answer.status_code == 400
    assert (body["code"], body["message"]) == ("rest_invalid_param", f"Invalid parameter(s): {name}")
    assert body["data"]["params"] == {name: text}
    assert body["data"]["details"][name]["code"] == code


def test_all_bad_parameters_are_reported_at_once() -> None:
    body = shop().get(f"{API_ROOT}/customers?orderby=x&page=0&role=owner").json()
    assert body["message"] == "Invalid parameter(s): page, orderby, role"


@pytest.mark.parametrize("query", ["after=2099-01-01T00:00:00", "modified_after=nonsense", "first_name=Ana"])
def test_parameters_that_do_not_exist_are_ignored(query: str) -> None:
    answer = shop().get(f"{API_ROOT}/customers?{query}")
    assert answer.headers["x-wp-total"] == str(len(CUSTOMERS))


def test_people_without_an_email_are_no_customers() -> None:
    ids = listed_ids("/customers?per_page=100&orderby=id") + listed_ids("/customers?per_page=100&page=2&orderby=id")
    assert ids == [person.number + 1 for person in CUSTOMERS]


def test_the_default_order_is_by_display_name() -> None:
    records = shop().get(f"{API_ROOT}/customers?per_page=100").json()
    names = [f"{r['first_name']} {r['last_name']}".strip() or r["username"] for r in records]
    assert [r["id"] for r in records] != sorted(r["id"] for r in records)
    plain = [name.casefold() for name in names if name.isascii()]
    assert plain == sorted(plain)


@pytest.mark.parametrize(("order", "sign"), [("asc", 1), ("desc", -1)])
def test_registered_date_sorts_by_creation_with_ties_by_id(order: str, sign: int) -> None:
    expected = sorted(CUSTOMERS, key=lambda p: (sign * p.created_at.timestamp(), p.number))
    ids = listed_ids(f"/customers?orderby=registered_date&order={order}&per_page=100")
    assert ids == [person.number + 1 for person in expected][:100]


def test_offset_overrides_page() -> None:
    everybody = listed_ids("/customers?per_page=100&orderby=id")
    assert listed_ids("/customers?per_page=5&orderby=id&offset=7&page=3") == everybody[7:12]


def test_include_comes_before_exclude_and_can_be_the_order() -> None:
    assert listed_ids("/customers?include=9,3,5&orderby=include") == [9, 3, 5]
    assert listed_ids("/customers?include[]=9&include[]=3&exclude=3&orderby=id") == [3, 9]
    assert 3 not in listed_ids("/customers?exclude=3&per_page=100&orderby=id")


def test_a_list_parameter_is_written_out_in_links() -> None:
    answer = shop().get(f"{API_ROOT}/customers?include=9,3,5&per_page=1&page=2&foo[]=a")
    assert answer.links["next"]["url"].partition("?")[2] == (
        "include%5B0%5D=9&include%5B1%5D=3&include%5B2%5D=5&per_page=1&page=3&foo%5B0%5D=a"
    )


def test_email_means_the_account_email_and_ignores_case() -> None:
    person = replace(PEOPLE[0], email="ana+shop1@example.com", second_email="billing1@example.net")
    client = shop(Store.of([person]))
    body = client.get(f"{API_ROOT}/customers", params={"email": person.email.upper()}).json()
    assert [record["id"] for record in body] == [person.number + 1]
    assert client.get(f"{API_ROOT}/customers", params={"email": person.second_email}).json() == []
    assert client.get(f"{API_ROOT}/customers", params={"email": person.email[1:]}).json() == []


@pytest.mark.parametrize(
    ("search", "expected"),
    [("zoe tester", [2]), ("ZOË", [2]), ("4711@example", [2]), ("Kowalska", []), ("4711", [2]), ("3", [3])],
)
def test_search_looks_at_login_email_and_display_name(search: str, expected: list[int]) -> None:
    people = (
        replace(PEOPLE[0], first_name="Zoë", last_name="Tester", email="zt4711@example.com"),
        replace(PEOPLE[1], first_name="Ana", last_name="", email="ana@example.com"),
    )
    answer = shop(Store.of(people)).get(f"{API_ROOT}/customers", params={"search": search})
    assert [record["id"] for record in answer.json()] == expected


@pytest.mark.parametrize(
    ("role", "total"),
    [("all", len(CUSTOMERS) + 1), ("customer", len(CUSTOMERS)), ("administrator", 1), ("editor", 0)],
)
def test_role_chooses_the_kind_of_user(role: str, total: int) -> None:
    assert shop().get(f"{API_ROOT}/customers?role={role}").headers["x-wp-total"] == str(total)


# ---------------------------------------------------------------------------------------------- records


def test_times_are_in_the_site_zone_and_their_twins_in_utc() -> None:
    summer = pick(lambda p: p.created_at.month == 7)
    record = get_customer(summer)
    assert record["date_created_gmt"] == summer.created_at.strftime("%Y-%m-%dT%H:%M:%S")
    local = summer.created_at.replace(hour=(summer.created_at.hour + 2) % 24)
    assert record["date_created"][11:] == local.strftime("%H:%M:%S")


def test_an_untouched_person_has_no_time_of_change() -> None:
    record = get_customer(pick(lambda p: p.updated_at == p.created_at))
    assert (record["date_modified"], record["date_modified_gmt"]) == (None, None)


def test_the_phone_carries_its_extension() -> None:
    person = pick(lambda p: bool(p.phone_extension))
    assert get_customer(person)["billing"]["phone"] == f"{person.phone} x{person.phone_extension}"


def test_an_extension_on_the_address_phone_only_is_kept() -> None:
    person = pick(lambda p: not p.phone and any(" x" in address.phone for address in p.addresses))
    assert get_customer(person)["billing"]["phone"] == person.addresses[0].phone


def test_only_two_addresses_fit() -> None:
    person = pick(lambda p: len(p.addresses) == 12)
    record = get_customer(person)
    assert record["billing"]["address_1"] == person.addresses[0].street_1
    assert record["shipping"]["address_1"] == person.addresses[1].street_1
    assert record["shipping"]["phone"] == person.addresses[1].phone


def test_a_second_email_becomes_the_billing_email() -> None:
    person = pick(lambda p: bool(p.second_email))
    assert get_customer(person)["billing"]["email"] == person.second_email
    assert get_customer(pick(lambda p: not p.second_email))["billing"]["email"] == ""


def test_a_person_with_nothing_has_blank_addresses() -> None:
    bare = replace(CUSTOMERS[0], phone="", company="", second_email="", addresses=(), phone_extension="")
    record = get_customer(bare)
    assert set(record["billing"].values()) == {""}
    assert set(record["shipping"].values()) == {""}
    assert len(record["billing"]) == 11
    assert len(record["shipping"]) == 10


def test_a_company_needs_no_address() -> None:
    person = replace(CUSTOMERS[0], company="Acme", addresses=())
    billing = get_customer(person)["billing"]
    assert (billing["company"], billing["first_name"]) == ("Acme", person.first_name)


# ----------------------------------------------------------------------------------------------- orders


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
