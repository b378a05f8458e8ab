"""Computes the evidence of a provider in a repository of its own, from its samples and cassettes.

A sample that lies in a file proves no more than an invented one: nobody knows where it comes from. A cassette proves
what its sidecar says.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qsl

from truto_unify.client import Client
from truto_unify.config.evidence import FILE, LEVELS, PROOFS, Evidence
from truto_unify.engine.plan import declared_parameters
from truto_unify.models.fields import field_kinds
from truto_unify.testing.answer_checks import called_side_loads, check_call, listed_pages
from truto_unify.testing.contract.error_bodies import read_error_samples
from truto_unify.testing.evidence.example_queries import Example, example_filters, example_sorts
from truto_unify.testing.evidence.proof_file import proved_claims, read_proof
from truto_unify.testing.evidence.proofs import (
    contract_problems,
    prove_exchanges,
    stronger,
)
from truto_unify.testing.evidence.replayed import replay_cassette
from truto_unify.testing.exchanges import Exchange, records_of
from truto_unify.testing.provider_under_test import ProviderUnderTest
from truto_unify.testing.samples import read_samples

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from truto_unify.config.evidence import Level, Proof
    from truto_unify.registry import Registry
    from truto_unify.testing.evidence.replayed import Replayed

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


def field_cells(subject: ProviderUnderTest, seen: Iterable[Seen]) -> dict[str, dict[str, str]]:
    """The cell of each unified field that some record fills, in the order of the model."""
    known: dict[str, Evidence] = {}
    for one in seen:
        for name in seen_fields(one.record):
            known[name] = better(known.get(name), one.level, one.day, one.where)
    return {name: cell_of(known[name]) for name in _field_names(subject) if name in known}


def _field_names(subject: ProviderUnderTest) -> Iterator[str]:
    for name, kind in field_kinds(subject.mapping.schema.record).items():
        yield name
        yield from (f"{name}.{part}" for part in field_kinds(kind.item)) if kind.item is not None else ()


def cell_of(one: Evidence) -> dict[str, str]:
    """A cell as it stands in the file."""
    cell = {"level": one.level, "day": one.day, "where": one.where}
    return {key: value for key, value in cell.items() if value is not None}


def query_cells(subject: ProviderUnderTest, exchanges: Iterable[Exchange]) -> dict[str, dict[str, str]]:
    """The native filters and sorts that recorded lists bear out whose call is not known.

    What was asked is told by the answer: a filter by a value of its records is the one that was sent, if the request
    holds what the mapping would send for it.
    """
    cells: dict[str, dict[str, str]] = {}
    schema, account = subject.mapping.schema, subject.account
    with Client(subject.registry) as client:
        plain = {*parse_qsl(client.explain(subject.resource_name, account).request.query)}
        for exchange in exchanges:
            records = [record for page in listed_pages(subject, account, [exchange]) for record in page]
            for example in (*example_filters(schema, records), *map(Example, example_sorts(schema))):
                explained = client.explain(subject.resource_name, account, **example.arguments)
                sent = {*parse_qsl(explained.request.query)} - plain
                if sent and sent <= {*exchange.query.items()}:
                    for name in check_call(subject, account, example.arguments, [exchange]).tried:
                        cells[name] = stronger(cells.get(name), exchange.level, exchange.day)
    return cells


def gather_evidence(
    subject: ProviderUnderTest, sample_folder: Path, cassettes: Iterable[Path]
) -> tuple[dict[str, Any], list[str]]:
    """The evidence for one resource at one provider (``fields``, ``query`` and ``proofs``), and what is not believed.

    Args:
        subject: the pair.
        sample_folder: as the contract suite takes it; what ``prove`` found lies beside it.
        cassettes: each with its sidecar.

    Raises:
        UnsafeCassette: a file is not a cassette, or has no sidecar.
        ValueError: a sample is not JSON.
    """
    samples = read_samples(subject, sample_folder)
    replayed = {file: replay_cassette(subject.registry, file) for file in cassettes}
    doubts = [f"{file}: {problem}" for file, cassette in replayed.items() for problem in cassette.problems]
    believed = [cassette for cassette in replayed.values() if not cassette.problems]
    exchanges = [exchange for cassette in believed for exchange in cassette.exchanges]
    proofs = prove_exchanges(subject, exchanges) | _proved_by_calls(subject, believed)
    for name, natives in samples.items():
        if natives:
            proofs[name] = stronger(proofs.get(name), "synthetic", None)
    method = subject.config.list
    if not contract_problems(subject, samples, read_error_samples(sample_folder, subject.slug)):
        proofs["contract"] = {"level": "synthetic"}
        if method is not None and subject.endpoint("list").pagination is not None:
            # The contract reads several pages of the server that it builds.
            proofs["second page"] = stronger(proofs.get("second page"), "synthetic", None)
    query = _tried_queries(subject, believed) if method is not None else {}
    proof = read_proof(sample_folder.parent, subject)
    if proof is not None:
        for claim in proved_claims(proof):
            if method is not None and claim in declared_parameters(method):
                query[claim] = stronger(query.get(claim), proof["level"], proof["day"])
        if {*proof["claims"].values()} == {"ok"}:
            proofs["prove"] = {"level": proof["level"], "day": proof["day"]}
    evidence = {
        "fields": field_cells(subject, [*_seen_samples(subject, samples), *_seen_exchanges(subject, exchanges)]),
        "query": query,
        "proofs": {name: proofs[name] for name in PROOFS if name in proofs},
    }
    return evidence, doubts


def _tried_queries(subject: ProviderUnderTest, believed: Iterable[Replayed]) -> dict[str, dict[str, str]]:
    """From the calls of cassettes; of those whose sidecar knows no call, from what their requests hold."""
    believed = [cassette for cassette in believed if cassette.about.resource == subject.resource]
    cells = query_cells(
        subject, [each for cassette in believed if cassette.about.call is None for each in cassette.exchanges]
    )
    for cassette in believed:
        for name in cassette.check.tried:
            cells[name] = stronger(cells.get(name), cassette.about.provenance, cassette.about.date.isoformat())
    return cells


def side_load_cell(subject: ProviderUnderTest, exchanges: Sequence[Exchange]) -> dict[str, str] | None:
    """The weakest cell of the side loads, if every one was called."""
    cells = []
    for name in subject.config.side_loads:
        calls = [exchange for exchange in exchanges if name in called_side_loads(subject, [exchange])]
        if not calls:
            return None
        cell: dict[str, str] | None = None
        for exchange in calls:
            cell = stronger(cell, exchange.level, exchange.day)
        cells.append(cell or {})
    return min(cells, key=lambda cell: (LEVELS.index(cell["level"]), cell.get("day", "")), default=None)


def _proved_by_calls(subject: ProviderUnderTest, believed: Sequence[Replayed]) -> dict[Proof, dict[str, str]]:
    """Second pages, whatever their kind, and side loads."""
    proofs: dict[Proof, dict[str, str]] = {}
    for cassette in believed:
        if cassette.check.has_second_page and cassette.about.resource == subject.resource:
            day = cassette.about.date.isoformat()
            proofs["second page"] = stronger(proofs.get("second page"), cassette.about.provenance, day)
    loads = side_load_cell(subject, [exchange for cassette in believed for exchange in cassette.exchanges])
    return proofs | ({"side loads": loads} if loads else {})


def _seen_samples(subject: ProviderUnderTest, samples: Mapping[Any, Any]) -> Iterator[Seen]:
    loads = subject.config.side_loads
    for method, natives in samples.items():
        for one in natives:
            unasked = {name: items for name, items in one.loaded.items() if method in loads[name].methods}
            views: tuple[tuple[Any, Where], ...] = ((unasked, method), (one.loaded, "side load"))
            for loaded, where in views if one.loaded != unasked else views[:1]:
                mapped = subject.mapper.map_record(one.native, loaded=loaded)
                if not mapped.faults:
                    yield Seen(mapped.fields, "synthetic", None, where)


def _seen_exchanges(subject: ProviderUnderTest, exchanges: Iterable[Exchange]) -> Iterator[Seen]:
    for one in exchanges:
        if one.status < 400 and one.resource in {None, subject.resource}:
            for method in subject.methods:
                mapped = [subject.mapper.map_record(native) for native in records_of(subject, method, one.answer)]
                yield from (Seen(each.fields, one.level, one.day, method) for each in mapped if not each.faults)


def write_evidence(registry: Registry, slug: str, folder: Path) -> tuple[dict[str, Any], list[str]]:
    """Computes the evidence of a provider in the author's folder and writes ``mappings/evidence.json`` there.

    Args:
        registry: in which the folder is an overlay.
        slug: the provider.
        folder: holds ``mappings/`` and ``tests/<provider>/`` with ``samples`` and cassettes.

    Returns:
        The evidence by resource, and why each cassette that is not believed is not.
    """
    file, tests = folder / FILE, folder / "tests" / slug
    content = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    cassettes = sorted(one for one in tests.rglob("*.yaml"))
    evidence: dict[str, Any] = {}
    doubts: list[str] = []
    for resource in (name for name, provider in registry.mappings if provider == slug):
        evidence[resource], doubted = gather_evidence(
            ProviderUnderTest(registry, slug, resource), tests / "samples", cassettes
        )
        content.setdefault(resource, {})[slug] = evidence[resource]
        doubts += doubted
    file.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    return evidence, [*dict.fromkeys(doubts)]
