"""What every paging kind answers: the first page, the request of a page, the page after it, the place inside it.

A page is described by a small dict that fits into a cursor: ``{"offset": 40}``, ``{"page": 3, "before": 40}``,
``{"cursor": "abc"}``, ``{"url": "https://…"}``. To add a paging kind, write its model in ``config/pagination.py``
and a subclass of ``Paging`` in a module of this package; nothing else knows the kinds.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from truto_unify.config.schema import read_path

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from truto_unify.config.pagination import PageSize
    from truto_unify.types import Response

PageState = dict[str, Any]
Place = tuple[str | None, tuple[str, ...] | None, Any]
"""Where a value goes in a request: (query parameter, path in the JSON body, value)."""
_NONE: Place = (None, None, None)
Rules = TypeVar("Rules", bound="PageSize | None")


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What the request of one page holds beside the query.

    Attributes:
        params: query parameters.
        body: (path, value) pairs of the JSON body; ``LEFT_OUT`` stands where there must be nothing.
        url: the whole address, if the provider gave it.
    """

    params: tuple[tuple[str, str], ...] = ()
    body: tuple[tuple[tuple[str, ...], Any], ...] = ()
    url: str | None = None


@dataclass(frozen=True, slots=True)
class PageAnswer:
    """One page as the provider answered it.

    Attributes:
        page: the page that was asked for.
        size: the page size that was asked for.
        response: the answer, for its headers.
        body: the parsed answer; without its records if these are bytes.
        records: its records, parsed or as bytes.
        url: the address that was asked.
    """

    page: Mapping[str, Any]
    size: int | None
    response: Response
    body: Any
    records: Sequence[Any]
    url: str

    @property
    def count(self) -> int:
        """How many records the page holds."""
        return len(self.records)

    def record(self, index: int) -> Any:
        """One record, parsed."""
        record = self.records[index]
        return json.loads(bytes(record)) if isinstance(record, bytes | bytearray | memoryview) else record

    def header(self, name: str) -> str | None:
        """The first value of a header."""
        wanted = name.lower()
        return next((value for key, value in self.response.headers if key == wanted), None)

    def value(self, path: tuple[str, ...] | None) -> Any:
        """What stands at a path of the body; None if nothing does."""
        return read_path(self.body, path)[1] if path is not None else None

    def number(self, header: str | None, path: tuple[str, ...] | None = None) -> int | None:
        """A count in a header or in the body; None if it is missing or no whole number."""
        if header is not None:
            text = self.header(header)
            return int(text) if text and text.strip().isdecimal() else None
        value = self.value(path)
        return value if isinstance(value, int) and not isinstance(value, bool) else None


class Paging(ABC, Generic[Rules]):
    """One paging kind at work for one endpoint.

    Args:
        rules: the endpoint's pagination block.

    Attributes:
        has_free_start: whether a page may start at any record, so that no page is ever read twice.
        has_free_size: whether the size may differ from page to page.
    """

    KINDS: ClassVar[dict[type[PageSize], type[Paging[Any]]]] = {}
    has_free_start: bool = False
    has_free_size: bool = False

    def __init__(self, rules: Rules) -> None:
        self.rules = rules

    def __init_subclass__(cls, *, model: type[PageSize] | None = None) -> None:
        """Registers the kind for the model of its pagination block."""
        if model is not None:
            Paging.KINDS[model] = cls

    @property
    def max_size(self) -> int | None:
        """Records on a page at most; None if the list has only one page."""
        return self.rules.max_page_size if self.rules is not None else None

    def first(self) -> PageState:
        """The first page."""
        return {}

    def request(self, page: Mapping[str, Any], size: int | None) -> PageRequest:  # noqa: ARG002 - for the kinds
        """What the request of this page holds."""
        return self.write(size)

    def write(self, size: int | None, *places: Place) -> PageRequest:
        """The request that holds the page size and these values; null is not sent."""
        params: list[tuple[str, str]] = []
        body: list[tuple[tuple[str, ...], Any]] = []
        sized = (self.rules.page_size_param, self.rules.page_size_body_path, size) if self.rules is not None else _NONE
        for param, path, value in (sized, *places):
            if value is not None and param is not None:
                params.append((param, str(value)))
            elif value is not None and path is not None:
                body.append((path, value))
        return PageRequest(tuple(params), tuple(body))

    @abstractmethod
    def next(self, answer: PageAnswer) -> PageState | None:
        """The page after this one; None at the end.

        Raises:
            ProviderError: more records follow, and the answer does not say where, or outside the provider's origin.
        """

    def position_after(self, page: Mapping[str, Any], consumed: int) -> tuple[PageState, int]:
        """The place after so many records of a page: (page, records of it to skip)."""
        return dict(page), consumed


def paging_of(rules: PageSize | None) -> Paging[Any]:
    """The paging kind at work for a pagination block; a single page if there is none."""
    return Paging.KINDS[type(rules)](rules) if rules is not None else SinglePage(None)


class SinglePage(Paging[None]):
    """The one page of an endpoint without pagination."""

    def next(self, answer: PageAnswer) -> None:
        """No page follows."""
