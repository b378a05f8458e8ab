from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from truto_unify.config.forbidden_parameters import ForbiddenNames
from truto_unify.config.mapping import ListMethod
from truto_unify.config.provider import Endpoint
from truto_unify.config.sorts import SortForm
from truto_unify.engine.native_query import (
    NativeQuery,
    build_query,
    build_record_query,
    remote_places,
)
from truto_unify.engine.plan import NativeTerm
from truto_unify.errors import InvalidInput

OFFSETS = {"type": "offset", "offset_param": "offset", "page_size_param": "limit", "max_page_size": 10}
NUMBERS = {"type": "page_number", "page_param": "page", "page_size_param": "per_page", "max_page_size": 10}
BODY_PAGES = {
    "type": "cursor",
    "cursor_path": "next",
    "cursor_body_path": "query.paging.cursor",
    "page_size_body_path": "query.paging.limit",
    "max_page_size": 10,
}
EDGES = {
    "type": "graphql_connection",
    "connection_path": "data.people",
    "cursor_body_path": "variables.after",
    "page_size_body_path": "variables.first",
    "max_page_size": 10,
}
GET = Endpoint.model_validate({"path": "/people", "pagination": OFFSETS})
POST = Endpoint.model_validate({"method": "POST", "path": "/people/query", "read_only": True, "pagination": BODY_PAGES})
GRAPHQL = Endpoint.model_validate(
    {
        "method": "POST",
        "path": "/graphql",
        "read_only": True,
        "graphql": {"document": "store.graphql", "operation": "List"},
        "pagination": EDGES,
    }
)
GRAPHQL_GET = Endpoint.model_validate(
    {
        "method": "POST",
        "path": "/graphql",
        "read_only": True,
        "graphql": {"document": "store.graphql", "operation": "GetOne"},
        "body": {"variables": {"id": "gid://x/{id}", "n": 1}},
    }
)


SHOP = ForbiddenNames(account=frozenset({"shop"}))
NOTHING = ForbiddenNames()


def listing(**declarations: Any) -> ListMethod:
    return ListMethod.model_validate({"endpoint": "people.list"} | declarations)


def build(method: ListMethod, endpoint: Endpoint, *terms: NativeTerm, **remote_query: Any) -> NativeQuery:
    return build_query(method, terms, None, remote_query, endpoint, SHOP)


def test_terms_go_where_they_belong() -> None:
    method = listing(query={"order": "id"}, body={"query": {"sort": "id"}}, search={"param": "q", "join": " AND "})
    terms = [
        NativeTerm("a@x.test", param="email"),
        NativeTerm("x", path=("query", "filter", "name")),
        NativeTerm("one", is_search=True),
        NativeTerm("two", is_search=True),
    ]

    assert build(method, GET, *terms) == NativeQuery(
        params={"order": ["id"], "email": ["a@x.test"], "q": ["one AND two"]},
        body={"query": {"sort": "id", "filter": {"name": "x"}}},
    )


def test_the_search_text_may_stand_in_the_body() -> None:
    method = listing(search={"path": "variables.query"})

    assert build(method, GRAPHQL, NativeTerm("a", is_search=True)) == NativeQuery(body={"variables": {"query": "a"}})


def test_without_a_term_there_is_no_search_text() -> None:
    assert build(listing(search={"param": "q"}), GET) == NativeQuery()


DEFAULT = {"query": {"order": "id"}, "body": {"variables": {"options": {"sort": {"id": "ASC"}}}}}


def test_without_a_sort_the_default_order_is_sent() -> None:
    method = listing(query={"role": "all"}, body={"variables": {"deep": True}}, sort={"default": DEFAULT})

    assert build(method, GRAPHQL) == NativeQuery(
        {"role": ["all"], "order": ["id"]}, {"variables": {"deep": True, "options": {"sort": {"id": "ASC"}}}}
    )


def test_a_sort_is_sent_instead_of_the_default_order_and_beside_what_every_list_is_sent() -> None:
    method = listing(query={"role": "all"}, body={"variables": {"deep": True}}, sort={"default": DEFAULT})
    sort = SortForm.model_validate({"body": {"variables": {"options": {"sort": {"updatedAt": "DESC"}}}}})

    assert build_query(method, (), sort, {}, GRAPHQL, NOTHING) == NativeQuery(
        {"role": ["all"]}, {"variables": {"deep": True, "options": {"sort": {"updatedAt": "DESC"}}}}
    )
    assert method.body == {"variables": {"deep": True}}


