"""Runs the real entry point inside the test, its streams captured."""

from __future__ import annotations

import io
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import pytest

from truto_unify.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

    from tests.loopback import Loopback


@dataclass(frozen=True)
class Outcome:
    """How a command ended."""

    code: int
    out: str
    err: str


class Run(Protocol):
    """Runs a command."""

    def __call__(self, *arguments: str, stdin: str | bytes = "") -> Outcome:
        """The outcome of ``truto-unify`` with these arguments."""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Runs ``truto-unify`` in an empty folder, without settings of the environment."""
    for name in [name for name in os.environ if name.startswith("TRUTO_UNIFY_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str, stdin: str | bytes = "") -> Outcome:
        data = stdin.encode() if isinstance(stdin, str) else stdin
        monkeypatch.setattr(sys, "argv", ["truto-unify", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main()
        captured = capsys.readouterr()
        return Outcome(int(str(end.value.code)), captured.out, captured.err)

    return call


def account_flags(loopback: Loopback, slug: str) -> list[str]:
    """The flags that name the account of a pretend store."""
    account = loopback.account(slug)
    flags = ["--provider", slug, "--base-url", str(account.base_url)]
    for name, value in account.context.items():
        flags += ["--context", f"{name}={value}"]
    for name, value in account.credentials.items():
        flags += ["--credential", f"{name}={value}"]
    return flags
