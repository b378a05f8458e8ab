"""The invented people as BigCommerce records.

Blank text is "", never null; the customer has no status, currency, default address or order list.
"""

from __future__ import annotations

from email.utils import format_datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from truto_unify.sandbox.purchases import buyers_currency, itemize, write_amount

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from truto_unify.sandbox.people import Person, PostalAddress, PurchaseOrder

STORE_HASH = "sandboxhash"
NOTHING = "0.0000"
"""An amount of zero as version 2 writes it."""
MAX_INCLUDED_ADDRESSES = 10  # include=addresses shows at most these; address_count counts all

_STATUSES = {"pending": (1, "Pending"), "paid": (10, "Completed"), "refunded": (4, "Refunded")}


def holdable(people: Iterable[Person]) -> list[Person]:
    """The people that the store can hold: it requires an e-mail and a name.

    https://docs.bigcommerce.com/docs/rest-management/customers#create-customers
    """
    return [person for person in people if person.email and (person.first_name or person.last_name)]


def customer_id(person: Person) -> int:
    """The store's id of a person."""
    return 100 + person.number


def address_id(person: Person, position: int) -> int:
    """The store's id of the address at this position of a person, counted from 0."""
    return 1000 * person.number + position + 1


def full_name(person: Person) -> str:
    """First and last name as the name filters see them."""
    return f"{person.first_name} {person.last_name}".strip()


def phone_text(person: Person) -> str:
    """The phone with its extension: a free text field here."""
    if person.phone and person.phone_extension:
        return f"{person.phone} x{person.phone_extension}"
    return person.phone


def render_customer(person: Person, include: Collection[str] = ()) -> dict[str, object]:
    """A record of ``/v3/customers`` with the included sub-resources."""
    record: dict[str, object] = {"id": customer_id(person)}
    if "addresses" in include:
        shown = range(min(len(person.addresses), MAX_INCLUDED_ADDRESSES))
        record["address_count"] = len(person.addresses)
        record["addresses"] = [render_address(person, position, include) for position in shown]
    if "attributes" in include:
        record |= {"attribute_count": 0, "attributes": []}
    record |= {
        "authentication": {"force_password_reset": False},
        "company": person.company,
        "customer_group_id": 0,
        "email": person.email,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "notes": "",
        "phone": phone_text(person),
        "registration_ip_address": "",
        "tax_exempt_category": "",
        "date_created": _iso(person.created_at),
        "date_modified": _iso(person.updated_at),
        # Not a newsletter consent: that is part of /customers/subscribers.
        "accepts_product_review_abandoned_cart_emails": False,
    }
    if "formfields" in include:
        record["form_fields"] = []
    if "storecredit" in include:
        record["store_credit_amounts"] = [{"amount": 0}]
    if "shopper_profile_id" in include:
        record["shopper_profile_id"] = None
    if "segment_ids" in include:
        record["segment_ids"] = []
    return record | {"origin_channel_id": 1, "channel_ids": None}


def render_address(person: Person, position: int, include: Collection[str] = ()) -> dict[str, object]:
    """One record of ``/v3/customers/addresses``: state and country by name."""
    address = person.addresses[position]
    record: dict[str, object] = {
        "id": address_id(person, position),
        "address1": address.street_1,
        "address2": address.street_2,
        "address_type": "commercial" if address.kind == "billing" and address.company else "residential",
        "city": address.city,
        "company": address.company,
        "country": address.country_name,
        "country_code": address.country_code,
        "customer_id": customer_id(person),
        "first_name": person.first_name,
        "last_name": person.last_name,
        "phone": address.phone,
        "postal_code": address.postal_code,
        "state_or_province": address.state_name,
    }
    return record | {"form_fields": []} if "formfields" in include else record


def is_shipped(order: PurchaseOrder) -> bool:
    """Whether the goods have left; those of a refunded order came back."""
    return order.status == "paid"


def shipping_address(person: Person) -> PostalAddress | None:
    """The first shipping address, if there is one."""
    return next((address for address in person.addresses if address.kind == "shipping"), None)


def order_status_id(order: PurchaseOrder) -> int:
    """The number of an order's status."""
    return _STATUSES[order.status][0]


