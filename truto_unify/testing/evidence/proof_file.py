"""The file with the results of ``truto-unify prove``, beside a provider's tests; it counts until the YAML changes."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from truto_unify.testing.cassettes.keep_list import config_texts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from truto_unify.config.configuration import LoadedMapping
    from truto_unify.testing.evidence.prover import ClaimResult
    from truto_unify.testing.provider_under_test import ProviderUnderTest

NAME = "proved.json"


def write_proof(
    folder: Path, under_test: ProviderUnderTest, level: str, day: date, results: Sequence[ClaimResult]
) -> Path:
    """Writes the results of a resource, and keeps those of the other resources.

    Args:
        folder: the folder of the provider's tests.
        under_test: provider and resource.
        level: ``recorded`` if the provider's real software answers, else ``synthetic``.
        day: the day of the run.
        results: all results of the run.
    """
    file = folder / NAME
    content = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    verdicts = {result.claim: result.verdict for result in results}
    content[under_test.label] = {
        "level": level,
        "day": day.isoformat(),
        "mapping": fingerprint(under_test.mapping),
        "claims": verdicts,
    }
    folder.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    return file


def read_proof(folder: Path, under_test: ProviderUnderTest) -> dict[str, Any] | None:
    """The results for the resource; None if there are none, or its files have changed since."""
    file = folder / NAME
    content = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    proof: dict[str, Any] | None = content.get(under_test.label)
    return proof if proof is not None and proof["mapping"] == fingerprint(under_test.mapping) else None


def proved_claims(proof: dict[str, Any]) -> list[str]:
    """The filters and sorts that the store confirms; a sort counts only if it is confirmed in both directions."""
    verdicts: dict[str, set[str]] = {}
    for claim, verdict in proof["claims"].items():
        verdicts.setdefault(claim.partition("=")[0], set()).add(verdict)
    return [claim for claim, seen in verdicts.items() if seen == {"ok"}]


def fingerprint(mapping: LoadedMapping) -> str:
    """A hash of the files of a resource and its provider."""
    texts = [*config_texts(mapping.config), *config_texts(mapping.provider.config)]
    return hashlib.sha256(json.dumps(texts).encode()).hexdigest()[:16]
