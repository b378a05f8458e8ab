from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.query.meaning import in_order, select
from tests.query.shops import CUSTOMERS, SLUGS, ids, joined, open_shop
from truto_unify import Settings
from truto_unify.engine.retry import RetryPolicy
from truto_unify.engine.send import Budget
from truto_unify.errors import InvalidInput, RateLimitedError, UnsupportedParameter
from truto_unify.sandbox.store import PlannedFailure

if TYPE_CHECKING:
    from tests.query.conftest import Market

STATUS = {"emails": [{"status": "subscribed"}]}
NOBODY = {"phones": [{"extension": "none has this"}]}


@dataclass(frozen=True)
class Lack:
    """Something that a store does not serve."""

    slug: str
    query: dict[str, Any]
    parameter: str
    reason: str


def no_filter(parameter: str) -> str:
    return f'the provider has no filter for "{parameter}"'


LACKS = [
    Lack("bigcommerce", {"name": {"like": "a"}}, "name[like]", no_filter("name[like]")),
    Lack("bigcommerce", {"email": "a,b@x.test"}, "email", 'the provider\'s filter for "email" cannot take this value'),
    Lack("commerce7", {"updated_at": {"gt": "2025-01-01"}}, "updated_at[gt]", no_filter("updated_at[gt]")),
    Lack("commerce7", {"sort_by": {"created_at": "asc"}}, "sort_by[created_at]", "the provider cannot sort by it"),
    Lack("shopify", {"company_name": "Acme"}, "company_name", no_filter("company_name")),
    Lack("shopify_rest", {"email": "a@x.test"}, "email", no_filter("email")),
    Lack("wix", {"sort_by": {"updated_at": "desc"}}, "sort_by[updated_at]", "the provider cannot sort by it"),
    Lack("woocommerce", {"updated_at": {"gte": "2025-01-01"}}, "updated_at[gte]", no_filter("updated_at[gte]")),
    Lack("zohoinventory", {"created_at": {"lt": "2025-01-01"}}, "created_at[lt]", no_filter("created_at[lt]")),
    *[Lack(slug, STATUS, "emails[][status]", no_filter("emails[][status]")) for slug in SLUGS],
]
each_lack = pytest.mark.parametrize("lack", LACKS, ids=lambda lack: f"{lack.slug}-{lack.parameter}")


@each_lack
def test_error_refuses_before_anything_is_sent_and_says_what_works(market: Market, lack: Lack) -> None:
    with open_shop(lack.slug, market.registry()) as shop:
        with pytest.raises(UnsupportedParameter) as caught:
            shop.page(**lack.query, unsupported="error")
        error = caught.value

        assert (error.parameter, shop.asked, shop.store.requests) == (lack.parameter, [], [])
        label = f"{lack.slug} ecommerce/customers"
        known = ", ".join(error.supported)
        assert error.message == f"{label}: {lack.parameter} is not supported: {lack.reason}; supported: {known}"


@pytest.mark.parametrize("slug", SLUGS)
def test_what_the_error_names_as_supported_really_is(market: Market, slug: str) -> None:
    known = market.know(slug)
    with pytest.raises(UnsupportedParameter) as caught:
        known.shop.page(**STATUS, unsupported="error")
    supported = caught.value.supported
    values = {
        "created_at": "2025-01-01",
        "updated_at": "2025-01-01",
        "email": "a@example.com",
        "number": "+12125550100",
    }

    assert len(supported) > 1
    for label in supported:
        name, _, needs = label.partition(" with ")
        if name.startswith("sort_by["):
            query: dict[str, Any] = {"sort_by": {name[8:-1]: "desc"}}
        elif "[][" in name:
            element, part = name.removesuffix("]").split("[][")
            more = {key.removesuffix("]"): value for key, _, value in [needs.rpartition("[")[2].partition("=")] if key}
            query = {element: [{part: values[part], **more}]}
        else:
            field, _, op = name.removesuffix("]").partition("[")
            value = values.get(field, "Ana")
            query = {field: {op or "eq": [value, "b"] if op == "in" else value}}
        page = known.shop.page(**query, limit=1, unsupported="error")
        assert [entry.how for entry in page.query_plan] == ["native"]


