"""``scaffold``: the first version of a provider's files."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from truto_unify.cli import output
from truto_unify.cli.completion import complete_models
from truto_unify.cli.options import overlay_option
from truto_unify.config.configuration import Configuration
from truto_unify.errors import ConfigError, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable

    from truto_unify.models.resource import ResourceSchema
    from truto_unify.scaffold.openapi import Api
    from truto_unify.scaffold.project import Draft
    from truto_unify.scaffold.vocabulary import Vocabulary

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


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
    help="A file with the curl command that lists the records (- for standard input); its secrets are not written.",
)
@click.option("--from-har", "har", type=_FILE, help="A HAR file with the list and a record, as browsers save it.")
@click.option("--from-postman", "postman", type=_FILE, help="A Postman collection, exported as version 2.1.")
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
    folder: Path,
    resource: str | None,
    overlay: tuple[Path, ...],
    force: bool,
) -> None:
    """Drafts provider, mapping and tests for the provider NAME, and marks every guess.

    From samples it guesses the place of the records, the paging, and the native field of each unified field; from an
    OpenAPI document, a curl command, a HAR file or a Postman collection also the address, the authentication scheme,
    the calls and the filters. What none of them says is marked with "ask".
    """
    sources = {"openapi": openapi, "curl": curl, "har": har, "postman": postman}
    chosen = [(kind, file) for kind, file in sources.items() if file is not None]
    if len(chosen) > 1:
        raise click.UsageError("give one of --from-openapi, --from-curl, --from-har and --from-postman")
    from truto_unify.scaffold.project import draft_project
    from truto_unify.scaffold.vocabulary import read_vocabulary

    own_models = folder / "models"
    folders = [*overlay, *([folder] if own_models.is_dir() else [])]
    configuration = Configuration(folders)
    schema = configuration.schema(resource or configuration.resource_names[0])
    words = read_vocabulary(schema.name)
    words = words.with_id(id_name) if id_name is not None else words
    api, answers = _read_api(*chosen[0], schema, words) if chosen else (None, [])
    draft = draft_project(
        name,
        schema,
        samples=[*answers, *map(_read_json, samples)],
        id_name=id_name,
        api=api,
        model_files=_read_models(folders),
        has_models=own_models.is_dir(),
    )
    if name in Configuration().providers:
        raise InvalidInput(
            f'a provider "{name}" is installed already and your files would change it; choose another name'
        )
    _write(draft, folder, force=force)
    for remark in draft.questions:
        output.note(f"ask: {remark.path} in {remark.file}: {remark.reason}")
    problems = [problem for problem in Configuration([*overlay, folder]).problems() if f"/{name}." in problem.file]
    if problems:  # an error in the scaffold, or in files that the folder held before
        raise ConfigError(problems)
    guesses = len(draft.remarks) - len(draft.questions)
    output.note(f"{guesses} guesses, {len(draft.questions)} questions, no problems; read tests/{name}/README.md next")


def _read_api(kind: str, file: Path, schema: ResourceSchema, words: Vocabulary) -> tuple[Api, list[Any]]:
    """What a file of this kind says about the API, and the answers in it."""
    from truto_unify.scaffold.curl_command import read_curl
    from truto_unify.scaffold.har_file import read_har
    from truto_unify.scaffold.native_call import api_of
    from truto_unify.scaffold.openapi import read_openapi
    from truto_unify.scaffold.postman_file import read_postman

    if kind == "openapi":
        return read_openapi(_read_text(file), str(file), words), []
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


def _write(draft: Draft, folder: Path, *, force: bool) -> None:
    """Writes every file, or none if one of them exists already."""
    targets = {folder / name: (name, text) for name, text in draft.files.items()}
    existing = [str(path) for path, (name, _) in targets.items() if path.exists() and name not in draft.shared]
    if existing and not force:
        raise InvalidInput(
            f"nothing was written, because these files exist already (--force overwrites them): {', '.join(existing)}"
        )
    for path, (name, text) in targets.items():
        if name in draft.shared and path.exists():
            output.note(f"kept {path}")
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        output.print_lines(str(path))
