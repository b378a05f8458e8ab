"""The schema of paging: ``*_param`` and ``*_body_path`` are sent, ``*_path`` and ``*_header`` are read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache, reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, get_args

from pydantic import AfterValidator, Field, TypeAdapter
from pydantic_core import PydanticCustomError, core_schema

from truto_unify.config.schema import AnswerExpr, Path, Strict, TemplateText

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue

PAGING_KINDS: dict[str, type[PageSize]] = {}
"""The model of each paging kind by its ``type``; a subclass of ``PageSize`` joins when it is defined."""


class PageSize(Strict):
    """The size of a page. Each paging kind is a subclass with a ``type`` of its own."""

    ALTERNATIVES: ClassVar[Mapping[str, tuple[str, ...]]] = {"page_size_param": ("page_size_is_fixed",)}
    """Keys of which one stands for a key, beside the place in the JSON body if that key is a parameter."""

    page_size_param: str | None = Field(
        default=None, description="Query parameter for the page size.", examples=["per_page"]
    )
    page_size_body_path: Path | None = Field(
        default=None, description="Place of the page size in the JSON body.", examples=["query.paging.limit"]
    )
    page_size_is_fixed: Literal[True] | None = Field(
        default=None,
        description="The provider takes no page size: each page but the last holds max_page_size records.",
        examples=[True],
    )
    max_page_size: int = Field(ge=1, description="The largest size that the provider takes.", examples=[100])
    reserved: tuple[str, ...] = Field(
        default=(),
        description="Further parameters, or places of the body (with dots), that callers cannot set.",
        examples=[("after", "before")],
    )

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        """Registers the kind."""
        if "type" in cls.model_fields:
            (kind,) = get_args(cls.model_fields["type"].annotation)
            PAGING_KINDS[kind] = cls

    @classmethod
    def branches(cls) -> tuple[type[Strict], ...]:
        """All kinds for ``PageSize`` itself, else this kind."""
        return tuple(PAGING_KINDS.values()) if cls is PageSize else (cls,)

    @classmethod
    def alternatives(cls) -> tuple[tuple[str, ...], ...]:
        """Groups of keys of which a file must hold exactly one: a parameter goes into the query or into the body."""
        params = [name for name in cls.model_fields if name.endswith("_param")]
        pairs = [(param, f"{param.removesuffix('_param')}_body_path") for param in params]
        groups = {param: (param, body) for param, body in pairs if body in cls.model_fields}
        names = dict.fromkeys((*groups, *cls.ALTERNATIVES))
        return tuple((*groups.get(name, (name,)), *cls.ALTERNATIVES.get(name, ())) for name in names)

    @property
    def places(self) -> frozenset[str]:
        """Query parameters and places of the JSON body (with dots) that page the list; callers cannot set them."""
        return self.own_places | {*self.reserved}

    @property
    def own_places(self) -> frozenset[str]:
        """Those of ``places`` that paging itself fills."""
        return frozenset({*self._values("_param"), *(".".join(path) for path in self._values("_body_path"))})

    @property
    def constant_places(self) -> frozenset[str]:
        """Those of ``own_places`` that every page fills, so that a constant of the endpoint there is never sent."""
        return self.own_places

    @property
    def repeated_places(self) -> frozenset[str]:
        """Those of ``own_places`` that a page fills beside a query parameter of the list, which is sent as well."""
        return self.own_places

    @property
    def page_places(self) -> tuple[tuple[str | None, tuple[str, ...] | None], ...]:
        """The places of a request that name the page, as (query parameter, path in the JSON body)."""
        sizes = (self.page_size_param, self.page_size_body_path)
        params = [(param, None) for param in self._values("_param") if param not in sizes]
        return (*params, *((None, path) for path in self._values("_body_path") if path not in sizes))

    @property
    def headers(self) -> tuple[str, ...]:
        """The answer headers that are read."""
        return tuple(self._values("_header"))

    def _values(self, suffix: str) -> list[Any]:
        return [value for name, value in self if name.endswith(suffix) and value]


class PageNumberPagination(PageSize):
    """Pages are numbered. With ``offset_param`` a page may also start at any record."""

    type: Literal["page_number"] = Field(description="Pages are numbered.", examples=["page_number"])
    page_param: str | None = Field(default=None, description="Query parameter for the number.", examples=["page"])
    page_body_path: Path | None = Field(
        default=None, description="Place of the number in the JSON body.", examples=["paging.page"]
    )
    first_page: int = Field(default=1, description="The number of the first page.", examples=[0])
    offset_param: str | None = Field(
        default=None, description="Query parameter that replaces the page number; counts from 0.", examples=["offset"]
    )
    total_header: str | None = Field(
        default=None, description="Answer header with the number of records.", examples=["X-Total-Count"]
    )
    total_path: Path | None = Field(
        default=None, description="Place of the number of records in the answer.", examples=["meta.pagination.total"]
    )
    total_pages_header: str | None = Field(
        default=None, description="Answer header with the number of pages.", examples=["X-Total-Pages"]
    )
    has_more_path: Path | None = Field(
        default=None,
        description="Place that says whether a page follows: a truth value, a number, a text or an address.",
        examples=["page.has_more"],
    )
    ends_on: Literal["empty_page", "short_page"] = Field(
        default="empty_page",
        description="What ends a list that states no end: an empty page, or one with fewer records than requested.",
        examples=["short_page"],
    )


def _check_range(text: str) -> str:
    names = set(re.findall(r"\{(\w*)\}", text))
    if "offset" not in names or not names & {"size", "last"} or names - {"offset", "size", "last"}:
        message = "a range holds {offset}, and {size} or {last}"
        raise PydanticCustomError("range_error", "{reason}", {"reason": message})
    return text


RangeText = Annotated[str, AfterValidator(_check_range)]
"""How start and size of a page are written together."""


class OffsetPagination(PageSize):
    """A page starts at any record, counted from 0."""

    ALTERNATIVES: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "page_size_param": (*PageSize.ALTERNATIVES["page_size_param"], "range_param"),
        "offset_param": ("range_param",),
    }

    type: Literal["offset"] = Field(description="A page starts at any record, counted from 0.", examples=["offset"])
    offset_param: str | None = Field(default=None, description="Query parameter for the start.", examples=["offset"])
    offset_body_path: Path | None = Field(
        default=None, description="Place of the start in the JSON body.", examples=["query.paging.offset"]
    )
    range_param: str | None = Field(
        default=None, description="Query parameter for start and page size together.", examples=["limit"]
    )
    range_format: RangeText = Field(
        default="{offset},{size}",
        description="What range_param holds; {last} is the place of the last record.",
        examples=["{offset}-{last}"],
    )
    total_path: Path | None = Field(
        default=None, description="Place of the number of records in the answer.", examples=["count"]
    )
    total_header: str | None = Field(
        default=None, description="Answer header with the number of records.", examples=["X-Total-Count"]
    )
    total_unknown_path: Path | None = Field(
        default=None,
        description="Place of a truth value: true if the list is too long to count.",
        examples=["pagingMetadata.tooManyToCount"],
    )
    ends_on: Literal["empty_page", "short_page"] = Field(
        default="empty_page",
        description="What ends a list that states no end: an empty page, or one with fewer records than requested.",
        examples=["short_page"],
    )


class CursorPagination(PageSize):
    """The answer holds a token that asks for the next page."""

    ALTERNATIVES: ClassVar[Mapping[str, tuple[str, ...]]] = {
        **PageSize.ALTERNATIVES,
        "cursor_path": ("cursor_header", "cursor"),
    }

    type: Literal["cursor"] = Field(description="The answer holds a token for the next page.", examples=["cursor"])
    cursor_path: Path | None = Field(
        default=None,
        description="Place of the token in the answer; null or missing at the end.",
        examples=["meta.next_cursor"],
    )
    cursor_header: str | None = Field(
        default=None, description="Answer header that holds the token; missing at the end.", examples=["X-Next-Cursor"]
    )
    cursor: AnswerExpr | None = Field(
        default=None,
        description="The token as an expression over body, headers (names in lower case) and last_record, the last "
        "record of the page; null at the end.",
        examples=["last_record.id", "body.version.max"],
    )
    cursor_param: str | None = Field(
        default=None, description="Query parameter that takes the token.", examples=["cursor"]
    )
    cursor_body_path: Path | None = Field(
        default=None, description="Place of the token in the JSON body.", examples=["page.after"]
    )
    first_cursor: str | None = Field(default=None, description="Sent on the first request.", examples=["start"])
    has_more_path: Path | None = Field(
        default=None,
        description="Place that says whether a page follows: a truth value, a number, a text or an address.",
        examples=["has_more"],
    )
    cursor_replaces: tuple[Path, ...] = Field(
        default=(),
        description="What later requests leave out, as the token includes it: query parameters if the token is one, "
        'places of the JSON body if it goes there; "@" is all that the list sends beside the token.',
        examples=[("search.filter",), ("@",)],
    )
    ends_on: Literal["no_cursor", "repeated_cursor", "empty_page", "short_page"] = Field(
        default="no_cursor",
        description="What ends a list: an answer without a token, with the token that asked for it, without records, "
        "or with fewer records than requested. An answer without a token always ends it.",
        examples=["repeated_cursor"],
    )

    @property
    def constant_places(self) -> frozenset[str]:
        """All but the cursor, which the first page may lack; none if a later page is the cursor alone."""
        if () in self.cursor_replaces:
            return frozenset()
        return self.own_places if self.first_cursor is not None else self.own_places - self._cursor_places

    @property
    def repeated_places(self) -> frozenset[str]:
        """All but a cursor that replaces the parameter of the list."""
        replaced = {".".join(path) for path in self.cursor_replaces}
        is_replaced = "" in replaced or not replaced.isdisjoint(self._cursor_places)
        return self.own_places - self._cursor_places if is_replaced and self.first_cursor is None else self.own_places

    @property
    def _cursor_places(self) -> frozenset[str]:
        return frozenset({self.cursor_param or ".".join(self.cursor_body_path or ())})


class GraphqlConnectionPagination(PageSize):
    """A GraphQL connection with ``pageInfo { hasNextPage endCursor }``."""

    type: Literal["graphql_connection"] = Field(
        description="A GraphQL connection with pageInfo.", examples=["graphql_connection"]
    )
    connection_path: Path = Field(description="Place of the connection in the answer.", examples=["data.customers"])
    cursor_body_path: Path = Field(description="Place of the cursor in the JSON body.", examples=["variables.after"])

    @property
    def constant_places(self) -> frozenset[str]:
        """All but the cursor, which the first page lacks."""
        return self.own_places - {".".join(self.cursor_body_path)}


class NamedAddress(PageSize):
    """The answer holds the address of the next page, which is requested as it is."""

    link_root: TemplateText | None = Field(
        default=None,
        description="Root of the addresses in answers, if it is not base_url. Addresses elsewhere are refused.",
        examples=["https://{context.region}.api.example/v2"],
    )


class LinkHeaderPagination(NamedAddress):
    """``Link: <url>; rel="next"``, RFC 8288; the URL is requested as it is."""

    type: Literal["link_header"] = Field(
        description="The header Link names the next page; its URL is requested as it is.", examples=["link_header"]
    )


class NextUrlPagination(NamedAddress):
    """The body holds the address of the next page, whole or relative; it is requested as it is."""

    type: Literal["next_url"] = Field(
        description="The body names the next page; its URL is requested as it is.", examples=["next_url"]
    )
    next_url_path: Path = Field(
        description="Place of the address in the answer; null, empty or missing at the end.",
        examples=["next", "links.next"],
    )


class _AnyKind:
    """The pydantic type of a pagination block: its ``type`` chooses among the registered kinds."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(lambda value: _reader().validate_python(value))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return handler(_reader().core_schema)


def _reader() -> TypeAdapter[PageSize]:
    return _reader_of(tuple(PAGING_KINDS.values()))


@lru_cache
def _reader_of(kinds: tuple[type[PageSize], ...]) -> TypeAdapter[PageSize]:
    union: Any = reduce(or_, kinds)  # type checkers do not know a union of run-time types
    kind: Any = Annotated[union, Field(discriminator="type")]  # pyright: ignore[reportInvalidTypeForm]
    return TypeAdapter(kind)


Pagination = Annotated[PageSize, _AnyKind()]
"""The pagination block of an endpoint: one of ``PAGING_KINDS``."""
