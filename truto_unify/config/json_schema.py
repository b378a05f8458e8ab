"""JSON Schemas of the two kinds of files, for editors that check and complete YAML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from truto_unify.config.field_rules import ValueRule
from truto_unify.config.mapping import MappingConfig
from truto_unify.config.provider import ProviderConfig

if TYPE_CHECKING:
    from pydantic import BaseModel

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SHORT_FORMS = (ValueRule.__name__,)
_WORDS = {"examples", "default", "enum", "const"}
_SHORT_FORM = {"type": "string", "description": "A JMESPath expression."}


class _AsWritten(GenerateJsonSchema):
    """Keys stand in the order in which the models, and their examples, have them."""

    def sort(self, value: JsonSchemaValue, parent_key: str | None = None) -> JsonSchemaValue:  # noqa: ARG002
        return value


def provider_schema(*, overlay: bool = False) -> dict[str, Any]:
    """The JSON Schema of ``providers/<provider>.yaml``, or of one that is laid over another."""
    return _schema(ProviderConfig, "provider", overlay=overlay)


def mapping_schema(*, overlay: bool = False) -> dict[str, Any]:
    """The JSON Schema of ``mappings/<model>/<resource>/<provider>.yaml``, or of one that is laid over another."""
    return _schema(MappingConfig, "mapping", overlay=overlay)


def _schema(model: type[BaseModel], name: str, *, overlay: bool) -> dict[str, Any]:
    schema: dict[str, Any] = _with_short_forms(_without_titles(model.model_json_schema(schema_generator=_AsWritten)))
    if overlay:
        schema = _relaxed(schema)
    kind = f"{name}-overlay" if overlay else name
    title = f"truto_unify {name} file{', laid over another' if overlay else ''}"
    return {"$schema": DIALECT, "$id": f"urn:truto-unify:schema:{kind}", "title": title, **schema}


def _without_titles(value: Any) -> Any:
    """Titles that only repeat the key; a key that is itself called ``title`` is a mapping and stays."""
    if isinstance(value, list):
        return [_without_titles(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        key: one if key in _WORDS else _without_titles(one)
        for key, one in value.items()
        if not (key == "title" and isinstance(one, str))
    }


def _with_short_forms(value: Any) -> Any:
    """An expression alone may stand wherever a field's rule may."""
    if isinstance(value, list):
        return [_with_short_forms(one) for one in value]
    if not isinstance(value, dict):
        return value
    if str(value.get("$ref", "")).rpartition("/")[2] in _SHORT_FORMS:
        return {"anyOf": [_SHORT_FORM, value]}
    return {key: _with_short_forms(one) for key, one in value.items()}


_NULL = {"type": "null"}


def _relaxed(schema: Any) -> Any:
    """What an overlay may hold: nothing is missing from it, and null takes a key away.

    A part of a discriminated union may lack what tells the branches apart, so that several of them fit.
    """
    if isinstance(schema, list):
        return [_relaxed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _WORDS:
            found[key] = value
        elif key == "properties":
            found[key] = {name: _or_null(_relaxed(one)) for name, one in value.items()}
        elif key == "additionalProperties" and isinstance(value, dict):
            found[key] = _or_null(_relaxed(value))
        elif key == "$defs":
            found[key] = {name: _relaxed(one) for name, one in value.items()}
        elif key == "oneOf":
            found["anyOf"] = _relaxed(value)
        elif key not in {"required", "discriminator"}:
            found[key] = _relaxed(value)
    return found


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    if _NULL in schema.get("anyOf", ()):
        return schema
    notes = {key: value for key, value in schema.items() if key in {"description", "examples", "default"}}
    rest = {key: value for key, value in schema.items() if key not in notes}
    return {**notes, "anyOf": [*rest["anyOf"], _NULL] if set(rest) == {"anyOf"} else [rest, _NULL]}
