"""The schema of paging: ``*_param`` and ``*_body_path`` go out, ``*_path`` and ``*_header`` come back."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from truto_unify.config.schema import Path, Strict


class PageSize(Strict):
    """How the size of a page is asked for."""

    page_size_param: str | None = Field(
        default=None, description="Query parameter for the page size.", examples=["per_page"]
    )
    page_size_body_path: Path | None = Field(
        default=None, description="Place of the page size in the JSON body.", examples=["query.paging.limit"]
    )
    max_page_size: int = Field(ge=1, description="The largest size that the provider takes.", examples=[100])
    reserved: tuple[str, ...] = Field(
        default=(),
        description="Further places (with dots in a JSON body) that page the list; not for callers.",
        examples=[("after", "before")],
    )


class PageNumberPagination(PageSize):
    """Pages are numbered. With ``offset_param`` a page may also start at any record."""

    type: Literal["page_number"] = Field(description="Pages are numbered.", examples=["page_number"])
    page_param: str | None = Field(default=None, description="Query parameter for the number.", examples=["page"])
    page_body_path: Path | None = Field(
        default=None, description="Place of the number in the JSON body.", examples=["paging.page"]
    )
    first_page: int = Field(default=1, description="The number of the first page.", examples=[0])
    offset_param: str | None = Field(
        default=None, description="Overrides the page number; counts from 0.", examples=["offset"]
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
        default=None, description="Place of a truth value: whether a page follows.", examples=["page.has_more"]
    )


class OffsetPagination(PageSize):
    """A page starts at any record, counted from 0."""

    type: Literal["offset"] = Field(description="A page starts at any record, counted from 0.", examples=["offset"])
    offset_param: str | None = Field(default=None, description="Query parameter for the start.", examples=["offset"])
    offset_body_path: Path | None = Field(
        default=None, description="Place of the start in the JSON body.", examples=["query.paging.offset"]
    )
    total_path: Path | None = Field(
        default=None, description="Place of the number of records in the answer.", examples=["count"]
    )
    total_header: str | None = Field(
        default=None, description="Answer header with the number of records.", examples=["X-Total-Count"]
    )
    total_unknown_path: Path | None = Field(
        default=None,
        description="Place of a truth value: the list was too long to be counted.",
        examples=["pagingMetadata.tooManyToCount"],
    )


class CursorPagination(PageSize):
    """The answer holds a token that asks for the next page."""

    type: Literal["cursor"] = Field(description="The answer holds a token for the next page.", examples=["cursor"])
    cursor_path: Path = Field(
        description="Place of the token in the answer; null or missing at the end.", examples=["meta.next_cursor"]
    )
    cursor_param: str | None = Field(
        default=None, description="Query parameter that takes the token.", examples=["cursor"]
    )
    cursor_body_path: Path | None = Field(
        default=None, description="Place of the token in the JSON body.", examples=["page.after"]
    )
    first_cursor: str | None = Field(default=None, description="Sent on the first request.", examples=["start"])
    has_more_path: Path | None = Field(
        default=None, description="Place of a truth value: whether a page follows.", examples=["has_more"]
    )
    cursor_replaces: tuple[Path, ...] = Field(
        default=(),
        description="Places of the JSON body that a later page must not repeat: its token knows them.",
        examples=[("search.filter",)],
    )


class GraphqlConnectionPagination(PageSize):
    """A GraphQL connection with ``pageInfo { hasNextPage endCursor }``."""

    type: Literal["graphql_connection"] = Field(
        description="A GraphQL connection with pageInfo.", examples=["graphql_connection"]
    )
    connection_path: Path = Field(description="Place of the connection in the answer.", examples=["data.customers"])
    cursor_body_path: Path = Field(description="Place of the cursor in the JSON body.", examples=["variables.after"])


class LinkHeaderPagination(PageSize):
    """``Link: <url>; rel="next"``, RFC 8288; the URL is followed as given."""

    type: Literal["link_header"] = Field(
        description="The header Link names the next page; its URL is followed as given.", examples=["link_header"]
    )


Pagination = Annotated[
    PageNumberPagination | OffsetPagination | CursorPagination | GraphqlConnectionPagination | LinkHeaderPagination,
    Field(discriminator="type"),
]
