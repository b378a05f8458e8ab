from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.contract.test_outside_author import run_pytest
from tests.scaffold.drafts import RESOURCE, SCHEMA, WORDS, provider_file, write_files
from tests.scaffold.graphql_answers import GRAPHQL_ANSWERS
from tests.shared_material import SHARED, needs_shared
from truto_unify import Registry
from truto_unify.config.mapping import NotYet
from truto_unify.errors import InvalidInput
from truto_unify.models.fields import field_kinds
from truto_unify.scaffold.openapi import read_openapi
from truto_unify.scaffold.project import draft_project

ACME = Path(__file__).parent / "acme_openapi.yaml"
ANA = {
    "id": 17,
    "first_name": "Ana",
    "last_name": "Ruiz",
    "email": "ana@example.test",
    "phone": "+1 555 0100",
    "state": "enabled",
    "created_at": "2024-05-02T08:00:00Z",
    "addresses": [{"id": 5, "address1": "1 Main St", "city": "Lima", "zip": "15001", "country_code": "PE"}],
}


def acme_api() -> Any:
    return read_openapi(ACME.read_text("utf-8"), "acme.yaml", WORDS)


SOURCES: dict[str, dict[str, Any]] = {
    "nothing": {},
    "list": {"samples": [{"customers": [ANA], "page": 1, "per_page": 10, "total": 1}]},
    "bare list": {"samples": [[ANA]]},
    "record": {"samples": [{"customer": ANA}]},
    **{name: {"samples": [answer]} for name, answer in GRAPHQL_ANSWERS.items()},
    "strange names": {"samples": [{"the.list": [{"_id": "x", "e-mail": "a@b.test", "no": "y", "a b": "# \"'`{}[]"}]}]},
    "openapi": {"api": acme_api()},
    "both": {"samples": [{"customers": [ANA]}], "api": acme_api()},
}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_lint_finds_no_problem_in_a_draft_from_any_source(source: dict[str, Any], tmp_path: Path) -> None:
    folder = write_files(draft_project("globex", SCHEMA, **source), tmp_path)

    registry = Registry(overlay=[folder])

    assert registry.problems() == []
    assert "globex" in registry.providers


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_a_draft_has_both_methods_and_maps_or_excuses_every_field(source: dict[str, Any], tmp_path: Path) -> None:
    registry = Registry(overlay=[write_files(draft_project("globex", SCHEMA, **source), tmp_path)])

    config = registry.mapping(RESOURCE, "globex").config
    assert config.list is not None
    assert config.get is not None
    assert set(field_kinds(SCHEMA.record)) == set(config.response_mapping) | {
        name for name, why in config.unsupported.items() if "." not in name and isinstance(why, NotYet)
    }


def test_the_drafted_mapping_maps_its_sample(tmp_path: Path) -> None:
    draft = draft_project("globex", SCHEMA, samples=[{"customers": [ANA]}])
    mapper = Registry(overlay=[write_files(draft, tmp_path)]).mapper(RESOURCE, "globex")

    record = mapper.map(ANA)

    assert {name: value for name, value in record.items() if name != "remote_data"} == {
        "id": "17",
        "name": "Ana Ruiz",
        "first_name": "Ana",
        "last_name": "Ruiz",
        "company_name": None,
        "emails": [{"email": "ana@example.test", "type": "primary", "status": None, "is_primary": True}],
        "phones": [{"number": "+1 555 0100", "extension": None, "type": "primary"}],
        "addresses": [
            {
                "id": "5",
                "type": None,
                "street_1": "1 Main St",
                "street_2": None,
                "city": "Lima",
                "state": None,
                "postal_code": "15001",
                "country": "PE",
            }
        ],
        "currency": None,
        "status": "active",
        "orders": [],
        "created_at": "2024-05-02T08:00:00Z",
        "updated_at": None,
    }


