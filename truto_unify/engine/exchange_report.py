"""Reports each native request with its answer to whoever asked for it (``Settings.on_exchange``), without secrets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from truto_unify.types import NativeExchange, Response

if TYPE_CHECKING:
    from collections.abc import Callable

    from truto_unify.errors import TransportError
    from truto_unify.types import Request


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
