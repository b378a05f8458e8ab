"""Finds the native fields that a mapping leaves out, by the share of records that have them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from truto_unify.inspection.native_fields import profile_records, show_native
from truto_unify.inspection.reading import reads_of_mapping

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from truto_unify.config.registry import LoadedMapping
    from truto_unify.inspection.native_fields import NativeField
    from truto_unify.inspection.reading import NativePath

_MOST_WORDS = 8
_FEWEST = 8
"""How often the words of an enum must have been seen: of few records, any text looks like one."""


@dataclass(frozen=True)
class LeftOut:
    """A native field that no rule reads.

    Attributes:
        name: the field.
        share: the part of the records that have it with a value.
        types: what was seen there.
        values: its words, where they are few, repeat, and cannot be about a person.
    """

    name: str
    share: float
    types: tuple[str, ...]
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Coverage:
    """How much of a provider's records a mapping reads.

    Attributes:
        records: how many were looked at.
        mapped: how many native fields with values the mapping reads.
        left_out: the others, the most frequent first.
    """

    records: int
    mapped: int
    left_out: tuple[LeftOut, ...]

    @property
    def share(self) -> float:
        """The mapped part of the fields that were seen."""
        total = self.mapped + len(self.left_out)
        return self.mapped / total if total else 1.0


def find_coverage(
    mapping: LoadedMapping, records: Sequence[Any], is_personal: Callable[[NativePath], bool]
) -> Coverage:
    """What the mapping reads of these native records, and what not.

    Args:
        mapping: whose rules count.
        records: native records.
        is_personal: whether a field may be about a person, so that none of its values but true and false is shown.
    """
    reads = reads_of_mapping(mapping)
    profile = profile_records(records)
    leaves = [one for one in profile.fields.values() if one.is_leaf]
    mapped = [one for one in leaves if reads.covers(one.path) or one.path in reads.tests]
    rest = [one for one in leaves if one not in mapped]
    left_out = [_left_out(one, len(records), is_personal) for one in rest]
    return Coverage(len(records), len(mapped), tuple(sorted(left_out, key=lambda one: (-one.share, one.name))))


def _left_out(one: NativeField, count: int, is_personal: Callable[[NativePath], bool]) -> LeftOut:
    share = max(one.types.values(), default=0) / count if count else 0.0
    values = () if is_personal(one.path) and one.kinds != {"boolean"} else _words(one)
    return LeftOut(show_native(one.path), share, tuple(sorted(one.kinds)), values)


def _words(one: NativeField) -> tuple[str, ...]:
    """The values of a field that looks like an enum: few words, each short, and seen again and again."""
    words = [word for word in one.values if word.strip()]
    is_enum = (
        bool(words)
        and one.kinds <= {"text", "boolean"}
        and len(words) <= _MOST_WORDS
        and sum(one.values.values()) >= max(4 * len(words), _FEWEST)
        and all(len(word) <= 30 and word.replace("_", "").replace("-", "").isalpha() for word in words)
    )
    return tuple(sorted(words)) if is_enum else ()
