"""Maps the records of native pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from truto_unify.engine.list_order import record_key
from truto_unify.engine.walks import Entries, ListOrder, identify
from truto_unify.mapping.record import NativeRecord

if TYPE_CHECKING:
    from collections.abc import Sequence

    from truto_unify.engine.list_read import ListRead
    from truto_unify.engine.native_pages import NativePage
    from truto_unify.mapping.record import UnifiedRecord


def enter_mapped(read: ListRead, page: NativePage) -> Entries:
    """The entries of a page as unified records; None stands for a record that does not belong to the resource."""
    natives = [NativeRecord(text) for text in page.records] if page.is_text else _with_values(page)
    query = {name: many[0] if len(many) == 1 else many for name, many in read.query.params.items()}
    records = list(
        read.mapper.map_natives(natives, query=query, context=read.route.context, keeps_fields=read.keeps_fields)
    )
    ids = [
        record.id if record is not None and record.id is not None else identify(page.records[index])
        for index, record in enumerate(records)
    ]
    return Entries(records, ids, _keys(records, read.order))


def _with_values(page: NativePage) -> list[NativeRecord]:
    return [NativeRecord(None, value, page.is_unicode) for value in page.records]


def _keys(records: Sequence[UnifiedRecord | None], order: ListOrder | None) -> list[str | None]:
    if order is None:
        return [None] * len(records)
    return [None if record is None else record_key(record.fields, order.field) for record in records]
