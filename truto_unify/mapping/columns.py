"""The columns of a table of records that a mapping fills: those of the model, and those of its custom fields."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from truto_unify.config.field_rules import ObjectRule, ValueRule, tables_of
from truto_unify.frames import Column
from truto_unify.models.columns import model_columns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
    "decimal": "money",
    "integer": "integer",
    "boolean": "boolean",
    "raw": "json",
}


def mapping_columns(mapping: LoadedMapping) -> tuple[Column, ...]:
    """The columns of the model, with the custom parts of its objects and lists, and then the custom fields."""
    rules = mapping.config.response_mapping
    columns = [_completed(column, _rules_of(rules, column.name)) for column in model_columns(mapping.schema.record)]
    names = {column.name for column in columns}
    return (*columns, *(_custom_column(name, [rule]) for name, rule in rules.items() if name not in names))


def _rules_of(rules: Mapping[str, Rule], name: str) -> list[Rule]:
    return [rules[name]] if name in rules else []


def _completed(column: Column, rules: Sequence[Rule]) -> Column:
    """The column of a field of the model, with the custom parts that the rules add to it."""
    item = column.parts[0] if column.kind == "list" else column
    if item.kind != "object":
        return column
    tables = [table.parts for rule in rules for table in tables_of(rule)]

    def rules_below(name: str) -> list[Rule]:
        return [rule for table in tables for rule in _rules_of(table, name)]

    parts = [_completed(part, rules_below(part.name)) for part in item.parts]
    names = {part.name for part in parts}
    custom = dict.fromkeys(name for table in tables for name in table if name not in names)
    whole = replace(item, parts=(*parts, *(_custom_column(name, rules_below(name)) for name in custom)))
    return replace(column, parts=(whole,)) if column.kind == "list" else whole


def _custom_column(name: str, rules: Sequence[Rule]) -> Column:
    """The column of a custom field or part; sources that declare different types give any JSON value."""
    if all(isinstance(rule, ObjectRule) for rule in rules):
        return _completed(Column(name, "object"), rules)
    if all(isinstance(rule, tuple) for rule in rules):
        return _completed(Column(name, "list", (Column("item", "object"),)), rules)
    types: set[FieldType] = {rule.type or "raw" if isinstance(rule, ValueRule) else "raw" for rule in rules}
    return Column(name, _KINDS[types.pop()] if len(types) == 1 else "json")
