"""Computes ``mappings/evidence.json``: what the recordings, the vendors' examples and the pretend stores show.

``python -m tests.evidence [PROVIDER] [RESOURCE]`` writes it, for every resource of every provider, or for the named
ones; ``tests/test_evidence.py`` fails when it is out of date. Nothing in the file is typed by hand.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from datetime import UTC, date, datetime
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.contract.test_contract import SAMPLES, sandbox_samples, with_shapes
from tests.loopback import Clock, make_sandbox
from tests.providers.fake_stores import open_fake
from tests.shared_material import SHARED
from tests.support_page import write_pages
from truto_unify import Account, Client, Registry, Settings
from truto_unify.config.evidence import FILE, PROOFS
from truto_unify.config.field_rules import mapped_names
from truto_unify.engine.budget_store import MemoryBudgetStore
from truto_unify.engine.plan import declared_parameters
from truto_unify.sandbox.serve import STORES, Sandbox, run_in_thread
from truto_unify.testing.cassettes.sidecar import read_sidecar
from truto_unify.testing.contract.error_bodies import read_error_samples
from truto_unify.testing.evidence.matrix import add_evidence, field_cells, query_cells, side_load_cell
from truto_unify.testing.evidence.proofs import contract_problems, prove_exchanges, read_exchanges, stronger
from truto_unify.testing.evidence.prover import Prover
from truto_unify.testing.evidence.recording_transport import RecordingTransport
from truto_unify.testing.evidence.seen_records import Seen, seen_exchanges, seen_fields
from truto_unify.testing.exchanges import Exchange
from truto_unify.testing.provider_under_test import providers_under_test
from truto_unify.tiers import TIERS, assess_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from truto_unify.config.editions import Edition
    from truto_unify.config.evidence import Level, Proof
    from truto_unify.testing import ProviderUnderTest
    from truto_unify.testing.evidence.prover import ClaimResult

ROOT = Path(__file__).resolve().parents[1]
CASSETTES = ROOT / "tests" / "cassettes"
TIERS_FILE = ROOT / "tests" / "tiers.json"
# How the fixtures of a provider begin if its folder has those of another API too.
FIXTURES = {"shopify": "shopify/graphql_", "shopify_rest": "shopify/rest_"}
# The words of a fixture's name that say which resource it answers.
NOUNS = {
    "ecommerce/customers": {"customer", "customers", "contact", "contacts", "partners", "profile", "profiles"},
    "ecommerce/orders": {"order", "orders", "salesorder", "salesorders"},
    "ecommerce/products": {"product", "products", "item", "items"},
}
# Fixtures with these words hold no record of a resource: a part of one, a request, an answer to another call. "stores"
# is an older API of Wix.
OTHER = {
    *("address", "addresses", "count", "coupons", "fulfillments", "notes", "redirects", "refunds", "request"),
    *("shipments", "shipping", "statuses", "stores", "taxes", "token", "variant", "variants", "webhook", "webhooks"),
}
READ_SINGLY = 25
"""How many records of a pretend store are read by ``get`` too, if its list leaves a mapped field without a value.

Side loads join in until every mapped field had a value.
"""


@cache
def cassettes_of(slug: str) -> list[Path]:
    """A provider's cassettes, which ``tests/providers`` replays."""
    return [file for file in sorted(CASSETTES.rglob("*.yaml")) if read_sidecar(file).provider == slug]


@cache
def cassette_exchanges(subject: ProviderUnderTest) -> list[Exchange]:
    """The exchanges of a provider's cassettes, of accounts that have the edition."""
    return list(
        read_exchanges(file for file in cassettes_of(subject.slug) if _edition_of(subject, file) == subject.edition)
    )


def _edition_of(subject: ProviderUnderTest, cassette: Path) -> Edition | None:
    account = read_sidecar(cassette).account or {}
    return subject.registry.edition(subject.resource, subject.slug, account.get("context", {}))