@lru_cache(maxsize=4096)  # lists look at all of them, and nobody changes what is rendered
def render_order(person: Person, order: PurchaseOrder) -> dict[str, object]:
    """One record of ``/v2/orders``: money as text with four decimals, times as RFC 2822."""
    status_id, status = _STATUSES[order.status]
    purchase = itemize(order)
    created = format_datetime(order.created_at)
    record: dict[str, object] = {
        "id": order.number,
        "customer_id": customer_id(person),
        "date_created": created,
        "is_tax_inclusive_pricing": False,
        "date_modified": created,
        "date_shipped": "",
        "status_id": status_id,
        "status": status,
        # Before discounts.
        "subtotal_ex_tax": money(purchase.price, person.currency),
        "subtotal_inc_tax": money(purchase.price + purchase.tax, person.currency),
        "subtotal_tax": money(purchase.tax, person.currency),
    }
    for cost in ("shipping", "handling", "wrapping"):
        amount = money(purchase.shipping, person.currency) if cost == "shipping" else NOTHING
        record[f"base_{cost}_cost"] = amount
        record |= {f"{cost}_cost_ex_tax": amount, f"{cost}_cost_inc_tax": amount, f"{cost}_cost_tax": NOTHING}
        record[f"{cost}_cost_tax_class_id"] = 0
    return (
        record
        | _render_payment(person, order)
        | _render_currency(person, order)
        | _render_order_rest(person, order, status)
        | {"billing_address": render_billing_address(person)}
    )


def _render_payment(person: Person, order: PurchaseOrder) -> dict[str, object]:
    purchase = itemize(order)
    return {
        "total_ex_tax": money(order.total_minor - purchase.tax, person.currency),
        "total_inc_tax": money(order.total_minor, person.currency),
        "total_tax": money(purchase.tax, person.currency),
        "items_total": purchase.quantity,
        "items_shipped": purchase.quantity if is_shipped(order) else 0,
        "payment_method": "Manual",
        "payment_provider_id": None,
        "payment_status": "",
        "refunded_amount": NOTHING,  # documented: always, refunds are in version 3
        "order_is_digital": False,
        "store_credit_amount": NOTHING,
        "gift_certificate_amount": NOTHING,
        "discount_amount": NOTHING,  # what is taken off without a coupon
        "coupon_discount": money(purchase.discount, person.currency),
    }


def _render_currency(person: Person, order: PurchaseOrder) -> dict[str, object]:
    """Amounts are in the default currency; the others are what the shopper saw, and the store's own."""
    purchase = itemize(order)
    return {
        "currency_id": 1,
        "currency_code": buyers_currency(purchase, person.currency),
        "currency_exchange_rate": f"{purchase.buyer_rate}.0000000000",
        "default_currency_id": 1,
        "default_currency_code": person.currency,
        "store_default_currency_code": "USD",
        "store_default_to_transactional_exchange_rate": "1.0000000000",
    }


def _render_order_rest(person: Person, order: PurchaseOrder, status: str) -> dict[str, object]:
    links = ("fees", "consignments", "products", "shipping_addresses", "coupons")
    unset_text = ("ip_address", "ip_address_v6", "geoip_country", "geoip_country_iso2")
    unset = ("staff_notes", "cart_id", "credit_card_type", "external_source")
    record: dict[str, object] = {name: _link(order.number, name) for name in links}
    record |= dict.fromkeys((*unset_text, "tax_provider_id", "external_order_id"), "")
    record |= dict.fromkeys((*unset, "external_id", "external_merchant_id"), None)
    return record | {
        "customer_message": itemize(order).note or None,
        "shipping_address_count": 0 if shipping_address(person) is None else 1,
        "is_deleted": False,
        "ebay_order_id": "0",
        "is_email_opt_in": False,
        "order_source": "external",
        "channel_id": 1,
        "customer_locale": "en",
        "custom_status": status,
    }


def render_billing_address(person: Person) -> dict[str, object]:
    """The billing address inside of an order."""
    address = person.addresses[0] if person.addresses else None
    return {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "company": address.company if address else "",
        "street_1": address.street_1 if address else "",
        "street_2": address.street_2 if address else "",
        "city": address.city if address else "",
        "state": address.state_name if address else "",
        "zip": address.postal_code if address else "",
        "country": address.country_name if address else "",
        "country_iso2": address.country_code if address else "",
        "phone": address.phone if address else "",
        "email": person.email,
        "form_fields": [],
    }


def _link(number: int, name: str) -> dict[str, str]:
    resource = f"/orders/{number}/{name}"
    return {"url": f"https://api.bigcommerce.com/stores/{STORE_HASH}/v2{resource}", "resource": resource}


def money(amount: int, currency: str) -> str:
    """An amount as version 2 writes it: four decimals whatever the currency."""
    whole, _, decimals = write_amount(amount, currency).partition(".")
    return f"{whole}.{decimals:0<4}"


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
