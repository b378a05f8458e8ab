"""Computes ``mappings/evidence.json``: what the recordings, the vendors' examples and the pretend stores show.

``python -m tests.evidence`` writes it; ``tests/test_evidence.py`` fails when it is out of date. Nothing in the
file is typed by hand.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from tests.loopback import Clock, make_sandbox
from tests.shared_material import SHARED
from truto_unify import Account, Client, Registry, Settings
from truto_unify.config.evidence import FILE, LEVELS, Evidence
from truto_unify.config.schema import read_first
from truto_unify.models.fields import field_kinds
from truto_unify.sandbox.serve import run_in_thread

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).resolve().parents[1]
RESOURCE = "ecommerce/customers"
CASSETTES = ROOT / "tests" / "cassettes"
# Which fixture files are a provider's: folder and beginning of the name.
FIXTURES = {
    "bigcommerce": ("bigcommerce", "v3_"),
    "commerce7": ("commerce7", ""),
    "shopify": ("shopify", "graphql_"),
    "shopify_rest": ("shopify", "rest_"),
    "wix": ("wix", ""),
    "woocommerce": ("woocommerce", ""),
    "zohoinventory": ("zohoinventory", ""),
}
# What a record of the resource is never called.
START, END = "<!-- support matrix: make evidence -->\n", "<!-- end of support matrix -->\n"
OTHER = ("error", "order", "product", "webhook", "request", "count", "item", "redirect", "address", "token")


@dataclass(frozen=True)
class Sample:
    """One native record, and where it comes from."""

    native: dict[str, Any]
    level: str
    day: str | None
    where: str


def read_samples(registry: Registry, slug: str) -> Iterator[Sample]:
    """The native records of a provider's cassettes and fixtures."""
    for file in sorted((CASSETTES / slug).rglob("*.yaml")):
        cassette = yaml.safe_load(file.read_text(encoding="utf-8"))
        told = cassette["provenance"]
        for interaction in cassette["interactions"]:
            text = interaction["response"]["body"]["string"]
            if (
                interaction["response"]["status"]["code"] == 200
                and text
                and "/orders" not in interaction["request"]["uri"]
            ):
                yield from _records(registry, slug, json.loads(text), told["kind"], str(told["date"]))
    folder, start = FIXTURES[slug]
    for file in sorted((SHARED / "fixtures" / folder).glob(f"{start}*.json")):
        if not any(word in file.stem for word in OTHER):
            level = "recorded" if file.stem.endswith("recorded") else "docs-example"
            yield from _records(registry, slug, json.loads(file.read_text(encoding="utf-8")), level, None)


def _records(registry: Registry, slug: str, document: Any, level: str, day: str | None) -> Iterator[Sample]:
    mapping = registry.mapping(RESOURCE, slug)
    config, provider = mapping.config, mapping.provider
    found, records = read_first(document, (config.list and provider.endpoint(config.list.endpoint).records_path) or ())
    if found and isinstance(records, list):
        yield from (Sample(one, level, day, "list") for one in records if isinstance(one, dict))
        return
    found, record = read_first(document, (config.get and provider.endpoint(config.get.endpoint).record_path) or ())
    if found and isinstance(record, dict):
        yield Sample(record, level, day, "get")


def seen_fields(record: Mapping[str, Any]) -> Iterator[str]:
    """The unified fields, and parts of lists, that hold something in this record."""
    for name, value in record.items():
        if name == "remote_data" or value is None or value == []:
            continue
        yield name
        if isinstance(value, list):
            yield from (f"{name}.{part}" for one in value for part, inner in one.items() if inner is not None)


def better(one: Evidence | None, level: str, day: str | None, where: str | None) -> Evidence:
    """The stronger of what was known and what is new; where a field is found is the widest of both."""
    places = ("side load", "get", "list")
    new = Evidence(level, day, where)  # type: ignore[arg-type]
    if one is None:
        return new
    stronger = max(one, new, key=lambda each: (LEVELS.index(each.level), each.day or ""))
    widest = max((one.where, new.where), key=lambda each: places.index(each) if each else -1)
    return Evidence(stronger.level, stronger.day, widest)


def field_evidence(registry: Registry, slug: str, client: Client, account: Account) -> dict[str, Evidence]:
    """Each unified field that some sample fills, with the strongest sample."""
    known: dict[str, Evidence] = {}

    def note(record: Mapping[str, Any], level: str, day: str | None, where: str) -> None:
        for name in seen_fields(record):
            known[name] = better(known.get(name), level, day, where)

    mapper = registry.mapper(RESOURCE, slug)
    for sample in read_samples(registry, slug):
        mapped = mapper.map_record(sample.native)
        if not mapped.faults:
            note(mapped.record, sample.level, sample.day, sample.where)
    records = list(client.iterate(RESOURCE, account))
    for record in records:
        note(record.model_dump(), "synthetic", None, "list")
    loads = tuple(registry.mapping(RESOURCE, slug).config.side_loads)
    for record in records[:40]:
        note(client.get(RESOURCE, account, record.id).model_dump(), "synthetic", None, "get")
        full = client.get(RESOURCE, account, record.id, side_load=loads)
        note(full.model_dump(), "synthetic", None, "side load")
    return known


