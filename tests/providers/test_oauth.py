"""OAuth 2 against the pretend stores that support it: client credentials and refresh tokens."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.providers.pretend import open_store, ordinary_people
from tests.twins import CUSTOMERS, NOW, STILL, Twin, both
from tests.unhurried import unhurried_budgets
from truto_unify import AuthenticationError, ProviderError, ProviderUnavailableError, RateLimitedError
from truto_unify.accounts.tokens import MemoryTokenStore
from truto_unify.engine.send import Budget
from truto_unify.sandbox.store import PlannedFailure
from truto_unify.sandbox.wix import app as wix
from truto_unify.sandbox.zohoinventory import app as zohoinventory

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.loopback import Loopback
    from tests.providers.pretend import Pretend

MANY = 20
CREDENTIALS = {"wix": wix.OAUTH_CREDENTIALS, "zohoinventory": zohoinventory.REFRESH_CREDENTIALS}
TOKEN_PATHS = {"wix": wix.TOKEN_PATH, "zohoinventory": zohoinventory.TOKEN_PATH}
LIFETIMES = {"wix": 14_400, "zohoinventory": 3600}
each_store = pytest.mark.parametrize("slug", CREDENTIALS)


def open_shop(slug: str, count: int = 5, credentials: Mapping[str, str] | None = None, **settings: Any) -> Pretend:
    """A store whose account fetches its tokens. The client's clock stands still: only the store knows of the expiry."""
    usual: dict[str, Any] = {"now": lambda: NOW, "budgets": unhurried_budgets()}
    store = open_store(slug, ordinary_people(count), **usual | settings)
    store.account = replace(store.account, credentials=credentials or CREDENTIALS[slug])
    return store


def asked(store: Pretend) -> list[str]:
    """The kinds of the store's requests, in order: ``token`` or ``people`` (orders count as people)."""
    path = TOKEN_PATHS[store.account.provider]
    return [{path: "token"}.get(request.path, "people") for request in store.store.requests]


def expire(store: Pretend) -> None:
    """Lets every token so far expire in the store, and forgets its requests."""
    store.clock.seconds += LIFETIMES[store.account.provider]
    store.store.requests.clear()


@each_store
def test_a_token_that_expires_in_the_middle_of_a_read_costs_no_record(slug: str) -> None:
    count = 2 * open_store(slug, []).page_size + 1
    store = open_shop(slug, count)
    with store.open() as client:
        records = client.iterate(CUSTOMERS, store.account)
        first = next(records)
        expire(store)
        ids = [first.id, *(record.id for record in records)]

    assert (len(ids), len(set(ids))) == (count, count)
    assert asked(store) == ["people", "token", "people", "people"]


@each_store
def test_many_threads_renew_an_expired_token_once(slug: str) -> None:
    store = open_shop(slug)
    with store.open() as client, ThreadPoolExecutor(MANY) as pool:
        client.list(CUSTOMERS, store.account)
        expire(store)
        pages = list(pool.map(lambda _: client.list(CUSTOMERS, store.account), range(MANY)))

    assert [page.result for page in pages] == [pages[0].result] * MANY
    assert len(pages[0].result) == 5
    assert Counter(asked(store))["token"] == 1


@each_store
def test_many_tasks_renew_an_expired_token_once(slug: str) -> None:
    store = open_shop(slug)

    async def read() -> list[Any]:
        async with store.open_async() as client:
            await client.list(CUSTOMERS, store.account)
            expire(store)
            return list(await asyncio.gather(*(client.list(CUSTOMERS, store.account) for _ in range(MANY))))

    pages = asyncio.run(read())

    assert [page.result for page in pages] == [pages[0].result] * MANY
    assert Counter(asked(store)) == {"people": 2 * MANY, "token": 1}


