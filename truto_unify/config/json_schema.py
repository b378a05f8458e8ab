"""JSON Schemas of the three kinds of files, for editors that check and complete YAML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from truto_unify.config.field_rules import ValueRule
from truto_unify.config.mapping import MappingConfig
from truto_unify.config.model_file import ModelConfig
from truto_unify.config.provider import ProviderConfig

if TYPE_CHECKING:
    from pydantic import BaseModel

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SHORT_FORMS = (ValueRule.__name__,)
_WORDS = {"examples", "default", "enum", "const"}
_SHORT_FORM = {"type": "string", "description": "A JMESPath expression."}


class _AsWritten(GenerateJsonSchema):
    """Keeps keys in the order of the models and their examples."""

    def sort(self, value: JsonSchemaValue, parent_key: str | None = None) -> JsonSchemaValue:  # noqa: ARG002 - pydantic's signature
        return value


def provider_schema(*, overlay: bool = False) -> dict[str, Any]:
    """The JSON Schema of ``providers/<provider>.yaml``, or of an overlay of it."""
    return _schema(ProviderConfig, "provider", overlay=overlay)


def mapping_schema(*, overlay: bool = False) -> dict[str, Any]:
    """The JSON Schema of ``mappings/<model>/<resource>/<provider>.yaml``, or of an overlay of it."""
    return _schema(MappingConfig, "mapping", overlay=overlay)


def model_schema(*, overlay: bool = False) -> dict[str, Any]:
    """The JSON Schema of ``models/<model>/<resource>.yaml``, or of an overlay of it."""
    return _schema(ModelConfig, "model", overlay=overlay)


def _schema(model: type[BaseModel], name: str, *, overlay: bool) -> dict[str, Any]:
    schema: dict[str, Any] = _with_short_forms(_without_titles(model.model_json_schema(schema_generator=_AsWritten)))
    if overlay:
        schema = _relaxed(schema)
    kind = f"{name}-overlay" if overlay else name
    title = f"truto_unify {name} file{', laid over another' if overlay else ''}"
    return {"$schema": DIALECT, "$id": f"urn:truto-unify:schema:{kind}", "title": title, **schema}


def _without_titles(value: Any) -> Any:
    """Drops titles, which only repeat the key; a mapping under the key ``title`` is a property and stays."""
    if isinstance(value, list):
        return [_without_titles(element) for element in value]
    if not isinstance(value, dict):
        return value
    return {
        key: inner if key in _WORDS else _without_titles(inner)
        for key, inner in value.items()
        if not (key == "title" and isinstance(inner, str))
    }


def _with_short_forms(value: Any) -> Any:
    """Allows an expression in place of a field's rule."""
    if isinstance(value, list):
        return [_with_short_forms(element) for element in value]
    if not isinstance(value, dict):
        return value
    if str(value.get("$ref", "")).rpartition("/")[2] in _SHORT_FORMS:
        return {"anyOf": [_SHORT_FORM, value]}
    return {key: _with_short_forms(inner) for key, inner in value.items()}


_NULL = {"type": "null"}


def _relaxed(schema: Any) -> Any:
    """The schema of an overlay: no key is required, and null removes a key.

    A part of a discriminated union may lack its ``type``, so that several branches fit.
    """
    if isinstance(schema, list):
        return [_relaxed(element) for element in schema]
    if not isinstance(schema, dict):
        return schema
    relaxed: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _WORDS:
            relaxed[key] = value
        elif key == "properties":
            relaxed[key] = {name: _or_null(_relaxed(inner)) for name, inner in value.items()}
        elif key == "additionalProperties" and isinstance(value, dict):
            relaxed[key] = _or_null(_relaxed(value))
        elif key == "$defs":
            relaxed[key] = {name: _relaxed(inner) for name, inner in value.items()}
        elif key == "oneOf":
            relaxed["anyOf"] = _relaxed(value)
        elif key not in {"required", "discriminator"}:
            relaxed[key] = _relaxed(value)
    return relaxed


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    if _NULL in schema.get("anyOf", ()):
        return schema
    notes = {key: value for key, value in schema.items() if key in {"description", "examples", "default"}}
    rest = {key: value for key, value in schema.items() if key not in notes}
    return {**notes, "anyOf": [*rest["anyOf"], _NULL] if set(rest) == {"anyOf"} else [rest, _NULL]}
