"""What every walk through a native list shares: each record comes once, and the list ends only if everything agrees."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from truto_unify.engine.cursor import Position, Top, fingerprint, short_fingerprint
from truto_unify.engine.walks.shared_ids import tell_apart

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping, Sequence

    from truto_unify.engine.native_pages import NativePage, NativePages

MAX_REMEMBERED = 8
"""Records that a cursor remembers: so many of the last records may be deleted before a page has to be searched for."""
_NO_ID = "no id: "


@dataclass(frozen=True, slots=True)
class ListOrder:
    """How a list is sorted, as far as its records show it.

    Attributes:
        field: the unified field; its value is the key of a record.
        is_descending: whether the largest key comes first.
        is_unique: whether the store has a second key, so that records of the same key never change places.
        is_by_change: whether an update moves a record.
        is_asked_for: whether the caller asked for the order, so that it must hold.
    """

    field: str
    is_descending: bool = False
    is_unique: bool = True
    is_by_change: bool = False
    is_asked_for: bool = False

    def precedes(self, key: str | None, other: str | None) -> bool:
        """Whether a record with the first key comes before one with the second; False if either has none."""
        if key is None or other is None:
            return False
        return key > other if self.is_descending else key < other


class BrokenOrder(Exception):
    """The store cannot be read in the order that was asked for."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Entries:
    """The records of one native page.

    Attributes:
        records: as the caller of the walk wants them.
        ids: what tells each record from the others of its list.
        keys: what each record is sorted by; None for a record that does not show it.
    """

    records: Sequence[Any]
    ids: Sequence[str]
    keys: Sequence[str | None]

    @property
    def top(self) -> Top | None:
        """The first record; None if there is no record."""
        return (short_fingerprint(self.ids[0]), self.keys[0]) if self.ids else None


@dataclass(frozen=True, slots=True)
class NewRecords:
    """What one native page adds to the list.

    Attributes:
        records: all records of the page.
        indexes: those of them that were not given before.
    """

    records: Sequence[Any]
    indexes: Sequence[int]


def identify(native: Any) -> str:
    """What tells a native record from the others of its list: its id, or else everything that it holds."""
    if isinstance(native, dict) and isinstance(native.get("id"), str | int):
        return str(native["id"])
    is_text = not isinstance(native, dict | list | str | int | float | None)  # the bytes of a record, in any buffer
    content = fingerprint(str(bytes(native), "utf-8", "replace") if is_text else json.dumps(native, sort_keys=True))
    has_id = isinstance(native, dict) and any(name.lower().endswith("id") and native[name] for name in native)
    return content if has_id else _NO_ID + content


def has_moved_up(top: Top, top_now: Top | None) -> bool:
    """Whether records moved to the top of a list that is sorted by the newest change.

    The id decides only if the times are equal: a record may move to the top, and the record that was first may pass it.

    >>> has_moved_up(("3f", "2024-01-02T00:00:00"), ("3f", "2024-01-03T00:00:00"))
    True
    >>> has_moved_up(("3f", "2024-01-02T00:00:00"), ("8a", "2024-01-01T00:00:00"))  # the first record was deleted
    False
    """
    if top_now is None:
        return True
    (record, key), (record_now, key_now) = top, top_now
    if key is None or key_now is None or key == key_now:
        return record is not None and record != record_now
    return key_now > key


def has_own_id(identity: str) -> bool:
    """Whether an identity tells a record from all others; two equal records without an id may well be two."""
    return not identity.startswith(_NO_ID)


def enter_natives(page: NativePage) -> Entries:
    """The entries of a page whose records stay native."""
    ids, _ = tell_apart([identify(native) for native in page.records], page.records)
    return Entries(page.records, ids, [None] * len(page.records))


