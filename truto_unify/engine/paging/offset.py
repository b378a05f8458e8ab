"""Pages that start at any record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from truto_unify.config.pagination import OffsetPagination
from truto_unify.engine.paging.kind import Facts, OffsetBasedPaging, PageAnswer, PageRequest

if TYPE_CHECKING:
    from collections.abc import Mapping


class OffsetPaging(OffsetBasedPaging[OffsetPagination], model=OffsetPagination):
    """A page is asked for by the place of its first record, counted from 0."""

    has_free_start = True

    def __init__(self, rules: OffsetPagination) -> None:
        super().__init__(rules)
        self.has_free_size = not self.is_size_fixed

    def request(self, page: Mapping[str, Any], size: int | None) -> PageRequest:
        """The offset, or the range."""
        rules, start = self.rules, page["start"]
        if rules.range_param is None:
            return self.write(size, (rules.offset_param, rules.offset_body_path, start))
        size = size or rules.max_page_size
        words = {"offset": start, "size": size, "last": start + size - 1}
        return self.write(None, (rules.range_param, None, rules.range_format.format_map(words)))

    def read(self, answer: PageAnswer) -> Facts:
        """The total, unless the store says that it does not count so far, and ``Link``."""
        total = answer.number(self.rules.total_header, self.rules.total_path)
        is_unknown = answer.value(self.rules.total_unknown_path) is True
        return Facts(
            total=None if is_unknown else total,
            more="next" in answer.links or None,
            short_page_is_last=self.rules.ends_on == "short_page",
        )
