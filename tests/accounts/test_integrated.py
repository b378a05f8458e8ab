from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from tests.accounts.material import CREDENTIALS, KEY, NOBODY, draft, oauth_draft
from truto_unify import (
    ForbiddenAddress,
    InvalidCursor,
    InvalidInput,
    InvalidOverride,
    MissingCredential,
    NotVisible,
    OutboundRule,
    OutdatedVersion,
    UnknownProvider,
)
from truto_unify.accounts.admission import Admission
from truto_unify.accounts.listing import AccountFilter
from truto_unify.accounts.records import IntegratedAccount
from truto_unify.accounts.store import AccountStore
from truto_unify.accounts.tables import INTEGRATED_ACCOUNTS, PROVIDER_TOKENS
from truto_unify.types import Token

if TYPE_CHECKING:
    from tests.accounts.material import Clock

pytestmark = pytest.mark.anyio
OVERRIDE = {"ecommerce": {"customers": {"response_mapping": {"loyalty_tier": "username"}}}}


async def credentials_of(store: AccountStore, home: str, account_id: str) -> dict[str, str]:
    connection = await store.connection(home, account_id)
    assert connection is not None
    return dict(connection.account.credentials)


# ----------------------------------------------------------------------------------------------------- create, read


async def test_an_account_is_stored_and_read_without_its_credentials(
    store: AccountStore, home: str, rules: Admission, clock: Clock
) -> None:
    created = await store.accounts.create(
        home, draft(base_url="https://proxy.example/v3", is_sandbox=True, unified_model_override=OVERRIDE), rules
    )

    assert created == IntegratedAccount(
        id=created.id,
        tenant_id="tenant-1",
        environment_id=home,
        integration="woocommerce",
        authentication_method="api_key",
        status="active",
        is_sandbox=True,
        context={"store_url": "https://shop.example"},
        base_url="https://proxy.example/v3",
        token_url=None,
        unified_model_override=OVERRIDE,
        last_error=None,
        created_at=clock.now,
        updated_at=clock.now,
        version=1,
    )
    assert await store.accounts.get(home, created.id) == created
    assert "s3cret" not in repr(created) + repr(draft())
    assert await credentials_of(store, home, created.id) == CREDENTIALS


async def test_a_stored_credential_knows_the_account_that_holds_it(
    store: AccountStore, home: str, shop: IntegratedAccount
) -> None:
    connection = await store.connection(home, shop.id)

    assert connection is not None
    assert connection.account.origins == dict.fromkeys(CREDENTIALS, f"the integrated account {shop.id}")


async def test_the_database_holds_no_credential_in_clear(
    store: AccountStore, home: str, shop: IntegratedAccount
) -> None:
    async with store.database.read() as connection:
        row = (await connection.execute(sa.select(INTEGRATED_ACCOUNTS))).one()

    assert "s3cret" not in str(row)


@pytest.mark.parametrize(
    ("changes", "kind", "message"),
    [
        ({"integration": "woocomerce"}, UnknownProvider, 'did you mean "woocommerce"'),
        ({"credentials": {"consumer_key": "ck"}}, MissingCredential, "credentials.consumer_secret"),
        ({"credentials": {**CREDENTIALS, "api_key": "s3cret"}}, InvalidInput, 'no credentials field "api_key"'),
        ({"context": {}}, MissingCredential, "context.store_url"),
        (
            {"context": {"store_url": "http://shop.example"}},
            ForbiddenAddress,
            'the address of context.store_url: "shop.example" is addressed by http://, which is not allowed',
        ),
        ({"tenant_id": " "}, InvalidInput, "tenant_id must have 1 to 200 characters"),
        ({"tenant_id": "a\x00b"}, InvalidInput, "tenant_id must have 1 to 200 characters"),
        ({"tenant_id": "a\ud800"}, InvalidInput, "tenant_id must have 1 to 200 characters"),
        ({"tenant_id": "x" * 201}, InvalidInput, "tenant_id must have 1 to 200 characters"),
        ({"authentication_method": "magic"}, InvalidInput, "authentication_method must be one of api_key, oauth2,"),
        ({"base_url": "https://10.1/"}, ForbiddenAddress, 'base_url: "10.1" leads to the address 10.0.0.1'),
        ({"token_url": "https://ana:s3cret@x.example/"}, InvalidInput, "token_url must not hold a user"),
        ({"unified_model_override": {"ecommerce": {"customers": {"x": 1}}}}, InvalidOverride, 'unknown key "x"'),
    ],
)
async def test_an_account_that_could_not_work_is_refused(
    store: AccountStore, home: str, rules: Admission, changes: dict[str, Any], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind) as caught:
        await store.accounts.create(home, draft(**changes), rules)

    assert message in str(caught.value)
    assert "s3cret" not in str(caught.value)
    assert (await store.accounts.page(home, AccountFilter())).result == []


