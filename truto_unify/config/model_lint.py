"""Cross checks of a model file: names, kinds with their keys, and filters."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic import BaseModel

from truto_unify.config.model_names import field_name_fault, filter_name_fault
from truto_unify.config.model_schema import PART_KINDS, SORT_KINDS, TEXT_KINDS, inner_filter_name
from truto_unify.config.name_lint import is_near
from truto_unify.expressions import suggest
from truto_unify.models.fields import field_kinds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from truto_unify.config.model_file import ModelConfig, ModelField
    from truto_unify.config.yaml import Node
    from truto_unify.errors import Problem
    from truto_unify.models.resource import ResourceSchema

_KINDS_OF_KEYS = {
    "fields": ("object", "list"),
    "of": ("list",),
    "values": ("status",),
    "required": ("object", "list"),
    "unique": ("list",),
    "extension_of": ("text",),
}
"""The kinds that take a key; any kind takes the other keys."""
_MAX_DEPTH = 8
"""Objects and lists inside of each other."""


def check_model(config: ModelConfig, node: Node, parent: ResourceSchema | None) -> list[Problem]:
    """Every fault of a model file that its schema cannot see.

    Args:
        config: the content, without faulty parts.
        node: the content with its places.
        parent: the resource that the file adds fields to; None if the file describes a resource of its own.
    """
    table = node.at(("fields",))
    problems = [
        *_check_id(config, node, parent),
        *_check_fields(config.fields, table, parent),
        *_check_filter_names(config, table, parent),
    ]
    for name, field in config.fields.items():
        place = table.at((name,))
        problems += _check_filter(name, field, place)
        problems += _check_sort(name, field, place)
    return problems


def _check_id(config: ModelConfig, node: Node, parent: ResourceSchema | None) -> Iterator[Problem]:
    field, table = config.fields.get("id"), node.at(("fields",))
    if parent is not None or "fields" in node.faulty or "id" in table.faulty:
        return
    if field is None:
        message = 'missing field "id": every record has an id; write id: {kind: id}'
        yield table.problem(message, rule="model-without-id", at_key=True)
    elif field.kind != "id":
        message = f'"id" is the id of the record, so its kind is id and not {field.kind}'
        yield table.at(("id", "kind")).problem(message, rule="model-without-id")


def _check_fields(fields: dict[str, ModelField], table: Node, parent: ResourceSchema | None) -> Iterator[Problem]:
    """The names of the fields of a record, and what each holds."""
    known = field_kinds(parent.record) if parent is not None else {}
    model = parent.record if parent is not None else BaseModel
    for name, field in fields.items():
        place = table.at((name,))
        fault = field_name_fault(name, model=model)
        near = next((other for other in known if is_near(name, other)), None)
        if name in known:
            message = f'the model has a field "{name}" already; a field that is added needs another name'
            yield place.problem(message, rule="field-clash", at_key=True)
        elif fault is not None:
            yield place.problem(fault, rule="unsafe-name", at_key=True)
        elif near is not None:
            message = f'the field "{name}" is nearly "{near}" of the model; a reader may mistake one for the other'
            yield replace(place.problem(message, rule="near-field-name", at_key=True), is_warning=True)
        yield from _check_kind(name, field, place, 1)


def _check_kind(label: str, field: ModelField, place: Node, depth: int) -> Iterator[Problem]:
    """The keys of a field against its kind, and its parts."""
    for key in place.keys:
        kinds = _KINDS_OF_KEYS.get(key)
        if kinds is None or field.kind in kinds or (key == "values" and field.of == "status"):
            continue
        message = f'"{key}" belongs to a field of kind {" or ".join(kinds)}; "{label}" is of kind {field.kind}'
        yield place.at((key,)).problem(message, rule="kind-key", at_key=True)
    has_parts = bool(field.fields) or "fields" in place.faulty
    if field.kind == "object" and not has_parts:
        yield place.problem(f'"{label}" is an object; give its parts as "fields"', rule="kind-key", at_key=True)
    if field.kind == "list" and has_parts == (field.of is not None or "of" in place.faulty):
        message = f'"{label}" is a list; give "fields", the parts of its elements, or "of", the kind of its values'
        yield place.problem(message, rule="kind-key", at_key=True)
    yield from _check_rules(label, field, place)
    if has_parts and depth == _MAX_DEPTH:
        message = f'"{label}" is nested more than {_MAX_DEPTH} levels deep'
        yield place.problem(message, rule="kind-key", at_key=True)
        return
    for name, part in field.fields.items():
        part_place = place.at(("fields", name))
        fault = field_name_fault(name, is_part=True)
        if fault is not None:
            yield part_place.problem(fault, rule="unsafe-name", at_key=True)
        yield from _check_kind(f"{label}.{name}", part, part_place, depth + 1)
        if depth > 1:
            yield from _refuse_deep_filter(f"{label}.{name}", part, part_place)


def _check_rules(label: str, field: ModelField, place: Node) -> Iterator[Problem]:
    """The parts that ``required``, ``unique`` and ``extension_of`` name."""
    if field.kind == "list" and field.fields and field.unique is True:
        message = f'name the parts in which equal elements of "{label}" agree, as unique: [{next(iter(field.fields))}]'
        yield place.at(("unique",)).problem(message, rule="kind-key")
    if field.of is not None and not isinstance(field.unique, bool):
        yield place.at(("unique",)).problem("the values have no parts; write unique: true", rule="kind-key")
    unique = () if isinstance(field.unique, bool) else field.unique
    named = [("required", field.required), ("unique", unique if field.fields else ())]
    for key, parts in named:
        for index, part in enumerate(parts):
            yield from _check_part(label, part, field, place.at((key, index)))
    for name, inner in field.fields.items():
        if inner.extension_of is not None:
            target = place.at(("fields", name, "extension_of"))
            yield from _check_part(label, inner.extension_of, field, target)
            phone = field.fields.get(inner.extension_of)
            if phone is not None and phone.kind != "phone":
                message = f'"{inner.extension_of}" is of kind {phone.kind}; only a phone has an extension'
                yield target.problem(message, rule="kind-key")


def _check_part(label: str, part: str, field: ModelField, place: Node) -> Iterator[Problem]:
    if part not in field.fields:
        hint = suggest(part, field.fields) or f"; it has {', '.join(field.fields) or 'none'}"
        yield place.problem(f'"{label}" has no part "{part}"{hint}', rule="unknown-part")


def _check_filter(name: str, field: ModelField, place: Node) -> Iterator[Problem]:
    """Whether lists can be filtered by a field and by its parts."""
    if isinstance(field.filter, str):
        message = f'a filter on a field has its name, "{name}"; write filter: true'
        yield place.at(("filter",)).problem(message, rule="filter-kind")
    elif field.filter and field.kind not in {*TEXT_KINDS, "time"}:
        parts = "; filter by its parts" if field.fields else ""
        kinds = _listed({*TEXT_KINDS, "time"})
        message = f'"{name}" is of kind {field.kind}, and filters compare {kinds}{parts}'
        yield place.at(("filter",)).problem(message, rule="filter-kind")
    for part, rule in field.fields.items():
        allowed = TEXT_KINDS if field.kind == "object" or isinstance(rule.filter, str) else PART_KINDS.keys()
        if rule.filter and rule.kind not in allowed:
            message = f'"{name}.{part}" is of kind {rule.kind}, and filters on such a part compare {_listed(allowed)}'
            yield place.at(("fields", part, "filter")).problem(message, rule="filter-kind")
        if rule.sort:
            message = f'"{name}.{part}" is a part; lists are sorted by fields of the record'
            yield place.at(("fields", part, "sort")).problem(message, rule="sort-kind")


def _refuse_deep_filter(label: str, part: ModelField, place: Node) -> Iterator[Problem]:
    if part.filter:
        message = f'"{label}" lies too deep; filters look at fields, and at the parts right below them'
        yield place.at(("filter",)).problem(message, rule="filter-kind")
    if part.sort:
        message = f'"{label}" is a part; lists are sorted by fields of the record'
        yield place.at(("sort",)).problem(message, rule="sort-kind")


def _check_sort(name: str, field: ModelField, place: Node) -> Iterator[Problem]:
    if field.sort and field.kind not in SORT_KINDS:
        message = f'"{name}" is of kind {field.kind}, and lists are sorted by {_listed(SORT_KINDS)}'
        yield place.at(("sort",)).problem(message, rule="sort-kind")


def _check_filter_names(config: ModelConfig, table: Node, parent: ResourceSchema | None) -> Iterator[Problem]:
    """Names of filters that are taken: by an argument of every list, or by another filter."""
    known = dict.fromkeys(_names_of(parent), "a filter of the model") if parent is not None else {}
    for name, place, label in _filters(config, table):
        fault = filter_name_fault(name)
        if fault is not None:
            yield place.problem(fault, rule="unsafe-name")
        elif name in known:
            message = f'the filter "{name}" is {known[name]} already; name this one: filter: another_name'
            yield place.problem(message, rule="filter-clash")
        known.setdefault(name, f'the filter on "{label}"')


def _names_of(schema: ResourceSchema) -> Iterable[str]:
    return (*schema.time_filters, *schema.text_filters, *schema.inner_filters, *schema.element_filters)


def _filters(config: ModelConfig, table: Node) -> Iterator[tuple[str, Node, str]]:
    """The name, the place and the field of each filter."""
    for field, outer in config.fields.items():
        parts = {part: rule for part, rule in outer.fields.items() if rule.filter}
        if outer.filter is True:
            yield field, table.at((field, "filter")), field
        elif parts and outer.kind == "list":
            yield field, table.at((field, "fields")), field
        for part, rule in parts.items():
            name = inner_filter_name(field, outer, part, rule)
            if name is not None:
                yield name, table.at((field, "fields", part, "filter")), f"{field}.{part}"


def _listed(kinds: Iterable[str]) -> str:
    *former, last = sorted(kinds)
    return f"{', '.join(former)} and {last}" if former else last
