"""Runs commands outside this repository, as the author of a provider does, on the day of the recordings."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from truto_unify.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "medusa"
PROGRAMS = {
    # The plugin of schemathesis is none of the author's, and takes longer to load than most test runs here.
    "pytest": ["-m", "pytest", "-p", "no:cacheprovider", "-p", "no:randomly", "-p", "no:schemathesis"],
    "truto-unify": ["-m", "truto_unify.cli.main"],
    "python": [],
}


class Then(datetime):
    """Tiers fall and cassettes expire with time; what is shown here is what is shown on that day."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Then:
        """The day of the recordings."""
        return cls(2026, 11, 24, 12, tzinfo=tz)


def run(folder: Path, program: str, *arguments: str) -> tuple[int, str]:
    """The exit code of a command, and what it shows: standard output, then standard error."""
    if program != "truto-unify":
        return run_apart(folder, program, *arguments)
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        for name in _foreign_variables():
            patch.delenv(name)
        for module in ("truto_unify.cli.record", "truto_unify.tiers"):
            patch.setattr(f"{module}.datetime", Then)
        patch.setattr(sys, "argv", [program, *arguments])
        patch.chdir(folder)
        with pytest.raises(SystemExit) as end:
            main()
    return int(str(end.value.code)), out.getvalue() + err.getvalue()


def run_apart(folder: Path, program: str, *arguments: str, **environment: str) -> tuple[int, str]:
    """The same in a process of its own, with further variables of the environment, today."""
    foreign = set(_foreign_variables())
    clean = {name: value for name, value in os.environ.items() if name not in foreign}
    done = subprocess.run(
        [sys.executable, *PROGRAMS[program], *arguments],
        cwd=folder,
        env={**clean, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def _foreign_variables() -> Iterator[str]:
    return (name for name in list(os.environ) if name.startswith(("TRUTO_UNIFY_", "PYTEST_")))
