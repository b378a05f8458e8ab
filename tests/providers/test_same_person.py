"""The same person from every pretend store is equal in each field that the store can hold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import pytest

from tests.providers.pretend import open_store
from truto_unify.models.fields import format_time
from truto_unify.sandbox.people import Person, invent_people
from truto_unify.sandbox.serve import STORES
from truto_unify.values import phone_digits, split_phone

if TYPE_CHECKING:
    from collections.abc import Callable

PEOPLE = invent_people()
SLUGS = tuple(STORES)

# ------------------------------------------------------------------------------------------- what a person is
# Ids, and the words for types, subscriptions and the status of an order, are each store's own: they are not compared.

PLACE = ("street_1", "street_2", "city", "state", "postal_code", "country")


def whole_name(person: Person) -> str | None:
    return f"{person.first_name} {person.last_name}".strip() or None


def emails_of(person: Person) -> list[tuple[str, bool]]:
    return [(email, email == person.email) for email in (person.email, person.second_email) if email]


def phones_of(person: Person) -> list[tuple[str, str | None]]:
    """The person's own phone, then those of the addresses; each once, with the extension if any of them has it."""
    written = [
        (person.phone, person.phone_extension or None),
        *(split_phone(address.phone) for address in person.addresses),
    ]
    phones: dict[str, tuple[str, str | None]] = {}
    for number, extension in written:
        digits = phone_digits(number)
        _, known = phones.get(digits, ("", None))
        phones[digits] = (number, known or extension)
    phones.pop(phone_digits(""), None)
    return list(phones.values())


def places_of(person: Person) -> list[tuple[str | None, ...]]:
    parts = attrgetter("street_1", "street_2", "city", "state_code", "postal_code", "country_code")
    return [tuple(part or None for part in parts(address)) for address in person.addresses]


def amounts_of(person: Person) -> list[str]:
    return [f"{order.total_minor // 100}.{order.total_minor % 100:02}" for order in person.orders]


TRUTH: dict[str, Callable[[Person], Any]] = {
    "name": whole_name,
    "first_name": lambda person: person.first_name or None,
    "last_name": lambda person: person.last_name or None,
    "company_name": lambda person: person.company or None,
    "emails": emails_of,
    "phones": phones_of,
    "addresses": places_of,
    "currency": lambda person: person.currency,
    "status": lambda person: "active" if person.is_active else "inactive",
    "orders": amounts_of,
    "created_at": lambda person: format_time(person.created_at),
    "updated_at": lambda person: format_time(person.updated_at),
}

# ------------------------------------------------------------------------------------- what a store cannot hold


@dataclass(frozen=True)
class Loss:
    """Why a store holds less of a field, and what it holds."""

    reason: str
    rest: Callable[[Person], Any]


def nothing(_: Person) -> None:
    return None


def nobody(_: Person) -> bool:
    return False


def with_addresses(person: Person, count: int) -> Person:
    """The person with only the first of the addresses."""
    return replace(person, addresses=person.addresses[:count])


def unique_name(person: Person) -> str:
    """The name, or the e-mail if there is no name; a repeated name gets a number."""
    names = [(whole_name(earlier) or earlier.email) for earlier in PEOPLE[: person.number]]
    turn = [name.casefold() for name in names].count(names[-1].casefold())
    return f"{names[-1]} ({turn})" if turn > 1 else names[-1]


def with_names_of_states(person: Person) -> Person:
    addresses = (replace(address, state_code=address.state_name) for address in person.addresses)
    return replace(person, addresses=tuple(addresses))


ONE_EMAIL = Loss("a customer has one e-mail", lambda person: emails_of(replace(person, second_email="")))
NO_CURRENCY = Loss("the currency belongs to the shop", nothing)
NO_STATUS = Loss("an account has no status", nothing)


def amounts_with_refunds(person: Person) -> list[str]:
    """The amounts of orders and of their refunds, in the order of time."""
    placed = [(order.created_at, amount) for order, amount in zip(person.orders, amounts_of(person), strict=True)]
    refunds = [
        (moment + timedelta(days=2), f"-{amount}")
        for order, (moment, amount) in zip(person.orders, placed, strict=True)
        if order.status == "refunded"
    ]
    return [amount for _, amount in sorted([*placed, *refunds])]


