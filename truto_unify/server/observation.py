"""Middleware around every request: request id, duration, metrics, log line, answers to unexpected exceptions."""

from __future__ import annotations

import re
import uuid
from time import perf_counter
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders

from truto_unify.server.errors import Refused, error_response
from truto_unify.server.forwarding import quota_headers
from truto_unify.server.logs import ACCESS, SERVICE
from truto_unify.server.request_context import RequestContext, begin_context
from truto_unify.server.telemetry import request_span

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from truto_unify.server.metrics import Metrics

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_DISCONNECTED = 499
"""The status in logs and metrics if the caller disconnects before the response."""
_QUIET = frozenset({"/ping", "/healthz", "/readyz", "/metrics"})


class ObservationMiddleware:
    """The outermost ASGI middleware of the service."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        context = begin_context(scope, _request_id(headers.get("x-request-id", "")), self._metrics)
        began, status = perf_counter(), 0

        async def send_message(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                response_headers = MutableHeaders(scope=message)
                response_headers["X-Request-Id"] = context.request_id
                for name, value in quota_headers(context.quota).items():
                    response_headers[name] = value
            await send(message)

        self._metrics.running.inc()
        with request_span(scope["method"], headers) as end_span:
            try:
                await self._app(scope, receive, send_message)
            except Exception as error:  # noqa: BLE001 - the caller gets our error shape, the log gets the frames
                context.error = type(error).__name__
                SERVICE.error(
                    "unexpected exception", exc_info=error, extra={"fields": {"request_id": context.request_id}}
                )
                if not status:
                    message = f"the service failed; its log says more under the request id {context.request_id}"
                    answer = error_response(Refused(500, message))
                    context.error = type(error).__name__
                    await answer(scope, receive, send_message)
            finally:
                self._metrics.running.dec()
                route = _route(scope)
                seconds = perf_counter() - began
                self._metrics.observe(scope["method"], route, context.provider, status or _DISCONNECTED, seconds)
                self._metrics.count_provider_requests(context.provider, context.provider_requests)
                end_span(route, status or _DISCONNECTED, context)
                _log(scope, route, status or _DISCONNECTED, seconds, context)


def _request_id(header: str) -> str:
    """The caller's request id if it is well-formed, else a new one."""
    return header if _REQUEST_ID.fullmatch(header) else uuid.uuid4().hex


def _route(scope: Scope) -> str:
    route = scope.get("route")
    return getattr(route, "path", None) or "unmatched"


def _log(scope: Scope, route: str, status: int, seconds: float, context: RequestContext) -> None:
    fields = {
        "method": scope["method"][:16],
        "route": route,
        "status": status,
        "duration_ms": round(seconds * 1000, 1),
        "request_id": context.request_id,
        "provider": context.provider,
        "account_id": context.account_id,
        "error": context.error,
        "provider_requests": context.provider_requests or None,
        "record_errors": context.record_errors or None,
    }
    log = ACCESS.debug if route in _QUIET else ACCESS.info
    log("request", extra={"fields": {name: value for name, value in fields.items() if value is not None}})
