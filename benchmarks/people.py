"""Invented people for the workload, the same for the same seed: well-filled (dense) or hardly filled (sparse) ones."""

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
        count: how many.
        density: ``dense`` people have two to four addresses, phones, orders and tags; of the ``sparse`` ones half
            have no name, a third one address, and few a phone.
        seed: another one gives other people.
        first_number: the number of the first, from which stores derive ids.
    """
    luck = Random(f"benchmarks {seed} {density}")  # noqa: S311 - must repeat itself, guards nothing
    invent = _invent_dense if density == "dense" else _invent_sparse
    return [invent(number, luck) for number in range(first_number, first_number + count)]


def _invent_dense(number: int, luck: Random) -> Person:
    words = _words()
    first_name, last_name = luck.choice(words["first_names"]), luck.choice(words["last_names"])
    company = luck.choice(words["companies"]) if luck.random() < 0.6 else ""
    phone = _invent_phone(number, luck)
    extension = str(luck.randint(10, 9999)) if luck.random() < 0.1 else ""
    created_at = _FIRST_CREATED + timedelta(seconds=61 * number)
    phones = (f"{phone} x{extension}" if extension else phone, _invent_phone(number, luck), "", phone)
    count = luck.choices((2, 3, 4), weights=(30, 45, 25))[0]
    return Person(
        number=number,
        first_name=_smudge(first_name, luck),
        last_name=last_name,
        email=_invent_email(number, first_name, last_name, luck),
        phone=phone,
        phone_extension=extension,
        company=company,
        currency=luck.choice(words["currencies"]),
        is_active=luck.random() < 0.85,
        accepts_marketing=luck.random() < 0.5,
        created_at=created_at,
        updated_at=created_at + timedelta(seconds=luck.randint(1, 40_000_000)),
        second_email=f"billing{number}@example.net" if luck.random() < 0.3 else "",
        addresses=tuple(_invent_address(place, phones[place], company, luck) for place in range(count)),
        orders=tuple(_invent_order(number, place, created_at, luck) for place in range(luck.randint(1, 3))),
        tags=tuple(luck.sample(words["tags"], k=luck.randint(1, 3))),
    )


def _invent_sparse(number: int, luck: Random) -> Person:
    words = _words()
    has_name = luck.random() < 0.5
    first_name = luck.choice(words["first_names"]) if has_name else ""
    last_name = luck.choice(words["last_names"]) if has_name and luck.random() < 0.8 else ""
    created_at = _FIRST_CREATED + timedelta(seconds=61 * number)
    has_address = luck.random() < 0.33
    return Person(
        number=number,
        first_name=first_name,
        last_name=last_name,
        email=_invent_email(number, first_name, last_name, luck),
        phone=_invent_phone(number, luck) if luck.random() < 0.15 else "",
        phone_extension="",
        company="",
        currency=luck.choice(words["currencies"]),
        is_active=luck.random() < 0.5,
        accepts_marketing=luck.random() < 0.7,
        created_at=created_at,
        updated_at=created_at if luck.random() < 0.5 else created_at + timedelta(seconds=luck.randint(1, 40_000_000)),
        addresses=(_invent_address(0, "", "", luck),) if has_address else (),
        orders=(_invent_order(number, 0, created_at, luck),) if luck.random() < 0.2 else (),
    )


def _smudge(name: str, luck: Random) -> str:
    """A blank before or after, as forms let through every so often."""
    return luck.choices((name, f"{name} ", f" {name}"), weights=(94, 4, 2))[0]


def _invent_email(number: int, first_name: str, last_name: str, luck: Random) -> str:
    plain = unicodedata.normalize("NFKD", f"{first_name}.{last_name}".lower())
    local_part = re.sub(r"[^a-z.]", "", plain).strip(".") or "reader"
    return f"{local_part}{number}@{luck.choice(_words()['email_domains'])}"


def _invent_phone(number: int, luck: Random) -> str:
    """A number from the range that is kept free for fiction, in E.164."""
    return f"+1{luck.choice(_words()['area_codes'])}55501{number % 100:02d}"


def _invent_address(place: int, phone: str, company: str, luck: Random) -> PostalAddress:
    words = _words()
    city, state_code, state_name, postal_code, country_code, country_name = luck.choice(words["places"])
    return PostalAddress(
        kind="shipping" if place == 1 else "billing",
        street_1=f"{luck.randint(1, 999)} {luck.choice(words['streets'])}",
        street_2=luck.choice(words["second_lines"]) if luck.random() < 0.4 else "",
        city=city,
        state_code=state_code,
        state_name=state_name,
        postal_code=postal_code,
        country_code=country_code,
        country_name=country_name,
        company=company,
        phone=phone,
    )


def _invent_order(number: int, place: int, created_at: datetime, luck: Random) -> PurchaseOrder:
    statuses: tuple[Literal["pending", "paid", "refunded"], ...] = ("pending", "paid", "paid", "refunded")
    return PurchaseOrder(
        number=_FIRST_ORDER + number * 3 + place,
        status=luck.choice(statuses),
        total_cents=luck.randint(100, 99_999),
        created_at=created_at + timedelta(seconds=luck.randint(0, 20_000_000)),
    )
