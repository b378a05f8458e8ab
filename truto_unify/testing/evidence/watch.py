"""A transport that counts the native requests of a client, keeps what goes by, and ends at a budget."""

from __future__ import annotations

from typing import Literal

import httpx

from truto_unify.sandbox.store import SERVER
from truto_unify.testing.exchanges import Exchange, parse_body


class OutOfRequests(Exception):
    """The budget of requests is used up."""


class Watch(httpx.BaseTransport):
    """Sends through another transport, counts the requests, and keeps what goes by.

    Args:
        budget: requests at most.
        inner: what sends; the network by default.
    """

    def __init__(self, budget: int, inner: httpx.BaseTransport | None = None) -> None:
        self._inner = inner or httpx.HTTPTransport()
        self.budget = budget
        self.exchanges: list[Exchange] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer.

        Raises:
            OutOfRequests: the budget is used up.
        """
        if len(self.exchanges) >= self.budget:
            raise OutOfRequests
        sent = request.read()
        response = self._inner.handle_request(request)
        response.read()
        headers = {name.lower(): value for name, value in response.headers.items()}
        level: Literal["recorded", "synthetic"] = "synthetic" if headers.get("server") == SERVER else "recorded"
        exchange = Exchange(
            uri=str(request.url),
            request=parse_body(sent),
            status=response.status_code,
            answer=parse_body(response.content),
            level=level,
            method=request.method,
            headers=headers,
        )
        self.exchanges.append(exchange)
        return response

    def close(self) -> None:
        """Closes the connections."""
        self._inner.close()
