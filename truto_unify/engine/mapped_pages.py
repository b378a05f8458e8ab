"""Reads native pages as unified records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from truto_unify.engine.list_walk import Entries, identify
from truto_unify.engine.shaping import RecordStats, collect_records
from truto_unify.mapping.record import NativeRecord

if TYPE_CHECKING:
    from truto_unify.engine.list_read import ListRead
    from truto_unify.engine.native_pages import NativePage
    from truto_unify.mapping.record import UnifiedRecord


def enter_mapped(read: ListRead, page: NativePage, known: int) -> Entries:
    """The entries of a page as unified records (None for those left out); known ones count for nothing again."""
    natives = native_records(page)
    again = RecordStats()
    records = _map(read, natives[:known], again) if known else []
    read.stats.seen += again.seen
    records += _map(read, natives[known:], read.stats)
    ids = [
        record.id if record is not None and record.id is not None else identify(page.records[index])
        for index, record in enumerate(records)
    ]
    return Entries(records, ids)


def _map(read: ListRead, natives: list[NativeRecord], stats: RecordStats) -> list[UnifiedRecord | None]:
    query = {name: many[0] if len(many) == 1 else many for name, many in read.query.params.items()}
    mapped = read.mapper.map_natives(natives, query=query, context=read.route.context, keeps_fields=read.keeps_fields)
    return collect_records(read.mapper, mapped, policy=read.call.on_record_error, stats=stats)


def native_records(page: NativePage) -> list[NativeRecord]:
    """The records of a native page, as bytes or as values, whichever was read."""
    if page.is_text:
        return [NativeRecord(text) for text in page.records]
    return [NativeRecord(None, value, page.is_unicode) for value in page.records]
