"""The provider that blocks a client for an hour after too many requests: the client stays below its limit."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.providers.pretend import Clock, open_store, ordinary_people
from tests.sandbox.in_process import InProcess
from tests.twins import CUSTOMERS
from truto_unify import RateLimitedError, RetryPolicy
from truto_unify.engine.send import Budget
from truto_unify.sandbox.store import PlannedFailure
from truto_unify.sandbox.zohoinventory.app import ACCOUNT

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from tests.providers.pretend import Pretend

MOST = 100
"""Requests that the store takes in a minute."""
KEPT = 90
"""Requests that the client sends in a minute."""


@dataclass
class Watch(InProcess):
    """Records when each request was sent and the status of its answer."""

    app: Starlette
    clock: Clock
    seen: list[tuple[float, int]] = field(default_factory=list)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        moment = self.clock.seconds
        answer = super().handle_request(request)
        self.seen.append((moment, answer.status_code))
        return answer

    @property
    def busiest_minute(self) -> int:
        moments = [moment for moment, _ in self.seen]
        return max(sum(start <= moment < start + 60 for moment in moments) for start in moments)


def open_shop(count: int = 3, **settings: Any) -> tuple[Pretend, Watch]:
    store = open_store("zohoinventory", ordinary_people(count), **settings)
    return store, Watch(store.app, store.clock)


def test_many_calls_stay_below_the_limit_of_each_minute() -> None:
    store, watch = open_shop()
    with store.open(transport=watch) as client:
        pages = [client.list(CUSTOMERS, store.account) for _ in range(250)]

    assert {len(page.result) for page in pages} == {3}
    assert (len(watch.seen), {status for _, status in watch.seen}) == (250, {200})
    assert watch.busiest_minute == KEPT < MOST
    assert store.clock.waits == [60.0, 60.0]


def test_requests_that_take_time_wait_only_as_long_as_they_must() -> None:
    store, watch = open_shop()
    with store.open(transport=watch) as client:
        for _ in range(250):
            client.list(CUSTOMERS, store.account)
            store.clock.seconds += 0.5

    assert {status for _, status in watch.seen} == {200}
    assert watch.busiest_minute == KEPT
    assert store.clock.waits == [15.0, 15.0]


def test_side_loads_of_a_call_stay_below_the_limit() -> None:
    store, watch = open_shop(count=199)
    with store.open(transport=watch) as client:
        page = client.list(CUSTOMERS, store.account, side_load=["contact"])

    assert (len(page.result), page.request_count, page.is_partial_response) == (199, 200, False)
    assert {status for _, status in watch.seen} == {200}
    assert (watch.busiest_minute, store.clock.waits) == (KEPT, [60.0, 60.0])


def test_clients_with_the_same_settings_share_the_minute() -> None:
    store, watch = open_shop()
    for _ in range(100):
        with store.open(transport=watch) as client:
            client.list(CUSTOMERS, store.account)

    assert (watch.busiest_minute, store.clock.waits) == (KEPT, [60.0])


def test_one_organisation_under_two_names_has_one_minute() -> None:
    store, watch = open_shop()
    names = [replace(store.account, id="first"), replace(store.account, id="second")]
    with store.open(transport=watch) as client:
        for turn in range(100):
            client.list(CUSTOMERS, names[turn % 2])

    assert (watch.busiest_minute, store.clock.waits) == (KEPT, [60.0])


def test_other_accounts_are_not_slowed() -> None:
    busy, watch = open_shop()
    other = replace(busy.account, context={**busy.account.context, "data_center": "eu"})
    with busy.open(transport=watch) as client:
        for _ in range(KEPT):
            client.list(CUSTOMERS, busy.account)
        for _ in range(MOST - KEPT):
            client.list(CUSTOMERS, other)

    assert (len(watch.seen), busy.clock.waits) == (MOST, [])


@pytest.mark.parametrize("slug", ["bigcommerce", "woocommerce", "wix"])
def test_stores_without_such_a_punishment_are_not_held_back(slug: str) -> None:
    store = open_store(slug, ordinary_people(3))
    with store.open() as client:
        for _ in range(120):
            client.list(CUSTOMERS, store.account)

    assert (store.sent, store.clock.waits) == (120, [])


def test_a_wait_beyond_the_deadline_is_an_error_and_nothing_is_sent() -> None:
    store, watch = open_shop(retry=RetryPolicy(deadline=30.0))
    with store.open(transport=watch) as client:
        for _ in range(KEPT):
            client.list(CUSTOMERS, store.account)
        store.clock.seconds += 20
        with pytest.raises(RateLimitedError) as caught:
            client.list(CUSTOMERS, store.account)
        sent = len(watch.seen)
        store.clock.seconds += 10
        page = client.list(CUSTOMERS, store.account)

    assert (caught.value.retry_after, caught.value.code, caught.value.status_code) == (40.0, "throttled_here", 429)
    assert caught.value.message.endswith("this account's 90 requests of the minute are used up; nothing was sent")
    assert (sent, len(page.result), store.clock.waits) == (KEPT, 3, [30.0])


def test_the_hour_long_block_is_an_error_without_a_wait() -> None:
    store, watch = open_shop()
    headers = {"Authorization": f"Zoho-oauthtoken {ACCOUNT['credentials']['access_token']}"}
    with store.open(transport=watch) as client:
        # Another program of the merchant was careless.
        for _ in range(MOST + 1):
            careless(store, headers)
        store.store.requests.clear()
        with pytest.raises(RateLimitedError) as caught:
            client.list(CUSTOMERS, store.account)

    assert (caught.value.retry_after, caught.value.code, caught.value.retryable) == (3600.0, "44", True)
    assert "you have been blocked for some time" in caught.value.message
    assert (store.sent, store.clock.waits) == (1, [])


def careless(store: Pretend, headers: dict[str, str]) -> None:
    query = {"organization_id": store.account.context["organization_id"]}
    request = httpx.Request("GET", f"{store.account.base_url}/contacts", params=query, headers=headers)
    InProcess(store.app).handle_request(request)


def test_a_block_in_the_middle_of_side_loads_ends_the_call() -> None:
    store, watch = open_shop(budget=Budget(at_once=1))
    blocked = json.dumps({"code": 44, "message": "For security reasons you have been blocked for some time"})
    with store.open(transport=watch) as client:
        natives = [customer.remote_data for customer in client.list(CUSTOMERS, store.account).result]
        listed = json.dumps({"code": 0, "contacts": natives, "page_context": {"has_more_page": False}})
        store.store.requests.clear()
        store.store.failures.extend(
            [
                PlannedFailure(200, body=listed.encode()),
                PlannedFailure(429, (("Retry-After", "3600"),), blocked.encode()),
            ]
        )
        with pytest.raises(RateLimitedError) as caught:
            client.list(CUSTOMERS, store.account, side_load=["contact"])

    assert caught.value.retry_after == 3600.0
    assert (store.sent, store.clock.waits) == (2, [])
