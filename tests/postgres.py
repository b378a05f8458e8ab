"""A private PostgreSQL server for the tests of one run, from the binaries of this machine."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from asyncpg import Connection

FAST = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "listen_addresses=127.0.0.1")
NOT_THERE = "no PostgreSQL on this machine (initdb and pg_ctl, on PATH or below /usr/lib/postgresql)"


def find_binaries() -> Path | None:
    """The newest folder with ``initdb`` and ``pg_ctl``; None if absent."""
    installed = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda path: (len(path.parent.name), path.parent.name),
        reverse=True,
    )
    on_path = shutil.which("pg_ctl")
    folders = [*([Path(on_path).resolve().parent] if on_path else []), *installed]
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "pg_ctl").exists()), None)


def server_user() -> dict[str, Any]:
    """The user of the server, which refuses to run as root."""
    names = {user.pw_name: user for user in pwd.getpwall()}
    other = names.get("postgres") or names["nobody"]
    is_root = os.geteuid() == 0
    return {"user": other.pw_uid, "group": other.pw_gid, "extra_groups": []} if is_root else {}


@contextmanager
def serve_postgres() -> Iterator[str]:
    """An empty server; its address, ``postgresql://owner@127.0.0.1:port``."""
    binaries = find_binaries()
    assert binaries is not None
    user = server_user()
    folder = Path(tempfile.mkdtemp(prefix="truto-unify-postgres-"))
    if user:
        os.chown(folder, user["user"], user["group"])
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    def run(*command: str) -> None:
        program = [str(binaries / command[0]), *command[1:]]
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "UTC"}
        subprocess.run(
            program,
            check=True,
            cwd=folder,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
            **user,
        )

    data, log = str(folder / "data"), str(folder / "log")
    settings = " ".join(f"-c {setting}" for setting in (*FAST, f"port={port}", "unix_socket_directories="))
    try:
        run("initdb", "--pgdata", data, "--username", "owner", "--auth", "trust", "--encoding", "UTF8", "--no-sync")
        run("pg_ctl", "--pgdata", data, "--log", log, "--options", settings, "--wait", "start")
        yield f"postgresql://owner@127.0.0.1:{port}"
        run("pg_ctl", "--pgdata", data, "--mode", "immediate", "--wait", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of an empty server; if the program is absent, its tests are skipped."""
    if find_binaries() is None:
        pytest.skip(NOT_THERE)
    with serve_postgres() as address:
        yield address


async def create_database(connection: Connection, name: str, template: str = "template1") -> None:
    """Creates a copy of a database; copied files take half the time of copied pages, which PostgreSQL 15 prefers."""
    strategy = "STRATEGY file_copy" if connection.get_server_version().major >= 15 else ""
    await connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} {strategy}")


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """A new, empty database, which goes when the test ends."""
    name = f"test_{uuid4().hex}"

    async def run(work: Callable[[Connection], Awaitable[object]]) -> None:
        import asyncpg  # noqa: PLC0415 - only where there is a server

        connection = await asyncpg.connect(f"{postgres_server}/postgres")
        await work(connection)
        await connection.close()

    asyncio.run(run(lambda connection: create_database(connection, name)))
    yield f"{postgres_server}/{name}"
    asyncio.run(run(lambda connection: connection.execute(f"DROP DATABASE {name} WITH (FORCE)")))
