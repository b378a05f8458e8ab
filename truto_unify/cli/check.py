"""``check``: proves an account with one cheap read at its provider."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from truto_unify.cli import output
from truto_unify.cli.account import account_options, call_settings, connection_limits, find_account
from truto_unify.cli.completion import complete_accounts
from truto_unify.cli.options import overlay_option
from truto_unify.client import Client
from truto_unify.registry import Registry

if TYPE_CHECKING:
    from truto_unify.engine.verify_call import Verification
    from truto_unify.types import Account

_EXAMPLES = r"""
truto-unify check my_shop --accounts-file accounts.yaml
truto-unify check --provider acme --context shop=demo
"""


@click.command("check", epilog=f"\b{_EXAMPLES}")
@click.argument("account", metavar="[ACCOUNT]", required=False, shell_complete=complete_accounts)
@account_options
@overlay_option
def check_command(account: str | None, **options: Any) -> None:
    """Proves that the provider of ACCOUNT (of the accounts file) accepts it, with one cheap read.

    Exit codes: 0: it does; 3: a field of the account is missing or wrong; 4: the provider refuses; 5: no answer.
    """
    if account is not None:
        if options["account_name"] not in {None, account}:
            raise click.UsageError(f"the account is {account}; leave --account away")
        options["account_name"] = account
    registry = Registry(overlay=options["overlay"])
    chosen = find_account(registry, options)
    with Client(registry, settings=call_settings(chosen, options), limits=connection_limits(options)) as client:
        output.print_lines(describe(chosen, client.verify(chosen)))


def describe(account: Account, verification: Verification) -> str:
    """What the provider said, in one line."""
    name = f' "{account.id}"' if account.id else ""
    resource = verification.call.partition(".")[0]
    holds = "" if verification.total is None else f", which lists {verification.total:,} {resource}"
    return f"{verification.provider} accepts the account{name} ({verification.call}{holds})"
