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
    has_free_size = True

    def request(self, page: Mapping[str, Any], size: int | None) -> PageRequest:
        """The offset."""
        return self.write(size, (self.rules.offset_param, self.rules.offset_body_path, page["start"]))

    def read(self, answer: PageAnswer) -> Facts:
        """The total, unless the store says that it does not count so far, and ``Link``."""
        total = answer.number(self.rules.total_header, self.rules.total_path)
        is_unknown = answer.value(self.rules.total_unknown_path) is True
        return Facts(
            total=None if is_unknown else total,
            more="next" in answer.links or None,
            short_page_is_last=self.rules.short_page_is_last,
        )
