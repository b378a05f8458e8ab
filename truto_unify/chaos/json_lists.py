"""Finds and alters the records, ids and totals in the JSON of any store, by the usual names."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

Path = tuple[str, ...]
_ID = re.compile(r"(^|_)id$|Id$")
_TOTAL = re.compile(r"total", re.IGNORECASE)
_MAX_DEPTH = 6


def parse(body: bytes) -> Any:
    """The JSON of a body; None if it is none."""
    try:
        return json.loads(body)
    except ValueError:
        return None


def write(value: Any) -> bytes:
    """JSON as bytes."""
    return json.dumps(value, ensure_ascii=False).encode()


def has_id(value: Any) -> bool:
    """Whether a value is a record: an object with an id.

    >>> has_id({"customer_id": 7}), has_id({"paid": 7})
    (True, False)
    """
    return isinstance(value, dict) and any(_is_id(name, content) for name, content in value.items())


def _is_id(name: str, value: Any) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool) and _ID.search(name) is not None


def without_ids(record: dict[str, Any]) -> dict[str, Any]:
    """A record without its ids.

    >>> without_ids({"id": 7, "legacyResourceId": "7", "name": "Ana"})
    {'name': 'Ana'}
    """
    return {name: value for name, value in record.items() if not _is_id(name, value)}


def find_records(body: Any) -> Path | None:
    """The path to the list of records: the first list of objects with ids that lies in no such object.

    >>> find_records({"data": {"people": [{"id": 1}]}})
    ('data', 'people')
    """
    if isinstance(body, list):
        return () if body and all(map(has_id, body)) else None
    return _find_below(body, _MAX_DEPTH)


def _find_below(value: Any, depth: int) -> Path | None:
    if not isinstance(value, dict) or has_id(value) or depth == 0:
        return None
    for name, inner in value.items():
        if isinstance(inner, list) and inner and all(map(has_id, inner)):
            return (name,)
    for name, inner in value.items():
        below = _find_below(inner, depth - 1)
        if below is not None:
            return (name, *below)
    return None


def read_at(body: Any, path: Path) -> Any:
    """The value at a path; None if there is none."""
    for step in path:
        if not isinstance(body, dict):
            return None
        body = body.get(step)
    return body


def write_at(body: Any, path: Path, value: Any) -> Any:
    """A copy of the body with another value at a path.

    >>> write_at({"data": {"people": [1]}, "total": 1}, ("data", "people"), [])
    {'data': {'people': []}, 'total': 1}
    """
    if not path:
        return value
    step, *rest = path
    return {**body, step: write_at(body.get(step), tuple(rest), value)}


def alter_totals(value: Any, alter: Callable[[int], int], depth: int = _MAX_DEPTH) -> Any:
    """A copy with every total altered that is a whole number and lies in no list and no record.

    >>> alter_totals({"meta": {"total": 7}}, lambda total: 2 * total)
    {'meta': {'total': 14}}
    """
    if not isinstance(value, dict) or has_id(value) or depth == 0:
        return value
    return {
        name: alter(inner) if _is_total(name, inner) else alter_totals(inner, alter, depth - 1)
        for name, inner in value.items()
    }


def _is_total(name: str, value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and is_total_name(name)


def is_total_name(name: str) -> bool:
    """Whether a key or a header names a total.

    >>> is_total_name("X-WP-Total"), is_total_name("count")
    (True, False)
    """
    return _TOTAL.search(name) is not None
