from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.shipped import REGISTRY
from truto_unify.config.provider import RateLimit
from truto_unify.config.rate_rules import BucketRule, ConcurrencyRule, WindowRule
from truto_unify.engine.budget_store import MemoryBudgetStore
from truto_unify.engine.rate_budget import Demand, Grant, Outcome, claim, settle
from truto_unify.engine.stored_budget import MAX_RESET_SECONDS, MAX_WAIT_SECONDS, RateBudget, write_budget
from truto_unify.types import Quota

if TYPE_CHECKING:
    from collections.abc import Sequence

    from truto_unify.config.rate_rules import RateRule

WINDOW = WindowRule(type="window", requests=100, seconds=60)
BUCKET = BucketRule(type="bucket", size=40, per_second=2)
AT_ONCE = ConcurrencyRule(type="concurrency", at_once=2)
POINTS = REGISTRY.provider("shopify").config.rate_limit.rules
FOREVER = 10_000.0


@dataclass
class Caller:
    """Asks for leave at moments of its own choosing."""

    rules: tuple[RateRule, ...]
    now: float = 0.0
    store: MemoryBudgetStore = field(init=False)

    def __post_init__(self) -> None:
        self.store = MemoryBudgetStore(lambda: self.now)

    def ask(self, number: int | None = None, *, key: str = "acme", patience: float = FOREVER, **changes: Any) -> Grant:
        chosen: dict[str, Any] = {"cost": 1.0, "kind": "", "lease": 60.0} | changes
        demand = Demand(self.rules, patience=patience, number=number, **chosen)
        grant: Grant = self.store.change(key, partial(claim, demand=demand))
        return grant

    def answer(self, number: int | None, key: str = "acme", **outcome: Any) -> None:
        assert number is not None
        self.store.change(key, partial(settle, rules=self.rules, number=number, outcome=Outcome(**outcome)))


def about(number: int | None, delay: float, *, may_send: bool) -> Grant:
    """A reply whose delay is rounded."""
    approximate: Any = pytest.approx(delay)
    return Grant(number, approximate, may_send)


def simulate(
    rules: tuple[RateRule, ...],
    asked: list[float],
    seconds: float = 0.3,
    *,
    lags: Sequence[float] = (0.0,),
    late: float = 0.0,
) -> list[tuple[float, int]]:
    """When each request arrives at the provider, with its place among those who asked.

    Args:
        rules: of the provider.
        asked: when the requests ask for the first time.
        seconds: from an arrival to the answer.
        lags: from a grant to the arrival, in turn.
        late: by which a request asks later than it was told.
    """
    caller = Caller(rules)
    arrived: list[tuple[float, int]] = []
    events: list[tuple[float, int, int, int | None]] = [(at, 1, place, None) for place, at in enumerate(asked)]
    heapq.heapify(events)
    while events:
        caller.now, kind, place, number = heapq.heappop(events)
        if kind == 0:
            caller.answer(number, sent_ago=seconds)
            continue
        grant = caller.ask(number)
        if grant.may_send:
            begin = caller.now + grant.delay + (late if grant.delay > 0 else 0.0)
            arrival = begin + lags[len(arrived) % len(lags)]
            arrived.append((arrival, place))
            heapq.heappush(events, (arrival + seconds, 0, place, grant.number))
        else:
            heapq.heappush(events, (caller.now + grant.delay + late, 1, place, grant.number))
    return arrived


PAUSES = st.lists(st.sampled_from([0.0, 0.0, 0.0, 0.1, 1.0, 20.0]), min_size=1, max_size=40)


@settings(max_examples=25)
@given(PAUSES, st.integers(1, 20), st.sampled_from([1.0, 60.0]))
def test_no_period_holds_more_requests_than_the_window_allows(pauses: list[float], most: int, period: float) -> None:
    rule = WindowRule(type="window", requests=most, seconds=period)
    sent = simulate((rule,), [sum(pauses[: end + 1]) for end in range(len(pauses))])

    moments = [moment for moment, _ in sent]
    assert all(later - earlier >= period for earlier, later in zip(moments, moments[most:], strict=False))
    assert [place for _, place in sent] == list(range(len(pauses)))


LAGS = st.lists(st.sampled_from([0.0, 0.001, 0.02, 0.1, 0.4, 0.9, 1.5, 4.0]), min_size=1, max_size=7)


@settings(max_examples=50)
@given(PAUSES, LAGS, st.integers(1, 8), st.sampled_from([0.002, 0.3, 1.2]), st.sampled_from([0.0, 0.03]))
def test_requests_that_arrive_late_meet_no_fuller_window(
    pauses: list[float], lags: list[float], most: int, seconds: float, late: float
) -> None:
    rule = WindowRule(type="window", requests=most, seconds=1)
    asked = [sum(pauses[: end + 1]) for end in range(len(pauses))]

    moments = sorted(moment for moment, _ in simulate((rule,), asked, seconds, lags=lags, late=late))
    assert all(later - earlier >= 1.0 for earlier, later in zip(moments, moments[most:], strict=False))
    assert len(moments) == len(pauses)


