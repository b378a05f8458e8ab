"""Requests that are tried again, and those that are not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.driver import Driver, ids, play
from tests.engine.stores import (
    MOST,
    account,
    people,
    reply,
)
from truto_unify.config import mapping_lint
from truto_unify.engine.retry import RetryPolicy
from truto_unify.errors import (
    AuthenticationError,
    ConfigError,
    ProviderError,
    ProviderUnavailableError,
    RateLimitedError,
    RejectedInputError,
    TransportError,
    WriteRefused,
)
from truto_unify.types import Account

if TYPE_CHECKING:
    from truto_unify.registry import Registry

SHOP = Account(provider="shopify", credentials={"access_token": "shpat_0123"}, context={"shop": "acme"})
EMPTY = reply({"people": [], "total": 0, "more": False})
BUSY = reply({"message": "slow down"}, 429, {"retry-after": "3"})
DOWN = reply({"message": "down"}, 503)
LOST = TransportError("GET https://acme.example.test/api/people: no answer in time (ReadTimeout)")


@pytest.mark.parametrize(
    ("outcomes", "waits"),
    [
        ([], []),
        ([BUSY], [3.0]),
        ([BUSY, BUSY, BUSY, BUSY], [3.0, 3.0, 3.0, 3.0]),
        ([reply({}, 429, {"retry-after": "2.5"})], [2.5]),
        ([reply({}, 429, {"retry-after": "Thu, 01 Jan 2026 00:00:30 GMT"})], [30.0]),
        ([reply({}, 503, {"retry-after": "7"})], [7.0]),
        ([reply({}, 429, {"retry-after": "Wed, 31 Dec 2025 23:59:00 GMT"})], [0.25]),
        ([reply({}, 429, {"retry-after": "0"}), reply({}, 429, {"retry-after": "-5"})], [0.25, 0.5]),
        ([BUSY, reply({}, 503, {"retry-after": "Thu, 01 Jan 2026 00:00:30 GMT"})], [3.0, 27.0]),
        ([reply({}, 429)], [0.25]),
        ([DOWN, DOWN, DOWN, DOWN], [0.25, 0.5, 1.0, 2.0]),
        ([LOST, DOWN, BUSY], [0.25, 0.5, 3.0]),
        ([reply(b"<html>", 502), reply({}, 408), reply({}, 425)], [0.25, 0.5, 1.0]),
        ([reply(b"error code: 520", 520), reply(b"<html>", 525), reply(b"Bandwidth", 509)], [0.25, 0.5, 1.0]),
        ([reply(b"<html>"), reply(b'{"people": ['), reply(b"")], [0.25, 0.5, 1.0]),
    ],
)
def test_what_may_pass_is_tried_again_after_the_right_wait(
    stores: Registry, outcomes: list[Any], waits: list[float]
) -> None:
    driver = Driver(stores, play(*outcomes, EMPTY))

    assert driver.page(account("offsets")).result == []
    assert driver.waits == waits
    assert driver.sent == [driver.sent[0]] * (len(outcomes) + 1)


def test_each_try_may_take_what_is_left_of_the_deadline(stores: Registry) -> None:
    driver = Driver(stores, play(BUSY, reply({}, 429, {"retry-after": "86.5"}), DOWN, EMPTY))
    with pytest.raises(ProviderUnavailableError):
        driver.page(account("offsets"))

    assert driver.waits == [3.0, 86.5]
    assert driver.left == [90.0, 87.0, 1.0]  # a try that begins at the very end has a second


def test_the_jitter_is_that_of_the_settings(stores: Registry) -> None:
    driver = Driver(stores, play(DOWN, BUSY, EMPTY), {"random": lambda: 0.5})
    driver.page(account("offsets"))

    assert driver.waits == [0.375, 3.15]


@pytest.mark.parametrize(
    ("status", "kind", "retry_after", "waits"),
    [
        (429, RateLimitedError, ["3600"], []),
        (429, RateLimitedError, ["Thu, 01 Jan 2026 00:01:01 GMT"], []),
        (503, ProviderUnavailableError, ["61"], []),
        (429, RateLimitedError, ["40", "40"], [40.0]),
        (503, ProviderUnavailableError, ["20", "20", "21"], [20.0, 20.0]),
    ],
)
def test_a_wait_past_the_deadline_is_an_error_at_once(
    stores: Registry, status: int, kind: type[ProviderError], retry_after: list[str], waits: list[float]
) -> None:
    outcomes = [reply({"message": "no"}, status, {"retry-after": value}) for value in retry_after]
    driver = Driver(stores, play(*outcomes), {"retry": RetryPolicy(deadline=60.0)})

    with pytest.raises(kind) as caught:
        driver.page(account("offsets"))

    last = {"3600": 3600.0, "61": 61.0, "40": 40.0, "21": 21.0}.get(retry_after[-1], 61.0)
    assert (driver.waits, caught.value.retry_after, caught.value.retryable) == (waits, last, True)


def test_the_deadline_counts_from_the_first_sending_and_anew_for_each_page(stores: Registry) -> None:
    slow = reply({}, 429, {"retry-after": "50"})
    full = reply({"people": people(MOST)})
    end = reply({"people": people(MOST)[-1:]})
    driver = Driver(stores, play(slow, full, slow, end), {"retry": RetryPolicy(deadline=60.0)})

    assert ids([driver.page(account("offsets"), limit=10)]) == [1, 2, 3, 4, 5]
    assert driver.waits == [50.0, 50.0]


@pytest.mark.parametrize(
    ("outcome", "kind", "attempts"),
    [(DOWN, ProviderUnavailableError, 5), (LOST, TransportError, 5), (BUSY, RateLimitedError, 5)],
)
def test_patience_ends_with_the_last_attempt(
    stores: Registry, outcome: Any, kind: type[Exception], attempts: int
) -> None:
    driver = Driver(stores, play(*[outcome] * 9))

    with pytest.raises(kind):
        driver.page(account("offsets"))
    assert (len(driver.sent), len(driver.waits)) == (attempts, attempts - 1)


def test_patience_is_that_of_the_settings(stores: Registry) -> None:
    driver = Driver(stores, play(DOWN, DOWN), {"retry": RetryPolicy(attempts=2, first_delay=8.0)})

    with pytest.raises(ProviderUnavailableError):
        driver.page(account("offsets"))
    assert driver.waits == [4.0]


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [
        (reply({"message": "who?"}, 401), AuthenticationError),
        (reply({"message": "what?"}, 400), RejectedInputError),
        (reply({}, 501), ProviderUnavailableError),
        (TransportError("no such host", retryable=False), TransportError),
    ],
)
def test_what_cannot_pass_is_raised_at_once(stores: Registry, outcome: Any, kind: type[Exception]) -> None:
    driver = Driver(stores, play(outcome))

    with pytest.raises(kind):
        driver.page(account("offsets"))
    assert driver.waits == []


def test_a_list_whose_endpoint_may_write_is_not_sent(stores: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    driver = Driver(stores, play())
    with pytest.raises(ConfigError):
        driver.page(account("unsafe"))
    monkeypatch.setattr(mapping_lint, "check_reads", lambda *_: ())

    with pytest.raises(WriteRefused) as caught:
        driver.page(account("unsafe"))
    assert (caught.value.message, driver.sent) == (
        "unsafe POST /people may write, and this call may only read (a POST that reads says read_only: true)",
        [],
    )


def throttled(requested: int, available: int, rate: int) -> Any:
    cost = {"requestedQueryCost": requested, "throttleStatus": {"currentlyAvailable": available, "restoreRate": rate}}
    return reply(
        {"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}], "extensions": {"cost": cost}}
    )


NO_CUSTOMERS = reply({"data": {"customers": {"nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}}})


def test_a_bucket_that_is_empty_is_waited_for_by_its_formula_inside_http_200(stores: Registry) -> None:
    driver = Driver(stores, play(throttled(752, 252, 100), throttled(752, 750, 100), NO_CUSTOMERS))

    assert driver.page(SHOP).result == []
    assert driver.waits == [5.0, 1.0]


def test_a_bucket_that_fills_too_slowly_is_told_and_not_waited_for(stores: Registry) -> None:
    driver = Driver(stores, play(throttled(1000, 0, 10)), {"retry": RetryPolicy(deadline=60.0)})

    with pytest.raises(RateLimitedError) as caught:
        driver.page(SHOP)
    assert (caught.value.retry_after, caught.value.status_code, driver.waits) == (100.0, 200, [])


def test_every_try_is_authorized_and_no_error_shows_the_secret(stores: Registry) -> None:
    echo = reply({"message": "bad token t0ken-of-acme"}, 401)
    driver = Driver(stores, play(DOWN, echo))

    with pytest.raises(AuthenticationError) as caught:
        driver.page(account("offsets"))

    assert [request.headers for request in driver.sent] == [(("Authorization", "Bearer t0ken-of-acme"),)] * 2
    assert caught.value.to_dict() == {
        "statusCode": 401,
        "error": "Unauthorized",
        "message": "offsets GET /people: bad token [redacted] (HTTP 401); refused: token",
        "truto_is_remote_error": True,
        "raw_response": {"message": "bad token [redacted]"},
    }
