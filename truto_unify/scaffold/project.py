"""The files of a new provider: configuration, a test folder with the contract suite, and a page with the next steps."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from truto_unify.errors import InvalidInput
from truto_unify.scaffold.answers import AUTHORIZATION, with_answers
from truto_unify.scaffold.graphql_text import draft_document, is_graphql
from truto_unify.scaffold.mapping_file import draft_mapping
from truto_unify.scaffold.masked_samples import mask_secrets
from truto_unify.scaffold.provider_file import draft_provider
from truto_unify.scaffold.readme import Remark, write_readme
from truto_unify.scaffold.sources import examine
from truto_unify.scaffold.trial import failing_fields
from truto_unify.scaffold.vocabulary import read_vocabulary
from truto_unify.scaffold.yaml_text import Commented, write_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from truto_unify.models.resource import ResourceSchema
    from truto_unify.scaffold.openapi import Api
    from truto_unify.scaffold.sources import Findings

SLUG = re.compile(r"[a-z][a-z0-9_]*")

_TEST = '''\
"""The contract that every provider must pass, and the replay of every cassette.

Run pytest --update-golden after an intended change.
"""

from __future__ import annotations

from pathlib import Path

from truto_unify import Registry
from truto_unify.testing import CassetteSuite, ContractSuite

HERE = Path(__file__).parent
REGISTRY = Registry(overlay=[HERE.parents[1]])


class TestContract(ContractSuite):
    registry = REGISTRY
    providers = ("{slug}",)
    sample_folder = HERE / "samples"
    golden_folder = HERE / "golden"


class TestCassettes(CassetteSuite):
    registry = REGISTRY
    cassette_folder = HERE / "cassettes"
    golden_folder = HERE / "golden"
'''
_CONFTEST = '''\
"""Adds --update-golden to pytest."""

pytest_plugins = ["truto_unify.testing.plugin"]
'''
_PYPROJECT = """\
# Makes the folder a package: after "pip install ." truto-unify finds its files by itself.
[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"

[project]
name = "truto-unify-{name}"
version = "0.1.0"
dependencies = ["truto-unify"]

[project.entry-points."truto_unify.overlays"]
{slug} = "truto_unify_{slug}"

[tool.hatch.build.targets.wheel]
bypass-selection = true

[tool.hatch.build.targets.wheel.force-include]
providers = "truto_unify_{slug}/providers"
mappings = "truto_unify_{slug}/mappings"
{models}
[tool.pytest.ini_options]
testpaths = ["tests"]
"""


@dataclass(frozen=True, slots=True)
class Draft:
    """The first version of a provider.

    Attributes:
        files: content by path inside the author's folder.
        shared: the paths of the files that several providers of a folder share; an existing file stays as it is.
        remarks: every guess and every question, in the order of the files.
        masked: the paths of what looked like a secret in a sample; the draft has a mask there.
    """

    files: dict[str, str]
    shared: frozenset[str]
    remarks: list[Remark]
    masked: tuple[str, ...] = ()

    @property
    def questions(self) -> list[Remark]:
        """The values that no source states and nothing suggests."""
        return [remark for remark in self.remarks if remark.kind == "ask"]


def draft_project(
    slug: str,
    schema: ResourceSchema,
    *,
    samples: Sequence[Any] = (),
    id_name: str | None = None,
    api: Api | None = None,
    model_files: Mapping[str, str] = MappingProxyType({}),
    has_models: bool = False,
    answers: Mapping[tuple[str, str], str] = MappingProxyType({}),
) -> Draft:
    """Drafts every file of a provider.

    Args:
        slug: the provider's name, in files and in calls.
        schema: the unified resource to map.
        samples: native answers, or native records.
        id_name: the native name of the id, with dots between its steps; if None, it is guessed.
        api: what an OpenAPI document or the requests of a person say.
        model_files: the model files that the resource needs, content by path.
        has_models: whether the author's folder has models of its own.
        answers: to questions of an earlier draft, by file and path.

    Raises:
        InvalidInput: the name is not valid, or the sample holds no record.
    """
    if not SLUG.fullmatch(slug):
        raise InvalidInput(
            f'"{slug}" cannot name a provider: use lower-case letters, digits and _, with a letter first'
        )
    words = read_vocabulary(schema.name)
    words = words.with_id(id_name) if id_name is not None else words
    native = schema.name.rpartition("/")[2]
    secrets = api.secrets if api is not None else frozenset()
    masks = [mask_secrets(sample, secrets) for sample in samples]
    findings = examine(schema, words, samples=[content for content, _ in masks], api=api)
    masked = [path for _, paths_of_sample in masks for path in paths_of_sample]
    origin = f", from {findings.origin}" if findings.origin else ""
    header = (
        f'Drafted by truto-unify scaffold{origin}. Check each "guess"; answer each "ask", which no source answers.',
        "Delete the comment once you have checked the line. Every key: truto-unify schema --format markdown.",
    )
    paths = {"provider": f"providers/{slug}.yaml", "mapping": f"mappings/{schema.name}/{slug}.yaml"}
    answers_by_kind = {kind: _answers_in(file, answers) for kind, file in paths.items()}
    provider = draft_provider(slug, native, findings, words, api, answers_by_kind["provider"].get(AUTHORIZATION))
    provider = with_answers(provider, _with_shared_path(answers_by_kind["provider"], native, findings))
    mapping = with_answers(draft_mapping(native, findings, schema), answers_by_kind["mapping"])
    files = {
        paths["provider"]: write_yaml(provider, header=header),
        paths["mapping"]: write_yaml(mapping, header=header),
    }
    if is_graphql(findings):
        files[f"providers/{slug}.graphql"] = draft_document(findings, words)
    failing = failing_fields({**model_files, **files}, slug, schema.name, findings.items)
    if failing:
        findings.mapped.drop(failing)
        mapping = with_answers(draft_mapping(native, findings, schema), answers_by_kind["mapping"])
        files[paths["mapping"]] = write_yaml(mapping, header=header)
    remarks = [*_remarks(paths["provider"], provider), *_remarks(paths["mapping"], mapping)]
    tests = f"tests/{slug}"
    files[f"{tests}/test_{slug}.py"] = _TEST.format(slug=slug)
    for method, answer in findings.samples.items():
        content, more = mask_secrets(answer, secrets)
        masked += more
        text = json.dumps(content, indent=2, ensure_ascii=False)
        files[f"{tests}/samples/{slug}/{schema.name}/{method}.json"] = f"{text}\n"
    files[f"{tests}/README.md"] = write_readme(slug, schema.name, findings, remarks, masked)
    models = f'models = "truto_unify_{slug}/models"\n' if has_models else ""
    project = _PYPROJECT.format(slug=slug, name=slug.replace("_", "-"), models=models)
    shared = {"conftest.py": _CONFTEST, "pyproject.toml": project}
    return Draft(files | shared, frozenset(shared), remarks, tuple(dict.fromkeys(masked)))


def _answers_in(file: str, answers: Mapping[tuple[str, str], str]) -> dict[str, str]:
    return {path: answer for (answered, path), answer in answers.items() if answered == file}


def _with_shared_path(answers: dict[str, str], native: str, findings: Findings) -> dict[str, str]:
    """The answers; in a GraphQL API, the get call has the path of the list call."""
    listed, single = (f"resources.{native}.{method}.path" for method in ("list", "get"))
    return {**answers, single: answers[listed]} if is_graphql(findings) and listed in answers else answers


def _remarks(file: str, value: Any, path: tuple[str, ...] = ()) -> Iterator[Remark]:
    """Every guess and every question in the content of a file."""
    if isinstance(value, Commented):
        for comment in value.comments:
            kind, colon, reason = comment.partition(": ")
            if colon and kind in {"guess", "ask"}:
                yield Remark(kind, file, ".".join(path), value.value, reason)
        yield from _remarks(file, value.value, path)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _remarks(file, inner, (*path, key))
