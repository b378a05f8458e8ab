"""Reads from a refusal how long the provider asks its caller to wait."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from truto_unify.engine.numbers import read_number
from truto_unify.expressions import search_or_null

if TYPE_CHECKING:
    from truto_unify.config.provider import RateLimit
    from truto_unify.types import Response


def read_wait(rules: RateLimit, response: Response, body: Any, now: datetime) -> float | None:
    """Seconds to wait: the maximum of what headers and body state; None if they state no valid number.

    Args:
        rules: where the provider states it, beside ``Retry-After``.
        response: the refusal.
        body: its parsed body; None if it is not JSON.
        now: the present moment, for dates.
    """
    waits = [read_retry_after(value, now) for name, value in response.headers if name == "retry-after"]
    for header in rules.headers:
        for name, value in response.headers:
            if name == header.name.lower():
                number = read_number(value)
                waits.append(number / 1000 if number is not None and header.unit == "milliseconds" else number)
    known = [seconds for seconds in waits if seconds is not None and seconds >= 0]
    if rules.wait is not None:
        number = read_number(search_or_null(rules.wait, body))
        known += [] if number is None else [max(number, 0.0)]
    return max(*known, rules.minimum_wait) if known else None


def read_retry_after(value: str, now: datetime) -> float | None:
    """Seconds that a ``Retry-After`` header asks for: an integer, a decimal or an HTTP date (RFC 9110, 10.2.3).

    None if it is neither, or negative; 0 for a moment in the past.

    >>> [read_retry_after(text, datetime(2026, 1, 1, tzinfo=UTC)) for text in ("2.0", "-5")]
    [2.0, None]
    >>> read_retry_after("Thu, 01 Jan 2026 00:00:30 GMT", datetime(2026, 1, 1, tzinfo=UTC))
    30.0
    """
    number = read_number(value)
    if number is not None:
        return number if number >= 0 else None
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max((moment - now).total_seconds(), 0.0)
