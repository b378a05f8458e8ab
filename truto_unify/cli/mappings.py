"""``map``, ``lint`` and ``capabilities``: work with the configuration, without a network."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

from truto_unify.capabilities import describe_provider, quality_table, support_table
from truto_unify.cli import output
from truto_unify.cli.capability_tables import print_matrices, print_provider
from truto_unify.cli.completion import complete_providers, complete_resources
from truto_unify.cli.input import find_records, read_answer
from truto_unify.cli.options import overlay_option
from truto_unify.config.configuration import Configuration
from truto_unify.config.report import annotation_lines, problem_rows, sarif_log
from truto_unify.config.schema import read_list
from truto_unify.errors import ConfigError, in_file_order
from truto_unify.registry import Registry


@click.command("map")
@click.argument("resource", shell_complete=complete_resources)
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True, dir_okay=False))
@click.option(
    "--provider",
    required=True,
    metavar="SLUG",
    shell_complete=complete_providers,
    help="The provider whose answer it is.",
)
@click.option("--format", "form", type=click.Choice(output.FORMATS), default="json", show_default=True)
@overlay_option
def map_command(resource: str, file: Path, provider: str, form: str, overlay: tuple[Path, ...]) -> None:
    """Maps a native answer or record in FILE (- for standard input) to unified JSON, without a network.

    The answer of a list becomes a list, and so do JSON lines; the answer of a get, or a record, becomes one record.
    """
    mapper = Registry(overlay=overlay).mapper(resource, provider)
    declared = mapper.mapping.provider.config.context.items()
    context = {name: declaration.default for name, declaration in declared if declaration.default is not None}
    data, document = read_answer(file, mapper)
    records, is_list = find_records(mapper, document)
    is_answer = is_list and read_list(document, mapper.list_paths) == records
    if form == "ndjson" and is_answer:
        for line in mapper.iter_page(data, context=context):
            output.print_text(line)
        return
    unified = [mapper.map(record, None, context) for record in records]
    if form == "json":
        output.print_json(unified if is_list else unified[0])
    else:
        output.print_records(unified, form, mapper.mapping.schema)


@click.command("lint")
@click.argument(
    "folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path, exists=True, file_okay=False)
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "github", "sarif"]), default="text", show_default=True
)
def lint_command(folder: Path | None, form: str) -> None:
    """Checks configuration files and shows every problem with its file, line and column; exit code 2 if there is one.

    A warning (a file that works, and probably not as meant) is shown and does not change the exit code.
    DIR holds providers/, mappings/ or models/; without it, everything that is installed is checked. "github" writes
    annotations for a workflow, "sarif" a log for code scanning.
    """
    try:
        configuration = Configuration([folder] if folder else ())
        problems = in_file_order(configuration.findings())
        files = [_count(len(configuration.providers), "provider"), _count(len(configuration.mappings), "mapping")]
        if configuration.described:
            files.append(_count(len(configuration.described), "model file"))
        checked = ", ".join(files)
    except ConfigError as error:
        problems, checked = error.problems, "the folder"
    if form == "json":
        output.print_json(problem_rows(problems))
    elif form == "sarif":
        output.print_json(sarif_log(problems, version("truto-unify")))
    else:
        for line in annotation_lines(problems) if form == "github" else map(str, problems):
            output.print_lines(line)
        warnings = sum(problem.is_warning for problem in problems)
        counts = [_count(len(problems) - warnings, "problem")] + ([_count(warnings, "warning")] if warnings else [])
        output.note(f"{' and '.join(counts)} in {checked}")
    if any(not problem.is_warning for problem in problems):
        raise click.exceptions.Exit(ConfigError.exit_code)


def _count(number: int, noun: str) -> str:
    """A count in words.

    >>> _count(0, "problem"), _count(1, "problem"), _count(2, "problem")
    ('no problems', '1 problem', '2 problems')
    """
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"


@click.command("capabilities")
@click.option(
    "--provider", metavar="SLUG", shell_complete=complete_providers, help="Shows this provider alone, in words."
)
@click.option("--format", "form", type=click.Choice(["table", "json", "markdown"]), default="table", show_default=True)
@overlay_option
def capabilities_command(provider: str | None, form: str, overlay: tuple[Path, ...]) -> None:
    """Shows what each provider supports, field by field and filter by filter, and the evidence for it.

    Evidence, from weak to strong: declared, synthetic (our own pretend store), docs-example, recorded (a real
    server). A filter is native, checked (native, and checked again on each record), may miss (native, and may lack
    records that match) or emulated (by truto-unify).
    Quality is bronze, silver or gold; docs/quality.md has the rules.
    """
    registry = Registry(overlay=overlay)
    slugs = [provider] if provider else list(registry.providers)
    descriptions = [describe_provider(registry, slug) for slug in slugs]
    if form == "json":
        output.print_json(descriptions)
    elif form == "table" and provider:
        print_provider(descriptions[0])
    else:
        for resource in sorted({name for description in descriptions for name in description["resources"]}):
            (print_matrices if form == "table" else _print_markdown)(descriptions, resource)


def _print_markdown(descriptions: list[dict[str, Any]], resource: str) -> None:
    tables = {
        "fields": support_table(descriptions, resource, "fields"),
        "filters and sorts": support_table(descriptions, resource, "query"),
        "quality": quality_table(descriptions, resource),
    }
    for title, (columns, rows) in tables.items():
        output.print_markdown(columns, rows, title=f"{resource}: {title}")


@click.command("schema")
@click.argument("kind", required=False, type=click.Choice(["provider", "mapping", "model"]))
@click.option(
    "--overlay", is_flag=True, help="The schema of an overlay file: no key is required, and null removes a key."
)
@click.option("--format", "form", type=click.Choice(["json", "markdown"]), default="json", show_default=True)
def schema_command(kind: str | None, *, overlay: bool, form: str) -> None:
    """Prints the JSON Schema of one kind of file, for editors that check and complete YAML.

    With --format markdown, the reference of every key of all kinds instead.
    """
    from truto_unify.config.json_schema import mapping_schema, model_schema, provider_schema
    from truto_unify.config.reference import key_reference

    if form == "markdown":
        output.print_lines(key_reference().rstrip("\n"))
        return
    if kind is None:
        raise click.UsageError("name the kind of file: provider, mapping or model")
    schemas = {"provider": provider_schema, "mapping": mapping_schema, "model": model_schema}
    output.print_json(schemas[kind](overlay=overlay))