def test_search_terms_stand_behind_the_text_that_every_list_is_sent() -> None:
    terms = [NativeTerm("email,a@x.test", is_search=True), NativeTerm("name,Ana", is_search=True)]
    in_query = listing(query={"filter": "isCustomer,true"}, search={"param": "filter", "join": ";"})
    in_body = listing(body={"find": "is:customer"}, search={"path": "find"})

    assert build(in_query, GET, *terms).params == {"filter": ["isCustomer,true;email,a@x.test;name,Ana"]}
    assert build(in_query, GET).params == {"filter": ["isCustomer,true"]}
    assert build(in_body, POST, *terms).body == {"find": "is:customer email,a@x.test name,Ana"}


@pytest.mark.parametrize(
    ("endpoint", "remote_query", "expected"),
    [
        (GET, {"role": "all", "order": "name"}, NativeQuery({"order": ["name"], "role": ["all"]})),
        (GET, {"in": [1, 2.5, True]}, NativeQuery({"order": ["id"], "in": ["1", "2.5", "true"]})),
        (GET, {"in": ()}, NativeQuery({"order": ["id"], "in": []})),
        (
            POST,
            {"query": {"filter": {"$ne": None}}, "deep": [1]},
            NativeQuery({"order": ["id"]}, {"query": {"filter": {"$ne": None}}, "deep": [1]}),
        ),
        (GRAPHQL, {"sortKey": "NAME"}, NativeQuery({"order": ["id"]}, {"variables": {"sortKey": "NAME"}})),
        (
            GRAPHQL,
            {"id": 1, "in": {"a": []}},
            NativeQuery({"order": ["id"]}, {"variables": {"id": 1, "in": {"a": []}}}),
        ),
    ],
)
def test_what_the_caller_passes_through_wins(
    endpoint: Endpoint, remote_query: dict[str, Any], expected: NativeQuery
) -> None:
    assert build(listing(query={"order": "id"}), endpoint, **remote_query) == expected


def test_remote_query_is_merged_with_the_filters_of_the_same_object() -> None:
    term = NativeTerm("x", path=("query", "filter", "name"))

    assert build(listing(), POST, term, query={"filter": {"age": 7}}) == NativeQuery(
        body={"query": {"filter": {"name": "x", "age": 7}}}
    )


