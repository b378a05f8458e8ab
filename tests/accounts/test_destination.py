from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.accounts.material import CREDENTIALS, KEY, draft, oauth_draft
from truto_unify import Account, ForbiddenDestination, MissingCredential, OutboundRule, Registry
from truto_unify.accounts.admission import Admission
from truto_unify.accounts.destination import host_fields, moved_fields
from truto_unify.accounts.store import AccountStore
from truto_unify.config.mapping import MappingConfig
from truto_unify.types import Token

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.anyio
NEW = {"consumer_key": "ck_new", "consumer_secret": "cs_new"}


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/accounts.db"


def test_the_fields_that_decide_a_host(registry: Registry) -> None:
    assert {slug: host_fields(registry.provider(slug).config) for slug in registry.providers} == {
        "bigcommerce": (),  # the store hash is a part of the path
        "commerce7": (),
        "ecwid": (),
        "lightspeed_x": ("context.domain_prefix",),
        "magento": ("context.store_url",),
        "odoo": ("context.url",),
        "prestashop": ("context.store_url",),
        "sfcc": ("context.host",),
        "shopify": ("context.shop",),
        "shopify_rest": ("context.shop",),
        "square": ("context.environment",),  # the host follows it
        "squarespace": (),
        "stripe": (),
        "wix": (),
        "woocommerce": ("context.store_url",),
        "zohoinventory": ("context.data_center",),  # the host of the tokens follows it
    }


@pytest.mark.parametrize(
    ("changes", "moved"),
    [
        ({"context": {"store_url": "https://shop.example", "role": "all"}}, ()),
        ({"context": {"store_url": "HTTPS://Shop.example/"}}, ()),
        ({"credentials": NEW}, ()),
        ({"context": {"store_url": "https://mine.example"}}, ("context.store_url",)),
        ({"context": {"store_url": "http://shop.example"}}, ("context.store_url",)),
        ({"context": {"store_url": "https://shop.example/other"}}, ("context.store_url",)),
        ({"context": {"store_url": "https://shop.example:8443"}}, ("context.store_url",)),
        ({"base_url": "https://mine.example"}, ("base_url",)),
        ({"base_url": "https://mine.example", "token_url": "https://mine.example"}, ("base_url", "token_url")),
    ],
)
def test_a_change_moves_an_account(registry: Registry, changes: dict[str, Any], moved: tuple[str, ...]) -> None:
    assert moved_fields(registry.provider("woocommerce").config, draft().account, draft(**changes).account) == moved


def test_a_default_moves_nothing(registry: Registry) -> None:
    config = registry.provider("zohoinventory").config
    without = oauth_draft(context={"organization_id": "10"})
    assert moved_fields(config, oauth_draft().account, without.account) == ()


def test_an_override_of_a_mapping_cannot_name_a_host() -> None:
    names = {"define", "get", "list", "response_mapping", "side_loads", "unsupported", "where"}
    assert set(MappingConfig.model_fields) == names  # endpoints are named, and stand in the provider's file


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({}, "consumer_key, consumer_secret"),
        ({"credentials": {}}, "consumer_key, consumer_secret"),
        ({"credentials": {"consumer_key": "ck_new"}}, "consumer_secret"),
    ],
)
async def test_stored_credentials_never_move(
    store: AccountStore, home: str, rules: Admission, changes: dict[str, Any], missing: str
) -> None:
    account = await store.accounts.create(home, draft(), rules)
    move = {"context": {"store_url": "https://mine.example"}, **changes}

    with pytest.raises(MissingCredential) as caught:
        await store.accounts.update(home, account.id, move, rules)

    assert caught.value.message == (
        "a change of context.store_url sends the credentials to another host, so that all of them must come in the "
        f"same request, under credentials; missing: {missing} (null removes one)"
    )
    assert await store.accounts.get(home, account.id) == account


async def test_an_account_moves_with_new_credentials_and_without_its_tokens(
    store: AccountStore, home: str, rules: Admission
) -> None:
    account = await store.accounts.create(home, oauth_draft(), rules)
    await store.tokens.write(f"{account.id}/1", Token("access", None, "refresh-of-the-old-host"))
    new = {"client_id": "id-2", "client_secret": "s3cret-2", "refresh_token": "refresh-2"}

    await store.accounts.update(home, account.id, {"context": {"data_center": "eu"}, "credentials": new}, rules)

    connection = await store.connection(home, account.id)
    assert connection is not None
    assert (connection.account.context["data_center"], connection.account.credentials) == ("eu", new)
    assert await store.tokens.read(f"{account.id}/1") is None


async def test_a_caller_that_may_not_move_an_account(store: AccountStore, home: str, rules: Admission) -> None:
    account = await store.accounts.create(home, draft(), rules)
    move = {"context": {"store_url": "https://mine.example"}, "credentials": NEW}

    with pytest.raises(ForbiddenDestination, match=r"may not change context\.store_url, which decides where"):
        await store.accounts.update(home, account.id, move, rules, may_move=False)
    kept = await store.accounts.update(home, account.id, {"context": {"role": "all"}}, rules, may_move=False)
    assert kept.context == {"store_url": "https://shop.example", "role": "all"}


async def test_the_allowed_hosts_hold_for_accounts_that_were_stored_before(
    database_url: str, store: AccountStore, registry: Registry
) -> None:
    narrow = await AccountStore.open(database_url, KEY, outbound=OutboundRule.strict(hosts="shop.example, *.zoho.com"))
    rules = Admission(registry, narrow.outbound)

    def account(**changes: Any) -> Account:
        return Account(**{"provider": "woocommerce", "credentials": CREDENTIALS, **changes})

    rules.check_use(account(context={"store_url": "https://shop.example"}))
    with pytest.raises(ForbiddenDestination, match=r'^the address of context.store_url: "old.example" is'):
        rules.check_use(account(context={"store_url": "https://old.example"}))
    with pytest.raises(ForbiddenDestination, match=r'^base_url: "old.example" is not one'):
        rules.check_use(account(context={"store_url": "https://shop.example"}, base_url="https://old.example"))
    await narrow.close()
