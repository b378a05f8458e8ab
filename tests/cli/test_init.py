"""``init`` as its user sees it: with options alone, and in a terminal of its own."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import account_flags
from truto_unify.accounts.file import read_account

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.cli.conftest import Run
    from tests.loopback import Loopback


def test_options_alone_connect_a_store(run: Run, loopback: Loopback) -> None:
    flags = account_flags(loopback, "woocommerce")

    outcome = run("init", *flags, "--account", "my_shop")
    again = run("init", *flags, "--account", "my_shop")
    other = run("init", *flags)

    account = loopback.account("woocommerce")
    stored = read_account(Path("accounts.yaml"), "my_shop")
    assert (outcome.code, again.code, other.code) == (0, 3, 0)
    assert (stored.credentials, stored.context, stored.base_url) == (
        account.credentials,
        account.context,
        account.base_url,
    )
    accepted, *further = outcome.err.splitlines()
    assert accepted.startswith("woocommerce accepts the account (customers.list, which lists ")
    assert further == [
        'added the account "my_shop" to accounts.yaml, which only you can read',
        "next: truto-unify list ecommerce/customers --account my_shop",
    ]
    assert len([line for line in outcome.out.splitlines() if "@" in line]) == 5
    assert again.err == 'InvalidInput: accounts.yaml has an account "my_shop" already; choose another name\n'
    assert read_account(Path("accounts.yaml"), "woocommerce").credentials == account.credentials


def test_environment_variables_count_as_given(run: Run, loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    account = loopback.account("shopify")
    monkeypatch.setenv("TRUTO_UNIFY_SHOPIFY_ACCESS_TOKEN", account.credentials["access_token"])

    outcome = run("init", "--provider", "shopify", "--context", "shop=demo", "--base-url", str(account.base_url))

    assert outcome.code == 0
    assert read_account(Path("accounts.yaml"), "shopify").credentials == account.credentials


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "there is no terminal to ask in; name the store: --provider bigcommerce|"),
        (
            ("--provider", "shopify"),
            "there is no terminal to ask in; give --context shop=… --credential access_token=… (or, for secrets, "
            "TRUTO_UNIFY_SHOPIFY_ACCESS_TOKEN)",
        ),
        (("--provider", "wix", "--context", "site_id=1"), "give --credential api_key=…"),
        (("--provider", "wix", "--context", "site_id=1", "--credential", "client_id=1"), "client_secret=…"),
    ],
)
def test_without_a_terminal_everything_must_be_given(run: Run, arguments: Sequence[str], message: str) -> None:
    outcome = run("init", *arguments)

    assert (outcome.code, outcome.out) == (3, "")
    assert message in " ".join(outcome.err.split())
    assert not Path("accounts.yaml").exists()


def test_refused_keys_are_not_written(run: Run, loopback: Loopback) -> None:
    outcome = run("init", *account_flags(loopback, "shopify"), "--credential", "access_token=shpat_wrong")

    assert (outcome.code, "refused: access_token (from --credential)" in outcome.err) == (4, True)
    assert not Path("accounts.yaml").exists()


def converse(folder: Path, arguments: Sequence[str], answers: Sequence[tuple[str, str]]) -> tuple[int, str]:
    """Runs ``init`` in a terminal; each answer is typed when its question stands at the end of the screen.

    Returns:
        The exit code, and everything that the screen showed.
    """
    command = [
        "-c",
        f"import sys; from truto_unify.cli.main import main; sys.argv = {['truto-unify', *arguments]!r}; main()",
    ]
    main, side = pty.openpty()
    environment = {name: text for name, text in os.environ.items() if not name.startswith("TRUTO_UNIFY_")}
    program = subprocess.Popen(
        [sys.executable, *command],
        cwd=folder,
        stdin=side,
        stdout=side,
        stderr=side,
        start_new_session=True,
        preexec_fn=lambda: os.close(os.open(os.ttyname(side), os.O_RDWR)),  # noqa: PLW1509 - becomes the terminal
        env={**environment, "COLUMNS": "80", "TERM": "dumb"},
    )
    os.close(side)
    screen = ""
    for question, answer in answers:
        screen += read_until(main, question)
        os.write(main, f"{answer}\n".encode())
    screen += read_until(main, None)
    os.close(main)
    return program.wait(30), screen


def read_until(terminal: int, text: str | None) -> str:
    """What a terminal shows until it has shown this text, or to the end for None."""
    shown, deadline = b"", time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            part = os.read(terminal, 4096)
        except OSError:  # the program has ended
            part = b""
        shown += part
        if not part or (text is not None and text.encode() in shown):
            break
    decoded = shown.decode()
    assert text is None or text in decoded, decoded
    return decoded


def test_a_terminal_asks_checks_and_asks_again(loopback: Loopback, tmp_path: Path) -> None:
    account = loopback.account("woocommerce")
    key, secret = account.credentials["consumer_key"], account.credentials["consumer_secret"]

    code, screen = converse(
        tmp_path,
        ["init", "--base-url", str(account.base_url)],
        [
            ("Which store (number or name): ", "woocomerce"),
            ("Which store (number or name): ", "woocommerce"),
            ("Name of the account [woocommerce]: ", "my_shop"),
            ("Consumer key: ", key),
            ("Consumer secret: ", "cs_wrong_secret"),
            ("Enter the values again [Y/n]: ", "y"),
            ("Where the keys are sent over HTTPS (header, query) [header]: ", ""),
            ("Consumer key: ", key),
            ("Consumer secret: ", secret),
        ],
    )

    stored = read_account(tmp_path / "accounts.yaml", "my_shop")
    assert (code, stored.credentials) == (0, account.credentials)
    assert 'there is no "woocomerce" (did you mean "woocommerce"?)' in screen
    assert "WooCommerce > Settings > Advanced > REST API > Add key" in " ".join(screen.split())
    assert "Permissions: Read" in screen
    assert [text for text in (key, secret, "cs_wrong_secret") if text in screen] == []
    assert len([line for line in screen.splitlines() if "@" in line]) == 5
