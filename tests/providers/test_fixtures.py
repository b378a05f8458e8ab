"""Payloads beside the checkout: every recorded or documented customer maps, every error is understood."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.shared_material import SHARED, fixtures, needs_shared
from tests.shipped import REGISTRY
from tests.twins import NOW
from truto_unify import (
    AuthenticationError,
    ConflictError,
    NotFoundError,
    PermissionDeniedError,
    ProviderError,
    RateLimitedError,
    RejectedInputError,
)
from truto_unify.engine.answers import Refusal, read_answer
from truto_unify.models.ecommerce import Customer
from truto_unify.redaction import Redactor
from truto_unify.types import Response

if TYPE_CHECKING:
    from collections.abc import Callable

    from truto_unify.mapping.mapper import Mapper

pytestmark = needs_shared

# What holds no customer, and why it is here all the same.
NO_CUSTOMER = {
    "woocommerce": {
        "order_get_docs": "an order",
        "orders_list_docs": "orders",
        "orders_list_recorded": "orders",
        "product_get_docs": "a product",
        "products_list_recorded": "products",
        "webhooks_list_docs": "webhooks",
    },
    "shopify": {
        "graphql_customer_create_duplicate_email_recorded": "userErrors of a write, and no customer",
        "graphql_customer_create_invalid_phone_recorded": "userErrors of a write, and no customer",
        "graphql_customer_delete_blocked_by_orders_recorded": "userErrors of a write, and no customer",
        "graphql_customer_delete_not_found_recorded": "userErrors of a write, and no customer",
        "graphql_customer_delete_not_found_recorded_2025_04": "userErrors of a write, and no customer",
        "graphql_customer_delete_recorded": "the id of a deleted customer",
        "graphql_customers_search_no_match_recorded": "an empty page",
        "graphql_order_not_found_recorded": "a missing order",
        "graphql_products_list_recorded": "products",
    },
}
ANOTHER_API = "rest_"  # Shopify's REST API is another provider: test_fixtures_further.py
ERRORS: dict[str, dict[str, tuple[int, type[ProviderError], str | None]]] = {
    "woocommerce": {
        "error_400_email_exists_reported": (400, ConflictError, "registration-error-email-exists"),
        "error_400_per_page_over_limit_documented": (400, RejectedInputError, "rest_invalid_param"),
        "error_401_bad_secret_reported": (401, AuthenticationError, "woocommerce_rest_authentication_error"),
        "error_401_cannot_view_recorded": (401, AuthenticationError, "woocommerce_rest_cannot_view"),
        "error_401_forbidden_recorded": (401, AuthenticationError, "rest_forbidden"),
        "error_401_write_permission_reported": (401, AuthenticationError, "woocommerce_rest_authentication_error"),
        "error_404_customer_reported": (404, NotFoundError, "woocommerce_rest_invalid_id"),
        "error_404_no_route_docs": (404, NotFoundError, "rest_no_route"),
        "error_404_resource_docs": (404, NotFoundError, "woocommerce_rest_term_invalid"),
        "error_501_trash_not_supported_reported": (501, RejectedInputError, "woocommerce_rest_trash_not_supported"),
    },
    "shopify": {
        "graphql_customers_count_unsupported_filter_recorded": (200, RejectedInputError, "invalid_field"),
        "graphql_error_access_denied_field_recorded": (200, PermissionDeniedError, "ACCESS_DENIED"),
        "graphql_error_access_denied_protected_customer_data_recorded": (200, PermissionDeniedError, "ACCESS_DENIED"),
        "graphql_error_invalid_variable_recorded": (200, RejectedInputError, "INVALID_VARIABLE"),
        "graphql_error_parse_recorded": (200, RejectedInputError, "PARSE_ERROR"),
        "graphql_error_throttled_documented": (200, RateLimitedError, "THROTTLED"),
        "graphql_search_unquoted_timestamp_warning_recorded": (200, RejectedInputError, "invalid_field"),
    },
}


def read(slug: str, name: str) -> Any:
    return json.loads((SHARED / "fixtures" / slug / f"{name}.json").read_text(encoding="utf-8"))


def objects_in(value: Any) -> list[dict[str, Any]]:
    """Every JSON object at any depth, inner objects first."""
    objects: list[dict[str, Any]] = []

    def collect(document: dict[str, Any]) -> dict[str, Any]:
        objects.append(document)
        return document

    json.loads(json.dumps(value), object_hook=collect)
    return objects


IS_CUSTOMER: dict[str, Callable[[dict[str, Any]], bool]] = {
    "woocommerce": lambda native: {"role", "username"} <= set(native),
    "shopify": lambda native: str(native.get("id", "")).startswith("gid://shopify/Customer/"),
}


def customers_in(slug: str, name: str) -> list[dict[str, Any]]:
    return [native for native in objects_in(read(slug, name)) if IS_CUSTOMER[slug](native)]


def mapper(slug: str) -> Mapper:
    return REGISTRY.mapper("ecommerce/customers", slug)


def names_with_customers() -> list[tuple[str, str]]:
    return [
        (slug, file.stem)
        for slug in ERRORS
        for file in fixtures(slug)
        if file.stem not in {*NO_CUSTOMER[slug], *ERRORS[slug], *WITHOUT_ID} and not file.stem.startswith(ANOTHER_API)
    ]


# Their queries did not select the id of every customer.
WITHOUT_ID = {"graphql_customers_page1_recorded", "graphql_customers_search_keyed_recorded"}


@pytest.mark.parametrize(("slug", "name"), names_with_customers(), ids=lambda name: name)
def test_every_customer_maps_to_a_whole_unified_customer(slug: str, name: str) -> None:
    customers = customers_in(slug, name)

    unified = [mapper(slug).map(customer) for customer in customers]

    assert unified
    assert [customer["remote_data"] for customer in unified] == customers
    assert [Customer.model_validate(customer).model_dump(mode="json") for customer in unified] == unified


@pytest.mark.parametrize("name", sorted(WITHOUT_ID))
def test_a_customer_without_an_id_lacks_nothing_else(name: str) -> None:
    nodes = [node for node in objects_in(read("shopify", name)) if "email" in node and "id" not in node]

    mapped = [mapper("shopify").map_record(node) for node in nodes]

    assert [result.faults for result in mapped] == [[("id", "every record must have an id")]] * len(nodes)
    assert [result.fields["emails"][0]["email"] for result in mapped] == [node["email"] for node in nodes]


@pytest.mark.parametrize("slug", ERRORS)
def test_the_files_without_customers_are_listed_and_exist(slug: str) -> None:
    assert [name for name in {**NO_CUSTOMER[slug], **ERRORS[slug]} if customers_in(slug, name)] == []
    assert {*NO_CUSTOMER[slug], *ERRORS[slug]} <= {file.stem for file in fixtures(slug)}
    assert {file.suffix for file in fixtures(slug)} == {".json"}


@pytest.mark.parametrize(
    ("slug", "name", "expected"),
    [(slug, name, expected) for slug, table in ERRORS.items() for name, expected in table.items()],
)
def test_an_error_payload_becomes_the_right_error(
    slug: str, name: str, expected: tuple[int, type[ProviderError], str | None]
) -> None:
    status, kind, code = expected
    provider = REGISTRY.provider(slug)
    body = (SHARED / "fixtures" / slug / f"{name}.json").read_bytes()

    answer = read_answer(
        provider.config, provider.endpoint("customers.list"), Response(status, (), body), Redactor(()), NOW, slug
    )

    assert isinstance(answer, Refusal)
    assert (type(answer.error), answer.error.status_code, answer.error.code) == (kind, status, code)
    assert answer.error.raw_response == json.loads(body)
    assert answer.is_transient == (kind is RateLimitedError)


def test_a_throttled_answer_says_how_long_its_bucket_needs() -> None:
    body = read("shopify", "graphql_error_throttled_documented")
    cost = body["extensions"]["cost"]
    missing = cost["requestedQueryCost"] - cost["throttleStatus"]["currentlyAvailable"]
    provider = REGISTRY.provider("shopify")

    answer = read_answer(
        provider.config,
        provider.endpoint("customers.list"),
        Response(200, (), json.dumps(body).encode()),
        Redactor(()),
        NOW,
        "shopify",
    )

    assert isinstance(answer, Refusal)
    assert answer.error.retry_after == missing / cost["throttleStatus"]["restoreRate"]
    assert answer.error.message == "shopify: Throttled (HTTP 200)"


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
}


@pytest.mark.parametrize(("place", "facts"), FACTS.items(), ids=lambda text: "" if isinstance(text, str) else text[1])
def test_the_facts_of_a_customer(place: tuple[str, str, int], facts: str) -> None:
    slug, name, index = place

    assert in_one_line(mapper(slug).map(customers_in(slug, name)[index])) == facts


def test_an_address_id_is_a_number_and_the_default_address_says_so() -> None:
    customer, _ = customers_in("shopify", "graphql_customer_with_full_address_recorded")

    (address,) = mapper("shopify").map(customer)["addresses"]

    assert (address["id"], address["type"]) == ("12038675136818", "default")
