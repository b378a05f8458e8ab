"""Stores providers' access tokens in the database, and lets one process at a time renew the token of a key.

A renewal holds a lease (a row with an owner and an expiry) and no transaction: nothing is locked while the provider
answers. The renewal extends its lease while it runs; the lease of a dead process expires. If two renewals still
overlap, each replaces only the version of the token that it has read: an older token never overwrites a newer one.
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
"""How long the lease of a dead process blocks the others."""
MAX_CLOCK_DIFFERENCE = LEASE / 3
"""By how much the clocks of two hosts may differ."""
_FIRST_WAIT_SECONDS, _MAX_WAIT_SECONDS = 0.02, 0.25
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Renewal:
    """The lease that the running task holds.

    Attributes:
        seen: the version of the token that this renewal has read; None if absent.
    """

    key: str
    owner: str
    seen: int | None = None


_RENEWAL: ContextVar[_Renewal | None] = ContextVar("truto_unify_token_renewal", default=None)


class SqlTokenStore:
    """An asynchronous token store that many processes share.

    Args:
        database: the database.
        vault: encrypts the tokens.
        now: the clock.
        sleep: waits for a lease, in seconds.
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
        """The stored token of this key; None if absent."""
        table = PROVIDER_TOKENS
        async with self._database.read() as connection:
            query = sa.select(table.c.token, table.c.version).where(table.c.key == key)
            row = (await connection.execute(query)).one_or_none()
        renewal = _RENEWAL.get()
        if renewal is not None and renewal.key == key:
            renewal.seen = row.version if row else None
        return read_token(self._vault, key, row.token) if row else None

    async def write(self, key: str, token: Token) -> None:
        """Stores a token; within a renewal only if the stored token has not changed since it was read."""
        renewal = _RENEWAL.get()
        sealed, now = seal_token(self._vault, key, token), self._now()
        if renewal is None or renewal.key != key:
            is_stored = await self._replace(key, sealed, now)
        elif renewal.seen is None:
            is_stored = await self._insert(key, sealed, now)
        else:
            is_stored = await self._update(key, sealed, now, PROVIDER_TOKENS.c.version == renewal.seen)
        if not is_stored:
            _log.warning("a renewed token was not stored: its account is deleted, or a newer token is stored already")

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
        """Holds the lease of this key; other tasks and processes wait for it."""
        local_lock = self._locks.setdefault(key, asyncio.Lock())  # one task of a process asks the database at a time
        async with local_lock:
            renewal = _Renewal(key, secrets.token_hex(16))
            await self._acquire(renewal)
            reset_token = _RENEWAL.set(renewal)
            extending = asyncio.create_task(self._extend(renewal))
            try:
                yield
            finally:
                extending.cancel()
                await asyncio.gather(extending, return_exceptions=True)
                _RENEWAL.reset(reset_token)
                await self._release(renewal)

    async def _acquire(self, renewal: _Renewal) -> None:
        wait = _FIRST_WAIT_SECONDS
        while not await self._try(renewal):
            await self._sleep(wait * random.uniform(0.5, 1.0))  # noqa: S311 - jitter, so that waiting processes spread
            wait = min(wait * 1.5, _MAX_WAIT_SECONDS)

    async def _try(self, renewal: _Renewal) -> bool:
        """Takes the lease if it is free: a single statement, which succeeds in one process only."""
        table, now = TOKEN_LEASES, self._now()
        lease = {"owner": renewal.owner, "expires_at": now + LEASE}
        async with self._database.read() as connection:
            held = (await connection.execute(sa.select(table).where(table.c.key == renewal.key))).one_or_none()
        # Nobody grants a longer lease: the clock of its owner was wrong, or that of this host was set back.
        if held is not None and now < held.expires_at <= now + LEASE + MAX_CLOCK_DIFFERENCE:
            return False
        try:
            async with self._database.write() as connection:
                if held is not None:
                    unchanged = (table.c.owner == held.owner, table.c.expires_at == held.expires_at)
                    steal = sa.update(table).where(table.c.key == renewal.key, *unchanged).values(lease)
                    return (await connection.execute(steal)).rowcount == 1
                await connection.execute(sa.insert(table).values(key=renewal.key, **lease))
        except IntegrityError:
            return False  # another process was faster
        return True

    async def _extend(self, renewal: _Renewal) -> None:
        table = TOKEN_LEASES
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            own = sa.update(table).where(table.c.key == renewal.key, table.c.owner == renewal.owner)
            try:
                async with self._database.write() as connection:
                    await connection.execute(own.values(expires_at=self._now() + LEASE))
            except StorageError:
                _log.warning("a lease could not be extended: the database does not answer")

    async def _release(self, renewal: _Renewal) -> None:
        table = TOKEN_LEASES
        own = sa.delete(table).where(table.c.key == renewal.key, table.c.owner == renewal.owner)
        try:
            async with self._database.write() as connection:
                await connection.execute(own)
        except StorageError:
            _log.warning("a lease could not be released and will expire: the database does not answer")


def token_row(key: str) -> str:
    """The row name that the encrypted token of a key is bound to."""
    return f"provider_tokens/{key}"


def account_of(key: str) -> str | None:
    """The account id of a key; None if absent. The engine builds keys as ``<account id>/<fingerprint>``."""
    head, slash, _ = key.partition("/")
    return as_id(head) if slash else None


def seal_token(vault: Vault, key: str, token: Token) -> str:
    """Encrypts a token."""
    expires = token.expires_at.isoformat() if token.expires_at else None
    return vault.seal(token_row(key), [token.access_token, expires, token.refresh_token, token.api_origin])


def read_token(vault: Vault, key: str, sealed: str) -> Token:
    """Decrypts a token.

    Raises:
        InvalidSetting, StorageError: it cannot be decrypted.
    """
    access_token, expires, refresh_token, api_origin = vault.unseal(token_row(key), sealed)
    return Token(access_token, datetime.fromisoformat(expires) if expires else None, refresh_token, api_origin)
