"""Walks through native lists: one class for lists that count their records, one for those that name the next page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from truto_unify.engine.cursor import Position
from truto_unify.engine.paging import OffsetBasedPaging
from truto_unify.engine.walks.by_cursor import CursorWalk
from truto_unify.engine.walks.by_offset import OffsetWalk
from truto_unify.engine.walks.shared_ids import tell_apart
from truto_unify.engine.walks.walk import (
    BrokenOrder,
    Entries,
    ListOrder,
    NewRecords,
    Walk,
    enter_natives,
    has_moved_up,
    identify,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from truto_unify.engine.native_pages import NativePage, NativePages

__all__ = [
    "BrokenOrder",
    "Entries",
    "ListOrder",
    "NewRecords",
    "Walk",
    "has_moved_up",
    "identify",
    "open_walk",
    "tell_apart",
]


def open_walk(
    pages: NativePages,
    position: Position | None = None,
    enter: Callable[[NativePage], Entries] = enter_natives,
    order: ListOrder | None = None,
) -> Walk:
    """A walk that begins at a position, or at the top of the list.

    Args:
        pages: the native list.
        position: of a cursor.
        enter: makes the entries of a page.
        order: how the list is sorted; None if its records do not show it.
    """
    start = position or Position(pages.paging.first())
    paging = pages.paging
    if isinstance(paging, OffsetBasedPaging):
        return OffsetWalk(pages, paging, start, enter, order)
    return CursorWalk(pages, start, enter, order)
