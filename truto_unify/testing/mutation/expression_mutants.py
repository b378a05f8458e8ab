"""Breaks an expression in one place at a time: a step of a path, a constant, an operator, a function."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = re.compile(
    r"""(?P<raw>'(?:\\.|[^'\\])*')
    | (?P<quoted>"(?:\\.|[^"\\])*")
    | `(?P<literal>(?:\\.|[^`\\])*)`
    | (?P<call>[A-Za-z_]\w*)(?=\()
    | (?P<name>[A-Za-z_]\w*)
    | \[(?P<index>-?\d+)\]
    | (?P<operator>\|\||&&|==|!=|<=|>=|<|>|!|\|)""",
    re.VERBOSE | re.DOTALL,
)
_OPERATORS = {
    "||": "&&",
    "&&": "||",
    "==": "!=",
    "!=": "==",
    "<": ">=",
    ">=": "<",
    ">": "<=",
    "<=": ">",
    "!": "",
}
# Functions with the same parameters and another result.
_FUNCTIONS = {
    "after_last": "before_first",
    "before_first": "after_last",
    "divide": "subtract",
    "ends_with": "starts_with",
    "first_text": "to_array",
    "join_text": "join",
    "length": "to_string",
    "lower": "upper",
    "max": "min",
    "max_by": "min_by",
    "min": "max",
    "min_by": "max_by",
    "shift_decimal": "divide",
    "subtract_decimals": "divide_decimals",
    "divide_decimals": "subtract_decimals",
    "multiply_decimals": "divide_decimals",
    "sort": "reverse",
    "sort_by": "max_by",
    "starts_with": "ends_with",
    "subtract": "divide",
    "to_number": "to_string",
    "to_string": "to_number",
    "trim": "lower",
    "upper": "lower",
    "without_prefix": "after_last",
}


def broken_expressions(text: str) -> Iterator[tuple[str, str]]:
    """(change, broken expression) for every way to break the expression once.

    >>> list(broken_expressions("a[0] || 'x'"))  # doctest: +NORMALIZE_WHITESPACE
    [('a -> ax', "ax[0] || 'x'"), ('[0] -> [1]', "a[1] || 'x'"), ('|| -> &&', "a[0] && 'x'"),
     ("'x' -> 'xx'", "a[0] || 'xx'")]
    """
    for match in _TOKEN.finditer(text):
        old = match[0]
        new = _replacement(match)
        if new is not None:
            yield f"{old} -> {new or 'nothing'}", f"{text[: match.start()]}{new}{text[match.end() :]}"


def _replacement(match: re.Match[str]) -> str | None:
    """The replacement of a token; None if it stays."""
    kind, text = match.lastgroup, match[0]
    if kind in {"raw", "quoted"}:
        return f"{text[:-1]}x{text[-1]}"
    if kind == "literal":
        return f"`{_other_value(match['literal'])}`"
    if kind == "name":
        return f"{text}x"
    if kind == "index":
        return f"[{int(match['index']) + 1}]"
    return (_FUNCTIONS if kind == "call" else _OPERATORS).get(text)


def _other_value(literal: str) -> str:
    value = json.loads(literal.replace("\\`", "`"))
    if isinstance(value, bool):
        return json.dumps(not value)
    return json.dumps(value + 1) if isinstance(value, int | float) else '"x"'
