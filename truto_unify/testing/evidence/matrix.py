"""Computes the evidence of a provider in a repository of its own, from its samples and cassettes.

A sample that lies in a file proves no more than an invented one: nobody knows where it comes from. A cassette proves
what its sidecar says.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qsl, urlsplit

from truto_unify.client import Client
from truto_unify.config.evidence import FILE, LEVELS, PROOFS, Evidence
from truto_unify.config.filters import OPERATORS
from truto_unify.models.fields import field_kinds
from truto_unify.testing.cassettes.sidecar import read_sidecar
from truto_unify.testing.evidence.proofs import (
    Exchange,
    contract_problems,
    prove_exchanges,
    read_exchanges,
    records_of,
    stronger,
)
from truto_unify.testing.provider_under_test import Subject
from truto_unify.testing.samples import read_samples

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from truto_unify.config.evidence import Level
    from truto_unify.config.mapping import ListMethod
    from truto_unify.registry import Registry
    from truto_unify.testing.cassettes.sidecar import Sidecar

Where = Literal["list", "get", "side load"]


@dataclass(frozen=True, slots=True)
class Seen:
    """One unified record, and how it came about.

    Attributes:
        record: the unified record.
        level: where its native record comes from.
        day: of the recording, where it is told.
        where: what gave it.
    """

    record: Mapping[str, Any]
    level: Level
    day: str | None
    where: Where


def seen_fields(record: Mapping[str, Any]) -> Iterator[str]:
    """The unified fields, and parts of lists, that hold something in this record.

    >>> list(seen_fields({"id": "1", "name": None, "emails": [{"email": "a@b.test", "type": None}]}))
    ['id', 'emails', 'emails.email']
    """
    for name, value in record.items():
        if name == "remote_data" or value is None or value == []:
            continue
        yield name
        if isinstance(value, list):
            yield from (f"{name}.{part}" for one in value for part, inner in one.items() if inner is not None)


def better(one: Evidence | None, level: Level, day: str | None, where: Where | None) -> Evidence:
    """The stronger of what was known and what is new; where a field is found is the widest of both."""
    places = ("side load", "get", "list")
    new = Evidence(level, day, where)
    if one is None:
        return new
    strongest = max(one, new, key=lambda each: (LEVELS.index(each.level), each.day or ""))
    widest = max((one.where, new.where), key=lambda each: places.index(each) if each else -1)
    return Evidence(strongest.level, strongest.day, widest)


def field_cells(subject: Subject, seen: Iterable[Seen]) -> dict[str, dict[str, str]]:
    """The cell of each unified field that some record fills, in the order of the model."""
    known: dict[str, Evidence] = {}
    for one in seen:
        for name in seen_fields(one.record):
            known[name] = better(known.get(name), one.level, one.day, one.where)
    return {name: cell_of(known[name]) for name in _field_names(subject) if name in known}


def _field_names(subject: Subject) -> Iterator[str]:
    for name, kind in field_kinds(subject.mapping.schema.record).items():
        yield name
        yield from (f"{name}.{part}" for part in field_kinds(kind.item)) if kind.item is not None else ()


def cell_of(one: Evidence) -> dict[str, str]:
    """A cell as it stands in the file."""
    cell = {"level": one.level, "day": one.day, "where": one.where}
    return {key: value for key, value in cell.items() if value is not None}


def query_cells(method: ListMethod, exchanges: Iterable[Exchange]) -> dict[str, dict[str, str]]:
    """The native filters and sorts whose query parameters some answered request held."""
    found: dict[str, dict[str, str]] = {}
    for one in exchanges:
        asked = dict(parse_qsl(urlsplit(one.uri).query, keep_blank_values=True))
        if one.status >= 400:
            continue
        for name, rule in method.filters.items():
            element, _, part = name.partition(".")
            natives = [rule.native(op) for op in OPERATORS]
            if any(native is not None and native.param in asked for native in natives):
                label = f"{element}[][{part}]" if part else name
                found[label] = stronger(found.get(label), one.level, one.day)
        for name in method.sort.fields:
            both = (method.sort.form(name, direction) for direction in ("asc", "desc"))
            forms = [form.query for form in both if form is not None and form.query]
            if any(form.items() <= asked.items() for form in forms):
                found[f"sort_by[{name}]"] = stronger(found.get(f"sort_by[{name}]"), one.level, one.day)
    return found


def called_cells(subject: Subject, calls: Iterable[Sidecar]) -> dict[str, dict[str, str]]:
    """The native filters and sorts that recorded lists were called with, wherever a request carries them.

    Raises:
        CallError: the mapping no longer allows a call that was recorded.
    """
    method = subject.config.list
    names = method.filters if method is not None else ()
    declared = {f"{name.replace('.', '[][')}]" if "." in name else name for name in names}
    found: dict[str, dict[str, str]] = {}
    with Client(subject.registry) as client:
        for one in calls:
            if one.resource != subject.resource or one.method != "list" or one.error or one.call is None:
                continue
            asked = client.explain(subject.resource_name, one.replay_account(), **one.call.get("arguments", {}))
            for entry in asked.query_plan:
                # "emails[][email]&emails[][is_primary]" are two; the operator of "created_at[gte]" does not matter.
                for part in entry.parameter.split("&") if entry.how == "native" else ():
                    label = re.sub(r"^(\w+)\[(eq|in|like|gte?|lte?)\]$", r"\1", part)
                    if label in declared or label.startswith("sort_by["):
                        found[label] = stronger(found.get(label), one.provenance, one.date.isoformat())
    return found


def gather_evidence(subject: Subject, sample_folder: Path, cassettes: Iterable[Path]) -> dict[str, Any]:
    """The evidence for one resource at one provider: ``fields``, ``query`` and ``proofs``.

    Args:
        subject: the pair.
        sample_folder: as the contract suite takes it.
        cassettes: each with its sidecar.

    Raises:
        UnsafeCassette: a cassette is none, or has no sidecar.
        ValueError: a sample is not JSON.
    """
    samples = read_samples(subject, sample_folder)
    abouts = {file: read_sidecar(file) for file in cassettes}
    exchanges = list(read_exchanges(abouts))
    proofs = prove_exchanges(subject, exchanges)
    for name, natives in samples.items():
        if natives:
            proofs[name] = stronger(proofs.get(name), "synthetic", None)
    method = subject.config.list
    if not contract_problems(subject, samples):
        proofs["contract"] = {"level": "synthetic"}
        if method is not None and subject.endpoint("list").pagination is not None:
            # The contract reads several pages of the server that it builds.
            proofs["second page"] = stronger(proofs.get("second page"), "synthetic", None)
    return {
        "fields": field_cells(subject, [*_seen_samples(subject, samples), *_seen_exchanges(subject, exchanges)]),
        "query": _tried_queries(subject, method, abouts) if method is not None else {},
        "proofs": {name: proofs[name] for name in PROOFS if name in proofs},
    }


def _tried_queries(subject: Subject, method: ListMethod, abouts: Mapping[Path, Sidecar]) -> dict[str, dict[str, str]]:
    """From the call of a cassette; where its sidecar tells none, from what its requests hold."""
    untold = [file for file, about in abouts.items() if about.call is None]
    return query_cells(method, read_exchanges(untold)) | called_cells(subject, abouts.values())


def _seen_samples(subject: Subject, samples: Mapping[Any, Any]) -> Iterator[Seen]:
    loads = subject.config.side_loads
    for method, natives in samples.items():
        for one in natives:
            unasked = {name: items for name, items in one.loaded.items() if method in loads[name].methods}
            views: tuple[tuple[Any, Where], ...] = ((unasked, method), (one.loaded, "side load"))
            for loaded, where in views if one.loaded != unasked else views[:1]:
                mapped = subject.mapper.map_record(one.native, loaded=loaded)
                if not mapped.faults:
                    yield Seen(mapped.fields, "synthetic", None, where)


def _seen_exchanges(subject: Subject, exchanges: Iterable[Exchange]) -> Iterator[Seen]:
    for one in exchanges:
        if one.status < 400 and one.resource in {None, subject.resource}:
            for method in subject.methods:
                mapped = [subject.mapper.map_record(native) for native in records_of(subject, method, one.answer)]
                yield from (Seen(each.fields, one.level, one.day, method) for each in mapped if not each.faults)


def write_evidence(registry: Registry, slug: str, folder: Path) -> dict[str, Any]:
    """Computes the evidence of a provider in the author's folder and writes ``mappings/evidence.json`` there.

    Args:
        registry: in which the folder is an overlay.
        slug: the provider.
        folder: holds ``mappings/`` and ``tests/<provider>/`` with ``samples`` and cassettes.

    Returns:
        The evidence by resource.
    """
    file, tests = folder / FILE, folder / "tests" / slug
    content = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    cassettes = sorted(one for one in tests.rglob("*.yaml"))
    found = {
        resource: gather_evidence(Subject(registry, slug, resource), tests / "samples", cassettes)
        for resource, one in registry.mappings
        if one == slug
    }
    for resource, evidence in found.items():
        content.setdefault(resource, {})[slug] = evidence
    file.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    return found
