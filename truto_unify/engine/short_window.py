"""Counts the requests of a window of a few seconds, each from its arrival at the provider.

Between its grant and its arrival a request waits for its turn and for a connection. Within a minute this is noise;
within a second it lets requests arrive together that were granted one after the other. The arrival is certain only when
the request is answered, so a request counts until then, and for one more window after its arrival.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from truto_unify.engine.stored_budget import RateBudget

SLACK_SECONDS = 0.07
"""Seconds that are added to each window, because the way of a request takes longer or shorter."""
_ANSWERED_SLACK_SECONDS = 0.02  # for an answered request, which cannot arrive later than its answer
_MAX_SECONDS = 5.0
_MAX_REQUESTS = 100  # each is stored
_LATEST_SECONDS = 10.0  # after its grant, a request that is not answered has arrived
_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class ShortWindow:
    """A window of a few seconds.

    Attributes:
        most: requests in any period.
        period: seconds.
    """

    most: float
    period: float

    @classmethod
    def of(cls, most: float, period: float) -> ShortWindow | None:
        """The window if it is so short that lags matter, and has so few requests that each can be stored."""
        return cls(most, period) if period <= _MAX_SECONDS and most <= _MAX_REQUESTS else None

    def seconds_after_answer(self, sent_ago: float | None, answered_ago: float) -> float:
        """Seconds for which a request still counts after its answer.

        Args:
            sent_ago: seconds since it was written to the network; None if unknown.
            answered_ago: seconds since its answer.

        >>> window = ShortWindow(2, 1.0)
        >>> [round(window.seconds_after_answer(*ago), 2) for ago in ((0.5, 0.0), (None, 0.0), (0.15, 0.1))]
        [0.57, 1.02, 0.92]
        """
        slack = _ANSWERED_SLACK_SECONDS - answered_ago
        return self.period + (slack if sent_ago is None else min(slack, SLACK_SECONDS - sent_ago))

    def seconds_until_free(self, budget: RateBudget, needed: float, ahead: float) -> float:
        """Seconds until the requests that count leave room for others.

        Args:
            budget: the tickets under way, and the arrivals.
            needed: the cost of the other requests.
            ahead: how long before its time a request gets leave.
        """
        least = ahead + self.period / 10  # until a request is answered, no other gets leave because of it
        counted = [(arrival.remaining, arrival.cost) for arrival in budget.arrivals]
        for ticket in budget.tickets.values():
            if ticket.is_sent and ticket.age < self.period + _LATEST_SECONDS:
                # After its answer it counts for most of a period: who asks again a little later loses nothing.
                counted.append((max(self.period + SLACK_SECONDS - ticket.age, least), ticket.cost))
        excess = sum(cost for _, cost in counted) + needed - self.most
        delay = 0.0
        for seconds, cost in sorted(counted):
            if excess <= _TOLERANCE:
                break
            delay, excess = seconds, excess - cost
        return delay
