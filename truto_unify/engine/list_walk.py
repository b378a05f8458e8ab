"""Walks through a native list so that each record comes once, and the list ends only where all that is told agrees.

What is compared: the records of a page with the last ones that were given; the total, the number of pages, the flag
and the named next page with what came. What does not agree is asked for again from further back, and raised if that
does not settle it.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

from truto_unify.engine import cursor as cursors
from truto_unify.engine.native_pages import NativePage
from truto_unify.engine.paging import PlacePaging
from truto_unify.errors import NotFoundError, ProviderError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping, Sequence

    from truto_unify.engine.native_pages import NativePages
    from truto_unify.engine.paging import Facts, PageState

MARKS = 8
"""Records that a cursor remembers by their marks: so many of the last ones may go before it has to count."""
_PAGE_MARKS = 32
"""Pages that a cursor remembers, so that a list that leads back to one of them is found out."""
_MOST_TRIES = 7
"""Requests for one page from further and further back, before a list counts as broken."""


@dataclass(frozen=True, slots=True)
class Entries:
    """The records of one native page, and what tells each from the others."""

    records: Sequence[Any]
    ids: Sequence[str]


@dataclass(frozen=True, slots=True)
class Fresh:
    """What one native page adds to the list.

    Attributes:
        records: all records of the page.
        indexes: those of them that were not given before.
    """

    records: Sequence[Any]
    indexes: Sequence[int]


_NO_ID = "no id: "


def identify(native: Any) -> str:
    """What tells a native record from the others of its list: its id, or else all that it holds."""
    if isinstance(native, dict) and isinstance(native.get("id"), str | int):
        return str(native["id"])
    return _NO_ID + _mark_content(native)


def _mark_content(native: Any) -> str:
    content = native if isinstance(native, bytes | bytearray | memoryview) else json.dumps(native, sort_keys=True)
    return cursors.query_binding(str(bytes(content), "utf-8", "replace") if not isinstance(content, str) else content)


def enter_natives(page: NativePage, _known: int) -> Entries:
    """The entries of a page whose records stay native."""
    return Entries(page.records, [identify(native) for native in page.records])


def open_walk(
    pages: NativePages,
    position: cursors.Position | None = None,
    enter: Callable[[NativePage, int], Entries] = enter_natives,
) -> Walk:
    """A walk that begins at a position, or at the head of the list.

    Args:
        pages: the native list.
        position: of a cursor.
        enter: makes the entries of a page, of which the first so many are probably known.
    """
    start = position or cursors.Position(pages.paging.first())
    paging = pages.paging
    return PlaceWalk(pages, paging, start, enter) if isinstance(paging, PlacePaging) else MarkWalk(pages, start, enter)


class Walk(ABC):
    """One call's way through a native list.

    Attributes:
        is_done: whether the list has ended.
        may_have_changed: whether the store made it impossible to tell what was given before.
        missed: how many records fewer than asked for came, of pages that are no reason to ask for more.
    """

    def __init__(
        self, pages: NativePages, position: cursors.Position, enter: Callable[[NativePage, int], Entries]
    ) -> None:
        self.pages = pages
        self.is_done = False
        self.may_have_changed = False
        self.missed = 0
        self._enter = enter
        self._marks: tuple[str, ...] = position.marks
        self._seen: set[str] = set()
        self._ids: Sequence[str] = ()

    @property
    def largest(self) -> int | None:
        """Records that a page holds at most; None if the list has only one page."""
        return self.pages.paging.max_size

    @abstractmethod
    def next_page(self, wanted: int | None) -> tuple[Mapping[str, Any], int | None]:
        """The page that is read next, and the size that is asked for."""

    @abstractmethod
    def read(self, wanted: int | None) -> Generator[Any, Any, Fresh]:
        """Reads the next page.

        Args:
            wanted: how many new records it is to hold at most.

        Raises:
            ProviderError: code ``incomplete_list`` or ``pagination_loop``: the list cannot be read whole.
        """

    @abstractmethod
    def position(self, consumed: int | None = None) -> cursors.Position:
        """Where the list goes on, after so many records of the page that was read last, or after all of them."""

    def read_all(self, before_each: Callable[[], None] = lambda: None) -> Generator[Any, Any, list[Any]]:
        """Reads every record; ``before_each`` is called before each page but the first."""
        records: list[Any] = []
        while not self.is_done:
            if self.pages.requests:
                before_each()
            fresh = yield from self.read(self.largest)
            records += [fresh.records[index] for index in fresh.indexes]
        return records

    def _marks_after(self, begin: int, end: int) -> tuple[str, ...]:
        """The marks of the last records once those of the page from ``begin`` to ``end`` are given."""
        return (*self._marks, *map(cursors.mark_record, self._ids[max(begin, end - MARKS) : end]))[-MARKS:]

    def _new_ones(self, ids: Sequence[str], begin: int, known: Iterable[str]) -> list[int]:
        """The places of records that were not given before; also notes them."""
        marks = set(known)
        fresh = []
        for index in range(begin, len(ids)):
            record_id = ids[index]
            if record_id.startswith(_NO_ID):
                fresh.append(index)  # two of them may well be two records
            elif record_id not in self._seen and not (marks and cursors.mark_record(record_id) in marks):
                self._seen.add(record_id)
                fresh.append(index)
        return fresh


class MarkWalk(Walk):
    """A walk by what each answer names as the next page."""

    def __init__(
        self, pages: NativePages, position: cursors.Position, enter: Callable[[NativePage, int], Entries]
    ) -> None:
        super().__init__(pages, position, enter)
        self._page: Mapping[str, Any] = position.page
        self._next: PageState | None = None
        self._skip = position.skip
        self._size = position.size
        self._asked = list(position.asked)
        self._last = position.last_page

    def next_page(self, wanted: int | None) -> tuple[Mapping[str, Any], int | None]:
        """The named page."""
        return self._page, self._size or wanted

    def read(self, wanted: int | None) -> Generator[Any, Any, Fresh]:
        """Reads the named page."""
        if self._next is not None:
            self._page, self._marks, self._skip, self._size = self._next, self._page_marks(), 0, None
        self._size = self._size or wanted
        native = yield from self.pages.read(self._page, self._size)
        if _is_hole(native):
            # Some stores lose a page once; others leave pages empty for good, and then nothing tells what they hide.
            native = yield from self.pages.read(self._page, self._size)
            self.may_have_changed = self.may_have_changed or _is_hole(native)
        self._next = native.facts.next_page if native.facts else None
        self._asked.append(_mark_page(self._page))
        if self._next is not None and (dict(self._next) == dict(self._page) or _mark_page(self._next) in self._asked):
            raise self.pages.stuck("the provider gave the same page again", native.status)
        entries = self._enter(native, 0)
        self._ids = entries.ids
        begin = self._given_out() if self._skip else 0
        fresh = self._new_ones(entries.ids, begin, self._marks)
        last = cursors.mark_record("\n".join(entries.ids))
        if entries.ids and not self._skip and (not fresh or last == self._last):
            raise self.pages.stuck("the provider gave a page without any new record", native.status)
        if not self._skip:
            self._last = last
        self.is_done = self._next is None
        return Fresh(entries.records, fresh)

    def position(self, consumed: int | None = None) -> cursors.Position:
        """The named page, or the place inside the page that was read last."""
        is_free = self.pages.paging.has_free_size
        asked = tuple(self._asked[-_PAGE_MARKS:])
        if consumed is None or (consumed >= len(self._ids) and self._next is not None):
            assert self._next is not None  # noqa: S101 - nobody asks for a position after the end
            size = None if is_free else self._size
            return cursors.Position(self._next, 0, size, marks=self._page_marks(), asked=asked, last_page=self._last)
        marks = self._marks_after(0, consumed)
        return cursors.Position(self._page, consumed, self._size, marks=marks, asked=asked[:-1])

    def _page_marks(self) -> tuple[str, ...]:
        return self._marks_after(0, len(self._ids))

    def _given_out(self) -> int:
        """How many records of the cursor's page were given out before; others of them may be gone by now."""
        marks = [cursors.mark_record(one) for one in self._ids[: self._skip]]
        marked = [index for index, mark in enumerate(marks) if mark in self._marks]
        return marked[-1] + 1 if marked else max(self._skip - len(self._marks), 0)


