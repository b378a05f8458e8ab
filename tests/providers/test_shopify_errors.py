"""Errors and waits at the pretend Shopify store, over a real socket: many of them come with HTTP 200."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.twins import STILL, Twin, both
from truto_unify import (
    AuthenticationError,
    NotFoundError,
    PermissionDeniedError,
    ProviderError,
    ProviderUnavailableError,
    RateLimitedError,
    RejectedInputError,
    RetryPolicy,
)
from truto_unify.sandbox.shopify import cost
from truto_unify.sandbox.store import PlannedFailure

if TYPE_CHECKING:
    from tests.loopback import Loopback


@both
def test_a_warning_of_the_search_is_an_error_and_no_wider_answer(twin: type[Twin], loopback: Loopback) -> None:
    with pytest.raises(RejectedInputError) as caught:
        twin().list(loopback.account("shopify"), limit=2, remote_query={"query": "created_at:>2024"})

    assert (caught.value.code, caught.value.status_code, caught.value.retryable) == ("invalid_field", 200, False)
    assert caught.value.raw_response["data"]["customers"]["nodes"]
    assert len(loopback.store("shopify").requests) == 1


def throttled(requested: int, available: int | None, restore: float = 100.0) -> PlannedFailure:
    status = None if available is None else {"currentlyAvailable": available, "restoreRate": restore}
    points = {"requestedQueryCost": requested, "actualQueryCost": None, "throttleStatus": status}
    errors = [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]
    return PlannedFailure(200, (), json.dumps({"errors": errors, "extensions": {"cost": points}}).encode())


@both
@pytest.mark.parametrize(
    ("fault", "waits"),
    [
        pytest.param(throttled(1200, 200), [10.0], id="a thousand points at a hundred a second"),
        pytest.param(throttled(1200, 200, restore=2000.0), [1.0], id="a second at least"),
        pytest.param(throttled(1200, 1250), [1.0], id="enough meanwhile"),
        pytest.param(throttled(1200, None), [0.25, 8.75], id="nobody says how long, until the declared bucket is full"),
        pytest.param(throttled(1200, 200, restore=0.0), [0.25, 6.75], id="a rate of nothing, at the declared one"),
    ],
)
def test_throttling_waits_until_the_bucket_holds_what_the_query_costs(
    fault: PlannedFailure, waits: list[float], twin: type[Twin], loopback: Loopback
) -> None:
    loopback.store("shopify").failures.append(fault)
    client = twin()

    page = client.list(loopback.account("shopify"), limit=1)

    assert (page.result_count, page.request_count, client.waits) == (1, 1, waits)


@both
def test_a_long_list_is_read_to_its_end_through_a_small_bucket(
    twin: type[Twin], loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cost, "BUCKET_SIZE", 52)
    monkeypatch.setattr(cost, "RESTORE_RATE", 10)
    client = twin(on_wait=loopback.clock.advance)

    pages = [client.iterate(loopback.account("shopify"), limit=50) for _ in range(3)]

    assert [len(page) for page in pages] == [137, 137, 137]
    assert len(client.waits) > 0
    assert min(client.waits) >= 1.0
    assert max(client.waits) < 11.0


@both
def test_a_wait_beyond_the_deadline_is_an_error(twin: type[Twin], loopback: Loopback) -> None:
    loopback.store("shopify").failures.append(throttled(1000, 0, restore=1.0))
    client = twin()

    with pytest.raises(RateLimitedError) as caught:
        client.list(loopback.account("shopify"), limit=1)

    assert (caught.value.retry_after, caught.value.code, client.waits) == (1000.0, "THROTTLED", [])


def graphql_error(code: str | None, message: str = "No", **beside: Any) -> bytes:
    extensions = {"extensions": {"code": code}} if code else {}
    return json.dumps({"errors": [{"message": message, **extensions}], **beside}).encode()


@both
@pytest.mark.parametrize(
    ("status", "body", "kind", "code", "message"),
    [
        (200, graphql_error("ACCESS_DENIED"), PermissionDeniedError, "ACCESS_DENIED", "No"),
        (200, graphql_error("ACCESS_DENIED", data={"customers": None}), PermissionDeniedError, "ACCESS_DENIED", "No"),
        (200, graphql_error("undefinedField"), RejectedInputError, "undefinedField", "No"),
        (200, graphql_error("MAX_COST_EXCEEDED"), RejectedInputError, "MAX_COST_EXCEEDED", "No"),
        (200, graphql_error(None), RejectedInputError, None, "No"),
        (400, b'{"errors":{"query":"Required parameter missing or invalid"}}', RejectedInputError, None, "Bad Request"),
        (401, b'{"errors":"[API] Invalid API key"}', AuthenticationError, None, "[API] Invalid API key"),
        (402, b'{"errors":"Unavailable Shop"}', PermissionDeniedError, None, "Unavailable Shop"),
        (403, b'{"errors":"[API] no"}', PermissionDeniedError, None, "[API] no"),
        (404, b'{"errors":"Not Found"}', NotFoundError, None, "Not Found"),
        (423, b'{"errors":"Locked"}', PermissionDeniedError, None, "Locked"),
    ],
)
def test_an_error_answer_becomes_the_error_of_its_kind(
    status: int,
    body: bytes,
    kind: type[ProviderError],
    code: str | None,
    message: str,
    twin: type[Twin],
    loopback: Loopback,
) -> None:
    loopback.store("shopify").failures.append(PlannedFailure(status, (), body))
    client = twin()

    with pytest.raises(ProviderError) as caught:
        client.list(loopback.account("shopify"), limit=1)

    assert (type(caught.value), caught.value.code, caught.value.status_code) == (kind, code, status)
    refused = "; refused: access_token" if kind is AuthenticationError else ""
    assert caught.value.message == f"shopify POST /graphql.json: {message} (HTTP {status}){refused}"
    assert client.waits == []


@both
@pytest.mark.parametrize(
    ("fault", "waits"),
    [
        (PlannedFailure(200, (), graphql_error("INTERNAL_SERVER_ERROR")), [0.25, 0.5, 1.0]),
        (PlannedFailure(503), [0.25, 0.5, 1.0]),
        # Refused for too many requests: after its own wait, each retry waits until the declared bucket is full.
        (PlannedFailure(430), [0.25, 8.75, 0.5, 8.5, 1.0, 8.0]),
    ],
)
def test_a_transient_error_is_tried_again(
    fault: PlannedFailure, waits: list[float], twin: type[Twin], loopback: Loopback
) -> None:
    loopback.store("shopify").failures.extend([fault] * 3)
    client = twin()

    page = client.list(loopback.account("shopify"), limit=1)

    assert (page.result_count, client.waits) == (1, waits)


@both
def test_an_error_that_stays_is_raised_after_the_last_attempt(twin: type[Twin], loopback: Loopback) -> None:
    loopback.store("shopify").failures.extend([PlannedFailure(200, (), graphql_error("INTERNAL_SERVER_ERROR"))] * 2)
    client = twin(settings=replace(STILL, retry=RetryPolicy(attempts=2)))

    with pytest.raises(ProviderUnavailableError) as caught:
        client.list(loopback.account("shopify"), limit=1)

    assert (caught.value.code, caught.value.retryable, client.waits) == ("INTERNAL_SERVER_ERROR", True, [0.25])


@both
def test_a_wrong_token_is_an_authentication_error(twin: type[Twin], loopback: Loopback) -> None:
    account = loopback.account("shopify", credentials={"access_token": "shpat_wrong"})

    with pytest.raises(AuthenticationError, match="Invalid API key or access token"):
        twin().list(account)


@both
def test_null_data_is_an_error_and_no_empty_page(twin: type[Twin], loopback: Loopback) -> None:
    loopback.store("shopify").failures.append(PlannedFailure(200, (), b'{"data":{"customers":null}}'))

    with pytest.raises(Exception, match="no list of records at") as caught:
        twin().list(loopback.account("shopify"))

    assert type(caught.value).__name__ == "MappingError"
