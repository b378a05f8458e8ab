"""The parts of the OpenAPI document: parameters, schemas and error responses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from truto_unify.engine.arguments import TEXT_OPS, TIME_OPS
from truto_unify.errors import reason_phrase
from truto_unify.models.fields import field_kinds
from truto_unify.server.query import FORMATS
from truto_unify.types import Unsupported

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from truto_unify.models.resource import ResourceSchema

JSON = "application/json"
NDJSON = "application/x-ndjson"
_TEXT = {"type": "string", "minLength": 1}
_TIME = {"type": "string", "format": "date-time"}
_FLAG = {"type": "boolean"}
_PARTS = {"boolean": _FLAG, "integer": {"type": "integer"}}
"""Schemas of the parts of elements that are no text."""
_ENTRY = {"type": "object", "properties": {"description": {"type": "string"}, "value": {}}}
ERROR: dict[str, Any] = {
    "type": "object",
    "required": ["statusCode", "error", "message"],
    "properties": {
        "statusCode": {"type": "integer"},
        "error": {"type": "string", "description": "The reason phrase of the status."},
        "message": {"type": "string"},
        "truto_error_insight": {
            "type": "object",
            "description": "Hints: what the caller can do.",
            "additionalProperties": _ENTRY,
        },
        "details": {"type": "object"},
    },
}
REMOTE_ERROR: dict[str, Any] = {
    "allOf": [{"$ref": "#/components/schemas/Error"}],
    "type": "object",
    "description": "If `truto_is_remote_error` is true, the error is the provider's and `raw_response` is its body.",
    "properties": {"truto_is_remote_error": {"const": True}, "raw_response": {}},
}


def parameter(
    name: str, description: str, schema: dict[str, Any], *, place: str = "query", **more: Any
) -> dict[str, Any]:
    """One parameter."""
    content: dict[str, Any] = {"name": name, "in": place, "description": description, "schema": schema, **more}
    if place == "path":
        content["required"] = True
    return content


ACCOUNT = parameter(
    "integrated_account_id",
    "The integrated account; not needed with an integrated account token.",
    {"type": "string", "minLength": 1},
    required=True,
)


def deep_object(name: str, description: str, properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A parameter written ``name[key]=value``."""
    schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return parameter(name, description, schema, style="deepObject", explode=True, **more)


def filter_parameters(schema: ResourceSchema, support: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The filters and the sort of a list, each with its support by every provider.

    Args:
        schema: the unified resource.
        support: the cells of ``describe_provider`` by provider and parameter.
    """

    def support_of(name: str) -> dict[str, Any]:
        return {"x-unify-support": {slug: cells.get(name, {}).get("support", "no") for slug, cells in support.items()}}

    parameters = [
        deep_object(
            name,
            "A bare value means eq. A time without a zone is UTC.",
            dict.fromkeys(TIME_OPS, _TIME),
            **support_of(name),
        )
        for name in schema.time_filters
    ]
    for name in (*schema.text_filters, *schema.inner_filters):
        description = "A bare value means eq; `in` takes values joined by commas; `like` means contains."
        parameters.append(deep_object(name, description, dict.fromkeys(TEXT_OPS, _TEXT), **support_of(name)))
    for name, parts in schema.element_filters.items():
        for part, kind in parts.items():
            label = f"{name}[][{part}]"
            description = f"Matches if one element of {name} has all the parts of the filter."
            parameters.append(parameter(label, description, _PARTS.get(kind, _TEXT), **support_of(label)))
    directions = {"type": "string", "enum": ["asc", "desc"]}
    sort = deep_object("sort_by", "One field and its direction.", dict.fromkeys(schema.sorts, directions))
    sort["schema"]["maxProperties"] = 1
    sort["x-unify-support"] = {
        slug: {name: cells.get(f"sort_by[{name}]", {}).get("support", "no") for name in schema.sorts}
        for slug, cells in support.items()
    }
    return [*parameters, sort]


def control_parameters(method: str, schema: ResourceSchema) -> list[dict[str, Any]]:
    """The parameters that shape a response rather than select records."""
    names = [*field_kinds(schema.record), "remote_data"]
    excluded = {"type": "array", "items": {"type": "string", "enum": names}, "minItems": 1}
    shared = [
        parameter("truto_response_format", "The form of the response.", {"type": "string", "enum": list(FORMATS)}),
        parameter("truto_ignore_remote_data", "Leaves remote_data out.", _FLAG),
        parameter("truto_exclude_fields", "Fields to leave out: a,b.", excluded, style="form", explode=False),
        parameter(
            "remote_query",
            "Native parameters, sent unchanged: remote_query[name]=value.",
            {"type": "object", "additionalProperties": {"type": "string"}},
            style="deepObject",
            explode=True,
        ),
        parameter("unify_side_load", "Declared extra requests that complete the records: a,b.", {"type": "string"}),
    ]
    if method == "get":
        return shared
    return [
        parameter("limit", "The most records of a page.", {"type": "integer", "minimum": 1, "maximum": 999_999_999}),
        parameter("next_cursor", "The cursor of the previous page; empty for the first page.", {"type": "string"}),
        *shared,
        parameter("truto_key_by", "Makes `result` an object keyed by this field.", {"type": "string"}),
        parameter("truto_ignore_limit", "Ignores `limit`.", _FLAG),
        parameter(
            "unify_unsupported",
            "How a filter is handled that the store does not support.",
            {"type": "string", "enum": list(get_args(Unsupported))},
        ),
        parameter(
            "unify_on_record_error",
            "How a record is handled that breaks the mapping.",
            {"type": "string", "enum": ["keep_raw", "skip", "raise"]},
        ),
    ]


def envelope_schema(record: dict[str, Any]) -> dict[str, Any]:
    """The schema of one page."""
    native = {"anyOf": [record, {"type": "object"}]}
    return {
        "type": "object",
        "required": [
            "result",
            "next_cursor",
            "prev_cursor",
            "result_count",
            "is_partial_response",
            "may_have_changed",
            "partial_reasons",
        ],
        "properties": {
            "result": {
                "anyOf": [{"type": "array", "items": native}, {"type": "object", "additionalProperties": native}]
            },
            "next_cursor": {"type": ["string", "null"]},
            "prev_cursor": {"type": ["string", "null"]},
            "result_count": {"type": "integer"},
            "is_partial_response": {"type": "boolean"},
            "may_have_changed": {"type": "boolean"},
            "partial_reasons": {"type": "array", "items": {"type": "string"}},
        },
    }


_MEANINGS = {
    400: "The call is wrong; nothing was sent to the provider.",
    401: "The token is not valid; with `truto_is_remote_error` the provider refused the account's credentials.",
    403: "Not allowed.",
    404: "Not found, or not visible for this token.",
    405: "The method is not allowed here.",
    429: "A quota is used up; see Retry-After.",
    502: "The provider's answer is not usable.",
    503: "The account is blocked, or the service is not ready.",
    504: "There was no response in time.",
}


def answers(*statuses: int, remote: Collection[int] = ()) -> dict[str, Any]:
    """Error responses by status; those in ``remote`` may be the provider's."""
    return {
        str(status): {
            "description": _MEANINGS.get(status, reason_phrase(status) + "."),
            "content": {
                JSON: {"schema": {"$ref": f"#/components/schemas/{'RemoteError' if status in remote else 'Error'}"}}
            },
        }
        for status in sorted(statuses)
    }
