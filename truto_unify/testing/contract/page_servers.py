"""The provider's side of each paging kind, written without the engine: where a page starts, what an answer tells."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from truto_unify.config.pagination import (
    CursorPagination,
    GraphqlConnectionPagination,
    LinkHeaderPagination,
    OffsetPagination,
    PageNumberPagination,
    PageSize,
)
from truto_unify.config.schema import read_path

if TYPE_CHECKING:
    import httpx

Rules = TypeVar("Rules", bound=PageSize)
_LINK_PARAM = "contract_page"


@dataclass(frozen=True)
class PageFacts:
    """What is true of a page that is answered.

    Attributes:
        total: records of the whole list.
        size: records asked for.
        following: the index at which the next page starts; None at the end.
        mark: the token of the next page.
        tells_totals: whether the answer says how much there is.
        is_lost: whether the answer hides where the list goes on.
    """

    total: int
    size: int
    following: int | None
    mark: str
    tells_totals: bool
    is_lost: bool


@dataclass
class Told:
    """What an answer says about the list: (path, value) pairs of the body, and headers."""

    places: list[tuple[tuple[str, ...] | None, Any]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)


class PageServer(ABC, Generic[Rules]):
    """One paging kind as a provider serves it.

    Attributes:
        SERVERS: the class of each pagination block.
        has_cursor: whether an answer names the next page, so that an empty page is not the last one.
    """

    SERVERS: ClassVar[dict[type[PageSize], type[PageServer[Any]]]] = {}
    has_cursor: bool = False

    def __init__(self, rules: Rules) -> None:
        self.rules = rules

    def __init_subclass__(cls, *, model: type[PageSize]) -> None:
        """Registers the server of a pagination block."""
        PageServer.SERVERS[model] = cls

    @property
    def tells_end(self) -> bool:
        """Whether a full page says that it is the last one."""
        return True

    @property
    def tells_total(self) -> bool:
        """Whether an answer says how many records the list holds."""
        return False

    @property
    def says_whether_more(self) -> bool:
        """Whether an answer says that more follows apart from where."""
        return False

    def size(self, request: httpx.Request) -> int:
        """The page size that a request asks for."""
        asked = read_value(request, self.rules.page_size_param, self.rules.page_size_body_path)
        return int(asked or self.rules.max_page_size)

    @abstractmethod
    def start(self, request: httpx.Request, size: int) -> Any:
        """The index or mark at which the page starts; None for the first."""

    @abstractmethod
    def tell(self, request: httpx.Request, facts: PageFacts) -> Told:
        """What the answer says beside its records."""


def serve(rules: PageSize) -> PageServer[Any]:
    """The server of a pagination block.

    Raises:
        LookupError: nobody wrote one for this paging kind.
    """
    if type(rules) not in PageServer.SERVERS:
        raise LookupError(f"no PageServer for {type(rules).__name__}: write one to try this kind")
    return PageServer.SERVERS[type(rules)](rules)


def read_value(request: httpx.Request, param: str | None, path: tuple[str, ...] | None) -> Any:
    """The value of a query parameter, or at a place of the JSON body."""
    if param is not None:
        return request.url.params.get(param)
    return read_path(read_json(request), path)[1] if path is not None else None


def read_json(request: httpx.Request) -> dict[str, Any] | None:
    """The JSON object that a request carries."""
    try:
        body = json.loads(request.content)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


class _PageNumbers(PageServer[PageNumberPagination], model=PageNumberPagination):
    @property
    def tells_total(self) -> bool:
        return self.rules.total_header is not None or self.rules.total_path is not None

    @property
    def tells_end(self) -> bool:
        names = (
            self.rules.total_header,
            self.rules.total_path,
            self.rules.total_pages_header,
            self.rules.has_more_path,
        )
        return any(name is not None for name in names)

    def start(self, request: httpx.Request, size: int) -> int:
        start = read_value(request, self.rules.offset_param, None)
        page = read_value(request, self.rules.page_param, self.rules.page_body_path)
        return int(start) if start is not None else (int(page) - self.rules.first_page) * size if page else 0

    def tell(self, request: httpx.Request, facts: PageFacts) -> Told:  # noqa: ARG002 - for other kinds
        if not facts.tells_totals:
            return Told()
        counts = {self.rules.total_header: facts.total, self.rules.total_pages_header: -(-facts.total // facts.size)}
        places = [(self.rules.total_path, facts.total), (self.rules.has_more_path, facts.following is not None)]
        return Told(places, {name: str(value) for name, value in counts.items() if name is not None})


class _Offsets(PageServer[OffsetPagination], model=OffsetPagination):
    @property
    def tells_total(self) -> bool:
        return self.rules.total_header is not None or self.rules.total_path is not None

    @property
    def tells_end(self) -> bool:
        return self.tells_total

    def start(self, request: httpx.Request, size: int) -> int:  # noqa: ARG002 - for other kinds
        return int(read_value(request, self.rules.offset_param, self.rules.offset_body_path) or 0)

    def tell(self, request: httpx.Request, facts: PageFacts) -> Told:  # noqa: ARG002 - for other kinds
        if not facts.tells_totals:
            return Told()
        headers = {self.rules.total_header: str(facts.total)} if self.rules.total_header else {}
        return Told([(self.rules.total_path, facts.total), (self.rules.total_unknown_path, False)], headers)


class _Cursors(PageServer[CursorPagination], model=CursorPagination):
    has_cursor = True

    @property
    def says_whether_more(self) -> bool:
        return self.rules.has_more_path is not None

    def start(self, request: httpx.Request, size: int) -> Any:  # noqa: ARG002 - for other kinds
        mark = read_value(request, self.rules.cursor_param, self.rules.cursor_body_path)
        return None if mark == self.rules.first_cursor else mark

    def tell(self, request: httpx.Request, facts: PageFacts) -> Told:  # noqa: ARG002 - for other kinds
        cursor = facts.mark if facts.following is not None and not facts.is_lost else None
        more = facts.following is not None or facts.is_lost
        return Told([(self.rules.cursor_path, cursor), (self.rules.has_more_path, more)])


class _Connections(PageServer[GraphqlConnectionPagination], model=GraphqlConnectionPagination):
    has_cursor = True

    @property
    def says_whether_more(self) -> bool:
        return True

    def start(self, request: httpx.Request, size: int) -> Any:  # noqa: ARG002 - for other kinds
        return read_value(request, None, self.rules.cursor_body_path)

    def tell(self, request: httpx.Request, facts: PageFacts) -> Told:  # noqa: ARG002 - for other kinds
        if facts.is_lost:
            return Told()
        more = facts.following is not None
        info = {"hasNextPage": more, "endCursor": facts.mark if more else None}
        return Told([((*self.rules.connection_path, "pageInfo"), info)])


class _Links(PageServer[LinkHeaderPagination], model=LinkHeaderPagination):
    has_cursor = True

    def start(self, request: httpx.Request, size: int) -> Any:  # noqa: ARG002 - for other kinds
        return request.url.params.get(_LINK_PARAM)

    def tell(self, request: httpx.Request, facts: PageFacts) -> Told:
        if facts.following is None:
            return Told()
        return Told([], {"Link": f'<{request.url.copy_set_param(_LINK_PARAM, facts.mark)}>; rel="next"'})
