"""The payloads beside the checkout of the other providers: customers, their orders, and errors."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.providers.test_fixtures import in_one_line, mapper, objects_in, read
from tests.shared_material import SHARED, fixtures, needs_shared
from tests.shipped import REGISTRY
from tests.twins import NOW
from truto_unify import (
    Account,
    AuthenticationError,
    Client,
    ConflictError,
    NotFoundError,
    PermissionDeniedError,
    ProviderError,
    ProviderUnavailableError,
    RateLimitedError,
    RejectedInputError,
)
from truto_unify.engine.answers import Refusal, read_answer
from truto_unify.models.ecommerce import Customer
from truto_unify.redaction import Redactor
from truto_unify.types import Response

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = needs_shared

# The folder of a provider's payloads, and how the names in it begin.
PLACES = {
    "bigcommerce": ("bigcommerce", ""),
    "commerce7": ("commerce7", ""),
    "shopify_rest": ("shopify", "rest_"),
    "wix": ("wix", ""),
    "zohoinventory": ("zohoinventory", ""),
}
IS_CUSTOMER: dict[str, Callable[[dict[str, Any]], bool]] = {
    "bigcommerce": lambda native: {"email", "customer_group_id"} <= set(native),
    "commerce7": lambda native: {"firstName", "emails"} <= set(native),
    "shopify_rest": lambda native: {"email", "tags"} <= set(native) and "financial_status" not in native,
    "wix": lambda native: "revision" in native or {"name", "email"} <= set(native),
    "zohoinventory": lambda native: {"contact_id", "contact_name", "contact_type"} <= set(native),
}
# Bodies of requests, and examples of the documentation that repeat them: they have no id, and lack nothing else.
WITHOUT_ID = {
    ("bigcommerce", "v3_customers_create_request_docs"),
    ("bigcommerce", "v3_customers_create_response_docs"),
    ("bigcommerce", "v3_customers_list_docs"),
    ("commerce7", "customer_create_request_docs"),
    ("commerce7", "customer_create_with_address_request_docs"),
    ("wix", "contact_v5_create_request_docs"),
}
NO_CUSTOMER = {
    "bigcommerce": {
        "v2_customer_addresses_list_docs": "addresses",
        "v2_order_get_recorded": "an order",
        "v2_order_statuses_list_recorded": "statuses of orders",
        "v3_addresses_list_docs": "addresses",
        "v3_addresses_list_recorded": "addresses",
        "v3_attributes_list_docs": "attributes",
        "v3_customer_delete_recorded": "nothing",
        "v3_customers_list_empty_recorded": "an empty page",
        "v3_form_field_values_list_docs": "values of form fields",
        "v3_products_list_recorded": "products",
        "v3_subscriber_create_recorded": "a subscriber, which is another resource",
        "webhook_customer_address_created_docs": "ids alone",
        "webhook_customer_created_docs": "an id alone",
        "webhook_customer_deleted_docs": "an id alone",
    },
    "commerce7": {
        "customer_address_get_docs": "an address",
        "customer_addresses_list_all_docs": "addresses",
        "customer_addresses_list_one_customer_docs": "addresses",
        "order_get_docs": "an order",
        "orders_list_page_docs": "orders",
        "product_get_docs": "a product",
        "webhook_bulk_update_body_docs": "a link",
        "webhook_registration_get_docs": "a webhook",
    },
    "shopify_rest": {
        "rest_customer_addresses_list_docs": "addresses",
        "rest_customer_create_request_docs": "a request without tags",
        "rest_customer_delete_docs": "nothing",
        "rest_customer_update_request_docs": "a change of two fields",
        "rest_customers_count_docs": "a number",
        "rest_products_list_docs": "products",
        "rest_redirects_list_recorded": "redirects",
    },
    "wix": {
        "contact_delete_response_docs": "nothing",
        "contacts_facets_docs": "counts",
        "ecom_order_get_docs": "an order",
        "stores_v2_order_get_docs": "an order",
        "stores_v2_orders_query_docs": "orders",
    },
    "zohoinventory": {
        "contact_address_get_docs": "addresses",
        "contact_delete_docs": "a message",
        "contact_mark_active_docs": "a message",
        "contact_mark_active_recorded": "a message",
        "contact_mark_inactive_recorded": "a message",
        "contact_persons_list_docs": "persons",
        "item_get_docs": "an item",
        "organizations_list_recorded": "organisations",
        "salesorder_get_docs": "an order",
        "salesorders_list_recorded": "orders",
    },
}
ERRORS: dict[str, dict[str, tuple[int, type[ProviderError], str | None]]] = {
    "bigcommerce": {
        "v2_error_413_limit_reported": (413, RejectedInputError, "413"),
        "v3_error_400_docs": (400, RejectedInputError, "400"),
        "v3_error_403_scope_reported": (403, PermissionDeniedError, "403"),
        "v3_error_404_docs": (404, NotFoundError, "404"),
        "v3_error_404_reported": (404, NotFoundError, "404"),
        "v3_error_422_create_docs": (422, RejectedInputError, "422"),
        "v3_error_422_json_reported": (422, RejectedInputError, "422"),
        "v3_error_422_missing_fields_docs": (422, RejectedInputError, "422"),
    },
    "commerce7": {
        "error_401_recorded": (401, AuthenticationError, "unauthorized"),
        "error_422_validation_recorded": (422, RejectedInputError, "validationError"),
    },
    "shopify_rest": {
        "rest_error_400_page_info_invalid_reported": (400, RejectedInputError, None),
        "rest_error_400_page_info_with_filter_reported": (400, RejectedInputError, None),
        "rest_error_401_docs": (401, AuthenticationError, None),
        "rest_error_402_docs": (402, PermissionDeniedError, None),
        "rest_error_403_docs": (403, PermissionDeniedError, None),
        "rest_error_404_docs": (404, NotFoundError, None),
        "rest_error_422_docs": (422, RejectedInputError, None),
        "rest_error_422_email_taken_reported": (422, RejectedInputError, None),
        "rest_error_429_docs": (429, RateLimitedError, None),
        "rest_error_500_docs": (500, ProviderUnavailableError, None),
    },
    "wix": {
        "error_400_filter_field_not_declared_recorded": (400, RejectedInputError, None),
        "error_400_validation_docs": (400, RejectedInputError, "INVALID_NOTE"),
        "error_409_duplicate_contact_docs": (409, ConflictError, "DUPLICATE_CONTACT_EXIST"),
        "error_500_system_docs": (500, ProviderUnavailableError, None),
        "error_application_error_docs": (400, RejectedInputError, "NO_FUNDS"),
    },
    "zohoinventory": {
        "error_1002_not_found_docs": (404, NotFoundError, "1002"),
        "error_401_code14_recorded": (401, AuthenticationError, "14"),
    },
}


def payload(slug: str, name: str) -> Any:
    return read(PLACES[slug][0], name)


def customers_in(slug: str, name: str) -> list[dict[str, Any]]:
    return [native for native in objects_in(payload(slug, name)) if IS_CUSTOMER[slug](native)]


def names_of(slug: str) -> list[str]:
    folder, head = PLACES[slug]
    return [file.stem for file in fixtures(folder) if file.stem.startswith(head)]


WITH_CUSTOMERS = [
    (slug, name)
    for slug in PLACES
    for name in names_of(slug)
    if (slug, name) not in WITHOUT_ID and name not in {*NO_CUSTOMER[slug], *ERRORS[slug]}
]


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


@pytest.mark.parametrize("slug", PLACES)
def test_every_file_is_accounted_for(slug: str) -> None:
    others = {*NO_CUSTOMER[slug], *ERRORS[slug]}

    assert [name for name in others if customers_in(slug, name)] == []
    assert others <= set(names_of(slug))


# ------------------------------------------------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("slug", "name", "expected"),
    [(slug, name, expected) for slug, table in ERRORS.items() for name, expected in table.items()],
)
def test_an_error_payload_becomes_the_right_error(
    slug: str, name: str, expected: tuple[int, type[ProviderError], str | None]
) -> None:
    status, kind, code = expected
    provider = REGISTRY.provider(slug)
    body = (SHARED / "fixtures" / PLACES[slug][0] / f"{name}.json").read_bytes()

    answer = read_answer(
        provider.config, provider.endpoint("customers.list"), Response(status, (), body), Redactor(()), NOW, slug
    )

    assert isinstance(answer, Refusal)
    assert (type(answer.error), answer.error.status_code, answer.error.code) == (kind, status, code)
    assert answer.error.raw_response == json.loads(body)
    assert answer.is_transient == (kind in {RateLimitedError, ProviderUnavailableError})


@pytest.mark.parametrize(
    ("slug", "name", "message"),
    [
        ("bigcommerce", "v2_error_413_limit_reported", "The specified limit exceeds the maximum"),
        ("bigcommerce", "v3_error_400_docs", "Syntax error"),
        ("bigcommerce", "v3_error_403_scope_reported", "You don't have a required scope"),
        ("commerce7", "error_401_recorded", "Unauthenticated User"),
        ("commerce7", "error_422_validation_recorded", "invalid: required"),
        ("shopify_rest", "rest_error_401_docs", "Invalid API key or access token"),
        ("shopify_rest", "rest_error_422_docs", "The fulfillment order is not in an open state"),
        ("shopify_rest", "rest_error_422_email_taken_reported", "has already been taken"),
        ("wix", "error_400_filter_field_not_declared_recorded", "is not declared as filterable"),
        ("wix", "error_409_duplicate_contact_docs", "Duplicate contact exists"),
        ("zohoinventory", "error_401_code14_recorded", "The request could not be authenticated"),
    ],
)
def test_an_error_says_what_the_store_said(slug: str, name: str, message: str) -> None:
    provider = REGISTRY.provider(slug)
    response = Response(ERRORS[slug][name][0], (), json.dumps(payload(slug, name)).encode())

    answer = read_answer(provider.config, provider.endpoint("customers.list"), response, Redactor(()), NOW, slug)

    assert isinstance(answer, Refusal)
    assert message in answer.error.message


@pytest.mark.parametrize("name", ["error_1002_not_found_docs", "error_401_code14_recorded"])
def test_an_error_inside_a_good_status_is_an_error(name: str) -> None:
    provider = REGISTRY.provider("zohoinventory")
    response = Response(200, (), json.dumps(payload("zohoinventory", name)).encode())

    answer = read_answer(provider.config, provider.endpoint("customers.get"), response, Redactor(()), NOW, "zoho")

    assert isinstance(answer, Refusal)
    assert type(answer.error) is ERRORS["zohoinventory"][name][1]


# ------------------------------------------------------------------------------------------------------- orders


def orders_in(slug: str, name: str) -> list[dict[str, Any]]:
    keys = {
        "bigcommerce": "status_id",
        "commerce7": "paymentStatus",
        "shopify": "currentTotalPriceSet",
        "shopify_rest": "financial_status",
        "wix": "buyerInfo",
        "zohoinventory": "salesorder_id",
    }
    folder = PLACES.get(slug, (slug, ""))[0]
    return [native for native in objects_in(read(folder, name)) if keys[slug] in native]


@pytest.mark.parametrize(
    ("slug", "name", "expected"),
    [
        ("bigcommerce", "v2_order_get_recorded", [("100", "Awaiting Fulfillment", "109.0000")]),
        ("commerce7", "order_get_docs", [("cf61d2ca-41d5-44f4-8e46-17ef90c83920", "Paid", "50.40")]),
        (
            "commerce7",
            "orders_list_page_docs",
            [
                ("d0052cb7-f4b4-4e38-86c0-a5a003442ee6", "Paid", "123.20"),
                ("cf61d2ca-41d5-44f4-8e46-17ef90c83920", "Paid", "50.40"),
            ],
        ),
        ("commerce7", "webhook_order_update_recorded", [("e15e4d80-d81b-40f4-aea1-d445e0ec8f3f", "Paid", "85.10")]),
        ("shopify", "graphql_customer_orders_recorded", [("8891577729330", None, "0.0")]),
        # The first lacks current_total_price.
        ("shopify_rest", "rest_orders_list_docs", [("450789469", "partially_refunded", "598.94")]),
        ("shopify_rest", "rest_customer_orders_docs", [("450789469", "partially_refunded", "199.65")]),
        ("wix", "ecom_order_get_docs", [("265c7d98-a7c3-48c4-89cd-bbdc00921eab", "PAID", "215.66")]),
        ("wix", "stores_v2_order_get_docs", [("7001d34b-11a6-4a34-8746-dc8ababeca42", "PARTIALLY_PAID", "130.00")]),
        ("wix", "stores_v2_orders_query_docs", [("265c7d98-a7c3-48c4-89cd-bbdc00921eab", "PAID", "215.66")]),
        ("zohoinventory", "salesorder_get_docs", [("4815000000044895", "fulfilled", "350")]),
        (
            "zohoinventory",
            "salesorders_list_recorded",
            [("260815000000163482", "draft", "300"), ("260815000000162485", "draft", "300")],
        ),
    ],
)
def test_orders_map_through_their_side_load(slug: str, name: str, expected: list[tuple[str, str | None, str]]) -> None:
    record = mapper(slug).map(
        {"id": 1, "contact_id": 1, "legacyResourceId": 1}, loaded={"orders": orders_in(slug, name)}
    )

    assert [(order["id"], order["status"], order["total_amount"]) for order in record["orders"]] == expected


@pytest.mark.parametrize(
    ("slug", "name", "path", "places"),
    [
        ("bigcommerce", "v3_addresses_list_recorded", "data", ["123 Test St/Austin/US"]),
        ("bigcommerce", "v3_addresses_list_docs", "data", ["123 Example Street/Austin/US"]),
        (
            "commerce7",
            "customer_addresses_list_one_customer_docs",
            "customerAddresses",
            ["289 Alexander Street/Vancouver/CA", "33925 Araki Court/Mission/CA"],
        ),
        ("shopify_rest", "rest_customer_addresses_list_docs", "addresses", ["Chestnut Street 92/Louisville/US"]),
    ],
)
def test_addresses_map_through_their_side_load(slug: str, name: str, path: str, places: list[str]) -> None:
    record = mapper(slug).map({"id": 1}, loaded={"addresses": payload(slug, name)[path]})

    addresses = record["addresses"]
    assert [f"{address['street_1']}/{address['city']}/{address['country']}" for address in addresses] == places


# -------------------------------------------------------------------------------------------------------- facts

FACTS = {
    # Version 2: a time as in a letter, and a link in place of the addresses.
    ("bigcommerce", "v2_customers_list_docs", 0): (
        "1 | Jane Doe |  | jane@example.com |  | 2018-01-10T21:02:23Z | 2018-05-10T20:18:01Z"
    ),
    ("bigcommerce", "v3_customer_id23_two_addresses_docs", 0): (
        "23 | John Doe | BigCommerce | johndoe@example.com | 1234567890 | New South Wales/AU | Ohio/US |  | "
        "2019-02-19T18:34:16Z | 2019-02-19T18:34:16Z"
    ),
    ("bigcommerce", "v3_customers_create_two_recorded", 1): (
        "3 | Joe Blogs |  | joe@spam.me |  | 2020-09-04T00:17:10Z | 2020-09-04T00:17:10Z"
    ),
    ("bigcommerce", "v3_customers_list_recorded", 1): (
        "1 | Test User |  | testuser@nangotest.com |  | 2026-06-18T12:03:42Z | 2026-06-18T12:04:21Z"
    ),
    # A customer inside an order is shorter: it has no status of the e-mail, and the place has no street.
    ("commerce7", "customer_embedded_in_order_webhook_recorded", 0): (
        "800c840e-2241-43de-b3ec-89e10eab135e | Jason Andres |  | jasonandres@gmail.com | +17782417806 | BC/CA |  | "
        "2021-07-09T19:01:12.815Z | 2023-03-03T19:57:05.496Z"
    ),
    ("commerce7", "webhook_order_update_recorded", 0): (
        "800c840e-2241-43de-b3ec-89e10eab135e | Jason Andres |  | jasonandres@gmail.com | +17782417806 | BC/CA |  | "
        "2021-07-09T19:01:12.815Z | 2023-03-03T19:57:05.496Z"
    ),
    ("shopify_rest", "rest_customer_get_2015_docs", 0): (
        "207119551 | Bob Norman |  | bob.norman@hostmail.com | 555-625-1199 | KY/US | inactive | "
        "2015-05-27T22:11:24Z | 2015-05-27T22:11:24Z"
    ),
    ("shopify_rest", "rest_customer_subscribed_with_company_recorded", 0): (
        "6569096478909 | New Test Customer | Test Company | test@test.com | +380630000000 | NJ/US | inactive | "
        "2023-04-13T09:30:04Z | 2023-04-24T13:53:48Z"
    ),
    ("shopify_rest", "rest_customers_list_four_2026_01_docs", 2): (
        "562393516 | Dom Toretto |  | dom.toretto@mail.example.com | +12016251199 | KY/US | inactive | "
        "2026-01-10T01:53:19Z | 2026-01-10T01:53:19Z"
    ),
    # Only some fields were asked for.
    ("shopify_rest", "rest_customers_search_fields_docs", 0): (
        "1073339460 | Isabella Garcia |  | isabella.garcia@example.com |  |  | "
    ),
    # The customer inside an order.
    ("shopify_rest", "rest_customer_orders_docs", 0): (
        "207119551 | Bob Norman |  | bob.norman@mail.example.com | +16136120707 | 555-625-1199 | KY/US | inactive | "
        "2025-07-02T16:27:13Z | 2025-07-02T16:27:13Z"
    ),
    ("wix", "contact_get_full_docs", 0): (
        "8046df3c-7575-4098-a5ab-c91ad8f33c47 | Some One | Wix | email@example.com | email2@example.com | "
        "+97297495550 | +380443955571 | ME/US | ME/US | active | 2019-10-30T17:22:10.299Z | 2019-10-30T17:22:10.299Z"
    ),
    # Neither names nor anything else but the time of the last change was asked for.
    ("wix", "contact_get_projected_fields_docs", 0): (
        "8046df3c-7575-4098-a5ab-c91ad8f33c47 |  |  |  |  | 2019-10-30T17:22:10.299Z"
    ),
    ("wix", "contacts_list_rest_from_velo_recorded", 1): (
        "bc0ae72b-3285-485b-b0ad-c32c769a4daf | Gene Lopez | Borer and Sons, Attorneys at Law | "
        "gene.lopez.at.home@example.com | gene.lopez@example.com | (722)-138-3099 | +17044541233 | WY/US |  | "
        "2021-03-30T13:12:39.650Z | 2021-04-07T21:03:39.481Z"
    ),
    # The documentation of this customer shows no lists, but the address and the number that they would hold.
    ("wix", "contacts_query_by_last_name_docs", 1): (
        "e50c4534-d0a5-11ea-87d0-0242ac130003 | Jane Smith |  | email211@example.com | 097499991 |  |  | "
    ),
    # The billing address is filled in, the shipping one is blank; created in New York.
    ("zohoinventory", "contact_get_address_no_persons_recorded", 0): (
        "260815000000097001 | Acme Corp |  | NY/US | active | 2026-06-09T13:45:19Z | 2026-06-09T17:15:33Z"
    ),
    ("zohoinventory", "contacts_list_page1_active_recorded", 0): (
        "260815000000097001 | Acme Corp |  | active | 2026-06-09T13:45:19Z | 2026-06-09T17:15:33Z"
    ),
    ("zohoinventory", "books_contacts_list_all_recorded", 3): (
        "260815000000109009 | Test Agent Contact | Test Corp | active | 2026-06-09T17:15:06Z | 2026-06-09T17:15:06Z"
    ),
    # The documentation writes ids and postal codes as numbers, and days in place of times.
    ("zohoinventory", "contact_get_docs", 0): (
        "460000000026049 | Bowman and Co | Bowman and Co | willsmith@bowmanfurniture.com | +1-925-921-9201 | "
        "+1-4054439562 | California/U.S.A | California/U.S.A | active |  | "
    ),
}


@pytest.mark.parametrize(("place", "facts"), FACTS.items(), ids=lambda text: "" if isinstance(text, str) else text[1])
def test_the_facts_of_a_customer(place: tuple[str, str, int], facts: str) -> None:
    slug, name, index = place

    assert in_one_line(mapper(slug).map(customers_in(slug, name)[index])) == facts


def test_a_third_of_the_payloads_has_its_facts() -> None:
    assert len({place[:2] for place in FACTS}) * 3 >= len(WITH_CUSTOMERS)


def test_a_contact_is_the_same_however_the_site_shows_it() -> None:
    """The recorded JavaScript form, and the same contacts with the names of the HTTP API."""
    forms = [
        [{**mapper("wix").map(native), "remote_data": None} for native in customers_in("wix", name)]
        for name in ("velo_contacts_recorded", "contacts_list_rest_from_velo_recorded")
    ]

    assert len(forms[0]) == 4
    assert forms[0] == forms[1]


def test_a_flat_contact_has_its_name_its_e_mail_and_its_place() -> None:
    (contact,) = customers_in("wix", "contact_v5_create_request_docs")

    unified = mapper("wix").map({**contact, "id": "17", "revision": "1", "createdDate": "2026-01-02T03:04:05.678Z"})

    assert (
        in_one_line(unified) == "17 | Maria Gomez |  | maria.gomez@example.com | NY/US |  | 2026-01-02T03:04:05.678Z | "
    )
    assert (unified["first_name"], unified["last_name"], unified["emails"][0]["is_primary"]) == ("Maria", "Gomez", True)


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
