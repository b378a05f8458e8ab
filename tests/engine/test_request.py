from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from truto_unify.config.provider import Endpoint, ProviderConfig
from truto_unify.engine.encoding import encode_query
from truto_unify.engine.request import build_request, check_id, follow_link
from truto_unify.errors import InvalidInput
from truto_unify.types import LEFT_OUT, Request

ROOT = "https://acme.example.test/api"
VALUES = {"context.shop": "acme", "context.region": "e&u"}
TEXTS = st.text(st.characters(codec="utf-8"))


def provider(**settings: Any) -> ProviderConfig:
    required = {"label": "Store", "documentation": "https://docs.example.test", "base_url": ROOT, "resources": {}}
    return ProviderConfig.model_validate(required | settings)


def build(settings: dict[str, Any], call: dict[str, Any], **parts: Any) -> Request:
    return build_request(provider(**settings), Endpoint.model_validate(call), ROOT, VALUES, **parts)


@pytest.mark.parametrize(
    ("settings", "call", "parts", "expected"),
    [
        ({}, {"path": "/people"}, {}, Request("GET", f"{ROOT}/people")),
        (
            {"headers": {"Accept": "application/json", "X-Shop": "{context.shop}"}},
            {"path": "/people", "headers": {"Accept": "text/plain"}},
            {},
            Request("GET", f"{ROOT}/people", "", (("Accept", "text/plain"), ("X-Shop", "acme"))),
        ),
        (
            {"query": {"region": "{context.region}", "v": "1"}},
            {"path": "/people", "query": {"v": "2", "with": "all"}},
            {"params": [("page", "1"), ("tag", "a b"), ("tag", "c")]},
            Request("GET", f"{ROOT}/people", "region=e%26u&v=2&with=all&page=1&tag=a%20b&tag=c"),
        ),
        (
            {"query": {"v": "1"}},
            {"path": "/people"},
            {"params": [("v", "2"), ("v", "3")]},
            Request("GET", f"{ROOT}/people", "v=2&v=3"),
        ),
        (
            {"query_safe": ":"},
            {"path": "/people"},
            {"params": [("since:min", "10:30+02")]},
            Request("GET", f"{ROOT}/people", "since:min=10:30%2B02"),
        ),
        (
            {},
            {"path": "/people/{id}", "query": {"also": "{id}"}, "headers": {"X-Id": "{id}"}},
            {"record_id": "a/b?c,é"},
            Request(
                "GET",
                f"{ROOT}/people/a%2Fb%3Fc%2C%C3%A9",
                "also=a%2Fb%3Fc%2C%C3%A9",
                (("X-Id", "a%2Fb%3Fc%2C%C3%A9"),),
            ),
        ),
        (
            {},
            {"method": "POST", "path": "/people/query", "read_only": True, "body": {"query": {"sort": "id"}}},
            {"body": {"query": {"limit": 5}, "extra": ["é"]}},
            Request(
                "POST",
                f"{ROOT}/people/query",
                "",
                (("Content-Type", "application/json"),),
                '{"query":{"sort":"id","limit":5},"extra":["é"]}'.encode(),
                is_safe=True,
            ),
        ),
        (
            {"headers": {"Content-Type": "application/vnd.x+json"}},
            {"method": "POST", "path": "/people"},
            {"body": {"a": 1}},
            Request(
                "POST", f"{ROOT}/people", "", (("Content-Type", "application/vnd.x+json"),), b'{"a":1}', is_safe=False
            ),
        ),
        (
            {},
            {"method": "DELETE", "path": "/people/{id}"},
            {"record_id": "7", "body": {}},
            Request("DELETE", f"{ROOT}/people/7", is_safe=False),
        ),
        (
            {},
            {
                "method": "POST",
                "path": "/graphql",
                "read_only": True,
                "graphql": {"document": "store.graphql", "operation": "GetOne"},
                "body": {"variables": {"id": "gid://x/{id}", "n": 1, "ids": ["{id}", 2]}},
            },
            {"document": "query GetOne { x }", "record_id": "{id}\\1"},
            Request(
                "POST",
                f"{ROOT}/graphql",
                "",
                (("Content-Type", "application/json"),),
                b'{"query":"query GetOne { x }","operationName":"GetOne",'
                b'"variables":{"id":"gid://x/{id}\\\\1","n":1,"ids":["{id}\\\\1",2]}}',
                is_safe=True,
            ),
        ),
        (
            {},
            {"method": "POST", "path": "/find", "json_texts": ("q.filter", "q.sort.x")},
            {"body": {"q": {"filter": {"name": {"$eq": 'a"b'}}, "sort": 1}}},
            Request(
                "POST",
                f"{ROOT}/find",
                "",
                (("Content-Type", "application/json"),),
                b'{"q":{"filter":"{\\"name\\":{\\"$eq\\":\\"a\\\\\\"b\\"}}","sort":1}}',
                is_safe=False,
            ),
        ),
        (
            {},
            {"method": "POST", "path": "/many", "body": {"ids": ["{id}", "x{id}"], "all": "{id}"}},
            {"record_id": ("7", "8")},
            Request(
                "POST",
                f"{ROOT}/many",
                "",
                (("Content-Type", "application/json"),),
                b'{"ids":["7","8","x7,8"],"all":"7,8"}',
                is_safe=False,
            ),
        ),
    ],
    ids=[
        "bare",
        "headers",
        "query",
        "replaced",
        "safe",
        "id",
        "body",
        "content type",
        "empty body",
        "graphql",
        "json text",
        "batch",
    ],
)
def test_a_request_is_built_from_its_parts(
    settings: dict[str, Any], call: dict[str, Any], parts: dict[str, Any], expected: Request
) -> None:
    assert build(settings, call, **parts) == expected


