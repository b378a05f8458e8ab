"""The schema of ``providers/<provider>.yaml``: how to reach a provider, and nothing about unified fields."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from truto_unify.config.schema import Expr, Path, Paths, Strict, TemplateText

ErrorKind = Literal[
    "authentication",
    "permission_denied",
    "not_found",
    "conflict",
    "rejected_input",
    "rate_limited",
    "unavailable",
]


class FieldDeclaration(Strict):
    """A credential or context field that an account of this provider has."""

    title: str = Field(description="What a person calls it.")
    example: str | None = Field(default=None, description="An invented example value.")
    pattern: str | None = Field(default=None, description="A regular expression that the whole value must match.")
    default: str | None = Field(default=None, description="Taken when the account lacks the field.")
    required: bool = Field(default=True, description="Whether every account must have it.")
    strip_end: str | None = Field(default=None, description="Characters cut off the end of the value, as in /.")


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


class QueryAuthorization(Strict):
    """Query parameters. They end up in access logs: use it only where nothing else works."""

    type: Literal["query"]
    params: dict[str, TemplateText]


Authorization = Annotated[
    BasicAuthorization | BearerAuthorization | HeaderAuthorization | QueryAuthorization,
    Field(discriminator="type"),
]


class PageSize(Strict):
    """How the size of a page is asked for."""

    page_size_param: str | None = Field(default=None, description="Query parameter for the page size.")
    page_size_body_path: Path | None = Field(default=None, description="Place of the page size in the JSON body.")
    max_page_size: int = Field(ge=1, description="The largest size that the provider takes.")


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


class CursorPagination(PageSize):
    """The answer holds a token that asks for the next page."""

    type: Literal["cursor"]
    cursor_path: Path = Field(description="Place of the token in the answer; null or missing at the end.")
    cursor_param: str | None = None
    cursor_body_path: Path | None = None
    first_cursor: str | None = Field(default=None, description="Sent on the first request.")
    has_more_path: Path | None = None


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
    path: TemplateText = Field(description="Below base_url; may hold {id}.")
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


class ProviderConfig(Strict):
    """One provider."""

    label: str = Field(description="The name people know.")
    documentation: str = Field(description="Address of the vendor's API documentation.")
    api_version: str | None = Field(default=None, description="The version these facts are about.")
    base_url: TemplateText
    context: dict[str, FieldDeclaration] = Field(default_factory=dict)
    credentials: dict[str, FieldDeclaration] = Field(default_factory=dict)
    authorization: Authorization | None = None
    headers: dict[str, TemplateText] = Field(default_factory=dict)
    query: dict[str, TemplateText] = Field(default_factory=dict)
    query_safe: str = Field(default="", description="Characters of query values that must not be percent-encoded.")
    rate_limit: RateLimit = RateLimit()
    errors: ErrorRules = ErrorRules()
    resources: dict[str, dict[str, Endpoint]]
