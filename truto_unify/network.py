"""The network below httpx: what has arrived on a connection is handed on in large pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpcore

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable

_PIECE = 1024 * 1024
"""Bytes; httpcore asks for 64 KB at a time, and each of its questions costs a turn of the event loop."""


class Network(httpcore.AsyncNetworkBackend):
    """As httpcore's own network on asyncio, with larger pieces.

    https://www.encode.io/httpcore/network-backends/
    """

    def __init__(self) -> None:
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to a host."""
        stream = await self._inner.connect_tcp(host, port, timeout, local_address, socket_options)
        return _Connection(stream)

    async def sleep(self, seconds: float) -> None:
        """Waits between two tries to connect."""
        await self._inner.sleep(seconds)


class _Connection(httpcore.AsyncNetworkStream):
    """One connection; what it does not say itself it leaves to httpcore's."""

    def __init__(self, inner: httpcore.AsyncNetworkStream) -> None:
        self._inner = inner

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return await self._inner.read(max(max_bytes, _PIECE), timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        await self._inner.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        return _Connection(await self._inner.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
