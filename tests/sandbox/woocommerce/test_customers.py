"""What the pretend WooCommerce shop shows of a person."""

from __future__ import annotations

from dataclasses import replace

from tests.sandbox.woocommerce.shop import CUSTOMERS, get_customer, pick


def test_times_are_in_the_site_zone_and_their_twins_in_utc() -> None:
    summer = pick(lambda p: p.created_at.month == 7)
    record = get_customer(summer)
    assert record["date_created_gmt"] == summer.created_at.strftime("%Y-%m-%dT%H:%M:%S")
    local = summer.created_at.replace(hour=(summer.created_at.hour + 2) % 24)
    assert record["date_created"][11:] == local.strftime("%H:%M:%S")


def test_an_untouched_person_has_no_time_of_change() -> None:
    record = get_customer(pick(lambda p: p.updated_at == p.created_at))
    assert (record["date_modified"], record["date_modified_gmt"]) == (None, None)


def test_the_phone_carries_its_extension() -> None:
    person = pick(lambda p: bool(p.phone_extension))
    assert get_customer(person)["billing"]["phone"] == f"{person.phone} x{person.phone_extension}"


def test_an_extension_on_the_address_phone_only_is_kept() -> None:
    person = pick(lambda p: not p.phone and any(" x" in address.phone for address in p.addresses))
    assert get_customer(person)["billing"]["phone"] == person.addresses[0].phone


def test_only_two_addresses_fit() -> None:
    person = pick(lambda p: len(p.addresses) == 12)
    record = get_customer(person)
    assert record["billing"]["address_1"] == person.addresses[0].street_1
    assert record["shipping"]["address_1"] == person.addresses[1].street_1
    assert record["shipping"]["phone"] == person.addresses[1].phone


def test_a_second_email_becomes_the_billing_email() -> None:
    person = pick(lambda p: bool(p.second_email))
    assert get_customer(person)["billing"]["email"] == person.second_email
    assert get_customer(pick(lambda p: not p.second_email))["billing"]["email"] == ""


def test_a_person_with_nothing_has_blank_addresses() -> None:
    bare = replace(CUSTOMERS[0], phone="", company="", second_email="", addresses=(), phone_extension="")
    record = get_customer(bare)
    assert set(record["billing"].values()) == {""}
    assert set(record["shipping"].values()) == {""}
    assert len(record["billing"]) == 11
    assert len(record["shipping"]) == 10


def test_a_company_needs_no_address() -> None:
    person = replace(CUSTOMERS[0], company="Acme", addresses=())
    billing = get_customer(person)["billing"]
    assert (billing["company"], billing["first_name"]) == ("Acme", person.first_name)
