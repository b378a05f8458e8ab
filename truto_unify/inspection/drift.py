"""Finds what changed at a provider: fields that are new, gone or of another type, and words that no enum knows."""

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
    """One difference.

    Attributes:
        change: what happened.
        name: the native field; the unified one for an enum value.
        is_read: whether the mapping reads it.
        before: share of the earlier records that have it; None where there were none to compare with.
        after: share of the fresh records.
        detail: types, or the value.
    """

    change: Change
    name: str
    is_read: bool
    before: float | None
    after: float
    detail: str = ""


def find_drift(mapper: Mapper, earlier: Sequence[Any], fresh: Sequence[Any]) -> list[Drift]:
    """What differs between earlier and fresh native records, that which the mapping reads first.

    Args:
        mapper: of the provider and resource.
        earlier: records that the mapping is known to fit; without any, only the mapping itself is compared.
        fresh: records of today.
    """
    reads = reads_of_mapping(mapper.mapping)
    before, after = profile_records(earlier), profile_records(fresh)
    found = [*_unknown_values(mapper, earlier, fresh)]
    if earlier:
        found += [*_changes(reads, before, after)]
    order = {"vanished": 0, "retyped": 1, "new enum value": 2, "new": 3}
    return sorted(found, key=lambda one: (not one.is_read, order[one.change], one.name))


def never_seen(mapper: Mapper, records: Sequence[Any]) -> list[str]:
    """Native fields that the mapping reads and no record has: another form of the provider's answers, or a mistake."""
    profile = profile_records(records)
    return sorted(show_native(path) for path in reads_of_mapping(mapper.mapping).values if path not in profile.fields)


def _changes(reads: Reads, before: Profile, after: Profile) -> Iterator[Drift]:
    for path in sorted({*before.fields, *after.fields}):
        old, new = before.fields.get(path), after.fields.get(path)
        is_read = reads.covers(path) or path in reads.tests
        shares = before.share(path), after.share(path)
        if old is None or new is None:
            if path[:-1] and path[:-1] not in (after.fields if new is None else before.fields):
                continue  # what it stands in came or went, and is told
            kinds = (new or old).kinds  # type: ignore[union-attr]
            change: Change = "vanished" if new is None else "new"
            inner = any(one[: len(path)] == path for one in reads.values) if new is None else False
            yield Drift(change, show_native(path), is_read or inner, *shares, _types(kinds))
        elif old.kinds and new.kinds and not new.kinds <= old.kinds:
            detail = f"{_types(old.kinds)} became {_types(new.kinds)}"
            yield Drift("retyped", show_native(path), is_read, *shares, detail)


def _types(kinds: frozenset[str]) -> str:
    return " or ".join(sorted(kinds)) or "always empty"


def _unknown_values(mapper: Mapper, earlier: Sequence[Any], fresh: Sequence[Any]) -> Iterator[Drift]:
    """Values of enum fields that the mapping's tables lack and that the earlier records did not hold either."""
    known, found = _unmapped(mapper, earlier), _unmapped(mapper, fresh)
    for name, count in found.items():
        if name not in known:
            field, _, value = name.partition("=")
            before = 0.0 if earlier else None
            yield Drift("new enum value", field, True, before, count / len(fresh), value)


def _unmapped(mapper: Mapper, records: Sequence[Any]) -> dict[str, int]:
    """How many records hold each value that no enum of the mapping knows."""
    counts: dict[str, int] = {}
    for one in records:
        for name in mapper.map_record(one).unmapped:
            counts[name] = counts.get(name, 0) + 1
    return counts
