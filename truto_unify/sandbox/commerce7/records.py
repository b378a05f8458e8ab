"""The invented people as Commerce7 records.

Absent is null; ids are UUIDs; money is in cents; the company lives on the address only.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING
from uuid import NAMESPACE_DNS, uuid5

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from truto_unify.sandbox.people import Person, PostalAddress, PurchaseOrder

TENANT = "sandbox-winery"

_NAMESPACE = uuid5(NAMESPACE_DNS, f"{TENANT}.example")
_TAGGED_AT = "2020-01-01T00:00:00.000Z"


@cache
def derive_id(kind: str, key: int | str) -> str:
    """The store's UUID for a kind and a key; always the same."""
    return str(uuid5(_NAMESPACE, f"{kind}:{key}"))


def customer_id(person: Person) -> str:
    """The store's id of a person."""
    return derive_id("customer", person.number)


def address_id(person: Person, position: int) -> str:
    """The store's id of the address at this position of a person, counted from 0."""
    return derive_id("address", f"{person.number}/{position}")


def order_id(order: PurchaseOrder) -> str:
    """The store's id of an order."""
    return derive_id("order", order.number)


def lifetime_value(person: Person) -> int:
    """The total of a person's paid orders, in cents."""
    return sum(order.total_minor for order in person.orders if order.status == "paid")


def iso(moment: datetime) -> str:
    """A time as the store writes it."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"


def render_customer(person: Person) -> dict[str, object]:
    """A record of ``/customer``; its city and state are those of the default address."""
    home = person.addresses[0] if person.addresses else None
    return {
        "id": customer_id(person),
        "avatar": None,
        "honorific": None,
        "firstName": person.first_name or None,
        "lastName": person.last_name or None,
        "birthDate": None,
        **_render_place(home),
        "emailMarketingStatus": "Subscribed" if person.accepts_marketing else "Unsubscribed",
        "lastActivityDate": iso(person.updated_at),
        "facebookId": None,
        "metaData": None,
        "appData": None,
        "appSync": None,
        "flags": [],
        "notifications": [],
        "createdAt": iso(person.created_at),
        "updatedAt": iso(person.updated_at),
        "orderInformation": _render_order_information(person),
        "emails": [
            {"id": derive_id("email", f"{person.number}/{email}"), "email": email, "status": "Ok"}
            for email in (person.email, person.second_email)
            if email
        ],
        # E.164 only: there is no room for an extension.
        "phones": [{"id": derive_id("phone", person.number), "phone": person.phone}] if person.phone else [],
        "tags": [_render_tag(title) for title in person.tags],
        "groups": [],
        "clubs": [],
        "products": [],
        "hasAccount": False,
    }


def render_buyer(person: Person) -> dict[str, object]:
    """The reduced record of a customer inside of an order."""
    whole = render_customer(person)
    return {name: value for name, value in whole.items() if name not in {"groups", "products", "tags"}}


def render_address(person: Person, position: int) -> dict[str, object]:
    """One record of ``/customer-address``; the first address is the default one."""
    address = person.addresses[position]
    return {
        "id": address_id(person, position),
        "customerId": customer_id(person),
        **render_recipient(person, address),
        "isDefault": position == 0,
        "metaData": None,
        "appData": None,
        "appSync": None,
        "createdAt": iso(person.created_at),
        "updatedAt": iso(person.updated_at),
    }


def render_recipient(person: Person, address: PostalAddress) -> dict[str, object]:
    """The keys of an address, wherever it stands."""
    return {
        "birthDate": None,
        "honorific": None,
        "firstName": person.first_name or None,
        "lastName": person.last_name or None,
        "company": address.company or None,
        "phone": address.phone or None,
        "address": address.street_1 or None,
        "address2": address.street_2 or None,
        **_render_place(address),
    }


def _render_place(address: PostalAddress | None) -> dict[str, object]:
    return {
        "city": (address and address.city) or None,
        "stateCode": (address and address.state_code) or None,
        "zipCode": (address and address.postal_code) or None,
        "countryCode": (address and address.country_code) or None,
    }


def _render_order_information(person: Person) -> dict[str, object]:
    last = _last_order(person.orders)
    return {
        "currentWebCartId": None,
        "lastOrderId": order_id(last) if last else None,
        "lastOrderDate": iso(last.created_at) if last else None,
        "orderCount": len(person.orders),
        "lifetimeValue": lifetime_value(person),
        "rank": 0,
        "rankTrend": None,
        "grossProfit": 0,
        "currentClubTitle": None,
        "daysInCurrentClub": None,
    }


def _last_order(orders: Iterable[PurchaseOrder]) -> PurchaseOrder | None:
    return max(orders, key=lambda order: (order.created_at, order.number), default=None)


def _render_tag(title: str) -> dict[str, object]:
    return {
        "id": derive_id("tag", title),
        "title": title,
        "objectType": "Customer",
        "type": "Manual",
        "appliesToCondition": None,
        "createdAt": _TAGGED_AT,
        "updatedAt": _TAGGED_AT,
    }
