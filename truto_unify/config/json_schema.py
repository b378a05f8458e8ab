"""JSON Schemas of the two kinds of files, for editors that check and complete YAML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from truto_unify.config.mapping import ElementRule, FieldRule, MappingConfig
from truto_unify.config.provider import ProviderConfig

if TYPE_CHECKING:
    from pydantic import BaseModel

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SHORT_FORMS = (FieldRule.__name__, ElementRule.__name__)


def provider_schema() -> dict[str, Any]:
    """The JSON Schema of ``providers/<provider>.yaml``."""
    return _schema(ProviderConfig)


def mapping_schema() -> dict[str, Any]:
    """The JSON Schema of ``mappings/<model>/<resource>/<provider>.yaml``."""
    return _schema(MappingConfig)


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    made: dict[str, Any] = _with_short_forms(model.model_json_schema())
    return {"$schema": DIALECT, **made}


def _with_short_forms(value: Any) -> Any:
    """An expression alone may stand wherever a field's rule may."""
    if isinstance(value, list):
        return [_with_short_forms(one) for one in value]
    if not isinstance(value, dict):
        return value
    if str(value.get("$ref", "")).rpartition("/")[2] in _SHORT_FORMS:
        return {"anyOf": [{"type": "string", "description": "A JMESPath expression."}, value]}
    return {key: _with_short_forms(one) for key, one in value.items()}
