"""Two customers of the pretend stores: the tests of each store say what else they need of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from truto_unify.sandbox.people import Person, PostalAddress, PurchaseOrder

MAY = datetime(2024, 5, 14, 9, 34, tzinfo=UTC)
AUSTIN = PostalAddress("billing", "1 Main St", "", "Austin", "TX", "Texas", "78701", "US", "United States")
KYIV = PostalAddress("shipping", "2 Side St", city="Kyiv", country_code="UA")

ANA_RUIZ = Person(
    number=1,
    first_name="Ana",
    last_name="Ruiz",
    email="ana@example.test",
    phone="+12125550100",
    phone_extension="77",
    company="Ruiz, Sons",
    currency="EUR",
    is_active=True,
    accepts_marketing=True,
    created_at=MAY,
    updated_at=MAY.replace(month=6),
    addresses=(AUSTIN, KYIV),
    orders=(PurchaseOrder(number=1001, status="paid", total_minor=10905, created_at=MAY),),
)

ANA_GARCIA = Person(
    number=1,
    first_name="Ana",
    last_name="García",
    email="ana@example.test",
    second_email="ana@work.example.test",
    phone="+12125550101",
    phone_extension="123",
    company="Acme",
    currency="EUR",
    is_active=True,
    accepts_marketing=True,
    created_at=datetime(2024, 1, 1, 10, tzinfo=UTC),
    updated_at=datetime(2024, 3, 1, 10, tzinfo=UTC),
    addresses=(replace(AUSTIN, street_2="Apt 2", postal_code="73301"),),
)
