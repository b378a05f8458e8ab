"""The account store of the service: who calls, and with which account."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

import sqlalchemy as sa

from truto_unify.accounts.addresses import AddressRule
from truto_unify.accounts.api_tokens import ApiTokens
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
from truto_unify.types import Account

if TYPE_CHECKING:
    from collections.abc import Callable

    from truto_unify.accounts.records import Identity
    from truto_unify.errors import UnifyError

_TABLE = INTEGRATED_ACCOUNTS
_REVIVED_BY_SUCCESS = ("connecting", "needs_reauth", "post_install_error", "validation_error")
_RUINED_BY_REFUSAL = ("active", "connecting", "post_install_error", "validation_error")


class AccountStore:
    """Everything that the service keeps, over one database.

    Attributes:
        environments: the units of isolation.
        api_tokens: who may call.
        accounts: the integrated accounts.
        overrides: the mapping overrides of environments.
        tokens: the token store for ``AsyncClient(tokens=...)``.
        addresses: where accounts may lead.
        database: the database under it.
        vault: what seals credentials.
    """

    def __init__(self, database: Database, vault: Vault, addresses: AddressRule, now: Callable[[], datetime]) -> None:
        self.database = database
        self.vault = vault
        self.addresses = addresses
        self._now = now
        self.tokens = SqlTokenStore(database, vault, now=now)
        self.environments = Environments(database, now)
        self.api_tokens = ApiTokens(database, now)
        self.accounts = IntegratedAccounts(database, vault, self.tokens, now)
        self.overrides = Overrides(database, now)

    @staticmethod
    async def migrate(database_url: str) -> tuple[str | None, str | None]:
        """Brings the schema of a database up to date; the first step of a service.

        Returns:
            The revisions before and after.

        Raises:
            InvalidSetting: the URL is wrong.
            StorageError: the database is away, or was made by a newer release.
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
        allowed_hosts: str = "",
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> Self:
        """Opens a migrated database.

        Args:
            database_url: ``sqlite:///file.db`` or ``postgresql://user:password@host/database``.
            secret_keys: Fernet keys, comma separated; the first one seals, all of them open.
            allowed_hosts: the only hosts that accounts may lead to, comma separated; blank: any, by https.
            now: the clock.

        Raises:
            InvalidSetting: a setting is wrong; its value is not shown.
            StorageError: the database is away, or its schema is not of this release.
        """
        vault, addresses = Vault(secret_keys), AddressRule.read(allowed_hosts)
        database = Database(database_url)
        try:
            await database.require_newest_schema()
        except BaseException:
            await database.close()
            raise
        return cls(database, vault, addresses, now)

    async def close(self) -> None:
        """Closes the connections."""
        await self.database.close()

    async def ping(self) -> None:
        """Asks the database for an answer.

        Raises:
            StorageError: there is none.
        """
        await self.database.ping()

    async def identify(self, bearer: str) -> Identity | None:
        """Who this token belongs to; None for one that is unknown, expired or revoked."""
        return await self.api_tokens.identify(bearer)

    async def connection(self, environment_id: str, account_id: str, *, method: str = "list") -> Connection | None:
        """The account with its credentials; None for one that is unknown or of another environment.

        Args:
            environment_id: of the caller.
            account_id: as the caller wrote it.
            method: ``list`` or ``get``: an override may be of one of them alone.

        Raises:
            AccountBlocked: whoever runs the service has blocked it.
            InvalidSetting: no secret key opens its credentials.
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
        )
        shown = {name: value for name, value in row._mapping.items() if name != "credentials"}
        return Connection(account=account, stored=IntegratedAccount(**shown))

    async def note_success(self, account_id: str, *, seen_status: str | None = None) -> None:
        """A provider took the account's credentials: an account in trouble is ``active`` again.

        Args:
            account_id: of the account.
            seen_status: what ``connection`` gave; for an ``active`` account nothing is looked up.
        """
        if seen_status != "active":
            await self._change_status(account_id, _REVIVED_BY_SUCCESS, "active", None)

    async def note_failure(self, account_id: str, error: UnifyError) -> None:
        """A call failed; if the provider refused the credentials, the account is ``needs_reauth``."""
        if isinstance(error, AuthenticationError):
            told = {"statusCode": error.status, "message": error.message[:500], "code": error.code}
            moment = self._now().isoformat().replace("+00:00", "Z")
            last_error = {**told, "occurred_at": moment}
            await self._change_status(account_id, _RUINED_BY_REFUSAL, "needs_reauth", last_error)

    async def block(self, environment_id: str, account_id: str, *, is_blocked: bool = True) -> IntegratedAccount:
        """Makes every call with this account fail with 503, or lets them pass again.

        Raises:
            NotVisible: the environment has none of this id.
        """
        account = await self.accounts.get(environment_id, account_id)
        if is_blocked != (account.status == "blocked"):
            await self._change_status(account.id, (account.status,), "blocked" if is_blocked else "active", None)
        return await self.accounts.get(environment_id, account_id)

    async def _change_status(
        self, account_id: str, before: tuple[str, ...], after: str, last_error: dict[str, Any] | None
    ) -> None:
        own = (_TABLE.c.id == as_id(account_id), _TABLE.c.status.in_(before))
        async with self.database.read() as connection:  # most calls change nothing, and need not queue for writing
            found = (await connection.execute(sa.select(_TABLE.c.id).where(*own))).one_or_none()
        if found is None:
            return
        values = {"status": after, "last_error": last_error, "updated_at": self._now(), "version": _TABLE.c.version + 1}
        async with self.database.write() as connection:
            await connection.execute(sa.update(_TABLE).where(*own).values(values))
