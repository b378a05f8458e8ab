"""Upkeep of the database: everything encrypted again under the newest key, and a check that all of it is whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from truto_unify.accounts.integrated import credentials_row
from truto_unify.accounts.provider_tokens import token_row
from truto_unify.accounts.tables import INTEGRATED_ACCOUNTS, PROVIDER_TOKENS
from truto_unify.errors import InvalidSetting, StorageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from truto_unify.accounts.store import AccountStore

_ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class _Sealed:
    """A column with ciphertext."""

    table: sa.Table
    key: str
    column: str
    row_name: Callable[[str], str]


_SEALED = (
    _Sealed(INTEGRATED_ACCOUNTS, "id", "credentials", credentials_row),
    _Sealed(PROVIDER_TOKENS, "key", "token", token_row),
)


async def rotate_keys(store: AccountStore) -> int:
    """Encrypts everything under the first of the store's keys; the service may go on meanwhile.

    Returns:
        How many pieces there are.

    Raises:
        InvalidSetting: none of the keys opens a piece; what was done before it stays done.
    """
    count = 0
    for sealed in _SEALED:
        async for key, text in _pieces(store, sealed):
            present: str | None = text
            while present is not None:
                fresh = store.vault.reseal(sealed.row_name(key), present)
                if await _replace(store, sealed, key, present, fresh):
                    count += 1
                    break
                present = await _present(store, sealed, key)  # somebody wrote it meanwhile: once more
    return count


async def check_database(store: AccountStore) -> list[str]:
    """What is wrong with the database, in words; nothing where it is whole."""
    found = [f"the schema differs: {one}" for one in await store.database.differences()]
    async with store.database.read() as connection:
        if store.database.is_sqlite:
            for pragma in ("integrity_check", "foreign_key_check"):
                rows = (await connection.exec_driver_sql(f"PRAGMA {pragma}")).all()
                found += [f"{pragma}: {' '.join(map(str, row))}" for row in rows if tuple(row) != ("ok",)]
    for sealed in _SEALED:
        async for key, text in _pieces(store, sealed):
            try:
                store.vault.unseal(sealed.row_name(key), text)
            except (InvalidSetting, StorageError, ValueError) as error:
                found.append(str(error))
    return found


async def _pieces(store: AccountStore, sealed: _Sealed) -> AsyncIterator[tuple[str, str]]:
    table, last = sealed.table, None
    key, text = table.c[sealed.key], table.c[sealed.column]
    while True:
        query = sa.select(key, text).order_by(key).limit(_ROWS_AT_ONCE)
        async with store.database.read() as connection:
            rows = (await connection.execute(query if last is None else query.where(key > last))).all()
        for row in rows:
            yield row[0], row[1]
        if len(rows) < _ROWS_AT_ONCE:
            return
        last = rows[-1][0]


async def _present(store: AccountStore, sealed: _Sealed, key: str) -> str | None:
    query = sa.select(sealed.table.c[sealed.column]).where(sealed.table.c[sealed.key] == key)
    async with store.database.read() as connection:
        return (await connection.execute(query)).scalar_one_or_none()


async def _replace(store: AccountStore, sealed: _Sealed, key: str, old: str, new: str) -> bool:
    table = sealed.table
    same = sa.update(table).where(table.c[sealed.key] == key, table.c[sealed.column] == old)
    async with store.database.write() as connection:
        return (await connection.execute(same.values({sealed.column: new}))).rowcount == 1
