from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.config.invalid_files import CASES, GROUND, INVALID, Case, read_expected, whole_folder
from truto_unify.config import configuration
from truto_unify.config.configuration import Configuration
from truto_unify.config.files import folder_layer
from truto_unify.errors import ConfigError, Problem

if TYPE_CHECKING:
    from pathlib import Path


def sorted_problems(problems: list[Problem]) -> list[str]:
    return [str(problem) for problem in ConfigError(problems).problems]


@pytest.fixture(autouse=True)
def _ship_the_good_files_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The good files replace the shipped files: a fault of a shipped file is then not reported by every test."""
    monkeypatch.setattr(configuration, "shipped_layer", lambda: folder_layer(GROUND))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_bad_file_gives_exactly_the_problems_that_it_announces(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case.write_to(tmp_path / "invalid")
    monkeypatch.chdir(tmp_path)

    problems = Configuration(overlay=["invalid"]).problems()

    assert sorted_problems(problems) == case.expected
    assert case.expected


def test_many_faults_are_reported_at_once_each_at_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = whole_folder(INVALID / "many")
    case.write_to(tmp_path / "invalid")
    monkeypatch.chdir(tmp_path)

    problems = Configuration(overlay=["invalid"]).problems()

    assert sorted_problems(problems) == case.expected
    assert len(problems) == 33


def test_the_good_files_below_the_bad_ones_have_no_problem() -> None:
    assert Configuration().problems() == []


def test_there_is_a_bad_file_for_at_least_a_hundred_faults() -> None:
    assert len(CASES) >= 100


def test_an_announcement_ends_where_the_comments_of_the_file_begin() -> None:
    text = "# expect: a.yaml:1:1: one\n#    x: y\n#       ^\n# expect: a.yaml:2:1: two\n# A comment.\nx: y\n"

    assert read_expected(text) == ["a.yaml:1:1: one\n    x: y\n       ^", "a.yaml:2:1: two"]
