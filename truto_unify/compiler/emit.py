"""Writes Python source for a JMESPath syntax tree, one method for each kind of node.

Every value stands in a numbered variable, so that no name ever comes from input; keys and literals are written
by ``repr``. A method takes the variable that its node is evaluated in and gives the variable of its result.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

from truto_unify.functions import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Callable

Tree = dict[str, Any]
_DEEPEST = 6  # loops and branches inside each other; CPython takes 20, people fewer


class Emitter:
    """The source of one or more functions, grown statement by statement."""

    def __init__(self) -> None:
        self.functions: list[list[str]] = []
        self._lines: list[str] = []
        self._depth = 1
        self._count = 0
        # What is known of a variable without running: its JMESPath type, or "word" for a text that cleaning leaves
        # alone, or "trimmed" for such a text or null.
        self._types: dict[str, str] = {}

    def function(self, tree: Tree) -> str:
        """Writes a function of one argument that evaluates the tree, and gives its name."""
        kept = (self._lines, self._depth)
        self._lines, self._depth = [], 1
        self._count += 1
        name = f"f{self._count}"
        argument = self._fresh()
        result = self.emit(tree, argument)
        self.functions.append([f"def {name}({argument}):", *self._lines, f"    return {result}"])
        self._lines, self._depth = kept
        return name

    def source(self) -> str:
        """The module text; a function stands before those that call it."""
        return "\n\n".join("\n".join(lines) for lines in self.functions) + "\n"

    def emit(self, tree: Tree, value: str) -> str:
        """Writes what evaluates the node in the variable ``value``; gives the variable (or literal) of the result."""
        if self._depth > _DEEPEST and tree["type"] in _NESTING and self._may_split(value):
            return self._assign(f"{self.function(tree)}({value})")
        write: Callable[[Tree, str], str] = getattr(self, f"_emit_{tree['type']}")
        return write(tree, value)

    def _may_split(self, _value: str) -> bool:
        """Whether a node may go into a function of its own, which sees nothing but this variable."""
        return True

    def _fresh(self) -> str:
        self._count += 1
        return f"v{self._count}"

    def _write(self, line: str) -> None:
        self._lines.append("    " * self._depth + line)

    def _assign(self, expression: str, known: str | None = None) -> str:
        name = self._fresh()
        self._write(f"{name} = {expression}")
        if known is not None:
            self._types[name] = known
        return name

    # -- reading --------------------------------------------------------------------------------------------------

    def _emit_identity(self, tree: Tree, value: str) -> str:
        return value

    _emit_current = _emit_identity

    def _emit_field(self, tree: Tree, value: str) -> str:
        return self._assign(f"{value}.get({tree['value']!r}) if {value}.__class__ is dict else None")

    def _emit_chain(self, tree: Tree, value: str) -> str:
        for child in tree["children"]:
            value = self.emit(child, value)
        return value

    _emit_subexpression = _emit_pipe = _emit_index_expression = _emit_chain

    def _emit_index(self, tree: Tree, value: str) -> str:
        index = int(tree["value"])
        bound = f"{-index - 1}" if index < 0 else f"{index}"
        return self._assign(f"{value}[{index}] if {value}.__class__ is list and len({value}) > {bound} else None")

    def _emit_slice(self, tree: Tree, value: str) -> str:
        start, stop, step = ([*tree["children"], None, None, None])[:3]
        return self._assign(f"take_slice({value}, {start!r}, {stop!r}, {step!r})")

    def _emit_key_val_pair(self, tree: Tree, value: str) -> str:
        return self.emit(tree["children"][0], value)

    def _emit_literal(self, tree: Tree, value: str) -> str:
        literal = tree["value"]
        # A display makes a fresh list or object each time: nobody may change what the tree holds.
        known = _TYPES.get(literal.__class__)
        return self._assign(
            _literal(literal), "word" if known == "string" and literal.strip() == literal != "" else known
        )

    # -- lists ----------------------------------------------------------------------------------------------------

    def _emit_projection(self, tree: Tree, value: str) -> str:
        base, rest = tree["children"]
        found = self.emit(base, value)
        return self._project(found, f"{found}.__class__ is list", found, rest)

    def _emit_value_projection(self, tree: Tree, value: str) -> str:
        base, rest = tree["children"]
        found = self.emit(base, value)
        return self._project(found, f"{found}.__class__ is dict", f"{found}.values()", rest)

    def _emit_filter_projection(self, tree: Tree, value: str) -> str:
        base, rest, condition = tree["children"]
        found = self.emit(base, value)
        return self._project(found, f"{found}.__class__ is list", found, rest, condition)

    def _emit_flatten(self, tree: Tree, value: str) -> str:
        return self._assign(f"flatten({self.emit(tree['children'][0], value)})")

    def _project(self, _found: str, test: str, source: str, rest: Tree, condition: Tree | None = None) -> str:
        """One loop: filter, evaluate, drop nulls."""
        result, item = self._fresh(), self._fresh()
        self._write(f"{result} = None")
        self._write(f"if {test}:")
        self._depth += 1
        self._write(f"{result} = []")
        self._write(f"for {item} in {source}:")
        self._depth += 1
        if condition is not None:
            self._write(f"if is_false({self.emit(condition, item)}): continue")
        made = self.emit(rest, item)
        self._write(f"if {made} is not None: {result}.append({made})")
        self._depth -= 2
        return result

    # -- making ---------------------------------------------------------------------------------------------------

    def _emit_multi_select_list(self, tree: Tree, value: str) -> str:
        def display() -> str:
            return f"[{', '.join(self.emit(child, value) for child in tree['children'])}]"

        return self._select(value, display, "array")

    def _emit_multi_select_dict(self, tree: Tree, value: str) -> str:
        def display() -> str:
            pairs = [(child["value"], self.emit(child, value)) for child in tree["children"]]
            return f"{{{', '.join(f'{key!r}: {made}' for key, made in pairs)}}}"

        return self._select(value, display, "object")

    def _select(self, value: str, display: Callable[[], str], known: str) -> str:
        """A list or object of several results; null where there is nothing to select from."""
        if self._types.get(value, "trimmed") != "trimmed":
            return self._assign(display(), known)
        result = self._assign("None")
        self._write(f"if {value} is not None:")
        self._depth += 1
        self._write(f"{result} = {display()}")
        self._depth -= 1
        return result

    # -- logic ----------------------------------------------------------------------------------------------------

    def _emit_or_expression(self, tree: Tree, value: str) -> str:
        return self._short_cut(tree, value, "is_false({0})")

    def _emit_and_expression(self, tree: Tree, value: str) -> str:
        return self._short_cut(tree, value, "not is_false({0})")

    def _short_cut(self, tree: Tree, value: str, test: str) -> str:
        left, right = tree["children"]
        result = self._assign(self.emit(left, value))
        self._write(f"if {test.format(result)}:")
        self._depth += 1
        made = self.emit(right, value)
        self._write(f"{result} = {made}")
        self._depth -= 1
        return result

    def _emit_not_expression(self, tree: Tree, value: str) -> str:
        return self._assign(f"is_false({self.emit(tree['children'][0], value)})")

    def _emit_comparator(self, tree: Tree, value: str) -> str:
        left, right = (self.emit(child, value) for child in tree["children"])
        return self._assign(_COMPARATORS[tree["value"]].format(left, right))

    # -- functions ------------------------------------------------------------------------------------------------

    def _emit_function_expression(self, tree: Tree, value: str) -> str:
        name = tree["value"]
        arguments = [self.emit(child, value) for child in tree["children"]]
        checked = f"call_function({', '.join([repr(name), *arguments])})"
        signature = FUNCTIONS.get(name)
        if signature is None or len(signature.types) != len(arguments):
            return self._assign(checked)
        tests = [self._fits(one, types) for one, types in zip(arguments, signature.types, strict=True)]
        if None in tests:
            return self._assign(checked)
        direct = f"{name}({', '.join(arguments)})"
        asked = " and ".join(f"({test})" for test in tests if test)
        return self._assign(f"{direct} if {asked} else {checked}" if asked else direct, _RESULTS.get(name))

    def _fits(self, argument: str, types: tuple[str, ...]) -> str | None:
        """The test that an argument has one of these types; empty where it is known, None where it is known not to."""
        known = self._types.get(argument)
        if known not in {None, "trimmed"}:
            return "" if {"word": "string"}.get(known or "", known) in types else None
        classes = {"string": "str", "array": "list", "object": "dict"}
        tests = [f"{argument}.__class__ is {classes[one]}" for one in types if one in classes]
        tests += [f"{argument} is None"] if "null" in types else []
        tests += [f"{argument}.__class__ is int", f"{argument}.__class__ is float"] if "number" in types else []
        return " or ".join(tests)

    def _emit_expref(self, tree: Tree, value: str) -> str:
        return self._assign(f"make_reference({self.function(tree['children'][0])})")


_TYPES = {str: "string", list: "array", dict: "object", bool: "boolean", int: "number", float: "number"}
_RESULTS = {"join_text": "trimmed", "first_text": "trimmed"}
"""What some of our functions give, null aside: text without outer white space."""
_COMPARATORS = {
    "eq": "equals({0}, {1})",
    "ne": "not equals({0}, {1})",
    "lt": "less({0}, {1})",
    "lte": "less_or_equal({0}, {1})",
    "gt": "less({1}, {0})",
    "gte": "less_or_equal({1}, {0})",
}
_NESTING = frozenset(
    {
        "projection",
        "value_projection",
        "filter_projection",
        "multi_select_list",
        "multi_select_dict",
        "or_expression",
        "and_expression",
    }
)


def _literal(value: Any) -> str:
    """A JSON value as a Python display.

    >>> _literal({"a": [1, None]})
    "{'a': [1, None]}"
    """
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key!r}: {_literal(one)}' for key, one in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    if isinstance(value, float) and not isfinite(value):
        return "1e999" if value > 0 else "-1e999" if value < 0 else "(1e999 - 1e999)"
    return repr(value)
