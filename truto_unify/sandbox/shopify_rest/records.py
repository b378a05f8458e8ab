"""Write people and their orders as records of Shopify's older REST Admin API.

The ids are those of the GraphQL store, because both are views of one shop:
https://shopify.dev/docs/api/admin-rest/latest/resources/customer
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from truto_unify.sandbox.purchases import buyers_currency, itemize, write_amount
from truto_unify.sandbox.shopify.fields import (
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
    spent_minor,
    state_of,
    variant_id,
)

if TYPE_CHECKING:
    from datetime import datetime

    from truto_unify.sandbox.people import Person
    from truto_unify.sandbox.purchases import Coupon, PurchaseLine
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
        "total_spent": write_amount(spent_minor(person), person.currency),
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


@lru_cache(maxsize=4096)  # lists look at all of them, and nobody changes what is rendered
def order_record(sale: Sale) -> Record:
    """One order: its buyer, its content, its price, and what became of it.

    Args:
        sale: The order and who placed it.

    Returns:
        Its fields.
    """
    person, order = sale
    purchase = itemize(order)
    coupons = [purchase.coupon] if purchase.coupon else []
    total = _money(sale, order.total_minor)
    moment = local_time(order.created_at)
    price_set = _price_set(sale, order.total_minor)
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
        "note": purchase.note or None,
        "number": order.number - 1000,
        "order_number": order.number,
        "phone": person.phone or None,
        "presentment_currency": buyers_currency(purchase, person.currency),
        "processed_at": moment,
        "tags": ", ".join(sorted(purchase.tags)),
        "test": False,
        "payment_gateway_names": [] if order.status == "pending" else ["bogus"],
        "subtotal_price": _money(sale, purchase.sub_total),
        "total_discounts": _money(sale, purchase.discount),
        "total_tax": _money(sale, purchase.tax),
        "total_shipping_price_set": _price_set(sale, purchase.shipping),
        "taxes_included": False,
        "total_price": total,
        "total_price_set": price_set,
        "updated_at": moment,
        "customer": {key: part for key, part in customer_record(person).items() if key not in _OUTSIDE_ORDERS_ONLY},
        "billing_address": _order_address(person, 0),
        "shipping_address": _order_address(person, 1),
        "discount_codes": [_discount_code(sale, coupon) for coupon in coupons],
        "discount_applications": [_discount_record(sale, coupon) for coupon in coupons],
        "tax_lines": _tax_lines(sale, purchase.tax),
        "shipping_lines": _shipping_lines(sale),
        "line_items": [_line_record(sale, line) for line in purchase.lines],
        "fulfillments": _fulfillment_records(sale),
        "refunds": _refund_records(sale),
    }


def _line_record(sale: Sale, line: PurchaseLine) -> Record:
    allocation = {
        "amount": _money(sale, line.discount),
        "amount_set": _price_set(sale, line.discount),
        "discount_application_index": 0,
    }
    return {
        "id": line_id(line),
        "admin_graphql_api_id": f"gid://shopify/LineItem/{line_id(line)}",
        "current_quantity": 0 if sale[1].status == "refunded" else line.quantity,
        "name": line.name,
        "price": _money(sale, line.unit_price),
        "product_id": product_id(line.product_number),
        "quantity": line.quantity,
        "sku": line.sku,
        "title": line.name,
        "total_discount": _money(sale, 0),  # a discount of the whole order is in the allocations alone
        "variant_id": variant_id(line.product_number),
        "variant_title": None,
        "tax_lines": _tax_lines(sale, line.tax),
        "discount_allocations": [allocation] if line.discount else [],
    }


def _discount_code(sale: Sale, coupon: Coupon) -> Record:
    kind = "fixed_amount" if coupon.percentage is None else "percentage"
    return {"code": coupon.code, "amount": _money(sale, coupon.amount), "type": kind}


def _discount_record(sale: Sale, coupon: Coupon) -> Record:
    is_fixed = coupon.percentage is None
    return {
        "target_type": "line_item",
        "type": "discount_code",
        "value": _money(sale, coupon.amount) if is_fixed else f"{coupon.percentage}.0",
        "value_type": "fixed_amount" if is_fixed else "percentage",
        "allocation_method": "across",
        "target_selection": "all",
        "code": coupon.code,
    }


def _tax_lines(sale: Sale, tax: int) -> list[Record]:
    if not tax:
        return []
    return [{"price": _money(sale, tax), "rate": 0.2, "title": "Tax", "price_set": _price_set(sale, tax)}]


def _shipping_lines(sale: Sale) -> list[Record]:
    shipping = itemize(sale[1]).shipping
    if not shipping:
        return []
    price, price_set = _money(sale, shipping), _price_set(sale, shipping)
    return [{"code": "Standard", "title": "Standard", "price": price, "price_set": price_set, "tax_lines": []}]


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
    return [
        {
            "id": refund_id(refund),
            "created_at": _write(cancelled_at(sale)),
            "note": refund.reason or None,
            "order_id": order_id(sale),
            "transactions": [
                {
                    "id": refund_id(refund) * 10,
                    "kind": "refund",
                    "status": "success",
                    "amount": _money(sale, refund.amount),
                    "currency": person.currency,
                    "gateway": "bogus",
                }
            ],
            "refund_line_items": [],
        }
        for refund in itemize(order).refunds
    ]


def _order_address(person: Person, index: int) -> Record | None:
    """The billing address (0) or the shipping address (1) of an order; None if the person has no such address."""
    if index >= len(person.addresses):
        return None
    address = address_record(person, index)
    return {key: value for key, value in address.items() if key not in {"id", "customer_id", "default"}}


def _price_set(sale: Sale, amount: int) -> Record:
    person, order = sale
    purchase = itemize(order)
    currency = buyers_currency(purchase, person.currency)
    return {
        "shop_money": {"amount": _money(sale, amount), "currency_code": person.currency},
        "presentment_money": {
            "amount": write_amount(amount * purchase.buyer_rate, currency),
            "currency_code": currency,
        },
    }


def _write(moment: datetime | None) -> str | None:
    return None if moment is None else local_time(moment)


def local_time(moment: datetime) -> str:
    """A time with the offset that the shop had then, which changes with daylight saving."""
    return moment.astimezone(SHOP_TIME_ZONE).isoformat()


def _money(sale: Sale, amount: int) -> str:
    return write_amount(amount, sale[0].currency)


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
