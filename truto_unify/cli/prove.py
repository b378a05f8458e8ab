"""``prove``: compares every claim of a mapping with emulation and with the store's own count."""

from __future__ import annotations

import textwrap
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click
from rich.console import Console
from rich.progress import Progress, ProgressColumn, SpinnerColumn, Task, TimeElapsedColumn
from rich.text import Text

from truto_unify.cli import output
from truto_unify.cli.account import account_options, call_settings, connection_limits, find_account, find_provider
from truto_unify.cli.completion import complete_resources
from truto_unify.cli.options import overlay_option
from truto_unify.client import Client
from truto_unify.errors import UnknownProvider
from truto_unify.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from truto_unify.testing.evidence.prover import ClaimResult
    from truto_unify.testing.evidence.recording_transport import RecordingTransport
    from truto_unify.testing.provider_under_test import ProviderUnderTest
    from truto_unify.types import Account

_EXAMPLES = r"""
truto-unify prove --account my_shop
truto-unify prove ecommerce/customers --provider acme --budget 400 --into .
"""
_LABELS = {"ok": "ok", "differs": "DIFFERS", "untried": "untried"}
_LINE_WIDTH = 80


@click.command("prove", epilog=f"\b{_EXAMPLES}")
@click.argument("resource", required=False, shell_complete=complete_resources)
@account_options
@click.option(
    "--budget",
    type=click.IntRange(min=10),
    default=200,
    show_default=True,
    help="Native requests for each resource; claims beyond them are untried.",
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option(
    "--into",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Your folder: writes tests/PROVIDER/proved.json there, which evidence reads.",
)
@click.option(
    "--provenance",
    type=click.Choice(["recorded", "synthetic"]),
    help="What answers: the provider's real software, or a pretend server. The sandbox says so itself.",
)
@overlay_option
def prove_command(resource: str | None, **options: Any) -> None:
    """Proves every native filter, sort, page and side load on a live account or the sandbox.

    It only reads. Each line shows a claim of the mapping and the result: ok, DIFFERS or untried. The records of a
    native filter are compared with those that the same filter finds here; a sort with the order of its values; pages
    with pages of another size and with the store's own count; a side load must be called and must give something.
    The exit code is 1 if anything differs. Needs the extra "testing".
    """
    slug = find_provider(options)
    registry = Registry(overlay=options["overlay"])
    resources = [name for name, provider in registry.mappings if provider == slug and resource in {None, name}]
    if not resources:
        raise UnknownProvider(f'no mapping of "{slug}"{f" for {resource}" if resource else ""} is installed')
    account = find_account(registry, options)
    results = {name: _prove(registry, account, name, options) for name in resources}
    if options["form"] == "json":
        output.print_json({"provider": slug, "resources": results})
    if any(claim["verdict"] == "differs" for result in results.values() for claim in result["claims"]):
        raise click.exceptions.Exit(1)


def _prove(registry: Registry, account: Account, resource: str, options: dict[str, Any]) -> dict[str, Any]:
    """Prints each result of a resource, unless JSON is wanted, and returns all of them for JSON."""
    from truto_unify.testing.evidence.prover import Prover
    from truto_unify.testing.evidence.recording_transport import RecordingTransport
    from truto_unify.testing.provider_under_test import ProviderUnderTest

    under_test = ProviderUnderTest.of_account(registry, resource, account)
    transport = RecordingTransport(options["budget"], limits=connection_limits(options))
    results: list[ClaimResult] = []
    open_client = partial(Client, settings=call_settings(account, options), transport=transport)
    prover = Prover(under_test, account, transport, open_client)
    for result in _with_progress(prover.run(), transport):
        if options["form"] == "text":
            output.print_lines(_line(result))
        results.append(result)
    counts = {verdict: sum(result.verdict == verdict for result in results) for verdict in _LABELS}
    summary = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    output.note(f"{resource}: {summary}; {len(transport.exchanges)} of {transport.budget} requests")
    if options["folder"] is not None:
        output.note(str(_write(under_test, results, transport, options)))
    claims = [{"claim": result.claim, "verdict": result.verdict, "text": result.text} for result in results]
    return {"requests": len(transport.exchanges), "counts": counts, "claims": claims}


def _line(result: ClaimResult) -> str:
    """One line of the output; longer text continues below its beginning."""
    head = f"{_LABELS[result.verdict]:<8} {result.claim:<25} "
    return textwrap.fill(result.text, _LINE_WIDTH, initial_indent=head, subsequent_indent=" " * len(head))


def _write(
    under_test: ProviderUnderTest, results: list[ClaimResult], transport: RecordingTransport, options: dict[str, Any]
) -> Path:
    from truto_unify.testing.evidence.proof_file import write_proof
    from truto_unify.testing.provenance import find_provenance

    hosts = {urlsplit(exchange.uri).hostname or "" for exchange in transport.exchanges}
    is_sandbox = any(exchange.level == "synthetic" for exchange in transport.exchanges)
    level = find_provenance(hosts, options["provenance"], is_sandbox=is_sandbox)
    tests = options["folder"] / "tests" / under_test.slug
    return write_proof(tests, under_test, level, datetime.now(UTC).date(), results)


class _RequestColumn(ProgressColumn):
    """The number of requests so far, and the budget."""

    def __init__(self, transport: RecordingTransport) -> None:
        super().__init__()
        self._transport = transport

    def render(self, task: Task) -> Text:  # noqa: ARG002 - the signature is rich's
        """The text of the column."""
        return Text(f"{len(self._transport.exchanges)} of {self._transport.budget} requests")


def _with_progress(results: Iterator[ClaimResult], transport: RecordingTransport) -> Iterator[ClaimResult]:
    """The results, with a progress line between them if standard error is a terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield from results
        return
    columns = (SpinnerColumn(), _RequestColumn(transport), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, redirect_stdout=False) as progress:
        progress.add_task("", total=None)
        for result in results:
            progress.stop()  # the line must not mix with the output if both streams are one terminal
            yield result
            progress.start()
