"""Profiles native records: each field with its types, its values, and the share of the records that have it."""

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
    """One native field over many records.

    Attributes:
        path: the keys that lead to it.
        records: the number of records that have it, null or not.
        types: the number of records for each type; null, blank text and an empty list have no type.
        values: the number of occurrences of each text, number or boolean, cut to 60 characters.
        is_in_list: whether it stands in the elements of a list.
    """

    path: NativePath
    records: int = 0
    types: Counter[str] = field(default_factory=Counter)
    values: Counter[str] = field(default_factory=Counter)
    is_in_list: bool = False

    @property
    def kinds(self) -> frozenset[str]:
        """The types of its values."""
        return frozenset(self.types)

    @property
    def is_leaf(self) -> bool:
        """Whether it has a value of its own, and not only objects."""
        return bool(self.kinds - {"object", "list of objects"})


@dataclass(frozen=True)
class Profile:
    """The fields of some records.

    Attributes:
        fields: the fields by path.
        count: the number of records.
    """

    fields: dict[NativePath, NativeField]
    count: int

    def share(self, path: NativePath) -> float:
        """The share of the records that have this field."""
        native = self.fields.get(path)
        return native.records / self.count if native and self.count else 0.0


def profile_records(records: Sequence[Any]) -> Profile:
    """Counts the fields of native records.

    >>> profile_records([{"a": [{"b": 1}]}, {"a": []}]).share(("a", "b"))
    0.5
    """
    fields: dict[NativePath, NativeField] = {}
    for record in records:
        seen: dict[NativePath, set[str]] = {}
        for path, value, is_in_list in _walk(record, (), is_in_list=False):
            native = fields.setdefault(path, NativeField(path))
            native.is_in_list = native.is_in_list or is_in_list
            kinds = seen.setdefault(path, set())
            if value is not None and value not in ("", []):
                is_of_objects = isinstance(value, list) and all(isinstance(item, dict) for item in value)
                kinds.add("list of objects" if is_of_objects else _TYPES[type(value)])
            if isinstance(value, str | int | float):
                native.values[_value_text(value)] += 1
        for path, kinds in seen.items():
            fields[path].records += 1
            fields[path].types.update(kinds)
    return Profile(fields, len(records))


def _value_text(value: Any) -> str:
    return (str(value).lower() if isinstance(value, bool) else str(value))[:60]


def _walk(value: Any, path: NativePath, *, is_in_list: bool) -> Iterator[tuple[NativePath, Any, bool]]:
    """Every field below; the elements of a list have the list's path."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if isinstance(inner, list):
                yield (*path, key), inner, is_in_list
                for item in inner:
                    yield from _walk(item, (*path, key), is_in_list=True)
            else:
                yield (*path, key), inner, is_in_list
                yield from _walk(inner, (*path, key), is_in_list=is_in_list)
    elif isinstance(value, list):
        for item in value:
            yield from _walk(item, path, is_in_list=True)


def show_native(path: NativePath) -> str:
    """The field as an author writes it, with quotes around a key that is not a plain name.

    >>> show_native(("info", "contacts.display"))
    'info."contacts.display"'
    """
    return ".".join(step if step.replace("_", "a").isalnum() else f'"{step}"' for step in path)
