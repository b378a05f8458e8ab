from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from truto_unify.sandbox.people import invent_people

PEOPLE = invent_people()
ORDERS = [order for person in PEOPLE for order in person.orders]


@given(count=st.integers(min_value=0, max_value=300))
def test_a_person_does_not_depend_on_how_many_there_are(count: int) -> None:
    assert invent_people(count) == invent_people(300)[:count]


def test_numbers_count_from_one_in_order_of_creation() -> None:
    assert [person.number for person in PEOPLE] == list(range(1, 138))
    created = [person.created_at for person in PEOPLE]
    assert created == sorted(created)


def test_several_people_were_created_in_the_same_second() -> None:
    ties = Counter(person.created_at for person in PEOPLE)
    assert sum(1 for size in ties.values() if size > 1) >= 5


def test_times_are_whole_seconds_in_utc_within_the_years() -> None:
    times = [time for person in PEOPLE for time in (person.created_at, person.updated_at)]
    times += [order.created_at for order in ORDERS]
    assert {time.tzinfo for time in times} == {UTC}
    assert {time.microsecond for time in times} == {0}
    assert min(times) >= datetime(2023, 1, 1, tzinfo=UTC)
    assert max(times) < datetime(2026, 7, 1, tzinfo=UTC)
    assert {person.created_at.year for person in PEOPLE} == {2023, 2024, 2025, 2026}


def test_most_people_were_changed_after_their_creation() -> None:
    changed = [person for person in PEOPLE if person.updated_at > person.created_at]
    unchanged = [person for person in PEOPLE if person.updated_at == person.created_at]
    assert len(changed) > 100
    assert len(unchanged) > 5
    assert len(changed) + len(unchanged) == len(PEOPLE)


def test_a_large_population_stays_within_the_years() -> None:
    people = invent_people(5_000)
    assert people[-1].updated_at < datetime(2026, 7, 1, tzinfo=UTC)
    assert len({person.email for person in people if person.email}) == sum(bool(p.email) for p in people)


def test_emails_are_unique_and_lead_nowhere() -> None:
    emails = [person.email for person in PEOPLE if person.email]
    emails += [person.second_email for person in PEOPLE if person.second_email]
    assert len(set(emails)) == len(emails)
    assert {email.partition("@")[2] for email in emails} == {"example.com", "example.org", "example.net"}
    assert any("+" in email for email in emails)


def test_phone_numbers_are_fictional() -> None:
    phones = [person.phone for person in PEOPLE if person.phone]
    phones += [a.phone.partition(" ")[0] for person in PEOPLE for a in person.addresses if a.phone]
    assert {phone[:2] for phone in phones} == {"+1"}
    assert {phone[5:10] for phone in phones} == {"55501"}
    assert {len(phone) for phone in phones} == {12}


def test_order_numbers_are_unique_from_1001() -> None:
    assert [order.number for order in ORDERS] == list(range(1001, 1001 + len(ORDERS)))
    assert {order.status for order in ORDERS} == {"pending", "paid", "refunded"}


def test_the_first_address_is_the_billing_address() -> None:
    kinds = {tuple(address.kind for address in person.addresses) for person in PEOPLE}
    assert kinds == {
        (),
        ("billing",),
        ("billing", "shipping"),
        ("billing", *["shipping"] * 11),
    }


@pytest.mark.parametrize(
    ("what", "minimum", "maximum"),
    [
        ("no name", 3, 12),
        ("no e-mail", 2, 4),
        ("no phone", 15, 45),
        ("extension", 4, 20),
        ("extension on an address phone only", 3, 3),
        ("company", 20, 50),
        ("company and no name", 2, 10),
        ("no address", 10, 40),
        ("twelve addresses", 2, 2),
        ("three orders", 3, 40),
        ("no order", 30, 90),
        ("second e-mail", 18, 38),
        ("inactive", 10, 40),
        ("US dollar", 82, 110),
    ],
)
def test_there_are_people_of_every_kind(what: str, minimum: int, maximum: int) -> None:
    counts = {
        "no name": sum(not p.first_name and not p.last_name for p in PEOPLE),
        "no e-mail": sum(not p.email for p in PEOPLE),
        "no phone": sum(not p.phone for p in PEOPLE),
        "extension": sum(bool(p.phone_extension) for p in PEOPLE),
        "extension on an address phone only": sum(
            not p.phone and any(" x" in address.phone for address in p.addresses) for p in PEOPLE
        ),
        "company": sum(bool(p.company) for p in PEOPLE),
        "company and no name": sum(bool(p.company) and not p.first_name + p.last_name for p in PEOPLE),
        "no address": sum(not p.addresses for p in PEOPLE),
        "twelve addresses": sum(len(p.addresses) == 12 for p in PEOPLE),
        "three orders": sum(len(p.orders) == 3 for p in PEOPLE),
        "no order": sum(not p.orders for p in PEOPLE),
        "second e-mail": sum(bool(p.second_email) for p in PEOPLE),
        "inactive": sum(not p.is_active for p in PEOPLE),
        "US dollar": sum(p.currency == "USD" for p in PEOPLE),
    }
    assert minimum <= counts[what] <= maximum


@pytest.mark.parametrize("part", ['"', "\\", ":", " OR ", ",", "*", "李", "Nguyễn", "'", "-", " ", "%", "&", "+"])
def test_some_name_holds_the_awkward_part(part: str) -> None:
    assert any(part in f"{person.first_name}|{person.last_name}" for person in PEOPLE)


def test_an_extension_is_also_on_the_address() -> None:
    with_extension = [person for person in PEOPLE if person.phone_extension]
    assert [person.addresses[0].phone for person in with_extension] == [
        f"{person.phone} x{person.phone_extension}" for person in with_extension
    ]


def test_four_currencies_occur() -> None:
    assert {person.currency for person in PEOPLE} == {"USD", "EUR", "GBP", "CAD"}


def test_a_test_may_change_a_person() -> None:
    assert replace(PEOPLE[0], email="other@example.com") != PEOPLE[0]
