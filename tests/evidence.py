"""Computes ``mappings/evidence.json``: what the recordings, the vendors' examples and the pretend stores show.

``python -m tests.evidence`` writes it; ``tests/test_evidence.py`` fails when it is out of date. Nothing in the
file is typed by hand.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.contract.test_contract import SAMPLES, sandbox_samples
from tests.loopback import Clock, make_sandbox
from tests.shared_material import SHARED
from tests.support_page import write_pages
from truto_unify import Account, Client, Registry, Settings
from truto_unify.config.evidence import FILE, PROOFS
from truto_unify.config.schema import read_first
from truto_unify.engine.budget_store import MemoryBudgetStore
from truto_unify.engine.plan import declared_parameters
from truto_unify.sandbox.serve import run_in_thread
from truto_unify.testing import ProviderUnderTest
from truto_unify.testing.contract.error_bodies import read_error_samples
from truto_unify.testing.evidence.matrix import Seen, field_cells, query_cells, side_load_cell
from truto_unify.testing.evidence.proofs import contract_problems, prove_exchanges, read_exchanges, stronger
from truto_unify.testing.evidence.prover import Prover
from truto_unify.testing.evidence.recording_transport import RecordingTransport
from truto_unify.testing.exchanges import Exchange
from truto_unify.tiers import TIERS, assess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from truto_unify.config.evidence import Level, Proof
    from truto_unify.testing.evidence.matrix import Where
    from truto_unify.testing.evidence.prover import ClaimResult

ROOT = Path(__file__).resolve().parents[1]
RESOURCE: Final = "ecommerce/customers"
CASSETTES = ROOT / "tests" / "cassettes"
TIERS_FILE = ROOT / "tests" / "tiers.json"
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
# Files with these words hold no record of the resource.
OTHER = ("error", "order", "product", "webhook", "request", "count", "item", "redirect", "address", "token")


@dataclass(frozen=True)
class Sample:
    """A native record, and where it comes from."""

    native: dict[str, Any]
    level: Level
    day: str | None
    where: Where


@cache
def cassette_exchanges(slug: str) -> list[Exchange]:
    """The exchanges in a provider's cassettes, which ``tests/providers`` replays."""
    return list(read_exchanges(sorted((CASSETTES / slug).rglob("*.yaml"))))


def fixture_exchanges(slug: str) -> Iterator[Exchange]:
    """The error answers among a provider's fixtures; the name has the status if it is not 200."""
    folder, start = FIXTURES[slug]
    for file in sorted((SHARED / "fixtures" / folder).glob(f"{start}error*.json")):
        status = re.search(r"error_([45]\d\d)_", file.stem)
        level: Level = "recorded" if file.stem.endswith("recorded") else "docs-example"
        answer = json.loads(file.read_text(encoding="utf-8"))
        yield Exchange("", None, int(status[1]) if status else 200, answer, level)


def proof_evidence(registry: Registry, slug: str, client: Client, account: Account) -> dict[Proof, dict[str, str]]:
    """The proofs of a provider as a whole, from cassettes, fixtures, the contract and the pretend store."""
    subject = ProviderUnderTest(registry, slug, RESOURCE)
    proofs = prove_exchanges(subject, [*cassette_exchanges(slug), *fixture_exchanges(slug)])
    first = client.list(RESOURCE, account, limit=2)
    second = client.list(RESOURCE, account, limit=2, next_cursor=first.next_cursor)
    if {record.id for record in second.result} - {record.id for record in first.result}:
        proofs["second page"] = stronger(proofs.get("second page"), "synthetic", None)
    record = client.get(RESOURCE, account, first.result[0].id)
    proofs["list"] = stronger(proofs.get("list"), "synthetic", None)
    if record.id == first.result[0].id:
        proofs["get"] = stronger(proofs.get("get"), "synthetic", None)
    for sample in read_samples(registry, slug):
        method: Proof = "get" if sample.where == "get" else "list"
        if not registry.mapper(RESOURCE, slug).map_record(sample.native).faults:
            proofs[method] = stronger(proofs.get(method), sample.level, sample.day)
    return proofs


def read_samples(registry: Registry, slug: str) -> Iterator[Sample]:
    """The native records of a provider's cassettes and fixtures."""
    for exchange in cassette_exchanges(slug):
        if exchange.status == 200 and exchange.answer is not None and exchange.resource == RESOURCE:
            yield from _records(registry, slug, exchange.answer, exchange.level, exchange.day)
    folder, start = FIXTURES[slug]
    for file in sorted((SHARED / "fixtures" / folder).glob(f"{start}*.json")):
        if not any(word in file.stem for word in OTHER):
            level: Level = "recorded" if file.stem.endswith("recorded") else "docs-example"
            yield from _records(registry, slug, json.loads(file.read_text(encoding="utf-8")), level, None)


def _records(registry: Registry, slug: str, document: Any, level: Level, day: str | None) -> Iterator[Sample]:
    mapping = registry.mapping(RESOURCE, slug)
    config, provider = mapping.config, mapping.provider
    is_there, records = read_first(document, (config.list and provider.endpoint(config.list.endpoint).list_path) or ())
    if is_there and isinstance(records, list):
        yield from (Sample(record, level, day, "list") for record in records if isinstance(record, dict))
        return
    is_there, record = read_first(document, (config.get and provider.endpoint(config.get.endpoint).record_path) or ())
    if is_there and isinstance(record, dict):
        yield Sample(record, level, day, "get")


