"""One page of a list whose pages are asked for by number or offset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from truto_unify.engine.paging import Facts
    from truto_unify.engine.walks.walk import Entries


@dataclass(frozen=True, slots=True)
class CountedPage:
    """One answer.

    Attributes:
        start: the offset of its first record.
        size: how many records were asked for.
        entries: its records.
        facts: what it says about the list.
        status: its HTTP status.
        surplus: records that it holds beyond its size, because some came twice.
    """

    start: int
    size: int
    entries: Entries
    facts: Facts
    status: int
    surplus: int = 0

    @property
    def ids(self) -> Sequence[str]:
        """What tells its records apart."""
        return self.entries.ids

    @property
    def count(self) -> int:
        """How many records it holds."""
        return len(self.entries.ids)

    @property
    def is_full(self) -> bool:
        """Whether it holds as many records as were asked for."""
        return self.count >= self.size

    @property
    def end(self) -> int:
        """The offset behind its last record."""
        return self.start + self.count - self.surplus

    @property
    def claims(self) -> str:
        """What the store says about the size and the end of the list, for messages."""
        facts = self.facts
        texts = [
            f"{facts.total} records" if facts.total is not None else "",
            f"{facts.pages} pages" if facts.pages is not None else "",
            "more to come" if facts.more else "",
        ]
        return " and ".join(filter(None, texts)) or "nothing about its end"


def is_same_everywhere(pages: Sequence[CountedPage]) -> bool:
    """Whether the store gave the same page wherever it was asked to start, so that it is no matter of changes."""
    last = pages[-3:]
    starts, ids = {page.start for page in last}, {tuple(page.ids) for page in last}
    return len(starts) == 3 and len(ids) == 1 and () not in ids
