"""examples/ticketing as its author has it: models, provider and mappings in YAML, tests of its own, and a package."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.examples.outside import TICKETING, run, run_apart

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A copy of the example, away from this repository."""
    return shutil.copytree(TICKETING, tmp_path / "ticketing-unify", ignore=shutil.ignore_patterns("__pycache__"))


def test_it_has_no_python_but_its_tests_and_the_data_of_the_server() -> None:
    code = {file.relative_to(TICKETING).as_posix() for file in TICKETING.rglob("*.py")}

    assert code == {"conftest.py", "store/seed.py", "tests/pretix/test_pretix.py"}


def test_its_own_tests_pass_without_a_warning(repository: Path) -> None:
    code, output = run_apart(repository, "pytest", "-q", "-W", "error")

    assert (code, "79 passed" in output) == (0, True), output


def test_lint_and_the_scan_of_its_cassettes_find_nothing(repository: Path) -> None:
    lint = run(repository, "truto-unify", "lint", ".")
    scan = run(repository, "truto-unify", "record", "--check", "tests/pretix/cassettes", "--overlay", ".")

    assert (lint[0], scan) == (0, (0, "25 cassettes, nothing found\n"))


def test_every_cassette_was_recorded() -> None:
    abouts = [json.loads(file.read_text("utf-8")) for file in TICKETING.glob("tests/pretix/cassettes/*.about.json")]

    assert {about["provenance"] for about in abouts} == {"recorded"}
    assert {about.get("error") for about in abouts} == {
        None,
        "NotFoundError",
        "PermissionDeniedError",
        "AuthenticationError",
        "RejectedInputError",
    }


def test_its_evidence_is_up_to_date(repository: Path) -> None:
    written = json.loads((repository / "mappings/evidence.json").read_text("utf-8"))

    code, output = run(repository, "truto-unify", "evidence", "--provider", "pretix")

    assert (code, output) == (0, "ticketing/events: gold\nticketing/orders: gold\n")
    assert json.loads((repository / "mappings/evidence.json").read_text("utf-8")) == written


def test_its_page_shows_what_prove_found() -> None:
    proved = json.loads((TICKETING / "tests/pretix/proved.json").read_text("utf-8"))
    page = (TICKETING / "README.md").read_text("utf-8")

    shown = [re.findall(r"^(\w+) +(\S+) +\d* ?\w", part, re.MULTILINE) for part in page.split("\nticketing/")[1:]]
    claims = [[(verdict, claim) for claim, verdict in proof["claims"].items()] for proof in proved.values()]
    assert [[row for row in rows if row[0] == "ok"] for rows in shown] == claims


def test_installed_it_is_found_without_an_overlay(repository: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    built = run_apart(repository, "python", "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path))
    shutil.unpack_archive(next(tmp_path.glob("*.whl")), site, "zip")

    code, output = run_apart(
        tmp_path, "truto-unify", "capabilities", "--provider", "pretix", "--format", "json", PYTHONPATH=str(site)
    )

    assert (built[0], code) == (0, 0), built[1] + output
    (provider,) = json.loads(output)
    assert (provider["label"], [*provider["resources"]]) == ("pretix", ["ticketing/events", "ticketing/orders"])
