"""Explains what a call would send, without sending it and without credentials."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from truto_unify.config.authorization import HeaderAuthorization
from truto_unify.config.signature_schemes import HmacAuthorization, JwtAuthorization
from truto_unify.engine.auth import AccountScheme, Stamp, authorize
from truto_unify.engine.get_call import get_request
from truto_unify.engine.list_call import list_request
from truto_unify.engine.list_read import begin_list
from truto_unify.engine.route import find_route
from truto_unify.engine.send import open_session
from truto_unify.engine.side_loads import inlines_of, wanted_loads
from truto_unify.redaction import MASK
from truto_unify.types import Token

if TYPE_CHECKING:
    from truto_unify.engine.send import Session, Settings
    from truto_unify.mapping.mapper import Mapper
    from truto_unify.types import Account, Call, PlanEntry, Request


@dataclass(frozen=True, slots=True, repr=False)
class Explanation:
    """What a call would do, without doing it.

    Attributes:
        query_plan: how each filter and sort is served, and each side load that has several ways.
        request: the first native request, secrets redacted.
        max_requests: native pages that the call reads at most; it then ends with a cursor or an error.
    """

    query_plan: tuple[PlanEntry, ...]
    request: Request
    max_requests: int = 1

    def __repr__(self) -> str:
        # The repr of a request hides what may hold secrets; in this one they are redacted.
        request = self.request
        url = f"{request.url}?{request.query}" if request.query else request.url
        body = request.body.decode(errors="replace") if request.body is not None else None
        shown = f"request='{request.method} {url}', {body=}, query_plan={self.query_plan}"
        return f"Explanation({shown}, max_requests={self.max_requests})"


def explain_list(mapper: Mapper, account: Account, call: Call, settings: Settings) -> Explanation:
    """What a list call would do.

    Raises:
        CallError: the call is impossible.
    """
    read = begin_list(mapper, account, call, settings, needs_credentials=False)
    request = _masked(list_request(read), read.session)
    return Explanation((*read.plan.entries, *read.ways), request, settings.budget.max_requests)


def explain_get(mapper: Mapper, account: Account, call: Call, settings: Settings) -> Explanation:
    """What a get call would do.

    Raises:
        CallError: the call is impossible.
    """
    route = find_route(mapper.mapping, account, "get", needs_credentials=False)
    session = open_session(route, settings)
    inlines = inlines_of(wanted_loads(mapper, call.side_load, "get"))
    return Explanation((), _masked(get_request(route, call, inlines), session))


def _without_keys(scheme: AccountScheme) -> AccountScheme:
    """A scheme that shows the places of its proof without a key, which a masked account lacks."""
    rule = scheme.rule
    if isinstance(rule, JwtAuthorization):
        rule = HeaderAuthorization.model_construct(type="header", header=rule.header, value=rule.value, headers={})
    elif isinstance(rule, HmacAuthorization):
        rule = rule.model_copy(update={"key_format": "text"})
    if rule is not None and rule.client_certificate is not None:
        rule = rule.model_copy(update={"client_certificate": None})
    return replace(scheme, rule=rule)


def _masked(request: Request, session: Session) -> Request:
    """The request with its authorization, every secret of it replaced."""
    scheme, stamp = _without_keys(session.scheme), Stamp(session.settings.now(), MASK)
    hidden = {name: MASK for name in scheme.values if name.startswith("credentials.")}
    shown = authorize(request, replace(scheme, values={**scheme.values, **hidden}), stamp, Token(MASK))
    known = {**dict(request.headers), **{name: value for name, value in shown.headers if MASK in value}}
    hide = session.route.redactor.text
    headers = tuple((name, hide(value) if known.get(name) == value else MASK) for name, value in shown.headers)
    body = hide(shown.body.decode()).encode() if shown.body is not None else None
    return replace(shown, url=hide(shown.url), query=hide(shown.query), headers=headers, body=body)
