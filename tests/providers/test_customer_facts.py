"""Payloads beside the checkout: the facts of a customer survive the mapping."""

from __future__ import annotations

from typing import Any

import pytest

from tests.providers.payloads import WITH_CUSTOMERS, customers_in, mapper
from tests.shared_material import needs_shared

pytestmark = needs_shared

FACTS = {
    ("woocommerce", "customer_update_docs", 0): (
        "25 | James Doe |  | john.doe@example.com | (555) 555-5555 | CA/US | CA/US |  | "
        "2017-03-21T19:09:28Z | 2017-03-21T19:12:28Z"
    ),
    ("woocommerce", "customer_get_recorded_b", 0): (
        "210684524 | John Doe |  | john.doe@example.com | (555) 555-5555 | CA/US | CA/US |  | "
        "2022-11-30T20:40:42Z | 2022-11-30T20:40:43Z"
    ),
    ("woocommerce", "customers_batch_docs", 1): (
        "28 | João Silva |  | joao.silva2@example.com | joao.silva@example.com | (55) 5555-5555 | RJ/BR | RJ/BR |  | "
        "2017-03-21T19:14:00Z | 2017-03-21T19:14:01Z"
    ),
    # Only the country of the billing address is filled in, and nothing of the shipping one.
    ("woocommerce", "customers_list_recorded", 0): (
        "2 | Test Customer |  | test@nango.dev | /US |  | 2026-05-22T08:59:13Z | 2026-05-22T08:59:30Z"
    ),
    # displayName is the e-mail, which is no name.
    ("shopify", "graphql_customer_blank_scalars_recorded", 0): (
        "10820376953138 |  |  | hermes-input-validation-create-blank-scalars-1782115361907@example.com | inactive | "
        "2026-06-22T08:02:43Z | 2026-06-22T08:02:43Z"
    ),
    # displayName is the phone, which is no name.
    ("shopify", "graphql_customer_create_phone_normalized_recorded", 0): (
        "10585975554354 |  |  | +16134505293 |  | 2026-05-06T20:18:55Z | 2026-05-06T20:18:55Z"
    ),
    ("shopify", "graphql_customer_get_recorded", 0): (
        "9522206933298 | Karine Ruby |  | karine.ruby@example.com | +16135550142 | /Canada | inactive | "
        "2025-03-26T19:51:37Z | 2026-05-06T02:40:36Z"
    ),
    # The only one whose query selected the codes of country and province, and none of the times.
    ("shopify", "graphql_customer_with_full_address_recorded", 0): (
        "10548408746290 | Hermes InputAddresses |  | hermes-input-addresses-1777341836486@example.com | +14155550124 | "
        "BC/CA |  |  | "
    ),
    ("shopify", "graphql_customers_page2_recorded", 0): (
        "11026644762930 | OverlayE Bounded |  | bounded-overlay-e-ms5gfmlb@example.com | inactive | "
        "2026-07-29T02:17:29Z | 2026-07-29T02:17:29Z"
    ),
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


def in_one_line(unified: dict[str, Any]) -> str:
    """Id, name, company, e-mails, phones, states and countries, status, creation, last change; blank is null."""
    parts = (
        unified["id"],
        unified["name"],
        unified["company_name"],
        *(email["email"] for email in unified["emails"]),
        *(phone["number"] for phone in unified["phones"]),
        *(f"{address['state'] or ''}/{address['country']}" for address in unified["addresses"]),
        unified["status"],
        unified["created_at"],
        unified["updated_at"],
    )
    return " | ".join(part or "" for part in parts)


@pytest.mark.parametrize(("place", "facts"), FACTS.items(), ids=lambda text: "" if isinstance(text, str) else text[1])
def test_the_facts_of_a_customer(place: tuple[str, str, int], facts: str) -> None:
    slug, name, index = place

    assert in_one_line(mapper(slug).map(customers_in(slug, name)[index])) == facts


def test_a_third_of_the_payloads_has_its_facts() -> None:
    assert len({place[:2] for place in FACTS}) * 3 >= len(WITH_CUSTOMERS)


def test_a_flat_contact_has_its_name_its_e_mail_and_its_place() -> None:
    (contact,) = customers_in("wix", "contact_v5_create_request_docs")

    unified = mapper("wix").map({**contact, "id": "17", "revision": "1", "createdDate": "2026-01-02T03:04:05.678Z"})

    assert (
        in_one_line(unified) == "17 | Maria Gomez |  | maria.gomez@example.com | NY/US |  | 2026-01-02T03:04:05.678Z | "
    )
    assert (unified["first_name"], unified["last_name"], unified["emails"][0]["is_primary"]) == ("Maria", "Gomez", True)
