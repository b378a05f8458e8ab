"""Decides whether a refused or lost request is tried again, and after how long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How patient a call is.

    Attributes:
        attempts: how often one request is sent at most.
        first_delay: seconds before the second attempt; doubles each time, unless the provider asks for more.
        longest_delay: seconds that such a delay grows to.
        deadline: seconds that one native request may take with its repetitions; an answer that is not there by then
            is cut off, and a wait that would end later is not begun: the refusal is raised with its ``retry_after``.
    """

    attempts: int = 5
    first_delay: float = 0.5
    longest_delay: float = 20.0
    deadline: float = 90.0


def next_delay(
    policy: RetryPolicy, attempt: int, told: float | None, elapsed: float, random: Callable[[], float]
) -> float | None:
    """Seconds to wait before the next attempt; None to give up.

    Args:
        policy: how patient the call is.
        attempt: attempts already made, from 1.
        told: seconds that the provider asked for.
        elapsed: seconds since the request was first sent.
        random: gives numbers from 0 to 1; spreads clients that failed together.

    >>> next_delay(RetryPolicy(), 1, None, 0.0, lambda: 1.0), next_delay(RetryPolicy(), 1, 3600.0, 0.0, lambda: 0.0)
    (0.5, None)
    """
    if attempt >= policy.attempts:
        return None
    own = min(policy.first_delay * 2 ** (attempt - 1), policy.longest_delay) * (0.5 + random() / 2)
    # Never earlier than the provider asks for, and never in the rush of a provider that asks for no wait at all.
    delay = own if told is None else max(own, told + random() * min(told / 10, 1.0))
    return delay if elapsed + delay <= policy.deadline else None