@each_store
def test_side_loads_that_meet_an_expired_token_renew_it_once(slug: str) -> None:
    store = open_shop(slug, count=12, budget=Budget(at_once=6))
    whole = store.list(side_load=["orders"])
    listed = {
        "contacts": [record.remote_data for record in whole.result],
        "pagingMetadata": {"total": 12},
        "page_context": {"has_more_page": False},
        "code": 0,
    }

    async def read() -> Any:
        async with store.open_async() as client:
            await client.list(CUSTOMERS, store.account)
            store.store.requests.clear()
            # The list itself is answered, and the first six of its side loads are refused.
            store.store.failures.extend([fault(200, listed), *[REFUSED] * 6])
            return await client.list(CUSTOMERS, store.account, side_load=["orders"])

    page = asyncio.run(read())

    assert page.result == whole.result
    assert Counter(asked(store)) == {"people": 1 + 12 + 6, "token": 1}


@each_store
def test_clients_that_share_their_tokens_fetch_one(slug: str) -> None:
    store, tokens = open_shop(slug), MemoryTokenStore()

    async def read() -> int:
        async with store.open_async(tokens=tokens) as client:
            return len((await client.list(CUSTOMERS, store.account)).result)

    with store.open(tokens=tokens) as client:
        first = len(client.list(CUSTOMERS, store.account).result)

    assert [first, asyncio.run(read()), asyncio.run(read())] == [5, 5, 5]
    assert asked(store) == ["token", "people", "people", "people"]


@each_store
def test_a_token_is_renewed_by_its_own_clock_before_it_is_used(slug: str) -> None:
    store = open_shop(slug)
    store.settings = replace(store.settings, now=store.clock.now)
    with store.open() as client:
        client.list(CUSTOMERS, store.account)
        store.clock.seconds += LIFETIMES[slug] - 61
        client.list(CUSTOMERS, store.account)
        store.clock.seconds += 1
        client.list(CUSTOMERS, store.account)

    assert asked(store) == ["token", "people", "people", "token", "people"]


def test_the_accounts_own_token_is_used_until_it_is_refused() -> None:
    own = zohoinventory.ACCOUNT["credentials"]
    store = open_shop("zohoinventory", credentials={**zohoinventory.REFRESH_CREDENTIALS, **own})
    with store.open() as client:
        client.list(CUSTOMERS, store.account)
        store.store.failures.append(REFUSED)
        client.list(CUSTOMERS, store.account)
        client.list(CUSTOMERS, store.account)

    assert asked(store) == ["people", "people", "token", "people", "people"]


# ------------------------------------------------------------------------------------------------------ refusals


def fault(status: int, body: Any, **headers: str) -> PlannedFailure:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return PlannedFailure(status, tuple(headers.items()), content)


OF_WIX = "refused: client_id, client_secret, instance_id"
OF_ZOHO = "refused: refresh_token, client_id, client_secret"
REFUSED = fault(401, {"code": 57, "message": "You are not authorized to perform this operation"})
HTML = b"<html><body>Sorry</body></html>"
IS_PAGE = 'the answer is an HTML page and not JSON: "Sorry"'


@pytest.mark.parametrize(
    ("answer", "kind", "message"),
    [
        (fault(200, {"error": "invalid_code"}), AuthenticationError, f"invalid_code (HTTP 200); {OF_ZOHO}"),
        (fault(200, {"error": "invalid_client"}), AuthenticationError, f"invalid_client (HTTP 200); {OF_ZOHO}"),
        (
            fault(400, {"error": "Access Denied", "error_description": "too many requests", "status": "failure"}),
            RateLimitedError,
            "too many requests (HTTP 400)",
        ),
        (fault(200, {"error": "拒绝访问", "status": "failure"}), RateLimitedError, "拒绝访问 (HTTP 200)"),
        (fault(401, b""), AuthenticationError, f"the answer has an empty body (HTTP 401); {OF_ZOHO}"),
        (fault(403, HTML), ProviderUnavailableError, f"{IS_PAGE} (HTTP 403)"),
        (fault(404, {}), ProviderError, "Not Found (HTTP 404)"),
        (fault(429, {}, **{"retry-after": "600"}), RateLimitedError, "Too Many Requests (HTTP 429)"),
    ],
)
def test_a_refused_renewal_is_reported_once_and_the_next_call_may_succeed(
    answer: PlannedFailure, kind: type[ProviderError], message: str
) -> None:
    store = open_shop("zohoinventory")
    with store.open() as client:
        client.list(CUSTOMERS, store.account)
        store.store.requests.clear()
        store.store.failures.extend([REFUSED, answer])
        with pytest.raises(ProviderError) as caught:
            client.list(CUSTOMERS, store.account)
        refused = asked(store)
        expire(store)
        page = client.list(CUSTOMERS, store.account)

    assert (type(caught.value), caught.value.message) == (kind, f"zohoinventory token: no token: {message}")
    assert (refused, store.clock.waits) == (["people", "token"], [])
    assert (len(page.result), asked(store)) == (5, ["people", "token", "people"])


