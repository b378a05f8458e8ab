"""Assembles the parts of a JSON body."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def set_path(body: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    """Sets a value at a path of a JSON body and creates the objects on the way."""
    for step in path[:-1]:
        inner = body.setdefault(step, {})
        if not isinstance(inner, dict):
            inner = body[step] = {}
        body = inner
    body[path[-1]] = value


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
    """
    merged = dict(base)
    for key, value in extra.items():
        inner = merged.get(key)
        if isinstance(value, Mapping):
            merged[key] = merge_objects(inner if isinstance(inner, Mapping) else {}, value)
        else:
            merged[key] = value
    return merged
