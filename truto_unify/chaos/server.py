"""A proxy on this machine that plants faults between any client and a store, byte by byte."""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
import threading
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Literal, get_args

import h11
import httpx

from truto_unify.chaos.answer import Answer, Delivery, SeenRequest, read_answer
from truto_unify.chaos.catalogue import FAULTS
from truto_unify.chaos.certificates import FaultyCertificate, make_certificate
from truto_unify.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from truto_unify.chaos.planter import Chaos

TlsFault = Literal["self-signed", "expired", "not-yet-valid", "wrong-host", "no-handshake"]
TLS_FAULTS: tuple[TlsFault, ...] = get_args(TlsFault)
"""Faults of TLS strike every connection: the client never sends a request."""
_READ_BYTES = 64 * 1024
_MAX_HEAD_BYTES = 256 * 1024
_START_SECONDS = 10.0
_STOP_SECONDS = 10.0
_STORE_SECONDS = 60.0
_NOT_PASSED_ON = {"host", "connection", "keep-alive", "accept-encoding", "transfer-encoding", "te", "upgrade"}
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_LOG = logging.getLogger(__name__)


@dataclass(slots=True)
class ChaosServer:
    """The proxy.

    Args:
        chaos: chooses the faults.
        target: the base URL of the store; the paths of requests are added to it.
        transport: leads to the store; by default over the network.
        tls: the fault of TLS of all connections; None: the proxy speaks plain HTTP.
        sleep: waits so many seconds.

    Attributes:
        certificate: what the proxy shows, if its fault is in a certificate.

    Raises:
        InvalidInput: the target is no URL, or a fault cannot be planted by a proxy.
        InvalidEnvironment: the library that makes certificates is not installed.
    """

    chaos: Chaos
    target: str
    transport: httpx.AsyncBaseTransport | None = None
    tls: TlsFault | None = None
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    certificate: FaultyCertificate | None = field(default=None, init=False)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set, init=False)

    def __post_init__(self) -> None:
        check_target(self.target)
        impossible = [name for name, share in self.chaos.shares.items() if share and FAULTS[name].needs_transport]
        if impossible:
            raise InvalidInput(
                f'a proxy cannot plant "{impossible[0]}", which strikes before a connection is open; '
                f"plant it with truto_unify.chaos.ChaosTransport"
            )
        if self.tls is not None and self.tls != "no-handshake":
            self.certificate = make_certificate(self.tls)

    @asynccontextmanager
    async def running(self, port: int = 0) -> AsyncIterator[str]:
        """Serves while the context lasts; gives the origin.

        Args:
            port: on 127.0.0.1; 0: a free one.
        """
        context = self.certificate.context if self.certificate is not None else None
        async with httpx.AsyncClient(transport=self.transport, timeout=_STORE_SECONDS) as client:
            server = await asyncio.start_server(
                lambda reader, writer: self._begin(client, reader, writer), "127.0.0.1", port, ssl=context
            )
            try:
                scheme = "http" if self.tls is None else "https"
                yield f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            finally:
                server.close()
                for task in list(self._tasks):
                    task.cancel()
                await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, client: httpx.AsyncClient, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(client, reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(
        self, client: httpx.AsyncClient, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Serves one connection until it ends."""
        try:
            # A client that goes away, or speaks no HTTP, ends its connection; that is no fault of the proxy.
            with suppress(OSError, EOFError, h11.RemoteProtocolError):
                if self.tls == "no-handshake":
                    await reader.read(1)
                    _reset(writer)
                    return
                connection = h11.Connection(h11.SERVER, max_incomplete_event_size=_MAX_HEAD_BYTES)
                while await self._serve_request(client, connection, reader, writer):
                    connection.start_next_cycle()
        finally:
            writer.close()

    async def _serve_request(
        self,
        client: httpx.AsyncClient,
        connection: h11.Connection,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> bool:
        """Serves one request; whether the connection goes on."""
        request = await _read_request(connection, reader)
        if request is None:
            return False
        strike = self.chaos.strike(request)
        answer = await self._ask(client, request) if strike.needs_store else Answer()
        altered = self.chaos.plant(strike, request, answer)
        if not await self._wait(altered.delivery.delay, reader):
            return False
        if altered.delivery == Delivery():
            writer.write(_frame(connection, altered, is_head=request.method == "HEAD"))
            await writer.drain()
            return connection.our_state is h11.DONE and connection.their_state is h11.DONE
        await self._deliver(altered, writer)
        return False

    async def _wait(self, seconds: float, reader: asyncio.StreamReader) -> bool:
        """Waits, unless the client goes away; whether it is still there."""
        if not seconds:
            return True
        leaving = asyncio.ensure_future(reader.read(1))
        waiting = asyncio.ensure_future(self.sleep(seconds))
        done, _ = await asyncio.wait({leaving, waiting}, return_when=asyncio.FIRST_COMPLETED)
        leaving.cancel()
        waiting.cancel()
        await asyncio.gather(leaving, waiting, return_exceptions=True)
        return leaving not in done

    async def _ask(self, client: httpx.AsyncClient, request: SeenRequest) -> Answer:
        """The store's answer; a 502 if there is none."""
        query = f"?{request.query}" if request.query else ""
        headers = [(name, value) for name, value in request.headers if name.lower() not in _NOT_PASSED_ON]
        try:
            response = await client.request(
                request.method,
                f"{self.target.rstrip('/')}{request.path}{query}",
                headers=[*headers, ("Accept-Encoding", "gzip, deflate")],
                content=request.body or None,
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            text = f"the chaos proxy cannot reach {self.target}: {type(error).__name__}"
            _LOG.warning(text)
            return Answer(HTTPStatus.BAD_GATEWAY, (("Content-Type", "text/plain"),), text.encode())
        return read_answer(response.status_code, response.headers.multi_items(), response.content)

    async def _deliver(self, answer: Answer, writer: asyncio.StreamWriter) -> None:
        """Writes an answer as its delivery says; the connection ends with it."""
        delivery = answer.delivery
        if delivery.fails_at != "head":
            await self._write(_head(answer), delivery.head_pause, writer)
            await self._write(_body(answer), delivery.body_pause, writer)
        if delivery.is_reset:
            _reset(writer)

    async def _write(self, data: bytes, pause: float, writer: asyncio.StreamWriter) -> None:
        if not pause:
            writer.write(data)
            await writer.drain()
            return
        for index in range(len(data)):
            await self.sleep(pause)
            writer.write(data[index : index + 1])
            await writer.drain()


def check_target(target: str) -> None:
    """Raises InvalidInput if a text is no base URL of a store."""
    try:
        url = httpx.URL(target)
    except httpx.InvalidURL as error:
        raise InvalidInput(f'"{target}" is no URL: {error}') from None
    if url.scheme not in {"http", "https"} or not url.host or url.query or url.fragment:
        raise InvalidInput(f'"{target}" is no base URL; it looks like https://shop.example/api')


@contextmanager
def run_in_thread(server: ChaosServer, port: int = 0) -> Iterator[str]:
    """Runs a proxy in a thread of this process while the context lasts.

    Args:
        server: the proxy.
        port: on 127.0.0.1; 0: a free one.

    Yields:
        The origin, ``http://127.0.0.1:8766``. The proxy answers already.

    Raises:
        OSError: the port is taken.
    """
    thread = _ServerThread(server, port)
    thread.start()
    try:
        yield thread.origin()
    finally:
        thread.end()


class _ServerThread(threading.Thread):
    """A thread with an event loop of its own."""

    def __init__(self, server: ChaosServer, port: int) -> None:
        super().__init__(name="chaos", daemon=True)
        self._server = server
        self._port = port
        self._origin = ""
        self._failure: BaseException | None = None
        self._is_ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end: asyncio.Event | None = None

    def run(self) -> None:
        try:
            asyncio.run(self._serve())
        except OSError as error:
            self._failure = error
        finally:
            self._is_ready.set()

    async def _serve(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        async with self._server.running(self._port) as self._origin:
            self._is_ready.set()
            await self._end.wait()

    def origin(self) -> str:
        """Waits until the proxy answers."""
        if not self._is_ready.wait(_START_SECONDS):
            raise RuntimeError("the chaos proxy did not start")
        if self._failure is not None:
            raise self._failure
        return self._origin

    def end(self) -> None:
        """Ends the proxy and the thread."""
        if self._loop is not None and self._end is not None and self.is_alive():
            with suppress(RuntimeError):  # the loop has ended by itself
                self._loop.call_soon_threadsafe(self._end.set)
        self.join(_STOP_SECONDS)


async def _read_request(connection: h11.Connection, reader: asyncio.StreamReader) -> SeenRequest | None:
    """The next request of a connection; None if the client has ended it."""
    head: h11.Request | None = None
    body: list[bytes] = []
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(_READ_BYTES))
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            body.append(bytes(event.data))
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            return _request(head, b"".join(body))
        else:
            return None


def _request(head: h11.Request, body: bytes) -> SeenRequest:
    path, _, query = head.target.decode("ascii").partition("?")
    headers = tuple((name.decode("ascii"), value.decode("latin-1")) for name, value in head.headers)
    return SeenRequest(head.method.decode("ascii"), path, query, headers, body)


def _frame(connection: h11.Connection, answer: Answer, *, is_head: bool) -> bytes:
    """The bytes of an answer without a fault."""
    headers = [(name.encode("ascii"), value.encode("latin-1", "replace")) for name, value in answer.headers]
    has_body = answer.status not in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}
    length = [(b"Content-Length", str(len(answer.body)).encode())] if has_body else []
    parts = [connection.send(h11.Response(status_code=answer.status, headers=[*headers, *length]))]
    if has_body and not is_head:
        parts.append(connection.send(h11.Data(data=answer.body)))
    parts.append(connection.send(h11.EndOfMessage()))
    return b"".join(part for part in parts if part)


def _head(answer: Answer) -> bytes:
    """The status line and the headers of a faulty answer."""
    delivery = answer.delivery
    if delivery.head is not None:
        return delivery.head
    lines = [f"HTTP/1.1 {answer.status} Planted", *(f"{name}: {value}" for name, value in answer.headers)]
    if delivery.framing is not None:
        lines.append("Transfer-Encoding: chunked")
    elif delivery.has_length:
        lines.append(f"Content-Length: {len(answer.body)}")
    lines.append("Connection: close")
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")


def _body(answer: Answer) -> bytes:
    """The bytes of a faulty answer's body, up to where they end."""
    delivery = answer.delivery
    if delivery.head is not None:
        return b""
    if delivery.framing is not None:
        return delivery.framing
    return answer.body[: len(answer.body) // 2] if delivery.fails_at == "body" else answer.body


def _reset(writer: asyncio.StreamWriter) -> None:
    """Ends a connection with a reset instead of a close: https://man7.org/linux/man-pages/man7/socket.7.html."""
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    writer.transport.abort()
