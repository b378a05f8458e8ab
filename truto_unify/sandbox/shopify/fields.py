"""The search fields, sort keys and ids of the invented people and their orders at Shopify, and the ids of goods.

https://shopify.dev/docs/api/admin-graphql/latest/queries/customers lists the fields and sort keys.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from truto_unify.sandbox.people import Person, PurchaseOrder
from truto_unify.sandbox.shopify.search import SearchField

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from truto_unify.sandbox.purchases import PurchaseLine, PurchaseRefund
    from truto_unify.sandbox.shopify.pages import SortValue

Sale = tuple[Person, PurchaseOrder]

_FIRST_CUSTOMER_ID = 7_000_000_000_000
_FIRST_ORDER_ID = 6_000_000_000_000
_FIRST_LINE_ID = 1_000_000_000_000
_FIRST_FULFILLMENT_ID = 2_000_000_000_000
_FIRST_REFUND_ID = 3_000_000_000_000
_FIRST_ADDRESS_ID = 9_000_000_000_000
_FIRST_PRODUCT_ID = 8_000_000_000_000
_FIRST_VARIANT_ID = 4_000_000_000_000
_FIRST_MEDIA_ID = 5_000_000_000_000
_COLLECTION_IDS = {"Kitchen": 301, "Clothing": 302, "Paper & pens": 303, "Light": 304}

OPEN_STATUSES: dict[str, str] = {"pending": "open", "paid": "closed", "refunded": "cancelled"}
"""The word of the search term ``status`` for each status of an invented order."""
FULFILLMENT_WORDS: dict[str, tuple[str, ...]] = {
    "pending": ("unfulfilled", "unshipped"),
    "paid": ("fulfilled", "shipped"),
    "refunded": (),
}
"""The words of the search term ``fulfillment_status``."""


def is_customer(person: Person) -> bool:
    """Whether Shopify can hold this person: it requires a name, an e-mail address or a phone number."""
    return any((person.first_name, person.last_name, person.email, person.phone))


def customer_id(person: Person) -> int:
    """The number in a customer's id."""
    return _FIRST_CUSTOMER_ID + person.number


def order_id(sale: Sale) -> int:
    """The number in an order's id."""
    return _FIRST_ORDER_ID + sale[1].number


def line_id(line: PurchaseLine) -> int:
    """The number in the id of a line of an order."""
    return _FIRST_LINE_ID + line.number


def fulfillment_id(sale: Sale) -> int:
    """The number in the id of the shipment of a paid order."""
    return _FIRST_FULFILLMENT_ID + sale[1].number


def refund_id(refund: PurchaseRefund) -> int:
    """The number in the id of a refund."""
    return _FIRST_REFUND_ID + refund.number


def closed_at(sale: Sale) -> datetime | None:
    """When an order was sent and archived: a paid one on the next day, others never."""
    return sale[1].created_at + timedelta(days=1) if sale[1].status == "paid" else None


def cancelled_at(sale: Sale) -> datetime | None:
    """When an order was cancelled and paid back: a refunded one two days later, others never."""
    return sale[1].created_at + timedelta(days=2) if sale[1].status == "refunded" else None


def address_id(person: Person, index: int) -> int:
    """The number in the id of one of a person's addresses."""
    return _FIRST_ADDRESS_ID + 100 * person.number + index


def product_id(number: int) -> int:
    """The number in the id of the goods with this number."""
    return _FIRST_PRODUCT_ID + number


def variant_id(number: int) -> int:
    """The number in the id of a variant."""
    return _FIRST_VARIANT_ID + number


def media_id(number: int) -> int:
    """The number in the id of the picture of goods."""
    return _FIRST_MEDIA_ID + number


def collection_id(category: str) -> int:
    """The number in the id of a collection."""
    return _COLLECTION_IDS[category]


def full_name(person: Person) -> str:
    """First and last name; empty if the person has neither."""
    return f"{person.first_name} {person.last_name}".strip()


def state_of(person: Person) -> str:
    """A value of ``CustomerState``."""
    return "ENABLED" if person.is_active else "DISABLED"


def spent_minor(person: Person) -> int:
    """The total of a person's paid orders, without refunded ones."""
    return sum(order.total_minor for order in person.orders if order.status == "paid")


def _sort_by_time(read: Callable[[Person], datetime]) -> Callable[[Person], SortValue]:
    return lambda person: milliseconds(read(person))


def milliseconds(moment: datetime) -> int:
    """The value of a time in cursors."""
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
    "CREATED_AT": lambda sale: milliseconds(sale[1].created_at),
    "ID": lambda sale: str(order_id(sale)),
    "ORDER_NUMBER": lambda sale: sale[1].number,
    "PROCESSED_AT": lambda sale: milliseconds(sale[1].created_at),
    "RELEVANCE": lambda _sale: 1.0,
    "TOTAL_PRICE": lambda sale: sale[1].total_minor,
    "UPDATED_AT": lambda sale: milliseconds(sale[1].created_at),
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
    "total_spent": SearchField("number", lambda person: (spent_minor(person) / 100,)),
    "updated_at": SearchField("time", lambda person: (person.updated_at,)),
}

ORDER_FIELDS: dict[str, SearchField[Sale]] = {
    "default": SearchField("text", lambda sale: (f"#{sale[1].number}", full_name(sale[0]), sale[0].email)),
    "created_at": SearchField("time", lambda sale: (sale[1].created_at,)),
    "customer_id": SearchField("number", lambda sale: (customer_id(sale[0]),)),
    "email": SearchField("email", lambda sale: (sale[0].email,)),
    "financial_status": SearchField("exact", lambda sale: (sale[1].status,)),
    "fulfillment_status": SearchField("exact", lambda sale: FULFILLMENT_WORDS[sale[1].status]),
    "id": SearchField("number", lambda sale: (order_id(sale),)),
    "name": SearchField("text", lambda sale: (f"#{sale[1].number}",)),
    "status": SearchField("exact", lambda sale: (OPEN_STATUSES[sale[1].status],)),
    "processed_at": SearchField("time", lambda sale: (sale[1].created_at,)),
    "updated_at": SearchField("time", lambda sale: (sale[1].created_at,)),
}