def _is_hole(native: NativePage) -> bool:
    """Whether a page is empty although another follows."""
    return not native.records and native.facts is not None and native.facts.next_page is not None


def _mark_page(page: Mapping[str, Any]) -> str:
    return cursors.mark_record(json.dumps(page, sort_keys=True))


@dataclass(frozen=True, slots=True)
class _Window:
    """One page of places.

    Attributes:
        start: where it starts.
        size: the size that was asked for.
        count: how many records it holds.
        begin: the index behind the last record given before.
        fresh: how many records are new.
        excess: records that the page holds too many, because some came twice.
    """

    start: int
    size: int
    count: int
    begin: int
    fresh: int
    excess: int

    @property
    def end(self) -> int:
        """The place behind the page."""
        return self.start + self.count - self.excess


class PlaceWalk(Walk):
    """A walk by places, which shift when records come and go: each page is held against the last records given."""

    def __init__(
        self,
        pages: NativePages,
        paging: PlacePaging[Any],
        position: cursors.Position,
        enter: Callable[[NativePage, int], Entries],
    ) -> None:
        super().__init__(pages, position, enter)
        self._paging = paging
        self._place: int = position.page["start"]
        self._total = position.total
        self._cap = position.cap
        self._full = position.full
        self._is_total_wrong = position.is_total_wrong
        self._size = position.size
        self._is_unsteady = position.is_unsteady
        self._is_linked = position.is_linked
        self._start = self._begin = self._excess = 0

    @property
    def largest(self) -> int:
        """The declared page size, or what the store was found to give at most."""
        return self._cap or self._paging.rules.max_page_size

    def next_page(self, wanted: int | None) -> tuple[Mapping[str, Any], int | None]:
        """The page that holds what comes behind the last record given."""
        size = min(self._size or wanted or self.largest, self.largest)
        first = max(self._place - self._first_overlap(size), 0)
        start, size = self._window(first, size, self._place)
        return {"start": start, **({"by_offset": True} if self._cap else {})}, size

    def read(self, wanted: int | None) -> Generator[Any, Any, Fresh]:
        """Reads the records behind the last one given."""
        wanted = min(self._size or wanted or self.largest, self.largest)
        if not self._paging.has_free_size:
            self._size = wanted
        self._marks, self._ids = self._marks_after(self._begin, len(self._ids)), ()
        overlap, place, looked = self._first_overlap(wanted), self._place, False
        for _ in range(_MOST_TRIES):
            start, size = self._window(max(place - overlap, 0), wanted, place)
            native = yield from self._ask(start, size)
            entries = self._enter(native, min(self._place - start, len(native.records)))
            grown = self._grown(native.facts)
            begin, shift, looked_again = self._find_begin(entries.ids, start, place - start, grown), 0, False
            if begin is not None:
                fresh = self._new_ones(entries.ids, begin, self._marks)
                shift, count = begin - (place - start), len(entries.ids)
                twice = count - begin - len(fresh) + max(shift - max(grown or 0, 0), 0)
                page = _Window(start, size, count, begin, len(fresh), min(twice, max(count - size, 0)))
                follows = self._follows(native.facts, page)
                looked_again = not looked and self._is_short_look(native.facts, page)
                if fresh or not (follows or shift > 0 or looked_again):
                    self._step(entries, page, native.facts, follows=follows)
                    return Fresh(entries.records, fresh)
                looked = looked or looked_again
            overlap, place = max(2 * overlap, 1 - (grown or 0)), self._place
            if begin and not shift and grown == 0 and len(entries.ids) < size:
                overlap, place = 0, start + size  # the rest of this page is hidden
            elif shift or looked_again:
                overlap, place = 1, start + (begin or 0)  # the list was shifted, or so it looks
            wanted = self._note_size(size, len(entries.ids), self.largest if self._paging.has_free_size else wanted)
        raise self._unsettled(native)

    def _is_short_look(self, facts: Facts | None, page: _Window) -> bool:
        """Whether so small a page cannot show the end of a list of which nobody tells the end."""
        is_silent = facts is not None and not facts.is_end_told
        return is_silent and self._paging.has_free_size and self._place > 0 and page.size < self.largest

    def _note_size(self, size: int, count: int, wanted: int) -> int:
        """The size to go on with, once a page was longer than was asked for: the store has a size of its own."""
        if count <= size or self._paging.has_free_size:
            return wanted
        self._cap = self._size = count
        return count

    def _grown(self, facts: Facts | None) -> int | None:
        """By how much the total has grown since the page before; None if that is not told."""
        if facts is None or facts.total is None or self._total is None:
            return None
        return facts.total - self._total

    def _window(self, first: int, wanted: int, place: int) -> tuple[int, int]:
        most = max(self.largest, min(self._paging.rules.max_page_size, place - first + 1))
        start, size = self._paging.window(first, place, wanted, most)
        if self._total == start + size < start + self.largest and self._paging.has_free_size:
            size += 1  # whether the list ends where the store says costs nothing to see
        return start, size

    def _first_overlap(self, wanted: int) -> int:
        """How many records that were given are asked for again: what is free, or needed because no total tells."""
        if not self._place:
            return 0
        if self._total is None or self._is_total_wrong:
            return 1
        if self._paging.has_free_start and wanted < self.largest:
            return 1
        left, size = self._total - self._place, self.largest
        requests, lost = ceil(left / size), 1
        if not self._paging.has_free_start:
            requests, lost = ceil(left / wanted), 2 * (self._place // wanted + 1)  # numbered pages shrink
            size = wanted
        return 1 if requests * size - left >= lost * requests else 0

    def _ask(self, start: int, size: int) -> Generator[Any, Any, NativePage]:
        try:
            # Numbers count in pages of the store's own size.
            by_offset = {"by_offset": True} if self._cap else {}
            return (yield from self.pages.read({"start": start, **by_offset}, size))
        except NotFoundError:
            if not start or self._total is not None:
                raise
            return NativePage(
                {"start": start}, (), None, is_text=False, is_unicode=True, status=404
            )  # behind the end of the list

    def _find_begin(self, ids: Sequence[str], start: int, expected: int, grown: int | None) -> int | None:
        """The index behind the last record given; None if the page does not prove that none was left out."""
        if not self._place:
            return 0
        where = {cursors.mark_record(one): index for index, one in enumerate(ids)}
        for mark in reversed(self._marks):
            index = where.get(mark)
            # A record further back than newcomers explain was moved, or repeated; it says nothing about the place.
            if index is not None and (grown is None or index <= expected + max(grown, 0)):
                return index + 1
        if expected == 0 and (self._is_total_wrong or not self._marks or (grown is not None and grown >= 0)):
            return 0
        if expected == 0 and grown is None and not self._paging.has_free_start and start:
            # This page does not overlap with the one before, and no total tells.
            self.may_have_changed = self.may_have_changed or bool(ids)
            return 0
        if start == 0:
            self.may_have_changed = True
            return min(max(expected + min(grown or 0, 0), 0), len(ids))
        return None

    def _follows(self, facts: Facts | None, page: _Window) -> bool:
        """Whether the list goes on behind a page: yes if anything that is told says so."""
        if facts is None:
            return False
        total = facts.total
        self._is_total_wrong = self._is_total_wrong or (total is not None and total < page.end)
        said: list[bool] = []
        if total is not None and not self._is_total_wrong:
            # A plugin may hide records that the total counts: a place that was asked for and answered is done.
            is_sized = page.size <= max(self._full, self._cap or 0)
            is_answered = is_sized and 0 < page.count < page.size and page.start + page.size >= total
            is_steady = self._total in {None, total} and not self._is_unsteady
            if page.end < total and not is_answered:
                said.append(True)
            elif is_steady or not page.fresh:
                said.append(False)
        more = False if facts.more is None and self._is_linked and not facts.is_end_told else facts.more
        self._is_linked = self._is_linked or facts.more is True
        if more is not None:
            said.append(more)
        if facts.pages is not None and page.start % page.size == 0 and page.start // page.size < facts.pages:
            is_last = page.start // page.size + 1 == facts.pages
            said += [not is_last] if not is_last or page.count < page.size else []
        if said:
            return any(said)
        if not page.fresh:
            return page.count >= page.size  # a full page of known records does not reach the end
        return not (page.count < page.size and facts.short_page_is_last)

    def _step(self, entries: Entries, page: _Window, facts: Facts | None, *, follows: bool) -> None:
        total = facts.total if facts else None
        self._is_unsteady = self._is_unsteady or (self._total is not None and total != self._total)
        expected = self._place - page.start
        self._ids, self._start, self._begin = entries.ids, page.start, page.begin
        self._place, self._total = page.end, total
        if page.count >= page.size:
            self._full = max(self._full, page.size)
        given = page.end - page.start
        is_cut = given < page.size and page.size > self._full and self._cap is None
        if follows and given and (given > page.size or is_cut):
            self._cap = max(given, self._full)
            self._size = self._cap if self._size is not None else None
        elif follows:
            due = page.size - max(expected - 1, 0)
            self.missed += max(due - page.fresh, 0) + max((self._size or 0) - page.size, 0)
        self._excess = page.excess
        self.is_done = not follows

    def position(self, consumed: int | None = None) -> cursors.Position:
        """The place behind the records that were consumed."""
        end = len(self._ids) if consumed is None else consumed
        size = None if self._paging.has_free_size else self._size
        return cursors.Position(
            {"start": max(self._start + end - self._excess, 0)},
            size=size,
            marks=self._marks_after(self._begin, end),
            total=self._total,
            cap=self._cap,
            full=self._full,
            is_total_wrong=self._is_total_wrong,
            is_unsteady=self._is_unsteady,
            is_linked=self._is_linked,
        )

    def _unsettled(self, native: NativePage) -> ProviderError:
        if native.records:
            return self.pages.stuck("the provider gave a page without any new record", native.status)
        facts = native.facts
        told = [
            f"{facts.total} records" if facts and facts.total is not None else "",
            f"{facts.pages} pages" if facts and facts.pages is not None else "",
            "more to come" if facts and facts.more else "",
        ]
        said = " and ".join(filter(None, told)) or "nothing about its end"
        message = (
            f"{self.pages.label}: the list is not whole: the store says {said}, and gave no record "
            f"behind the first {self._place}, asked for {_MOST_TRIES} times"
        )
        return ProviderError(message, status_code=native.status, code="incomplete_list")
