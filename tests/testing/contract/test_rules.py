"""The golden table of rules: what it holds for a small provider."""

from __future__ import annotations

import pytest

from tests.contract.acme import acme, acme_samples
from truto_unify.testing.contract.rules import TIMES, rule_table


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    folder = tmp_path_factory.mktemp("acme")
    subject = acme(folder, mapping={"get: people.get\n": "get: people.get\nwhere: state != 'closed'\n"})
    return rule_table(subject, acme_samples(subject, folder))


def test_conditions_are_told_of_each_sample(table: dict[str, object]) -> None:
    kept = [{"kept": True, "partial": False}, {"kept": False, "partial": False}]

    assert table["conditions"] == {"list": kept, "get": kept}


def test_a_time_is_told_in_every_form_and_so_is_what_a_zone_means(table: dict[str, object]) -> None:
    fault = "fault"
    one, east = "2031-05-06T07:08:09Z", "2031-05-06T05:08:09Z"
    forms = [str(form) for form in TIMES]

    assert table["times"] == {
        "created_at": dict(zip(forms, [one, east, one, "2031-05-06T00:00:00Z", *[fault] * 4], strict=True)),
        "updated_at": dict(zip(forms, [one, east, fault, fault, *[fault] * 4], strict=True)),
    }


def test_an_enum_is_told_in_every_case_and_for_an_unknown_word(table: dict[str, object]) -> None:
    assert table["enums"] == {
        "status": {
            "open": ["active"],
            "closed": ["inactive"],
            "OPEN": ["active"],
            "CLOSED": ["inactive"],
            "contract-unknown": ["contract-unknown"],
        }
    }


def test_filters_are_told_by_what_they_send(table: dict[str, object]) -> None:
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
