"""Reads native pages as unified records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from truto_unify.engine.shaping import collect_records
from truto_unify.mapping.record import NativeRecord

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from truto_unify.engine.list_read import ListRead
    from truto_unify.engine.native_pages import NativePage
    from truto_unify.mapping.record import UnifiedRecord


@dataclass(frozen=True, slots=True)
class MappedPage:
    """One native page, mapped: a unified record for each native one (None where it was left out)."""

    records: list[UnifiedRecord | None]
    next_page: Mapping[str, Any] | None


def read_mapped_page(read: ListRead, page: Mapping[str, Any], size: int | None) -> Generator[Any, Any, MappedPage]:
    """Reads one native page and maps its records.

    Raises:
        ProviderError, TransportError, MappingError: see the error tree.
    """
    native = yield from read.pages.read(page, size)
    query = {name: many[0] if len(many) == 1 else many for name, many in read.query.params.items()}
    mapped = read.mapper.map_natives(
        native_records(native), query=query, context=read.route.context, keeps_fields=read.keeps_fields
    )
    records = collect_records(read.mapper, mapped, policy=read.call.on_record_error, stats=read.stats)
    _check_new_ids(read, records, native.status)
    return MappedPage(records, native.next_page)


def native_records(page: NativePage) -> list[NativeRecord]:
    """The records of a native page, as bytes or as values, whichever was read."""
    if page.is_text:
        return [NativeRecord(text) for text in page.records]
    return [NativeRecord(None, value, page.is_unicode) for value in page.records]


def _check_new_ids(read: ListRead, records: list[UnifiedRecord | None], status: int) -> None:
    ids = {record.id for record in records if record is not None and record.id is not None}
    if ids and ids <= read.seen_ids:
        raise read.pages.stuck("the provider gave a page without any new record", status)
    read.seen_ids |= ids