def field_evidence(registry: Registry, slug: str, client: Client, account: Account) -> Iterator[Seen]:
    """Unified records from samples and from the pretend store."""
    mapper = registry.mapper(RESOURCE, slug)
    for sample in read_samples(registry, slug):
        mapped = mapper.map_record(sample.native)
        if not mapped.faults:
            yield Seen(mapped.fields, sample.level, sample.day, sample.where)
    records = list(client.iterate(RESOURCE, account))
    yield from (Seen(record.model_dump(), "synthetic", None, "list") for record in records)
    loads = tuple(registry.mapping(RESOURCE, slug).config.side_loads)
    for record in records[:40]:
        yield Seen(client.get(RESOURCE, account, record.id).model_dump(), "synthetic", None, "get")
        full = client.get(RESOURCE, account, record.id, side_load=loads)
        yield Seen(full.model_dump(), "synthetic", None, "side load")


def query_evidence(subject: ProviderUnderTest, results: Sequence[ClaimResult]) -> dict[str, dict[str, str]]:
    """Each native filter and sort that the recordings confirm, or else the pretend store."""
    verdicts = {result.claim.partition("=")[0]: result.verdict for result in results}
    recorded = query_cells(subject, cassette_exchanges(subject.slug))
    assert subject.config.list is not None
    declared = declared_parameters(subject.config.list)
    known = {name: {"level": "synthetic"} for name in declared if verdicts.get(name) == "ok"} | recorded
    return {name: known[name] for name in declared if name in known}


def load_evidence(subject: ProviderUnderTest, results: Sequence[ClaimResult]) -> dict[Proof, dict[str, str]]:
    """The proofs of side loads in a recording, and of all claims on the pretend store."""
    proofs: dict[Proof, dict[str, str]] = {}
    verdicts = [result.verdict for result in results if result.claim.startswith("side load")]
    if verdicts and {*verdicts} == {"ok"}:
        proofs["side loads"] = {"level": "synthetic"}
    recorded = side_load_cell(subject, cassette_exchanges(subject.slug))
    if recorded is not None:
        proofs["side loads"] = recorded
    if {result.verdict for result in results} == {"ok"}:
        proofs["prove"] = {"level": "synthetic"}
    return proofs


def meets_contract(subject: ProviderUnderTest) -> bool:
    """Whether the contract holds on the records of the provider's pretend store."""
    return not contract_problems(subject, sandbox_samples(subject), read_error_samples(SAMPLES, subject.slug))


def compute_evidence(meets_contract: Callable[[ProviderUnderTest], bool] = meets_contract) -> dict[str, Any]:
    """The whole content of ``mappings/evidence.json``.

    Args:
        meets_contract: tells whether the contract holds, which takes most of the time.
    """
    registry = Registry()
    clock = Clock()
    sandbox = make_sandbox(clock)
    by_provider: dict[str, Any] = {}
    with run_in_thread(sandbox) as origin:
        for slug in sorted(sandbox.stores):
            account = Account(**sandbox.account_arguments(slug, origin))
            subject, transport = ProviderUnderTest(registry, slug, RESOURCE), RecordingTransport(10_000)
            open_client = partial(Client, settings=_settings(clock), sleep=clock.advance)
            with open_client(registry) as client:
                fields = field_cells(subject, field_evidence(registry, slug, client, account))
                clock.advance(10_000)
                results = [*Prover(subject, account, transport, partial(open_client, transport=transport)).run()]
                clock.advance(10_000)
                proofs = proof_evidence(registry, slug, client, account) | load_evidence(subject, results)
            if meets_contract(subject):
                proofs["contract"] = {"level": "synthetic"}
            by_provider[slug] = {
                "fields": fields,
                "query": query_evidence(subject, results),
                "proofs": {name: proofs[name] for name in PROOFS if name in proofs},
            }
    return {RESOURCE: by_provider}


def _settings(clock: Clock) -> Settings:
    """Settings of a client whose clock is that of the stores."""
    budgets = MemoryBudgetStore(lambda: clock.now)
    return Settings(now=lambda: datetime.fromtimestamp(clock.now, UTC), timer=lambda: clock.now, budgets=budgets)


def compute_tiers(registry: Registry) -> dict[str, Any]:
    """The content of ``tests/tiers.json``: each tier on the day of the newest recording."""
    evidence = json.loads((ROOT / FILE).read_text(encoding="utf-8"))
    days = [
        cell.get("day", "")
        for slugs in evidence.values()
        for provider in slugs.values()
        for cell in provider["proofs"].values()
    ]
    day = max(days)
    tiers: dict[str, dict[str, str | None]] = {}
    for resource, slug in registry.mappings:
        reached = assess(registry, registry.mapping(resource, slug), date.fromisoformat(day)).tier
        tiers.setdefault(resource, {})[slug] = reached
    return {"day": day, "tiers": tiers}


def fallen(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The providers whose tier fell."""
    ranks: dict[str | None, int] = {None: -1, **{tier: rank for rank, tier in enumerate(TIERS)}}
    return [
        f"{slug} {resource}: {old} became {after['tiers'].get(resource, {}).get(slug)}"
        for resource, slugs in before["tiers"].items()
        for slug, old in slugs.items()
        if ranks[after["tiers"].get(resource, {}).get(slug)] < ranks[old]
    ]


def main() -> None:
    """Writes the evidence, the pages that show it, and the tiers; a tier that fell needs ``--accept-fall``."""
    text = json.dumps(compute_evidence(), indent=1) + "\n"
    (ROOT / FILE).write_text(text, encoding="utf-8")
    write_pages(ROOT, Registry(), RESOURCE)
    before = json.loads(TIERS_FILE.read_text(encoding="utf-8")) if TIERS_FILE.is_file() else {"tiers": {}}
    after = compute_tiers(Registry())
    worse = fallen(before, after)
    if worse and "--accept-fall" not in sys.argv:
        raise SystemExit("\n".join([*worse, "tests/tiers.json was not written; add --accept-fall if it must be so"]))
    TIERS_FILE.write_text(json.dumps(after, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
