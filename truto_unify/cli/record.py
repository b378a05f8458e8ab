"""``record``: cassettes of real calls, and the scan of those that are there."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from truto_unify.cli import output
from truto_unify.cli.account import account_options, call_settings, connection_limits, find_account
from truto_unify.cli.completion import complete_filters, complete_recording, complete_sorts
from truto_unify.cli.options import overlay_option, read_arguments, side_load_option
from truto_unify.registry import Registry

_EXAMPLES = r"""
truto-unify record ecommerce/customers list --provider acme --limit 20 --pages 2 --into tests/cassettes
truto-unify record ecommerce/customers get 17 --account my_shop --into tests/cassettes/acme/one.yaml
truto-unify record ecommerce/customers get 0 --provider acme --expect-error --into tests/cassettes
truto-unify record --check tests/cassettes
"""


@click.command("record", epilog=f"\b{_EXAMPLES}")
@click.argument("words", nargs=-1, metavar="RESOURCE METHOD [ID]", shell_complete=complete_recording)
@account_options
@click.option(
    "--query",
    "-q",
    multiple=True,
    metavar="QUERY",
    shell_complete=complete_filters,
    help="Filters, for example 'email=ana@example.test'.",
)
@click.option("--sort", metavar="FIELD:asc|desc", shell_complete=complete_sorts, help="For example created_at:desc.")
@click.option("--limit", type=click.IntRange(min=1), help="Records of each page.")
@click.option("--pages", type=click.IntRange(min=1), default=1, show_default=True, help="Pages of a list.")
@click.option("--all", "read_all", is_flag=True, help="Every page of a list.")
@click.option("--remote-query", multiple=True, metavar="NAME=VALUE", help="Passed to the store as it is; repeatable.")
@side_load_option
@click.option("--into", type=click.Path(path_type=Path), help="The cassette (.yaml), or a folder for it.")
@click.option("--overwrite", is_flag=True, help="Replaces a cassette that is there.")
@click.option("--expect-error", is_flag=True, help="Records the provider's refusal of the call.")
@click.option(
    "--provenance",
    type=click.Choice(["recorded", "synthetic"]),
    help="What answers: the provider's real software, or a pretend one. The sandbox is known to be pretend.",
)
@click.option("--check", is_flag=True, help="Scans the cassettes at these paths (tests/cassettes) instead.")
@overlay_option
def record_command(words: tuple[str, ...], **options: Any) -> None:
    """Records a real call as a cassette without secrets and people, for pytest-recording to replay.

    Secrets become placeholders, and every text that no list keeps becomes a pseudonym, the same for the same text.
    Nothing is written if a secret is left. Beside the cassette stands a file that says where it comes from, and with
    which account and arguments it is replayed.
    """
    registry = Registry(overlay=options["overlay"])
    if options["check"]:
        _check([Path(word) for word in words] or [Path("tests/cassettes")], registry)
    else:
        _record(words, options, registry)


def _record(words: tuple[str, ...], options: dict[str, Any], registry: Registry) -> None:
    from truto_unify.testing.cassettes.record import Plan, record_call

    resource, method, record_id = _read_words(words)
    if options["into"] is None:
        raise click.UsageError("name the cassette, or a folder for it: --into tests/cassettes")
    account = find_account(registry, options)
    arguments = read_arguments({**options, "next_cursor": None, "unsupported": "emulate"})
    if arguments["unsupported"] == "emulate":
        del arguments["unsupported"]
    if method == "get" and arguments:
        raise click.UsageError(f"get takes no {', '.join(sorted(arguments))}")
    if options["side_load"]:
        arguments["side_load"] = list(options["side_load"])
    plan = Plan(
        resource=resource,
        method="get" if method == "get" else "list",
        record_id=record_id,
        arguments=arguments,
        pages=None if options["read_all"] else options["pages"],
        expects_error=options["expect_error"],
        provenance=options["provenance"],
        settings=call_settings(account, options),
    )
    try:
        recording = record_call(
            registry,
            account,
            plan,
            options["into"],
            limits=connection_limits(options),
            overwrite=options["overwrite"],
        )
    except FileExistsError as error:
        raise click.UsageError(f"{error.filename} is there already; --overwrite replaces it") from None
    sidecar = recording.sidecar
    output.print_lines(str(recording.cassette))
    output.note(
        f"{sidecar.provenance} on {sidecar.date}: {recording.interactions} interactions, {recording.records} records"
        f"{f', refused with {sidecar.error}' if sidecar.error else ''}; expires {sidecar.expires}"
    )
    for doubt in recording.doubts:
        output.note(f"warning: look at this before you commit it: {doubt}")


def _read_words(words: tuple[str, ...]) -> tuple[str, str, str | None]:
    if len(words) < 2:
        raise click.UsageError("say what to record: RESOURCE METHOD [ID], for example ecommerce/customers list")
    resource, method = words[:2]
    if method not in {"list", "get"}:
        raise click.UsageError(f'METHOD is list or get, not "{method}"')
    expected = 3 if method == "get" else 2
    if len(words) != expected:
        raise click.UsageError("get takes one ID" if method == "get" else "list takes no ID")
    return resource, method, words[2] if method == "get" else None


def _check(paths: list[Path], registry: Registry) -> None:
    from truto_unify.testing.cassettes.check import check_cassettes
    from truto_unify.testing.cassettes.errors import UnsafeCassette

    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        raise click.UsageError(f"there is no {', '.join(missing)}")
    files, findings = check_cassettes(paths, datetime.now(UTC).date(), registry)
    if findings:
        summary = f"{len(findings)} findings in {len({finding.file for finding in findings})} of {len(files)} cassettes"
        raise UnsafeCassette([*map(str, findings), summary])
    output.note(f"{len(files)} cassettes, nothing found")
