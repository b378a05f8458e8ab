"""Decides whether a refused or lost request is retried, and after which delay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from truto_unify.argument_checks import check_numbers

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and for how long a call retries.

    Attributes:
        attempts: the maximum number of times that one request is sent.
        first_delay: seconds before the second attempt; doubles each time, unless the provider asks for more.
        max_delay: the maximum of these delays in seconds.
        deadline: seconds that one native request may take with its retries. A later answer is cut off. If the next
            delay would end later, the refusal is raised with its ``retry_after``.
        max_wait: the maximum of one wait in seconds, whoever asks for it; None: as long as the deadline allows.

    Raises:
        InvalidInput: a number is out of range.
    """

    attempts: int = 5
    first_delay: float = 0.5
    max_delay: float = 20.0
    deadline: float = 90.0
    max_wait: float | None = None

    def __post_init__(self) -> None:
        names = ("first_delay", "max_delay", "deadline", *(() if self.max_wait is None else ("max_wait",)))
        check_numbers("RetryPolicy", {"attempts": self.attempts}, {name: getattr(self, name) for name in names})

    def patience(self, elapsed: float) -> float:
        """Seconds that a request may wait which was first sent, or first waited, so many seconds ago."""
        remaining = self.deadline - elapsed
        return remaining if self.max_wait is None else min(remaining, self.max_wait)


def next_delay(
    policy: RetryPolicy, attempt: int, retry_after: float | None, elapsed: float, random: Callable[[], float]
) -> float | None:
    """Seconds to wait before the next attempt; None to give up.

    Args:
        policy: the limits of the call.
        attempt: the number of attempts so far, from 1.
        retry_after: seconds that the provider asks for.
        elapsed: seconds since the request was first sent.
        random: returns numbers from 0 to 1, which spread clients that failed together.

    >>> next_delay(RetryPolicy(), 1, None, 0.0, lambda: 1.0), next_delay(RetryPolicy(), 1, 3600.0, 0.0, lambda: 0.0)
    (0.5, None)
    """
    if attempt >= policy.attempts:
        return None
    own = min(policy.first_delay * 2 ** (attempt - 1), policy.max_delay) * (0.5 + random() / 2)
    # Never before the provider's delay, and never before our own, which counts if the provider asks for 0 seconds.
    delay = own if retry_after is None else max(own, retry_after + random() * min(retry_after / 10, 1.0))
    return delay if delay <= policy.patience(elapsed) else None
