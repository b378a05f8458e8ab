from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.sandbox.shopify.shop import CUSTOMERS, PAGE_INFO, PLAIN, read_customer, shop
from tests.shared_material import needs_shared, read_payload
from truto_unify.sandbox.people import PurchaseOrder


def test_a_customer_with_everything() -> None:
    person = next(person for person in CUSTOMERS if person.phone_extension and person.email and person.orders)
    selection = f"""id legacyResourceId displayName state tags numberOfOrders createdAt
      defaultEmailAddress {{ emailAddress marketingState }} defaultPhoneNumber {{ phoneNumber }}
      defaultAddress {{ id phone company countryCodeV2 }} addresses {{ id }}
      addressesV2(first: 12) {{ nodes {{ id }} {PAGE_INFO} }} amountSpent {{ currencyCode }}
      orders(first: 10) {{ nodes {{ id displayFinancialStatus customer {{ legacyResourceId }}
        currentTotalPriceSet {{ shopMoney {{ amount }} }} }} }}
      lastOrder {{ id }}"""
    node = read_customer(person, selection)
    number = 7_000_000_000_000 + person.number
    addresses = [
        {
            "id": f"gid://shopify/MailingAddress/{9_000_000_000_000 + 100 * person.number + index}"
            "?model_name=CustomerAddress"
        }
        for index in range(len(person.addresses))
    ]
    assert node["id"] == f"gid://shopify/Customer/{number}"
    assert node["legacyResourceId"] == str(number)
    assert node["defaultEmailAddress"]["emailAddress"] == person.email
    assert node["defaultPhoneNumber"] == {"phoneNumber": person.phone}
    assert node["defaultAddress"]["id"] == addresses[0]["id"]
    assert node["defaultAddress"]["phone"] == f"{person.phone} x{person.phone_extension}"
    assert node["defaultAddress"]["company"] == (person.company or person.addresses[0].company or None)
    assert node["addresses"] == node["addressesV2"]["nodes"] == addresses
    assert node["amountSpent"] == {"currencyCode": person.currency}
    assert node["numberOfOrders"] == str(len(person.orders))
    assert node["createdAt"] == person.created_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert [int(order["id"].rpartition("/")[2]) for order in node["orders"]["nodes"]] == [
        6_000_000_000_000 + order.number for order in person.orders
    ]
    assert node["orders"]["nodes"][0]["customer"] == {"legacyResourceId": str(number)}
    assert node["lastOrder"]["id"] in {order["id"] for order in node["orders"]["nodes"]}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"first_name": "Ann", "last_name": ""}, "Ann"),
        ({"first_name": "Ann", "last_name": "Lee"}, "Ann Lee"),
        ({"first_name": "", "last_name": "", "email": "a@example.com"}, "a@example.com"),
        ({"first_name": "", "last_name": "", "email": "", "phone": "+15550100100"}, "+1 555-010-0100"),
        ({"first_name": "", "last_name": "", "email": "", "phone": "+442075550100"}, "+442075550100"),
    ],
)
def test_a_display_name_is_never_empty(changes: dict[str, Any], expected: str) -> None:
    assert read_customer(replace(PLAIN, **changes), "displayName") == {"displayName": expected}


def test_blank_parts_are_null() -> None:
    person = replace(PLAIN, first_name="", last_name="", is_active=False)
    selection = """firstName lastName phone state defaultPhoneNumber { phoneNumber } defaultAddress { id }
                   lastOrder { id }"""
    nothing = dict.fromkeys(("firstName", "lastName", "phone", "defaultPhoneNumber", "defaultAddress", "lastOrder"))
    assert read_customer(person, selection) == nothing | {"state": "DISABLED"}


@pytest.mark.parametrize(
    ("cents", "amount"),
    [([], "0.0"), ([500], "5.0"), ([1188490], "11884.9"), ([1, 4], "0.05"), ([123], "1.23")],
)
def test_amounts_are_not_padded(cents: list[int], amount: str) -> None:
    orders = tuple(PurchaseOrder(1001 + index, "paid", total, PLAIN.created_at) for index, total in enumerate(cents))
    node = read_customer(replace(PLAIN, orders=orders), "amountSpent { amount }")
    assert node == {"amountSpent": {"amount": amount}}


def test_a_company_without_an_address_is_lost() -> None:
    assert read_customer(replace(PLAIN, company="Acme"), "addresses { company }") == {"addresses": []}


def test_a_person_without_any_data_is_not_a_customer() -> None:
    nobody = replace(PLAIN, first_name="", last_name="", email="", phone="")
    assert shop(nobody).list_ids(first=10) == []


def test_one_customer_by_id() -> None:
    query = "query Get($id: ID!) { customer(id: $id) { legacyResourceId } }"
    store = shop()
    data = store.ask(query, id="gid://shopify/Customer/7000000000001")["data"]
    assert data == {"customer": {"legacyResourceId": "7000000000001"}}
    assert store.ask(query, id="gid://shopify/Customer/1")["data"] == {"customer": None}
    error = store.ask(query, id="gid://shopify/Order/1")["errors"][0]
    assert error["message"] == "Invalid id: gid://shopify/Order/1"


def test_orders_of_one_customer_and_by_id() -> None:
    person = next(person for person in CUSTOMERS if len(person.orders) > 1)
    store = shop()
    query = "query Of($query: String) { orders(first: 50, query: $query, sortKey: ID) { nodes { id name } } }"
    nodes = store.ask(query, query=f"customer_id:{7_000_000_000_000 + person.number}")["data"]["orders"]["nodes"]
    assert {node["name"] for node in nodes} == {f"#{order.number}" for order in person.orders}
    get = "query Get($id: ID!) { order(id: $id) { name } }"
    assert store.ask(get, id=nodes[0]["id"])["data"]["order"] == {"name": nodes[0]["name"]}
    assert store.ask(get, id="gid://shopify/Order/1")["data"]["order"] is None


def test_an_unsupported_sort_key_of_orders_is_an_error() -> None:
    error = shop().refuse("{ orders(first: 1, sortKey: DESTINATION) { nodes { id } } }")
    assert error["message"] == "The sandbox does not sort orders by DESTINATION"


@needs_shared
@pytest.mark.parametrize("name", ["graphql_customer_with_full_address_recorded", "graphql_customer_get_recorded"])
def test_values_have_the_types_of_recorded_ones(name: str) -> None:
    theirs = read_payload("shopify", name)["data"]["customer"]
    person = next(person for person in CUSTOMERS if person.email and person.phone and person.addresses)
    ours = read_customer(person, select_same(theirs))
    assert list_types(ours) == list_types(theirs)


def select_same(shown: dict[str, Any]) -> str:
    """A selection that gives the same keys."""
    parts = []
    for key, value in shown.items():
        inner = value[0] if isinstance(value, list) and value else value
        size = "(first: 5)" if isinstance(value, dict) and "pageInfo" in value else ""
        parts.append(f"{key}{size}" + (f" {{ {select_same(inner)} }}" if isinstance(inner, dict) else ""))
    return " ".join(parts)


def list_types(shown: object) -> object:
    if isinstance(shown, dict):
        return {key: list_types(value) for key, value in shown.items()}
    if isinstance(shown, list):
        return "list"
    return "boolean" if isinstance(shown, bool) else "text or null"
