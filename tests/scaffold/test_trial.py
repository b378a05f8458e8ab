"""A draft runs on its own sample, whatever the sample looks like."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import settings as example_settings
from hypothesis import strategies as st

from truto_unify.models import RESOURCES
from truto_unify.scaffold.project import Draft, draft_project
from truto_unify.scaffold.trial import failing_fields

CUSTOMERS = "ecommerce/customers"
AWKWARD = [
    {
        "id": 7,
        "company": {"title": "Acme"},
        "mail": "ana@acme.example",
        "addr": {"line1": "Main 1", "town": "Bern", "zip": "3000", "country_code": "CH"},
        "inserted": "2024-02-03 10:00:00",
    },
    {"id": 8, "company": None, "mail": "ben@acme.example", "addr": None, "inserted": "2024-02-04 10:00:00"},
]
NAMES = ["company", "first_name", "name", "currency", "status", "created", "updated", "mail", "email", "phone", "addr"]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 10**12) | st.sampled_from(["", "x", "a@b.test", "2024-02-03", "EUR"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["title", "value", "type"]), inner),
    max_leaves=4,
)


def draft(records: list[Any]) -> Draft:
    return draft_project("acme", RESOURCES[CUSTOMERS], samples=[{"data": records}])


def configuration(drafted: Draft) -> dict[str, str]:
    return {name: text for name, text in drafted.files.items() if name.startswith(("providers/", "mappings/"))}


def test_an_awkward_sample_is_mapped() -> None:
    drafted = draft(AWKWARD)

    mapping = drafted.files[f"mappings/{CUSTOMERS}/acme.yaml"]
    assert "company_name: company.title" in mapping
    assert "{email: mail, type: {const: primary}" in mapping
    assert "street_1: addr.line1, city: addr.town, postal_code: addr.zip, country: addr.country_code" in mapping
    assert "created_at: {expr: inserted, zone: utc}" in mapping
    assert failing_fields(configuration(drafted), "acme", CUSTOMERS, AWKWARD) == {}


def test_a_guess_that_fails_on_the_sample_is_taken_back() -> None:
    # The first value is the common one; only a later record shows that the name means something else.
    records = [{"id": 1, "email": "a@b.test", "first_name": None}, {"id": 2, "email": "b@b.test", "first_name": []}]
    drafted = draft(records)

    assert failing_fields(configuration(drafted), "acme", CUSTOMERS, records) == {}


@given(st.lists(st.dictionaries(st.sampled_from(NAMES), VALUES, min_size=1), min_size=1, max_size=3))
@example_settings(max_examples=8)
def test_no_draft_fails_on_its_sample(records: list[dict[str, Any]]) -> None:
    people = [{**record, "id": number, "email": f"{number}@b.test"} for number, record in enumerate(records)]

    assert failing_fields(configuration(draft(people)), "acme", CUSTOMERS, people) == {}
