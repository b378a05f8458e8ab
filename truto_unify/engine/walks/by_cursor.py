"""Walks a list whose answers name the next page: cursors, GraphQL connections and links."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from truto_unify.engine.cursor import Position, short_fingerprint
from truto_unify.engine.walks.walk import Entries, NewRecords, Walk

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from truto_unify.engine.native_pages import NativePage
    from truto_unify.engine.paging import PageState

_MAX_PAGES = 32
"""Pages that a cursor remembers, so that a list that leads back to one of them is found out."""


class CursorWalk(Walk):
    """A walk along the pages that the answers name."""

    _next: PageState | None = None
    _entries = Entries((), (), ())

    def next_page(self, wanted: int | None) -> tuple[Mapping[str, Any], int | None]:
        """The named page."""
        return self._before.page, self._size(wanted)

    def _size(self, wanted: int | None) -> int | None:
        paging = self.pages.paging
        return paging.max_size if paging.is_size_fixed else self._before.size or wanted

    def read(self, wanted: int | None) -> Generator[Any, Any, NewRecords]:
        """Reads the named page."""
        if self._next is not None:
            self._before = replace(self._after_page(self._next), size=None)
        before = self._before = replace(self._before, size=self._size(wanted))
        native = yield from self.pages.read(before.page, before.size)
        if _is_gap(native):
            # Some stores lose a page once; others leave pages empty for good, and nothing tells what they hide.
            native = yield from self.pages.read(before.page, before.size)
            self.may_have_changed |= _is_gap(native)
        self._next = native.facts.next_page if native.facts else None
        entries = self._entries = self._enter(native)
        self._check_next(native)
        self._check_order(entries, native.status)
        begin = self._count_given(entries) if before.skip else 0
        new = self._find_new(entries.ids, range(begin, len(entries.ids)), frozenset(before.given))
        self._check_joined(entries, new, native.status)
        whole_page = short_fingerprint("\n".join(entries.ids))
        if not before.skip:
            if entries.ids and (not new or whole_page == before.last_page):
                raise self.pages.loop("the provider gave a page without any new record", native.status)
            self._before = replace(before, last_page=whole_page, top=before.top or entries.top)
        self.is_done = self._next is None
        return NewRecords(entries.records, new)

    def position(self, consumed: int | None = None) -> Position:
        """The named page, or the place inside the page that was read last."""
        before, ids = self._before, self._entries.ids
        if consumed is None or (consumed >= len(ids) and self._next is not None):
            assert self._next is not None  # noqa: S101 - nobody asks for a position after the end
            return self._after_page(self._next)
        key = self._last_key(self._entries.keys[:consumed])
        return replace(before, skip=consumed, given=self._remember(ids[:consumed]), key=key, last_page=None)

    def _first_entries(self) -> Entries | None:
        return self._entries if self._before.page == self.pages.paging.first() else None

    def _after_page(self, following: PageState) -> Position:
        before = self._before
        asked = (*before.asked, _fingerprint_page(before.page))[-_MAX_PAGES:]
        size = None if self.pages.paging.has_free_size else before.size
        given, key = self._remember(self._entries.ids), self._last_key(self._entries.keys)
        # If pages became smaller since the cursor was made, what was given reaches into the pages after this one.
        skip = max(before.skip - len(self._entries.ids), 0)
        given = before.given if skip else given
        return replace(before, page=following, skip=skip, size=size, given=given, key=key, asked=asked)

    def _last_key(self, keys: Sequence[str | None]) -> str | None:
        return keys[-1] if keys else self._before.key

    def _check_next(self, native: NativePage) -> None:
        """Finds out an answer that leads back to a page that was read."""
        if self._next is None:
            return
        asked = {*self._before.asked, _fingerprint_page(self._before.page)}
        if _fingerprint_page(self._next) in asked:
            raise self.pages.loop("the provider gave the same page again", native.status)

    def _check_joined(self, entries: Entries, new: Sequence[int], status: int) -> None:
        """Finds out a store that ignores the sort and whose pages happen to be in order."""
        order, key = self._order, self._before.key
        if order is not None and any(order.precedes(entries.keys[index], key) for index in new):
            self._refuse_order(status)

    def _count_given(self, entries: Entries) -> int:
        """How many records of the cursor's page were given before; others of them may be deleted by now."""
        before = self._before
        prints = [short_fingerprint(record_id) for record_id in entries.ids[: before.skip]]
        given = [index for index, text in enumerate(prints) if text in before.given]
        return given[-1] + 1 if given else max(before.skip - len(before.given), 0)


def _is_gap(native: NativePage) -> bool:
    """Whether a page is empty although another follows."""
    return not native.records and native.facts is not None and native.facts.next_page is not None


def _fingerprint_page(page: Mapping[str, Any]) -> str:
    return short_fingerprint(json.dumps(page, sort_keys=True))
