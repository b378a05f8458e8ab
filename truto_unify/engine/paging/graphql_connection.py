"""Pages of a GraphQL connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from truto_unify.config.pagination import GraphqlConnectionPagination
from truto_unify.engine.paging.kind import PageAnswer, PageRequest, PageState, Paging
from truto_unify.engine.paging.lost_page import lost_page

if TYPE_CHECKING:
    from collections.abc import Mapping


class GraphqlConnectionPaging(Paging[GraphqlConnectionPagination], model=GraphqlConnectionPagination):
    """Pages are ``{"cursor": "abc"}``, the ``endCursor`` of the page before; the first is ``{}``."""

    def __init__(self, rules: GraphqlConnectionPagination) -> None:
        super().__init__(rules)
        self.has_free_size = not self.is_size_fixed

    def request(self, page: Mapping[str, Any], size: int | None) -> PageRequest:
        """The cursor."""
        return self.write(size, (None, self.rules.cursor_body_path, page.get("cursor")))

    def next(self, answer: PageAnswer) -> PageState | None:
        """The page after ``endCursor`` if ``hasNextPage`` says so."""
        path = (*self.rules.connection_path, "pageInfo")
        info = answer.value(path)
        more = answer.flag((*path, "hasNextPage"))
        if more is False or (more is None and isinstance(info, dict) and info.get("endCursor", "") is None):
            return None
        if not isinstance(info, dict) or not info.get("endCursor"):
            raise lost_page(".".join((*path, "endCursor")), answer.response)
        return {"cursor": str(info["endCursor"])}
