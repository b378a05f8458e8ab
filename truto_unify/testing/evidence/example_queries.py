"""Makes an example of every filter, operator and sort of a resource; at least one record matches each filter."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC
from itertools import combinations
from typing import TYPE_CHECKING, Any

from truto_unify.values import compare_text, read_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from truto_unify.models.resource import ResourceSchema
    from truto_unify.testing.answer_checks import Fields

_TIME_OPERATORS = ("gte", "lte", "gt", "lt", "eq")
_DIRECTIONS = ("asc", "desc")
_MAX_WORDS = 6
"""A field with at most this number of different texts has all of them tried."""


@dataclass(frozen=True, slots=True)
class Example:
    """Arguments of a list call with a single filter or sort.

    Attributes:
        arguments: the arguments of the call.
        note: what is special about the value.
    """

    arguments: dict[str, Any]
    note: str = ""


def example_filters(schema: ResourceSchema, records: Sequence[Fields]) -> Iterator[Example]:
    """Filters of every kind that at least one of the records matches.

    A text filter comes twice, with the value as it stands and in other capitals; a filter ignores case.
    """
    for name in schema.time_filters:
        yield from _time_queries(name, [record[name] for record in records if record.get(name)])
    for name in schema.text_filters:
        yield from _text_queries(name, [record[name] for record in records if record.get(name)])
    for name, (field, part) in schema.inner_filters.items():
        yield from _text_queries(name, [item[part] for item in _items(records, field) if item.get(part)])
    for name, parts in schema.element_filters.items():
        for part in parts:
            elements = [item for item in _items(records, name) if isinstance(item.get(part), str)]
            for value in _chosen(item[part] for item in elements):
                item = next(element for element in elements if element[part] == value)
                others = {other: item[other] for other in parts if other != part and item.get(other) is not None}
                yield Example({name: [{part: value}]})
                yield from (Example({name: [{part: value, other: wanted}]}) for other, wanted in others.items())


def example_sorts(schema: ResourceSchema) -> Iterator[dict[str, Any]]:
    """Arguments of list calls, each with a single sort."""
    yield from ({"sort_by": {name: direction}} for name in schema.sorts for direction in _DIRECTIONS)


def _time_queries(name: str, values: Sequence[Any]) -> Iterator[Example]:
    moments = sorted({read_time(value, zone=UTC) for value in values})
    if moments:
        middle = moments[len(moments) // 2].isoformat()
        yield from (Example({name: {operator: middle}}) for operator in _TIME_OPERATORS)


def _text_queries(name: str, values: Iterable[str]) -> Iterator[Example]:
    texts = [*values]
    chosen = [*_chosen(texts)]
    for value in chosen:
        yield Example({name: value})
        yield Example({name: value.swapcase()}, "in other capitals")
        yield Example({name: {"like": _piece(value)}})
    if chosen:
        yield Example({name: {"in": chosen}})
    # A store may filter by other words of a status than the two that were chosen.
    words = [*dict.fromkeys(texts)]
    if len(words) <= _MAX_WORDS:
        yield from (Example({name: value}) for value in words if value not in chosen)
        groups = (*combinations(words, 1), *combinations(words, 2))
        yield from (Example({name: {"in": [*group]}}) for group in groups)


def _items(records: Sequence[Fields], field: str) -> list[Fields]:
    holders = (record.get(field) or () for record in records)
    return [item for holder in holders for item in (holder if isinstance(holder, list | tuple) else (holder,))]


def _chosen(values: Iterable[str]) -> Iterator[str]:
    """Two different texts that few records have; the second has an unusual character if possible."""
    counts = Counter(values)
    rare = sorted(counts, key=lambda value: (counts[value], len(value), value))
    if rare:
        first = rare[len(rare) // 2]
        unusual = [value for value in rare if not re.fullmatch(r"[A-Za-z0-9]*", value)]
        others = [value for value in [*unusual, *rare] if compare_text(value) != compare_text(first)]
        yield from (first, *others[:1])


def _piece(value: str) -> str:
    """The middle of a text: without its first and last letter, unless it is short."""
    text = value.strip()
    margin = 1 if len(text) > 4 else 0
    return text[margin : len(text) - margin].strip()
