"""Writes filter values in a provider's own form, so that no value is ever read as syntax."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from truto_unify.models.fields import format_time

if TYPE_CHECKING:
    from collections.abc import Callable

_TIMES: dict[str, Callable[[datetime], str]] = {
    "rfc3339": format_time,
    "rfc3339_milliseconds": lambda moment: (
        f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
    ),
    "date": lambda moment: f"{moment.astimezone(UTC):%Y-%m-%d}",
    "epoch_seconds": lambda moment: str(int(moment.timestamp())),
}
_WORD = re.compile(r"\w")


def write_time(moment: datetime, form: str) -> str:
    """An instant in one of the declared formats.

    >>> write_time(datetime(2024, 1, 2, tzinfo=UTC), "rfc3339_milliseconds")
    '2024-01-02T00:00:00.000Z'
    """
    return _TIMES[form](moment)


def encode_value(text: str, encoder: str) -> str | None:
    """The text as a plain value of the provider's language; None where the language cannot say it.

    Args:
        text: the value.
        encoder: ``plain`` (a whole query parameter), ``quoted`` (a double-quoted phrase with backslash
            escapes) or ``words`` (each word a quoted phrase of its own, all required).

    >>> encode_value("Ana OR b:c", "quoted")
    '"Ana OR b:c"'
    >>> encode_value("Ana OR Ruiz", "words")
    '"Ana" "OR" "Ruiz"'
    >>> encode_value("--- !", "words") is None
    True
    """
    if encoder == "plain":
        return text
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in text):
        return None
    # What has no letter or digit leaves nothing to look for, and some engines then match nothing at all.
    if encoder == "quoted":
        return _quote(text.strip()) if _WORD.search(text) else None
    words = [word for word in text.split() if _WORD.search(word)]
    return " ".join(_quote(word) for word in words) or None


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
