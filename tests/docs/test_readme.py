"""What the README and CONTRIBUTING print works: code, overlay, commands and their options, targets of make."""

from __future__ import annotations

import json
import re
import shlex
from functools import partial
from typing import TYPE_CHECKING

import click
import httpx
import pytest

import truto_unify
from tests.docs.command_line import command_lines, read_command
from tests.docs.page import ROOT, Fence, read_blocks, read_page
from truto_unify import Client, Registry
from truto_unify.cli.commands import commands

if TYPE_CHECKING:
    from pathlib import Path

    from tests.loopback import Loopback

README = read_page("README.md")
PAGES = README + read_page("CONTRIBUTING.md")
FENCES = [block for block in read_blocks(README) if isinstance(block, Fence)]
PYTHON = [fence.text for fence in FENCES if fence.info == "python"]
LINES = command_lines("\n".join(fence.text for fence in FENCES if fence.info == "console"))
ANA = {
    "id": 17,
    "email": "ana@example.test",
    "first_name": "Ana",
    "role": "customer",
    "date_created_gmt": "2024-05-02T08:00:00",
    "meta_data": [{"key": "tier", "value": "gold"}, {"key": "company", "value": "Acme"}],
}


def answer_as_a_store(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json=[ANA], headers={"X-WP-Total": "1", "X-WP-TotalPages": "1"})


def test_the_call_of_the_library_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    transport = httpx.MockTransport(answer_as_a_store)
    monkeypatch.setattr(truto_unify, "Client", partial(Client, transport=transport))

    exec(PYTHON[0], {})

    first, rest = capsys.readouterr().out.splitlines()
    assert first.startswith("17 Ana [Email(email='ana@example.test', type='primary',")
    assert first.endswith("customer")
    assert rest.startswith("None (PlanEntry(parameter='created_at[gte]', how='emulated',")


def test_the_mapping_engine_runs_alone(capsys: pytest.CaptureFixture[str]) -> None:
    exec(PYTHON[1], {})

    mail = "{'email': 'ana@example.test', 'type': 'primary', 'status': None, 'is_primary': True}"
    assert capsys.readouterr().out == f"Ana [{mail}]\n"


def test_the_overlay_does_what_the_text_says(tmp_path: Path) -> None:
    (overlay,) = [fence.text for fence in FENCES if fence.info == "yaml"]
    file = tmp_path / overlay.splitlines()[0].removeprefix("# ")
    file.parent.mkdir(parents=True)
    file.write_text(overlay, encoding="utf-8")

    record = Registry(overlay=[tmp_path / "my-overlay"]).mapper("ecommerce/customers", "woocommerce").map(ANA)

    assert (record["loyalty_tier"], record["company_name"], record["name"]) == ("gold", "Acme", "Ana")


@pytest.mark.parametrize("line", LINES)
def test_a_command_of_the_readme_takes_these_options(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "answer.json").write_text("[]", encoding="utf-8")
    (tmp_path / "my-overlay").mkdir()

    context = read_command(line)

    assert context.args == []


def test_the_readme_shows_commands() -> None:
    assert len(LINES) >= 9


def test_the_readme_names_every_command() -> None:
    table = README[README.index("| to | |") : README.index("`--help` on each command")]

    assert set(re.findall(r"`([a-z]+)`", table)) == set(commands.commands)


def test_every_command_that_is_named_exists() -> None:
    named = set(re.findall(r"(?:`|\$ |\()truto-unify ([a-z][a-z-]*)", PAGES))

    assert named <= set(commands.commands)
    assert named >= {"scaffold", "lint", "map", "record", "serve"}


def test_every_target_of_make_that_is_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named = set(re.findall(r"(?:`|\$ |^)make ([a-z-]+)", PAGES, re.MULTILINE))

    assert named <= targets
    assert named >= {"demo", "test", "evidence", "mutate"}


def test_a_wrong_option_would_be_noticed() -> None:
    with pytest.raises(click.UsageError, match="No such option"):
        read_command("list ecommerce/customers --colour red")


CUT = [fence.text for fence in FENCES if fence.text.endswith("\n…\n")]
LINTED = next(block for block in CUT if block.startswith("$ truto-unify lint"))
SHOWN = [block for block in CUT if command_lines(block) and block != LINTED]


@pytest.mark.parametrize("block", SHOWN, ids=[command_lines(block)[0].split()[0] for block in SHOWN])
def test_a_command_prints_what_the_page_shows(
    block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], loopback: Loopback
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    (tmp_path / "answer.json").write_text(json.dumps(ANA), encoding="utf-8")
    shop = {"provider": "woocommerce", **loopback.sandbox.account_arguments("woocommerce", loopback.origin)}
    (tmp_path / "accounts.yaml").write_text(json.dumps({"accounts": {"woocommerce": shop}}), encoding="utf-8")
    (line,) = command_lines(block)
    shown = block.removesuffix("…\n").partition("\n")[2]

    commands.main(shlex.split(line), standalone_mode=False)

    printed = "".join(f"{text.rstrip()}\n" for text in capsys.readouterr().out.strip("\n").splitlines())
    assert printed.startswith(shown)


def test_lint_prints_what_the_page_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (overlay,) = [fence.text for fence in FENCES if fence.info == "yaml"]
    file = tmp_path / overlay.splitlines()[0].removeprefix("# ")
    file.parent.mkdir(parents=True)
    file.write_text(overlay.replace("key == 'tier'", "key = 'tier'"), encoding="utf-8")

    with pytest.raises(SystemExit):
        commands.main(["lint", "my-overlay"])

    assert capsys.readouterr().out.startswith(LINTED.removesuffix("…\n").partition("\n")[2])
