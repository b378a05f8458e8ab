"""Counts what native records hold: each field with its types, the share of records that have it, and its words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from truto_unify.inspection.reading import NativePath

_TYPES: dict[type, str] = {
    bool: "boolean",
    int: "number",
    float: "number",
    str: "text",
    list: "list",
    dict: "object",
    type(None): "null",
}


@dataclass
class NativeField:
    """One field over many records.

    Attributes:
        path: the keys that lead to it.
        records: how many records have it, null or not.
        types: how many records have it with this type; null, blank text and an empty list are none.
        values: how often each short text, number or truth value was seen.
        is_in_list: whether it stands in the elements of a list.
    """

    path: NativePath
    records: int = 0
    types: Counter[str] = field(default_factory=Counter)
    values: Counter[str] = field(default_factory=Counter)
    is_in_list: bool = False

    @property
    def kinds(self) -> frozenset[str]:
        """Its types."""
        return frozenset(self.types)

    @property
    def is_leaf(self) -> bool:
        """Whether it was seen with a value of its own and not only as objects."""
        return bool(self.kinds - {"object", "list of objects"})


@dataclass(frozen=True)
class Profile:
    """What some records hold.

    Attributes:
        fields: by path.
        count: how many records there were.
    """

    fields: dict[NativePath, NativeField]
    count: int

    def share(self, path: NativePath) -> float:
        """The part of the records that have this field."""
        found = self.fields.get(path)
        return found.records / self.count if found and self.count else 0.0


def profile_records(records: Sequence[Any]) -> Profile:
    """Counts the fields of native records.

    >>> profile_records([{"a": [{"b": 1}]}, {"a": []}]).share(("a", "b"))
    0.5
    """
    fields: dict[NativePath, NativeField] = {}
    for record in records:
        seen: dict[NativePath, set[str]] = {}
        for path, value, is_in_list in _walk(record, (), is_in_list=False):
            one = fields.setdefault(path, NativeField(path))
            one.is_in_list = one.is_in_list or is_in_list
            kinds = seen.setdefault(path, set())
            if value is not None and value not in ("", []):
                is_of_objects = isinstance(value, list) and all(isinstance(one, dict) for one in value)
                kinds.add("list of objects" if is_of_objects else _TYPES[type(value)])
            if isinstance(value, str | int | float):
                one.values[_word(value)] += 1
        for path, kinds in seen.items():
            fields[path].records += 1
            fields[path].types.update(kinds)
    return Profile(fields, len(records))


def _word(value: Any) -> str:
    return (str(value).lower() if isinstance(value, bool) else str(value))[:60]


def _walk(value: Any, path: NativePath, *, is_in_list: bool) -> Iterator[tuple[NativePath, Any, bool]]:
    """Every field below; the elements of a list stand at its own path."""
    if isinstance(value, dict):
        for key, one in value.items():
            if isinstance(one, list):
                yield (*path, key), one, is_in_list
                for inner in one:
                    yield from _walk(inner, (*path, key), is_in_list=True)
            else:
                yield (*path, key), one, is_in_list
                yield from _walk(one, (*path, key), is_in_list=is_in_list)
    elif isinstance(value, list):
        for inner in value:
            yield from _walk(inner, path, is_in_list=True)


def show_native(path: NativePath) -> str:
    """The field as an author writes it; a key that is no plain name stands in quotes.

    >>> show_native(("info", "contacts.display"))
    'info."contacts.display"'
    """
    return ".".join(step if step.replace("_", "a").isalnum() else f'"{step}"' for step in path)
