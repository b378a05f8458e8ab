"""Chooses the pages of a list that is asked for by number or offset: where each begins, and how long it is."""

from __future__ import annotations

from dataclasses import replace
from math import ceil
from typing import TYPE_CHECKING, Any

from truto_unify.engine.walks.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from truto_unify.engine.cursor import Position
    from truto_unify.engine.native_pages import NativePage, NativePages
    from truto_unify.engine.paging import OffsetBasedPaging
    from truto_unify.engine.walks.walk import Entries, ListOrder


class OffsetWindows(Walk):
    """The part of a walk by offsets that knows which page is next."""

    def __init__(
        self,
        pages: NativePages,
        paging: OffsetBasedPaging[Any],
        position: Position,
        enter: Callable[[NativePage], Entries],
        order: ListOrder | None,
    ) -> None:
        if paging.is_size_fixed and not paging.has_free_start:
            position = replace(position, is_rigid=True)  # pages of one size, at multiples of it, cannot overlap
        super().__init__(pages, position, enter, order)
        self._paging = paging
        self._reached = 0  # up to here everything was asked for, though some of it may be hidden

    @property
    def largest(self) -> int:
        """The declared page size, or what the store was found to give at most."""
        cap = self._before.cap
        return self._paging.rules.max_page_size if cap is None or self._doubts_cap else cap

    @property
    def _doubts_cap(self) -> bool:
        """Whether the declared page size is asked for again: one page was short, and pages of its size come full."""
        before = self._before
        return before.cap is not None and not before.is_cap_proven and before.full >= before.cap

    @property
    def _moves_down(self) -> bool:
        """Whether a record that changes moves to the end, so that the total does not tell that others moved up."""
        return self._order is not None and self._order.is_by_change and not self._order.is_descending

    @property
    def _is_fall_seen(self) -> bool:
        """Whether the total tells that records moved up."""
        return self._before.total is not None and not self._before.is_total_wrong and not self._moves_down

    @property
    def _has_ties(self) -> bool:
        """Whether records of one key were seen, so that the page behind them has to show them once more."""
        return self._order is not None and not self._order.is_unique and self._before.has_ties

    @property
    def _offset(self) -> int:
        """How many records of the list lie behind."""
        return int(self._before.page["start"])

    def next_page(self, wanted: int | None) -> tuple[Mapping[str, Any], int | None]:
        """The page that holds what comes behind the last record given."""
        start, size = self._first_window(self._count_wanted(wanted))
        return self._state(start), size

    def _count_wanted(self, wanted: int | None) -> int:
        """How many new records the page is to hold.

        A list that tells no end is read in whole pages, and so is one whose store has a page size of its own.
        """
        before = self._before
        is_whole = before.is_silent or (before.is_rigid and before.cap is not None) or self._paging.is_size_fixed
        return self.largest if is_whole else min(wanted or self.largest, self.largest)

    def _first_window(self, wanted: int) -> tuple[int, int]:
        first = self._before.tie_start - (not self._is_fall_seen)
        if self._before.is_tie_open and self._offset - first < self.largest:
            return self._window(first, wanted)
        overlap = self._overlap(wanted)
        return self._window(self._offset - overlap, wanted, needs_first=self._moves_down or overlap > 1)

    def _window(
        self, first: int, wanted: int, place: int | None = None, *, needs_first: bool = False
    ) -> tuple[int, int]:
        """Start and size of a page that begins at ``first`` and holds the wanted records from ``place`` on.

        A page that shows the end may begin at ``place``, unless it needs what comes before.
        """
        first = max(first, 0)
        place = max(self._offset, self._reached) if place is None else place
        place = max(place, first)
        widest = max(self.largest, min(place - first + 1, self._paging.rules.max_page_size))
        start, size = self._paging.window(first, place, wanted, widest)
        if self._before.total == start + size and not self._before.is_rigid:
            # To see whether the list ends where the store says costs nothing.
            begins = (max(first, start),) if needs_first else (max(first, start), place)
            # The number of a page that the store cuts means another place, which only a key shows.
            is_shown = self._paging.has_free_start or self._before.key is not None
            most = self.largest if is_shown else max(self._before.full, size)
            over = (self._paging.window_over(begin, start + size, most) for begin in begins)
            start, size = next(filter(None, over), (start, size))
        return start, size

    def _overlap(self, wanted: int) -> int:
        """How many records are asked for again: what a shift is found out by, or what costs nothing."""
        before, offset = self._before, self._offset
        if not offset or before.is_rigid or before.is_short:
            return 0
        if not self._is_fall_seen or before.total is None or before.forgets_ties:
            return 2 if self._has_ties else 1
        left = before.total - offset
        if self._paging.has_free_start:
            requests, lost = ceil(left / self.largest), 1
            return 1 if wanted < self.largest or requests * self.largest - left >= requests else 0
        requests, lost = ceil(left / wanted), 2 * (offset // wanted + 1)  # numbered pages shrink with each overlap
        return 1 if requests * wanted - left >= lost * requests else 0

    def _state(self, start: int) -> dict[str, Any]:
        # The numbers of a store that caps its pages count in pages of its own.
        before = self._before
        by_offset = before.ignores_size or (before.cap is not None and not before.is_rigid)
        return {"start": start, **({"by_offset": True} if by_offset else {})}
