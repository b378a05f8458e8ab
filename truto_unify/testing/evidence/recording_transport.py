"""A transport that keeps every exchange of a client and stops at a budget of requests."""

from __future__ import annotations

from typing import Literal

import httpx

from truto_unify.connections import open_client
from truto_unify.sandbox.store import SERVER
from truto_unify.testing.exchanges import Exchange, parse_body
from truto_unify.types import Limits


class BudgetExhausted(Exception):
    """The budget of requests is used up."""


class RecordingTransport(httpx.BaseTransport):
    """Sends through another transport, keeps each request with its answer, and stops at a budget.

    Args:
        budget: the largest number of requests.
        inner: the transport that sends; the network by default, with the proxies of the environment.
        limits: time-outs and certificates of the network.

    Attributes:
        exchanges: every request with its answer, in order.
    """

    def __init__(self, budget: int, inner: httpx.BaseTransport | None = None, limits: Limits | None = None) -> None:
        self._sender = open_client(limits or Limits(), inner)
        self.budget = budget
        self.exchanges: list[Exchange] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Sends the request and keeps the answer.

        Raises:
            BudgetExhausted: the budget is used up.
        """
        if len(self.exchanges) >= self.budget:
            raise BudgetExhausted
        body = request.read()
        response = self._sender.send(request)
        headers = {name.lower(): value for name, value in response.headers.items()}
        level: Literal["recorded", "synthetic"] = "synthetic" if headers.get("server") == SERVER else "recorded"
        exchange = Exchange(
            uri=str(request.url),
            request=parse_body(body),
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
        self._sender.close()
