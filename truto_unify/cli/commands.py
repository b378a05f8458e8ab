"""The command group with all commands."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from truto_unify.cli.administration import account_command, token_command
from truto_unify.cli.calls import explain_command, get_command, list_command
from truto_unify.cli.database import database_command
from truto_unify.cli.drift import coverage_command, drift_command
from truto_unify.cli.evidence import evidence_command
from truto_unify.cli.mappings import capabilities_command, lint_command, map_command, schema_command
from truto_unify.cli.prove import prove_command
from truto_unify.cli.record import record_command
from truto_unify.cli.scaffold import scaffold_command
from truto_unify.cli.service import serve_command
from truto_unify.cli.stores import demo_command, sandbox_command


class _Commands(click.Group):
    """A command group that ends without an error if its reader closes the pipe, as ``| head`` does."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            # The interpreter must not write the rest of the buffer at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise click.exceptions.Exit(0) from None
        return result


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=(
        "\b\nA first look, without keys:\n  truto-unify demo            pretend stores, one list\n"
        "  truto-unify capabilities    what each provider supports\n\n"
        "Exit codes: 2 configuration, 3 the call, 4 the provider, 5 transport, 6 mapping."
    ),
)
@click.version_option(package_name="truto-unify", message="%(prog)s %(version)s")
def commands() -> None:
    """One API over many stores."""


for _command in (
    demo_command,
    list_command,
    get_command,
    explain_command,
    map_command,
    lint_command,
    capabilities_command,
    schema_command,
    scaffold_command,
    drift_command,
    coverage_command,
    evidence_command,
    sandbox_command,
    serve_command,
    token_command,
    account_command,
    database_command,
    record_command,
    prove_command,
):
    commands.add_command(_command)
