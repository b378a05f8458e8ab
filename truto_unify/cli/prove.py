"""``prove``: what a mapping claims, against emulation and the store's own count, on a live account."""

from __future__ import annotations

import textwrap
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from truto_unify.cli import output
from truto_unify.cli.account import account_options, find_account
from truto_unify.cli.options import overlay_option
from truto_unify.client import Client
from truto_unify.errors import UnknownProvider
from truto_unify.registry import Registry

if TYPE_CHECKING:
    from truto_unify.testing.evidence.prover import Finding
    from truto_unify.types import Account

_EXAMPLES = r"""
truto-unify prove acme --context store_url=https://shop.example --credential access_token=...
truto-unify prove acme ecommerce/customers --requests 400 --into .
"""
_WORDS = {"ok": "ok", "differs": "DIFFERS", "untried": "untried"}


@click.command("prove", epilog=f"\b{_EXAMPLES}")
@click.argument("slug", metavar="PROVIDER")
@click.argument("resource", required=False)
@account_options
@click.option("--requests", type=click.IntRange(min=10), default=200, show_default=True, help="Budget of a resource.")
@click.option(
    "--into",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Your folder: writes tests/PROVIDER/proved.json there, which evidence reads.",
)
@click.option(
    "--provenance",
    type=click.Choice(["recorded", "synthetic"]),
    help="What answers: the provider's real software, or a pretend one. The sandbox is known to be pretend.",
)
@overlay_option
def prove_command(slug: str, resource: str | None, **options: Any) -> None:
    """Proves every native filter, sort and page of PROVIDER on a live account or the sandbox; it only reads.

    Each line says what the mapping claims, and whether the store bears it out: the records that a filter lets through
    against those that the same filter finds here, the order of a sort, the pages against pages of another size and
    against the store's own count, and whether a side load gives anything. Exits with 1 if anything differs. Needs the
    extra "testing".
    """
    registry = Registry(overlay=options["overlay"])
    resources = [name for name, provider in registry.mappings if provider == slug and resource in {None, name}]
    if not resources:
        raise UnknownProvider(f'no mapping of "{slug}"{f" for {resource}" if resource else ""} is installed')
    account = find_account(registry, {**options, "provider": slug})
    findings = [finding for name in resources for finding in _prove(registry, account, name, options)]
    if any(finding.verdict == "differs" for finding in findings):
        raise click.exceptions.Exit(1)


def _line(finding: Finding) -> str:
    """One line; what is too long for 80 columns goes on below its beginning."""
    head = f"{_WORDS[finding.verdict]:<8} {finding.claim:<25} "
    return textwrap.fill(finding.text, 80, initial_indent=head, subsequent_indent=" " * len(head))


def _prove(registry: Registry, account: Account, resource: str, options: dict[str, Any]) -> list[Finding]:
    from truto_unify.testing.evidence.proof_file import write_proof
    from truto_unify.testing.evidence.prover import Prover
    from truto_unify.testing.evidence.watch import Watch
    from truto_unify.testing.provenance import find_provenance
    from truto_unify.testing.provider_under_test import Subject

    subject, watch = Subject(registry, account.provider, resource), Watch(options["requests"])
    findings: list[Finding] = []
    with Client(registry, transport=watch) as client:
        for finding in Prover(subject, account, client, watch).run():
            output.print_lines(_line(finding))
            findings.append(finding)
    counts = ", ".join(f"{sum(finding.verdict == verdict for finding in findings)} {verdict}" for verdict in _WORDS)
    output.note(f"{resource}: {counts}; {len(watch.exchanges)} requests")
    if options["folder"] is not None:
        hosts = {urlsplit(exchange.uri).hostname or "" for exchange in watch.exchanges}
        is_sandbox = any(exchange.level == "synthetic" for exchange in watch.exchanges)
        level = find_provenance(hosts, options["provenance"], is_sandbox=is_sandbox)
        tests = options["folder"] / "tests" / account.provider
        output.note(str(write_proof(tests, subject, level, datetime.now(UTC).date(), findings)))
    return findings
