from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from truto_unify import Account
from truto_unify.accounts.file import add_account, read_account
from truto_unify.errors import ConfigError, InvalidInput

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "0777secret"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A path to write to; problems name it ``accounts.yaml``."""
    monkeypatch.chdir(tmp_path)
    return type(tmp_path)("accounts.yaml")


def test_an_account_is_read_by_its_name(file: Path) -> None:
    file.write_text(
        """
        accounts:
          first: {provider: shopify, context: {shop: acme}, credentials: {access_token: shpat_1}}
          second:
            provider: woocommerce
            base_url: http://127.0.0.1:8765/woocommerce
            token_url: http://127.0.0.1:8765/token
        """,
        encoding="utf-8",
    )

    assert [read_account(file, name) for name in ("first", "second")] == [
        Account(id="first", provider="shopify", context={"shop": "acme"}, credentials={"access_token": "shpat_1"}),
        Account(
            id="second",
            provider="woocommerce",
            base_url="http://127.0.0.1:8765/woocommerce",
            token_url="http://127.0.0.1:8765/token",
        ),
    ]


def test_the_secrets_of_an_account_are_not_in_its_repr(file: Path) -> None:
    file.write_text(f"accounts: {{a: {{provider: shopify, credentials: {{access_token: x{SECRET}}}}}}}", "utf-8")

    account = read_account(file, "a")

    assert account.credentials == {"access_token": f"x{SECRET}"}
    assert SECRET not in repr(account)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("accounts: {shop-a: {provider: wix}}", 'accounts.yaml has no account "shop-b" (did you mean "shop-a"?)'),
        (
            "accounts: {b: {provider: wix}, a: {provider: wix}}",
            'accounts.yaml has no account "shop-b"; its accounts: b, a',
        ),
        ("accounts: {}", 'accounts.yaml has no account "shop-b"; its accounts: none'),
    ],
)
def test_a_name_that_is_not_there_is_answered_with_those_that_are(file: Path, text: str, message: str) -> None:
    file.write_text(text, "utf-8")

    with pytest.raises(InvalidInput) as caught:
        read_account(file, "shop-b")

    assert caught.value.message == message


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("", "accounts.yaml:1:1: the file is empty"),
        ("- a", "accounts.yaml:1:1: the file must hold a mapping (key: value lines)"),
        (
            "accuonts: {}",
            'accounts.yaml:1:1: missing key "accounts"\n'
            'accounts.yaml:1:1: unknown key "accuonts" (did you mean "accounts"?)',
        ),
        ("accounts: {a: {}}", 'accounts.yaml:1:12: missing key "provider"'),
        (
            f"accounts: {{a: {SECRET}}}",
            "accounts.yaml:1:15: must be a mapping; known here: base_url, context, credentials, is_read_only, "
            "provider, token_url",
        ),
        (
            f"accounts: {{a: {{provider: wix, credentials: {SECRET}}}}}",
            "accounts.yaml:1:44: must be a mapping (key: value lines)",
        ),
        ("accounts: {a: {provider: wix, credentials: {api_key: 777}}}", "accounts.yaml:1:54: must be text; quote it"),
        (
            "accounts: {a: {provider: wix, credentials: {api_key: 0777}}}",
            "accounts.yaml:1:54: unquoted text: older YAML reads it as an octal or hex number; put it in quotes",
        ),
        (
            f"accounts: {{a: {{provider: wix, credentials: {{api_key: *{SECRET}}}}}}}",
            "accounts.yaml:1:54: alias text: quote the text, or write the value out",
        ),
        (
            f"accounts:\n  a:\n    provider: wix\n    credentials:\n      api_key: {SECRET} #{SECRET}",
            'accounts.yaml:5:16: " #" ends the value text; quote it, or move the comment to a line of its own',
        ),
        (
            f"accounts: {{a: {{provider: wix, credentials: {{api_key: '{SECRET}}}",
            "accounts.yaml:1:66: not YAML: found unexpected end of stream",
        ),
    ],
)
def test_a_faulty_file_is_answered_with_every_place_and_no_secret(file: Path, text: str, problems: str) -> None:
    file.write_text(text, "utf-8")

    with pytest.raises(ConfigError) as caught:
        read_account(file, "a")

    assert str(caught.value) == problems


def test_a_file_that_is_not_there_is_a_problem(file: Path) -> None:
    message = "accounts.yaml: cannot read the accounts file: No such file or directory; truto-unify init writes one"
    with pytest.raises(ConfigError, match=f"^{message}$"):
        read_account(file, "a")


def test_a_file_that_is_not_text_is_a_problem(file: Path) -> None:
    file.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(ConfigError, match=r"^accounts.yaml: cannot read the accounts file: it is not UTF-8 text$"):
        read_account(file, "a")


SHOP = Account(
    provider="shopify", context={"shop": "acme"}, credentials={"access_token": SECRET}, base_url="https://proxy.example"
)
ENTRY = f"""my_shop:
    provider: "shopify"
    credentials:
      access_token: "{SECRET}"
    context:
      shop: "acme"
    base_url: "https://proxy.example"
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, f"accounts:\n  {ENTRY}"),
        ("# mine\n", f"# mine\naccounts:\n  {ENTRY}"),
        ("accounts: {}\n", f"accounts:\n  {ENTRY}"),
        (
            "# mine\naccounts:\n  other: {provider: wix} # kept\n",
            f"# mine\naccounts:\n  other: {{provider: wix}} # kept\n  {ENTRY}",
        ),
        (
            "accounts:\n\n    # wide\n    other:\n        provider: wix",
            "accounts:\n\n    # wide\n    other:\n        provider: wix\n    " + ENTRY.replace("\n  ", "\n    "),
        ),
    ],
)
def test_an_account_is_added_and_the_rest_of_the_file_stays(file: Path, before: str | None, after: str) -> None:
    if before is not None:
        file.write_text(before, "utf-8")
        file.chmod(0o644)

    add_account(file, "my_shop", SHOP)

    assert file.read_text("utf-8") == after
    assert file.stat().st_mode & 0o777 == 0o600
    assert read_account(file, "my_shop") == replace(SHOP, id="my_shop")
    assert [path.name for path in file.absolute().parent.iterdir()] == ["accounts.yaml"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("accounts: {my_shop: {provider: wix}}", 'has an account "my_shop" already; choose another name'),
        ("accounts: {other: {provider: wix}}", "no account can be added to accounts.yaml as it is written"),
    ],
)
def test_what_cannot_be_extended_stays_as_it_is(file: Path, text: str, message: str) -> None:
    file.write_text(text, "utf-8")

    with pytest.raises(InvalidInput, match=message):
        add_account(file, "my_shop", SHOP)

    assert file.read_text("utf-8") == text


def test_a_link_to_the_file_stays_a_link(file: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    file.symlink_to(tmp_path / "elsewhere" / "shops.yaml")

    add_account(file, "no", SHOP)

    assert file.is_symlink()
    assert read_account(tmp_path / "elsewhere" / "shops.yaml", "no").provider == "shopify"
