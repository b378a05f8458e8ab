"""Pages that are asked for with a token of the answer before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from truto_unify.config.pagination import CursorPagination
from truto_unify.engine.paging.kind import PageAnswer, PageRequest, PageState, Paging
from truto_unify.engine.paging.lost_page import lost_page
from truto_unify.types import LEFT_OUT

if TYPE_CHECKING:
    from collections.abc import Mapping


class CursorPaging(Paging[CursorPagination], model=CursorPagination):
    """Pages are ``{"cursor": "abc"}``; the first is ``{}`` unless a cursor asks for it."""

    has_free_size = True

    def first(self) -> PageState:
        """The page without a cursor, or with the first one."""
        return {} if self.rules.first_cursor is None else {"cursor": self.rules.first_cursor}

    def request(self, page: Mapping[str, Any], size: int | None) -> PageRequest:
        """The cursor; a later page leaves out what its cursor knows."""
        cursor = (self.rules.cursor_param, self.rules.cursor_body_path, page.get("cursor"))
        request = self.write(size, cursor)
        if dict(page) == self.first():
            return request
        left_out = tuple((path, LEFT_OUT) for path in self.rules.cursor_replaces)
        return PageRequest(request.params, request.body + left_out)

    def next(self, answer: PageAnswer) -> PageState | None:
        """The page of the answer's cursor.

        Some stores name a cursor on the last page too, so it says nothing beside a short page without more. A full
        page that says so is looked behind.
        """
        more = answer.flag(self.rules.has_more_path)
        cursor = answer.value(self.rules.cursor_path)
        is_short = answer.size is not None and answer.count < answer.size
        if more is False and (is_short or answer.page.get("cursor") == str(cursor)):
            return None
        if cursor not in (None, "", False):
            return {"cursor": str(cursor)}
        if more is True:
            raise lost_page(self.rules.cursor_path, answer.response)
        return None
