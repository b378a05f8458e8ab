"""Finds different records of one page that share an id: an id tells them not apart, and none of them may be lost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from truto_unify.engine.cursor import fingerprint

if TYPE_CHECKING:
    from collections.abc import Sequence


def tell_apart(ids: Sequence[str], natives: Sequence[Any]) -> tuple[Sequence[str], list[tuple[int, int]]]:
    """The ids with another one for each record that differs from the first record of its id.

    Equal records share their id: a store gave one record twice.

    Args:
        ids: the id of each record of a page.
        natives: the records, as values or as their JSON.

    Returns:
        The ids, and (index, index of the first record of the id) for each record that differs.

    >>> natives = [{"id": 1}, {"id": 1, "name": "Ana"}, {"id": 1}, b'{ "id": 1 }']
    >>> ids, differing = tell_apart(["1", "1", "1", "1"], natives)
    >>> [record_id == "1" for record_id in ids], differing
    ([True, False, True, True], [(1, 0)])
    """
    if len(set(ids)) == len(ids):
        return ids, []  # every page pays for this line, and few for the rest
    apart, differing = [*ids], []
    first: dict[str, int] = {}
    contents: dict[int, str] = {}
    for index, record_id in enumerate(ids):
        before = first.setdefault(record_id, index)
        if before == index:
            continue
        if before not in contents:
            contents[before] = _content(natives[before])
        content = _content(natives[index])
        if content != contents[before]:
            apart[index] = f"{record_id} {fingerprint(content)}"
            differing.append((index, before))
    return apart, differing


def _content(native: Any) -> str:
    """The JSON of a record, whose keys are sorted; its text as it is if that cannot be read."""
    is_text = not isinstance(native, dict | list | str | int | float | None)
    text = str(bytes(native), "utf-8", "replace") if is_text else repr(native)
    try:
        return json.dumps(json.loads(text) if is_text else native, sort_keys=True)
    except (ValueError, RecursionError):
        return text
