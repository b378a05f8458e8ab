"""Makes example values from the schemas of an OpenAPI document, so that guesses see what a real answer would show."""

from __future__ import annotations

from typing import Any

_DEEPEST = 12
_MOST_VARIANTS = 6
_OUTER = 4
"""How deep the list of records may lie; what is deeper belongs to a record."""
_BY_FORMAT = {
    "date-time": "2024-05-02T08:00:00Z",
    "date": "2024-05-02",
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


def resolve(document: dict[str, Any], value: Any) -> Any:
    """What a local reference leads to; the value itself where it is none, null where it leads nowhere."""
    for _ in range(_DEEPEST):
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
    return _Examples(document).make(schema, "", 0, ())


class _Examples:
    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    def make(self, schema: Any, name: str, variant: int, above: tuple[Any, ...]) -> Any:
        """One value.

        Args:
            schema: what it follows; a reference is resolved.
            name: of its key, which hints at what is meant.
            variant: chooses among enum values, and makes ids differ.
            above: the schemas that it lies in; one that holds itself ends there.
        """
        schema = resolve(self.document, schema)
        if not isinstance(schema, dict) or len(above) > _DEEPEST or any(schema is one for one in above):
            return None
        above = (*above, schema)
        whole = self._merged(schema, above)
        if "example" in whole and not whole.get("properties"):
            return whole["example"]
        for key in ("oneOf", "anyOf"):
            branches = [one for one in whole.get(key) or () if isinstance(one, dict) and one.get("type") != "null"]
            if branches and not whole.get("properties"):
                return self.make(branches[0], name, variant, above)
        return self._by_type(whole, name, variant, above)

    def _merged(self, schema: dict[str, Any], above: tuple[Any, ...]) -> dict[str, Any]:
        """The schema with everything of its ``allOf``; what stands beside it wins."""
        found = {key: one for key, one in schema.items() if key != "allOf"}
        for part in schema.get("allOf") or ():
            inner = resolve(self.document, part)
            if isinstance(inner, dict) and len(above) <= _DEEPEST:
                merged = self._merged(inner, (*above, inner))
                properties = {**merged.get("properties", {}), **found.get("properties", {})}
                found = {**merged, **found} | ({"properties": properties} if properties else {})
        return found

    def _by_type(self, schema: dict[str, Any], name: str, variant: int, above: tuple[Any, ...]) -> Any:
        kinds = schema.get("type")
        kind = next((one for one in kinds if one != "null"), None) if isinstance(kinds, list) else kinds
        if isinstance(schema.get("properties"), dict):
            return {key: self.make(one, key, variant, above) for key, one in schema["properties"].items()}
        if kind == "array":
            count = _MOST_VARIANTS if len(above) <= _OUTER else 2
            made = [self.make(schema.get("items"), name, number, above) for number in range(count)]
            return [one for index, one in enumerate(made) if one is not None and one not in made[:index]]
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
        folded = name.lower().replace("_", "").replace("-", "")
        if folded in {"id", "code"} or folded.endswith("id"):
            return str(1001 + variant)
        words = [text for word, text in _BY_NAME.items() if folded.startswith(word) or folded.endswith(word)]
        return words[0] if words and schema.get("type") == "string" else None
