"""Runs every mutant of every mapping, and writes what was caught and what survived to ``docs/mutation.md``.

``python -m tests.mutation [PROVIDER | RESOURCE ...]``; with names, only these mappings are tried.
"""

from __future__ import annotations

import json
import logging
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from tests.contract.test_contract import TestContract
from tests.golden_file import FOLDER
from tests.shipped import REGISTRY
from truto_unify.testing.contract_suite import read_survivors
from truto_unify.testing.mutation.campaign import Expectations, find_mutants, try_mutants, unexplained
from truto_unify.testing.provider_under_test import providers_under_test

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from truto_unify.testing import ProviderUnderTest
    from truto_unify.testing.mutation.campaign import MutationReport

REPORT = Path(__file__).resolve().parents[1] / "docs" / "mutation.md"
START, END = "<!-- results: make mutate -->\n", "<!-- end of results -->\n"
NEEDED = 0.95


def every_mapping() -> list[ProviderUnderTest]:
    """Every mapping, in each edition."""
    return sorted(providers_under_test(REGISTRY), key=lambda pair: (pair.resource, pair.slug))


def run(under_test: ProviderUnderTest) -> MutationReport:
    """What became of all mutants of a mapping."""
    suite = TestContract()
    expected = Expectations(suite.samples(under_test), FOLDER, suite.error_samples(under_test))
    return try_mutants(under_test, expected, find_mutants(under_test))


def result_row(under_test: ProviderUnderTest, report: MutationReport) -> str:
    """A line of the table."""
    mutants = report.tried + len(report.refused)
    counts = (mutants, len(report.refused), report.tried, len(report.survivors))
    cells = (under_test.slug, under_test.label, *counts, f"{report.rate:.1%}")
    return f"| {' | '.join(map(str, cells))} |"


def survivor_lines(under_test: ProviderUnderTest) -> list[str]:
    """The survivors of a mapping with their reasons."""
    reasons = read_survivors(FOLDER, under_test)
    lines = [f"* {_code(name)}: {reason}" for name, reason in reasons.items()]
    return [f"**{under_test}**", "", *(lines or ["None."]), ""]


def _code(text: str) -> str:
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def chosen_mappings(names: Sequence[str]) -> list[ProviderUnderTest]:
    """The mappings of these providers and resources; all without a name. A resource means all editions."""
    every = every_mapping()
    slugs = {name for name in names if any(pair.slug == name for pair in every)}
    resources = {*names} - slugs
    return [
        pair
        for pair in every
        if (not slugs or pair.slug in slugs) and (not resources or {pair.resource, pair.label} & resources)
    ]


def main() -> None:
    """Tries the mutants, prints the problems, and writes the results of the mappings that have none."""
    logging.getLogger("truto_unify").addHandler(logging.NullHandler())  # the warnings of mutants are no news
    rows = read_rows()
    problems = []
    for under_test in chosen_mappings(sys.argv[1:]):
        report = run(under_test)
        row = result_row(under_test, report)
        sys.stdout.write(f"{row} {json.dumps(dict(Counter(report.caught.values()).most_common()))}\n")
        sys.stdout.flush()
        found = unexplained(report, read_survivors(FOLDER, under_test))
        if report.rate < NEEDED:
            found.append(f"{under_test}: only {report.rate:.1%} of the mutants are caught; {NEEDED:.0%} are needed")
        rows |= {} if found else {str(under_test): row}
        problems += found
    write_report(rows)
    if problems:
        raise SystemExit("\n".join(problems))


def read_rows() -> dict[str, str]:
    """The rows of the page, by mapping."""
    results = REPORT.read_text(encoding="utf-8").partition(START)[2].partition(END)[0]
    lines = [line for line in results.splitlines() if line.startswith("| ")][2:]
    return {" ".join(cell.strip() for cell in line.split("|")[1:3]): line for line in lines}


def write_report(rows: Mapping[str, str]) -> None:
    """Puts the results into the page."""
    head = [
        "| provider | resource | mutants | refused by lint | tried | survived | caught |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    tried = [under_test for under_test in every_mapping() if str(under_test) in rows]
    survivors = [line for under_test in tried for line in survivor_lines(under_test)]
    lines = [*head, *(rows[str(under_test)] for under_test in tried), "", *survivors]
    text = REPORT.read_text(encoding="utf-8")
    before, start, rest = text.partition(START)
    content = "\n".join(lines).rstrip()
    REPORT.write_text(f"{before}{start}{content}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
