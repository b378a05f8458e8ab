"""Write people and their orders as WooCommerce records.

Blank parts are empty text and never null, times have no zone, and only their ``_gmt`` twins are UTC:
https://woocommerce.github.io/woocommerce-rest-api-docs/#customer-properties
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from truto_unify.sandbox.people import Person, PurchaseOrder

if TYPE_CHECKING:
    from collections.abc import Callable

    from truto_unify.sandbox.people import PostalAddress

Record = dict[str, object]

SITE_TIME_ZONE = ZoneInfo("Europe/Berlin")
ORDER_STATUSES = {"pending": "pending", "paid": "completed", "refunded": "refunded"}

# User 1 installed WordPress. `role=all` lists it, the default `role=customer` does not.
ADMINISTRATOR = Person(
    number=0,
    first_name="",
    last_name="",
    email="admin@example.com",
    phone="",
    phone_extension="",
    company="",
    currency="USD",
    is_active=True,
    accepts_marketing=False,
    created_at=datetime(2023, 1, 1, 8, 0, tzinfo=UTC),
    updated_at=datetime(2023, 1, 1, 8, 0, tzinfo=UTC),
)

_SYMBOLS = {"USD": "$", "CAD": "$", "EUR": "€", "GBP": "£"}
_BLANK_ADDRESS = dict.fromkeys(
    ("first_name", "last_name", "company", "address_1", "address_2", "city", "postcode", "country", "state"),
    "",
)


def user_id(person: Person) -> int:
    """The WordPress user id; 1 belongs to the administrator."""
    return person.number + 1


def username(person: Person) -> str:
    """The login that WooCommerce derives from the e-mail at registration."""
    return person.email.partition("@")[0]


def display_name(person: Person) -> str:
    """The key of ``orderby=name``: the full name, or the login of people without a name."""
    return f"{person.first_name} {person.last_name}".strip() or username(person)


def customer_record(person: Person, api: str) -> Record:
    """One customer.

    Args:
        person: The customer.
        api: The address of the API, ``https://shop.example/wp-json/wc/v3``.
    """
    is_administrator = person is ADMINISTRATOR
    changed_at = person.updated_at if person.updated_at > person.created_at else None
    digest = hashlib.sha256(person.email.strip().lower().encode()).hexdigest()
    methods = ["GET", "POST", "PUT", "PATCH"] if is_administrator else ["GET", "POST", "PUT", "PATCH", "DELETE"]
    return {
        "id": user_id(person),
        "date_created": local_time(person.created_at),
        "date_created_gmt": utc_time(person.created_at),
        "date_modified": _if_set(changed_at, local_time),
        "date_modified_gmt": _if_set(changed_at, utc_time),
        "email": person.email,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "role": "administrator" if is_administrator else "customer",
        "username": username(person),
        "billing": _billing(person),
        "shipping": _shipping(person),
        "is_paying_customer": any(order.status != "pending" for order in person.orders),
        "avatar_url": f"https://secure.gravatar.com/avatar/{digest}?s=96&d=mm&r=g",
        "meta_data": _meta_data(person),
        "_links": {
            "self": [{"href": f"{api}/customers/{user_id(person)}", "targetHints": {"allow": methods}}],
            "collection": [{"href": f"{api}/customers"}],
        },
    }


def order_record(person: Person, order: PurchaseOrder, api: str, site: str) -> Record:
    """One order.

    Args:
        person: The buyer.
        order: The order.
        api: The address of the API.
        site: The address of the shop.
    """
    total = f"{order.total_cents / 100:.2f}"
    is_paid = order.status != "pending"
    paid_at = order.created_at if is_paid else None
    key = "wc_order_" + hashlib.sha256(str(order.number).encode()).hexdigest()[:13]
    return {
        "id": order.number,
        "parent_id": 0,
        "status": ORDER_STATUSES[order.status],
        "currency": person.currency,
        "version": "11.0.1",
        "prices_include_tax": False,
        "date_created": local_time(order.created_at),
        "date_modified": local_time(order.created_at),
        **dict.fromkeys(("discount_total", "discount_tax", "shipping_total", "shipping_tax", "cart_tax"), "0.00"),
        "total": total,
        "total_tax": "0.00",
        "customer_id": user_id(person),
        "order_key": key,
        "billing": _with_order_keys(_billing(person)),
        "shipping": _with_order_keys(_shipping(person)),
        **dict.fromkeys(("payment_method", "payment_method_title", "transaction_id"), ""),
        **dict.fromkeys(("customer_ip_address", "customer_user_agent"), ""),
        "created_via": "checkout",
        "customer_note": "",
        "date_completed": _if_set(paid_at, local_time),
        "date_paid": _if_set(paid_at, local_time),
        "cart_hash": "",
        "number": str(order.number),
        "meta_data": [],
        "line_items": [_line_item(order, total)],
        **{name: [] for name in ("tax_lines", "shipping_lines", "fee_lines", "coupon_lines")},
        "refunds": _refunds(order, total),
        "payment_url": f"{site}/checkout/order-pay/{order.number}/?pay_for_order=true&key={key}",
        "is_editable": not is_paid,
        "needs_payment": not is_paid,
        "needs_processing": True,
        "date_created_gmt": utc_time(order.created_at),
        "date_modified_gmt": utc_time(order.created_at),
        "date_completed_gmt": _if_set(paid_at, utc_time),
        "date_paid_gmt": _if_set(paid_at, utc_time),
        "currency_symbol": _SYMBOLS.get(person.currency, person.currency),
        "_links": _order_links(person, order, api),
    }


def local_time(moment: datetime) -> str:
    """The time in the shop's zone, as WordPress writes it."""
    return moment.astimezone(SITE_TIME_ZONE).replace(tzinfo=None).isoformat()


