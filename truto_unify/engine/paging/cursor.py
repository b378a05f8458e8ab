"""Pages that are asked for with a token of the answer before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from truto_unify.config.pagination import CursorPagination
from truto_unify.engine.paging.kind import PageAnswer, PageRequest, PageState, Paging
from truto_unify.engine.paging.lost_page import lost_page
from truto_unify.errors import ProviderError
from truto_unify.expressions import EvaluationError
from truto_unify.types import LEFT_OUT
from truto_unify.values import type_in_words

if TYPE_CHECKING:
    from collections.abc import Mapping


class CursorPaging(Paging[CursorPagination], model=CursorPagination):
    """Pages are ``{"cursor": "abc"}``; the first is ``{}`` unless a cursor asks for it."""

    def __init__(self, rules: CursorPagination) -> None:
        super().__init__(rules)
        self.has_free_size = not self.is_size_fixed
        self.reads_body = rules.cursor is not None and "body" in rules.cursor.root_names

    def first(self) -> PageState:
        """The page without a cursor, or with the first one."""
        return {} if self.rules.first_cursor is None else {"cursor": self.rules.first_cursor}

    def request(self, page: Mapping[str, Any], size: int | None) -> PageRequest:
        """The cursor; a later page leaves out what its cursor knows."""
        replaced = () if dict(page) == self.first() else self.rules.cursor_replaces
        is_alone = () in replaced
        cursor = (self.rules.cursor_param, self.rules.cursor_body_path, page.get("cursor"))
        request = self.write(None if is_alone else size, cursor)
        if is_alone or self.rules.cursor_param is not None:
            without = frozenset(".".join(path) for path in replaced if path)
            return replace(request, without=without, is_alone=is_alone)
        return replace(request, body=request.body + tuple((path, LEFT_OUT) for path in replaced))

    def next(self, answer: PageAnswer) -> PageState | None:
        """The page of the answer's cursor.

        Some stores name a cursor on the last page too, so it says nothing beside a short page without more. A full
        page that says so is looked behind, unless its cursor is computed and would stand on any page.
        """
        more = answer.flag(self.rules.has_more_path)
        cursor = self._read_cursor(answer)
        is_short = answer.size is not None and answer.count < answer.size
        is_repeated = answer.page.get("cursor") == str(cursor)
        if more is False and (is_short or is_repeated or self.rules.cursor is not None):
            return None
        ends = {"repeated_cursor": is_repeated, "empty_page": not answer.count, "short_page": is_short}
        if ends.get(self.rules.ends_on):
            return None
        if cursor not in (None, "", False):
            return {"cursor": str(cursor)}
        if more is True:
            raise lost_page(self._source, answer.response)
        return None

    @property
    def _source(self) -> str:
        """Where the cursor of an answer comes from, for messages."""
        rules = self.rules
        path = ".".join(rules.cursor_path) if rules.cursor_path is not None else None
        return path or rules.cursor_header or f"cursor ({rules.cursor.text if rules.cursor is not None else ''})"

    def _read_cursor(self, answer: PageAnswer) -> Any:
        rules = self.rules
        if rules.cursor_path is not None:
            return answer.value(rules.cursor_path)
        if rules.cursor_header is not None:
            return answer.header(rules.cursor_header)
        assert rules.cursor is not None  # noqa: S101 - the file has exactly one of the three
        headers = {name: answer.header(name) for name, _ in answer.response.headers}
        last = answer.record(-1) if answer.count else None
        try:
            value = rules.cursor.search({"body": answer.body, "headers": headers, "last_record": last})
        except EvaluationError as error:
            message = f"the cursor of the next page, {rules.cursor.text}: {error}"
            raise ProviderError(message, status_code=answer.response.status, code="page_lost") from None
        if isinstance(value, list | dict):
            message = f"the cursor of the next page, {rules.cursor.text}, is {type_in_words(value)}"
            raise ProviderError(message, status_code=answer.response.status, code="page_lost")
        return value
