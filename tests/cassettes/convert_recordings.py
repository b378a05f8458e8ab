"""Turns recorded exchanges with a real shop into vcrpy cassettes: ``python -m tests.cassettes.convert_recordings``.

One exchange becomes one cassette; headers and bodies stay as they were received. Run it again after new recordings.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import yaml

from tests.shared_material import SHARED

RECORDINGS = SHARED / "recordings" / "woocommerce"
CASSETTES = Path(__file__).resolve().parent / "woocommerce"
PROVENANCE = {"kind": "recorded", "server": "WooCommerce 11.0.1", "date": "2026-11-24"}
GROUPS = {
    "lists": (*range(1, 21), *range(68, 71)),
    "get": range(21, 29),
    "errors": range(29, 49),
    "writes": range(49, 64),
    "orders": range(64, 68),
    "faults": range(71, 73),
}
"""The folder of a recording, by its number."""


def convert_recordings(recordings: Path = RECORDINGS) -> dict[str, str]:
    """The text of every cassette by its path below ``tests/cassettes/woocommerce``."""
    return {_cassette_path(file): _cassette_text(_read(file)) for file in sorted(recordings.glob("*.json"))}


def _cassette_path(recording: Path) -> str:
    number = int(recording.stem.partition("-")[0])
    (group,) = (name for name, numbers in GROUPS.items() if number in numbers)
    return f"{group}/{recording.stem}.yaml"


def _read(recording: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(recording.read_text(encoding="utf-8"))
    return content


def _cassette_text(recording: dict[str, Any]) -> str:
    request, response = recording["request"], recording["response"]
    interaction = {
        "request": {
            "method": request["method"],
            "uri": request["base"] + request["path"],
            "headers": {name: [value] for name, value in request["headers"].items()},
            "body": request["body"] or "",
        },
        "response": {
            "status": {"code": response["status"], "message": response["reason"]},
            "headers": _joined(response["headers"]),
            "body": {"string": response["body"]},
        },
    }
    cassette = {"provenance": PROVENANCE, "interactions": [interaction], "version": 1}
    return yaml.safe_dump(cassette, sort_keys=False, allow_unicode=True, width=sys.maxsize)


def _joined(headers: list[list[str]]) -> dict[str, list[str]]:
    """Values by name, since a header may repeat."""
    joined: dict[str, list[str]] = {}
    for name, value in headers:
        joined.setdefault(name, []).append(value)
    return joined


def main() -> None:
    """Writes every cassette anew."""
    for path, text in convert_recordings().items():
        target = CASSETTES / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="\n")
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
