from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from tests.accounts.material import CREDENTIALS, KEY, draft
from truto_unify import InvalidSetting
from truto_unify.accounts import upkeep
from truto_unify.accounts.store import AccountStore
from truto_unify.accounts.tables import INTEGRATED_ACCOUNTS
from truto_unify.accounts.upkeep import check_database, rotate_keys
from truto_unify.accounts.vault import new_key
from truto_unify.types import Token

if TYPE_CHECKING:
    from truto_unify.accounts.admission import Admission
    from truto_unify.accounts.records import IntegratedAccount

pytestmark = pytest.mark.anyio
NEW = new_key()


async def test_after_a_rotation_the_old_key_may_go(
    database_url: str,
    store: AccountStore,
    home: str,
    rules: Admission,
    shop: IntegratedAccount,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(upkeep, "_BATCH_ROWS", 2)
    for number in range(4):
        await store.accounts.create(home, draft(tenant_id=f"t{number}"), rules)
    await store.tokens.write(f"{shop.id}/1", Token("access", None, "refresh"))
    both = await AccountStore.open(database_url, f"{NEW},{KEY}")
    alone = await AccountStore.open(database_url, NEW)
    try:
        assert len(await check_database(alone)) == 6
        with pytest.raises(InvalidSetting):
            await rotate_keys(alone)

        assert await rotate_keys(both) == 6
        assert await check_database(alone) == []
        connection = await alone.connection(home, shop.id)
        assert connection is not None
        assert connection.account.credentials == CREDENTIALS
        assert await alone.tokens.read(f"{shop.id}/1") == Token("access", None, "refresh")
    finally:
        await both.close()
        await alone.close()


async def test_a_change_during_the_rotation_is_kept(
    database_url: str,
    store: AccountStore,
    home: str,
    rules: Admission,
    shop: IntegratedAccount,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The service writes between reading and writing: its newer content is encrypted again."""
    both = await AccountStore.open(database_url, f"{NEW},{KEY}")
    changes = [{"credentials": {"consumer_key": "ck_newer"}}]
    replace = upkeep._replace

    async def changed_before(*arguments: object) -> bool:
        while changes:
            await store.accounts.update(home, shop.id, changes.pop(), rules)
        return await replace(*arguments)  # type: ignore[arg-type]  # those of the method that it replaces

    monkeypatch.setattr(upkeep, "_replace", changed_before)
    try:
        assert await rotate_keys(both) == 1
        connection = await both.connection(home, shop.id)
    finally:
        await both.close()

    assert connection is not None
    assert connection.account.credentials == {**CREDENTIALS, "consumer_key": "ck_newer"}


async def test_broken_rows_are_reported_one_by_one(
    store: AccountStore, home: str, rules: Admission, shop: IntegratedAccount
) -> None:
    other = await store.accounts.create(home, draft(), rules)
    table = INTEGRATED_ACCOUNTS
    async with store.database.write() as connection:
        stolen = (await connection.execute(sa.select(table.c.credentials).where(table.c.id == shop.id))).scalar_one()
        await connection.execute(sa.update(table).where(table.c.id == other.id).values(credentials=stolen))
        await connection.execute(sa.text("ALTER TABLE api_tokens DROP COLUMN last_used_at"))

    first, second = await check_database(store)
    assert first.startswith("the schema differs: ('add_column'")
    assert second == f"the encrypted content of integrated_accounts/{other.id}/credentials belongs to another row"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_file_that_others_can_read_is_a_problem(store: AccountStore) -> None:
    file = Path(str(store.database.url.database))
    file.chmod(0o644)

    assert await check_database(store) == [
        f"other users of this machine can read {file}, which holds secrets; run  chmod 600 {file}"
    ]
