"""The schema of ``providers/<provider>.yaml``: how to reach a provider, and nothing about unified fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from truto_unify.config.schema import Expr, Path, Paths, Strict, Template, TemplateText

if TYPE_CHECKING:
    from collections.abc import Iterator

ErrorKind = Literal[
    "authentication",
    "permission_denied",
    "not_found",
    "conflict",
    "rejected_input",
    "rate_limited",
    "unavailable",
]


class Derived(Strict):
    """A field that follows from another one of the same group, by a table."""

    source: str = Field(description="Name of the other field.")
    table: dict[str, str] = Field(description="Value of the other field to value of this one.")


class FieldDeclaration(Strict):
    """A credential or context field that an account of this provider has."""

    title: str = Field(description="What a person calls it.")
    example: str | None = Field(default=None, description="An invented example value.")
    pattern: str | None = Field(default=None, description="A regular expression that the whole value must match.")
    default: str | None = Field(default=None, description="Taken when the account lacks the field.")
    required: bool = Field(default=True, description="Whether every account must have it.")
    strip_end: str | None = Field(default=None, description="Characters cut off the end of the value, as in /.")
    derived: Derived | None = Field(
        default=None, description="The engine fills it from another field; an account does not give it."
    )


class BasicAuthorization(Strict):
    """HTTP Basic, RFC 7617."""

    type: Literal["basic"]
    username: TemplateText
    password: TemplateText


class BearerAuthorization(Strict):
    """``Authorization: Bearer <token>``, RFC 6750."""

    type: Literal["bearer"]
    token: TemplateText


class HeaderAuthorization(Strict):
    """A header of the provider's own."""

    type: Literal["header"]
    header: str = Field(description="Name of the header.")
    value: TemplateText
    headers: dict[str, TemplateText] = Field(default_factory=dict, description="Further headers that go with it.")


class OAuth2Authorization(Strict):
    """A token that is fetched, kept and renewed: RFC 6749, client credentials or refresh token."""

    type: Literal["oauth2"]
    header: str = "Authorization"
    value: TemplateText = Field(description="Form of the header; {token} is the access token.")
    token_url: TemplateText
    send_as: Literal["form", "json", "query"] = Field(default="form", description="How the token is asked for.")
    params: dict[str, TemplateText] = Field(description="What is sent; {refresh_token} is the newest one.")
    access_token_path: Path = ("access_token",)
    expires_in_path: Path = ("expires_in",)
    refresh_token_path: Path | None = Field(
        default=None, description="Where a new refresh token stands, for providers that rotate them."
    )
    first_token: TemplateText | None = Field(
        default=None, description="A token that the account may already have; used until it is refused."
    )
    failed: Expr | None = Field(default=None, description="True for a body that is an error in spite of a 2xx.")
    headers: dict[str, TemplateText] = Field(default_factory=dict)


class QueryAuthorization(Strict):
    """Query parameters. They end up in access logs: use it only where nothing else works."""

    type: Literal["query"]
    params: dict[str, TemplateText]


Authorization = Annotated[
    BasicAuthorization | BearerAuthorization | HeaderAuthorization | QueryAuthorization | OAuth2Authorization,
    Field(discriminator="type"),
]


def read_templates(rule: Strict) -> Iterator[tuple[tuple[str, ...], Template]]:
    """Every template in a rule, with its path."""
    for name, value in rule:
        if isinstance(value, Template):
            yield (name,), value
        elif isinstance(value, dict):
            for key, inner in value.items():
                if isinstance(inner, Template):
                    yield (name, key), inner


def needed_credentials(rule: Strict) -> tuple[str, ...]:
    """The credentials without which this way in cannot be used; a token that may already be there is none."""
    prefix = "credentials."
    used = [
        prefix + name if name == "refresh_token" else name
        for path, template in read_templates(rule)
        for name in template.placeholders
        if path != ("first_token",)
    ]
    return tuple(dict.fromkeys(name.removeprefix(prefix) for name in used if name.startswith(prefix)))


