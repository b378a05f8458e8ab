"""The form of unified values: the rules for text, ids, times, money and phones.

Each rule takes a native value and returns the unified one, or raises ``ValueError`` that says what is wrong.
"""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from truto_unify.countries import ALPHA_2
from truto_unify.models.fields import format_time

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_MAX_EXTENSION_DIGITS = 10
# "x4", "ext. 4", "extension: 4", "#4", "(ext 4)", and ";ext=4" of https://www.rfc-editor.org/rfc/rfc3966#section-3
_EXTENSION = re.compile(
    r"(?i)^(?P<number>.*?\d.*?)[\s,;(\[]*(?:x|extn?\.?|extension|#)[\s.:=]*"
    rf"(?P<extension>\d{{1,{_MAX_EXTENSION_DIGITS}}})[)\]]?$"
)
_MAX_PHONE_CHARS = 200  # a longer text is not a phone number, and the pattern is slow on it
_MAX_DIGITS = 40
_MAX_SHOWN = 60
_INTEGER_END = 10**18
_DIGITS = re.compile(r"\D+")
# An amount as most stores write it, which is its own unified form.
_PLAIN_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,18})?")
_LONG = 10**_MAX_DIGITS
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Letters that show nothing, as texts from other programs bring them: format characters (soft hyphen, zero-width space,
# marks of direction, byte order mark; not the two joiners, which change how their neighbours look) and fillers.
_INVISIBLE = (
    "\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\u2800\u3164\ufeff\uffa0"
)
BLANK = _INVISIBLE + "".join(letter for letter in map(chr, range(0x3001)) if letter.isspace())
"""What ``strip_text`` drops at both ends of a text."""
_NOT_SEEN = dict.fromkeys(map(ord, _INVISIBLE + "\u200c\u200d"))
_ZERO_DATE = "0000-00-00"
"""How MySQL writes "no date": https://dev.mysql.com/doc/refman/8.4/en/datetime.html"""


def strip_text(text: str) -> str:
    """The text without outer blanks, and without outer letters that show nothing.

    >>> strip_text(" \u200bAna\ufeff "), strip_text("Ana\u200bRuiz") == "Ana\u200bRuiz", strip_text("\u00a0")
    ('Ana', True, '')
    """
    return text.strip() if text.isascii() else text.strip(BLANK)


def clean_text(value: Any) -> str | None:
    """Text, trimmed. Blank text becomes null, a number its text, and ``false``, PHP's way to write "no text", null.

    >>> clean_text("  Ana "), clean_text(" "), clean_text(5550100), clean_text(False)
    ('Ana', None, '5550100', None)

    Raises:
        ValueError: true, a list or an object.
    """
    if value is None or value is False:
        return None
    if isinstance(value, str):
        return strip_text(value) or None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError(f"expected text, got {type_in_words(value)}")
    return str(value)


def clean_id(value: Any) -> str | None:
    """An id as text; ``false`` is null, as in a text.

    >>> clean_id(7000000000017), clean_id("gid://x/17")
    ('7000000000017', 'gid://x/17')

    Raises:
        ValueError: neither text nor a whole number.
    """
    if isinstance(value, float):
        if not value.is_integer():
            raise ValueError(f"expected an id, got the number {value}")
        return str(int(value))
    if value is True or not isinstance(value, str | int | None):
        raise ValueError(f"expected an id, got {type_in_words(value)}")
    return clean_text(value)


def clean_flag(value: Any) -> bool | None:
    """A truth value; ``1``, ``0``, ``"true"`` and ``"false"`` count too.

    Raises:
        ValueError: anything else.
    """
    if value is None or isinstance(value, bool):
        return value
    known = {"1": True, "0": False, "true": True, "false": False, "": None}
    text = str(value).strip().lower()
    if isinstance(value, str | int) and text in known:
        return known[text]
    raise ValueError(f"expected true or false, got {show_value(value)}")


def clean_country(value: Any) -> str | None:
    """An ISO 3166-1 alpha-2 code in capitals, also for an alpha-3 code; a name stays as it is.

    >>> clean_country("us"), clean_country("USA"), clean_country("United States")
    ('US', 'US', 'United States')
    """
    text = clean_text(value)
    if not text or len(text) not in {2, 3} or not text.isalpha():
        return text
    return text.upper() if len(text) == 2 else ALPHA_2.get(text.upper(), text)


def clean_money(value: Any) -> str | None:
    """An amount as decimal text with the decimals that the store writes, and never an exponent.

    >>> clean_money("11884.9"), clean_money("5.000"), clean_money("1200"), clean_money(10.0), clean_money("1e3")
    ('11884.9', '5.000', '1200', '10', '1000')

    Raises:
        ValueError: not a number.
    """
    return _decimal_text(value, "an amount")


def clean_decimal(value: Any) -> str | None:
    """A number as decimal text, as an amount is written.

    Raises:
        ValueError: not a number.
    """
    return _decimal_text(value, "a number")


def clean_integer(value: Any) -> int | None:
    """A whole number of at most 18 digits, which every JSON parser and table column holds.

    >>> clean_integer(5), clean_integer("5"), clean_integer(5.0), clean_integer(" ")
    (5, 5, 5, None)

    Raises:
        ValueError: not a whole number, or more digits.
    """
    text = _decimal_text(value, "a whole number")
    if text is None:
        return None
    number = Decimal(text)
    if number != number.to_integral_value() or abs(number) >= _INTEGER_END:
        raise ValueError(f"expected a whole number of at most 18 digits, got {show_value(text)}")
    return int(number)


def _decimal_text(value: Any, what: str) -> str | None:
    if value.__class__ is str and _PLAIN_NUMBER.fullmatch(value):
        return str(value)  # a fifth of the time that the parsing below takes
    if value.__class__ is int and abs(value) < _LONG:
        return str(value)
    text = clean_text(value)
    if text is None:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"expected {what}, got {show_value(text)}") from None
    if not _is_sane(number):
        raise ValueError(f"expected {what}, got {show_value(text)}")
    digits = format(number, "f")
    return digits.removesuffix(".0") if isinstance(value, float) else digits  # a JSON number states no decimals


