"""Walks a list whose pages are asked for by number or offset: records that come and go shift all that follow.

Each page is held against the last records given. What is not joined to them is asked for again from further back.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from truto_unify.engine.cursor import Position, short_fingerprint
from truto_unify.engine.paging import Facts
from truto_unify.engine.walks.counted_page import CountedPage, is_same_everywhere
from truto_unify.engine.walks.equal_keys import count_missing, differs_from_given, note_ties, shows_ties
from truto_unify.engine.walks.offset_windows import OffsetWindows
from truto_unify.engine.walks.walk import BrokenOrder, Entries, NewRecords, has_own_id
from truto_unify.errors import NotFoundError, ProviderError

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence


_MAX_TRIES = 8
"""Requests for one page from further and further back, before a list counts as broken."""


class OffsetWalk(OffsetWindows):
    """A walk by offsets, which shift."""

    _lost: tuple[int, int] | None = None  # the window of a page on which nothing was new
    _page: CountedPage | None = None
    _earlier: CountedPage | None = None  # the page before, where a page cannot overlap it
    _new: Sequence[int] = ()
    _fall = 0  # by how much the total fell since the page before, at most

    # ----------------------------------------------------------------------------------------------- reading a page

    def read(self, wanted: int | None) -> Generator[Any, Any, NewRecords]:
        """Reads the records behind the last one given."""
        if self._page is not None:
            self._before, self._page = self.position(), None
        number = self._count_wanted(wanted)
        window = self._first_window(number)
        tried: list[CountedPage] = []
        skipped: set[str] = set()
        page, self._fall = None, 0
        for attempt in range(_MAX_TRIES):
            page, self._earlier = (yield from self._ask(*window)), None
            if self._learns_cap(page):
                number = min(number, self.largest)
                window = self._first_window(number)
                continue
            page = yield from self._look_back(page)
            self._fall = max(self._fall, -self._grown(page))
            self._check_order(page.entries, page.status)
            if self._is_repeated(page):
                self.is_done = True
                return NewRecords((), ())
            if not self._is_joined(page):
                tried.append(page)
                if not is_same_everywhere(tried):
                    window = self._window_before(page, attempt, number)
                    skipped.update(record_id for record_id in page.ids if not self._is_given(record_id))
                    continue
                page = self._take_as_next(page)
            if self._is_out_of_place(page):
                self._refuse_order(page.status)
            new = self._find_behind(page)
            follows = self._follows(page, new)
            missing = count_missing(self._order, self._before, page, new, follows=follows)
            is_last = bool(new) or not follows
            may_lack = missing or (is_last and self._hides_loss(page, follows=follows))
            ties = self._window_of_ties(page, missing, gives_new=bool(new)) if may_lack else None
            if ties is not None:
                window = ties
            elif skipped and not new and not follows:
                raise self._incomplete(page)  # what came on a page before is not accounted for
            elif is_last:
                self.shortfall += self._count_lacking(min(wanted or number, number), len(new)) if follows else 0
                return self._accept(page, new, follows=follows)
            else:
                is_tied = bool(page.ids) and self._is_tied(page, -1)
                window = (self._tie_window(page) if is_tied else None) or self._window_behind(page, attempt, number)
            self._seen.difference_update(page.ids[index] for index in new)
            number = min(number, self.largest)
        assert page is not None  # noqa: S101 - there are several tries
        raise self._incomplete(page)

    def _count_lacking(self, wanted: int, new: int) -> int:
        """How many records fewer than wanted a complete page gives.

        More than half only where keys may be equal: each page begins where the group of its key does.
        """
        lacking = max(wanted - new, 0)
        has_ties = self._order is not None and not self._order.is_unique
        return lacking if has_ties else min(lacking, wanted // 2)

    def _ask(self, start: int, size: int) -> Generator[Any, Any, CountedPage]:
        try:
            native = yield from self.pages.read(self._state(start), size)
        except NotFoundError:
            if not start or self._before.total is not None:
                raise
            return CountedPage(start, size, Entries((), (), ()), Facts(), 404)  # behind the end of the list
        entries = self._enter(native)
        facts = native.facts or Facts(short_page_is_last=True)
        count = len(entries.ids)
        if count <= size:
            return CountedPage(start, size, entries, facts, native.status)
        expected = max(self._offset - start, 0)
        again = count - len(set(entries.ids)) + max(sum(map(self._is_given, entries.ids)) - expected, 0)
        if not again and self._paging.has_free_start and not self._before.ignores_size:
            self._before = replace(self._before, ignores_size=True)
            if start and "by_offset" not in native.page:
                return (yield from self._ask(start, size))
        if again or self._paging.has_free_start:
            return CountedPage(start, size, entries, facts, native.status, surplus=min(again, count - size))
        # The store has a page size of its own, and its numbers count in it.
        self._before = replace(self._before, cap=count, is_cap_proven=True, is_rigid=True)
        return CountedPage(start // size * count, count, entries, facts, native.status)

    def _look_back(self, page: CountedPage) -> Generator[Any, Any, CountedPage]:
        """The page, or the one before it if that holds a record now that was not given.

        Some pages cannot overlap. If no total tells that records moved up, only the page before does.
        """
        before = self._before
        if self._is_fall_seen or self._paging.has_free_start or not page.start or page.start != self._offset:
            return page
        if not self._paging.is_size_fixed and (before.is_rigid or before.is_short or page.start <= self._reached):
            return page
        earlier = yield from self._ask(page.start - page.size, page.size)
        self._earlier = earlier
        return earlier if self._holds_new(earlier) else page

    def _learns_cap(self, page: CountedPage) -> bool:
        """Whether the page shows that the store gives smaller pages, whose numbers count in another size."""
        if self._is_capped_again(page):
            self._before = replace(self._before, is_cap_proven=True)
            return not self._paging.has_free_start
        if self._is_cut(page):
            self._before = replace(self._before, cap=page.count)
            return True
        return False

    def _is_capped_again(self, page: CountedPage) -> bool:
        """Whether the declared size was asked for once more, and the store gives no more than before."""
        cap = self._before.cap
        return cap is not None and self._doubts_cap and page.size > cap and page.count <= cap

    def _is_cut(self, page: CountedPage) -> bool:
        """Whether the store may have cut the page, of a size that it never gave: what came does not fit its place."""
        before, total = self._before, page.facts.total
        if self._paging.has_free_start or not page.start or not page.ids or before.cap is not None or total is None:
            return False
        if not 0 < before.full < page.size or page.is_full:
            return False
        return page.end != total or (page.end > self._offset and not self._holds_new(page))

    def _is_repeated(self, page: CountedPage) -> bool:
        """Whether the store gives its last page once more instead of an end.

        Raises:
            ProviderError: it gives the first page, or a full one, again: it ignores which page is asked for.
        """
        head, first = self._before.head, page.ids[0] if page.ids else None
        if head is None or first is None or self._is_tied(page, 0) or not self._is_given(page.ids[-1]):
            return False
        start, print_ = head
        if page.start - start <= max(self._grown(page), 0) or short_fingerprint(first) != print_:
            return False
        if start and not page.facts.is_end_told and not page.is_full and page.count < self._before.full:
            return True
        raise self.pages.loop("the provider gave the same page again", page.status)

    def _is_joined(self, page: CountedPage) -> bool:
        """Whether nothing can lie between the last record given and this page."""
        offset, before = self._offset, self._before
        if not page.ids:
            return page.facts.total == 0 or (page.start >= offset and self._grown(page) >= 0)
        if not offset or page.start == 0:
            return True
        key = page.entries.keys[0]
        if self._order is not None and key is not None and before.key is not None:
            if self._order.precedes(key, before.key) or (key == before.key and self._is_given(page.ids[0])):
                return True
            if key == before.key and not self._order.is_unique and page.start <= offset:
                return self._grown(page) >= 0  # its place among equal keys says nothing
        elif any(map(self._is_given, page.ids)):
            return True
        is_steady = before.is_total_wrong or before.total is None or self._grown(page) >= 0
        can_go_back = not before.is_rigid or self._paging.is_size_fixed
        return offset <= page.start <= max(offset, self._reached) and (is_steady or not can_go_back)

    def _is_out_of_place(self, page: CountedPage) -> bool:
        """Whether nothing came before the page, and all of it should have come before the last record given."""
        order, last = self._order, self._before.key
        if order is None or last is None or not page.ids or page.start < max(self._offset - 1, 1):
            return False
        is_before = all(order.precedes(key, last) for key in page.entries.keys)
        return is_before and self._grown(page) <= 0 and not any(map(self._is_given, page.ids))

    def _take_as_next(self, page: CountedPage) -> CountedPage:
        """The page as the one behind the last: the store gives it wherever it is asked to start."""
        if any(map(self._is_given, page.ids)):
            raise self.pages.loop("the provider gave the same page again", page.status)
        self._before = replace(self._before, is_rigid=True)
        return replace(page, start=self._offset)

    def _find_behind(self, page: CountedPage) -> list[int]:
        """The indexes of the page's records that were not given before."""
        before, keys = self._before, page.entries.keys
        known = frozenset((*before.given, *before.tied))
        if self._order is not None and before.key is not None:
            order, last = self._order, before.key
            behind = (index for index, key in enumerate(keys) if not order.precedes(key, last))
            return self._find_new(page.ids, (index for index in behind if self._may_be_new(page, index)), known)
        first_places = {record_id: index for index, record_id in reversed(list(enumerate(page.ids)))}
        given = [
            index
            for record_id, index in first_places.items()
            if short_fingerprint(record_id) in known and (has_own_id(record_id) or page.start + index < self._offset)
        ]
        begin = max(given) + 1 if given else 0
        if not given and page.start == 0 and self._offset > len(before.given):
            self.may_have_changed = True  # all that the cursor remembers is gone, and there was more
            begin = min(max(self._offset + min(self._grown(page), 0), 0), page.count)
        return self._find_new(page.ids, range(begin, page.count), known)

    def _holds_new(self, page: CountedPage) -> bool:
        """Whether a page has a record that was not given; it is not remembered as given."""
        new = self._find_behind(page)
        self._seen.difference_update(page.ids[index] for index in new)
        return bool(new)

    def _may_be_new(self, page: CountedPage, index: int) -> bool:
        """Whether a record may be new: its place alone says so if it has neither an id nor a key, as null has none."""
        is_known_by_more = has_own_id(page.ids[index]) or page.entries.keys[index] is not None
        return is_known_by_more or page.start + index >= self._offset

    def _window_before(self, page: CountedPage, attempt: int, wanted: int) -> tuple[int, int]:
        """A page from further back: by the fall of the total, and by more each time."""
        distance = max(1 - self._grown(page), int(2 ** (attempt + 1)))
        return self._window(self._offset - distance, wanted, needs_first=True)

    def _window_behind(self, page: CountedPage, attempt: int, wanted: int) -> tuple[int, int]:
        """The page behind one on which nothing is new."""
        if not page.ids:
            return self._window_before(page, attempt, wanted)
        if page.is_full:
            return self._window(page.end - 1, wanted, page.end)  # the list was shifted
        if self._is_size_proven(page):
            is_known = self._before.head == (page.start, short_fingerprint(page.ids[0]))
            if not is_known and self._lost != (page.start, page.size):  # some stores lose a page once
                self._lost = (page.start, page.size)
                return self._lost
            self._reached = max(self._reached, page.start + page.size)  # the store hides the rest of the page
        else:
            self._reached = max(self._reached, page.end)
            # The store may give no more on a page.
            before = self._before
            self._before = replace(before, cap=max(page.count, before.full, before.cap or 0))
        return self._window(self._reached, min(wanted, self.largest))

    # ------------------------------------------------------------------------------------------------- equal keys

    def _window_of_ties(self, page: CountedPage, missing: int, *, gives_new: bool) -> tuple[int, int] | None:
        """A page that holds all records of the last key given; None if no page does, and the list goes on without.

        Args:
            page: the page that is read now.
            missing: how many of these records are missing by their places.
            gives_new: whether the page has records that are not known to have come.

        Raises:
            BrokenOrder: they do not fit on one page of an order that was asked for.
        """
        assert self._order is not None  # noqa: S101 - only a list with an order has ties
        window, is_large = self._tie_window(page), self._offset - self._before.tie_start >= self.largest
        # The default order is not relied on; there it matters only if a forgotten record would come again.
        matters = self._order.is_asked_for or (gives_new and self._before.forgets_ties)
        has_moved = is_large and matters and differs_from_given(self._before, self._earlier or page)
        if window is None and (missing or self._fall or has_moved):
            # By the newest change, a record may have come above as well: a list that is sorted anew would not show it.
            may_be_pushed = self._order.is_by_change and self._order.is_descending and self._paging.is_size_fixed
            if self._order.is_asked_for and not may_be_pushed:
                raise BrokenOrder(f"more records share one {self._order.field} than a page of the provider shows")
            self.may_have_changed = True
        return window

    def _hides_loss(self, page: CountedPage, *, follows: bool) -> bool:
        """Whether records of the last key given may be lost although none is missing by its place.

        Places do not count them if a record left: it leaves its place to one that neither came nor comes. Only a page
        that shows them all does not need places.
        """
        if not self._fall and not self._before.forgets_ties and (self._is_fall_seen or not self._has_ties):
            return False
        first = self._before.tie_start - self._fall if self._is_fall_seen else -1
        return not shows_ties(self._order, self._before, page, first, follows=follows)

    def _tie_window(self, page: CountedPage) -> tuple[int, int] | None:
        before = self._before
        is_steady = page.facts.total is not None and not self._grown(page) and self._is_fall_seen
        moved = max(self._fall, not is_steady)
        first = max(min(before.tie_start, page.start) - moved, 0)
        tied = [page.start + index for index, key in enumerate(page.entries.keys) if key == before.key]
        end = max(page.start, self._offset, *tied) if page.ids else self._offset - 1
        start, size = self._paging.window(first, end, self.largest, self.largest)
        is_held = start <= first and end < start + size
        return (start, size) if is_held and (start, size) != (page.start, page.size) else None

    # ------------------------------------------------------------------------------------------------- where it ends

    def _follows(self, page: CountedPage, new: Sequence[int]) -> bool:
        """Whether the list goes on behind a page: if anything that the store says means so."""
        facts, before = page.facts, self._before
        if facts.total is not None and facts.total < page.end:
            before = self._before = replace(before, is_total_wrong=True)
        says: list[bool] = []
        if facts.total is not None and not before.is_total_wrong:
            if page.end < facts.total and not self._is_rest_hidden(page, facts.total):
                says.append(True)
            elif not new or (before.total in {None, facts.total} and not before.is_unsteady):
                says.append(False)
        if facts.more is not None:
            says.append(facts.more)
        elif before.is_linked and not facts.is_end_told:
            says.append(False)
        if facts.pages is not None and self._is_size_proven(page):
            if page.end <= (facts.pages - 1) * page.size:
                says.append(True)
            elif not page.is_full and page.end <= facts.pages * page.size:
                says.append(False)
        if says:
            return any(says)
        if not new:
            # A full page of known records does not reach the end, and one that asks for little may be hidden.
            asked = page.start + page.size - self._offset
            is_small = bool(page.ids) and asked <= self._paging.rules.max_page_size // 2
            return page.is_full or is_small
        return page.is_full or not facts.short_page_is_last

    def _is_rest_hidden(self, page: CountedPage, total: int) -> bool:
        """Whether the rest of the total was asked for, and the store keeps it back: a plugin may hide records."""
        return self._is_size_proven(page) and 0 < page.count < page.size and page.start + page.size >= total

    def _is_size_proven(self, page: CountedPage) -> bool:
        """Whether the store was seen to give as many records as were asked for."""
        return page.is_full or page.size <= max(self._before.full, self._before.cap or 0)

    def _accept(self, page: CountedPage, new: list[int], *, follows: bool) -> NewRecords:
        before, facts = self._before, page.facts
        cap = before.cap
        full = max(before.full, page.size) if page.is_full else before.full
        if cap is not None and full > cap and not before.is_rigid:
            cap = None  # one page was short, and the store gives more
        if follows and page.ids and not page.is_full and page.size > full:
            cap = max(page.count, full, cap or 0)
        self._page, self._new = page, new
        self._before = replace(
            before,
            cap=cap,
            is_cap_proven=before.is_cap_proven and cap == before.cap,
            full=full,
            total=facts.total,
            is_unsteady=before.is_unsteady or (before.total is not None and facts.total != before.total),
            is_linked=before.is_linked or facts.more is True,
            is_silent=not facts.is_end_told,
            is_short=not facts.is_end_told and not page.is_full,
            top=before.top or page.entries.top,
        )
        self.is_done = not follows
        return NewRecords(page.entries.records, new)

    def _first_entries(self) -> Entries | None:
        return self._page.entries if self._page is not None and not self._page.start else None

    def position(self, consumed: int | None = None) -> Position:
        """The offset behind the records that were consumed."""
        before, page = self._before, self._page
        if page is None:
            return before
        end = page.count if consumed is None else consumed
        given = [page.ids[index] for index in self._new if index < end]
        offset = page.end if consumed is None else page.start + max(consumed - page.surplus, 0)
        head = (page.start, short_fingerprint(page.ids[0])) if page.ids else before.head
        is_short = before.is_short and consumed is None
        after = replace(before, page={"start": offset}, given=self._remember(given), head=head, is_short=is_short)
        return note_ties(self._order, after, page, self._new, end, self._paging.rules.max_page_size)

    # --------------------------------------------------------------------------------------------- what was given

    def _is_given(self, record_id: str) -> bool:
        print_ = short_fingerprint(record_id)
        return record_id in self._seen or print_ in self._before.given or print_ in self._before.tied

    def _is_tied(self, page: CountedPage, index: int) -> bool:
        order, key = self._order, self._before.key
        return order is not None and not order.is_unique and key is not None and page.entries.keys[index] == key

    def _grown(self, page: CountedPage) -> int:
        """By how much the total has grown since the page before; 0 if the store does not say."""
        if page.facts.total is None or self._before.total is None:
            return 0
        return page.facts.total - self._before.total

    def _incomplete(self, page: CountedPage) -> ProviderError:
        message = (
            f"the list is not whole: the store says {page.claims}, and gave no record behind the first {self._offset}, "
            f"asked for {_MAX_TRIES} times"
        )
        return self.pages.error(message, "incomplete_list", page.status)
