"""Writes the newest schema into an empty database: a copy of a database that was migrated, if there is one."""

from __future__ import annotations

from pathlib import Path

from tests.postgres import create_database
from truto_unify.accounts.store import AccountStore

_SQLITE = "sqlite:///"
_files: list[bytes] = []
_servers: set[str] = set()


async def write_schema(database_url: str) -> None:
    """As ``AccountStore.migrate``, whose own tests are in ``test_database.py``."""
    if database_url.startswith(_SQLITE):
        await _write_file(database_url, Path(database_url.removeprefix(_SQLITE)))
    else:
        await _copy_database(*database_url.rsplit("/", 1))


async def _write_file(database_url: str, file: Path) -> None:
    if not _files:
        await AccountStore.migrate(database_url)
        _files.append(file.read_bytes())
        return
    file.write_bytes(_files[0])
    file.chmod(0o600)


async def _copy_database(server: str, name: str) -> None:
    import asyncpg  # noqa: PLC0415 - only where there is a server

    connection = await asyncpg.connect(f"{server}/postgres")
    if server not in _servers:
        await connection.execute("CREATE DATABASE migrated")
        await AccountStore.migrate(f"{server}/migrated")
        _servers.add(server)
    await connection.execute(f"DROP DATABASE {name}")
    await create_database(connection, name, "migrated")
    await connection.close()
