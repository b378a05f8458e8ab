"""Invented people for the workload, the same for the same seed: most fields filled (dense) or empty (sparse)."""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from random import Random
from typing import Any, Literal

from truto_unify.sandbox.people import Person, PostalAddress, PurchaseOrder

Density = Literal["dense", "sparse"]
DENSITIES: tuple[Density, ...] = ("dense", "sparse")

_FIRST_CREATED = datetime(2024, 1, 3, 8, 15, tzinfo=UTC)
_FIRST_ORDER = 1001


@cache
def _words() -> dict[str, Any]:
    text = resources.files("truto_unify.sandbox").joinpath("people.json").read_text(encoding="utf-8")
    words: dict[str, Any] = json.loads(text)
    return words


def invent_people(count: int, density: Density, seed: int = 1, first_number: int = 1) -> list[Person]:
    """People with all fields filled, or with most of them empty as after a newsletter form.

    Args:
        count: the number of people.
        density: ``dense`` people have two to four addresses, phones, orders and tags; of the ``sparse`` ones half
            have no name, a third one address, and few a phone.
        seed: another seed gives other people.
        first_number: the number of the first person, from which stores derive ids.
    """
    random = Random(f"benchmarks {seed} {density}")  # noqa: S311 - reproducible, and protects nothing
    invent = _invent_dense if density == "dense" else _invent_sparse
    return [invent(number, random) for number in range(first_number, first_number + count)]


def _invent_dense(number: int, random: Random) -> Person:
    words = _words()
    first_name, last_name = random.choice(words["first_names"]), random.choice(words["last_names"])
    company = random.choice(words["companies"]) if random.random() < 0.6 else ""
    phone = _invent_phone(number, random)
    extension = str(random.randint(10, 9999)) if random.random() < 0.1 else ""
    created_at = _FIRST_CREATED + timedelta(seconds=61 * number)
    phones = (f"{phone} x{extension}" if extension else phone, _invent_phone(number, random), "", phone)
    count = random.choices((2, 3, 4), weights=(30, 45, 25))[0]
    return Person(
        number=number,
        first_name=_smudge(first_name, random),
        last_name=last_name,
        email=_invent_email(number, first_name, last_name, random),
        phone=phone,
        phone_extension=extension,
        company=company,
        currency=random.choice(words["currencies"]),
        is_active=random.random() < 0.85,
        accepts_marketing=random.random() < 0.5,
        created_at=created_at,
        updated_at=created_at + timedelta(seconds=random.randint(1, 40_000_000)),
        second_email=f"billing{number}@example.net" if random.random() < 0.3 else "",
        addresses=tuple(_invent_address(place, phones[place], company, random) for place in range(count)),
        orders=tuple(_invent_order(number, place, created_at, random) for place in range(random.randint(1, 3))),
        tags=tuple(random.sample(words["tags"], k=random.randint(1, 3))),
    )


def _invent_sparse(number: int, random: Random) -> Person:
    words = _words()
    has_name = random.random() < 0.5
    first_name = random.choice(words["first_names"]) if has_name else ""
    last_name = random.choice(words["last_names"]) if has_name and random.random() < 0.8 else ""
    created_at = _FIRST_CREATED + timedelta(seconds=61 * number)
    has_address = random.random() < 0.33
    return Person(
        number=number,
        first_name=first_name,
        last_name=last_name,
        email=_invent_email(number, first_name, last_name, random),
        phone=_invent_phone(number, random) if random.random() < 0.15 else "",
        phone_extension="",
        company="",
        currency=random.choice(words["currencies"]),
        is_active=random.random() < 0.5,
        accepts_marketing=random.random() < 0.7,
        created_at=created_at,
        updated_at=created_at
        if random.random() < 0.5
        else created_at + timedelta(seconds=random.randint(1, 40_000_000)),
        addresses=(_invent_address(0, "", "", random),) if has_address else (),
        orders=(_invent_order(number, 0, created_at, random),) if random.random() < 0.2 else (),
    )


def _smudge(name: str, random: Random) -> str:
    """Sometimes with a blank before or after, as forms allow."""
    return random.choices((name, f"{name} ", f" {name}"), weights=(94, 4, 2))[0]


def _invent_email(number: int, first_name: str, last_name: str, random: Random) -> str:
    plain = unicodedata.normalize("NFKD", f"{first_name}.{last_name}".lower())
    local_part = re.sub(r"[^a-z.]", "", plain).strip(".") or "reader"
    return f"{local_part}{number}@{random.choice(_words()['email_domains'])}"


def _invent_phone(number: int, random: Random) -> str:
    """A number of the range reserved for fiction, in E.164."""
    return f"+1{random.choice(_words()['area_codes'])}55501{number % 100:02d}"


def _invent_address(place: int, phone: str, company: str, random: Random) -> PostalAddress:
    words = _words()
    city, state_code, state_name, postal_code, country_code, country_name = random.choice(words["places"])
    return PostalAddress(
        kind="shipping" if place == 1 else "billing",
        street_1=f"{random.randint(1, 999)} {random.choice(words['streets'])}",
        street_2=random.choice(words["second_lines"]) if random.random() < 0.4 else "",
        city=city,
        state_code=state_code,
        state_name=state_name,
        postal_code=postal_code,
        country_code=country_code,
        country_name=country_name,
        company=company,
        phone=phone,
    )


def _invent_order(number: int, place: int, created_at: datetime, random: Random) -> PurchaseOrder:
    statuses: tuple[Literal["pending", "paid", "refunded"], ...] = ("pending", "paid", "paid", "refunded")
    return PurchaseOrder(
        number=_FIRST_ORDER + number * 3 + place,
        status=random.choice(statuses),
        total_minor=random.randint(100, 99_999),
        created_at=created_at + timedelta(seconds=random.randint(0, 20_000_000)),
    )
