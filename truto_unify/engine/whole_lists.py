"""Reads the whole list that a side load declares, where that is cheaper than a request for each record."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

from truto_unify.engine.walks import open_walk
from truto_unify.errors import NotFoundError, PermissionDeniedError
from truto_unify.expressions import search_or_null

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

    from truto_unify.config.mapping import Whole
    from truto_unify.engine.native_pages import NativePages


@dataclass(frozen=True, slots=True)
class WholeRead:
    """What became of a whole list.

    Attributes:
        items: the items of each record, by its id; None if the list is not cheaper.
        requests: how many requests it took.
        told: the size of the list, or why it is not cheaper, in words.
    """

    items: Mapping[str, Sequence[Any]] | None
    requests: int
    told: str


def read_whole(
    whole: Whole, pages: NativePages, records: int, at_once: int, before_each: Callable[[], None]
) -> Generator[Any, Any, WholeRead]:
    """Reads the first page of the list unless there are few records, and the other pages if there are few.

    Pages follow each other, and requests for records run several at once: the list is cheaper if all its pages take no
    longer than those requests. A look that is in vain, or refused, must not matter.

    Args:
        whole: how the side load declares the list.
        pages: the list.
        records: how many records need the side load.
        at_once: how many requests for records would run at once.
        before_each: called before each request.

    Raises:
        ProviderError: no item names its record, or the list cannot be read whole.
    """
    if records <= at_once:
        return WholeRead(None, 0, "would save little")
    walk = open_walk(pages)
    before_each()
    try:
        first = yield from walk.read(walk.largest)
    except (NotFoundError, PermissionDeniedError) as refusal:  # the requests for records may be allowed all the same
        return WholeRead(None, pages.requests, f"is refused (HTTP {refusal.status_code})")
    if not walk.is_done:
        count = ceil(pages.total / (walk.largest or 1)) if pages.total is not None else None
        if count is None or count * at_once > records:
            told = "states no total" if count is None else f"has {count} pages"
            return WholeRead(None, pages.requests, told)
    rest = yield from walk.read_all(before_each)
    items = [*(first.records[index] for index in first.indexes), *rest]
    owned: defaultdict[str, list[Any]] = defaultdict(list)
    for item in items:
        owner = search_or_null(whole.key, item)
        if owner is not None:
            owned[str(owner)].append(item)
    if items and not owned:
        message = f"no item of the answer holds {whole.key.text}, so that they belong to no record"
        raise pages.error(message, "incomplete_list", 200)
    return WholeRead(owned, pages.requests, f"{_count(len(items), 'item')}, {_count(pages.requests, 'request')}")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun if number == 1 else noun + 's'}"