@pytest.mark.parametrize("most", [1, 2, 10, 20])
def test_small_lags_leave_nine_tenths_of_a_second(most: int) -> None:
    rule = WindowRule(type="window", requests=most, seconds=1)
    sent = simulate((rule,), [0.0] * 100, lags=(0.0, 0.01, 0.004), late=0.005)

    moments = [moment for moment, _ in sent]
    assert 99 / (max(moments) - min(moments)) >= 0.9 * most


def test_a_request_whose_way_is_unknown_counts_from_its_answer() -> None:
    caller = Caller((WindowRule(type="window", requests=2, seconds=1, burst=2),))
    first, second = caller.ask(), caller.ask()
    caller.now = 0.8
    caller.answer(first.number)
    caller.answer(second.number, sent_ago=0.1)

    assert caller.ask(patience=0.0).delay == pytest.approx(0.97)  # the second: 1.07 seconds after it was sent
    caller.now = 1.78
    assert caller.ask().is_now
    assert caller.ask(patience=0.0).delay == pytest.approx(0.04)  # the first: 1.02 seconds after its answer


def test_a_request_that_is_never_answered_does_not_count_for_ever() -> None:
    caller = Caller((WindowRule(type="window", requests=1, seconds=1),))
    caller.ask(lease=90.0)

    caller.now = 10.9
    waiting = caller.ask()
    assert waiting.delay == pytest.approx(0.15)
    caller.now = 11.15
    assert caller.ask(waiting.number).is_now


@settings(max_examples=25)
@given(PAUSES)
def test_a_leaky_bucket_never_overflows(pauses: list[float]) -> None:
    sent = simulate((BUCKET,), [sum(pauses[: end + 1]) for end in range(len(pauses))])

    filled, before = 0.0, 0.0
    for moment, _ in sent:
        filled = max(filled - (moment - before) * BUCKET.per_second, 0.0) + 1
        before = moment
        assert filled <= BUCKET.size
    assert [place for _, place in sent] == list(range(len(pauses)))


@settings(max_examples=25)
@given(PAUSES, st.sampled_from([0.05, 0.3, 5.0]))
def test_no_more_requests_are_under_way_than_allowed_and_none_starves(pauses: list[float], seconds: float) -> None:
    sent = simulate((AT_ONCE,), [sum(pauses[: end + 1]) for end in range(len(pauses))], seconds)

    starts = [moment for moment, _ in sent]
    assert all(later - earlier >= seconds - 1e-6 for earlier, later in zip(starts, starts[2:], strict=False))
    assert sorted(place for _, place in sent) == list(range(len(pauses)))


@pytest.mark.parametrize(
    ("rule", "allowed"),
    [
        pytest.param(WINDOW, 100 / 60, id="window"),
        pytest.param(WindowRule(type="window", requests=2, seconds=1), 2.0, id="a window of two"),
        pytest.param(BucketRule(type="bucket", size=10, per_second=2), 2.0, id="bucket"),
    ],
)
def test_under_demand_nine_tenths_of_the_rate_are_used_and_evenly(rule: RateRule, allowed: float) -> None:
    sent = simulate((rule,), [0.0] * 200)

    moments = [moment for moment, _ in sent]
    assert (len(sent) - 1) / moments[-1] >= 0.9 * allowed
    pauses = [later - earlier for earlier, later in pairwise(moments[100:])]
    assert max(pauses) == pytest.approx(min(pauses))


def test_zoho_never_sees_a_burst_nor_more_than_its_minute() -> None:
    rules = REGISTRY.provider("zohoinventory").config.rate_limit.rules
    sent = simulate(rules, [0.0] * 200)

    moments = [moment for moment, _ in sent]
    assert sum(moment < 1 for moment in moments) == 6
    assert max(sum(start <= moment <= start + 60 for moment in moments) for start in moments) <= 96
    assert 199 / moments[-1] >= 0.9 * 100 / 60


def test_a_request_that_cannot_wait_so_long_takes_nothing() -> None:
    caller = Caller((WindowRule(type="window", requests=2, seconds=10, burst=1),))

    assert caller.ask().is_now
    refused = caller.ask(patience=1.0)
    assert refused.number is None
    assert refused.delay == pytest.approx(5.035)
    caller.now = 5.04
    assert caller.ask(patience=1.0).is_now


