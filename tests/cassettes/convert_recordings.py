"""Turns recorded exchanges with a real shop into vcrpy cassettes: ``python -m tests.cassettes.convert_recordings``.

One exchange becomes one cassette and a sidecar; headers and bodies stay as they were received, for the shop's
customers were invented. Run it again after new recordings.
"""

from __future__ import annotations

import json
import re
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from tests.shared_material import SHARED
from truto_unify.testing.cassettes.sidecar import ENDING, Sidecar, sidecar_text

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
METHODS = {"POST": "create", "PUT": "update", "DELETE": "delete", "HEAD": "head", "OPTIONS": "options"}
ACCEPTED = (
    {"pattern": r"\+49 30 0{2}\d{4}", "reason": "phone numbers of the invented customers"},
    {"pattern": r"wc_order_\w+", "reason": "keys of invented orders in a shop that was made for the recordings"},
)


def convert_recordings(recordings: Path = RECORDINGS) -> dict[str, str]:
    """The text of every cassette by its path below ``tests/cassettes/woocommerce``."""
    return {_cassette_path(file): _cassette_text(_read(file)) for file in sorted(recordings.glob("*.json"))}


def convert_sidecars(recordings: Path = RECORDINGS) -> dict[str, str]:
    """The text of every sidecar by its path below ``tests/cassettes/woocommerce``."""
    return {
        _cassette_path(file).removesuffix(".yaml") + ENDING: sidecar_text(_about(_read(file)))
        for file in sorted(recordings.glob("*.json"))
    }


def _about(recording: dict[str, Any]) -> Sidecar:
    """No unified call was made: what the exchange was about is told by its request."""
    request = recording["request"]
    day = date.fromisoformat(PROVENANCE["date"])
    rest = request["path"].partition("?")[0].partition("/wc/v3/")[2].partition("/")
    reads = "get" if rest[2] else "list"
    return Sidecar(
        provenance="recorded",
        date=day,
        expires=day + timedelta(days=365),
        provider="woocommerce",
        api_version="wc/v3",
        resource="ecommerce/customers" if rest[0] == "customers" else None,
        method=METHODS.get(request["method"], reads),
        tool=request["headers"].get("User-Agent", "unknown"),
        server=PROVENANCE["server"],
        people="invented",
        accepted=tuple(finding for finding in ACCEPTED if re.search(finding["pattern"], recording["response"]["body"])),
    )


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
    for path, text in {**convert_recordings(), **convert_sidecars()}.items():
        target = CASSETTES / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="\n")
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
