from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.contract.acme import PEOPLE, RESOURCE, acme, write_acme
from tests.shipped import REGISTRY
from tests.testing.evidence.shop import ACCOUNT, Shop, shop_registry
from tests.testing.evidence.test_proofs import FIRST, LISTED
from truto_unify import Registry
from truto_unify.config.evidence import Evidence
from truto_unify.testing.cassettes.errors import UnsafeCassette
from truto_unify.testing.cassettes.record import Plan, record_call
from truto_unify.testing.evidence.matrix import better, field_cells, query_cells, side_load_cell, write_evidence
from truto_unify.testing.evidence.proof_file import NAME, fingerprint, write_proof
from truto_unify.testing.evidence.prover import ClaimResult
from truto_unify.testing.evidence.seen_records import Seen
from truto_unify.testing.exchanges import Exchange
from truto_unify.testing.provider_under_test import ProviderUnderTest

if TYPE_CHECKING:
    from pathlib import Path

ABOUT = {
    "provenance": "recorded",
    "date": "2026-11-01",
    "expires": "2027-11-01",
    "provider": "acme",
    "api_version": None,
    "resource": RESOURCE,
    "method": "list",
    "tool": "test/1",
}
CASSETTE = {
    "interactions": [
        {
            "request": {"method": "POST", "uri": FIRST.uri, "headers": {}, "body": '{"page": {"after": "x"}}'},
            "response": {
                "status": {"code": 200, "message": "OK"},
                "headers": {},
                "body": {"string": json.dumps(LISTED)},
            },
        }
    ],
    "version": 1,
}


def test_a_field_has_the_evidence_of_the_strongest_record_that_fills_it(tmp_path: Path) -> None:
    seen = [
        Seen(
            {"id": "1", "emails": [{"email": "a@b.test", "type": None}], "status": None},
            "recorded",
            "2026-01-01",
            "get",
        ),
        Seen({"id": "1", "status": "active", "emails": [], "remote_data": {"x": 1}}, "synthetic", None, "list"),
    ]

    assert field_cells(acme(tmp_path), seen) == {
        "id": {"level": "recorded", "day": "2026-01-01", "where": "list"},
        "emails": {"level": "recorded", "day": "2026-01-01", "where": "get"},
        "emails.email": {"level": "recorded", "day": "2026-01-01", "where": "get"},
        "status": {"level": "synthetic", "where": "list"},
    }


@pytest.mark.parametrize(
    ("former", "expected"),
    [
        (None, Evidence("docs-example", None, "get")),
        (Evidence("synthetic", None, "list"), Evidence("docs-example", None, "list")),
        (Evidence("recorded", "2026-01-01", "side load"), Evidence("recorded", "2026-01-01", "get")),
        (Evidence("declared"), Evidence("docs-example", None, "get")),
    ],
)
def test_the_better_evidence_counts_and_the_widest_place(former: Evidence | None, expected: Evidence) -> None:
    assert better(former, "docs-example", None, "get") == expected


def listed(subject: ProviderUnderTest, query: str, *natives: dict[str, Any], status: int = 200) -> Exchange:
    """A recorded list of bigcommerce with a known request and an unknown call."""
    uri = f"https://api.bigcommerce.com/stores/abc123/v3/customers?{query}"
    return Exchange(uri, None, status, {"data": [*natives]}, "recorded", "2026-11-01", subject.resource)


def native(number: int, **fields: str) -> dict[str, Any]:
    return {
        "id": number,
        "first_name": "Ana",
        "last_name": "Silva",
        "email": f"ana{number}@example.test",
        "date_created": f"2024-05-0{number}T08:00:00Z",
        **fields,
    }


def test_a_request_without_a_known_call_tries_the_filter_that_its_answer_confirms() -> None:
    subject = ProviderUnderTest(REGISTRY, "bigcommerce", RESOURCE)
    exchanges = [
        listed(subject, "email:in=ana1%40example.test", native(1)),
        listed(subject, "company:in=x", status=400),
        listed(subject, "name:like=Bo", native(1)),
        listed(subject, "sort=date_created:desc", native(2), native(1)),
        listed(subject, "sort=date_modified:desc", native(2), native(1)),
    ]

    cell = {"level": "recorded", "day": "2026-11-01"}
    assert query_cells(subject, exchanges) == {
        "email": cell,
        "emails[][email]": cell,
        "sort_by[created_at]": cell,
    }


def test_the_weakest_side_load_counts_and_an_uncalled_one_leaves_no_evidence() -> None:
    subject = ProviderUnderTest(REGISTRY, "bigcommerce", RESOURCE)
    orders = Exchange("https://x.test/v2/orders?customer_id=1", None, 200, [], "recorded", "2026-11-01")
    addresses = Exchange("https://x.test/v3/customers/addresses?customer_id:in=1", None, 200, {"data": []}, "synthetic")

    assert side_load_cell(subject, [orders]) is None
    assert side_load_cell(subject, [orders, addresses]) == {"level": "synthetic"}
    assert side_load_cell(subject, [orders, replace(addresses, level="recorded", day="2026-11-02")]) == {
        "level": "recorded",
        "day": "2026-11-01",
    }


def write_repository(folder: Path) -> Path:
    """The author's folder: provider, mapping, samples and a cassette."""
    write_acme(folder)
    tests = folder / "tests" / "acme"
    tests.mkdir(parents=True)
    (folder / "samples").rename(tests / "samples")
    (tests / "list.yaml").write_text(json.dumps(CASSETTE), "utf-8")
    (tests / "list.about.json").write_text(json.dumps(ABOUT), "utf-8")
    return folder