def test_accounts_do_not_share_a_budget() -> None:
    caller = Caller((WindowRule(type="window", requests=1, seconds=60),))

    assert [caller.ask(key=key).is_now for key in ("acme", "other", "acme")] == [True, True, False]


def test_a_newcomer_does_not_pass_those_who_wait() -> None:
    caller = Caller((WindowRule(type="window", requests=1, seconds=1),))
    caller.answer(caller.ask().number)
    first = caller.ask()
    caller.now = first.delay

    newcomer = caller.ask()
    assert not newcomer.may_send
    assert caller.ask(first.number) == about(first.number, 0.25, may_send=True)


def test_who_gives_up_waiting_delays_nobody() -> None:
    caller = Caller((WindowRule(type="window", requests=1, seconds=1),))
    caller.answer(caller.ask().number)
    first = caller.ask()

    caller.answer(first.number)

    assert caller.ask().delay == pytest.approx(first.delay)


def test_a_request_of_a_short_window_asks_a_quarter_of_a_second_before_its_time() -> None:
    caller = Caller((WindowRule(type="window", requests=1, seconds=1),))
    caller.answer(caller.ask().number)
    waiting = caller.ask()
    assert waiting == about(2, 1.07 - 0.25, may_send=False)
    caller.now = waiting.delay

    assert caller.ask(waiting.number) == about(2, 0.25, may_send=True)
    caller.now = 1.07  # it is sent now
    assert caller.ask() == about(3, 1.07 - 0.25, may_send=False)


def test_an_unanswered_request_gives_no_other_leave_before_its_time() -> None:
    caller = Caller((WindowRule(type="window", requests=1, seconds=1),))
    caller.ask()
    waiting = caller.ask()
    caller.now = 5.0

    assert caller.ask(waiting.number) == about(2, 0.15, may_send=False)


def test_nothing_left_waits_for_the_reset() -> None:
    caller = Caller((WINDOW,))
    first = caller.ask()
    caller.answer(first.number, quota=Quota(limit=150, remaining=0, reset=3.0, window=30.0))

    waiting = caller.ask()
    assert (waiting.is_now, waiting.delay) == (False, 3.0)
    caller.now = 3.0
    assert caller.ask(waiting.number).is_now


def test_an_answer_never_allows_more_than_it_states() -> None:
    caller = Caller((WINDOW,))
    first, second = caller.ask(), caller.ask()
    caller.answer(first.number, quota=Quota(limit=100, remaining=3, reset=60.0))

    # One of the three is taken by the request under way.
    assert [caller.ask().is_now for _ in range(3)] == [True, True, False]
    caller.answer(second.number, quota=Quota(limit=100, remaining=2, reset=60.0))
    assert caller.ask().delay == 60.0


def test_an_answer_that_comes_late_corrects_nothing() -> None:
    caller = Caller((WINDOW,))
    first, second = caller.ask(), caller.ask()
    caller.answer(second.number, quota=Quota(limit=100, remaining=0, reset=60.0))
    caller.answer(first.number, quota=Quota(limit=100, remaining=50, reset=60.0))

    assert caller.ask().delay == 60.0


def test_the_window_of_a_faster_plan_is_learned() -> None:
    caller = Caller((WINDOW,))
    caller.answer(caller.ask().number, quota=Quota(limit=10_000, remaining=9999, reset=10.0, window=1.0))
    caller.now = 1.0

    assert all(caller.ask().is_now for _ in range(500))


def test_points_are_paid_ahead_and_the_bucket_is_the_providers() -> None:
    caller = Caller(POINTS)
    first = caller.ask(kind="people")
    waiting = caller.ask(kind="people")
    caller.answer(first.number, quota=Quota(limit=2000, remaining=1900), refill=100.0, kind="people", cost=750.0)

    # Before the answer the cost was unknown; afterwards it is that of the same query.
    assert (first.is_now, waiting.delay) == (True, 9.0)
    assert [caller.ask(kind="people").is_now, caller.ask(kind="people").is_now] == [True, False]


def test_an_outage_gives_back_a_guess_but_not_a_known_cost() -> None:
    caller = Caller(POINTS)
    caller.answer(caller.ask(kind="list").number, is_outage=True)
    assert caller.ask(kind="list").is_now  # without the guess of nine tenths of the bucket nothing is missing

    known = Caller(POINTS)
    known.answer(known.ask(kind="list").number, kind="list", cost=900.0)
    known.now = 9.0
    known.answer(known.ask(kind="list").number, kind="list", is_outage=True)
    assert not known.ask(kind="list").is_now


def test_a_query_that_costs_more_than_the_bucket_is_sent_for_the_providers_own_error() -> None:
    caller = Caller(POINTS)
    caller.answer(caller.ask(kind="all").number, quota=Quota(limit=40, remaining=40), kind="all", cost=900.0)

    assert caller.ask(kind="all").is_now


