from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.scaffold.drafts import SCHEMA, WORDS
from truto_unify.errors import InvalidInput
from truto_unify.scaffold.guess import Guess, Question
from truto_unify.scaffold.openapi import Api, read_openapi
from truto_unify.scaffold.openapi_schema import example_of, resolve
from truto_unify.scaffold.parameters import guess_filters, guess_paging_of
from truto_unify.scaffold.security import guess_authorization

ACME = Path(__file__).parent / "acme_openapi.yaml"
NOTHING = Question(None, "nothing was seen")


def read(**document: Any) -> Api:
    return read_openapi(json.dumps({"openapi": "3.1.0", **document}), "api.json", WORDS)


def json_response(body: Any) -> dict[str, Any]:
    return {"responses": {"200": {"content": {"application/json": {"example": body}}}}}


def test_a_vendors_document_gives_the_address_the_scheme_and_both_calls() -> None:
    api = read_openapi(ACME.read_text("utf-8"), "acme.yaml", WORDS)

    assert api.listing is not None
    assert api.getting is not None
    assert (api.title, api.version, api.documentation) == (
        "Acme Store API",
        "2024-04",
        "https://developer.acme.example",
    )
    assert (api.base_url, api.variables) == ("https://{shopName}.acme.example/api/v2", {"shopName": "demo"})
    assert api.security == {"type": "apiKey", "in": "header", "name": "X-Acme-Token"}
    assert api.listing.path == "/stores/{storeHash}/customers"
    assert api.getting.path == "/stores/{storeHash}/customers/{customerId}"
    assert list(api.listing.parameters) == [
        *("page", "per_page", "email", "created_at_min", "created_at_max", "updated_after", "channel")
    ]
    assert api.listing.error_bodies == ({"error": {"code": "1001", "message": None}},)
    assert [customer["state"] for customer in api.listing.answer["customers"][:4]] == [
        "enabled",
        "disabled",
        "invited",
        "enabled",
    ]
    assert api.listing.answer["customers"][0]["manager"] is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"swagger": "2.0"}', 'api is Swagger 2.0; an OpenAPI 3 document begins with "openapi: 3..."'),
        ('{"info": {}}', 'api is not an OpenAPI document; an OpenAPI 3 document begins with "openapi: 3..."'),
        ("[1]", "api is not an OpenAPI document: it does not hold a mapping"),
        ("a: [", "api is neither JSON nor YAML: api:1:5: not YAML: "),
        ('{"a": ', "api is neither JSON nor YAML: api:1:"),
        ("a: !!python/object:x {}", "api is neither JSON nor YAML"),
    ],
)
def test_a_text_that_is_not_an_openapi_3_document_is_refused(text: str, message: str) -> None:
    with pytest.raises(InvalidInput) as error:
        read_openapi(text, "api", WORDS)

    assert error.value.message.startswith(message)


def test_the_list_call_is_the_shortest_path_with_the_best_name() -> None:
    paths = (
        "/v1/users",
        "/shops/{shop}/customers",
        "/customers/{id}",
        "/customers/search",
        "/customers.json",
        "/orders",
    )
    api = read(paths={path: {"get": json_response([])} for path in paths})

    assert api.listing is not None
    assert api.listing.path == "/customers.json"
    assert api.getting is not None
    assert api.getting.path == "/customers/{id}"


def test_a_document_without_a_path_of_the_resource_has_no_calls() -> None:
    api = read(paths={"/orders": {"get": json_response([])}, "/customers": {"post": json_response({})}})

    assert (api.listing, api.getting) == (None, None)


def test_the_documents_own_example_precedes_one_from_the_schema() -> None:
    media = {"examples": {"one": {"value": [{"id": 5}]}}, "schema": {"type": "array", "items": {"type": "string"}}}
    api = read(paths={"/customers": {"get": {"responses": {"200": {"content": {"application/json": media}}}}}})

    assert api.listing is not None
    assert api.listing.answer == [{"id": 5}]


@pytest.mark.parametrize(
    ("schema", "example"),
    [
        ({"type": "string", "format": "date-time"}, "2024-05-02T08:00:00Z"),
        ({"type": ["null", "boolean"]}, True),
        ({"oneOf": [{"type": "null"}, {"type": "integer"}]}, 1001),
        (
            {"allOf": [{"properties": {"a": {"type": "integer"}}}, {"properties": {"b": {"example": "x"}}}]},
            {"a": 1001, "b": "x"},
        ),
        ({"type": "array", "items": {"enum": ["x", "y"]}}, ["x", "y"]),
        ({"$ref": "#/components/schemas/Node"}, {"id": "1001", "next": None}),
        ({"$ref": "#/nowhere"}, None),
        ({"$ref": "other.yaml#/x"}, None),
        ({"type": "object"}, {}),
        (True, None),
    ],
)
def test_an_example_follows_the_schema(schema: Any, example: Any) -> None:
    node = {"properties": {"id": {"type": "string"}, "next": {"$ref": "#/components/schemas/Node"}}}
    document = {"components": {"schemas": {"Node": node}}}

    assert example_of(document, schema) == example


