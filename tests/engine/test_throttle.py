from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from truto_unify.engine.throttle import Throttle


def reserve(throttle: Throttle, second: float, key: str = "acme", longest: float = 3600.0) -> tuple[float, bool]:
    return throttle.reserve(key, 3, second, longest)


def test_the_first_requests_of_a_minute_go_at_once_and_the_next_waits_for_the_first_to_grow_old() -> None:
    throttle = Throttle()

    assert [reserve(throttle, second) for second in (0, 10, 20, 30, 30, 65)] == [
        (0.0, True),
        (0.0, True),
        (0.0, True),
        (30.0, True),
        (40.0, True),
        (15.0, True),
    ]


def test_accounts_do_not_share_a_minute() -> None:
    throttle = Throttle()

    assert [reserve(throttle, 0, key) for key in ("acme", "acme", "acme", "other", "acme")] == [
        (0.0, True),
        (0.0, True),
        (0.0, True),
        (0.0, True),
        (60.0, True),
    ]


def test_a_place_too_far_away_is_not_taken() -> None:
    throttle = Throttle()
    for _ in range(3):
        reserve(throttle, 0)

    assert [reserve(throttle, 1, longest=58.0), reserve(throttle, 2, longest=58.0)] == [(59.0, False), (58.0, True)]


@given(st.lists(st.integers(0, 20), min_size=1, max_size=40), st.integers(1, 5))
def test_no_minute_holds_more_than_it_may(pauses: list[int], per_minute: int) -> None:
    throttle = Throttle()
    moments = [sum(pauses[: index + 1]) for index in range(len(pauses))]
    sent = [moment + throttle.reserve("acme", per_minute, moment, 10_000.0)[0] for moment in moments]

    assert sent == sorted(sent)
    assert all(later - earlier >= 60 for earlier, later in zip(sent, sent[per_minute:], strict=False))
