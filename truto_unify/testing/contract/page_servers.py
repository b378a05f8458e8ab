"""The server's side of each paging kind, written without the engine: the start of a page, the text of an answer."""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from truto_unify.config.pagination import (
    CursorPagination,
    GraphqlConnectionPagination,
    LinkHeaderPagination,
    NamedAddress,
    NextUrlPagination,
    OffsetPagination,
    PageNumberPagination,
    PageSize,
)
from truto_unify.config.schema import read_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    import httpx

Rules = TypeVar("Rules", bound=PageSize)
AddressRules = TypeVar("AddressRules", bound=NamedAddress)
_LINK_PARAM = "contract_page"


@dataclass(frozen=True)
class ServedPage:
    """The position of a page in its list.

    Attributes:
        total: the number of records in the whole list.
        size: the page size of the request.
        following: the index of the next page's first record; None on the last page.
        cursor: the cursor of the next page.
        has_totals: whether the answer says how long the list is.
        is_lost: whether the answer hides the next page's position.
    """

    total: int
    size: int
    following: int | None
    cursor: str
    has_totals: bool
    is_lost: bool


@dataclass
class PageInfo:
    """What an answer says about the list: (path, value) pairs of the body, and headers."""

    values: list[tuple[tuple[str, ...] | None, Any]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)


class PageServer(ABC, Generic[Rules]):
    """The server's side of a paging kind.

    Attributes:
        SERVERS: the server class of each pagination block.
        has_cursor: whether an answer names the next page, so that an empty page is not the last page.
    """

    SERVERS: ClassVar[dict[type[PageSize], type[PageServer[Any]]]] = {}
    has_cursor: bool = False

    def __init__(self, rules: Rules) -> None:
        self.rules = rules

    def __init_subclass__(cls, *, model: type[PageSize]) -> None:
        """Registers the server of a pagination block."""
        PageServer.SERVERS[model] = cls

    @property
    def has_total(self) -> bool:
        """Whether an answer holds the number of records in the list."""
        return False

    @property
    def looks_behind(self) -> bool:
        """Whether the engine asks once more behind the last record, because nothing else tells the end of the list."""
        return not (self.has_cursor or self.has_total)

    @property
    def skips_empty_pages(self) -> bool:
        """Whether an empty page is not the last page, because its answer names the next page."""
        return self.has_cursor

    @property
    def has_more_flag(self) -> bool:
        """Whether an answer says that more follows, apart from the position."""
        return False

    def size(self, request: httpx.Request) -> int:
        """The page size that a request asks for."""
        asked = read_value(request, self.rules.page_size_param, self.rules.page_size_body_path)
        return int(asked or self.rules.max_page_size)

    def index(self, start: Any, records: Sequence[Any]) -> int:  # noqa: ARG002 - for other kinds
        """The index in the list of the record that a page starts with."""
        return int(str(start or 0).removeprefix("c"))

    @abstractmethod
    def start(self, request: httpx.Request, size: int) -> Any:
        """The index or cursor at which the page starts; None for the first page."""

    @abstractmethod
    def describe(self, request: httpx.Request, page: ServedPage) -> PageInfo:
        """What the answer says about the list, beside its records."""


def serve(rules: PageSize) -> PageServer[Any]:
    """The server of a pagination block.

    Raises:
        LookupError: this paging kind has no server.
    """
    if type(rules) not in PageServer.SERVERS:
        raise LookupError(f"no PageServer for {type(rules).__name__}: write a PageServer to test this kind")
    return PageServer.SERVERS[type(rules)](rules)


def read_value(request: httpx.Request, param: str | None, path: tuple[str, ...] | None) -> Any:
    """The value of a query parameter, or at a path of the JSON body."""
    if param is not None:
        return request.url.params.get(param)
    return read_path(read_json(request), path)[1] if path is not None else None


def read_json(request: httpx.Request) -> dict[str, Any] | None:
    """The JSON object in a request's body; None if absent."""
    try:
        body = json.loads(request.content)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


