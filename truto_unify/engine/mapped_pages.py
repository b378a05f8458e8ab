"""Maps the records of native pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from truto_unify.engine.list_order import record_key
from truto_unify.engine.shaping import native_of
from truto_unify.engine.walks import Entries, ListOrder, identify, tell_apart
from truto_unify.mapping.record import NativeRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from truto_unify.engine.list_read import ListRead
    from truto_unify.engine.native_pages import NativePage
    from truto_unify.mapping.record import UnifiedRecord

_MAX_BROKEN_RECORDS = 250


def enter_mapped(read: ListRead, page: NativePage) -> Entries:
    """The entries of a page as unified records; None stands for a record that does not belong to the resource."""
    natives = [NativeRecord(text) for text in page.records] if page.is_text else _with_values(page)
    query = {name: many[0] if len(many) == 1 else many for name, many in read.query.params.items()}
    mapped = read.mapper.map_natives(natives, query=query, context=read.route.context, keeps_fields=read.keeps_fields)
    records = list(_end_early(read, mapped, len(natives)))
    ids = [
        record.id if record is not None and record.id is not None else identify(page.records[index])
        for index, record in enumerate(records)
    ]
    unique_ids, shared = tell_apart(ids, page.records)
    if shared:
        _mark_shared(read, records, natives, shared, query)
    return Entries(records, unique_ids, _keys(records, read.order))


def _mark_shared(
    read: ListRead,
    records: list[UnifiedRecord | None],
    natives: Sequence[NativeRecord],
    shared: Sequence[tuple[int, int]],
    query: dict[str, Any],
) -> None:
    """Notes the fault of each record whose id is that of another record of the page.

    Raises:
        MappingError: more records share their ids than the pages of any provider hold.
    """
    marked = 0
    for index, first in shared:
        record, other = records[index], records[first]
        if record is None or other is None or record.id is None:
            continue
        marked += 1
        message = f'another record of this page has the id "{record.id}", and it differs'
        if marked > _MAX_BROKEN_RECORDS:
            raise read.mapper.error(natives[index].value, "id", _too_many(len(records), message))
        if record.native is None:  # it was encoded at once
            is_partial = record.is_partial
            record = read.mapper.map_native(natives[index], query=query, context=read.route.context)
            record.is_partial = is_partial
        record.shares_id = True
        record.faults = [*record.faults, ("id", message)]
        records[index] = record


def _end_early(read: ListRead, mapped: Iterable[UnifiedRecord | None], count: int) -> Iterable[UnifiedRecord | None]:
    """The mapped records, until more of them break the mapping than the pages of any provider hold.

    The exact fault of a record costs a hundred times the mapping of a good one.
    """
    if count <= _MAX_BROKEN_RECORDS:
        return mapped
    return _counted(read, mapped, count)


def _counted(read: ListRead, mapped: Iterable[UnifiedRecord | None], count: int) -> Iterator[UnifiedRecord | None]:
    broken = 0
    for record in mapped:
        if record is not None and record.faults:
            broken += 1
            if broken > _MAX_BROKEN_RECORDS:
                name, message = record.faults[0]
                raise read.mapper.error(native_of(record).value, name, _too_many(count, message))
        yield record


def _too_many(count: int, message: str) -> str:
    return f"more than {_MAX_BROKEN_RECORDS} of {count} records break the mapping; one of them: {message}"


def _with_values(page: NativePage) -> list[NativeRecord]:
    return [NativeRecord(None, value, page.is_unicode) for value in page.records]


def _keys(records: Sequence[UnifiedRecord | None], order: ListOrder | None) -> list[str | None]:
    if order is None:
        return [None] * len(records)
    return [None if record is None else record_key(record.fields, order.field) for record in records]
