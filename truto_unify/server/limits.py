"""Middleware before the routes: size and time limits, shutdown, and normalized paths and content types."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders

from truto_unify.server.errors import Refused, error_response

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from truto_unify.server.settings import ServiceSettings

_SERVED_DURING_SHUTDOWN = frozenset({"/healthz", "/metrics"})
_MAX_DIGITS = 18
_NATIVE = ("/custom/", "/proxy/")
"""Below these paths the body and its content type belong to the provider."""


class Shutdown:
    """Whether the service is shutting down.

    Args:
        timer: a monotonic clock in seconds.
    """

    def __init__(self, timer: Callable[[], float] = time.monotonic) -> None:
        self.has_begun = False
        self._timer = timer
        self._began_at: float | None = None

    def begin(self) -> None:
        """Refuses new requests from now on."""
        self.has_begun = True
        self._began_at = self._timer() if self._began_at is None else self._began_at

    def seconds_left(self, seconds: float) -> float:
        """What is left of so many seconds after the stop signal."""
        passed = 0.0 if self._began_at is None else self._timer() - self._began_at
        return max(seconds - passed, 0.0)


class LimitsMiddleware:
    """ASGI middleware that applies the limits before the routes."""

    def __init__(self, app: ASGIApp, settings: ServiceSettings, shutdown: Shutdown) -> None:
        self._app = app
        self._settings = settings
        self._shutdown = shutdown

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        _collapse_slashes(scope)
        try:
            self._check(scope)
            async with asyncio.timeout(self._settings.request_seconds):
                receive = await self._read_body(scope, receive)
        except Refused as refused:
            await error_response(refused)(scope, receive, send)
            return
        except TimeoutError:
            seconds = self._settings.request_seconds
            late = Refused(408, f"the body did not arrive within {seconds:g} seconds", headers={"Connection": "close"})
            await error_response(late)(scope, receive, send)
            return
        await self._within_time(scope, receive, send)

    def _check(self, scope: Scope) -> None:
        limits = self._settings
        if self._shutdown.has_begun and scope["path"] not in _SERVED_DURING_SHUTDOWN:
            raise _ending()
        target = len(scope.get("raw_path") or scope["path"].encode()) + len(scope["query_string"])
        if target > limits.max_target:
            raise Refused(414, f"path and query have {target} bytes; the limit is {limits.max_target}")
        if scope["http_version"] == "1.1" and [name for name, _ in scope["headers"]].count(b"host") != 1:
            # https://www.rfc-editor.org/rfc/rfc9112#section-3.2-6
            raise Refused(400, "a request names its host once, in the header Host", headers={"Connection": "close"})
        size = sum(len(name) + len(value) for name, value in scope["headers"])
        if size > limits.max_headers:
            raise Refused(431, f"the headers have {size} bytes; the limit is {limits.max_headers}")

    async def _read_body(self, scope: Scope, receive: Receive) -> Receive:
        """Reads the body within its limit; returns a receive function that replays it."""
        headers = Headers(scope=scope)
        length = headers.get("content-length")
        if length is None and "transfer-encoding" not in headers:
            if scope["method"] in {"GET", "HEAD"}:
                return receive
        elif length is not None and length.isdecimal() and self._is_too_long(length):
            raise self._too_large()
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] != "http.request":
                return _replay(message, receive)
            body += message.get("body", b"")
            if len(body) > self._settings.max_body:
                raise self._too_large()
            if not message.get("more_body", False):
                break
        if body and not scope["path"].startswith(_NATIVE):
            # Some clients label JSON as text or as a form; these routes accept only JSON.
            MutableHeaders(scope=scope)["content-type"] = "application/json"
        return _replay({"type": "http.request", "body": bytes(body), "more_body": False}, receive)

    def _is_too_long(self, length: str) -> bool:
        """Whether a number of bytes is above the limit; Python reads no number of thousands of digits."""
        return len(length) > _MAX_DIGITS or int(length) > self._settings.max_body

    def _too_large(self) -> Refused:
        max_bytes = self._settings.max_body
        return Refused(413, f"the body is larger than {max_bytes} bytes", headers={"Connection": "close"})

    async def _within_time(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Limits the time until the response begins; a stream may take longer."""
        seconds = self._settings.request_seconds
        deadline = asyncio.timeout(seconds)
        has_begun = False

        async def send_message(message: Message) -> None:
            nonlocal has_begun
            if not has_begun:
                has_begun = True
                deadline.reschedule(None)
            await send(message)

        try:
            async with deadline:
                await self._app(scope, receive, send_message)
        except asyncio.CancelledError:
            # uvicorn cancels what still runs when the time of a shutdown is over, and would answer 500.
            if has_begun or not self._shutdown.has_begun:
                raise
            await error_response(_ending())(scope, receive, send)
        except TimeoutError:
            if has_begun or not deadline.expired():
                raise
            refused = Refused(504, f"there was no answer within {seconds:g} seconds; request less, or try again")
            await error_response(refused)(scope, receive, send)


def _ending() -> Refused:
    return Refused(503, "the service is shutting down; try again", headers={"Connection": "close"})


def _collapse_slashes(scope: Scope) -> None:
    """Some clients write ``//unified/…``."""
    if scope["path"].startswith("//"):
        scope["path"] = "/" + scope["path"].lstrip("/")
        raw = scope.get("raw_path")
        if raw is not None:
            scope["raw_path"] = b"/" + raw.lstrip(b"/")


def _replay(first: Message, receive: Receive) -> Receive:
    pending = [first]

    async def replay() -> Message:
        return pending.pop() if pending else await receive()

    return replay
