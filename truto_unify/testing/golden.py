"""Compares results with golden files: expected results as JSON, rewritten by ``pytest --update-golden``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


def golden_text(value: Any) -> str:
    """The text of a golden file for this value."""
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def compare_golden(file: Path, value: Any, *, update: bool) -> str | None:
    """The difference between a JSON value and a golden file; None if they are equal.

    Args:
        file: the golden file.
        value: the actual result.
        update: whether to write the file first.

    Raises:
        ValueError: the golden file is not JSON.
    """
    text = golden_text(value)
    if update:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")
    if not file.is_file():
        return f"{file}: the file does not exist; run pytest --update-golden and review what it writes"
    difference = _first_difference(json.loads(file.read_text(encoding="utf-8")), json.loads(text), "")
    if difference is None:
        return None
    return f"{file}: {difference}; if the change is intended, run pytest --update-golden and review the change"


def _first_difference(expected: Any, actual: Any, path: str) -> str | None:
    """The first path at which two JSON values differ, and how."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        steps = [(f"{path}.{key}", key) for key in [*expected, *(key for key in actual if key not in expected)]]
        pairs = [(step, key in expected, key in actual, key) for step, key in steps]
    elif isinstance(expected, list) and isinstance(actual, list):
        longest = max(len(expected), len(actual))
        pairs = [(f"{path}[{at}]", at < len(expected), at < len(actual), at) for at in range(longest)]
    else:
        return None if expected == actual else f"{path or 'the value'} was {expected!r} and is {actual!r}"
    for step, was_there, is_there, key in pairs:
        if not (was_there and is_there):
            return f"{step.removeprefix('.')} is {'gone' if was_there else 'new'}"
        difference = _first_difference(expected[key], actual[key], step.removeprefix("."))
        if difference:
            return difference
    return None
