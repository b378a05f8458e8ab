"""The context of a request, for its log line, its metrics and its rate-limit headers."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from truto_unify.server.logs import SERVICE

if TYPE_CHECKING:
    from starlette.types import Scope

    from truto_unify.engine.send import Settings
    from truto_unify.reports import MappingReport, NativeExchange, ProviderWait
    from truto_unify.server.metrics import Metrics
    from truto_unify.types import Quota


@dataclass(slots=True)
class RequestContext:
    """The loggable properties of a request: no secret and no data of a customer.

    Attributes:
        request_id: the id of the request in responses and logs.
        metrics: of the service.
        provider: slug; None until the account is known.
        account_id: the integrated account.
        token_id: the id of the caller's token.
        error: class name of the error that ended the request.
        quota: the quota in the provider's last response.
        record_errors: the faults of records that do not fit their mapping.
        shortages: what side loads lack.
        provider_requests: the requests to the provider.
    """

    request_id: str
    metrics: Metrics
    provider: str | None = None
    account_id: str | None = None
    token_id: str | None = None
    error: str | None = None
    quota: Quota | None = None
    record_errors: int = 0
    shortages: list[str] = field(default_factory=list)
    provider_requests: int = 0


_CURRENT: ContextVar[RequestContext | None] = ContextVar("truto_unify_request", default=None)


def begin_context(scope: Scope, request_id: str, metrics: Metrics) -> RequestContext:
    """Starts the context of a request, for its scope and for all code that runs on its behalf."""
    context = RequestContext(request_id, metrics)
    scope.setdefault("state", {})["request_context"] = context
    _CURRENT.set(context)
    return context


def current_context() -> RequestContext | None:
    """The context of the current request; None outside of a request."""
    return _CURRENT.get()


def observed(settings: Settings) -> Settings:
    """The settings of a client that reports its work to the request on whose behalf it works."""
    return replace(
        settings,
        on_quota=_note_quota,
        on_wait=_note_wait,
        on_exchange=_note_exchange,
        on_mapped=_note_mapping,
        on_shortage=_note_shortage,
    )


def _note_quota(quota: Quota) -> None:
    context = current_context()
    if context is not None:
        context.quota = quota


def _note_shortage(shortage: str) -> None:
    context = current_context()
    if context is not None:
        context.shortages.append(shortage)


def _note_wait(wait: ProviderWait) -> None:
    """Logs and counts a wait."""
    context = current_context()
    fields = {"provider": wait.provider, "seconds": round(wait.seconds, 3), "cause": wait.cause}
    if context is not None:
        fields["request_id"] = context.request_id
        context.metrics.count_wait(wait)
    SERVICE.info("waits for a provider", extra={"fields": fields})


def _note_exchange(exchange: NativeExchange) -> None:
    context = current_context()
    if context is not None:
        context.provider_requests += exchange.unsent is None
        context.metrics.count_exchange(exchange)


def _note_mapping(report: MappingReport) -> None:
    context = current_context()
    if context is not None:
        context.record_errors += report.error_count
        context.metrics.count_mapping(report)
