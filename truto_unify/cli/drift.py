"""``drift`` and ``coverage``: a mapping beside what its provider answers."""

from __future__ import annotations

from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from truto_unify.call_arguments import check_resource
from truto_unify.cli import output
from truto_unify.cli.account import account_options, connection_limits, find_account
from truto_unify.cli.input import find_records, parse_json, read_bytes
from truto_unify.cli.options import overlay_option
from truto_unify.client import Client
from truto_unify.config.schema import read_first
from truto_unify.inspection.coverage import find_coverage
from truto_unify.inspection.drift import find_drift, never_seen
from truto_unify.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from truto_unify.inspection.drift import Drift
    from truto_unify.mapping.mapper import Mapper

HARMLESS, HARMFUL = 1, 6
_FILES = click.Path(path_type=Path, exists=True, dir_okay=False)
_ENDINGS = {".yaml", ".yml"}
_SHOWN = 5


@click.command("drift")
@click.argument("slug", metavar="PROVIDER")
@click.argument("resource")
@click.option(
    "--cassette", "cassettes", multiple=True, type=_FILES, help="What the mapping is known to fit; repeatable."
)
@click.option(
    "--fresh", multiple=True, type=_FILES, help="Answers of today: a cassette, or a native answer as JSON; repeatable."
)
@click.option("--live", is_flag=True, help="Asks the provider for its list today.")
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True, help="Records that --live reads.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@account_options
@overlay_option
def drift_command(slug: str, resource: str, form: str, **options: Any) -> None:
    """Compares fresh answers of PROVIDER with earlier ones, and with what the mapping of RESOURCE reads.

    Exit code 0: nothing changed; 1: only in fields that the mapping does not read; 6: a field that it reads vanished
    or changed its type, or a value came that its enum lacks.
    """
    registry = Registry(overlay=options["overlay"])
    mapper = registry.mapper(resource, slug)
    if not options["fresh"] and not options["live"]:
        raise click.UsageError("name what is new: --fresh FILE, or --live with an account")
    earlier = _records_of_files(mapper, options["cassettes"])
    fresh = _records_of_files(mapper, options["fresh"])
    if options["live"]:
        fresh += _live_records(registry, resource, {**options, "provider": slug})
    if not fresh:
        raise click.UsageError("the fresh answers hold no record to compare")
    found = find_drift(mapper, earlier, fresh)
    unseen = never_seen(mapper, [*earlier, *fresh])
    if form == "json":
        output.print_json(
            {
                "earlier_records": len(earlier),
                "fresh_records": len(fresh),
                "drift": [asdict(one) for one in found],
                "never_seen": unseen,
            }
        )
    else:
        _print_drift(found)
        what = f"{len(found) or 'no'} {'difference' if len(found) == 1 else 'differences'}"
        output.note(f"{what} in {len(fresh)} fresh records, against {len(earlier)} earlier ones")
        if not earlier:
            output.note("note: without --cassette only the enums of the mapping could be compared")
        if unseen:
            more = f" and {len(unseen) - _SHOWN} more (--format json has all)" if len(unseen) > _SHOWN else ""
            output.note(f"note: the mapping reads these, and no record has them: {', '.join(unseen[:_SHOWN])}{more}")
    if found:
        raise click.exceptions.Exit(HARMFUL if any(_is_harmful(one) for one in found) else HARMLESS)


def _is_harmful(one: Drift) -> bool:
    return one.is_read and one.change != "new"


def _print_drift(found: Sequence[Drift]) -> None:
    rows = [
        (one.change, one.name, "read" if one.is_read else "", _share(one.before), _share(one.after), one.detail)
        for one in found
    ]
    if rows:
        output.print_table(("change", "field", "mapping", "before", "now", "detail"), rows)


def _share(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"


@click.command("coverage")
@click.argument("slug", metavar="PROVIDER")
@click.argument("resource")
@click.option("--cassette", "cassettes", multiple=True, type=_FILES, help="Recorded answers; repeatable.")
@click.option("--file", "files", multiple=True, type=_FILES, help="A native answer as JSON; repeatable.")
@click.option("--live", is_flag=True, help="Asks the provider for its list.")
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True, help="Records that --live reads.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@account_options
@overlay_option
def coverage_command(slug: str, resource: str, form: str, **options: Any) -> None:
    """Shows which native fields of PROVIDER the mapping of RESOURCE leaves out, by the share of records with a value.

    Of what may be about a person only the type is shown; values only of fields that look like a list of words.
    """
    registry = Registry(overlay=options["overlay"])
    mapper = registry.mapper(resource, slug)
    records = _records_of_files(mapper, [*options["cassettes"], *options["files"]])
    if options["live"]:
        records += _live_records(registry, resource, {**options, "provider": slug})
    if not records:
        raise click.UsageError("name records to look at: --cassette FILE, --file FILE, or --live with an account")
    found = find_coverage(mapper.mapping, records, _personal(mapper))
    if form == "json":
        output.print_json({**asdict(found), "share": round(found.share, 3)})
        return
    rows = [(one.name, f"{one.share:.0%}", " or ".join(one.types), ", ".join(one.values)) for one in found.left_out]
    if rows:
        output.print_table(("left out", "records", "type", "values"), rows)
    total = found.mapped + len(found.left_out)
    output.note(f"{found.share:.0%} mapped: {found.mapped} of {total} native fields in {found.records} records")


def _personal(mapper: Mapper) -> Callable[[tuple[str, ...]], bool]:
    """Whether a native field may be about a person: a cassette would not keep it."""
    from truto_unify.testing.cassettes.keep_list import KeepList

    keep_list = KeepList(mapper.mapping)
    return lambda path: keep_list.class_of(path) is None


def _live_records(registry: Registry, resource: str, options: dict[str, Any]) -> list[Any]:
    account = find_account(registry, options)
    with Client(registry, limits=connection_limits(options)) as client:
        records = client.iterate(check_resource(resource), account, response_format="raw")
        return list(islice(records, options["limit"]))


def _records_of_files(mapper: Mapper, files: Sequence[Path]) -> list[Any]:
    """The native records of cassettes and of saved answers."""
    return [record for file in files for record in _records_of_file(mapper, file)]


def _records_of_file(mapper: Mapper, file: Path) -> list[Any]:
    if file.suffix not in _ENDINGS:
        return [one for one in find_records(mapper, parse_json(read_bytes(file), file))[0] if isinstance(one, dict)]
    from truto_unify.testing.cassettes.answers import native_answers

    found = [record for answer in native_answers(file) for record in _records_of_answer(mapper, answer)]
    if not found:
        output.note(f"note: {file} holds no record of {mapper.mapping.schema.name}")
    return found


def _records_of_answer(mapper: Mapper, answer: Any) -> list[Any]:
    """The records of an answer, where it is one of the list or the get of this resource."""
    config, provider = mapper.mapping.config, mapper.mapping.provider
    for method, name in ((config.list, "records_path"), (config.get, "record_path")):
        paths = getattr(provider.endpoint(method.endpoint), name) if method is not None else None
        found, value = read_first(answer, paths) if paths else (False, None)
        if found and isinstance(value, list | dict):
            return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]
    return []
