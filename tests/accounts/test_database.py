from __future__ import annotations

import asyncio
import sqlite3
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from truto_unify import InvalidSetting, StorageError
from truto_unify.accounts.database import MAX_CONNECTIONS, Database, read_url, revisions
from truto_unify.accounts.store import AccountStore
from truto_unify.accounts.tables import METADATA

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

TABLES = {*METADATA.tables, "alembic_version"}


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    yield opened
    await opened.close()


async def tables_of(database: Database) -> set[str]:
    async with database.read() as connection:
        return set(await connection.run_sync(lambda sync: sa.inspect(sync).get_table_names()))


# -------------------------------------------------------------------------------------------------------------- URL


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("sqlite:///accounts.db", "sqlite+aiosqlite:///accounts.db"),
        ("sqlite:////var/lib/accounts.db", "sqlite+aiosqlite:////var/lib/accounts.db"),
        ("postgresql://ana:pw@host/db", "postgresql+asyncpg://ana:pw@host/db"),
        ("postgres://ana:pw@host:5433/db", "postgresql+asyncpg://ana:pw@host:5433/db"),
        ("postgresql+psycopg://ana:pw@host/db", "postgresql+asyncpg://ana:pw@host/db"),
        ("postgresql://host/db?sslmode=require", "postgresql+asyncpg://host/db?ssl=require"),
        (" sqlite:///accounts.db\n", "sqlite+aiosqlite:///accounts.db"),
    ],
)
def test_the_driver_is_not_the_user_s_business(text: str, read: str) -> None:
    assert read_url(text).render_as_string(hide_password=False) == read


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no database: TRUTO_UNIFY_DATABASE_URL must be like sqlite:///"),
        ("accounts.db", "TRUTO_UNIFY_DATABASE_URL must be like sqlite:///"),
        ("sqlite://", "a database in memory is lost"),
        ("sqlite:///:memory:", "a database in memory is lost"),
        ("mysql://ana:s3cret@host/db", 'not a database of the kind "mysql"'),
        ("postgresql://ana:s3cret@host:port/db", "TRUTO_UNIFY_DATABASE_URL must be like"),
    ],
)
def test_a_wrong_url_says_what_would_work_and_never_the_password(text: str, message: str) -> None:
    with pytest.raises(InvalidSetting) as caught:
        read_url(text)

    assert message in caught.value.message
    assert "s3cret" not in caught.value.message
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


# ------------------------------------------------------------------------------------------------------- migrations


@pytest.mark.anyio
async def test_an_empty_database_gets_the_tables_that_the_code_expects(database: Database) -> None:
    assert await database.migrate() == (None, revisions()[-1])
    assert await tables_of(database) == TABLES
    assert await database.differences() == []


@pytest.mark.anyio
async def test_migrating_twice_changes_nothing(database: Database) -> None:
    await database.migrate()

    assert await database.migrate() == (revisions()[-1], revisions()[-1])


@pytest.mark.anyio
async def test_every_revision_can_be_gone_up_and_down(database: Database) -> None:
    steps = revisions()
    for before, after in zip([None, *steps], steps, strict=False):
        assert await database.migrate(after) == (before, after)
    assert await database.differences() == []
    for before, after in zip(reversed(steps), [*reversed(steps[:-1]), "base"], strict=True):
        assert await database.migrate(after, is_down=True) == (before, {"base": None}.get(after, after))
    assert await tables_of(database) == {"alembic_version"}


@pytest.mark.anyio
async def test_a_table_that_the_migrations_do_not_make_is_noticed(database: Database) -> None:
    await database.migrate()
    async with database.write() as connection:
        await connection.execute(sa.text("ALTER TABLE api_tokens DROP COLUMN last_used_at"))

    assert [difference[0] for difference in await database.differences()] == ["add_column"]


@pytest.mark.anyio
async def test_processes_that_migrate_at_once_wait_for_each_other(database_url: str) -> None:
    databases = [Database(database_url) for _ in range(4)]
    try:
        done = await asyncio.gather(*(database.migrate() for database in databases))
        differences = await databases[0].differences()
    finally:
        for open_database in databases:
            await open_database.close()

    newest = revisions()[-1]
    assert sorted(done, key=str) == [(newest, newest)] * 3 + [(None, newest)]
    assert differences == []


@pytest.mark.anyio
async def test_a_new_file_that_another_process_writes_is_waited_for(tmp_path: Path) -> None:
    file = tmp_path / "accounts.db"
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")  # from here on SQLite refuses the write-ahead log at once, without a wait
    database = Database(f"sqlite:///{file}")
    try:
        migration = asyncio.create_task(database.migrate())
        await asyncio.wait([migration], timeout=0.2)
        is_waiting = not migration.done()
        other.execute("ROLLBACK")

        assert is_waiting
        assert await migration == (None, revisions()[-1])
    finally:
        other.close()
        await database.close()


@pytest.mark.anyio
async def test_a_new_file_that_stays_taken_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "accounts.db"
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr("truto_unify.accounts.database.BUSY_SECONDS", 0.05)
    database = Database(f"sqlite:///{file}")
    try:
        with pytest.raises(StorageError, match="the database does not answer: database is locked"):
            await database.migrate()
    finally:
        other.close()
        await database.close()


@pytest.mark.anyio
async def test_a_store_wants_the_newest_schema(database_url: str, database: Database) -> None:
    with pytest.raises(StorageError, match=r"has no tables yet: run {2}truto-unify database migrate"):
        await AccountStore.open(database_url, "A" * 43 + "=")
    await database.migrate()
    async with database.write() as connection:
        await connection.execute(sa.text("UPDATE alembic_version SET version_num = 'later'"))

    with pytest.raises(StorageError, match="has the schema later, not 0002: run"):
        await AccountStore.open(database_url, "A" * 43 + "=")
    with pytest.raises(StorageError, match="the schema later of a newer release"):
        await database.migrate()
    with pytest.raises(StorageError, match="has the schema later"):
        await database.prepare()