@given(TEXTS)
def test_an_id_is_one_step_of_the_path_and_one_value_of_the_query(record_id: str) -> None:
    request = build({}, {"path": "/people/{id}/x", "query": {"id": "{id}"}}, record_id=record_id)
    path = urlsplit(request.url).path

    assert [unquote(step) for step in path.split("/")] == ["", "api", "people", record_id, "x"]
    assert parse_qsl(request.query, keep_blank_values=True) == [("id", record_id)]


@given(TEXTS)
def test_an_id_is_plain_text_in_the_body(record_id: str) -> None:
    request = build({}, {"method": "POST", "path": "/", "body": {"id": "{id}"}}, record_id=record_id)

    assert request.body is not None
    assert json.loads(request.body) == {"id": record_id}


@given(st.lists(st.tuples(TEXTS.filter(bool), TEXTS), min_size=1))
def test_a_query_reads_back_as_its_pairs(pairs: list[tuple[str, str]]) -> None:
    assert parse_qsl(encode_query(pairs), keep_blank_values=True) == pairs


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/../v2/people", "https://acme.example.test/v2/people"),
        ("/../../people", "https://acme.example.test/people"),
        ("/../../../people", "https://acme.example.test/people"),
        ("/people/../x", f"{ROOT}/people/../x"),
    ],
)
def test_dots_at_the_head_of_a_path_leave_the_root(path: str, expected: str) -> None:
    assert build({}, {"path": path}).url == expected


def test_dots_in_an_id_leave_nothing() -> None:
    assert build({}, {"path": "/{id}"}, record_id="../v2").url == f"{ROOT}/..%2Fv2"


def test_a_part_of_the_body_may_be_left_out_after_all() -> None:
    call = {"method": "POST", "path": "/people", "body": {"query": {"filter": {"id": "{id}"}, "limit": 5}}}
    body = {"query": {"filter": LEFT_OUT, "sort": LEFT_OUT}, "other": {"none": LEFT_OUT}}

    assert json.loads(build({}, call, body=body, record_id="7").body or b"") == {"query": {"limit": 5}, "other": {}}


def test_a_link_keeps_everything_but_the_address() -> None:
    request = Request("POST", f"{ROOT}/people", "page=1", (("A", "b"),), b"{}", is_safe=False)

    assert follow_link(request, "https://acme.example.test/other?page=2&q=%2B#top") == Request(
        "POST", "https://acme.example.test/other", "page=2&q=%2B", (("A", "b"),), b"{}", is_safe=False
    )


GLOBAL_ID = Endpoint.model_validate({"path": "/{id}", "id_pattern": "(gid://acme/Person/)?(?P<id>[0-9]+)"})


@pytest.mark.parametrize("text", ["7001", "gid://acme/Person/7001"])
def test_an_id_that_the_provider_writes_in_two_forms_is_sent_in_one(text: str) -> None:
    assert check_id(text, GLOBAL_ID, call="get", owner="acme") == "7001"


def test_another_global_id_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r'^"gid://acme/Order/7001" is not a valid id of acme$'):
        check_id("gid://acme/Order/7001", GLOBAL_ID, call="get", owner="acme")
