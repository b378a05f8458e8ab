from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engine.driver import Driver, play
from tests.engine.stores import account
from truto_unify import RetryPolicy
from truto_unify.errors import ProviderUnavailableError, RateLimitedError, TransportError
from truto_unify.types import Response

if TYPE_CHECKING:
    from truto_unify import Account, Registry
    from truto_unify.reports import ProviderWait

METERED: Account = account("oauth", credentials={"key": "k1"})  # three requests a minute, never two at the same time
EMPTY = Response(200, (), b'{"people": []}')


def test_the_cause_of_every_wait_is_told(stores: Registry) -> None:
    waits: list[ProviderWait] = []
    busy, down = Response(429, (("retry-after", "40"),), b"{}"), Response(503, (), b"{}")
    driver = Driver(stores, play(busy, down, EMPTY), {"on_wait": waits.append})

    driver.page(METERED)

    assert [(wait.provider, wait.cause) for wait in waits] == [
        ("oauth", "asked"),
        ("oauth", "retry"),
        ("oauth", "budget"),
    ]


def test_a_provider_that_asked_to_wait_is_not_called_by_the_next_call_either(stores: Registry) -> None:
    busy = Response(429, (("retry-after", "40"),), b"{}")
    driver = Driver(stores, play(busy), {"retry": RetryPolicy(max_wait=10.0)})

    errors = []
    for _ in range(2):
        with pytest.raises(RateLimitedError) as caught:
            driver.page(METERED)
        errors.append((caught.value.code, caught.value.retry_after))

    assert (errors, len(driver.sent), driver.waits) == ([(None, 40.0), ("throttled_here", 40.0)], 1, [])


@pytest.mark.parametrize(
    "faulty",
    [
        pytest.param(Response(200, (), b""), id="empty"),
        pytest.param(Response(200, (), b'{"people": [{"id"'), id="truncated"),
        pytest.param(Response(200, (), b"<html>please wait</html>"), id="a page"),
        pytest.param(TransportError("lost"), id="lost"),
    ],
)
def test_a_read_whose_answer_is_no_json_is_repeated(stores: Registry, faulty: Response | TransportError) -> None:
    driver = Driver(stores, play(faulty, EMPTY))

    assert driver.page(account("offsets")).result == []
    assert (len(driver.sent), driver.waits) == (2, [0.25])


RENEWING: Account = account("oauth", credentials={"client_id": "c", "refresh_token": "refresh-0"})
TOKEN = Response(200, (), b'{"access_token": "access-1", "refresh_token": "refresh-1"}')


def test_a_refresh_token_is_sent_again_if_the_provider_cannot_have_received_it(stores: Registry) -> None:
    driver = Driver(stores, play(TransportError("cannot be reached", was_sent=False), TOKEN, EMPTY))

    assert driver.page(RENEWING).result == []
    assert [token.refresh_token for token in driver.tokens.values()] == ["refresh-1"]


@pytest.mark.parametrize("fault", [TransportError("lost"), Response(503, (), b"{}")])
def test_a_refresh_token_that_may_be_spent_is_not_sent_again(
    stores: Registry, fault: Response | TransportError
) -> None:
    driver = Driver(stores, play(fault))

    with pytest.raises((TransportError, ProviderUnavailableError)):
        driver.page(RENEWING)
    assert len(driver.sent) == 1
