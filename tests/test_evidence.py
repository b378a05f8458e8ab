"""The support matrix says what the tests show, and the README shows the matrix."""

from __future__ import annotations

import json

from click.testing import CliRunner

from tests.evidence import END, ROOT, START, compute_evidence
from tests.shared_material import needs_shared
from truto_unify.cli.commands import commands
from truto_unify.config.evidence import FILE


@needs_shared
def test_the_evidence_is_what_recordings_examples_and_stores_show() -> None:
    assert json.loads((ROOT / FILE).read_text(encoding="utf-8")) == compute_evidence()


def test_the_readme_shows_the_support_matrix() -> None:
    shown = CliRunner().invoke(commands, ["capabilities", "--format", "markdown"], catch_exceptions=False).stdout
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert readme.partition(START)[2].partition(END)[0].strip() == shown.strip()
