"""The oracle: the official interpreter, corrected where it departs from the JMESPath specification and nowhere else.

Written without a line of the compiler's run time, so that a mistake there finds no accomplice here. Each
correction has its row in docs/jmespath.md, which test_departures.py checks.
"""

from __future__ import annotations

import operator
import re
from typing import Any

import jmespath
from jmespath import functions as official
from jmespath.visitor import TreeInterpreter

from truto_unify.functions import InterpreterFunctions

_ORDER = {"lt": operator.lt, "lte": operator.le, "gt": operator.gt, "gte": operator.ge}
_JSON_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")


def kind(value: Any) -> Any:
    """A value with its JSON type spelled out at every depth, so that Python's ``==`` says what JSON's would."""
    if isinstance(value, list):
        return ("array", [kind(inner) for inner in value])
    if isinstance(value, dict):
        return ("object", {key: kind(inner) for key, inner in value.items()})
    if isinstance(value, bool):
        return ("boolean", value)
    return ("other", value)


class SpecificationFunctions(InterpreterFunctions):  # type: ignore[misc]  # jmespath has no type of it
    """The functions of jmespath 1.1.0 and ours; two of them as the specification has them."""

    @official.signature({"types": ["array", "string"]}, {"types": []})
    def _func_contains(self, subject: Any, search: Any) -> bool:
        """https://jmespath.org/specification.html#contains: a text contains only texts."""
        if isinstance(subject, str):
            return isinstance(search, str) and search in subject
        return kind(search) in [kind(element) for element in subject]

    @official.signature({"types": []})
    def _func_to_number(self, argument: Any) -> Any:
        """https://jmespath.org/specification.html#to-number: a text must be a number of JSON."""
        if isinstance(argument, str) and not _JSON_NUMBER.fullmatch(argument):
            return None
        return super()._func_to_number(argument)


class SpecificationInterpreter(TreeInterpreter):
    """Comparisons as the specification has them: equality by JSON type, order among numbers alone."""

    def visit_comparator(self, node: Any, value: Any) -> Any:
        left, right = (self.visit(child, value) for child in node["children"])
        if node["value"] in _ORDER:
            is_ordered = all(type(side) in {int, float} for side in (left, right))
            return _ORDER[node["value"]](left, right) if is_ordered else None
        return (kind(left) == kind(right)) is (node["value"] == "eq")


OPTIONS = jmespath.Options(custom_functions=SpecificationFunctions())


def search(tree: Any, document: Any) -> Any:
    """The value of a syntax tree in a document, by the specification."""
    return SpecificationInterpreter(OPTIONS).visit(tree, document)
