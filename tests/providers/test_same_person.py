"""The same person out of every pretend store: equal, field by field, wherever the store can hold the field."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

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
Way = Literal["list", "get"]

# ------------------------------------------------------------------------------------------- what a person is
# Ids, and the words for types, subscriptions and the status of an order, are each store's own: they are not compared.

PLACE = ("street_1", "street_2", "city", "state", "postal_code", "country")


def whole_name(person: Person) -> str | None:
    return f"{person.first_name} {person.last_name}".strip() or None


def emails_of(person: Person) -> list[tuple[str, bool]]:
    return [(email, email == person.email) for email in (person.email, person.second_email) if email]


def phones_of(person: Person) -> list[tuple[str, str | None]]:
    """The person's own phone, then those of the addresses; each once, with the extension if any tells it."""
    written = [(person.phone, person.phone_extension or None), *(split_phone(one.phone) for one in person.addresses)]
    found: dict[str, tuple[str, str | None]] = {}
    for number, extension in written:
        digits = phone_digits(number)
        _, known = found.get(digits, ("", None))
        found[digits] = (number, known or extension)
    found.pop(phone_digits(""), None)
    return list(found.values())


def places_of(person: Person) -> list[tuple[str | None, ...]]:
    return [
        tuple(
            part or None
            for part in (one.street_1, one.street_2, one.city, one.state_code, one.postal_code, one.country_code)
        )
        for one in person.addresses
    ]


def amounts_of(person: Person) -> list[str]:
    return [f"{one.total_cents // 100}.{one.total_cents % 100:02}" for one in person.orders]


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
    """Why a store tells less than there is to know, and what it tells."""

    reason: str
    rest: Callable[[Person], Any]


def nothing(_: Person) -> None:
    return None


def none(_: Person) -> list[Any]:
    return []


def without_addresses(person: Person) -> Person:
    return replace(person, addresses=())


def first_addresses(person: Person, count: int = 10) -> Person:
    return replace(person, addresses=person.addresses[:count])


def names_of_states(person: Person) -> list[tuple[str | None, ...]]:
    return places_of(replace(person, addresses=tuple(replace(one, state_code=one.state_name) for one in person.addresses)))


FIRST_EMAIL = Loss("a customer has one e-mail", lambda person: emails_of(replace(person, second_email="")))
NO_CURRENCY = Loss("the currency belongs to the shop", nothing)
NO_STATUS = Loss("an account has no status", nothing)
COMPANY_OF_ADDRESS = Loss(
    "only addresses have a company", lambda person: person.company if person.addresses and person.company else None
)

LOSSES: dict[str, dict[str, Loss]] = {
    "bigcommerce": {
        "emails": FIRST_EMAIL,
        "addresses": Loss("states have names and no codes", names_of_states),
        "currency": NO_CURRENCY,
        "status": NO_STATUS,
    },
    "commerce7": {
        "company_name": COMPANY_OF_ADDRESS,
        "currency": NO_CURRENCY,
        "status": NO_STATUS,
    },
    "shopify": {
        "company_name": COMPANY_OF_ADDRESS,
        "emails": FIRST_EMAIL,
    },
    "shopify_rest": {
        "company_name": COMPANY_OF_ADDRESS,
        "emails": FIRST_EMAIL,
    },
    "wix": {
        "phones": Loss(
            "a phone has no extension, and an address no phone",
            lambda person: phones_of(replace(without_addresses(person), phone_extension="")),
        ),
        "currency": Loss("told of buyers alone", lambda person: person.currency if person.orders else None),
    },
    "woocommerce": {
        "phones": Loss("there are two addresses, and no others", lambda person: phones_of(first_addresses(person, 2))),
        "addresses": Loss("there are two addresses, and no others", lambda person: places_of(first_addresses(person, 2))),
        "currency": NO_CURRENCY,
        "status": NO_STATUS,
        "updated_at": Loss(
            "null until the first change",
            lambda person: format_time(person.updated_at) if person.updated_at > person.created_at else None,
        ),
    },
    "zohoinventory": {
        "name": Loss("a contact must have a name of its own", nothing),
    },
}
