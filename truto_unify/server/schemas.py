"""JSON Schemas of unified records and queries, for metadata and for the OpenAPI document."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from truto_unify.engine.arguments import TEXT_OPS, TIME_OPS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from truto_unify.models.resource import ResourceSchema

_TIME = {"type": "string", "format": "date-time"}
_TEXT = {"type": "string"}


def record_schema(schema: ResourceSchema) -> dict[str, Any]:
    """The JSON Schema of one record, without references."""
    json_schema = schema.record.model_json_schema(mode="serialization")
    return _inlined(json_schema, json_schema.pop("$defs", {}))  # type: ignore[no-any-return]  # an object stays an object


def _inlined(value: Any, parts: Mapping[str, Any]) -> Any:
    if isinstance(value, dict):
        if "$ref" in value:
            name = value["$ref"].rpartition("/")[2]
            return _inlined({**copy.deepcopy(parts[name]), **{k: v for k, v in value.items() if k != "$ref"}}, parts)
        return {key: _inlined(part, parts) for key, part in value.items()}
    if isinstance(value, list):
        return [_inlined(part, parts) for part in value]
    return value


def filled_schema(schema: ResourceSchema, fields: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The part of a record schema that a provider's mapping fills.

    Args:
        schema: the unified resource.
        fields: the ``fields`` of ``describe_provider``.
    """
    filled = {name for name, cell in fields.items() if cell["support"] == "yes"}
    return _filled(record_schema(schema), "", {*filled, "remote_data"})


def _filled(schema: dict[str, Any], above: str, names: Collection[str]) -> dict[str, Any]:
    """The schema of an object with the properties of these names only, at any depth."""
    properties = {}
    for name, inner in schema["properties"].items():
        label = f"{above}{name}"
        if label in names:
            properties[name] = _filled_parts(inner, f"{label}.", names)
    return {**schema, "properties": properties}


def _filled_parts(schema: dict[str, Any], above: str, names: Collection[str]) -> dict[str, Any]:
    """The schema of a value, with the filled parts of the objects in it."""
    if "properties" in schema:
        return _filled(schema, above, names)
    if "items" in schema:
        return {**schema, "items": _filled_parts(schema["items"], above, names)}
    if "anyOf" in schema:
        return {**schema, "anyOf": [_filled_parts(branch, above, names) for branch in schema["anyOf"]]}
    return schema


def query_schema(schema: ResourceSchema) -> dict[str, Any]:
    """The JSON Schema of the query of a list."""
    properties: dict[str, Any] = {}
    for name in schema.time_filters:
        properties[name] = {"anyOf": [_TIME, _operators(TIME_OPS, _TIME)]}
    for name in (*schema.text_filters, *schema.inner_filters):
        properties[name] = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}, _operators(TEXT_OPS, _TEXT)]}
    for name, parts in schema.element_filters.items():
        kinds = {part: {"type": kind if kind in {"integer", "boolean"} else "string"} for part, kind in parts.items()}
        element = {"type": "object", "properties": kinds, "additionalProperties": False, "minProperties": 1}
        properties[name] = {"type": "array", "items": element, "minItems": 1}
    directions = {"type": "string", "enum": ["asc", "desc"]}
    properties["sort_by"] = {
        "type": "object",
        "properties": dict.fromkeys(schema.sorts, directions),
        "additionalProperties": False,
        "maxProperties": 1,
    }
    properties["limit"] = {"type": "integer", "minimum": 1}
    properties["next_cursor"] = {"type": ["string", "null"]}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _operators(names: tuple[str, ...], value: dict[str, Any]) -> dict[str, Any]:
    # A list of values is a text with commas, or an array.
    kinds = {name: {"anyOf": [value, {"type": "array", "items": value}]} if name == "in" else value for name in names}
    return {"type": "object", "properties": kinds, "additionalProperties": False, "minProperties": 1}
