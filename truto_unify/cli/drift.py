"""``drift`` and ``coverage``: a mapping compared with the answers of its provider."""

from __future__ import annotations

from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from truto_unify.cli import output
from truto_unify.cli.account import account_options, call_settings, connection_limits, find_account
from truto_unify.cli.completion import complete_resources
from truto_unify.cli.input import find_records, read_document
from truto_unify.cli.options import overlay_option
from truto_unify.cli.tables import print_table
from truto_unify.client import Client
from truto_unify.inspection.coverage import find_coverage
from truto_unify.inspection.drift import find_drift, never_seen
from truto_unify.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from truto_unify.inspection.drift import Drift
    from truto_unify.mapping.mapper import Mapper
    from truto_unify.types import Account

HARMLESS, HARMFUL = 1, 6
_FILES = click.Path(path_type=Path, exists=True, dir_okay=False)
_ENDINGS = {".yaml", ".yml"}
_MAX_SHOWN = 5


@click.command("drift")
@click.argument("resource", shell_complete=complete_resources)
@click.option(
    "--cassette", "cassettes", multiple=True, type=_FILES, help="Earlier answers that the mapping fits; repeatable."
)
@click.option(
    "--fresh", multiple=True, type=_FILES, help="Fresh answers: a cassette, or a native answer as JSON; repeatable."
)
@click.option("--live", is_flag=True, help="Reads fresh answers from the provider.")
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True, help="Records that --live reads.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@account_options
@overlay_option
def drift_command(resource: str, form: str, **options: Any) -> None:
    """Compares fresh answers of a provider with earlier ones, and with what the mapping of RESOURCE reads.

    Exit codes: 0: no change; 1: only fields that the mapping does not read have changed; 6: a field that the mapping
    reads is missing or has another type, or its enum lacks a value.
    """
    registry = Registry(overlay=options["overlay"])
    account = find_account(registry, options)
    mapper = registry.mapper(resource, account.provider, context=account.context)
    if not options["fresh"] and not options["live"]:
        raise click.UsageError("name the fresh answers: --fresh FILE, or --live with an account")
    earlier = _records_of_files(registry, mapper, options["cassettes"])
    fresh = _records_of_files(registry, mapper, options["fresh"])
    if options["live"]:
        fresh += _live_records(registry, resource, account, options)
    if not fresh:
        raise click.UsageError("the fresh answers hold no record to compare")
    drift = find_drift(mapper, earlier, fresh)
    unseen = never_seen(mapper, [*earlier, *fresh])
    if form == "json":
        output.print_json(
            {
                "earlier_records": len(earlier),
                "fresh_records": len(fresh),
                "drift": [asdict(change) for change in drift],
                "never_seen": unseen,
            }
        )
    else:
        _print_drift(drift)
        what = f"{len(drift) or 'no'} {'difference' if len(drift) == 1 else 'differences'}"
        output.note(f"{what} in {len(fresh)} fresh records, against {len(earlier)} earlier ones")
        if not earlier:
            output.note("note: without --cassette only the enums of the mapping could be compared")
        if unseen:
            more = f" and {len(unseen) - _MAX_SHOWN} more (--format json has all)" if len(unseen) > _MAX_SHOWN else ""
            output.note(f"note: the mapping reads fields that no record has: {', '.join(unseen[:_MAX_SHOWN])}{more}")
    if drift:
        raise click.exceptions.Exit(HARMFUL if any(_is_harmful(change) for change in drift) else HARMLESS)


def _is_harmful(change: Drift) -> bool:
    return change.is_read and change.change != "new"


def _print_drift(drift: Sequence[Drift]) -> None:
    rows = [
        (
            change.change,
            change.name,
            "read" if change.is_read else "",
            _share(change.before),
            _share(change.after),
            change.detail,
        )
        for change in drift
    ]
    if rows:
        print_table(("change", "field", "mapping", "before", "now", "detail"), rows)


def _share(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"


@click.command("coverage")
@click.argument("resource", shell_complete=complete_resources)
@click.option("--cassette", "cassettes", multiple=True, type=_FILES, help="Recorded answers; repeatable.")
@click.option("--file", "files", multiple=True, type=_FILES, help="A native answer as JSON; repeatable.")
@click.option("--live", is_flag=True, help="Reads the list of the provider.")
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True, help="Records that --live reads.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@account_options
@overlay_option
def coverage_command(resource: str, form: str, **options: Any) -> None:
    """Lists the native fields that the mapping of RESOURCE leaves out, by share of records with a value.

    For fields that may be about a person only the type is shown; values only for fields that look like an enum.
    """
    registry = Registry(overlay=options["overlay"])
    account = find_account(registry, options)
    mapper = registry.mapper(resource, account.provider, context=account.context)
    records = _records_of_files(registry, mapper, [*options["cassettes"], *options["files"]])
    if options["live"]:
        records += _live_records(registry, resource, account, options)
    if not records:
        raise click.UsageError("name the records: --cassette FILE, --file FILE, or --live with an account")
    coverage = find_coverage(mapper.mapping, records, _personal(mapper))
    if form == "json":
        output.print_json({**asdict(coverage), "share": round(coverage.share, 3)})
        return
    rows = [
        (field.name, f"{field.share:.0%}", " or ".join(field.types), ", ".join(field.values))
        for field in coverage.left_out
    ]
    if rows:
        print_table(("left out", "records", "type", "values"), rows)
    total = coverage.mapped + len(coverage.left_out)
    output.note(
        f"{coverage.share:.0%} mapped: {coverage.mapped} of {total} native fields in {coverage.records} records"
    )


def _personal(mapper: Mapper) -> Callable[[tuple[str, ...]], bool]:
    """A test whether a native field may be about a person: a cassette would not keep its values."""
    from truto_unify.testing.cassettes.keep_list import KeepList

    keep_list = KeepList(mapper.mapping)
    return lambda path: keep_list.class_of(path) is None


def _live_records(registry: Registry, resource: str, account: Account, options: dict[str, Any]) -> list[Any]:
    settings, limits = call_settings(account, options), connection_limits(options)
    with Client(registry, settings=settings, limits=limits) as client:
        records = client.iterate(registry.schema(resource), account, response_format="raw")
        return list(islice(records, options["limit"]))


def _records_of_files(registry: Registry, mapper: Mapper, files: Sequence[Path]) -> list[Any]:
    """The native records of cassettes and of saved answers."""
    return [record for file in files for record in _records_of_file(registry, mapper, file)]


def _records_of_file(registry: Registry, mapper: Mapper, file: Path) -> list[Any]:
    if file.suffix not in _ENDINGS:
        return [record for record in find_records(mapper, read_document(file)[1])[0] if isinstance(record, dict)]
    from truto_unify.testing.cassettes.answers import native_exchanges
    from truto_unify.testing.exchanges import answered_records
    from truto_unify.testing.provider_under_test import ProviderUnderTest

    mapping = mapper.mapping
    under_test = ProviderUnderTest(registry, mapping.provider.slug, mapping.schema.name, mapping.edition)
    answers = (
        next(filter(None, (answered_records(under_test, method, exchange) for method in under_test.methods)), [])
        for exchange in native_exchanges(file)
    )
    matches = [record for records in answers for record in records]
    if not matches:
        output.note(f"note: {file} holds no record of {under_test.label}")
    return matches
