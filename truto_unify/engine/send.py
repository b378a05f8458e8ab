"""One native exchange: authorize, keep below the quota, send, read the answer, try again where that is safe."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, InstanceOf

from truto_unify.config.authorization import OAuth2Authorization
from truto_unify.engine import cursor as cursors
from truto_unify.engine.answers import Answer, Refusal, read_answer, read_token_answer
from truto_unify.engine.auth import Entry, TokenRequest, authorize, current_token, find_entry, renew_token
from truto_unify.engine.quota import QuotaMeter, read_quota
from truto_unify.engine.retry import RetryPolicy, next_delay
from truto_unify.engine.throttle import Throttle
from truto_unify.errors import AuthenticationError, ProviderError, RateLimitedError, TransportError
from truto_unify.types import Exclusive, Quota, ReadToken, Response, Send, Token, Wait

if TYPE_CHECKING:
    from collections.abc import Generator

    from truto_unify.config.provider import Endpoint
    from truto_unify.engine.route import NativeRoute
    from truto_unify.redaction import Redactor
    from truto_unify.types import Request


_SHORTEST_ATTEMPT = 1.0  # seconds, for an attempt that begins when the deadline has come


@dataclass(frozen=True, slots=True)
class Budget:
    """What one call may cost.

    Attributes:
        max_requests: native pages that a list reads.
        max_records: native records that a list reads.
        max_seconds: how long a list goes on to ask for further pages.
        max_side_requests: extra requests that side loads send for one page of a list.
        at_once: side requests that are under way at the same time.
    """

    max_requests: int = 100
    max_records: int = 25_000
    max_seconds: float = 300.0
    max_side_requests: int = 500
    at_once: int = 4


_NOT_WRITTEN = Field(exclude=True)
"""Marks what pydantic cannot write, or must not."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What every call of a client shares; pydantic writes ``retry`` and ``budget``, which are plain numbers.

    Attributes:
        retry: how patient a call is.
        budget: what a call may cost.
        cursor_key: seals cursors.
        now: the clock.
        timer: seconds that pass, whatever is done to the clock.
        random: gives numbers from 0 to 1, for jitter.
        throttle: keeps accounts below their providers' quotas.
        on_quota: is told what each answer says about the provider's quota.
        on_fallback: is told how many records of a page did not fit the byte path (``Page.fallback_count``).
    """

    retry: RetryPolicy = field(default_factory=RetryPolicy)
    budget: Budget = field(default_factory=Budget)
    cursor_key: Annotated[bytes, _NOT_WRITTEN] = field(default=cursors.DEFAULT_KEY, repr=False)
    now: Annotated[Callable[[], datetime], _NOT_WRITTEN] = lambda: datetime.now(UTC)
    timer: Annotated[Callable[[], float], _NOT_WRITTEN] = time.monotonic
    random: Annotated[Callable[[], float], _NOT_WRITTEN] = random.random
    throttle: Annotated[InstanceOf[Throttle], _NOT_WRITTEN] = field(default_factory=Throttle)
    on_quota: Annotated[Callable[[Quota], None] | None, _NOT_WRITTEN] = None
    on_fallback: Annotated[Callable[[int], None] | None, _NOT_WRITTEN] = None


@dataclass(frozen=True, slots=True)
class Session:
    """One account's connection during one call.

    Attributes:
        route: where the call goes.
        entry: the account's way in.
        settings: shared by all calls of the client.
        account_key: names the account; holds no secret.
        meter: keeps what the answers say about the provider's quota.
    """

    route: NativeRoute
    entry: Entry
    settings: Settings
    account_key: str
    meter: QuotaMeter = field(default_factory=QuotaMeter)

    @property
    def store_key(self) -> str:
        """Names the merchant at the provider, under whatever id an account store knows the account."""
        route = self.route
        return cursors.fingerprint(route.provider.slug, route.base_url, sorted(route.context.items()))


def open_session(route: NativeRoute, settings: Settings) -> Session:
    """The session of a route.

    Raises:
        MissingCredential: the account has the credentials of no way in.
    """
    account = route.account
    key = cursors.fingerprint(route.provider.slug, route.base_url, sorted(route.context.items()), account.id)
    entry = find_entry(
        route.provider.config.authorization,
        route.values,
        account_key=key,
        token_url=account.token_url,
        label=route.provider.slug,
    )
    if account.id is not None and entry.key:
        # So that an account store knows whose token it keeps.
        entry = replace(entry, key=f"{account.id}/{entry.key}")
    return Session(route, entry, settings, key, QuotaMeter(settings.on_quota))


def refresh_token(session: Session) -> Generator[Any, Any, bool]:
    """Renews the account's access token now; gives False for an account whose credentials are not exchanged for one.

    Raises:
        AuthenticationError: the provider gives no token.
        ProviderError, TransportError: it cannot be asked.
    """
    if not isinstance(session.entry.rule, OAuth2Authorization):
        return False
    kept: Token | None = yield ReadToken(session.entry.key)
    present = kept.access_token if kept is not None else ""
    yield from _with_tokens(renew_token(session.entry, present, session.settings.now()), session)
    return True


def exchange(
    session: Session,
    endpoint: Endpoint,
    request: Request,
    *,
    takes_any_body: bool = False,
    records_path: tuple[str, ...] | None = None,
) -> Generator[Any, Any, Answer]:
    """Sends one native request and gives the good answer.

    Args:
        session: whose store is asked.
        endpoint: the native call.
        request: the request, without authorization.
        takes_any_body: whether a good answer may hold something else than JSON.
        records_path: where the answer holds records of which the bytes are wanted.

    Raises:
        ProviderError: the provider refuses.
        TransportError: no answer arrives.
    """
    route, settings = session.route, session.settings
    place = request.url.removeprefix(route.base_url) or "/"
    label = f"{route.provider.slug} {request.method} {place}"
    token = yield from _with_tokens(current_token(session.entry, settings.now()), session)
    was_renewed = False
    while True:
        redactor = route.redactor.adding(token) if token else route.redactor

        def read(response: Response, redactor: Redactor = redactor) -> Answer | Refusal:
            config, now = route.provider.config, settings.now()
            outcome = read_answer(
                config,
                endpoint,
                response,
                redactor,
                now,
                label,
                takes_any_body=takes_any_body,
                records_path=records_path,
            )
            if config.rate_limit.quota is not None:
                body = outcome.body if isinstance(outcome, Answer) else outcome.error.raw_response
                session.meter.note(read_quota(config.rate_limit.quota, response, body, now))
            return outcome

        try:
            return (yield from _send(session, authorize(request, session.entry, token), read, label))
        except AuthenticationError:
            if token is None or was_renewed:
                raise
        was_renewed = True
        token = yield from _with_tokens(renew_token(session.entry, token, settings.now()), session)


def _send(
    session: Session, request: Request, read: Callable[[Response], Answer | Refusal], label: str
) -> Generator[Any, Any, Answer]:
    settings = session.settings
    deadline = settings.retry.deadline
    began = settings.timer()
    attempt = 0
    while True:
        attempt += 1
        yield from _keep_below_quota(session, label)
        error: ProviderError | TransportError
        try:
            left = deadline - (settings.timer() - began)
            response = yield Send(request, max(left, _SHORTEST_ATTEMPT))
        except TransportError as lost:
            # What the HTTP library says may hold the address or a header.
            error = TransportError(session.route.redactor.text(lost.message), retryable=lost.retryable)
            passing, told = lost.retryable, None
        else:
            outcome = read(response)
            if isinstance(outcome, Answer):
                return outcome
            error, passing, told = outcome.error, outcome.is_passing, outcome.error.retry_after
        elapsed = settings.timer() - began
        # A refusal for lack of quota was not carried out, so even a write may be repeated.
        if not passing or not (request.is_safe or _was_not_carried_out(error)):
            raise error
        delay = next_delay(settings.retry, attempt, told, elapsed, settings.random)
        if delay is None:
            raise error
        yield Wait(delay, error.message)


def _was_not_carried_out(error: Exception) -> bool:
    return isinstance(error, RateLimitedError)


def _keep_below_quota(session: Session, label: str) -> Generator[Any, Any, None]:
    per_minute = session.route.provider.config.rate_limit.requests_per_minute
    if per_minute is None:
        return
    settings = session.settings
    delay, is_taken = settings.throttle.reserve(session.store_key, per_minute, settings.now(), settings.retry.deadline)
    if is_taken and delay <= 0:
        return
    shown = session.route.redactor.text(label)
    if not is_taken:
        message = f"{shown}: this account's {per_minute} requests of the minute are used up; nothing was sent"
        raise RateLimitedError(message, status_code=429, code="throttled_here", retry_after=delay)
    yield Wait(delay, f"{shown}: keeps below {per_minute} requests a minute")


def _with_tokens(flow: Generator[Any, Any, Any], session: Session) -> Generator[Any, Any, Any]:
    """Runs an authorization flow, sending the token requests that it asks for."""
    reply: Any = None
    while True:
        try:
            step = flow.send(reply)
        except StopIteration as end:
            return end.value
        if isinstance(step, TokenRequest):
            reply = yield from _ask_for_token(step, session)
        elif isinstance(step, Exclusive):
            reply = yield Exclusive(step.key, _with_tokens(step.flow, session))
        else:
            reply = yield step


def _ask_for_token(step: TokenRequest, session: Session) -> Generator[Any, Any, Any]:
    label = f"{session.route.provider.slug} token"
    settings = session.settings
    redactor = session.route.redactor
    for secret in step.secrets:
        redactor = redactor.adding(secret)

    def read(response: Response) -> Answer | Refusal:
        return read_token_answer(step.rule, response, redactor, settings.now(), label)

    answer = yield from _send(session, step.request, read, label)
    return answer.body
