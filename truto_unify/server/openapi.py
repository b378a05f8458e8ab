"""Builds the OpenAPI 3.1 document from the registry, with the support of each provider beside each parameter."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from fastapi.openapi.utils import get_openapi

from truto_unify.capabilities import describe_provider
from truto_unify.server.admin.shapes import EXAMPLE_CONFIG
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
    "One API over many stores. Unified calls read the store behind an integrated account and answer in one shape, "
    "with the store's own record as `remote_data`. Query parameters nest with brackets: `created_at[gte]=…`, "
    "`emails[][email]=…`; lists are `a[]=1&a[]=2`, `a[0]=1` or, if the parameter says so, `a=1,2`."
)


def build_openapi(app: FastAPI, registry: Registry) -> dict[str, Any]:
    """Builds the document of a service.

    Args:
        app: the application, whose admin routes the framework documents.
        registry: the providers and their mappings.
    """
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {"Error": ERROR, "RemoteError": REMOTE_ERROR}
    described = {slug: describe_provider(registry, slug)["resources"] for slug in registry.providers}
    admin = get_openapi(title="", version="", routes=app.routes)
    admin_schemas = admin.get("components", {}).get("schemas", {})
    for name, schema in registry.resources.items():
        support = {slug: resources[name] for slug, resources in described.items() if name in resources}
        record = schema.record.__name__
        if record in schemas or record in admin_schemas:
            record = name.replace("/", ".")
        schemas[record] = record_schema(schema)
        paths |= _unified_paths(name, schema, record, support)
    paths |= fixed_paths(registry.providers, registry.resource_names)
    for path, operations in admin.get("paths", {}).items():
        paths.setdefault(path, {}).update({verb: _with_our_errors(operation) for verb, operation in operations.items()})
    for item in paths.values():
        for operation in item.values():
            with_body = (408, 413) if "requestBody" in operation else ()
            responses = {**answers(414, 431, 500, 503, 504, *with_body), **operation["responses"]}
            operation["responses"] = dict(sorted(responses.items()))
    framework = {"HTTPValidationError", "ValidationError"}
    schemas |= {name: schema for name, schema in admin_schemas.items() if name not in framework}
    for name, example in _example_bodies(registry).items():
        schemas[name]["examples"] = [example]
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


def _example_bodies(registry: Registry) -> dict[str, Any]:
    """The example bodies that name a provider, with fields of a provider of this registry."""
    (resource, slug), *_ = registry.mappings
    config = registry.provider(slug).config
    fields = {
        group: {
            name: field.example or field.title
            for name, field in getattr(config, group).items()
            if field.derived is None and field.default is None and field.required
        }
        for group in ("context", "credentials")
    }
    model, _, kind = resource.partition("/")
    override = {
        "unified_model": model,
        "resource": kind,
        "integration": slug,
        "method": "all",
        "config": EXAMPLE_CONFIG,
    }
    return {"NewAccount": {"tenant_id": "acme-ltd", "integration": slug, **fields}, "NewOverride": override}


def _with_our_errors(operation: dict[str, Any]) -> dict[str, Any]:
    """An operation that the framework describes, with our errors instead of the framework's."""
    responses = {
        status: response
        for status, response in operation.get("responses", {}).items()
        if status != "422" or _is_declared(response)
    }
    error_statuses = sorted({"400", "401", "403"} | {status for status in responses if status >= "400"})
    errors = answers(*map(int, error_statuses))
    for status, response in responses.items():
        if status in errors:
            errors[status]["description"] = response["description"]
    successes = {status: response for status, response in responses.items() if status < "400"}
    return {**operation, "responses": {**successes, **errors}}


def _is_declared(response: dict[str, Any]) -> bool:
    """Whether the route itself declares this response; the framework adds a 422 to every route."""
    return bool(response.get("description") != "Validation Error")


def _unified_paths(
    name: str, schema: ResourceSchema, record: str, support: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    model, _, resource = name.partition("/")
    common = {"tags": [f"unified {model}"], "x-unify-support": _methods(support)}
    filters = filter_parameters(schema, {slug: resource_support["query"] for slug, resource_support in support.items()})
    fields = {slug: resource_support["fields"] for slug, resource_support in support.items()}
    record_ref = {"$ref": f"#/components/schemas/{record}"}
    ndjson = {NDJSON: {"schema": {"type": "string", "description": "One JSON record a line, to the end of the list."}}}
    return {
        f"/unified/{name}": {
            "get": {
                **common,
                "operationId": f"list_{model}_{resource}",
                "summary": f"List {resource}",
                "description": (
                    f"One page of {resource}. `X-Unify-Query-Plan` says how each filter and sort is served: by the "
                    "store (native) or by the service on the records that it read (emulated)."
                ),
                "parameters": [ACCOUNT, *filters, *control_parameters("list", schema)],
                "responses": {
                    "200": {
                        "description": "The page.",
                        "content": {JSON: {"schema": envelope_schema(record_ref)}, **ndjson},
                        "headers": _headers("X-Unify-Query-Plan", "X-Unify-Record-Errors", "X-Unify-Partial-Reasons"),
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
                    parameter(
                        "id", "The id of the record, as in a list.", {"type": "string", "minLength": 1}, place="path"
                    ),
                    ACCOUNT,
                    *control_parameters("get", schema),
                ],
                "responses": {
                    "200": {
                        "description": "The record.",
                        # With truto_response_format=raw it is the provider's own record.
                        "content": {JSON: {"schema": {"anyOf": [record_ref, {"type": "object"}]}}},
                    },
                    **_unified_errors(),
                },
                "x-unify-fields": fields,
            }
        },
    }


def _methods(support: dict[str, dict[str, Any]]) -> dict[str, list[str]]:
    return {slug: resource_support["methods"] for slug, resource_support in support.items()}


def _headers(*names: str) -> dict[str, Any]:
    return {name: {"schema": {"type": "string"}, "required": False} for name in names}


def _unified_errors() -> dict[str, Any]:
    remote = (401, 403, 404, 409, 422, 429, 502)
    errors = answers(400, 401, 403, 404, 405, 409, 414, 422, 429, 431, 500, 502, 503, 504, remote=remote)
    errors["4XX"] = {**errors["422"], "description": "The provider's error."}
    errors["5XX"] = {**errors["502"], "description": "The provider's error."}
    return errors
