"""The context of a request, for its log line, its metrics and its rate-limit headers."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from truto_unify.server.logs import SERVICE

if TYPE_CHECKING:
    from starlette.types import Scope

    from truto_unify.engine.exchange_report import NativeExchange
    from truto_unify.types import Page, ProviderWait, Quota


@dataclass(slots=True)
class RequestContext:
    """The loggable properties of a request: no secret and no data of a customer.

    Attributes:
        request_id: the id of the request in responses and logs.
        provider: slug; None until the account is known.
        account_id: the integrated account.
        token_id: the id of the caller's token.
        error: class name of the error that ended the request.
        quota: the quota in the provider's last response.
        fallback_count: records that did not fit the byte path.
        waits: the waits for the provider.
        exchanges: the requests to the provider.
        record_errors: records that broke their mapping.
        unmapped: native values that an enum lacks.
        shortages: what side loads lack.
    """

    request_id: str
    provider: str | None = None
    account_id: str | None = None
    token_id: str | None = None
    error: str | None = None
    quota: Quota | None = None
    fallback_count: int = 0
    waits: list[ProviderWait] = field(default_factory=list)
    exchanges: list[NativeExchange] = field(default_factory=list)
    record_errors: int = 0
    unmapped: int = 0
    shortages: list[str] = field(default_factory=list)


_CURRENT: ContextVar[RequestContext | None] = ContextVar("truto_unify_request", default=None)


def begin_context(scope: Scope, request_id: str) -> RequestContext:
    """Starts the context of a request, for its scope and for all code that runs on its behalf."""
    context = RequestContext(request_id)
    scope.setdefault("state", {})["request_context"] = context
    _CURRENT.set(context)
    return context


def current_context() -> RequestContext | None:
    """The context of the current request; None outside of a request."""
    return _CURRENT.get()


def note_quota(quota: Quota) -> None:
    """Stores the quota of a provider's response; the service's client calls it (``Settings.on_quota``)."""
    context = current_context()
    if context is not None:
        context.quota = quota


def note_fallbacks(count: int) -> None:
    """Counts records that did not fit the byte path; the service's client calls it (``Settings.on_fallback``)."""
    context = current_context()
    if context is not None:
        context.fallback_count += count


def note_exchange(exchange: NativeExchange) -> None:
    """Stores a request to a provider; the service's client calls it (``Settings.on_exchange``)."""
    context = current_context()
    if context is not None:
        context.exchanges.append(exchange)


def note_page(page: Page[Any]) -> None:
    """Counts what the mapping of a page could not translate."""
    context = current_context()
    if context is not None:
        context.record_errors += len(page.record_errors)
        context.unmapped += sum(page.unmapped.values())


def note_shortage(shortage: str) -> None:
    """Stores what a side load lacks; the service's client calls it (``Settings.on_shortage``)."""
    context = current_context()
    if context is not None:
        context.shortages.append(shortage)


def note_wait(wait: ProviderWait) -> None:
    """Logs and counts a wait for a provider; the service's client calls it (``Settings.on_wait``)."""
    context = current_context()
    fields = {"provider": wait.provider, "seconds": round(wait.seconds, 3), "cause": wait.cause}
    if context is not None:
        fields["request_id"] = context.request_id
        context.waits.append(wait)
    SERVICE.info("waits for a provider", extra={"fields": fields})
