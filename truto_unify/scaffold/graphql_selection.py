"""Which fields of a GraphQL type a document selects, and what an answer with them looks like."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from graphql import (
    get_named_type,
    get_nullable_type,
    is_enum_type,
    is_input_object_type,
    is_leaf_type,
    is_list_type,
    is_required_argument,
    is_required_input_field,
)

from truto_unify.scaffold.graphql_schema import has_fields, list_shape
from truto_unify.scaffold.openapi_schema import EXAMPLE_SECONDS, EXAMPLE_TIME, example_text
from truto_unify.scaffold.shape import EACH
from truto_unify.scaffold.vocabulary import fold

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from truto_unify.scaffold.shape import Path

PAGE_SIZES = ("first", "take", "limit", "pagesize", "perpage", "size")
"""Arguments that say how many elements a list shows."""
INNER_PAGE_SIZE = 50
"""The number of elements that the document asks for, of a list inside of a record."""
_MAX_DEPTH = 3
"""Levels of objects that are selected below a record."""
_USUAL_VALUES = ("USD", "US", "EN")
"""Examples of enums have one of these values if they can: a currency, a country, a language."""
_EXAMPLE_CODES = {"country": "US", "currency": "USD", "language": "en"}
"""Examples of a code, by the end of the name of the object that holds it."""


@dataclass(frozen=True, slots=True)
class SelectedField:
    """A field of a selection.

    Attributes:
        leaf: the type of its values; None for an object.
        fields: what is selected below it.
        arguments: as the document writes them.
        is_list: whether it holds several values.
    """

    leaf: Any = None
    fields: Mapping[str, SelectedField] = field(default_factory=dict)
    arguments: str = ""
    is_list: bool = False


Fields = dict[str, SelectedField]


def select_fields(owner: Any, listed: Collection[str], above: tuple[str, ...] = ()) -> Fields:
    """Every field that can be read with a record of this type.

    Left out are deprecated fields, fields that need an argument, and lists in pages of records that have a list of
    their own.

    Args:
        owner: the type.
        listed: the names of the types that Query lists. Of such an object only its own plain fields are selected.
        above: the names of the types around it.
    """
    inside = (*above, owner.name)
    is_other_record = bool(above) and owner.name in listed
    chosen: Fields = {}
    for name, definition in owner.fields.items():
        if definition.deprecation_reason is not None or any(map(is_required_argument, definition.args.values())):
            continue
        named = get_named_type(definition.type)
        if is_leaf_type(named):
            chosen[name] = SelectedField(leaf=named, is_list=is_list_type(get_nullable_type(definition.type)))
        elif not is_other_record and len(inside) <= _MAX_DEPTH:
            inner = _select_inner(definition, named, listed, inside)
            if inner is not None:
                chosen[name] = inner
    return chosen


def _select_inner(definition: Any, named: Any, listed: Collection[str], above: tuple[str, ...]) -> SelectedField | None:
    shape = list_shape(definition.type)
    record = shape.record if shape is not None else named
    size = _size_argument(definition.args)
    is_other_list = shape is not None and record.name in listed and (bool(shape.steps) or bool(size))
    if not has_fields(record) or record.name in above or is_other_list:
        return None
    inner = SelectedField(fields=select_fields(record, listed, above), is_list=shape is not None)
    if not inner.fields:
        return None
    first, *rest = shape.steps if shape is not None and shape.steps else ("",)
    if not first:
        return replace(inner, arguments=size)
    if rest:
        inner = SelectedField(fields={rest[0]: replace(inner, is_list=False)}, is_list=True)
    return SelectedField(fields={first.removesuffix("[]"): inner}, arguments=size)


def _size_argument(arguments: Mapping[str, Any]) -> str:
    """The arguments of a list inside of a record; empty if it takes no size.

    >>> from graphql import GraphQLArgument, GraphQLInt
    >>> _size_argument({"first": GraphQLArgument(GraphQLInt)})
    '(first: 50)'
    """
    for name, argument in arguments.items():
        kind = get_named_type(argument.type)
        if fold(name) in PAGE_SIZES and is_leaf_type(kind):
            return f"({name}: {INNER_PAGE_SIZE})"
        inner = [part for part in kind.fields if fold(part) in PAGE_SIZES] if is_input_object_type(kind) else []
        if inner and not any(is_required_input_field(kind.fields[part]) for part in kind.fields if part != inner[0]):
            return f"({name}: {{{inner[0]}: {INNER_PAGE_SIZE}}})"
    return ""


def narrow(fields: Mapping[str, SelectedField], read: Collection[Path], path: Path = ()) -> Fields:
    """The selection without the objects that no rule reads; of a deeper object, only what a rule reads stays.

    Args:
        fields: the whole selection.
        read: the paths that rules read, without the steps into elements.
        path: where the fields stand.
    """
    narrowed: Fields = {}
    for name, selected in fields.items():
        here = (*path, name)
        if selected.leaf is not None:
            if len(path) <= 1 or here in read or path in read:
                narrowed[name] = selected
        elif any(other[: len(here)] == here for other in read):
            narrowed[name] = replace(selected, fields=narrow(selected.fields, read, here))
    return narrowed


def without_elements(paths: Collection[Path]) -> set[Path]:
    """The paths without the steps into elements of lists."""
    return {tuple(step for step in path if step != EACH) for path in paths}


def inner_lists(fields: Mapping[str, SelectedField], path: Path = ()) -> Iterator[str]:
    """The paths of the lists inside of a record of which the document asks for some elements only."""
    for name, selected in fields.items():
        if selected.arguments:
            yield ".".join((*path, name))
        yield from inner_lists(selected.fields, (*path, name))


def fit(value: Any, fields: Mapping[str, SelectedField]) -> Any:
    """The part of an answer that the selection asks for."""
    if isinstance(value, list):
        return [fit(item, fields) for item in value]
    if not isinstance(value, dict) or not fields:
        return value
    return {name: fit(inner, fields[name].fields) for name, inner in value.items() if name in fields}


def selection_lines(fields: Mapping[str, SelectedField]) -> Iterator[str]:
    """The selection as lines of a document, without their indentation."""
    for name, selected in fields.items():
        if selected.leaf is not None:
            yield name
        else:
            yield f"{name}{selected.arguments} {{"
            yield from selection_lines(selected.fields)
            yield "}"


def example_record(fields: Mapping[str, SelectedField], number: int, holder: str = "") -> dict[str, Any]:
    """An answer with these fields, invented by types and names; a text is null if neither says what it holds.

    Args:
        fields: the selection.
        number: makes ids differ, and chooses among the values of an enum.
        holder: the name of the object.
    """
    return {name: _example(name, selected, number, holder) for name, selected in fields.items()}


def _example(name: str, selected: SelectedField, number: int, holder: str) -> Any:
    numbers = (2 * number, 2 * number + 1) if selected.is_list else (number,)
    if selected.leaf is None:
        values: list[Any] = [example_record(selected.fields, each, name) for each in numbers]
    else:
        values = [_example_leaf(name, selected.leaf, each, holder) for each in numbers]
    return values if selected.is_list else values[0]


def _example_leaf(name: str, leaf: Any, number: int, holder: str) -> Any:
    if is_enum_type(leaf):
        names = list(leaf.values)
        return next((value for value in _USUAL_VALUES if value in names), names[number % len(names)] if names else None)
    kind, folded = fold(leaf.name), fold(name)
    if kind in {"int", "float", "long", "bigint"}:
        return EXAMPLE_SECONDS if folded.endswith(("at", "date", "time", "timestamp")) else 1 + number
    if "datetime" in kind or "timestamp" in kind:
        return EXAMPLE_TIME
    if "decimal" in kind:
        return "12.50"
    id_text = str(1001 + number)
    examples = {
        "boolean": number % 2 == 0,
        "date": EXAMPLE_TIME[:10],
        "instant": EXAMPLE_TIME,
        "id": id_text,
        "uuid": id_text,
    }
    return examples[kind] if kind in examples else _example_text(name, leaf.name, number, holder)


def _example_text(name: str, kind: str, number: int, holder: str) -> str | None:
    if fold(name) == "code":
        return next((code for word, code in _EXAMPLE_CODES.items() if fold(holder).endswith(word)), None)
    return example_text(name if kind == "String" else kind, number)
