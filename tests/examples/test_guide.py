"""The pages that add a provider are walked from an empty folder: what needs no store is run and compared with the page.

A fence says what it is: ``console walk`` is run, and ``…`` stands for anything; ``console store`` needs the store, so
that its commands are checked and what they leave (the paths after it) is taken from the example; ``yaml FILE``,
``graphql FILE`` and ``toml FILE`` are parts of the example's file, which then lies in the folder; ``diff FILE`` is a
mistake, gone after the next walk.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.docs.page import Fence, read_blocks, read_page
from tests.examples.outside import MEDUSA, VENDURE, run
from truto_unify.cli.commands import commands

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True)
class Guide:
    """A page, and the example that it ends with.

    Attributes:
        page: the page.
        example: the folder of the example, whose name is that of the provider.
        parts: how many parts of files it shows at least.
        calls: how many commands that need the store it shows at least.
    """

    page: str
    example: Path
    parts: int
    calls: int

    @property
    def fences(self) -> list[Fence]:
        """The fences of the page."""
        return [block for block in read_blocks(read_page(self.page)) if isinstance(block, Fence)]

    @property
    def tests(self) -> Path:
        """The tests of the example."""
        return self.example / "tests" / self.example.name


GUIDES = [Guide("docs/add-a-provider.md", MEDUSA, 11, 6), Guide("docs/add-a-graphql-store.md", VENDURE, 9, 4)]
each_guide = pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.example.name)


def commands_of(fence: Fence) -> Iterator[tuple[str, str]]:
    """Each command of a console, and what it shows."""
    for part in re.split(r"^\$ ", fence.text, flags=re.MULTILINE)[1:]:
        command, _, shown = part.partition("\n")
        yield command, shown


def trimmed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def is_as_shown(shown: str, output: str) -> bool:
    pattern = ".*".join(re.escape(part) for part in trimmed(shown).split("…"))
    return re.fullmatch(pattern, trimmed(output), re.DOTALL) is not None


def copy(example: Path, name: str, folder: Path) -> None:
    source, target = example / name, folder / name
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


def mistaken(text: str, diff: str) -> str:
    lines = diff.splitlines()
    for old, new in zip(lines[::2], lines[1::2], strict=True):
        assert (old[0], new[0], text.count(old[1:])) == ("-", "+", 1), f"{old}: not once in the file"
        text = text.replace(old[1:], new[1:])
    return text


@each_guide
def test_the_page_shows_what_its_commands_show(guide: Guide, tmp_path: Path) -> None:
    sample = guide.tests / "samples" / guide.example.name / "ecommerce/customers/list.json"
    shutil.copyfile(sample, tmp_path / "answer.json")
    mistakes: dict[Path, str] = {}
    wrong = []
    for fence in guide.fences:
        kind, *names = fence.info.split()
        if kind in {"yaml", "graphql", "toml"}:
            copy(guide.example, names[0], tmp_path)
        elif kind == "diff":
            file = tmp_path / names[0]
            mistakes[file] = file.read_text("utf-8")
            file.write_text(mistaken(mistakes[file], fence.text), "utf-8")
        elif names[0] == "store":
            for name in names[1:]:
                copy(guide.example, name, tmp_path)
        else:
            outcomes = [
                (command, shown, run(tmp_path, *shlex.split(command))[1]) for command, shown in commands_of(fence)
            ]
            wrong += [f"$ {command}\n{output}" for command, shown, output in outcomes if not is_as_shown(shown, output)]
            for file, text in mistakes.items():
                file.write_text(text, "utf-8")
            mistakes.clear()

    assert wrong == []


@each_guide
def test_each_part_of_a_file_on_the_page_is_in_the_example(guide: Guide) -> None:
    shown = [fence for fence in guide.fences if fence.info.startswith(("yaml", "graphql", "toml"))]
    parts = [(fence.info.split()[1], fence.text) for fence in shown]

    strangers = [text for name, text in parts if text not in (guide.example / name).read_text("utf-8")]

    assert (strangers, len(parts) >= guide.parts) == ([], True)


@each_guide
def test_commands_that_need_the_store_exist_with_their_options(guide: Guide) -> None:
    fences = [fence for fence in guide.fences if fence.info.startswith("console store")]
    shown = [command for fence in fences for command, _ in commands_of(fence)]
    calls = [shlex.split(command.split(" | ")[0])[1:] for command in shown if command.startswith("truto-unify ")]

    unknown = [
        (name, word)
        for name, *words in calls
        for word in words
        if word.startswith("--")
        and word not in {option for parameter in commands.commands[name].params for option in parameter.opts}
    ]

    assert (unknown, len(calls) >= guide.calls) == ([], True)


def test_refusals_of_the_store_are_quoted_as_they_were_recorded() -> None:
    golden = [json.loads(file.read_text("utf-8")) for file in (MEDUSA / "tests/medusa/golden/cassettes").glob("*.json")]
    recorded = {f"{outcome['error']}: {outcome['message']}" for outcome in golden if isinstance(outcome, dict)}
    # The command line adds where a credential comes from; a replayed call has none.
    page = re.sub(r" \(from --credential\)$", "", read_page(GUIDES[0].page), flags=re.MULTILINE)
    quoted = re.findall(r"^\w+Error: .+ \(HTTP \d+\).*$", page, re.MULTILINE)

    assert (set(quoted) - recorded, len(quoted) > 0) == (set(), True)