CLEANERS: Mapping[str, Callable[[Any], Any]] = {
    "id": clean_id,
    "text": clean_text,
    "status": clean_text,
    "phone": clean_text,
    "country": clean_country,
    "money": clean_money,
    "decimal": clean_decimal,
    "integer": clean_integer,
    "boolean": clean_flag,
}
"""The rule of each kind of value that needs nothing but the value; it raises ``ValueError``."""


def clean_time(value: Any, *, zone: tzinfo | None, form: str = "iso") -> str | None:
    """An instant as RFC 3339 text in UTC.

    Args:
        value: native value; blank, ``false`` and a zero date are null.
        zone: zone of values without an offset; None if every value must carry its own.
        form: ``iso``, ``rfc2822``, ``epoch_seconds`` or ``epoch_milliseconds``.

    >>> clean_time("2026-11-24T06:48:02", zone=UTC)
    '2026-11-24T06:48:02Z'
    >>> clean_time("2026-06-09T09:45:19-0400", zone=None)
    '2026-06-09T13:45:19Z'
    >>> clean_time("0000-00-00 00:00:00", zone=None) is None
    True

    Raises:
        ValueError: not a time, or a time without an offset although ``zone`` is None.
    """
    if isinstance(value, str):
        value = strip_text(value)
        if not value or value.startswith(_ZERO_DATE):
            return None
    if value is None or value is False:
        return None
    return format_time(read_time(value, zone=zone, form=form))


def read_time(value: Any, *, zone: tzinfo | None, form: str = "iso") -> datetime:
    """The instant that a native or unified value means, as an aware datetime.

    Raises:
        ValueError: not a time, or a time without an offset although ``zone`` is None.
    """
    try:
        moment = _parse_time(value, form)
        if moment.tzinfo is None:
            if zone is None:
                raise ValueError(f"the time {show_value(value)} carries no zone")
            moment = moment.replace(tzinfo=zone)
        return moment.astimezone(UTC)
    except (OverflowError, TypeError) as error:
        raise ValueError(f"expected a time, got {show_value(value)}") from error


