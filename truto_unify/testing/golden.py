"""Expected results, kept as JSON files and rewritten by ``pytest --update-golden``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


def golden_text(value: Any) -> str:
    """The value as it stands in a golden file."""
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def compare_golden(file: Path, value: Any, *, update: bool) -> str | None:
    """What differs between a JSON value and a golden file, or None; writes the file instead where asked to.

    Args:
        file: the expectation.
        value: what came out.
        update: writes what came out.
    """
    text = golden_text(value)
    if update:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")
    if not file.is_file():
        return f"{file}: there is no such file; run pytest --update-golden and review what it writes"
    difference = _first_difference(json.loads(file.read_text(encoding="utf-8")), json.loads(text), "")
    if difference is None:
        return None
    return f"{file}: {difference}; if it is meant, run pytest --update-golden and review the change"


def _first_difference(expected: Any, found: Any, place: str) -> str | None:
    """The first place where two JSON values differ, and how."""
    if isinstance(expected, dict) and isinstance(found, dict):
        steps = [(f"{place}.{key}", key) for key in [*expected, *(key for key in found if key not in expected)]]
        pairs = [(step, key in expected, key in found, key) for step, key in steps]
    elif isinstance(expected, list) and isinstance(found, list):
        longest = max(len(expected), len(found))
        pairs = [(f"{place}[{at}]", at < len(expected), at < len(found), at) for at in range(longest)]
    else:
        return None if expected == found else f"{place or 'the value'} was {expected!r} and is {found!r}"
    for step, was_there, is_there, key in pairs:
        if not (was_there and is_there):
            return f"{step.removeprefix('.')} is {'gone' if was_there else 'new'}"
        difference = _first_difference(expected[key], found[key], step.removeprefix("."))
        if difference:
            return difference
    return None
