from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.driver import Driver, play
from tests.engine.stores import account
from truto_unify.engine.breaker import CircuitBreaker, CircuitKey, CircuitState
from truto_unify.engine.retry import RetryPolicy
from truto_unify.errors import NotFoundError, ProviderUnavailableError, RateLimitedError, TransportError, UnifyError
from truto_unify.types import Response

if TYPE_CHECKING:
    from truto_unify.registry import Registry

SHOP = account("numbers")
KEY = CircuitKey("acme", "account-1", "shop.example")
DOWN = Response(503, body=b"{}")
GONE = Response(404, body=b"{}")
BUSY = Response(429, body=b"{}")
LOST = TransportError("GET https://shop.example: cannot be reached in time")
ONCE = {"retry": RetryPolicy(attempts=1)}


def outcome(driver: Driver) -> UnifyError:
    with pytest.raises(UnifyError) as caught:
        driver.get(SHOP, "1")
    return caught.value


def opened(*, failures: int = 3, max_pause: float = 60.0) -> CircuitBreaker:
    breaker = CircuitBreaker(max_failures=failures, max_pause=max_pause)
    for _ in range(failures):
        breaker.fail(KEY, 0.0, is_probe=breaker.enter(KEY, 0.0))
    return breaker


def refusal(breaker: CircuitBreaker, now: float) -> ProviderUnavailableError:
    with pytest.raises(ProviderUnavailableError) as caught:
        breaker.enter(KEY, now)
    return caught.value


def test_failures_in_a_row_open_a_circuit_and_its_error_says_when_to_try_again() -> None:
    error = refusal(opened(), 0.5)
    assert error.message == (
        "shop.example failed 3 times in a row and is not called for another 1.5 seconds; nothing was sent"
    )
    assert (error.status, error.code, error.retry_after, error.retryable) == (503, "circuit_open", 1.5, True)


def test_a_half_open_circuit_lets_one_request_through() -> None:
    breaker = opened()
    assert breaker.state("account-1", 2.0) == CircuitState("half_open")
    assert breaker.enter(KEY, 2.0)
    assert refusal(breaker, 2.0).message == (
        "shop.example failed 3 times in a row, and one request is now trying whether it answers; nothing was sent"
    )
    breaker.succeed(KEY)
    assert breaker.state("account-1", 2.0) == CircuitState("closed")
    assert not breaker.enter(KEY, 2.0)


def test_each_failed_probe_doubles_the_pause_up_to_its_maximum() -> None:
    breaker, now, pauses = opened(max_pause=10), 0.0, []
    for _ in range(5):
        pause = breaker.state("account-1", now).retry_after or 0.0
        pauses.append(pause)
        now += pause
        breaker.fail(KEY, now, is_probe=breaker.enter(KEY, now))
    assert pauses == [2, 4, 8, 10, 10]


def test_a_probe_without_an_outcome_is_followed_by_another() -> None:
    breaker = opened()
    breaker.enter(KEY, 2.0)
    breaker.abandon_probe(KEY)
    assert breaker.enter(KEY, 2.0)


def test_failures_that_lie_far_apart_do_not_open_a_circuit() -> None:
    breaker = CircuitBreaker(max_failures=2, window=60)
    for now in (0.0, 61.0, 122.0):
        breaker.fail(KEY, now, is_probe=False)
    assert breaker.state("account-1", 122.0) == CircuitState("closed")


def test_a_circuit_belongs_to_one_account_and_one_host() -> None:
    breaker = opened()
    breaker.check(KEY._replace(account="account-2"), 0.0)
    breaker.check(KEY._replace(host="other.example"), 0.0)
    assert breaker.count(0.0) == {("acme", "open"): 1}
    assert breaker.state("account-2", 0.0) == CircuitState("closed")


@settings(max_examples=60)
@given(st.lists(st.sampled_from(["enter", "fail", "succeed", "abandon", "later"]), max_size=40))
def test_no_two_probes_are_ever_under_way_and_every_circuit_comes_free_again(steps: list[str]) -> None:
    breaker, now = CircuitBreaker(max_failures=2, max_pause=8), 0.0
    running: list[bool] = []
    for step in steps:
        if step == "later":
            now += 3.0
        elif step == "enter":
            with suppress(ProviderUnavailableError):
                running.append(breaker.enter(KEY, now))
        elif running:
            is_probe = running.pop(0)
            if step == "fail":
                breaker.fail(KEY, now, is_probe=is_probe)
            elif step == "succeed":
                breaker.succeed(KEY)
                running = [False for _ in running]
            elif is_probe:
                breaker.abandon_probe(KEY)
        assert sum(running) <= 1
    for is_probe in running:
        breaker.fail(KEY, now, is_probe=is_probe)
    breaker.enter(KEY, now + 8)


def test_a_dead_store_gets_five_requests_and_then_a_probe_after_each_pause(stores: Registry) -> None:
    driver = Driver(stores, lambda _: DOWN, ONCE)
    codes = [getattr(outcome(driver), "code", None) for _ in range(8)]
    assert codes[5:] == ["circuit_open"] * 3
    assert len(driver.sent) == 5
    driver.clock.wait(2)
    outcome(driver)
    outcome(driver)
    assert len(driver.sent) == 6


def test_an_answer_closes_the_circuit(stores: Registry) -> None:
    driver = Driver(stores, play(*[LOST] * 5, GONE, DOWN), ONCE)
    for _ in range(5):
        outcome(driver)
    driver.clock.wait(2)
    assert isinstance(outcome(driver), NotFoundError)
    assert outcome(driver).status == 503
    assert len(driver.sent) == 7


@pytest.mark.parametrize(("response", "error"), [(GONE, NotFoundError), (BUSY, RateLimitedError)])
def test_refusals_do_not_open_a_circuit(stores: Registry, response: Response, error: type[UnifyError]) -> None:
    driver = Driver(stores, lambda _: response, ONCE)
    assert {type(outcome(driver)) for _ in range(7)} == {error}
    assert len(driver.sent) == 7


def test_a_call_that_is_repeated_waits_for_the_probe_and_ends_with_the_error_of_the_store(stores: Registry) -> None:
    breaker = CircuitBreaker(max_failures=2, first_pause=8)
    driver = Driver(stores, lambda _: DOWN, {"breaker": breaker, "retry": RetryPolicy(attempts=4)})
    error = outcome(driver)
    assert isinstance(error, ProviderUnavailableError)
    assert (error.status_code, error.code) == (503, None)
    assert driver.waits == [0.25, 0.5, 7.5]
    assert len(driver.sent) == 3


def test_the_error_names_the_call(stores: Registry) -> None:
    driver = Driver(stores, lambda _: LOST, {"breaker": CircuitBreaker(max_failures=1), **ONCE})
    outcome(driver)
    error = outcome(driver)
    assert error.message.endswith("is not called for another 2 seconds; nothing was sent")
    assert error.message.startswith(f"{SHOP.provider} GET ")
