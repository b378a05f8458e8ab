"""Watches one attempt of a native request, and reports it when it has ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeVar

from truto_unify.reports import NativeExchange, ProviderWait
from truto_unify.spans import record_span

if TYPE_CHECKING:
    from collections.abc import Callable

    from truto_unify.types import Response

Purpose = Literal["call", "token"]
_Report = TypeVar("_Report")


class LateErrors:
    """The errors of callbacks, which are raised when it does no harm."""

    def __init__(self) -> None:
        self._first: Exception | None = None

    def holding(self, callback: Callable[[_Report], None] | None) -> Callable[[_Report], None] | None:
        """The callback, whose errors wait for ``raise_first``; None if absent."""
        if callback is None:
            return None

        def call(report: _Report) -> None:
            try:
                callback(report)
            except Exception as error:  # noqa: BLE001 - raised later
                self._first = self._first or error

        return call

    def raise_first(self) -> None:
        """Raises the first error that a callback has raised."""
        if self._first is not None:
            raise self._first


@dataclass(slots=True)
class Attempt:
    """One attempt.

    Attributes:
        provider: slug of the provider.
        purpose: of the request.
        number: counted from 1.
        timer: a monotonic clock in seconds.
        method: HTTP method, once the request is built.
        waited: seconds until fewer requests were in flight.
        sent_at: when it was sent; None if it was not.
        written_at: when the request was written to the network, after a connection was opened; None if unknown.
        status: HTTP status of the answer.
        received_bytes: the size of its body.
        show_url: gives the URL, secrets masked.
        error: class name of the error that ended it; a flow that is closed has no other outcome.
        unsent: why nothing was sent.
        ended_at: when its outcome was known.
    """

    provider: str
    purpose: Purpose
    number: int
    timer: Callable[[], float]
    method: str = ""
    waited: float = 0.0
    sent_at: float | None = None
    written_at: float | None = None
    status: int | None = None
    received_bytes: int = 0
    show_url: Callable[[], str] = str
    error: str | None = "Cancelled"
    unsent: str | None = None
    ended_at: float | None = None

    def send(self, waited: float) -> None:
        """The request is sent now, after so many seconds in the queue."""
        self.waited, self.sent_at = waited, self.timer()

    def write(self) -> None:
        """The request is written to the network now."""
        self.written_at = self.timer()

    def receive(self, response: Response) -> None:
        """An answer has arrived."""
        self.status, self.received_bytes = response.status, len(response.body)
        self.error, self.ended_at = None, self.timer()

    def fail(self, error: Exception, *, unsent: str | None = None) -> None:
        """The attempt ended with an error."""
        self.error, self.unsent, self.ended_at = type(error).__name__, unsent, self.timer()

    def report(
        self,
        on_exchange: Callable[[NativeExchange], None] | None,
        on_wait: Callable[[ProviderWait], None] | None,
    ) -> None:
        """Reports the attempt, and the wait before it."""
        if self.waited and on_wait is not None:
            on_wait(ProviderWait(provider=self.provider, seconds=self.waited, cause="in_flight"))
        exchange = NativeExchange(
            provider=self.provider,
            purpose=self.purpose,
            method=self.method,
            attempt=self.number,
            status=self.status,
            error=self.error,
            unsent=self.unsent,
            waited=self.waited,
            seconds=self._seconds(),
            received_bytes=self.received_bytes,
            show_url=self.show_url,
        )
        record_span(exchange)
        if on_exchange is not None:
            on_exchange(exchange)

    def _seconds(self) -> float:
        if self.sent_at is None:
            return 0.0
        return (self.timer() if self.ended_at is None else self.ended_at) - self.sent_at
