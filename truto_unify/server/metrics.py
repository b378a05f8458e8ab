"""Counts and latencies for Prometheus: by route template, provider and status, never by an id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from truto_unify.async_client import AsyncClient
    from truto_unify.engine.exchange_report import NativeExchange
    from truto_unify.types import ProviderWait

_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)
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
        self._native_requests = Counter(
            "truto_unify_provider_requests",
            "Requests to providers: of calls and for tokens, by the status of their answer; lost if none came.",
            ("provider", "purpose", "status"),
            registry=self._registry,
        )
        self._native_seconds = Histogram(
            "truto_unify_provider_request_seconds",
            "Seconds of the requests to providers.",
            ("provider",),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._record_errors = Counter(
            "truto_unify_record_errors", "Records that broke their mapping.", ("provider",), registry=self._registry
        )
        self._unmapped = Counter(
            "truto_unify_unmapped_values",
            "Native values that an enum of the mapping lacks.",
            ("provider",),
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

    def count_fallbacks(self, provider: str | None, count: int) -> None:
        """Counts the records of a request that did not fit the byte path."""
        if count:
            self._fallbacks.labels(provider or "").inc(count)

    def read_client(self, client: AsyncClient) -> None:
        """Reads the present state of the client that calls the providers."""
        self._native.labels("running").set(client.lanes.running)
        self._native.labels("waiting").set(client.lanes.waiting)
        self._circuits.clear()
        for (provider, state), number in client.settings.breaker.count(client.settings.timer()).items():
            self._circuits.labels(provider, state).set(number)

    def observe_waits(self, waits: Iterable[ProviderWait]) -> None:
        """Counts the waits of a request."""
        for wait in waits:
            self._waits.labels(wait.provider, wait.cause).observe(wait.seconds)

    def observe_exchanges(self, exchanges: Iterable[NativeExchange]) -> None:
        """Counts the native requests of a request."""
        for exchange in exchanges:
            status = "lost" if exchange.status is None else str(exchange.status)
            self._native_requests.labels(exchange.provider, exchange.purpose, status).inc()
            self._native_seconds.labels(exchange.provider).observe(exchange.seconds)

    def count_faults(self, provider: str | None, record_errors: int, unmapped: int) -> None:
        """Counts the records of a request that broke their mapping, and the values that its enums lack."""
        for counter, count in ((self._record_errors, record_errors), (self._unmapped, unmapped)):
            if count:
                counter.labels(provider or "").inc(count)

    def text(self) -> bytes:
        """All metrics in Prometheus's text format."""
        return generate_latest(self._registry)
