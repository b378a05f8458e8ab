"""Assembles the parts of a JSON body."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any


def set_path(body: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    """Sets a value at a path of a JSON body and creates the objects on the way.

    >>> body = {"args": ["shop", {"limit": 5}]}
    >>> set_path(body, ("args", "1", "offset"), 10)
    >>> body
    {'args': ['shop', {'limit': 5, 'offset': 10}]}
    """
    place: Any = body
    for step in path[:-1]:
        inner = _element(place, step) if isinstance(place, list) else place.get(step)
        if not isinstance(inner, dict | list):
            inner = {}
            _put(place, step, inner)
        place = inner
    _put(place, path[-1], value)


def _element(elements: list[Any], step: str) -> Any:
    return elements[int(step)] if step.isdecimal() and int(step) < len(elements) else None


def _put(place: Any, step: str, value: Any) -> None:
    if not isinstance(place, list):
        place[step] = value
        return
    index = int(step)
    place.extend([None] * (index + 1 - len(place)))
    place[index] = value


def write_json_text(body: dict[str, Any], path: tuple[str, ...]) -> None:
    """Replaces the value at a path by text that holds it as JSON; a body without the path stays as it is."""
    place: Any = body
    for step in path[:-1]:
        place = place.get(step) if isinstance(place, dict) else None
    if isinstance(place, dict) and path[-1] in place:
        place[path[-1]] = json.dumps(place[path[-1]], ensure_ascii=False, separators=(",", ":"))


def merge_objects(base: Mapping[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """A new JSON object: ``extra`` merged into ``base``, level by level.

    >>> merge_objects({"a": {"x": 1}, "b": 1}, {"a": {"y": 2}, "b": [3]})
    {'a': {'x': 1, 'y': 2}, 'b': [3]}
    >>> merge_objects({"args": ["shop", {"limit": 5}]}, {"args": {"1": {"offset": 10}}})
    {'args': ['shop', {'limit': 5, 'offset': 10}]}
    """
    merged = dict(base)
    for key, value in extra.items():
        inner = merged.get(key)
        if isinstance(value, Mapping) and isinstance(inner, list | tuple) and all(map(str.isdecimal, value)):
            merged[key] = _merge_elements(inner, value)
        elif isinstance(value, Mapping):
            merged[key] = merge_objects(inner if isinstance(inner, Mapping) else {}, value)
        else:
            merged[key] = value
    return merged


def _merge_elements(elements: Sequence[Any], extra: Mapping[str, Any]) -> list[Any]:
    """The list with values merged in at the indexes that are the keys."""
    by_index = merge_objects({str(index): element for index, element in enumerate(elements)}, extra)
    merged: list[Any] = [None] * (max(map(int, by_index), default=-1) + 1)
    for index, element in by_index.items():
        merged[int(index)] = element
    return merged
