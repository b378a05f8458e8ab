"""The OpenAPI operations that do not depend on a unified resource."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from truto_unify.server.batch_plan import MAX_STEPS
from truto_unify.server.openapi_parts import ACCOUNT, JSON, answers, envelope_schema, parameter

if TYPE_CHECKING:
    from collections.abc import Sequence

_ANY_OBJECT = {"type": "object"}
_PUBLIC: dict[str, Any] = {"security": []}


def fixed_paths(providers: Sequence[str], resources: Sequence[str]) -> dict[str, Any]:
    """Path items by path.

    Args:
        providers: slugs, the values of ``integration``.
        resources: names of the unified resources; the examples show the first.
    """
    slug = parameter("integration", "A provider.", {"type": "string", "enum": list(providers)}, place="path")
    resource = resources[0]
    return {**_meta(slug, resource), **_native(), **_batch(resource), **_catalogue(slug, resource), **_health()}


def _meta(slug: dict[str, Any], example: str) -> dict[str, Any]:
    example_model, _, example_resource = example.partition("/")
    model = _segment("model", f"For example {example_model}.")
    resource = _segment("resource", f"For example {example_resource}.")
    method = parameter("method", "A unified method.", {"type": "string", "enum": ["list", "get"]}, place="path")
    form = parameter("format", "The format of the notes.", {"type": "string", "enum": ["json", "md", "html"]})
    notes_response = {
        "200": {
            "description": "The notes.",
            "content": {
                JSON: {"schema": _ANY_OBJECT},
                "text/markdown": {"schema": {"type": "string"}},
                "text/html": {"schema": {"type": "string"}},
            },
        }
    }
    by_account = _operation("meta", "account_meta", "A method for one account", 400, 401, 403, 404, 405, 503)
    by_provider = _operation("meta", "integration_meta", "A method for one provider", 400, 401, 403, 404, 405, 503)
    # A path with another word than a method name is read as an id, and the provider is called.
    for operation in (by_account, by_provider):
        operation["responses"] |= answers(422, 429, 500, 502, 504)
    notes = _operation("meta", "provider_notes", "Notes on a provider", 400, 401, 403, 404, 503)
    notes["responses"] |= notes_response
    return {
        "/unified/{model}/{resource}/meta/{method}": {
            "get": {**by_account, "parameters": [model, resource, method, ACCOUNT]}
        },
        "/unified/{model}/{resource}/{integration}/meta/{method}": {
            "get": {**by_provider, "parameters": [model, resource, slug, method]}
        },
        "/unified/meta/{model}/{integration}": {"get": {**notes, "parameters": [model, slug, form]}},
    }


def _native() -> dict[str, Any]:
    resource = _segment("resource", "A native resource of the provider's file.")
    record_id = parameter("id", "The native id.", {"type": "string", "minLength": 1}, place="path")
    path = parameter("path", "A path below the provider's API root.", {"type": "string"}, place="path")
    limit = parameter("limit", "The most records of a page.", {"type": "integer", "minimum": 1, "maximum": 999_999_999})
    cursor = parameter("next_cursor", "The cursor of the previous page.", {"type": "string"})
    list_page = _operation("native", "proxy_list", "A page of native records")
    list_page["responses"] = {
        "200": {"description": "The page.", "content": {JSON: {"schema": envelope_schema(_ANY_OBJECT)}}},
        **_native_errors(),
    }
    record_call = _operation("native", "proxy_get", "One native record")
    record_call["responses"] = {
        "200": {"description": "The provider's body.", "content": {JSON: {}}},
        **_native_errors(),
    }
    body: dict[str, Any] = {"content": {JSON: {"schema": {}}, "*/*": {"schema": {}}}}
    custom: dict[str, Any] = {}
    for verb in ("get", "post", "put", "patch", "delete"):
        operation = _operation("native", f"custom_{verb}", f"{verb.upper()} any path of the provider")
        operation["responses"] = {
            "2XX": {
                "description": "The provider's answer; JSON stands in an envelope.",
                "content": {JSON: {}, "*/*": {}},
            },
            **_native_errors(),
        }
        operation["parameters"] = [path, ACCOUNT]
        if verb != "get":
            operation["requestBody"] = body
        custom[verb] = operation
    list_page["parameters"], record_call["parameters"] = (
        [resource, ACCOUNT, limit, cursor],
        [resource, record_id, ACCOUNT],
    )
    writes: dict[str, Any] = {}
    for verb, what in (
        ("post", "Call a native method"),
        ("put", "Update a native record"),
        ("patch", "Update a native record"),
        ("delete", "Delete a native record"),
    ):
        operation = {
            **record_call,
            "operationId": f"proxy_{verb}",
            "summary": f"{what}, if the provider's file declares it",
        }
        writes[verb] = operation if verb == "delete" else {**operation, "requestBody": {"content": {JSON: {}}}}
    create = {**list_page, "operationId": "proxy_create", "summary": "Create, if the provider's file declares it"}
    create |= {"parameters": [resource, ACCOUNT], "responses": record_call["responses"]}
    create["requestBody"] = {"content": {JSON: {}}}
    return {
        "/proxy/{resource}": {"get": list_page, "post": create},
        "/proxy/{resource}/{id}": {"get": record_call, **writes},
        "/custom/{path}": custom,
    }


def _native_errors() -> dict[str, Any]:
    remote = (401, 403, 404, 409, 422, 429, 502)
    errors = answers(400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 502, 503, 504, remote=remote)
    errors["4XX"] = {**errors["422"], "description": "The provider's error."}
    errors["5XX"] = {**errors["502"], "description": "The provider's error."}
    return errors


def _batch(resource: str) -> dict[str, Any]:
    item = {
        "type": "object",
        "required": ["resource"],
        "additionalProperties": False,
        "properties": {
            "resource": {"type": "string", "minLength": 1, "description": "model/resource, or a native resource."},
            "method": {"type": "string", "enum": ["list", "get"]},
            "id": {"type": ["string", "integer"]},
            "query": {"type": "object"},
            "name": {"type": "string", "minLength": 1},
            "depends_on": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
            "persist": {"type": "boolean"},
            "response_format": {"type": "string", "enum": ["unified", "raw", "normalized"]},
        },
    }
    schema = {
        "type": "object",
        "required": ["integrated_account_id", "resources"],
        "additionalProperties": False,
        "properties": {
            "integrated_account_id": {"type": "string"},
            "args": {"type": "object"},
            "resources": {"type": "array", "minItems": 1, "maxItems": MAX_STEPS, "items": item},
        },
        "examples": [
            {
                "integrated_account_id": "0193d3a4-7a1e-7c52-9f0e-3c1d5b7a2e10",
                "resources": [{"resource": resource, "method": "list", "query": {"limit": 5}}],
            }
        ],
    }
    dotted = resource.replace("/", ".")
    grouped = {"type": "object", "additionalProperties": {"type": "array"}}
    operation = _operation("batch", "batch_request", "Several lists and gets", 400, 401, 403, 404, 413, 500, 503, 504)
    operation["description"] = (
        "Lists are read to their end. Placeholders take values from `args` and from the records of an item in "
        f"`depends_on`; the item is repeated for each of these records: `{{{{resources.{dotted}.id}}}}`."
    )
    operation["requestBody"] = {"required": True, "content": {JSON: {"schema": schema}}}
    operation["responses"]["200"] = {
        "description": "Results and errors by item.",
        "content": {
            JSON: {
                "schema": {
                    "type": "object",
                    "required": ["result", "errors"],
                    "properties": {"result": grouped, "errors": grouped},
                }
            }
        },
    }
    return {"/batch-request": {"post": operation}}


def _catalogue(slug: dict[str, Any], example: str) -> dict[str, Any]:
    named = {**slug, "name": "slug"}
    listed = {
        "type": "object",
        "required": ["result", "next_cursor", "limit"],
        "properties": {
            "result": {"type": "array", "items": _ANY_OBJECT},
            "next_cursor": {"type": ["string", "null"]},
            "limit": {"type": "integer"},
        },
    }
    filters = [
        parameter("type", "The kind of calls.", {"type": "string", "enum": ["all", "proxy", "unified"]}),
        parameter("methods", "Names joined by commas.", {"type": "string"}),
        parameter("resource", "Only this resource.", {"type": "string"}),
        parameter("has_description", "Methods with (or without) a description.", {"type": "boolean"}),
    ]

    def read(name: str, summary: str, *statuses: int, schema: dict[str, Any] | None = None) -> dict[str, Any]:
        return _operation("catalogue", name, summary, 401, 403, 503, *statuses, schema=schema)

    return {
        "/integration": {"get": read("list_integrations", "All providers", schema=listed)},
        "/integration/{slug}": {"get": {**read("get_integration", "One provider", 404), "parameters": [named]}},
        "/integration/{slug}/capabilities": {
            "get": {
                **read("integration_capabilities", "The calls that a provider supports", 400, 404),
                "parameters": [named, *filters],
            }
        },
        "/unified-model": {"get": read("list_models", "All unified models", schema=listed)},
        "/unified-model/{name}": {
            "get": {
                **read("get_model", "One unified model", 404),
                "parameters": [_segment("name", f"For example {example.partition('/')[0]}.")],
            }
        },
    }


def _health() -> dict[str, Any]:
    text = {
        "200": {"description": "In Prometheus's format.", "content": {"text/plain": {"schema": {"type": "string"}}}}
    }
    metrics = {**_operation("health", "metrics", "Counts and latencies"), **_PUBLIC}
    return {
        "/ping": {"get": {**_operation("health", "ping", "Whether the service answers"), **_PUBLIC}},
        "/healthz": {"get": {**_operation("health", "live", "Whether the process lives"), **_PUBLIC}},
        "/readyz": {"get": {**_operation("health", "ready", "Whether requests can be served", 503), **_PUBLIC}},
        "/metrics": {"get": {**metrics, "responses": text}},
    }


def _operation(
    tag: str, name: str, summary: str, *statuses: int, schema: dict[str, Any] | None = None
) -> dict[str, Any]:
    success = {"description": "The response.", "content": {JSON: {"schema": schema or _ANY_OBJECT}}}
    return {
        "tags": [tag],
        "operationId": name,
        "summary": summary,
        "responses": {"200": success, **answers(*statuses)},
    }


def _segment(name: str, description: str) -> dict[str, Any]:
    return parameter(name, description, {"type": "string", "minLength": 1}, place="path")
