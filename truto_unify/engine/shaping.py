"""Shapes mapped records for the caller: record-level errors, response formats, left-out fields, the JSON of a page."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from truto_unify.errors import InvalidInput
from truto_unify.types import OnRecordError, RecordError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from truto_unify.errors import MappingError
    from truto_unify.mapping.record import NativeRecord, UnifiedRecord
    from truto_unify.types import Call, Page

BROKEN_SHARE = 0.25
"""A page with a larger share of records that break the mapping means that the mapping is broken."""


class RecordMapper(Protocol):
    """The part of a mapper that is needed here."""

    def error(self, native: Any, name: str, message: str) -> MappingError:
        """As in the mapper."""
        raise NotImplementedError


@dataclass(slots=True)
class RecordStats:
    """Counts of the records of one call, and what was wrong with them.

    Attributes:
        seen: native records that were read.
        errors: the faults of broken records.
        unmapped: how often an enum met a native value that its table lacks.
        fallbacks: records that came as JSON and could not take the byte path.
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
    """The records of one native page, None in place of those that are left out.

    Args:
        mapper: the mapping engine, for its errors.
        records: what the mapper makes of each native record, None for one that does not belong to the resource; asked
            for one after the other.
        policy: what to do with a record that breaks the mapping: ``keep_raw`` keeps it with its failing
            fields null, ``skip`` leaves it out, ``raise`` ends the call.
        stats: takes the counts.

    Raises:
        MappingError: policy ``raise``, or more than a quarter of the page (and more than one record) is broken.
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
    """The native record that a record was mapped from; a record that is encoded at once needs none."""
    assert record.native is not None  # noqa: S101 - a caller reads the native record only where fields are kept
    return record.native


@dataclass(frozen=True, slots=True)
class Shape:
    """What of each record the caller wants.

    Attributes:
        is_raw: the native record instead of the unified one.
        left_out: fields of the unified record that are left out.
    """

    is_raw: bool = False
    left_out: frozenset[str] = frozenset()

    @property
    def is_whole(self) -> bool:
        """Whether records leave with everything that they have."""
        return not (self.is_raw or self.left_out)

    def value(self, record: UnifiedRecord) -> Any:
        """The record as a dict (raw: as whatever the provider gave)."""
        if self.is_raw:
            return native_of(record).value
        fields: dict[str, Any] = record.fields
        return {name: fields[name] for name in fields if name not in self.left_out} if self.left_out else fields

    def json(self, record: UnifiedRecord) -> bytes:
        """The record as JSON."""
        return native_of(record).text if self.is_raw else record.to_json(self.left_out)


def shape_of(call: Call) -> Shape:
    """The shape that a call asks for.

    >>> from truto_unify.types import Call
    >>> shape_of(Call(resource="ecommerce/customers", method="list", response_format="normalized"))
    Shape(is_raw=False, left_out=frozenset({'remote_data'}))
    """
    if call.response_format == "raw":
        return Shape(is_raw=True)
    has_native = call.response_format != "normalized" and not call.ignore_remote_data
    return Shape(left_out=frozenset({*call.exclude_fields, *(() if has_native else ("remote_data",))}))


def key_records(records: Iterable[bytes], name: str) -> dict[str, bytes]:
    """Records, each as JSON, by the value of one of their fields, for callers that look them up.

    >>> key_records([b'{"id":"1"}', b'{"id":"2"}'], "id")
    {'1': b'{"id":"1"}', '2': b'{"id":"2"}'}

    Raises:
        InvalidInput: a record lacks the field, or two share a value: one of them would be lost.
    """
    keyed: dict[str, bytes] = {}
    for text in records:
        record = json.loads(text)
        value = record.get(name) if isinstance(record, dict) else None
        if not isinstance(value, str | int) or str(value) in keyed:
            what = "no such value" if not isinstance(value, str | int) else f"the value {value!r} twice"
            raise InvalidInput(f'the page cannot be keyed by "{name}": it has {what}; id is there once in each record')
        keyed[str(value)] = text
    return keyed


def dump_page(page: Page[bytes], keyed: Mapping[str, bytes] | None = None) -> bytes:
    """The envelope of a page as JSON.

    Args:
        page: its records, each as JSON.
        keyed: the records by the value of a field, if the caller wants an object instead of a list.
    """
    if keyed is None:
        result = b"[" + b",".join(page.result) + b"]"
    else:
        result = b"{" + b",".join(json.dumps(key).encode() + b":" + text for key, text in keyed.items()) + b"}"
    envelope = {
        "next_cursor": page.next_cursor,
        "prev_cursor": page.prev_cursor,
        "result_count": page.result_count,
        "is_partial_response": page.is_partial_response,
        "may_have_changed": page.may_have_changed,
    }
    return b'{"result":' + result + b"," + json.dumps(envelope, separators=(",", ":")).encode()[1:]
