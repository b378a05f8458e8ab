"""Filters and sorts unified records: what the provider could not do, or did only roughly.

What a filter means is defined here, on the unified record, and is the same for every provider
(design section 5).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from truto_unify.values import compare_text, phone_digits, read_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from truto_unify.mapping.record import UnifiedRecord
    from truto_unify.models.resource import ResourceSchema
    from truto_unify.types import Filter, Sort


def matches(record: Mapping[str, Any], filters: Iterable[Filter], schema: ResourceSchema) -> bool:
    """Whether a unified record satisfies every filter; a null never does."""
    return all(_matches_one(record, one, schema) for one in filters)


def _matches_one(record: Mapping[str, Any], one: Filter, schema: ResourceSchema) -> bool:
    if one.field in schema.time_filters:
        return _matches_time(record.get(one.field), one)
    if one.field in schema.element_filters:
        elements = record.get(one.field) or ()
        wanted = one.value if isinstance(one.value, tuple) else (one.value,)
        kinds = schema.element_filters[one.field]
        return any(_matches_element(element, parts, kinds) for element in elements for parts in wanted)
    if one.field in schema.inner_filters:
        inner, part = schema.inner_filters[one.field]
        return any(_matches_text(element.get(part), one) for element in record.get(inner) or ())
    return _matches_text(record.get(one.field), one)


def _matches_text(value: Any, one: Filter) -> bool:
    if value is None:
        return False
    text = compare_text(str(value))
    if one.op == "like":
        return compare_text(one.value) in text
    wanted = one.value if isinstance(one.value, tuple) else (one.value,)
    return any(compare_text(each) == text for each in wanted)


def _matches_time(value: Any, one: Filter) -> bool:
    if value is None:
        return False
    moment = read_time(value, zone=UTC)
    wanted: datetime = one.value
    if one.op == "eq":
        return moment == wanted
    if one.op in {"gt", "gte"}:
        return moment > wanted if one.op == "gt" else moment >= wanted
    return moment < wanted if one.op == "lt" else moment <= wanted


def _matches_element(element: Mapping[str, Any], parts: Mapping[str, Any], kinds: Mapping[str, str]) -> bool:
    return all(_matches_part(element.get(part), wanted, kinds[part]) for part, wanted in parts.items())


def _matches_part(value: Any, wanted: Any, kind: str) -> bool:
    if value is None:
        return False
    if kind == "boolean":
        return bool(value == wanted)
    if kind == "phone":
        return phone_digits(str(value)) == phone_digits(str(wanted))
    return compare_text(str(value)) == compare_text(str(wanted))


def sort_key(record: Mapping[str, Any], sort: Sort) -> tuple[int, str, str]:
    """The place of a record in an emulated sort: by instant, then by id; records without the field come last."""
    value = record.get(sort.field)
    moment = read_time(value, zone=UTC).isoformat(timespec="microseconds") if value is not None else ""
    return (1 if value is None else 0, moment, str(record.get("id") or ""))


def sort_records(records: list[UnifiedRecord], sort: Sort) -> list[UnifiedRecord]:
    """The records in order, stable under ties: equal instants are ordered by id, ascending."""
    ordered = sorted(records, key=lambda record: record.id or "")
    present = [record for record in ordered if record.fields.get(sort.field) is not None]
    absent = [record for record in ordered if record.fields.get(sort.field) is None]
    present.sort(key=lambda record: sort_key(record.fields, sort)[1], reverse=sort.direction == "desc")
    return [*present, *absent]
