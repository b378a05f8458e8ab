"""Pages: what asks a provider for one, and what its answer says about the next.

A page is described by a small dict that fits into a cursor: ``{"offset": 40}``, ``{"page": 3, "before": 40}``,
``{"cursor": "abc"}``, ``{"url": "https://…"}``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from truto_unify.config.pagination import (
    CursorPagination,
    GraphqlConnectionPagination,
    LinkHeaderPagination,
    OffsetPagination,
    PageNumberPagination,
    PageSize,
)
from truto_unify.config.schema import read_path
from truto_unify.errors import InvalidCursor, ProviderError
from truto_unify.types import LEFT_OUT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from truto_unify.types import Response

PageState = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PageAsk:
    """What a request must hold to get one page.

    Attributes:
        params: query parameters.
        body: (path, value) pairs of the JSON body; ``LEFT_OUT`` stands where there must be nothing.
        url: the whole address, where the provider gave it.
    """

    params: tuple[tuple[str, str], ...] = ()
    body: tuple[tuple[tuple[str, ...], Any], ...] = ()
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Pager:
    """The pagination of one endpoint; ``rules`` is None where the list has only one page.

    Attributes:
        rules: the declared pagination.
    """

    rules: PageSize | None

    @property
    def max_size(self) -> int | None:
        """Records on a page at most; None where the list has only one page."""
        return self.rules.max_page_size if self.rules else None

    @property
    def has_free_start(self) -> bool:
        """Whether a page may start at any record, so that no page is ever read twice."""
        rules = self.rules
        return isinstance(rules, OffsetPagination) or (
            isinstance(rules, PageNumberPagination) and rules.offset_param is not None
        )

    @property
    def has_free_size(self) -> bool:
        """Whether the size may differ from page to page."""
        return self.has_free_start or isinstance(self.rules, CursorPagination | GraphqlConnectionPagination)

    def first(self) -> PageState:
        """The first page."""
        rules = self.rules
        if self.has_free_start:
            return {"offset": 0}
        if isinstance(rules, PageNumberPagination):
            return {"page": rules.first_page}
        if isinstance(rules, CursorPagination) and rules.first_cursor is not None:
            return {"cursor": rules.first_cursor}
        return {}

    def ask(self, page: Mapping[str, Any], size: int | None) -> PageAsk:
        """What the request for this page must hold."""
        if self.rules is None:
            return PageAsk()
        if "url" in page:
            return PageAsk(url=str(page["url"]))
        params: list[tuple[str, str]] = []
        body: list[tuple[tuple[str, ...], Any]] = []
        _put(params, body, self.rules.page_size_param, self.rules.page_size_body_path, size)
        self._put_place(params, body, page, size or self.rules.max_page_size)
        if isinstance(self.rules, CursorPagination) and dict(page) != self.first():
            body += [(path, LEFT_OUT) for path in self.rules.cursor_replaces]
        return PageAsk(tuple(params), tuple(body))

    def _put_place(
        self,
        params: list[tuple[str, str]],
        body: list[tuple[tuple[str, ...], Any]],
        page: Mapping[str, Any],
        size: int,
    ) -> None:
        rules = self.rules
        if isinstance(rules, PageNumberPagination):
            offset = page.get("offset")
            if offset is not None and offset % size:
                params.append((rules.offset_param or "", str(offset)))
                return
            number = page["page"] if offset is None else rules.first_page + offset // size
            _put(params, body, rules.page_param, rules.page_body_path, number)
        elif isinstance(rules, OffsetPagination):
            _put(params, body, rules.offset_param, rules.offset_body_path, page["offset"])
        elif isinstance(rules, CursorPagination):
            _put(params, body, rules.cursor_param, rules.cursor_body_path, page.get("cursor"))
        elif isinstance(rules, GraphqlConnectionPagination):
            _put(params, body, None, rules.cursor_body_path, page.get("cursor"))

    def next(
        self,
        page: Mapping[str, Any],
        size: int | None,
        response: Response,
        body: Any,
        count: int,
        url: str,
    ) -> PageState | None:
        """The page after this one; None at the end.

        Args:
            page: the page that was read.
            size: the size that was asked for.
            response: the answer, for its headers.
            body: the parsed answer.
            count: records on the page.
            url: the address that the page was read from.

        Raises:
            ProviderError: more records follow, and the answer does not say where, or outside the provider's origin.
        """
        rules = self.rules
        if isinstance(rules, PageNumberPagination):
            return _next_number(rules, page, size or rules.max_page_size, response, body, count)
        if isinstance(rules, OffsetPagination):
            return _next_offset(rules, page, size or rules.max_page_size, response, body, count)
        if isinstance(rules, CursorPagination):
            return _next_cursor(rules, response, body)
        if isinstance(rules, GraphqlConnectionPagination):
            return _next_edge(rules, response, body)
        if isinstance(rules, LinkHeaderPagination):
            return _next_link(response, url)
        return None

    def inside(self, page: Mapping[str, Any], consumed: int) -> tuple[PageState, int]:
        """The place after so many records of a page: (page, records of it to skip)."""
        if self.has_free_start:
            return {"offset": page["offset"] + consumed}, 0
        return dict(page), consumed


def _put(
    params: list[tuple[str, str]],
    body: list[tuple[tuple[str, ...], Any]],
    param: str | None,
    path: tuple[str, ...] | None,
    value: Any,
) -> None:
    if value is None:
        return
    if param is not None:
        params.append((param, str(value)))
    elif path is not None:
        body.append((path, value))


def read_total(header: str | None, path: tuple[str, ...] | None, response: Response, body: Any) -> int | None:
    """The number of records in the whole list, where the answer tells it."""
    if header is not None:
        text = find_header(response, header)
        return int(text) if text and text.strip().isdecimal() else None
    if path is not None:
        _, value = read_path(body, path)
        return value if isinstance(value, int) and not isinstance(value, bool) else None
    return None


def _next_number(
    rules: PageNumberPagination, page: Mapping[str, Any], size: int, response: Response, body: Any, count: int
) -> PageState | None:
    if count == 0:
        return None
    number = page.get("page")
    # A provider may cut the size that was asked for: what counts is what its pages held.
    after = (page["offset"] if number is None else page.get("before", 0)) + count
    total = read_total(rules.total_header, rules.total_path, response, body)
    pages = read_total(rules.total_pages_header, None, response, body)
    has_more = read_path(body, rules.has_more_path)[1] if rules.has_more_path else None
    if total is not None:
        follows = after < total
    elif pages is not None and number is not None:
        follows = number - rules.first_page + 1 < pages
    elif pages is not None and (after <= (pages - 1) * size or after >= pages * size):
        follows = after < pages * size
    elif isinstance(has_more, bool):
        follows = has_more
    else:
        # A proxy may drop the headers that tell the total: then a short page is the last one.
        follows = count >= size
    if not follows:
        return None
    return {"offset": after} if number is None else {"page": number + 1, "before": after}


def _next_offset(
    rules: OffsetPagination, page: Mapping[str, Any], size: int, response: Response, body: Any, count: int
) -> PageState | None:
    after = page["offset"] + count
    total = read_total(rules.total_header, rules.total_path, response, body)
    if rules.total_unknown_path and read_path(body, rules.total_unknown_path)[1] is True:
        total = None
    follows = after < total if total is not None else count >= size
    return {"offset": after} if follows and count else None


def _next_cursor(rules: CursorPagination, response: Response, body: Any) -> PageState | None:
    has_more = read_path(body, rules.has_more_path)[1] if rules.has_more_path else None
    if has_more is False:
        return None
    _, cursor = read_path(body, rules.cursor_path)
    if cursor not in (None, ""):
        return {"cursor": str(cursor)}
    if has_more is True:
        raise _lost_page(rules.cursor_path, response)
    return None


def _next_edge(rules: GraphqlConnectionPagination, response: Response, body: Any) -> PageState | None:
    path = (*rules.connection_path, "pageInfo")
    _, info = read_path(body, path)
    if isinstance(info, dict) and info.get("hasNextPage") is False:
        return None
    if not isinstance(info, dict) or info.get("hasNextPage") is not True or not info.get("endCursor"):
        raise _lost_page((*path, "endCursor"), response)
    return {"cursor": str(info["endCursor"])}


def _lost_page(path: tuple[str, ...], response: Response) -> ProviderError:
    """A list that ends without saying so would pass for a whole one."""
    message = f"the answer has no {'.'.join(path)}, and does not say that the list ends here"
    return ProviderError(message, status_code=response.status, code="page_lost")


_LINK = re.compile(r"<([^>]*)>((?:\s*;\s*[\w!#$&+.^`|~*-]+\s*=\s*(?:\"[^\"]*\"|[^\s\";,]+))*)")
_PARAMETER = re.compile(r";\s*([\w!#$&+.^`|~*-]+)\s*=\s*(?:\"([^\"]*)\"|([^\s\";,]+))")


def read_links(value: str) -> dict[str, str]:
    """The targets of a ``Link`` header by relation (RFC 8288); several headers may be joined by commas.

    >>> read_links('<https://a.test/?page=2>; rel="next", <https://a.test/>; rel="https://api.w.org/"')["next"]
    'https://a.test/?page=2'
    """
    found: dict[str, str] = {}
    for target, parameters in _LINK.findall(value):
        told = [quoted or plain for name, quoted, plain in _PARAMETER.findall(parameters) if name.lower() == "rel"]
        for relation in told[0].split() if told else ():
            found.setdefault(relation.lower(), target)
    return found


def _next_link(response: Response, url: str) -> PageState | None:
    links = read_links(", ".join(value for name, value in response.headers if name == "link"))
    if "next" not in links:
        return None
    following = urljoin(url, links["next"])
    if not _is_same_origin(following, url):
        message = f"the provider's next page lies at {urlsplit(following).hostname}, outside its own origin"
        raise ProviderError(message, status_code=response.status, code="foreign_page")
    return {"url": following}


def check_origin(url: str, base_url: str) -> None:
    """Refuses a page address outside the provider's own origin, to which credentials must not go.

    Raises:
        InvalidCursor: another scheme, host or port.
    """
    if not _is_same_origin(url, base_url):
        there = urlsplit(url)
        raise InvalidCursor(f"the next page lies at {there.scheme}://{there.hostname}, outside the provider's origin")


def _is_same_origin(one: str, other: str) -> bool:
    here, there = urlsplit(one), urlsplit(other)
    return (here.scheme, here.netloc.lower()) == (there.scheme, there.netloc.lower())


def find_header(response: Response, name: str) -> str | None:
    """The first value of a header."""
    wanted = name.lower()
    return next((value for key, value in response.headers if key == wanted), None)
