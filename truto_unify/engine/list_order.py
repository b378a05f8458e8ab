"""The order in which a provider lists its records, and the date filters that end a list of that order early."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from truto_unify.config.schema import overlaps
from truto_unify.types import Filter, Sort
from truto_unify.values import read_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from truto_unify.config.sorts import SortForm, SortRules
    from truto_unify.types import Direction

CHANGE_TIME = "updated_at"
"""The unified field whose value moves when a record is updated."""
_ID_DIGITS = 40
_SECONDS = "%Y-%m-%dT%H:%M:%S"
_ENDING_OPS = {"asc": {"eq", "lt", "lte"}, "desc": {"eq", "gt", "gte"}}
"""By direction, the operators that no record behind the bound satisfies."""
_FIRST = {"asc": "oldest first", "desc": "newest first"}


def default_order(rules: SortRules, taken: frozenset[str]) -> Sort | None:
    """The order of a list without a sort; None if records do not show it, or the caller's ``remote_query`` sets it."""
    form = rules.default_form
    if not isinstance(rules.default, str) or form is None or taken_places(form, taken):
        return None
    return Sort(rules.default, "asc")


def choose_order(filters: Iterable[Filter], rules: SortRules, taken: frozenset[str]) -> Sort | None:
    """The native sort in which a list ends behind the bound of one of these filters; None if there is none.

    The time of change is never chosen: records move in such a list while it is read.
    """
    directions: tuple[Direction, ...] = ("desc", "asc")
    for condition in filters:
        for direction in directions:
            order = Sort(condition.field, direction)
            form = rules.form(condition.field, direction)
            if ends_list(condition, order) and form is not None and condition.field != CHANGE_TIME:
                return None if taken_places(form, taken) else order
    return None


def ends_list(condition: Filter, order: Sort) -> bool:
    """Whether no record behind the bound of a filter matches, in a list of this order.

    >>> ends_list(Filter("created_at", "gte", None), Sort("created_at", "desc"))
    True
    """
    return condition.field == order.field and condition.op in _ENDING_OPS[order.direction]


def ending_reason(order: Sort) -> str:
    """What the plan says about an emulated filter that ends the list.

    >>> ending_reason(Sort("created_at", "desc"))
    '; the list is read by created_at, newest first, and ends behind the bound'
    """
    return f"; the list is read by {order.field}, {_FIRST[order.direction]}, and ends behind the bound"


def order_key(moment: datetime) -> str:
    """What a record is sorted by: its instant in whole seconds, because few stores sort by smaller parts."""
    return moment.astimezone(UTC).strftime(_SECONDS)


def record_key(fields: Mapping[str, Any], field: str) -> str | None:
    """The key of a unified record; None if it does not hold the field."""
    value = fields.get(field)
    if value is None or field == "id":
        return None if value is None else id_key(value)
    return order_key(read_time(value, zone=UTC))


def id_key(record_id: str) -> str:
    """What a record is sorted by if the sort is by id: numbers by their value, before other texts.

    >>> sorted(["10", "9", "b7"], key=id_key)
    ['9', '10', 'b7']
    """
    return record_id.zfill(_ID_DIGITS) if record_id.isdecimal() else record_id


def sort_parts(form: SortForm) -> Iterator[tuple[str, Any]]:
    """The places of a request that a sort fills, each with its value."""
    yield from form.query.items()
    yield from _leaves(form.body)


def taken_places(form: SortForm, taken: frozenset[str]) -> list[str]:
    """The places of a sort that the caller's ``remote_query`` sets."""
    return [place for place, _ in sort_parts(form) if any(overlaps(place, other) for other in taken)]


def _leaves(body: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in body.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value
