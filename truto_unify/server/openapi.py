"""The OpenAPI 3.1 document, made from the registry: what each provider supports stands beside each parameter."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from fastapi.openapi.utils import get_openapi

from truto_unify.capabilities import describe_provider
from truto_unify.models import RESOURCES
from truto_unify.server.openapi_parts import (
    ACCOUNT,
    ERROR,
    JSON,
    NDJSON,
    REMOTE_ERROR,
    answers,
    control_parameters,
    envelope_schema,
    filter_parameters,
    parameter,
)
from truto_unify.server.openapi_routes import fixed_paths
from truto_unify.server.schemas import record_schema

if TYPE_CHECKING:
    from fastapi import FastAPI

    from truto_unify.models.resource import ResourceSchema
    from truto_unify.registry import Registry

_DESCRIPTION = (
    "One API over many stores. Unified calls ask the store behind an integrated account and answer in one shape, "
    "with the store's own record as `remote_data`. Query parameters nest with brackets: `created_at[gte]=…`, "
    "`emails[][email]=…`; lists are `a[]=1&a[]=2`, `a[0]=1` or, where it is said, `a=1,2`."
)


def build_openapi(app: FastAPI, registry: Registry) -> dict[str, Any]:
    """The document of a service.

    Args:
        app: its admin routes are documented by the framework.
        registry: gives unified resources and what each provider supports.
    """
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {"Error": ERROR, "RemoteError": REMOTE_ERROR}
    described = {slug: describe_provider(registry, slug)["resources"] for slug in registry.providers}
    for name, schema in RESOURCES.items():
        support = {slug: resources[name] for slug, resources in described.items() if name in resources}
        record = schema.record.__name__
        schemas[record] = record_schema(schema)
        paths |= _unified_paths(name, schema, record, support)
    paths |= fixed_paths(registry.providers)
    admin = get_openapi(title="", version="", routes=app.routes)
    for path, operations in admin.get("paths", {}).items():
        paths.setdefault(path, {}).update({verb: _ours(one) for verb, one in operations.items()})
    for item in paths.values():
        for operation in item.values():
            with_body = (408, 413) if "requestBody" in operation else ()
            told = {**answers(414, 431, 500, 503, 504, *with_body), **operation["responses"]}
            operation["responses"] = dict(sorted(told.items()))
    framework = {"HTTPValidationError", "ValidationError"}
    given = admin.get("components", {}).get("schemas", {})
    schemas |= {name: one for name, one in given.items() if name not in framework}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "truto_unify",
            "version": version("truto-unify"),
            "description": _DESCRIPTION,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API token (`truto-unify token create`), or a token of one integrated account.",
                }
            },
        },
    }


def _ours(operation: dict[str, Any]) -> dict[str, Any]:
    """An operation as the framework describes it, with our errors instead of its own."""
    told = {status: one for status, one in operation.get("responses", {}).items() if status != "422" or _is_ours(one)}
    refusals = sorted({"400", "401", "403"} | {one for one in told if one >= "400"})
    errors = answers(*map(int, refusals))
    for status, one in told.items():
        if status in errors:
            errors[status]["description"] = one["description"]
    return {**operation, "responses": {**{name: one for name, one in told.items() if name < "400"}, **errors}}


def _is_ours(answer: dict[str, Any]) -> bool:
    """Whether a route says this of itself, and not the framework of every route."""
    return bool(answer.get("description") != "Validation Error")


def _unified_paths(
    name: str, schema: ResourceSchema, record: str, support: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    model, _, resource = name.partition("/")
    common = {"tags": [f"unified {model}"], "x-unify-support": _methods(support)}
    filters = filter_parameters(schema, {slug: one["query"] for slug, one in support.items()})
    fields = {slug: one["fields"] for slug, one in support.items()}
    record_ref = {"$ref": f"#/components/schemas/{record}"}
    ndjson = {
        NDJSON: {"schema": {"type": "string", "description": "One record of JSON a line, to the end of the list."}}
    }
    return {
        f"/unified/{name}": {
            "get": {
                **common,
                "operationId": f"list_{model}_{resource}",
                "summary": f"List {resource}",
                "description": (
                    f"One page of {resource}. `X-Unify-Query-Plan` says who served each filter and sort: the store "
                    "itself (native) or the service on the records it read (emulated)."
                ),
                "parameters": [ACCOUNT, *filters, *control_parameters("list", schema)],
                "responses": {
                    "200": {
                        "description": "The page.",
                        "content": {JSON: {"schema": envelope_schema(record_ref)}, **ndjson},
                        "headers": _headers("X-Unify-Query-Plan", "X-Unify-Record-Errors"),
                    },
                    **_unified_errors(),
                },
                "x-unify-fields": fields,
            }
        },
        f"/unified/{name}/{{id}}": {
            "get": {
                **common,
                "operationId": f"get_{model}_{resource}",
                "summary": f"Get one of the {resource}",
                "description": "The record itself, without an envelope. An id may hold slashes, encoded or not.",
                "parameters": [
                    parameter("id", "The id that the list gives.", {"type": "string", "minLength": 1}, place="path"),
                    ACCOUNT,
                    *control_parameters("get", schema),
                ],
                "responses": {
                    "200": {
                        "description": "The record.",
                        # Where raw was asked for it is the provider's own.
                        "content": {JSON: {"schema": {"anyOf": [record_ref, {"type": "object"}]}}},
                    },
                    **_unified_errors(),
                },
                "x-unify-fields": fields,
            }
        },
    }


def _methods(support: dict[str, dict[str, Any]]) -> dict[str, list[str]]:
    return {slug: one["methods"] for slug, one in support.items()}


def _headers(*names: str) -> dict[str, Any]:
    return {name: {"schema": {"type": "string"}, "required": False} for name in names}


def _unified_errors() -> dict[str, Any]:
    remote = (401, 403, 404, 409, 422, 429, 502)
    found = answers(400, 401, 403, 404, 405, 409, 414, 422, 429, 431, 500, 502, 503, 504, remote=remote)
    found["4XX"] = {**found["422"], "description": "What the provider answered."}
    found["5XX"] = {**found["502"], "description": "What the provider answered."}
    return found
