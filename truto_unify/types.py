"""The plain values that all packages share: frozen, without behaviour."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Generic, Literal, Protocol, TypeVar, runtime_checkable

from pydantic import Field, PlainSerializer, computed_field
from pydantic.json_schema import SkipJsonSchema

from truto_unify.argument_checks import check_fields, check_optional_texts, check_overrides, check_text
from truto_unify.frames import Column, MoneyType, arrow_table, pandas_frame, polars_frame
from truto_unify.outbound import OutboundRule
from truto_unify.read_only import ReadOnly
from truto_unify.redaction import MASK

if TYPE_CHECKING:
    import threading
    from contextlib import AbstractAsyncContextManager
    from datetime import datetime
    from os import PathLike
    from ssl import SSLContext

Record = TypeVar("Record")
Result = TypeVar("Result")
LEFT_OUT = object()
"""Marks a place where a JSON body must hold nothing, not even null."""
Unsupported = Literal["emulate", "emulate_may_miss", "error", "ignore"]
OnRecordError = Literal["raise", "skip", "keep_raw"]
ResponseFormat = Literal["unified", "raw", "normalized", "stream"]
Direction = Literal["asc", "desc"]


def _mask(credentials: Mapping[str, str]) -> dict[str, str]:
    return dict.fromkeys(credentials, MASK)


Credentials = Annotated[Mapping[str, str], PlainSerializer(_mask, return_type=dict[str, str])]
"""Secrets by name; pydantic writes the names alone."""
Context = Annotated[Mapping[str, str], PlainSerializer(dict, return_type=dict[str, str])]
_Columns = Annotated[SkipJsonSchema[tuple[Column, ...] | None], Field(exclude=True)]
"""Columns, which belong to a page but not into its JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One merchant at one provider.

    pydantic, and so FastAPI, writes an account with masked credentials. A pickle holds them as they are.

    Attributes:
        provider: slug, the name of its file without the ending.
        credentials: the secrets; never shown in a repr.
        context: plain facts about the merchant, such as ``store_url``.
        base_url: replaces the API root that the provider's YAML builds (a proxy, a test server).
        token_url: replaces the endpoint that refreshes tokens.
        id: the name under which an account store knows this account.
        overrides: further mapping layers by resource (``ecommerce/customers``), each merged field by field over
            the shipped mapping: those of the environment first, then those of the account. Null removes a field.
        origins: where credentials come from, by name, for messages: ``the environment variable ACME_TOKEN``.
        is_read_only: whether native calls may only read, as unified calls do: nothing that may write is sent.

    Raises:
        InvalidInput: an argument has the wrong type.
    """

    provider: str
    credentials: Credentials = field(default_factory=dict[str, str], repr=False)
    context: Context = field(default_factory=dict[str, str])
    base_url: str | None = None
    token_url: str | None = None
    id: str | None = None
    overrides: Mapping[str, Sequence[Mapping[str, Any]]] = field(
        default_factory=dict[str, Sequence[Mapping[str, Any]]], repr=False
    )
    origins: Mapping[str, str] = field(default_factory=dict[str, str], repr=False, compare=False)
    is_read_only: bool = False

    def __post_init__(self) -> None:
        check_text("Account.provider", self.provider, example="acme")
        for name in ("credentials", "context", "origins"):
            check_fields(name, getattr(self, name))
        check_overrides(self.overrides)
        check_optional_texts({name: getattr(self, name) for name in ("base_url", "token_url", "id")})
        object.__setattr__(self, "credentials", ReadOnly(self.credentials))
        object.__setattr__(self, "context", ReadOnly(self.context))

    def __hash__(self) -> int:
        # The overrides are left out: they are nested, and two accounts seldom differ in them alone.
        secrets, facts = frozenset(self.credentials.items()), frozenset(self.context.items())
        return hash((self.provider, self.id, self.base_url, self.token_url, secrets, facts))

    def __reduce__(self) -> tuple[Any, ...]:
        # A read-only view of a dictionary can be neither pickled nor copied.
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        values |= {"credentials": dict(self.credentials), "context": dict(self.context)}
        return partial(type(self), **values), ()


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition of a list call, in canonical form.

    ``field`` is a text, time or element filter of the resource (``email``, ``created_at``, ``phones``); for an
    element filter ``value`` is a mapping of its parts, all of which must match the same element.
    """

    field: str
    op: Literal["eq", "in", "like", "gt", "gte", "lt", "lte"]
    value: Any


