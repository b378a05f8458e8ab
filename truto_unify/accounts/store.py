"""The account store of the service: identifies callers and loads their accounts."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

import sqlalchemy as sa

from truto_unify.accounts.api_tokens import ApiTokens
from truto_unify.accounts.budgets import SqlBudgetStore
from truto_unify.accounts.check_thread import CheckThread
from truto_unify.accounts.database import Database
from truto_unify.accounts.environments import Environments
from truto_unify.accounts.integrated import IntegratedAccounts, credentials_row
from truto_unify.accounts.layers import override_layers
from truto_unify.accounts.overrides import Overrides, read_overrides
from truto_unify.accounts.provider_tokens import SqlTokenStore
from truto_unify.accounts.records import Connection, IntegratedAccount
from truto_unify.accounts.tables import INTEGRATED_ACCOUNTS, as_id
from truto_unify.accounts.vault import Vault
from truto_unify.errors import AccountBlocked, AuthenticationError
from truto_unify.outbound import OutboundRule
from truto_unify.types import Account

if TYPE_CHECKING:
    from collections.abc import Callable

    from truto_unify.accounts.records import Identity
    from truto_unify.errors import UnifyError

_TABLE = INTEGRATED_ACCOUNTS
_CODE = re.compile(r"[A-Za-z0-9_.:-]{1,60}")
_ACTIVE_AFTER_SUCCESS = ("connecting", "needs_reauth", "post_install_error", "validation_error")
_NEEDS_REAUTH_AFTER_REFUSAL = ("active", "connecting", "post_install_error", "validation_error")


class AccountStore:
    """The stored data of the service, in one database.

    Attributes:
        environments: the units of isolation.
        api_tokens: the tokens of callers.
        accounts: the integrated accounts.
        overrides: the mapping overrides of environments.
        tokens: the token store for ``AsyncClient(tokens=...)``.
        budgets: the budget store for ``Settings(budgets=...)``.
        outbound: the addresses that requests may reach.
        database: the database.
        vault: encrypts credentials.
    """

    def __init__(self, database: Database, vault: Vault, outbound: OutboundRule, now: Callable[[], datetime]) -> None:
        self.database = database
        self.vault = vault
        self.outbound = outbound
        self._now = now
        self.budgets = SqlBudgetStore(database)
        self.tokens = SqlTokenStore(database, vault, now=now)
        self.environments = Environments(database, now)
        self.api_tokens = ApiTokens(database, now)
        self._checks = CheckThread()
        self.accounts = IntegratedAccounts(database, vault, self.tokens, self._checks, now)
        self.overrides = Overrides(database, self._checks, now)

    @staticmethod
    async def migrate(database_url: str) -> tuple[str | None, str | None]:
        """Migrates the schema of a database; the first step of a service.

        Returns:
            The revisions before and after.

        Raises:
            InvalidSetting: the URL is wrong.
            StorageError: the database does not answer, or a newer release migrated it.
        """
        database = Database(database_url)
        try:
            return await database.migrate()
        finally:
            await database.close()

    @classmethod
    async def open(
        cls,
        database_url: str,
        secret_keys: str,
        *,
        outbound: OutboundRule | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> Self:
        """Opens a migrated database.

        Args:
            database_url: ``sqlite:///file.db`` or ``postgresql://user:password@host/database``.
            secret_keys: Fernet keys, separated by commas; the first encrypts, each of them decrypts.
            outbound: the addresses that accounts may lead to; None: all public ones, by https.
            now: the clock.

        Raises:
            InvalidSetting: a setting is wrong; its value is not shown.
            StorageError: the database does not answer, or its schema is not that of this release.
        """
        vault = Vault(secret_keys)
        database = Database(database_url)
        try:
            await database.require_newest_schema()
        except BaseException:
            await database.close()
            raise
        return cls(database, vault, outbound or OutboundRule.strict(), now)

    async def close(self) -> None:
        """Closes the connections, after the changes that are under way."""
        self._checks.close()
        await self.budgets.close()
        await self.database.close()

    async def ping(self) -> None:
        """Checks that the database answers.

        Raises:
            StorageError: the database does not answer.
        """
        await self.database.ping()

    async def identify(self, bearer: str) -> Identity | None:
        """The identity of a token; None if it is unknown, expired or revoked."""
        return await self.api_tokens.identify(bearer)

    async def connection(self, environment_id: str, account_id: str, *, method: str = "list") -> Connection | None:
        """The account with its credentials; None if it is unknown or belongs to another environment.

        Args:
            environment_id: the environment of the caller.
            account_id: the account, as the caller wrote it.
            method: ``list`` or ``get``; an override may apply to one of them only.

        Raises:
            AccountBlocked: the operator has blocked the account.
            InvalidSetting: no secret key decrypts its credentials.
        """
        own = (_TABLE.c.environment_id == environment_id, _TABLE.c.id == as_id(account_id))
        async with self.database.read() as connection:
            row = (await connection.execute(sa.select(_TABLE).where(*own))).one_or_none()
            if row is None:
                return None
            layers = await read_overrides(connection, environment_id, row.integration)
        if row.status == "blocked":
            raise AccountBlocked("this integrated account is blocked")
        credentials = self.vault.unseal(credentials_row(row.id), row.credentials)
        account = Account(
            provider=row.integration,
            credentials=credentials,
            context=row.context,
            base_url=row.base_url,
            token_url=row.token_url,
            id=row.id,
            overrides=override_layers(layers, row.unified_model_override, method),
            origins=dict.fromkeys(credentials, f"the integrated account {row.id}"),
        )
        shown = {name: value for name, value in row._mapping.items() if name != "credentials"}
        return Connection(account=account, stored=IntegratedAccount(**shown))

    async def note_success(self, account_id: str, *, seen_status: str | None = None) -> None:
        """Records that a provider accepted the credentials: an account in trouble becomes ``active`` again.

        Args:
            account_id: the account.
            seen_status: the status that ``connection`` returned; an ``active`` account needs no query.
        """
        if seen_status != "active":
            await self._change_status(account_id, _ACTIVE_AFTER_SUCCESS, "active", None)

    async def note_failure(self, account_id: str, error: UnifyError) -> None:
        """Records a failed call; an account whose credentials the provider refused becomes ``needs_reauth``."""
        if isinstance(error, AuthenticationError):
            # The provider's words may name people; a code of letters and digits does not.
            code = error.code if error.code is not None and _CODE.fullmatch(error.code) else None
            message = f"the provider refused the credentials (HTTP {error.status_code})"
            description = {"statusCode": error.status, "message": message, "code": code}
            moment = self._now().isoformat().replace("+00:00", "Z")
            last_error = {**description, "occurred_at": moment}
            await self._change_status(account_id, _NEEDS_REAUTH_AFTER_REFUSAL, "needs_reauth", last_error)

    async def block(self, environment_id: str, account_id: str, *, is_blocked: bool = True) -> IntegratedAccount:
        """Blocks an account (every call with it fails with 503), or unblocks it.

        Raises:
            NotVisible: the environment has no account with this id.
        """
        account = await self.accounts.get(environment_id, account_id)
        if is_blocked != (account.status == "blocked"):
            await self._change_status(account.id, (account.status,), "blocked" if is_blocked else "active", None)
        return await self.accounts.get(environment_id, account_id)

    async def _change_status(
        self, account_id: str, before: tuple[str, ...], after: str, last_error: dict[str, Any] | None
    ) -> None:
        own = (_TABLE.c.id == as_id(account_id), _TABLE.c.status.in_(before))
        async with self.database.read() as connection:  # most calls change nothing and need no write transaction
            matching_id = (await connection.execute(sa.select(_TABLE.c.id).where(*own))).one_or_none()
        if matching_id is None:
            return
        values = {"status": after, "last_error": last_error, "updated_at": self._now(), "version": _TABLE.c.version + 1}
        async with self.database.write() as connection:
            await connection.execute(sa.update(_TABLE).where(*own).values(values))
