"""The keys of a JSON document, to compare one answer with another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


def key_paths(value: Any, path: str = "") -> Iterator[str]:
    """Every key of a document by its path; positions in a list do not count."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield f"{path}/{key}"
            yield from key_paths(item, f"{path}/{key}")
    elif isinstance(value, list):
        for item in value:
            yield from key_paths(item, path)