COMPANY_OF_ADDRESS = Loss("only addresses have a company", lambda person: (person.addresses and person.company) or None)
TWO_ADDRESSES = "there are a billing and a shipping address, and no others"

LOSSES: dict[str, dict[str, Loss]] = {
    "bigcommerce": {
        "emails": ONE_EMAIL,
        "addresses": Loss("states have names and no codes", lambda person: places_of(with_names_of_states(person))),
        "currency": NO_CURRENCY,
        "status": NO_STATUS,
    },
    "commerce7": {
        "company_name": COMPANY_OF_ADDRESS,
        "currency": NO_CURRENCY,
        "status": NO_STATUS,
        "orders": Loss("a refund is an order of its own, with an amount below zero", amounts_with_refunds),
    },
    "shopify": {"company_name": COMPANY_OF_ADDRESS, "emails": ONE_EMAIL},
    "shopify_rest": {"company_name": COMPANY_OF_ADDRESS, "emails": ONE_EMAIL},
    "wix": {
        "phones": Loss(
            "a phone has no extension, and an address no phone",
            lambda person: phones_of(replace(person, addresses=(), phone_extension="")),
        ),
        "currency": Loss("only buyers have a currency", lambda person: person.currency if person.orders else None),
    },
    "woocommerce": {
        "phones": Loss(TWO_ADDRESSES, lambda person: phones_of(with_addresses(person, 2))),
        "addresses": Loss(TWO_ADDRESSES, lambda person: places_of(with_addresses(person, 2))),
        "currency": NO_CURRENCY,
        "status": NO_STATUS,
        "updated_at": Loss(
            "null until the first change",
            lambda person: format_time(person.updated_at) if person.updated_at > person.created_at else None,
        ),
    },
    "zohoinventory": {
        "name": Loss("the name of a contact must be unique", unique_name),
    },
}
"""What a store cannot hold, ``get`` and all side loads included."""

NO_ORDERS = Loss("orders are a side load", lambda _: [])
TEN_ADDRESSES = "a list shows ten addresses"
CUT = {
    "phones": Loss(TEN_ADDRESSES, lambda person: phones_of(with_addresses(person, 10))),
    "addresses": Loss(TEN_ADDRESSES, lambda person: places_of(with_addresses(person, 10))),
    "orders": NO_ORDERS,
}
LOSSES_IN_LISTS: dict[str, dict[str, Loss]] = {
    "bigcommerce": CUT
    | {
        "addresses": Loss(TEN_ADDRESSES, lambda person: places_of(with_addresses(with_names_of_states(person), 10))),
    },
    "commerce7": {
        "company_name": Loss("addresses are a side load", nothing),
        "phones": Loss(
            "addresses, and with them all extensions, are a side load",
            lambda person: phones_of(replace(person, addresses=(), phone_extension="")),
        ),
        "addresses": Loss(
            "a customer repeats the place of the default address, without the street",
            lambda person: [(None, None, *place[2:]) for place in places_of(with_addresses(person, 1))],
        ),
        "orders": NO_ORDERS,
    },
    "shopify": CUT,
    "shopify_rest": CUT,
    "wix": {"orders": NO_ORDERS},
    "woocommerce": {"orders": NO_ORDERS},
    "zohoinventory": {
        "emails": Loss("contact persons are a side load", lambda person: emails_of(replace(person, second_email=""))),
        "phones": Loss("addresses are a side load", lambda person: phones_of(with_addresses(person, 0))),
        "addresses": Loss("addresses are a side load", lambda _: []),
        "orders": NO_ORDERS,
    },
}
"""What a list lacks beside ``get``."""

KEEPS_OUT: dict[str, Callable[[Person], bool]] = {
    "bigcommerce": lambda person: not person.email or not whole_name(person),  # requires both
    "woocommerce": lambda person: not person.email,  # requires an e-mail
}
"""The people whom a store does not take."""

# --------------------------------------------------------------------------------------------- reading everybody


@cache
def read_list(slug: str, *side_loads: str) -> list[dict[str, Any]]:
    return open_store(slug).records(side_load=list(side_loads))


@cache
def read_each(slug: str) -> list[dict[str, Any]]:
    return open_store(slug).get_each([record["id"] for record in read_list(slug)], side_load=["orders"])


def key_of(record: dict[str, Any]) -> str:
    """The key of a record's person: the first e-mail, or else the moment of creation, which is unique."""
    return str(record["emails"][0]["email"] if record["emails"] else record["created_at"])


