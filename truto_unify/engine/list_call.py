"""The unified list from beginning to end, as a generator that yields what it needs done.

No step knows whether a synchronous or an asynchronous driver feeds it, and tests feed it plain lists.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from truto_unify.engine import cursor as cursors
from truto_unify.engine.list_read import ListRead, begin_list
from truto_unify.engine.local_query import matches, sort_key, sort_records
from truto_unify.engine.mapped_pages import read_mapped_page
from truto_unify.engine.shaping import RecordStats, collect_records, native_of
from truto_unify.engine.side_loads import load_sides, missing_loads
from truto_unify.redaction import masked_errors
from truto_unify.types import Account, Call, OnRecordError, Page, Request, Step

if TYPE_CHECKING:
    from truto_unify.engine.send import Settings
    from truto_unify.mapping.mapper import Mapper
    from truto_unify.mapping.record import UnifiedRecord

Flow = Generator[Step, Any, Any]


def list_records(
    mapper: Mapper,
    account: Account,
    call: Call,
    settings: Settings,
    *,
    as_json: bool = False,
) -> Flow:
    """The unified ``list``: one page, filled from as many native pages as it takes.

    Args:
        mapper: the mapping engine.
        account: whose store is asked.
        call: what is asked.
        settings: shared by all calls of the client.
        as_json: whether the caller wants the JSON of the records and not their fields.

    Returns:
        A page of ``UnifiedRecord``, still to be shaped (``shape_of``).

    Raises:
        CallError: the call is impossible, or cannot be served within the budget.
        ProviderError, TransportError, MappingError: see the error tree.
    """
    read = begin_list(mapper, account, call, settings)
    read.pages.list_path = mapper.list_paths[0] if as_json else None
    with masked_errors(read.route.redactor):
        if read.plan.sort is not None:
            page = yield from _read_sorted(read)
        else:
            page = yield from _read_in_order(read)
    return page


def list_request(read: ListRead) -> Request:
    """The first native request of a list call, without authorization."""
    position = read.start()
    page = position.page if position.after is None else read.pages.paging.first()
    return read.pages.request(page, position.size or read.page_size(read.call.limit))


def _read_in_order(read: ListRead) -> Generator[Any, Any, Page[UnifiedRecord]]:
    """Reads pages in the provider's order until the limit is filled or the end is reached."""
    position = read.start()
    limit = read.call.limit
    size = position.size or read.page_size(limit)
    page: Mapping[str, Any] | None = position.page
    kept: list[UnifiedRecord] = []
    while page is not None:
        native = yield from read_mapped_page(read, page, size)
        room = None if limit is None else limit - len(kept)
        skip = _given_out(native.records, position) if page is position.page else 0
        taken, consumed = _take(read, native.records, skip, room)
        kept += taken
        if consumed < len(native.records):
            return (yield from _finish(read, kept, _inside(read, page, native.records, consumed, size)))
        page = native.next_page
        if page is None or (limit is None and kept) or (limit is not None and len(kept) >= limit):
            break
        spent = read.spent_budget()
        if spent is not None:
            if not kept:
                raise read.over_budget(spent)
            break
        if limit is not None and read.pages.paging.has_free_size and not read.is_filtered:
            size = read.page_size(limit - len(kept))
    pinned = None if read.pages.paging.has_free_size else size
    return (yield from _finish(read, kept, cursors.Position(page, 0, pinned) if page is not None else None))


_MARKS = 8
"""How many records a cursor inside a page remembers: so many may go before it has to count instead."""


def _inside(
    read: ListRead, page: Mapping[str, Any], records: list[UnifiedRecord | None], consumed: int, size: int | None
) -> cursors.Position:
    """The place after so many records of a page."""
    inside, skip = read.pages.paging.position_after(page, consumed)
    if not skip:
        return cursors.Position(inside)
    ids = [record.id for record in records[:consumed] if record is not None and record.id is not None]
    return cursors.Position(inside, skip, size, marks=tuple(cursors.mark_record(one) for one in ids[-_MARKS:]))


def _given_out(records: list[UnifiedRecord | None], position: cursors.Position) -> int:
    """How many records of the cursor's page were given out before; others of them may be gone by now."""
    marked = [
        index
        for index, record in enumerate(records[: position.skip])
        if record is not None and cursors.mark_record(record.id) in position.marks
    ]
    return marked[-1] + 1 if marked else position.skip - len(position.marks)


