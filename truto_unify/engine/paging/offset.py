"""Pages that start at any record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from truto_unify.config.pagination import OffsetPagination
from truto_unify.engine.paging.kind import PageAnswer, PageRequest, PageState, Paging

if TYPE_CHECKING:
    from collections.abc import Mapping


class OffsetPaging(Paging[OffsetPagination], model=OffsetPagination):
    """Pages are ``{"offset": 40}``."""

    has_free_start = True
    has_free_size = True

    def first(self) -> PageState:
        """The page at the first record."""
        return {"offset": 0}

    def request(self, page: Mapping[str, Any], size: int | None) -> PageRequest:
        """The offset."""
        return self.write(size, (self.rules.offset_param, self.rules.offset_body_path, page["offset"]))

    def next(self, answer: PageAnswer) -> PageState | None:
        """The page after the last record."""
        rules = self.rules
        after = answer.page["offset"] + answer.count
        total = answer.number(rules.total_header, rules.total_path)
        if answer.value(rules.total_unknown_path) is True:
            total = None
        size = answer.size or rules.max_page_size
        follows = after < total if total is not None else answer.count >= size
        return {"offset": after} if follows and answer.count else None

    def position_after(self, page: Mapping[str, Any], consumed: int) -> tuple[PageState, int]:
        """A start of its own."""
        return {"offset": page["offset"] + consumed}, 0
