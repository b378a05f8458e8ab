"""The unified list from beginning to end, as a generator that yields what it needs done.

No step knows whether a synchronous or an asynchronous driver feeds it, and tests feed it plain lists.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from truto_unify.engine import cursor as cursors
from truto_unify.engine.cursor import Position
from truto_unify.engine.list_order import CHANGE_TIME, record_key
from truto_unify.engine.list_read import ListRead, begin_list, keep_default_order, sort_here
from truto_unify.engine.local_query import matches, sort_key, sort_records
from truto_unify.engine.mapped_pages import enter_mapped
from truto_unify.engine.shaping import RecordStats, collect_records, native_of
from truto_unify.engine.side_loads import load_sides, missing_loads
from truto_unify.engine.walks import BrokenOrder, NewRecords, Walk, has_moved_up, open_walk
from truto_unify.redaction import masked_errors
from truto_unify.reports import MappingReport
from truto_unify.steps import Step
from truto_unify.types import Account, Call, OnRecordError, Page, RecordError, Request

if TYPE_CHECKING:
    from truto_unify.engine.cursor import Top
    from truto_unify.engine.send import Settings
    from truto_unify.mapping.mapper import Mapper
    from truto_unify.mapping.record import NativeRecord, UnifiedRecord
    from truto_unify.types import Sort

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
    read.pages.list_path = mapper.list_paths[0] if as_json and not read.pages.paging.reads_body else None
    with masked_errors(read.route.redactor):
        position = read.start()
        if position.is_default_order:
            read = keep_default_order(read)
        if read.plan.sort is None and position.after is None:
            try:
                return (yield from _read_in_order(read, position))
            except BrokenOrder as broken:
                if read.plan.is_order_chosen and not call.next_cursor:
                    read = keep_default_order(read)
                    return (yield from _read_in_order(read, replace(read.start(), is_default_order=True)))
                position = _after_last_key(read, position)
                read = sort_here(read, broken.reason)
        elif read.plan.sort is None:
            read = sort_here(read, "the pages before were sorted by the engine")
        return (yield from _read_sorted(read, position))


def list_request(read: ListRead) -> Request:
    """The first native request of a list call, without authorization."""
    position = read.start()
    walk = _open_walk(read, None if position.after is not None else position)
    return read.pages.request(*walk.next_page(read.page_size(read.call.limit, walk.largest)))


def _open_walk(read: ListRead, position: Position | None) -> Walk:
    return open_walk(read.pages, position, partial(enter_mapped, read), read.order)


def _read_in_order(read: ListRead, position: Position) -> Generator[Any, Any, Page[UnifiedRecord]]:
    """Reads pages in the provider's order until the limit is filled or the end is reached."""
    limit = read.call.limit
    records: list[UnifiedRecord] = []
    walk = _open_walk(read, position)
    size = read.page_size(limit, walk.largest)
    while True:
        new = yield from walk.read(size)
        size = read.pages.fitting_size(size)
        passing, consumed = _select(read, new, size, None if limit is None else limit - len(records))
        records += passing
        if consumed is not None:
            return (yield from _finish(read, records, walk.position(consumed), walk))
        if walk.is_done or _has_passed(read, walk, new):
            yield from walk.look_at_top()
            return (yield from _finish(read, records, None, walk))
        if (limit is None and records) or (limit is not None and _is_enough(read, walk, records)):
            break
        spent = read.spent_budget()
        if spent is not None:
            if not records:
                raise read.over_budget(spent)
            break
        if limit is not None and read.pages.paging.has_free_size and not read.is_filtered:
            size = read.page_size(limit - len(records), walk.largest)
    return (yield from _finish(read, records, walk.position(), walk))


def _has_passed(read: ListRead, walk: Walk, new: NewRecords) -> bool:
    """Whether no record behind this page passes a date filter, because the list is sorted by that date.

    A page on which all records have the same key does not show its order, and proves nothing.
    """
    last, order = read.last_key, walk.order
    if last is None or order is None:
        return False
    mapped = [record for record in new.records if record is not None]
    keys = [key for record in mapped if (key := record_key(record.fields, order.field)) is not None]
    return bool(keys) and order.precedes(keys[0], keys[-1]) and order.precedes(last, keys[-1])


