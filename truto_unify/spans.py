# pyright: reportPossiblyUnboundVariable=false
# HAS_TELEMETRY says whether the import succeeded.
"""OpenTelemetry spans of native requests if the library is installed (``truto-unify[telemetry]``), else nothing."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from truto_unify.reports import NativeExchange

try:
    from opentelemetry import trace
except ImportError:
    HAS_TELEMETRY = False  # the extra is not installed
else:
    HAS_TELEMETRY = True


def record_span(exchange: NativeExchange) -> None:
    """Records a client span of a request that has ended, below the current span.

    Its names are those of https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client. The address is left
    out: it names the merchant, and may hold personal data. No trace context is sent to the provider.
    """
    if not HAS_TELEMETRY or exchange.unsent is not None:
        return
    end = time.time_ns()
    attributes: dict[str, Any] = {
        "http.request.method": exchange.method,
        "http.response.status_code": exchange.status,
        "http.request.resend_count": exchange.attempt - 1 or None,
        "error.type": exchange.error,
        "truto_unify.provider": exchange.provider,
        "truto_unify.purpose": exchange.purpose,
        "truto_unify.waited_seconds": round(exchange.waited, 3) or None,
    }
    span = trace.get_tracer("truto_unify").start_span(
        f"{exchange.method} {exchange.provider}",
        kind=trace.SpanKind.CLIENT,
        start_time=end - int(exchange.seconds * 1e9),
        attributes={name: value for name, value in attributes.items() if value is not None},
    )
    if exchange.error is not None:
        span.set_status(trace.Status(trace.StatusCode.ERROR))
    span.end(end)
