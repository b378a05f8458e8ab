"""docs/models.md: its files are one overlay, its examples run on it, and its tables say what the models take."""

from __future__ import annotations

import json
import shlex
import tomllib
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx
import pytest

import truto_unify
from tests.docs.page import Fence, read_blocks, read_page, read_rows
from truto_unify import Client, Registry
from truto_unify.call_arguments import read_list_call
from truto_unify.cli.commands import commands
from truto_unify.config.configuration import Configuration
from truto_unify.config.model_file import FieldKind
from truto_unify.config.python_models import MODELS_GROUP
from truto_unify.query_string import read_query, split_query

if TYPE_CHECKING:
    from pathlib import Path

PAGE = read_page("docs/models.md")
FENCES = [block for block in read_blocks(PAGE) if isinstance(block, Fence)]
FILES = {fence.info.split()[1]: fence.text for fence in FENCES if fence.info.startswith("yaml ")}
PYTHON = [fence.text for fence in FENCES if fence.info == "python"]
SHOWN = [fence.text for fence in FENCES if fence.info == "text"]
FAIR = {
    "key": "fair",
    "title": "Spring Fair",
    "state": "open",
    "begin": "2026-05-02T08:00:00",
    "place": {"name": "Hall", "country": "de"},
    "rates": [{"label": "Adult", "price": "25.00", "left": "0"}],
    "labels": ["Art"],
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with the files of the page."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(text: str, names: dict[str, Any] | None = None) -> None:
    """Runs an example as a file of its own."""
    exec(compile(text, "example.py", "exec", dont_inherit=True), {} if names is None else names)


def answer(_request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"events": [FAIR]})


@pytest.mark.usefixtures("folder")
def test_the_examples_show_what_the_page_says(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(truto_unify, "Client", partial(Client, transport=httpx.MockTransport(answer)))
    outputs = []
    for text in PYTHON:
        run(text)
        outputs.append(capsys.readouterr().out)

    assert [output for output in outputs if output] == SHOWN


def test_the_files_have_no_fault(folder: Path) -> None:
    assert Configuration([folder]).findings() == []


def test_a_filter_and_a_sort_have_the_names_of_the_table(folder: Path) -> None:
    schema = Registry(folder).schema("ticketing/events")
    rows = read_rows(PAGE, "| field of the model above | how a call names it |")

    calls = [read_list_call(schema, read_query(split_query(query))) for _, query in rows]

    assert [bool(call.filters or call.sort) for call in calls] == [True] * 7


def test_the_table_has_every_kind() -> None:
    kinds = [row[0] for row in read_rows(PAGE, "| kind | its value | filter | sort |")]

    assert sorted(kinds) == sorted(FieldKind.__args__)  # type: ignore[attr-defined]  # a Literal has them


def test_the_commands_exist_with_their_options() -> None:
    (console,) = [fence.text for fence in FENCES if fence.info == "console"]
    lines = [shlex.split(line)[2:] for line in console.splitlines()]

    unknown = [
        (name, word)
        for name, *words in lines
        for word in words
        if word.startswith("--") and word not in {option for p in commands.commands[name].params for option in p.opts}
    ]

    assert unknown == []


def test_the_entry_point_names_models_of_the_page() -> None:
    (text,) = [fence.text for fence in FENCES if fence.info == "toml"]
    names: dict[str, Any] = {}
    run(PYTHON[-1], names)

    (entry,) = tomllib.loads(text)["project"]["entry-points"][MODELS_GROUP].values()

    assert isinstance(names[entry.partition(":")[2]], truto_unify.ResourceSchema)
    assert json.loads(json.dumps(names["Ticket"](id="1").model_dump()))["id"] == "1"