def _one_or_many(value: Any) -> Any:
    return (value,) if isinstance(value, dict) else value


class PageSize(Strict):
    """How the size of a page is asked for."""

    page_size_param: str | None = Field(default=None, description="Query parameter for the page size.")
    page_size_body_path: Path | None = Field(default=None, description="Place of the page size in the JSON body.")
    max_page_size: int = Field(ge=1, description="The largest size that the provider takes.")
    reserved: tuple[str, ...] = Field(
        default=(), description="Further places (with dots in a JSON body) that page the list; not for callers."
    )


class PageNumberPagination(PageSize):
    """Pages are numbered. With ``offset_param`` a page may also start at any record."""

    type: Literal["page_number"]
    page_param: str | None = None
    page_body_path: Path | None = None
    first_page: int = 1
    offset_param: str | None = Field(default=None, description="Overrides the page number; counts from 0.")
    total_header: str | None = Field(default=None, description="Answer header with the number of records.")
    total_path: Path | None = Field(default=None, description="Place of the number of records in the answer.")
    total_pages_header: str | None = Field(default=None, description="Answer header with the number of pages.")
    has_more_path: Path | None = Field(default=None, description="Place of a truth value: whether a page follows.")


class OffsetPagination(PageSize):
    """A page starts at any record, counted from 0."""

    type: Literal["offset"]
    offset_param: str | None = None
    offset_body_path: Path | None = None
    total_path: Path | None = None
    total_header: str | None = None
    total_unknown_path: Path | None = Field(
        default=None, description="Place of a truth value: the list was too long to be counted."
    )


class CursorPagination(PageSize):
    """The answer holds a token that asks for the next page."""

    type: Literal["cursor"]
    cursor_path: Path = Field(description="Place of the token in the answer; null or missing at the end.")
    cursor_param: str | None = None
    cursor_body_path: Path | None = None
    first_cursor: str | None = Field(default=None, description="Sent on the first request.")
    has_more_path: Path | None = None
    cursor_replaces: tuple[Path, ...] = Field(
        default=(), description="Places of the JSON body that a later page must not repeat: its token knows them."
    )


class GraphqlConnectionPagination(PageSize):
    """A GraphQL connection with ``pageInfo { hasNextPage endCursor }``."""

    type: Literal["graphql_connection"]
    connection_path: Path = Field(description="Place of the connection in the answer.")
    cursor_body_path: Path


class LinkHeaderPagination(PageSize):
    """``Link: <url>; rel="next"``, RFC 8288; the URL is followed as given."""

    type: Literal["link_header"]


Pagination = Annotated[
    PageNumberPagination | OffsetPagination | CursorPagination | GraphqlConnectionPagination | LinkHeaderPagination,
    Field(discriminator="type"),
]


class GraphqlOperation(Strict):
    """A named operation in a ``.graphql`` file beside the provider's YAML."""

    document: str = Field(description="File name.")
    operation: str = Field(description="Name of the operation in it.")


