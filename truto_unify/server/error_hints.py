"""The hints of ``truto_error_insight``: what a caller can do about an error."""

from __future__ import annotations

import re
from typing import Any

from truto_unify.errors import (
    PermissionDeniedError,
    ProviderError,
    ProviderUnavailableError,
    RateLimitedError,
    UnifyError,
)

_SCOPE = re.compile(r"\b(?:[a-z][a-z0-9]*[_.:])+[a-z][a-z0-9]*\b", re.IGNORECASE)
_NOT_SENT = {
    "busy": "Too many requests are in flight for this account or to its provider; nothing was sent.",
    "circuit_open": "The provider failed several times in a row and is tried again after a pause; nothing was sent.",
}
_ABOUT_SCOPES = re.compile(r"scope|permission", re.IGNORECASE)


def error_insight(error: UnifyError) -> dict[str, Any]:
    """The hints for an error of a provider; empty for other errors.

    >>> from truto_unify.errors import RateLimitedError
    >>> sorted(error_insight(RateLimitedError("slow down", status_code=429)))
    ['rate_limit_error', 'remote_error']
    """
    if not isinstance(error, ProviderError):
        return {}
    if error.code in _NOT_SENT and isinstance(error, ProviderUnavailableError):
        return {"service_error": {"description": f"{_NOT_SENT[error.code]} Try again after Retry-After seconds."}}
    insight: dict[str, Any] = {
        "remote_error": {"description": "The provider refused the request; raw_response holds its answer."}
    }
    if isinstance(error, RateLimitedError):
        insight["rate_limit_error"] = {
            "description": "The provider's quota for this account is used up; try again after Retry-After seconds."
        }
    if isinstance(error, PermissionDeniedError):
        insight["forbidden_error"] = {
            "description": "The credentials lack a scope or a role; grant it at the provider and connect again.",
            "value": {"missing_scopes": missing_scopes(error.message)},
        }
    return insight


def missing_scopes(message: str) -> list[str]:
    """The scopes that a provider's message names, without the label that the engine puts before the message.

    >>> missing_scopes("shop_rest GET /customers.json: This needs approval for the read_customers scope (HTTP 403)")
    ['read_customers']
    """
    remote_message = message.partition(": ")[2] or message
    return sorted(set(_SCOPE.findall(remote_message))) if _ABOUT_SCOPES.search(remote_message) else []