def utc_time(moment: datetime) -> str:
    """The time in UTC, as WordPress writes it."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat()


def _if_set(moment: datetime | None, write: Callable[[datetime], str]) -> str | None:
    return None if moment is None else write(moment)


def _billing(person: Person) -> Record:
    """The billing address; only it can hold a phone, a company or a second e-mail."""
    address = person.addresses[0] if person.addresses else None
    phone = f"{person.phone} x{person.phone_extension}" if person.phone_extension else person.phone
    if not phone and address is not None:
        phone = address.phone
    record: Record = {**_BLANK_ADDRESS}
    if address is not None:
        record = _address(person, address)
    elif phone or person.company or person.second_email:
        record.update(first_name=person.first_name, last_name=person.last_name)
    return {**record, "company": person.company, "email": person.second_email, "phone": phone}


def _shipping(person: Person) -> Record:
    """The only shipping address of a WooCommerce customer; further addresses are lost."""
    if len(person.addresses) < 2:
        return {**_BLANK_ADDRESS, "phone": ""}
    address = person.addresses[1]
    return {**_address(person, address), "phone": address.phone}


def _address(person: Person, address: PostalAddress) -> Record:
    return {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "company": address.company,
        "address_1": address.street_1,
        "address_2": address.street_2,
        "city": address.city,
        "postcode": address.postal_code,
        "country": address.country_code,
        "state": address.state_code or address.state_name,
    }


def _with_order_keys(address: Record) -> Record:
    """Inside orders, ``state`` stands before ``postcode``."""
    names = [name for name in address if name != "state"]
    names.insert(names.index("postcode"), "state")
    return {name: address[name] for name in names}


def _meta_data(person: Person) -> list[Record]:
    """Plugins and WooCommerce itself store values of any shape on a customer."""
    if not person.orders:
        return []
    seen_at = str(int(person.orders[-1].created_at.timestamp()))
    meta: list[Record] = [{"id": 5000 + person.number * 2, "key": "wc_last_active", "value": seen_at}]
    if person.tags:
        value = {"newsletter": person.accepts_marketing, "tags": list(person.tags)}
        meta.append({"id": 5001 + person.number * 2, "key": "prefs", "value": value})
    return meta


def _line_item(order: PurchaseOrder, total: str) -> Record:
    return {
        "id": order.number,
        "name": "Invented thing",
        "product_id": 11,
        "variation_id": 0,
        "quantity": 1,
        "tax_class": "",
        "subtotal": total,
        "subtotal_tax": "0.00",
        "total": total,
        "total_tax": "0.00",
        "taxes": [],
        "meta_data": [],
        "sku": "SKU-1",
        "global_unique_id": "",
        "price": order.total_cents / 100,
        "image": {"id": "", "src": ""},
        "parent_name": None,
    }


def _refunds(order: PurchaseOrder, total: str) -> list[Record]:
    if order.status != "refunded":
        return []
    return [{"id": 1_000_000 + order.number, "reason": "", "total": f"-{total}"}]


def refund_records(order: PurchaseOrder) -> list[Record]:
    """The refunds of an order, as its own list of them shows them: with dates, and amounts above zero."""
    moment = order.created_at + timedelta(days=2)
    return [
        {
            "id": refund["id"],
            "date_created": local_time(moment),
            "date_created_gmt": utc_time(moment),
            "amount": str(refund["total"]).removeprefix("-"),
            "reason": refund["reason"],
        }
        for refund in _refunds(order, f"{order.total_cents / 100:.2f}")
    ]


def _order_links(person: Person, order: PurchaseOrder, api: str) -> Record:
    href = f"{api}/orders/{order.number}"
    allow = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    return {
        "self": [{"href": href, "targetHints": {"allow": allow}}],
        "collection": [{"href": f"{api}/orders"}],
        "email_templates": [{"embeddable": True, "href": f"{href}/actions/email_templates"}],
        "customer": [{"href": f"{api}/customers/{user_id(person)}"}],
    }