class Endpoint(Strict):
    """One native call."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    path: TemplateText = Field(
        description="Below base_url; may hold {id}. Each leading /.. leaves the last step of base_url."
    )
    query: dict[str, TemplateText] = Field(default_factory=dict, description="Query parameters that are always sent.")
    headers: dict[str, TemplateText] = Field(default_factory=dict)
    body: dict[str, Any] | None = Field(default=None, description="JSON body; its texts may hold {id}.")
    graphql: GraphqlOperation | None = None
    only_reads: bool = Field(default=False, description="A POST that changes nothing and may be repeated.")
    records_path: Paths | None = Field(default=None, description="Place of the list of records in the answer.")
    record_path: Paths | None = Field(default=None, description="Place of the one record in the answer.")
    null_record: Literal["error", "not_found"] = Field(default="error", description="What a null at record_path means.")
    empty_statuses: tuple[int, ...] = Field(default=(), description="Statuses without a body that mean no records.")
    id_pattern: str | None = Field(default=None, description="What an id looks like; others are refused unsent.")
    pagination: Pagination | None = None

    @property
    def is_safe(self) -> bool:
        """Whether sending it twice does no harm."""
        return self.method == "GET" or self.only_reads


class ErrorRule(Strict):
    """One row of the error table: the first whose conditions all hold decides."""

    status: int | tuple[int, ...] | None = None
    code: str | tuple[str, ...] | None = None
    when: Expr | None = Field(default=None, description="An expression over the body that must be true.")
    error: ErrorKind
    retry: bool | None = Field(default=None, description="Overrides whether it is worth another try.")


class ErrorRules(Strict):
    """How the provider says no."""

    failed: Expr | None = Field(default=None, description="True for a body that is an error in spite of a 2xx.")
    message: tuple[Expr, ...] = Field(default=(), description="Where the message stands; the first text counts.")
    code: tuple[Expr, ...] = Field(default=(), description="Where the provider's error code stands.")
    rules: tuple[ErrorRule, ...] = ()


class WaitHeader(Strict):
    """An answer header that says how long to wait."""

    name: str
    unit: Literal["seconds", "milliseconds"] = "seconds"


class RateLimit(Strict):
    """What the provider says about its quota. ``Retry-After`` is always read."""

    headers: tuple[WaitHeader, ...] = ()
    wait: Expr | None = Field(default=None, description="Seconds to wait, from the body of the refusal.")
    minimum_wait: float = Field(default=0.0, ge=0, strict=False)
    default_wait: float | None = Field(
        default=None, ge=0, strict=False, description="Seconds to wait where a refusal does not say how long."
    )
    requests_per_minute: int | None = Field(
        default=None, ge=1, description="What one account may send; the client keeps below it by itself."
    )


class ProviderConfig(Strict):
    """One provider."""

    label: str = Field(description="The name people know.")
    documentation: str = Field(description="Address of the vendor's API documentation.")
    api_version: str | None = Field(default=None, description="The version these facts are about.")
    base_url: TemplateText
    context: dict[str, FieldDeclaration] = Field(default_factory=dict)
    credentials: dict[str, FieldDeclaration] = Field(default_factory=dict)
    authorization: Annotated[
        tuple[Authorization, ...],
        BeforeValidator(_one_or_many, json_schema_input_type=Authorization | tuple[Authorization, ...]),
    ] = Field(default=(), description="Ways in; the first whose credentials the account has is taken.")
    headers: dict[str, TemplateText] = Field(default_factory=dict)
    query: dict[str, TemplateText] = Field(default_factory=dict)
    query_safe: str = Field(default="", description="Characters of query values that must not be percent-encoded.")
    rate_limit: RateLimit = RateLimit()
    errors: ErrorRules = ErrorRules()
    resources: dict[str, dict[str, Endpoint]]


_ID_NAME = frozenset({"id"})
_OAUTH_NAMES = frozenset({"token", "refresh_token"})


def provider_templates(
    config: ProviderConfig,
) -> Iterator[tuple[tuple[str | int, ...], Template, frozenset[str]]]:
    """Every template with its path, and the placeholders it may hold beside the account's fields."""
    yield ("base_url",), config.base_url, frozenset()
    for group in ("headers", "query"):
        for name, template in getattr(config, group).items():
            yield (group, name), template, frozenset()
    for number, rule in enumerate(config.authorization):
        for path, template in read_templates(rule):
            yield ("authorization", number, *path), template, _OAUTH_NAMES if rule.type == "oauth2" else frozenset()
    for resource, methods in config.resources.items():
        for method, endpoint in methods.items():
            path = ("resources", resource, method)
            yield (*path, "path"), endpoint.path, _ID_NAME
            for group in ("query", "headers"):
                for name, template in getattr(endpoint, group).items():
                    yield (*path, group, name), template, _ID_NAME
