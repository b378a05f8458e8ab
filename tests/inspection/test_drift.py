from __future__ import annotations

from typing import Any

from truto_unify import Registry
from truto_unify.inspection.drift import Drift, find_drift, never_seen

MAPPER = Registry().mapper("ecommerce/customers", "zohoinventory")
ANA: dict[str, Any] = {
    "contact_id": "1",
    "contact_name": "Ana",
    "phone": "555",
    "status": "active",
    "tags": [],
    "custom": {"level": 1},
    "billing_address": {"city": "Lima", "zip": "1"},
}


def test_the_same_answers_have_not_drifted() -> None:
    assert find_drift(MAPPER, [ANA], [ANA, ANA]) == []


def test_what_is_new_gone_retyped_and_unknown_is_told_and_what_the_mapping_reads_comes_first() -> None:
    fresh = {
        **{name: value for name, value in ANA.items() if name not in {"phone", "billing_address"}},
        "contact_name": {"first": "Ana"},
        "status": "crm",
        "custom": {"level": "gold"},
        "nick": {"short": "A", "long": "Anita"},
    }

    found = find_drift(MAPPER, [ANA], [ANA, fresh])
    gone = find_drift(MAPPER, [ANA], [fresh])

    assert found == [
        Drift("retyped", "contact_name", is_read=True, before=1.0, after=1.0, detail="text became object or text"),
        Drift("new enum value", "status", is_read=True, before=0.0, after=0.5, detail="crm"),
        Drift("new", "contact_name.first", is_read=True, before=0.0, after=0.5, detail="text"),
        Drift("retyped", "custom.level", is_read=False, before=1.0, after=1.0, detail="number became number or text"),
        Drift("new", "nick", is_read=False, before=0.0, after=0.5, detail="object"),
    ]
    assert [(one.change, one.name, one.is_read) for one in gone[:2]] == [
        ("vanished", "billing_address", True),
        ("vanished", "phone", True),
    ]


def test_a_value_that_earlier_records_had_too_is_no_news() -> None:
    crm = {**ANA, "status": "crm"}

    assert find_drift(MAPPER, [crm], [crm]) == []
    assert find_drift(MAPPER, [], [crm]) == [
        Drift("new enum value", "status", is_read=True, before=None, after=1.0, detail="crm")
    ]


def test_null_blank_and_empty_are_no_types() -> None:
    blank = {**ANA, "phone": "", "contact_name": None, "tags": ["new"]}

    assert find_drift(MAPPER, [ANA], [blank]) == []


def test_what_the_mapping_reads_and_nobody_has_is_named() -> None:
    unseen = never_seen(MAPPER, [ANA])

    assert "mobile" in unseen
    assert "billing_address.state_code" in unseen
    assert not {"contact_id", "billing_address.city"} & set(unseen)
