"""``demo`` and ``sandbox``: pretend stores on this machine."""

from __future__ import annotations

import shlex
from typing import Any, Final

import click

from truto_unify.cli import output
from truto_unify.cli.brief import brief_columns, print_brief
from truto_unify.client import Client
from truto_unify.registry import Registry
from truto_unify.sandbox.serve import Sandbox, create_sandbox, run_in_thread, serve
from truto_unify.types import Account

RESOURCE: Final = "ecommerce/customers"


def mapped_slugs(registry: Registry, sandbox: Sandbox) -> list[str]:
    """The stores whose customers have a mapping."""
    mapped = {slug for resource, slug in registry.mappings if resource == RESOURCE}
    return [slug for slug in sandbox.stores if slug in mapped]


@click.command("demo")
@click.option("--limit", type=click.IntRange(min=1, max=200), default=4, show_default=True, help="Customers per store.")
@click.option("--format", "form", type=click.Choice(output.FORMATS), default="table", show_default=True)
def demo_command(limit: int, form: str) -> None:
    """Lists customers of pretend stores, one for each provider, in one shape; no keys, no network.

    The stores run inside this command and answer over HTTP as the real ones do. Their people are invented, and
    the same in each store.
    """
    registry = Registry()
    sandbox = create_sandbox()
    records: dict[str, list[dict[str, Any]]] = {}
    with run_in_thread(sandbox) as origin, Client(registry) as client:
        for slug in mapped_slugs(registry, sandbox):
            account = Account(**sandbox.account_arguments(slug, origin))
            # Oldest first, so that each store shows the same people.
            page = client.list(RESOURCE, account, limit=limit, sort_by={"created_at": "asc"})
            records[slug] = [{"provider": slug, **record.model_dump(mode="json")} for record in page.result]
    everybody = [record for part in records.values() for record in part]
    if form == "json":
        output.print_json(everybody)
    elif form == "table":
        _print_stores(registry, records)
    else:
        output.print_records(everybody, form, registry.schema(RESOURCE))


def _print_stores(registry: Registry, records: dict[str, list[dict[str, Any]]]) -> None:
    schema, left_out = registry.schema(RESOURCE), set[str]()
    for slug, part in records.items():
        left_out |= set(print_brief(schema, part, f"{registry.provider(slug).config.label} ({slug})"))
    output.note_left_out([name for name in brief_columns(schema) if name in left_out])
    output.note(f"next: {output.program()} sandbox   keeps these stores running, and prints commands to try on them")


@click.command("sandbox")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8765, show_default=True, type=click.IntRange(1, 65535))
def sandbox_command(host: str, port: int) -> None:
    """Serves the pretend stores until it is stopped, and prints how to call each."""
    registry = Registry()
    sandbox = create_sandbox()
    for slug in mapped_slugs(registry, sandbox):
        arguments = sandbox.account_arguments(slug, f"http://{host}:{port}")
        words = [output.program(), "list", RESOURCE, "--provider", slug, "--base-url", arguments["base_url"]]
        for name, value in arguments["context"].items():
            words += ["--context", f"{name}={value}"]
        for name, value in arguments["credentials"].items():
            words += ["--credential", f"{name}={value}"]
        click.echo(shlex.join(words))
    output.note(f"serving on http://{host}:{port}; stop with Ctrl-C")
    serve(host, port)
