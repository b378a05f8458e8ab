"""How often the guesses from one sample agree with the shipped mappings, on the same records."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.shared_material import SHARED, needs_shared
from truto_unify import Registry
from truto_unify.config.schema import read_first
from truto_unify.models import RESOURCES
from truto_unify.scaffold.project import draft_project

if TYPE_CHECKING:
    from pathlib import Path

RESOURCE: Final = "ecommerce/customers"
SAMPLES = {
    "bigcommerce": [
        "bigcommerce/v3_customers_list_recorded.json",
        "bigcommerce/v3_customer_id23_two_addresses_docs.json",
    ],
    "commerce7": ["commerce7/customers_list_page_docs.json", "commerce7/customer_get_docs.json"],
    "shopify": ["shopify/graphql_customers_list_recorded.json"],
    "shopify_rest": ["shopify/rest_customers_list_four_2026_01_docs.json"],
    "wix": ["wix/contacts_list_full_docs.json", "wix/contact_get_full_docs.json"],
    "woocommerce": ["woocommerce/customers_list_docs.json", "woocommerce/customer_get_recorded_b.json"],
    "zohoinventory": ["zohoinventory/books_contacts_list_all_recorded.json", "zohoinventory/contact_get_docs.json"],
}
FIELDS = ("id", "name", "first_name", "last_name", "company_name", "currency", "status", "created_at", "updated_at")
PARTS = {
    "emails": ("email", "is_primary"),
    "phones": ("number",),
    "addresses": ("street_1", "street_2", "city", "state", "postal_code", "country"),
}
SHARE_THAT_AGREES = 0.91
SHARE_THAT_IS_WRONG = 0.05


def values_of(record: dict[str, Any]) -> dict[str, Any]:
    """The values of a unified record: one comparable value for each field and for each part of a list."""
    values_by_path = {name: record[name] for name in FIELDS if record[name] is not None}
    for name, parts in PARTS.items():
        for part in parts:
            values = sorted(str(element[part]) for element in record[name] if element[part] is not None)
            values_by_path |= {f"{name}.{part}": values} if values else {}
    return values_by_path


def natives_of(slug: str, document: Any) -> list[Any]:
    mapping = Registry().mapping(RESOURCE, slug)
    config, provider = mapping.config, mapping.provider
    assert config.list is not None
    assert config.get is not None
    is_there, records = read_first(document, provider.endpoint(config.list.endpoint).list_path or ())
    if is_there and isinstance(records, list):
        return records
    is_there, record = read_first(document, provider.endpoint(config.get.endpoint).record_path or ())
    assert is_there
    return [record] if isinstance(record, dict) else list(record)


def compare(slug: str, file: str, folder: Path) -> list[tuple[str, str]]:
    """(path, verdict) for every value that the shipped mapping or the guess gives for the records of a file."""
    document = json.loads((SHARED / "fixtures" / file).read_text("utf-8"))
    draft = draft_project("guessed", RESOURCES[RESOURCE], sample=document)
    for name, text in draft.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    shipped, guessed = (
        Registry().mapper(RESOURCE, slug),
        Registry(overlay=[folder]).mapper(RESOURCE, "guessed"),
    )
    verdicts = []
    for native in natives_of(slug, document):
        ours, theirs = values_of(guessed.map(native)), values_of(shipped.map(native))
        for path in sorted(ours.keys() | theirs.keys()):
            verdict = "same" if ours.get(path) == theirs.get(path) else "missing" if path not in ours else "wrong"
            verdicts.append((f"{file}: {path}: {ours.get(path)} for {theirs.get(path)}", verdict))
    return verdicts


@needs_shared
@pytest.mark.parametrize("slug", SAMPLES)
def test_a_sample_of_a_known_store_gives_files_without_a_problem(slug: str, tmp_path: Path) -> None:
    for number, file in enumerate(SAMPLES[slug]):
        assert compare(slug, file, tmp_path / str(number))
        assert Registry(overlay=[tmp_path / str(number)]).problems() == []


@needs_shared
def test_nearly_all_guesses_say_what_the_shipped_mappings_say(tmp_path: Path) -> None:
    files = [(slug, file) for slug, several in SAMPLES.items() for file in several]
    verdicts = [
        verdict for number, (slug, file) in enumerate(files) for verdict in compare(slug, file, tmp_path / str(number))
    ]

    count = {kind: sum(verdict == kind for _, verdict in verdicts) for kind in ("same", "missing", "wrong")}
    report = "\n".join(f"{verdict}: {path}" for path, verdict in verdicts if verdict != "same")
    assert len(verdicts) > 300
    assert count["same"] / len(verdicts) >= SHARE_THAT_AGREES, f"{count}\n{report}"
    assert count["wrong"] / len(verdicts) <= SHARE_THAT_IS_WRONG, f"{count}\n{report}"
