from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.contract.test_outside_author import run_pytest
from tests.shared_material import SHARED, needs_shared
from truto_unify import Registry
from truto_unify.config.mapping import NotYet
from truto_unify.config.yaml import load_yaml
from truto_unify.errors import InvalidInput
from truto_unify.models import RESOURCES
from truto_unify.models.fields import field_kinds
from truto_unify.scaffold.openapi import read_openapi
from truto_unify.scaffold.project import draft_project
from truto_unify.scaffold.vocabulary import read_vocabulary

if TYPE_CHECKING:
    from truto_unify.scaffold.project import Draft

RESOURCE: Final = "ecommerce/customers"
SCHEMA = RESOURCES[RESOURCE]
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


def write(draft: Draft, folder: Path) -> Path:
    for name, text in draft.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


def acme_api() -> Any:
    return read_openapi(ACME.read_text("utf-8"), "acme.yaml", read_vocabulary(RESOURCE))


GIDS = {"id": "gid://acme/Customer/17", "email": "ana@example.test", "homeAddress": {"city": "Lima", "zip": "1"}}
INFO = {"hasNextPage": False, "endCursor": None}
SOURCES: dict[str, dict[str, Any]] = {
    "nothing": {},
    "list": {"sample": {"customers": [ANA], "page": 1, "per_page": 10, "total": 1}},
    "bare list": {"sample": [ANA]},
    "record": {"sample": {"customer": ANA}},
    "graphql": {"sample": {"data": {"shop": {"people": {"nodes": [GIDS], "pageInfo": INFO}}}}},
    "graphql edges": {"sample": {"data": {"customers": {"edges": [{"node": GIDS}], "pageInfo": INFO}}}},
    "strange names": {"sample": {"the.list": [{"_id": "x", "e-mail": "a@b.test", "no": "y", "a b": "# \"'`{}[]"}]}},
    "openapi": {"api": acme_api()},
    "both": {"sample": {"customers": [ANA]}, "api": acme_api()},
}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_whatever_it_is_made_from_lint_finds_no_problem(source: dict[str, Any], tmp_path: Path) -> None:
    folder = write(draft_project("globex", SCHEMA, **source), tmp_path)

    registry = Registry(overlay=[folder])

    assert registry.problems() == []
    assert "globex" in registry.providers


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_every_unified_field_and_method_is_there(source: dict[str, Any], tmp_path: Path) -> None:
    registry = Registry(overlay=[write(draft_project("globex", SCHEMA, **source), tmp_path)])

    config = registry.mapping(RESOURCE, "globex").config
    assert config.list is not None
    assert config.get is not None
    assert set(field_kinds(SCHEMA.record)) == set(config.response_mapping) | {
        name for name, why in config.unsupported.items() if "." not in name and isinstance(why, NotYet)
    }


def test_the_sample_maps_to_a_sensible_record(tmp_path: Path) -> None:
    draft = draft_project("globex", SCHEMA, sample={"customers": [ANA]})
    mapper = Registry(overlay=[write(draft, tmp_path)]).mapper(RESOURCE, "globex")

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


def test_guesses_and_questions_stand_above_their_lines() -> None:
    draft = draft_project("globex", SCHEMA, sample={"customers": [ANA], "page": 1, "per_page": 10})

    provider, mapping = draft.files["providers/globex.yaml"], draft.files[f"mappings/{RESOURCE}/globex.yaml"]
    assert "# ask: the address that every path is below\nbase_url:" in provider
    assert "      # guess: there are 1 records\n      list_path: customers\n" in provider
    assert '      # guess: "page" looks like the number of a page; max_page_size was not seen\n' in provider
    assert '  # guess: by the name "first_name"\n  first_name: first_name\n' in mapping
    assert "  orders: {not_yet: " in mapping


def test_the_page_lists_every_question_and_every_guess() -> None:
    draft = draft_project("globex", SCHEMA, sample={"customers": [ANA]})

    page = draft.files["tests/globex/README.md"]
    assert page.count("- [ ] `") == len(draft.questions) > 5
    assert [one.place for one in draft.remarks if f"`{one.place}`" not in page] == []
    assert "take real people out of it before you commit it" in page


def test_a_document_leaves_no_question_open() -> None:
    draft = draft_project("acme", SCHEMA, api=acme_api())

    provider = load_yaml(draft.files["providers/acme.yaml"], "acme.yaml")[0].plain()
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


def test_a_graphql_sample_gives_operations_that_ask_for_its_fields() -> None:
    draft = draft_project("globex", SCHEMA, **SOURCES["graphql"])

    assert draft.files["providers/globex.graphql"] == (
        "# Made by truto-unify scaffold from a sample: what the sample lacks is not asked for.\n"
        "query List($first: Int!, $after: String) {\n"
        "  shop {\n"
        "    people(first: $first, after: $after) {\n"
        "      nodes {\n"
        "        id\n"
        "        email\n"
        "        homeAddress {\n"
        "          city\n"
        "          zip\n"
        "        }\n"
        "      }\n"
        "      pageInfo {\n"
        "        hasNextPage\n"
        "        endCursor\n"
        "      }\n"
        "    }\n"
        "  }\n"
        "}\n"
        "\n"
        "query Get($id: ID!) {\n"
        "  record: customer(id: $id) {\n"
        "    id\n"
        "    email\n"
        "    homeAddress {\n"
        "      city\n"
        "      zip\n"
        "    }\n"
        "  }\n"
        "}\n"
    )
    assert 'body: {variables: {id: "gid://acme/Customer/{id}"}}' in draft.files["providers/globex.yaml"]


def test_the_contract_passes_at_once_on_what_a_document_gave(tmp_path: Path) -> None:
    write(draft_project("acme", SCHEMA, api=acme_api()), tmp_path)

    code, report = run_pytest(tmp_path, "--update-golden")

    assert (code, "failed" in report) == (0, False), report


def test_the_contract_says_which_samples_are_missing_and_nothing_else(tmp_path: Path) -> None:
    sample = {
        "customers": [{**ANA, "state": state, "id": number} for number, state in enumerate(["enabled", "disabled"])]
    }
    write(draft_project("globex", SCHEMA, sample=sample), tmp_path)

    code, report = run_pytest(tmp_path, "--update-golden")

    faults = {line for line in report.splitlines() if line.startswith("globex ")}
    lack = "globex ecommerce/customers: get: there are no samples; put native records into a file get.json"
    assert (code, faults, "Error" in report) == (1, {lack}, False)


@needs_shared
@pytest.mark.parametrize("file", sorted((SHARED / "fixtures").rglob("*customer*get*.json")), ids=lambda file: file.stem)
def test_any_customer_that_we_have_ever_seen_gives_files_without_a_problem(file: Path, tmp_path: Path) -> None:
    document = json.loads(file.read_text("utf-8"))

    draft = draft_project("globex", SCHEMA, sample=document)

    assert Registry(overlay=[write(draft, tmp_path)]).problems() == []


@pytest.mark.parametrize("name", ["", "Acme", "9lives", "acme-shop", "../acme", "acme.yaml"])
def test_a_name_that_cannot_be_one_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="cannot name a provider: lower-case letters, digits and _, a letter first"):
        draft_project(name, SCHEMA)


@pytest.mark.parametrize("sample", [{}, [], "x", 5, {"error": {"message": "no"}}])
def test_a_sample_without_a_record_is_refused(sample: Any) -> None:
    with pytest.raises(
        InvalidInput, match=r"the sample holds no record: nothing in it has an id \(id, _id, customer_id\)"
    ):
        draft_project("acme", SCHEMA, sample=sample)