def _take(
    read: ListRead, records: list[UnifiedRecord | None], skip: int, room: int | None
) -> tuple[list[UnifiedRecord], int]:
    """The records that pass the checks, as many as there is room for, and the place of the next that does."""
    if not read.plan.checks and None not in records:
        end = len(records) if room is None else min(len(records), skip + room)
        return [record for record in records[skip:end] if record is not None], end
    schema = read.mapper.mapping.schema
    taken: list[UnifiedRecord] = []
    for index, record in enumerate(records):
        if index >= skip and record is not None and matches(record.fields, read.plan.checks, schema):
            if room is not None and len(taken) == room:
                return taken, index
            taken.append(record)
    return taken, len(records)


def _read_sorted(read: ListRead) -> Generator[Any, Any, Page[UnifiedRecord]]:
    """Reads the whole list, sorts it, and gives the part after the cursor's (key, id)."""
    sort = read.plan.sort
    assert sort is not None  # noqa: S101 - list_records comes here only for an emulated sort
    position = read.start()
    records: list[UnifiedRecord] = []
    page: Mapping[str, Any] | None = read.pages.paging.first()
    size = read.pages.paging.max_size
    while page is not None:
        native = yield from read_mapped_page(read, page, size)
        records += _take(read, native.records, 0, None)[0]
        page = native.next_page
        spent = read.spent_budget() if page is not None else None
        if spent is not None:
            raise read.over_budget(spent)
    ordered = sort_records(records, sort)
    keys = [sort_key(record.fields, sort) for record in ordered]
    start = _index_after(keys, position, sort)
    end = start + (read.call.limit or max(len(ordered) - start, 1))
    following = None
    if end < len(ordered):
        following = cursors.Position(after=keys[end - 1], skip=keys[:end].count(keys[end - 1]))
    return (yield from _finish(read, ordered[start:end], following))


def _index_after(keys: list[tuple[int, str, str]], position: cursors.Position, sort: Any) -> int:
    """Where to go on: after as many records of this (key, id) as were given, or where they would stand if gone."""
    after = position.after
    if after is None:
        return 0

    def precedes(key: tuple[int, str, str]) -> bool:
        if key[0] != after[0]:
            return key[0] < after[0]
        if key[1] != after[1]:
            return key[1] > after[1] if sort.direction == "desc" else key[1] < after[1]
        return key[2] < after[2]

    return sum(1 for key in keys if precedes(key)) + min(keys.count(after), position.skip)


def _finish(
    read: ListRead, kept: list[UnifiedRecord], after: cursors.Position | None
) -> Generator[Any, Any, Page[UnifiedRecord]]:
    """The page of these records, completed by side loads."""
    call = read.call
    is_partial = any(record.is_partial for record in kept)
    if read.loads and kept:
        loaded = yield from load_sides(read.session, read.mapper, read.loads, [native_of(record) for record in kept])
        read.side_requests += loaded.requests
        # They are mapped a second time: what the first time had to say about them counts no more.
        stats = RecordStats(errors=read.stats.errors if call.on_record_error == "skip" else [])
        pairs = zip(loaded.natives, loaded.sides, strict=True)
        records = (read.mapper.map_native(native, context=read.route.context, loaded=sides) for native, sides in pairs)
        policy: OnRecordError = "raise" if call.on_record_error == "raise" else "keep_raw"
        collected = collect_records(read.mapper, records, policy=policy, stats=stats)
        stats.fallbacks = read.stats.fallbacks
        read.stats = stats
        kept = [record for record in collected if record is not None]
        is_partial = _is_partial(read, [native.value for native in loaded.natives])
    fallback_count = read.stats.fallbacks if read.as_json else 0
    if fallback_count and read.settings.on_fallback is not None:
        read.settings.on_fallback(fallback_count)
    return Page(
        result=kept,
        next_cursor=cursors.write_cursor(after, read.binding, read.settings.cursor_key) if after else None,
        is_partial_response=is_partial,
        query_plan=read.plan.entries,
        record_errors=tuple(replace(one, message=read.route.redactor.text(one.message)) for one in read.stats.errors),
        unmapped=dict(read.stats.unmapped),
        request_count=read.pages.requests + read.side_requests,
        fallback_count=fallback_count,
        rate_limit=read.session.meter.last,
    )


def _is_partial(read: ListRead, natives: list[Any]) -> bool:
    """Whether ``get`` would give more than the list and its side loads for at least one of these records."""
    return any(map(read.mapper.is_partial, natives)) or missing_loads(read.mapper, read.loads, natives)
