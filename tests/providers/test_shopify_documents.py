"""The GraphQL documents of Shopify fit its schema and the smallest bucket of points."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

import pytest
from graphql import FragmentDefinitionNode, build_schema, get_operation_ast, parse, validate

from tests.shipped import REGISTRY
from tests.shopify_schema import ABSENT, load_real_schema
from tests.twins import SyncTwin
from truto_unify import ProviderError
from truto_unify.sandbox.shopify.cost import CostRules

if TYPE_CHECKING:
    from graphql import GraphQLSchema

    from tests.loopback import Loopback

SMALL = build_schema(resources.files("truto_unify.sandbox.shopify").joinpath("schema.graphql").read_text("utf-8"))
DOCUMENTS = REGISTRY.provider("shopify").documents


@pytest.mark.parametrize("name", DOCUMENTS)
def test_our_documents_are_valid_in_the_small_schema(name: str) -> None:
    assert validate(SMALL, parse(DOCUMENTS[name])) == []


@pytest.fixture(scope="module")
def real_schema() -> GraphQLSchema:
    schema = load_real_schema()
    if schema is None:
        pytest.skip(ABSENT)
    return schema


@pytest.mark.parametrize("name", DOCUMENTS)
def test_our_documents_are_valid_in_the_real_schema(name: str, real_schema: GraphQLSchema) -> None:
    assert validate(real_schema, parse(DOCUMENTS[name])) == []


def test_no_deprecated_field_is_asked_for(loopback: Loopback) -> None:
    headers: list[str] = []
    account = loopback.account("shopify")

    with pytest.raises(ProviderError) as caught:
        SyncTwin().list(account, remote_query={"query": "nosuch:1"})
    headers += caught.value.headers

    assert "x-shopify-api-version" in headers
    assert "x-shopify-api-deprecated-reason" not in headers


ENDPOINTS = {
    f"{resource}.{call}": endpoint
    for resource, calls in REGISTRY.provider("shopify").config.resources.items()
    for call, endpoint in calls.items()
}


@pytest.mark.parametrize("name", ENDPOINTS)
def test_a_full_page_costs_less_than_the_smallest_bucket_holds(name: str) -> None:
    """Shops on small plans have 1,000 points, and no query may cost more."""
    endpoint = ENDPOINTS[name]
    assert endpoint.graphql is not None
    document = parse(DOCUMENTS[endpoint.graphql.document])
    operation = get_operation_ast(document, endpoint.graphql.operation)
    fragments = {part.name.value: part for part in document.definitions if isinstance(part, FragmentDefinitionNode)}
    size = endpoint.pagination.max_page_size if endpoint.pagination is not None else None
    assert operation is not None
    assert SMALL.query_type is not None

    costs = [
        CostRules(fragments, {"first": first}).requested(operation.selection_set, SMALL.query_type)
        for first in range(1, (size or 1) + 1)
    ]

    assert costs == sorted(costs)
    assert costs[-1] < 600
