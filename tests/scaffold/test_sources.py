from __future__ import annotations

from typing import Any

import pytest

from tests.scaffold.drafts import SCHEMA, WORDS
from truto_unify.errors import InvalidInput
from truto_unify.scaffold.sources import examine

ANA = {"id": 1, "email": "ana@example.test", "phone": None}
BOB = {"id": 2, "email": "bob@example.test", "phone": "+1 555 0100", "company": "Acme"}


def test_several_samples_count_together() -> None:
    last = {"data": [ANA], "next_cursor": None, "total": 2}
    first = {"data": [BOB], "next_cursor": "b2s", "total": 2}

    findings = examine(SCHEMA, WORDS, samples=[first, last, {"data": BOB}])

    assert list(findings.mapped.rules) == ["id", "company_name", "emails", "phones"]
    assert findings.items == [BOB, ANA, BOB]
    assert findings.paging.value["type"] == "cursor"
    assert findings.samples == {"list": [BOB, ANA], "get": {"data": BOB}}


@pytest.mark.parametrize(
    ("records", "expression"),
    [
        ([{"identifier": "A1"}, {"identifier": "B2"}], "identifier"),
        ([{"shop": 5, "login": "ana"}, {"shop": 5, "login": "bob"}], "login"),
        ([{"email": "a@b.test", "joined": "2024-01-01", "ref": 7}], "ref"),
    ],
)
def test_an_id_of_another_name_is_the_field_that_tells_records_apart(
    records: list[dict[str, Any]], expression: str
) -> None:
    documents = [{"customers": [{"first_name": "Ana", "city": "Lima", **record} for record in records]}]

    findings = examine(SCHEMA, WORDS, samples=documents)

    assert findings.mapped.rules["id"].value == {"expr": expression}
    assert "check that the API reads a record by it" in findings.mapped.rules["id"].reason


def test_the_name_of_the_id_can_be_given() -> None:
    sample = [{"id": 1, "sys": {"key": "a"}, "email": "a@b.test"}]

    findings = examine(SCHEMA, WORDS.with_id("sys.key"), samples=[sample])

    assert findings.mapped.rules["id"].value == {"expr": "sys.key"}


def test_a_sample_without_records_names_the_option() -> None:
    with pytest.raises(InvalidInput) as caught:
        examine(SCHEMA, WORDS, samples=[[ANA], {"error": "no"}])

    assert caught.value.message == (
        "a sample holds no record: nothing in it has an id (id, _id, customer_id) and a field of ecommerce/customers; "
        "if the id of its records has another name, give it with --id"
    )