@cache
def fixture_exchanges(slug: str, edition: Edition | None = None, others: tuple[Edition, ...] = ()) -> list[Exchange]:
    """The answers among a provider's fixtures; of an error, the name has the status if it is not 200.

    Args:
        slug: the provider.
        edition: the name of an answer to its accounts has its value; None for answers to all others.
        others: the editions whose answers are left out.
    """
    start = FIXTURES.get(slug, f"{slug}/")
    exchanges = []
    for folder in ("fixtures", "fixtures-commerce"):
        for file in sorted((SHARED / folder).glob(f"{start}*.json")):
            words = {*file.stem.split("_")}
            if {value for _, value in others} & words or not (edition is None or {edition[1], "error"} & words):
                continue
            resources = [name for name, nouns in NOUNS.items() if words & nouns]
            if words & OTHER or len(resources) > 1 or not (resources or "error" in words):
                continue
            # A sample is what another project keeps in its tests.
            level: Level = "recorded" if "recorded" in words else "synthetic" if "sample" in words else "docs-example"
            status = re.search(r"error_([45]\d\d)_", file.stem)
            answer = json.loads(file.read_text(encoding="utf-8"))
            of_resource = resources[0] if resources else None
            exchanges.append(Exchange("", None, int(status[1]) if status else 200, answer, level, None, of_resource))
    return exchanges


def known_exchanges(subject: ProviderUnderTest) -> list[Exchange]:
    """The exchanges of cassettes and fixtures that belong to the edition of the pair."""
    editions = {mapping.edition for mapping in subject.registry.editions(subject.resource, subject.slug).values()}
    others = tuple(edition for edition in editions if edition not in {None, subject.edition})
    return [*cassette_exchanges(subject), *fixture_exchanges(subject.slug, subject.edition, others)]


def proof_evidence(subject: ProviderUnderTest, client: Client, account: Account) -> dict[Proof, dict[str, str]]:
    """The proofs of a resource as a whole, from cassettes, fixtures and the pretend store."""
    proofs = prove_exchanges(subject, known_exchanges(subject))
    first = client.list(subject.schema, account, limit=2)
    second = client.list(subject.schema, account, limit=2, next_cursor=first.next_cursor)
    if {record.id for record in second.result} - {record.id for record in first.result}:
        proofs["second page"] = stronger(proofs.get("second page"), "synthetic", None)
    record = client.get(subject.schema, account, first.result[0].id)
    proofs["list"] = stronger(proofs.get("list"), "synthetic", None)
    if record.id == first.result[0].id:
        proofs["get"] = stronger(proofs.get("get"), "synthetic", None)
    return proofs


def field_evidence(subject: ProviderUnderTest, client: Client, account: Account) -> Iterator[Seen]:
    """Unified records from cassettes, fixtures and the pretend store."""
    yield from seen_exchanges(subject, known_exchanges(subject))
    name, loads = subject.schema, tuple(subject.config.side_loads)
    ids, unseen = [], {*mapped_names(subject.config.response_mapping)}
    for record in client.iterate(name, account):
        ids.append(record.id)
        values = record.model_dump()
        unseen -= {*seen_fields(values)}
        yield Seen(values, "synthetic", None, "list")
    unloaded = {*unseen}
    for record_id in islice(ids, READ_SINGLY if unseen else 0):
        values = client.get(name, account, record_id).model_dump()
        yield Seen(values, "synthetic", None, "get")
        unloaded -= {*seen_fields(values)}
        if unloaded:
            values = client.get(name, account, record_id, side_load=loads).model_dump()
            yield Seen(values, "synthetic", None, "side load")
            unloaded -= {*seen_fields(values)}


def query_evidence(subject: ProviderUnderTest, results: Sequence[ClaimResult]) -> dict[str, dict[str, str]]:
    """Each native filter and sort that the recordings confirm, or else the pretend store."""
    verdicts = {result.claim.partition("=")[0]: result.verdict for result in results}
    recorded = query_cells(subject, cassette_exchanges(subject))
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
    recorded = side_load_cell(subject, cassette_exchanges(subject))
    if recorded is not None:
        proofs["side loads"] = recorded
    if {result.verdict for result in results} == {"ok"}:
        proofs["prove"] = {"level": "synthetic"}
    return proofs


