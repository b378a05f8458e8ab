from __future__ import annotations

from typing import Any

import pytest

from tests.shipped import REGISTRY
from truto_unify import ConfigError, ForbiddenParameter
from truto_unify.config.forbidden_parameters import ForbiddenNames, Place, forbidden_names, header_reason
from truto_unify.config.graphql_document import reads_only
from truto_unify.config.provider import Endpoint, ProviderConfig

METHOD = "which changes the HTTP method of a request"
STORE = "by which the store changes the meaning of a request"
ACCOUNT = "which belongs to the account"
GRAPHQL = "which is no variable of the GraphQL operation"
GRAPHQL_CALL = Endpoint.model_validate(
    {"method": "POST", "path": "/graphql", "graphql": {"document": "a.graphql", "operation": "A"}}
)


def config(**parts: Any) -> ProviderConfig:
    usual = {
        "label": "Store",
        "documentation": "https://docs.example.test",
        "base_url": "https://example.test",
        "resources": {},
        "query": {"organization_id": "{context.organization_id}", "v": "1"},
        "credentials": {"secret": {"title": "Secret"}},
        "authorization": {"type": "query", "params": {"key": "{credentials.key}"}},
        "forbidden_parameters": {"query": ("_envelope",), "body": ("_locale",)},
    }
    return ProviderConfig.model_validate(usual | parts)


@pytest.mark.parametrize(
    ("place", "name", "reason"),
    [
        ("query", "_method", METHOD),
        ("body", "_method", METHOD),
        ("query", ".method", METHOD),
        ("query", "X-HTTP-Method-Override", METHOD),
        ("query", "$httpMethod", METHOD),
        ("query", "_envelope", STORE),
        ("query", ".Envelope[]", STORE),
        ("body", "_envelope", None),
        ("body", "_locale", STORE),
        ("query", "organization_id", ACCOUNT),
        ("query", "organization.id", ACCOUNT),
        ("query", "key", ACCOUNT),
        ("body", "secret", ACCOUNT),
        ("query", "access_token", ACCOUNT),
        ("query", "Authorization", ACCOUNT),
        ("query", "v", None),
        ("query", "method", None),
    ],
)
def test_why_nobody_may_set_a_parameter(place: Place, name: str, reason: str | None) -> None:
    assert forbidden_names(config()).reason(place, name) == reason


def test_a_signature_belongs_to_the_account() -> None:
    rule = {"type": "oauth1", "client_key": "{credentials.secret}", "client_secret": "{credentials.secret}"}
    assert forbidden_names(config(authorization=rule)).reason("query", "oauth_nonce") == ACCOUNT


@pytest.mark.parametrize("name", ["query", "operationName", "extensions", "Variables", "id", "_method"])
def test_a_graphql_call_takes_variables_alone(name: str) -> None:
    names = ForbiddenNames()
    assert names.reason("body", "variables", GRAPHQL_CALL) is None
    assert names.reason("body", name, GRAPHQL_CALL) == GRAPHQL
    assert names.reason("query", "operation%4eame", GRAPHQL_CALL) == GRAPHQL


def test_a_refusal_names_the_parameter_its_place_and_why() -> None:
    with pytest.raises(ForbiddenParameter) as caught:
        ForbiddenNames().check("query", ["email", " _method"], "remote_query")
    refused = caught.value
    assert (refused.message, refused.parameter, refused.place) == (
        f'remote_query may not set " _method", {METHOD}',
        " _method",
        "remote_query",
    )


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("X_HTTP_METHOD_OVERRIDE", METHOD),
        ("Transfer-Encoding", "which the engine alone sends"),
        ("Host", "which the engine alone sends"),
        ("Accept", None),
        ("Authorization", None),  # a provider file may send it as a constant
    ],
)
def test_headers_that_no_request_holds(name: str, reason: str | None) -> None:
    assert header_reason(name) == reason


@pytest.mark.parametrize(
    ("document", "operation", "expected"),
    [
        ("{ shop { name } }", None, True),
        ("query A { a } fragment F on T { b }", "A", True),
        ("mutation A { a }", "A", False),
        ("query A { a } mutation B { b }", None, False),
        ("query A { a } mutation B { b }", "A", True),
        ("query A { a }", "B", False),
        ("subscription { a }", None, False),
        ('# query A { a }\nmutation { delete(id: "}") { id } }', None, False),
        ('query A { a(text: "mutation { b }") }', None, True),
        ("\ufeffmutation{a}", None, False),
        ("query", None, False),
        ("", None, False),
    ],
)
def test_which_documents_only_read(document: str, operation: str | None, *, expected: bool) -> None:
    assert reads_only(document, operation) is expected


LIST_PARTS: list[tuple[str, dict[str, Any], str]] = [
    ("woocommerce", {"query": {"_method": "DELETE"}}, METHOD),
    ("woocommerce", {"query": {".method": "DELETE"}}, METHOD),
    ("woocommerce", {"query": {"_envelope": "1"}}, STORE),
    ("woocommerce", {"query": {"consumer_key": "ck"}}, ACCOUNT),
    ("woocommerce", {"body": {"_method": "DELETE"}}, METHOD),
    ("woocommerce", {"filters": {"first_name": {"eq": "_method"}}}, METHOD),
    ("woocommerce", {"filters": {"first_name": {"eq": {"param": "a", "query": {"_method": "PUT"}}}}}, METHOD),
    ("woocommerce", {"search": {"param": "_method"}}, METHOD),
    ("woocommerce", {"sort": {"query": {"_method": "{field}"}, "fields": {"created_at": "x"}}}, METHOD),
    ("shopify", {"body": {"query": "mutation { a }"}}, GRAPHQL),
    ("shopify", {"body": {"operationName": "B"}}, GRAPHQL),
    ("shopify", {"query": {"query": "mutation { a }"}}, GRAPHQL),
    ("zohoinventory", {"query": {"organization_id": "7"}}, ACCOUNT),
]


@pytest.mark.parametrize(("slug", "parts", "reason"), LIST_PARTS)
def test_an_override_of_a_tenant_cannot_send_one(slug: str, parts: dict[str, Any], reason: str) -> None:
    with pytest.raises(ConfigError) as caught:
        REGISTRY.mapping("ecommerce/customers", slug, ({"list": parts},))
    assert f"may not be sent, {reason}" in caught.value.message
