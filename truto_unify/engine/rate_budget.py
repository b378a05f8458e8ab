"""The budget of one account at its provider: who may send now, and how long the others wait.

Requests queue with numbered tickets and send in this order.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from truto_unify.config.rate_rules import BucketRule, ConcurrencyRule, PointsRule, WindowRule
from truto_unify.engine.short_window import SLACK_SECONDS, ShortWindow
from truto_unify.engine.stored_budget import (
    MAX_RESET_SECONDS,
    MAX_WAIT_SECONDS,
    Arrival,
    Ticket,
    read_budget,
    write_budget,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from truto_unify.config.rate_rules import RateRule
    from truto_unify.engine.stored_budget import RateBudget
    from truto_unify.types import Quota

GRACE_SECONDS = 5.0
"""How long after its time a ticket counts if nobody uses or ends it: the lease of a process that died."""
_POLL_SECONDS = 0.1
_KEPT_SHARE = 0.1  # of a bucket, for requests that the network delays and for other programs of the merchant
_LATE_SECONDS = 0.1  # by which a request may ask late in a short window without slowing the next
_LEAD_SECONDS = 0.25  # in a short window
_EARLY_SECONDS = 0.05  # in a short window
_TOLERANCE = 1e-6
_MAX_KINDS = 50


@dataclass(frozen=True, slots=True)
class Grant:
    """The reply to a request for the budget.

    Attributes:
        number: the ticket; None if it is refused.
        delay: seconds after which to send if the request may be sent, else after which to ask again.
        may_send: whether the request may be sent after the delay, without another question.
    """

    number: int | None
    delay: float
    may_send: bool = False

    @property
    def is_now(self) -> bool:
        """Whether the request may be sent now."""
        return self.may_send and self.delay <= 0


@dataclass(frozen=True, slots=True)
class Demand:
    """What a request asks of the budget.

    Attributes:
        rules: of the provider.
        cost: how many requests it counts as.
        kind: identifies requests of the same cost in points.
        patience: seconds that it can wait.
        lease: seconds that it may be under way.
        number: its ticket, if it has waited before.
    """

    rules: Sequence[RateRule]
    cost: float
    kind: str
    patience: float
    lease: float
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the answer to a request says about the budget.

    Attributes:
        quota: the quota that it states.
        refill: what comes back each second, if it states it.
        kind: identifies requests of the same cost in points.
        cost: the cost that the provider demands for such a request.
        pause: seconds for which the provider asks not to be called.
        is_outage: whether the provider, or a gateway before it, failed; it then states no cost.
        sent_ago: seconds since the request was written to the network; None if unknown.
        answered_ago: seconds since the answer.
    """

    quota: Quota | None = None
    refill: float | None = None
    kind: str = ""
    cost: float | None = None
    pause: float = 0.0
    is_outage: bool = False
    sent_ago: float | None = None
    answered_ago: float = 0.0


