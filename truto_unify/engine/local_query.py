"""Filters and sorts unified records if the provider cannot, or if its filter is wider.

This module defines the meaning of each filter, on the unified record, for every provider alike.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from truto_unify.engine.list_order import id_key
from truto_unify.values import compare_text, phone_digits, read_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from truto_unify.mapping.record import UnifiedRecord
    from truto_unify.models.resource import ResourceSchema
    from truto_unify.types import Filter, Sort


def matches(record: Mapping[str, Any], filters: Iterable[Filter], schema: ResourceSchema) -> bool:
    """Whether a unified record satisfies every filter; null satisfies none."""
    return all(_matches_filter(record, condition, schema) for condition in filters)


def contradicts(record: Mapping[str, Any], condition: Filter, schema: ResourceSchema) -> bool:
    """Whether a record holds the field of a filter and does not satisfy it; a missing field contradicts nothing."""
    name = schema.inner_filters.get(condition.field, (condition.field,))[0]
    return record.get(name) not in (None, []) and not _matches_filter(record, condition, schema)


def _matches_filter(record: Mapping[str, Any], condition: Filter, schema: ResourceSchema) -> bool:
    if condition.field in schema.time_filters:
        return _matches_time(record.get(condition.field), condition)
    if condition.field in schema.element_filters:
        elements = record.get(condition.field) or ()
        wanted = condition.value if isinstance(condition.value, tuple) else (condition.value,)
        kinds = schema.element_filters[condition.field]
        return any(_matches_element(element, parts, kinds) for element in elements for parts in wanted)
    if condition.field in schema.inner_filters:
        inner, part = schema.inner_filters[condition.field]
        holder = record.get(inner) or ()
        elements = holder if isinstance(holder, list) else (holder,) if holder else ()
        return any(_matches_text(element.get(part), condition) for element in elements)
    return _matches_text(record.get(condition.field), condition)


def _matches_text(value: Any, condition: Filter) -> bool:
    if value is None:
        return False
    text = compare_text(str(value))
    if condition.op == "like":
        return compare_text(condition.value) in text
    wanted = condition.value if isinstance(condition.value, tuple) else (condition.value,)
    return any(compare_text(each) == text for each in wanted)


def _matches_time(value: Any, condition: Filter) -> bool:
    if value is None:
        return False
    moment = read_time(value, zone=UTC)
    wanted: datetime = condition.value
    if condition.op == "eq":
        return moment == wanted
    if condition.op in {"gt", "gte"}:
        return moment > wanted if condition.op == "gt" else moment >= wanted
    return moment < wanted if condition.op == "lt" else moment <= wanted


def _matches_element(element: Mapping[str, Any], parts: Mapping[str, Any], kinds: Mapping[str, str]) -> bool:
    return all(_matches_part(element.get(part), wanted, kinds[part]) for part, wanted in parts.items())


def _matches_part(value: Any, wanted: Any, kind: str) -> bool:
    if value is None:
        return False
    if kind in {"integer", "boolean"}:
        return bool(value == wanted)
    if kind == "phone":
        return phone_digits(str(value)) == phone_digits(str(wanted))
    return compare_text(str(value)) == compare_text(str(wanted))


def sort_key(record: Mapping[str, Any], sort: Sort) -> tuple[int, str, str]:
    """The sort key of a record: by instant or id, then by id; records without the field come last."""
    value = sort_value(record, sort)
    return (1 if value is None else 0, value or "", str(record.get("id") or ""))


def sort_value(record: Mapping[str, Any], sort: Sort) -> str | None:
    """What a record is sorted by; None if it lacks the field."""
    value = record.get(sort.field)
    if value is None or sort.field == "id":
        return None if value is None else id_key(value)
    return read_time(value, zone=UTC).isoformat(timespec="microseconds")


def sort_records(records: list[UnifiedRecord], sort: Sort) -> list[UnifiedRecord]:
    """The records in order, stable under ties: equal instants are ordered by id, ascending."""
    ordered = sorted(records, key=lambda record: record.id or "")
    present = [record for record in ordered if record.fields.get(sort.field) is not None]
    absent = [record for record in ordered if record.fields.get(sort.field) is None]
    present.sort(key=lambda record: sort_key(record.fields, sort)[1], reverse=sort.direction == "desc")
    return [*present, *absent]
