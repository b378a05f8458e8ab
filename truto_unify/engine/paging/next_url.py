"""Pages whose addresses stand in the body."""

from __future__ import annotations

from typing import TYPE_CHECKING

from truto_unify.config.pagination import NextUrlPagination
from truto_unify.engine.paging.lost_page import lost_page
from truto_unify.engine.paging.named_address import NamedAddressPaging

if TYPE_CHECKING:
    from truto_unify.engine.paging.kind import PageAnswer, PageState


class NextUrlPaging(NamedAddressPaging[NextUrlPagination], model=NextUrlPagination):
    """The page at the address in the body follows."""

    def next(self, answer: PageAnswer) -> PageState | None:
        """The page at the address; none if it is null, empty, false or missing."""
        link = answer.value(self.rules.next_url_path)
        if link in (None, "", False):
            return None
        if not isinstance(link, str):
            raise lost_page(f"address at {'.'.join(self.rules.next_url_path)}", answer.response)
        return self.page_at(link, answer)
