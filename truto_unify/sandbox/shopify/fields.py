"""The search fields, sort keys and ids of the invented people and their orders at Shopify.

https://shopify.dev/docs/api/admin-graphql/latest/queries/customers lists the fields and sort keys.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from truto_unify.sandbox.people import Person, PurchaseOrder
from truto_unify.sandbox.shopify.search import SearchField

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from truto_unify.sandbox.shopify.pages import SortValue

Sale = tuple[Person, PurchaseOrder]

_FIRST_CUSTOMER_ID = 7_000_000_000_000
_FIRST_ORDER_ID = 6_000_000_000_000
_FIRST_ADDRESS_ID = 9_000_000_000_000


def is_customer(person: Person) -> bool:
    """Whether Shopify can hold this person: it requires a name, an e-mail address or a phone number."""
    return any((person.first_name, person.last_name, person.email, person.phone))


def customer_id(person: Person) -> int:
    """The number in a customer's id."""
    return _FIRST_CUSTOMER_ID + person.number


def order_id(sale: Sale) -> int:
    """The number in an order's id."""
    return _FIRST_ORDER_ID + sale[1].number


def address_id(person: Person, index: int) -> int:
    """The number in the id of one of a person's addresses."""
    return _FIRST_ADDRESS_ID + 100 * person.number + index


def full_name(person: Person) -> str:
    """First and last name; empty if the person has neither."""
    return f"{person.first_name} {person.last_name}".strip()


def state_of(person: Person) -> str:
    """A value of ``CustomerState``."""
    return "ENABLED" if person.is_active else "DISABLED"


def spent_cents(person: Person) -> int:
    """The total of a person's paid orders, without refunded ones."""
    return sum(order.total_cents for order in person.orders if order.status == "paid")


def _sort_by_time(read: Callable[[Person], datetime]) -> Callable[[Person], SortValue]:
    return lambda person: _milliseconds(read(person))


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp()) * 1000


def _place(person: Person) -> SortValue:
    if not person.addresses:
        return [None, None, None]
    default = person.addresses[0]
    parts = (default.country_name, default.state_name, default.city)
    return [part.lower() or None for part in parts]


# The values are those that recorded cursors carry.
CUSTOMER_SORTS: dict[str, Callable[[Person], SortValue]] = {
    "CREATED_AT": _sort_by_time(lambda person: person.created_at),
    "ID": lambda person: str(customer_id(person)),
    "LOCATION": _place,
    "NAME": lambda person: f"{person.last_name}, {person.first_name}".lower(),
    "RELEVANCE": lambda _person: 1.0,
    "UPDATED_AT": _sort_by_time(lambda person: person.updated_at),
}

ORDER_SORTS: dict[str, Callable[[Sale], SortValue]] = {
    "CREATED_AT": lambda sale: _milliseconds(sale[1].created_at),
    "ID": lambda sale: str(order_id(sale)),
    "ORDER_NUMBER": lambda sale: sale[1].number,
    "PROCESSED_AT": lambda sale: _milliseconds(sale[1].created_at),
    "RELEVANCE": lambda _sale: 1.0,
    "TOTAL_PRICE": lambda sale: sale[1].total_cents,
    "UPDATED_AT": lambda sale: _milliseconds(sale[1].created_at),
}

# The field of the creation date is not called created_at: a pitfall of Shopify.
CUSTOMER_FIELDS: dict[str, SearchField[Person]] = {
    "default": SearchField("text", lambda person: (full_name(person), person.email, person.phone)),
    "accepts_marketing": SearchField("bool", lambda person: (person.accepts_marketing,)),
    "country": SearchField(
        "exact",
        lambda person: [part for at in person.addresses for part in (at.country_name, at.country_code)],
    ),
    "customer_date": SearchField("time", lambda person: (person.created_at,)),
    "email": SearchField("email", lambda person: (person.email,)),
    "first_name": SearchField("text", lambda person: (person.first_name,)),
    "id": SearchField("number", lambda person: (customer_id(person),)),
    "last_abandoned_order_date": SearchField("time", lambda _person: ()),
    "last_name": SearchField("text", lambda person: (person.last_name,)),
    "order_date": SearchField("time", lambda person: [order.created_at for order in person.orders]),
    "orders_count": SearchField("number", lambda person: (len(person.orders),)),
    "phone": SearchField("phone", lambda person: (person.phone,)),
    "state": SearchField("exact", lambda person: (state_of(person),)),
    "tag": SearchField("exact", lambda person: person.tags),
    "total_spent": SearchField("number", lambda person: (spent_cents(person) / 100,)),
    "updated_at": SearchField("time", lambda person: (person.updated_at,)),
}

ORDER_FIELDS: dict[str, SearchField[Sale]] = {
    "default": SearchField("text", lambda sale: (f"#{sale[1].number}", full_name(sale[0]), sale[0].email)),
    "created_at": SearchField("time", lambda sale: (sale[1].created_at,)),
    "customer_id": SearchField("number", lambda sale: (customer_id(sale[0]),)),
    "email": SearchField("email", lambda sale: (sale[0].email,)),
    "financial_status": SearchField("exact", lambda sale: (sale[1].status,)),
    "id": SearchField("number", lambda sale: (order_id(sale),)),
    "name": SearchField("text", lambda sale: (f"#{sale[1].number}",)),
    "processed_at": SearchField("time", lambda sale: (sale[1].created_at,)),
    "updated_at": SearchField("time", lambda sale: (sale[1].created_at,)),
}
