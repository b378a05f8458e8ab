"""The database of the account store: its URL, its connections and the version of its schema."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import sqlite3
import time
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError, NotSupportedError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from truto_unify.accounts.tables import METADATA
from truto_unify.errors import InvalidSetting, StorageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

SETTING = "TRUTO_UNIFY_DATABASE_URL"
EXAMPLES = "sqlite:///truto-unify.db or postgresql://user:password@host/database"
BUSY_SECONDS = 30.0
"""How long a caller waits for a connection, and a writer of SQLite for another writer."""
MAX_CONNECTIONS = 10
"""Connections that a process opens at most; who needs one more waits."""
_BUSY_PAUSE_SECONDS = 0.01
_MIGRATIONS = Path(__file__).with_name("migrations")
_MIGRATION_LOCK = 0x7472_7574_6F  # the advisory lock of PostgreSQL that lets one process migrate at a time
_OUR_FAULTS = (DataError, IntegrityError, NotSupportedError, ProgrammingError)
_SSL_SPELLINGS = {"sslmode": "ssl"}  # the name in libpq, and the name in the driver


class Database:
    """A pool of connections. Reads and writes are separate, because SQLite has one writer at a time.

    Args:
        url: ``sqlite:///file.db`` or ``postgresql://user:password@host/database``.
        pool_seconds: how long a caller waits for a connection that comes free.

    Raises:
        InvalidSetting: the URL names another database, or the driver is not installed.
    """

    def __init__(self, url: str, *, pool_seconds: float = BUSY_SECONDS) -> None:
        self.url = read_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            _check_file(Path(str(self.url.database)))
        options: dict[str, Any] = {"pool_size": MAX_CONNECTIONS, "max_overflow": 0, "pool_timeout": pool_seconds}
        options |= {"connect_args": {"timeout": BUSY_SECONDS}} if self.is_sqlite else {"pool_pre_ping": True}
        self._engine = create_async_engine(self.url, hide_parameters=True, **options)
        if self.is_sqlite:
            event.listen(self._engine.sync_engine, "do_connect", self._create_private_file)
            event.listen(self._engine.sync_engine, "connect", _set_up_sqlite)
            event.listen(self._engine.sync_engine, "begin", _begin_sqlite)

    def _create_private_file(self, *_: Any) -> None:
        """Creates a missing file that only its owner can read; SQLite gives its log the same permissions."""
        with suppress(FileExistsError):
            os.close(os.open(str(self.url.database), os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that only reads.

        Raises:
            StorageError: the database does not answer.
        """
        failure = None
        try:
            async with self._engine.connect() as connection:
                yield connection
        except (DBAPIError, PoolTimeout, OSError) as error:
            if type(error) in _OUR_FAULTS:
                raise
            failure = _storage_error(error)
        if failure is not None:
            raise failure

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that writes.

        Raises:
            StorageError: the database does not answer.
        """
        failure = None
        try:
            async with self._engine.connect() as connection:
                await connection.execution_options(is_writer=True)
                async with connection.begin():
                    yield connection
        except (DBAPIError, PoolTimeout, OSError) as error:
            if type(error) in _OUR_FAULTS:
                raise
            failure = _storage_error(error)
        if failure is not None:
            raise failure

    async def ping(self) -> None:
        """Checks that the database answers.

        Raises:
            StorageError: the database does not answer.
        """
        async with self.read() as connection:
            await connection.execute(sa.text("SELECT 1"))

    async def migrate(self, revision: str = "head", *, is_down: bool = False) -> tuple[str | None, str | None]:
        """Migrates the schema; concurrent processes wait for each other.

        Args:
            revision: the target.
            is_down: downgrades to the target (``base``: an empty database).

        Raises:
            StorageError: the database does not answer, or a newer release migrated it.

        Returns:
            The revisions before and after.
        """
        async with self.write() as connection:
            if not self.is_sqlite:
                await connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
            return await connection.run_sync(_migrate, revision, is_down)

    async def prepare(self) -> None:
        """Creates the tables of a new database; the operator must migrate one that has tables.

        Raises:
            StorageError: the schema is not that of this release.
        """
        async with self.read() as connection:
            revision = await connection.run_sync(_revision)
        if revision is None:
            await self.migrate()
        await self.require_newest_schema()

    async def require_newest_schema(self) -> None:
        """Checks that the schema is that of this release.

        Raises:
            StorageError: it is another schema.
        """
        async with self.read() as connection:
            revision = await connection.run_sync(_revision)
        newest = _scripts().get_current_head()
        if revision != newest:
            state = "has no tables yet" if revision is None else f"has the schema {revision}, not {newest}"
            raise StorageError(f"the database {state}: run  truto-unify database migrate")

    async def differences(self) -> list[Any]:
        """The differences between the tables and those that the code expects; a test checks that there are none."""
        async with self.read() as connection:
            return await connection.run_sync(_compare)

    async def close(self) -> None:
        """Closes the connections."""
        await self._engine.dispose()


def read_url(text: str) -> URL:
    """Parses a database URL and sets the driver that this package uses.

    Raises:
        InvalidSetting: it is not a URL of SQLite or PostgreSQL; the text is not shown, because it may hold a password.
    """
    expected = f"{SETTING} must be like {EXAMPLES}"
    try:
        url = make_url(text.strip())
    except (ArgumentError, ValueError):
        raise InvalidSetting(expected if text.strip() else f"no database: {expected}") from None
    backend = url.get_backend_name()
    if backend == "sqlite":
        if url.database in (None, "", ":memory:"):
            raise InvalidSetting(f"{expected}; a database in memory is lost with each connection")
        return url.set(drivername="sqlite+aiosqlite")
    if backend in {"postgresql", "postgres"}:
        if importlib.util.find_spec("asyncpg") is None:
            raise InvalidSetting('PostgreSQL needs "asyncpg": install it with  pip install "truto-unify[postgres]"')
        query = {_SSL_SPELLINGS.get(name, name): value for name, value in url.query.items()}
        return url.set(drivername="postgresql+asyncpg", query=query)
    raise InvalidSetting(f'{expected}, not a database of the kind "{backend}"')


def _check_file(file: Path) -> None:
    """Checks a database file, because the driver would fail later, on a thread of its own."""
    if not file.parent.is_dir():
        raise InvalidSetting(f'{SETTING}: the folder "{file.parent}" does not exist')
    checked = file if file.exists() else file.parent
    if file.is_dir() or not os.access(checked, os.R_OK | os.W_OK):
        raise InvalidSetting(f'{SETTING}: this process cannot write the file "{file}"')


def revisions() -> list[str]:
    """Every revision of the schema, oldest first."""
    return [script.revision for script in reversed(list(_scripts().walk_revisions()))]


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # _begin_sqlite begins the transactions, not the driver
    connection.run_async(_run_pragmas)


async def _run_pragmas(connection: Any) -> None:
    """Sets up a connection and retries while SQLite is busy.

    The first connection switches a new file to a write-ahead log. Two connections that switch at the same time would
    deadlock, so SQLite refuses one immediately, whatever its timeout (https://sqlite.org/c3ref/busy_handler.html).
    """
    deadline = time.monotonic() + BUSY_SECONDS
    for pragma in ("foreign_keys = ON", "journal_mode = WAL", "synchronous = FULL"):
        while True:
            try:
                async with connection.execute(f"PRAGMA {pragma}"):
                    break
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
            await asyncio.sleep(_BUSY_PAUSE_SECONDS)


def _begin_sqlite(connection: sa.Connection) -> None:
    # SQLite refuses a reader that becomes a writer after another write; a transaction that begins as a writer waits.
    is_writer = connection.get_execution_options().get("is_writer", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writer else "BEGIN")


def _storage_error(error: Exception) -> StorageError:
    """The error without the driver's message, which may hold a password or a record; SQLite's names at most a table."""
    if isinstance(error, PoolTimeout):
        return StorageError(f"the database is busy: all {MAX_CONNECTIONS} connections of this process stay in use")
    cause: BaseException = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    cause = cause.__cause__ or cause  # SQLAlchemy wraps the error of the driver
    reason = str(cause) if isinstance(cause, sqlite3.Error) else type(cause).__name__
    return StorageError(f"the database does not answer: {reason}")


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(_MIGRATIONS))


def _revision(connection: sa.Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _migrate(connection: sa.Connection, revision: str, is_down: bool) -> tuple[str | None, str | None]:
    scripts = _scripts()
    before = _revision(connection)
    if before is not None and before not in revisions():
        raise StorageError(f"the database has the schema {before} of a newer release")

    find = scripts._downgrade_revs if is_down else scripts._upgrade_revs
    with EnvironmentContext(Config(), scripts, fn=lambda current, _: find(revision, current)) as environment:
        environment.configure(connection=connection, target_metadata=METADATA, render_as_batch=True)
        environment.run_migrations()
    return before, _revision(connection)


def _compare(connection: sa.Connection) -> list[Any]:
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415 - only this check needs it

    return list(compare_metadata(MigrationContext.configure(connection), METADATA))
