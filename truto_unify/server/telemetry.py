"""OpenTelemetry spans, where the library is installed (``truto-unify[telemetry]``); nothing elsewhere."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from truto_unify.server.request_context import Facts

try:
    from opentelemetry import propagate, trace
except ImportError:
    HAS_TELEMETRY = False  # the extra is not installed
else:
    HAS_TELEMETRY = True


@contextmanager
def request_span(method: str, headers: dict[str, str]) -> Iterator[Callable[[str, int, Facts], None]]:
    """A server span around one request; what it yields is told the route, the status and the facts at the end.

    Args:
        method: HTTP method.
        headers: of the request, for the caller's trace context.
    """
    if not HAS_TELEMETRY:
        yield _no_span
        return
    tracer = trace.get_tracer("truto_unify")
    context = propagate.extract(headers)
    with tracer.start_as_current_span(method, context=context, kind=trace.SpanKind.SERVER) as span:

        def end(route: str, status: int, facts: Facts) -> None:
            span.update_name(f"{method} {route}")
            told: dict[str, Any] = {
                "http.request.method": method,
                "http.route": route,
                "http.response.status_code": status,
                "truto_unify.request_id": facts.request_id,
                "truto_unify.provider": facts.provider,
                "truto_unify.account_id": facts.account_id,
                "error.type": facts.error,
            }
            span.set_attributes({name: value for name, value in told.items() if value is not None})
            if status >= 500:
                span.set_status(trace.Status(trace.StatusCode.ERROR))

        yield end


def _no_span(_route: str, _status: int, _facts: Facts) -> None:
    return None
