"""Shapes mapped records for the caller: record-level errors, response formats, left-out fields."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from truto_unify.errors import InvalidInput
from truto_unify.types import OnRecordError, RecordError, ResponseFormat

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from truto_unify.errors import MappingError

BROKEN_SHARE = 0.25
"""A page with a larger share of records that break the mapping means that the mapping is broken."""


class MappedRecord(Protocol):
    """What the mapper makes of one native record."""

    @property
    def record(self) -> dict[str, Any]:
        """As in the mapper."""

    @property
    def faults(self) -> list[tuple[str, str]]:
        """As in the mapper."""

    @property
    def unmapped(self) -> Counter[str]:
        """As in the mapper."""


class RecordMapper(Protocol):
    """The part of a mapper that is needed here."""

    def error(self, native: Any, name: str, message: str) -> MappingError:
        """As in the mapper."""


@dataclass(slots=True)
class RecordTally:
    """Counts what went wrong with the records of one call."""

    seen: int = 0
    errors: list[RecordError] = field(default_factory=list)
    unmapped: Counter[str] = field(default_factory=Counter)


def collect_records(
    mapper: RecordMapper,
    natives: Sequence[Any],
    mapped: Iterable[MappedRecord],
    *,
    policy: OnRecordError,
    tally: RecordTally,
) -> list[dict[str, Any] | None]:
    """One unified record for each native one, None where it was skipped.

    Args:
        mapper: the mapping engine, for its errors.
        natives: native records of one native page.
        mapped: what the mapper makes of each; asked for one after the other.
        policy: what to do with a record that breaks the mapping: ``keep_raw`` keeps it with its failing
            fields null, ``skip`` leaves it out, ``raise`` ends the call.
        tally: takes the counts.

    Raises:
        MappingError: policy ``raise``, or more than a quarter of the page (and more than one record) is broken.
    """
    made: list[dict[str, Any] | None] = []
    broken: list[tuple[Any, tuple[str, str]]] = []
    for native, one in zip(natives, mapped, strict=True):
        if one.unmapped:
            tally.unmapped.update(one.unmapped)
        if not one.faults:
            made.append(one.record)
        else:
            broken.append((native, one.faults[0]))
            if policy == "raise":
                raise mapper.error(native, *one.faults[0])
            index = tally.seen + len(made)
            tally.errors += [RecordError(index, name, message) for name, message in one.faults]
            made.append(one.record if policy == "keep_raw" else None)
    if len(broken) > max(1, BROKEN_SHARE * len(natives)):
        native, (name, message) = broken[0]
        many = f"{len(broken)} of {len(natives)} records break the mapping; the first: {message}"
        raise mapper.error(native, name, many)
    tally.seen += len(natives)
    return made


def key_records(records: list[dict[str, Any]], name: str) -> dict[str, dict[str, Any]]:
    """Records by the value of one of their fields, for callers that look them up.

    >>> key_records([{"id": "1"}, {"id": "2"}], "id")
    {'1': {'id': '1'}, '2': {'id': '2'}}

    Raises:
        InvalidInput: a record lacks the field, or two share a value: one of them would be lost.
    """
    keyed: dict[str, dict[str, Any]] = {}
    for record in records:
        value = record.get(name)
        if not isinstance(value, str | int) or str(value) in keyed:
            what = "no such value" if not isinstance(value, str | int) else f"the value {value!r} twice"
            raise InvalidInput(f'the page cannot be keyed by "{name}": it has {what}; id is there once in each record')
        keyed[str(value)] = record
    return keyed


def shape_record(
    record: dict[str, Any],
    response_format: ResponseFormat,
    exclude: tuple[str, ...],
    *,
    ignore_remote_data: bool,
) -> dict[str, Any]:
    """One record as the caller wants it.

    Args:
        record: a unified record with ``remote_data``.
        response_format: ``raw`` gives the native record, ``normalized`` the unified one without it.
        exclude: top-level fields to leave out.
        ignore_remote_data: leaves ``remote_data`` out.
    """
    if response_format == "raw":
        native: dict[str, Any] = record["remote_data"]
        return native
    left_out = set(exclude)
    if ignore_remote_data or response_format == "normalized":
        left_out.add("remote_data")
    return {name: value for name, value in record.items() if name not in left_out} if left_out else record
