"""What compiled expressions call: JMESPath's equality, ordering and functions, and the cleaning rules.

If jmespath 1.1.0 departs from the specification (https://jmespath.org/specification.html), compiled expressions follow
the specification: ``[1] == [true]`` is false, and ordering anything but two numbers gives null.
"""

from __future__ import annotations

from itertools import product
from string import ascii_uppercase
from typing import TYPE_CHECKING, Any

from truto_unify import values
from truto_unify.compiler import times
from truto_unify.countries import ALPHA_2
from truto_unify.functions import FUNCTIONS, call_official, equals, is_number, less, less_or_equal

if TYPE_CHECKING:
    from collections.abc import Callable


def take_slice(value: Any, start: int | None, stop: int | None, step: int | None) -> Any:
    """A slice of a list; null for any other value.

    Raises:
        ValueError: the step is zero.
    """
    return value[start:stop:step] if isinstance(value, list) else None


def flatten(value: Any) -> list[Any] | None:
    """A list with the elements of its inner lists in their place, one level deep; null for any other value."""
    if not isinstance(value, list):
        return None
    flat: list[Any] = []
    for element in value:
        if isinstance(element, list):
            flat += element
        else:
            flat.append(element)
    return flat


class _Expression:
    """An ``&expression`` argument, in the form that the official functions take.

    They recognize it by the name of its class and evaluate it by ``visit``.
    """

    __slots__ = ("_run",)
    expression = None

    def __init__(self, run: Callable[[Any], Any]) -> None:
        self._run = run

    def visit(self, _expression: None, value: Any) -> Any:
        return self._run(value)


def call_function(name: str, *arguments: Any) -> Any:
    """Calls a function by name: our own directly if the arguments fit, else through the checks of the official library.

    Raises:
        jmespath.exceptions.JMESPathError: the arguments do not fit.
    """
    if name == "sort_by" and arguments[0] == []:
        return []  # mostly the list is empty, and the official checks would cost more than all else
    signature = FUNCTIONS.get(name)
    if signature is not None and all(map(_fits, arguments, signature.types)):
        return signature.call(*arguments)
    return call_official(name, list(arguments))


def _fits(value: Any, types: tuple[str, ...]) -> bool:
    return _TYPES.get(value.__class__, "") in types


_TYPES = {str: "string", int: "number", float: "number", list: "array", dict: "object", type(None): "null"}


def part_text(value: Any) -> str | None:
    """The text that ``join_text`` joins for a part that is not a text: the digits of a number, else null."""
    return str(value) if is_number(value) else None


def is_filled(value: Any) -> bool:
    """Whether a decoded object is true, as any that is not empty.

    Raises:
        ValueError: the object has no key that the mapping reads, so it may be empty.
    """
    if value == value.__class__():
        raise ValueError("the object may be empty")
    return True


_TIMES = ("SEPARATORS", "SEPARATORS_BEFORE_OFFSET", "HOUR", "read_time", "move_time", "quick_time")
NAMES: dict[str, Any] = {
    **{name: signature.call for name, signature in FUNCTIONS.items()},
    **{
        name: getattr(values, name)
        for name in (
            "clean_text",
            "clean_id",
            "clean_flag",
            "clean_money",
            "clean_decimal",
            "clean_integer",
            "split_phone",
            "compare_text",
        )
    },
    "clean_country": values.clean_country,
    "BLANK": values.BLANK,
    "part_text": part_text,
    "is_filled": is_filled,
    "equals": equals,
    "less": less,
    "less_or_equal": less_or_equal,
    "take_slice": take_slice,
    "flatten": flatten,
    "call_function": call_function,
    "make_reference": _Expression,
    "COUNTRY_CODES": {**{code: code for code in map("".join, product(ascii_uppercase, repeat=2))}, **ALPHA_2},
    **{name: getattr(times, name) for name in _TIMES},
    "EMPTY": {},
    "Exception": Exception,
    "ValueError": ValueError,
    "bool": bool,
    "dict": dict,
    "list": list,
    "len": len,
    "str": str,
    "int": int,
    "float": float,
}
"""The globals of compiled code. It sees no other names, builtins included."""
