from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from truto_unify.engine.retry import RetryPolicy, next_delay

POLICY = RetryPolicy(attempts=8, first_delay=0.5, max_delay=10.0, deadline=60.0)
SHARES = st.floats(0, 1)


@pytest.mark.parametrize(
    ("attempt", "share", "delay"),
    [(1, 1.0, 0.5), (1, 0.0, 0.25), (2, 1.0, 1.0), (3, 0.5, 1.5), (5, 1.0, 8.0), (6, 1.0, 10.0), (7, 0.0, 5.0)],
)
def test_delays_double_up_to_the_longest_and_are_spread_over_their_upper_half(
    attempt: int, share: float, delay: float
) -> None:
    assert next_delay(POLICY, attempt, None, 0.0, lambda: share) == delay


@pytest.mark.parametrize(("attempt", "delay"), [(1, 3.0), (7, 5.0), (8, None), (9, None)])
def test_after_the_last_attempt_there_is_none(attempt: int, delay: float | None) -> None:
    assert next_delay(POLICY, attempt, 3.0, 0.0, lambda: 0.0) == delay


@pytest.mark.parametrize(
    ("retry_after", "elapsed", "share", "delay"),
    [
        (0.0, 0.0, 1.0, 0.5),
        (0.1, 0.0, 0.0, 0.25),
        (4.0, 0.0, 0.5, 4.2),
        (30.0, 0.0, 0.5, 30.5),
        (60.0, 0.0, 0.0, 60.0),
        (60.0, 0.0, 0.5, None),
        (60.1, 0.0, 0.0, None),
        (30.0, 30.0, 0.0, 30.0),
        (30.0, 30.5, 0.0, None),
    ],
)
def test_a_wait_that_the_provider_asks_for_is_kept_or_not_begun(
    retry_after: float, elapsed: float, share: float, delay: float | None
) -> None:
    assert next_delay(POLICY, 1, retry_after, elapsed, lambda: share) == delay


@given(st.integers(1, 7), st.floats(0, 50), SHARES)
def test_a_wait_is_never_shorter_than_retry_after_or_than_our_own_delay(
    attempt: int, retry_after: float, share: float
) -> None:
    delay = next_delay(POLICY, attempt, retry_after, 0.0, lambda: share)
    own = next_delay(POLICY, attempt, None, 0.0, lambda: share)

    assert delay is not None
    assert own is not None
    assert max(retry_after, own) <= delay <= max(retry_after + min(retry_after / 10, 1.0), own)


@given(st.integers(1, 20), st.none() | st.floats(0, 100), st.floats(0, 100), SHARES)
def test_no_wait_ends_after_the_deadline(attempt: int, retry_after: float | None, elapsed: float, share: float) -> None:
    delay = next_delay(POLICY, attempt, retry_after, elapsed, lambda: share)

    assert elapsed + (delay or 0.0) <= max(POLICY.deadline, elapsed)
    assert (delay is not None) <= (attempt < POLICY.attempts)
