"""Options that several commands share, and the call arguments that they stand for."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, get_args

import click

from truto_unify.cli.completion import complete_filters, complete_sorts
from truto_unify.outbound import HOSTS_SETTING, HTTP_SETTING, NETWORKS_SETTING, OutboundRule
from truto_unify.query_string import read_query, split_query
from truto_unify.types import Unsupported

Command = TypeVar("Command", bound=Callable[..., Any])

_QUERY_OPTIONS = (
    click.option(
        "--query",
        "-q",
        multiple=True,
        metavar="QUERY",
        shell_complete=complete_filters,
        help="Filters, for example 'created_at[gte]=2024-01-01T00:00:00Z'.",
    ),
    click.option(
        "--sort", metavar="FIELD:asc|desc", shell_complete=complete_sorts, help="For example created_at:desc."
    ),
    click.option("--limit", type=click.IntRange(min=1), help="Records on the page; with --all the size of each page."),
    click.option("--next-cursor", metavar="CURSOR", help="Continues after an earlier page."),
    click.option(
        "--unsupported",
        type=click.Choice(get_args(Unsupported)),
        default="emulate",
        show_default=True,
        help="How to handle a filter or sort that the store does not support.",
    ),
    click.option(
        "--remote-query",
        multiple=True,
        metavar="NAME=VALUE",
        help="A native parameter, sent to the store unchanged; repeatable.",
    ),
)


_OUTBOUND_OPTIONS = (
    click.option(
        "--allowed-hosts",
        envvar=HOSTS_SETTING,
        show_envvar=True,
        default="",
        metavar="HOST[,HOST]",
        help="The only hosts that accounts may lead to, for example *.example.com. Default: any.",
    ),
    click.option(
        "--allowed-networks",
        envvar=NETWORKS_SETTING,
        show_envvar=True,
        default="",
        metavar="NETWORK[,NETWORK]",
        help="Networks that accounts may lead to although they are not public, for example 10.0.0.0/8. Default: none.",
    ),
    click.option(
        "--allow-http/--no-allow-http",
        envvar=HTTP_SETTING,
        show_envvar=True,
        help="Whether accounts may lead to http://. Default: no.",
    ),
)


_OWN_OPTIONS = {
    "limit": "is --limit",
    "next_cursor": "is --next-cursor",
    "sort_by": "is --sort",
    "unsupported": "is --unsupported",
    "remote_query": "is --remote-query",
    "exclude_fields": "is --exclude-field of list",
    "ignore_remote_data": "is --no-remote-data of list",
    "on_record_error": "is --on-record-error of list",
    "response_format": "is not offered on the command line",
    "side_load": "is not offered on the command line",
}


def query_options(command: Command) -> Command:
    """Adds the options that describe a list call."""
    for option in reversed(_QUERY_OPTIONS):
        command = option(command)
    return command


def outbound_options(command: Command) -> Command:
    """Adds the options that limit the addresses of accounts; the command takes them as ``outbound``."""

    @functools.wraps(command)
    def run(*, allowed_hosts: str, allowed_networks: str, allow_http: bool, **options: Any) -> Any:
        rule = OutboundRule.strict(hosts=allowed_hosts, networks=allowed_networks, allows_http=allow_http)
        return command(outbound=rule, **options)

    wrapped: Any = run
    for option in reversed(_OUTBOUND_OPTIONS):
        wrapped = option(wrapped)
    return wrapped  # type: ignore[no-any-return]  # options keep the type of a command


def overlay_option(command: Command) -> Command:
    """Adds ``--overlay``."""
    option = click.option(
        "--overlay",
        multiple=True,
        type=click.Path(path_type=Path, exists=True, file_okay=False),
        help="A folder with providers/, mappings/ or models/ of your own; repeatable.",
    )
    return option(command)


def side_load_option(command: Command) -> Command:
    """Adds ``--side-load``."""
    option = click.option(
        "--side-load",
        multiple=True,
        metavar="NAME",
        help="A declared side load, for example orders; repeatable.",
    )
    return option(command)


def read_arguments(options: dict[str, Any]) -> dict[str, Any]:
    """The keyword arguments of ``Client.list`` for these options.

    Raises:
        click.UsageError: ``--query`` holds a parameter that is not a filter.
        InvalidInput: a query is malformed.
    """
    pairs = [pair for text in options["query"] for pair in split_query(text)]
    arguments = read_query(pairs)
    for name in arguments:
        if name in _OWN_OPTIONS:
            raise click.UsageError(f'--query must hold filters; "{name}" {_OWN_OPTIONS[name]}')
    if options["sort"]:
        field, _, direction = options["sort"].partition(":")
        arguments["sort_by"] = {field: direction or "asc"}
    remote = [pair for text in options["remote_query"] for pair in split_query(text)]
    if remote:
        arguments["remote_query"] = read_query(remote)
    for name in ("limit", "next_cursor"):
        if options[name] is not None:
            arguments[name] = options[name]
    arguments["unsupported"] = options["unsupported"]
    return arguments
