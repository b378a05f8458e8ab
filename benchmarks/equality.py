"""Checks that contenders give the same result before they race: less work must not win."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from benchmarks.workload import Record, Workload


class Different(AssertionError):
    """Two contenders disagree on a record."""


def check_records(workload: Workload, contenders: Mapping[str, Callable[[Record], Record]]) -> None:
    """Maps every record by every contender.

    Raises:
        Different: a contender differs from the first.
    """
    names = list(contenders)
    for number, native in enumerate(workload.records):
        expected = contenders[names[0]](native)
        for name in names[1:]:
            _compare(expected, contenders[name](native), f"{workload.name}, record {number}: {names[0]} and {name}")


def check_pages(workload: Workload, contenders: Mapping[str, Callable[[bytes], bytes]]) -> None:
    """Maps the page by every contender, and compares the parsed answers.

    Raises:
        Different: a contender differs from the first.
    """
    names = list(contenders)
    expected = json.loads(contenders[names[0]](workload.body))
    for name in names[1:]:
        body = json.loads(contenders[name](workload.body))
        if len(body) != len(expected):
            raise Different(f"{workload.name}: {name} gives {len(body)} records and not {len(expected)}")
        for number, (record, other) in enumerate(zip(expected, body, strict=True)):
            _compare(record, other, f"{workload.name}, record {number}: {names[0]} and {name}")


def _compare(expected: Record, actual: Record, label: str) -> None:
    for field in {**expected, **actual}:
        first, second = _write(expected.get(field, "(absent)")), _write(actual.get(field, "(absent)"))
        if first != second:
            raise Different(f"{label} differ in {field}: {first} and {second}")


def _write(value: Any) -> str:
    """The value as JSON text, which distinguishes true from 1 and 1 from 1.0."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
