"""Explains why no answer arrived, and says whether a retry may help."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from truto_unify.errors import TransportError
from truto_unify.redaction import hide_query

if TYPE_CHECKING:
    from collections.abc import Iterator

    from truto_unify.answer_body import BodyRefused
    from truto_unify.types import Request

LOST = (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, OSError, ValueError)
"""What httpx, and the libraries below it, may raise during an exchange."""
_NOT_CONNECTED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_NOT_RETRYABLE = (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError, ValueError)
# https://docs.openssl.org/master/man3/X509_STORE_CTX_get_error/
_DATES = {9: "is not valid yet", 10: "has expired"}
_WRONG_HOST = {62, 64}
_ADVICE = "give it in Limits(verify=...), --ca-bundle or TRUTO_UNIFY_CA_BUNDLE, see docs/certificates.md"


def explain_lost(request: Request, fault: Exception) -> TransportError:
    """The error of a request that got no answer. It refers to no exception of httpx, which might show headers."""
    for cause in _causes(fault):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return TransportError(f"{target(request)}: {_explain_certificate(request, cause)}", retryable=False)
        if isinstance(cause, ssl.SSLError) and cause.reason in {"WRONG_VERSION_NUMBER", "HTTP_REQUEST"}:
            reason = "no TLS is spoken at this address: is it http:// instead of https://?"
            return TransportError(f"{target(request)}: {reason}", retryable=False)
    kind = type(fault).__name__
    reason = str(fault).splitlines()[0] if str(fault) else kind
    if isinstance(fault, httpx.TimeoutException):
        reason = "no answer in time" if not isinstance(fault, httpx.ConnectTimeout) else "cannot be reached in time"
    if isinstance(fault, httpx.LocalProtocolError | UnicodeError):
        reason = "a header holds what HTTP cannot carry"  # httpx would show the header, and so the secret
    return TransportError(
        f"{target(request)}: {reason} ({kind})",
        retryable=not isinstance(fault, _NOT_RETRYABLE),
        was_sent=not isinstance(fault, _NOT_CONNECTED),
    )


def out_of_time(request: Request, seconds: float) -> TransportError:
    """The error of an answer that did not arrive as a whole in time."""
    return TransportError(f"{target(request)}: no whole answer within {seconds:.3g} seconds")


def refused(request: Request, reason: BodyRefused) -> TransportError:
    """The error of an answer that exceeds a limit."""
    return TransportError(f"{target(request)}: the answer {reason}", retryable=False, security_event="answer_refused")


def target(request: Request) -> str:
    """The request as messages show it."""
    return f"{request.method} {hide_query(request.url)}"


def _explain_certificate(request: Request, error: ssl.SSLCertVerificationError) -> str:
    host = urlsplit(request.url).hostname
    if error.verify_code in _DATES:
        return f"the certificate of {host} {_DATES[error.verify_code]}"
    reason = error.verify_message.rstrip(".")
    if error.verify_code in _WRONG_HOST:
        return f"the certificate of {host} is for another host ({reason})"
    return f"the certificate of {host} is not trusted ({reason}); if its authority is your own, {_ADVICE}"


def _causes(fault: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = fault
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__
