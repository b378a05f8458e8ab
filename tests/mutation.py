"""Runs every mutant of the mappings of customers, and writes what was caught and what survived to ``docs/mutation.md``.

``python -m tests.mutation [PROVIDER ...]``; with names only these are tried, and nothing is written.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.contract.test_contract import REGISTRY, TestContract
from tests.golden_file import FOLDER
from truto_unify.testing import ProviderUnderTest
from truto_unify.testing.contract_suite import read_survivors
from truto_unify.testing.mutation.campaign import Expectations, find_mutants, try_mutants, unexplained

if TYPE_CHECKING:
    from truto_unify.testing.mutation.campaign import MutationReport

REPORT = Path(__file__).resolve().parents[1] / "docs" / "mutation.md"
START, END = "<!-- results: make mutate -->\n", "<!-- end of results -->\n"
NEEDED = 0.95
RESOURCE: Final = "ecommerce/customers"


def providers_under_test() -> list[ProviderUnderTest]:
    """The mappings of customers; those of orders and products are not caught well enough yet (docs/mutation.md)."""
    return [ProviderUnderTest(REGISTRY, slug, resource) for resource, slug in REGISTRY.mappings if resource == RESOURCE]


def run(under_test: ProviderUnderTest) -> MutationReport:
    """What became of all mutants of a mapping."""
    suite = TestContract()
    expected = Expectations(suite.samples(under_test), FOLDER, suite.error_samples(under_test))
    return try_mutants(under_test, expected, find_mutants(under_test))


def result_row(under_test: ProviderUnderTest, report: MutationReport) -> str:
    """A line of the table."""
    mutants = report.tried + len(report.refused)
    cells = (under_test.slug, mutants, len(report.refused), report.tried, len(report.survivors), f"{report.rate:.1%}")
    return f"| {' | '.join(map(str, cells))} |"


def survivor_lines(under_test: ProviderUnderTest) -> list[str]:
    """The survivors of a mapping with their reasons."""
    reasons = read_survivors(FOLDER, under_test)
    lines = [f"* {_code(name)}: {reason}" for name, reason in reasons.items()]
    return [f"**{under_test.slug}**", "", *(lines or ["None."]), ""]


def _code(text: str) -> str:
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def main() -> None:
    """Tries all mutants, prints the problems, writes the report."""
    chosen = [
        under_test for under_test in providers_under_test() if not sys.argv[1:] or under_test.slug in sys.argv[1:]
    ]
    rows, problems = [], []
    for under_test in chosen:
        report = run(under_test)
        rows.append(result_row(under_test, report))
        sys.stdout.write(f"{rows[-1]} {json.dumps(dict(Counter(report.caught.values()).most_common()))}\n")
        sys.stdout.flush()
        problems += unexplained(report, read_survivors(FOLDER, under_test))
        if report.rate < NEEDED:
            problems.append(f"{under_test}: only {report.rate:.1%} of the mutants are caught; {NEEDED:.0%} are needed")
    if problems:
        raise SystemExit("\n".join(problems))
    if not sys.argv[1:]:
        write_report(rows)


def write_report(rows: list[str]) -> None:
    """Puts the results into the page."""
    head = [
        "| provider | mutants | refused by lint | tried | survived | caught |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    lines = [*head, *rows, "", *(line for under_test in providers_under_test() for line in survivor_lines(under_test))]
    text = REPORT.read_text(encoding="utf-8")
    before, start, rest = text.partition(START)
    content = "\n".join(lines).rstrip()
    REPORT.write_text(f"{before}{start}{content}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
