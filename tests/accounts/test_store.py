from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from tests.accounts.material import CREDENTIALS, draft
from truto_unify import (
    Account,
    AccountBlocked,
    AuthenticationError,
    InvalidInput,
    InvalidSetting,
    NotVisible,
    PermissionDeniedError,
    StorageError,
    TransportError,
)
from truto_unify.accounts.records import Connection
from truto_unify.accounts.store import AccountStore
from truto_unify.accounts.tables import INTEGRATED_ACCOUNTS
from truto_unify.accounts.vault import new_key

if TYPE_CHECKING:
    from tests.accounts.material import Clock
    from truto_unify.accounts.admission import Admission
    from truto_unify.accounts.records import IntegratedAccount

pytestmark = pytest.mark.anyio
REFUSED = AuthenticationError("consumer key is not valid", status_code=401, code="cannot_view", raw_response={"a": "b"})


async def set_status(store: AccountStore, status: str) -> None:
    async with store.database.write() as connection:
        await connection.execute(sa.update(INTEGRATED_ACCOUNTS).values(status=status))


async def test_a_connection_holds_everything_that_a_call_needs(
    store: AccountStore, home: str, rules: Admission
) -> None:
    stored = await store.accounts.create(home, draft(base_url="https://proxy.example"), rules)

    assert await store.connection(home, stored.id.upper()) == Connection(
        account=Account(
            provider="woocommerce",
            credentials=CREDENTIALS,
            context={"store_url": "https://shop.example"},
            base_url="https://proxy.example",
            id=stored.id,
        ),
        stored=stored,
    )


async def test_a_connection_shows_no_secret(store: AccountStore, home: str, shop: IntegratedAccount) -> None:
    assert "s3cret" not in repr(await store.connection(home, shop.id))


async def test_a_blocked_account_serves_no_call_until_it_is_unblocked(
    store: AccountStore, home: str, away: str, shop: IntegratedAccount
) -> None:
    assert (await store.block(home, shop.id)).status == "blocked"

    with pytest.raises(AccountBlocked) as caught:
        await store.connection(home, shop.id)
    assert caught.value.to_dict() == {
        "statusCode": 503,
        "error": "Service Unavailable",
        "message": "this integrated account is blocked",
    }
    assert await store.connection(away, shop.id) is None
    with pytest.raises(NotVisible):
        await store.block(away, shop.id, is_blocked=False)
    assert (await store.block(home, shop.id, is_blocked=False)).status == "active"
    assert await store.connection(home, shop.id) is not None


async def test_credentials_of_another_row_are_noticed(
    store: AccountStore, home: str, rules: Admission, shop: IntegratedAccount
) -> None:
    other = await store.accounts.create(home, draft(tenant_id="b"), rules)
    table = INTEGRATED_ACCOUNTS
    async with store.database.write() as connection:
        stolen = (await connection.execute(sa.select(table.c.credentials).where(table.c.id == shop.id))).scalar_one()
        await connection.execute(sa.update(table).where(table.c.id == other.id).values(credentials=stolen))

    with pytest.raises(StorageError, match="belongs to another row"):
        await store.connection(home, other.id)


async def test_another_secret_key_opens_nothing(database_url: str, home: str, shop: IntegratedAccount) -> None:
    other = await AccountStore.open(database_url, new_key())
    try:
        with pytest.raises(InvalidSetting, match="no key of TRUTO_UNIFY_SECRET_KEY decrypts integrated_accounts/"):
            await other.connection(home, shop.id)
    finally:
        await other.close()


@pytest.mark.parametrize("keys", [pytest.param("", id="no-key"), pytest.param("x", id="no-fernet-key")])
async def test_a_wrong_key_is_reported_before_the_database_opens(keys: str) -> None:
    with pytest.raises(InvalidSetting):
        await AccountStore.open("postgresql://127.0.0.1:1/none", keys)


async def test_the_store_answers_pings(store: AccountStore) -> None:
    await store.ping()


# ----------------------------------------------------------------------------------------------------------- states


@pytest.mark.parametrize("before", ["active", "connecting", "post_install_error", "validation_error"])
async def test_a_refusal_of_the_credentials_asks_for_new_ones(
    store: AccountStore, home: str, shop: IntegratedAccount, clock: Clock, before: str
) -> None:
    await set_status(store, before)
    clock.advance(seconds=1)

    await store.note_failure(shop.id, REFUSED)

    account = await store.accounts.get(home, shop.id)
    assert (account.status, account.version, account.updated_at) == ("needs_reauth", 2, clock.now)
    assert account.last_error == {
        "statusCode": 401,
        "message": "the provider refused the credentials (HTTP 401)",
        "code": "cannot_view",
        "occurred_at": "2026-01-02T03:04:06.678900Z",
    }
    assert await store.connection(home, shop.id) is not None


@pytest.mark.parametrize("before", ["needs_reauth", "connecting", "post_install_error", "validation_error"])
async def test_a_good_answer_makes_an_account_active(
    store: AccountStore, home: str, shop: IntegratedAccount, before: str
) -> None:
    await store.note_failure(shop.id, REFUSED)
    await set_status(store, before)

    await store.note_success(shop.id, seen_status=before)

    account = await store.accounts.get(home, shop.id)
    assert (account.status, account.last_error) == ("active", None)


@pytest.mark.parametrize(
    "error", [TransportError("lost"), PermissionDeniedError("no", status_code=403), InvalidInput("x")]
)
async def test_other_failures_change_nothing(
    store: AccountStore, home: str, shop: IntegratedAccount, error: Any
) -> None:
    await store.note_failure(shop.id, error)

    assert await store.accounts.get(home, shop.id) == shop


async def test_a_blocked_account_stays_blocked_whatever_the_provider_says(
    store: AccountStore, home: str, shop: IntegratedAccount
) -> None:
    blocked = await store.block(home, shop.id)

    await store.note_success(shop.id)
    await store.note_failure(shop.id, REFUSED)
    assert await store.accounts.get(home, shop.id) == blocked


async def test_notes_on_an_account_that_is_gone_are_nothing(
    store: AccountStore, home: str, shop: IntegratedAccount
) -> None:
    await store.accounts.delete(home, [shop.id])

    await store.note_success(shop.id)
    await store.note_failure(shop.id, REFUSED)
    await store.note_failure("x", REFUSED)


async def test_a_success_of_an_active_account_costs_no_query(store: AccountStore, shop: IntegratedAccount) -> None:
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    sa.event.listen(store.database._engine.sync_engine, "before_cursor_execute", note)

    await store.note_success(shop.id, seen_status="active")
    assert statements == []


# ----------------------------------------------------------------------------------------------------- environments


async def test_environments_are_made_once_and_found_by_name(store: AccountStore, home: str, away: str) -> None:
    again = await store.environments.ensure("home")

    assert again.id == home
    assert [environment.name for environment in await store.environments.all()] == ["away", "home"]
    assert (await store.environments.get("away")).id == away


@pytest.mark.parametrize("name", ["", " a", "a\x00", "x" * 101, "ä", "../x"])
async def test_a_name_that_cannot_be_is_refused(store: AccountStore, name: str) -> None:
    with pytest.raises(InvalidInput, match="an environment's name must have 1 to 100 letters"):
        await store.environments.ensure(name)
    with pytest.raises(NotVisible, match="the environments: none"):
        await store.environments.get(name)