@pytest.mark.anyio
async def test_a_step_that_fails_leaves_nothing_behind(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(sa.text("CREATE TABLE token_leases (key TEXT)"))

    with pytest.raises((StorageError, sa.exc.ProgrammingError)):
        await database.migrate()
    assert await tables_of(database) == {"token_leases"}


# ------------------------------------------------------------------------------------------------------ connections


@pytest.mark.anyio
async def test_a_write_that_fails_half_way_did_not_happen(database: Database) -> None:
    await database.migrate()
    row = "INSERT INTO token_leases (key, owner, expires_at) VALUES ('{}', 'o', '2026-01-01')"

    async def half() -> None:
        async with database.write() as connection:
            await connection.execute(sa.text(row.format("a")))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await half()
    async with database.read() as connection:
        assert (await connection.execute(sa.text("SELECT key FROM token_leases"))).all() == []


@pytest.mark.anyio
async def test_writers_that_read_first_follow_each_other(database: Database) -> None:
    await database.migrate()
    async with database.write() as connection:
        await connection.execute(
            sa.text("INSERT INTO provider_tokens (key, token, updated_at, version) VALUES ('k', 't', '2026-01-01', 0)")
        )
    lock = {True: "", False: " FOR UPDATE"}[database.is_sqlite]

    async def add_one() -> None:
        async with database.write() as connection:
            rows = await connection.execute(sa.text(f"SELECT version FROM provider_tokens WHERE key = 'k'{lock}"))
            number = rows.scalar_one()
            change = sa.text("UPDATE provider_tokens SET version = :next")
            await connection.execute(change, {"next": number + 1})

    await asyncio.gather(*(add_one() for _ in range(25)))
    async with database.read() as connection:
        assert (await connection.execute(sa.text("SELECT version FROM provider_tokens"))).scalar_one() == 25


@pytest.mark.anyio
async def test_sqlite_keeps_its_promises(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/a.db")
    try:
        async with database.read() as connection:
            names = ("foreign_keys", "journal_mode", "synchronous", "busy_timeout")
            values = [(await connection.exec_driver_sql(f"PRAGMA {name}")).scalar_one() for name in names]
    finally:
        await database.close()

    assert values == [1, "wal", 2, 30_000]


def test_an_impossible_file_is_named_in_the_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting, match=r'TRUTO_UNIFY_DATABASE_URL: the folder ".*/none" does not exist'):
        Database(f"sqlite:///{tmp_path}/none/a.db")
    with pytest.raises(InvalidSetting, match="this process cannot write the file"):
        Database(f"sqlite:///{tmp_path}")


@pytest.mark.anyio
async def test_a_new_file_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/new.db")
    await database.migrate()
    async with database.read() as connection:
        await connection.execute(sa.text("SELECT 1"))
        modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
    await database.close()

    assert modes == {"new.db": 0o600, "new.db-wal": 0o600, "new.db-shm": 0o600}


@pytest.mark.anyio
async def test_a_file_that_is_not_a_database_is_named_in_the_error(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_text("name,email\n" * 100)
    database = Database(f"sqlite:///{tmp_path}/a.db")
    try:
        with pytest.raises(StorageError, match="the database does not answer: file is not a database"):
            await database.migrate()
    finally:
        await database.close()


@pytest.mark.anyio
async def test_an_unreachable_database_is_reported_without_its_password() -> None:
    database = Database("postgresql://ana:s3cret@127.0.0.1:1/db")
    try:
        with pytest.raises(StorageError) as caught:
            await database.ping()
    finally:
        await database.close()

    assert caught.value.message.startswith("the database does not answer: ")
    assert (caught.value.retryable, caught.value.status, caught.value.exit_code) == (True, 503, 5)
    assert "s3cret" not in repr(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.anyio
async def test_an_unknown_user_or_database_is_a_database_that_is_away(postgres_server: str) -> None:
    database = Database(f"{postgres_server}/nothing_here")
    try:
        with pytest.raises(StorageError, match="the database does not answer: InvalidCatalogNameError"):
            await database.ping()
    finally:
        await database.close()


# ------------------------------------------------------------------------------------------------------ connections


@pytest.mark.anyio
async def test_a_call_beyond_the_connections_of_the_process_waits(database: Database) -> None:
    is_open = asyncio.Event()

    async def hold() -> None:
        async with database.read() as connection:
            await connection.execute(sa.text("SELECT 1"))
            await is_open.wait()

    holders = [asyncio.create_task(hold()) for _ in range(MAX_CONNECTIONS)]
    pool = database._engine.pool
    while pool.checkedout() < MAX_CONNECTIONS:  # type: ignore[attr-defined]  # declared by QueuePool alone
        await asyncio.sleep(0)
    late = asyncio.create_task(database.ping())
    is_open.set()
    await asyncio.gather(late, *holders)

    assert pool.checkedin() == MAX_CONNECTIONS  # type: ignore[attr-defined]  # as above


@pytest.mark.anyio
async def test_a_connection_that_never_comes_free_is_an_error(database_url: str) -> None:
    database = Database(database_url, pool_seconds=0.0)
    async with AsyncExitStack() as stack:
        for _ in range(MAX_CONNECTIONS):
            await stack.enter_async_context(database.read())
        with pytest.raises(StorageError) as caught:
            await database.ping()
    await database.close()

    assert caught.value.message == "the database is busy: all 10 connections of this process stay in use"
