"""Shapes mapped records for the caller: record errors, response formats, omitted fields, the JSON of a page."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from truto_unify.errors import InvalidInput
from truto_unify.types import OnRecordError, RecordError
from truto_unify.values import show_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from truto_unify.errors import MappingError
    from truto_unify.mapping.record import NativeRecord, UnifiedRecord
    from truto_unify.types import Call, Page

BROKEN_SHARE = 0.25
"""If a larger share of a page does not fit the mapping, the mapping is broken."""


class RecordMapper(Protocol):
    """The part of a mapper that this module needs."""

    def error(self, native: Any, name: str, message: str) -> MappingError:
        """As ``Mapper.error``."""
        raise NotImplementedError


@dataclass(slots=True)
class RecordStats:
    """Counts of the records of one call, and their faults.

    Attributes:
        seen: the number of native records.
        errors: the faults of records that do not fit the mapping.
        unmapped: how often an enum met a native value that its table lacks.
        fallbacks: the number of records that came as JSON and did not fit the byte path.
    """

    seen: int = 0
    errors: list[RecordError] = field(default_factory=list)
    unmapped: Counter[str] = field(default_factory=Counter)
    fallbacks: int = 0


def collect_records(
    mapper: RecordMapper,
    records: Iterable[UnifiedRecord | None],
    *,
    policy: OnRecordError,
    stats: RecordStats,
) -> list[UnifiedRecord | None]:
    """The records of one native page, with None in place of omitted records.

    Args:
        mapper: the mapping engine, for its errors.
        records: the mapped record of each native record, None for one that does not belong to the resource; an iterator
            is read record by record.
        policy: what happens to a record that does not fit the mapping: ``keep_raw`` keeps it with null for the fields
            that failed, ``skip`` omits it, ``raise`` ends the call.
        stats: collects the counts.

    Raises:
        MappingError: a record does not fit and the policy is ``raise``, or more than a quarter of the page (and more
            than one record) does not fit.
    """
    collected: list[UnifiedRecord | None] = []
    broken: list[UnifiedRecord] = []
    belonging = 0
    for record in records:
        if record is None:
            collected.append(None)
            continue
        if record.unmapped:
            stats.unmapped.update(record.unmapped)
        if not record.is_from_bytes:
            stats.fallbacks += 1
        if not record.faults:
            collected.append(record)
        else:
            broken.append(record)
            if policy == "raise":
                raise _error(mapper, record)
            index = stats.seen + belonging
            stats.errors += [RecordError(index, name, message) for name, message in record.faults]
            collected.append(record if policy == "keep_raw" else None)
        belonging += 1
    if len(broken) > max(1, BROKEN_SHARE * belonging):
        many = f"{len(broken)} of {belonging} records break the mapping; the first: "
        raise _error(mapper, broken[0], many)
    stats.seen += len(collected)
    return collected


def _error(mapper: RecordMapper, record: UnifiedRecord, before: str = "") -> MappingError:
    name, message = record.faults[0]
    return mapper.error(native_of(record).value, name, f"{before}{message}")


def native_of(record: UnifiedRecord) -> NativeRecord:
    """The native record of a mapped record whose fields are kept."""
    assert record.native is not None  # noqa: S101 - only an encoded record lacks it
    return record.native


@dataclass(frozen=True, slots=True)
class ResultShape:
    """Which parts of each record the caller wants.

    Attributes:
        is_raw: whether the caller wants the native record and not the unified one.
        left_out: the fields of the unified record to omit.
    """

    is_raw: bool = False
    left_out: frozenset[str] = frozenset()

    @property
    def is_whole(self) -> bool:
        """Whether the caller wants whole unified records."""
        return not (self.is_raw or self.left_out)

    def value(self, record: UnifiedRecord) -> Any:
        """The record as a dict; if raw, the native value."""
        if self.is_raw:
            return native_of(record).value
        fields: dict[str, Any] = record.fields
        return {name: fields[name] for name in fields if name not in self.left_out} if self.left_out else fields

    def json(self, record: UnifiedRecord) -> bytes:
        """The record as JSON."""
        return native_of(record).text if self.is_raw else record.to_json(self.left_out)


def shape_of(call: Call) -> ResultShape:
    """The shape that a call asks for.

    >>> from truto_unify.types import Call
    >>> shape_of(Call(resource="ecommerce/customers", method="list", response_format="normalized"))
    ResultShape(is_raw=False, left_out=frozenset({'remote_data'}))
    """
    if call.response_format == "raw":
        return ResultShape(is_raw=True)
    has_native = call.response_format != "normalized" and not call.ignore_remote_data
    return ResultShape(left_out=frozenset({*call.exclude_fields, *(() if has_native else ("remote_data",))}))


def key_records(records: Iterable[bytes], name: str) -> dict[str, bytes]:
    """Records, each as JSON, by the value of one of their fields.

    >>> key_records([b'{"id":"1"}', b'{"id":"2"}'], "id")
    {'1': b'{"id":"1"}', '2': b'{"id":"2"}'}

    Raises:
        InvalidInput: a record lacks the field, or two records share a value, so that one would be lost.
    """
    keyed: dict[str, bytes] = {}
    for text in records:
        record = json.loads(text)
        value = record.get(name) if isinstance(record, dict) else None
        if not isinstance(value, str | int) or str(value) in keyed:
            what = "no such value" if not isinstance(value, str | int) else f"the value {show_value(value)} twice"
            raise InvalidInput(f'the page cannot be keyed by "{name}": it has {what}; id is there once in each record')
        keyed[str(value)] = text
    return keyed


def dump_page(page: Page[bytes], keyed: Mapping[str, bytes] | None = None) -> bytes:
    """The envelope of a page as JSON.

    Args:
        page: the page; each record is JSON.
        keyed: the records by the value of a field, if the caller wants an object and not a list.
    """
    # One join copies the records once, however large they are.
    if keyed is None:
        items = [b","] * (2 * len(page.result) - 1)
        items[::2] = page.result
        parts = [b'{"result":[', *items, b"],"]
    else:
        pairs = (part for key, text in keyed.items() for part in (b",", json.dumps(key).encode(), b":", text))
        parts = [b'{"result":{', *islice(pairs, 1, None), b"},"]
    envelope = {
        "next_cursor": page.next_cursor,
        "prev_cursor": page.prev_cursor,
        "result_count": page.result_count,
        "is_partial_response": page.is_partial_response,
        "may_have_changed": page.may_have_changed,
        "partial_reasons": page.partial_reasons,
    }
    return b"".join([*parts, json.dumps(envelope, separators=(",", ":")).encode()[1:]])
