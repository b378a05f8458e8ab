"""Write people and their orders as WooCommerce records.

Blank parts are empty text and never null, times have no zone, and only their ``_gmt`` twins are UTC:
https://woocommerce.github.io/woocommerce-rest-api-docs/#customer-properties
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from truto_unify.sandbox.people import Person, PurchaseOrder
from truto_unify.sandbox.purchases import count_units, decimal_places, itemize, write_amount

if TYPE_CHECKING:
    from collections.abc import Callable

    from truto_unify.sandbox.people import PostalAddress
    from truto_unify.sandbox.purchases import Coupon, PurchaseLine

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

_SYMBOLS = {"USD": "$", "CAD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "KWD": "د.ك"}
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


@lru_cache(maxsize=4096)  # lists look at all of them, and nobody changes what is rendered
def order_record(person: Person, order: PurchaseOrder, api: str, site: str) -> Record:
    """One order.

    Args:
        person: The buyer.
        order: The order.
        api: The address of the API.
        site: The address of the shop.
    """
    purchase = itemize(order)
    currency = person.currency
    tax = write_amount(purchase.tax, currency)
    is_paid = order.status != "pending"
    paid_at = order.created_at if is_paid else None
    key = "wc_order_" + hashlib.sha256(str(order.number).encode()).hexdigest()[:13]
    return {
        "id": order.number,
        "parent_id": 0,
        "status": ORDER_STATUSES[order.status],
        "currency": currency,
        "version": "11.0.1",
        "prices_include_tax": False,
        "date_created": local_time(order.created_at),
        "date_modified": local_time(order.created_at),
        "discount_total": write_amount(purchase.discount, currency),
        "discount_tax": write_amount(0, currency),
        "shipping_total": write_amount(purchase.shipping, currency),
        "shipping_tax": write_amount(0, currency),
        "cart_tax": tax,
        "total": write_amount(order.total_minor, currency),
        "total_tax": tax,
        "customer_id": user_id(person),
        "order_key": key,
        "billing": _with_order_keys(_billing(person)),
        "shipping": _with_order_keys(_shipping(person)),
        **dict.fromkeys(("payment_method", "payment_method_title", "transaction_id"), ""),
        **dict.fromkeys(("customer_ip_address", "customer_user_agent"), ""),
        "created_via": "checkout",
        "customer_note": purchase.note,
        "date_completed": _if_set(paid_at, local_time),
        "date_paid": _if_set(paid_at, local_time),
        "cart_hash": "",
        "number": str(order.number),
        "meta_data": [],
        "line_items": [_line_item(line, currency) for line in purchase.lines],
        "tax_lines": [_tax_line(order, tax, currency)] if purchase.tax else [],
        "shipping_lines": [_shipping_line(order, purchase.shipping, currency)] if purchase.shipping else [],
        "fee_lines": [],
        "coupon_lines": [_coupon_line(order, purchase.coupon, currency)] if purchase.coupon else [],
        "refunds": _refunds(order, currency),
        "payment_url": f"{site}/checkout/order-pay/{order.number}/?pay_for_order=true&key={key}",
        "is_editable": not is_paid,
        "needs_payment": not is_paid,
        "needs_processing": True,
        "date_created_gmt": utc_time(order.created_at),
        "date_modified_gmt": utc_time(order.created_at),
        "date_completed_gmt": _if_set(paid_at, utc_time),
        "date_paid_gmt": _if_set(paid_at, utc_time),
        "currency_symbol": _SYMBOLS.get(currency, currency),
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


def _line_item(line: PurchaseLine, currency: str) -> Record:
    return {
        "id": line.number,
        "name": line.name,
        "product_id": line.product_number,
        "variation_id": 0,
        "quantity": line.quantity,
        "tax_class": "",
        "subtotal": write_amount(line.price, currency),
        "subtotal_tax": write_amount(line.tax, currency),
        "total": write_amount(line.amount, currency),
        "total_tax": write_amount(line.tax, currency),
        "taxes": [],
        "meta_data": [],
        "sku": line.sku,
        "global_unique_id": "",
        "price": line.amount / line.quantity / 10 ** decimal_places(currency),
        "image": {"id": "", "src": ""},
        "parent_name": None,
    }


def _tax_line(order: PurchaseOrder, tax: str, currency: str) -> Record:
    return {
        "id": 2_000_000 + order.number,
        "rate_code": "TAX-1",
        "rate_id": 1,
        "label": "Tax",
        "compound": False,
        "tax_total": tax,
        "shipping_tax_total": write_amount(0, currency),
        "rate_percent": 20,
        "meta_data": [],
    }


def _shipping_line(order: PurchaseOrder, shipping: int, currency: str) -> Record:
    return {
        "id": 3_000_000 + order.number,
        "method_title": "Flat rate",
        "method_id": "flat_rate",
        "instance_id": "1",
        "total": write_amount(shipping, currency),
        "total_tax": write_amount(0, currency),
        "taxes": [],
        "tax_status": "taxable",
        "meta_data": [],
    }


def _coupon_line(order: PurchaseOrder, coupon: Coupon, currency: str) -> Record:
    """A coupon; unlike other amounts, ``discount`` has no padding in recorded answers."""
    is_fixed = coupon.percentage is None
    return {
        "id": 4_000_000 + order.number,
        "code": coupon.code.lower(),
        "discount": str(count_units(coupon.amount, currency)),
        "discount_tax": "0",
        "meta_data": [],
        "discount_type": "fixed_cart" if is_fixed else "percent",
        "nominal_amount": count_units(coupon.amount, currency) if is_fixed else coupon.percentage,
        "free_shipping": False,
    }


def _refunds(order: PurchaseOrder, currency: str) -> list[Record]:
    return [
        {"id": 1_000_000 + refund.number, "reason": refund.reason, "total": write_amount(-refund.amount, currency)}
        for refund in itemize(order).refunds
    ]


def refund_records(person: Person, order: PurchaseOrder) -> list[Record]:
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
        for refund in _refunds(order, person.currency)
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
