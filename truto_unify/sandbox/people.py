"""The invented people that every pretend store renders in its own shape.

Nothing here knows a store: each store module says what it can hold of a person and how.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal


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
    total_cents: int
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
