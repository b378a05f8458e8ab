"""examples/vendure as its author has it: a GraphQL store with a login, in YAML alone."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.examples.outside import VENDURE, run, run_apart

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A copy of the example, away from this repository."""
    return shutil.copytree(VENDURE, tmp_path / "vendure-unify", ignore=shutil.ignore_patterns("__pycache__"))


def test_it_has_no_python_but_its_tests_and_the_data_of_the_server() -> None:
    code = {file.relative_to(VENDURE).as_posix() for file in VENDURE.rglob("*.py")}

    assert code == {"conftest.py", "store/seed.py", "tests/vendure/test_vendure.py"}


def test_its_own_tests_pass_without_a_warning(repository: Path) -> None:
    code, output = run_apart(repository, "pytest", "-q", "-W", "error")

    assert (code, "41 passed" in output) == (0, True), output


def test_lint_and_the_scan_of_its_cassettes_find_nothing(repository: Path) -> None:
    lint = run(repository, "truto-unify", "lint", ".")
    scan = run(repository, "truto-unify", "record", "--check", "tests/vendure/cassettes", "--overlay", ".")

    assert (lint[0], scan) == (0, (0, "13 cassettes, nothing found\n"))


def test_every_cassette_was_recorded() -> None:
    abouts = [json.loads(file.read_text("utf-8")) for file in VENDURE.glob("tests/vendure/cassettes/*.about.json")]

    assert {about["provenance"] for about in abouts} == {"recorded"}
    assert {about.get("error") for about in abouts} == {
        None,
        "NotFoundError",
        "AuthenticationError",
        "RejectedInputError",
    }


def test_a_cassette_has_the_login_with_invented_credentials() -> None:
    recorded = (VENDURE / "tests/vendure/cassettes/get.yaml").read_text("utf-8")

    assert [word for word in ("FAKE_password", "FAKE_access_token", "superadmin") if word in recorded] == [
        "FAKE_password",
        "FAKE_access_token",
    ]


def test_its_evidence_is_up_to_date(repository: Path) -> None:
    written = json.loads((repository / "mappings/evidence.json").read_text("utf-8"))

    code, output = run(repository, "truto-unify", "evidence", "--provider", "vendure")

    assert (code, output) == (0, "ecommerce/customers: gold\n")
    assert json.loads((repository / "mappings/evidence.json").read_text("utf-8")) == written


def test_its_page_shows_what_prove_found() -> None:
    proved = json.loads((VENDURE / "tests/vendure/proved.json").read_text("utf-8"))
    page = (VENDURE / "README.md").read_text("utf-8")

    shown = re.findall(r"^(ok) +(side load \w+|\S+) +\w", page, re.MULTILINE)
    claims = [(verdict, claim) for proof in proved.values() for claim, verdict in proof["claims"].items()]
    assert (shown, {verdict for verdict, _ in claims}) == (claims, {"ok"})