async def test_every_address_that_an_account_leads_to_is_looked_at(
    database_url: str, store: AccountStore, home: str, registry: Any
) -> None:
    listed = OutboundRule.strict(hosts="*.shop.example, www.zohoapis.com")
    narrow = await AccountStore.open(database_url, KEY, outbound=listed)
    rules = Admission(registry, narrow.outbound)

    await narrow.accounts.create(home, draft(context={"store_url": "https://a.shop.example"}), rules)
    with pytest.raises(ForbiddenAddress, match=r'^the address of context.store_url: "shop.example" is not one of'):
        await narrow.accounts.create(home, draft(), rules)
    with pytest.raises(ForbiddenAddress, match=r'token_url: "accounts.zoho.com" is not one of the allowed hosts'):
        await narrow.accounts.create(home, oauth_draft(), rules)
    await narrow.accounts.create(home, oauth_draft(token_url="https://t.shop.example/"), rules)
    await narrow.close()


@pytest.mark.parametrize(
    ("new_account", "method"),
    [
        (draft(), "api_key"),
        (draft(authentication_method="oauth2"), "oauth2"),
        (oauth_draft(), "oauth2"),
        (oauth_draft(credentials={"access_token": "s3cret"}), "api_key"),
        (
            draft(
                integration="wix",
                context={"site_id": "site-1"},
                credentials={"client_id": "a", "client_secret": "s3cret", "instance_id": "i"},
            ),
            "oauth2_client_credentials",
        ),
    ],
)
async def test_the_credentials_say_how_an_account_comes_in(
    store: AccountStore, home: str, rules: Admission, new_account: Any, method: str
) -> None:
    assert (await store.accounts.create(home, new_account, rules)).authentication_method == method


async def test_an_import_may_have_credentials_in_its_context(rules: Admission) -> None:
    context = {"store_url": "https://shop.example", **CREDENTIALS, "else": "x"}

    assert rules.sort_context("woocommerce", context) == (
        {"store_url": "https://shop.example", "else": "x"},
        CREDENTIALS,
    )


async def test_an_unknown_and_a_foreign_account_give_the_same_error(
    store: AccountStore, away: str, rules: Admission, shop: IntegratedAccount
) -> None:
    said = set()
    for wrong in (shop.id, NOBODY, "", "x", "\x00", shop.id[:-1], f"{shop.id} "):
        with pytest.raises(NotVisible) as read:
            await store.accounts.get(away, wrong)
        with pytest.raises(NotVisible) as changed:
            await store.accounts.update(away, wrong, {"tenant_id": "b"}, rules)
        assert await store.accounts.delete(away, [wrong]) == []
        assert await store.connection(away, wrong) is None
        said |= {json.dumps(error.value.to_dict()) for error in (read, changed)}

    assert said == {'{"statusCode": 404, "error": "Not Found", "message": "there is no such integrated account"}'}


# ------------------------------------------------------------------------------------------------------------- list


