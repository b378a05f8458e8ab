"""Reads from an answer how much of the provider's quota remains, in one form for every provider."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from truto_unify.engine.numbers import read_number
from truto_unify.expressions import search_or_null
from truto_unify.types import Quota

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from truto_unify.config.quota import QuotaRules, QuotaSource
    from truto_unify.types import Response

_USED_OF_LIMIT = re.compile(r"\s*([0-9.]{1,20})\s*/\s*([0-9.]{1,20})\s*")


@dataclass(slots=True)
class QuotaMeter:
    """The newest quota that the answers of one call state.

    Attributes:
        on_quota: called with each new quota.
        last: the newest quota; None if no answer stated one.
    """

    on_quota: Callable[[Quota], None] | None = None
    last: Quota | None = None

    def record(self, quota: Quota | None) -> None:
        """Records the quota of an answer."""
        if quota is not None:
            self.last = quota
            if self.on_quota is not None:
                self.on_quota(quota)


def read_quota(rules: QuotaRules, response: Response, body: Any, now: datetime) -> Quota | None:
    """The quota that an answer states; None if it states neither limit, remaining nor reset.

    Args:
        rules: where the provider states it.
        response: the answer.
        body: its parsed body; None if it is not JSON.
        now: the present moment.
    """
    headers = dict(response.headers)
    limit, remaining = _number(rules.limit, headers, body), _number(rules.remaining, headers, body)
    pair = _USED_OF_LIMIT.fullmatch(str(_raw(rules.used_of_limit, headers, body) or ""))
    if pair is not None and (used := read_number(pair[1])) is not None and (whole := read_number(pair[2])) is not None:
        limit, remaining = whole, max(whole - used, 0.0)
    reset = _number(rules.reset, headers, body, now)
    refill = _number(rules.refill, headers, body) or rules.refill_per_second
    if reset is None and refill and limit is not None and remaining is not None:
        reset = max(limit - remaining, 0.0) / refill
    if limit is None and remaining is None and reset is None:
        return None
    window = _number(rules.window, headers, body, now)
    return Quota(limit=_whole(limit), remaining=_whole(remaining), reset=reset, window=window)


def _raw(source: QuotaSource | None, headers: Mapping[str, str], body: Any) -> Any:
    if source is None:
        return None
    if source.header is not None:
        return headers.get(source.header.lower())
    return search_or_null(source.body, body) if source.body is not None else None


def _number(
    source: QuotaSource | None, headers: Mapping[str, str], body: Any, now: datetime | None = None
) -> float | None:
    number = read_number(_raw(source, headers, body))
    if number is None or source is None:
        return None
    number = max(number, 0.0)
    if source.unit == "milliseconds":
        return number / 1000
    if source.unit == "epoch_seconds" and now is not None:
        return max(number - now.timestamp(), 0.0)
    return number


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)
