"""The command group with all commands."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from truto_unify.cli.administration import account_command, token_command
from truto_unify.cli.calls import explain_command, get_command, list_command
from truto_unify.cli.chaos import chaos_command
from truto_unify.cli.check import check_command
from truto_unify.cli.completion import completion_command
from truto_unify.cli.database import database_command
from truto_unify.cli.drift import coverage_command, drift_command
from truto_unify.cli.evidence import evidence_command
from truto_unify.cli.init import init_command
from truto_unify.cli.mappings import capabilities_command, lint_command, map_command, schema_command
from truto_unify.cli.prove import prove_command
from truto_unify.cli.record import record_command
from truto_unify.cli.scaffold import scaffold_command
from truto_unify.cli.service import serve_command
from truto_unify.cli.stores import demo_command, sandbox_command

_SECTIONS: dict[str, dict[click.Command, str]] = {
    "Call stores": {
        demo_command: "Lists records of pretend stores; no keys needed.",
        init_command: "Connects a store: asks for its keys and checks them.",
        check_command: "Proves that a store accepts an account.",
        list_command: "Lists the records of a resource.",
        get_command: "Gets a record by its id.",
        explain_command: "Shows the request of a call without sending it.",
        sandbox_command: "Serves the pretend stores on this machine.",
        chaos_command: "Plants faults between a client and a store.",
    },
    "Write a mapping": {
        scaffold_command: "Drafts a provider, its mapping and its tests.",
        lint_command: "Checks configuration files.",
        map_command: "Maps a saved answer, without a network.",
        schema_command: "Prints the JSON Schema of a file, for editors.",
        record_command: "Records a real call as a cassette.",
        prove_command: "Compares the claims of a mapping with a store.",
        evidence_command: "Computes what samples and cassettes prove.",
        capabilities_command: "Shows what each provider supports.",
    },
    "Maintain a mapping": {
        drift_command: "Reports what a provider has changed.",
        coverage_command: "Reports what a mapping leaves out.",
    },
    "Set up": {
        completion_command: "Switches on completion with the Tab key.",
    },
    "Run the service": {
        serve_command: "Serves the unified API over HTTP.",
        token_command: "Manages API tokens.",
        account_command: "Manages integrated accounts.",
        database_command: "Creates, moves and checks the database.",
    },
}
"""The commands by what they are for, each with the line that stands in the list of all."""


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

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        for title, section in _SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(command.name or "", line) for command, line in section.items()], col_max=16)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=(
        "\b\nA first look, without keys:\n  truto-unify demo            pretend stores in one shape\n"
        "  truto-unify capabilities    what each provider supports\n\n"
        "Exit codes: 2 configuration, 3 the call, 4 the provider, 5 transport, 6 mapping."
    ),
)
@click.version_option(package_name="truto-unify", message="%(prog)s %(version)s")
def commands() -> None:
    """One API over many stores."""


for _section in _SECTIONS.values():
    for _command in _section:
        commands.add_command(_command)
