"""The invented people that every pretend store renders in its own shape.

This module knows no store: each store module decides what it can hold of a person.
The words are in people.json; everything else follows from a person's number.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from random import Random
from typing import Literal, TypedDict


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """One address of a person; absent parts are empty text."""

    kind: Literal["billing", "shipping"]
    street_1: str = ""
    street_2: str = ""
    city: str = ""
    state_code: str = ""  # "CA": the part after the dash of the ISO 3166-2 code
    state_name: str = ""  # "California"
    postal_code: str = ""
    country_code: str = ""  # ISO 3166-1 alpha-2
    country_name: str = ""
    company: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class PurchaseOrder:
    """One order of a person."""

    number: int  # unique over the whole population, from 1001
    status: Literal["pending", "paid", "refunded"]
    total_minor: int  # in the smallest unit of the currency
    created_at: datetime  # aware, UTC, whole seconds


@dataclass(frozen=True, slots=True)
class Person:
    """One invented customer.

    ``number`` counts from 1 in order of ``created_at`` (ties are possible) and is what each store derives
    its own id from. ``phone`` is E.164 or empty; ``addresses[0]``, if any, is the billing and default one.
    """

    number: int
    first_name: str
    last_name: str
    email: str
    phone: str
    phone_extension: str
    company: str
    currency: str  # ISO 4217
    is_active: bool
    accepts_marketing: bool
    created_at: datetime  # aware, UTC, whole seconds
    updated_at: datetime  # aware, UTC, whole seconds, never before created_at
    second_email: str = ""
    addresses: tuple[PostalAddress, ...] = ()
    orders: tuple[PurchaseOrder, ...] = ()
    tags: tuple[str, ...] = field(default=())


# Kinds of people repeat after this number of people; the numbers in people.json are positions in this round.
_ROUND = 137
_SEED = "truto_unify sandbox"
_FIRST_CREATED = datetime(2023, 1, 4, 9, 30, tzinfo=UTC)
_LAST_CHANGE = datetime(2026, 6, 30, 23, 59, 59, tzinfo=UTC)
_FIRST_ORDER_NUMBER = 1001


class _Words(TypedDict):
    """people.json."""

    first_names: list[str]
    last_names: list[str]
    whole_names: dict[str, list[str]]
    without_email: list[int]
    with_twelve_addresses: list[int]
    company_only: list[int]
    extension_on_address_only: list[int]
    companies: list[str]
    streets: list[str]
    second_lines: list[str]
    places: list[list[str]]
    email_domains: list[str]
    area_codes: list[str]
    currencies: list[str]
    tags: list[str]


@cache
def invent_people(count: int = _ROUND) -> tuple[Person, ...]:
    """Invent the same people every time.

    Person ``n`` does not depend on ``count``. Awkward names, people without a name, without an e-mail or with
    twelve addresses are in every round of 137. Only people with an address have a
    ``phone_extension``; that address's ``phone`` then ends in it (`` x123``), so that a store with a strict
    phone field can still hold it.

    Args:
        count: The number of people.

    Returns:
        The people in order of ``number``, which is also the order of ``created_at``.
    """
    people: list[Person] = []
    created_at = _FIRST_CREATED
    order_number = _FIRST_ORDER_NUMBER
    for number in range(1, count + 1):
        random = Random(f"{_SEED} {number}")  # noqa: S311 - reproducible, and protects nothing
        if number > 1:
            created_at += _time_since_previous(number, random)
        person = _invent_person(number, created_at, order_number, random)
        order_number += len(person.orders)
        people.append(person)
    return tuple(people)


@cache
def _words() -> _Words:
    text = resources.files("truto_unify.sandbox").joinpath("people.json").read_text(encoding="utf-8")
    words: _Words = json.loads(text)
    return words


def _happens(random: Random, percent: int) -> bool:
    return random.random() * 100 < percent


def _time_since_previous(number: int, random: Random) -> timedelta:
    """Days in the first round, which so fills the years; seconds in a larger population."""
    if number % 12 == 0:
        return timedelta(0)
    if number > _ROUND:
        return timedelta(seconds=random.randint(0, 4))
    return timedelta(seconds=random.randint(6 * 86_400, 13 * 86_400))


def _invent_person(number: int, created_at: datetime, order_number: int, random: Random) -> Person:
    words = _words()
    place = (number - 1) % _ROUND + 1
    whole_name = words["whole_names"].get(str(place))
    mixed_name = [random.choice(words["first_names"]), random.choice(words["last_names"])]
    first_name, last_name = whole_name or mixed_name
    has_company = place in words["company_only"] or _happens(random, percent=22)
    company = random.choice(words["companies"]) if has_company else ""
    email = "" if place in words["without_email"] else _invent_email(number, first_name, last_name, random)
    has_second_email = bool(email) and _happens(random, percent=20)
    addresses, phone, extension = _invent_contact(number, place, company, random)
    was_changed = _happens(random, percent=85)
    lifetime = int((_LAST_CHANGE - created_at).total_seconds())
    return Person(
        number=number,
        first_name=first_name,
        last_name=last_name,
        email=email,
        phone=phone,
        phone_extension=extension,
        company=company,
        currency=random.choice(words["currencies"]),
        is_active=_happens(random, percent=85),
        accepts_marketing=_happens(random, percent=40),
        created_at=created_at,
        updated_at=created_at + timedelta(seconds=random.randint(1, lifetime) if was_changed else 0),
        second_email=f"billing{number}@example.net" if has_second_email else "",
        addresses=addresses,
        orders=_invent_orders(order_number, created_at, lifetime, random),
        tags=tuple(random.sample(words["tags"], k=random.choice((0, 0, 0, 1, 2)))),
    )


def _invent_email(number: int, first_name: str, last_name: str, random: Random) -> str:
    """Unique by its number; some have a plus sign, which must be escaped in a URL."""
    decomposed = unicodedata.normalize("NFKD", f"{first_name}.{last_name}".lower())
    local_part = re.sub(r"[^a-z.]", "", decomposed).strip(".") or "buyer"
    join = "+shop" if _happens(random, percent=10) else ""
    return f"{local_part}{join}{number}@{random.choice(_words()['email_domains'])}"


def _invent_contact(
    number: int, place: int, company: str, random: Random
) -> tuple[tuple[PostalAddress, ...], str, str]:
    """The addresses, the phone and its extension."""
    words = _words()
    address_count = random.choices((0, 1, 2), weights=(16, 50, 34))[0]
    if place in words["with_twelve_addresses"]:
        address_count = 12
    phone = _invent_phone(number, 0) if _happens(random, percent=80) else ""
    extension = str(random.randint(10, 9999)) if phone and address_count and _happens(random, percent=8) else ""
    address_phone = random.choice(("", phone))
    if extension:
        address_phone = f"{phone} x{extension}"
    if place in words["extension_on_address_only"]:
        address_count = max(address_count, 1)
        phone, extension = "", ""
        address_phone = f"{_invent_phone(number, 0)} x{random.randint(10, 9999)}"
    addresses = [_invent_address("billing", company, address_phone, random)] if address_count else []
    for turn in range(1, address_count):
        shipping_phone = _invent_phone(number, turn) if _happens(random, percent=30) else ""
        shipping_company = random.choice((company, ""))
        addresses.append(_invent_address("shipping", shipping_company, shipping_phone, random))
    return tuple(addresses), phone, extension


def _invent_phone(number: int, turn: int) -> str:
    """A number of the range reserved for fiction, 555-0100 to 555-0199, in E.164."""
    area_codes = _words()["area_codes"]
    area_code = area_codes[(number // 100 + turn * 3) % len(area_codes)]
    return f"+1{area_code}55501{number % 100:02d}"


def _invent_address(kind: Literal["billing", "shipping"], company: str, phone: str, random: Random) -> PostalAddress:
    words = _words()
    city, state_code, state_name, postal_code, country_code, country_name = random.choice(words["places"])
    return PostalAddress(
        kind=kind,
        street_1=f"{random.randint(1, 999)} {random.choice(words['streets'])}",
        street_2=random.choice(words["second_lines"]) if _happens(random, percent=25) else "",
        city=city,
        state_code=state_code,
        state_name=state_name,
        postal_code=postal_code,
        country_code=country_code,
        country_name=country_name,
        company=company,
        phone=phone,
    )


def _invent_orders(first_number: int, created_at: datetime, lifetime: int, random: Random) -> tuple[PurchaseOrder, ...]:
    statuses: tuple[Literal["pending", "paid", "refunded"], ...] = ("pending", "paid", "paid", "refunded")
    count = random.choices((0, 1, 2, 3), weights=(45, 25, 18, 12))[0]
    moments = sorted(random.randint(0, lifetime) for _ in range(count))
    return tuple(
        PurchaseOrder(
            number=first_number + position,
            status=random.choice(statuses),
            total_minor=random.randint(100, 99_999),
            created_at=created_at + timedelta(seconds=moment),
        )
        for position, moment in enumerate(moments)
    )