def _is_enough(read: ListRead, walk: Walk, records: list[UnifiedRecord]) -> bool:
    """Whether a page is filled, or lacks no more than what complete native pages had too few."""
    missing = (read.call.limit or 0) - len(records)
    return missing <= 0 or (bool(records) and not read.is_filtered and missing <= walk.shortfall)


def _select(
    read: ListRead, new: NewRecords, size: int | None, room: int | None
) -> tuple[list[UnifiedRecord], int | None]:
    """The new records that pass the filters, as many as there is room for, and the index of the next that does.

    Raises:
        ProviderError: the page is full, and none of its records fits a filter that the provider is said to serve.
    """
    checks, schema = read.plan.checks, read.mapper.mapping.schema
    mapped = [new.records[index] for index in new.indexes]
    collected = collect_records(read.mapper, mapped, policy=read.call.on_record_error, stats=read.stats)
    # The rest of a page that overlaps the one before proves nothing.
    if size is not None and len(new.indexes) == len(new.records) >= size:
        _check_exact_filters(read, [record for record in collected if record is not None])
    passing: list[UnifiedRecord] = []
    for index, record in zip(new.indexes, collected, strict=True):
        if record is None or not read.exact.accepts(record.fields):
            continue
        if not checks or matches(record.fields, checks, schema):
            if room is not None and len(passing) == room:
                return passing, index
            passing.append(record)
    return passing, None


def _check_exact_filters(read: ListRead, records: list[UnifiedRecord]) -> None:
    parameter = read.exact.ignored_by([record.fields for record in records])
    if parameter is not None:
        message = (
            f"the provider ignores the filter {parameter}: none of the {len(records)} records of a full page matches; "
            "without the filter in the mapping it is emulated"
        )
        raise read.pages.error(message, "filter_ignored", 200)


def _read_sorted(read: ListRead, position: Position) -> Generator[Any, Any, Page[UnifiedRecord]]:
    """Reads the whole list, sorts it, and gives the part after the cursor's (key, id)."""
    sort = read.plan.sort
    assert sort is not None  # noqa: S101 - list_records comes here only for an emulated sort
    records: list[UnifiedRecord] = []
    walk = _open_walk(read, None)
    while True:
        new = yield from walk.read(walk.largest)
        records += _select(read, new, read.pages.fitting_size(walk.largest), None)[0]
        if walk.is_done or _has_passed(read, walk, new):
            break
        spent = read.spent_budget()
        if spent is not None:
            raise read.over_budget(spent)
    ordered = sort_records(records, sort)
    top = _top_of(ordered, sort)
    if position.tied:
        ordered = [record for record in ordered if cursors.short_fingerprint(record.id or "") not in position.tied]
    keys = [sort_key(record.fields, sort) for record in ordered]
    start = _index_after(keys, position, sort)
    end = start + (read.call.limit or max(len(ordered) - start, 1))
    following = None
    if end < len(ordered):
        repeats = keys[:end].count(keys[end - 1])
        passed = position.passed + end - start
        following = Position(
            after=keys[end - 1], skip=repeats, tied=position.tied, top=position.top or top, passed=passed
        )
    elif position.top is not None and sort.field == CHANGE_TIME and sort.direction == "desc":
        # Records that moved while the first page was read may stand below its top: more come before than were given.
        is_longer = start > position.passed and not position.tied
        walk.may_have_changed |= is_longer or has_moved_up(position.top, top)
    return (yield from _finish(read, ordered[start:end], following, walk))


def _top_of(ordered: list[UnifiedRecord], sort: Sort) -> Top | None:
    if not ordered:
        return None
    return (cursors.short_fingerprint(ordered[0].id or ""), record_key(ordered[0].fields, sort.field))


