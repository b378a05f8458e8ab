"""The changes of a rate budget, which a shared store may run some time after a request or an answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from truto_unify.engine.rate_budget import claim, settle

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from truto_unify.config.rate_rules import RateRule
    from truto_unify.engine.rate_budget import Demand, Grant, Outcome


@dataclass(slots=True)
class Claim:
    """Asks for leave to send a request.

    Attributes:
        demand: what the request needs.
        timer: a monotonic clock in seconds.
        claimed_at: when the budget was asked.
    """

    demand: Demand
    timer: Callable[[], float]
    claimed_at: float = 0.0

    def __call__(self, text: str | None, elapsed: float) -> tuple[str, Grant]:
        """See ``rate_budget.claim``; a store calls this again if its transaction fails."""
        self.claimed_at = self.timer()
        return claim(text, elapsed, self.demand)

    def since(self, grant: Grant) -> Grant:
        """The reply with its delay counted from now, and not from the moment when the budget was asked."""
        return replace(grant, delay=max(grant.delay - _seconds_between(self.claimed_at, self.timer()), 0.0))


@dataclass(frozen=True, slots=True)
class Settlement:
    """Ends a request that was answered.

    Attributes:
        rules: of the provider.
        number: the ticket of the request.
        outcome: what the answer says.
        timer: a monotonic clock in seconds.
        written_at: when the request was written to the network; None if unknown.
        answered_at: when the answer was there.
    """

    rules: Sequence[RateRule]
    number: int
    outcome: Outcome
    timer: Callable[[], float]
    written_at: float | None
    answered_at: float

    def __call__(self, text: str | None, elapsed: float) -> tuple[str, None]:
        """See ``rate_budget.settle``."""
        now = self.timer()
        sent_ago = None if self.written_at is None else _seconds_between(self.written_at, now)
        outcome = replace(self.outcome, sent_ago=sent_ago, answered_ago=_seconds_between(self.answered_at, now))
        return settle(text, elapsed, self.rules, self.number, outcome)


def _seconds_between(start: float, end: float) -> float:
    """Seconds from a moment to a later one; none if the clock was set back, which must not lengthen a wait."""
    return max(end - start, 0.0)
