"""The short table of records on a terminal: the columns that the resource names, each with one value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from truto_unify.cli.tables import print_chosen
from truto_unify.models.fields import Kind, field_kinds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from truto_unify.models.resource import ResourceSchema

_CURRENCY = "currency"
"""The field that amounts of a record are in, if it has one."""


def print_brief(
    schema: ResourceSchema, records: Sequence[Mapping[str, Any]], title: str | None = None, *, label: str = "id"
) -> list[str]:
    """The records as a table; returns the columns that do not fit.

    Args:
        schema: their resource.
        records: unified records.
        title: stands above.
        label: the column that names the rows: the id, or a text that the records have beside their fields.
    """
    columns = {label: label, **{name: place for name, place in brief_columns(schema).items() if name != "id"}}
    kinds = {label: Kind("text"), **field_kinds(schema.record)}
    rows = [[_cell(record, place.split("."), kinds) for place in columns.values()] for record in records]
    return print_chosen([*columns], rows, title, least=2)


def brief_columns(schema: ResourceSchema) -> dict[str, str]:
    """The place of each column, from the most to the least important; fields that an overlay adds come last."""
    kinds = field_kinds(schema.record)
    values = [name for name, kind in kinds.items() if kind.item is None and not kind.is_list]
    own = [name for name in values if name in schema.custom_fields] if schema.brief else values
    return {**schema.brief, **{name: name for name in own}}


def _cell(record: Mapping[str, Any], steps: Sequence[str], kinds: Mapping[str, Kind]) -> str:
    """The value at a place; of a list, that of the first element. An amount shows its currency."""
    holder: Any = record
    for step in steps[:-1]:
        holder, kinds = _first(holder.get(step)), kinds[step].parts
    value, kind = holder.get(steps[-1]), kinds[steps[-1]]
    if value is None:
        return ""
    if kind.name == "boolean":
        return str(value).lower()
    if kind.name == "money" and record.get(_CURRENCY):
        return f"{value} {record[_CURRENCY]}"
    return phone_text(holder, kinds) if kind.name == "phone" else str(value)


def _first(value: Any) -> Mapping[str, Any]:
    """An object, or the first element of a list; empty if there is none."""
    if isinstance(value, list):
        value = value[0] if value else None
    return value if isinstance(value, Mapping) else {}


def phone_text(holder: Mapping[str, Any], kinds: Mapping[str, Kind]) -> str:
    """The number in an object, with its extension.

    >>> kinds = {"number": Kind("phone"), "extension": Kind("text", split_from="number")}
    >>> phone_text({"number": "555 0100", "extension": "7"}, kinds)
    '555 0100 x7'
    """
    number = next(name for name, kind in kinds.items() if kind.name == "phone")
    extension = next((holder.get(name) for name, kind in kinds.items() if kind.split_from == number), None)
    return f"{holder[number]} x{extension}" if extension else str(holder[number])
