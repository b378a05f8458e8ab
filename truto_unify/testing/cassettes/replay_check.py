"""Plays cleaned answers to a client that knows only inventions, and keeps what it sends: the requests of a cassette.

What such a client sends can hold nothing real, and a replay sends the same again.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from truto_unify.testing.cassettes.matching import is_same_request

if TYPE_CHECKING:
    from collections.abc import Sequence

    from truto_unify.testing.cassettes.recorder import Exchange


class Rehearsal(httpx.BaseTransport):
    """Answers each request with the exchange that it is like; each exchange once.

    Args:
        exchanges: cleaned.

    Attributes:
        played: exchanges in the order in which they were asked for, each with the request that was sent.
    """

    def __init__(self, exchanges: Sequence[Exchange]) -> None:
        self._left = list(exchanges)
        self._guard = threading.Lock()
        self.played: list[Exchange] = []

    @property
    def left(self) -> int:
        """How many exchanges nobody asked for."""
        return len(self._left)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The recorded answer.

        Raises:
            httpx.ConnectError: nothing like it was recorded.
        """
        body = request.read()
        with self._guard:
            exchange = self._take(request, body)
            headers = tuple((name.lower(), value) for name, value in request.headers.multi_items())
            kept = {name for name, _ in exchange.request_headers}
            self.played.append(
                replace(
                    exchange,
                    method=request.method,
                    url=str(request.url),
                    request_headers=tuple(pair for pair in headers if pair[0] in kept),
                    request_body=body,
                )
            )
        return httpx.Response(
            exchange.status,
            headers=list(exchange.response_headers),
            stream=httpx.ByteStream(exchange.response_body),
            extensions={"reason_phrase": exchange.reason.encode("ascii", "replace")},
        )

    def _take(self, request: httpx.Request, body: bytes) -> Exchange:
        sent = _Sent(request.method, str(request.url), body)
        target = _target(request.method, str(request.url))
        exact = [one for one in self._left if is_same_request(_Sent(one.method, one.url, one.request_body), sent)]
        alike = [one for one in self._left if _target(one.method, one.url) == target]
        for one in (*exact, *alike):
            self._left.remove(one)
            return one
        raise httpx.ConnectError("no recorded answer fits", request=request)


class _Sent:
    def __init__(self, method: str, uri: str, body: bytes) -> None:
        self.method, self.uri, self.body = method, uri, body


def _target(method: str, url: str) -> tuple[str, str, str]:
    parts = urlsplit(url)
    return method, parts.netloc, parts.path
