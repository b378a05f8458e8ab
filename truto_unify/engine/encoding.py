"""Writes values in a provider's own form, so that a provider never reads a value as syntax."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING
from urllib.parse import quote
from zoneinfo import ZoneInfo

from truto_unify.errors import InvalidInput
from truto_unify.models.fields import format_time

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
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
    "epoch_milliseconds": lambda moment: str((moment - _EPOCH) // timedelta(milliseconds=1)),
}
_STEPS: dict[str, timedelta] = {
    "rfc3339": timedelta(microseconds=1),
    "rfc3339_seconds": timedelta(seconds=1),
    "rfc3339_milliseconds": timedelta(milliseconds=1),
    "rfc3339_offset": timedelta(seconds=1),
    "date": timedelta(days=1),
    "local_date": timedelta(days=1),
    "epoch_seconds": timedelta(seconds=1),
    "epoch_milliseconds": timedelta(milliseconds=1),
}
_SMALLEST = {
    "f": timedelta(microseconds=1),
    "S": timedelta(seconds=1),
    "M": timedelta(minutes=1),
    "H": timedelta(hours=1),
    "d": timedelta(days=1),
}
"""The step of a format by its smallest directive."""
_ZONES = (timedelta(hours=-12), timedelta(hours=14))
"""The clocks that are furthest behind UTC and ahead of it."""
_WALL_EPOCH = datetime(1970, 1, 1)
_DIRECTIVE = re.compile("%([YmdHMSfz])")
_WORD = re.compile(r"[^\W_]")


def write_time(moment: datetime, form: str, zone: str = "utc") -> str:
    """An instant in one of the declared formats.

    Args:
        moment: the instant.
        form: the name of a format, or a text in the directives of strftime.
        zone: the zone of such a text: ``utc`` or an IANA name.

    >>> moment = datetime(2024, 1, 2, tzinfo=UTC)
    >>> write_time(moment, "rfc3339_milliseconds"), write_time(moment, "%d.%m.%Y %H:%M", "Europe/Berlin")
    ('2024-01-02T00:00:00.000Z', '02.01.2024 01:00')
    """
    if "%" not in form:
        return _TIMES[form](moment)
    local = moment.astimezone(_zone(zone))
    parts = {
        "Y": f"{local.year:04}",
        "m": f"{local.month:02}",
        "d": f"{local.day:02}",
        "H": f"{local.hour:02}",
        "M": f"{local.minute:02}",
        "S": f"{local.second:02}",
        "f": f"{local.microsecond:06}",
        "z": local.strftime("%z"),
    }
    return _DIRECTIVE.sub(lambda match: parts[match[1]], form)


def round_time(moment: datetime, form: str, zone: str = "utc", *, up: bool) -> datetime:
    """The nearest instant before (or after) that the format can express.

    A local date is the earliest (or latest) day that a calendar shows at that instant, whatever its zone. The hour that
    a clock shows twice is left for the one before (or after) it, unless the format says its offset.

    >>> round_time(datetime(2024, 1, 2, 8, tzinfo=UTC), "date", up=True)
    datetime.datetime(2024, 1, 3, 0, 0, tzinfo=datetime.timezone.utc)

    Raises:
        OverflowError: no such instant exists.
    """
    step = _step(form)
    if "%" in form:
        return _round_in_zone(moment, step, _zone(zone), up=up, has_offset="%z" in form)
    if form == "local_date":
        moment, up = moment + _ZONES[up], False
    steps, rest = divmod(moment - _EPOCH, step)
    return _EPOCH + (steps + (1 if up and rest else 0)) * step


def _round_in_zone(moment: datetime, step: timedelta, zone: tzinfo, *, up: bool, has_offset: bool) -> datetime:
    local = moment.astimezone(zone)
    wall = local.replace(tzinfo=None, fold=0)
    steps, rest = divmod(wall - _WALL_EPOCH, step)
    wall = _WALL_EPOCH + (steps + (1 if up and rest else 0)) * step
    if has_offset and not rest:
        return moment
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first != second:  # the clock shows it twice, or never
        away = abs(first - second)
        wall += away if up else -away
        first = wall.replace(tzinfo=zone).astimezone(UTC)
    return first


def step_outwards(moment: datetime, form: str, *, up: bool) -> datetime:
    """The next instant that the format can express.

    >>> step_outwards(datetime(2024, 1, 2, tzinfo=UTC), "epoch_seconds", up=False)
    datetime.datetime(2024, 1, 1, 23, 59, 59, tzinfo=datetime.timezone.utc)

    Raises:
        OverflowError: no such instant exists.
    """
    return moment + _step(form) if up else moment - _step(form)


def _step(form: str) -> timedelta:
    return _STEPS[form] if "%" not in form else next(step for letter, step in _SMALLEST.items() if f"%{letter}" in form)


def _zone(name: str) -> tzinfo:
    return UTC if name == "utc" else ZoneInfo(name)


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


def check_header(name: str, value: str, fields: Mapping[str, str]) -> None:
    """Checks that HTTP can carry a header.

    Args:
        name: of the header.
        value: of the header.
        fields: the fields of the account that it may hold, by placeholder name.

    Raises:
        InvalidInput: it holds a character that is not ASCII; the message names the fields that hold one.

    >>> check_header("X-Key", "É1", {"credentials.key": "É1", "credentials.name": "a"})
    Traceback (most recent call last):
    truto_unify.errors.InvalidInput: the header X-Key cannot hold a character outside ASCII: see credentials.key
    """
    if not value.isascii():
        names = [field for field, text in fields.items() if text and not text.isascii() and text in value]
        raise InvalidInput(
            f"the header {name} cannot hold a character outside ASCII: see {', '.join(names) or 'its rule'}"
        )