def query_evidence(registry: Registry, slug: str, client: Client, account: Account) -> dict[str, Evidence]:
    """Each native filter and sort, asked of the pretend store and looked for in the recordings."""
    method = registry.mapping(RESOURCE, slug).config.list
    assert method is not None
    cassettes = [
        yaml.safe_load(file.read_text(encoding="utf-8")) for file in sorted((CASSETTES / slug).rglob("*.yaml"))
    ]
    days = {
        interaction["request"]["uri"]: str(cassette["provenance"]["date"])
        for cassette in cassettes
        for interaction in cassette["interactions"]
        if cassette["provenance"]["kind"] == "recorded" and interaction["response"]["status"]["code"] == 200
    }
    known: dict[str, Evidence] = {}
    people = list(client.iterate(RESOURCE, account))
    for name in method.filters:
        element, _, part = name.partition(".")
        label = f"{element}[][{part}]" if part else name
        query = _example_query(method, element, part, people)
        page = client.list(RESOURCE, account, **query)
        if page.result and all(entry.how == "native" for entry in page.query_plan):
            params = {
                native.param
                for op in ("eq", "gte", "lte")
                if (native := method.filters[name].native(op)) and native.param
            }
            known[label] = _asked(days, [[f"?{param}=", f"&{param}="] for param in params])
    for name, rule in method.sort.items():
        page = client.list(RESOURCE, account, sort_by={name: "desc"}, limit=3)
        if page.result:
            pairs = [f"{key}={value}" for key, value in rule.desc.query.items()]
            told = {uri: day for uri, day in days.items() if pairs and all(pair in uri for pair in pairs)}
            known[f"sort_by[{name}]"] = _asked(told, [[pairs[0]]] if pairs else [])
    return known


def _asked(days: Mapping[str, str], spellings: list[list[str]]) -> Evidence:
    """Recorded on the last day on which a request held one of these texts; else our own store showed it."""
    found = [day for uri, day in days.items() if any(text in uri for texts in spellings for text in texts)]
    return Evidence("recorded", max(found)) if found else Evidence("synthetic")


def _example_query(method: Any, element: str, part: str, people: list[Any]) -> dict[str, Any]:
    """A query by this filter that somebody matches."""
    if element in {"created_at", "updated_at"}:
        ends = [op for op in ("gte", "lte") if method.filters[element].native(op)]
        moments = sorted(getattr(one, element) for one in people if getattr(one, element))
        return {element: {op: moments[len(moments) // 2] for op in ends[:1]}}
    if part:
        needs = method.filters[f"{element}.{part}"].eq.requires
        items = [item for one in people for item in getattr(one, element) if getattr(item, part)]
        fits = [item for item in items if all(getattr(item, key) == value for key, value in needs.items())]
        return {element: [{part: getattr(fits[0], part), **needs}]}
    if element == "email":
        return {element: next(one.emails[0].email for one in people if one.emails)}
    texts = [text for one in people if (text := getattr(one, element)) and text.replace(" ", "").isascii()]
    return {element: next(text for text in texts if text.replace(" ", "").isalnum())}


def compute_evidence() -> dict[str, Any]:
    """The whole content of ``mappings/evidence.json``."""
    registry = Registry()
    clock = Clock()
    sandbox = make_sandbox(clock)
    found: dict[str, Any] = {}
    with run_in_thread(sandbox) as origin:
        for slug in sorted(sandbox.stores):
            account = Account(**sandbox.account_arguments(slug, origin))
            with Client(registry, settings=_settings(clock), sleep=clock.advance) as client:
                fields = field_evidence(registry, slug, client, account)
                clock.advance(10_000)
                query = query_evidence(registry, slug, client, account)
                clock.advance(10_000)
            order = list(_field_names(registry, slug))
            found[slug] = {
                "fields": {name: _cell(fields[name]) for name in order if name in fields},
                "query": {name: _cell(one) for name, one in query.items()},
            }
    return {RESOURCE: found}


def _settings(clock: Clock) -> Settings:
    """A client whose time passes with the stores'."""
    return Settings(now=lambda: datetime.fromtimestamp(clock.now, UTC))


def _field_names(registry: Registry, slug: str) -> Iterator[str]:
    for name, kind in field_kinds(registry.mapping(RESOURCE, slug).schema.record).items():
        yield name
        if kind.item is not None:
            yield from (f"{name}.{part}" for part in field_kinds(kind.item))


def _cell(one: Evidence) -> dict[str, str]:
    cell = {"level": one.level, "day": one.day, "where": one.where}
    return {key: value for key, value in cell.items() if value is not None}


def main() -> None:
    """Writes the file."""
    text = json.dumps(compute_evidence(), indent=1) + "\n"
    (ROOT / FILE).write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "truto_unify.cli.main", "capabilities", "--format", "markdown"]
    tables = subprocess.run(command, check=True, capture_output=True, encoding="utf-8", cwd=ROOT).stdout
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    head, start, rest = readme.partition(START)
    (ROOT / "README.md").write_text(f"{head}{start}{tables.strip()}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
