"""The unified list from beginning to end, as a generator that yields what it needs done.

No step knows whether a synchronous or an asynchronous driver feeds it, and tests feed it plain lists.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from truto_unify.engine import cursor as cursors
from truto_unify.engine.list_read import ListRead, begin_list
from truto_unify.engine.list_walk import Fresh, Walk, open_walk
from truto_unify.engine.local_query import matches, sort_key, sort_records
from truto_unify.engine.mapped_pages import enter_mapped
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
    read.pages.records_path = mapper.records_paths[0] if as_json else None
    with masked_errors(read.route.redactor):
        if read.plan.sort is not None:
            page = yield from _read_sorted(read)
        else:
            page = yield from _read_in_order(read)
    return page


def list_request(read: ListRead) -> Request:
    """The first native request of a list call, without authorization."""
    position = read.start()
    walk = open_walk(read.pages, None if position.after is not None else position, partial(enter_mapped, read))
    return read.pages.request(*walk.next_page(read.page_size(read.call.limit, walk.largest)))


def _read_in_order(read: ListRead) -> Generator[Any, Any, Page[UnifiedRecord]]:
    """Reads pages in the provider's order until the limit is filled or the end is reached."""
    limit = read.call.limit
    kept: list[UnifiedRecord] = []
    walk = open_walk(read.pages, read.start(), partial(enter_mapped, read))
    size = read.page_size(limit, walk.largest)
    while True:
        fresh = yield from walk.read(size)
        taken, consumed = _take(read, fresh, None if limit is None else limit - len(kept))
        kept += taken
        if consumed is not None:
            return (yield from _finish(read, kept, walk.position(consumed), walk))
        if walk.is_done or (limit is None and kept) or (limit is not None and _is_enough(read, walk, limit, kept)):
            break
        spent = read.spent_budget()
        if spent is not None:
            if not kept:
                raise read.over_budget(spent)
            break
        if limit is not None and read.pages.paging.has_free_size and not read.is_filtered:
            size = read.page_size(limit - len(kept), walk.largest)
    return (yield from _finish(read, kept, None if walk.is_done else walk.position(), walk))


def _is_enough(read: ListRead, walk: Walk, limit: int, kept: list[UnifiedRecord]) -> bool:
    """Whether a page is filled, or lacks no more than what native pages that came whole had too few."""
    return len(kept) >= limit or (bool(kept) and not read.is_filtered and limit - len(kept) <= walk.missed)


def _take(read: ListRead, fresh: Fresh, room: int | None) -> tuple[list[UnifiedRecord], int | None]:
    """The records that pass the checks, as many as there is room for, and the place of the next that does."""
    records, checks, schema = fresh.records, read.plan.checks, read.mapper.mapping.schema
    taken: list[UnifiedRecord] = []
    for index in fresh.indexes:
        record = records[index]
        if record is not None and (not checks or matches(record.fields, checks, schema)):
            if room is not None and len(taken) == room:
                return taken, index
            taken.append(record)
    return taken, None


def _read_sorted(read: ListRead) -> Generator[Any, Any, Page[UnifiedRecord]]:
    """Reads the whole list, sorts it, and gives the part after the cursor's (key, id)."""
    sort = read.plan.sort
    assert sort is not None  # noqa: S101 - list_records comes here only for an emulated sort
    position = read.start()
    records: list[UnifiedRecord] = []
    walk = open_walk(read.pages, None, partial(enter_mapped, read))
    while True:
        fresh = yield from walk.read(walk.largest)
        records += _take(read, fresh, None)[0]
        if walk.is_done:
            break
        spent = read.spent_budget()
        if spent is not None:
            raise read.over_budget(spent)
    ordered = sort_records(records, sort)
    keys = [sort_key(record.fields, sort) for record in ordered]
    start = _index_after(keys, position, sort)
    end = start + (read.call.limit or max(len(ordered) - start, 1))
    following = None
    if end < len(ordered):
        following = cursors.Position(after=keys[end - 1], skip=keys[:end].count(keys[end - 1]))
    return (yield from _finish(read, ordered[start:end], following, walk))


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
    read: ListRead, kept: list[UnifiedRecord], after: cursors.Position | None, walk: Walk
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
    return Page(
        result=kept,
        next_cursor=cursors.write_cursor(after, read.binding, read.settings.cursor_key) if after else None,
        is_partial_response=is_partial,
        may_have_changed=walk.may_have_changed,
        query_plan=read.plan.entries,
        record_errors=tuple(replace(one, message=read.route.redactor.text(one.message)) for one in read.stats.errors),
        unmapped=dict(read.stats.unmapped),
        request_count=read.pages.requests + read.side_requests,
        fallback_count=read.stats.fallbacks if read.as_json else 0,
        rate_limit=read.session.meter.last,
    )


def _is_partial(read: ListRead, natives: list[Any]) -> bool:
    """Whether ``get`` would give more than the list and its side loads for at least one of these records."""
    return any(map(read.mapper.is_partial, natives)) or missing_loads(read.mapper, read.loads, natives)
