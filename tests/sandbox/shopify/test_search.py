from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.shared_material import SHARED, needs_shared
from truto_unify.sandbox.people import Person, PostalAddress, PurchaseOrder
from truto_unify.sandbox.shopify.fields import CUSTOMER_FIELDS, CUSTOMER_SORTS, ORDER_FIELDS
from truto_unify.sandbox.shopify.search import parse_search, search_records

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
ANN = Person(
    number=1,
    first_name="Ann Marie",
    last_name="O'Hara",
    email="ann.ohara@gmail.com",
    phone="+12125550101",
    phone_extension="",
    company="Acme",
    currency="CAD",
    is_active=True,
    accepts_marketing=True,
    created_at=NOON,
    updated_at=datetime(2024, 6, 1, tzinfo=UTC),
    addresses=(PostalAddress("billing", city="Toronto", country_code="CA", country_name="Canada"),),
    orders=(
        PurchaseOrder(1001, "paid", 1250, datetime(2024, 5, 2, tzinfo=UTC)),
        PurchaseOrder(1002, "pending", 9900, datetime(2024, 5, 3, tzinfo=UTC)),
    ),
    tags=("VIP", "early bird"),
)
BOB = replace(
    ANN,
    number=2,
    first_name="Bob",
    last_name='Say "Hi"',
    email="bob@example.com",
    phone="",
    is_active=False,
    accepts_marketing=False,
    created_at=datetime(2024, 5, 2, 3, tzinfo=UTC),
    addresses=(),
    orders=(),
    tags=(),
)
EVE = replace(BOB, number=3, first_name="", last_name="", email="", phone="+442075550100", tags=("referral",))
PEOPLE = {"ann": ANN, "bob": BOB, "eve": EVE}


def find(query: str) -> set[str]:
    matches, _report = search_records(query, PEOPLE.values(), CUSTOMER_FIELDS)
    return {name for name, person in PEOPLE.items() if person in matches}


def report(query: str) -> dict[str, Any]:
    _matches, entry = search_records(query, PEOPLE.values(), CUSTOMER_FIELDS)
    assert entry is not None
    return entry


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"ann", "bob", "eve"}),
        ("ANN", {"ann"}),
        ("marie hara", {"ann"}),
        ("o'hara", {"ann"}),
        ('"ann marie o\'hara"', {"ann"}),
        ('"marie ann"', set()),
        ("Mar*", {"ann"}),
        ('"Mar*"', set()),
        ("example.com", {"bob"}),
        ("bob ann", set()),
        ("bob OR ann", {"ann", "bob"}),
        ("tag:VIP OR tag:referral state:DISABLED", {"ann", "eve"}),
        ("(tag:VIP OR tag:referral) state:DISABLED", {"eve"}),
        ("state:DISABLED -(tag:VIP OR tag:referral)", {"bob"}),
        ("NOT tag:VIP", {"bob", "eve"}),
        ("-tag:VIP AND state:disabled", {"bob", "eve"}),
        ("tag:'early bird'", {"ann"}),
        ("tag:vip,referral", {"ann", "eve"}),
        ("email:gmail.com", {"ann"}),
        ("email:ann.ohara@gmail.com", {"ann"}),
        ('email:"ANN.OHARA@gmail.com"', {"ann"}),
        ('email:"gmail.com"', set()),
        ("email:*", {"ann", "bob"}),
        ("email:oha*", {"ann"}),
        ('first_name:"ann"', {"ann"}),
        ("first_name:ann", {"ann"}),
        (r'last_name:"Say \"Hi\""', {"bob"}),
        ("last_name:*", {"ann", "bob"}),
        ("phone:+12125550101", {"ann"}),
        ('phone:"+1 212 555 0101"', {"ann"}),
        ("phone:+1212*", {"ann"}),
        ("phone:*", {"ann", "eve"}),
        ("country:Canada", {"ann"}),
        ("country:ca", {"ann"}),
        ("accepts_marketing:true", {"ann"}),
        ("orders_count:2", {"ann"}),
        ("orders_count:<1", {"bob", "eve"}),
        ("total_spent:12.5", {"ann"}),
        ("total_spent:>12.5", set()),
        ("id:7000000000002", {"bob"}),
        ("id:>=7000000000002", {"bob", "eve"}),
        ("order_date:>='2024-05-03'", set()),
        ("order_date:>='2024-05-02'", {"ann"}),
        ("last_abandoned_order_date:>'2000-01-01'", set()),
    ],
)
def test_a_query_finds(query: str, expected: set[str]) -> None:
    assert find(query) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("customer_date:>='2024-05-01T12:00:00Z'", {"ann", "bob", "eve"}),
        ("customer_date:>'2024-05-01T12:00:00Z'", {"bob", "eve"}),
        ("customer_date:<='2024-05-01T14:00:00+02:00'", {"ann"}),
        ("customer_date:<'2024-05-01T14:00:00+02:00'", set()),
        ("customer_date:'2024-05-01T12:00:00Z'", {"ann"}),
        # The shop is five hours behind, so what has no zone begins later.
        ("customer_date:>='2024-05-01T08:00:00'", {"bob", "eve"}),
        ("customer_date:2024-05-01", {"ann", "bob", "eve"}),
        ("customer_date:>2024-05", {"ann", "bob", "eve"}),
        ("customer_date:<2024", set()),
        ("customer_date:<now", {"ann", "bob", "eve"}),
    ],
)
def test_times_are_instants(query: str, expected: set[str]) -> None:
    assert find(query) == expected


