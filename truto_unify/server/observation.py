"""Names, times, counts and logs every request, and answers for those that end in an unforeseen exception."""

from __future__ import annotations

import re
import uuid
from time import perf_counter
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders

from truto_unify.server.errors import Refused, error_response
from truto_unify.server.forwarding import quota_headers
from truto_unify.server.logs import ACCESS, SERVICE
from truto_unify.server.request_context import Facts, begin_facts
from truto_unify.server.telemetry import request_span

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from truto_unify.server.metrics import Metrics

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_GONE = 499
"""In logs and metrics: the caller went away before there was an answer."""
_QUIET = frozenset({"/ping", "/healthz", "/readyz", "/metrics"})


class Observation:
    """ASGI middleware; the outermost one of the service."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        facts = begin_facts(scope, _request_id(headers.get("x-request-id", "")))
        began, status = perf_counter(), 0

        async def tell(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                answer = MutableHeaders(scope=message)
                answer["X-Request-Id"] = facts.request_id
                for name, value in quota_headers(facts.quota).items():
                    answer[name] = value
            await send(message)

        self._metrics.running.inc()
        with request_span(scope["method"], headers) as end_span:
            try:
                await self._app(scope, receive, tell)
            except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets our shape and the log its place
                facts.error = type(error).__name__
                SERVICE.error("unforeseen", exc_info=error, extra={"fields": {"request_id": facts.request_id}})
                if not status:
                    message = f"the service failed; its log says more under the request id {facts.request_id}"
                    answer = error_response(Refused(500, message))
                    facts.error = type(error).__name__
                    await answer(scope, receive, tell)
            finally:
                self._metrics.running.dec()
                route = _route(scope)
                seconds = perf_counter() - began
                self._metrics.observe(scope["method"], route, facts.provider, status or _GONE, seconds)
                end_span(route, status or _GONE, facts)
                _log(scope, route, status or _GONE, seconds, facts)


def _request_id(given: str) -> str:
    """The caller's request id where it looks like one, else a new one."""
    return given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def _route(scope: Scope) -> str:
    route = scope.get("route")
    return getattr(route, "path", None) or "unmatched"


def _log(scope: Scope, route: str, status: int, seconds: float, facts: Facts) -> None:
    fields = {
        "method": scope["method"][:16],
        "route": route,
        "status": status,
        "duration_ms": round(seconds * 1000, 1),
        "request_id": facts.request_id,
        "provider": facts.provider,
        "account_id": facts.account_id,
        "error": facts.error,
    }
    log = ACCESS.debug if route in _QUIET else ACCESS.info
    log("request", extra={"fields": {name: value for name, value in fields.items() if value is not None}})