def test_a_circular_reference_has_no_target() -> None:
    document = {"a": {"$ref": "#/b"}, "b": {"$ref": "#/a"}}

    assert resolve(document, {"$ref": "#/a"}) is None


BEARER = {"type": "bearer", "token": "{credentials.access_token}"}
TOKEN_URL = "https://id.example/token"
CLIENT = {"client_id": "{credentials.client_id}", "client_secret": "{credentials.client_secret}"}


@pytest.mark.parametrize(
    ("security", "rule", "credentials"),
    [
        (
            {"type": "http", "scheme": "Basic"},
            {"type": "basic", "username": "{credentials.username}", "password": "{credentials.password}"},
            ["username", "password"],
        ),
        ({"type": "http", "scheme": "bearer"}, BEARER, ["access_token"]),
        ({"type": "openIdConnect"}, BEARER, ["access_token"]),
        (
            {"type": "apiKey", "in": "query", "name": "key"},
            {"type": "query", "params": {"key": "{credentials.api_key}"}},
            ["api_key"],
        ),
        (
            {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": TOKEN_URL}}},
            {
                "type": "oauth2",
                "value": "Bearer {token}",
                "token_url": TOKEN_URL,
                "params": {"grant_type": "client_credentials", **CLIENT},
            },
            ["client_id", "client_secret"],
        ),
        (
            {"type": "oauth2", "flows": {"authorizationCode": {"tokenUrl": TOKEN_URL}}},
            {
                "type": "oauth2",
                "value": "Bearer {token}",
                "token_url": TOKEN_URL,
                "params": {"grant_type": "refresh_token", "refresh_token": "{refresh_token}", **CLIENT},
            },
            ["client_id", "client_secret", "refresh_token"],
        ),
    ],
)
def test_a_security_scheme_becomes_an_authorization_rule(
    security: dict[str, Any], rule: dict[str, Any], credentials: list[str]
) -> None:
    guess, names = guess_authorization(security)

    assert isinstance(guess, Guess)
    assert (guess.value, list(names)) == (rule, credentials)


@pytest.mark.parametrize("security", [None, {}, {"type": "mutualTLS"}, {"type": "oauth2", "flows": {"implicit": {}}}])
def test_an_unknown_security_scheme_is_a_question(security: dict[str, Any] | None) -> None:
    question, names = guess_authorization(security)

    assert isinstance(question, Question)
    assert (question.value, list(names)) == (BEARER, ["access_token"])


CURSOR = Guess({"type": "cursor", "cursor_path": "next", "cursor_param": "cursor", "max_page_size": 100}, "seen")


@pytest.mark.parametrize(
    ("parameters", "envelope", "rule"),
    [
        (
            {"page": {"schema": {"default": 0}}, "pageSize": {"schema": {"maximum": 50}}},
            NOTHING,
            {
                "type": "page_number",
                "page_param": "page",
                "first_page": 0,
                "page_size_param": "pageSize",
                "max_page_size": 50,
                "total_path": "n",
            },
        ),
        (
            {"skip": {}, "take": {}},
            NOTHING,
            {
                "type": "offset",
                "offset_param": "skip",
                "page_size_param": "take",
                "max_page_size": 100,
                "total_path": "n",
            },
        ),
        (
            {"page_token": {}, "limit": {}},
            CURSOR,
            {**CURSOR.value, "cursor_param": "page_token", "page_size_param": "limit"},
        ),
        ({"limit": {}}, CURSOR, {**CURSOR.value, "page_size_param": "limit"}),
        ({"starting_after": {}}, NOTHING, None),
        ({"email": {}}, NOTHING, None),
        ({}, CURSOR, CURSOR.value),
    ],
)
def test_parameters_and_envelope_together_suggest_the_paging(
    parameters: dict[str, Any], envelope: Guess | Question, rule: dict[str, Any] | None
) -> None:
    assert guess_paging_of(parameters, envelope, {"total_path": "n"}).value == rule


def test_the_names_of_parameters_suggest_filters() -> None:
    day = {"schema": {"type": "string", "format": "date"}}
    names = ("email", "first-name", "createdAfter", "created_before", "updated_since", "q", "created_at", "limit")
    filters = guess_filters(
        {**dict.fromkeys(names), "modified_from": day} | {name: {} for name in names}, SCHEMA, WORDS
    )

    assert {name: rule.value for name, rule in filters.items()} == {
        "email": {"eq": "email"},
        "first_name": {"eq": "first-name"},
        "created_at": {
            "gt": "createdAfter",
            "lt": "created_before",
        },
        "updated_at": {"gte": "updated_since"},
    }
