"""The examples as their authors have them: each is a repository of its own, with tests, cassettes and evidence."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.examples.outside import MEDUSA, TICKETING, VENDURE, run, run_apart

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Example:
    """An example, and what its author sees.

    Attributes:
        folder: the repository.
        provider: the provider that it adds.
        python: its files in Python.
        passed: the number of its tests.
        cassettes: the number of its recordings.
        refusals: the errors that some of these recordings hold.
        evidence: what ``truto-unify evidence`` shows.
    """

    folder: Path
    provider: str
    python: frozenset[str]
    passed: int
    cassettes: int
    refusals: frozenset[str]
    evidence: str

    @property
    def tests(self) -> Path:
        """The folder of its tests."""
        return self.folder / "tests" / self.provider

    @property
    def proofs(self) -> list[dict[str, str]]:
        """The verdict on each claim, as ``truto-unify prove`` wrote it."""
        return [proof["claims"] for proof in json.loads((self.tests / "proved.json").read_text("utf-8")).values()]

    @property
    def page(self) -> str:
        """Its README."""
        return (self.folder / "README.md").read_text("utf-8")


REFUSALS = frozenset({"NotFoundError", "AuthenticationError", "RejectedInputError"})
PYTHON = frozenset({"conftest.py", "store/seed.py"})
BRONZE = """\
ecommerce/customers: bronze
  for silver: declared as native and never tried: name[like], first_name[like], last_name[like], company_name[like], \
email[like], created_at[gt], created_at[lte], updated_at[gte], updated_at[lt]
"""
OF_MEDUSA = Example(
    MEDUSA, "medusa", frozenset({"conftest.py", "tests/medusa/test_medusa.py"}), 42, 14, REFUSALS, BRONZE
)
OF_TICKETING = Example(
    TICKETING,
    "pretix",
    PYTHON | {"tests/pretix/test_pretix.py"},
    79,
    25,
    REFUSALS | {"PermissionDeniedError"},
    "ticketing/events: gold\nticketing/orders: gold\n",
)
OF_VENDURE = Example(
    VENDURE, "vendure", PYTHON | {"tests/vendure/test_vendure.py"}, 41, 13, REFUSALS, "ecommerce/customers: gold\n"
)
EXAMPLES = (OF_MEDUSA, OF_TICKETING, OF_VENDURE)
each_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.provider)


def copy(example: Example, folder: Path) -> Path:
    """A copy of the example, away from this repository."""
    target = folder / f"{example.provider}-unify"
    return shutil.copytree(example.folder, target, ignore=shutil.ignore_patterns("__pycache__"))


@each_example
def test_it_has_no_python_but_its_tests_and_the_data_of_the_server(example: Example) -> None:
    assert {file.relative_to(example.folder).as_posix() for file in example.folder.rglob("*.py")} == example.python


@pytest.mark.parametrize("example", [OF_TICKETING, OF_VENDURE], ids=lambda example: example.provider)
def test_its_own_tests_pass_without_a_warning(example: Example, tmp_path: Path) -> None:
    code, output = run(copy(example, tmp_path), "pytest", "-q", "-W", "error")

    assert (code, f"{example.passed} passed" in output) == (0, True), output


def test_its_own_tests_pass_in_a_process_of_their_own(tmp_path: Path) -> None:
    code, output = run_apart(copy(OF_MEDUSA, tmp_path), "pytest", "-q", "-W", "error")

    assert (code, f"{OF_MEDUSA.passed} passed" in output) == (0, True), output


@each_example
def test_lint_and_the_scan_of_its_cassettes_find_nothing(example: Example, tmp_path: Path) -> None:
    repository, cassettes = copy(example, tmp_path), f"tests/{example.provider}/cassettes"

    lint = run(repository, "truto-unify", "lint", ".")
    scan = run(repository, "truto-unify", "record", "--check", cassettes, "--overlay", ".")

    assert (lint[0], scan) == (0, (0, f"{example.cassettes} cassettes, nothing found\n"))


@each_example
def test_every_cassette_was_recorded(example: Example) -> None:
    abouts = [json.loads(file.read_text("utf-8")) for file in example.tests.glob("cassettes/*.about.json")]

    assert {about["provenance"] for about in abouts} == {"recorded"}
    assert {about.get("error") for about in abouts} == {None, *example.refusals}


@each_example
def test_its_evidence_is_up_to_date(example: Example, tmp_path: Path) -> None:
    file = copy(example, tmp_path) / "mappings" / "evidence.json"
    written = file.read_bytes()

    shown = run(file.parents[1], "truto-unify", "evidence", "--provider", example.provider)

    assert shown == (0, example.evidence)
    assert json.loads(file.read_bytes()) == json.loads(written)


def test_every_filter_of_medusa_and_the_orders_of_a_customer_were_recorded() -> None:
    evidence = json.loads((MEDUSA / "mappings/evidence.json").read_text("utf-8"))["ecommerce/customers"]["medusa"]

    assert evidence["fields"]["orders"] == {"level": "recorded", "day": "2026-11-24", "where": "side load"}
    assert {cell["level"] for cell in evidence["query"].values()} == {"recorded"}


def test_the_page_of_ticketing_shows_what_prove_found() -> None:
    parts = OF_TICKETING.page.split("\nticketing/")[1:]
    shown = [re.findall(r"^(\w+) +(\S+) +\d* ?\w", part, re.MULTILINE) for part in parts]
    claims = [[(verdict, claim) for claim, verdict in proof.items()] for proof in OF_TICKETING.proofs]

    assert [[row for row in rows if row[0] == "ok"] for rows in shown] == claims


def test_the_page_of_vendure_shows_what_prove_found() -> None:
    shown = re.findall(r"^(ok) +(side load \w+|\S+) +\w", OF_VENDURE.page, re.MULTILINE)
    claims = [(verdict, claim) for proof in OF_VENDURE.proofs for claim, verdict in proof.items()]

    assert (shown, {verdict for verdict, _ in claims}) == (claims, {"ok"})


def test_a_cassette_has_the_login_with_invented_credentials() -> None:
    recorded = (OF_VENDURE.tests / "cassettes/get.yaml").read_text("utf-8")

    assert [word for word in ("FAKE_password", "FAKE_access_token", "superadmin") if word in recorded] == [
        "FAKE_password",
        "FAKE_access_token",
    ]


@pytest.mark.parametrize(
    ("example", "label", "tiers"),
    [
        (OF_MEDUSA, "Medusa", {"ecommerce/customers": "bronze"}),
        (OF_TICKETING, "pretix", {"ticketing/events": "gold", "ticketing/orders": "gold"}),
    ],
)
def test_installed_it_is_found_without_an_overlay(
    example: Example, label: str, tiers: dict[str, str], tmp_path: Path
) -> None:
    repository, site = copy(example, tmp_path), tmp_path / "site"
    built = run_apart(repository, "python", "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path))
    shutil.unpack_archive(next(tmp_path.glob("*.whl")), site, "zip")

    command = ("truto-unify", "capabilities", "--provider", example.provider, "--format", "json")
    code, output = run_apart(tmp_path, *command, PYTHONPATH=str(site))

    assert (built[0], code) == (0, 0), built[1] + output
    (provider,) = json.loads(output)
    resources = {name: resource["quality"]["tier"] for name, resource in provider["resources"].items()}
    assert (provider["label"], resources) == (label, tiers)
