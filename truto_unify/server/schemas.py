"""JSON Schemas of unified records and queries, for metadata and for the OpenAPI document."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from truto_unify.engine.arguments import TEXT_OPS, TIME_OPS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from truto_unify.models.resource import ResourceSchema

_TIME = {"type": "string", "format": "date-time"}
_TEXT = {"type": "string"}


def record_schema(schema: ResourceSchema) -> dict[str, Any]:
    """The JSON Schema of one record, without references."""
    json_schema = schema.record.model_json_schema(mode="serialization")
    return _inlined(json_schema, json_schema.pop("$defs", {}))  # type: ignore[no-any-return]


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
    whole = record_schema(schema)
    filled = {name for name, cell in fields.items() if cell["support"] == "yes"}
    properties = {}
    for name, kind in whole["properties"].items():
        if name != "remote_data" and name not in filled:
            continue
        parts = kind.get("items", {}).get("properties")
        if parts is not None:
            filled_parts = {part: part_schema for part, part_schema in parts.items() if f"{name}.{part}" in filled}
            kind = {**kind, "items": {**kind["items"], "properties": filled_parts}}  # noqa: PLW2901 - the same field with fewer parts
        properties[name] = kind
    return {**whole, "properties": properties}


def query_schema(schema: ResourceSchema) -> dict[str, Any]:
    """The JSON Schema of the query of a list."""
    properties: dict[str, Any] = {}
    for name in schema.time_filters:
        properties[name] = {"anyOf": [_TIME, _operators(TIME_OPS, _TIME)]}
    for name in (*schema.text_filters, *schema.inner_filters):
        properties[name] = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}, _operators(TEXT_OPS, _TEXT)]}
    for name, parts in schema.element_filters.items():
        kinds = {part: {"type": "boolean" if kind == "boolean" else "string"} for part, kind in parts.items()}
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
