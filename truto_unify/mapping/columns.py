"""The columns of a table of records that a mapping fills: those of the model, and those of its custom fields."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from truto_unify.config.field_rules import ValueRule, part_names, rules_of_part
from truto_unify.frames import Column
from truto_unify.models.columns import model_columns

if TYPE_CHECKING:
    from collections.abc import Iterable

    from truto_unify.config.configuration import LoadedMapping
    from truto_unify.config.field_rules import FieldType, Rule
    from truto_unify.frames import ColumnKind

_KINDS: dict[FieldType, ColumnKind] = {
    "id": "text",
    "text": "text",
    "country": "text",
    "status": "text",
    "time": "time",
    "money": "money",
    "boolean": "boolean",
    "raw": "json",
}


def mapping_columns(mapping: LoadedMapping) -> tuple[Column, ...]:
    """The columns of the model, with the custom parts of its lists, and then the custom fields."""
    rules = mapping.config.response_mapping
    columns = [_with_custom_parts(column, rules.get(column.name)) for column in model_columns(mapping.schema.record)]
    names = {column.name for column in columns}
    return (*columns, *(_custom_column(name, rule) for name, rule in rules.items() if name not in names))


def _with_custom_parts(column: Column, rule: Rule | None) -> Column:
    if column.kind != "list" or column.parts[0].kind != "object":
        return column
    (item,) = column.parts
    names = {part.name for part in item.parts}
    custom = _part_columns(rule, (name for name in part_names(rule) if name not in names))
    return replace(column, parts=(replace(item, parts=(*item.parts, *custom)),)) if custom else column


def _custom_column(name: str, rule: Rule) -> Column:
    if isinstance(rule, ValueRule):
        return _value_column(name, [rule])
    return Column(name, "list", (Column("item", "object", _part_columns(rule, part_names(rule))),))


def _part_columns(rule: Rule | None, names: Iterable[str]) -> tuple[Column, ...]:
    return tuple(_value_column(name, rules_of_part(rule, name)) for name in names)


def _value_column(name: str, rules: Iterable[ValueRule]) -> Column:
    """The column of a custom field or part; sources that declare different types give any JSON value."""
    types: set[FieldType] = {rule.type or "raw" for rule in rules}
    return Column(name, _KINDS[types.pop()] if len(types) == 1 else "json")
