"""What every paging kind answers: the first page, the request of a page, and what an answer says about its list.

A page is described by a small dict that fits into a cursor: ``{"start": 40}`` for a kind that counts places,
``{"cursor": "abc"}`` or ``{"url": "https://…"}`` for one whose answers name the next page. To add a paging kind,
write its model in ``config/pagination.py`` and a subclass of ``Paging`` in a module of this package; nothing else
knows the kinds.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from truto_unify.config.schema import read_path
from truto_unify.engine.paging.links import read_links

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from truto_unify.config.pagination import PageSize
    from truto_unify.engine.api_root import ApiRoot
    from truto_unify.types import Response

PageState = dict[str, Any]
Place = tuple[str | None, tuple[str, ...] | None, Any]
"""Where a value goes in a request: (query parameter, path in the JSON body, value)."""
_NONE: Place = (None, None, None)
Rules = TypeVar("Rules", bound="PageSize | None")

_MAX_DIGITS = 18  # of a count


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What the request of one page holds beside the query.

    Attributes:
        params: query parameters.
        body: (path, value) pairs of the JSON body; ``LEFT_OUT`` stands where there must be nothing.
        without: query parameters of the list that this page leaves out.
        is_alone: whether this page leaves out all that the list sends beside its endpoint.
        url: the whole address, if the provider gave it.
    """

    params: tuple[tuple[str, str], ...] = ()
    body: tuple[tuple[tuple[str, ...], Any], ...] = ()
    without: frozenset[str] = frozenset()
    is_alone: bool = False
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
        root: the API root, which links stay below.
    """

    page: Mapping[str, Any]
    size: int | None
    response: Response
    body: Any
    records: Sequence[Any]
    url: str
    root: ApiRoot

    @property
    def count(self) -> int:
        """How many records the page holds."""
        return len(self.records)

    def record(self, index: int) -> Any:
        """One record, parsed."""
        record = self.records[index]
        is_parsed = isinstance(record, dict | list | str | int | float | None)
        return record if is_parsed else json.loads(bytes(record))  # the bytes of a record, in any buffer

    def header(self, name: str) -> str | None:
        """The first value of a header."""
        wanted = name.lower()
        return next((value for key, value in self.response.headers if key == wanted), None)

    def value(self, path: tuple[str, ...] | None) -> Any:
        """What stands at a path of the body; None if nothing does."""
        return read_path(self.body, path)[1] if path is not None else None

    def number(self, header: str | None, path: tuple[str, ...] | None = None) -> int | None:
        """A count in a header or in the body; None if it is missing or no count."""
        value = self.header(header) if header is not None else self.value(path)
        if isinstance(value, str):
            # ``int`` itself knows fewer blanks than ``strip``, and refuses thousands of digits.
            digits = value.strip()
            return int(digits) if digits.isdecimal() and digits.isascii() and len(digits) <= _MAX_DIGITS else None
        return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None

    def flag(self, path: tuple[str, ...] | None) -> bool | None:
        """Whether a place says that more follows: a truth value, also as number or text, or an address."""
        value = self.value(path)
        if isinstance(value, str):
            word = value.strip().casefold()
            return None if not word else word not in {"false", "no", "0", "null", "none"}
        return bool(value) if isinstance(value, bool | int | float) else None

    @property
    def links(self) -> dict[str, str]:
        """The targets of the headers ``Link`` by relation."""
        return read_links(", ".join(value for name, value in self.response.headers if name == "link"))


@dataclass(frozen=True, slots=True)
class Facts:
    """What an answer says about the size and the end of its list; None where it says nothing.

    Attributes:
        next_page: the page that the answer names as the next.
        total: how many records the list holds.
        pages: how many pages it has.
        more: whether more follows.
        short_page_is_last: whether a page shorter than was asked for is the last.
    """

    next_page: PageState | None = None
    total: int | None = None
    pages: int | None = None
    more: bool | None = None
    short_page_is_last: bool = False

    @property
    def is_end_told(self) -> bool:
        """Whether anything tells where the list ends."""
        return self.short_page_is_last or any(fact is not None for fact in (self.total, self.pages, self.more))


class Paging(ABC, Generic[Rules]):
    """One paging kind at work for one endpoint.

    Args:
        rules: the endpoint's pagination block.

    Attributes:
        counts_places: whether a page is "the records from the 11th on", and not "what comes after a record".
        has_free_start: whether a page may start at any record, so that no page is ever read twice.
        has_free_size: whether the size may differ from page to page.
        reads_body: whether it needs the whole parsed body of an answer, with its records.
    """

    KINDS: ClassVar[dict[type[PageSize], type[Paging[Any]]]] = {}
    counts_places: bool = False
    has_free_start: bool = False
    has_free_size: bool = False
    reads_body: bool = False

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

    @property
    def is_size_fixed(self) -> bool:
        """Whether every page holds as many records, because the provider takes no size."""
        return self.rules is not None and self.rules.page_size_is_fixed is True

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

    def read(self, answer: PageAnswer) -> Facts:
        """What the answer says about its list.

        Raises:
            ProviderError: more records follow, and the answer does not say where, or outside the provider's origin.
        """
        return Facts(self.next(answer))

    @abstractmethod
    def next(self, answer: PageAnswer) -> PageState | None:
        """The page that the answer names as the next; None at the end."""


def paging_of(rules: PageSize | None) -> Paging[Any]:
    """The paging kind at work for a pagination block; a single page if there is none."""
    return Paging.KINDS[type(rules)](rules) if rules is not None else SinglePage(None)


class OffsetBasedPaging(Paging[Rules]):
    """A kind that counts places: pages are ``{"start": 40}``, and the next one begins wherever the reader wants."""

    counts_places = True

    def first(self) -> PageState:
        """The page at the first record."""
        return {"start": 0}

    def next(self, answer: PageAnswer) -> None:
        """No answer names a page."""

    def window(self, first: int, place: int, size: int, most: int) -> tuple[int, int]:
        """A page that reaches from the record at ``first`` behind the one at ``place``: its start and its size.

        Args:
            first: where it starts at the latest.
            place: a record that it holds.
            size: the usual size.
            most: the size at most.
        """
        return first, min(size + place - first, most)

    def window_over(self, first: int, end: int, most: int) -> tuple[int, int] | None:
        """The smallest page that holds the records from ``first`` on and reaches over an end; None if no page does."""
        size = most if self.is_size_fixed else end + 1 - first
        return (first, size) if end < first + size <= first + most else None


class SinglePage(Paging[None]):
    """The one page of an endpoint without pagination."""

    def next(self, answer: PageAnswer) -> None:
        """No page follows."""
