"""What is learned about a request while it is served, for its log line, its metrics and its rate-limit headers."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import Scope

    from truto_unify.types import Quota


@dataclass(slots=True)
class Facts:
    """One request, without anything that its caller or a customer would not want in a log.

    Attributes:
        request_id: names the request in answers and logs.
        provider: slug, once the account is known.
        account_id: the integrated account.
        error: name of the error that ended it.
        quota: what the provider's last answer said about its quota.
    """

    request_id: str
    provider: str | None = None
    account_id: str | None = None
    error: str | None = None
    quota: Quota | None = None


_CURRENT: ContextVar[Facts | None] = ContextVar("truto_unify_request", default=None)


def begin_facts(scope: Scope, request_id: str) -> Facts:
    """Starts the facts of a request, for its scope and for everything that runs on its behalf."""
    facts = Facts(request_id)
    scope.setdefault("state", {})["facts"] = facts
    _CURRENT.set(facts)
    return facts


def current_facts() -> Facts | None:
    """The facts of the request that is being served; None outside of one."""
    return _CURRENT.get()


def note_quota(quota: Quota) -> None:
    """Keeps what a provider's answer says about its quota; the service's client is told to call it."""
    facts = current_facts()
    if facts is not None:
        facts.quota = quota
