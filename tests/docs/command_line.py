"""Reads a command line of a page as the command would, without running it."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from truto_unify.cli.commands import commands

if TYPE_CHECKING:
    import click


def command_lines(console: str) -> list[str]:
    """The commands of ``truto-unify`` in console blocks, each on one line."""
    return re.findall(r"^\$ truto-unify (.*?)(?: > \S+)?$", console.replace("\\\n", " "), re.MULTILINE)


def read_command(line: str) -> click.Context:
    """The context of a command line.

    Raises:
        click.UsageError: the command does not take it.
    """
    name, *arguments = shlex.split(line, comments=True)
    return commands.commands[name].make_context(name, arguments)