def _after_last_key(read: ListRead, position: Position) -> Position:
    """The place in the engine's own order of a list that was begun in the provider's order.

    Raises:
        ProviderError: the cursor does not tell which records of the last key were given, because they are very many.
    """
    if position.key is None:
        return Position()
    assert read.order is not None  # noqa: S101 - only an order that is known can be broken
    if position.forgets_ties:
        message = (
            f"more than {len(position.tied)} records share one {read.order.field}, and the provider does not keep "
            "their order, so that the list cannot go on from a cursor; read it in one call, or sort it by another field"
        )
        raise read.pages.error(message, "incomplete_list", 200)
    # A key is a whole second; the records of that second that were given are left out by their fingerprints.
    edge = ".999999+00:00" if read.order.is_descending else ".000000+00:00"
    if read.order.field == "id":
        edge = ""
    top = position.top and (None, position.top[1])  # records of the same key came in no settled order
    return Position(after=(0, position.key + edge, ""), tied=position.tied, top=top)


def _index_after(keys: list[tuple[int, str, str]], position: Position, sort: Sort) -> int:
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
    read: ListRead, records: list[UnifiedRecord], after: Position | None, walk: Walk
) -> Generator[Any, Any, Page[UnifiedRecord]]:
    """The page of these records, completed by side loads."""
    call = read.call
    is_partial = any(record.is_partial for record in records)
    shortages: tuple[str, ...] = ()
    if read.loads and records:
        loaded = yield from load_sides(read.session, read.mapper, read.loads, [native_of(record) for record in records])
        read.side_requests += loaded.requests
        shortages = loaded.shortages
        read.ways = loaded.entries
        # They are mapped a second time: what the first time had to say about them counts no more.
        stats = RecordStats(errors=read.stats.errors if call.on_record_error == "skip" else [])
        mapped = (_map_again(read, *each) for each in zip(records, loaded.natives, loaded.sides, strict=True))
        policy: OnRecordError = "raise" if call.on_record_error == "raise" else "keep_raw"
        collected = collect_records(read.mapper, mapped, policy=policy, stats=stats)
        stats.fallbacks = read.stats.fallbacks
        read.stats = stats
        records = [record for record in collected if record is not None]
        is_partial = _is_partial(read, [native.value for native in loaded.natives])
    fallback_count = read.stats.fallbacks if read.as_json else 0
    if read.settings.on_mapped is not None:
        report = MappingReport(
            provider=read.route.provider.slug,
            resource=call.resource,
            record_count=len(records),
            error_count=len(read.stats.errors),
            unmapped_count=read.stats.unmapped.total(),
            fallback_count=fallback_count,
        )
        read.settings.on_mapped(report)
    return Page(
        result=records,
        next_cursor=cursors.write_cursor(after, read.fingerprint, read.settings.cursor_key) if after else None,
        is_partial_response=is_partial or bool(shortages),
        partial_reasons=shortages,
        may_have_changed=walk.may_have_changed,
        query_plan=(*read.exact.counted(read.plan.entries), *read.ways),
        record_errors=_redacted_errors(read),
        unmapped=dict(read.stats.unmapped),
        total=None if read.is_filtered else read.pages.total,
        request_count=read.pages.requests + read.side_requests,
        fallback_count=fallback_count,
        rate_limit=read.session.meter.last,
    )


def _map_again(read: ListRead, before: UnifiedRecord, native: NativeRecord, sides: dict[str, Any]) -> UnifiedRecord:
    """The record with its side loads; that it shares its id is a fault which only its page shows."""
    record = read.mapper.map_native(native, context=read.route.context, loaded=sides)
    if before.shares_id:
        record.faults = [*record.faults, before.faults[-1]]
    return record


def _redacted_errors(read: ListRead) -> tuple[RecordError, ...]:
    redactor = read.route.redactor
    return tuple(replace(error, message=redactor.text(error.message)) for error in read.stats.errors)


def _is_partial(read: ListRead, natives: list[Any]) -> bool:
    """Whether ``get`` would give more than the list and its side loads for at least one of these records."""
    return any(map(read.mapper.is_partial, natives)) or missing_loads(read.mapper, read.loads, natives)
