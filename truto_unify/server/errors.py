"""Every error of the service in one shape: ``{statusCode, error, message}``, and the provider's answer if there is one.

https://www.truto.one/docs/api-reference/overview/errors
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import orjson
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from truto_unify.errors import ServiceError, Unauthenticated, UnifyError, UnsupportedMethod, reason_phrase
from truto_unify.server.body_faults import UNREADABLE_BODY, describe_fault
from truto_unify.server.error_hints import error_insight
from truto_unify.server.forwarding import error_headers
from truto_unify.server.request_context import current_context
from truto_unify.server.security_events import note_refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI, Request

_UNREADABLE = "There was an error parsing the body"  # of FastAPI, if the JSON is no plain syntax error


class Refused(ServiceError):
    """The service itself refuses a request.

    Attributes:
        status: HTTP status.
        insight: further entries of ``truto_error_insight``.
        headers: further response headers.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        insight: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.insight = dict(insight or {})
        self.headers = dict(headers or {})


def missing_parameters(*names: str) -> Refused:
    """The error of a call that lacks query parameters."""
    message = f"the query parameter {', '.join(names)} is required"
    insight = {"missing_required_query_parameters": {"description": message, "value": list(names)}}
    return Refused(400, message, insight=insight)


def error_body(error: UnifyError) -> dict[str, Any]:
    """The JSON body of an error."""
    body = error.to_dict()
    insight = {**error_insight(error), **(error.insight if isinstance(error, Refused) else {})}
    return {**body, "truto_error_insight": insight} if insight else body


def error_response(error: UnifyError) -> Response:
    """The response for an error."""
    context = current_context()
    if context is not None:
        context.error = type(error).__name__
    headers = error_headers(error)
    if isinstance(error, Refused):
        headers |= error.headers
    if isinstance(error, UnsupportedMethod):
        headers["Allow"] = "GET"  # RFC 9110, 15.5.6
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = 'Bearer realm="truto_unify"'  # RFC 6750, 3
    return Response(dump(error_body(error)), error.status, headers, media_type="application/json")


def dump(value: Any) -> bytes:
    """JSON text, also of values that orjson refuses: integers beyond 64 bits and lone surrogates."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, separators=(",", ":")).encode()


def ascii_json(value: Any) -> str:
    """JSON text in printable ASCII, for a header."""
    return json.dumps(value, separators=(",", ":")).replace("\x7f", "\\u007f")


def add_error_handlers(app: FastAPI) -> None:
    """Gives every error, the framework's and ours, the same shape."""
    app.add_exception_handler(UnifyError, _unify_error)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(RequestValidationError, _validation_error)


async def _unify_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, UnifyError)  # noqa: S101 - registered for this class
    note_refusal(error)
    return error_response(error)


async def _http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class
    message = error.detail if error.detail != reason_phrase(error.status_code) else _explain(request, error)
    if error.detail == _UNREADABLE:
        message = UNREADABLE_BODY
    return error_response(Refused(error.status_code, message, headers=error.headers))


def _explain(request: Request, error: HTTPException) -> str:
    if error.status_code == 404:
        return "there is no such route; GET /openapi.json lists the routes"
    if error.status_code == 405:
        allowed = (error.headers or {}).get("Allow", "")
        return f"{request.method} is not allowed here" + (f"; allowed: {allowed}" if allowed else "")
    return str(error.detail)


async def _validation_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class
    faults = error.errors()
    message = "; ".join(map(describe_fault, faults[:5]))
    missing = [fault["loc"] for fault in faults if fault["type"] == "missing"]
    insight = {}
    for part, key in (("query", "missing_required_query_parameters"), ("body", "missing_required_body_fields")):
        names = [".".join(map(str, loc[1:])) for loc in missing if loc[0] == part and len(loc) > 1]
        if names:
            insight[key] = {"description": f"required: {', '.join(names)}", "value": names}
    return error_response(Refused(400, message, insight=insight))