def test_zoho_says_how_many_tokens_are_too_many_without_refusing_the_credentials() -> None:
    store = open_shop("zohoinventory")
    throttled = {"error_description": "You have made too many requests continuously.", "status": "failure"}
    store.store.failures.append(fault(400, {**throttled, "error": "Access Denied"}))

    with pytest.raises(RateLimitedError) as caught:
        store.list()

    assert (caught.value.retry_after, caught.value.code, store.clock.waits) == (600.0, "Access Denied", [])


@pytest.mark.parametrize(
    "answer", [fault(502, HTML), fault(500, {}), fault(200, HTML, **{"content-type": "text/html"}), fault(200, b"")]
)
def test_a_token_endpoint_that_is_down_is_asked_again(answer: PlannedFailure) -> None:
    store = open_shop("zohoinventory")
    store.store.failures.append(answer)

    assert len(store.list().result) == 5
    assert (store.clock.waits, asked(store)) == ([0.25], ["token", "token", "people"])


def test_a_renewal_that_was_refused_for_lack_of_quota_is_repeated_after_the_wait() -> None:
    store = open_shop("zohoinventory")
    store.store.failures.append(fault(429, {}, **{"retry-after": "7"}))

    assert len(store.list().result) == 5
    assert (store.clock.waits, asked(store)) == ([7.0], ["token", "token", "people"])


@pytest.mark.parametrize(
    ("slug", "name", "message"),
    [
        ("wix", "client_id", f"invalid_client (HTTP 400); {OF_WIX}"),
        ("wix", "client_secret", f"invalid_client (HTTP 400); {OF_WIX}"),
        ("wix", "instance_id", f"invalid_client (HTTP 400); {OF_WIX}"),
        ("zohoinventory", "client_id", f"invalid_client (HTTP 200); {OF_ZOHO}"),
        ("zohoinventory", "client_secret", f"invalid_client_secret (HTTP 200); {OF_ZOHO}"),
        ("zohoinventory", "refresh_token", f"invalid_code (HTTP 200); {OF_ZOHO}"),
    ],
)
def test_wrong_credentials_are_reported(slug: str, name: str, message: str) -> None:
    store = open_shop(slug, credentials={**CREDENTIALS[slug], name: "wrong-credential"})

    with pytest.raises(AuthenticationError) as caught:
        store.list()

    assert caught.value.message == f"{slug} token: no token: {message}"
    assert asked(store) == ["token"]


@each_store
def test_a_store_that_refuses_fresh_tokens_too_is_not_asked_forever(slug: str) -> None:
    store = open_shop(slug)
    fresh = [fault(200, {"access_token": f"fresh-token-{turn}", "expires_in": 3600}) for turn in range(2)]
    store.store.failures.extend([fresh[0], REFUSED, fresh[1], REFUSED])

    with pytest.raises(AuthenticationError):
        store.list()

    assert asked(store) == ["token", "people", "token", "people"]


# --------------------------------------------------------------------------------------------------------- leaks


@each_store
@both
def test_over_the_wire_no_token_and_no_secret_is_logged(
    twin: type[Twin], slug: str, loopback: Loopback, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    account = loopback.account(slug, credentials=CREDENTIALS[slug])

    page = twin(settings=STILL).list(account, limit=1)

    token = dict(loopback.store(slug).requests[-1].headers)["authorization"].rpartition(" ")[2]
    secrets = [token, *CREDENTIALS[slug].values()]
    assert (len(page.result), len(token) > 10) == (1, True)
    assert [secret for secret in secrets if secret in caplog.text or secret in repr(account)] == []
    assert "HTTP Request: POST" in caplog.text
