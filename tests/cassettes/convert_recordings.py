"""Turns recorded exchanges with a real shop into vcrpy cassettes: ``python -m tests.cassettes.convert_recordings``.

One exchange becomes one cassette and a sidecar; headers and bodies stay as they were received, for the shop's
customers were invented. Run it again after new recordings.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from tests.shared_material import SHARED
from truto_unify.testing.cassettes.sidecar import ENDING, Sidecar, sidecar_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

CASSETTES = Path(__file__).resolve().parent / "woocommerce"
SERVER = "WooCommerce 11.0.1"


@dataclass(frozen=True)
class Recordings:
    """What was recorded on one day in a shop.

    Attributes:
        folder: holds the recordings.
        day: of the recordings.
        groups: the numbers of the recordings in each folder of cassettes.
    """

    folder: Path
    day: date
    groups: Mapping[str, Iterable[int]]

    @property
    def provenance(self) -> dict[str, str]:
        """The origin, as each cassette names it."""
        return {"kind": "recorded", "server": SERVER, "date": self.day.isoformat()}


RECORDINGS = (
    Recordings(
        SHARED / "recordings" / "woocommerce",
        date(2026, 11, 24),
        {
            "lists": (*range(1, 21), *range(68, 71)),
            "get": range(21, 29),
            "errors": range(29, 49),
            "writes": range(49, 64),
            "orders": range(64, 68),
            "faults": range(71, 73),
        },
    ),
    # Writes and webhooks are left out until a call makes them, and lists by words that no unified filter sends.
    Recordings(
        SHARED / "recordings" / "woocommerce-11",
        date(2026, 11, 29),
        {
            "orders/lists": (1, 2, 4, 5, 8, 9, *range(12, 37), 52, 53, 288, 296),
            "orders/errors": (10, 54, 56, 57, 58, 61, 62, 64, 65, 66, 90),
            "orders/gets": (*range(72, 82), *range(184, 191), 286, 294),
            "orders/refunds": range(82, 87),
            "products/lists": (92, 94, 96, *range(97, 102), 106, 108, 109, *range(116, 127), 141),
            "products/errors": (134, 137, 138, 140),
            "products/gets": (*range(142, 159), 164, 289, 297),
            "products/variations": (160, 161, 162, 165),
            "shop": (173, 290, 298),
        },
    ),
)
METHODS = {"POST": "create", "PUT": "update", "DELETE": "delete", "HEAD": "head", "OPTIONS": "options"}
RESOURCES = {name: f"ecommerce/{name}" for name in ("customers", "orders", "products")}
ACCEPTED = (
    {"pattern": r"\+49 30 0{2}\d{4}", "reason": "phone numbers of the invented customers"},
    {"pattern": r"wc_order_\w+", "reason": "keys of invented orders in a shop that was made for the recordings"},
    {"pattern": r"yui\.mori@example\.jp", "reason": "an invented customer; example.jp is a domain for examples"},
)


def convert_recordings() -> dict[str, str]:
    """The text of every cassette by its path below ``tests/cassettes/woocommerce``."""
    return {path: _cassette_text(recorded, recordings) for path, recorded, recordings in _chosen()}


def convert_sidecars() -> dict[str, str]:
    """The text of every sidecar by its path below ``tests/cassettes/woocommerce``."""
    return {
        path.removesuffix(".yaml") + ENDING: sidecar_text(_about(recorded, recordings))
        for path, recorded, recordings in _chosen()
    }


def _chosen() -> Iterator[tuple[str, dict[str, Any], Recordings]]:
    """The path of each cassette, the recorded exchange, and the recordings that it belongs to."""
    for recordings in RECORDINGS:
        groups = {number: group for group, numbers in recordings.groups.items() for number in numbers}
        for file in sorted(recordings.folder.glob("*.json")):
            group = groups.get(int(file.stem.partition("-")[0]))
            if group is not None:
                yield f"{group}/{file.stem}.yaml", json.loads(file.read_text(encoding="utf-8")), recordings


def _about(recorded: dict[str, Any], recordings: Recordings) -> Sidecar:
    """No unified call was made: what the exchange was about is told by its request."""
    request = recorded["request"]
    path = request["path"].partition("?")[0].partition("/wc/v3/")[2].split("/")
    reads = "list" if len(path) == 1 else "get"
    return Sidecar(
        provenance="recorded",
        date=recordings.day,
        expires=recordings.day + timedelta(days=365),
        provider="woocommerce",
        api_version="wc/v3",
        resource=RESOURCES.get(path[0]),
        method=METHODS.get(request["method"], reads),
        tool=request["headers"].get("User-Agent", "unknown"),
        server=SERVER,
        people="invented",
        accepted=tuple(finding for finding in ACCEPTED if re.search(finding["pattern"], recorded["response"]["body"])),
    )


def _cassette_text(recorded: dict[str, Any], recordings: Recordings) -> str:
    request, response = recorded["request"], recorded["response"]
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
    cassette = {"provenance": recordings.provenance, "interactions": [interaction], "version": 1}
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
