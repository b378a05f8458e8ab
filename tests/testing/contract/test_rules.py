"""The golden table of rules, for a small provider."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.contract.acme import PEOPLE, acme, acme_samples
from truto_unify.testing.contract.rules import TIMES, rule_table
from truto_unify.testing.samples import Sample

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    folder = tmp_path_factory.mktemp("acme")
    under_test = acme(folder, mapping={"get: people.get\n": "get: people.get\nwhere: state != 'closed'\n"})
    return rule_table(under_test, acme_samples(under_test, folder))


def test_conditions_have_a_row_for_each_sample(table: dict[str, object]) -> None:
    results = [{"kept": True, "partial": False}, {"kept": False, "partial": False}]

    assert table["conditions"] == {"list": results, "get": results}


def test_times_have_each_form_with_and_without_a_zone(table: dict[str, object]) -> None:
    fault = "fault"
    utc, east = "2031-05-06T07:08:09Z", "2031-05-06T05:08:09Z"
    forms = [str(form) for form in TIMES]

    assert table["times"] == {
        "created_at": dict(zip(forms, [utc, east, utc, "2031-05-06T00:00:00Z", *[fault] * 4], strict=True)),
        "updated_at": dict(zip(forms, [utc, east, fault, fault, *[fault] * 4], strict=True)),
    }


def test_enums_have_each_word_in_both_cases_and_an_unknown_word(table: dict[str, object]) -> None:
    assert table["enums"] == {
        "status": {
            "open": ["active"],
            "closed": ["inactive"],
            "OPEN": ["active"],
            "CLOSED": ["inactive"],
            "contract-unknown": ["contract-unknown"],
        }
    }


def test_filters_have_the_values_that_they_send(table: dict[str, object]) -> None:
    values = table["values"]

    assert isinstance(values, dict)
    assert sorted(values) == [
        "email[eq]",
        "email[in]",
        "emails.email[eq]",
        "name[eq]",
        *(f"updated_at[{op}]" for op in ("gt", "gte", "lt", "lte")),
    ]
    assert values["name[eq]"]["a b"] == {"sent": 'name:"a b"'}
    assert values["email[in]"]["a,b"] == "emulated"
    assert values["updated_at[lt]"] == {"how": "emulated", "match": None}
    assert values["updated_at[gte]"] == {"how": "native", "match": "exact"}
    assert table["loads"] == {}


def test_the_items_of_a_side_load_are_put_in_order(tmp_path: Path) -> None:
    get = "get: people.get\n"
    under_test = acme(
        tmp_path,
        {"  people:\n": '  people:\n    visits: {path: "/people/{id}/visits", list_path: visits}\n'},
        {get: f"{get}side_loads: {{visits: {{endpoint: people.visits, order_by: id}}}}\n"},
    )
    samples = [Sample(person, {"visits": [{"id": 10}, {"id": 9}]}) for person in PEOPLE[:1]]

    assert rule_table(under_test, {"get": samples})["loads"]["order of visits"] == [[9, 10]]
