"""Finds the native fields that a mapping leaves out, by the share of records that have them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from truto_unify.inspection.native_fields import profile_records, show_native
from truto_unify.inspection.reading import reads_of_mapping

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from truto_unify.config.configuration import LoadedMapping
    from truto_unify.inspection.native_fields import NativeField
    from truto_unify.inspection.reading import NativePath

_MAX_ENUM_VALUES = 8
_MIN_OCCURRENCES = 8
"""How often the values of an enum must occur: in few records, any text looks like an enum."""


@dataclass(frozen=True)
class LeftOut:
    """A native field that no rule reads.

    Attributes:
        name: the field.
        share: the share of the records that have a value there.
        types: the types of the values.
        values: the values of what looks like an enum; empty if the field may be about a person.
    """

    name: str
    share: float
    types: tuple[str, ...]
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Coverage:
    """How much of a provider's records a mapping reads.

    Attributes:
        records: the number of records.
        mapped: the number of native fields with values that the mapping reads.
        left_out: the other fields with values, the most frequent first.
    """

    records: int
    mapped: int
    left_out: tuple[LeftOut, ...]

    @property
    def share(self) -> float:
        """The share of the fields with values that the mapping reads."""
        total = self.mapped + len(self.left_out)
        return self.mapped / total if total else 1.0


def find_coverage(
    mapping: LoadedMapping, records: Sequence[Any], is_personal: Callable[[NativePath], bool]
) -> Coverage:
    """Compares what the mapping reads with what these native records hold.

    Args:
        mapping: the mapping to check.
        records: native records.
        is_personal: whether a field may be about a person; of such a field, only true and false are shown.
    """
    reads = reads_of_mapping(mapping)
    profile = profile_records(records)
    leaves = [native for native in profile.fields.values() if native.is_leaf]
    mapped = [native for native in leaves if reads.covers(native.path) or native.path in reads.tests]
    rest = [native for native in leaves if native not in mapped]
    left_out = [_left_out(native, len(records), is_personal) for native in rest]
    return Coverage(len(records), len(mapped), tuple(sorted(left_out, key=lambda left: (-left.share, left.name))))


def _left_out(native: NativeField, count: int, is_personal: Callable[[NativePath], bool]) -> LeftOut:
    share = max(native.types.values(), default=0) / count if count else 0.0
    values = () if is_personal(native.path) and native.kinds != {"boolean"} else _enum_values(native)
    return LeftOut(show_native(native.path), share, tuple(sorted(native.kinds)), values)


def _enum_values(native: NativeField) -> tuple[str, ...]:
    """The values of a field that looks like an enum: few short words that repeat often."""
    words = [word for word in native.values if word.strip()]
    is_enum = (
        bool(words)
        and native.kinds <= {"text", "boolean"}
        and len(words) <= _MAX_ENUM_VALUES
        and sum(native.values.values()) >= max(4 * len(words), _MIN_OCCURRENCES)
        and all(len(word) <= 30 and word.replace("_", "").replace("-", "").isalpha() for word in words)
    )
    return tuple(sorted(words)) if is_enum else ()
