"""Customers of Shopify's REST Admin API have the documented keys and values."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tests.sandbox.customers import AUSTIN
from tests.sandbox.in_process import open_client
from tests.sandbox.shopify_rest.shop import ANA, BEN, FIRST_ID, NOBODY, TOKEN, all_records, customer
from tests.shared_material import needs_shared, read_payload
from truto_unify.sandbox.people import invent_people
from truto_unify.sandbox.shopify import app as shopify
from truto_unify.sandbox.shopify_rest.app import create_app
from truto_unify.sandbox.store import Store

if TYPE_CHECKING:
    import httpx


def test_a_customer_with_everything() -> None:
    record = customer(ANA)
    default = {
        "id": 9_000_000_000_100,
        "customer_id": FIRST_ID + 1,
        "first_name": "Ana",
        "last_name": "Ruiz",
        "company": "Ruiz, Sons",
        "address1": "1 Main St",
        "address2": "",
        "city": "Austin",
        "province": "Texas",
        "country": "United States",
        "zip": "78701",
        "phone": "+12125550100 x77",
        "name": "Ana Ruiz",
        "province_code": "TX",
        "country_code": "US",
        "country_name": "United States",
        "default": True,
    }
    other = record["addresses"][1]
    assert record | {"addresses": []} == {
        "id": FIRST_ID + 1,
        "email": "ana@example.test",
        "created_at": "2024-01-14T12:05:00-05:00",
        "updated_at": "2024-07-14T13:05:00-04:00",
        "first_name": "Ana",
        "last_name": "Ruiz",
        "orders_count": 2,
        "state": "enabled",
        "total_spent": "109.05",
        "last_order_id": 6_000_000_001_002,
        "note": None,
        "verified_email": True,
        "multipass_identifier": None,
        "tax_exempt": False,
        "tags": "Noël, vip",
        "last_order_name": "#1002",
        "currency": "EUR",
        "phone": "+12125550100",
        "addresses": [],
        "tax_exemptions": [],
        "email_marketing_consent": {
            "state": "subscribed",
            "opt_in_level": "single_opt_in",
            "consent_updated_at": "2024-01-14T12:05:00-05:00",
        },
        "sms_marketing_consent": {
            "state": "not_subscribed",
            "opt_in_level": "single_opt_in",
            "consent_updated_at": None,
            "consent_collected_from": "OTHER",
        },
        "admin_graphql_api_id": f"gid://shopify/Customer/{FIRST_ID + 1}",
        "default_address": default,
    }
    assert record["addresses"][0] == default
    assert (other["default"], other["company"], other["phone"]) == (False, None, "+12125550101")
    assert (other["address1"], other["province"], other["province_code"], other["country_code"]) == (
        None,
        None,
        None,
        "UA",
    )


def test_a_customer_with_next_to_nothing() -> None:
    record = customer(BEN)
    names = ("email", "first_name", "phone", "last_order_id", "last_order_name")
    assert {name: record[name] for name in names} == dict.fromkeys(names)
    assert (record["email_marketing_consent"], record["sms_marketing_consent"]) == (None, None)
    assert (record["state"], record["tags"], record["total_spent"], record["orders_count"]) == (
        "disabled",
        "",
        "0.00",
        0,
    )
    assert record["addresses"] == []
    assert "default_address" not in record


def test_who_did_not_agree_is_not_subscribed() -> None:
    consent = customer(replace(ANA, accepts_marketing=False))["email_marketing_consent"]
    assert consent == {"state": "not_subscribed", "opt_in_level": "single_opt_in", "consent_updated_at": None}


def test_an_address_without_person_has_an_empty_name() -> None:
    address = customer(replace(ANA, first_name="", last_name=""))["default_address"]
    assert (address["first_name"], address["last_name"], address["name"]) == (None, None, "")


def test_at_most_ten_addresses_are_shown() -> None:
    record = customer(replace(ANA, addresses=(AUSTIN,) * 12))
    assert [address["id"] for address in record["addresses"]] == [9_000_000_000_100 + index for index in range(10)]
    assert record["default_address"] == record["addresses"][0]


def test_the_offset_changes_with_daylight_saving_inside_one_list(crowd: httpx.Client) -> None:
    records = all_records(crowd)
    offsets = {datetime.fromisoformat(record["created_at"]).utcoffset() for record in records}
    assert offsets == {timedelta(hours=-5), timedelta(hours=-4)}
    people = {person.number: person for person in invent_people(137)}
    for record in records:
        person = people[record["id"] - FIRST_ID]
        assert datetime.fromisoformat(record["created_at"]) == person.created_at
        assert datetime.fromisoformat(record["updated_at"]) == person.updated_at


def test_the_graphql_store_knows_the_same_customers() -> None:
    people = (*invent_people(137), replace(NOBODY, number=138))
    graphql = open_client(shopify.create_app(Store.of(people)), TOKEN)
    selection = "legacyResourceId email phone state numberOfOrders defaultAddress { company phone }"
    query = f"{{ customers(first: 138) {{ nodes {{ {selection} }} }} }}"
    nodes = graphql.post(f"{shopify.API_ROOT}/graphql.json", json={"query": query}).json()["data"]["customers"]["nodes"]
    ours = all_records(open_client(create_app(Store.of(people)), TOKEN))
    assert len(ours) == len(nodes) == len(people) - 1
    for record, node in zip(reversed(ours), nodes, strict=True):
        address, theirs = record.get("default_address"), node["defaultAddress"]
        assert str(record["id"]) == node["legacyResourceId"]
        assert (record["email"], record["phone"]) == (node["email"], node["phone"])
        assert record["state"] == node["state"].lower()
        assert str(record["orders_count"]) == node["numberOfOrders"]
        assert (address is None) == (theirs is None)
        if address is not None:
            assert (address["company"], address["phone"] or None) == (theirs["company"], theirs["phone"])


@needs_shared
def test_a_customer_has_the_documented_keys_in_the_documented_order() -> None:
    theirs = read_payload("shopify", "rest_customer_get_docs")["customer"]
    ours = customer(ANA)
    assert list(ours) == list(theirs)
    assert list(ours["default_address"]) == list(theirs["default_address"])
    assert [list(address) for address in ours["addresses"]] == [list(theirs["addresses"][0])] * 2
    assert list(ours["email_marketing_consent"]) == list(theirs["email_marketing_consent"])
    assert list(ours["sms_marketing_consent"]) == list(theirs["sms_marketing_consent"])


@needs_shared
def test_a_customer_without_an_address_has_the_documented_keys() -> None:
    four = read_payload("shopify", "rest_customers_list_four_2026_01_docs")["customers"]
    theirs = next(record for record in four if not record["addresses"])
    assert set(customer(BEN)) == set(theirs)
    assert type(customer(BEN)["sms_marketing_consent"]) is type(theirs["sms_marketing_consent"])
