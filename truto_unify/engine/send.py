"""One native exchange: authorize, stay below the quota, send, read the answer, and retry if that is safe."""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field, InstanceOf

from truto_unify.argument_checks import check_numbers
from truto_unify.config.authorization import TokenAuthorization
from truto_unify.config.provider import RateLimit
from truto_unify.engine import cursor as cursors
from truto_unify.engine.answers import Answer, Refusal, read_answer, read_token_answer
from truto_unify.engine.attempt import Attempt, LateErrors, Purpose
from truto_unify.engine.auth import (
    AccountScheme,
    Stamp,
    TokenAnswer,
    TokenRequest,
    authorize,
    choose_scheme,
    current_token,
    name_credentials,
    renew_token,
)
from truto_unify.engine.breaker import CircuitBreaker, CircuitKey, Passage
from truto_unify.engine.budget_store import PROCESS_BUDGETS
from truto_unify.engine.pacing import Pacer, kind_of
from truto_unify.engine.page_sizes import PageSizes
from truto_unify.engine.quota import QuotaMeter, read_quota
from truto_unify.engine.rate_budget import Outcome
from truto_unify.engine.refusals import Refusals
from truto_unify.engine.request_guard import check_request
from truto_unify.engine.retry import RetryPolicy, next_delay
from truto_unify.engine.served_version import check_version
from truto_unify.errors import (
    AuthenticationError,
    PermissionDeniedError,
    ProviderError,
    ProviderUnavailableError,
    RateLimitedError,
    TransportError,
)
from truto_unify.reports import MappingReport, NativeExchange, ProviderWait
from truto_unify.steps import Exclusive, ReadToken, Send
from truto_unify.types import BudgetStore, Quota, Response, Token

if TYPE_CHECKING:
    from collections.abc import Generator

    from truto_unify.config.provider import Endpoint
    from truto_unify.engine.route import NativeRoute
    from truto_unify.redaction import Redactor
    from truto_unify.types import Request


_MIN_ATTEMPT_SECONDS = 1.0  # for an attempt that begins at the deadline


@dataclass(frozen=True, slots=True)
class Budget:
    """What one call may cost.

    Attributes:
        max_requests: the native pages that one list call reads at most.
        max_records: the native records that one list call reads at most.
        max_page_records: the native records that one native page may hold.
        max_seconds: how long a list call continues to request pages.
        max_side_requests: the requests that side loads send for one page of a list at most.
        at_once: the number of concurrent side requests.
    """

    max_requests: int = 100
    max_records: int = 25_000
    max_page_records: int = 10_000
    max_seconds: float = 300.0
    max_side_requests: int = 500
    at_once: int = 4

    def __post_init__(self) -> None:
        whole = {name: getattr(self, name) for name in ("max_requests", "max_records", "max_page_records", "at_once")}
        check_numbers("Budget", whole, {"max_seconds": self.max_seconds})
        check_numbers("Budget", {"max_side_requests": self.max_side_requests}, least=0)


_NOT_WRITTEN = Field(exclude=True)
"""Marks a field that pydantic cannot serialize, or must not."""


def _random_key() -> bytes:
    return secrets.token_bytes(32)


@dataclass(frozen=True, slots=True)
class Settings:
    """What all calls of a client share; pydantic serializes ``retry`` and ``budget``, which are plain numbers.

    Attributes:
        retry: how often and for how long a call retries.
        budget: what a call may cost.
        cursor_key: seals cursors, so that nobody forges or changes one. By default it is random: cursors are good for
            this client alone, and another client or process that shall read them needs the same secret key.
        now: the clock.
        nonce: makes a text that is used once, for signatures.
        timer: a monotonic clock in seconds.
        random: returns numbers from 0 to 1, for jitter.
        breaker: stops calls to hosts that do not answer.
        page_sizes: which page sizes stores refused as too costly.
        refusals: which accounts were refused, and so have a budget of their own.
        budgets: what accounts may still send; by default all clients of the process share it.
        on_quota: called with the quota that an answer states.
        on_wait: called with each wait for a provider.
        on_exchange: called with each attempt of a native request, after its end.
        on_mapped: called with what the mapping of each page, and of each record of ``get``, met.
        on_shortage: called with what is missing, if a side load gives fewer items than the provider counts
            (``Page.partial_reasons``); by default it is a warning in the log.
    """

    retry: RetryPolicy = field(default_factory=RetryPolicy)
    budget: Budget = field(default_factory=Budget)
    cursor_key: Annotated[bytes, _NOT_WRITTEN] = field(default_factory=_random_key, repr=False)
    now: Annotated[Callable[[], datetime], _NOT_WRITTEN] = lambda: datetime.now(UTC)
    nonce: Annotated[Callable[[], str], _NOT_WRITTEN] = lambda: secrets.token_hex(16)
    timer: Annotated[Callable[[], float], _NOT_WRITTEN] = time.monotonic
    random: Annotated[Callable[[], float], _NOT_WRITTEN] = random.random
    breaker: Annotated[InstanceOf[CircuitBreaker], _NOT_WRITTEN] = field(default_factory=CircuitBreaker)
    page_sizes: Annotated[InstanceOf[PageSizes], _NOT_WRITTEN] = field(default_factory=PageSizes)
    refusals: Annotated[InstanceOf[Refusals], _NOT_WRITTEN] = field(default_factory=Refusals)
    budgets: Annotated[InstanceOf[BudgetStore], _NOT_WRITTEN] = PROCESS_BUDGETS
    on_quota: Annotated[Callable[[Quota], None] | None, _NOT_WRITTEN] = None
    on_wait: Annotated[Callable[[ProviderWait], None] | None, _NOT_WRITTEN] = None
    on_exchange: Annotated[Callable[[NativeExchange], None] | None, _NOT_WRITTEN] = None
    on_mapped: Annotated[Callable[[MappingReport], None] | None, _NOT_WRITTEN] = None
    on_shortage: Annotated[Callable[[str], None] | None, _NOT_WRITTEN] = None


