"""Connections of asyncio behave as httpcore expects: errors and times have its names, and the end is seen in time."""

from __future__ import annotations

import asyncio
import socket
import ssl
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import httpcore
import pytest

from tests.tls import write_certificate
from truto_unify.asyncio_network import AsyncioBackend

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.anyio
HOST = "127.0.0.1"
NO_DELAY = (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


@pytest.fixture(params=[False, True], ids=["asyncio", "uvloop"])
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    """The event loop of Python, and the faster one of the service."""
    return "asyncio", {"use_uvloop": request.param}


@asynccontextmanager
async def connected(serve: Any) -> AsyncIterator[httpcore.AsyncNetworkStream]:
    """A connection to a server that treats each connection with this function."""
    async with await asyncio.start_server(serve, HOST, 0) as server:
        port = server.sockets[0].getsockname()[1]
        stream = await AsyncioBackend().connect_tcp(HOST, port, 30.0, HOST, [NO_DELAY])
        try:
            yield stream
        finally:
            await stream.aclose()


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(100):
        writer.write(data)
    writer.close()


async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def reset(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"  # a close that resets: ``man 7 socket``, SO_LINGER
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.close()


async def test_bytes_come_and_go() -> None:
    async with connected(echo) as stream:
        await stream.write(b"some bytes", 30.0)
        assert await stream.read(100, 30.0) == b"some bytes"


async def test_a_long_answer_arrives_whole_in_few_parts() -> None:
    answer = bytes(range(256)) * 4_000

    async def send_all(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        writer.close()

    async with connected(send_all) as stream:
        received = b""
        while part := await stream.read(65_536, 30.0):
            assert len(part) <= 262_144
            received += part
        assert received == answer


async def test_a_long_answer_arrives_whole_through_tls(tmp_path: Path) -> None:
    answer = bytes(range(256)) * 8_000

    async def send_all(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()
        writer.close()

    certificate = write_certificate(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    async with await asyncio.start_server(send_all, HOST, 0, ssl=context) as server:
        plain = await AsyncioBackend().connect_tcp(HOST, server.sockets[0].getsockname()[1], 30.0)
        stream = await plain.start_tls(ssl.create_default_context(cafile=str(certificate)), HOST, 30.0)
        received = b""
        while part := await stream.read(65_536, 30.0):
            received += part
        await stream.aclose()
    assert received == answer


async def test_bytes_that_nobody_reads_stay_with_the_sender() -> None:
    sent = 0

    async def send_forever(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        with suppress(ConnectionError):
            while True:
                writer.write(bytes(100_000))
                sent += 100_000
                await writer.drain()

    async with connected(send_forever) as stream:
        before = -1
        while sent != before:
            before = sent
            for _ in range(100):
                await asyncio.sleep(0)
        received, waiting = 0, sent
        while received <= waiting:  # the sender goes on when bytes are read
            received += len(await stream.read(1_000_000, 30.0))


async def test_facts_of_a_connection_have_the_names_of_httpcore() -> None:
    async with connected(echo) as stream:
        raw = stream.get_extra_info("socket")
        assert stream.get_extra_info("client_addr") == raw.getsockname()
        assert stream.get_extra_info("server_addr") == raw.getpeername()
        assert raw.getsockopt(*NO_DELAY[:2]) != 0
        names = ("ssl_object", "is_readable", "colour")
        assert [stream.get_extra_info(name) for name in names] == [None, False, None]


@pytest.mark.parametrize("serve", [hang_up, reset])
async def test_an_idle_connection_that_the_server_ends_is_readable(serve: Any) -> None:
    async with connected(serve) as stream:
        while not stream.get_extra_info("is_readable"):
            await asyncio.sleep(0)


async def test_an_idle_connection_with_bytes_that_nobody_asked_for_is_readable() -> None:
    async def chatter(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        await reader.read()
        writer.close()

    async with connected(chatter) as stream:
        while not stream.get_extra_info("is_readable"):
            await asyncio.sleep(0)
        for _ in range(10):  # the event loop has read the bytes by now
            await asyncio.sleep(0)
        assert stream.get_extra_info("is_readable") is True


async def test_the_end_is_empty_and_a_reset_is_an_error() -> None:
    async with connected(hang_up) as stream:
        assert await stream.read(100, 30.0) == b""
    async with connected(reset) as stream:
        with pytest.raises(httpcore.ReadError, match="reset"):
            await stream.read(100, 30.0)
        with pytest.raises(httpcore.WriteError):
            await stream.write(b"bytes", 30.0)


async def test_a_closed_connection_is_readable_and_cannot_be_written() -> None:
    async with connected(echo) as stream:
        await stream.aclose()
        assert stream.get_extra_info("is_readable") is True
        with pytest.raises(httpcore.WriteError, match="the connection is closed"):
            await stream.write(b"bytes", 30.0)


async def test_times_that_are_over_have_the_names_of_httpcore() -> None:
    async with connected(echo) as stream:
        with pytest.raises(httpcore.ReadTimeout):
            await stream.read(100, 0.01)
        with pytest.raises(httpcore.WriteTimeout):
            await stream.write(b"x" * 50_000_000, 0.01)


async def test_nobody_listens() -> None:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        port = listener.getsockname()[1]
        with pytest.raises(httpcore.ConnectError, match="All connection attempts failed"):
            await AsyncioBackend().connect_tcp(HOST, port, 30.0)


async def test_an_address_that_speaks_no_tls_is_a_failed_connection_which_is_closed() -> None:
    async with connected(echo) as stream:
        with pytest.raises(httpcore.ConnectError) as caught:
            await stream.start_tls(ssl.create_default_context(), "shop.example", 30.0)
        assert isinstance(caught.value.__cause__, ssl.SSLError)
        assert stream.get_extra_info("is_readable") is True


async def test_a_server_that_does_not_answer_the_handshake_is_late() -> None:
    async def wait(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with connected(wait) as stream:
        with pytest.raises(httpcore.ConnectTimeout):
            await stream.start_tls(ssl.create_default_context(), "shop.example", 0.01)
