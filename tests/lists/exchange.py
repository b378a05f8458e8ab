"""The request for a page and its answer, apart from how a store writes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.lists.stock import BY_ID, Order


class Absent:
    """Stands for a part of an answer that is left out."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = Absent()
Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ask:
    """One request for a page.

    Attributes:
        page: its number, from 1.
        offset: records before it.
        cursor: text of the store's own.
        size: records on it at most; None where the request does not say.
        order: how the list is sorted.
        company: whom the list is limited to.
        address: the URL without its query.
    """

    page: int | None = None
    offset: int | None = None
    cursor: str | None = None
    size: int | None = None
    order: Order = BY_ID
    company: str | None = None
    address: str = ""

    @property
    def place(self) -> tuple[object, ...]:
        """The key of a page within its list."""
        return (self.page, self.offset, self.cursor)


@dataclass(slots=True)
class Reply:
    """One page, with everything that the store says about the list; each kind of store writes its part.

    Attributes:
        records: as the store writes them.
        total: records of the list.
        pages: pages of the list.
        more: whether a page follows.
        following: cursor of the next page; None at the end.
    """

    records: list[Record] = field(default_factory=list)
    total: Any = ABSENT
    pages: Any = ABSENT
    more: Any = ABSENT
    following: Any = ABSENT