@dataclass(frozen=True, slots=True)
class Session:
    """One account's connection during one call.

    Attributes:
        route: the target of the call.
        scheme: the account's authentication scheme.
        settings: shared by all calls of the client.
        account_key: identifies the account; holds no secret.
        lane_key: identifies the account by its id, or by its address and credentials; never leaves the process.
        meter: the provider's quota, as the answers state it.
        may_write: whether the call may change anything at the provider.
    """

    route: NativeRoute
    scheme: AccountScheme
    settings: Settings
    account_key: str
    lane_key: str
    meter: QuotaMeter = field(default_factory=QuotaMeter)
    may_write: bool = False

    @property
    def store_key(self) -> str:
        """Identifies the merchant at the provider, independent of the id in an account store; or a refused account."""
        if self.settings.refusals.holds(self.lane_key):
            return cursors.fingerprint("refused", self.account_key)
        return cursors.fingerprint(self.route.provider.slug, self.route.base_url, sorted(self.route.context.items()))

    def passage(self, url: str) -> Passage:
        """The way of a request to this URL through the circuit of the account and the host."""
        host = urlsplit(url).netloc.rpartition("@")[2].lower()
        settings = self.settings
        return Passage(settings.breaker, CircuitKey(self.route.provider.slug, self.lane_key, host), settings.timer)


def open_session(route: NativeRoute, settings: Settings, *, may_write: bool = False) -> Session:
    """The session of a route; only a native call of an account that is not read-only may write.

    Raises:
        MissingCredential: the account lacks credentials of every authentication scheme.
    """
    account = route.account
    key = cursors.fingerprint(route.provider.slug, route.base_url, sorted(route.context.items()), account.id)
    scheme = choose_scheme(
        route.provider.config.authorization,
        route.values,
        account_key=key,
        token_url=account.token_url,
        label=route.provider.slug,
    )
    scheme = replace(scheme, has_proxy=account.base_url is not None)
    if account.id is not None and scheme.key:
        # An account store needs the account of the token.
        scheme = replace(scheme, key=f"{account.id}/{scheme.key}")
    lane_key = account.id or cursors.fingerprint(key, sorted(account.credentials.items()))
    may_write = may_write and not account.is_read_only
    return Session(route, scheme, settings, key, lane_key, QuotaMeter(settings.on_quota), may_write)


def refresh_token(session: Session) -> Generator[Any, Any, bool]:
    """Renews the account's access token now; returns False for an account without access tokens.

    Raises:
        AuthenticationError: the provider issues no token.
        ProviderError, TransportError: the request for a token fails.
    """
    if not isinstance(session.scheme.rule, TokenAuthorization):
        return False
    stored: Token | None = yield ReadToken(session.scheme.key)
    present = stored.access_token if stored is not None else ""
    yield from _with_tokens(renew_token(session.scheme, present, _stamp(session.settings)), session)
    return True


