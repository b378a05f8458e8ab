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
from truto_unify.reports import ProviderWait
from truto_unify.sandbox.store import PlannedFailure
from truto_unify.sandbox.zohoinventory.app import ACCOUNT

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from tests.providers.pretend import Pretend

MOST = 100
"""Requests that the store takes in a minute."""
KEPT = 96
"""Requests that the client sends in any minute, both of its ends included."""


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
        return max(sum(start <= moment <= start + 60 for moment in moments) for start in moments)

    @property
    def busiest_second(self) -> int:
        moments = [moment for moment, _ in self.seen]
        return max(sum(start <= moment < start + 1 for moment in moments) for start in moments)


def open_shop(count: int = 3, **settings: Any) -> tuple[Pretend, Watch]:
    store = open_store("zohoinventory", ordinary_people(count), **settings)
    return store, Watch(store.app, store.clock)


def test_many_calls_stay_below_the_limit_of_each_minute_and_are_spread_over_it() -> None:
    store, watch = open_shop()
    with store.open(transport=watch) as client:
        pages = [client.list(CUSTOMERS, store.account) for _ in range(120)]

    assert {len(page.result) for page in pages} == {3}
    assert (len(watch.seen), {status for _, status in watch.seen}) == (120, {200})
    assert (watch.busiest_minute <= KEPT, watch.busiest_second) == (True, 6)
    assert 119 * 60 / sum(store.clock.waits) >= 0.9 * MOST


def test_requests_that_take_time_wait_only_for_the_rest() -> None:
    store, watch = open_shop()
    with store.open(transport=watch) as client:
        for _ in range(50):
            client.list(CUSTOMERS, store.account)
            store.clock.seconds += 0.5

    assert {status for _, status in watch.seen} == {200}
    assert store.clock.waits == pytest.approx([60 / 91 - 0.5] * len(store.clock.waits), abs=0.11)


def test_side_loads_of_a_call_stay_below_the_limit() -> None:
    store, watch = open_shop(count=199)
    with store.open(transport=watch) as client:
        page = client.list(CUSTOMERS, store.account, side_load=["contact"])

    assert (len(page.result), page.request_count, page.is_partial_response) == (199, 200, False)
    assert {status for _, status in watch.seen} == {200}
    assert watch.busiest_minute <= KEPT


def test_clients_with_the_same_budgets_share_the_minute() -> None:
    store, watch = open_shop()
    for _ in range(110):
        with store.open(transport=watch) as client:
            client.list(CUSTOMERS, store.account)

    assert watch.busiest_minute <= KEPT


def test_one_organisation_under_two_names_has_one_minute() -> None:
    store, watch = open_shop()
    names = [replace(store.account, id="first"), replace(store.account, id="second")]
    with store.open(transport=watch) as client:
        for turn in range(110):
            client.list(CUSTOMERS, names[turn % 2])

    assert watch.busiest_minute <= KEPT


def test_other_accounts_are_not_slowed() -> None:
    busy, watch = open_shop()
    other = replace(busy.account, context={**busy.account.context, "data_center": "eu"})
    with busy.open(transport=watch) as client:
        for _ in range(5):
            client.list(CUSTOMERS, busy.account)
            client.list(CUSTOMERS, other)

    assert (len(watch.seen), busy.clock.waits) == (10, [])


def test_a_store_without_limits_of_its_own_is_not_held_back() -> None:
    store = open_store("woocommerce", ordinary_people(3))
    with store.open() as client:
        for _ in range(120):
            client.list(CUSTOMERS, store.account)

    assert (store.sent, store.clock.waits) == (120, [])


@pytest.mark.parametrize(
    ("slug", "allowed"),
    [("bigcommerce", 150 / 30), ("wix", 200 / 60), ("commerce7", 100 / 60), ("shopify_rest", 2.0)],
)
def test_no_store_has_to_refuse_and_its_rate_is_used(slug: str, allowed: float) -> None:
    store = open_store(slug, ordinary_people(3))
    watch = Watch(store.app, store.clock)
    with store.open(transport=watch) as client:
        ids = [record.id for record in client.list(CUSTOMERS, store.account).result]
        for _ in range(120):
            client.get(CUSTOMERS, store.account, ids[0])

    assert {status for _, status in watch.seen} == {200}
    assert len(watch.seen) / (store.clock.seconds - watch.seen[0][0]) >= 0.9 * allowed


def test_a_wait_beyond_the_deadline_is_an_error_and_nothing_is_sent() -> None:
    store, watch = open_shop(retry=RetryPolicy(deadline=90.0, max_wait=0.5))
    with store.open(transport=watch) as client:
        for _ in range(5):
            client.list(CUSTOMERS, store.account)
        with pytest.raises(RateLimitedError) as caught:
            client.list(CUSTOMERS, store.account)
        sent = len(watch.seen)
        store.clock.seconds += 0.3
        page = client.list(CUSTOMERS, store.account)

    assert (caught.value.code, caught.value.status_code) == ("throttled_here", 429)
    assert caught.value.retry_after == pytest.approx(60 / 91, abs=0.01)
    assert caught.value.message.endswith("limits of the provider allow this request in 0.66 seconds; nothing was sent")
    assert (sent, len(page.result)) == (5, 3)


def test_every_wait_is_told() -> None:
    waits: list[ProviderWait] = []
    store, watch = open_shop(on_wait=waits.append)
    with store.open(transport=watch) as client:
        for _ in range(6):
            client.list(CUSTOMERS, store.account)

    assert waits == [ProviderWait(provider="zohoinventory", seconds=store.clock.waits[0], cause="budget")]


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
