"""The JMESPath functions of this package, and comparisons as the specification defines them.

The functions do what native records need and JMESPath lacks. They are pure, and a null argument gives null, so that a
mapping need not guard every sparse field.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any

import jmespath
from jmespath import functions as official

from truto_unify.currencies import minor_exponent
from truto_unify.values import show_value, strip_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Number = int | float


def equals(left: Any, right: Any) -> bool:
    """Equality of JSON values: a truth value never equals a number, at any depth.

    >>> equals([1], [True]), equals({"a": 1}, {"a": 1.0}), equals(0, False)
    (False, True, False)
    """
    if left.__class__ is bool or right.__class__ is bool:
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(equals, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(equals(value, right[key]) for key, value in left.items())
    return bool(left == right)


def is_number(value: Any) -> bool:
    """Whether a value is a number of JSON."""
    return isinstance(value, int | float) and value.__class__ is not bool


def less(left: Any, right: Any) -> bool | None:
    """``left < right`` of two numbers; null for anything else."""
    return left < right if is_number(left) and is_number(right) else None


def less_or_equal(left: Any, right: Any) -> bool | None:
    """``left <= right`` of two numbers; null for anything else."""
    return left <= right if is_number(left) and is_number(right) else None


_MAX_DIGITS = 60
_EXACT = Context(prec=40)
"""Holds every digit of a product of two amounts."""


def lower(text: str | None) -> str | None:
    """The text in lower case.

    >>> lower("SUBSCRIBED")
    'subscribed'
    """
    return None if text is None else text.lower()


def upper(text: str | None) -> str | None:
    """The text in upper case.

    >>> upper("usd")
    'USD'
    """
    return None if text is None else text.upper()


def trim(text: str | None) -> str | None:
    """The text without outer blanks and letters that show nothing.

    >>> trim("  Ana ")
    'Ana'
    """
    return None if text is None else strip_text(text)


def decode_entities(value: Any) -> Any:
    """A text with each HTML entity as the letter that it stands for, once; anything else as it is.

    >>> decode_entities("Tom &amp; Ana"), decode_entities("O&#39;Brien"), decode_entities("&amp;lt;")
    ('Tom & Ana', "O'Brien", '&lt;')
    """
    return html.unescape(value) if isinstance(value, str) and "&" in value else value


def join_text(separator: str, parts: list[Any] | None) -> str | None:
    """The texts and numbers that are not blank, trimmed and joined; null when none is left.

    >>> join_text(" ", ["Ana", None, "  ", "Ruiz ", [], True, 7])
    'Ana Ruiz 7'
    >>> join_text(" ", [None, ""]) is None
    True
    """
    texts = [
        strip_text(str(part))
        for part in parts or ()
        if isinstance(part, str | int | float) and part.__class__ is not bool
    ]
    return separator.join(text for text in texts if text) or None


def first_text(candidates: list[Any] | None) -> str | None:
    """The first text that is not blank, trimmed; null when there is none.

    >>> first_text([None, " ", "Acme"])
    'Acme'
    """
    texts = (strip_text(candidate) for candidate in candidates or () if isinstance(candidate, str))
    return next((text for text in texts if text), None)


def after_last(text: str | None, separator: str) -> str | None:
    """What follows the last separator; the whole text when there is none.

    >>> after_last("gid://shop/Customer/17", "/")
    '17'
    """
    return None if text is None else text.rpartition(separator)[2] if separator else text


def before_first(text: str | None, separator: str) -> str | None:
    """What precedes the first separator; the whole text when there is none.

    >>> before_first("17?model=x", "?")
    '17'
    """
    return None if text is None else text.partition(separator)[0] if separator else text


def without_prefix(text: str | None, prefix: str) -> str | None:
    """The text without this beginning, where it has it.

    >>> without_prefix("US-CA", "US-")
    'CA'
    """
    return None if text is None else text.removeprefix(prefix)


def split_text(text: str | None, separator: str) -> list[str] | None:
    """The parts of a text between separators, trimmed and without blank ones; null for null.

    >>> split_text("new, gift,, Sale ", ","), split_text(" ", ",")
    (['new', 'gift', 'Sale'], [])
    """
    if text is None:
        return None
    parts = text.split(separator) if separator else [text]
    return [stripped for part in parts if (stripped := strip_text(part))]


def subtract(minuend: Number | None, subtrahend: Number | None) -> Number | None:
    """The difference of two numbers.

    >>> subtract(8, 3)
    5
    """
    return None if minuend is None or subtrahend is None else minuend - subtrahend


def divide(dividend: Number | None, divisor: Number | None) -> float | None:
    """The quotient of two numbers; null when the divisor is zero.

    >>> divide(5, 2)
    2.5
    """
    return None if dividend is None or not divisor else dividend / divisor


def shift_decimal(number: Number | str | None, places: Number | str) -> str | None:
    """The number divided by ten to the power of ``places``, as exact decimal text (cents to units).

    >>> shift_decimal(1234, "2")
    '12.34'
    >>> shift_decimal(-5, 2)
    '-0.05'

    Raises:
        ValueError: one of them is not a number, or too large.
    """
    text = str(number).strip()
    if number is None or not text:
        return None
    try:
        shifted = Decimal(text).scaleb(-int(places))
    except (ArithmeticError, ValueError):  # not a number, or beyond the bounds of a decimal
        raise _no_number(number) from None
    # Written out, 1e999999999 would fill the memory.
    if not shifted.is_finite() or abs(shifted.adjusted()) >= _MAX_DIGITS:
        raise _no_number(number)
    return format(shifted, "f")


def from_minor_units(amount: Number | str | None, currency: str | None) -> str | None:
    """An amount in minor units (cents) as exact decimal text, by the decimals of its currency in ISO 4217.

    >>> from_minor_units(1234, "EUR"), from_minor_units(1234, "JPY"), from_minor_units(1234, "KWD")
    ('12.34', '1234', '1.234')

    Raises:
        ValueError: the amount is not a number.
    """
    return None if amount is None or currency is None else shift_decimal(amount, minor_exponent(currency))


def sum_decimals(numbers: list[Any] | None) -> str | None:
    """The exact sum of numbers and texts that are numbers; null and blank do not count, and null without any.

    >>> sum_decimals(["0.10", "0.20", None]), sum_decimals([" "]), sum_decimals([])
    ('0.30', None, None)

    Raises:
        ValueError: one of them is not a number.
    """
    decimals = [decimal for number in numbers or () if (decimal := _decimal(number)) is not None]
    return _written(sum(decimals, Decimal())) if decimals else None


def subtract_decimals(minuend: Number | str | None, subtrahend: Number | str | None) -> str | None:
    """The exact difference of two numbers, or texts that are numbers; null if one of them is null or blank.

    >>> subtract_decimals("10.00", "0.10")
    '9.90'

    Raises:
        ValueError: one of them is not a number.
    """
    first, second = _decimal(minuend), _decimal(subtrahend)
    return None if first is None or second is None else _written(first - second)


def divide_decimals(dividend: Number | str | None, divisor: Number | str | None) -> str | None:
    """The quotient of two numbers, or texts that are numbers, with the dividend's decimals or up to four more.

    >>> divide_decimals("30.00", 3), divide_decimals(2599, 100), divide_decimals("10.00", 3)
    ('10.00', '25.99', '3.333333')

    Raises:
        ValueError: one of them is not a number.
    """
    first, second = _decimal(dividend), _decimal(divisor)
    if first is None or not second:
        return None
    places = max(-int(first.as_tuple().exponent), 0)
    quotient = (first / second).quantize(Decimal(1).scaleb(-places - 4))
    needed = -int(quotient.normalize().as_tuple().exponent)
    return _written(quotient.quantize(Decimal(1).scaleb(-max(places, needed))))


def multiply_decimals(first: Number | str | None, second: Number | str | None) -> str | None:
    """The exact product of two numbers, or texts that are numbers; null if one of them is null or blank.

    >>> multiply_decimals("9.90", 3), multiply_decimals("0.1", -0.5), multiply_decimals(0, -1)
    ('29.70', '-0.05', '0')

    Raises:
        ValueError: one of them is not a number.
    """
    left, right = _decimal(first), _decimal(second)
    return None if left is None or right is None else _written(_EXACT.fma(left, right, Decimal()))


def without_sign(number: Number | str | None) -> str | None:
    """The number, or the text that is one, without its sign.

    >>> without_sign("-9.52"), without_sign(3)
    ('9.52', '3')

    Raises:
        ValueError: it is not a number.
    """
    decimal = _decimal(number)
    return None if decimal is None else _written(abs(decimal))


def _decimal(number: Any) -> Decimal | None:
    """The number as it is written; None for null, a blank text and ``false``, as for an amount.

    Raises:
        ValueError: it is anything else, or too long to be an amount.
    """
    # Amounts are mostly texts; the union of types is a new object each time.
    if number.__class__ is not str and (number.__class__ is bool or not isinstance(number, str | int | float)):
        if number is None or number is False:
            return None
        raise _no_number(number)
    text = str(number).strip()
    try:
        decimal = Decimal(text)
    except ArithmeticError:
        if not text:
            return None
        raise _no_number(number) from None
    is_short = decimal.is_finite() and abs(decimal.adjusted()) < _MAX_DIGITS // 4
    # A short text holds few digits: to list them takes as long as all the rest.
    if not is_short or (len(text) >= 20 and len(decimal.as_tuple().digits) >= 20):
        raise _no_number(number)
    return decimal


def _no_number(value: Any) -> ValueError:
    return ValueError(f"expected a number, got {show_value(value)}")


def _written(decimal: Decimal) -> str:
    return format(decimal, "f")


def entries(table: dict[str, Any] | None) -> list[dict[str, Any]] | None:
    """The names and values of an object, as a list of objects with ``key`` and ``value``.

    >>> entries({"Size": "L"})
    [{'key': 'Size', 'value': 'L'}]
    """
    return None if table is None else [{"key": key, "value": value} for key, value in table.items()]


def items_with(items: list[Any] | None, key: str, value: Number | str | None) -> list[Any] | None:
    """The objects of a list whose key has this value; a number equals the text that writes it.

    >>> items_with([{"id": 7, "name": "Tea"}, {"id": 8}, "7"], "id", "7")
    [{'id': 7, 'name': 'Tea'}]
    """
    if items is None or value is None:
        return None
    text = str(value)
    return [item for item in items if isinstance(item, dict) and _id_text(item.get(key)) == text]


def _id_text(value: Any) -> str | None:
    return str(value) if isinstance(value, str | int | float) and value.__class__ is not bool else None


def when(condition: Any, value: Any) -> Any:
    """The value where the condition is true in JMESPath, else null.

    >>> when(True, "default"), when("", "default"), when(0, "default")
    ('default', None, 'default')
    """
    return None if condition is None or condition is False or condition in ("", [], {}) else value


@dataclass(frozen=True, slots=True)
class Signature:
    """How a function may be called; ``types`` are JMESPath type names, one tuple per argument."""

    call: Callable[..., Any]
    types: tuple[tuple[str, ...], ...]


_TEXT = ("string", "null")
_NUMBER = ("number", "null")
_LIST = ("array", "null")
_DECIMAL = ("number", "string", "null")

FUNCTIONS: Mapping[str, Signature] = {
    "lower": Signature(lower, (_TEXT,)),
    "upper": Signature(upper, (_TEXT,)),
    "trim": Signature(trim, (_TEXT,)),
    "decode_entities": Signature(decode_entities, ((),)),
    "join_text": Signature(join_text, (("string",), _LIST)),
    "first_text": Signature(first_text, (_LIST,)),
    "after_last": Signature(after_last, (_TEXT, ("string",))),
    "before_first": Signature(before_first, (_TEXT, ("string",))),
    "without_prefix": Signature(without_prefix, (_TEXT, ("string",))),
    "split_text": Signature(split_text, (_TEXT, ("string",))),
    "subtract": Signature(subtract, (_NUMBER, _NUMBER)),
    "divide": Signature(divide, (_NUMBER, _NUMBER)),
    "shift_decimal": Signature(shift_decimal, (("number", "string", "null"), ("number", "string"))),
    "from_minor_units": Signature(from_minor_units, (_DECIMAL, _TEXT)),
    "sum_decimals": Signature(sum_decimals, (_LIST,)),
    "subtract_decimals": Signature(subtract_decimals, (_DECIMAL, _DECIMAL)),
    "divide_decimals": Signature(divide_decimals, (_DECIMAL, _DECIMAL)),
    "multiply_decimals": Signature(multiply_decimals, (_DECIMAL, _DECIMAL)),
    "without_sign": Signature(without_sign, (_DECIMAL,)),
    "entries": Signature(entries, (("object", "null"),)),
    "items_with": Signature(items_with, (_LIST, ("string",), _DECIMAL)),
    "when": Signature(when, ((), ())),
}


def _official_arities() -> dict[str, tuple[int, bool]]:
    table = official.Functions.FUNCTION_TABLE
    return {name: (len(entry["signature"]), _is_variadic(entry["signature"])) for name, entry in table.items()}


def _is_variadic(signature: tuple[dict[str, Any], ...]) -> bool:
    return bool(signature) and bool(signature[-1].get("variadic"))


ARITIES: Mapping[str, tuple[int, bool]] = {
    **_official_arities(),
    **{name: (len(signature.types), False) for name, signature in FUNCTIONS.items()},
}
"""Every known function: how many arguments it takes, and whether more may follow."""
SIGNATURES: Mapping[str, tuple[tuple[str, ...], ...]] = {
    name: tuple(tuple(argument["types"]) for argument in entry["signature"])
    for name, entry in official.Functions.FUNCTION_TABLE.items()
}
"""The types that each argument of an official function may have."""


def _method(call: Callable[..., Any], types: tuple[tuple[str, ...], ...]) -> Callable[..., Any]:
    def run(_self: official.Functions, *arguments: Any) -> Any:
        return call(*arguments)

    decorate: Any = official.signature
    decorated: Callable[..., Any] = decorate(*({"types": list(names)} for names in types))(run)
    return decorated


_JSON_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")


def contains(subject: list[Any] | str, search: Any) -> bool:
    """Whether a list holds a value, or a text another text.

    https://jmespath.org/specification.html#contains, where jmespath 1.1.0 takes true for the number one and
    fails if the search in a text is a number.

    >>> contains([1], True), contains("x1", 1), contains("x1", "1")
    (False, False, True)
    """
    if isinstance(subject, str):
        return isinstance(search, str) and search in subject
    return any(equals(element, search) for element in subject)


def to_number(value: Any) -> Any:
    """A number as it is, and a text that is a number of JSON; null for anything else.

    https://jmespath.org/specification.html#to-number, where jmespath 1.1.0 takes all that Python reads.

    >>> to_number("1e2"), to_number("1_000"), to_number(" 7 ")
    (100.0, None, None)
    """
    if isinstance(value, str) and not _JSON_NUMBER.fullmatch(value):
        return None
    return _official_to_number(value)


_official_to_number: Callable[[Any], Any] = getattr(official.Functions(), "_func_to_number")  # noqa: B009 - a stub lacks it
_CORRECTED: Mapping[str, Signature] = {
    "contains": Signature(contains, (("array", "string"), ())),
    "to_number": Signature(to_number, ((),)),
}


InterpreterFunctions = type(
    "InterpreterFunctions",
    (official.Functions,),
    {
        f"_func_{name}": _method(signature.call, signature.types)
        for name, signature in {**FUNCTIONS, **_CORRECTED}.items()
    },
)
"""The functions of the official interpreter, two of them corrected by the specification, and those of this package."""

_OFFICIAL = InterpreterFunctions()


def call_official(name: str, arguments: list[Any]) -> Any:
    """Calls any known function with the official checks of number and types of its arguments.

    Raises:
        jmespath.exceptions.JMESPathError: the arguments do not fit.
    """
    return _OFFICIAL.call_function(name, arguments)


INTERPRETER_OPTIONS = jmespath.Options(custom_functions=InterpreterFunctions())
