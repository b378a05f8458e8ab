"""Streamed responses: one line of JSON for each record, as soon as the store sends it, at the pace of the reader."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from fastapi import Response

from truto_unify.errors import UnifyError
from truto_unify.server.errors import dump, error_body
from truto_unify.server.request_context import current_context
from truto_unify.server.security_events import note_refusal

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from starlette.types import Receive, Scope, Send

MEDIA_TYPE = "application/x-ndjson"


class RecordStream(Response):
    """A streamed response.

    The next line is read only after the previous one is sent, so a slow reader slows the reading of the store.
    If an error occurs in the middle, the last line is its body, and the response lacks the final chunk of its
    transfer coding, so that no client takes it for a complete one.

    Args:
        first: the first line; None for an empty list.
        lines: the lines after it.
        headers: further headers.
    """

    media_type = MEDIA_TYPE

    def __init__(
        self, first: bytes | None, lines: AsyncGenerator[bytes, None], headers: Mapping[str, str] | None = None
    ) -> None:
        self._first = first
        self._lines = lines
        self.status_code = 200
        self.background = None
        self.init_headers({"Cache-Control": "no-store", "X-Accel-Buffering": "no", **(headers or {})})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - an ASGI application
        """Writes the response until its end, or until the client disconnects."""
        writing = asyncio.ensure_future(self._write(send))
        disconnecting = asyncio.ensure_future(_disconnected(receive))
        try:
            await asyncio.wait({writing, disconnecting}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            writing.cancel()
            disconnecting.cancel()
            await asyncio.gather(writing, disconnecting, return_exceptions=True)
            await self._lines.aclose()
        if not writing.cancelled():
            writing.result()

    async def _write(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        if self._first is not None:
            await send({"type": "http.response.body", "body": self._first, "more_body": True})
            try:
                async for line in self._lines:
                    await send({"type": "http.response.body", "body": line, "more_body": True})
            except UnifyError as error:
                note_refusal(error)
                context = current_context()
                if context is not None:
                    context.error = type(error).__name__
                await send({"type": "http.response.body", "body": dump(error_body(error)) + b"\n", "more_body": True})
                return
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
