"""Reads native pages as unified records."""

from __future__ import annotations

import json
from collections import Counter
from itertools import compress
from typing import TYPE_CHECKING, Any

from truto_unify.engine.list_walk import Entries, identify
from truto_unify.engine.shaping import RecordTally, collect_records
from truto_unify.mapping.json_text import RecordText
from truto_unify.types import NativeText

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from typing_extensions import Buffer

    from truto_unify.engine.list_read import ListRead
    from truto_unify.engine.native_pages import NativePage

Made = Any
"""A unified record: a dict, or a ``RecordText`` where nobody looks into it again."""
_AT_ONCE = 16
"""Records that are mapped and written together: few enough for the processor to have them at hand still."""


def enter_mapped(read: ListRead, page: NativePage, known: int) -> Entries:
    """The entries of a page as unified records; those that are known already count for nothing."""
    natives, is_text = page.records, page.is_text
    tally, read.tally = read.tally, RecordTally()
    mapped = _map_natives(read, natives[:known], is_text=is_text) if known else []
    read.tally = tally
    mapped += _map_natives(read, natives[known:], is_text=is_text) if len(natives) > known else []
    ids = [
        identify(native) if (found := id_of(record)) is None else str(found)
        for native, record in zip(natives, mapped, strict=True)
    ]
    return Entries(mapped, ids)


def _map_natives(read: ListRead, natives: Sequence[Any], *, is_text: bool) -> list[Made | None]:
    """A unified record for each native one of a page; None for those that are left out."""
    query = {name: many[0] if len(many) == 1 else many for name, many in read.query.params.items()}
    context, mapper = read.route.context, read.mapper
    if is_text and not read.loads:
        good = _map_texts(read, natives, query, context)
        if good is not None:
            return good
        texts = [bytes(native) for native in natives]
        mapped = [mapper.map_text(text, query=query, context=context) for text in texts]
        is_kept = [one.is_kept for one in mapped]
        natives = [NativeText(text) for text in texts]
        results: Iterable[Any] = compress(mapped, is_kept)
    else:
        if is_text:
            natives = [_parse_text(read, bytes(native)) for native in natives]
        is_kept = [mapper.is_kept(native) for native in natives]
        chosen = compress(natives, is_kept)
        results = (mapper.map_record(native, query=query, context=context, loaded={}) for native in chosen)
    kept = list(compress(natives, is_kept))
    made = collect_records(mapper, kept, results, policy=read.call.on_record_error, tally=read.tally)
    read.tally.seen += is_kept.count(False)
    records = iter(made)
    return [next(records) if kept else None for kept in is_kept]


def _map_texts(
    read: ListRead, texts: Sequence[Buffer], query: Mapping[str, Any], context: Mapping[str, str]
) -> list[Made | None] | None:
    """A unified record for each text of a page where all of them are good; else None, and nothing is counted."""
    made: list[Made | None] = []
    unmapped: Counter[str] = Counter()
    for start in range(0, len(texts), _AT_ONCE):
        some = texts[start : start + _AT_ONCE]
        page = read.mapper.map_texts(some, query=query, context=context, is_written=read.is_written)
        if page is None:
            return None
        unmapped.update(page.unmapped)
        made += page.records
    read.tally.unmapped.update(unmapped)
    read.tally.seen += len(texts)
    return made


def _parse_text(read: ListRead, text: bytes) -> Any:
    native = json.loads(text)
    read.texts[id(native)] = (native, text)
    return native


def id_of(record: Made | None) -> Any:
    """The id of a unified record."""
    return record.id if isinstance(record, RecordText) else record and record.get("id")
