"""Records of the same key, which the store may order anew for each request; offsets say how many share it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from truto_unify.engine.cursor import short_fingerprint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from truto_unify.engine.cursor import Position
    from truto_unify.engine.walks.counted_page import CountedPage
    from truto_unify.engine.walks.walk import ListOrder

_MAX_TIED = 250
"""Records of the last key that a cursor remembers, unless a page can show more: each adds 15 letters to the cursor."""


def count_missing(
    order: ListOrder | None, before: Position, page: CountedPage, new: Sequence[int], *, follows: bool
) -> int:
    """How many records of the last key given neither came before nor stand on this page.

    Args:
        order: how the list is sorted.
        before: the position behind the last record given.
        page: the page that is read now.
        new: the indexes of its records that did not come before.
        follows: whether the list goes on behind the page.
    """
    keys = page.entries.keys
    if order is None or order.is_unique or before.key is None or not page.start:
        return 0
    if not keys:
        return 0 if follows else max(before.page["start"] - before.tie_start - before.tie_count, 0)
    if order.precedes(keys[0], before.key):
        return 0  # the page holds them all
    beyond = next((index for index, key in enumerate(keys) if order.precedes(before.key, key)), None)
    if beyond is None and follows:
        return 0
    end = page.end if beyond is None else page.start + beyond
    came = before.tie_count + sum(keys[index] == before.key for index in new)
    return max(end - before.tie_start - came, 0)


def shows_ties(order: ListOrder | None, before: Position, page: CountedPage, first: int, *, follows: bool) -> bool:
    """Whether a page shows all records of the last key given.

    Args:
        order: how the list is sorted.
        before: the position behind the last record given.
        page: the page that is read now.
        first: the smallest offset that the first of these records may have now.
        follows: whether the list goes on behind the page.
    """
    keys = page.entries.keys
    if order is None or order.is_unique or before.key is None or not keys:
        return True
    shows_begin = page.start <= max(first, 0) or order.precedes(keys[0], before.key)
    return shows_begin and (not follows or order.precedes(before.key, keys[-1]))


def differs_from_given(before: Position, page: CountedPage) -> bool:
    """Whether a page that begins before the last record given shows others there than were given, or another order.

    Then records moved, or the store has no order for records of the same key.

    Args:
        before: the position behind the last record given.
        page: the page.
    """
    repeated = page.ids[: max(before.page["start"] - page.start, 0)][-len(before.given) :]
    return tuple(map(short_fingerprint, repeated)) != before.given[len(before.given) - len(repeated) :]


def note_ties(
    order: ListOrder | None, after: Position, page: CountedPage, new: Sequence[int], end: int, largest: int
) -> Position:
    """The position with the last key given, and the records that share it.

    Args:
        order: how the list is sorted.
        after: the position behind this page, with the key and the ties of the position before.
        page: the page that was read.
        new: the indexes of its records that did not come before.
        end: how many of its records are consumed.
        largest: how many records a page shows at most.
    """
    keys = page.entries.keys
    if order is None or not end or keys[end - 1] is None:
        return replace(after, key=None, tied=(), tie_count=0, is_tie_open=False) if end else after
    key = keys[end - 1]
    first = next(index for index, other in enumerate(keys) if other == key)
    if order.is_unique:
        return replace(after, key=key)
    is_same = key == after.key
    ids = [page.ids[index] for index in new if first <= index < end and keys[index] == key]
    tied = (*(after.tied if is_same else ()), *map(short_fingerprint, ids))
    # Pages that cannot overlap show no order of ties, so that only the fingerprints tell which came before.
    most = len(tied) if after.is_rigid else max(_MAX_TIED, largest)
    return replace(
        after,
        key=key,
        tied=tied[-most:],
        tie_count=(after.tie_count if is_same else 0) + len(ids),
        tie_start=min(after.tie_start, page.start + first) if is_same else page.start + first,
        is_tie_open=end < page.count and keys[end] == key,
        has_ties=after.has_ties or any(earlier == later for earlier, later in pairwise(keys)),
    )
