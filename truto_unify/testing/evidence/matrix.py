"""Computes the evidence of a provider in a repository of its own, from its samples and cassettes.

A sample file counts as synthetic, because it does not say where it comes from. A cassette counts as its sidecar says.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from truto_unify.client import Client
from truto_unify.config.editions import edition_label
from truto_unify.config.evidence import FILE, LEVELS, PROOFS, Evidence
from truto_unify.engine.plan import declared_parameters
from truto_unify.models.fields import nested_kinds
from truto_unify.testing.answer_checks import called_side_loads, check_call, listed_pages
from truto_unify.testing.contract.error_bodies import read_error_samples
from truto_unify.testing.evidence.example_queries import Example, example_filters, example_sorts
from truto_unify.testing.evidence.proof_file import proved_claims, read_proof
from truto_unify.testing.evidence.proofs import contract_problems, prove_exchanges, stronger
from truto_unify.testing.evidence.replayed import replay_cassette
from truto_unify.testing.evidence.seen_records import seen_exchanges, seen_fields, seen_samples
from truto_unify.testing.exchanges import is_call_of
from truto_unify.testing.provider_under_test import providers_under_test
from truto_unify.testing.samples import read_samples

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from truto_unify.config.evidence import Level, Proof
    from truto_unify.registry import Registry
    from truto_unify.testing.evidence.replayed import Replayed
    from truto_unify.testing.evidence.seen_records import Seen, Where
    from truto_unify.testing.exchanges import Exchange
    from truto_unify.testing.provider_under_test import ProviderUnderTest


def better(former: Evidence | None, level: Level, day: str | None, where: Where | None) -> Evidence:
    """The stronger of two pieces of evidence, with the wider place of both; a list is the widest, then a get.

    Args:
        former: the evidence so far; None if absent.
        level: the level of the new evidence.
        day: the day of its recording; None if unknown.
        where: its place; None if unknown.
    """
    places = ("side load", "get", "list")
    new = Evidence(level, day, where)
    if former is None:
        return new
    strongest = max(former, new, key=lambda evidence: (LEVELS.index(evidence.level), evidence.day or ""))
    widest = max((former.where, new.where), key=lambda place: places.index(place) if place else -1)
    return Evidence(strongest.level, strongest.day, widest)


def field_cells(under_test: ProviderUnderTest, seen: Iterable[Seen]) -> dict[str, dict[str, str]]:
    """The cell of each unified field that a record fills, in the order of the model."""
    known: dict[str, Evidence] = {}
    for sight in seen:
        for name in seen_fields(sight.record):
            known[name] = better(known.get(name), sight.level, sight.day, sight.where)
    names = (name for name, _ in nested_kinds(under_test.mapping.schema.record))
    return {name: cell_of(known[name]) for name in names if name in known}


def cell_of(evidence: Evidence) -> dict[str, str]:
    """The evidence as the file holds it."""
    cell = {"level": evidence.level, "day": evidence.day, "where": evidence.where}
    return {key: value for key, value in cell.items() if value is not None}


def query_cells(under_test: ProviderUnderTest, exchanges: Iterable[Exchange]) -> dict[str, dict[str, str]]:
    """The native filters and sorts that recorded lists confirm if their unified call is unknown.

    The answer tells the call: the list was filtered by a value of its records if the request holds what the mapping
    sends for that filter.
    """
    cells: dict[str, dict[str, str]] = {}
    schema, account = under_test.mapping.schema, under_test.account
    with Client(under_test.registry) as client:
        plain = {*parse_qsl(client.explain(under_test.schema, account).request.query)}
        for exchange in exchanges:
            if not is_call_of(exchange, under_test.endpoint("list")):
                continue
            records = [record for page in listed_pages(under_test, account, [exchange]) for record in page]
            for example in (*example_filters(schema, records), *map(Example, example_sorts(schema))):
                explained = client.explain(under_test.schema, account, **example.arguments)
                sent = {*parse_qsl(explained.request.query)} - plain
                if sent and sent <= {*exchange.query.items()}:
                    for name in check_call(under_test, account, example.arguments, [exchange]).tried:
                        cells[name] = stronger(cells.get(name), exchange.level, exchange.day)
    return cells


def gather_evidence(
    under_test: ProviderUnderTest, sample_folder: Path, cassettes: Iterable[Path]
) -> tuple[dict[str, Any], list[str]]:
    """The evidence for a resource at a provider, and the reasons why cassettes do not count.

    Args:
        under_test: provider and resource.
        sample_folder: the samples of the contract suite; the results of ``prove`` are beside it.
        cassettes: the files, each with its sidecar.

    Returns:
        The evidence with ``fields``, ``query`` and ``proofs``; the reasons.

    Raises:
        UnsafeCassette: a file is not a cassette, or has no sidecar.
        ValueError: a sample is not JSON.
    """
    samples = read_samples(under_test, sample_folder)
    replayed = {file: replay_cassette(under_test.registry, file) for file in cassettes}
    doubts = [f"{file}: {problem}" for file, cassette in replayed.items() for problem in cassette.problems]
    believed = [cassette for cassette in replayed.values() if not cassette.problems]
    exchanges = [exchange for cassette in believed for exchange in cassette.exchanges]
    proofs = prove_exchanges(under_test, exchanges) | _proved_by_calls(under_test, believed)
    for name, natives in samples.items():
        if natives:
            proofs[name] = stronger(proofs.get(name), "synthetic", None)
    method = under_test.config.list
    if not contract_problems(under_test, samples, read_error_samples(sample_folder, under_test.slug)):
        proofs["contract"] = {"level": "synthetic"}
        if method is not None and under_test.endpoint("list").pagination is not None:
            # The contract suite reads several pages of its own server.
            proofs["second page"] = stronger(proofs.get("second page"), "synthetic", None)
    query = _tried_queries(under_test, believed) if method is not None else {}
    proof = read_proof(sample_folder.parent, under_test)
    if proof is not None:
        for claim in proved_claims(proof):
            if method is not None and claim in declared_parameters(method):
                query[claim] = stronger(query.get(claim), proof["level"], proof["day"])
        if {*proof["claims"].values()} == {"ok"}:
            proofs["prove"] = {"level": proof["level"], "day": proof["day"]}
    evidence = {
        "fields": field_cells(under_test, [*seen_samples(under_test, samples), *seen_exchanges(under_test, exchanges)]),
        "query": query,
        "proofs": {name: proofs[name] for name in PROOFS if name in proofs},
    }
    return evidence, doubts


def _tried_queries(under_test: ProviderUnderTest, believed: Iterable[Replayed]) -> dict[str, dict[str, str]]:
    """The filters and sorts that cassettes confirm: by their calls, and by their requests if a sidecar has no call."""
    believed = [cassette for cassette in believed if cassette.sidecar.resource == under_test.resource]
    cells = query_cells(
        under_test,
        [exchange for cassette in believed if cassette.sidecar.call is None for exchange in cassette.exchanges],
    )
    for cassette in believed:
        for name in cassette.check.tried:
            cells[name] = stronger(cells.get(name), cassette.sidecar.provenance, cassette.sidecar.date.isoformat())
    return cells


def side_load_cell(under_test: ProviderUnderTest, exchanges: Sequence[Exchange]) -> dict[str, str] | None:
    """The weakest cell of the side loads; None unless each of them was called."""
    cells = []
    for name in under_test.config.side_loads:
        calls = [exchange for exchange in exchanges if name in called_side_loads(under_test, [exchange])]
        if not calls:
            return None
        cell: dict[str, str] | None = None
        for exchange in calls:
            cell = stronger(cell, exchange.level, exchange.day)
        cells.append(cell or {})
    return min(cells, key=lambda cell: (LEVELS.index(cell["level"]), cell.get("day", "")), default=None)


def _proved_by_calls(under_test: ProviderUnderTest, believed: Sequence[Replayed]) -> dict[Proof, dict[str, str]]:
    """Second pages, whatever their kind, and side loads."""
    proofs: dict[Proof, dict[str, str]] = {}
    for cassette in believed:
        if cassette.check.has_second_page and cassette.sidecar.resource == under_test.resource:
            day = cassette.sidecar.date.isoformat()
            proofs["second page"] = stronger(proofs.get("second page"), cassette.sidecar.provenance, day)
    loads = side_load_cell(under_test, [exchange for cassette in believed for exchange in cassette.exchanges])
    if loads:
        proofs["side loads"] = loads
    return proofs


def add_evidence(content: dict[str, Any], under_test: ProviderUnderTest, evidence: dict[str, Any]) -> None:
    """Puts the evidence of a pair into the content of the file, that of an edition into that of its provider."""
    known = content.setdefault(under_test.resource, {}).setdefault(under_test.slug, {})
    if under_test.edition is None:
        content[under_test.resource][under_test.slug] = evidence
    else:
        known.setdefault("editions", {})[edition_label(under_test.edition)] = evidence


def write_evidence(registry: Registry, slug: str, folder: Path) -> tuple[dict[str, Any], list[str]]:
    """Computes the evidence of a provider in the author's folder and writes ``mappings/evidence.json`` there.

    Args:
        registry: the registry in which the folder is an overlay.
        slug: the provider.
        folder: holds ``mappings/`` and ``tests/<provider>/`` with ``samples`` and cassettes.

    Returns:
        The evidence by resource and edition; the reasons why cassettes do not count.
    """
    file, tests = folder / FILE, folder / "tests" / slug
    content = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    cassettes = sorted(tests.rglob("*.yaml"))
    evidence: dict[str, Any] = {}
    doubts: list[str] = []
    for under_test in providers_under_test(registry, [slug]):
        evidence[under_test.label], doubted = gather_evidence(under_test, tests / "samples", cassettes)
        add_evidence(content, under_test, evidence[under_test.label])
        doubts += doubted
    file.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    return evidence, [*dict.fromkeys(doubts)]
