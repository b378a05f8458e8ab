"""BigCommerce's query strings and its errors.

Works on the raw query string, because the store treats an encoded colon unlike a literal one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

MAX_LIMIT = 250
DEFAULT_LIMIT = 50

_ISO_MOMENT = re.compile(
    r"(?P<clock>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?)(?P<zone>Z|[+-]\d\d:?\d\d)?", re.ASCII
)
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_WHOLE_NUMBER = re.compile(r"\d{1,18}", re.ASCII)


class BigCommerceError(Exception):
    """An error response of the store."""

    def __init__(self, status: int, title: str, details: Mapping[str, object] | None = None) -> None:
        """Store the status, the title and the details (``errors`` in v3, ``details`` in v2)."""
        super().__init__(title)
        self.status = status
        self.title = title
        self.details = dict(details or {})


@dataclass(frozen=True, slots=True)
class Query:
    """The parameters of a call; the last of a repeated parameter wins."""

    names: tuple[str, ...]
    values: tuple[str, ...]
    raw_pairs: tuple[str, ...]

    @classmethod
    def parse(cls, raw: bytes) -> Query:
        """Split a raw query string; an empty pair is a parameter without a name."""
        pairs = tuple(raw.decode("latin-1").split("&")) if raw else ()
        split = [pair.partition("=") for pair in pairs]
        return cls(
            names=tuple(unquote_plus(name) for name, _, _ in split),
            values=tuple(unquote_plus(value) for _, _, value in split),
            raw_pairs=pairs,
        )

    def __contains__(self, name: str) -> bool:
        """Whether the parameter was sent."""
        return name in self.names

    def unknown(self, allowed: Collection[str]) -> list[str]:
        """The names sent that are not among the allowed ones."""
        return [name for name in self.names if name not in allowed]

    def text(self, name: str) -> str:
        """The value of a parameter that was sent."""
        return self.values[self._position(name)]

    def texts(self, name: str) -> frozenset[str]:
        """The parts of a comma list, folded for comparison; a comma inside a value separates too."""
        return frozenset(part.casefold() for part in self.text(name).split(","))

    def number(self, name: str, default: int, minimum: int = 0) -> int:
        """A whole number.

        Raises:
            BigCommerceError: The value is no whole number or less than the minimum allowed.
        """
        if name not in self:
            return default
        value = self._whole(name, self.text(name))
        if value < minimum:
            raise _invalid(name, f"must be at least {minimum}")
        return value

    def numbers(self, name: str) -> frozenset[int]:
        """A comma list of whole numbers.

        Raises:
            BigCommerceError: A part is no whole number.
        """
        return frozenset(self._whole(name, part) for part in self.text(name).split(","))

    def iso_moment(self, name: str) -> datetime | date:
        """A time, or a date when no time of day was given; without an offset it is UTC.

        Raises:
            BigCommerceError: The value is neither, or its colons were percent-encoded.
        """
        # The value must arrive with literal colons: https://github.com/bigcommerce/docs/issues/620
        if "%3a" in self.raw_pairs[self._position(name)].partition("=")[2].lower():
            raise _invalid(name, "is not a valid date")
        return parse_iso(name, self.text(name))

    def pairs_without(self, dropped: Collection[str]) -> list[str]:
        """The raw pairs of all other parameters, for the links of a page."""
        return [pair for name, pair in zip(self.names, self.raw_pairs, strict=True) if name not in dropped]

    def _position(self, name: str) -> int:
        return len(self.names) - 1 - self.names[::-1].index(name)

    @staticmethod
    def _whole(name: str, text: str) -> int:
        if not _WHOLE_NUMBER.fullmatch(text):
            raise _invalid(name, "must be a whole number")
        return int(text)


def parse_iso(name: str, text: str) -> datetime | date:
    """Read ``2024-05-14`` or ``2024-05-14T09:34:00`` with or without an offset.

    Raises:
        BigCommerceError: The text is neither.
    """
    try:
        if _ISO_DATE.fullmatch(text):
            return date.fromisoformat(text)
        if match := _ISO_MOMENT.fullmatch(text):
            return datetime.fromisoformat(f"{match['clock']}{match['zone'] or 'Z'}").astimezone(UTC)
    except (ValueError, OverflowError):
        pass  # an impossible date is an error like any other text
    raise _invalid(name, "is not a valid date")


def moment_test(operator: str, bound: datetime | date) -> Callable[[datetime], bool]:
    """A test for ``min`` (from), ``max`` (to, both inclusive) or equality.

    A bare date is its first moment as a bound and the whole day for equality.
    https://docs.bigcommerce.com/developer/api-reference/rest/overview names min ">=" and max "<=".
    """
    if not isinstance(bound, datetime):
        day = bound
        if not operator:
            return lambda moment: moment.date() == day
        bound = datetime(day.year, day.month, day.day, tzinfo=UTC)
    edge = bound
    if operator == "min":
        return lambda moment: moment >= edge
    if operator == "max":
        return lambda moment: moment <= edge
    return lambda moment: moment == edge


def read_limit(query: Query) -> int:
    """The page size.

    Raises:
        BigCommerceError: It is not a positive number, or more than the store hands out: documented as 413.
    """
    limit = query.number("limit", DEFAULT_LIMIT, minimum=1)
    if limit > MAX_LIMIT:
        raise BigCommerceError(413, "The specified limit exceeds the maximum allowed.", {"max_limit": MAX_LIMIT})
    return limit


def _invalid(name: str, reason: str) -> BigCommerceError:
    return BigCommerceError(422, "Missing or invalid data.", {name: f"{name} {reason}"})
