from __future__ import annotations

from typing import Any

import pytest

from tests.scaffold.drafts import SCHEMA, WORDS
from truto_unify.scaffold.envelope import Records, find_records, guess_ends, guess_paging, write_path
from truto_unify.scaffold.guess import Question

ANA = {"id": 1, "email": "ana@example.test", "first_name": "Ana", "addresses": [{"id": 9, "city": "Lima", "zip": "1"}]}
BOB = {**ANA, "id": 2}


@pytest.mark.parametrize(
    ("document", "path", "is_list", "count"),
    [
        ([ANA, BOB], "@", True, 2),
        (ANA, "@", False, 1),
        ({"customers": [ANA]}, "customers", True, 1),
        ({"data": {"items": [ANA, BOB]}, "meta": {"id": 1}}, "data.items", True, 2),
        ({"data": ANA}, "data", False, 1),
        ({"data": {"people": {"edges": [{"node": ANA, "cursor": "x"}]}}}, "data.people.edges[].node", True, 1),
        ({"result": {"found.people": [ANA]}}, ["result", "found.people"], True, 1),
        ({"customers": [ANA], "staff": [{"id": 3}]}, "customers", True, 1),
    ],
)
def test_the_records_are_the_value_that_fills_most_unified_fields(
    document: Any, path: Any, is_list: bool, count: int
) -> None:
    records = find_records(document, SCHEMA, WORDS)

    assert records is not None
    assert (write_path(records.path), records.is_list, len(records.items)) == (path, is_list, count)


@pytest.mark.parametrize("document", [{}, [], 5, None, {"error": "no"}, [1, 2], {"customers": []}, [{"name": "no id"}]])
def test_a_document_without_an_id_and_a_field_has_no_records(document: Any) -> None:
    assert find_records(document, SCHEMA, WORDS) is None


RECORDS = Records(("data",), [ANA, BOB], is_list=True)
PAGE: dict[str, Any] = {
    "type": "page_number",
    "page_param": "page",
    "page_size_param": "per_page",
    "max_page_size": 100,
}
CURSOR: dict[str, Any] = {"type": "cursor", "cursor_param": "cursor", "page_size_param": "limit", "max_page_size": 100}
OFFSET: dict[str, Any] = {"type": "offset", "offset_param": "offset", "page_size_param": "limit", "max_page_size": 100}


@pytest.mark.parametrize(
    ("envelope", "rule"),
    [
        ({"page": 1, "per_page": 2, "total": 9}, {**PAGE, "total_path": "total"}),
        (
            {"page_context": {"page": 1, "per_page": 2, "has_more_page": True}},
            {**PAGE, "has_more_path": "page_context.has_more_page"},
        ),
        ({"meta": {"current_page": 0, "per_page": 2}}, {**PAGE, "first_page": 0}),
        ({"meta": {"next_cursor": "b2s"}}, {**CURSOR, "cursor_path": "meta.next_cursor"}),
        ({"cursor": None, "has_more": False}, {**CURSOR, "cursor_path": "cursor", "has_more_path": "has_more"}),
        ({"nextPageToken": "x"}, {**CURSOR, "cursor_path": "nextPageToken", "cursor_param": "pageToken"}),
        ({"offset": 0, "limit": 2, "total": 9, "count": 2}, {**OFFSET, "total_path": "total"}),
        ({"offset": 0, "limit": 2, "count": 2}, OFFSET),
        ({"offset": 0, "limit": 2, "count": 9}, {**OFFSET, "total_path": "count"}),
        ({"next": "https://shop.example/people?page=2&per_page=2"}, {**PAGE, "max_page_size": 2}),
        ({"next": "/people?page=2", "count": 9}, {**PAGE, "page_size_param": "limit", "total_path": "count"}),
        ({"links": {"next": "/people?limit=2&offset=2"}}, {**OFFSET, "max_page_size": 2}),
        (
            {"next": "https://shop.example/people?after=b2s"},
            {"type": "next_url", "next_url_path": "next", "page_size_param": "limit", "max_page_size": 100},
        ),
    ],
)
def test_the_envelope_suggests_the_paging(envelope: dict[str, Any], rule: dict[str, Any]) -> None:
    assert guess_paging({"data": [ANA, BOB], **envelope}, RECORDS).value == rule


@pytest.mark.parametrize("envelope", [{}, {"has_more": True}, {"next": None}, {"page": {"html": "x"}}])
def test_paging_without_a_hint_is_a_question(envelope: dict[str, Any]) -> None:
    paging = guess_paging({"data": [ANA, BOB], **envelope}, RECORDS)

    assert isinstance(paging, Question)
    assert paging.value is None
    assert "Link header" in paging.reason


def test_the_connection_path_is_that_of_the_records() -> None:
    info = {"pageInfo": {"hasNextPage": True, "endCursor": "x"}}
    document = {"data": {"other": {"nodes": [], **info}, "people": {"nodes": [ANA], **info}}}
    records = find_records(document, SCHEMA, WORDS)

    assert records is not None
    assert guess_paging(document, records).value == {
        "type": "graphql_connection",
        "connection_path": "data.people",
        "cursor_body_path": "variables.after",
        "page_size_body_path": "variables.first",
        "max_page_size": 50,
    }


def test_total_and_has_more_are_read_for_any_kind_of_paging() -> None:
    assert guess_ends({"data": [ANA, BOB], "meta": {"total": 9, "hasMore": True}}, RECORDS) == {
        "total_path": "meta.total",
        "has_more_path": "meta.hasMore",
    }
