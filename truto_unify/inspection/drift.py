"""Finds what changed at a provider: fields that are new, gone or of another type, and values that no enum knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from truto_unify.inspection.native_fields import profile_records, show_native
from truto_unify.inspection.reading import reads_of_mapping

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from truto_unify.inspection.native_fields import Profile
    from truto_unify.inspection.reading import Reads
    from truto_unify.mapping.mapper import Mapper

Change = Literal["vanished", "retyped", "new enum value", "new"]


@dataclass(frozen=True)
class Drift:
    """One difference between earlier and fresh records.

    Attributes:
        change: the kind of the difference.
        name: the native field; for an enum value, the unified field.
        is_read: whether the mapping reads it.
        before: the share of the earlier records that have it; None without earlier records.
        after: the share of the fresh records that have it.
        detail: the types, or the enum value.
    """

    change: Change
    name: str
    is_read: bool
    before: float | None
    after: float
    detail: str = ""


def find_drift(mapper: Mapper, earlier: Sequence[Any], fresh: Sequence[Any]) -> list[Drift]:
    """The differences between earlier and fresh native records; fields that the mapping reads come first.

    Args:
        mapper: the mapper of the provider and resource.
        earlier: records that the mapping fits; if empty, the fresh records are compared with the mapping alone.
        fresh: today's records.
    """
    reads = reads_of_mapping(mapper.mapping)
    before, after = profile_records(earlier), profile_records(fresh)
    drifts = [*_unknown_values(mapper, earlier, fresh)]
    if earlier:
        drifts += [*_changes(reads, before, after)]
    order = {"vanished": 0, "retyped": 1, "new enum value": 2, "new": 3}
    return sorted(drifts, key=lambda drift: (not drift.is_read, order[drift.change], drift.name))


def never_seen(mapper: Mapper, records: Sequence[Any]) -> list[str]:
    """Native fields that the mapping reads and no record has: the answers have another format, or the mapping errs."""
    profile = profile_records(records)
    return sorted(show_native(path) for path in reads_of_mapping(mapper.mapping).values if path not in profile.fields)


def _changes(reads: Reads, before: Profile, after: Profile) -> Iterator[Drift]:
    for path in sorted({*before.fields, *after.fields}):
        old, new = before.fields.get(path), after.fields.get(path)
        is_read = reads.covers(path) or path in reads.tests
        shares = before.share(path), after.share(path)
        if old is None or new is None:
            if path[:-1] and path[:-1] not in (after.fields if new is None else before.fields):
                continue  # the object around it came or went, and has its own entry
            kinds = (new or old).kinds  # type: ignore[union-attr]  # one of the two is there
            change: Change = "vanished" if new is None else "new"
            inner = any(read[: len(path)] == path for read in reads.values) if new is None else False
            yield Drift(change, show_native(path), is_read or inner, *shares, _types(kinds))
        elif old.kinds and new.kinds and not new.kinds <= old.kinds:
            detail = f"{_types(old.kinds)} became {_types(new.kinds)}"
            yield Drift("retyped", show_native(path), is_read, *shares, detail)


def _types(kinds: frozenset[str]) -> str:
    return " or ".join(sorted(kinds)) or "always empty"


def _unknown_values(mapper: Mapper, earlier: Sequence[Any], fresh: Sequence[Any]) -> Iterator[Drift]:
    """Enum values in the fresh records that neither the mapping's enums nor the earlier records have."""
    known, fresh_values = _unmapped(mapper, earlier), _unmapped(mapper, fresh)
    for name, count in fresh_values.items():
        if name not in known:
            field, _, value = name.partition("=")
            before = 0.0 if earlier else None
            yield Drift("new enum value", field, True, before, count / len(fresh), value)


def _unmapped(mapper: Mapper, records: Sequence[Any]) -> dict[str, int]:
    """The number of records for each value that no enum of the mapping has."""
    counts: dict[str, int] = {}
    for record in records:
        for name in mapper.map_record(record).unmapped:
            counts[name] = counts.get(name, 0) + 1
    return counts
