"""What type checkers say about calls of the library."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
WRONG = FOLDER / "wrong_calls.py"
Rules = dict[tuple[str, int], set[str]]
"""The rules that a checker names, by file and line."""


def expected(pattern: str) -> Rules:
    """The rules that match the pattern in the comments of the wrong calls."""
    rules_by_line = {
        (WRONG.name, number): set(re.findall(pattern, comment))
        for number, line in enumerate(WRONG.read_text(encoding="utf-8").splitlines(), start=1)
        if "  # " in line and (comment := line.rpartition("  # ")[2])
    }
    return {place: rules for place, rules in rules_by_line.items() if rules}


def run(*command: str) -> str:
    """The output of a checker, whatever its exit code."""
    command = (sys.executable, "-m", *command)
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout


def test_mypy_finds_every_wrong_call_and_nothing_else() -> None:
    # A configuration of its own: users have neither our settings nor the plug-in of pydantic.
    options = ("--strict", "--config-file=", "--explicit-package-bases", "--cache-dir=.cache/mypy-typing")
    output = run("mypy", *options, "--output=json", str(FOLDER.relative_to(ROOT)))

    rules: Rules = defaultdict(set)
    for fault in map(json.loads, output.splitlines()):
        rules[Path(fault["file"]).name, fault["line"]].add(fault["code"])
    assert rules == expected(r"\b[a-z]+-[a-z]+\b")


def test_pyright_finds_every_wrong_call_and_nothing_else() -> None:
    output = run("basedpyright", "--project", str(FOLDER), "--pythonpath", sys.executable, "--outputjson")

    rules: Rules = defaultdict(set)
    for fault in json.loads(output)["generalDiagnostics"]:
        rules[Path(fault["file"]).name, fault["range"]["start"]["line"] + 1].add(fault["rule"])
    assert rules == expected(r"\breport[A-Z]\w+\b")
