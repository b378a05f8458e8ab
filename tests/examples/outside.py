"""Runs commands outside this repository, as the author of a provider does, on the day of the recordings."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "medusa"
# Tiers fall and cassettes expire with time; what is shown here is what is shown on that day.
_ON_THE_DAY = """
import datetime
import truto_unify.cli.record, truto_unify.tiers

class Then(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls(2026, 11, 24, 12, tzinfo=tz)

truto_unify.cli.record.datetime = truto_unify.tiers.datetime = Then
from truto_unify.cli.main import main
main()
"""
PROGRAMS = {
    "truto-unify": [sys.executable, "-c", _ON_THE_DAY],
    "pytest": [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:randomly"],
    "python": [sys.executable],
}


def run(folder: Path, program: str, *arguments: str, **environment: str) -> tuple[int, str]:
    """The exit code of a command, and what it shows: standard output, then standard error."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("TRUTO_UNIFY_", "PYTEST_"))}
    done = subprocess.run(
        [*PROGRAMS[program], *arguments],
        cwd=folder,
        env={**clean, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr
