"""``demo`` and ``sandbox``: pretend stores on this machine."""

from __future__ import annotations

import shlex
from typing import Any, Final

import click

from truto_unify.cli import output
from truto_unify.cli.brief import print_brief
from truto_unify.client import Client
from truto_unify.models import RESOURCES
from truto_unify.registry import Registry
from truto_unify.sandbox.serve import Sandbox, create_sandbox, run_in_thread, serve
from truto_unify.types import Account

RESOURCE: Final = "ecommerce/customers"
"""The resource of the first call that a reader tries."""


def mapped_resources(registry: Registry, sandbox: Sandbox) -> dict[str, list[str]]:
    """The stores with a mapping, each with the resources that it has."""
    stores = {slug: [name for name in RESOURCES if (name, slug) in registry.mappings] for slug in sandbox.stores}
    return {slug: names for slug, names in stores.items() if names}


@click.command("demo")
@click.option("--limit", type=click.IntRange(min=1, max=200), default=2, show_default=True, help="Records per store.")
@click.option("--resource", type=click.Choice([*RESOURCES]), help="Lists records of this resource only.")
@click.option("--format", "form", type=click.Choice(output.FORMATS), default="table", show_default=True)
def demo_command(limit: int, resource: str | None, form: str) -> None:
    """Lists customers, orders and products of pretend stores in one shape; no keys, no network.

    The stores run inside this command and answer over HTTP as the real ones do. Their people and goods are invented,
    and the same in each store.
    """
    if form == "csv" and resource is None:
        raise click.UsageError(f"a CSV table has one resource; name it with --resource: {', '.join(RESOURCES)}")
    registry = Registry()
    sandbox = create_sandbox()
    records: dict[str, list[dict[str, Any]]] = {name: [] for name in RESOURCES if resource in {None, name}}
    with run_in_thread(sandbox) as origin, Client(registry) as client:
        for slug, names in mapped_resources(registry, sandbox).items():
            account = Account(**sandbox.account_arguments(slug, origin))
            for name in (name for name in names if name in records):
                # Oldest first, so that each store shows the same people and goods.
                page = client.list(registry.schema(name), account, limit=limit, sort_by={"created_at": "asc"})
                labels = {"provider": slug, "resource": name}
                records[name] += [{**labels, **record.model_dump(mode="json")} for record in page.result]
    everything = [record for part in records.values() for record in part]
    if form == "json":
        output.print_json(everything)
    elif form == "table":
        _print_tables(registry, records)
    else:
        output.print_records(everything, form, registry.schema(resource or RESOURCE))


def _print_tables(registry: Registry, records: dict[str, list[dict[str, Any]]]) -> None:
    left_out: dict[str, None] = {}
    for name, part in records.items():
        left_out |= dict.fromkeys(print_brief(registry.schema(name), part, name, label="provider"))
    output.note_left_out(left_out)
    output.note(f"next: {output.program()} sandbox   keeps these stores running, and prints commands to try on them")


@click.command("sandbox")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8765, show_default=True, type=click.IntRange(1, 65535))
def sandbox_command(host: str, port: int) -> None:
    """Serves the pretend stores until it is stopped, and prints how to call each."""
    registry = Registry()
    sandbox = create_sandbox()
    for slug, resources in mapped_resources(registry, sandbox).items():
        arguments = sandbox.account_arguments(slug, f"http://{host}:{port}")
        words = ["--provider", slug, "--base-url", arguments["base_url"]]
        for name, value in arguments["context"].items():
            words += ["--context", f"{name}={value}"]
        for name, value in arguments["credentials"].items():
            words += ["--credential", f"{name}={value}"]
        click.echo(f"# {slug}")
        for resource in resources:
            click.echo(shlex.join([output.program(), "list", resource, *words]))
        click.echo()
    output.note(f"serving on http://{host}:{port}; stop with Ctrl-C")
    serve(host, port)
