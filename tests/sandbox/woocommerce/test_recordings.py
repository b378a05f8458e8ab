"""The pretend WooCommerce shop answers as a real shop did when it was recorded."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.sandbox.woocommerce.shop import KEY, PEOPLE, SERVER_HEADERS, needs_recordings, pick, recorded, shape, shop
from truto_unify.sandbox.people import invent_people
from truto_unify.sandbox.store import Store
from truto_unify.sandbox.woocommerce.app import API_ROOT


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
