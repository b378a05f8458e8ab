"""Every planted fault of ``tests/invalid`` in one folder, and one run of lint over it."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.config.invalid_files import CASES, GROUND, PLACES
from truto_unify.config import configuration
from truto_unify.config.configuration import Configuration
from truto_unify.config.files import folder_layer
from truto_unify.config.rules import RULES

if TYPE_CHECKING:
    from tests.cli.conftest import Run

UNREACHABLE_BY_FILES = {
    "overlay-empty",
    "overlay-not-loadable",
    "large-expression",
    "slow-pattern",
    "model-fault",
    "models-not-loadable",
}
"""Rules about the folder itself, and about overrides and packages, which are no files; other tests reach them."""
TESTED_ALONE = {
    "near-field-name",
    "near-word",
    "definition-unused",
    "graphql-selection",
    "graphql-parameter",
    "sort-without-unique",
    "provider-without-verify",
}
"""Six warnings, and a rule about GraphQL documents, each with a test file of its own in ``tests/config``."""
OF_MODELS = [case for case in CASES if any(place.startswith("models/") for place in case.files)]
"""They describe the same resources, so these cases have a folder each."""
SINGLE = [case for case in CASES if case not in OF_MODELS and set(case.files) <= set(PLACES.values())]
FOLDERS = [case for case in CASES if case not in OF_MODELS and case not in SINGLE]


@pytest.fixture
def everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Writes each case as a provider of its own, laid over a good one; gives the problems that they announce."""
    ground = tmp_path / "ground"
    shutil.copytree(GROUND, ground)
    expected: list[str] = []
    for case in SINGLE:
        slug = case.name.replace("_", "-")
        for place in (PLACES["providers"], PLACES["mappings"]):
            shutil.copyfile(GROUND / place, ground / place.replace("acme", slug))
        files = {place.replace("acme", slug): file for place, file in case.files.items()}
        replace(case, files=files).write_to(tmp_path / "invalid")
        expected += [line.replace("acme.yaml:", f"{slug}.yaml:", 1) for line in case.expected]
    for case in FOLDERS:
        case.write_to(tmp_path / "invalid")
        expected += case.expected
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(configuration, "shipped_layer", lambda: folder_layer(ground))
    return expected


def test_one_run_over_a_folder_with_every_fault_shows_all_of_them(run: Run, everything: list[str]) -> None:
    outcome = run("lint", "invalid")

    lines = outcome.out.splitlines()
    assert outcome.code == 2
    assert sorted(lines) == sorted(line for problem in everything for line in problem.splitlines())
    assert len(everything) >= 130
    assert f"{len(everything)} problems in" in outcome.err


@pytest.mark.usefixtures("everything")
def test_every_rule_finds_something_in_these_folders_and_every_problem_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    problems = Configuration(overlay=["invalid"]).problems()
    monkeypatch.setattr(configuration, "shipped_layer", lambda: folder_layer(GROUND))
    for case in OF_MODELS:
        case.write_to(Path(case.name))
        problems += Configuration(overlay=[case.name]).problems()

    assert {problem.rule for problem in problems} == set(RULES) - UNREACHABLE_BY_FILES - TESTED_ALONE


@pytest.mark.parametrize("rule", sorted(RULES))
def test_a_rule_is_named_in_lower_case_with_hyphens_and_says_one_sentence(rule: str) -> None:
    assert re.fullmatch("[a-z]+(-[a-z]+)*", rule)
    assert re.fullmatch(r"[A-Z][^\n]+\.", RULES[rule])


def test_a_warning_is_shown_and_fails_nothing(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(configuration, "shipped_layer", lambda: folder_layer(GROUND))
    file = tmp_path / "x" / PLACES["mappings"]
    file.parent.mkdir(parents=True)
    file.write_text("response_mapping:\n  curency: x\n", "utf-8")

    outcome = run("lint", "x")

    assert (outcome.code, outcome.err) == (0, "no problems and 1 warning in 1 provider, 1 mapping\n")
    assert outcome.out == (
        'x/mappings/ecommerce/customers/acme.yaml:2:3: warning: custom field "curency" is nearly "currency" of the '
        'unified model; write "currency", or give it a type if it is meant\n'
    )
