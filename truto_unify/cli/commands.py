"""The table of commands."""

from __future__ import annotations

import click

from truto_unify.cli.calls import explain_command, get_command, list_command
from truto_unify.cli.mappings import capabilities_command, lint_command, map_command
from truto_unify.cli.stores import demo_command, sandbox_command


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 2 configuration, 3 the call, 4 the provider, 5 transport, 6 mapping.",
)
@click.version_option(package_name="truto-unify", message="%(prog)s %(version)s")
def commands() -> None:
    r"""One API over many stores.

    \b
    truto-unify demo            pretend stores, one list, no keys
    truto-unify capabilities    what each provider supports
    """


for _command in (
    demo_command,
    list_command,
    get_command,
    explain_command,
    map_command,
    lint_command,
    capabilities_command,
    sandbox_command,
):
    commands.add_command(_command)
