"""Closes connections whose request headers do not arrive in time, since uvicorn waits for them without end."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from truto_unify.server.security_events import security_event

_LATE = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class HeaderDeadlineProtocol(HttpToolsProtocol):
    """uvicorn's protocol with a deadline for the headers of each request, and for the first request of a connection.

    Args:
        header_seconds: the deadline.
        **options: those of uvicorn.
    """

    def __init__(self, *, header_seconds: float, **options: Any) -> None:
        super().__init__(**options)
        self._header_seconds = header_seconds
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn's own signature
        """A connection is open."""
        super().connection_made(transport)
        self._expect_headers()

    def on_message_begin(self) -> None:
        """The first byte of a request has arrived."""
        super().on_message_begin()
        if self._deadline is None:
            self._expect_headers()

    def on_headers_complete(self) -> None:
        """The headers of a request have arrived."""
        self._stop()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is closed."""
        self._stop()
        super().connection_lost(exc)

    def _expect_headers(self) -> None:
        self._deadline = self.loop.call_later(self._header_seconds, self._end)

    def _stop(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _end(self) -> None:
        self._deadline = None
        if not self.transport.is_closing():
            security_event("headers_late", message=f"no whole headers within {self._header_seconds:g} seconds")
            self.transport.write(_LATE)
            self.transport.close()
