"""examples/medusa as its author has it: a repository of its own, its tests run there, installed as a package."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.examples.outside import EXAMPLE, run, run_apart

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A copy of the example, away from this repository."""
    return shutil.copytree(EXAMPLE, tmp_path / "medusa-unify", ignore=shutil.ignore_patterns("__pycache__"))


def test_its_own_tests_pass_without_a_warning(repository: Path) -> None:
    code, output = run_apart(repository, "pytest", "-q", "-W", "error")

    assert (code, "42 passed" in output) == (0, True), output


def test_lint_and_the_scan_of_its_cassettes_find_nothing(repository: Path) -> None:
    lint = run(repository, "truto-unify", "lint", ".")
    scan = run(repository, "truto-unify", "record", "--check", "tests/medusa/cassettes", "--overlay", ".")

    assert (lint[0], scan) == (0, (0, "14 cassettes, nothing found\n"))


def test_its_evidence_is_up_to_date(repository: Path) -> None:
    written = json.loads((repository / "mappings/evidence.json").read_text("utf-8"))

    code, output = run(repository, "truto-unify", "evidence", "--provider", "medusa")

    assert (code, output.splitlines()[0]) == (0, "ecommerce/customers: bronze")
    assert "for silver: declared as native and never tried: name[like]" in output
    assert json.loads((repository / "mappings/evidence.json").read_text("utf-8")) == written
    assert written["ecommerce/customers"]["medusa"]["fields"]["orders"] == {
        "level": "recorded",
        "day": "2026-11-24",
        "where": "side load",
    }
    assert {cell["level"] for cell in written["ecommerce/customers"]["medusa"]["query"].values()} == {"recorded"}


def test_every_cassette_was_recorded() -> None:
    abouts = [json.loads(file.read_text("utf-8")) for file in (EXAMPLE / "tests/medusa/cassettes").glob("*.about.json")]

    assert {about["provenance"] for about in abouts} == {"recorded"}
    assert {about.get("error") for about in abouts} == {
        None,
        "NotFoundError",
        "AuthenticationError",
        "RejectedInputError",
    }


def test_installed_it_is_found_without_an_overlay(repository: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    built = run_apart(repository, "python", "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path))
    shutil.unpack_archive(next(tmp_path.glob("*.whl")), site, "zip")

    code, output = run_apart(
        tmp_path, "truto-unify", "capabilities", "--provider", "medusa", "--format", "json", PYTHONPATH=str(site)
    )

    assert (built[0], code) == (0, 0), built[1] + output
    (provider,) = json.loads(output)
    assert (provider["label"], provider["resources"]["ecommerce/customers"]["quality"]["tier"]) == ("Medusa", "bronze")
