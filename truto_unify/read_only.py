"""A mapping that nobody changes, and that copies as a plain dictionary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

Value = TypeVar("Value")


class ReadOnly(Mapping[str, Value]):
    """A read-only copy of a mapping; unlike ``types.MappingProxyType``, ``copy`` and ``dataclasses.asdict`` take it.

    Args:
        values: what it holds.
    """

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, Value]) -> None:
        self._values = dict(values)

    def __getitem__(self, name: str) -> Value:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return repr(self._values)

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, Value]:
        return dict(self._values)
