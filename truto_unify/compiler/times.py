"""Times that arrive in the form in which they leave: checked, and passed on as they are."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

READS_24 = sys.version_info >= (3, 13)
"""Whether Python takes 24:00, which is the first moment of the next day."""
_OFFSETS = {f"{'-' if hours < 0 else '+'}{abs(hours):02}:00": hours for hours in range(-14, 15)} | {"-00:00": 0}
_TWO_DIGITS = tuple(f"{hour:02}" for hour in range(24))


def pass_canonical(rule: Callable[[Any], str | None], *, is_utc: bool) -> Callable[[Any], str | None]:
    """A rule for times with a short way for those that need no change.

    Args:
        rule: reads any form of time, and gives RFC 3339 text in UTC with ``Z``, a fraction only where there is one.
        is_utc: whether a time without a zone is in UTC.

    >>> pass_canonical(str, is_utc=False)("2024-05-02T08:00:00Z")
    '2024-05-02T08:00:00Z'
    """
    read, reads_24 = datetime.fromisoformat, READS_24

    def clean(value: Any) -> str | None:
        if value.__class__ is not str or (reads_24 and value[11:13] == "24"):
            return rule(value)
        size = len(value)
        # What the slices leave unsaid, ``fromisoformat`` checks.
        if size == 20 and value[4::3] == "--T::Z":
            read(value)
            return value
        if is_utc and size == 19 and value[4::3] == "--T::":
            read(value)
            return value + "Z"
        if size == 24 and value[4:20:3] == "--T::." and value[23] == "Z" and value[20:23] != "000":
            read(value)
            return value
        return shift(value) if size == 25 and value[4:20:3] in {"--T::+", "--T::-"} else rule(value)

    def shift(value: str) -> str | None:
        """Whole hours that stay within the day are counted on the text, which is much quicker."""
        hours = _OFFSETS.get(value[19:])
        if hours is not None:
            read(value[:19])
            hour = int(value[11:13]) - hours
            if 0 <= hour < 24:
                return f"{value[:11]}{_TWO_DIGITS[hour]}{value[13:19]}Z"
        try:
            moment = read(value).astimezone(UTC)
        except (ValueError, OverflowError):
            return rule(value)
        return rule(value) if moment.microsecond else f"{moment.isoformat()[:19]}Z"

    return clean
