"""OpenTelemetry spans if the library is installed (``truto-unify[telemetry]``), else nothing."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from truto_unify.server.request_context import RequestContext

try:
    from opentelemetry import propagate, trace
except ImportError:
    HAS_TELEMETRY = False  # the extra is not installed
else:
    HAS_TELEMETRY = True


@contextmanager
def request_span(method: str, headers: dict[str, str]) -> Iterator[Callable[[str, int, RequestContext], None]]:
    """A server span around a request; the caller ends it with the route, the status and the request context.

    Args:
        method: HTTP method.
        headers: the request headers, which hold the caller's trace context.
    """
    if not HAS_TELEMETRY:
        yield _no_span
        return
    tracer = trace.get_tracer("truto_unify")
    context = propagate.extract(headers)
    with tracer.start_as_current_span(method, context=context, kind=trace.SpanKind.SERVER) as span:

        def end(route: str, status: int, request_context: RequestContext) -> None:
            span.update_name(f"{method} {route}")
            attributes: dict[str, Any] = {
                "http.request.method": method,
                "http.route": route,
                "http.response.status_code": status,
                "truto_unify.request_id": request_context.request_id,
                "truto_unify.provider": request_context.provider,
                "truto_unify.account_id": request_context.account_id,
                "error.type": request_context.error,
            }
            span.set_attributes({name: value for name, value in attributes.items() if value is not None})
            if status >= 500:
                span.set_status(trace.Status(trace.StatusCode.ERROR))

        yield end


def _no_span(_route: str, _status: int, _context: RequestContext) -> None:
    return None