class Walk(ABC):
    """One call's way through a native list.

    Args:
        pages: the native list.
        position: where the walk begins.
        enter: makes the entries of a page.
        order: how the list is sorted; None if nothing shows it.

    Attributes:
        is_done: whether the list has ended.
        may_have_changed: whether the store left no means to tell which records were given before.
        shortfall: how many records fewer than wanted came on pages that are complete all the same.
    """

    def __init__(
        self,
        pages: NativePages,
        position: Position,
        enter: Callable[[NativePage], Entries],
        order: ListOrder | None,
    ) -> None:
        self.pages = pages
        self.is_done = False
        self.may_have_changed = False
        self.shortfall = 0
        self._before = position
        self._is_continued = bool(position.given)
        self._enter = enter
        self._order = order
        self._seen: set[str] = set()

    @property
    def largest(self) -> int | None:
        """Records that a page holds at most; None if the list has only one page."""
        return self.pages.paging.max_size

    @property
    def order(self) -> ListOrder | None:
        """How the list is sorted; None if nothing shows it, or a page was out of order."""
        return self._order

    @abstractmethod
    def next_page(self, wanted: int | None) -> tuple[Mapping[str, Any], int | None]:
        """The page that is read next, and the size that is asked for."""

    @abstractmethod
    def read(self, wanted: int | None) -> Generator[Any, Any, NewRecords]:
        """Reads the next page.

        Args:
            wanted: how many new records it is to hold at most.

        Raises:
            ProviderError: code ``incomplete_list``, ``pagination_loop`` or ``sort_ignored``: the list cannot be read.
            BrokenOrder: the engine has to sort the list.
        """

    @abstractmethod
    def position(self, consumed: int | None = None) -> Position:
        """Where the list goes on, after so many records of the page that was read last, or after all of them."""

    def read_all(self, before_each: Callable[[], None] = lambda: None) -> Generator[Any, Any, list[Any]]:
        """Reads every record; ``before_each`` is called before each page but the first."""
        records: list[Any] = []
        while not self.is_done:
            if self.pages.requests:
                before_each()
            new = yield from self.read(self.largest)
            records += [new.records[index] for index in new.indexes]
        if self.may_have_changed:
            message = "records came or went while the list was read, and the store leaves no means to tell which"
            raise self.pages.error(message, "incomplete_list", 200)
        return records

    def look_at_top(self) -> Generator[Any, Any, None]:
        """Looks whether records moved to the top of a list that is sorted by the newest change: they were missed."""
        order, top = self._order, self._before.top
        if order is None or not (order.is_by_change and order.is_descending and top is not None):
            return
        entries = self._first_entries()
        if entries is None:
            entries = self._enter((yield from self.pages.read(self.pages.paging.first(), self.largest)))
        self.may_have_changed |= has_moved_up(top, entries.top)

    @abstractmethod
    def _first_entries(self) -> Entries | None:
        """The page that was read last, if the list begins with it; None if it begins before."""

    def _check_order(self, entries: Entries, status: int) -> None:
        """Finds out a store that ignores the sort."""
        order = self._order
        if order is not None and any(order.precedes(later, earlier) for earlier, later in pairwise(entries.keys)):
            self._refuse_order(status)

    def _refuse_order(self, status: int) -> None:
        order = self._order
        if order is None or not order.is_asked_for:
            self._order = None  # the default order of the mapping is a preference, and nothing relies on it now
        elif self._is_continued:
            raise self.pages.error(f"the provider ignores the sort by {order.field}", "sort_ignored", status)
        else:
            raise BrokenOrder("the provider gave the records out of order")

    def _remember(self, ids: Iterable[str]) -> tuple[str, ...]:
        """The fingerprints of the last records given, once these are given too."""
        last = list(ids)[-MAX_REMEMBERED:]
        return (*self._before.given, *map(short_fingerprint, last))[-MAX_REMEMBERED:]

    def _find_new(self, ids: Sequence[str], indexes: Iterable[int], known: frozenset[str]) -> list[int]:
        """The indexes of records that were not given before, and are not on the page twice."""
        new: list[int] = []
        for index in indexes:
            record_id = ids[index]
            if not has_own_id(record_id):
                new.append(index)
            elif record_id not in self._seen and not (known and short_fingerprint(record_id) in known):
                self._seen.add(record_id)
                new.append(index)
        return new
