"""Writes the newest schema into an empty database: SQLite files are copies of one that was migrated."""

from __future__ import annotations

from pathlib import Path

from truto_unify.accounts.store import AccountStore

_SQLITE = "sqlite:///"
_migrated: list[bytes] = []


async def write_schema(database_url: str) -> None:
    """As ``AccountStore.migrate``, whose own tests are in ``test_database.py``."""
    file = Path(database_url.removeprefix(_SQLITE)) if database_url.startswith(_SQLITE) else None
    if file is not None and _migrated:
        file.write_bytes(_migrated[0])
        file.chmod(0o600)
        return
    await AccountStore.migrate(database_url)
    if file is not None:
        _migrated.append(file.read_bytes())
