"""``scaffold``: the first version of a provider's files."""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from truto_unify.cli import output
from truto_unify.cli.completion import complete_models
from truto_unify.cli.options import overlay_option
from truto_unify.config.configuration import Configuration
from truto_unify.errors import ConfigError, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from truto_unify.models.resource import ResourceSchema
    from truto_unify.scaffold.openapi import Api
    from truto_unify.scaffold.project import Draft
    from truto_unify.scaffold.readme import Remark
    from truto_unify.scaffold.second_resource import SecondResource
    from truto_unify.scaffold.vocabulary import Vocabulary

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_SOURCES = "--from-openapi, --from-curl, --from-har, --from-postman and --from-graphql"


@click.command("scaffold")
@click.argument("name")
@click.option(
    "--from-sample",
    "samples",
    type=_FILE,
    multiple=True,
    help="A native answer of the list, or one native record: JSON; repeatable.",
)
@click.option("--id", "id_name", metavar="NAME", help="The native name of the id, if it is none of the usual ones.")
@click.option("--from-openapi", "openapi", type=_FILE, help="The API's OpenAPI 3 document: JSON or YAML.")
@click.option(
    "--from-curl",
    "curl",
    type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True),
    help="A file with the curl command that lists the records (- for standard input); secrets are not written.",
)
@click.option("--from-har", "har", type=_FILE, help="A HAR file with the list and a record, as browsers save it.")
@click.option("--from-postman", "postman", type=_FILE, help="A Postman collection, exported as version 2.1.")
@click.option(
    "--from-graphql", "graphql", type=_FILE, help="The API's GraphQL schema: SDL, or the JSON of an introspection."
)
@click.option(
    "--field",
    "field_name",
    metavar="NAME",
    help="The field of a GraphQL schema that lists the records, with dots from Query. Default: it is found by name.",
)
@click.option(
    "--into",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=".",
    show_default=True,
    help="Your folder; it gets providers/, mappings/ and tests/.",
)
@click.option(
    "--resource",
    metavar="MODEL/RESOURCE",
    shell_complete=complete_models,
    help="The unified resource to map, which may be one of models/. Default: the first that ships.",
)
@click.option(
    "--ask/--no-ask",
    "asks",
    default=None,
    help="Asks the open questions that a line answers. Default: if standard input is a terminal.",
)
@click.option("--force", is_flag=True, help="Overwrites existing files.")
@overlay_option
def scaffold_command(
    name: str,
    *,
    samples: tuple[Path, ...],
    id_name: str | None,
    openapi: Path | None,
    curl: Path | None,
    har: Path | None,
    postman: Path | None,
    graphql: Path | None,
    field_name: str | None,
    folder: Path,
    resource: str | None,
    overlay: tuple[Path, ...],
    asks: bool | None,
    force: bool,
) -> None:
    """Drafts provider, mapping and tests for the provider NAME, and marks every guess.

    From samples it guesses the place of the records, the paging, and the native field of each unified field; from an
    OpenAPI document, a curl command, a HAR file or a Postman collection also the address, the authentication scheme,
    the calls and the filters; from a GraphQL schema the calls with their document. What none of them says is marked
    with "ask". If the provider has a file already, the command adds the resource to it.
    """
    sources = {"openapi": openapi, "curl": curl, "har": har, "postman": postman, "graphql": graphql}
    chosen = [(kind, file) for kind, file in sources.items() if file is not None]
    is_stdin_used = str(curl) == "-"
    if asks and is_stdin_used:
        raise click.UsageError("standard input holds the curl command; give a file to be asked")
    if len(chosen) > 1:
        raise click.UsageError(f"give one of {_SOURCES}")
    if field_name is not None and graphql is None:
        raise click.UsageError("--field names a list of a GraphQL schema; give one with --from-graphql")
    from truto_unify.scaffold.project import draft_project
    from truto_unify.scaffold.vocabulary import read_vocabulary

    own_models = folder / "models"
    folders = [*overlay, *([folder] if own_models.is_dir() else [])]
    configuration = Configuration(folders)
    schema = configuration.schema(resource or configuration.resource_names[0])
    words = read_vocabulary(schema.name)
    words = words.with_id(id_name) if id_name is not None else words
    api, answers = _read_api(*chosen[0], schema, words, field_name) if chosen else (None, [])
    if name in Configuration().providers:
        raise InvalidInput(
            f'a provider "{name}" is installed already and your files would change it; choose another name'
        )
    draw_up = partial(
        draft_project,
        name,
        schema,
        samples=[*answers, *map(_read_json, samples)],
        id_name=id_name,
        api=api,
        model_files=_read_models(folders),
        has_models=own_models.is_dir(),
    )
    native = schema.name.rpartition("/")[2]
    existing = _existing_provider(folder, name, schema.name) if not force else None
    draft, further = _fitted(draw_up(), name, native, existing)
    if not force:
        _refuse_existing(draft, folder, () if existing is None else (f"providers/{name}.yaml",))
    if (sys.stdin.isatty() and not is_stdin_used) if asks is None else asks:
        try:
            draft, further = _fitted(draw_up(answers=_ask(draft.questions)), name, native, existing)
        except click.Abort:
            output.note("\nnothing was written")  # below the question
            raise
    _write(draft, folder)
    if further is not None and further.block is not None:
        _show_block(f"providers/{name}.yaml", further)
        return
    _report(draft, name, [*overlay, folder], "README.md" if existing is None else f"README_{native}.md")


