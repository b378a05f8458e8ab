"""A connection that keeps its headers to itself is closed; one that sends them in time is served."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import pytest
import uvicorn

from truto_unify.server.header_deadline import HeaderDeadlineProtocol

if TYPE_CHECKING:
    from collections.abc import Iterator

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
LATE = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
PATIENCE = 30.0


async def app(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


@contextmanager
def serving(seconds: float) -> Iterator[tuple[str, int]]:
    """The address of a server with this deadline."""
    protocol = cast("Any", partial(HeaderDeadlineProtocol, header_seconds=seconds))
    server = uvicorn.Server(uvicorn.Config(app, http=protocol, log_config=None, lifespan="off", ws="none"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        yield listener.getsockname()
        server.should_exit = True
        thread.join(PATIENCE)


def received(connection: socket.socket) -> bytes:
    """Everything until the server closes the connection."""
    return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.mark.parametrize("sent", [b"", GET[:-2], b"GET", GET[:20]], ids=["nothing", "most", "a word", "half"])
def test_headers_that_do_not_arrive_close_the_connection(sent: bytes, caplog: pytest.LogCaptureFixture) -> None:
    with serving(0.1) as address, socket.create_connection(address, PATIENCE) as connection:
        connection.sendall(sent)

        assert received(connection) == LATE

    events = [record.__dict__["fields"] for record in caplog.records if record.name == "truto_unify.security"]
    assert events == [{"event": "headers_late", "message": "no whole headers within 0.1 seconds"}]


def test_every_request_of_a_connection_has_its_own_deadline() -> None:
    with serving(0.3) as address, socket.create_connection(address, PATIENCE) as connection:
        connection.sendall(GET)
        first = connection.recv(65536)
        connection.sendall(GET + GET[:10])
        rest = received(connection)

    assert first.startswith(b"HTTP/1.1 204")
    assert rest.startswith(b"HTTP/1.1 204")
    assert rest.endswith(LATE)
