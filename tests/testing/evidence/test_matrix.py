from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.acme import PEOPLE, RESOURCE, acme, write_acme
from tests.testing.evidence.test_proofs import FIRST, LISTED
from truto_unify import Registry
from truto_unify.config.evidence import Evidence
from truto_unify.testing.cassettes.errors import UnsafeCassette
from truto_unify.testing.cassettes.sidecar import Sidecar
from truto_unify.testing.evidence.matrix import Seen, better, called_cells, field_cells, query_cells, write_evidence
from truto_unify.testing.provider_under_test import Subject

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


def test_a_field_is_known_from_the_strongest_record_that_fills_it(tmp_path: Path) -> None:
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
    ("one", "expected"),
    [
        (None, Evidence("docs-example", None, "get")),
        (Evidence("synthetic", None, "list"), Evidence("docs-example", None, "list")),
        (Evidence("recorded", "2026-01-01", "side load"), Evidence("recorded", "2026-01-01", "get")),
        (Evidence("declared"), Evidence("docs-example", None, "get")),
    ],
)
def test_the_better_evidence_counts_and_the_widest_place(one: Evidence | None, expected: Evidence) -> None:
    assert better(one, "docs-example", None, "get") == expected


def test_a_filter_is_tried_when_an_answered_request_held_its_parameter() -> None:
    registry = Registry()
    method = registry.mapping(RESOURCE, "bigcommerce").config.list
    assert method is not None
    asked = replace(FIRST, uri="https://api.example/customers?email:in=a&sort=date_created:desc")
    refused = replace(asked, status=400, uri="https://api.example/customers?company:in=x")

    cell = {"level": "recorded", "day": "2026-11-01"}
    assert query_cells(method, [asked, refused]) == {
        "email": cell,
        "emails[][email]": cell,
        "sort_by[created_at]": cell,
    }


def called(**arguments: Any) -> Sidecar:
    """What is known of a recorded list of bigcommerce with these arguments."""
    return Sidecar(
        provenance="recorded",
        date=date(2026, 11, 1),
        expires=date(2027, 11, 1),
        provider="bigcommerce",
        api_version=None,
        resource=RESOURCE,
        method="list",
        tool="test/1",
        account={"credentials": {"access_token": "FAKE_access_token"}, "context": {"store_hash": "abc123"}},
        call={"arguments": arguments},
    )


def test_a_filter_is_tried_when_a_recorded_call_had_it_wherever_its_value_went() -> None:
    subject = Subject(Registry(), "bigcommerce", RESOURCE)
    calls = [
        called(created_at={"gte": "2024-01-01T00:00:00Z"}, sort_by={"updated_at": "desc"}),
        called(
            emails=[{"email": "a@example.test", "is_primary": True}],
            first_name={"like": "Ana"},
            phones=[{"number": "1"}],
        ),
        replace(called(company_name="x"), error="RejectedInputError"),
        replace(called(company_name="x"), call=None),
    ]

    cell = {"level": "recorded", "day": "2026-11-01"}
    assert called_cells(subject, calls) == dict.fromkeys(
        ("created_at", "sort_by[updated_at]", "first_name", "emails[][email]"), cell
    )


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

    found = write_evidence(Registry(overlay=[folder]), "acme", folder)

    recorded = {"level": "recorded", "day": "2026-11-01"}
    assert json.loads(file.read_text()) == {RESOURCE: {"other": {"fields": {}}, "acme": found[RESOURCE]}}
    assert found[RESOURCE]["fields"]["company_name"] == {**recorded, "where": "list"}
    assert found[RESOURCE]["proofs"] == {
        "contract": {"level": "synthetic"},
        "list": recorded,
        "get": {"level": "synthetic"},
        "second page": recorded,
    }


def test_a_provider_that_breaks_the_contract_is_not_proven(tmp_path: Path) -> None:
    folder = write_repository(tmp_path)
    file = folder / "providers" / "acme.yaml"
    file.write_text(file.read_text().replace("      read_only: true\n", ""))

    found = write_evidence(Registry(overlay=[folder]), "acme", folder)

    assert "contract" not in found[RESOURCE]["proofs"]


def test_a_cassette_that_nothing_says_anything_about_proves_nothing(tmp_path: Path) -> None:
    folder = write_repository(tmp_path)
    (folder / "tests/acme/list.about.json").unlink()

    with pytest.raises(UnsafeCassette, match="no sidecar"):
        write_evidence(Registry(overlay=[folder]), "acme", folder)


def test_samples_in_files_never_count_as_more_than_invented(tmp_path: Path) -> None:
    folder = write_repository(tmp_path)
    (folder / "tests/acme/list.yaml").unlink()

    found: dict[str, Any] = write_evidence(Registry(overlay=[folder]), "acme", folder)

    cells = {**found[RESOURCE]["fields"], **found[RESOURCE]["proofs"]}
    assert len(PEOPLE) > 1
    assert {cell["level"] for cell in cells.values()} == {"synthetic"}
