"""Drives a flow with httpx, synchronously or asynchronously; the only module that does I/O."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import httpx

from truto_unify.errors import TransportError
from truto_unify.redaction import hide_query
from truto_unify.types import Request, Response, Send, Wait

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
    from types import TracebackType

USER_AGENT = "truto-unify"
HttpTransport = httpx.BaseTransport
AsyncHttpTransport = httpx.AsyncBaseTransport


@dataclass(frozen=True, slots=True)
class Limits:
    """What one exchange may take.

    Attributes:
        connect_timeout: seconds to reach the provider.
        read_timeout: seconds between two parts of an answer.
        max_body: bytes of an answer.
    """

    connect_timeout: float = 10.0
    read_timeout: float = 60.0
    max_body: int = 64 * 1024 * 1024


class _HideQueries(logging.Filter):
    """httpx logs whole addresses, and a query may hold credentials or personal data."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(hide_query(str(one)) if isinstance(one, httpx.URL) else one for one in record.args)
        return True


logging.getLogger("httpx").addFilter(_HideQueries())


class Transport:
    """Sends synchronously over one pooled client.

    Args:
        limits: time-outs and sizes.
        transport: stands in for the network (tests, in-process apps).
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._sleep = sleep
        self._limits = limits or Limits()
        self._client = httpx.Client(**_options(self._limits), transport=transport)

    def run(self, flow: Generator[Send | Wait, Response | None, Any]) -> Any:
        """Runs a flow to its end and gives its result."""
        reply: Response | None = None
        lost: TransportError | None = None
        while True:
            try:
                step = flow.throw(lost) if lost is not None else flow.send(reply)
            except StopIteration as end:
                return end.value
            reply, lost = None, None
            if isinstance(step, Wait):
                self._sleep(step.seconds)
                continue
            outcome = self._send(step.request)
            if isinstance(outcome, TransportError):
                lost = outcome
            else:
                reply = outcome

    def _send(self, request: Request) -> Response | TransportError:
        fault: Exception
        try:
            with self._open(request) as answer:
                body = bytearray()
                for part in answer.iter_bytes():
                    body += part
                    if len(body) > self._limits.max_body:
                        return _too_large(request, self._limits)
                return Response(answer.status_code, _headers(answer), bytes(body))
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            fault = error
        return _lost(request, fault)

    @contextmanager
    def _open(self, request: Request) -> Iterator[httpx.Response]:
        with self._client.stream(**_arguments(request)) as answer:
            yield answer

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()


class AsyncTransport:
    """Sends asynchronously over one pooled client.

    Args:
        limits: time-outs and sizes.
        transport: stands in for the network (tests, in-process apps).
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._sleep = sleep
        self._limits = limits or Limits()
        self._client = httpx.AsyncClient(**_options(self._limits), transport=transport)

    async def run(self, flow: Generator[Send | Wait, Response | None, Any]) -> Any:
        """Runs a flow to its end and gives its result."""
        reply: Response | None = None
        lost: TransportError | None = None
        while True:
            try:
                step = flow.throw(lost) if lost is not None else flow.send(reply)
            except StopIteration as end:
                return end.value
            reply, lost = None, None
            if isinstance(step, Wait):
                await self._sleep(step.seconds)
                continue
            outcome = await self._send(step.request)
            if isinstance(outcome, TransportError):
                lost = outcome
            else:
                reply = outcome

    async def _send(self, request: Request) -> Response | TransportError:
        fault: Exception
        try:
            async with self._open(request) as answer:
                body = bytearray()
                async for part in answer.aiter_bytes():
                    body += part
                    if len(body) > self._limits.max_body:
                        return _too_large(request, self._limits)
                return Response(answer.status_code, _headers(answer), bytes(body))
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            fault = error
        return _lost(request, fault)

    @asynccontextmanager
    async def _open(self, request: Request) -> AsyncIterator[httpx.Response]:
        async with self._client.stream(**_arguments(request)) as answer:
            yield answer

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._client.aclose()


def _options(limits: Limits) -> dict[str, Any]:
    timeout = httpx.Timeout(limits.read_timeout, connect=limits.connect_timeout)
    # A redirect would carry credentials to an address nobody configured.
    return {"timeout": timeout, "follow_redirects": False, "headers": {"User-Agent": USER_AGENT}}


def _arguments(request: Request) -> dict[str, Any]:
    url = f"{request.url}?{request.query}" if request.query else request.url
    return {"method": request.method, "url": url, "headers": list(request.headers), "content": request.body}


def _headers(answer: httpx.Response) -> tuple[tuple[str, str], ...]:
    return tuple((name.lower(), value) for name, value in answer.headers.multi_items())


def _too_large(request: Request, limits: Limits) -> TransportError:
    return TransportError(f"{_target(request)}: the answer is larger than {limits.max_body} bytes", retryable=False)


def _lost(request: Request, fault: Exception) -> TransportError:
    """The fault in our words; built outside the handler so that no foreign exception hangs on to the request."""
    kind = type(fault).__name__
    told = str(fault).splitlines()[0] if str(fault) else kind
    if isinstance(fault, httpx.TimeoutException):
        told = "no answer in time" if not isinstance(fault, httpx.ConnectTimeout) else "cannot be reached in time"
    may_pass = not isinstance(fault, httpx.InvalidURL | httpx.UnsupportedProtocol | UnicodeError)
    return TransportError(f"{_target(request)}: {told} ({kind})", retryable=may_pass)


def _target(request: Request) -> str:
    return f"{request.method} {hide_query(request.url)}"
