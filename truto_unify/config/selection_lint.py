"""Finds fields that a mapping reads and no GraphQL operation of its endpoints selects.

Each expression is followed over selections instead of records. What a function returns is unknown, and so is whatever
lies below a field without a selection set (a scalar may hold JSON): nothing is reported there.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from truto_unify.config.field_rules import ObjectRule, ValueRule
from truto_unify.config.graphql_document import answer_selection, selected_at
from truto_unify.expressions import CALL_NAMES, bind_names, field_offsets, suggest, variable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from truto_unify.config.field_rules import Rule
    from truto_unify.config.graphql_document import Selection
    from truto_unify.config.mapping import MappingConfig
    from truto_unify.config.provider import ProviderConfig
    from truto_unify.config.yaml import Node
    from truto_unify.errors import Problem
    from truto_unify.expressions import Expression, Tree

    Shape = Mapping[str, "Selection | Value"]
    """The fields of a native object, or of one that an expression makes."""
    Value = tuple[Shape, ...]
    """The shapes that a value may have, or those of its elements; empty if nothing is known of it."""
    Names = Mapping[str, Value]

UNKNOWN: Value = ()


@dataclass(frozen=True, slots=True)
class _FieldUse:
    """What an expression reads.

    Attributes:
        missing: each field that is not selected: its offset, its name, and the names that are selected beside it.
        has_selected: whether the expression reads a field that is selected, or of which nothing is known.
    """

    missing: tuple[tuple[int, str, tuple[str, ...]], ...] = ()
    has_selected: bool = False

    def __add__(self, other: _FieldUse) -> _FieldUse:
        return _FieldUse(self.missing + other.missing, self.has_selected or other.has_selected)


_KNOWN = _FieldUse(has_selected=True)


def check_selections(
    config: MappingConfig, node: Node, provider: ProviderConfig, documents: Mapping[str, str]
) -> Iterator[Problem]:
    """A problem for each field that is read and not selected, if every endpoint of the record is GraphQL."""
    calls = [method.endpoint for method in (config.list, config.get) if method is not None]
    calls += [load.endpoint for load in config.side_loads.values() if load.replaces_record]
    record = _records(calls, provider, documents)
    loaded: defaultdict[str, Value] = defaultdict(tuple)
    loaded.update({name: _records([load.endpoint], provider, documents) for name, load in config.side_loads.items()})
    names: dict[str, Value] = {**dict.fromkeys(CALL_NAMES, UNKNOWN), "loaded": (loaded,)}
    for name, expression in config.define.items():
        names[name], problems = _follow(expression, record, names, node.at(("define", name)))
        yield from problems
    for path, expression in _conditions(config):
        yield from _follow(expression, record, names, node.at(path))[1]
    for name, rule in config.response_mapping.items():
        yield from _check_rule(rule, record, record, names, node.at(("response_mapping", name)))


def _records(calls: Sequence[str], provider: ProviderConfig, documents: Mapping[str, str]) -> Value:
    """What the operations of these endpoints select of a record; unknown if that of one of them is."""
    values = [_record_of(call, provider, documents) for call in calls]
    return tuple(shape for value in values for shape in value) if all(values) else UNKNOWN


def _record_of(call: str, provider: ProviderConfig, documents: Mapping[str, str]) -> Value:
    resource, _, method = call.partition(".")
    endpoint = provider.resources.get(resource, {}).get(method)
    answer = answer_selection(endpoint, documents) if endpoint is not None else None
    if endpoint is None or answer is None:
        return UNKNOWN
    shapes = [selected_at(answer, path) for path in endpoint.list_path or endpoint.record_path or ()]
    return tuple(shape for shape in shapes if shape)


def _conditions(config: MappingConfig) -> Iterator[tuple[tuple[str, ...], Expression]]:
    """The expressions of a native record outside of ``define`` and ``response_mapping``, with their paths."""
    expressions: list[tuple[tuple[str, ...], Expression | None]] = [(("where",), config.where)]
    if config.list is not None:
        expressions.append((("list", "is_partial"), config.list.is_partial))
    for name, load in config.side_loads.items():
        expressions += [(("side_loads", name, key), getattr(load, key)) for key in ("where", "id", "count")]
        if load.inline is not None:
            parts = (("items", load.inline.items), ("has_more", load.inline.has_more))
            expressions += [(("side_loads", name, "inline", key), expression) for key, expression in parts]
    yield from ((path, expression) for path, expression in expressions if expression is not None)


def _check_rule(rule: Rule, root: Value, record: Value, names: Names, place: Node) -> Iterator[Problem]:
    if isinstance(rule, ValueRule):
        if rule.expr is not None:
            yield from _follow(rule.expr, root, names, place.child("expr") or place)[1]
        return
    if isinstance(rule, ObjectRule):
        for part, part_rule in rule.parts.items():
            yield from _check_rule(part_rule, root, record, names, place.at((part,)))
        return
    for number, source in enumerate(rule):
        source_place, element, element_names = place.at((number,)), root, names
        if source.each is not None:
            element, problems = _follow(source.each, root, names, source_place.at(("each",)))
            element_names = {**names, "record": record}
            yield from problems
        for part, part_rule in source.parts.items():
            yield from _check_rule(part_rule, element, record, element_names, source_place.at((part,)))


def _follow(expression: Expression, root: Value, names: Names, place: Node) -> tuple[Value, list[Problem]]:
    """What an expression may give, and a problem for each field that it reads and that is not selected."""
    bound = bind_names(expression, {name: variable(name) for name in expression.root_names if name in names})
    value, reading = _Follower(names, field_offsets(expression)).follow(bound.tree, root)
    problems = []
    for offset, name, selected in reading.missing:
        hint = suggest(name, selected) or f"; selected here: {', '.join(selected)}"
        message = f'no GraphQL operation of this mapping selects "{name}" here{hint}'
        problems.append(place.problem(message, rule="graphql-selection", offset=offset))
    return value, problems


class _Follower:
    """Follows one expression.

    Args:
        names: what the names at the root mean.
        offsets: where each field of the tree stands in the text, by the id of its node.
    """

    def __init__(self, names: Names, offsets: Mapping[int, int]) -> None:
        self._names = names
        self._offsets = offsets

    def follow(self, node: Tree, scope: Value) -> tuple[Value, _FieldUse]:
        """What a part of the expression may give, and what it reads. A list counts as its elements."""
        follow = _FOLLOW.get(node["type"])
        return follow(self, node, scope) if follow is not None else (UNKNOWN, _FieldUse())

    def variable(self, node: Tree, _scope: Value) -> tuple[Value, _FieldUse]:
        return self._names[node["value"]], _KNOWN

    def same(self, _node: Tree, scope: Value) -> tuple[Value, _FieldUse]:
        return scope, _FieldUse()

    def field(self, node: Tree, scope: Value) -> tuple[Value, _FieldUse]:
        name = node["value"]
        if not scope:
            return UNKNOWN, _KNOWN
        inner = [value for value in (_below(shape, name) for shape in scope) if value is not None]
        if inner:
            return _any_of(inner), _KNOWN
        selected = dict.fromkeys(key for shape in scope for key in shape)
        return UNKNOWN, _FieldUse(((self._offsets[id(node)], name, tuple(selected)),))

    def chain(self, node: Tree, scope: Value) -> tuple[Value, _FieldUse]:
        reading = _FieldUse()
        for child in node["children"]:
            scope, further = self.follow(child, scope)
            reading += further
        return scope, reading

    def filter(self, node: Tree, scope: Value) -> tuple[Value, _FieldUse]:
        left, right, condition = node["children"]
        elements, reading = self.follow(left, scope)
        value, further = self.follow(right, elements)
        return value, reading + self.follow(condition, elements)[1] + further

    def values(self, node: Tree, scope: Value) -> tuple[Value, _FieldUse]:
        return UNKNOWN, self.follow(node["children"][0], scope)[1]

    def make_object(self, node: Tree, scope: Value) -> tuple[Value, _FieldUse]:
        pairs = {pair["value"]: self.follow(pair["children"][0], scope) for pair in node["children"]}
        return ({name: value for name, (value, _) in pairs.items()},), _sum(reading for _, reading in pairs.values())

    def make_list(self, node: Tree, scope: Value) -> tuple[Value, _FieldUse]:
        results = [self.follow(child, scope) for child in node["children"]]
        return _any_of(value for value, _ in results), _sum(reading for _, reading in results)

    def last(self, node: Tree, scope: Value) -> tuple[Value, _FieldUse]:
        results = [self.follow(child, scope) for child in node["children"]]
        return results[-1][0], _sum(reading for _, reading in results)

    def condition(self, node: Tree, scope: Value) -> tuple[Value, _FieldUse]:
        return UNKNOWN, self.last(node, scope)[1]

    def first(self, node: Tree, scope: Value) -> tuple[Value, _FieldUse]:
        """One of the alternatives has to be selected: the others may be for another version of the API."""
        results = [self.follow(child, scope) for child in node["children"]]
        if any(reading.has_selected and not reading.missing for _, reading in results):
            return _any_of(value for value, reading in results if not reading.missing), _KNOWN
        return UNKNOWN, _sum(reading for _, reading in results)

    def call(self, node: Tree, scope: Value) -> tuple[Value, _FieldUse]:
        name, arguments = node["value"], node["children"]
        if name in {"first_text", "not_null"}:
            is_list = len(arguments) == 1 and arguments[0]["type"] == "multi_select_list"
            return self.first(arguments[0] if is_list else node, scope)
        results = [self.follow(argument, scope) for argument in arguments]
        return (results[1][0] if name == "when" else UNKNOWN), _sum(reading for _, reading in results)


_FOLLOW: Mapping[str, Callable[[_Follower, Tree, Value], tuple[Value, _FieldUse]]] = {
    "field": _Follower.field,
    "variable": _Follower.variable,
    **dict.fromkeys(("current", "identity", "index", "slice"), _Follower.same),
    **dict.fromkeys(("subexpression", "pipe", "projection", "index_expression", "flatten"), _Follower.chain),
    "filter_projection": _Follower.filter,
    "value_projection": _Follower.values,
    "multi_select_dict": _Follower.make_object,
    "multi_select_list": _Follower.make_list,
    "and_expression": _Follower.last,
    **dict.fromkeys(("comparator", "not_expression"), _Follower.condition),
    "or_expression": _Follower.first,
    "function_expression": _Follower.call,
}
"""How each type of node is followed; of another one nothing is known."""


def _below(shape: Shape, name: str) -> Value | None:
    """What is known of a field; None if the shape lacks it."""
    try:
        inner = shape[name]
    except KeyError:
        return None
    if isinstance(inner, tuple):
        return inner
    return (inner,) if inner else UNKNOWN


def _any_of(values: Iterable[Value]) -> Value:
    values = list(values)
    return tuple(shape for value in values for shape in value) if all(values) else UNKNOWN


def _sum(readings: Iterable[_FieldUse]) -> _FieldUse:
    return sum(readings, _FieldUse())
