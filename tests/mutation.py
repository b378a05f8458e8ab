"""Runs every mutant of every mapping, and writes ``docs/mutation.md``: what was caught, and what survived and why.

``python -m tests.mutation [PROVIDER ...]``; with names only these are tried, and nothing is written.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from tests.contract.test_contract import REGISTRY, TestContract
from tests.golden_file import FOLDER
from truto_unify.testing import Subject
from truto_unify.testing.contract_suite import read_survivors
from truto_unify.testing.mutation.campaign import Evidence, find_mutants, try_mutants, unexplained

if TYPE_CHECKING:
    from truto_unify.testing.mutation.campaign import MutationReport

REPORT = Path(__file__).resolve().parents[1] / "docs" / "mutation.md"
START, END = "<!-- results: make mutate -->\n", "<!-- end of results -->\n"
NEEDED = 0.95


def subjects() -> list[Subject]:
    """Every mapping that ships."""
    return [Subject(REGISTRY, slug, resource) for resource, slug in REGISTRY.mappings]


def run(subject: Subject) -> MutationReport:
    """What became of all mutants of a mapping."""
    suite = TestContract()
    evidence = Evidence(suite.samples(subject), FOLDER, suite.error_samples(subject))
    return try_mutants(subject, evidence, find_mutants(subject))


def result_row(subject: Subject, report: MutationReport) -> str:
    """A line of the table."""
    made = report.tried + len(report.refused)
    cells = (subject.slug, made, len(report.refused), report.tried, len(report.survivors), f"{report.rate:.1%}")
    return f"| {' | '.join(map(str, cells))} |"


def survivor_lines(subject: Subject) -> list[str]:
    """The survivors of a mapping with their reasons."""
    reasons = read_survivors(FOLDER, subject)
    lines = [f"* {_code(name)}: {reason}" for name, reason in reasons.items()]
    return [f"**{subject.slug}**", "", *(lines or ["None."]), ""]


def _code(text: str) -> str:
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def main() -> None:
    """Tries all, prints what is unexplained, writes the report."""
    chosen = [one for one in subjects() if not sys.argv[1:] or one.slug in sys.argv[1:]]
    rows, problems = [], []
    for subject in chosen:
        report = run(subject)
        rows.append(result_row(subject, report))
        sys.stdout.write(f"{rows[-1]} {json.dumps(dict(Counter(report.caught.values()).most_common()))}\n")
        sys.stdout.flush()
        problems += unexplained(report, read_survivors(FOLDER, subject))
        if report.rate < NEEDED:
            problems.append(f"{subject}: only {report.rate:.1%} of the mutants are caught; {NEEDED:.0%} are needed")
    if problems:
        raise SystemExit("\n".join(problems))
    if not sys.argv[1:]:
        write_report(rows)


def write_report(rows: list[str]) -> None:
    """Puts the results into the page."""
    head = [
        "| provider | mutants | no valid file | tried | survived | caught |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    lines = [*head, *rows, "", *(line for one in subjects() for line in survivor_lines(one))]
    text = REPORT.read_text(encoding="utf-8")
    before, start, rest = text.partition(START)
    content = "\n".join(lines).rstrip()
    REPORT.write_text(f"{before}{start}{content}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
