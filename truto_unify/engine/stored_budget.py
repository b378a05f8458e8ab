"""The stored form of the budget of one account at its provider.

Every time is relative to the last change, so that no clock is stored: processes and machines can share a budget, and a
clock that is set changes nothing.
"""

from __future__ import annotations

import msgspec

MAX_WAIT_SECONDS = 86_400.0
"""The longest wait that a provider's answer is believed: a day. A longer one counts as a day."""
MAX_RESET_SECONDS = 3_600.0
"""The longest time until a quota is renewed that an answer is believed: an hour. A longer one counts as an hour."""


class Ticket(msgspec.Struct):
    """A request that waits or is under way.

    Attributes:
        cost: requests or points.
        lease: seconds until it counts no more.
        is_sent: whether the request is under way, or will be without another question.
        age: seconds since it may be sent; negative if that is still to come.
    """

    cost: float
    lease: float
    is_sent: bool = False
    age: float = 0.0


class Arrival(msgspec.Struct):
    """A request that was answered, and counts in a short window.

    Attributes:
        cost: requests.
        remaining: seconds until the window that began with its arrival has passed.
    """

    cost: float
    remaining: float


class RateBudget(msgspec.Struct):
    """What is left, and who waits for it.

    Attributes:
        level: requests or points that may be sent now; None: the full bucket.
        size: of the bucket, as an answer states it.
        period: seconds of the window, as an answer states it.
        refill: per second, as an answer states it.
        left: requests that the provider still allows until ``resets_in``; None if it states no such number.
        resets_in: seconds until the quota of ``left`` is renewed.
        paused: seconds for which the provider asked not to be called.
        tickets: by number, in the order of the queue.
        arrivals: the answered requests that still count in a short window.
        last_number: the newest number.
        stated_by: the number of the newest request whose answer corrected this budget.
        costs: the cost of a request by its kind.
    """

    level: float | None = None
    size: float | None = None
    period: float | None = None
    refill: float | None = None
    left: float | None = None
    resets_in: float = 0.0
    paused: float = 0.0
    tickets: dict[int, Ticket] = {}
    arrivals: list[Arrival] = []
    last_number: int = 0
    stated_by: int = 0
    costs: dict[str, float] = {}


def read_budget(text: str | None, elapsed: float) -> RateBudget:
    """A stored budget as it is after so many seconds; a full one if nothing is stored.

    A wait that no answer may cause any more, because an older version stored it, is cut down.
    """
    budget = msgspec.json.decode(text, type=RateBudget) if text else RateBudget()
    budget.paused = min(max(budget.paused - elapsed, 0.0), MAX_WAIT_SECONDS)
    budget.resets_in = min(max(budget.resets_in - elapsed, 0.0), MAX_RESET_SECONDS)
    if budget.resets_in <= 0:
        budget.left = None
    for ticket in budget.tickets.values():
        ticket.lease -= elapsed
        ticket.age += elapsed if ticket.is_sent else 0.0
    budget.tickets = {number: ticket for number, ticket in budget.tickets.items() if ticket.lease > 0}
    for arrival in budget.arrivals:
        arrival.remaining -= elapsed
    budget.arrivals = [arrival for arrival in budget.arrivals if arrival.remaining > 0]
    return budget


def write_budget(budget: RateBudget) -> str:
    """The stored form of a budget."""
    return msgspec.json.encode(budget).decode()
