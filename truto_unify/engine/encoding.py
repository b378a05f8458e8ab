"""Writes values in a provider's own form, so that a provider never reads a value as syntax."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

from truto_unify.models.fields import format_time

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_TIMES: dict[str, Callable[[datetime], str]] = {
    "rfc3339": format_time,
    "rfc3339_seconds": format_time,
    "rfc3339_milliseconds": lambda moment: f"{moment.astimezone(UTC).isoformat(timespec='milliseconds')[:-6]}Z",
    "rfc3339_offset": lambda moment: (
        f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}+0000"
    ),
    "date": lambda moment: moment.astimezone(UTC).date().isoformat(),
    "local_date": lambda moment: moment.astimezone(UTC).date().isoformat(),
    "epoch_seconds": lambda moment: str(int(moment.timestamp())),
}
_STEPS: dict[str, timedelta] = {
    "rfc3339": timedelta(microseconds=1),
    "rfc3339_seconds": timedelta(seconds=1),
    "rfc3339_milliseconds": timedelta(milliseconds=1),
    "rfc3339_offset": timedelta(seconds=1),
    "date": timedelta(days=1),
    "local_date": timedelta(days=1),
    "epoch_seconds": timedelta(seconds=1),
}
_ZONES = (timedelta(hours=-12), timedelta(hours=14))
"""The clocks that are furthest behind UTC and ahead of it."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WORD = re.compile(r"[^\W_]")


def write_time(moment: datetime, form: str) -> str:
    """An instant in one of the declared formats.

    >>> write_time(datetime(2024, 1, 2, tzinfo=UTC), "rfc3339_milliseconds")
    '2024-01-02T00:00:00.000Z'
    """
    return _TIMES[form](moment)


def round_time(moment: datetime, form: str, *, up: bool) -> datetime:
    """The nearest instant before (or after) that the format can express.

    A local date is the earliest (or latest) day that a calendar shows at that instant, whatever its zone.

    >>> round_time(datetime(2024, 1, 2, 8, tzinfo=UTC), "date", up=True)
    datetime.datetime(2024, 1, 3, 0, 0, tzinfo=datetime.timezone.utc)

    Raises:
        OverflowError: no such instant exists.
    """
    step = _STEPS[form]
    if form == "local_date":
        moment, up = moment + _ZONES[up], False
    steps, rest = divmod(moment - _EPOCH, step)
    return _EPOCH + (steps + (1 if up and rest else 0)) * step


def step_outwards(moment: datetime, form: str, *, up: bool) -> datetime:
    """The next instant that the format can express.

    >>> step_outwards(datetime(2024, 1, 2, tzinfo=UTC), "epoch_seconds", up=False)
    datetime.datetime(2024, 1, 1, 23, 59, 59, tzinfo=datetime.timezone.utc)

    Raises:
        OverflowError: no such instant exists.
    """
    return moment + _STEPS[form] if up else moment - _STEPS[form]


def encode_query(pairs: Sequence[tuple[str, str]], safe: str = "") -> str:
    """A query string; only unreserved characters and ``safe`` stay as they are (RFC 3986).

    >>> encode_query([("email", "a+b@c.test"), ("created", "a:b")], safe=":")
    'email=a%2Bb%40c.test&created=a:b'
    """
    return "&".join(f"{quote(name, safe=safe)}={quote(value, safe=safe)}" for name, value in pairs)


def encode_value(text: str, encoder: str) -> str | None:
    """The text as a plain value of the provider's query language; None if the language cannot express it.

    Args:
        text: the value.
        encoder: ``plain`` (a whole query parameter), ``list_item`` (an element of a comma list, which cannot
            hold a comma), ``quoted`` (a double-quoted phrase with backslash escapes) or ``words`` (each word
            a quoted phrase of its own, all required).

    >>> encode_value("Ana OR b:c", "quoted")
    '"Ana OR b:c"'
    >>> encode_value("Ana OR Ruiz", "words")
    '"Ana" "OR" "Ruiz"'
    >>> encode_value("--- !", "words") is None
    True
    """
    # Some stores cut a text at a control character, others refuse it.
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in text):
        return None
    if encoder == "plain":
        return text
    if encoder == "list_item":
        return None if "," in text else text
    # A text without letters and digits gives a search engine no word; some engines then match nothing.
    if encoder == "quoted":
        return _quote(text.strip()) if _WORD.search(text) else None
    words = [word for word in text.split() if _WORD.search(word)]
    return " ".join(_quote(word) for word in words) or None


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
