"""Opens connections of httpcore with the transports of asyncio.

The usual backend of httpcore goes through anyio, which serves several event loop libraries. Without it, a new
connection takes a quarter less of the processor, and a request a fifth
(https://www.encode.io/httpcore/network-backends/). The streams of asyncio copy each byte three times on its way through
their buffer; the protocol below hands on what the event loop has read
(https://docs.python.org/3/library/asyncio-protocol.html#streaming-protocols).
"""

from __future__ import annotations

import asyncio
import select
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

import httpcore

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Iterator

    from httpcore import SOCKET_OPTION

_EXTRA = {"client_addr": "sockname", "server_addr": "peername", "socket": "socket", "ssl_object": "ssl_object"}
"""What httpcore asks for, and its name in asyncio."""
_FULL_BYTES = 128 * 1024
"""Bytes that nobody has read yet, above which the event loop receives no more, as for the streams of asyncio."""


class AsyncioBackend(httpcore.AsyncNetworkBackend):
    """A network backend for asyncio."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connects to an address."""
        source = None if local_address is None else (local_address, 0)
        loop = asyncio.get_running_loop()
        with _faults(httpcore.ConnectTimeout, httpcore.ConnectError, "All connection attempts failed"):
            async with asyncio.timeout(timeout):
                _, stream = await loop.create_connection(AsyncioStream, host, port, local_addr=source)
        for option in socket_options or ():
            stream.get_extra_info("socket").setsockopt(*option)
        return stream

    async def sleep(self, seconds: float) -> None:
        """Waits."""
        await asyncio.sleep(seconds)


class AsyncioStream(httpcore.AsyncNetworkStream, asyncio.Protocol):
    """A connection: httpcore reads and writes it, and the event loop reports what happens to it."""

    _transport: asyncio.Transport

    def __init__(self) -> None:
        self._parts: deque[bytes] = deque()
        self._unread = 0
        self._is_ended = False
        self._fault: Exception | None = None
        self._can_write = asyncio.Event()
        self._can_write.set()
        self._arrival: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Stores the transport."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is not derived from it

    def data_received(self, data: bytes) -> None:
        """Stores bytes until they are read."""
        self._parts.append(data)
        self._unread += len(data)
        if self._unread > _FULL_BYTES:
            self._transport.pause_reading()
        self._wake_reader()

    def eof_received(self) -> None:
        """Notes that no more bytes will arrive; asyncio closes the transport."""
        self._is_ended = True
        self._wake_reader()

    def connection_lost(self, exc: Exception | None) -> None:
        """Notes the end, and the fault that it may have."""
        self._is_ended = True
        self._fault = exc
        self._can_write.set()
        self._wake_reader()

    def pause_writing(self) -> None:
        """Makes ``write`` wait: the system takes no more bytes now."""
        self._can_write.clear()

    def resume_writing(self) -> None:
        """Lets ``write`` go on."""
        self._can_write.set()

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - see below
        """Bytes that have arrived; empty at the end.

        They are what the event loop has read at once, at most 256 KiB, also if httpcore asks for fewer: each part of an
        answer passes a dozen functions.
        """
        if not self._parts and not self._is_ended:
            with _faults(httpcore.ReadTimeout, httpcore.ReadError):
                async with asyncio.timeout(timeout):
                    await self._next_event()
        if self._parts:
            part = self._parts.popleft()
            self._unread -= len(part)
            if self._unread <= _FULL_BYTES:
                self._transport.resume_reading()
            return part
        self._check_fault(httpcore.ReadError)
        return b""

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Sends bytes."""
        self._check_fault(httpcore.WriteError)
        if self._transport.is_closing():
            raise httpcore.WriteError("the connection is closed")
        if not buffer:
            return
        self._transport.write(buffer)
        if not self._can_write.is_set():
            with _faults(httpcore.WriteTimeout, httpcore.WriteError):
                async with asyncio.timeout(timeout):
                    await self._can_write.wait()
            self._check_fault(httpcore.WriteError)

    async def aclose(self) -> None:
        """Closes the connection without a wait for the other side."""
        self._transport.close()
        await asyncio.sleep(0)
        self._transport.abort()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Encrypts the connection, or closes it."""
        loop = asyncio.get_running_loop()
        try:
            with _faults(httpcore.ConnectTimeout, httpcore.ConnectError):
                async with asyncio.timeout(timeout):
                    encrypted = await loop.start_tls(
                        self._transport, self, ssl_context, server_hostname=server_hostname
                    )
                if encrypted is None:
                    raise OSError("the connection closed during the handshake")
            self.connection_made(encrypted)
        except BaseException:
            await self.aclose()
            raise
        return self

    def get_extra_info(self, info: str) -> Any:
        """Facts about the connection; None if unknown."""
        if info == "is_readable":
            # Bytes that came without a request would be read as the answer to the next request.
            return bool(self._parts) or self._is_ended or self._transport.is_closing() or _is_readable(self._transport)
        return self._transport.get_extra_info(_EXTRA[info]) if info in _EXTRA else None

    async def _next_event(self) -> None:
        """Waits for bytes or the end."""
        self._arrival = asyncio.get_running_loop().create_future()
        try:
            await self._arrival
        finally:
            self._arrival = None

    def _wake_reader(self) -> None:
        if self._arrival is not None and not self._arrival.done():
            self._arrival.set_result(None)

    def _check_fault(self, error: type[Exception]) -> None:
        """Raises an error of httpcore if the connection ended with a fault."""
        if self._fault is not None:
            raise error(str(self._fault)) from self._fault


def _is_readable(transport: asyncio.Transport) -> bool:
    """Whether bytes, or the end, have arrived that the event loop has not read yet."""
    descriptor = transport.get_extra_info("socket").fileno()
    if descriptor < 0:
        return True
    if not hasattr(select, "poll"):  # Windows
        return bool(select.select([descriptor], [], [], 0)[0])
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))


@contextmanager
def _faults(late: type[Exception], lost: type[Exception], message: str | None = None) -> Iterator[None]:
    """Raises the errors of httpcore for those of the system."""
    try:
        yield
    except TimeoutError as error:
        raise late(str(error)) from error
    except OSError as error:
        raise lost(message or str(error)) from error
