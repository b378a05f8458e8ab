"""Keeps providers' access tokens in the database, and lets one process at a time renew the token of a key.

A renewal holds a lease, a row with an owner and an end, and no transaction: nothing is locked while a provider thinks.
The lease is prolonged while the renewal goes on, and runs out by itself when its holder dies. Should two renewals
overlap all the same, a token is only replaced by whoever saw its present version: an older one never comes back.
"""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from truto_unify.accounts.tables import PROVIDER_TOKENS, TOKEN_LEASES, as_id
from truto_unify.errors import StorageError
from truto_unify.types import Token

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from truto_unify.accounts.database import Database
    from truto_unify.accounts.vault import Vault

LEASE = timedelta(seconds=30)
"""How long a holder that died keeps the others waiting. The clocks of all hosts must agree to within a third of it."""
_FIRST_WAIT, _LONGEST_WAIT = 0.02, 0.25
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Renewal:
    """The lease that the running task holds.

    Attributes:
        seen: version of the token that this renewal starts from; None where there is none.
    """

    key: str
    owner: str
    seen: int | None = None


_RENEWAL: ContextVar[_Renewal | None] = ContextVar("truto_unify_token_renewal", default=None)


class SqlTokenStore:
    """Tokens by key; asynchronous, for the clients of many processes.

    Args:
        database: where they are kept.
        vault: seals them.
        now: the clock.
        sleep: waits so many seconds for a lease of somebody else.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._database = database
        self._vault = vault
        self._now = now
        self._sleep = sleep
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def read(self, key: str) -> Token | None:
        """The kept token of this key, or None."""
        table = PROVIDER_TOKENS
        async with self._database.read() as connection:
            query = sa.select(table.c.token, table.c.version).where(table.c.key == key)
            row = (await connection.execute(query)).one_or_none()
        renewal = _RENEWAL.get()
        if renewal is not None and renewal.key == key:
            renewal.seen = row.version if row else None
        return read_token(self._vault, key, row.token) if row else None

    async def write(self, key: str, token: Token) -> None:
        """Keeps a token; within a renewal only if nobody else has kept another one since."""
        renewal = _RENEWAL.get()
        sealed, now = seal_token(self._vault, key, token), self._now()
        if renewal is None or renewal.key != key:
            is_kept = await self._replace(key, sealed, now)
        elif renewal.seen is None:
            is_kept = await self._insert(key, sealed, now)
        else:
            is_kept = await self._update(key, sealed, now, PROVIDER_TOKENS.c.version == renewal.seen)
        if not is_kept:
            _log.warning("a renewed token was not kept: its account is gone, or a newer token is there already")

    async def _replace(self, key: str, sealed: str, now: datetime) -> bool:
        return await self._update(key, sealed, now, sa.true()) or await self._insert(key, sealed, now)

    async def _update(self, key: str, sealed: str, now: datetime, condition: Any) -> bool:
        table = PROVIDER_TOKENS
        change = sa.update(table).where(table.c.key == key, condition)
        async with self._database.write() as connection:
            values = {"token": sealed, "updated_at": now, "version": table.c.version + 1}
            return (await connection.execute(change.values(values))).rowcount == 1

    async def _insert(self, key: str, sealed: str, now: datetime) -> bool:
        account_id = account_of(key)
        row = {"key": key, "integrated_account_id": account_id, "token": sealed, "updated_at": now, "version": 1}
        try:
            async with self._database.write() as connection:
                await connection.execute(sa.insert(PROVIDER_TOKENS).values(row))
        except IntegrityError:
            return False
        return True

    @asynccontextmanager
    async def lock(self, key: str) -> AsyncIterator[None]:
        """Holds the lease of this key; whoever else wants it waits, in this process or another."""
        here = self._locks.setdefault(key, asyncio.Lock())  # of the callers of one process, one asks the database
        async with here:
            renewal = _Renewal(key, secrets.token_hex(16))
            await self._take(renewal)
            mark = _RENEWAL.set(renewal)
            prolonging = asyncio.create_task(self._prolong(renewal))
            try:
                yield
            finally:
                prolonging.cancel()
                await asyncio.gather(prolonging, return_exceptions=True)
                _RENEWAL.reset(mark)
                await self._give_up(renewal)

    async def _take(self, renewal: _Renewal) -> None:
        wait = _FIRST_WAIT
        while not await self._try(renewal):
            await self._sleep(wait * random.uniform(0.5, 1.0))  # noqa: S311 - so that waiting processes spread
            wait = min(wait * 1.5, _LONGEST_WAIT)

    async def _try(self, renewal: _Renewal) -> bool:
        """Takes the lease if nobody holds it: one statement each, of which one process alone succeeds."""
        table, now = TOKEN_LEASES, self._now()
        lease = {"owner": renewal.owner, "expires_at": now + LEASE}
        steal = sa.update(table).where(table.c.key == renewal.key, table.c.expires_at <= now).values(lease)
        async with self._database.read() as connection:
            query = sa.select(table.c.expires_at).where(table.c.key == renewal.key)
            held_until = (await connection.execute(query)).scalar_one_or_none()
        if held_until is not None and held_until > now:
            return False
        try:
            async with self._database.write() as connection:
                if held_until is not None:
                    return (await connection.execute(steal)).rowcount == 1
                await connection.execute(sa.insert(table).values(key=renewal.key, **lease))
        except IntegrityError:
            return False  # somebody else was faster
        return True

    async def _prolong(self, renewal: _Renewal) -> None:
        table = TOKEN_LEASES
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            own = sa.update(table).where(table.c.key == renewal.key, table.c.owner == renewal.owner)
            try:
                async with self._database.write() as connection:
                    await connection.execute(own.values(expires_at=self._now() + LEASE))
            except StorageError:
                _log.warning("a lease could not be prolonged: the database does not answer")

    async def _give_up(self, renewal: _Renewal) -> None:
        table = TOKEN_LEASES
        own = sa.delete(table).where(table.c.key == renewal.key, table.c.owner == renewal.owner)
        try:
            async with self._database.write() as connection:
                await connection.execute(own)
        except StorageError:
            _log.warning("a lease could not be given up and runs out by itself: the database does not answer")


def token_row(key: str) -> str:
    """The name to which the token of a key is bound."""
    return f"provider_tokens/{key}"


def account_of(key: str) -> str | None:
    """The account that a key belongs to: the engine writes ``<account id>/<fingerprint>`` for accounts with an id."""
    head, slash, _ = key.partition("/")
    return as_id(head) if slash else None


def seal_token(vault: Vault, key: str, token: Token) -> str:
    """What is kept of a token."""
    expires = token.expires_at.isoformat() if token.expires_at else None
    return vault.seal(token_row(key), [token.access_token, expires, token.refresh_token])


def read_token(vault: Vault, key: str, sealed: str) -> Token:
    """The token again.

    Raises:
        InvalidSetting, StorageError: it cannot be opened.
    """
    access_token, expires, refresh_token = vault.unseal(token_row(key), sealed)
    return Token(access_token, datetime.fromisoformat(expires) if expires else None, refresh_token)
