"""Every attempt of a native request is reported once, with numbers and without names."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from tests.engine.driver import Driver, Outcome, play
from tests.engine.stores import RESOURCE, PretendStore, account, person
from truto_unify import CircuitBreaker, RetryPolicy, Settings
from truto_unify.engine.list_call import list_records
from truto_unify.errors import TransportError, UnifyError
from truto_unify.reports import MappingReport, NativeExchange
from truto_unify.steps import Send
from truto_unify.types import Call, Response

if TYPE_CHECKING:
    from truto_unify import Registry

EMPTY = Response(200, (), b'{"people": []}')
BUSY = Response(429, (("retry-after", "40"),), b"{}")
DOWN = Response(503, (), b"{}")


def summary(exchange: NativeExchange) -> tuple[Any, ...]:
    return exchange.purpose, exchange.attempt, exchange.status, exchange.error, exchange.unsent


def exchanges_of(stores: Registry, *outcomes: Outcome, calls: int = 1, **options: Any) -> list[tuple[Any, ...]]:
    """The reports of calls of a store with these outcomes."""
    seen: list[NativeExchange] = []
    driver = Driver(stores, play(*outcomes), {"on_exchange": seen.append, **options})
    for _ in range(calls):
        with suppress(UnifyError):
            driver.page(account("offsets"))
    assert {exchange.provider for exchange in seen} == {"offsets"}
    return [summary(exchange) for exchange in seen]


def test_a_retry_is_an_attempt_of_its_own(stores: Registry) -> None:
    assert exchanges_of(stores, DOWN, TransportError("lost"), EMPTY) == [
        ("call", 1, 503, "ProviderUnavailableError", None),
        ("call", 2, None, "TransportError", None),
        ("call", 3, 200, None, None),
    ]


def test_what_an_open_circuit_refuses_is_unsent(stores: Registry) -> None:
    options = {"breaker": CircuitBreaker(max_failures=1), "retry": RetryPolicy(attempts=1)}

    assert exchanges_of(stores, DOWN, calls=2, **options) == [
        ("call", 1, 503, "ProviderUnavailableError", None),
        ("call", 1, None, "ProviderUnavailableError", "circuit_open"),
    ]


def test_what_the_limits_of_the_provider_refuse_is_unsent(stores: Registry) -> None:
    seen: list[NativeExchange] = []
    options = {"on_exchange": seen.append, "retry": RetryPolicy(max_wait=10.0)}
    driver = Driver(stores, play(BUSY), options)
    for _ in range(2):
        with pytest.raises(UnifyError):
            driver.page(account("oauth", credentials={"key": "k1"}))

    assert [summary(exchange) for exchange in seen] == [
        ("call", 1, 429, "RateLimitedError", None),
        ("call", 1, None, "RateLimitedError", "throttled_here"),
    ]


def test_the_renewal_of_a_token_has_its_own_purpose(stores: Registry) -> None:
    seen: list[NativeExchange] = []
    token = Response(200, (), b'{"access_token": "access-1"}')
    renewing = account("oauth", credentials={"client_id": "c", "refresh_token": "refresh-0"})
    Driver(stores, play(token, EMPTY), {"on_exchange": seen.append}).page(renewing)

    assert [(exchange.purpose, exchange.method, exchange.status) for exchange in seen] == [
        ("token", "POST", 200),
        ("call", "GET", 200),
    ]


def test_a_call_that_is_given_up_is_reported_too(stores: Registry) -> None:
    seen: list[NativeExchange] = []
    mapper, call = stores.mapper(RESOURCE, "offsets"), Call(resource=RESOURCE, method="list")
    flow = list_records(mapper, account("offsets"), call, Settings(on_exchange=seen.append))
    assert isinstance(next(flow), Send)
    flow.close()

    assert [summary(exchange) for exchange in seen] == [("call", 1, None, "Cancelled", None)]


def test_what_the_mapping_met_is_reported_for_a_page_and_for_a_record(stores: Registry) -> None:
    seen: list[MappingReport] = []
    broken = PretendStore("numbers_total", [person(1), person(2, name=[], status="odd"), person(3)])
    one = play(Response(200, (), orjson.dumps({"person": person(1)})))
    Driver(stores, broken, {"on_mapped": seen.append}).page(account("numbers_total"))
    Driver(stores, one, {"on_mapped": seen.append}).get(account("numbers_total"), "1")

    empty = MappingReport(provider="numbers_total", resource=RESOURCE, record_count=1)
    assert seen == [replace(empty, record_count=3, error_count=1, unmapped_count=1), empty]
