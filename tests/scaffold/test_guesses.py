"""A share of the samples of known stores: what scaffold finds in them, and that its drafts are sound."""

from __future__ import annotations

from collections import Counter

from tests.guesses import find_samples, judge
from tests.shared_material import needs_shared
from tests.shipped import REGISTRY

EVERY = 4
"""One of so many samples is tried; ``make guesses`` tries all."""
LEAST_FOUND = 0.8
MOST_WRONG = 0.06


@needs_shared
def test_scaffold_finds_most_fields_of_known_stores() -> None:
    samples = list(find_samples(REGISTRY))[::EVERY]
    verdicts = [(sample.file.name, verdict) for sample in samples for verdict in judge(REGISTRY, sample)]

    count = Counter(verdict.word for _, verdict in verdicts)
    report = "\n".join(f"{name}: {verdict}" for name, verdict in verdicts if verdict.word != "found")
    assert len({sample.resource for sample in samples}) == 3
    assert len(verdicts) > 200
    assert [verdict for _, verdict in verdicts if verdict.field.startswith("(")] == []
    assert count["found"] / len(verdicts) >= LEAST_FOUND, report
    assert count["wrong"] / len(verdicts) <= MOST_WRONG, report
