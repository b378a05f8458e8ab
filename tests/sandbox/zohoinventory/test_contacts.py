"""Contacts of the pretend Zoho Inventory have the recorded keys and values."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.sandbox.json_keys import key_paths
from tests.sandbox.zohoinventory.organization import BO, contact_of, organization
from tests.shared_material import needs_shared, read_payload


def test_a_list_item_has_the_fields_of_zohos_list() -> None:
    item = organization().get("/contacts", contact_name="Ana García").json()["contacts"][0]
    shown = {name: item[name] for name in ("contact_id", "email", "phone", "mobile", "status", "currency_code")}
    assert shown == {
        "contact_id": "4608150000000001001",
        "email": "ana@example.test",
        "phone": "+12125550101 x123",
        "mobile": "",
        "status": "active",
        "currency_code": "EUR",
    }
    assert (item["created_time"], item["last_modified_time"]) == (
        "2023-12-31T21:00:00-0500",
        "2024-07-01T06:00:00-0400",
    )


def test_a_contact_alone_has_addresses_and_persons() -> None:
    contact = contact_of(organization(), "Ana García")
    billing, shipping = contact["billing_address"], contact["shipping_address"]
    parts = ("address", "street2", "city", "state", "state_code", "zip", "country", "country_code")
    assert [billing[part] for part in parts] == [
        "1 Main St", "Apt 2", "Austin", "Texas", "TX", "73301", "United States", "US",
    ]  # fmt: skip
    assert [shipping[part] for part in parts] == ["", "", "Reykjavík", "", "", "", "Iceland", "IS"]
    assert [(address["city"], address["phone"]) for address in contact["addresses"]] == [("Akureyri", "+3541")]
    persons = contact["contact_persons"]
    assert [(person["email"], person["is_primary_contact"]) for person in persons] == [
        ("ana@example.test", True),
        ("ana@work.example.test", False),
    ]
    assert contact["primary_contact_id"] == persons[0]["contact_person_id"]


def test_a_blank_address_still_has_its_id() -> None:
    contact = contact_of(organization(), "bo")
    for name in ("billing_address", "shipping_address"):
        address = contact[name]
        assert address.pop("address_id").isdecimal()
        assert set(address.values()) == {""}
    assert contact["addresses"] == []


def test_the_addresses_of_a_contact() -> None:
    place = organization()
    contact = contact_of(place, "Ana García")
    answer = place.get(f"/contacts/{contact['contact_id']}/address").json()
    assert answer["addresses"] == [
        contact["billing_address"],
        contact["shipping_address"],
        *contact["addresses"],
    ]


def test_names_are_present_and_unique() -> None:
    nameless = replace(BO, number=3, first_name="")
    with_phone = replace(nameless, number=4, email="", phone="+12125550104")
    with_nothing = replace(with_phone, number=5, phone="")
    place = organization(BO, nameless, with_phone, with_nothing, replace(BO, number=6, first_name="BO"))
    assert sorted(place.names(contact_type="customer")) == [
        "+12125550104",
        "BO (2)",
        "Contact 5",
        "bo",
        "bo@example.test",
    ]
    assert contact_of(place, "Contact 5")["contact_persons"] == []


@needs_shared
def test_a_list_has_the_recorded_keys() -> None:
    recorded = read_payload("zohoinventory", "contacts_list_page1_active_recorded")
    assert set(key_paths(organization().get("/contacts").json())) == set(key_paths(recorded))


@needs_shared
def test_a_contact_has_the_recorded_keys() -> None:
    recorded = read_payload("zohoinventory", "contact_get_address_no_persons_recorded")
    persons = read_payload("zohoinventory", "contact_persons_list_docs")["contact_persons"]
    expected = {
        *key_paths(recorded),
        *(f"/contact/contact_persons{path}" for path in key_paths(persons)),
        *(f"/contact/addresses{path}" for path in key_paths(recorded["contact"]["billing_address"])),
    }
    # A person inside a contact does not repeat whose it is.
    expected.discard("/contact/contact_persons/contact_id")
    ours = {f"/contact{path}" for path in key_paths(contact_of(organization(), "Ana García"))}
    assert ours | {"/code", "/message", "/contact"} == expected


@needs_shared
def test_values_are_of_the_recorded_kinds() -> None:
    recorded = read_payload("zohoinventory", "contacts_list_page1_active_recorded")["contacts"][0]
    ours = organization().get("/contacts").json()["contacts"][0]
    assert {key: type(value) for key, value in ours.items()} == {key: type(value) for key, value in recorded.items()}


@pytest.mark.parametrize(("contact_id", "status", "code"), [("1", 404, 1002), ("x", 400, 2)])
@pytest.mark.parametrize("rest", ["", "/address"])
def test_an_unknown_contact(contact_id: str, status: int, code: int, rest: str) -> None:
    answer = organization().get(f"/contacts/{contact_id}{rest}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
