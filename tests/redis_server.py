"""A private Redis server for the tests of one run, from the program of this machine."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from redis import Redis

if TYPE_CHECKING:
    from collections.abc import Iterator

NOT_THERE = "no Redis on this machine (redis-server on PATH)"


def find_program() -> str | None:
    """The path of the server's program; None if absent."""
    return shutil.which("redis-server")


@contextmanager
def serve_redis() -> Iterator[str]:
    """An empty server; its address, ``redis://127.0.0.1:port/0``."""
    program = find_program()
    assert program is not None
    folder = tempfile.mkdtemp(prefix="truto-unify-redis-")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    place = ["--bind", "127.0.0.1", "--port", str(port), "--dir", folder]
    options = [*place, "--save", "", "--appendonly", "no"]
    with subprocess.Popen([program, *options], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        lines = iter(server.stdout)
        while "ready to accept connections" not in next(lines).lower():
            pass
        yield f"redis://127.0.0.1:{port}/0"
        server.terminate()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """The address of a server; if the program is absent, its tests are skipped."""
    if find_program() is None:
        pytest.skip(NOT_THERE)
    with serve_redis() as address:
        yield address


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """The address of a server that is empty: what another test claimed there is gone."""
    with Redis.from_url(redis_server) as redis:
        redis.flushdb()
    return redis_server