def _parse_time(value: Any, form: str) -> datetime:
    if isinstance(value, datetime):
        return value
    try:
        if form.startswith("epoch_"):
            unit = 1 if form == "epoch_seconds" else 1000
            number = Decimal(str(value))
            if not _is_sane(number):
                raise ValueError
            return _EPOCH + timedelta(microseconds=int(number * 1_000_000 / unit))
        if not isinstance(value, str):
            raise ValueError
        return parsedate_to_datetime(value) if form == "rfc2822" else datetime.fromisoformat(value)
    except (ValueError, TypeError, InvalidOperation):
        raise ValueError(f"expected a time, got {show_value(value)}") from None


def _is_sane(number: Decimal) -> bool:
    """Whether the number fits a line when written out; 1e999999999 would fill the memory."""
    return number.is_finite() and abs(number.adjusted()) < _MAX_DIGITS


def split_phone(number: str) -> tuple[str, str | None]:
    """The number and its extension.

    >>> split_phone("+1 555-0100 x123"), split_phone("555 0100 (ext. 7)"), split_phone("5550100;ext=7")
    (('+1 555-0100', '123'), ('555 0100', '7'), ('5550100', '7'))
    """
    if "x" not in number and "X" not in number and "#" not in number:  # every form of an extension holds one of them
        return number, None
    if len(number) > _MAX_PHONE_CHARS:
        return number, None
    start, _, extension = number.rpartition("x")
    if extension.isdecimal() and len(extension) <= _MAX_EXTENSION_DIGITS:
        start = start.rstrip(" ")
        if start[:1] == "+" and start[1:].isdecimal():  # the usual form, as +15550100 x123
            return start, extension
    match = _EXTENSION.match(number)
    return (match["number"].strip(), match["extension"]) if match else (number, None)


def phone_digits(number: str) -> str:
    """The digits of a number, by which numbers are compared; the text if it has no digits.

    >>> phone_digits("+1 (555) 01-00")
    '15550100'
    """
    rest = number[1:] if number[:1] == "+" else number
    return rest if rest.isdecimal() else _DIGITS.sub("", number) or compare_text(number)


def compare_text(text: str) -> str:
    """The form in which texts are compared: whatever the case, the blanks, the Unicode form and letters nobody sees.

    >>> compare_text(" ANA Ruiz ") == compare_text("ana\u00a0ru\u200biz")
    True
    >>> compare_text("Jose\u0301") == compare_text("JOS\u00c9")
    True
    """
    if not text.isascii():
        # Compatibility caseless matching: https://www.unicode.org/versions/latest/core-spec/chapter-3/#G53253
        text = unicodedata.normalize("NFKC", text.translate(_NOT_SEEN)).casefold()
        return unicodedata.normalize("NFKC", text).strip()
    return text.strip().casefold()


def has_unseen_letters(text: str) -> bool:
    """Whether a text holds letters that show nothing, which stores compare and ``compare_text`` does not.

    >>> has_unseen_letters("Jos\u00e9"), has_unseen_letters("Ana\u200b")
    (False, True)
    """
    return not text.isascii() and text != text.translate(_NOT_SEEN)


def type_in_words(value: Any) -> str:
    """The type of a JSON value, for messages.

    >>> type_in_words({}), type_in_words(7), type_in_words("x"), type_in_words(None)
    ('an object', 'a number', 'a text', 'null')
    """
    words = {bool: "true/false", dict: "an object", list: "a list", float: "a number", int: "a number"}
    words |= {str: "a text", type(None): "null"}
    return words.get(type(value), type(value).__name__)


def show_value(value: Any) -> str:
    r"""A foreign value for messages: a plain one as JSON, cut if it is long, and any other by its type.

    >>> show_value("a\x00"), show_value(True), show_value(1.5), show_value({"a": 1})
    ('"a\\u0000"', 'true', '1.5', 'an object')
    """
    if not isinstance(value, str | bool | int | float | None):
        return type_in_words(value)
    text = json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"
