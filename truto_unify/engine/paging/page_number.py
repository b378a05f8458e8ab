"""Numbered pages; with ``offset_param`` a page also starts at any record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from truto_unify.config.pagination import PageNumberPagination
from truto_unify.config.schema import read_path
from truto_unify.engine.paging.kind import Facts, OffsetBasedPaging, PageAnswer, PageRequest

if TYPE_CHECKING:
    from collections.abc import Mapping


class PageNumberPaging(OffsetBasedPaging[PageNumberPagination], model=PageNumberPagination):
    """A page is asked for by its number, or by an offset if it starts between two numbers."""

    def __init__(self, rules: PageNumberPagination) -> None:
        super().__init__(rules)
        self.has_free_start = rules.offset_param is not None
        self.has_free_size = self.has_free_start and not self.is_size_fixed

    def request(self, page: Mapping[str, Any], size: int | None) -> PageRequest:
        """The number, or the offset of a page that starts between two numbers."""
        rules, start = self.rules, page["start"]
        number, between = divmod(start, size or rules.max_page_size)
        if (between or page.get("by_offset")) and rules.offset_param is not None:
            return self.write(size, (rules.offset_param, None, start))
        return self.write(size, (rules.page_param, rules.page_body_path, rules.first_page + number))

    def read(self, answer: PageAnswer) -> Facts:
        """Totals, the flag, and ``Link``."""
        rules = self.rules
        more = answer.flag(rules.has_more_path)
        is_null = rules.has_more_path is not None and read_path(answer.body, rules.has_more_path) == (True, None)
        return Facts(
            total=answer.number(rules.total_header, rules.total_path),
            pages=answer.number(rules.total_pages_header),
            more=True if "next" in answer.links else more,
            short_page_is_last=rules.ends_on == "short_page" or is_null,
        )

    def window(self, first: int, place: int, size: int, most: int) -> tuple[int, int]:
        """The page of the usual size, or of the size that reaches furthest; pages start at multiples of their size."""
        if self.has_free_start:
            return super().window(first, place, size, most)
        plain = place // size * size
        if first == place or (self.is_size_fixed and place - first == 1):
            return plain, size
        if self.is_size_fixed:
            return first // size * size, size
        ends = {width: (first // width + 1) * width for width in range(1, most + 1)}
        best = max(ends, key=lambda width: (min(ends[width] - place, size), -width))
        if ends[best] - place < max(size // 4, 1):
            # One record of overlap is not worth a page; what is looked for further back must be on the page.
            return (plain, size) if place - first == 1 else (first // most * most, most)
        return first // best * best, best

    def window_over(self, first: int, end: int, most: int) -> tuple[int, int] | None:
        """The page of the smallest size of which a multiple lies right."""
        if self.has_free_start:
            return super().window_over(first, end, most)
        widths = (most,) if self.is_size_fixed else range(1, most + 1)
        sizes = (size for size in widths if first // size * size + size > end)
        return next(((first // size * size, size) for size in sizes), None)
