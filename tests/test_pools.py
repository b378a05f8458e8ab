from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.forked_client import CUSTOMERS, shop
from truto_unify import AsyncClient, Client, UnusableClient

if TYPE_CHECKING:
    from collections.abc import Iterator

CLOSED = "the client is closed; make another one"
FOREIGN = "the httpx transport of this client has its connections in another {}; make the client here"


class Shop(ThreadingHTTPServer):
    """A shop whose connections stay open; it remembers through which of them each customer was asked for."""

    daemon_threads = False  # so that closing the server waits until every connection has ended

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Customers)
        self.connections: dict[str, int] = {}

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Customers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Shop

    def do_GET(self) -> None:
        record_id = self.path.rpartition("/")[2]
        self.server.connections[record_id] = self.client_address[1]
        body = json.dumps({"id": int(record_id)}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serve() -> Iterator[Shop]:
    with Shop() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def answer_by_id(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"id": int(request.url.path.rpartition("/")[2])})


# ------------------------------------------------------------------------------- after a fork

forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")


def run_forked(work: str, origin: str) -> str:
    command = [sys.executable, "-m", "tests.forked_client", work, origin]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@forks
@pytest.mark.parametrize(("work", "connections_of_the_parent"), [("sync", 1), ("async", 2)])
def test_a_client_that_is_used_after_a_fork_opens_connections_of_its_own(
    work: str, connections_of_the_parent: int
) -> None:
    with serve() as server:
        run_forked(work, server.origin)

    child, parent = server.connections.pop("2"), set(server.connections.values())
    assert (len(parent), child in parent) == (connections_of_the_parent, False)


@forks
def test_a_given_transport_is_refused_after_a_fork_and_works_on_in_the_parent() -> None:
    with serve() as server:
        output = run_forked("transport", server.origin)

    assert output == FOREIGN.format("process") + "\n"
    assert list(server.connections) == ["1", "3"]


# ------------------------------------------------------------------------------- in another event loop


def test_a_client_works_in_one_event_loop_after_the_other() -> None:
    client = AsyncClient()

    with serve() as server:  # which ends when all connections have ended
        for record_id in ("1", "2", "3"):
            assert asyncio.run(client.get(CUSTOMERS, shop(server.origin), record_id)).id == record_id

    assert len(set(server.connections.values())) == 3


def test_a_client_works_in_event_loops_side_by_side() -> None:
    client = AsyncClient()
    ids = [str(number) for number in range(1, 9)]
    all_began = threading.Barrier(len(ids))
    names: list[str] = []

    async def read(record_id: str, origin: str) -> None:
        all_began.wait()
        for _ in range(5):
            names.append((await client.get(CUSTOMERS, shop(origin), record_id)).id)

    with serve() as server:
        threads = [
            threading.Thread(target=lambda record_id=record_id: asyncio.run(read(record_id, server.origin)))
            for record_id in ids
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert sorted(names) == sorted(ids * 5)
    assert len(set(server.connections.values())) == len(ids)


def test_a_loop_uses_one_connection_for_calls_that_follow_each_other() -> None:
    async def read(origin: str) -> None:
        async with AsyncClient() as client:
            await client.get(CUSTOMERS, shop(origin), "1")
            await client.get(CUSTOMERS, shop(origin), "2")

    with serve() as server:
        asyncio.run(read(server.origin))

    assert server.connections["1"] == server.connections["2"]


def test_a_given_transport_is_refused_in_another_event_loop() -> None:
    client = AsyncClient(transport=httpx.AsyncHTTPTransport())

    async def read(origin: str) -> None:
        await client.get(CUSTOMERS, shop(origin), "1")

    with serve() as server, asyncio.Runner() as runner, asyncio.Runner() as other:
        runner.run(read(server.origin))
        with pytest.raises(UnusableClient) as caught:
            other.run(read(server.origin))
        runner.run(client.aclose())

    assert (caught.value.message, caught.value.status) == (FOREIGN.format("event loop"), 500)


def test_a_transport_without_connections_works_in_every_event_loop() -> None:
    client = AsyncClient(transport=httpx.MockTransport(answer_by_id))

    for record_id in ("1", "2"):
        assert asyncio.run(client.get(CUSTOMERS, shop("http://127.0.0.1"), record_id)).id == record_id


# ------------------------------------------------------------------------------- after it was closed


def test_a_closed_client_says_so() -> None:
    client = Client(transport=httpx.MockTransport(answer_by_id))
    client.close()
    client.close()

    with pytest.raises(UnusableClient) as caught:
        client.get(CUSTOMERS, shop("http://127.0.0.1"), "1")
    assert caught.value.message == CLOSED


def test_a_closed_asynchronous_client_says_so() -> None:
    async def read_after_closing() -> None:
        async with AsyncClient(transport=httpx.MockTransport(answer_by_id)) as client:
            await client.get(CUSTOMERS, shop("http://127.0.0.1"), "1")
        await client.aclose()
        await client.get(CUSTOMERS, shop("http://127.0.0.1"), "1")

    with pytest.raises(UnusableClient) as caught:
        asyncio.run(read_after_closing())
    assert caught.value.message == CLOSED


def test_a_client_that_is_closed_in_one_loop_is_closed_in_every_loop() -> None:
    client = AsyncClient()

    async def read_and_close(origin: str) -> None:
        await client.get(CUSTOMERS, shop(origin), "1")
        await client.aclose()

    with serve() as server:
        asyncio.run(read_and_close(server.origin))
        with pytest.raises(UnusableClient, match=CLOSED):
            asyncio.run(client.get(CUSTOMERS, shop(server.origin), "2"))


def test_a_list_that_is_being_iterated_ends_when_its_client_is_closed() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        body = [{"id": int(request.url.params["page"])}]
        return httpx.Response(200, json=body, headers={"X-WP-Total": "2"})

    client = Client(transport=httpx.MockTransport(answer))
    customers = client.iterate(CUSTOMERS, shop("http://127.0.0.1"), limit=1)
    assert next(customers).id == "1"
    client.close()

    with pytest.raises(UnusableClient, match=CLOSED):
        next(customers)
