from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.sandbox.shopify.shop import CUSTOMERS, LIST, PLAIN, describe_shape, shop, shop_of
from tests.shared_material import needs_shared, read_payload
from truto_unify.sandbox.store import Store


def read_cursor(cursor: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(base64.b64decode(cursor))
    return content


def test_pages_follow_each_other_without_gap_or_overlap() -> None:
    store, seen, after = shop(), [], None
    for _page in range(-(-len(CUSTOMERS) // 50)):
        customers = store.ask(LIST, first=50, after=after)["data"]["customers"]
        seen += [int(edge["node"]["legacyResourceId"]) - 7_000_000_000_000 for edge in customers["edges"]]
        after = customers["pageInfo"]["endCursor"]
    assert seen == [person.number for person in CUSTOMERS]
    assert customers["pageInfo"]["hasNextPage"] is False
    assert customers["pageInfo"]["hasPreviousPage"] is True


@pytest.mark.parametrize("key", ["CREATED_AT", "ID", "LOCATION", "NAME", "RELEVANCE", "UPDATED_AT"])
@pytest.mark.parametrize("reverse", [False, True])
def test_every_order_can_be_paged_in_both_directions(key: str, reverse: bool) -> None:
    store = shop()
    order = {"sortKey": key, "reverse": reverse}
    everyone = store.list_ids(first=250, **order)
    cursor = store.ask(LIST, first=60, **order)["data"]["customers"]["pageInfo"]["endCursor"]
    assert store.list_ids(first=60, **order) + store.list_ids(first=190, after=cursor, **order) == everyone
    assert store.list_ids(last=20, before=cursor, **order) == everyone[39:59]


def test_a_reversed_order_is_the_mirror() -> None:
    forwards = shop().list_ids(first=250, sortKey="CREATED_AT")
    assert shop().list_ids(first=250, sortKey="CREATED_AT", reverse=True) == forwards[::-1]


def test_a_cursor_survives_that_its_customer_goes() -> None:
    store = Store.of(CUSTOMERS)
    app = shop_of(store)
    cursor = app.ask(LIST, first=10)["data"]["customers"]["pageInfo"]["endCursor"]
    del store.people[9]
    assert app.list_ids(first=1, after=cursor) == [CUSTOMERS[10].number]


@pytest.mark.parametrize("other", ["NAME", "CREATED_AT", "LOCATION", "RELEVANCE"])
def test_a_cursor_belongs_to_its_sort_key(other: str) -> None:
    store = shop()
    cursor = store.ask(LIST, first=1)["data"]["customers"]["pageInfo"]["endCursor"]
    error = store.refuse(LIST, first=1, after=cursor, sortKey=other)
    assert error["message"] == "Invalid cursor for current pagination sort."


def test_an_empty_page_has_no_cursors() -> None:
    assert shop().ask(LIST, first=1, query="tag:nobody-has-this")["data"]["customers"] == {
        "edges": [],
        "pageInfo": {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None},
    }


def test_cursors_hold_the_id_and_the_sort_value() -> None:
    cursor = shop(PLAIN).ask(LIST, first=1, sortKey="UPDATED_AT")["data"]["customers"]["edges"][0]["cursor"]
    milliseconds = int(PLAIN.updated_at.timestamp()) * 1000
    assert read_cursor(cursor) == {"last_id": 7_000_000_000_000 + PLAIN.number, "last_value": milliseconds}


@needs_shared
@pytest.mark.parametrize(("alias", "key"), [("nameOrder", "NAME"), ("idOrder", "ID"), ("locationOrder", "LOCATION")])
def test_cursors_are_shaped_like_recorded_ones(alias: str, key: str) -> None:
    theirs = read_payload("shopify", "graphql_customers_sort_keys_recorded")["data"][alias]["edges"][0]["cursor"]
    ours = shop().ask(LIST, first=1, sortKey=key)["data"]["customers"]["edges"][0]["cursor"]
    assert describe_shape(read_cursor(ours)) == describe_shape(read_cursor(theirs))
    assert base64.b64encode(json.dumps(read_cursor(theirs), separators=(",", ":")).encode()).decode() == theirs


def test_warnings_of_a_search_are_beside_the_costs() -> None:
    query = '{ shoppers: customers(first: 1, query: "created_at:>2020") { nodes { id } } }'
    (entry,) = shop().ask(query)["extensions"]["search"]
    assert entry["path"] == ["shoppers"]
    assert entry["warnings"][0]["code"] == "invalid_field"
