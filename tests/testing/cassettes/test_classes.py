"""Which native fields concern people: as the six mappings read them, and as stores name them."""

from __future__ import annotations

import pytest

from truto_unify import Registry
from truto_unify.testing.cassettes.classes import FieldClasses, class_of_name

REGISTRY = Registry()


@pytest.mark.parametrize(
    ("slug", "path", "found"),
    [
        ("bigcommerce", "company", "name"),
        ("bigcommerce", "addresses.state_or_province", "state"),
        ("bigcommerce", "date_created", "plain"),
        ("commerce7", "phones.phone", "phone"),
        ("commerce7", "zipCode", "postal"),
        ("commerce7", "emails.status", "plain"),
        ("shopify", "defaultPhoneNumber.phoneNumber", "phone"),
        ("shopify", "defaultAddress.company", "name"),
        ("shopify", "displayName", "name"),
        ("shopify", "amountSpent.currencyCode", "plain"),
        ("shopify", "state", "plain"),
        ("shopify_rest", "email_marketing_consent.state", "plain"),
        ("wix", "info.name.first", "name"),
        ("wix", "extendedFields.items.contacts.displayByFirstName", "name"),
        ("wix", "address.streetAddress.number", "street"),
        ("wix", "info.phones.items.e164Phone", "phone"),
        ("woocommerce", "billing.address_1", "street"),
        ("woocommerce", "billing.email", "email"),
        ("woocommerce", "billing.country", "plain"),
        ("zohoinventory", "contact_persons.mobile", "phone"),
        ("zohoinventory", "contact_name", "name"),
        ("zohoinventory", "billing_address.zip", "postal"),
    ],
)
def test_what_a_mapping_reads_is_known(slug: str, path: str, found: str) -> None:
    names = path.split(".")
    if "displayByFirstName" in path:
        names = [*names[:2], ".".join(names[2:])]

    assert FieldClasses(REGISTRY.mapping("ecommerce/customers", slug)).class_of(names) == found


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("lastName", "name"),
        ("recipient.name", "name"),
        ("line_items.name", None),
        ("customer_note", "blank"),
        ("customer_ip_address", "ip"),
        ("customer_user_agent", "blank"),
        ("accessToken", "secret"),
        ("token_type", None),
        ("order_key", "secret"),
        ("emailAddress", "email"),
        ("address1", "street"),
        ("addressLine2", "street"),
        ("birthDate", "birth"),
        ("gravatar_url", "picture"),
        ("vat_number", "number"),
        ("lat", "place"),
        ("total", None),
        ("id", None),
    ],
)
def test_a_field_says_by_its_name_what_it_holds(path: str, found: str | None) -> None:
    assert class_of_name(path.split(".")) == found
