"""The pre-commit hook and the GitHub Action that other repositories use: their commands are run on a folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


def read(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def pre_commit_command() -> list[str]:
    (hook,) = read(".pre-commit-hooks.yaml")
    return [*hook["entry"].split(), *hook["args"]]


def action_command() -> list[str]:
    (step,) = [step for step in read("action.yml")["runs"]["steps"] if step.get("name") == "Lint"]
    assert step["env"] == {"FOLDER": "${{ inputs.folder }}"}
    return ["bash", "-c", step["run"]]


COMMANDS = {"pre-commit": pre_commit_command(), "action": action_command()}


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**ENVIRONMENT, "FOLDER": read("action.yml")["inputs"]["folder"]["default"]}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_sound_folder_passes(command: list[str]) -> None:
    result = run(command, ROOT / "examples" / "medusa")

    assert (result.returncode, result.stderr.split(" in ")[0]) == (0, "no problems")


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_problem_fails_and_has_its_place(command: list[str], tmp_path: Path) -> None:
    (tmp_path / "providers").mkdir()
    (tmp_path / "providers" / "acme.yaml").write_text("label: Acme\nbase_urll: https://api.acme.example\n")

    result = run(command, tmp_path)

    assert result.returncode == 2
    assert './providers/acme.yaml:2:1: unknown key "base_urll" (did you mean "base_url"?)' in result.stdout


def test_the_hook_looks_at_every_folder_that_lint_reads() -> None:
    (hook,) = read(".pre-commit-hooks.yaml")

    assert hook["files"] == "^(providers|mappings|models)/"
    assert not hook["pass_filenames"]
