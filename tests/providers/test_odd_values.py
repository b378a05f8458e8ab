"""What real stores send and their documentation does not mention: an odd value loses its own field, and no other.

Each record is mapped as a value and from the bytes of a page, with the same result.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.shipped import REGISTRY
from truto_unify import Account, Client

if TYPE_CHECKING:
    from truto_unify.mapping.mapper import Mapper

WOO = Account(
    provider="woocommerce",
    credentials={"consumer_key": "ck_1", "consumer_secret": "cs_1"},
    context={"store_url": "https://shop.example"},
)


@cache
def mapper(slug: str) -> Mapper:
    return REGISTRY.mapper("ecommerce/customers", slug)


def fields(slug: str, native: dict[str, Any]) -> dict[str, Any]:
    """The unified fields that are not empty, from both ways."""
    unified = mapper(slug).map(native)
    page = {"woocommerce": [native], "shopify_rest": {"customers": [native]}, "wix": {"contacts": [native]}}[slug]
    (from_bytes,) = json.loads(mapper(slug).map_page(json.dumps(page).encode()))
    assert from_bytes == unified
    return {name: value for name, value in unified.items() if value not in (None, [], "") and name != "remote_data"}


def filled(parts: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in parts.items() if value is not None}


def test_wordpress_keeps_the_names_of_users_as_html_and_what_a_checkout_takes_down_as_text() -> None:
    native = {
        "id": 1,
        "first_name": "Tom &amp; Ana",
        "last_name": "O&#8217;Brien",
        "billing": {"company": "Blue &amp; Co", "address_1": "Tower &amp; Gate", "city": "Cork"},
    }

    unified = fields("woocommerce", native)
    (address,) = unified.pop("addresses")

    assert unified == {
        "id": "1",
        "name": "Tom & Ana O\u2019Brien",
        "first_name": "Tom & Ana",
        "last_name": "O\u2019Brien",
        "company_name": "Blue & Co",
    }
    assert filled(address) == {"type": "billing", "street_1": "Tower &amp; Gate", "city": "Cork"}


def test_false_counts_as_absent_as_php_writes_it() -> None:
    billing = {"company": False, "address_1": "1 Quay", "address_2": False, "city": "Porto", "phone": False}

    unified = fields("woocommerce", {"id": 1, "first_name": "Ana", "last_name": False, "billing": billing})
    (address,) = unified.pop("addresses")

    assert unified == {"id": "1", "name": "Ana", "first_name": "Ana"}
    assert filled(address) == {"type": "billing", "street_1": "1 Quay", "city": "Porto"}


def test_a_zero_date_costs_the_date() -> None:
    native = {
        "id": 1,
        "email": "ana@example.test",
        "date_created_gmt": "0000-00-00T00:00:00",
        "date_modified_gmt": False,
    }

    assert fields("woocommerce", native) == {
        "id": "1",
        "emails": [{"email": "ana@example.test", "type": "primary", "status": None, "is_primary": True}],
    }


def test_letters_that_show_nothing_are_no_name() -> None:
    native = {"id": 1, "first_name": "\u200bAna", "last_name": "\u200b", "billing": {"company": "\ufeff"}}

    assert fields("woocommerce", native) == {"id": "1", "name": "Ana", "first_name": "Ana"}


def test_a_customer_of_shopify_may_come_with_its_default_address_alone() -> None:
    address = {"id": 9, "address1": "1 Quai", "city": "Lyon", "country_code": "FR", "phone": "+33 1", "default": True}

    unified = fields("shopify_rest", {"id": 1, "default_address": address})

    assert unified["phones"] == [{"number": "+33 1", "extension": None, "type": "address"}]
    assert [filled(item) for item in unified["addresses"]] == [
        {"id": "9", "type": "default", "street_1": "1 Quai", "city": "Lyon", "country": "FR"}
    ]


@pytest.mark.parametrize(
    ("address", "street"),
    [
        ({"formattedAddress": "1 Main St\nTown, CA 90000"}, "1 Main St\nTown, CA 90000"),
        ({"formattedAddress": "1 Main St\nTown", "addressLine": "1 Main St"}, "1 Main St"),
        ({"formattedAddress": "Town, US", "city": "Town"}, None),
    ],
)
def test_an_address_of_wix_may_be_one_text(address: dict[str, str], street: str | None) -> None:
    unified = fields("wix", {"id": "1", "info": {"addresses": {"items": [{"tag": "HOME", "address": address}]}}})

    assert [item["street_1"] for item in unified["addresses"]] == [street]


def test_newer_answers_of_wix_hold_the_primary_email_with_its_subscription() -> None:
    primary = {"email": "ana@example.test", "subscriptionStatus": "SUBSCRIBED"}

    assert fields("wix", {"id": "1", "primaryEmail": primary})["emails"] == [
        {"email": "ana@example.test", "type": None, "status": "SUBSCRIBED", "is_primary": True}
    ]


GAPS = '{"0": {"id": 1, "n": 1.10}, "2": {"id": 3}}'


def test_php_writes_a_list_with_gaps_as_an_object() -> None:
    records = json.loads(mapper("woocommerce").map_page(GAPS.encode()))

    assert [record["id"] for record in records] == ["1", "3"]
    assert b'"remote_data":{"id": 1, "n": 1.10}' in mapper("woocommerce").map_page(GAPS.encode())


def test_a_list_call_reads_such_an_object_as_the_list_that_it_is() -> None:
    headers = {"Content-Type": "application/json", "X-WP-Total": "2", "X-WP-TotalPages": "1"}
    transport = httpx.MockTransport(lambda _request: httpx.Response(200, text=GAPS, headers=headers))

    with Client(transport=transport) as client:
        page = client.list("ecommerce/customers", WOO)

    assert ([customer.id for customer in page.result], page.next_cursor) == (["1", "3"], None)