@each_lack
def test_ignore_gives_the_wider_answer_and_says_so(market: Market, lack: Lack) -> None:
    known = market.know(lack.slug)
    pages = known.shop.walk([60], **lack.query, unsupported="ignore")
    (entry,) = pages[0].query_plan

    assert joined(pages) == known.records
    assert (entry.parameter, entry.how, entry.match, entry.native) == (lack.parameter, "ignored", None, None)
    assert entry.reason == lack.reason


def test_ignore_leaves_the_native_and_the_checked_filters_alone(market: Market) -> None:
    known = market.know("shopify")
    query = {"last_name": "dubois", "created_at": {"gte": "2023-01-01"}}
    page = known.shop.page(**query, company_name="nobody", limit=300, unsupported="ignore")

    assert page.result == select(known.records, query)
    assert {entry.parameter: entry.how for entry in page.query_plan} == {
        "company_name": "ignored",
        "created_at[gte]": "native",
        "last_name": "native",
    }


@pytest.mark.parametrize("slug", SLUGS)
def test_an_emulated_call_costs_what_it_says_and_stays_within_the_budget(market: Market, slug: str) -> None:
    """All native pages once, at most, and never more than max_requests; by time of change the pages overlap."""
    for size, most in ((9, 100), (9, 60), (None, 100)):
        budget = Budget(max_requests=most)
        with open_shop(slug, market.registry(size), remembers=True, budget=budget) as shop:
            needed = len(shop.walk([None]))
            for query in (STATUS, NOBODY, {"sort_by": {"updated_at": "asc"}, **NOBODY}):
                shop.forget()
                announced = shop.client.explain(CUSTOMERS, shop.account, **query, limit=1000)
                page = shop.page(**query, limit=1000)
                assert (announced.query_plan, announced.max_requests) == (page.query_plan, most)
                pages = 2 * needed if "sort_by" in query else needed
                assert page.request_count == len(shop.asked) <= min(pages, announced.max_requests)
                assert page.next_cursor is None
                assert page.result == select(shop.records(), {key: query[key] for key in query if key != "sort_by"})


SIZED = [slug for slug in SLUGS if slug != "zohoinventory"]
"""Stores whose pages keep their size; without a total, numbered pages shrink so that they overlap."""


@pytest.mark.parametrize(("slug", "records"), [(slug, 27) for slug in SIZED] + [("zohoinventory", 24)])
@pytest.mark.parametrize(
    ("budget", "seconds", "named"),
    [
        (Budget(max_requests=3), 0, "max_requests=3"),
        (Budget(max_records=24), 0, "max_records=24"),
        (Budget(max_seconds=45.0), 15, "max_seconds=45.0"),
    ],
)
def test_each_budget_ends_a_fruitless_search_with_an_error_that_names_it(
    market: Market, slug: str, records: int, budget: Budget, seconds: float, named: str
) -> None:
    with open_shop(slug, market.registry(9), remembers=True, budget=budget) as shop:
        shop.wire.rest = 0.0
        shop.wire.answer_seconds = seconds
        with pytest.raises(UnsupportedParameter) as caught:
            shop.page(**NOBODY, limit=5)

        assert caught.value.message == (
            f"{slug} ecommerce/customers: phones[][extension] is served by reading the list, and 3 requests "
            f"({records} records) were not enough; the budget {named} is used up. "
            "Raise it, or narrow the list with what the provider serves itself"
        )
        assert (caught.value.parameter, len(shop.asked)) == ("phones[][extension]", 3)