def claim(text: str | None, elapsed: float, demand: Demand) -> tuple[str, Grant]:
    """Asks for leave to send a request.

    Args:
        text: the stored budget; None if absent.
        elapsed: seconds since it was stored.
        demand: what the request needs.

    Returns:
        The budget to store, and the reply.
    """
    budget = read_budget(text, elapsed)
    pace = _pace(budget, demand.rules)
    own = budget.tickets.get(demand.number) if demand.number is not None else None
    if own is not None and own.lease > GRACE_SECONDS + pace.early:
        # It has waited as long as it was told; a clock that was set back, or a test without one, does not know.
        elapsed += own.lease - GRACE_SECONDS
        budget = read_budget(text, elapsed)
        own = budget.tickets.get(demand.number or 0)
    level = pace.size if budget.level is None else min(budget.level + pace.refill * elapsed, pace.full)
    level = max(level, -pace.refill * MAX_RESET_SECONDS)  # of an absurd cost
    budget.level = None if pace.size == inf else level
    if demand.number is None or own is None:
        budget.last_number += 1
        own, number = Ticket(_cost(budget, demand, pace), 0.0), budget.last_number
    else:
        number = demand.number
    ahead = [ticket for place, ticket in budget.tickets.items() if place < number and not ticket.is_sent]
    delay = max(
        budget.paused,
        _missing_seconds(level, own, ahead, pace),
        _seconds_to_reset(budget, own, ahead),
        _seconds_in_window(budget, own, ahead, pace),
    )
    delay = 0.0 if delay < _TOLERANCE else delay  # what rounding leaves of a wait is none
    sent_count = sum(ticket.is_sent for ticket in budget.tickets.values())
    free = pace.at_once - sent_count
    if delay <= pace.lead + pace.early and len(ahead) >= free:
        delay = pace.lead + _POLL_SECONDS * (1 + (len(ahead) - max(free, 0)) / pace.at_once)
    if delay > demand.patience:
        budget.tickets.pop(number, None)
        return write_budget(budget), Grant(None, delay)
    may_send = delay <= pace.lead + pace.early
    if may_send:
        budget.level = None if pace.size == inf else level - own.cost
        budget.left = None if budget.left is None else budget.left - demand.cost
        own.is_sent, own.lease, own.age = True, delay + demand.lease + GRACE_SECONDS, -delay
    else:
        delay -= pace.lead
        own.lease = delay + GRACE_SECONDS
    budget.tickets[number] = own
    budget.tickets = dict(sorted(budget.tickets.items()))
    return write_budget(budget), Grant(number, delay, may_send)


def settle(
    text: str | None, elapsed: float, rules: Sequence[RateRule], number: int, outcome: Outcome
) -> tuple[str, None]:
    """Ends a request, which may still wait, and corrects the budget by its answer.

    Args:
        text: the stored budget; None if absent.
        elapsed: seconds since it was stored.
        rules: of the provider.
        number: the ticket of the request.
        outcome: what the answer says.

    Returns:
        The budget to store.
    """
    budget = read_budget(text, elapsed)
    pace = _pace(budget, rules)
    if budget.level is not None:
        budget.level = min(budget.level + pace.refill * elapsed, pace.full)
    ticket = budget.tickets.pop(number, None)
    if pace.window is not None and ticket is not None and ticket.is_sent and ticket.cost > 0:
        seconds = pace.window.seconds_after_answer(outcome.sent_ago, outcome.answered_ago)
        budget.arrivals.append(Arrival(ticket.cost, seconds))
    is_guess = any(isinstance(rule, PointsRule) for rule in rules) and outcome.kind not in budget.costs
    if outcome.is_outage and is_guess and ticket is not None and budget.level is not None:
        # Nothing has said what the query costs, and it did not run: a retry must not wait for a guess.
        budget.level = min(budget.level + ticket.cost, pace.size)
    budget.paused = min(max(budget.paused, outcome.pause), MAX_WAIT_SECONDS)
    if outcome.cost is not None:
        budget.costs = {**budget.costs, outcome.kind: outcome.cost}
        while len(budget.costs) > _MAX_KINDS:
            budget.costs.pop(next(iter(budget.costs)))
    # An answer that comes late knows nothing of the requests that were sent after its own.
    if outcome.quota is not None and number >= budget.stated_by:
        budget.stated_by = number
        _correct(budget, rules, outcome.quota, outcome.refill)
    return write_budget(budget), None


@dataclass(frozen=True, slots=True)
class _Pace:
    """How fast requests may follow each other.

    Attributes:
        size: requests or points at the same time after a pause.
        refill: requests or points each second.
        at_once: requests under way.
        window: a window that is so short that each request counts by itself.
    """

    size: float = inf
    refill: float = inf
    at_once: float = inf
    window: ShortWindow | None = None

    @property
    def lead(self) -> float:
        """How long before its time a request asks, in seconds: a late question or reply then delays nothing."""
        return 0.0 if self.window is None else _LEAD_SECONDS

    @property
    def early(self) -> float:
        """By how much it may ask too early, in seconds, because the clock of a shared store differs from its own."""
        return 0.0 if self.window is None else _EARLY_SECONDS

    @property
    def full(self) -> float:
        """The level at which the bucket is full."""
        return self.size if self.window is None else self.size + self.refill * _LATE_SECONDS


