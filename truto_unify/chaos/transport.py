"""Transports of httpx that plant faults, for tests: they raise what httpx raises for the same fault of a network."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import httpx

from truto_unify.chaos.answer import Answer, read_answer, seen_request

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from truto_unify.chaos.planter import Chaos

_PART_BYTES = 64 * 1024


class ChaosTransport(httpx.BaseTransport):
    """Plants faults between a client and another transport.

    Args:
        chaos: chooses the faults.
        transport: leads to the store; by default over the network.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        chaos: Chaos,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._chaos = chaos
        self._transport = transport or httpx.HTTPTransport()
        self._sleep = sleep

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Sends a request, unless a fault takes its place."""
        seen = seen_request(request, request.read())
        strike = self._chaos.strike(seen)
        answer = self._ask(request) if strike.needs_store else Answer()
        altered = self._chaos.plant(strike, seen, answer)
        if wait := _wait_before(request, altered):
            self._sleep(wait)
        return _response(request, altered, _Body(altered, self._sleep))

    def _ask(self, request: httpx.Request) -> Answer:
        response = self._transport.handle_request(request)
        try:
            body = response.read()
        finally:
            response.close()
        return read_answer(response.status_code, response.headers.multi_items(), body)

    def close(self) -> None:
        """Closes the transport that leads to the store."""
        self._transport.close()


class AsyncChaosTransport(httpx.AsyncBaseTransport):
    """As ``ChaosTransport``, asynchronously."""

    def __init__(
        self,
        chaos: Chaos,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._chaos = chaos
        self._transport = transport or httpx.AsyncHTTPTransport()
        self._sleep = sleep

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Sends a request, unless a fault takes its place."""
        seen = seen_request(request, await request.aread())
        strike = self._chaos.strike(seen)
        answer = await self._ask(request) if strike.needs_store else Answer()
        altered = self._chaos.plant(strike, seen, answer)
        if wait := _wait_before(request, altered):
            await self._sleep(wait)
        return _response(request, altered, _AsyncBody(altered, self._sleep))

    async def _ask(self, request: httpx.Request) -> Answer:
        response = await self._transport.handle_async_request(request)
        try:
            body = await response.aread()
        finally:
            await response.aclose()
        return read_answer(response.status_code, response.headers.multi_items(), body)

    async def aclose(self) -> None:
        """Closes the transport that leads to the store."""
        await self._transport.aclose()


def _read_timeout(request: httpx.Request) -> float:
    seconds = (request.extensions.get("timeout") or {}).get("read")
    return float("inf") if seconds is None else float(seconds)


def _wait_before(request: httpx.Request, answer: Answer) -> float:
    """Seconds before the first byte, at most until the client gives up."""
    delivery = answer.delivery
    return min(delivery.delay or delivery.head_pause, _read_timeout(request))


def _response(
    request: httpx.Request, answer: Answer, stream: httpx.SyncByteStream | httpx.AsyncByteStream
) -> httpx.Response:
    """The response of httpx, or its exception."""
    delivery = answer.delivery
    if delivery.fails_at == "name":
        raise httpx.ConnectError("[Errno -2] Name or service not known", request=request)
    if delivery.fails_at == "connect":
        raise httpx.ConnectError("[Errno 111] Connection refused", request=request)
    if delivery.delay >= _read_timeout(request):
        raise httpx.ReadTimeout("the read operation timed out", request=request)
    if delivery.fails_at == "head":
        if delivery.is_reset:
            raise httpx.ReadError("[Errno 104] Connection reset by peer", request=request)
        raise httpx.RemoteProtocolError("Server disconnected without sending a response.", request=request)
    if delivery.head is not None:
        raise httpx.RemoteProtocolError("illegal status line or headers", request=request)
    headers = list(answer.headers)
    if delivery.has_length and delivery.framing is None:
        headers.append(("Content-Length", str(len(answer.body))))
    return httpx.Response(answer.status, headers=headers, stream=stream, request=request)


def _parts(answer: Answer) -> Iterator[bytes]:
    """The parts of a body as they arrive, up to its end or to the fault."""
    delivery, body = answer.delivery, answer.body
    arrived = body[: len(body) // 2] if delivery.fails_at == "body" or delivery.framing is not None else body
    size = 1 if delivery.body_pause else _PART_BYTES
    for start in range(0, len(arrived), size):
        yield arrived[start : start + size]
    if delivery.framing is not None:
        raise httpx.RemoteProtocolError("illegal chunk header")
    if delivery.fails_at != "body":
        return
    if delivery.is_reset:
        raise httpx.ReadError("[Errno 104] Connection reset by peer")
    if delivery.has_length:
        raise httpx.RemoteProtocolError("peer closed connection without sending complete message body")


class _Body(httpx.SyncByteStream):
    """A body that arrives as the delivery says."""

    def __init__(self, answer: Answer, sleep: Callable[[float], None]) -> None:
        self._answer = answer
        self._sleep = sleep

    def __iter__(self) -> Iterator[bytes]:
        for part in _parts(self._answer):
            if self._answer.delivery.body_pause:
                self._sleep(self._answer.delivery.body_pause)
            yield part


class _AsyncBody(httpx.AsyncByteStream):
    """As ``_Body``, asynchronously."""

    def __init__(self, answer: Answer, sleep: Callable[[float], Awaitable[None]]) -> None:
        self._answer = answer
        self._sleep = sleep

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in _parts(self._answer):
            if self._answer.delivery.body_pause:
                await self._sleep(self._answer.delivery.body_pause)
            yield part
