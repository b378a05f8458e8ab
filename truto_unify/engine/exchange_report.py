"""Reports each native request with its answer to whoever asked for it (``Settings.on_exchange``), without secrets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from truto_unify.types import Response

if TYPE_CHECKING:
    from collections.abc import Callable

    from truto_unify.errors import TransportError
    from truto_unify.types import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeExchange:
    """One native request and its answer, without secrets; the URL may name people, as filters do.

    Attributes:
        provider: slug of the provider.
        method: HTTP method.
        url: the URL without the authorization; of a request for a token, without its query.
        purpose: ``call``, or ``token`` for a request for an access token.
        seconds: how long it took, the wait for its turn included.
        status: HTTP status; None if no answer came.
        received_bytes: size of the body.
        error: why no answer came.
    """

    provider: str
    method: str
    url: str
    purpose: Literal["call", "token"]
    seconds: float
    status: int | None = None
    received_bytes: int = 0
    error: str | None = None


@dataclass(frozen=True, slots=True)
class ExchangeReport:
    """What the reports of one native call share.

    Attributes:
        listener: is called with each exchange; None: nobody asked.
        provider: slug of the provider.
        purpose: what the request is for.
        show_url: the URL of a request, without secrets.
    """

    listener: Callable[[NativeExchange], None] | None
    provider: str
    purpose: Literal["call", "token"]
    show_url: Callable[[Request], str]

    def tell(self, request: Request, seconds: float, outcome: Response | TransportError) -> None:
        """Reports a request and its answer, or why there is none."""
        if self.listener is None:
            return
        answer = outcome if isinstance(outcome, Response) else None
        exchange = NativeExchange(
            provider=self.provider,
            method=request.method,
            url=self.show_url(request),
            purpose=self.purpose,
            seconds=seconds,
            status=answer.status if answer is not None else None,
            received_bytes=len(answer.body) if answer is not None else 0,
            error=None if isinstance(outcome, Response) else outcome.message,
        )
        self.listener(exchange)
