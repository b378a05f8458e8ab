"""The cells that are known to be wrong, in a file: none of them may become right unseen, and none may be added."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.lists.cells import Key

KNOWN_WRONG = Path(__file__).with_name("known_wrong.txt")
_HEAD = """\
# Cells that are wrong or wasteful today: store | scenario | door: limits; door: limits
# `make lists` takes out what became right and fails on what is new. This file is to become empty.
"""


def read_known_wrong() -> set[Key]:
    """The cells of the file."""
    keys: set[Key] = set()
    for line in KNOWN_WRONG.read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or not line:
            continue
        store, scenario, doors = line.split(" | ")
        for entry in doors.split("; "):
            door, _, limits = entry.rpartition(": ")
            keys |= {(store, scenario, door, limit) for limit in limits.split()}
    return keys


def write_known_wrong(keys: Iterable[Key]) -> None:
    """Writes the file."""
    lines: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for store, scenario, door, limit in keys:
        lines[store, scenario][door].append(limit)
    text = "".join(
        f"{store} | {scenario} | "
        + "; ".join(f"{door}: {' '.join(sorted(limits, key=_rank))}" for door, limits in sorted(doors.items()))
        + "\n"
        for (store, scenario), doors in sorted(lines.items())
    )
    KNOWN_WRONG.write_text(_HEAD + text, encoding="utf-8")


def _rank(limit: str) -> int:
    return 1000 if limit == "none" else int(limit)
