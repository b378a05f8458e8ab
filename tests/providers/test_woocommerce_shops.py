"""WooCommerce as shops are: hosts that drop headers, plain HTTP, permalinks with a script in them, roles."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import httpx
import pytest

from tests.providers.pretend import ordinary_people
from tests.twins import CUSTOMERS
from truto_unify import Account, AuthenticationError, Client, InvalidInput, Settings
from truto_unify.sandbox.store import Store
from truto_unify.sandbox.woocommerce.app import ACCOUNT, create_app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.applications import Starlette

NOW = datetime(2026, 11, 24, 6, 50, tzinfo=UTC)
KEYS = dict(ACCOUNT["credentials"])


@dataclass
class Shop(httpx.BaseTransport):
    """The pretend shop, as a host of this kind shows it; ``asked`` holds what was sent."""

    app: Starlette
    drops_header: bool = False
    takes_basic: bool = True
    below: str = ""
    asked: list[httpx.Request] = field(default_factory=list)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        headers = dict(request.headers)
        if self.drops_header or not self.takes_basic:
            headers.pop("authorization", None)

        async def answer() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app, root_path=self.below)
            async with httpx.AsyncClient(transport=transport) as client:
                return await client.request(request.method, request.url, headers=headers)

        answered = asyncio.run(answer())
        return httpx.Response(answered.status_code, headers=dict(answered.headers), content=answered.content)


def make_shop(count: int = 3, **host: Any) -> Shop:
    store = Store.of(ordinary_people(count))
    return Shop(create_app(store, now=NOW.timestamp), **host)


def nonces() -> Iterator[str]:
    number = 0
    while True:
        number += 1
        yield f"nonce-{number}"


def open_client(shop: Shop) -> Client:
    used = nonces()
    settings = Settings(now=lambda: NOW, nonce=lambda: next(used), random=lambda: 0.0)
    return Client(transport=shop, settings=settings, sleep=lambda _: None)


def account(store_url: str, **context: str) -> Account:
    return Account(provider="woocommerce", credentials=KEYS, context={"store_url": store_url, **context})


def query_of(request: httpx.Request) -> dict[str, str]:
    return dict(parse_qsl(request.url.query.decode(), keep_blank_values=True))


def test_a_host_that_drops_the_header_is_reported_and_works_with_the_keys_in_the_query() -> None:
    shop = make_shop(drops_header=True)
    with open_client(shop) as client:
        with pytest.raises(AuthenticationError) as caught:
            client.list(CUSTOMERS, account("https://shop.example"))
        page = client.list(CUSTOMERS, account("https://shop.example", keys_in="query"))

    assert "its host drops the Authorization header (then set the context field keys_in to query)" in str(caught.value)
    assert page.result_count == 3
    assert "authorization" not in shop.asked[-1].headers
    assert KEYS.items() <= query_of(shop.asked[-1]).items()


def test_over_plain_http_requests_are_signed_and_the_secret_is_not_sent() -> None:
    shop = make_shop(205, takes_basic=False)
    with open_client(shop) as client:
        records = list(client.iterate(CUSTOMERS, account("HTTP://Shop.Example/")))
        record = client.get(CUSTOMERS, account("http://shop.example"), records[0].id)

    assert (len(records), record.id) == (205, records[0].id)
    sent = [query_of(request) for request in shop.asked]
    assert {query["oauth_signature_method"] for query in sent} == {"HMAC-SHA256"}
    assert [query["oauth_nonce"] for query in sent] == [f"nonce-{number}" for number in range(1, len(sent) + 1)]
    assert all(KEYS["consumer_secret"] not in f"{request.url} {request.headers}" for request in shop.asked)


def test_a_repeated_request_has_a_signature_of_its_own() -> None:
    shop = make_shop(takes_basic=False)
    lost = [httpx.ConnectError("lost"), httpx.ConnectError("lost again")]

    class Flaky(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            answer = shop.handle_request(request)
            if lost:
                raise lost.pop()
            return answer

    used = nonces()
    settings = Settings(now=lambda: NOW, nonce=lambda: next(used), random=lambda: 0.0)
    with Client(transport=Flaky(), settings=settings, sleep=lambda _: None) as client:
        assert client.list(CUSTOMERS, account("http://shop.example")).result_count == 3

    assert [query_of(request)["oauth_nonce"] for request in shop.asked] == ["nonce-1", "nonce-2", "nonce-3"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"consumer_secret": "cs_wrong"}, "Invalid signature - provided signature does not match."),
        ({"consumer_key": "ck_wrong"}, "Consumer key is invalid."),
    ],
)
def test_a_wrong_signature_is_a_refusal_of_the_keys(changes: dict[str, str], message: str) -> None:
    wrong = Account(provider="woocommerce", credentials=KEYS | changes, context={"store_url": "http://shop.example"})
    with open_client(make_shop()) as client, pytest.raises(AuthenticationError) as caught:
        client.list(CUSTOMERS, wrong)

    assert caught.value.message == (
        f"woocommerce GET /customers: {message} (HTTP 401); refused: consumer_key, consumer_secret"
    )


def test_a_wrong_clock_is_an_error_of_the_shop() -> None:
    shop = Shop(create_app(Store.of(ordinary_people(1)), now=lambda: NOW.timestamp() + 3600))
    with open_client(shop) as client, pytest.raises(AuthenticationError, match=r"Invalid timestamp\."):
        client.list(CUSTOMERS, account("http://shop.example"))


@pytest.mark.parametrize("below", ["", "/index.php", "/shop/index.php"])
def test_the_script_of_permalinks_and_a_folder_belong_to_the_address(below: str) -> None:
    for scheme in ("https", "http"):
        shop = make_shop(below=below)
        with open_client(shop) as client:
            assert client.list(CUSTOMERS, account(f"{scheme}://shop.example{below}/")).result_count == 3
        assert shop.asked[0].url.path == f"{below}/wp-json/wc/v3/customers"


def test_lists_give_customers_of_the_chosen_role() -> None:
    shop = make_shop()
    with open_client(shop) as client:
        plain = client.list(CUSTOMERS, account("https://shop.example"))
        everybody = client.list(CUSTOMERS, account("https://shop.example", role="all"))

    assert (plain.result_count, everybody.result_count) == (3, 4)
    assert [query_of(request).get("role") for request in shop.asked] == [None, "all"]


def test_the_primary_e_mail_of_any_role_is_found_unless_the_caller_names_a_role() -> None:
    shop = make_shop()
    with open_client(shop) as client:
        everybody = client.list(CUSTOMERS, account("https://shop.example", role="all")).result
        staff = next(user for user in everybody if user.remote_data["role"] != "customer")
        lookup: list[Any] = [{"email": staff.remote_data["email"], "is_primary": True}]
        found = client.list(CUSTOMERS, account("https://shop.example"), emails=lookup)
        named = client.list(
            CUSTOMERS, account("https://shop.example"), emails=lookup, remote_query={"role": "customer"}
        )

    assert ([user.id for user in found.result], named.result) == ([staff.id], [])


def test_a_bare_e_mail_is_looked_up_in_the_roles_that_the_account_lists() -> None:
    with open_client(make_shop()) as client:
        everybody = client.list(CUSTOMERS, account("https://shop.example", role="all")).result
        staff = next(user for user in everybody if user.remote_data["role"] != "customer")
        address = staff.remote_data["email"]
        of_all = client.list(CUSTOMERS, account("https://shop.example", role="all"), email=address)
        of_customers = client.list(CUSTOMERS, account("https://shop.example"), email=address)

    assert ([user.id for user in of_all.result], of_customers.result) == ([staff.id], [])


def test_where_keys_go_is_one_of_two() -> None:
    with open_client(make_shop()) as client, pytest.raises(InvalidInput) as caught:
        client.list(CUSTOMERS, account("https://shop.example", keys_in="body"))

    assert caught.value.message == 'context.keys_in "body" is not one of header, query'


def test_nobody_signs_with_parameters_of_their_own() -> None:
    with open_client(make_shop()) as client, pytest.raises(InvalidInput, match="oauth_nonce"):
        client.list(CUSTOMERS, account("https://shop.example"), remote_query={"oauth_nonce": "1"})
