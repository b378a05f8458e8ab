"""``serve``: the HTTP service."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from truto_unify.cli import output
from truto_unify.cli.account import certificates_option
from truto_unify.cli.database import database_option, keys_option, needs_server
from truto_unify.cli.options import outbound_options, overlay_option

if TYPE_CHECKING:
    from pathlib import Path

    from truto_unify.outbound import OutboundRule


@click.command(
    "serve",
    epilog=(
        "\b\nThe first start, on an empty folder:\n"
        "  export TRUTO_UNIFY_SECRET_KEY=$(truto-unify database new-key)\n"
        "  truto-unify token create\n"
        "  truto-unify serve\n\n"
        "Without a store: truto-unify serve --sandbox\n\n"
        "Environment variables set the limits: see docs/service.md."
    ),
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="0 picks a free port.")
@database_option
@keys_option
@outbound_options
@certificates_option
@overlay_option
@click.option(
    "--sandbox",
    "is_sandbox",
    is_flag=True,
    help="Serves pretend stores of this machine, with an account for each, from a temporary database with a new key, "
    "and prints commands to try. "
    "The options of databases, keys and addresses do not count.",
)
@click.option(
    "--log-level",
    envvar="TRUTO_UNIFY_LOG_LEVEL",
    show_envvar=True,
    default="info",
    show_default=True,
    type=click.Choice(["debug", "info", "warning", "error"]),
    help="Logs are JSON on standard error, one line a request.",
)
@needs_server
def serve_command(
    *,
    host: str,
    port: int,
    database_url: str,
    secret_key: str,
    outbound: OutboundRule,
    ca_bundle: Path | None,
    overlay: tuple[str, ...],
    is_sandbox: bool,
    log_level: str,
) -> None:
    """Serves the unified API over the accounts in a database.

    First migrates the database; a missing SQLite file is created.
    """
    from truto_unify.server.logs import SERVICE, configure_logs
    from truto_unify.server.runtime import Deployment, run
    from truto_unify.server.settings import read_settings

    deployment = Deployment(
        host=host,
        port=port,
        database_url=database_url,
        secret_keys=secret_key,
        outbound=outbound,
        ca_bundle=ca_bundle,
        overlay=overlay,
        redis_url=os.environ.get("TRUTO_UNIFY_REDIS_URL", "").strip() or None,
    )
    settings = read_settings(os.environ)
    configure_logs(log_level)
    # A program that reads the logs expects JSON on each line.
    announce = output.note if sys.stderr.isatty() else SERVICE.info
    if not is_sandbox:
        run(deployment, settings, announce)
        return
    from truto_unify.cli.sandbox_service import LOOPBACK, sandbox_service

    with sandbox_service(host, port) as sandbox:
        click.echo("\n".join(sandbox.lines))
        deployment = replace(
            deployment,
            port=sandbox.port,
            database_url=sandbox.database_url,
            secret_keys=sandbox.secret_key,
            outbound=LOOPBACK,
            redis_url=None,
        )
        run(deployment, settings, announce)
