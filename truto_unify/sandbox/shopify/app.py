"""A pretend Shopify store: customers, orders and products of its Admin GraphQL API, as strict as the real one.

https://shopify.dev/docs/api/admin-graphql
"""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from graphql import (
    GraphQLError,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    assert_object_type,
    build_schema,
    execute_sync,
    parse,
)
from graphql.language import FragmentDefinitionNode
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from truto_unify.sandbox.middleware import record_or_fail
from truto_unify.sandbox.shopify.cost import MAX_COST, Bucket, CostRules
from truto_unify.sandbox.shopify.errors import describe_syntax_error, find_invalid_parts
from truto_unify.sandbox.shopify.places import Places
from truto_unify.sandbox.shopify.products import find_product, page_products
from truto_unify.sandbox.shopify.records import find_customer, find_order, page_customers, page_orders
from truto_unify.sandbox.shopify.variables import fill_variables, find_invalid_variables

if TYPE_CHECKING:
    from graphql import DocumentNode
    from starlette.requests import Request

    from truto_unify.sandbox.shopify.records import Info
    from truto_unify.sandbox.store import Store

VERSION = "2026-07"
API_ROOT = f"/admin/api/{VERSION}"
ACCOUNT = {"credentials": {"access_token": "shpat_sandbox"}, "context": {"shop": "sandbox"}}

Answer = dict[str, Any]

_SCHEMA = build_schema(
    resources.files(__name__.rpartition(".")[0]).joinpath("schema.graphql").read_text(encoding="utf-8")
)
_QUERY_ROOT = assert_object_type(_SCHEMA.query_type)
_VERSIONS = re.compile(r"\d{4}-(01|04|07|10)|unstable")
_WRONG_TOKEN = "[API] Invalid API key or access token (unrecognized login or wrong password)"
_RATE_LIMITS = "https://shopify.dev/api/usage/rate-limits"
_BULK_OPERATIONS = "https://shopify.dev/api/usage/bulk-operations/queries"


def create_app(store: Store) -> Starlette:
    """The pretend store as an ASGI application.

    Args:
        store: Its people, its clock and its planned failures.

    Returns:
        An application that serves ``POST /admin/api/{version}/graphql.json``.
    """
    shop = _GraphqlShop(store, Bucket(store.clock))

    async def answer(request: Request) -> Response:
        fault = await record_or_fail(store, request)
        return fault or shop.answer(request, await request.body())

    return Starlette(routes=[Route("/admin/api/{version}/graphql.json", answer, methods=["POST"])])


@dataclass
class _Root:
    """The resolvers of ``QueryRoot``, as graphql-core calls the methods of a root value."""

    store: Store

    def customer(self, _info: Info, id: str) -> Answer | None:
        return find_customer(self.store.people, id)

    def customers(self, info: Info, **arguments: Any) -> Answer:
        return page_customers(self.store.people, info, arguments)

    def order(self, _info: Info, id: str) -> Answer | None:
        return find_order(self.store.people, id)

    def orders(self, info: Info, **arguments: Any) -> Answer:
        return page_orders(self.store.people, info, arguments)

    def product(self, _info: Info, id: str) -> Answer | None:
        return find_product(id)

    def products(self, info: Info, **arguments: Any) -> Answer:
        return page_products(info, arguments)


