"""Payloads beside the checkout: the facts of a customer survive the mapping."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.providers.payloads import WITH_CUSTOMERS, customers_in, mapper
from tests.shared_material import needs_shared

pytestmark = needs_shared

FACTS = [
    line.split(": ", 1)
    for line in Path(__file__).with_name("customer_facts.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]


def in_one_line(unified: dict[str, Any]) -> str:
    """The facts of a customer, as ``customer_facts.txt`` has them."""
    parts = (
        unified["id"],
        unified["name"],
        unified["company_name"],
        *(email["email"] for email in unified["emails"]),
        *(phone["number"] for phone in unified["phones"]),
        *(f"{address['state'] or ''}/{address['country']}" for address in unified["addresses"]),
        unified["status"],
        unified["created_at"],
        unified["updated_at"],
    )
    return " | ".join(part or "" for part in parts).rstrip()


@pytest.mark.parametrize(("place", "facts"), FACTS)
def test_the_facts_of_a_customer(place: str, facts: str) -> None:
    slug, name, position = place.split()

    assert in_one_line(mapper(slug).map(customers_in(slug, name)[int(position)])) == facts


def test_a_third_of_the_payloads_has_its_facts() -> None:
    assert len({place.rpartition(" ")[0] for place, _ in FACTS}) * 3 >= len(WITH_CUSTOMERS)


def test_a_flat_contact_has_its_name_its_e_mail_and_its_place() -> None:
    (contact,) = customers_in("wix", "contact_v5_create_request_docs")

    unified = mapper("wix").map({**contact, "id": "17", "revision": "1", "createdDate": "2026-01-02T03:04:05.678Z"})

    facts = "17 | Maria Gomez |  | maria.gomez@example.com | NY/US |  | 2026-01-02T03:04:05.678Z |"
    assert in_one_line(unified) == facts
    assert (unified["first_name"], unified["last_name"], unified["emails"][0]["is_primary"]) == ("Maria", "Gomez", True)
