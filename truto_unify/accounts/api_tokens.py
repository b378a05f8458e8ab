"""API tokens of environments, and tokens of integrated accounts: create, list, revoke and identify."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import sqlalchemy as sa

from truto_unify.accounts.bearer import is_genuine, make_token, read_prefix
from truto_unify.accounts.records import ACCOUNT_TOKEN_SCOPES, SCOPES, ApiToken, Identity
from truto_unify.accounts.tables import (
    API_TOKENS,
    INTEGRATED_ACCOUNT_TOKENS,
    INTEGRATED_ACCOUNTS,
    as_id,
)
from truto_unify.errors import InvalidInput, NotVisible
from truto_unify.expressions import suggest

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from truto_unify.accounts.database import Database

ACCOUNT_TOKEN_LIFE = timedelta(minutes=15)
_LAST_USED_INTERVAL = timedelta(minutes=10)
_COLUMNS = [column for column in API_TOKENS.c if column.name != "secret_hash"]


class ApiTokens:
    """The tokens of one database, which stores only hashes of their secrets.

    Args:
        database: the database.
        now: the clock.
    """

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    async def create(
        self,
        environment_id: str,
        *,
        name: str = "",
        scopes: Collection[str] | None = None,
        lifetime: timedelta | None = None,
    ) -> tuple[ApiToken, str]:
        """Creates an API token and returns it with its text, which cannot be read later.

        Args:
            environment_id: the environment that it gives access to.
            name: a description for people.
            scopes: what the token may do; None: everything.
            lifetime: the time until it expires; None: it never expires.

        Raises:
            InvalidInput: a scope is unknown, the name is malformed, or the lifetime is not positive.
        """
        chosen = sorted(SCOPES if scopes is None else set(scopes))
        for scope in chosen:
            if scope not in SCOPES:
                hint = suggest(scope, SCOPES) or f"; the scopes are {', '.join(SCOPES)}"
                raise InvalidInput(f'unknown scope "{scope[:80]}"{hint}')
        if not chosen:
            raise InvalidInput(f"a token needs at least one scope of {', '.join(SCOPES)}")
        if len(name) > 200 or not (name.isprintable() or not name):
            raise InvalidInput("a token's name must have at most 200 characters and no control character")
        if lifetime is not None and lifetime <= timedelta(0):
            raise InvalidInput("a token must expire later than now")
        token, now = make_token("api_token"), self._now()
        row = {
            "id": str(uuid4()),
            "environment_id": environment_id,
            "name": name,
            "prefix": token.prefix,
            "scopes": chosen,
            "created_at": now,
            "expires_at": now + lifetime if lifetime is not None else None,
            "revoked_at": None,
            "last_used_at": None,
        }
        async with self._database.write() as connection:
            await connection.execute(sa.insert(API_TOKENS).values({**row, "secret_hash": token.secret_hash}))
        return _api_token(row), token.text

    async def all(self, environment_id: str) -> list[ApiToken]:
        """Every API token of an environment, oldest first."""
        query = sa.select(*_COLUMNS).where(API_TOKENS.c.environment_id == environment_id)
        async with self._database.read() as connection:
            rows = await connection.execute(query.order_by(API_TOKENS.c.created_at, API_TOKENS.c.id))
            return [_api_token(row._mapping) for row in rows]

    async def get(self, environment_id: str, token_id: str) -> ApiToken:
        """One API token.

        Raises:
            NotVisible: the environment has no API token with this id.
        """
        table = API_TOKENS
        query = sa.select(*_COLUMNS).where(table.c.environment_id == environment_id, table.c.id == as_id(token_id))
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        if row is None:
            raise NotVisible("there is no such API token")
        return _api_token(row._mapping)

    async def revoke(self, environment_id: str, token_id: str) -> ApiToken:
        """Revokes a token; a token that is revoked already stays unchanged.

        Raises:
            NotVisible: the environment has no API token with this id.
        """
        table = API_TOKENS
        own = (table.c.environment_id == environment_id, table.c.id == as_id(token_id))
        async with self._database.write() as connection:
            change = sa.update(table).where(*own, table.c.revoked_at.is_(None))
            await connection.execute(change.values(revoked_at=self._now()))
        return await self.get(environment_id, token_id)

    async def create_for_account(self, environment_id: str, account_id: str) -> str:
        """Creates a token for one account, valid for 15 minutes, and returns its text.

        Raises:
            NotVisible: the environment has no such account.
        """
        accounts, tokens = INTEGRATED_ACCOUNTS, INTEGRATED_ACCOUNT_TOKENS
        token, now = make_token("integrated_account_token"), self._now()
        async with self._database.write() as connection:
            await connection.execute(sa.delete(tokens).where(tokens.c.expires_at <= now))
            own = sa.select(accounts.c.id).where(
                accounts.c.environment_id == environment_id, accounts.c.id == as_id(account_id)
            )
            stored_id = (await connection.execute(own)).scalar_one_or_none()
            if stored_id is not None:
                row = {
                    "id": str(uuid4()),
                    "integrated_account_id": stored_id,
                    "prefix": token.prefix,
                    "secret_hash": token.secret_hash,
                    "created_at": now,
                    "expires_at": now + ACCOUNT_TOKEN_LIFE,
                }
                await connection.execute(sa.insert(tokens).values(row))
        if stored_id is None:
            raise NotVisible("there is no such integrated account")
        return token.text

    async def identify(self, bearer: str) -> Identity | None:
        """The identity of a token; None if it is unknown, expired or revoked. Both take the same time."""
        kind, prefix = read_prefix(bearer)
        query = _API_TOKEN_QUERY if kind == "api_token" else _ACCOUNT_TOKEN_QUERY
        async with self._database.read() as connection:
            row = (await connection.execute(query, {"prefix": prefix})).one_or_none()
        now = self._now()
        if not is_genuine(bearer, row.secret_hash if row is not None else None) or row is None:
            return None
        if row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= now):
            return None
        if kind == "integrated_account_token":
            return Identity(
                environment_id=row.environment_id,
                token_id=row.id,
                kind=kind,
                integrated_account_id=row.integrated_account_id,
                scopes=ACCOUNT_TOKEN_SCOPES,
            )
        if row.last_used_at is None or row.last_used_at + _LAST_USED_INTERVAL <= now:
            await self._note_use(row.id, now)
        return Identity(environment_id=row.environment_id, token_id=row.id, kind=kind, scopes=frozenset(row.scopes))

    async def _note_use(self, token_id: str, now: datetime) -> None:
        async with self._database.write() as connection:
            change = sa.update(API_TOKENS).where(API_TOKENS.c.id == token_id)
            await connection.execute(change.values(last_used_at=now))


_API_TOKEN_QUERY = sa.select(API_TOKENS).where(API_TOKENS.c.prefix == sa.bindparam("prefix"))
_ACCOUNT_TOKEN_QUERY = (
    sa.select(
        INTEGRATED_ACCOUNT_TOKENS,
        INTEGRATED_ACCOUNTS.c.environment_id,
        sa.null().label("revoked_at"),
    )
    .join(INTEGRATED_ACCOUNTS, INTEGRATED_ACCOUNTS.c.id == INTEGRATED_ACCOUNT_TOKENS.c.integrated_account_id)
    .where(INTEGRATED_ACCOUNT_TOKENS.c.prefix == sa.bindparam("prefix"))
)


def _api_token(row: Any) -> ApiToken:
    return ApiToken(**{**row, "scopes": frozenset(row["scopes"])})
