"""Keys, routes and planned failures of the pretend WooCommerce shop."""

from __future__ import annotations

import pytest

from tests.sandbox.woocommerce.shop import PEOPLE, shop
from truto_unify.sandbox.store import PlannedFailure, Store
from truto_unify.sandbox.woocommerce.app import API_ROOT


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
    answer = shop(auth=None).get(f"{API_ROOT}/customers", headers={"Authorization": header})
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
    answer = shop().post(f"{API_ROOT}/customers", json={"email": "new@example.com"})
    assert (answer.status_code, answer.json()["code"]) == (401, "woocommerce_rest_authentication_error")


def test_requests_are_noted_and_faults_come_first() -> None:
    store = Store.of(PEOPLE)
    store.failures.append(PlannedFailure(503, (("Retry-After", "600"),), b'{"code":"wp_die"}'))
    client = shop(store, auth=None)
    broken = client.get(f"{API_ROOT}/customers?page=2", headers={"X-Test": "yes"})
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
