"""The database under the account store: its URL, its connections and the version of its schema."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import sqlite3
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError, NotSupportedError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from truto_unify.accounts.tables import METADATA
from truto_unify.errors import InvalidSetting, StorageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

SETTING = "TRUTO_UNIFY_DATABASE_URL"
EXAMPLES = "sqlite:///truto-unify.db or postgresql://user:password@host/database"
BUSY_SECONDS = 30.0
"""How long a writer of SQLite waits for another one."""
_BUSY_PAUSE = 0.01
_MIGRATIONS = Path(__file__).with_name("migrations")
_MIGRATION_LOCK = 0x7472_7574_6F  # names the advisory lock of PostgreSQL under which one process migrates
_OUR_FAULTS = (DataError, IntegrityError, NotSupportedError, ProgrammingError)
_SSL_SPELLINGS = {"sslmode": "ssl"}  # the word of libpq, and that of the driver


class Database:
    """One pool of connections. Reads and writes are separate, for SQLite has one writer at a time.

    Args:
        url: ``sqlite:///file.db`` or ``postgresql://user:password@host/database``.

    Raises:
        InvalidSetting: the URL names another database, or the driver is not installed.
    """

    def __init__(self, url: str) -> None:
        self.url = read_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            _check_file(Path(str(self.url.database)))
        options: dict[str, Any] = {"connect_args": {"timeout": BUSY_SECONDS}}
        if not self.is_sqlite:
            options = {"pool_size": 10, "max_overflow": 20, "pool_pre_ping": True}
        self._engine = create_async_engine(self.url, hide_parameters=True, **options)
        if self.is_sqlite:
            sa.event.listen(self._engine.sync_engine, "connect", _set_up_sqlite)
            sa.event.listen(self._engine.sync_engine, "begin", _begin_sqlite)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that only reads.

        Raises:
            StorageError: the database does not answer.
        """
        with_fault = None
        try:
            async with self._engine.connect() as connection:
                yield connection
        except (DBAPIError, OSError) as error:
            if type(error) in _OUR_FAULTS:
                raise
            with_fault = _lost(error)
        if with_fault is not None:
            raise with_fault

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that writes: all of it happens, or none.

        Raises:
            StorageError: the database does not answer.
        """
        with_fault = None
        try:
            async with self._engine.connect() as connection:
                await connection.execution_options(is_writer=True)
                async with connection.begin():
                    yield connection
        except (DBAPIError, OSError) as error:
            if type(error) in _OUR_FAULTS:
                raise
            with_fault = _lost(error)
        if with_fault is not None:
            raise with_fault

    async def ping(self) -> None:
        """Asks the database for an answer.

        Raises:
            StorageError: there is none.
        """
        async with self.read() as connection:
            await connection.execute(sa.text("SELECT 1"))

    async def migrate(self, revision: str = "head", *, is_down: bool = False) -> tuple[str | None, str | None]:
        """Brings the schema up to date; processes that do so at once wait for each other.

        Args:
            revision: where to stop.
            is_down: goes back to the revision instead (``base``: to an empty database).

        Raises:
            StorageError: the database is away, or was made by a newer release.

        Returns:
            The revisions before and after.
        """
        async with self.write() as connection:
            if not self.is_sqlite:
                await connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
            return await connection.run_sync(_migrate, revision, is_down)

    async def prepare(self) -> None:
        """Makes the tables of a new database; one that has some must be migrated by whoever runs the service.

        Raises:
            StorageError: the schema is another one.
        """
        async with self.read() as connection:
            found = await connection.run_sync(_revision)
        if found is None:
            await self.migrate()
        await self.require_newest_schema()

    async def require_newest_schema(self) -> None:
        """Makes sure that the schema is the one that this release knows.

        Raises:
            StorageError: it is another one.
        """
        async with self.read() as connection:
            found = await connection.run_sync(_revision)
        wanted = _scripts().get_current_head()
        if found != wanted:
            state = "has no tables yet" if found is None else f"has the schema {found}, not {wanted}"
            raise StorageError(f"the database {state}: run  truto-unify database migrate")

    async def differences(self) -> list[Any]:
        """How the tables differ from those that the code expects; none, as a test makes sure."""
        async with self.read() as connection:
            return await connection.run_sync(_compare)

    async def close(self) -> None:
        """Closes the connections."""
        await self._engine.dispose()


def read_url(text: str) -> URL:
    """The URL with the driver that this package uses.

    Raises:
        InvalidSetting: it is no URL of a database that the package knows; the text is not shown, for its password.
    """
    wanted = f"{SETTING} must be like {EXAMPLES}"
    try:
        url = make_url(text.strip())
    except (ArgumentError, ValueError):
        raise InvalidSetting(wanted if text.strip() else f"no database: {wanted}") from None
    backend = url.get_backend_name()
    if backend == "sqlite":
        if url.database in (None, "", ":memory:"):
            raise InvalidSetting(f"{wanted}; a database in memory would be gone with each connection")
        return url.set(drivername="sqlite+aiosqlite")
    if backend in {"postgresql", "postgres"}:
        if importlib.util.find_spec("asyncpg") is None:
            raise InvalidSetting('PostgreSQL needs "asyncpg": install it with  pip install "truto-unify[postgres]"')
        query = {_SSL_SPELLINGS.get(name, name): value for name, value in url.query.items()}
        return url.set(drivername="postgresql+asyncpg", query=query)
    raise InvalidSetting(f'{wanted}, not a database of the kind "{backend}"')


def _check_file(file: Path) -> None:
    """Says what is wrong with a file before a driver finds it out on a thread of its own."""
    if not file.parent.is_dir():
        raise InvalidSetting(f'{SETTING}: there is no folder "{file.parent}"')
    touched = file if file.exists() else file.parent
    if file.is_dir() or not os.access(touched, os.R_OK | os.W_OK):
        raise InvalidSetting(f'{SETTING}: "{file}" is no file that this process may write')


def revisions() -> list[str]:
    """Every revision of the schema, the oldest first."""
    return [script.revision for script in reversed(list(_scripts().walk_revisions()))]


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin transactions by itself: _begin_sqlite does
    connection.run_async(_say_pragmas)


async def _say_pragmas(connection: Any) -> None:
    """Sets a connection up; waits for its turn where SQLite itself does not.

    A new file becomes one with a write-ahead log at its first connection. Two that try it at once would wait for each
    other for good, so SQLite refuses one of them at once, whatever its timeout (https://sqlite.org/c3ref/busy_handler.html).
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
            await asyncio.sleep(_BUSY_PAUSE)


def _begin_sqlite(connection: sa.Connection) -> None:
    # A reader that becomes a writer is refused at once when another one has written; a writer from the start waits.
    is_writer = connection.get_execution_options().get("is_writer", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writer else "BEGIN")


def _lost(error: Exception) -> StorageError:
    """The fault in our words: what a driver says may hold a password or a record; SQLite names at most a table."""
    cause: BaseException = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    cause = cause.__cause__ or cause  # SQLAlchemy stands between us and the driver
    told = str(cause) if isinstance(cause, sqlite3.Error) else type(cause).__name__
    return StorageError(f"the database does not answer: {told}")


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(_MIGRATIONS))


def _revision(connection: sa.Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _migrate(connection: sa.Connection, revision: str, is_down: bool) -> tuple[str | None, str | None]:
    scripts = _scripts()
    before = _revision(connection)
    if before is not None and before not in revisions():
        raise StorageError(f"the database has the schema {before}, of a newer release than this one")

    find = scripts._downgrade_revs if is_down else scripts._upgrade_revs
    with EnvironmentContext(Config(), scripts, fn=lambda current, _: find(revision, current)) as environment:
        environment.configure(connection=connection, target_metadata=METADATA, render_as_batch=True)
        environment.run_migrations()
    return before, _revision(connection)


def _compare(connection: sa.Connection) -> list[Any]:
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415 - only a check needs it

    return list(compare_metadata(MigrationContext.configure(connection), METADATA))
