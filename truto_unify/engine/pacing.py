"""Keeps the requests of an account within its provider's limits: waits for leave, and reports what answers state."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson

from truto_unify.config.rate_rules import PointsRule, WindowRule
from truto_unify.engine.budget_changes import Claim, Settlement
from truto_unify.engine.numbers import read_number
from truto_unify.engine.rate_budget import GRACE_SECONDS, Demand, Grant, Outcome, settle
from truto_unify.errors import RateLimitedError
from truto_unify.expressions import search_or_null
from truto_unify.reports import ProviderWait
from truto_unify.steps import ChangeBudget, Queued, Turn, Wait

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from truto_unify.config.provider import RateLimit
    from truto_unify.engine.attempt import Attempt
    from truto_unify.engine.retry import RetryPolicy
    from truto_unify.redaction import Redactor
    from truto_unify.types import Quota, Request


@dataclass(frozen=True, slots=True)
class Pacer:
    """The limits for the requests of one native call.

    Attributes:
        limits: of the provider.
        key: identifies the merchant at the provider; holds no secret.
        provider: slug.
        call: provider and call, for messages; may hold secrets.
        redactor: removes the account's secrets.
        cost: how many requests the call counts as.
        kind: identifies requests of the same cost in points.
        on_wait: called before each wait.
    """

    limits: RateLimit
    key: str
    provider: str
    call: str
    redactor: Redactor
    cost: float = 1.0
    kind: str = ""
    on_wait: Callable[[ProviderWait], None] | None = None

    @property
    def label(self) -> str:
        """Provider and call, for messages, without secrets: built where it is shown, since few calls show it."""
        return self.redactor.text(self.call)

    def wait(
        self,
        delay: float,
        reason: str,
        cause: Any,
        turn: Turn | None = None,
        on_lost: ChangeBudget | None = None,
    ) -> Generator[Any, Any, None]:
        """Waits, and says so."""
        if self.on_wait is not None:
            try:
                self.on_wait(ProviderWait(provider=self.provider, seconds=delay, cause=cause))
            except BaseException:
                yield from self.end(on_lost)
                raise
        yield Wait(delay, reason, turn, on_lost)

    def admit(self, policy: RetryPolicy, timer: Callable[[], float], start: float) -> Generator[Any, Any, int | None]:
        """Waits until the provider's limits allow the request; gives its ticket, or None without limits.

        Args:
            policy: how long the call can wait.
            timer: a monotonic clock in seconds.
            start: when the call began.

        Raises:
            RateLimitedError: that takes too long; nothing was sent.
        """
        if not self.limits.rules:
            return None
        began = timer()

        def patience() -> float:
            """Seconds that the call can still wait."""
            seconds = policy.patience(timer() - start)
            return seconds if policy.max_wait is None else min(seconds, policy.max_wait - (timer() - began))

        def reason() -> str:
            return f"{self.label}: stays below the limits of the provider"

        def ask(number: int | None) -> Generator[Any, Any, tuple[int, Grant]]:
            """The ticket, and the reply, whose delay is counted from now."""
            lease = max(policy.deadline - (timer() - start), 1.0)
            demand = Demand(self.limits.rules, self.cost, self.kind, patience(), lease, number)
            claim = Claim(demand, timer)
            grant: Grant = yield ChangeBudget(self.key, claim, lambda reply: self.lost(reply.number))
            if grant.number is None:
                raise self._throttled(grant.delay)
            return grant.number, claim.since(grant)

        def wait_and_ask(number: int, delay: float) -> Generator[Any, Any, tuple[int, Grant]]:
            most = min(GRACE_SECONDS / 2, patience() - delay)  # after that its ticket, or the call, ends
            turn = Turn(self.key, number, max(most, 0.0)) if self.cost > 0 else None
            yield from self.wait(delay, reason(), "budget", turn, self.lost(number))
            return (yield from ask(number))

        number, grant = yield from ask(None)
        while not grant.may_send:
            flow = wait_and_ask(number, grant.delay)
            # A request that costs nothing waits for no other request, and none waits for it.
            number, grant = (yield Queued(self.key, number, flow)) if self.cost > 0 else (yield from flow)
        if grant.delay > 0:
            yield from self.wait(grant.delay, reason(), "budget", on_lost=self.lost(number))
        return number

    def _throttled(self, delay: float) -> RateLimitedError:
        message = (
            f"{self.label}: the limits of the provider allow this request in {delay:.3g} seconds; nothing was sent"
        )
        return RateLimitedError(message, status_code=429, code="throttled_here", retry_after=delay)

    def on_written(self, callback: Callable[[], None]) -> Callable[[], None] | None:
        """The callback if it matters when a request is written to the network: for windows, which may be short."""
        return callback if any(isinstance(rule, WindowRule) for rule in self.limits.rules) else None

    def lost(self, number: int | None) -> ChangeBudget | None:
        """The step that ends a request without an answer; None without limits."""
        if number is None:
            return None
        return ChangeBudget(self.key, partial(settle, rules=self.limits.rules, number=number, outcome=Outcome()))

    def end(self, change: ChangeBudget | None) -> Generator[Any, Any, None]:
        """Ends a request by this change, if there is one."""
        if change is not None:
            yield change

    def answered(self, number: int | None, outcome: Outcome, attempt: Attempt) -> ChangeBudget | None:
        """The step that ends a request by its answer, which has just come; None without limits."""
        if number is None:
            return None
        timer = attempt.timer
        settlement = Settlement(self.limits.rules, number, outcome, timer, attempt.written_at, timer())
        return ChangeBudget(self.key, settlement)

    def read_outcome(self, quota: Quota | None, body: Any, pause: float, *, is_outage: bool = False) -> Outcome:
        """What an answer says about the budget.

        Args:
            quota: the quota that it states.
            body: its parsed body; None if it is not JSON.
            pause: seconds for which it asks not to be called.
            is_outage: whether it is a failure of the provider.
        """
        points = next((rule for rule in self.limits.rules if isinstance(rule, PointsRule)), None)
        cost = read_number(search_or_null(points.cost, body)) if points is not None else None
        rules = self.limits.quota
        source = rules.refill if rules is not None else None
        refill = search_or_null(source.body, body) if source is not None and source.body is not None else None
        return Outcome(quota, read_number(refill), self.kind, cost, pause, is_outage)


def kind_of(request: Request, limits: RateLimit) -> str:
    """Identifies requests that cost the same: the text of a query and the numbers of its variables, as page sizes are.

    Empty for providers that count requests alone.
    """
    if not any(isinstance(rule, PointsRule) for rule in limits.rules):
        return ""
    content = request.body or b""
    try:
        body = orjson.loads(content)
    except ValueError:
        body = None
    if isinstance(body, dict) and isinstance(body.get("query"), str):
        variables = body.get("variables")
        sizes = sorted((variables if isinstance(variables, dict) else {}).items())
        content = repr([body["query"], [(name, value) for name, value in sizes if isinstance(value, int)]]).encode()
    return hashlib.sha256(request.url.encode() + b"\n" + content).hexdigest()[:16]