@pytest.mark.parametrize(
    ("endpoint", "remote_query", "name", "why"),
    [
        (GET, {"limit": 5}, "limit", "pages the list; use limit and next_cursor"),
        (GET, {"offset": "0"}, "offset", "pages the list; use limit and next_cursor"),
        (POST, {"query": {"paging": {"limit": 5}}}, "query", "pages the list; use limit and next_cursor"),
        (POST, {"query": {"paging": None}}, "query", "pages the list; use limit and next_cursor"),
        (POST, {"query": "all"}, "query", "pages the list; use limit and next_cursor"),
        (POST, {"query": {"paging": {"cursor": {"a": 1}}}}, "query", "pages the list; use limit and next_cursor"),
        (GRAPHQL, {"after": "x"}, "after", "pages the list; use limit and next_cursor"),
        (GRAPHQL, {"first": 250}, "first", "pages the list; use limit and next_cursor"),
        (GET, {"shop": "other"}, "shop", "belongs to the account"),
    ],
)
def test_paging_and_the_account_are_not_to_be_touched(
    endpoint: Endpoint, remote_query: dict[str, Any], name: str, why: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        build(listing(), endpoint, **remote_query)

    assert caught.value.message == f'remote_query may not set "{name}", which {why}'


@pytest.mark.parametrize(
    "name",
    ["page", "Page", "page[]", "page[0]", " page", "per page", "per.page", "PER_PAGE", "page\0x", "after", "before[]"],
)
def test_paging_is_not_to_be_touched_in_any_spelling(name: str) -> None:
    endpoint = Endpoint.model_validate({"path": "/people", "pagination": {**NUMBERS, "reserved": ("after", "before")}})

    with pytest.raises(InvalidInput, match=r"which pages the list; use limit and next_cursor$"):
        build(listing(), endpoint, **{name: 2})


@pytest.mark.parametrize("name", ["pages", "my_page", "page_size", "xpage[]", "page_"])
def test_another_name_is_another_parameter(name: str) -> None:
    endpoint = Endpoint.model_validate({"path": "/people", "pagination": NUMBERS})

    assert build(listing(), endpoint, **{name: 2}) == NativeQuery({name: ["2"]})


def test_a_further_place_of_the_body_may_be_reserved() -> None:
    pages = {**BODY_PAGES, "reserved": ("query.cursorPaging",)}
    endpoint = Endpoint.model_validate({"method": "POST", "path": "/people", "read_only": True, "pagination": pages})

    with pytest.raises(InvalidInput, match=r'^remote_query may not set "query", which pages the list'):
        build(listing(), endpoint, query={"cursorPaging": {"limit": 1}})
    assert build(listing(), endpoint, query={"other": 1}) == NativeQuery(body={"query": {"other": 1}})


@pytest.mark.parametrize(
    ("endpoint", "value", "message"),
    [
        (GET, None, "remote_query[x] must be a plain value or a list of them, not null"),
        (GET, {"a": 1}, "remote_query[x] must be a plain value or a list of them, not an object"),
        (GET, ["a", ["b"]], "remote_query[x] must be a plain value or a list of them, not a list"),
        (GET, "\ud800", "remote_query[x] holds a value that JSON cannot represent"),
        (GET, float("nan"), "remote_query[x] holds a value that JSON cannot represent"),
        (POST, datetime(2024, 1, 1, tzinfo=UTC), "remote_query[x] holds a value that JSON cannot represent"),
        (GRAPHQL, {"a": {1, 2}}, "remote_query[x] holds a value that JSON cannot represent"),
        (GRAPHQL, ["\ud800"], "remote_query[x] holds a value that JSON cannot represent"),
    ],
)
def test_what_cannot_be_sent_is_refused_by_name(endpoint: Endpoint, value: Any, message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        build(listing(), endpoint, x=value)

    assert caught.value.message == message


@pytest.mark.parametrize(
    ("endpoint", "remote_query", "places"),
    [
        (GET, {}, set()),
        (GET, {"email": "a", "in": {"x": 1}}, {"email", "in"}),
        (GET, {"email[]": "a", "in[0]": 1}, {"email[]", "email", "in[0]", "in"}),
        (POST, {"query": {"filter": {"name": 1, "age": {}}}, "x": [1]}, {"query.filter.name", "x"}),
        (GRAPHQL, {"query": "a", "input": {"b": None}}, {"variables.query", "variables.input.b"}),
    ],
)
def test_the_places_that_the_caller_sets_are_known(
    endpoint: Endpoint, remote_query: dict[str, Any], places: set[str]
) -> None:
    assert remote_places(remote_query, endpoint) == places


@pytest.mark.parametrize(
    ("endpoint", "remote_query", "expected"),
    [
        (GET, {"role": True, "in": ["a", "b"]}, NativeQuery({"role": ["true"], "in": ["a", "b"]})),
        (GRAPHQL_GET, {"n": 2}, NativeQuery(body={"variables": {"n": 2}})),
        (GRAPHQL_GET, {}, NativeQuery()),
    ],
)
def test_a_get_sends_what_the_caller_passes_through_and_nothing_else(
    endpoint: Endpoint, remote_query: dict[str, Any], expected: NativeQuery
) -> None:
    assert build_record_query(remote_query, endpoint, NOTHING) == expected


def test_a_get_keeps_its_id_and_its_account() -> None:
    with pytest.raises(InvalidInput, match=r'^remote_query may not set "id", which names the record$'):
        build_record_query({"id": "gid://x/2"}, GRAPHQL_GET, NOTHING)
    by_list = Endpoint.model_validate({"path": "/people", "query": {"id:in": "{id}", "include": "all"}})
    with pytest.raises(InvalidInput, match=r'^remote_query may not set "id:in", which names the record$'):
        build_record_query({"id:in": "2"}, by_list, NOTHING)
    with pytest.raises(InvalidInput, match=r'^remote_query may not set "shop", which belongs to the account$'):
        build_record_query({"shop": "other"}, GET, SHOP)
