"""Filters, sorts, searches and pages of the pretend Wix site."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.json_keys import key_paths
from tests.sandbox.wix.site import BO, CONTACTS, LIST, PEOPLE, QUERY, site
from tests.shared_material import needs_shared, read_payload
from truto_unify.sandbox.wix.records import contact_id, render_contact


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ({}, ["Ana", "Bo"]),
        ({"info.name.first": "Ana"}, ["Ana"]),
        ({"info.name.first": "ana"}, []),
        ({"info.name.first": {"$startsWith": "an"}}, ["Ana"]),
        ({"info.name.last": {"$exists": False}}, ["Bo"]),
        ({"info.name.last": {"$ne": "García"}}, ["Bo"]),
        ({"info.emails.email": "ana@work.example.test"}, ["Ana"]),
        ({"info.emails.email": {"$ne": "ana@work.example.test"}}, ["Bo"]),
        ({"primaryInfo.email": {"$in": ["bo@example.test", "x"]}}, ["Bo"]),
        ({"primaryInfo.email": "ana@work.example.test"}, []),
        ({"createdDate": {"$gt": "2024-01-01T10:00:00.000Z"}}, ["Bo"]),
        ({"createdDate": {"$gte": "2024-01-01T10:00:00Z", "$lt": "2024-01-02T10:00:00Z"}}, ["Ana"]),
        ({"updatedDate": "2024-03-01T11:00:00+01:00"}, ["Ana"]),
        ({"updatedDate": {"$lte": "2024-02-01T00:00:00.000Z"}}, ["Bo"]),
        ({"$or": [{"info.phones.phone": "x"}, {"info.phones.e164Phone": "+12125550101"}]}, ["Ana"]),
        ({"$and": [{"info.company": "Acme"}, {"info.name.first": "Bo"}]}, []),
        ({"$not": {"info.company": "Acme"}}, ["Bo"]),
        ({"info.labelKeys": {"$hasSome": ["contacts.customers", "x"]}}, ["Ana"]),
        ({"info.labelKeys": {"$hasAll": ["contacts.customers", "x"]}}, []),
        ({"info.extendedFields.members.membershipStatus": {"$nin": ["APPROVED"]}}, ["Bo"]),
        ({"info.extendedFields.ecom.totalSpentAmount": {"$gt": 12}}, ["Ana"]),
        ({"info.addresses.country": "IS"}, ["Ana"]),
        ({"info.birthdate": {"$gt": "1990-01-01"}}, []),
        ({"id": {"$in": [contact_id(BO)]}}, ["Bo"]),
    ],
)
def test_filters(condition: dict[str, Any], names: list[str]) -> None:
    assert site().names({"filter": condition}) == names


@pytest.mark.parametrize(
    ("condition", "description"),
    [
        ({"name.first": "Ana"}, "Field 'name.first' is not declared as filterable"),
        ({"source.sourceType": "ADMIN"}, "Field 'source.sourceType' is not declared as filterable"),
        ({"createdDate": {"$in": []}}, "Operator '$in' is not supported for field 'createdDate'"),
        ({"info.name.first": {"$gt": "A"}}, "Operator '$gt' is not supported for field 'info.name.first'"),
        (
            {"info.company": {"$contains": "A"}},
            "Operator '$contains' is not supported for field 'info.company'",
        ),
        (
            {"info.locale": {"$startsWith": "e"}},
            "Operator '$startsWith' is not supported for field 'info.locale'",
        ),
        ({"info.labelKeys": "x"}, "Operator '$eq' is not supported for field 'info.labelKeys'"),
        ({"info.name.first": {"$in": "Ana"}}, "Operator '$in' expects an array"),
        ({"info.name.first": {"$exists": "true"}}, "Operator '$exists' expects a boolean"),
        ({"info.name.first": {}}, "Field 'info.name.first' has no operator"),
        ({"info.name.first": None}, "Field 'info.name.first' does not accept value None"),
        ({"createdDate": "2024-01-01T00:00"}, "Field 'createdDate' does not accept value '2024-01-01T00:00'"),
        ({"createdDate": {"$gt": 17}}, "Field 'createdDate' does not accept value 17"),
        ({"info.birthdate": {"$gt": "1990"}}, "Field 'info.birthdate' does not accept value '1990'"),
        ({"$or": {}}, "Operator '$or' expects an array"),
    ],
)
def test_a_filter_that_is_not_declared_is_refused(condition: dict[str, Any], description: str) -> None:
    answer = site().query({"filter": condition})
    assert answer.status_code == 400
    assert answer.json() == {
        "message": f"value {description}",
        "details": {"validationError": {"fieldViolations": [{"field": "value", "description": description}]}},
    }


@needs_shared
def test_the_error_answer_equals_the_recording() -> None:
    answer = site().query({"filter": {"name.first": "Ana"}})
    assert answer.json() == read_payload("wix", "error_400_filter_field_not_declared_recorded")


@needs_shared
def test_other_refusals_have_the_documented_keys() -> None:
    documented = set(key_paths(read_payload("wix", "error_400_validation_docs")))
    assert set(key_paths(site().query({"paging": {"limit": 1001}}).json())) <= documented
    documented = {"/message", "/details", *key_paths(read_payload("wix", "error_application_error_docs"))}
    answer = site().send("GET", "/nowhere").json()
    assert {path for path in key_paths(answer) if "/data/" not in path} <= documented


def test_sort() -> None:
    descending = [{"fieldName": "createdDate", "order": "DESC"}]
    assert site().names({"sort": descending}) == ["Bo", "Ana"]
    assert site().names({"sort": [{"fieldName": "info.company"}]}) == ["Bo", "Ana"]
    assert site().names({"sort": [{"fieldName": "info.name.first", "order": "ASC"}, *descending]}) == [
        "Ana",
        "Bo",
    ]


@pytest.mark.parametrize(
    "sort",
    [
        [{"fieldName": "updatedDate"}],
        [{"fieldName": "info.emails.email"}],
        [{"fieldName": "createdDate", "order": "desc"}],
        {"fieldName": "createdDate"},
        ["createdDate"],
    ],
)
def test_a_sort_that_is_not_declared_is_refused(sort: object) -> None:
    assert site().query({"sort": sort}).status_code == 400


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("ana", ["Ana"]),
        ("GARC ana", ["Ana"]),
        ("bo@example.test", ["Bo"]),
        ("+12125550101", ["Ana"]),
        ("arcía", []),
        ("acme", []),
        ("", ["Ana", "Bo"]),
        ("x" * 100, []),
    ],
)
def test_search_is_free_text_over_names_emails_and_phones(text: str, names: list[str]) -> None:
    assert site().names(search=text) == names


@pytest.mark.parametrize(
    "body",
    [
        {"search": "x" * 101},
        {"search": 1},
        {"query": "x"},
        {"query": {"paging": {"limit": 1001}}},
        {"query": {"paging": {"limit": -1}}},
        {"query": {"paging": {"limit": "50"}}},
        {"query": {"paging": {"offset": -1}}},
        {"query": {"fieldsets": ["ALL"]}},
        {"query": {"fieldsets": "FULL"}},
        {"query": {"filter": "x"}},
    ],
)
def test_a_malformed_query_is_refused(body: dict[str, Any]) -> None:
    answer = site().send("POST", QUERY, json=body)
    assert answer.status_code == 400
    assert answer.json()["details"]["validationError"]["fieldViolations"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff"])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    answer = site().send("POST", QUERY, content=body)
    assert (answer.status_code, answer.json()) == (400, {"message": "Expected an object"})


def test_a_filter_in_the_wrong_place_is_ignored() -> None:
    assert len(site().send("POST", QUERY, json={"filter": {"info.name.first": "Ana"}}).json()["contacts"]) == 2


def test_the_list_takes_dotted_parameters() -> None:
    params = {"paging.limit": "1", "sort.fieldName": "createdDate", "sort.order": "DESC", "fieldsets": "FULL"}
    answer = site().send("GET", LIST, params=params).json()
    assert answer["contacts"] == [render_contact(BO)]
    assert answer["pagingMetadata"] == {"count": 1, "offset": 0, "total": 2, "tooManyToCount": False}
    assert site().send("GET", LIST, params={"paging.limit": "many"}).status_code == 400


@pytest.mark.parametrize("limit", [1, 7, 50, 1000])
def test_paging_to_the_end_loses_and_repeats_nothing(limit: int) -> None:
    place = site(*PEOPLE)
    seen: list[str] = []
    total = 1
    while len(seen) < total:
        answer = place.query({"paging": {"limit": limit, "offset": len(seen)}}).json()
        total = answer["pagingMetadata"]["total"]
        assert answer["pagingMetadata"]["count"] == len(answer["contacts"]) == min(limit, total - len(seen))
        seen.extend(contact["id"] for contact in answer["contacts"])
    assert seen == [contact_id(person) for person in CONTACTS]


def test_fifty_is_the_default_and_past_the_end_is_empty() -> None:
    place = site(*PEOPLE)
    assert len(place.query().json()["contacts"]) == 50
    answer = place.query({"paging": {"offset": 5000}}).json()
    assert (answer["contacts"], answer["pagingMetadata"]["count"]) == ([], 0)
