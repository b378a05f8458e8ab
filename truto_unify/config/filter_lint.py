"""Cross checks of the filters and sorts that a mapping declares, against what the unified resource has."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from truto_unify.config.filters import OPERATORS
from truto_unify.config.pagination import OffsetPagination, PageNumberPagination
from truto_unify.expressions import suggest
from truto_unify.patterns import linear_fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from truto_unify.config.filters import FilterRule
    from truto_unify.config.mapping import ListMethod, MappingConfig
    from truto_unify.config.provider import ProviderConfig
    from truto_unify.config.yaml import Node
    from truto_unify.errors import Problem
    from truto_unify.models.resource import ResourceSchema

TIME_OPS = frozenset({"eq", "gt", "gte", "lt", "lte"})
TEXT_OPS = frozenset({"eq", "in", "like"})
PHONE_OPS = frozenset({"eq", "in"})
EQUAL_OPS = frozenset({"eq"})


def filter_ops(schema: ResourceSchema) -> dict[str, frozenset[str]]:
    """The native filters that a mapping may declare, with the operators that each takes."""
    kinds = {"text": TEXT_OPS, "phone": PHONE_OPS, "integer": EQUAL_OPS, "boolean": EQUAL_OPS}
    elements = {
        f"{name}.{part}": kinds[kind] for name, parts in schema.element_filters.items() for part, kind in parts.items()
    }
    texts = (*schema.text_filters, *schema.inner_filters)
    return {**dict.fromkeys(schema.time_filters, TIME_OPS), **dict.fromkeys(texts, TEXT_OPS), **elements}


def check_filters(method: ListMethod | None, node: Node, schema: ResourceSchema) -> Iterator[Problem]:
    """Names, operators, patterns, formats and requirements of the filters and sorts of one mapping file."""
    if method is None:
        return
    known = filter_ops(schema)
    for name, rule in method.filters.items():
        place = node.at(("filters", name))
        if name not in known:
            hint = suggest(name, known) or f"; it has {', '.join(known) or 'none'}"
            message = f'the unified resource has no filter "{name}"{hint}'
            yield place.problem(message, rule="unknown-filter", at_key=True)
            continue
        yield from _check_ops(name, rule, place, known[name], method, schema)
        for key in ("format", "zone", "exclusive") if name not in schema.time_filters else ():
            if place.child(key) is not None:
                message = f'the filter "{name}" is not of a time, and only a time has "{key}"; remove it'
                yield place.at((key,)).problem(message, rule="format-without-time", at_key=True)
    for name in method.sort.fields:
        if name not in schema.sorts:
            hint = suggest(name, schema.sorts) or f"; it has {', '.join(schema.sorts) or 'none'}"
            message = f'the unified resource has no sort "{name}"{hint}'
            yield node.at(("sort", "fields", name)).problem(message, rule="unknown-sort", at_key=True)


def check_override_patterns(config: MappingConfig, trusted: MappingConfig, node: Node) -> Iterator[Problem]:
    """Finds patterns of overrides that take more than linear time.

    Args:
        config: the mapping with the overrides.
        trusted: the mapping of the files alone.
        node: of the mapping with the overrides.
    """
    known = {pattern for _, _, pattern in _patterns(trusted)}
    for name, op, pattern in _patterns(config):
        fault = linear_fault(pattern) if pattern not in known else None
        if fault:
            place = node.at(("list", "filters", name))
            yield deepest(place, op, "pattern").problem(fault, rule="slow-pattern")


def _patterns(config: MappingConfig) -> Iterator[tuple[str, str, str]]:
    for name, rule in config.list.filters.items() if config.list is not None else ():
        for op in OPERATORS:
            native = rule.native(op)
            if native is not None and native.pattern is not None:
                yield name, op, native.pattern


def check_ties(method: ListMethod | None, node: Node, provider: ProviderConfig) -> Iterator[Problem]:
    """A warning for a sort of a numbered list that does not say what becomes of records with the same key."""
    if method is None or not method.sort.fields or method.sort.unique is not None:
        return
    resource, _, call = method.endpoint.partition(".")
    endpoint = provider.resources.get(resource, {}).get(call)
    if endpoint is None or not isinstance(endpoint.pagination, PageNumberPagination | OffsetPagination):
        return
    message = (
        'the sort does not say whether records of the same key keep their order: without "unique: false", a store that '
        'orders them anew for each page makes lists lose some; with a second, unique key write "unique: true"'
    )
    yield replace(node.at(("sort",)).problem(message, rule="sort-without-unique", at_key=True), is_warning=True)


def _check_ops(
    name: str,
    rule: FilterRule,
    place: Node,
    allowed: Iterable[str],
    method: ListMethod,
    schema: ResourceSchema,
) -> Iterator[Problem]:
    if rule.range is not None and name not in schema.time_filters:
        message = f'filter "{name}" has no range; only a time has one'
        yield place.at(("range",)).problem(message, rule="unknown-operator", at_key=True)
    for op in OPERATORS:
        native = rule.native(op)
        if native is None:
            continue
        own = place.at(("operators", op) if op in rule.operators else (op,))
        if op not in allowed:
            known = ", ".join(name for name in OPERATORS if name in allowed)
            message = f'filter "{name}" has no operator "{op}"; it has {known}'
            yield own.problem(message, rule="unknown-operator", at_key=True)
        if native.search is not None and method.search is None:
            message = 'a "search" term needs list.search, which says where the search text goes'
            yield deepest(place, op, "search").problem(message, rule="search-without-text")
        if op == "in" and native.join is None and not native.takes_list:
            message = 'the values of "in" need "join", the text between them; only a path of the JSON body takes a list'
            yield own.problem(message, rule="values-without-join", at_key=True)
        fault = pattern_fault(native.pattern)
        if fault:
            yield deepest(place, op, "pattern").problem(fault, rule="bad-pattern")
        element = name.partition(".")[0]
        parts = schema.element_filters.get(element, {})
        for part in native.requires:
            if part not in parts:
                hint = suggest(part, parts) or f"; it has {', '.join(parts) or 'none'}"
                message = f'"{element}" has no part "{part}"{hint}'
                yield deepest(place, op, "requires").at((part,)).problem(message, rule="unknown-part", at_key=True)


def deepest(place: Node, op: str, key: str) -> Node:
    """The node of a key that an operator uses: in its own form, else beside the operators, else its short form."""
    own = place.child(op)
    for owner in (own, place):
        node = owner.child(key) if owner is not None else None
        if node is not None:
            return node
    return own or place


def pattern_fault(pattern: str | None) -> str | None:
    """Why a regular expression cannot be compiled; None if it can."""
    if pattern is None:
        return None
    try:
        re.compile(pattern)
    except re.error as error:
        return f"bad regular expression: {error}"
    return None
