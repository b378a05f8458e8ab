"""Contacts of the pretend Wix site have the documented keys and values."""

from __future__ import annotations

import json
from dataclasses import replace

from tests.sandbox.json_keys import key_paths
from tests.sandbox.wix.site import ANA, BO, LIST, NOBODY, PEOPLE, site
from tests.shared_material import needs_shared, read_payload
from truto_unify.sandbox.wix.records import contact_id, render_contact


def test_a_contact_has_the_fields_of_wix() -> None:
    contact = site().query({"fieldsets": ["FULL"]}).json()["contacts"][0]
    info = contact["info"]
    assert contact["createdDate"] == "2024-01-01T10:00:00.000Z"
    assert contact["primaryInfo"] == {"email": "ana@example.test", "phone": "+1212 555-0101"}
    assert [(item["tag"], item["email"], item.get("primary")) for item in info["emails"]["items"]] == [
        ("UNTAGGED", "ana@example.test", True),
        ("WORK", "ana@work.example.test", None),
    ]
    assert info["phones"]["items"][0]["e164Phone"] == "+12125550101"
    assert "123" not in json.dumps(info["phones"]["items"][0]["phone"])
    assert [(item["tag"], item["address"]) for item in info["addresses"]["items"]] == [
        (
            "BILLING",
            {
                "country": "US",
                "subdivision": "US-TX",
                "city": "Austin",
                "postalCode": "73301",
                "addressLine": "1 Main St",
                "addressLine2": "Apt 2",
            },
        ),
        ("SHIPPING", {"country": "IS", "city": "Reykjavík"}),
    ]
    assert info["labelKeys"] == {"items": ["contacts.customers", "custom.gift-buyer"]}
    extended = info["extendedFields"]["items"]
    assert extended["members.membershipStatus"] == "APPROVED"
    assert (extended["ecom.totalSpentCurrency"], extended["ecom.totalSpentAmount"]) == ("EUR", 12.5)


def test_a_bare_contact_has_no_empty_keys() -> None:
    contact = site().query({"fieldsets": ["FULL"]}).json()["contacts"][1]
    assert set(contact["info"]) == {"name", "emails", "extendedFields"}
    assert contact["info"]["name"] == {"first": "Bo"}
    assert contact["primaryInfo"] == {"email": "bo@example.test"}
    extended = contact["info"]["extendedFields"]["items"]
    assert extended["members.membershipStatus"] == "INACTIVE"
    assert not [key for key in extended if key.startswith("ecom.")]


def test_a_contact_without_name_phone_and_email_does_not_exist() -> None:
    assert site().query().json()["pagingMetadata"]["total"] == 2
    assert site().send("GET", f"{LIST}/{contact_id(NOBODY)}").status_code == 404


@needs_shared
def test_a_full_contact_has_the_documented_keys_and_no_others() -> None:
    documented = {
        path
        for name in ("contacts_list_full_docs", "contacts_list_rest_from_velo_recorded")
        for path in key_paths(read_payload("wix", name)["contacts"])
    }
    ours = {path for person in PEOPLE for path in key_paths(render_contact(person))}
    assert ours - documented == set()
    # What nobody invented has: pictures, jobs, birthdays, other ways to write an address.
    not_rendered = (
        "/picture", "/source/appId", "/info/picture", "/info/jobTitle", "/info/birthdate", "/info/locale",
        "/info/locations", "/info/phones/items/countryCode", "/streetAddress", "/location",
        "/formattedAddress", "/custom.", "/members.mobile", "/subscriptions.",
    )  # fmt: skip
    assert {path for path in documented - ours if not any(part in path for part in not_rendered)} == set()


@needs_shared
def test_a_contact_alone_has_the_documented_keys() -> None:
    answer = site().send("GET", f"{LIST}/{contact_id(ANA)}", params={"fieldsets": "BASIC"}).json()
    assert set(key_paths(answer)) == set(key_paths(read_payload("wix", "contact_get_basic_fieldset_docs")))
    answer = site().send("GET", f"{LIST}/{contact_id(ANA)}", params={"fields": ["source", "updatedDate"]}).json()
    assert set(key_paths(answer)) == set(key_paths(read_payload("wix", "contact_get_projected_fields_docs")))


@needs_shared
def test_a_reduced_list_has_the_documented_keys() -> None:
    with_phone = replace(BO, last_name="Ek", phone="+12125550102")
    documented = read_payload("wix", "contacts_list_paginated_docs")["contacts"]
    assert set(key_paths(site(with_phone).query().json()["contacts"])) == set(key_paths(documented))
    documented = read_payload("wix", "contacts_list_projected_fields_docs")["contacts"]
    fields = ["source", "info.name", "info.emails"]
    assert set(key_paths(site().query({"fields": fields}).json()["contacts"])) == set(key_paths(documented))


def test_fields_and_fieldsets_add_up() -> None:
    query = {
        "fields": ["info.company", "nowhere", "info.name.middle", "revision.x"],
        "fieldsets": ["EXTENDED"],
    }
    contact = site().query(query).json()["contacts"][0]
    assert set(contact) == {"id", "revision", "info"}
    assert set(contact["info"]) == {"company", "name", "extendedFields"}


def test_one_contact_by_its_id() -> None:
    answer = site().send("GET", f"{LIST}/{contact_id(BO)}", params={"fieldsets": "FULL"}).json()
    assert answer == {"contact": render_contact(BO), "responseType": "REGULAR"}


def test_an_unknown_contact() -> None:
    answer = site().send("GET", f"{LIST}/00000000-0000-0000-0000-000000000000")
    assert answer.status_code == 404
    assert set(answer.json()["details"]["applicationError"]) == {"code", "description", "data"}
    malformed = site().send("GET", f"{LIST}/17")
    assert malformed.status_code == 400
    assert malformed.json()["details"]["validationError"]["fieldViolations"][0]["violatedRule"] == "FORMAT"