def exchange(
    session: Session,
    endpoint: Endpoint,
    request: Request,
    *,
    takes_any_body: bool = False,
    list_path: tuple[str, ...] | None = None,
) -> Generator[Any, Any, Answer]:
    """Sends one native request and returns the good answer.

    Args:
        session: the account's session.
        endpoint: the native call.
        request: the request, without authorization.
        takes_any_body: whether a good answer need not be JSON.
        list_path: the path of the records, if the caller needs their bytes.

    Raises:
        ForbiddenParameter, WriteRefused: the request is not what it seems, and is not sent.
        ProviderError: the provider refuses.
        TransportError: no answer arrives.
    """
    route, settings = session.route, session.settings
    path = request.url.removeprefix(route.base_of(endpoint)) or "/"
    label = f"{route.provider.slug} {request.method} {path}"
    check_request(route.provider, endpoint, request, may_write=session.may_write, label=label)
    token: Token | None = None
    if isinstance(session.scheme.rule, TokenAuthorization):  # a nonce is for a request that is sent
        token = yield from _with_tokens(current_token(session.scheme, _stamp(settings)), session)
    was_renewed = False
    limits = route.provider.config.rate_limit
    pacer = Pacer(
        limits=limits,
        key=session.store_key,
        provider=route.provider.slug,
        call=label,
        redactor=route.redactor,
        cost=endpoint.cost,
        kind=kind_of(request, limits),
        on_wait=settings.on_wait,
    )
    while True:
        redactor = route.redactor.adding(token.access_token, token.refresh_token) if token else route.redactor

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
                list_path=list_path,
            )
            check_version(route, response)
            return outcome

        def tell(outcome: Answer | Refusal, response: Response) -> Outcome:
            if isinstance(outcome, Answer):
                settings.refusals.accept(session.lane_key)
            config, now = route.provider.config, settings.now()
            body = outcome.body if isinstance(outcome, Answer) else outcome.error.raw_response
            rules, quota = config.rate_limit.quota, None
            if rules is not None:
                quota = read_quota(rules, response, body, now)
            pause = _pause(outcome, settings.retry)
            return pacer.read_outcome(quota, body, pause, is_outage=_is_outage(outcome))

        def build(token: Token | None = token) -> Request:
            # A server accepts a signature once: each attempt needs its own.
            return authorize(request, session.scheme, _stamp(settings), token)

        try:
            return (yield from _send(session, "call", build, read, pacer, tell))
        except PermissionDeniedError:
            settings.refusals.refuse(session.lane_key, may_lack_a_right=True)
            raise
        except AuthenticationError as error:
            if token is None or was_renewed:
                settings.refusals.refuse(session.lane_key)
                raise name_credentials(error, session.route.account, session.scheme) from None
        was_renewed = True
        token = yield from _with_tokens(renew_token(session.scheme, token.access_token, _stamp(settings)), session)


def _stamp(settings: Settings) -> Stamp:
    return Stamp(settings.now(), settings.nonce())


@dataclass(frozen=True, slots=True)
class _Failure:
    """The end of an attempt without a good answer.

    Attributes:
        error: says why.
        is_transient: whether another attempt may succeed.
        retry_after: seconds that the provider, or our own limits, ask to wait.
        is_unsent: whether our own limits kept it back.
    """

    error: ProviderError | TransportError
    is_transient: bool
    retry_after: float | None = None
    is_unsent: bool = False


def _send(
    session: Session,
    purpose: Purpose,
    build: Callable[[], Request],
    read: Callable[[Response], Answer | Refusal],
    pacer: Pacer,
    tell: Callable[[Answer | Refusal, Response], Outcome],
) -> Generator[Any, Any, Answer]:
    settings = session.settings
    policy, start = settings.retry, settings.timer()
    number = 0
    last: ProviderError | TransportError | None = None
    while True:
        number += 1
        attempt = Attempt(session.route.provider.slug, purpose, number, settings.timer)
        try:
            ticket = yield from pacer.admit(policy, settings.timer, start)
        except RateLimitedError as throttled:
            attempt.fail(throttled, unsent=throttled.code)
            attempt.report(settings.on_exchange, settings.on_wait)
            raise
        try:
            request = build()
            seconds = max(policy.deadline - (settings.timer() - start), _MIN_ATTEMPT_SECONDS)
            outcome = yield from _try(session, attempt, request, seconds, pacer, ticket, read, tell)
        except GeneratorExit:
            raise  # the driver ends the request of a cancelled call
        except BaseException:  # of a callback too
            yield from pacer.end(pacer.lost(ticket))
            raise
        if isinstance(outcome, Answer):
            return outcome
        if outcome.is_unsent:
            # A new call ends at once; a repeated one waits if it may, with the store's own error.
            error, is_transient = last or outcome.error, last is not None
        else:
            error, is_transient = outcome.error, outcome.is_transient
            last = error
        elapsed = settings.timer() - start
        # The provider does not execute a request that exceeds the quota or never arrived: even a write may be repeated.
        if not is_transient or not (request.is_safe or _was_not_executed(error)):
            raise error
        delay = next_delay(policy, number, outcome.retry_after, elapsed, settings.random)
        if delay is None:
            raise error
        yield from pacer.wait(delay, error.message, "retry" if outcome.retry_after is None else "asked")


