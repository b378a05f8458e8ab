"""Converts times as text, without date arithmetic: those in the unified form, and those whose offset is whole hours.

``datetime.fromisoformat`` checks each time; this module only changes its text.
"""

from __future__ import annotations

import sys
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

READS_24 = sys.version_info >= (3, 13)
"""Whether Python accepts 24:00, which is the first moment of the next day."""
SEPARATORS = slice(4, None, 3)
"""The separators of a time: ``--T::Z`` of ``2024-05-02T08:00:00Z``."""
SEPARATORS_BEFORE_OFFSET = slice(4, 19, 3)
"""The separators before an offset: ``--T::`` of ``2024-05-02T08:00:00+02:00``."""
HOUR = slice(11, 13)
_SEPARATORS_BEFORE_FRACTION = slice(4, 20, 3)
_BEFORE_HOUR, _AFTER_HOUR, _OFFSET, _FRACTION = slice(11), slice(13, 19), slice(19, None), slice(20, 23)

_OFFSETS = {f"{'-' if hours < 0 else '+'}{abs(hours):02}:00": hours for hours in range(-14, 15)} | {"-00:00": 0}
_MOVED = {f"{hour:02}{offset}": divmod(hour - hours, 24) for offset, hours in _OFFSETS.items() for hour in range(24)}
_SAME_DAY = {local: f"{hour:02}" for local, (days, hour) in _MOVED.items() if days == 0}
"""The hour in UTC of a local one: ``08+02:00`` is ``06``."""
_OTHER_DAY = {local: (days, f"{hour:02}") for local, (days, hour) in _MOVED.items() if days != 0}

read_time = datetime.fromisoformat


def quick_time(value: Any) -> str | None:
    """A time in the unified form; None if its text needs parsing or is not a time.

    >>> quick_time("2024-05-02T01:00:00+02:00"), quick_time("2024-05-02T08:00:00.120Z")
    ('2024-05-01T23:00:00Z', '2024-05-02T08:00:00.120Z')
    >>> quick_time("2024-05-02") is None
    True

    Raises:
        ValueError: the text has the form of a time but is not valid.
        OverflowError: in UTC it is before the first or after the last day of Python's calendar.
    """
    size = len(value) if value.__class__ is str else 0
    if size == 25 and value[SEPARATORS_BEFORE_OFFSET] == "--T::":
        return move_time(value)
    if READS_24 and size and value[HOUR] == "24":
        return None
    if size == 20 and value[SEPARATORS] == "--T::Z":
        read_time(value)
        text: str = value
        return text
    if size == 24 and value[_SEPARATORS_BEFORE_FRACTION] == "--T::." and value[23] == "Z":
        read_time(value)
        return f"{value[:19]}Z" if value[_FRACTION] == "000" else value
    return None


def move_time(value: str) -> str | None:
    """A time of 25 characters, with an offset, in UTC; None if its offset is not whole hours.

    >>> move_time("2024-05-02T01:00:00+02:00"), move_time("2024-05-02T01:00:00+05:30")
    ('2024-05-01T23:00:00Z', None)

    Raises:
        ValueError: the text is not a valid time.
        OverflowError: in UTC it is before the first or after the last day of Python's calendar.
    """
    local = value[HOUR] + value[_OFFSET]
    hour = _SAME_DAY.get(local)
    if hour is not None:
        read_time(value)
        return f"{value[_BEFORE_HOUR]}{hour}{value[_AFTER_HOUR]}Z"
    moved = _OTHER_DAY.get(local)
    if moved is None:
        return None
    read_time(value)
    return f"{_move_day(value[:10], moved[0])}T{moved[1]}{value[_AFTER_HOUR]}Z"


@lru_cache(maxsize=4096)
def _move_day(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
