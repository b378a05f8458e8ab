"""Checks a document against a JSON Schema: the keywords that our own schemas use, and no other."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
    "object": (dict,),
    "array": (list, tuple),
}
NOTES = {"$schema", "$id", "$defs", "title", "description", "default", "discriminator", "examples", "format"}
KNOWN = NOTES | {
    "$ref",
    "anyOf",
    "oneOf",
    "type",
    "enum",
    "const",
    "minimum",
    "exclusiveMinimum",
    "properties",
    "required",
    "pattern",
    "additionalProperties",
    "propertyNames",
    "not",
    "items",
}


def find_faults(value: Any, schema: Any, root: dict[str, Any], path: str = "$") -> Iterator[str]:
    """The faults of the value, each with its path."""
    if schema is True:
        return
    if schema is False:
        yield f"{path}: not allowed"
        return
    assert schema.keys() <= KNOWN, schema.keys() - KNOWN
    if "$ref" in schema:
        yield from find_faults(value, root["$defs"][schema["$ref"].rpartition("/")[2]], root, path)
    for keyword, most in (("anyOf", 99), ("oneOf", 1)):
        if keyword in schema:
            branches = [list(find_faults(value, branch, root, path)) for branch in schema[keyword]]
            if not 1 <= branches.count([]) <= most:
                yield f"{path}: {branches.count([])} branches of {keyword} take it: {branches}"
    if "not" in schema and not list(find_faults(value, schema["not"], root, path)):
        yield f"{path}: what is not allowed"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{path}: not one of {schema['enum']}"
    if "const" in schema and value != schema["const"]:
        yield f"{path}: not {schema['const']}"
    if "pattern" in schema and isinstance(value, str) and re.search(schema["pattern"], value) is None:
        yield f"{path}: not of the form {schema['pattern']}"
    if "minimum" in schema and isinstance(value, int | float) and value < schema["minimum"]:
        yield f"{path}: less than {schema['minimum']}"
    if "exclusiveMinimum" in schema and isinstance(value, int | float) and value <= schema["exclusiveMinimum"]:
        yield f"{path}: not more than {schema['exclusiveMinimum']}"
    yield from _find_type_faults(value, schema, root, path)


def _find_type_faults(value: Any, schema: dict[str, Any], root: dict[str, Any], path: str) -> Iterator[str]:
    kind = schema.get("type")
    is_number_like = isinstance(value, bool) and kind in {"integer", "number"}
    if kind is not None and (is_number_like or not isinstance(value, TYPES[kind])):
        yield f"{path}: not of type {kind}"
    elif isinstance(value, dict):
        properties = schema.get("properties", {})
        yield from (f"{path}: no {name}" for name in schema.get("required", ()) if name not in value)
        for name, inner in value.items():
            rule = properties.get(name, schema.get("additionalProperties", True))
            yield from find_faults(name, schema.get("propertyNames", True), root, f"{path} key {name}")
            yield from find_faults(inner, rule, root, f"{path}.{name}")
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from find_faults(inner, schema.get("items", True), root, f"{path}[{index}]")