def _fitted(draft: Draft, name: str, native: str, existing: str | None) -> tuple[Draft, SecondResource | None]:
    """The draft as it is, or for a provider that exists without the files that the provider has."""
    from truto_unify.scaffold.second_resource import fit_in

    if existing is None:
        return draft, None
    further = fit_in(draft, name, native, existing)
    return further.draft, further


def _show_block(file: str, further: SecondResource) -> None:
    output.note(f"{file} stays as it is: {further.reason}. Add this below its resources, and run lint:")
    output.note(str(further.block).rstrip())


def _report(draft: Draft, name: str, folders: list[Path], page: str) -> None:
    """Says what the draft leaves open.

    Raises:
        ConfigError: the files have problems.
    """
    if draft.masked:
        output.note(f"masked in the samples, as they look like secrets: {', '.join(draft.masked)}")
    for remark in draft.questions:
        output.note(f"ask: {remark.path} in {remark.file}: {remark.reason}")
    problems = [problem for problem in Configuration(folders).problems() if f"/{name}." in problem.file]
    if problems:  # an error in the scaffold, or in files that the folder held before
        raise ConfigError(problems)
    guesses = len(draft.remarks) - len(draft.questions)
    output.note(f"{guesses} guesses, {len(draft.questions)} questions, no problems; read tests/{name}/{page} next")


def _existing_provider(folder: Path, name: str, resource: str) -> str | None:
    """The text of the provider's file if it has no mapping for this resource yet; None otherwise."""
    from truto_unify.scaffold.second_resource import is_provider_text

    file = folder / "providers" / f"{name}.yaml"
    if not file.exists() or (folder / "mappings" / resource / f"{name}.yaml").exists():
        return None
    text = _read_text(file)
    return text if is_provider_text(text) else None


def _ask(questions: Iterable[Remark]) -> dict[tuple[str, str], str]:
    """The answers of the person at the terminal, by file and path; a blank line leaves a question open."""
    from truto_unify.scaffold.answers import answer_fault, is_answerable

    answers: dict[tuple[str, str], str] = {}
    asked = [question for question in questions if is_answerable(question)]
    if asked:
        output.note("Each line answers a question of the draft; a blank line leaves the question in the file.")
    for question in asked:
        shown = f" [{question.value}]" if isinstance(question.value, str) else ""
        while True:
            text = f"{question.path}: {question.reason}{shown}"
            answer = str(click.prompt(text, default="", show_default=False, err=True)).strip()
            fault = answer_fault(question, answer) if answer else None
            if fault is None:
                break
            output.note(fault)
        if answer:
            answers[question.file, question.path] = answer
    return answers


def _read_api(
    kind: str, file: Path, schema: ResourceSchema, words: Vocabulary, field_name: str | None
) -> tuple[Api, list[Any]]:
    """What a file of this kind says about the API, and the answers in it."""
    from truto_unify.scaffold.curl_command import read_curl
    from truto_unify.scaffold.har_file import read_har
    from truto_unify.scaffold.native_call import api_of
    from truto_unify.scaffold.openapi import Api, read_openapi
    from truto_unify.scaffold.postman_file import read_postman

    if kind == "openapi":
        return read_openapi(_read_text(file), str(file), words), []
    if kind == "graphql":
        from truto_unify.scaffold.graphql_calls import read_graphql

        calls = read_graphql(_read_text(file), str(file), words, field_name)
        return Api(None, None, None, None, origin="a GraphQL schema", graphql=calls), []
    if kind == "curl":
        text = sys.stdin.read() if str(file) == "-" else _read_text(file)
        return api_of([read_curl(text)], origin="a curl command"), []
    read = read_har if kind == "har" else read_postman
    return read(_read_json(file), str(file), schema, words)


def _read_text(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"cannot read {file}: {error}") from None


def _read_models(folders: Iterable[Path]) -> dict[str, str]:
    """The model files of these folders, content by path; later folders win."""
    files = ((folder, file) for folder in folders for file in sorted(folder.glob("models/*/*.yaml")))
    return {file.relative_to(folder).as_posix(): _read_text(file) for folder, file in files}


def _read_json(file: Path) -> Any:
    try:
        return json.loads(_read_text(file))
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"{file} is not JSON: {str(error)[:200]}") from None


def _refuse_existing(draft: Draft, folder: Path, changed: Collection[str]) -> None:
    """Refuses to overwrite any file but those that are changed on purpose."""
    names = [name for name in draft.files if name not in draft.shared and name not in changed]
    existing = [str(folder / name) for name in names if (folder / name).exists()]
    if existing:
        raise InvalidInput(
            f"nothing was written, because these files exist already (--force overwrites them): {', '.join(existing)}"
        )


def _write(draft: Draft, folder: Path) -> None:
    for name, text in draft.files.items():
        path = folder / name
        if name in draft.shared and path.exists():
            output.note(f"kept {path}")
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        output.print_lines(str(path))
