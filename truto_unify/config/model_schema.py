"""Makes the schema of a unified resource from its model file, or adds the fields of the file to a resource."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from truto_unify.models.definition import define_record
from truto_unify.models.resource import ResourceSchema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from truto_unify.config.model_file import ModelConfig, ModelField
    from truto_unify.models.fields import KindName
    from truto_unify.models.resource import PartKind

TEXT_KINDS: frozenset[KindName] = frozenset({"id", "text", "status", "country"})
"""Kinds whose values filters compare as texts."""
PART_KINDS: Mapping[KindName, PartKind] = MappingProxyType(
    {**dict.fromkeys(TEXT_KINDS, "text"), "phone": "phone", "integer": "integer", "boolean": "boolean"}
)
"""Kinds of the parts of an element that filters take, with what they compare them as."""
SORT_KINDS: frozenset[KindName] = frozenset({"id", "time"})
"""Kinds of fields that lists are sorted by."""


def build_schema(
    name: str, config: ModelConfig, parent: ResourceSchema | None, custom_fields: frozenset[str]
) -> ResourceSchema:
    """The schema of a resource that the lint of its file has passed.

    Args:
        name: ``model/resource``.
        config: the content of the file.
        parent: the resource that the file adds fields to; None if the file describes a resource of its own.
        custom_fields: the fields that are added to the model.
    """
    definitions = {field: rule.model_dump(exclude_defaults=True) for field, rule in config.fields.items()}
    record = define_record(name, definitions, config.description, parent.record if parent is not None else None)
    schema = parent or ResourceSchema(name=name, record=record)
    fields = config.fields.items()
    elements: dict[str, Mapping[str, PartKind]] = {
        field: {part: PART_KINDS[rule.kind] for part, rule in outer.fields.items() if rule.filter}
        for field, outer in fields
        if outer.kind == "list"
    }
    return replace(
        schema,
        record=record,
        text_filters=(*schema.text_filters, *(field for field, rule in fields if rule.filter and rule.kind != "time")),
        time_filters=(*schema.time_filters, *(field for field, rule in fields if rule.filter and rule.kind == "time")),
        inner_filters={**schema.inner_filters, **dict(inner_filters(config))},
        element_filters={**schema.element_filters, **{field: parts for field, parts in elements.items() if parts}},
        sorts=(*schema.sorts, *(field for field, rule in fields if rule.sort)),
        custom_fields=custom_fields,
    )


def inner_filters(config: ModelConfig) -> Iterator[tuple[str, tuple[str, str]]]:
    """Each filter on a part of an object or of a list's elements that has a name of its own, with field and part."""
    for field, outer in config.fields.items():
        for part, rule in outer.fields.items():
            name = inner_filter_name(field, outer, part, rule)
            if name is not None:
                yield name, (field, part)


def inner_filter_name(field: str, outer: ModelField, part: str, rule: ModelField) -> str | None:
    """The name of the filter on a part; None if it has none, or only as an element's: ``emails[][email]``."""
    if isinstance(rule.filter, str):
        return rule.filter
    return f"{field}_{part}" if rule.filter and outer.kind == "object" else None
