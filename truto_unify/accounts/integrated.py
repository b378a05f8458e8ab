"""Integrated accounts: create, list, change and delete within one environment; credentials are stored encrypted."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import sqlalchemy as sa

from truto_unify.accounts.admission import AccountDraft
from truto_unify.accounts.listing import MAX_PAGE_ITEMS, AccountFilter, AccountPage, after, conditions, write_cursor
from truto_unify.accounts.overrides import read_overrides
from truto_unify.accounts.provider_tokens import read_token
from truto_unify.accounts.records import IntegratedAccount
from truto_unify.accounts.tables import INTEGRATED_ACCOUNTS, PROVIDER_TOKENS, as_id
from truto_unify.errors import NotVisible, OutdatedVersion

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncConnection

    from truto_unify.accounts.admission import Admission
    from truto_unify.accounts.check_thread import CheckThread
    from truto_unify.accounts.database import Database
    from truto_unify.accounts.provider_tokens import SqlTokenStore
    from truto_unify.accounts.vault import Vault

_TABLE = INTEGRATED_ACCOUNTS
_PUBLIC_COLUMNS = [column for column in _TABLE.c if column.name != "credentials"]
_TOKEN_KEY_FIELDS = {"credentials", "context", "base_url", "token_url"}
"""The fields that the key of a stored token depends on: after a change the old tokens are unreachable."""

_MAX_ATTEMPTS = 5


class IntegratedAccounts:
    """The accounts of one database.

    Args:
        database: the database.
        vault: encrypts credentials.
        tokens: the tokens of these accounts.
        checks: runs the checks of drafts.
        now: the clock.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        tokens: SqlTokenStore,
        checks: CheckThread,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._checks = checks
        self._vault = vault
        self._tokens = tokens
        self._now = now

    async def create(self, environment_id: str, draft: AccountDraft, admission: Admission) -> IntegratedAccount:
        """Stores a new account, which is ``active``.

        Raises:
            UnknownProvider, InvalidInput, MissingCredential, InvalidOverride: see ``Admission.check``.
        """
        async with self._database.read() as connection:
            layers = await read_overrides(connection, environment_id, draft.integration)
        method = await self._checks.run(environment_id, partial(admission.check, draft, layers))
        account_id, now = str(uuid4()), self._now()
        row = {
            **_columns(replace(draft, authentication_method=method)),
            "id": account_id,
            "environment_id": environment_id,
            "status": "active",
            "last_error": None,
            "created_at": now,
            "updated_at": now,
            "version": 1,
        }
        sealed = self._vault.seal(credentials_row(account_id), dict(draft.credentials))
        async with self._database.write() as connection:
            await connection.execute(sa.insert(_TABLE).values({**row, "credentials": sealed}))
        return await self.get(environment_id, account_id)

    async def get(self, environment_id: str, account_id: str) -> IntegratedAccount:
        """One account.

        Raises:
            NotVisible: the environment has no account with this id; another one may have it.
        """
        async with self._database.read() as connection:
            row = (
                await connection.execute(sa.select(*_PUBLIC_COLUMNS).where(*_own(environment_id, account_id)))
            ).one_or_none()
        if row is None:
            raise _not_visible()
        return IntegratedAccount(**row._mapping)

    async def page(
        self,
        environment_id: str,
        account_filter: AccountFilter,
        *,
        limit: int | None = None,
        next_cursor: str | None = None,
    ) -> AccountPage:
        """One page of accounts, oldest first.

        Raises:
            InvalidInput, InvalidCursor: a condition or the cursor is malformed.
        """
        size = min(limit or MAX_PAGE_ITEMS, MAX_PAGE_ITEMS)
        query = sa.select(*_PUBLIC_COLUMNS).where(
            _TABLE.c.environment_id == environment_id, *conditions(account_filter)
        )
        if next_cursor:
            query = query.where(after(next_cursor))
        query = query.order_by(_TABLE.c.created_at, _TABLE.c.id).limit(size + 1)
        async with self._database.read() as connection:
            accounts = [IntegratedAccount(**row._mapping) for row in await connection.execute(query)]
        page_accounts = accounts[:size]
        cursor = write_cursor(page_accounts[-1]) if len(accounts) > size else None
        return AccountPage(result=page_accounts, next_cursor=cursor, limit=size)

    async def update(
        self,
        environment_id: str,
        account_id: str,
        changes: Mapping[str, Any],
        admission: Admission,
        *,
        version: int | None = None,
        may_move: bool = True,
    ) -> IntegratedAccount:
        """Changes an account if the result passes the admission rules.

        A change of the host that receives the credentials must bring all of them along.

        Args:
            environment_id: the environment of the caller.
            account_id: the account.
            changes: new values by field of ``AccountDraft``. ``context`` and ``credentials`` are merged at their top
                level (null removes a key); the others replace.
            admission: the rules.
            version: change only if this is still the newest version.
            may_move: whether the caller may change the host.

        Raises:
            NotVisible: the environment has no account with this id.
            OutdatedVersion: the account has changed since it was read.
            ForbiddenDestination: see ``Admission.check_move``.
            InvalidInput, MissingCredential, InvalidOverride: see ``Admission.check`` and ``Admission.check_move``.
        """
        for _ in range(_MAX_ATTEMPTS):
            async with AsyncExitStack() as locks:
                keys: list[str] = []
                if _TOKEN_KEY_FIELDS & set(changes):
                    # Wait for a running renewal: its rotated refresh token moves into the credentials.
                    keys = await self._token_keys(environment_id, account_id, admission)
                    for key in keys:
                        await locks.enter_async_context(self._tokens.lock(key))
                if await self._change(environment_id, account_id, changes, admission, version, keys, may_move=may_move):
                    break
        else:
            raise OutdatedVersion("other writers keep changing the account; try again")
        return await self.get(environment_id, account_id)

    async def _change(
        self,
        environment_id: str,
        account_id: str,
        changes: Mapping[str, Any],
        admission: Admission,
        version: int | None,
        locked: Collection[str],
        *,
        may_move: bool,
    ) -> bool:
        """Tries to change the account; False if it changed since its token keys were locked, or before writing."""
        async with self._database.read() as connection:
            query = sa.select(_TABLE).where(*_own(environment_id, account_id))
            row = (await connection.execute(query)).one_or_none()
            if row is None:
                raise _not_visible()
            layers = await read_overrides(connection, environment_id, row.integration)
            draft = self._draft(row)
            if _TOKEN_KEY_FIELDS & set(changes):
                key = admission.token_key(draft, row.id)
                if key and key not in locked:
                    return False
                draft = await self._with_newest_refresh_token(connection, draft, key)
        if version not in (None, row.version):
            raise OutdatedVersion(f"the account now has version {row.version}, not {version}")
        stored, draft = draft, _merged(draft, changes)
        admission.check_move(stored, draft, changes.get("credentials") or {}, may_move=may_move)
        await self._checks.run(environment_id, partial(admission.check, draft, layers))
        values = {**_columns(draft), "updated_at": self._now(), "version": row.version + 1}
        if _TOKEN_KEY_FIELDS & set(changes):
            values["credentials"] = self._vault.seal(credentials_row(row.id), dict(draft.credentials))
        if "credentials" in changes and row.status != "blocked":
            values |= {"status": "active", "last_error": None}
        async with self._database.write() as connection:
            change = sa.update(_TABLE).where(_TABLE.c.id == row.id, _TABLE.c.version == row.version)
            if not (await connection.execute(change.values(values))).rowcount:
                return False
            if _TOKEN_KEY_FIELDS & set(changes):
                own = PROVIDER_TOKENS.c.integrated_account_id == row.id
                await connection.execute(sa.delete(PROVIDER_TOKENS).where(own))
        return True

    async def _token_keys(self, environment_id: str, account_id: str, admission: Admission) -> list[str]:
        """The keys of the tokens of an account, also of the one whose first renewal is under way; sorted."""
        table = PROVIDER_TOKENS
        query = sa.select(table.c.key).where(table.c.integrated_account_id == as_id(account_id))
        async with self._database.read() as connection:
            keys = set((await connection.execute(query)).scalars())
            own = sa.select(_TABLE).where(*_own(environment_id, account_id))
            row = (await connection.execute(own)).one_or_none()
        if row is None:
            raise _not_visible()
        keys.add(admission.token_key(self._draft(row), row.id))
        return sorted(keys - {""})

    async def _with_newest_refresh_token(
        self, connection: AsyncConnection, draft: AccountDraft, key: str
    ) -> AccountDraft:
        """The account with the refresh token that was rotated last, under its own key.

        A call that began before a move may still store a token of the old host, which must not go to the new one.
        """
        if not draft.credentials.get("refresh_token"):
            return draft
        table = PROVIDER_TOKENS
        query = sa.select(table.c.key, table.c.token).where(table.c.key == key)
        newest = (await connection.execute(query)).one_or_none()
        rotated = read_token(self._vault, newest.key, newest.token).refresh_token if newest is not None else None
        return replace(draft, credentials={**draft.credentials, "refresh_token": rotated}) if rotated else draft

    def _draft(self, row: Any) -> AccountDraft:
        return AccountDraft(
            tenant_id=row.tenant_id,
            integration=row.integration,
            authentication_method=row.authentication_method,
            credentials=self._vault.unseal(credentials_row(row.id), row.credentials),
            context=row.context,
            base_url=row.base_url,
            token_url=row.token_url,
            is_sandbox=row.is_sandbox,
            unified_model_override=row.unified_model_override,
        )

    async def delete(self, environment_id: str, account_ids: Collection[str]) -> list[str]:
        """Deletes accounts with their tokens, and returns the ids of those that existed."""
        known_ids = [known for known in map(as_id, account_ids) if known is not None]
        own = (_TABLE.c.environment_id == environment_id, _TABLE.c.id.in_(known_ids))
        async with self._database.write() as connection:
            stored_ids = list((await connection.execute(sa.select(_TABLE.c.id).where(*own))).scalars())
            await connection.execute(sa.delete(_TABLE).where(*own))
        return [known_id for known_id in known_ids if known_id in stored_ids]


def credentials_row(account_id: str) -> str:
    """The row name that the encrypted credentials of an account are bound to."""
    return f"integrated_accounts/{account_id}/credentials"


def _own(environment_id: str, account_id: str) -> tuple[Any, Any]:
    return _TABLE.c.environment_id == environment_id, _TABLE.c.id == as_id(account_id)


def _not_visible() -> NotVisible:
    return NotVisible("there is no such integrated account")


def _columns(draft: AccountDraft) -> dict[str, Any]:
    return {
        "tenant_id": draft.tenant_id,
        "integration": draft.integration,
        "authentication_method": draft.authentication_method,
        "is_sandbox": draft.is_sandbox,
        "context": dict(draft.context),
        "base_url": draft.base_url,
        "token_url": draft.token_url,
        "unified_model_override": dict(draft.unified_model_override),
    }


def _merged(draft: AccountDraft, changes: Mapping[str, Any]) -> AccountDraft:
    values = dict(changes)
    for name in ("context", "credentials"):
        if name in values:
            both = {**getattr(draft, name), **(values[name] or {})}
            values[name] = {key: value for key, value in both.items() if value is not None}
    if "unified_model_override" in values:
        values["unified_model_override"] = values["unified_model_override"] or {}
    return replace(draft, **values)
