from __future__ import annotations

from typing import Any

from tests.shipped import REGISTRY
from truto_unify.inspection.drift import Drift, find_drift, never_seen

MAPPER = REGISTRY.mapper("ecommerce/customers", "zohoinventory")
ANA: dict[str, Any] = {
    "contact_id": "1",
    "contact_name": "Ana",
    "phone": "555",
    "status": "active",
    "tags": [],
    "custom": {"level": 1},
    "billing_address": {"city": "Lima", "zip": "1"},
}


def test_equal_answers_have_no_drift() -> None:
    assert find_drift(MAPPER, [ANA], [ANA, ANA]) == []


def test_new_gone_retyped_and_unmapped_fields_are_drift_with_mapped_fields_first() -> None:
    fresh = {
        **{name: value for name, value in ANA.items() if name not in {"phone", "billing_address"}},
        "contact_name": {"first": "Ana"},
        "status": "crm",
        "custom": {"level": "gold"},
        "nick": {"short": "A", "long": "Anita"},
    }

    drifts = find_drift(MAPPER, [ANA], [ANA, fresh])
    gone = find_drift(MAPPER, [ANA], [fresh])

    assert drifts == [
        Drift("retyped", "contact_name", is_read=True, before=1.0, after=1.0, detail="text became object or text"),
        Drift("new enum value", "status", is_read=True, before=0.0, after=0.5, detail="crm"),
        Drift("new", "contact_name.first", is_read=True, before=0.0, after=0.5, detail="text"),
        Drift("retyped", "custom.level", is_read=False, before=1.0, after=1.0, detail="number became number or text"),
        Drift("new", "nick", is_read=False, before=0.0, after=0.5, detail="object"),
    ]
    assert [(drift.change, drift.name, drift.is_read) for drift in gone[:2]] == [
        ("vanished", "billing_address", True),
        ("vanished", "phone", True),
    ]


def test_an_enum_value_of_earlier_records_is_not_drift() -> None:
    crm = {**ANA, "status": "crm"}

    assert find_drift(MAPPER, [crm], [crm]) == []
    assert find_drift(MAPPER, [], [crm]) == [
        Drift("new enum value", "status", is_read=True, before=None, after=1.0, detail="crm")
    ]


def test_null_blank_and_empty_values_have_no_type() -> None:
    blank = {**ANA, "phone": "", "contact_name": None, "tags": ["new"]}

    assert find_drift(MAPPER, [ANA], [blank]) == []


def test_fields_that_the_mapping_reads_and_no_record_has_are_named() -> None:
    unseen = never_seen(MAPPER, [ANA])

    assert "mobile" in unseen
    assert "billing_address.state_code" in unseen
    assert not {"contact_id", "billing_address.city"} & set(unseen)
