"""Maintenance of the database: key rotation and integrity checks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from truto_unify.accounts.integrated import credentials_row
from truto_unify.accounts.private_files import explain_exposure
from truto_unify.accounts.provider_tokens import token_row
from truto_unify.accounts.tables import INTEGRATED_ACCOUNTS, PROVIDER_TOKENS
from truto_unify.errors import InvalidSetting, StorageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from truto_unify.accounts.store import AccountStore

_BATCH_ROWS = 500


@dataclass(frozen=True, slots=True)
class _EncryptedColumn:
    """An encrypted column."""

    table: sa.Table
    key: str
    column: str
    row_name: Callable[[str], str]


_ENCRYPTED_COLUMNS = (
    _EncryptedColumn(INTEGRATED_ACCOUNTS, "id", "credentials", credentials_row),
    _EncryptedColumn(PROVIDER_TOKENS, "key", "token", token_row),
)


async def rotate_keys(store: AccountStore) -> int:
    """Encrypts every value again with the first of the store's keys; the service may keep running.

    Returns:
        The number of values.

    Raises:
        InvalidSetting: no key decrypts a value; the values before it stay rotated.
    """
    count = 0
    for sealed in _ENCRYPTED_COLUMNS:
        async for key, text in _values(store, sealed):
            present: str | None = text
            while present is not None:
                fresh = store.vault.reseal(sealed.row_name(key), present)
                if await _replace(store, sealed, key, present, fresh):
                    count += 1
                    break
                present = await _present(store, sealed, key)  # it changed since it was read: try again
    return count


async def check_database(store: AccountStore) -> list[str]:
    """The problems of the database as messages; empty if it is sound."""
    problems = [f"the schema differs: {difference}" for difference in await store.database.differences()]
    async with store.database.read() as connection:
        if store.database.is_sqlite:
            for pragma in ("integrity_check", "foreign_key_check"):
                rows = (await connection.exec_driver_sql(f"PRAGMA {pragma}")).all()
                problems += [f"{pragma}: {' '.join(map(str, row))}" for row in rows if tuple(row) != ("ok",)]
            exposure = explain_exposure(Path(str(store.database.url.database)))
            problems += [exposure] if exposure else []
    for sealed in _ENCRYPTED_COLUMNS:
        async for key, text in _values(store, sealed):
            try:
                store.vault.unseal(sealed.row_name(key), text)
            except (InvalidSetting, StorageError, ValueError) as error:
                problems.append(str(error))
    return problems


async def _values(store: AccountStore, sealed: _EncryptedColumn) -> AsyncIterator[tuple[str, str]]:
    table, last = sealed.table, None
    key, text = table.c[sealed.key], table.c[sealed.column]
    while True:
        query = sa.select(key, text).order_by(key).limit(_BATCH_ROWS)
        async with store.database.read() as connection:
            rows = (await connection.execute(query if last is None else query.where(key > last))).all()
        for row in rows:
            yield row[0], row[1]
        if len(rows) < _BATCH_ROWS:
            return
        last = rows[-1][0]


async def _present(store: AccountStore, sealed: _EncryptedColumn, key: str) -> str | None:
    query = sa.select(sealed.table.c[sealed.column]).where(sealed.table.c[sealed.key] == key)
    async with store.database.read() as connection:
        return (await connection.execute(query)).scalar_one_or_none()


async def _replace(store: AccountStore, sealed: _EncryptedColumn, key: str, old: str, new: str) -> bool:
    table = sealed.table
    same = sa.update(table).where(table.c[sealed.key] == key, table.c[sealed.column] == old)
    async with store.database.write() as connection:
        return (await connection.execute(same.values({sealed.column: new}))).rowcount == 1
