"""The two clients do the same: pages, requests, single records and explanations; and each can be closed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.one_shop import NO_NETWORK, SHOP, serve
from tests.twins import CUSTOMERS, TWINS, AsyncTwin, SyncTwin, Twin, both
from truto_unify import Account, Client, InvalidInput, NotFoundError, Settings, UnknownResource
from truto_unify.async_client import AsyncClient
from truto_unify.sandbox.people import invent_people
from truto_unify.types import Request

if TYPE_CHECKING:
    from tests.loopback import Loopback

SLUGS = ("shopify", "woocommerce")
MANY = invent_people(600)
"""More than a page of either store."""
GOOD = [{"id": number} for number in (1, 3, 4, 5)]

# ------------------------------------------------------------------------------- both clients do the same

QUERIES: list[dict[str, Any]] = [
    {},
    {"limit": 1},
    {"limit": 7},
    {"limit": 130},
    {"limit": 5, "sort_by": {"created_at": "desc"}},
    {"limit": 5, "sort_by": {"updated_at": "asc"}},
    {"limit": 5, "created_at": {"gte": "2024-06-01T00:00:00Z", "lt": "2025-06-01T00:00:00Z"}},
    {"limit": 3, "emails": [{"is_primary": True, "email": "nobody@example.test"}]},
    {"limit": 3, "name": {"like": "a"}},
    {"limit": 3, "response_format": "raw"},
    {"limit": 3, "response_format": "normalized"},
    {"limit": 3, "exclude_fields": "emails,phones"},
    {"limit": 3, "ignore_remote_data": True},
]


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("query", QUERIES, ids=repr)
def test_both_clients_give_the_same_page(slug: str, query: dict[str, Any], loopback: Loopback) -> None:
    account = loopback.account(slug)

    pages = [twin(on_wait=loopback.clock.advance).list(account, **query) for twin in TWINS]
    first, second = (replace(page, rate_limit=None) for page in pages)  # the second call finds less of the quota

    assert first == second


@pytest.mark.parametrize("slug", SLUGS)
def test_both_clients_send_the_same_requests(slug: str, loopback: Loopback) -> None:
    account, store = loopback.account(slug), loopback.store(slug)
    seen = []

    for twin in TWINS:
        loopback.renew()
        store.people[:] = MANY
        twin(on_wait=loopback.clock.advance).list(account, limit=260, name={"like": "a"})
        seen.append([replace(request, headers=tuple(sorted(request.headers))) for request in store.requests])

    assert seen[0] == seen[1]
    assert len(seen[0]) > 1


@both
@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("limit", [None, 40, 1000])
def test_iterate_gives_every_customer_once_in_pages_of_limit(
    slug: str, limit: int | None, twin: type[Twin], loopback: Loopback
) -> None:
    whole = SyncTwin(on_wait=loopback.clock.advance).list(loopback.account(slug), limit=1000)

    records = twin(on_wait=loopback.clock.advance).iterate(loopback.account(slug), limit=limit)

    assert records == whole.result
    assert len({record.id for record in records}) == len(records) > 100


@both
@pytest.mark.parametrize("slug", SLUGS)
def test_get_gives_what_list_gave(slug: str, twin: type[Twin], loopback: Loopback) -> None:
    account = loopback.account(slug)
    listed = twin(on_wait=loopback.clock.advance).list(account, limit=5).result

    assert [twin(on_wait=loopback.clock.advance).get(account, record.id) for record in listed] == listed


@both
@pytest.mark.parametrize("slug", SLUGS)
def test_a_page_goes_on_where_the_one_before_ended(slug: str, twin: type[Twin], loopback: Loopback) -> None:
    client, account = twin(on_wait=loopback.clock.advance), loopback.account(slug)

    first = client.list(account, limit=3)
    second = client.list(account, limit=4, next_cursor=first.next_cursor)

    assert [*first.result, *second.result] == client.list(account, limit=7).result
    assert (first.prev_cursor, first.result_count, second.result_count) == (None, 3, 4)


@both
@pytest.mark.parametrize("slug", SLUGS)
def test_an_unknown_id_is_not_found(slug: str, twin: type[Twin], loopback: Loopback) -> None:
    with pytest.raises(NotFoundError, match="99999999"):
        twin().get(loopback.account(slug), "99999999")


# ------------------------------------------------------------------------------- explain


@both
@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("query", [{}, {"limit": 5, "created_at": {"gt": "2024-01-01"}, "name": "Ana"}], ids=repr)
def test_explain_sends_nothing(slug: str, query: dict[str, Any], twin: type[Twin], loopback: Loopback) -> None:
    account = loopback.account(slug)

    explanation = twin(transport=NO_NETWORK).explain(account, **query)
    page = twin(on_wait=loopback.clock.advance).list(account, **query)

    assert explanation.query_plan == page.query_plan
    sent = loopback.store(slug).requests[0]
    assert explanation.request.method == sent.method
    assert explanation.request.url == f"{loopback.origin}/{slug}{sent.path}"
    assert explanation.request.query == httpx.QueryParams(list(sent.query)).__str__().replace("+", "%20")
    assert (explanation.request.body or b"") == sent.body


def test_explain_shows_the_request_without_its_authorization() -> None:
    explanation = SyncTwin(transport=NO_NETWORK).explain(SHOP, limit=5, sort_by={"created_at": "desc"})

    assert explanation.request == Request(
        method="GET",
        url="https://shop.example/wp-json/wc/v3/customers",
        query="orderby=registered_date&order=desc&per_page=5&page=1",
        headers=(("Accept", "application/json"), ("Authorization", "[redacted]")),
    )
    assert [(entry.parameter, entry.how) for entry in explanation.query_plan] == [("sort_by[created_at]", "native")]


def test_explain_of_a_get() -> None:
    explanation = SyncTwin(transport=NO_NETWORK).explain(SHOP, "17")

    assert explanation.query_plan == ()
    assert (explanation.request.method, explanation.request.url, explanation.request.query) == (
        "GET",
        "https://shop.example/wp-json/wc/v3/customers/17",
        "",
    )


def test_explain_needs_no_credentials() -> None:
    stranger = Account(provider="woocommerce", context={"store_url": "https://shop.example"})

    assert SyncTwin(transport=NO_NETWORK).explain(stranger, "17") == SyncTwin(transport=NO_NETWORK).explain(SHOP, "17")


# ------------------------------------------------------------------------------- the clients themselves


def test_an_unknown_resource_is_refused() -> None:
    with Client(transport=NO_NETWORK) as client, pytest.raises(UnknownResource) as caught:
        client.list("ecommerce/customer", SHOP)  # type: ignore[call-overload]  # the point of the test

    assert caught.value.message == 'unknown unified resource "ecommerce/customer" (did you mean "ecommerce/customers"?)'


def test_a_client_can_be_closed_without_a_context() -> None:
    client = Client(transport=serve(*GOOD))

    page = client.list(CUSTOMERS, SHOP)
    client.close()

    assert [record.id for record in page.result] == ["1", "3", "4", "5"]


@pytest.mark.anyio
async def test_an_async_client_can_be_closed_without_a_context() -> None:
    client = AsyncClient(transport=serve(*GOOD))

    page = await client.list(CUSTOMERS, SHOP)
    await client.aclose()

    assert [record.id for record in page.result] == ["1", "3", "4", "5"]


def test_a_client_serves_several_providers_with_its_one_pool(loopback: Loopback) -> None:
    with Client(settings=Settings()) as client:
        pages = [client.list(CUSTOMERS, loopback.account(slug), limit=2) for slug in SLUGS]

    assert [page.result_count for page in pages] == [2, 2]


def test_leaving_an_iteration_early_reads_no_further_page(loopback: Loopback) -> None:
    with Client() as client:
        first = next(client.iterate(CUSTOMERS, loopback.account("woocommerce"), limit=10))

    assert first.id
    assert len(loopback.store("woocommerce").requests) == 1


def test_async_and_sync_explain_alike() -> None:
    query: dict[str, Any] = {"email": "a@b.c", "limit": 5}

    assert AsyncTwin(transport=NO_NETWORK).explain(SHOP, **query) == SyncTwin(transport=NO_NETWORK).explain(
        SHOP, **query
    )


@pytest.mark.parametrize(
    "account", ["woocommerce", {"provider": "woocommerce", "credentials": {"key": "s3cret"}}, None]
)
def test_what_is_no_account_is_refused(account: Any) -> None:
    with Client(transport=NO_NETWORK) as client, pytest.raises(InvalidInput) as caught:
        client.list(CUSTOMERS, account)

    assert caught.value.message == (
        "an account is Account(provider=..., credentials={...}, context={...}), "
        f"not a value of the type {type(account).__name__}"
    )
