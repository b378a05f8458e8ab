"""Payloads beside the checkout: every recorded or documented customer maps to a whole unified customer."""

from __future__ import annotations

import httpx
import pytest

from tests.providers.payloads import (
    ERRORS,
    NO_CUSTOMER,
    PARTLY_WITHOUT_ID,
    PLACES,
    WITH_CUSTOMERS,
    WITHOUT_ID,
    customers_in,
    mapper,
    names_of,
    payload,
)
from tests.shared_material import fixtures, needs_shared, objects_in
from tests.shipped import REGISTRY
from truto_unify import Account, Client
from truto_unify.models.ecommerce import Customer

pytestmark = needs_shared


@pytest.mark.parametrize(("slug", "name"), WITH_CUSTOMERS)
def test_every_customer_maps_to_a_whole_unified_customer(slug: str, name: str) -> None:
    customers = customers_in(slug, name)

    unified = [mapper(slug).map(customer) for customer in customers]

    assert unified
    assert [customer["remote_data"] for customer in unified] == customers
    assert [Customer.model_validate(customer).model_dump(mode="json") for customer in unified] == unified


@pytest.mark.parametrize(("slug", "name"), sorted(WITHOUT_ID))
def test_a_customer_without_an_id_lacks_nothing_else(slug: str, name: str) -> None:
    customers = customers_in(slug, name)

    assert customers
    assert [mapper(slug).map_record(customer).faults for customer in customers] == [
        [("id", "every record must have an id")] for _ in customers
    ]
    assert [mapper(slug).map({**customer, "id": "17"})["id"] for customer in customers] == ["17"] * len(customers)


@pytest.mark.parametrize("name", sorted(PARTLY_WITHOUT_ID))
def test_a_customer_whose_id_was_not_selected_lacks_nothing_else(name: str) -> None:
    nodes = [node for node in objects_in(payload("shopify", name)) if "email" in node and "id" not in node]

    mapped = [mapper("shopify").map_record(node) for node in nodes]

    assert [result.faults for result in mapped] == [[("id", "every record must have an id")]] * len(nodes)
    assert [result.fields["emails"][0]["email"] for result in mapped] == [node["email"] for node in nodes]


@pytest.mark.parametrize("slug", PLACES)
def test_every_file_is_accounted_for(slug: str) -> None:
    others = {*NO_CUSTOMER[slug], *ERRORS[slug]}

    assert [name for name in others if customers_in(slug, name)] == []
    assert others <= set(names_of(slug))
    assert {file.suffix for file in fixtures(PLACES[slug][0])} == {".json"}


def test_an_address_id_is_a_number_and_the_default_address_says_so() -> None:
    customer, _ = customers_in("shopify", "graphql_customer_with_full_address_recorded")

    (address,) = mapper("shopify").map(customer)["addresses"]

    assert (address["id"], address["type"]) == ("12038675136818", "default")


def test_a_contact_is_the_same_however_the_site_shows_it() -> None:
    """The recorded JavaScript form, and the same contacts with the names of the HTTP API."""
    forms = [
        [{**mapper("wix").map(native), "remote_data": None} for native in customers_in("wix", name)]
        for name in ("velo_contacts_recorded", "contacts_list_rest_from_velo_recorded")
    ]

    assert len(forms[0]) == 4
    assert forms[0] == forms[1]


@pytest.mark.parametrize(
    ("address", "state", "country"),
    [
        ({"subdivision": "US-CA", "country": "US"}, "CA", "US"),
        ({"subdivision": "US-CA"}, "CA", "US"),
        ({"subdivision": "Maine"}, "Maine", None),
        ({"subdivision": "Maine", "country": "US"}, "Maine", "US"),
        ({"city": "Rome"}, None, None),
    ],
)
def test_a_subdivision_of_wix_names_the_country_if_nothing_else_does(
    address: dict[str, str], state: str | None, country: str | None
) -> None:
    contact = {"id": "17", "info": {"addresses": {"items": [{"address": {"city": "Rome", **address}}]}}}
    (unified,) = mapper("wix").map(contact)["addresses"]

    assert (unified["state"], unified["country"]) == (state, country)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("contacts_list_page1_active_recorded", ["260815000000097001"]),
        (
            "books_contacts_list_all_recorded",
            [
                "260815000000097001",
                "260815000000109009",
                "260815000000103045",
                "260815000000129001",
                "260815000000112011",
            ],
        ),
    ],
)
def test_vendors_in_a_recorded_list_are_left_out(name: str, expected: list[str]) -> None:
    account = Account(
        provider="zohoinventory", credentials={"access_token": "token-17"}, context={"organization_id": "927270289"}
    )
    body = payload("zohoinventory", name)

    with Client(REGISTRY, transport=httpx.MockTransport(lambda _: httpx.Response(200, json=body))) as client:
        page = client.list("ecommerce/customers", account)

    assert [record.id for record in page.result] == expected
    assert page.is_partial_response is True
    assert (page.next_cursor is not None) == body["page_context"]["has_more_page"]
