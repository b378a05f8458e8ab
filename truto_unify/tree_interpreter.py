"""Evaluates the syntax tree of an expression by the official library, with names bound to values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jmespath.visitor import TreeInterpreter

from truto_unify.functions import INTERPRETER_OPTIONS, call_official, equals, less, less_or_equal
from truto_unify.metering import Meter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_ITEMS_PER_STEP = 64
_JSON_TYPES = (str, list, dict)


class Interpreter(TreeInterpreter):
    """The official interpreter, with names that are bound to values beside the document.

    Comparisons follow the specification: by JSON type, and in order only of numbers.
    """

    def __init__(self, names: Mapping[str, Any]) -> None:
        super().__init__(INTERPRETER_OPTIONS)
        self._names = names

    def visit_variable(self, node: Any, _value: Any) -> Any:
        """The value of a bound name."""
        return self._names.get(node["value"])

    def visit_of_record(self, node: Any, _value: Any) -> Any:
        """The value of a tree whose root is the native record."""
        return self.visit(node["children"][0], self._names.get("record"))

    def visit_comparator(self, node: Any, value: Any) -> Any:
        """The result of a comparison."""
        left, right = (self.visit(child, value) for child in node["children"])
        return _COMPARATORS[node["value"]](left, right)


class MeteredInterpreter(Interpreter):
    """The interpreter of expressions that could cost more than their record: it stops them at a limit."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        super().__init__(names)
        self._meter = Meter()

    def visit(self, node: Any, *arguments: Any, **options: Any) -> Any:
        """The value of a node, for a step."""
        self._meter.charge()
        value = super().visit(node, *arguments, **options)
        if isinstance(value, list | dict):
            self._meter.charge(len(value) // _ITEMS_PER_STEP)
        return value

    def visit_function_expression(self, node: Any, value: Any) -> Any:
        """The result of a function, for what it costs to read its arguments."""
        name, arguments = node["value"], [self.visit(child, value) for child in node["children"]]
        self._meter.charge_reading(argument for argument in arguments if isinstance(argument, _JSON_TYPES))
        if name in {"join", "join_text"} and isinstance(arguments[1], list) and isinstance(arguments[0], str):
            self._meter.charge(len(arguments[0]) * len(arguments[1]) // _ITEMS_PER_STEP)
        return call_official(name, arguments)

    def visit_comparator(self, node: Any, value: Any) -> Any:
        """The result of a comparison, for what it costs to read both sides."""
        left, right = (self.visit(child, value) for child in node["children"])
        self._meter.charge_reading((left, right))
        return _COMPARATORS[node["value"]](left, right)


_COMPARATORS: Mapping[str, Callable[[Any, Any], bool | None]] = {
    "eq": equals,
    "ne": lambda left, right: not equals(left, right),
    "lt": less,
    "lte": less_or_equal,
    "gt": lambda left, right: less(right, left),
    "gte": lambda left, right: less_or_equal(right, left),
}
