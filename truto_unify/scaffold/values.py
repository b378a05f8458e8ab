"""Recognizes the kind of a native field by its values: a time, an e-mail, a phone, a currency."""

from __future__ import annotations

import re
from datetime import UTC
from typing import TYPE_CHECKING, Any

from truto_unify.scaffold.guess import Guess
from truto_unify.scaffold.vocabulary import fold
from truto_unify.values import read_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"[+(]?[\d().\s/-]{5,}(\s*(x|ext\.?)\s*\d+)?", re.IGNORECASE)
_CURRENCY = re.compile(r"[A-Za-z]{3}")
_OFFSET = re.compile(r"(Z|[+-]\d\d:?\d\d)$")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def is_text(value: Any) -> bool:
    """Text, but not a number or a boolean."""
    return isinstance(value, str)


def is_id(value: Any) -> bool:
    """Text or a whole number."""
    return isinstance(value, str | int) and not isinstance(value, bool)


def is_key(value: Any) -> bool:
    """A whole number, or a text without blanks."""
    return is_id(value) and re.fullmatch(r"\S{1,80}", str(value)) is not None


def is_moment(value: Any) -> bool:
    """Text that is a time or a day."""
    return isinstance(value, str) and _DAY.match(value) is not None


def is_email(value: Any) -> bool:
    """Text that is an e-mail address."""
    return isinstance(value, str) and _EMAIL.fullmatch(value.strip()) is not None


def is_phone(value: Any) -> bool:
    """Text or a number with the digits of a phone number."""
    return is_id(value) and _PHONE.fullmatch(str(value).strip()) is not None


def is_international_phone(value: Any) -> bool:
    """Text that is a phone number with the code of its country."""
    return isinstance(value, str) and value.strip().startswith("+") and is_phone(value)


def is_currency(value: Any) -> bool:
    """Three letters."""
    return isinstance(value, str) and _CURRENCY.fullmatch(value) is not None


def is_flag(value: Any) -> bool:
    """A boolean."""
    return isinstance(value, bool)


def is_amount(value: Any) -> bool:
    """A number, or a text that holds a number."""
    return not isinstance(value, bool) and re.fullmatch(r"-?\d+(\.\d+)?", str(value)) is not None


def is_integer(value: Any) -> bool:
    """A whole number, or its digits as text."""
    return not isinstance(value, bool) and re.fullmatch(r"-?\d{1,18}", str(value)) is not None


def is_global_id(value: Any) -> bool:
    """Text that is an address whose last step is an id, as ``gid://shop/Order/7``."""
    return isinstance(value, str) and "://" in value


TESTS: Mapping[str, Callable[[Any], bool]] = {
    "id": is_id,
    "boolean": is_flag,
    "money": is_amount,
    "decimal": is_amount,
    "integer": is_integer,
}
"""The test of native values, by kind; a kind of text has no test."""


def all_fit(test: Callable[[Any], bool], values: Iterable[Any]) -> bool:
    """Whether every value passes the test; true without values."""
    return all(test(value) for value in values)


def guess_time(expression: str, name: str, values: list[Any]) -> Guess | None:
    """The rule of a time, with its zone and format; None if the values are not times.

    >>> guess_time("at", "at", [1714636800]).value
    {'expr': 'at', 'zone': 'utc', 'format': 'epoch_seconds'}
    >>> guess_time("at", "at", ["2024-05-02"]) is None
    True
    """
    if not values:
        return Guess({"expr": expression}, "no value was seen; values without an offset need a zone")
    if any(isinstance(value, str) and _DAY.fullmatch(value) for value in values):
        return None  # a day is not an instant
    for form in ("iso", "rfc2822"):
        if all(isinstance(value, str) and _is_time(value, form) for value in values):
            return _text_time(expression, name, values, form)
    if all(is_amount(value) for value in values):
        form = "epoch_milliseconds" if min(float(value) for value in values) > 1e11 else "epoch_seconds"
        if all(_is_time(value, form) for value in values) and min(float(value) for value in values) > 1e8:
            return Guess({"expr": expression, "zone": "utc", "format": form}, f"numbers like {values[0]}")
    return None


def _text_time(expression: str, name: str, values: list[str], form: str) -> Guess:
    rule = {"expr": expression} | ({"format": form} if form != "iso" else {})
    if form != "iso" or all(_OFFSET.search(value) for value in values):
        return Guess(rule, f"the values carry an offset, as in {values[0]}")
    named = re.search(r"gmt|utc", name, re.IGNORECASE)
    why = f"the name says {named[0]}" if named else "the values may be in the shop's own zone"
    return Guess({**rule, "zone": "utc"}, f"no offset in {values[0]}; {why}")


def _is_time(value: Any, form: str) -> bool:
    try:
        read_time(value, zone=UTC, form=form)
    except (ValueError, OverflowError):
        return False
    return True


def guess_currency(expression: str, values: list[Any], reason: str) -> Guess | None:
    """The rule of a currency, in capitals; None if the values are not currencies.

    >>> guess_currency("money", ["eur"], "by its name").value
    {'expr': 'upper(money)'}
    """
    if not all_fit(is_currency, values):
        return None
    is_upper = all(value.isupper() for value in values)
    return Guess({"expr": expression if is_upper else f"upper({expression})"}, reason)


def guess_status(expression: str, values: list[Any], meanings: Mapping[str, tuple[str, ...]]) -> Guess | None:
    """The rule of a status, with the meaning of each value; None if the values are not statuses.

    >>> guess_status("state", ["enabled", "invited"], {"active": ("enabled",)}).value
    {'expr': 'state', 'enum': {'enabled': 'active'}}
    """
    if values and all(is_flag(value) for value in values):
        yes, no = (*meanings, "active", "inactive")[:2]
        return Guess({"expr": expression, "enum": {"true": yes, "false": no}}, "a boolean")
    if not all_fit(is_text, values):
        return None
    seen = list(dict.fromkeys(value.strip().lower() for value in values))
    folded = {unified: {fold(native) for native in natives} for unified, natives in meanings.items()}
    enum = {value: unified for value in seen for unified, natives in folded.items() if fold(value) in natives}
    unknown = [value for value in seen if value not in enum]
    if unknown and meanings and not enum:
        return None
    rule = {"expr": expression} | ({"enum": enum} if enum else {})
    note = f"seen: {', '.join(seen)}" if seen else "no value was seen"
    return Guess(
        rule,
        f"{note}; the documentation may name more values"
        + ("; the engine passes the other values unchanged" if unknown else ""),
    )