def test_guesses_and_questions_are_comments_above_their_lines() -> None:
    draft = draft_project("globex", SCHEMA, samples=[{"customers": [ANA], "page": 1, "per_page": 10}])

    provider, mapping = draft.files["providers/globex.yaml"], draft.files[f"mappings/{RESOURCE}/globex.yaml"]
    assert "# ask: the address above every path\nbase_url:" in provider
    assert "      # guess: records seen: 1\n      list_path: customers\n" in provider
    assert '      # guess: "page" looks like a page number; max_page_size was not seen\n' in provider
    assert '  # guess: by the name "first_name"\n  first_name: first_name\n' in mapping
    assert "  orders: {not_yet: " in mapping


def test_the_readme_lists_every_question_and_every_guess() -> None:
    draft = draft_project("globex", SCHEMA, samples=[{"customers": [ANA]}])

    readme = draft.files["tests/globex/README.md"]
    assert readme.count("- [ ] `") == len(draft.questions) > 5
    assert [remark.path for remark in draft.remarks if f"`{remark.path}`" not in readme] == []
    assert "remove real people before you commit it" in readme


def test_a_complete_document_leaves_no_question_open() -> None:
    draft = draft_project("acme", SCHEMA, api=acme_api())

    provider = provider_file(draft)
    assert draft.questions == []
    assert {key: provider[key] for key in ("base_url", "context", "errors", "resources")} == {
        "base_url": "https://{context.shop_name}.acme.example/api/v2",
        "context": {
            "store_hash": {"title": "Store hash", "example": "demo"},
            "shop_name": {"title": "Shop name", "example": "demo"},
        },
        "errors": {"message": ("error.message",), "code": ("error.code",)},
        "resources": {
            "customers": {
                "list": {
                    "path": "/stores/{context.store_hash}/customers",
                    "query": {"channel": "web"},
                    "list_path": "customers",
                    "pagination": {
                        "type": "page_number",
                        "page_param": "page",
                        "page_size_param": "per_page",
                        "max_page_size": 250,
                        "total_path": "meta.total",
                    },
                },
                "get": {"path": "/stores/{context.store_hash}/customers/{id}", "record_path": "customer"},
            }
        },
    }


def test_a_draft_from_a_document_passes_the_contract_suite_at_once(tmp_path: Path) -> None:
    write_files(draft_project("acme", SCHEMA, api=acme_api()), tmp_path)

    code, report = run_pytest(tmp_path, "--update-golden")

    assert (code, "failed" in report) == (0, False), report


def test_the_contract_suite_reports_missing_samples_and_nothing_else(tmp_path: Path) -> None:
    sample = {
        "customers": [{**ANA, "state": state, "id": number} for number, state in enumerate(["enabled", "disabled"])]
    }
    write_files(draft_project("globex", SCHEMA, samples=[sample]), tmp_path)

    code, report = run_pytest(tmp_path, "--update-golden")

    faults = {line for line in report.splitlines() if line.startswith("globex ")}
    lack = "globex ecommerce/customers: get: no samples; put native records into a file get.json"
    assert (code, faults, "Error" in report) == (1, {lack}, False)


@needs_shared
@pytest.mark.parametrize("file", sorted((SHARED / "fixtures").rglob("*customer*get*.json")), ids=lambda file: file.stem)
def test_lint_finds_no_problem_in_a_draft_from_any_recorded_customer(file: Path, tmp_path: Path) -> None:
    document = json.loads(file.read_text("utf-8"))

    draft = draft_project("globex", SCHEMA, samples=[document])

    assert Registry(overlay=[write_files(draft, tmp_path)]).problems() == []


@pytest.mark.parametrize("name", ["", "Acme", "9lives", "acme-shop", "../acme", "acme.yaml"])
def test_an_invalid_provider_name_is_refused(name: str) -> None:
    with pytest.raises(
        InvalidInput, match="cannot name a provider: use lower-case letters, digits and _, with a letter first"
    ):
        draft_project(name, SCHEMA)


@pytest.mark.parametrize("sample", [{}, [], "x", 5, {"error": {"message": "no"}}])
def test_a_sample_without_a_record_is_refused(sample: Any) -> None:
    with pytest.raises(
        InvalidInput, match=r"the sample holds no record: nothing in it has an id \(id, _id, customer_id\)"
    ):
        draft_project("acme", SCHEMA, samples=[sample])
