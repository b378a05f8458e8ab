"""Builds example values from the schemas of an OpenAPI document, so that guesses see what a real answer would show."""

from __future__ import annotations

from typing import Any

_MAX_DEPTH = 12
_MAX_VARIANTS = 6
_MAX_LIST_DEPTH = 4
"""The greatest depth of the list of records; a deeper list belongs to a record."""
EXAMPLE_TIME = "2024-05-02T08:00:00Z"
EXAMPLE_SECONDS = 1_714_636_800
"""The same time, in seconds since 1970."""
_BY_FORMAT = {
    "date-time": EXAMPLE_TIME,
    "date": EXAMPLE_TIME[:10],
    "email": "ana@example.test",
    "uuid": "3f2b8c1e-7d44-4c8a-9b55-0f6e1a2b3c4d",
    "uri": "https://example.test/page",
    "url": "https://example.test/page",
    "phone": "+1 555 0100",
}
_BY_NAME = {
    "email": "ana@example.test",
    "phone": "+1 555 0100",
    "mobile": "+1 555 0101",
    "currency": "USD",
    "country": "US",
    "firstname": "Ana",
    "lastname": "Ruiz",
}


def example_text(name: str, number: int) -> str | None:
    """A text for a field of this name; None if the name does not say what it holds.

    >>> example_text("customer_id", 0), example_text("workEmail", 0), example_text("note", 0)
    ('1001', 'ana@example.test', None)
    """
    folded = name.lower().replace("_", "").replace("-", "")
    if folded in {"id", "code"} or folded.endswith("id"):
        return str(1001 + number)
    words = (text for word, text in _BY_NAME.items() if folded.startswith(word) or folded.endswith(word))
    return next(words, None)


def resolve(document: dict[str, Any], value: Any) -> Any:
    """The target of a local reference; the value itself if it is not a reference, None if the target does not exist."""
    for _ in range(_MAX_DEPTH):
        reference = value.get("$ref") if isinstance(value, dict) else None
        if not isinstance(reference, str):
            return value
        value = document if reference.startswith("#/") else None
        for step in reference.removeprefix("#/").split("/"):
            name = step.replace("~1", "/").replace("~0", "~")
            value = value.get(name) if isinstance(value, dict) else None
    return None


def example_of(document: dict[str, Any], schema: Any) -> Any:
    """An example document for a schema; a list has one element for each value of the longest enum in it."""
    return _Examples(document).build(schema, "", 0, ())


class _Examples:
    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    def build(self, schema: Any, name: str, variant: int, above: tuple[Any, ...]) -> Any:
        """Builds one value.

        Args:
            schema: the schema of the value, or a reference to it.
            name: the key of the value, which suggests what it holds.
            variant: chooses among enum values, and makes ids differ.
            above: the schemas around it; a schema that contains itself ends there.
        """
        schema = resolve(self.document, schema)
        is_recursive = any(schema is outer for outer in above)
        if not isinstance(schema, dict) or len(above) > _MAX_DEPTH or is_recursive:
            return None
        above = (*above, schema)
        whole = self._merged(schema, above)
        if "example" in whole and not whole.get("properties"):
            return whole["example"]
        for key in ("oneOf", "anyOf"):
            branches = [branch for branch in whole.get(key) or () if isinstance(branch, dict)]
            branches = [branch for branch in branches if branch.get("type") != "null"]
            if branches and not whole.get("properties"):
                return self.build(branches[0], name, variant, above)
        return self._by_type(whole, name, variant, above)

    def _merged(self, schema: dict[str, Any], above: tuple[Any, ...]) -> dict[str, Any]:
        """The schema with all that its ``allOf`` adds; its own keys win."""
        whole = {key: value for key, value in schema.items() if key != "allOf"}
        for part in schema.get("allOf") or ():
            inner = resolve(self.document, part)
            if isinstance(inner, dict) and len(above) <= _MAX_DEPTH:
                merged = self._merged(inner, (*above, inner))
                properties = {**merged.get("properties", {}), **whole.get("properties", {})}
                whole = {**merged, **whole} | ({"properties": properties} if properties else {})
        return whole

    def _by_type(self, schema: dict[str, Any], name: str, variant: int, above: tuple[Any, ...]) -> Any:
        kinds = schema.get("type")
        kind = next((item for item in kinds if item != "null"), None) if isinstance(kinds, list) else kinds
        if isinstance(schema.get("properties"), dict):
            return {key: self.build(inner, key, variant, above) for key, inner in schema["properties"].items()}
        if kind == "array":
            count = _MAX_VARIANTS if len(above) <= _MAX_LIST_DEPTH else 2
            items = [self.build(schema.get("items"), name, number, above) for number in range(count)]
            return [item for index, item in enumerate(items) if item is not None and item not in items[:index]]
        if schema.get("enum"):
            return schema["enum"][variant % len(schema["enum"])]
        if kind in {"integer", "number"}:
            return 1001 + variant
        if kind == "boolean":
            return variant % 2 == 0
        return {} if kind == "object" else self._text(schema, name, variant)

    def _text(self, schema: dict[str, Any], name: str, variant: int) -> Any:
        if schema.get("format") in _BY_FORMAT:
            return _BY_FORMAT[schema["format"]]
        text = example_text(name, variant)
        return text if schema.get("type") == "string" or (text or "").isdecimal() else None
