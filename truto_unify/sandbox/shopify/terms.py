"""How one search term compares with the values of one record, kind by kind.

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

# A time without a zone is the shop's own; a shop that keeps UTC would hide the mistake of leaving it out.
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
    """The term's value is not one that its field can be compared with."""


def match_values(kind: Kind, values: Sequence[Value], comparator: Comparator, sought: str, *, quoted: bool) -> bool:
    """Whether any of a record's values is what a term seeks.

    Args:
        kind: How the values compare.
        values: The record's values of the field; blank text counts as absent.
        comparator: One of ``<``, ``<=``, ``>``, ``>=`` or nothing.
        sought: The term's value without its quotes.
        quoted: Whether it had quotes: a phrase.

    Returns:
        True for a match.

    Raises:
        InvalidValueError: The field cannot be compared with such a value.
    """
    present = [value for value in values if value != ""]
    if sought == "*" and not quoted:
        return bool(present)
    if kind == "number":
        return _compare_all(present, comparator, _read_number(sought))
    if kind == "bool":
        return _compare_all(present, "", _read_bool(sought))
    if kind == "time":
        return _match_times([value for value in present if isinstance(value, datetime)], comparator, sought)
    if comparator or not sought:
        raise InvalidValueError(_explain(sought, kind))
    return any(_TEXT_MATCHERS[kind](str(value), sought, quoted) for value in present)


def show_value(kind: Kind, comparator: Comparator, sought: str) -> str:
    """The value as Shopify's report shows it: the bound of a range of times has its zone written out."""
    if kind != "time" or not comparator:
        return sought
    try:
        return read_time(sought).isoformat()
    except InvalidValueError:
        return sought


def read_time(written: str) -> datetime:
    """Read a year, month, day or time; what has no zone is in the shop's.

    Args:
        written: The text of a term.

    Returns:
        The first instant of what was written.

    Raises:
        InvalidValueError: It is no time.
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


def _match_times(values: list[datetime], comparator: Comparator, sought: str) -> bool:
    bound = read_time(sought)
    if comparator:
        return _compare_all(values, comparator, bound)
    # Without a comparator a day means all of it.
    span = timedelta(days=1) if re.fullmatch(r"\d{4}-\d\d-\d\d", sought) else timedelta(seconds=1)
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


def _match_text(value: str, sought: str, quoted: bool) -> bool:
    """A phrase is consecutive words; without quotes each word counts, and ``*`` ends a beginning of one."""
    there, wanted = _split_words(value), _split_words(sought)
    if not wanted:
        return False
    if quoted:
        return any(there[start : start + len(wanted)] == wanted for start in range(len(there)))
    if sought.endswith("*"):
        *wanted, beginning = wanted
        return set(wanted) <= set(there) and any(word.startswith(beginning) for word in there)
    return set(wanted) <= set(there)


def _match_email(value: str, sought: str, quoted: bool) -> bool:
    # Unquoted it is split like any text, so email:gmail.com finds everyone there.
    return value.casefold() == sought.casefold() if quoted else _match_text(value, sought, quoted)


def _match_phone(value: str, sought: str, quoted: bool) -> bool:
    there, wanted = re.sub(r"\D", "", value), re.sub(r"\D", "", sought)
    if not wanted:
        return False
    return there.startswith(wanted) if sought.endswith("*") and not quoted else there == wanted


def _match_exact(value: str, sought: str, quoted: bool) -> bool:
    there, wanted = value.casefold(), sought.casefold()
    if wanted.endswith("*") and not quoted:
        return there.startswith(wanted.removesuffix("*"))
    return there in {part.strip() for part in wanted.split(",")}


def _split_words(text: str) -> list[str]:
    return _TOKEN.findall(text.casefold())


_TEXT_MATCHERS: dict[str, Callable[[str, str, bool], bool]] = {
    "text": _match_text,
    "email": _match_email,
    "phone": _match_phone,
    "exact": _match_exact,
}
