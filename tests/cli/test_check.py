"""``check`` as its user sees it, and what ``--verbose`` shows of any call."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from tests.cli.conftest import account_flags
from truto_unify import Client
from truto_unify.accounts.file import add_account

if TYPE_CHECKING:
    from tests.cli.conftest import Run
    from tests.loopback import Loopback

LIST = ("list", "ecommerce/customers", "--limit", "2")


def test_an_account_of_the_file_is_accepted(run: Run, loopback: Loopback) -> None:
    add_account(Path("accounts.yaml"), "my_shop", loopback.account("woocommerce"))

    outcome = run("check", "my_shop")

    with Client() as client:
        total = client.verify(loopback.account("woocommerce")).total
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == (
        f'woocommerce accepts the account "my_shop" (customers.list, which lists {total} customers)\n'
    )


def test_an_account_of_options_is_accepted(run: Run, loopback: Loopback) -> None:
    outcome = run("check", *account_flags(loopback, "shopify"))

    assert (outcome.code, outcome.out) == (0, "shopify accepts the account (customers.list)\n")


def test_a_refused_key_is_named_with_its_origin(run: Run, loopback: Loopback) -> None:
    outcome = run("check", *account_flags(loopback, "shopify"), "--credential", "access_token=shpat_wrong")

    assert (outcome.code, outcome.out) == (4, "")
    assert outcome.err.startswith("AuthenticationError: shopify POST /graphql.json: ")
    assert outcome.err.endswith("; refused: access_token (from --credential)\n")
    assert "shpat_wrong" not in outcome.err


def test_two_names_of_an_account_are_refused(run: Run) -> None:
    assert "the account is a; leave --account away" in run("check", "a", "--account", "b").err


def test_verbose_shows_each_request_and_its_answer(run: Run, loopback: Loopback) -> None:
    account = loopback.account("woocommerce")

    outcome = run(*LIST, *account_flags(loopback, "woocommerce"), "-v")

    address = re.escape(f"{account.base_url}/customers?")
    lines = [line for line in outcome.err.splitlines() if line.startswith("GET ")]
    assert len(lines) == len(loopback.store("woocommerce").requests) > 0
    assert all(re.fullmatch(rf"GET {address}\S*: 200, [\d,]+ ms, [\d,]+ bytes", line) for line in lines)


def test_verbose_shows_no_secret_of_any_scheme(run: Run, loopback: Loopback) -> None:
    in_query = ("--context", "keys_in=query")
    shown = [
        run(*LIST, *account_flags(loopback, "woocommerce"), *in_query, "-v"),
        run(*LIST, *account_flags(loopback, "zohoinventory"), "-v"),
    ]

    secrets = [
        secret for slug in ("woocommerce", "zohoinventory") for secret in loopback.account(slug).credentials.values()
    ]
    assert [outcome.code for outcome in shown] == [0, 0]
    assert [secret for secret in secrets if any(secret in outcome.err for outcome in shown)] == []


def test_without_verbose_nothing_is_shown(run: Run, loopback: Loopback) -> None:
    assert "GET" not in run(*LIST, *account_flags(loopback, "woocommerce")).err