@pytest.mark.parametrize(("slug", "most"), [(slug, 2) for slug in SIZED] + [("zohoinventory", 4)])
@pytest.mark.parametrize(
    ("budget", "seconds"),
    [(Budget(max_requests=2), 0), (Budget(max_records=17), 0), (Budget(max_seconds=30.0), 15)],
)
def test_each_budget_ends_a_page_early_that_holds_something_and_the_cursor_goes_on(
    market: Market, slug: str, most: int, budget: Budget, seconds: float
) -> None:
    known = market.know(slug)
    query: dict[str, Any] = {"last_name": {"like": "a"}}
    if slug in {"bigcommerce", "zohoinventory"}:
        query = {"phones": [{"type": "primary" if slug == "bigcommerce" else "work"}]}  # nothing of it is native
    expected = select(known.records, query)
    with open_shop(slug, market.registry(9), remembers=True, budget=budget) as shop:
        shop.wire.rest = 0.0
        shop.wire.answer_seconds = seconds
        first = shop.page(**query, limit=300)
        pages = shop.walk([300], **query)

        assert (first.request_count, first.next_cursor is not None) == (2, True)
        assert first.result == expected[: first.result_count] != []
        assert joined(pages) == expected
        assert all(page.result_count > 0 for page in pages[:-1])
        assert all(page.request_count <= most for page in pages)


@pytest.mark.parametrize(("slug", "field"), [("wix", "updated_at"), ("commerce7", "created_at")])
def test_a_sort_that_does_not_fit_the_budget_is_refused_and_never_half_done(
    market: Market, slug: str, field: str
) -> None:
    with open_shop(slug, market.registry(9), remembers=True, budget=Budget(max_requests=5)) as shop:
        with pytest.raises(UnsupportedParameter, match=rf"sort_by\[{field}\] .* the budget max_requests=5 is used up"):
            shop.page(sort_by={field: "desc"}, limit=3)
        assert len(shop.asked) == 5

    enough = -(-len(market.know(slug).records) // 9)
    with open_shop(slug, market.registry(9), remembers=True, budget=Budget(max_requests=enough)) as shop:
        expected = in_order(market.know(slug).records, field, "desc")
        assert shop.page(sort_by={field: "desc"}, limit=3).result == expected[:3]
        assert len(shop.asked) == enough


def test_a_native_filter_needs_no_budget_where_the_engine_would(market: Market) -> None:
    with open_shop("wix", market.registry(9), budget=Budget(max_requests=1)) as shop:
        assert ids(shop.page(first_name="jean-pierre marie").result) != []
        assert ids(shop.page(limit=9).result) != []


def test_a_wait_beyond_the_deadline_ends_the_call_with_the_time_to_wait(market: Market) -> None:
    retry = RetryPolicy(deadline=30.0)
    with open_shop("woocommerce", market.registry(9), retry=retry) as shop:
        refusal = PlannedFailure(429, (("Retry-After", "600"),), b'{"code": "slow_down", "message": "Too fast"}')
        shop.store.failures.append(refusal)
        with pytest.raises(RateLimitedError) as caught:
            shop.page(**NOBODY)

        assert (caught.value.retry_after, shop.waits, len(shop.asked)) == (600.0, [], 1)
        shop.store.failures.append(PlannedFailure(429, (("Retry-After", "7"),), refusal.body))
        assert shop.page(**NOBODY).result == []
        assert shop.waits == [7.0]


def test_waits_count_against_max_seconds(market: Market) -> None:
    with open_shop("woocommerce", market.registry(9), budget=Budget(max_seconds=20.0)) as shop:
        shop.store.failures.append(PlannedFailure(429, (("Retry-After", "21"),), b"{}"))
        with pytest.raises(UnsupportedParameter, match=r"1 requests \(9 records\) .* max_seconds=20.0 is used up"):
            shop.page(**NOBODY)


def test_a_policy_that_does_not_exist_is_refused(market: Market) -> None:
    with open_shop("wix", market.registry()) as shop:
        with pytest.raises(InvalidInput, match=r'unsupported "emulated" is not known \(did you mean "emulate"'):
            shop.page(unsupported="emulated")
        assert shop.asked == []


def test_the_default_budget_is_what_the_documentation_says() -> None:
    assert Settings().budget == Budget(
        max_requests=100,
        max_records=25_000,
        max_page_records=10_000,
        max_seconds=300.0,
        max_side_requests=500,
        at_once=4,
    )
