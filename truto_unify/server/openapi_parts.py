"""The pieces that the OpenAPI document is made of: parameters, schemas and error answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from truto_unify.engine.arguments import TEXT_OPS, TIME_OPS
from truto_unify.errors import reason_phrase
from truto_unify.models.fields import field_kinds
from truto_unify.server.query import FORMATS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from truto_unify.models.resource import ResourceSchema

JSON = "application/json"
NDJSON = "application/x-ndjson"
_TEXT = {"type": "string", "minLength": 1}
_TIME = {"type": "string", "format": "date-time"}
_FLAG = {"type": "boolean"}
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
            "description": "What can be done about it.",
            "additionalProperties": _ENTRY,
        },
        "details": {"type": "object"},
    },
}
REMOTE_ERROR: dict[str, Any] = {
    "allOf": [{"$ref": "#/components/schemas/Error"}],
    "type": "object",
    "description": "With `truto_is_remote_error` the provider said it, and `raw_response` is its body.",
    "properties": {"truto_is_remote_error": {"const": True}, "raw_response": {}},
}


def parameter(
    name: str, description: str, schema: dict[str, Any], *, place: str = "query", **more: Any
) -> dict[str, Any]:
    """One parameter."""
    found: dict[str, Any] = {"name": name, "in": place, "description": description, "schema": schema, **more}
    if place == "path":
        found["required"] = True
    return found


ACCOUNT = parameter(
    "integrated_account_id",
    "The connected account; a token of one integrated account makes it unnecessary.",
    {"type": "string", "minLength": 1},
    required=True,
)


def deep_object(name: str, description: str, properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A parameter written ``name[key]=value``."""
    schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return parameter(name, description, schema, style="deepObject", explode=True, **more)


def filter_parameters(schema: ResourceSchema, support: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Filters and sort of a list; each says how every provider serves it.

    Args:
        schema: the unified resource.
        support: for each provider the cells of ``describe_provider`` by parameter.
    """

    def who(*names: str) -> dict[str, Any]:
        cells = {slug: {name: one[name]["support"] for name in names if name in one} for slug, one in support.items()}
        return {"x-unify-support": {slug: next(iter(one.values()), "no") for slug, one in cells.items()}}

    found = [
        deep_object(
            name, "A bare value means eq. A time without a zone is UTC.", dict.fromkeys(TIME_OPS, _TIME), **who(name)
        )
        for name in schema.time_filters
    ]
    for name in (*schema.text_filters, *schema.inner_filters):
        told = "A bare value means eq; `in` takes values joined by commas; `like` means contains."
        found.append(deep_object(name, told, dict.fromkeys(TEXT_OPS, _TEXT), **who(name)))
    for name, parts in schema.element_filters.items():
        for part, kind in parts.items():
            label = f"{name}[][{part}]"
            told = f"Matches where one of the {name} has all given parts."
            found.append(parameter(label, told, _FLAG if kind == "boolean" else _TEXT, **who(label)))
    directions = {"type": "string", "enum": ["asc", "desc"]}
    sort = deep_object("sort_by", "One field and its direction.", dict.fromkeys(schema.sorts, directions))
    sort["schema"]["maxProperties"] = 1
    sort["x-unify-support"] = {
        slug: {name: one.get(f"sort_by[{name}]", {}).get("support", "no") for name in schema.sorts}
        for slug, one in support.items()
    }
    return [*found, sort]


def control_parameters(method: str, schema: ResourceSchema) -> list[dict[str, Any]]:
    """What shapes an answer rather than choosing records."""
    names = [*field_kinds(schema.record), "remote_data"]
    excluded = {"type": "array", "items": {"type": "string", "enum": names}, "minItems": 1}
    shared = [
        parameter("truto_response_format", "The form of the answer.", {"type": "string", "enum": list(FORMATS)}),
        parameter("truto_ignore_remote_data", "Leaves remote_data out.", _FLAG),
        parameter("truto_exclude_fields", "Fields to leave out: a,b.", excluded, style="form", explode=False),
        parameter(
            "remote_query",
            "Native parameters, passed on untouched: remote_query[name]=value.",
            {"type": "object", "additionalProperties": {"type": "string"}},
            style="deepObject",
            explode=True,
        ),
        parameter("unify_side_load", "Declared extra requests that complete the records: a,b.", {"type": "string"}),
    ]
    if method == "get":
        return shared
    return [
        parameter("limit", "Records on a page at most.", {"type": "integer", "minimum": 1, "maximum": 999_999_999}),
        parameter("next_cursor", "From the page before; empty for the first page.", {"type": "string"}),
        *shared,
        parameter("truto_key_by", "Makes `result` an object keyed by this field.", {"type": "string"}),
        parameter("truto_ignore_limit", "Leaves the caller's limit out of account.", _FLAG),
        parameter(
            "unify_unsupported",
            "What happens to a filter that the store does not serve.",
            {"type": "string", "enum": ["emulate", "error", "ignore"]},
        ),
        parameter(
            "unify_on_record_error",
            "What happens to a record that breaks the mapping.",
            {"type": "string", "enum": ["keep_raw", "skip", "raise"]},
        ),
    ]


def envelope_schema(record: dict[str, Any]) -> dict[str, Any]:
    """The schema of one page."""
    native = {"anyOf": [record, {"type": "object"}]}
    return {
        "type": "object",
        "required": ["result", "next_cursor", "prev_cursor", "result_count", "is_partial_response"],
        "properties": {
            "result": {
                "anyOf": [{"type": "array", "items": native}, {"type": "object", "additionalProperties": native}]
            },
            "next_cursor": {"type": ["string", "null"]},
            "prev_cursor": {"type": ["string", "null"]},
            "result_count": {"type": "integer"},
            "is_partial_response": {"type": "boolean"},
        },
    }


_MEANINGS = {
    400: "The call is wrong; nothing was sent.",
    401: "No token that counts; with `truto_is_remote_error` the provider refused the account's credentials.",
    403: "Not allowed.",
    404: "Not there, or not visible for this token.",
    405: "Not possible with this verb.",
    429: "A quota is used up; see Retry-After.",
    502: "The provider gave no clean answer.",
    503: "The account is blocked, or the service is not ready.",
    504: "There was no answer in time.",
}


def answers(*statuses: int, remote: Collection[int] = ()) -> dict[str, Any]:
    """Error answers by status; those in ``remote`` may be the provider's."""
    return {
        str(status): {
            "description": _MEANINGS.get(status, reason_phrase(status) + "."),
            "content": {
                JSON: {"schema": {"$ref": f"#/components/schemas/{'RemoteError' if status in remote else 'Error'}"}}
            },
        }
        for status in sorted(statuses)
    }