@dataclass
class _GraphqlShop:
    store: Store
    bucket: Bucket

    def answer(self, request: Request, body: bytes) -> Response:
        headers = {"x-request-id": str(uuid.uuid4()), "x-shopify-api-version": VERSION, "vary": "Accept"}
        if request.headers.get("x-shopify-access-token") != ACCOUNT["credentials"]["access_token"]:
            return JSONResponse({"errors": _WRONG_TOKEN}, 401, headers)
        version = request.path_params["version"]
        if not _VERSIONS.fullmatch(version):
            return JSONResponse({"errors": "Not Found"}, 404, headers)
        if version != VERSION:
            # An unsupported version is no error: another version answers, with a warning.
            headers["x-shopify-api-version-warning"] = "https://shopify.dev/concepts/about-apis/versioning"
        graphql_request = _read_request(request.headers.get("content-type", ""), body)
        if graphql_request is None:
            return JSONResponse({"errors": {"query": "Required parameter missing or invalid"}}, 400, headers)
        return JSONResponse(self._run(graphql_request, headers), headers=headers)

    def _run(self, graphql_request: Answer, headers: dict[str, str]) -> Answer:
        document, invalid, deprecated = _read_document(graphql_request["query"])
        if document is None or invalid:
            return {"errors": invalid}
        operation = _choose_operation(document, graphql_request.get("operationName"))
        if operation is None:
            return {"errors": [{"message": "An operation name is required"}]}
        values = fill_variables(operation, graphql_request.get("variables") or {})
        if errors := find_invalid_variables(_SCHEMA, operation, values):
            return {"errors": errors}
        if deprecated:
            headers["x-shopify-api-deprecated-reason"] = ", ".join(deprecated)
        return self._pay_and_execute(document, operation, values)

    def _pay_and_execute(self, document: DocumentNode, operation: OperationDefinitionNode, values: Answer) -> Answer:
        root = _QUERY_ROOT
        fragments = {part.name.value: part for part in document.definitions if isinstance(part, FragmentDefinitionNode)}
        rules = CostRules(fragments, values)
        requested = rules.requested(operation.selection_set, root)
        if requested > MAX_COST:
            return {"errors": [_describe_cost(requested)]}
        if not self.bucket.take(requested):
            throttled = {
                "message": "Throttled",
                "extensions": {"code": "THROTTLED", "documentation": _RATE_LIMITS},
            }
            return {"errors": [throttled], "extensions": {"cost": self.bucket.status(requested, None)}}
        warnings: list[Answer] = []
        result = execute_sync(
            _SCHEMA,
            document,
            root_value=_Root(self.store),
            context_value=warnings,
            variable_values=values,
            operation_name=operation.name.value if operation.name else None,
        )
        actual = rules.actual(operation.selection_set, root, result.data)
        self.bucket.refund(requested - actual)
        extensions = {"cost": self.bucket.status(requested, actual)}
        answer: Answer = {"errors": [_describe_failure(error) for error in result.errors]} if result.errors else {}
        return answer | {
            "data": result.data,
            "extensions": extensions | ({"search": warnings} if warnings else {}),
        }


@lru_cache(maxsize=64)
def _read_document(query: str) -> tuple[DocumentNode | None, list[Answer], dict[str, None]]:
    """The parsed query, its errors and its deprecated fields; cached, because clients repeat a few queries."""
    try:
        document = parse(query)
    except GraphQLSyntaxError as error:
        return None, [describe_syntax_error(query, error)], {}
    places = Places(_SCHEMA, document)
    return document, find_invalid_parts(_SCHEMA, document, places), places.deprecated


def _read_request(content_type: str, body: bytes) -> Answer | None:
    """The query, variables and operation name; None if the body holds no query."""
    if content_type.partition(";")[0].strip().lower() != "application/json":
        return None
    try:
        graphql_request = json.loads(body)
    except ValueError:
        return None
    if not isinstance(graphql_request, dict) or not isinstance(graphql_request.get("query"), str):
        return None
    return graphql_request if isinstance(graphql_request.get("variables") or {}, dict) else None


def _choose_operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode | None:
    operations = [part for part in document.definitions if isinstance(part, OperationDefinitionNode)]
    if name:
        operations = [operation for operation in operations if operation.name and operation.name.value == name]
    return operations[0] if len(operations) == 1 else None


def _describe_cost(requested: int) -> Answer:
    message = (
        f"Query cost is {requested}, which exceeds the single query max cost limit ({MAX_COST}).\n\n"
        f"See {_RATE_LIMITS} for more information on how the\ncost of a query is calculated.\n\n"
        "To query larger amounts of data with fewer limits, bulk operations should be used instead.\n"
        f"See {_BULK_OPERATIONS} for usage details.\n"
    )
    extensions = {"code": "MAX_COST_EXCEEDED", "cost": requested, "maxCost": MAX_COST}
    return {"message": message, "extensions": extensions | {"documentation": _RATE_LIMITS}}


def _describe_failure(error: GraphQLError) -> Answer:
    if error.original_error is None or isinstance(error.original_error, GraphQLError):
        return dict(error.formatted)
    # An error of the sandbox itself: let the test fail.
    raise error.original_error
