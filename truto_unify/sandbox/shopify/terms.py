"""Compares a search term with the values of a record, kind by kind.

https://shopify.dev/docs/api/usage/search-syntax and the ``query`` argument of
https://shopify.dev/docs/api/admin-graphql/latest/queries/customers
"""

from __future__ import annotations

import operator
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Kind = Literal["text", "email", "phone", "exact", "bool", "number", "time"]
Comparator = Literal["", "<", "<=", ">", ">="]
Value = str | bool | float | datetime

# A time without a zone is in the shop's zone; a zone other than UTC reveals a forgotten zone.
SHOP_ZONE = timezone(timedelta(hours=-5))

_COMPARE: dict[Comparator, Callable[[Any, Any], bool]] = {
    "": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_TOKEN = re.compile(r"[^\W_]+")


class InvalidValueError(ValueError):
    """The field cannot be compared with the term's value."""


def match_values(kind: Kind, values: Sequence[Value], comparator: Comparator, expected: str, *, quoted: bool) -> bool:
    """Whether any of a record's values matches a term.

    Args:
        kind: How the values compare.
        values: The record's values of the field; a blank text is absent.
        comparator: One of ``<``, ``<=``, ``>``, ``>=`` or nothing.
        expected: The term's value without its quotes.
        quoted: Whether it had quotes: a phrase.

    Returns:
        True for a match.

    Raises:
        InvalidValueError: The field cannot be compared with such a value.
    """
    present = [value for value in values if value != ""]
    if expected == "*" and not quoted:
        return bool(present)
    if kind == "number":
        return _compare_all(present, comparator, _read_number(expected))
    if kind == "bool":
        return _compare_all(present, "", _read_bool(expected))
    if kind == "time":
        return _match_times([value for value in present if isinstance(value, datetime)], comparator, expected)
    if comparator or not expected:
        raise InvalidValueError(_explain(expected, kind))
    return any(_TEXT_MATCHERS[kind](str(value), expected, quoted) for value in present)


def show_value(kind: Kind, comparator: Comparator, expected: str) -> str:
    """The value in Shopify's report: the bound of a range of times has its zone."""
    if kind != "time" or not comparator:
        return expected
    try:
        return read_time(expected).isoformat()
    except InvalidValueError:
        return expected


def read_time(written: str) -> datetime:
    """Read a year, month, day or time; without a zone it is in the shop's zone.

    Args:
        written: The text of a term.

    Returns:
        The first instant of the text.

    Raises:
        InvalidValueError: It is not a time.
    """
    if written == "now":
        return datetime.now(UTC)
    completed = written + "-01" * (re.fullmatch(r"\d{4}(-\d\d)?", written) is not None)
    completed += "-01" * (re.fullmatch(r"\d{4}-\d\d", completed) is not None)
    try:
        moment = datetime.fromisoformat(completed)
    except ValueError as error:
        raise InvalidValueError(_explain(written, "date")) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=SHOP_ZONE)


def _match_times(values: list[datetime], comparator: Comparator, expected: str) -> bool:
    bound = read_time(expected)
    if comparator:
        return _compare_all(values, comparator, bound)
    # Without a comparator a day means the whole day.
    span = timedelta(days=1) if re.fullmatch(r"\d{4}-\d\d-\d\d", expected) else timedelta(seconds=1)
    return any(bound <= value < bound + span for value in values)


def _compare_all(values: Sequence[Value], comparator: Comparator, bound: Value) -> bool:
    return any(_COMPARE[comparator](value, bound) for value in values)


def _read_number(written: str) -> float:
    try:
        return float(written)
    except ValueError as error:
        raise InvalidValueError(_explain(written, "number")) from error


def _read_bool(written: str) -> bool:
    if written.lower() not in {"true", "false"}:
        raise InvalidValueError(_explain(written, "boolean"))
    return written.lower() == "true"


def _explain(written: str, kind: str) -> str:
    return f"Input `{written}` is not an accepted `{kind}`."


def _match_text(value: str, expected: str, quoted: bool) -> bool:
    """A phrase must match consecutive words; without quotes each word counts, and ``*`` ends a prefix."""
    words, expected_words = _split_words(value), _split_words(expected)
    if not expected_words:
        return False
    if quoted:
        return any(words[start : start + len(expected_words)] == expected_words for start in range(len(words)))
    if expected.endswith("*"):
        *expected_words, beginning = expected_words
        return set(expected_words) <= set(words) and any(word.startswith(beginning) for word in words)
    return set(expected_words) <= set(words)


def _match_email(value: str, expected: str, quoted: bool) -> bool:
    # Unquoted it is split like any text, so email:gmail.com matches every address at gmail.com.
    return value.casefold() == expected.casefold() if quoted else _match_text(value, expected, quoted)


def _match_phone(value: str, expected: str, quoted: bool) -> bool:
    digits, expected_digits = re.sub(r"\D", "", value), re.sub(r"\D", "", expected)
    if not expected_digits:
        return False
    return digits.startswith(expected_digits) if expected.endswith("*") and not quoted else digits == expected_digits


def _match_exact(value: str, expected: str, quoted: bool) -> bool:
    text, expected_text = value.casefold(), expected.casefold()
    if expected_text.endswith("*") and not quoted:
        return text.startswith(expected_text.removesuffix("*"))
    return text in {part.strip() for part in expected_text.split(",")}


def _split_words(text: str) -> list[str]:
    return _TOKEN.findall(text.casefold())


_TEXT_MATCHERS: dict[str, Callable[[str, str, bool], bool]] = {
    "text": _match_text,
    "email": _match_email,
    "phone": _match_phone,
    "exact": _match_exact,
}