def _try(
    session: Session,
    attempt: Attempt,
    request: Request,
    seconds: float,
    pacer: Pacer,
    ticket: int | None,
    read: Callable[[Response], Answer | Refusal],
    tell: Callable[[Answer | Refusal, Response], Outcome],
) -> Generator[Any, Any, Answer | _Failure]:
    """Sends a request once; circuit, budget and callbacks learn how it ended."""
    settings = session.settings
    passage = session.passage(request.url)
    attempt.method, attempt.show_url = request.method, partial(_show_url, session, attempt.purpose, request)
    try:
        response = yield Send(
            request,
            seconds,
            pacer.lost(ticket),
            passage.lane(attempt.send),
            pacer.on_written(attempt.write),
        )
    except TransportError as lost:
        # The message of the HTTP library may hold the address or a header.
        message = session.route.redactor.text(lost.message)
        error = TransportError(
            message, retryable=lost.retryable, was_sent=lost.was_sent, security_event=lost.security_event
        )
        attempt.fail(error)
        if lost.retryable:
            passage.fail()
        return _Failure(error, lost.retryable)
    except ProviderUnavailableError as refused:
        attempt.fail(refused, unsent=refused.code)
        refusal = _labelled(refused, pacer.label)
        return _Failure(refusal, is_transient=False, retry_after=refused.retry_after, is_unsent=True)
    else:
        attempt.receive(response)
        outcome = read(response)
        if isinstance(outcome, Refusal):
            attempt.fail(outcome.error)
        if _is_outage(outcome):
            passage.fail()
        else:
            passage.succeed()
        meaning = tell(outcome, response)
        yield from pacer.end(pacer.answered(ticket, meaning, attempt))
        session.meter.record(meaning.quota)
    finally:  # a callback may raise: what others wait for is settled before
        passage.leave()
        attempt.report(settings.on_exchange, settings.on_wait)
    if isinstance(outcome, Answer):
        return outcome
    return _Failure(outcome.error, outcome.is_transient, outcome.error.retry_after)


def _show_url(session: Session, purpose: Purpose, request: Request) -> str:
    """The URL of a request without secrets; the query of a renewal may hold any."""
    url = request.url if purpose == "token" or not request.query else f"{request.url}?{request.query}"
    return session.route.redactor.text(url)


def _is_outage(outcome: Answer | Refusal) -> bool:
    """Whether a store cannot serve anybody now; a refusal of the call or of the quota is an answer."""
    return isinstance(outcome, Refusal) and outcome.is_transient and not isinstance(outcome.error, RateLimitedError)


def _labelled(refused: ProviderUnavailableError, label: str) -> ProviderUnavailableError:
    refused.message = f"{label}: {refused.message}"
    refused.args = (refused.message,)
    return refused


def _was_not_executed(error: Exception) -> bool:
    if isinstance(error, TransportError):
        return not error.was_sent
    return isinstance(error, RateLimitedError) and error.status_code != 509  # a hosting panel's may come afterwards


def _pause(outcome: Answer | Refusal, policy: RetryPolicy) -> float:
    """Seconds for which no request of the account may be sent: each would be refused like this one."""
    if isinstance(outcome, Answer) or not isinstance(outcome.error, RateLimitedError) or not outcome.is_transient:
        return 0.0
    asked = outcome.error.retry_after
    return policy.first_delay if asked is None else asked


def _with_tokens(flow: Generator[Any, Any, Any], session: Session) -> Generator[Any, Any, Any]:
    """Runs an authorization flow and sends its token requests."""
    late = LateErrors()  # a callback that raises must not lose a rotated refresh token
    on_exchange, on_wait = late.holding(session.settings.on_exchange), late.holding(session.settings.on_wait)
    session = replace(session, settings=replace(session.settings, on_exchange=on_exchange, on_wait=on_wait))
    reply: Any = None
    while True:
        try:
            step = flow.send(reply)
        except StopIteration as end:
            late.raise_first()
            return end.value
        if isinstance(step, TokenRequest):
            reply = yield from _request_token(step, session)
        elif isinstance(step, Exclusive):
            reply = yield Exclusive(step.key, _with_tokens(step.flow, session))
        else:
            reply = yield step


def _request_token(step: TokenRequest, session: Session) -> Generator[Any, Any, Any]:
    settings, label = session.settings, f"{session.route.provider.slug} token"
    redactor = session.route.redactor.adding(*step.secrets)

    def read(response: Response) -> Answer | Refusal:
        return read_token_answer(step.rule, response, redactor, settings.now(), label)

    # A token endpoint is another server, with limits of its own.
    pacer = Pacer(RateLimit(), "", session.route.provider.slug, label, redactor, on_wait=settings.on_wait)
    try:
        answer = yield from _send(session, "token", lambda: step.request, read, pacer, lambda *_: Outcome())
    except AuthenticationError as error:
        raise name_credentials(error, session.route.account, session.scheme) from None
    return TokenAnswer(answer.response, answer.body)
