"""How many fields ``scaffold`` finds: its draft from a sample against the shipped mapping, on the sample's records.

``python -m tests.guesses`` writes the table of docs/scaffold.md; ``--details`` prints each field missed or wrong.
The samples are in the folder beside the checkout, and the page holds their numbers alone.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from tests.page_sections import markdown_table, write_sections
from tests.shared_material import SHARED
from tests.shipped import REGISTRY
from truto_unify import Registry
from truto_unify.config.schema import read_first
from truto_unify.errors import InvalidInput, UnifyError
from truto_unify.models.fields import field_kinds
from truto_unify.scaffold.project import draft_project
from truto_unify.scaffold.sources import examine
from truto_unify.scaffold.vocabulary import read_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import BaseModel

    from truto_unify.mapping.mapper import Mapper
    from truto_unify.models.fields import Kind
    from truto_unify.models.resource import ResourceSchema
    from truto_unify.scaffold.project import Draft

PAGE = Path(__file__).parents[1] / "docs" / "scaffold.md"
FOLDERS = {"shopify_rest": "shopify"}
"""The folder of samples of a provider, if it is that of another one."""
WORDS = {
    "ecommerce/customers": ("customer", "contact", "shopper"),
    "ecommerce/orders": ("order",),
    "ecommerce/products": ("product", "item"),
}
"""Words in the names of the samples of a resource."""
OTHER = ("error", "metafield", "webhook", "count", "delete", "request", "search_index", "address", "refund", "event")
"""Words in the names of samples that are no answers with whole records."""
_WORDS = ("found", "missed", "wrong")
_UNTOLD = frozenset({"type", "is_primary"})
"""Parts that say what a mapping calls an element, which no sample states."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A native answer that a shipped mapping reads."""

    slug: str
    resource: str
    file: Path
    document: Any
    records: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the guess makes of a unified field that the shipped mapping fills in a sample.

    Attributes:
        field: its path, as ``emails.email``.
        word: ``found``, ``missed`` or ``wrong``.
        detail: both values of a record where they differ.
    """

    field: str
    word: str
    detail: str = ""


def find_samples(registry: Registry) -> Iterator[Sample]:
    """The samples of the shipped mappings."""
    for resource, slug in sorted(registry.mappings):
        for file in sorted((SHARED / "fixtures" / FOLDERS.get(slug, slug)).glob("*.json")):
            named = any(word in file.stem for word in WORDS.get(resource, ()))
            if not named or any(word in file.stem for word in OTHER):
                continue
            document = json.loads(file.read_text("utf-8"))
            records = _records(registry, resource, slug, document)
            if records:
                yield Sample(slug, resource, file, document, records)


def _records(registry: Registry, resource: str, slug: str, document: Any) -> tuple[dict[str, Any], ...]:
    """The records that the shipped mapping reads whole, with an id; empty if the document is of another kind."""
    mapping = registry.mapping(resource, slug)
    provider, config = mapping.provider, mapping.config
    endpoints = [provider.endpoint(method.endpoint) for method in (config.list, config.get) if method is not None]
    for paths in (endpoint.list_path or endpoint.record_path or () for endpoint in endpoints):
        is_there, content = read_first(document, paths)
        items = content if isinstance(content, list) else [content]
        items = [item["node"] if isinstance(item, dict) and set(item) == {"node", "cursor"} else item for item in items]
        if is_there and items and all(isinstance(item, dict) for item in items):
            try:
                mapped = [registry.mapper(resource, slug).map_record(item) for item in items]
            except UnifyError:
                continue
            if all(record.fields.get("id") and not record.faults for record in mapped):
                return tuple(items)
    return ()


def count_drafts(registry: Registry) -> Counter[str]:
    """What becomes of a draft from each good answer, also of stores without a mapping here."""
    words: Counter[str] = Counter()
    for file in sorted((SHARED / "fixtures").glob("*/*.json")):
        if any(word in file.stem for word in ("error", "request", "delete")):
            continue
        resource = next((name for name, parts in WORDS.items() if any(part in file.stem for part in parts)), None)
        schema = registry.schema(resource or "ecommerce/customers")
        document = json.loads(file.read_text("utf-8"))
        try:
            draft = draft_project("guessed", schema, samples=[document])
        except InvalidInput:
            words["without a record"] += 1
            continue
        with TemporaryDirectory() as folder:
            mapper = _mapper_of(draft, folder, schema.name)
            items = examine(schema, read_vocabulary(schema.name), samples=[document]).items
            has_fault = any(mapper.map_record(item).faults for item in items)
        words["broken" if has_fault else "sound"] += 1
    return words


def _mapper_of(draft: Draft, folder: str, resource: str) -> Mapper:
    for name, text in draft.files.items():
        Path(folder, name).parent.mkdir(parents=True, exist_ok=True)
        Path(folder, name).write_text(text, "utf-8")
    return Registry(overlay=folder).mapper(resource, "guessed")


def judge(registry: Registry, sample: Sample) -> list[Verdict]:
    """The verdict on each field that the shipped mapping fills, and on each that the guess alone fills."""
    schema = registry.schema(sample.resource)
    try:
        draft = draft_project("guessed", schema, samples=[sample.document])
    except InvalidInput as error:
        return [Verdict("(no draft)", "missed", error.message)]
    with TemporaryDirectory() as folder:
        guessed = _mapper_of(draft, folder, sample.resource)
    shipped, kinds = registry.mapper(sample.resource, sample.slug), _kinds_of(schema)
    words: dict[str, Verdict] = {}
    for record in sample.records:
        ours = values_of(shipped.map(record), kinds)
        try:
            guesses = values_of(guessed.map(record), kinds)
        except UnifyError as error:
            return [Verdict("(breaks)", "wrong", error.message)]
        for field in ours.keys() | guesses.keys():
            word = "found" if ours.get(field) == guesses.get(field) else "missed" if field not in guesses else "wrong"
            known = words.get(field)
            if known is None or (known.word, word) in {("found", "missed"), ("found", "wrong"), ("missed", "wrong")}:
                words[field] = Verdict(field, word, f"{guesses.get(field)} for {ours.get(field)}")
    return sorted(words.values(), key=lambda verdict: verdict.field)


def _kinds_of(schema: ResourceSchema) -> Mapping[str, Kind]:
    model: type[BaseModel] = schema.record
    return field_kinds(model)


def values_of(record: dict[str, Any], kinds: Mapping[str, Kind], above: str = "") -> dict[str, list[str]]:
    """The values of a unified record at each path, sorted; null and empty lists are no values."""
    values: dict[str, list[str]] = {}
    for name, kind in kinds.items():
        for path, part in _values_at(f"{above}{name}", kind, record.get(name)):
            values.setdefault(path, []).append(part)
    return {path: sorted(parts) for path, parts in values.items()}


def _values_at(path: str, kind: Kind, value: Any) -> Iterator[tuple[str, str]]:
    if value is None or ("." in path and path.rpartition(".")[2] in _UNTOLD):
        return
    if isinstance(value, list):
        for item in value:
            yield from _values_at(path, kind, item)
    elif isinstance(value, dict):
        for part, inner in kind.parts.items():
            yield from _values_at(f"{path}.{part}", inner, value.get(part))
    else:
        yield path, str(value)


def main() -> None:
    """Writes the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--details", action="store_true", help="print every field that is missed or wrong")
    parser.add_argument("--only", help="a provider")
    arguments = parser.parse_args()
    counts: dict[tuple[str, str], Counter[str]] = {}
    for sample in find_samples(REGISTRY):
        if arguments.only not in {None, sample.slug}:
            continue
        verdicts = judge(REGISTRY, sample)
        count = counts.setdefault((sample.slug, sample.resource), Counter())
        count["samples"] += 1
        count.update(verdict.word for verdict in verdicts)
        for verdict in verdicts if arguments.details else ():
            if verdict.word != "found":
                print(f"{verdict.word} {sample.slug}/{sample.file.name} {verdict.field}: {verdict.detail[:150]}")
    table = write_table(counts)
    print(table)
    if arguments.only is None:
        drafts = count_drafts(REGISTRY)
        total, sound, empty = sum(drafts.values()), drafts["sound"], drafts["without a record"]
        text = (
            f"Of {total} answers of all stores at hand, {sound} give a draft that maps each of their records, "
            f"{drafts['broken']} one that fails on a record, and {empty} hold no record with an id.\n\n"
        )
        print(text)
        write_sections(PAGE, {"guesses": text + table})


def write_table(counts: dict[tuple[str, str], Counter[str]]) -> str:
    """The table as Markdown."""
    rows = [_row(slug, f"`{resource}`", count) for (slug, resource), count in sorted(counts.items())]
    total = sum(counts.values(), Counter())
    columns = ("provider", "resource", "samples", "fields", *_WORDS)
    return markdown_table(columns, [*rows, _row("all", "", total)])


def _row(slug: str, resource: str, count: Counter[str]) -> list[str]:
    fields = sum(count[word] for word in _WORDS)
    shares = [f"{count[word]} ({count[word] / max(fields, 1):.0%})" for word in _WORDS]
    return [slug, resource, str(count["samples"]), str(fields), *shares]


if __name__ == "__main__":
    main()
