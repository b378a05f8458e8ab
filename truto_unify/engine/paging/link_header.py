"""Pages whose addresses stand in the header ``Link``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from truto_unify.config.pagination import LinkHeaderPagination
from truto_unify.engine.paging.named_address import NamedAddressPaging

if TYPE_CHECKING:
    from truto_unify.engine.paging.kind import PageAnswer, PageState


class LinkHeaderPaging(NamedAddressPaging[LinkHeaderPagination], model=LinkHeaderPagination):
    """The page whose relation is ``next`` follows."""

    def next(self, answer: PageAnswer) -> PageState | None:
        """The page whose relation is ``next``."""
        link = answer.links.get("next")
        return self.page_at(link, answer) if link is not None else None