@dataclass(frozen=True, slots=True)
class Sort:
    """The one sort key of a list call."""

    field: str
    direction: Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One unified call, read from its arguments."""

    resource: str
    method: str
    id: str | None = None
    filters: tuple[Filter, ...] = ()
    sort: Sort | None = None
    limit: int | None = None
    next_cursor: str | None = None
    unsupported: Unsupported = "emulate"
    on_record_error: OnRecordError = "keep_raw"
    response_format: ResponseFormat = "unified"
    exclude_fields: tuple[str, ...] = ()
    ignore_remote_data: bool = False
    remote_query: Mapping[str, Any] = field(default_factory=dict[str, Any])
    side_load: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClientIdentity:
    """The certificate that a client shows in a TLS handshake, and its private key, both as PEM.

    Attributes:
        certificate: the certificate and those of its issuers.
        private_key: its key.
        password: the password of an encrypted key.
    """

    certificate: str = field(repr=False)
    private_key: str = field(repr=False)
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Request:
    """One native HTTP request. Everything that may hold a secret stays out of the repr.

    ``query`` is the query string, already percent-encoded, without the question mark.
    """

    method: str
    url: str
    query: str = field(default="", repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: bytes | None = field(default=None, repr=False)
    is_safe: bool = True
    identity: ClientIdentity | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Response:
    """One native HTTP response; header names are in lower case and may repeat."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one exchange, and the certificates that it trusts.

    Attributes:
        connect_timeout: seconds to reach the provider.
        read_timeout: seconds between two parts of an answer.
        total_timeout: seconds of the whole exchange, to the last byte of the answer.
        max_body: bytes of an answer at most, compressed or not.
        max_values: JSON values of an answer at most; each takes up to a hundred bytes of memory.
        max_in_flight_per_account: requests of an account that are sent at the same time; further ones wait in a queue.
        max_in_flight_per_host: requests to a host that are sent at the same time; the accounts of a host take turns.
        verify: a file of certificates (PEM) that are trusted beside the public ones, or an SSL context that decides
            alone what is trusted.
        outbound: the addresses that requests may reach. A transport of the caller's own connects as it likes; only
            schemes, host names and addresses in URLs are checked then.
    """

    connect_timeout: float = 10.0
    read_timeout: float = 60.0
    total_timeout: float = 60.0
    max_body: int = 16 * 1024 * 1024
    max_values: int = 1_000_000
    max_in_flight_per_account: int = 10
    max_in_flight_per_host: int = 50
    verify: SSLContext | str | PathLike[str] | None = None
    outbound: OutboundRule = field(default_factory=OutboundRule)


def _check_nothing() -> None:
    return None


def _enter_freely(_waited: float) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Lane:
    """Which limits of requests in flight a request counts towards.

    Attributes:
        account: identifies the account.
        host: identifies the host, and names it in messages.
        check: called before the request waits; raises if it would not be sent.
        enter: called with the seconds that the request waited when the limits let it pass; raises if it must not be
            sent any more.
    """

    account: str
    host: str
    check: Callable[[], None] = _check_nothing
    enter: Callable[[float], None] = _enter_freely


BudgetChange = Callable[[str | None, float], tuple[str, Any]]
"""From a stored budget (None if absent) and the seconds since it was stored: the budget to store, and the reply."""


@dataclass(frozen=True, slots=True)
class Token:
    """An access token, its expiry (None if the provider does not say it), and the token that renews it.

    ``api_origin`` is the origin of the API, if the provider names it with the token.
    """

    access_token: str = field(repr=False)
    expires_at: datetime | None = None
    refresh_token: str | None = field(default=None, repr=False)
    api_origin: str | None = None


class TokenStore(Protocol):
    """Stores tokens between calls; see ``truto_unify.accounts``.

    A synchronous store serves both clients, an asynchronous one ``AsyncClient`` alone.
    """

    def read(self, key: str) -> Any:
        """The stored token of this key, or None; an asynchronous store gives an awaitable."""

    def write(self, key: str, token: Token) -> Any:
        """Stores a token; an asynchronous store gives an awaitable."""

    def lock(self, key: str) -> threading.Lock | AbstractAsyncContextManager[None]:
        """The lock that renewals of this key hold; an asynchronous store gives an asynchronous lock."""
        raise NotImplementedError


@runtime_checkable
class BudgetStore(Protocol):
    """Stores what accounts may still send; see ``docs/library.md``.

    A synchronous store serves both clients, an asynchronous one ``AsyncClient`` alone.
    """

    def change(self, key: str, change: BudgetChange) -> Any:
        """Changes the budget of this key, and gives the reply; an asynchronous store gives an awaitable."""


@dataclass(frozen=True, slots=True)
class PlanEntry:
    """How one filter or sort of a call is served, or a side load that is not one request for each record.

    Attributes:
        parameter: as the caller wrote it, ``created_at[gte]``; a side load is ``side_load[orders]``.
        how: ``native`` (the provider does it), ``emulated`` (the engine does it on the records) or ``ignored``.
        match: ``exact``; ``wider`` if the provider's answer is checked again on the records; ``may_miss`` if it may
            lack matching records besides.
        native: what is sent, in the provider's own words.
        reason: why it is not native; of a side load, why it took a request for each record, or was left out.
        misses: records that the provider returned although its exact filter excludes them; the page leaves them out.
    """

    parameter: str
    how: Literal["native", "emulated", "ignored"]
    match: Literal["exact", "wider", "may_miss"] | None = None
    native: str | None = None
    reason: str | None = None
    misses: int = 0


@dataclass(frozen=True, slots=True)
class RecordError:
    """One native record that broke the mapping."""

    index: int
    field: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """What a provider's answer says about its quota.

    Attributes:
        limit: requests, or points, of the whole quota.
        remaining: how much of it is left.
        reset: seconds until the whole quota is available again.
        window: seconds that the quota covers.
    """

    limit: int | None = None
    remaining: int | None = None
    reset: float | None = None
    window: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeAnswer:
    """A provider's successful answer, unchanged.

    Attributes:
        status: HTTP status.
        headers: names in lower case.
        body: the bytes of the body.
        is_json: whether they are JSON.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    is_json: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonPage:
    """One page of a list call as ready JSON, for a service that passes it on.

    Attributes:
        body: the envelope ``{result, next_cursor, prev_cursor, result_count, is_partial_response, may_have_changed,
            partial_reasons}``.
        page: the page itself, with an empty ``result``.
    """

    body: bytes = field(repr=False)
    page: Page[Any]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Page(Generic[Record]):
    """One page of a list call.

    Attributes:
        result: the unified records.
        next_cursor: opaque; None on the last page.
        prev_cursor: always None for now: no provider's list can be walked backwards uniformly.
        is_partial_response: whether at least one of the records lacks something: ``get`` would give more, or a side
            load gave fewer items than the provider counts.
        may_have_changed: whether the list changed while it was read, in a way that the store leaves no means to
            follow: records may be missing or repeated.
        partial_reasons: what is missing if a side load gave too few items, or could not be asked for some records.
        query_plan: how each filter and sort was served, and each side load that has several ways (``PlanEntry``).
        record_errors: records that broke the mapping, after the ``on_record_error`` rule was applied.
        unmapped: how often an enum met a native value that its table lacks, among all records that were read for the
            page, those that it leaves out included: ``{"status=INVITED": 2}``.
        total: how many records the whole list holds, if the provider says so and serves every filter by itself.
        request_count: native requests this page took.
        fallback_count: with ``list_json``, records that did not fit the byte path and were parsed in full.
        rate_limit: the quota that the last answer stated; None if it stated none.
        columns: of the tables that the page becomes; None if its records are dictionaries.
    """

    result: list[Record]
    next_cursor: str | None = None
    prev_cursor: str | None = None
    is_partial_response: bool = False
    may_have_changed: bool = False
    partial_reasons: tuple[str, ...] = ()
    query_plan: tuple[PlanEntry, ...] = ()
    record_errors: tuple[RecordError, ...] = ()
    unmapped: Mapping[str, int] = field(default_factory=dict[str, int])
    total: int | None = None
    request_count: int = 0
    fallback_count: int = 0
    rate_limit: Quota | None = None
    columns: _Columns = field(default=None, compare=False)

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated property
    @property
    def result_count(self) -> int:
        """How many records this page holds."""
        return len(self.result)

    def __repr__(self) -> str:
        # Records are people, and a query plan or a cursor may name them: none of them belongs into a log.
        has_more = self.next_cursor is not None
        return f"Page(result_count={self.result_count}, {has_more=}, request_count={self.request_count})"

    def to_arrow(self, *, money: MoneyType = "text") -> Any:
        """The records as a ``pyarrow.Table``; an empty page gives a table of the same columns and types.

        Args:
            money: the type of amounts: ``text`` as the store's own decimals, or ``decimal``.

        Raises:
            InvalidEnvironment: the extra ``arrow`` is not installed.
            InvalidInput: the records are dictionaries, or a value does not fit its column.
        """
        return arrow_table(self.result, self.columns, money)

    def to_pandas(self, *, money: MoneyType = "text") -> Any:
        """As ``to_arrow``, as a ``pandas.DataFrame`` of Arrow types; needs the extra ``pandas``."""
        return pandas_frame(self.result, self.columns, money)

    def to_polars(self, *, money: MoneyType = "text") -> Any:
        """As ``to_arrow``, as a ``polars.DataFrame``; needs the extra ``polars``."""
        return polars_frame(self.result, self.columns, money)
