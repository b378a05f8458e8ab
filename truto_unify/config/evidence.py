"""The evidence that a provider supports a field or filter: computed from the tests, stored beside the mappings.

``mappings/evidence.json`` is written by the project's tests and never by hand.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Mapping

    from truto_unify.config.files import Layer

Level = Literal["declared", "synthetic", "docs-example", "recorded"]
LEVELS: tuple[Level, ...] = get_args(Level)
"""From weak to strong: only declared; seen in a pretend store; in an example of the vendor; on a real server."""
Proof = Literal["contract", "list", "get", "second page", "refusal", "side loads", "prove"]
PROOFS: dict[Proof, str] = {
    "contract": "the contract suite",
    "list": "the answer of a list",
    "get": "the answer of a get",
    "second page": "the page after the first",
    "refusal": "an error answer",
    "side loads": "a call of every side load",
    "prove": "a run of truto-unify prove",
}
"""What is proven of a resource as a whole, beside its fields and filters."""
FILE = "mappings/evidence.json"


@dataclass(frozen=True, slots=True)
class Evidence:
    """The evidence for one cell of the support matrix.

    Attributes:
        level: the strongest known level.
        day: the day of the recording, if known.
        where: the call that gives a field: ``list``, ``get`` only, or a ``side load`` only.
    """

    level: Level = "declared"
    day: str | None = None
    where: Literal["list", "get", "side load"] | None = None

    def __str__(self) -> str:
        level = f"{self.level} {self.day}" if self.day else self.level
        return f"{level} ({self.where})" if self.where not in (None, "list") else level


def read_evidence(layers: list[Layer]) -> Mapping[str, Any]:
    """The evidence of every layer: ``{resource: {provider: {"fields" | "query" | "proofs": {name: cell}}}}``."""
    merged: dict[str, dict[str, Any]] = {}
    for layer in layers:
        content = layer.read(FILE)
        for resource, providers in json.loads(content).items() if content else ():
            merged.setdefault(resource, {}).update(providers)
    return merged
