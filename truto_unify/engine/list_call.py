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
from truto_unify.engine.mapped_pages import Made, enter_mapped
from truto_unify.engine.shaping import RecordTally, collect_records, shape_record
from truto_unify.engine.side_loads import as_text_of, load_sides, missing_loads
from truto_unify.mapping.json_text import RecordText
from truto_unify.redaction import masked_errors
from truto_unify.types import Account, Call, NativeText, OnRecordError, Page, Request, Step

if TYPE_CHECKING:
    from truto_unify.engine.send import Settings
    from truto_unify.mapping.mapper import Mapper

Flow = Generator[Step, Any, Any]


def list_records(
    mapper: Mapper,
    account: Account,
    call: Call,
    settings: Settings,
    *,
    as_text: bool = False,
    is_written: bool = False,
) -> Flow:
    """The unified ``list``: one page, filled from as many native pages as it takes.

    Args:
        mapper: the mapping engine.
        account: whose store is asked.
        call: what is asked.
        settings: shared by all calls of the client.
        as_text: the ``remote_data`` of each record is a ``NativeText``.
        is_written: with ``as_text``, a record of which all is known from its bytes may be a ``RecordText``.

    Raises:
        CallError: the call is impossible, or cannot be served within the budget.
        ProviderError, TransportError, MappingError: see the error tree.
    """
    read = begin_list(mapper, account, call, settings)
    read.pages.records_path = mapper.records_paths[0] if as_text else None
    read.is_written = is_written and _may_be_written(read)
    with masked_errors(read.route.redactor):
        if read.plan.sort is not None:
            page = yield from _read_sorted(read)
        else:
            page = yield from _read_in_order(read)
    return page


def _may_be_written(read: ListRead) -> bool:
    """Whether nobody looks into a record again once it is mapped."""
    return _is_whole(read.call) and not (read.loads or read.plan.checks or read.plan.sort is not None)


def _is_whole(call: Call) -> bool:
    """Whether records leave with all that they have."""
    return call.response_format in {"unified", "stream"} and not (call.exclude_fields or call.ignore_remote_data)


def list_request(read: ListRead) -> Request:
    """The first native request of a list call, without authorization."""
    position = read.start()
    walk = open_walk(read.pages, None if position.after is not None else position, partial(enter_mapped, read))
    return read.pages.request(*walk.next_page(read.page_size(read.call.limit, walk.largest)))


def _read_in_order(read: ListRead) -> Generator[Any, Any, Page[dict[str, Any]]]:
    """Reads pages in the provider's order until the limit is filled or the end is reached."""
    limit, kept = read.call.limit, list[Made]()
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


def _is_enough(read: ListRead, walk: Walk, limit: int, kept: list[Made]) -> bool:
    """Whether a page is filled, or lacks no more than what native pages that came whole had too few."""
    return len(kept) >= limit or (bool(kept) and not read.is_filtered and limit - len(kept) <= walk.missed)


def _take(read: ListRead, fresh: Fresh, room: int | None) -> tuple[list[Made], int | None]:
    """The records that pass the checks, as many as there is room for, and the place of the next that does."""
    records, indexes, checks = fresh.records, fresh.indexes, read.plan.checks
    taken: list[Made] = []
    for index in indexes:
        record = records[index]
        if record is not None and (not checks or matches(record, checks, read.mapper.mapping.schema)):
            if room is not None and len(taken) == room:
                return taken, index
            taken.append(record)
    return taken, None


def _read_sorted(read: ListRead) -> Generator[Any, Any, Page[dict[str, Any]]]:
    """Reads the whole list, sorts it, and gives the part after the cursor's (key, id)."""
    sort = read.plan.sort
    assert sort is not None  # noqa: S101 - list_records comes here only for an emulated sort
    position = read.start()
    records: list[Made] = []
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
    keys = [sort_key(record, sort) for record in ordered]
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
    read: ListRead, kept: list[Made], after: cursors.Position | None, walk: Walk
) -> Generator[Any, Any, Page[dict[str, Any]]]:
    """The page of these records, completed by side loads and shaped as the caller wants it."""
    call = read.call
    natives = [one if isinstance(one, RecordText) else one["remote_data"] for one in kept]
    if read.loads and kept:
        loaded = yield from load_sides(read.session, read.mapper, read.loads, natives)
        natives = loaded.natives
        read.side_requests += loaded.requests
        # They are mapped a second time: what the first time had to say about them counts no more.
        tally = RecordTally(errors=read.tally.errors if call.on_record_error == "skip" else [])
        pairs = zip(natives, loaded.sides, strict=True)
        mapped = (read.mapper.map_record(one, context=read.route.context, loaded=sides) for one, sides in pairs)
        policy: OnRecordError = "raise" if call.on_record_error == "raise" else "keep_raw"
        made = collect_records(read.mapper, natives, mapped, policy=policy, tally=tally)
        read.tally = tally
        kept = [record for record in made if record is not None]
        read.texts |= loaded.texts
    is_partial = _is_partial(read, natives)
    if read.as_text:
        for record in kept:
            if not isinstance(record, RecordText) and not isinstance(record["remote_data"], NativeText):
                record["remote_data"] = as_text_of(record["remote_data"], read.texts)
    shaped = (
        kept
        if _is_whole(call)
        else [
            shape_record(one, call.response_format, call.exclude_fields, ignore_remote_data=call.ignore_remote_data)
            for one in kept
        ]
    )
    return Page(
        result=shaped,
        next_cursor=cursors.write_cursor(after, read.binding, read.settings.cursor_key) if after else None,
        is_partial_response=is_partial,
        may_have_changed=walk.may_have_changed,
        query_plan=read.plan.entries,
        record_errors=tuple(replace(one, message=read.route.redactor.text(one.message)) for one in read.tally.errors),
        unmapped=dict(read.tally.unmapped),
        request_count=read.pages.requests + read.side_requests,
        rate_limit=read.session.meter.last,
    )


def _is_partial(read: ListRead, natives: list[Any]) -> bool:
    """Whether ``get`` would give more than this page for at least one of its records."""
    texts = (NativeText, RecordText)
    if any(one.is_partial if isinstance(one, texts) else read.mapper.is_partial(one) for one in natives):
        return True
    plain = [one for one in natives if not isinstance(one, texts)]
    return missing_loads(read.mapper, read.loads, plain)