class _PageNumbers(PageServer[PageNumberPagination], model=PageNumberPagination):
    @property
    def has_total(self) -> bool:
        return self.rules.total_header is not None or self.rules.total_path is not None

    def start(self, request: httpx.Request, size: int) -> int:
        start = read_value(request, self.rules.offset_param, None)
        page = read_value(request, self.rules.page_param, self.rules.page_body_path)
        return int(start) if start is not None else (int(page) - self.rules.first_page) * size if page else 0

    def describe(self, request: httpx.Request, page: ServedPage) -> PageInfo:  # noqa: ARG002 - for other kinds
        if not page.has_totals:
            return PageInfo()
        counts = {self.rules.total_header: page.total, self.rules.total_pages_header: -(-page.total // page.size)}
        values = [(self.rules.total_path, page.total), (self.rules.has_more_path, page.following is not None)]
        headers = {name: str(count) for name, count in counts.items() if name is not None}
        return PageInfo(values, headers)


class _Offsets(PageServer[OffsetPagination], model=OffsetPagination):
    @property
    def has_total(self) -> bool:
        return self.rules.total_header is not None or self.rules.total_path is not None

    def size(self, request: httpx.Request) -> int:
        return self._range(request)[1] if self.rules.range_param is not None else super().size(request)

    def start(self, request: httpx.Request, size: int) -> int:  # noqa: ARG002 - for other kinds
        if self.rules.range_param is not None:
            return self._range(request)[0]
        return int(read_value(request, self.rules.offset_param, self.rules.offset_body_path) or 0)

    def _range(self, request: httpx.Request) -> tuple[int, int]:
        """The start and the size of the page that a range asks for."""
        pattern = re.escape(self.rules.range_format)
        for name in ("offset", "size", "last"):
            pattern = pattern.replace(re.escape(f"{{{name}}}"), f"(?P<{name}>[0-9]+)", 1)
        match = re.fullmatch(pattern, request.url.params.get(self.rules.range_param or "") or "")
        words = match.groupdict() if match is not None else {}
        if "offset" not in words:
            return 0, self.rules.max_page_size
        start = int(words["offset"])
        return start, int(words["size"]) if "size" in words else int(words["last"]) - start + 1

    def describe(self, request: httpx.Request, page: ServedPage) -> PageInfo:  # noqa: ARG002 - for other kinds
        if not page.has_totals:
            return PageInfo()
        headers = {self.rules.total_header: str(page.total)} if self.rules.total_header else {}
        return PageInfo([(self.rules.total_path, page.total), (self.rules.total_unknown_path, False)], headers)


class _Cursors(PageServer[CursorPagination], model=CursorPagination):
    has_cursor = True

    def __init__(self, rules: CursorPagination) -> None:
        super().__init__(rules)
        names = rules.cursor.root_names if rules.cursor is not None else frozenset()
        if rules.cursor is not None and names != {"last_record"}:
            raise LookupError(f"no server for the cursor {rules.cursor.text}: it reads more than last_record")

    @property
    def looks_behind(self) -> bool:
        return self.rules.cursor is not None and self.rules.has_more_path is None

    @property
    def skips_empty_pages(self) -> bool:
        return self.rules.cursor is None and self.rules.ends_on not in {"empty_page", "short_page"}

    @property
    def has_more_flag(self) -> bool:
        return self.rules.has_more_path is not None and self.rules.cursor is None

    def start(self, request: httpx.Request, size: int) -> Any:  # noqa: ARG002 - for other kinds
        cursor = read_value(request, self.rules.cursor_param, self.rules.cursor_body_path)
        return None if cursor == self.rules.first_cursor else cursor

    def index(self, start: Any, records: Sequence[Any]) -> int:
        if self.rules.cursor is None or start is None:
            return super().index(start, records)
        cursors = [str(self.rules.cursor.search({"last_record": record})) for record in records]
        return cursors.index(str(start)) + 1

    def describe(self, request: httpx.Request, page: ServedPage) -> PageInfo:  # noqa: ARG002 - for other kinds
        cursor = page.cursor if page.following is not None and not page.is_lost else None
        more = page.following is not None or page.is_lost
        headers = {self.rules.cursor_header: cursor} if self.rules.cursor_header and cursor is not None else {}
        return PageInfo([(self.rules.cursor_path, cursor), (self.rules.has_more_path, more)], headers)


class _Connections(PageServer[GraphqlConnectionPagination], model=GraphqlConnectionPagination):
    has_cursor = True

    @property
    def has_more_flag(self) -> bool:
        return True

    def start(self, request: httpx.Request, size: int) -> Any:  # noqa: ARG002 - for other kinds
        return read_value(request, None, self.rules.cursor_body_path)

    def describe(self, request: httpx.Request, page: ServedPage) -> PageInfo:  # noqa: ARG002 - for other kinds
        if page.is_lost:
            return PageInfo()
        more = page.following is not None
        info = {"hasNextPage": more, "endCursor": page.cursor if more else None}
        return PageInfo([((*self.rules.connection_path, "pageInfo"), info)])


class _NamedAddresses(PageServer[AddressRules], model=NamedAddress):
    has_cursor = True

    def start(self, request: httpx.Request, size: int) -> Any:  # noqa: ARG002 - for other kinds
        return request.url.params.get(_LINK_PARAM)

    def following(self, request: httpx.Request, page: ServedPage) -> str | None:
        """The address of the next page."""
        return str(request.url.copy_set_param(_LINK_PARAM, page.cursor)) if page.following is not None else None


class _Links(_NamedAddresses[LinkHeaderPagination], model=LinkHeaderPagination):
    def describe(self, request: httpx.Request, page: ServedPage) -> PageInfo:
        url = self.following(request, page)
        return PageInfo([], {"Link": f'<{url}>; rel="next"'} if url is not None else {})


class _NextUrls(_NamedAddresses[NextUrlPagination], model=NextUrlPagination):
    def describe(self, request: httpx.Request, page: ServedPage) -> PageInfo:
        return PageInfo([(self.rules.next_url_path, self.following(request, page))])
