"""Counts and latencies for Prometheus: by route template, provider and status, never by an id."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

if TYPE_CHECKING:
    from truto_unify.async_client import AsyncClient
    from truto_unify.reports import MappingReport, NativeExchange, ProviderWait

_STATUSES = frozenset(HTTPStatus)
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)
_REQUEST_BUCKETS = (1, 2, 3, 5, 10, 20, 50, 80, 100, 200, 500)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """The metrics of one application."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        labels = ("method", "route", "provider", "status")
        self._requests = Counter("truto_unify_requests", "Requests answered.", labels, registry=self._registry)
        self._seconds = Histogram(
            "truto_unify_request_seconds",
            "Seconds from the request to the end of its answer.",
            ("route", "provider"),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._fallbacks = Counter(
            "truto_unify_fallback_records",
            "Records that did not fit the byte path and were parsed in full.",
            ("provider",),
            registry=self._registry,
        )
        self._record_errors = Counter(
            "truto_unify_record_errors",
            "Faults of native records that do not fit their mapping.",
            ("provider",),
            registry=self._registry,
        )
        self._unmapped = Counter(
            "truto_unify_unmapped_values",
            "Native values that the enum of their mapping lacks.",
            ("provider",),
            registry=self._registry,
        )
        self._exchanges = Counter(
            "truto_unify_provider_requests",
            "Requests to providers, by the status of their answer; lost or cancelled if there was none.",
            ("provider", "purpose", "status"),
            registry=self._registry,
        )
        self._exchange_seconds = Histogram(
            "truto_unify_provider_request_seconds",
            "Seconds from the sending of a request to a provider to the end of its answer.",
            ("provider",),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._call_exchanges = Histogram(
            "truto_unify_provider_requests_per_request",
            "Requests to providers for one request to the service; a page has a budget of 100.",
            ("provider",),
            buckets=_REQUEST_BUCKETS,
            registry=self._registry,
        )
        self._retries = Counter(
            "truto_unify_provider_retries",
            "Requests to providers that were sent again.",
            ("provider",),
            registry=self._registry,
        )
        self._unsent = Counter(
            "truto_unify_provider_unsent",
            "Requests that were not sent to a provider: throttled_here, busy or circuit_open.",
            ("provider", "reason"),
            registry=self._registry,
        )
        self._native = Gauge(
            "truto_unify_native_requests",
            "Requests to providers: in flight, and those that wait for their account or host.",
            ("state",),
            registry=self._registry,
        )
        self._circuits = Gauge(
            "truto_unify_circuits",
            "Circuits of accounts and hosts that are open or half open.",
            ("provider", "state"),
            registry=self._registry,
        )
        self._waits = Histogram(
            "truto_unify_provider_wait_seconds",
            "Seconds of the waits for a provider.",
            ("provider", "cause"),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self.running = Gauge("truto_unify_requests_running", "Requests under way.", registry=self._registry)

    def observe(self, method: str, route: str, provider: str | None, status: int, seconds: float) -> None:
        """Counts one request.

        Args:
            method: HTTP method; an unknown one counts as OTHER.
            route: template of the route, or ``unmatched``.
            provider: slug; None if the request names no account.
            status: HTTP status.
            seconds: duration of the request.
        """
        method_label = method if method in _METHODS else "OTHER"
        self._requests.labels(method_label, route, provider or "", str(status)).inc()
        self._seconds.labels(route, provider or "").observe(seconds)

    def count_provider_requests(self, provider: str | None, number: int) -> None:
        """Counts the requests to a provider that one request to the service took, if it took any."""
        if number:
            self._call_exchanges.labels(provider or "").observe(number)

    def read_client(self, client: AsyncClient) -> None:
        """Reads the present state of the client that calls the providers."""
        self._native.labels("running").set(client.lanes.running)
        self._native.labels("waiting").set(client.lanes.waiting)
        self._circuits.clear()
        for (provider, state), number in client.settings.breaker.count(client.settings.timer()).items():
            self._circuits.labels(provider, state).set(number)

    def count_wait(self, wait: ProviderWait) -> None:
        """Counts a wait."""
        self._waits.labels(wait.provider, wait.cause).observe(wait.seconds)

    def count_exchange(self, exchange: NativeExchange) -> None:
        """Counts an attempt of a request to a provider."""
        if exchange.unsent is not None:
            self._unsent.labels(exchange.provider, exchange.unsent).inc()
            return
        self._exchanges.labels(exchange.provider, exchange.purpose, _status_label(exchange)).inc()
        self._exchange_seconds.labels(exchange.provider).observe(exchange.seconds)
        if exchange.attempt > 1:
            self._retries.labels(exchange.provider).inc()

    def count_mapping(self, report: MappingReport) -> None:
        """Counts what the mapping of records met."""
        for counter, number in (
            (self._record_errors, report.error_count),
            (self._unmapped, report.unmapped_count),
            (self._fallbacks, report.fallback_count),
        ):
            if number:
                counter.labels(report.provider).inc(number)

    def text(self) -> bytes:
        """All metrics in Prometheus's text format."""
        return generate_latest(self._registry)


def _status_label(exchange: NativeExchange) -> str:
    """The status; that of a provider's invention as "4xx", so that no store makes labels."""
    status = exchange.status
    if status is None:
        return "cancelled" if exchange.error == "Cancelled" else "lost"
    return str(status) if status in _STATUSES else f"{status // 100}xx"
