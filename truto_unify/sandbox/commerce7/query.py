"""Commerce7's query strings (operators inside values, two kinds of paging) and its errors.

https://developer.commerce7.com/docs/commerce7-apis
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from starlette.datastructures import QueryParams

Row = TypeVar("Row")
Span = tuple[Any, Any]  # the first and the last value that a text stands for

MAX_LIMIT = 50
PAGING = ("limit", "page", "cursor")

_OPERATOR = re.compile(r"(?P<operator>[A-Za-z]+):(?P<value>.*)", re.DOTALL)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MOMENT = re.compile(r"(?P<clock>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?)(?P<zone>Z|[+-]\d\d:?\d\d)?", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,18}", re.ASCII)
_ERROR_TYPES = {
    401: "unauthorized",
    403: "forbidden",
    404: "notFound",
    405: "methodNotAllowed",
    422: "validationError",
    429: "tooManyRequests",
}


class Commerce7Error(Exception):
    """An error response of the store."""

    def __init__(self, status: int, message: str, field: str = "") -> None:
        """Store the status, the message and, for a wrong parameter, its name."""
        super().__init__(message)
        self.status = status
        self.message = message
        self.field = field

    @property
    def body(self) -> dict[str, object]:
        """The response body; its shape is recorded for 401 and 422 and assumed for the others."""
        return {
            "statusCode": self.status,
            "type": _ERROR_TYPES[self.status],
            "message": self.message,
            "errors": [{"field": self.field, "message": "invalid"}] if self.field else [],
        }


def refuse_unknown(params: QueryParams, allowed: Collection[str]) -> None:
    """Check the names of the parameters.

    Raises:
        Commerce7Error: A parameter is unknown or repeated, or both kinds of paging are used.
    """
    counts = Counter(name for name, _ in params.multi_items())
    for name, count in counts.items():
        if name not in allowed or count > 1:
            raise _invalid(name)
    if "page" in counts and "cursor" in counts:
        raise _invalid("page")


def number_test(name: str, text: str) -> Callable[[int], bool]:
    """A test for a whole number.

    Raises:
        Commerce7Error: The operator is unknown or the value is not a number.
    """
    return _read_condition(name, text, _number_span)


def moment_test(name: str, text: str) -> Callable[[datetime], bool]:
    """A test for a time; without an offset the value is UTC.

    A bare date is its first moment as a bound and the whole day for equality.

    Raises:
        Commerce7Error: The operator is unknown or the value is neither a date nor a time.
    """
    return _read_condition(name, text, _moment_span)


def words_test(text: str) -> Callable[[Sequence[str]], bool]:
    """A test for the free text ``q``: every word occurs somewhere, whatever its case."""
    words = text.casefold().split()
    return lambda texts: all(any(word in each.casefold() for each in texts) for word in words)


def page_of(
    params: QueryParams, rows: Sequence[Row], id_of: Callable[[Row], str]
) -> tuple[Sequence[Row], dict[str, object]]:
    """Cut the requested page, and return it with the keys beside the records.

    A numbered page has the total; a cursor page has the next cursor if there are more records.

    Raises:
        Commerce7Error: The page or the cursor is malformed.
    """
    limit = _read_limit(params)
    if "cursor" not in params:
        number = read_page(params)
        return rows[(number - 1) * limit : number * limit], {"total": len(rows)}
    # By id: the cursor is the id of the next record, and stays valid if that record is deleted.
    ordered = sorted(rows, key=id_of)
    if (cursor := params["cursor"]) != "start":
        first = _read_cursor(cursor)
        ordered = [row for row in ordered if id_of(row) >= first]
    beside: dict[str, object] = {"cursor": id_of(ordered[limit])} if len(ordered) > limit else {}
    return ordered[:limit], beside


def read_page(params: QueryParams) -> int:
    """The number of the requested page, from 1.

    Raises:
        Commerce7Error: It is not such a number.
    """
    text = params.get("page", "1")
    if not _NUMBER.fullmatch(text) or int(text) < 1:
        raise _invalid("page")
    return int(text)


def _read_limit(params: QueryParams) -> int:
    text = params.get("limit", str(MAX_LIMIT))
    if not _NUMBER.fullmatch(text):
        raise _invalid("limit")
    return int(text) if 1 <= int(text) <= MAX_LIMIT else MAX_LIMIT


def _read_cursor(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise _invalid("cursor") from None


def _read_condition(name: str, text: str, span_of: Callable[[str], Span]) -> Callable[[Any], bool]:
    match = _OPERATOR.fullmatch(text)
    operator, value = (match["operator"], match["value"]) if match else ("", text)
    try:
        if operator == "btw":
            low_text, high_text = value.split("|")
            low, high = span_of(low_text)[0], span_of(high_text)[0]
            return lambda actual: low <= actual <= high
        first, last = span_of(value)
    except (ValueError, OverflowError):
        raise _invalid(name) from None
    tests: dict[str, Callable[[Any], bool]] = {
        "": lambda actual: first <= actual <= last,
        "gt": lambda actual: actual > first,
        "gte": lambda actual: actual >= first,
        "lt": lambda actual: actual < first,
        "lte": lambda actual: actual <= first,
    }
    if operator not in tests:
        raise _invalid(name)
    return tests[operator]


def _number_span(text: str) -> Span:
    if not _NUMBER.fullmatch(text):
        raise ValueError(text)
    return int(text), int(text)


def _moment_span(text: str) -> Span:
    if _DATE.fullmatch(text):
        day = date.fromisoformat(text)
        start = datetime(day.year, day.month, day.day, tzinfo=UTC)
        return start, start + timedelta(days=1, microseconds=-1)
    match = _MOMENT.fullmatch(text)
    if not match:
        raise ValueError(text)
    moment = datetime.fromisoformat(f"{match['clock']}{match['zone'] or 'Z'}").astimezone(UTC)
    return moment, moment


def _invalid(name: str) -> Commerce7Error:
    return Commerce7Error(422, f"Invalid query param: {name}", field=name)
