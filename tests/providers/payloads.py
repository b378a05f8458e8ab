"""The payloads of customers and errors beside the checkout: which provider each belongs to, and what it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.shared_material import fixtures, objects_in, read_payload
from tests.shipped import REGISTRY
from truto_unify import (
    AuthenticationError,
    ConflictError,
    NotFoundError,
    PermissionDeniedError,
    ProviderError,
    ProviderUnavailableError,
    RateLimitedError,
    RejectedInputError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from truto_unify.mapping.mapper import Mapper

# The folder of a provider's payloads, and how the names in it begin.
PLACES = {
    "bigcommerce": ("bigcommerce", ""),
    "commerce7": ("commerce7", ""),
    "shopify": ("shopify", "graphql_"),
    "shopify_rest": ("shopify", "rest_"),
    "wix": ("wix", ""),
    "woocommerce": ("woocommerce", ""),
    "zohoinventory": ("zohoinventory", ""),
}
IS_CUSTOMER: dict[str, Callable[[dict[str, Any]], bool]] = {
    "woocommerce": lambda native: {"role", "username"} <= set(native),
    "shopify": lambda native: str(native.get("id", "")).startswith("gid://shopify/Customer/"),
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
# Their queries did not select the id of every customer.
PARTLY_WITHOUT_ID = {"graphql_customers_page1_recorded", "graphql_customers_search_keyed_recorded"}
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
    return read_payload(PLACES[slug][0], name)


def customers_in(slug: str, name: str) -> list[dict[str, Any]]:
    return [native for native in objects_in(payload(slug, name)) if IS_CUSTOMER[slug](native)]


def names_of(slug: str) -> list[str]:
    folder, head = PLACES[slug]
    return [file.stem for file in fixtures(folder) if file.stem.startswith(head)]


def mapper(slug: str) -> Mapper:
    return REGISTRY.mapper("ecommerce/customers", slug)


WITH_CUSTOMERS = [
    (slug, name)
    for slug in PLACES
    for name in names_of(slug)
    if (slug, name) not in WITHOUT_ID and name not in {*NO_CUSTOMER[slug], *ERRORS[slug], *PARTLY_WITHOUT_ID}
]