def test_an_unquoted_timestamp_is_cut_at_its_colons() -> None:
    entry = report("customer_date:>=2024-05-01T12:30:00Z")
    assert entry["parsed"]["and"][0] == {"field": "customer_date", "range_gte": "2024-05-01T12:00:00-05:00"}
    assert [warning["field"] for warning in entry["warnings"]] == ["30"]
    assert find("customer_date:>=2024-05-01T12:30:00Z") == {"bob", "eve"}


def test_an_unknown_field_is_dropped_with_a_warning() -> None:
    assert find("created_at:>'2030-01-01' email:gmail.com") == {"ann"}
    assert find("company:Acme") == {"ann", "bob", "eve"}
    assert find("NOT company:Acme") == {"ann", "bob", "eve"}
    assert report("company:Acme") == {
        "query": "company:Acme",
        "parsed": {"field": "company", "match_all": "Acme"},
        "warnings": [{"field": "company", "message": "Invalid search field for this query.", "code": "invalid_field"}],
    }


@pytest.mark.parametrize(
    "query",
    [
        "customer_date:>'soon'",
        "orders_count:many",
        "accepts_marketing:maybe",
        "first_name:",
        "first_name:>a",
        "id:gid",
    ],
)
def test_a_value_that_cannot_be_compared_is_dropped_with_a_warning(query: str) -> None:
    assert [warning["code"] for warning in report(query)["warnings"]] == ["invalid_value"]
    assert find(query) == {"ann", "bob", "eve"}


def test_a_query_that_is_understood_has_no_report() -> None:
    assert search_records("tag:VIP -state:DISABLED", PEOPLE.values(), CUSTOMER_FIELDS)[1] is None


@pytest.mark.parametrize("query", ["(", ")", "OR", "NOT", "AND AND", "bob )", "(bob", ":", "bob ) NOT", "\\"])
def test_unfinished_text_is_read_as_far_as_it_goes(query: str) -> None:
    parse_search(query)
    assert "bob" in find(query)


def test_the_report_names_the_joiners() -> None:
    assert report('-company:x OR (bob AND "ann")')["parsed"] == {
        "or": [
            {"not": {"field": "company", "match_all": "x"}},
            {"and": [{"field": "default", "match_all": "bob"}, {"field": "default", "match_phrase": "ann"}]},
        ]
    }


def test_orders_are_searched_with_fields_of_their_own() -> None:
    sales = [(ANN, order) for order in ANN.orders]
    query = "customer_id:7000000000001 financial_status:paid created_at:>='2024-05-01T00:00:00Z'"
    assert search_records(query, sales, ORDER_FIELDS) == ([sales[0]], None)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("CREATED_AT", 1714564800000),
        ("ID", "7000000000001"),
        ("LOCATION", ["canada", None, "toronto"]),
        ("NAME", "o'hara, ann marie"),
        ("RELEVANCE", 1.0),
    ],
)
def test_sort_values(key: str, value: object) -> None:
    assert CUSTOMER_SORTS[key](ANN) == value


def test_a_person_without_a_name_sorts_like_a_comma() -> None:
    assert CUSTOMER_SORTS["NAME"](EVE) == ", "


@needs_shared
def test_the_report_is_shaped_like_the_recorded_one() -> None:
    path = SHARED / "fixtures" / "shopify" / "graphql_search_unquoted_timestamp_warning_recorded.json"
    recorded = json.loads(path.read_text(encoding="utf-8"))["extensions"]["search"][1]
    fields = {name: CUSTOMER_FIELDS[name] for name in ("updated_at", "default")}
    known = {**fields, "sku": CUSTOMER_FIELDS["first_name"]}
    _matches, entry = search_records(recorded["query"], PEOPLE.values(), known)
    assert {"path": recorded["path"], **(entry or {})} == recorded
