"""Tokens, errors and the rate limit of the pretend BigCommerce store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from tests.sandbox.bigcommerce.shop import CUSTOMERS, HEADERS, ORDERS, ids
from tests.sandbox.in_process import Clock, open_client
from tests.shared_material import needs_shared, read_payload
from truto_unify.sandbox.bigcommerce.app import API_ROOT, NARROW_TOKEN, create_app
from truto_unify.sandbox.store import PlannedFailure, Store

if TYPE_CHECKING:
    import httpx


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
    assert api.get(f"{CUSTOMERS}/101").json() == read_payload("bigcommerce", "v3_error_404_reported")
    narrow = api.get(CUSTOMERS, headers={"X-Auth-Token": NARROW_TOKEN})
    assert narrow.json() == read_payload("bigcommerce", "v3_error_403_scope_reported")
    assert api.get(f"{ORDERS}?limit=500").json() == read_payload("bigcommerce", "v2_error_413_limit_reported")
    invalid = api.get(f"{CUSTOMERS}?id:in=x").json()
    assert invalid.keys() == read_payload("bigcommerce", "v3_error_422_missing_fields_docs").keys()


def test_other_methods_are_refused(api: httpx.Client) -> None:
    answer = api.post(CUSTOMERS, json=[])
    assert (answer.status_code, answer.json()["title"]) == (405, "Method not allowed")


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
