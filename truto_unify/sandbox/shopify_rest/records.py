"""Write people and their orders as records of Shopify's older REST Admin API.

The ids are those of the GraphQL store, because both are views of one shop:
https://shopify.dev/docs/api/admin-rest/latest/resources/customer
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from truto_unify.sandbox.shopify.fields import (
    THING_NUMBER,
    address_id,
    cancelled_at,
    closed_at,
    customer_id,
    fulfillment_id,
    full_name,
    line_id,
    order_id,
    product_id,
    refund_id,
    spent_cents,
    state_of,
    variant_id,
)

if TYPE_CHECKING:
    from datetime import datetime

    from truto_unify.sandbox.people import Person
    from truto_unify.sandbox.shopify.fields import Sale

Record = dict[str, object]

SHOP_TIME_ZONE = ZoneInfo("America/New_York")
MAX_ADDRESSES = 10
_FULFILLMENT_STATUS = {"pending": None, "paid": "fulfilled", "refunded": "restocked"}

# The fields that a customer inside an order lacks.
_OUTSIDE_ORDERS_ONLY = frozenset(("orders_count", "total_spent", "last_order_id", "last_order_name", "addresses"))


def customer_record(person: Person) -> Record:
    """One customer.

    Args:
        person: The customer.

    Returns:
        Its fields; ``default_address`` is absent, not null, if there is no address.
    """
    # The real store shows the ten most recently updated addresses, and always the default one. Invented addresses have
    # no time of change, so the first ten count as the latest.
    addresses = [address_record(person, index) for index in range(min(len(person.addresses), MAX_ADDRESSES))]
    last = max(person.orders, key=lambda order: order.created_at, default=None)
    record: Record = {
        "id": customer_id(person),
        "email": person.email or None,
        "created_at": local_time(person.created_at),
        "updated_at": local_time(person.updated_at),
        "first_name": person.first_name or None,
        "last_name": person.last_name or None,
        "orders_count": len(person.orders),
        "state": state_of(person).lower(),
        "total_spent": _money(spent_cents(person)),
        "last_order_id": order_id((person, last)) if last else None,
        "note": None,
        "verified_email": True,
        "multipass_identifier": None,
        "tax_exempt": False,
        "tags": ", ".join(sorted(set(person.tags))),
        "last_order_name": f"#{last.number}" if last else None,
        "currency": person.currency,
        "phone": person.phone or None,
        "addresses": addresses,
        "tax_exemptions": [],
        "email_marketing_consent": _email_consent(person) if person.email else None,
        "sms_marketing_consent": _sms_consent() if person.phone else None,
        "admin_graphql_api_id": f"gid://shopify/Customer/{customer_id(person)}",
    }
    return record | ({"default_address": addresses[0]} if addresses else {})


def order_record(sale: Sale) -> Record:
    """One order: its buyer, its content, its price, and what became of it.

    Args:
        sale: The order and who placed it.

    Returns:
        Its fields.
    """
    person, order = sale
    total = _money(order.total_cents)
    moment = local_time(order.created_at)
    price_set = _price_set(order.total_cents, person.currency)
    nothing = _price_set(0, person.currency)
    return {
        "id": order_id(sale),
        "admin_graphql_api_id": f"gid://shopify/Order/{order_id(sale)}",
        "cancel_reason": "customer" if order.status == "refunded" else None,
        "cancelled_at": _write(cancelled_at(sale)),
        "closed_at": _write(closed_at(sale)),
        "confirmed": True,
        "contact_email": person.email or None,
        "created_at": moment,
        "currency": person.currency,
        "current_total_price": total,
        "current_total_price_set": price_set,
        "email": person.email,  # empty, not null, if absent
        "financial_status": order.status,
        "fulfillment_status": _FULFILLMENT_STATUS[order.status],
        "name": f"#{order.number}",
        "note": None,
        "number": order.number - 1000,
        "order_number": order.number,
        "phone": person.phone or None,
        "presentment_currency": person.currency,
        "processed_at": moment,
        "tags": "",
        "test": False,
        "payment_gateway_names": [] if order.status == "pending" else ["bogus"],
        "subtotal_price": total,
        **dict.fromkeys(("total_discounts", "total_tax"), _money(0)),
        "total_shipping_price_set": nothing,
        "taxes_included": False,
        "total_price": total,
        "total_price_set": price_set,
        "updated_at": moment,
        "customer": {key: part for key, part in customer_record(person).items() if key not in _OUTSIDE_ORDERS_ONLY},
        "billing_address": _order_address(person, 0),
        "shipping_address": _order_address(person, 1),
        "discount_codes": [],
        "discount_applications": [],
        "tax_lines": [],
        "shipping_lines": [],
        "line_items": [_line_record(sale)],
        "fulfillments": _fulfillment_records(sale),
        "refunds": _refund_records(sale),
    }


def _line_record(sale: Sale) -> Record:
    order = sale[1]
    return {
        "id": line_id(sale),
        "admin_graphql_api_id": f"gid://shopify/LineItem/{line_id(sale)}",
        "current_quantity": 0 if order.status == "refunded" else 1,
        "name": "Invented thing",
        "price": _money(order.total_cents),
        "product_id": product_id(THING_NUMBER),
        "quantity": 1,
        "sku": "SKU-1",
        "title": "Invented thing",
        "total_discount": _money(0),
        "variant_id": variant_id(THING_NUMBER),
        "variant_title": None,
        "tax_lines": [],
        "discount_allocations": [],
    }


def _fulfillment_records(sale: Sale) -> list[Record]:
    order, sent_at = sale[1], _write(closed_at(sale))
    if sent_at is None:
        return []
    number, url = f"PARCEL{order.number}", f"https://parcels.example/{order.number}"
    return [
        {
            "id": fulfillment_id(sale),
            "created_at": sent_at,
            "name": f"#{order.number}-F1",
            "order_id": order_id(sale),
            "shipment_status": None,
            "status": "success",
            "tracking_company": "Acme",
            "tracking_number": number,
            "tracking_numbers": [number],
            "tracking_url": url,
            "tracking_urls": [url],
            "updated_at": sent_at,
        }
    ]


def _refund_records(sale: Sale) -> list[Record]:
    person, order = sale
    if order.status != "refunded":
        return []
    payment = {
        "id": refund_id(sale) * 10,
        "kind": "refund",
        "status": "success",
        "amount": _money(order.total_cents),
        "currency": person.currency,
        "gateway": "bogus",
    }
    return [
        {
            "id": refund_id(sale),
            "created_at": _write(cancelled_at(sale)),
            "note": None,
            "order_id": order_id(sale),
            "transactions": [payment],
            "refund_line_items": [],
        }
    ]


def _order_address(person: Person, index: int) -> Record | None:
    """The billing address (0) or the shipping address (1) of an order; None if the person has no such address."""
    if index >= len(person.addresses):
        return None
    address = address_record(person, index)
    return {key: value for key, value in address.items() if key not in {"id", "customer_id", "default"}}


def _price_set(cents: int, currency: str) -> Record:
    price = {"amount": _money(cents), "currency_code": currency}
    return {"shop_money": price, "presentment_money": price}


def _write(moment: datetime | None) -> str | None:
    return None if moment is None else local_time(moment)


def local_time(moment: datetime) -> str:
    """A time with the offset that the shop had then, which changes with daylight saving."""
    return moment.astimezone(SHOP_TIME_ZONE).isoformat()


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def _email_consent(person: Person) -> Record:
    subscribed = person.accepts_marketing
    return {
        "state": "subscribed" if subscribed else "not_subscribed",
        "opt_in_level": "single_opt_in",
        "consent_updated_at": local_time(person.created_at) if subscribed else None,
    }


def _sms_consent() -> Record:
    return {
        "state": "not_subscribed",
        "opt_in_level": "single_opt_in",
        "consent_updated_at": None,
        "consent_collected_from": "OTHER",
    }


def address_record(person: Person, index: int) -> Record:
    """One address.

    Args:
        person: The owner of the address.
        index: Its position among the addresses, counted from 0.

    Returns:
        Its fields.
    """
    address = person.addresses[index]
    company, phone = address.company, address.phone
    if index == 0:
        # A customer of Shopify has no company, and its phone has no extension: the address holds both.
        company = company or person.company
        if person.phone_extension:
            phone = f"{person.phone or phone.partition(' ')[0]} x{person.phone_extension}"
    # Blank parts are null or empty as in published and recorded answers.
    return {
        "id": address_id(person, index),
        "customer_id": customer_id(person),
        "first_name": person.first_name or None,
        "last_name": person.last_name or None,
        "company": company or None,
        "address1": address.street_1 or None,
        "address2": address.street_2,
        "city": address.city or None,
        "province": address.state_name or None,
        "country": address.country_name or None,
        "zip": address.postal_code or None,
        "phone": phone,
        "name": full_name(person),
        "province_code": address.state_code or None,
        "country_code": address.country_code or None,
        "country_name": address.country_name or None,
        "default": index == 0,
    }