def test_an_authors_folder_gets_its_evidence_beside_that_of_others(tmp_path: Path) -> None:
    folder = write_repository(tmp_path)
    file = folder / "mappings" / "evidence.json"
    file.write_text(json.dumps({RESOURCE: {"other": {"fields": {}}}}))

    evidence, doubts = write_evidence(Registry(overlay=[folder]), "acme", folder)

    recorded = {"level": "recorded", "day": "2026-11-01"}
    assert json.loads(file.read_text()) == {RESOURCE: {"other": {"fields": {}}, "acme": evidence[RESOURCE]}}
    assert evidence[RESOURCE]["fields"]["company_name"] == {**recorded, "where": "list"}
    assert doubts == []
    assert evidence[RESOURCE]["proofs"] == {
        "contract": {"level": "synthetic"},
        "list": recorded,
        "get": {"level": "synthetic"},
        "second page": recorded,
    }


def test_a_provider_that_breaks_the_contract_is_not_proven(tmp_path: Path) -> None:
    folder = write_repository(tmp_path)
    file = folder / "mappings" / RESOURCE / "acme.yaml"
    file.write_text(file.read_text().replace("zone: utc}", "zone: in_value}"))

    evidence, _ = write_evidence(Registry(overlay=[folder]), "acme", folder)

    assert "contract" not in evidence[RESOURCE]["proofs"]


def test_a_cassette_without_a_sidecar_proves_nothing(tmp_path: Path) -> None:
    folder = write_repository(tmp_path)
    (folder / "tests/acme/list.about.json").unlink()

    with pytest.raises(UnsafeCassette, match="no sidecar"):
        write_evidence(Registry(overlay=[folder]), "acme", folder)


def test_sample_files_count_as_synthetic_at_most(tmp_path: Path) -> None:
    folder = write_repository(tmp_path)
    (folder / "tests/acme/list.yaml").unlink()

    evidence, _ = write_evidence(Registry(overlay=[folder]), "acme", folder)

    cells = {**evidence[RESOURCE]["fields"], **evidence[RESOURCE]["proofs"]}
    assert len(PEOPLE) > 1
    assert {cell["level"] for cell in cells.values()} == {"synthetic"}


FINDINGS = [
    ClaimResult("pages", "ok", ""),
    ClaimResult("email", "ok", ""),
    ClaimResult("sort_by[created_at]=asc", "ok", ""),
    ClaimResult("sort_by[created_at]=desc", "differs", ""),
]


@pytest.mark.parametrize(
    ("results", "names", "is_proved"),
    [(FINDINGS, {"email"}, False), (FINDINGS[:3], {"email", "sort_by[created_at]"}, True)],
)
def test_each_proven_claim_counts(results: list[ClaimResult], names: set[str], is_proved: bool, tmp_path: Path) -> None:
    folder = write_shop(tmp_path)
    subject = ProviderUnderTest(Registry(overlay=[folder]), "shop", RESOURCE)
    write_proof(folder / "tests" / "shop", subject, "recorded", date(2026, 11, 20), results)

    evidence, _ = write_evidence(subject.registry, "shop", folder)

    cell = {"level": "recorded", "day": "2026-11-20"}
    assert evidence[RESOURCE]["query"] == dict.fromkeys(names, cell)
    assert evidence[RESOURCE]["proofs"].get("prove") == (cell if is_proved else None)


def test_a_proof_does_not_count_after_a_change_of_the_files(tmp_path: Path) -> None:
    folder = write_shop(tmp_path)
    subject = ProviderUnderTest(Registry(overlay=[folder]), "shop", RESOURCE)
    file = write_proof(folder / "tests" / "shop", subject, "recorded", date(2026, 11, 20), FINDINGS[:3])
    mapping = folder / "mappings" / RESOURCE / "shop.yaml"
    mapping.write_text(mapping.read_text().replace("eq: mail", "eq: post"))

    changed = ProviderUnderTest(Registry(overlay=[folder]), "shop", RESOURCE)
    evidence, _ = write_evidence(changed.registry, "shop", folder)

    assert (file.name, fingerprint(subject.mapping) == fingerprint(changed.mapping)) == (NAME, False)
    assert (evidence[RESOURCE]["query"], "prove" in evidence[RESOURCE]["proofs"]) == ({}, False)


def write_shop(folder: Path) -> Path:
    shop_registry(folder)
    (folder / "tests" / "shop").mkdir(parents=True)
    return folder


def test_a_cassette_with_wrong_answers_is_named_and_proves_nothing(tmp_path: Path) -> None:
    folder = write_shop(tmp_path)
    registry = Registry(overlay=[folder])
    plan = Plan(RESOURCE, "list", arguments={"email": "p3@shop.test"}, provenance="synthetic")
    cassette = folder / "tests" / "shop" / "by-email.yaml"
    record_call(registry, ACCOUNT, plan, cassette, transport=httpx.MockTransport(Shop().serve))

    believed, no_doubts = write_evidence(registry, "shop", folder)
    cassette.write_text(cassette.read_text().replace("size=20", "size=50"))
    doubted, doubts = write_evidence(registry, "shop", folder)

    assert (set(believed[RESOURCE]["query"]), no_doubts) == ({"email"}, [])
    assert (doubted[RESOURCE]["query"], "list" in doubted[RESOURCE]["proofs"]) == ({}, False)
    assert doubts == [f"{cassette}: now sends size=20, recorded size=50; record it again"]