WHO = {person.email or format_time(person.created_at): person for person in PEOPLE}


def comparable(record: dict[str, Any]) -> dict[str, Any]:
    """The compared fields of a record in the form of ``TRUTH``."""
    return {name: record[name] for name in TRUTH} | {
        "emails": [(email["email"], email["is_primary"]) for email in record["emails"]],
        "phones": [(phone["number"], phone["extension"]) for phone in record["phones"]],
        "addresses": [tuple(address[part] for part in PLACE) for address in record["addresses"]],
        "orders": [f"{Decimal(order['total_amount']):.2f}" for order in record["orders"]],  # as many decimals for all
    }


def compare(records: list[dict[str, Any]], name: str, losses: dict[str, Loss]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The expected and the actual values of a field, by person."""
    expected = losses[name].rest if name in losses else TRUTH[name]
    actual = {key_of(record): comparable(record)[name] for record in records}
    return {key: expected(WHO[key]) for key in actual}, actual


# ------------------------------------------------------------------------------------------------------ the tests


def test_people_have_different_keys_and_every_store_is_compared() -> None:
    assert len(WHO) == len(PEOPLE) == 137
    assert {"bigcommerce", "commerce7", "shopify", "wix", "woocommerce", "zohoinventory"} <= set(SLUGS)
    assert set(LOSSES) == set(LOSSES_IN_LISTS) >= set(SLUGS)


@pytest.mark.parametrize("slug", SLUGS)
def test_every_store_lists_everybody_once_but_those_whom_it_cannot_take(slug: str) -> None:
    expected = sorted(key for key, person in WHO.items() if not KEEPS_OUT.get(slug, nobody)(person))

    assert sorted(key_of(record) for record in read_list(slug)) == expected
    assert sorted(key_of(record) for record in read_each(slug)) == expected


@pytest.mark.parametrize("name", TRUTH)
@pytest.mark.parametrize("slug", SLUGS)
def test_get_gives_all_that_the_store_can_hold(slug: str, name: str) -> None:
    expected, actual = compare(read_each(slug), name, LOSSES[slug])

    assert actual == expected


@pytest.mark.parametrize("name", TRUTH)
@pytest.mark.parametrize("slug", SLUGS)
def test_a_list_gives_all_that_it_can_hold(slug: str, name: str) -> None:
    expected, actual = compare(read_list(slug), name, LOSSES[slug] | LOSSES_IN_LISTS[slug])

    assert actual == expected


@pytest.mark.parametrize("name", TRUTH)
def test_a_person_comes_out_equal_from_every_store_that_can_hold_the_field(name: str) -> None:
    stores = [slug for slug in SLUGS if name not in LOSSES[slug]]
    values: dict[str, dict[str, Any]] = {key: {} for key in WHO}
    for slug in stores:
        for record in read_each(slug):
            values[key_of(record)][slug] = comparable(record)[name]
    different = {key: by_store for key, by_store in values.items() if len({*map(repr, by_store.values())}) != 1}

    assert len(stores) >= 2
    assert different == {}


@pytest.mark.parametrize(
    ("slug", "side_loads"),
    [
        ("bigcommerce", ("addresses", "orders")),
        ("commerce7", ("addresses", "orders")),
        ("shopify_rest", ("addresses", "orders")),
        ("wix", ("orders",)),
        ("woocommerce", ("orders",)),
        ("zohoinventory", ("contact", "orders")),
    ],
)
def test_a_list_with_every_side_load_is_what_get_gives(slug: str, side_loads: tuple[str, ...]) -> None:
    listed = [record | {"remote_data": None} for record in read_list(slug, *side_loads)]

    assert listed == [record | {"remote_data": None} for record in read_each(slug)]


def test_each_loss_changes_the_field_of_some_person() -> None:
    """A loss that changes nothing for anybody would hide a mistake."""
    idle = [
        (slug, name)
        for table in (LOSSES, LOSSES_IN_LISTS)
        for slug, losses in table.items()
        for name, loss in losses.items()
        if all(loss.rest(person) == TRUTH[name](person) for person in PEOPLE)
    ]

    assert idle == []
    all_losses = [*LOSSES.values(), *LOSSES_IN_LISTS.values()]
    assert all(loss.reason for losses in all_losses for loss in losses.values())
