"""Reads the arguments of a list call into canonical filters and one sort, or reports what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Literal, cast

from truto_unify.errors import InvalidInput, UnsupportedParameter
from truto_unify.expressions import suggest
from truto_unify.types import Filter, Sort
from truto_unify.values import clean_flag, clean_integer, read_time, show_value, type_in_words

if TYPE_CHECKING:
    from truto_unify.models.resource import PartKind, ResourceSchema

Op = Literal["eq", "in", "like", "gt", "gte", "lt", "lte"]
TIME_OPS: tuple[Op, ...] = ("eq", "gt", "gte", "lt", "lte")
TEXT_OPS: tuple[Op, ...] = ("eq", "in", "like")
_LOST_PLUS = re.compile(r"[\d-]+T[\d:.]+ \d\d:?\d\d")  # a URL reads + as a blank


def read_filters(
    schema: ResourceSchema, query: Mapping[str, Any], option_names: Sequence[str] = ()
) -> tuple[Filter, ...]:
    """The filters of a list call, in a fixed order.

    Args:
        schema: the unified resource.
        query: arguments by name, ``{"created_at": {"gte": "2024-01-01T00:00:00Z"}, "email": "ana@example.test"}``.
            A time without a zone is UTC.
        option_names: the other arguments of the call; an unknown name may be one of these, misspelt.

    Raises:
        UnsupportedParameter: the resource has no such filter or operator.
        InvalidInput: a value is not valid.
    """
    filters: list[Filter] = []
    for name, value in query.items():
        if name in filter_names(schema):
            _check_not_none(name, value)
        if name in schema.time_filters:
            filters += _time_filters(name, value)
        elif name in schema.text_filters or name in schema.inner_filters:
            filters += _text_filters(name, value)
        elif name in schema.element_filters:
            filters += _element_filters(name, value, schema)
        else:
            raise unknown_parameter(schema.name, name, (*filter_names(schema), *option_names))
    return tuple(sorted(filters, key=lambda condition: (condition.field, condition.op, repr(condition.value))))


def read_sort(schema: ResourceSchema, sort_by: Any) -> Sort | None:
    """The sort of a list call, from ``{"created_at": "desc"}``.

    Raises:
        UnsupportedParameter: the resource has no such sort field.
        InvalidInput: not exactly one field, or a direction that is neither asc nor desc.
    """
    if not sort_by:
        return None
    if not isinstance(sort_by, Mapping) or len(sort_by) != 1:
        raise InvalidInput('sort_by takes one field, as in {"created_at": "desc"}')
    ((name, direction),) = sort_by.items()
    if name not in schema.sorts:
        hint = suggest(str(name), schema.sorts) or f"; it has {', '.join(schema.sorts) or 'none'}"
        raise UnsupportedParameter(
            f'{schema.name} cannot be sorted by "{name}"{hint}',
            parameter=f"sort_by[{name}]",
            supported=schema.sorts,
        )
    if direction not in ("asc", "desc"):
        raise InvalidInput(f"sort_by[{name}] must be asc or desc, not {show_value(direction)}")
    return Sort(name, cast("Literal['asc', 'desc']", direction))


def filter_names(schema: ResourceSchema) -> tuple[str, ...]:
    """The names that a list call of this resource may filter by."""
    return (*schema.time_filters, *schema.text_filters, *schema.inner_filters, *schema.element_filters)


def unknown_parameter(where: str, name: str, known: Sequence[str]) -> UnsupportedParameter:
    """The error for a parameter that a call does not take."""
    hint = suggest(name, known) or f"; it has {', '.join(known)}"
    return UnsupportedParameter(f'{where} has no query parameter "{name}"{hint}', parameter=name, supported=(*known,))


def _check_not_none(name: str, value: Any) -> None:
    """Refuses a filter whose value is None, as from a variable that is not set: it would list all records."""
    if value is None:
        raise InvalidInput(f"{name} is None, which is no value to filter by; leave {name} out to list without it")


def _operators(name: str, value: Any, known: Sequence[Op]) -> Iterator[tuple[Op, Any]]:
    """Pairs of operator and value; a bare value means eq, a bare list means in."""
    if isinstance(value, Mapping):
        if not value:
            raise InvalidInput(f"{name} names no operator; it has {', '.join(known)}")
        for op, inner in value.items():
            if op not in known:
                hint = suggest(str(op), known) or f"; it has {', '.join(known)}"
                raise UnsupportedParameter(
                    f'"{name}" has no operator "{op}"{hint}',
                    parameter=f"{name}[{op}]",
                    supported=tuple(known),
                )
            yield cast("Op", op), inner
    elif _is_list(value):
        if "in" not in known:
            raise InvalidInput(f"{name} takes one value or operators ({', '.join(known)}), not a list")
        yield "in", value
    else:
        yield "eq", value


def _time_filters(name: str, value: Any) -> Iterator[Filter]:
    for op, inner in _operators(name, value, TIME_OPS):
        yield Filter(name, op, _time(f"{name}[{op}]", inner))


def _text_filters(name: str, value: Any) -> Iterator[Filter]:
    for op, inner in _operators(name, value, TEXT_OPS):
        label = f"{name}[{op}]"
        if op != "in":
            yield Filter(name, op, _text(label, inner))
            continue
        first, *others = _texts(label, inner)
        yield Filter(name, "in", (first, *others)) if others else Filter(name, "eq", first)


def _element_filters(name: str, value: Any, schema: ResourceSchema) -> Iterator[Filter]:
    """Each element is one alternative: a record matches if any of them matches."""
    elements = value if _is_list(value) else [value]
    kinds = schema.element_filters[name]
    alternatives = []
    for number, element in enumerate(elements):
        if not isinstance(element, Mapping) or not element:
            raise InvalidInput(f"{name}[{number}] must name parts of an element: {', '.join(kinds)}")
        parts = {}
        for part, inner in element.items():
            if part not in kinds:
                hint = suggest(str(part), kinds) or f"; it has {', '.join(kinds)}"
                label = f"{name}[][{part}]"
                raise UnsupportedParameter(f'"{name}" has no part "{part}"{hint}', parameter=label, supported=(*kinds,))
            label = f"{name}[{number}][{part}]"
            parts[part] = _READERS[kinds[part]](label, inner)
        alternatives.append(dict(sorted(parts.items())))
    if not alternatives:
        raise InvalidInput(f"{name} is an empty list, which nothing can match")
    yield Filter(name, "in", tuple(alternatives)) if len(alternatives) > 1 else Filter(name, "eq", alternatives[0])


def _is_list(value: Any) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping)


def _text(label: str, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise InvalidInput(f"{label} must be text, not {type_in_words(value)}")
    text = str(value)
    if not text.strip():
        raise InvalidInput(f"{label} is blank, which nothing can match")
    if any(0xD800 <= ord(letter) <= 0xDFFF for letter in text):
        raise InvalidInput(f"{label} holds half of a surrogate pair, which is not text")
    return text


def _texts(label: str, value: Any) -> tuple[str, ...]:
    items = value if _is_list(value) else _text(label, value).split(",")
    texts = tuple(dict.fromkeys(_text(label, item) for item in items))
    if not texts:
        raise InvalidInput(f"{label} is an empty list, which nothing can match")
    return texts


def _time(label: str, value: Any) -> datetime:
    try:
        if isinstance(value, date) and not isinstance(value, datetime):
            value = value.isoformat()
        return read_time(value.strip() if isinstance(value, str) else value, zone=UTC)
    except ValueError:
        hint = "; in a URL, write + as %2B" if isinstance(value, str) and _LOST_PLUS.fullmatch(value) else ""
        raise InvalidInput(
            f"{label} must be an ISO 8601 time such as 2024-01-01T00:00:00Z, not {show_value(value)}{hint}"
        ) from None


def _flag(label: str, value: Any) -> bool:
    try:
        flag = clean_flag(value)
    except ValueError:
        flag = None
    if flag is None:
        raise InvalidInput(f"{label} must be true or false, not {show_value(value)}")
    return flag


def _integer(label: str, value: Any) -> int:
    try:
        number = None if isinstance(value, bool) else clean_integer(value)
    except ValueError:
        number = None
    if number is None:
        raise InvalidInput(f"{label} must be a whole number of at most 18 digits, not {show_value(value)}")
    return number


_READERS: Mapping[PartKind, Callable[[str, Any], Any]] = {
    "text": _text,
    "phone": _text,
    "integer": _integer,
    "boolean": _flag,
}
"""Readers of the values of parts."""