@pytest.fixture
async def many(store: AccountStore, home: str, away: str, rules: Admission, clock: Clock) -> list[IntegratedAccount]:
    """Seven accounts; the first three were created at the same moment."""
    accounts = []
    for number in range(7):
        clock.advance(seconds=max(0, number - 2))
        kind = (draft, oauth_draft)[number % 2]
        accounts.append(
            await store.accounts.create(home, kind(tenant_id=f"t{number // 3}", is_sandbox=number > 4), rules)
        )
        await store.accounts.create(away, draft(tenant_id="t0"), rules)
    return sorted(accounts, key=lambda account: (account.created_at, account.id))


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8])
async def test_pages_give_each_account_once_in_order(
    store: AccountStore, home: str, many: list[IntegratedAccount], limit: int
) -> None:
    accounts: list[IntegratedAccount] = []
    cursor, pages = None, 0
    while cursor is not None or not pages:
        page = await store.accounts.page(home, AccountFilter(), limit=limit, next_cursor=cursor)
        assert page.limit == limit
        accounts += page.result
        cursor, pages = page.next_cursor, pages + 1

    assert accounts == many
    assert pages == -(-7 // limit)


async def test_an_account_that_comes_or_goes_between_pages_moves_no_other(
    store: AccountStore, home: str, rules: Admission, many: list[IntegratedAccount], clock: Clock
) -> None:
    first = await store.accounts.page(home, AccountFilter(), limit=3)
    await store.accounts.delete(home, [many[0].id, many[2].id, many[3].id])
    clock.advance(seconds=1)
    late = await store.accounts.create(home, draft(), rules)

    second = await store.accounts.page(home, AccountFilter(), limit=10, next_cursor=first.next_cursor)
    assert second.result == [*many[4:], late]


async def test_conditions_hold_together(store: AccountStore, home: str, many: list[IntegratedAccount]) -> None:
    async def ids(**conditions: Any) -> list[IntegratedAccount]:
        return (await store.accounts.page(home, AccountFilter(**conditions))).result

    await store.block(home, many[3].id)
    blocked = await store.accounts.get(home, many[3].id)
    moment = many[4].created_at
    assert await ids(tenant_id="t0") == [account for account in many if account.tenant_id == "t0"]
    assert await ids(integration="woocommerce") == [
        {True: blocked}.get(shop.id == blocked.id, shop) for shop in many if shop.integration == "woocommerce"
    ]
    assert await ids(is_sandbox=True) == many[5:]
    assert await ids(status=("blocked",)) == [blocked]
    assert await ids(status=("blocked", "active"), tenant_id="t2") == [
        account for account in many if account.tenant_id == "t2"
    ]
    assert await ids(created_at={"gte": moment}) == many[4:]
    assert await ids(created_at={"gt": moment}) == many[5:]
    assert await ids(created_at={"lt": moment, "gte": many[0].created_at}) == [*many[:3], blocked]
    assert await ids(created_at={"lte": many[0].created_at}) == many[:3]
    assert await ids(updated_at={"eq": many[6].updated_at}) == [blocked, many[6]]
    assert await ids(tenant_id="t9") == []


@pytest.mark.parametrize(
    "cursor", ["x", "é", "W10", "WyJ4IiwieSJd", "eyJhIjoxfQ", "bnVsbA", "\x00", "[" * 200_000, "WzEsMl0"]
)
async def test_a_cursor_of_another_list_is_refused(store: AccountStore, home: str, cursor: str) -> None:
    with pytest.raises(InvalidCursor, match="next_cursor is not a cursor of this list"):
        await store.accounts.page(home, AccountFilter(), next_cursor=cursor)


async def test_a_text_that_no_database_takes_is_refused(store: AccountStore, home: str) -> None:
    with pytest.raises(InvalidInput, match="tenant_id holds a control character"):
        await store.accounts.page(home, AccountFilter(tenant_id="a\x00"))


# ----------------------------------------------------------------------------------------------------------- change


async def test_a_change_of_context_keeps_the_credentials(
    store: AccountStore, home: str, rules: Admission, clock: Clock
) -> None:
    account = await store.accounts.create(home, oauth_draft(), rules)
    clock.advance(seconds=1)

    changed = await store.accounts.update(home, account.id, {"context": {"organization_id": "11"}}, rules)

    assert changed.context == {"organization_id": "11", "data_center": "com"}
    assert (changed.version, changed.updated_at, changed.created_at) == (2, clock.now, account.created_at)
    assert await credentials_of(store, home, account.id) == oauth_draft().credentials
    removed = await store.accounts.update(home, account.id, {"context": {"data_center": None}}, rules)
    assert removed.context == {"organization_id": "11"}  # com is the default


async def test_fields_that_an_update_omits_stay(store: AccountStore, home: str, rules: Admission) -> None:
    account_draft = draft(base_url="https://proxy.example", unified_model_override=OVERRIDE)
    account = await store.accounts.create(home, account_draft, rules)

    changed = await store.accounts.update(home, account.id, {"tenant_id": "b", "is_sandbox": True}, rules)
    assert (changed.tenant_id, changed.is_sandbox) == ("b", True)
    assert (changed.base_url, changed.unified_model_override) == (account.base_url, OVERRIDE)
    nothing = {"base_url": None, "unified_model_override": None, "credentials": CREDENTIALS}
    cleared = await store.accounts.update(home, account.id, nothing, rules)
    assert (cleared.base_url, cleared.unified_model_override) == (None, {})


async def test_credentials_are_merged_and_bring_the_account_back(
    store: AccountStore, home: str, rules: Admission, shop: IntegratedAccount
) -> None:
    async with store.database.write() as connection:
        await connection.execute(sa.update(INTEGRATED_ACCOUNTS).values(status="needs_reauth", last_error={"a": 1}))

    changed = await store.accounts.update(home, shop.id, {"credentials": {"consumer_secret": "cs_new"}}, rules)

    assert (changed.status, changed.last_error) == ("active", None)
    assert await credentials_of(store, home, shop.id) == {**CREDENTIALS, "consumer_secret": "cs_new"}


async def test_new_credentials_do_not_unblock(
    store: AccountStore, home: str, rules: Admission, shop: IntegratedAccount
) -> None:
    await store.block(home, shop.id)

    changed = await store.accounts.update(home, shop.id, {"credentials": {"consumer_secret": "cs_new"}}, rules)
    assert changed.status == "blocked"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"context": {"store_url": None}}, "context.store_url"),
        ({"credentials": {"consumer_key": None}}, "credentials.consumer_key"),
        ({"base_url": "ftp://x"}, "base_url"),
        ({"unified_model_override": {"ecommerce": {"customers": {"x": 1}}}}, 'unknown key "x"'),
    ],
)
async def test_a_change_that_breaks_the_account_is_refused_whole(
    store: AccountStore, home: str, rules: Admission, shop: IntegratedAccount, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises((InvalidInput, MissingCredential, InvalidOverride), match=message):
        await store.accounts.update(home, shop.id, {"tenant_id": "b", **changes}, rules)

    assert await store.accounts.get(home, shop.id) == shop
    assert await credentials_of(store, home, shop.id) == CREDENTIALS


async def test_a_change_for_an_older_version_is_refused(
    store: AccountStore, home: str, rules: Admission, shop: IntegratedAccount
) -> None:
    changed = await store.accounts.update(home, shop.id, {"tenant_id": "b"}, rules, version=1)

    with pytest.raises(OutdatedVersion, match="the account now has version 2, not 1"):
        await store.accounts.update(home, shop.id, {"tenant_id": "c"}, rules, version=1)
    assert await store.accounts.get(home, shop.id) == changed


async def test_changes_at_once_are_all_made(store: AccountStore, home: str, rules: Admission, clock: Clock) -> None:
    account = await store.accounts.create(home, oauth_draft(), rules)

    await asyncio.gather(
        store.accounts.update(home, account.id, {"is_sandbox": True}, rules),
        store.accounts.update(home, account.id, {"context": {"organization_id": "11"}}, rules),
        store.accounts.update(home, account.id, {"tenant_id": "b"}, rules),
    )

    stored = await store.accounts.get(home, account.id)
    assert (stored.tenant_id, stored.is_sandbox, stored.context, stored.version) == (
        "b",
        True,
        {"organization_id": "11", "data_center": "com"},
        4,
    )


async def test_a_rotated_refresh_token_outlives_a_change_of_the_account(
    store: AccountStore, home: str, rules: Admission, clock: Clock
) -> None:
    account = await store.accounts.create(home, oauth_draft(), rules)
    for number in (1, 2):
        clock.advance(seconds=1)
        key = rules.token_key(oauth_draft(), account.id)
        await store.tokens.write(key, Token("access", None, f"refresh-{number}"))

    await store.accounts.update(home, account.id, {"context": {"organization_id": "11"}}, rules)

    assert (await credentials_of(store, home, account.id))["refresh_token"] == "refresh-2"
    async with store.database.read() as connection:
        assert (await connection.execute(sa.select(PROVIDER_TOKENS.c.key))).all() == []
    await store.tokens.write(f"{account.id}/of-the-old-fields", Token("access", None, "refresh-3"))
    await store.accounts.update(home, account.id, {"context": {"organization_id": "12"}}, rules)
    assert (await credentials_of(store, home, account.id))["refresh_token"] == "refresh-2"
    await store.accounts.update(home, account.id, {"credentials": {"refresh_token": "given"}}, rules)
    assert (await credentials_of(store, home, account.id))["refresh_token"] == "given"


@pytest.mark.parametrize("earlier", [[], [Token("access", None, "refresh-1")]], ids=["first", "later"])
@pytest.mark.parametrize("changes", [{"context": {"organization_id": "11"}}, {"credentials": {"client_secret": "new"}}])
async def test_a_change_of_the_account_waits_for_a_renewal_that_is_under_way(
    store: AccountStore, home: str, rules: Admission, earlier: list[Token], changes: dict[str, Any]
) -> None:
    account = await store.accounts.create(home, oauth_draft(), rules)
    key = rules.token_key(oauth_draft(), account.id)
    for token in earlier:
        await store.tokens.write(key, token)
    began = asyncio.Event()

    async def renew() -> None:
        async with store.tokens.lock(key):
            await store.tokens.read(key)
            began.set()
            for _ in range(50):
                await asyncio.sleep(0)
            await store.tokens.write(key, Token("access", None, "refresh-2"))

    renewal = asyncio.create_task(renew())
    await began.wait()
    await store.accounts.update(home, account.id, changes, rules)
    await renewal

    assert (await credentials_of(store, home, account.id))["refresh_token"] == "refresh-2"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"context": {"store_url": "https://shop.example", "note": "a\0b"}}, "context.note holds the character NUL"),
        ({"context": {"store_url": "https://shop.example", "a\ud800": "b"}}, "context.a\\? is a key that holds half"),
        ({"credentials": {**CREDENTIALS, "consumer_key": "\ud800"}}, "credentials.consumer_key holds half a character"),
        ({"base_url": "https://shop.example/\ud800"}, "base_url holds half a character"),
    ],
)
async def test_what_the_database_cannot_hold_is_refused(
    store: AccountStore, home: str, rules: Admission, shop: IntegratedAccount, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        await store.accounts.create(home, draft(**changes), rules)
    with pytest.raises(InvalidInput, match=message):
        await store.accounts.update(home, shop.id, {"credentials": CREDENTIALS, **changes}, rules)


async def test_half_a_character_that_an_earlier_release_stored_is_read_as_a_question_mark(
    store: AccountStore, home: str, shop: IntegratedAccount
) -> None:
    bad = {"ecommerce": {"customers": {"response_mapping": {"x": "half \ud800"}}}}
    async with store.database.write() as connection:
        await connection.execute(sa.update(INTEGRATED_ACCOUNTS).values(unified_model_override=bad))

    (listed,) = (await store.accounts.page(home, AccountFilter())).result
    assert listed.unified_model_override == {"ecommerce": {"customers": {"response_mapping": {"x": "half ?"}}}}
    assert (await store.accounts.get(home, shop.id)).unified_model_override == listed.unified_model_override


async def test_changes_at_once_wait_for_the_token_key_that_the_other_gave_the_account(
    store: AccountStore, home: str, rules: Admission
) -> None:
    account = await store.accounts.create(home, oauth_draft(), rules)

    await asyncio.gather(
        *(
            store.accounts.update(home, account.id, {"context": {"organization_id": str(number)}}, rules)
            for number in (11, 12)
        )
    )

    changed = await store.accounts.get(home, account.id)
    assert changed.version == 3
    assert (await credentials_of(store, home, account.id))["refresh_token"] == "refresh-0"


# ----------------------------------------------------------------------------------------------------------- delete


async def test_accounts_are_deleted_with_everything_that_is_theirs(
    store: AccountStore, home: str, rules: Admission, shop: IntegratedAccount
) -> None:
    other = await store.accounts.create(home, draft(), rules)
    await store.tokens.write(f"{shop.id}/1", Token("access"))
    await store.tokens.write(f"{other.id}/1", Token("access"))

    assert await store.accounts.delete(home, [NOBODY, shop.id, "x"]) == [shop.id]
    assert await store.accounts.delete(home, [shop.id]) == []
    assert await store.tokens.read(f"{shop.id}/1") is None
    assert await store.tokens.read(f"{other.id}/1") == Token("access")
