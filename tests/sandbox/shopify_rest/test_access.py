"""Tokens, versions, errors and the bucket of calls of Shopify's REST Admin API."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sandbox.in_process import Clock, open_client
from tests.sandbox.shopify_rest.shop import CUSTOMERS, numbers
from tests.shared_material import needs_shared, read_payload
from truto_unify.sandbox.shopify_rest.app import API_ROOT, VERSION, create_app
from truto_unify.sandbox.store import PlannedFailure, Store

if TYPE_CHECKING:
    import httpx


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
    assert open_client(create_app(store), {}).get(CUSTOMERS).json() == read_payload("shopify", "rest_error_401_docs")
    assert api.get(f"{API_ROOT}/customers/1.json").json() == read_payload("shopify", "rest_error_404_docs")
    assert api.get(f"{CUSTOMERS}?page_info=garbage").json() == read_payload(
        "shopify", "rest_error_400_page_info_invalid_reported"
    )
    crossed = api.get(f"{CUSTOMERS}?page_info=x&created_at_min=2024-01-01").json()
    assert crossed == read_payload("shopify", "rest_error_400_page_info_with_filter_reported")
    answers = [api.get(CUSTOMERS) for _turn in range(40)]
    assert answers[-1].json() == read_payload("shopify", "rest_error_429_docs")
