from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from truto_unify import Client
from truto_unify.config.quota import QuotaRules
from truto_unify.engine.quota import QuotaMeter, read_quota
from truto_unify.types import Quota, Response

if TYPE_CHECKING:
    from tests.loopback import Loopback

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HEADERS = {
    "limit": {"header": "X-Limit"},
    "remaining": {"header": "X-Left"},
    "reset": {"header": "X-Reset"},
    "window": {"header": "X-Window", "unit": "milliseconds"},
}


def read(rules: dict[str, Any], headers: dict[str, str], body: Any = None) -> Quota | None:
    response = Response(200, tuple(headers.items()))
    return read_quota(QuotaRules.model_validate(rules), response, body, NOW)


@pytest.mark.parametrize(
    ("rules", "headers", "body", "quota"),
    [
        (
            HEADERS,
            {"x-limit": "150", "x-left": "3", "x-reset": "7", "x-window": "30000"},
            None,
            Quota(limit=150, remaining=3, reset=7.0, window=30.0),
        ),
        (HEADERS, {"x-left": " 3 "}, None, Quota(remaining=3)),
        (HEADERS, {"x-window": "1000"}, None, None),
        (HEADERS, {"x-limit": "many", "x-left": "", "x-reset": "nan"}, None, None),
        (HEADERS, {"x-left": "-3"}, None, Quota(remaining=0)),
        ({"reset": {"header": "R", "unit": "milliseconds"}}, {"r": "1500"}, None, Quota(reset=1.5)),
        (
            {"reset": {"header": "R", "unit": "epoch_seconds"}},
            {"r": str(int(NOW.timestamp()) + 40)},
            None,
            Quota(reset=40.0),
        ),
        ({"reset": {"header": "R", "unit": "epoch_seconds"}}, {"r": "1"}, None, Quota(reset=0.0)),
        (
            {"used_of_limit": {"header": "Calls"}, "refill_per_second": 2},
            {"calls": "32/40"},
            None,
            Quota(limit=40, remaining=8, reset=16.0),
        ),
        ({"used_of_limit": {"header": "Calls"}}, {"calls": "50/40"}, None, Quota(limit=40, remaining=0)),
        ({"used_of_limit": {"header": "Calls"}}, {"calls": "32"}, None, None),
        (
            {"limit": {"body": "cost.max"}, "remaining": {"body": "cost.now"}, "refill": {"body": "cost.rate"}},
            {},
            {"cost": {"max": 2000.0, "now": 1900, "rate": 50}},
            Quota(limit=2000, remaining=1900, reset=2.0),
        ),
        ({"limit": {"body": "cost.max"}}, {}, {"cost": {"max": True}}, None),
        ({"limit": {"body": "cost.max"}}, {}, ["no", "object"], None),
    ],
)  # fmt: skip
def test_an_answer_says_how_much_is_left(
    rules: dict[str, Any], headers: dict[str, str], body: Any, quota: Quota | None
) -> None:
    assert read(rules, headers, body) == quota


@given(st.dictionaries(st.sampled_from(["x-limit", "x-left", "x-reset", "x-window"]), st.text()), st.text())
def test_no_header_breaks_the_reading(headers: dict[str, str], calls: str) -> None:
    rules = {**HEADERS, "used_of_limit": {"header": "Calls"}, "refill_per_second": 1}
    quota = read(rules, {**headers, "calls": calls})
    assert quota is None or all(number is None or number >= 0 for number in (quota.limit, quota.remaining, quota.reset))


def test_a_meter_keeps_the_newest_reading_and_tells_each() -> None:
    reported: list[Quota] = []
    meter = QuotaMeter(reported.append)
    for quota in (Quota(remaining=2), None, Quota(remaining=1), None):
        meter.record(quota)
    assert (meter.last, [quota.remaining for quota in reported]) == (Quota(remaining=1), [2, 1])


@pytest.mark.parametrize(
    ("slug", "limit", "window"),
    [
        ("bigcommerce", 150, 30.0),
        ("shopify", 2000, None),
        ("shopify_rest", 40, None),
        ("zohoinventory", 7500, None),
    ],
)
def test_pages_of_a_store_say_what_is_left(loopback: Loopback, slug: str, limit: int, window: float | None) -> None:
    with Client() as client:
        pages = [client.list("ecommerce/customers", loopback.account(slug), limit=1) for _ in range(2)]
    quotas = [page.rate_limit for page in pages]
    first, second = quotas
    assert first is not None
    assert second is not None
    assert (first.limit, first.window) == (limit, window)
    assert first.remaining is not None
    assert second.remaining is not None
    assert limit > first.remaining > second.remaining


@pytest.mark.parametrize("slug", ["wix", "woocommerce", "commerce7"])
def test_a_store_that_says_nothing_has_no_quota(loopback: Loopback, slug: str) -> None:
    with Client() as client:
        assert client.list("ecommerce/customers", loopback.account(slug), limit=1).rate_limit is None
