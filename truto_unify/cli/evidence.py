"""``evidence``: computes what is known of a provider in an author's own folder."""

from __future__ import annotations

from pathlib import Path

import click

from truto_unify.cli import output
from truto_unify.cli.completion import complete_providers
from truto_unify.errors import InvalidInput, UnknownProvider
from truto_unify.registry import Registry


@click.command("evidence")
@click.option(
    "--provider", required=True, metavar="SLUG", shell_complete=complete_providers, help="The provider to look at."
)
@click.option(
    "--into",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=".",
    show_default=True,
    help="Your folder, with providers/, mappings/ and tests/PROVIDER/.",
)
def evidence_command(provider: str, folder: Path) -> None:
    """Computes what samples and cassettes prove of a provider, and writes mappings/evidence.json in your folder.

    It reads tests/PROVIDER/samples, as the contract suite does, the results of "prove", and every cassette below
    tests/PROVIDER with its sidecar. It replays each cassette first. A cassette does not count if it no longer fits the
    mapping, or if its answers are not what was asked for.
    The quality tier in "capabilities" follows from the evidence. Needs the extra "testing".
    """
    from truto_unify.testing.evidence.matrix import write_evidence
    from truto_unify.tiers import assess_all

    registry = Registry(overlay=[folder])
    if provider not in {slug for _, slug in registry.mappings}:
        raise UnknownProvider(f'no mapping of "{provider}" is installed or in {folder}')
    if not (folder / "mappings").is_dir():
        raise InvalidInput(f"{folder} has no mappings/ to write the evidence into")
    try:
        evidence, doubts = write_evidence(registry, provider, folder)
    except ValueError as error:
        raise InvalidInput(str(error)) from None
    for doubt in doubts:
        output.note(f"does not count: {doubt}")
    for resource, assessment in assess_all(Registry(overlay=[folder]), provider).items():
        output.print_lines(f"{resource}: {assessment.tier or 'no tier yet'}")
        for text in assessment.missing:
            output.print_lines(f"  for {assessment.next_tier}: {text}")
        if resource in evidence and "contract" not in evidence[resource]["proofs"]:
            output.note(f"{resource} does not pass the contract suite yet: pytest says why")
