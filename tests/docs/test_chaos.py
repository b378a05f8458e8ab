"""docs/chaos.md: its example runs, and its table names every option of the command."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.docs.page import Fence, read_blocks, read_page, read_rows
from truto_unify.chaos import FAULTS
from truto_unify.cli.commands import commands

if TYPE_CHECKING:
    import pytest

PAGE = read_page("docs/chaos.md")


def test_the_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = [block.text for block in read_blocks(PAGE) if isinstance(block, Fence) and block.info == "python"]
    exec(compile(example, "docs/chaos.md", "exec"), {})

    assert capsys.readouterr().out == "429 5\n"


def test_the_table_names_every_option() -> None:
    documented = {row[0].strip("`").split()[0] for row in read_rows(PAGE, "| option | does |")}
    options = {option.opts[0] for option in commands.commands["chaos"].params if option.opts[0].startswith("--")}

    assert documented == options - {"--port"}


def test_every_fault_that_the_page_names_exists() -> None:
    names = set(re.findall(r"--fault ([a-z-]+)=|`([a-z]+-[a-z]+)`", PAGE))

    assert {name for pair in names for name in pair if name} <= set(FAULTS)
