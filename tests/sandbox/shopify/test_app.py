from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.shopify.shop import PEOPLE, PLAIN, TOKEN, describe_shape, shop, shop_of
from tests.shared_material import needs_shared, read_payload
from truto_unify.sandbox.people import invent_people
from truto_unify.sandbox.shopify import cost
from truto_unify.sandbox.shopify.app import VERSION
from truto_unify.sandbox.shopify.cost import count_nodes
from truto_unify.sandbox.store import PlannedFailure, Store


def test_a_wrong_token_is_refused() -> None:
    response = shop().send(json={"query": "{ shop }"}, headers={"X-Shopify-Access-Token": "other"})
    assert response.status_code == 401
    assert response.json() == {"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"}


@needs_shared
def test_the_error_answer_equals_the_documentation() -> None:
    assert shop().send(json={}, headers={}).json() == read_payload("shopify", "rest_error_401_docs")


@pytest.mark.parametrize(
    "options",
    [
        {"content": b"{}", "headers": TOKEN | {"content-type": "text/plain"}},
        {"content": b"{", "headers": TOKEN | {"content-type": "application/json"}},
        {"json": []},
        {"json": {"variables": {}}},
        {"json": {"query": "{ x }", "variables": [1]}},
    ],
)
def test_a_body_without_a_query_is_a_bad_request(options: dict[str, Any]) -> None:
    assert shop().send(**options).status_code == 400


def test_a_newer_version_answers_for_a_retired_version() -> None:
    response = shop().send(url="/admin/api/2024-01/graphql.json", json={"query": "{ __typename }"})
    assert response.json()["data"] == {"__typename": "QueryRoot"}
    assert response.headers["x-shopify-api-version"] == VERSION
    assert "x-shopify-api-version-warning" in response.headers


def test_no_version_is_not_found() -> None:
    response = shop().send(url="/admin/api/v3/graphql.json", json={"query": "{ __typename }"})
    assert (response.status_code, response.json()) == (404, {"errors": "Not Found"})


def test_deprecated_fields_are_named_in_a_header() -> None:
    response = shop().send(json={"query": "{ customers(first: 1) { nodes { email phone } } }"})
    assert response.headers["x-shopify-api-deprecated-reason"] == "Customer.email, Customer.phone"


def test_requests_are_recorded_and_planned_failures_come_first() -> None:
    store = Store.of(PEOPLE)
    store.failures.append(PlannedFailure(502, body=b"<html>"))
    response = shop_of(store).send(json={"query": "{ __typename }"}, headers={})
    assert (response.status_code, response.content, len(store.requests)) == (502, b"<html>", 1)


def test_costs_follow_the_documented_rules() -> None:
    query = "{ customers(first: 10) { nodes { lastOrder { id } addressesV2(first: 3) { nodes { id } } } } }"
    points = shop(PLAIN).ask(query)["extensions"]["cost"]
    assert points["requestedQueryCost"] == 2 + count_nodes(10) * (1 + 1 + (2 + count_nodes(3)))
    assert points["actualQueryCost"] == 2 + 1 + 1 + 2
    assert points["throttleStatus"] == {
        "maximumAvailable": 2000,
        "currentlyAvailable": 2000 - points["actualQueryCost"],
        "restoreRate": 100,
    }


@needs_shared
def test_costs_are_shaped_like_recorded_ones() -> None:
    query = "{ customers(first: 2) { edges { cursor node { tags } } pageInfo { endCursor } } }"
    assert (
        shop().ask(query)["extensions"]
        == read_payload("shopify", "graphql_customers_search_state_recorded")["extensions"]
    )


def test_sizes_in_variables_and_fields_in_fragments_count() -> None:
    query = """query Q($n: Int = 3) {
                 customers(last: $n) { edges { node { ...A ... on Customer { lastOrder { id } } } } }
               }
               fragment A on Customer { amountSpent { amount } }"""
    assert shop().ask(query)["extensions"]["cost"]["requestedQueryCost"] == 2 + count_nodes(3) * 2


@pytest.mark.parametrize(
    ("size", "count"),
    [(1, 1), (2, 2), (3, 2), (5, 3), (10, 4), (20, 5), (50, 7), (100, 9), (240, 11), (250, 11)],
)
def test_a_page_costs_about_as_much_as_the_logarithm_of_its_size(size: int, count: int) -> None:
    points = shop(PLAIN).ask(f"{{ customers(first: {size}) {{ nodes {{ id }} }} }}")["extensions"]["cost"]
    assert points["requestedQueryCost"] == 2 + count


def test_plain_lists_amounts_and_addresses_cost_no_more_for_each_element() -> None:
    inside = "refunds(first: 250) { id } totalPriceSet { shopMoney { amount } } billingAddress { city }"
    points = shop(PLAIN).ask(f"{{ orders(first: 10) {{ nodes {{ {inside} }} }} }}")["extensions"]["cost"]
    assert points["requestedQueryCost"] == 2 + count_nodes(10) * (1 + 1)


def test_a_query_that_costs_too_much_is_refused() -> None:
    inside = "orders(first: 250) { nodes { customer { orders(first: 100) { nodes { id } } } } }"
    error = shop().refuse(f"{{ customers(first: 250) {{ nodes {{ {inside} }} }} }}")
    assert error["message"].startswith("Query cost is 1608, which exceeds the single query max cost limit (1000).")
    assert error["extensions"] | {"documentation": ""} == {
        "code": "MAX_COST_EXCEEDED",
        "cost": 1608,
        "maxCost": 1000,
        "documentation": "",
    }


@pytest.fixture
def small_bucket(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(cost, "BUCKET_SIZE", 60)
    return 60


def test_a_bucket_that_is_empty_throttles_until_it_has_enough_again(small_bucket: int) -> None:
    now = [1000.0]
    people = invent_people(300)
    app = shop_of(Store.of(people, clock=lambda: now[0]))
    dear = "amountSpent { amount } lastOrder { id } defaultAddress { id }"  # 24 points
    query = f"{{ customers(first: 240) {{ nodes {{ {dear} }} }} }}"
    costs = [app.ask(query)["extensions"]["cost"]["actualQueryCost"] for _turn in range(2)]
    throttled = app.ask(query)
    assert "data" not in throttled
    assert throttled["errors"][0]["extensions"]["code"] == "THROTTLED"
    stated = throttled["extensions"]["cost"]
    assert stated["actualQueryCost"] is None
    assert stated["throttleStatus"]["currentlyAvailable"] == small_bucket - sum(costs)
    now[0] += (stated["requestedQueryCost"] - stated["throttleStatus"]["currentlyAvailable"]) / 100
    assert "data" in app.ask(query)


@needs_shared
@pytest.mark.usefixtures("small_bucket")
def test_a_throttled_answer_is_shaped_like_the_documented_one() -> None:
    app = shop_of(Store.of(invent_people(300), clock=lambda: 0.0))
    query = "{ customers(first: 245) { nodes { lastOrder { id } } } }"
    answers = [app.ask(query) for _turn in range(3)]
    expected = read_payload("shopify", "graphql_error_throttled_documented")
    assert answers[2]["errors"] == expected["errors"]
    assert describe_shape(answers[2]["extensions"]) == describe_shape(expected["extensions"])