def test_a_pause_holds_for_all_callers() -> None:
    caller = Caller((WINDOW,))
    first = caller.ask()
    waiting = caller.ask()
    caller.answer(first.number, pause=30.0)

    assert waiting.is_now
    assert [caller.ask().delay, caller.ask(patience=10.0).number] == [30.0, None]


ABSURD_ANSWERS: list[tuple[RateRule, dict[str, Any]]] = [
    (WINDOW, {"pause": 1e20}),
    (WINDOW, {"quota": Quota(limit=150, remaining=0, reset=9e15, window=30.0)}),
    (WINDOW, {"quota": Quota(limit=150, remaining=0, reset=math.inf)}),
    (WINDOW, {"quota": Quota(limit=1, remaining=9, reset=1.0, window=9e15)}),
    (BUCKET, {"quota": Quota(limit=10**18, remaining=0)}),
    (BUCKET, {"quota": Quota(limit=40, remaining=0), "refill": 1e-300}),
    (BUCKET, {"quota": Quota(limit=40, remaining=0), "refill": -1.0}),
    (POINTS[0], {"quota": Quota(limit=10**18, remaining=0), "cost": 1e18}),
    (POINTS[0], {"quota": Quota(limit=1000, remaining=0), "cost": 1e300}),
]


@pytest.mark.parametrize(("rule", "answer"), ABSURD_ANSWERS)
def test_no_answer_blocks_a_merchant_for_good(rule: RateRule, answer: dict[str, Any]) -> None:
    caller = Caller((rule,))
    caller.answer(caller.ask().number, **answer)

    waiting = caller.ask(patience=math.inf)
    assert waiting.delay <= MAX_WAIT_SECONDS
    caller.now = MAX_WAIT_SECONDS
    assert caller.ask().is_now


@pytest.mark.parametrize(
    ("rule", "stored"),
    [
        (WINDOW, RateBudget(paused=1e20)),
        (WINDOW, RateBudget(left=0.0, resets_in=9e15)),
        (WINDOW, RateBudget(level=0.0, size=1.0, period=9e15)),
        (BUCKET, RateBudget(level=-1e18, size=1e18)),
        (POINTS[0], RateBudget(level=-1e18, size=1e18, refill=1e-9, costs={"": 1e18})),
    ],
)
def test_a_budget_that_an_older_version_stored_recovers(rule: RateRule, stored: RateBudget) -> None:
    caller = Caller((rule,))
    caller.store.change("acme", lambda *_: (write_budget(stored), None))

    caller.ask(patience=10.0)  # the first question of the new version
    caller.now = MAX_WAIT_SECONDS
    assert caller.ask().is_now


def test_a_quota_that_is_renewed_late_is_asked_for_again_after_an_hour() -> None:
    caller = Caller((WINDOW,))
    caller.answer(caller.ask().number, quota=Quota(limit=150, remaining=0, reset=86_400.0))

    assert caller.ask().delay == MAX_RESET_SECONDS


def test_a_slow_bucket_and_a_long_window_of_the_providers_file_are_believed() -> None:
    slow = Caller((BucketRule(type="bucket", size=1_000, per_second=0.01),))
    slow.answer(slow.ask().number, quota=Quota(limit=1_000, remaining=0))
    assert slow.ask().delay == pytest.approx(100.0)

    day = Caller((WindowRule(type="window", requests=1_000, seconds=86_400),))
    day.answer(day.ask().number, quota=Quota(limit=5, remaining=4, reset=1.0, window=86_400.0))
    day.now = 86_500.0
    assert day.ask().is_now
    assert day.ask(patience=math.inf).delay > MAX_RESET_SECONDS


def test_requests_of_a_dead_process_end_with_their_lease() -> None:
    caller = Caller((AT_ONCE,))
    assert [caller.ask(lease=20.0).is_now for _ in range(3)] == [True, True, False]

    caller.now = 26.0
    assert caller.ask(lease=20.0).is_now


def test_a_clock_that_stands_still_stops_nobody_who_has_waited() -> None:
    caller = Caller((WindowRule(type="window", requests=1, seconds=60),))
    caller.ask()
    waiting = caller.ask()

    assert waiting.delay == pytest.approx(60.07)
    assert caller.ask(waiting.number).is_now


def test_a_call_that_the_provider_does_not_count_is_not_held_back() -> None:
    caller = Caller((WindowRule(type="window", requests=1, seconds=60),))
    caller.ask()

    assert not caller.ask().is_now
    assert caller.ask(cost=0.0).is_now


def test_without_rules_nothing_is_declared() -> None:
    assert RateLimit().rules == ()
