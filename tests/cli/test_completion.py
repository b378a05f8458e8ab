"""What the Tab key completes, asked as a shell asks."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from tests.shipped import REGISTRY
from truto_unify.cli.commands import commands

CUSTOMERS = "ecommerce/customers"
RESOURCES = [CUSTOMERS, "ecommerce/orders", "ecommerce/products"]


def complete(line: str) -> list[str]:
    """The completions of the last word of a line."""
    *words, begun = line.split(" ")
    shell = ShellComplete(commands, {}, "truto-unify", "_TRUTO_UNIFY_COMPLETE")
    return [item.value for item in shell.get_completions(words, begun)]


@pytest.mark.parametrize(
    ("line", "completions"),
    [
        ("cap", ["capabilities"]),
        ("list ", RESOURCES),
        ("list ecommerce/customers --provider ", list(REGISTRY.providers)),
        ("list ecommerce/customers --provider w", ["wix", "woocommerce"]),
        ("list ecommerce/customers --provider shopify --context ", ["shop=", "api_version="]),
        (
            "list ecommerce/customers --provider woocommerce --credential consumer",
            ["consumer_key=", "consumer_secret="],
        ),
        ("list ecommerce/customers --sort created", ["created_at:asc", "created_at:desc"]),
        ("list ecommerce/customers --query last", ["last_name="]),
        ("list ecommerce/customers --query phones", ["phones[][number]=", "phones[][extension]=", "phones[][type]="]),
        ("list ecommerce/customers --query email=x", []),
        ("list ecommerce/orders --query status=c", ["status=completed", "status=cancelled"]),
        ("list ecommerce/customers --provider woocommerce --context keys_in=", ["keys_in=header", "keys_in=query"]),
        ("list ecommerce/customers --provider woocommerce --context role=", []),
        ("list ecommerce/customers --provider woocommerce --context unknown=", []),
        ("list ecommerce/customers --provider zohoinventory --context ", ["organization_id=", "data_center="]),
        ("list crm/contacts --query ", []),
        ("prove --provider ", list(REGISTRY.providers)),
        ("prove --provider wix ", RESOURCES),
        ("record ", RESOURCES),
        ("record ecommerce/customers ", ["list", "get"]),
        ("record ecommerce/customers list --query last", ["last_name="]),
        ("list ecommerce/customers --provider unknown --context ", []),
    ],
)
def test_the_shell_completes(line: str, completions: list[str]) -> None:
    assert complete(line) == completions


def test_accounts_of_the_file_are_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("accounts.yaml").write_text("accounts: {my_shop: {provider: shopify}, other: {provider: wix}}\n", "utf-8")

    assert complete("check m") == ["my_shop"]
    assert complete("list ecommerce/customers --account o") == ["other"]
    assert complete("list ecommerce/customers --account my_shop --context ") == ["shop=", "api_version="]
    assert complete("check --accounts-file absent.yaml ") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_its_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    commands.main(["completion", shell], prog_name="truto-unify", standalone_mode=False)

    assert f"_TRUTO_UNIFY_COMPLETE={shell}_complete" in capsys.readouterr().out
