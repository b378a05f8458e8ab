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

MEDUSA = Path(__file__).resolve().parents[2] / "examples" / "medusa"
TICKETING = MEDUSA.parent / "ticketing"
VENDURE = MEDUSA.parent / "vendure"
MODULES = {"pytest": ["-m", "pytest"], "truto-unify": ["-m", "truto_unify.cli.main"], "python": []}
# None of the author's plugins; that of schemathesis takes longer to load than most test runs here.
PLUGINS = ["-p", "no:cacheprovider", "-p", "no:randomly", "-p", "no:schemathesis"]


class Then(datetime):
    """Tiers fall and cassettes expire with time; what is shown here is what is shown on that day."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Then:
        """The day of the recordings."""
        return cls(2026, 11, 24, 12, tzinfo=tz)


def run(folder: Path, program: str, *arguments: str) -> tuple[int, str]:
    """The exit code of ``truto-unify`` or ``pytest``, and what it shows: standard output, then standard error.

    Both run in this process, which has loaded already what takes them most of their time.
    """
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        for name in _foreign_variables():
            patch.delenv(name)
        for module in ("truto_unify.cli.record", "truto_unify.tiers"):
            patch.setattr(f"{module}.datetime", Then)
        patch.chdir(folder)
        code = _run_pytest(folder, *arguments) if program == "pytest" else _run_command(patch, *arguments)
    return code, out.getvalue() + err.getvalue()


def _run_command(patch: pytest.MonkeyPatch, *arguments: str) -> int:
    patch.setattr(sys, "argv", ["truto-unify", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    return int(str(end.value.code))


def _run_pytest(folder: Path, *arguments: str) -> int:
    """Runs pytest, and forgets the modules of the folder, which may change before the next run."""
    path = sys.path.copy()
    try:
        return int(pytest.main([*PLUGINS, *arguments]))
    finally:
        sys.path[:] = path
        for name, module in list(sys.modules.items()):
            if Path(getattr(module, "__file__", None) or "/").is_relative_to(folder):
                del sys.modules[name]


def run_apart(folder: Path, program: str, *arguments: str, **environment: str) -> tuple[int, str]:
    """The same in a process of its own, with further variables of the environment, today."""
    foreign = set(_foreign_variables())
    clean = {name: value for name, value in os.environ.items() if name not in foreign}
    done = subprocess.run(
        [sys.executable, *MODULES[program], *(PLUGINS if program == "pytest" else ()), *arguments],
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