def _pace(budget: RateBudget, rules: Sequence[RateRule]) -> _Pace:
    size, refill, at_once, window = inf, inf, inf, None
    most: float
    for rule in rules:
        if isinstance(rule, ConcurrencyRule):
            at_once = rule.at_once
        elif isinstance(rule, WindowRule):
            most, period = rule.requests, rule.seconds
            if budget.size and budget.period and _is_window(budget.period, rule):
                most, period = budget.size, budget.period
            share = 1 / 10 if rule.burst is None else rule.burst / rule.requests
            size = max(float(round(most * share)), 1.0)
            window = ShortWindow.of(most, period)
            # In any period the client sends the burst once, and what comes back in that time.
            refill = (max(most - size + 1, 1.0) if window is None else most) / (period + SLACK_SECONDS)
        else:
            most, refill = budget.size or rule.size, budget.refill or rule.per_second
            if not _is_bucket(most, refill, rule):
                most, refill = rule.size, rule.per_second
            size = max(most * (1 - _KEPT_SHARE), 1.0)
    return _Pace(size, refill, at_once, window)


def _is_window(period: float, rule: WindowRule) -> bool:
    """Whether a stated window can be true; a longer one would block the merchant."""
    return period <= max(MAX_RESET_SECONDS, rule.seconds)


def _is_bucket(size: float, refill: float, rule: BucketRule | PointsRule) -> bool:
    """Whether a stated bucket can be true: it is full again in time."""
    return size <= refill * max(MAX_RESET_SECONDS, rule.size / rule.per_second)


def _cost(budget: RateBudget, demand: Demand, pace: _Pace) -> float:
    points = next((rule for rule in demand.rules if isinstance(rule, PointsRule)), None)
    if points is None:
        return demand.cost
    # A request that costs more than the bucket ever holds is sent, for the provider's own error.
    return min(budget.costs.get(demand.kind, float(points.first_cost)), pace.size)


def _missing_seconds(level: float, own: Ticket, ahead: list[Ticket], pace: _Pace) -> float:
    if pace.size == inf or own.cost <= 0:
        return 0.0
    missing = own.cost + sum(ticket.cost for ticket in ahead) - level
    return missing / pace.refill if missing > _TOLERANCE else 0.0


def _seconds_in_window(budget: RateBudget, own: Ticket, ahead: list[Ticket], pace: _Pace) -> float:
    if pace.window is None or own.cost <= 0:
        return 0.0
    needed = own.cost + sum(ticket.cost for ticket in ahead)
    return pace.window.seconds_until_free(budget, needed, pace.lead + pace.early)


def _seconds_to_reset(budget: RateBudget, own: Ticket, ahead: list[Ticket]) -> float:
    if budget.left is None or own.cost <= 0 or budget.left >= 1 + len(ahead):
        return 0.0
    return budget.resets_in


def _correct(budget: RateBudget, rules: Sequence[RateRule], quota: Quota, refill: float | None) -> None:
    """Takes over what the provider states; requests under way are not in its number yet, or are counted twice."""
    under_way = [ticket for ticket in budget.tickets.values() if ticket.is_sent]
    bucket = next((rule for rule in rules if isinstance(rule, BucketRule | PointsRule)), None)
    if bucket is not None:
        size, refill = quota.limit or budget.size, refill or budget.refill
        if not _is_bucket(size or bucket.size, refill or bucket.per_second, bucket):
            return
        budget.size, budget.refill = size, refill
        if quota.remaining is not None:
            budget.level = quota.remaining - sum(ticket.cost for ticket in under_way)
        return
    window = next((rule for rule in rules if isinstance(rule, WindowRule)), None)
    if window is not None and quota.limit and quota.window and _is_window(quota.window, window):
        budget.size, budget.period = float(quota.limit), quota.window
    if quota.remaining is not None and quota.reset is not None:
        budget.left = quota.remaining - len(under_way)
        budget.resets_in = min(quota.reset, MAX_RESET_SECONDS)
