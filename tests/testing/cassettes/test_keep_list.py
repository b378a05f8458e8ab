"""Leaves stay for their name, for what a mapping reads and for their form; never those of a person."""

from __future__ import annotations

import hashlib

import pytest

from tests.shipped import REGISTRY
from truto_unify.testing.cassettes.keep_list import KeepList, class_of_name, personal_texts, plain_words

CUSTOMERS = "ecommerce/customers"


@pytest.mark.parametrize(
    ("slug", "path", "expected"),
    [
        ("bigcommerce", "company", None),
        ("bigcommerce", "date_created", "time"),
        ("commerce7", "phones.phone", None),
        ("commerce7", "zipCode", None),
        ("commerce7", "emails.status", "status"),
        ("shopify", "defaultPhoneNumber.phoneNumber", None),
        ("shopify", "displayName", None),
        ("shopify", "amountSpent.currencyCode", "word"),
        ("shopify", "state", "status"),
        ("wix", "info.name.first", None),
        ("wix", "address.streetAddress.number", None),
        ("wix", "address.country", "country"),
        ("wix", "priceSummary.total.amount", "amount"),
        ("woocommerce", "billing.address_1", None),
        ("woocommerce", "billing.country", "country"),
        ("woocommerce", "date_created_gmt", "time"),
        ("zohoinventory", "contact_name", None),
        ("zohoinventory", "contact_id", "id"),
    ],
)
def test_what_a_mapping_reads_is_known(slug: str, path: str, expected: str | None) -> None:
    assert KeepList(REGISTRY.mapping(CUSTOMERS, slug)).class_of(path.split(".")) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("customer_id", "id"),
        ("legacyResourceId", "id"),
        ("tax_id", None),
        ("facebookId", None),
        ("createdAt", "time"),
        ("date_modified_gmt", "time"),
        ("birthDate", None),
        ("date_of_birth", None),
        ("paymentStatus", "word"),
        ("zip_code", None),
        ("total_count", "amount"),
        ("country_code", "code"),
        ("token_type", "word"),
        ("access_token", None),
        ("lastName", None),
        ("customer_note", None),
        ("lat", None),
        ("key", None),
        ("", None),
    ],
)
def test_a_field_says_by_its_name_what_it_holds(name: str, expected: str | None) -> None:
    assert class_of_name(name) == expected


@pytest.mark.parametrize(
    ("name", "text", "stays"),
    [
        ("id", "17", True),
        ("id", "gid://shop/Customer/1234567890", True),
        ("id", "cus_01M86TGQR2E50THW1X4RQQ8SWY", True),
        ("id", "11112222-3333-4444-5555-666677778888", True),
        ("id", "ana-silva", False),
        ("id", "jsmith85", False),
        ("id", "ana@shop.com", False),
        ("id", "+34612481937", False),
        ("status", "on-hold", True),
        ("status", "Luis (brother)", False),
        ("status", "asked for by Ana", False),
        ("country", "PT", True),
        ("country_name", "United States of America", True),
        ("state", "US-ME", True),
        ("state", "California", False),
        ("created_at", "2024-05-02T08:00:00.120+0200", True),
        ("created_at", "Tue, 24 Nov 2026 13:20:50 GMT", True),
        ("created_at", "by Ana", False),
        ("total", "-12.50", True),
        ("total", "83.44.12.201", False),
        ("note", "true", True),
        ("note", "17", False),
    ],
)
def test_a_leaf_stays_only_in_the_form_of_its_class(name: str, text: str, stays: bool) -> None:
    assert KeepList().keeps([name], text) is stays


def test_the_words_of_the_configuration_stay_wherever_no_person_is_read() -> None:
    keep_list = KeepList(REGISTRY.mapping(CUSTOMERS, "wix"))

    assert keep_list.keeps(["anything"], "UNTAGGED")
    assert keep_list.keeps(["label"], "emailSubscriptions.subscriptionStatus") is False
    assert not keep_list.keeps(["name", "first"], "UNTAGGED")


def test_what_a_person_has_stays_nowhere() -> None:
    keep_list = KeepList(REGISTRY.mapping(CUSTOMERS, "woocommerce"))
    for text in ("Zorrilla Oquincannon", "z.oq@gmail.com", "+34 612 481 937", "17"):
        keep_list.learn_person(text)
    computed = hashlib.md5(b"z.oq@gmail.com").hexdigest()

    leaves = [("id", "34612481937"), ("id", "zorrilla_17"), ("id", computed), ("status", "oquincannon"), ("id", "17")]

    assert [text for name, text in leaves if keep_list.keeps([name], text)] == ["17"]
    assert [name for name in ("first_name", "zorrilla", "last_name@x.com") if keep_list.keeps_key(name)] == [
        "first_name"
    ]


def test_the_people_of_unified_records_are_their_texts() -> None:
    mapping = REGISTRY.mapping(CUSTOMERS, "woocommerce")
    record = {
        "id": "17",
        "name": "Ana Silva",
        "emails": [{"email": "ana@shop.com", "type": "billing", "status": "subscribed", "is_primary": True}],
        "addresses": [{"city": "Porto", "state": "Norte", "country": "PT"}],
        "currency": "EUR",
        "status": "active",
        "created_at": "2024-05-02T08:00:00Z",
    }

    assert [*personal_texts(mapping, [record])] == ["Ana Silva", "ana@shop.com", "Porto"]


def test_the_words_of_messages_are_in_order_and_small() -> None:
    assert plain_words() == {word.casefold() for word in plain_words()}
    assert {"customer", "invalid", "title"} < plain_words()
    assert plain_words().isdisjoint({"will", "may", "bill", "mark", "grant", "price", "grace", "rose"})
