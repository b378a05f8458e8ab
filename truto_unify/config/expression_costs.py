"""Judges from the trees of expressions what they can cost: their size, and how the result grows with the record."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel

from truto_unify.expressions import Expression, count_nodes, root_names_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from truto_unify.config.mapping import MappingConfig
    from truto_unify.config.yaml import Node
    from truto_unify.errors import Problem
    from truto_unify.expressions import Tree

MAX_NODES = 2_000
"""Nodes of one expression, with its definitions in place."""
MAX_ALL_NODES = 6_000
"""Nodes of all expressions of a mapping; the largest shipped mapping has about a thousand."""
MAX_GROWTH = 64
"""How many times as large as what it reads the result of an expression may be, to run compiled in an override."""


def expressions_in(part: Any) -> Iterator[Expression]:
    """Every expression of a mapping, or of a part of it."""
    if isinstance(part, Expression):
        yield part
    elif isinstance(part, BaseModel):
        for name in type(part).model_fields:
            yield from expressions_in(getattr(part, name))
        yield from expressions_in(part.model_extra or {})
    elif isinstance(part, dict):
        for value in part.values():
            yield from expressions_in(value)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from expressions_in(value)


def check_sizes(config: MappingConfig, node: Node) -> Iterator[Problem]:
    """Finds expressions that are too large with their definitions in place; each definition may double the last."""
    definitions: dict[str, int] = {}
    for name, expression in config.define.items():
        definitions[name] = _size(expression, definitions)
    total = 0
    for expression in expressions_in(config):
        size = _size(expression, definitions)
        total += size
        if size > MAX_NODES:
            message = f"the expression has {size} parts with its definitions in place; {MAX_NODES} are allowed"
            yield place_of(expression, node).problem(message, rule="large-expression")
            return
    if total > MAX_ALL_NODES:
        message = f"the expressions of the mapping have {total} parts; {MAX_ALL_NODES} are allowed"
        yield node.problem(message, rule="large-expression")


def _size(expression: Expression, definitions: Mapping[str, int]) -> int:
    uses = root_names_in(expression) if definitions else ()
    return count_nodes(expression.tree) + sum(definitions.get(name, 0) for name in uses)


def place_of(expression: Expression, node: Node) -> Node:
    """The first node that holds the text of the expression."""
    waiting = [node]
    while waiting:
        part = waiting.pop(0)
        if part.value == expression.text:
            return part
        inner = part.value
        waiting += inner.values() if isinstance(inner, dict) else inner if isinstance(inner, list) else ()
    return node


@dataclass(frozen=True, slots=True)
class _Growth:
    """How large a result may be, in multiples.

    Attributes:
        current: of the current value.
        outer: of the record, the context and whatever else stays the same for each element of a list.
        fixed: of a single value.
    """

    current: float = 0
    outer: float = 0
    fixed: float = 0

    @property
    def is_small(self) -> bool:
        return self.current + self.outer + self.fixed <= MAX_GROWTH

    def plus(self, other: _Growth) -> _Growth:
        return _Growth(self.current + other.current, self.outer + other.outer, self.fixed + other.fixed)

    def most(self, other: _Growth) -> _Growth:
        return _Growth(max(self.current, other.current), max(self.outer, other.outer), max(self.fixed, other.fixed))

    def of(self, source: _Growth) -> _Growth:
        """The growth of an expression whose current value is the result of ``source``."""
        return _Growth(
            self.current * source.current,
            self.current * source.outer + self.outer,
            self.current * source.fixed + self.fixed,
        )


class _SteepError(Exception):
    """The result grows faster than the record."""


_ONE = _Growth(fixed=1)
_NUMBERS = {
    *("abs", "avg", "ceil", "floor", "length", "sum", "subtract", "divide", "shift_decimal", "to_number"),
    *("from_minor_units", "sum_decimals", "subtract_decimals", "divide_decimals", "multiply_decimals"),
    "without_sign",
}
_SINGLE = {*_NUMBERS, "contains", "ends_with", "starts_with", "type"}
_MAX_ESCAPE = 6
"""The letters that ``to_string`` writes for one letter at most: ``\\u0001``."""


Cost = Literal["linear", "copies", "steep"]
"""``copies``: the result holds no more than the record, but each element of a list may hold the same part of it."""


def cost_of(tree: Tree, *, in_element: bool = False) -> Cost:
    """How time and result of an expression grow with the record that it reads.

    Args:
        tree: with bound names.
        in_element: whether it is evaluated for each element of a list.
    """
    try:
        growth = _growth(tree, in_element=in_element)
    except _SteepError:
        return "steep"
    return "copies" if in_element and growth.outer else "linear"


def _growth(node: Tree, *, in_element: bool) -> _Growth:
    """The growth of a tree.

    Raises:
        _SteepError: it is not bounded by the size of the record.
    """
    kind = node["type"]
    children: list[Any] = [child for child in node.get("children", ()) if isinstance(child, dict)]
    if kind == "function_expression":
        growth = _growth_of_call(node["value"], children, in_element=in_element)
    elif kind in {"projection", "value_projection", "filter_projection"}:
        source, result, *condition = children
        for test in condition:
            _growth(test, in_element=True)
        growth = _for_each(result, _growth(source, in_element=in_element))
    else:
        growth = _growth_of_value(node, [_growth(child, in_element=in_element) for child in children])
    if not growth.is_small:
        raise _SteepError
    return growth


def _growth_of_value(node: Tree, parts: list[_Growth]) -> _Growth:
    growth = _Growth(current=1)  # the current value, or a part of it
    match node["type"]:
        case "literal":
            growth = _Growth(fixed=1 + len(str(node["value"])))
        case "variable":
            growth = _Growth(outer=1)
        case "of_record":
            growth = _Growth(outer=parts[0].current + parts[0].outer, fixed=parts[0].fixed)
        case "subexpression" | "pipe" | "index_expression":
            for part in parts:
                growth = part.of(growth)
        case "comparator" | "not_expression":
            growth = _ONE
        case "or_expression" | "and_expression":
            growth = parts[0].most(parts[1])
        case "flatten" | "key_val_pair" | "expref":
            growth = parts[0]
        case "multi_select_list" | "multi_select_dict":
            growth = _sum([_ONE, *parts])
    return growth


def _growth_of_call(name: str, arguments: list[Any], *, in_element: bool) -> _Growth:
    if name in {"map", "sort_by", "max_by", "min_by"}:
        reference, source = arguments if name == "map" else reversed(arguments)
        weight = _growth(source, in_element=in_element)
        results = _for_each(reference, weight)
        return results if name == "map" else weight
    growths = [_growth(argument, in_element=in_element) for argument in arguments]
    whole = _sum(growths)
    if in_element and whole.outer:
        raise _SteepError  # each element costs as much as the whole record
    if name in _SINGLE:
        return _ONE
    if name in {"join", "join_text"}:
        if growths[0].current or growths[0].outer:
            raise _SteepError  # a separator from the record is repeated for each text of the record
        return _Growth(1 + growths[0].fixed, 0, 0).of(growths[1])
    return _Growth(_MAX_ESCAPE, 0, 0).of(whole) if name in {"to_string", "upper", "lower"} else whole


def _for_each(result: Any, source: _Growth) -> _Growth:
    growth = _growth(result, in_element=True)  # it reads nothing but the element: names are bound at the root alone
    return _Growth(current=growth.current + growth.fixed).of(source)


def _sum(growths: list[_Growth]) -> _Growth:
    total = _Growth()
    for growth in growths:
        total = total.plus(growth)
    return total


class OverrideGuard:
    """Decides which expressions of a mapping with overrides are evaluated step by step, with a meter.

    Args:
        trusted: the mapping without the overrides, as its files say it; what it holds runs as it is.

    Attributes:
        has_copies: whether a record has to be weighed before it is written out.
    """

    def __init__(self, trusted: MappingConfig) -> None:
        self.has_copies = False
        self._trusted: dict[str, list[Tree]] = {}
        for expression in expressions_in(trusted):
            self._trusted.setdefault(expression.text, []).append(expression.tree)

    def __call__(self, expression: Expression, *, in_element: bool) -> Expression:
        """The expression, with a meter if it is neither trusted nor cheap."""
        if expression.tree in self._trusted.get(expression.text, ()):
            return expression
        cost = cost_of(expression.tree, in_element=in_element)
        self.has_copies |= cost == "copies"
        return replace(expression, is_metered=True) if cost == "steep" else expression