def meets_contract(subject: ProviderUnderTest) -> bool:
    """Whether the contract holds on the records of the provider's pretend store, or on its samples."""
    samples = sandbox_samples(subject) or with_shapes(subject, {})
    return not contract_problems(subject, samples, read_error_samples(SAMPLES, subject.slug))


def open_pretend(slug: str, clock: Clock, edition: Edition | None) -> tuple[Sandbox, Callable[[str], Account]]:
    """The pretend store of a provider, or its fake server; and its account of an edition at an origin."""
    if slug in STORES:
        sandbox = make_sandbox(clock, slugs=[slug])
        return sandbox, lambda origin: Account(**sandbox.account_arguments(slug, origin, edition))
    fake = open_fake(slug, clock=clock)
    return Sandbox({}, fake.app), fake.account


def compute_evidence(
    subject: ProviderUnderTest, meets_contract: Callable[[ProviderUnderTest], bool] = meets_contract
) -> dict[str, Any]:
    """What ``mappings/evidence.json`` says of a resource at a provider, in one edition.

    Args:
        subject: provider and resource.
        meets_contract: tells whether the contract holds, which takes most of the time.
    """
    clock, transport = Clock(), RecordingTransport(10_000)
    sandbox, account_at = open_pretend(subject.slug, clock, subject.edition)
    open_client = partial(Client, settings=_settings(clock), sleep=clock.advance)
    with run_in_thread(sandbox) as origin, open_client(subject.registry) as client:
        account = account_at(origin)
        fields = field_cells(subject, field_evidence(subject, client, account))
        clock.advance(10_000)
        results = [*Prover(subject, account, transport, partial(open_client, transport=transport)).run()]
        clock.advance(10_000)
        proofs = proof_evidence(subject, client, account) | load_evidence(subject, results)
    if meets_contract(subject):
        proofs["contract"] = {"level": "synthetic"}
    return {
        "fields": fields,
        "query": query_evidence(subject, results),
        "proofs": {name: proofs[name] for name in PROOFS if name in proofs},
    }


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
    tiers: dict[str, dict[str, str | None]] = {resource: {} for resource, _ in registry.mappings}
    for slug in registry.providers:
        for label, assessment in assess_all(registry, slug, date.fromisoformat(day)).items():
            tiers.setdefault(label, {})[slug] = assessment.tier
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
    """Writes the evidence, the pages that show it, and the tiers."""
    arguments = argparse.ArgumentParser(prog="python -m tests.evidence", description=main.__doc__)
    known_names = sorted({name for resource, slug in Registry().mappings for name in (resource, slug)})
    arguments.add_argument(
        "names", nargs="*", metavar="NAME", help="a provider, a resource or both: the others keep their evidence"
    )
    arguments.add_argument("--accept-fall", action="store_true", help="write the tiers, though one of them fell")
    options = arguments.parse_args()
    names = set(options.names)
    if unknown := sorted(names - {*known_names}):
        arguments.error(f"no provider or resource: {', '.join(unknown)}; known: {', '.join(known_names)}")
    known = json.loads((ROOT / FILE).read_text(encoding="utf-8"))
    content: dict[str, dict[str, Any]] = {}
    for subject in sorted(providers_under_test(Registry()), key=lambda pair: (pair.resource, pair.slug)):
        resource, slug = subject.resource, subject.slug
        if slug in known.get(resource, {}) and names and not names <= {resource, slug}:
            content.setdefault(resource, {})[slug] = known[resource][slug]
            continue
        add_evidence(content, subject, compute_evidence(subject))
        sys.stdout.write(f"{subject}\n")
        sys.stdout.flush()
    (ROOT / FILE).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    write_pages(ROOT, Registry())
    before = json.loads(TIERS_FILE.read_text(encoding="utf-8")) if TIERS_FILE.is_file() else {"tiers": {}}
    after = compute_tiers(Registry())
    worse = fallen(before, after)
    if worse and not options.accept_fall:
        raise SystemExit("\n".join([*worse, "tests/tiers.json was not written; add --accept-fall if it must be so"]))
    TIERS_FILE.write_text(json.dumps(after, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
