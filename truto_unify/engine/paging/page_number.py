"""Numbered pages; with ``offset_param`` a page also starts at any record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from truto_unify.config.pagination import PageNumberPagination
from truto_unify.engine.paging.kind import PageAnswer, PageRequest, PageState, Paging

if TYPE_CHECKING:
    from collections.abc import Mapping


class PageNumberPaging(Paging[PageNumberPagination], model=PageNumberPagination):
    """Pages are ``{"page": 3, "before": 40}``, or ``{"offset": 40}`` if a page may start at any record."""

    def __init__(self, rules: PageNumberPagination) -> None:
        super().__init__(rules)
        self.has_free_start = self.has_free_size = rules.offset_param is not None

    def first(self) -> PageState:
        """The page with the first number."""
        return {"offset": 0} if self.has_free_start else {"page": self.rules.first_page}

    def request(self, page: Mapping[str, Any], size: int | None) -> PageRequest:
        """The number, or the offset of a page that starts between two numbers."""
        rules, offset = self.rules, page.get("offset")
        width = size or rules.max_page_size
        if offset is not None and offset % width:
            return self.write(size, (rules.offset_param, None, offset))
        number = page["page"] if offset is None else rules.first_page + offset // width
        return self.write(size, (rules.page_param, rules.page_body_path, number))

    def next(self, answer: PageAnswer) -> PageState | None:
        """The page with the next number, or after the last record."""
        if not answer.count:
            return None
        number = answer.page.get("page")
        # A provider may cut the size that was asked for: what counts is what its pages held.
        after = (answer.page["offset"] if number is None else answer.page.get("before", 0)) + answer.count
        if not self._follows(answer, number, after):
            return None
        return {"offset": after} if number is None else {"page": number + 1, "before": after}

    def _follows(self, answer: PageAnswer, number: int | None, after: int) -> bool:
        rules, size = self.rules, answer.size or self.rules.max_page_size
        total = answer.number(rules.total_header, rules.total_path)
        pages = answer.number(rules.total_pages_header)
        has_more = answer.value(rules.has_more_path)
        if total is not None:
            return after < total
        if pages is not None and number is not None:
            return number - rules.first_page + 1 < pages
        if pages is not None and (after <= (pages - 1) * size or after >= pages * size):
            return after < pages * size
        if isinstance(has_more, bool):
            return has_more
        # A proxy may drop the headers that tell the total: then a short page is the last one.
        return answer.count >= size

    def position_after(self, page: Mapping[str, Any], consumed: int) -> tuple[PageState, int]:
        """A start of its own if it is free."""
        return ({"offset": page["offset"] + consumed}, 0) if self.has_free_start else (dict(page), consumed)
