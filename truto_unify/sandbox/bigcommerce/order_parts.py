"""The parts of BigCommerce orders that have addresses of their own: lines, shipping address, shipments and refunds.

https://docs.bigcommerce.com/docs/rest-management/orders, and what a real store answered.
"""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

from truto_unify.sandbox.bigcommerce.orders import all_orders, find_order
from truto_unify.sandbox.bigcommerce.pages import numbered_page
from truto_unify.sandbox.bigcommerce.query import BigCommerceError, read_limit
from truto_unify.sandbox.bigcommerce.records import (
    NOTHING,
    customer_id,
    is_shipped,
    money,
    render_billing_address,
    shipping_address,
)
from truto_unify.sandbox.purchases import count_units, itemize

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from truto_unify.sandbox.bigcommerce.query import Query
    from truto_unify.sandbox.people import Person, PurchaseOrder
    from truto_unify.sandbox.purchases import PurchaseLine, PurchaseRefund

Record = dict[str, object]

_REFUND_IDS = 500_000
_REFUNDED_AFTER = timedelta(days=2)
_SHIPPED_AFTER = timedelta(days=1)


def list_part(query: Query, people: Iterable[Person], number: int, name: str) -> list[Record]:
    """Answer ``GET /v2/orders/{id}/{name}``; an empty list stands for 204 without a body.

    Raises:
        BigCommerceError: There is no such order or part, or a parameter is unknown or its value is invalid.
    """
    if unknown := query.unknown(("page", "limit")):
        raise BigCommerceError(400, f"The field '{unknown[0]}' is not supported by this resource.")
    person, order = find_order(people, number)
    if name not in _PARTS:
        raise BigCommerceError(404, "The requested resource was not found.")
    limit = read_limit(query)
    page = query.number("page", 1, minimum=1)
    return _PARTS[name](person, order)[(page - 1) * limit : page * limit]


def list_refunds(query: Query, people: Iterable[Person]) -> Record:
    """Answer ``GET /v3/orders/payment_actions/refunds``.

    Raises:
        BigCommerceError: A parameter is unknown or its value is invalid.
    """
    if unknown := query.unknown(("page", "limit", "order_id:in", "id:in")):
        raise BigCommerceError(422, f"The filter(s): {', '.join(unknown)} are not valid filter parameter(s).")
    rows = sorted(all_orders(people), key=lambda row: row[1].number)
    refunds = [_refund(person, order, refund) for person, order in rows for refund in itemize(order).refunds]
    for name, key in (("order_id:in", "order_id"), ("id:in", "id")):
        if name in query:
            wanted = query.numbers(name)
            refunds = [refund for refund in refunds if refund[key] in wanted]
    page, pagination = numbered_page(query, refunds)
    return {"data": list(page), "meta": {"pagination": pagination}}


def _products(person: Person, order: PurchaseOrder) -> list[Record]:
    return [_product(person, order, line) for line in itemize(order).lines]


def _product(person: Person, order: PurchaseOrder, line: PurchaseLine) -> Record:
    currency = person.currency
    is_refunded = order.status == "refunded"
    record: Record = {
        "id": line.number,
        "order_id": order.number,
        "product_id": line.product_number,
        "variant_id": 10_000 + line.product_number,
        "order_pickup_method_id": 0,
        "order_address_id": order.number,
        "sku": line.sku,
        "upc": "",
        "type": "physical",
        "quantity": line.quantity,
        "is_refunded": is_refunded,
        "quantity_refunded": line.quantity if is_refunded else 0,
        "refund_amount": money(line.amount, currency) if is_refunded else NOTHING,
        "quantity_shipped": line.quantity if is_shipped(order) else 0,
        "is_bundled_product": False,
        "price_inc_tax": money(line.unit_price + line.tax // line.quantity, currency),
        "price_tax": money(line.tax // line.quantity, currency),
        "total_inc_tax": money(line.price + line.tax, currency),
        "total_tax": money(line.tax, currency),
        "discounted_total_inc_tax": money(line.amount + line.tax, currency),
    }
    record |= dict.fromkeys(("name", "name_customer", "name_merchant"), line.name)
    record |= dict.fromkeys(("base_price", "price_ex_tax"), money(line.unit_price, currency))
    # Before discounts.
    record |= dict.fromkeys(("base_total", "total_ex_tax"), money(line.price, currency))
    zeros = ("base_cost_price", "cost_price_inc_tax", "cost_price_ex_tax", "cost_price_tax")
    wrapping = ("base_wrapping_cost", "wrapping_cost_ex_tax", "wrapping_cost_inc_tax", "wrapping_cost_tax")
    record |= dict.fromkeys((*zeros, *wrapping, "fixed_shipping_cost"), NOTHING)
    record |= dict.fromkeys(("weight", "width", "height", "depth"), NOTHING)
    record |= dict.fromkeys(("return_id", "wrapping_id"), 0)
    blank = ("wrapping_name", "wrapping_message", "ebay_item_id", "ebay_transaction_id", "bin_picking_number")
    record |= dict.fromkeys((*blank, "external_id", "fulfillment_source", "brand"), "")
    unset = ("event_name", "event_date", "option_set_id", "parent_order_product_id", "gift_certificate_id")
    record |= dict.fromkeys(unset)
    record["applied_discounts"] = _applied_discounts(person, order, line)
    return record | {name: [] for name in ("product_options", "configurable_fields")}


def _applied_discounts(person: Person, order: PurchaseOrder, line: PurchaseLine) -> list[Record]:
    coupon = itemize(order).coupon
    if coupon is None or not line.discount:
        return []
    amount = money(line.discount, person.currency)
    return [{"id": "coupon", "amount": amount, "name": coupon.code, "code": coupon.code, "target": "order"}]


def _shipping_addresses(person: Person, order: PurchaseOrder) -> list[Record]:
    address = shipping_address(person)
    if address is None:
        return []
    path = f"/orders/{order.number}/shipping_addresses/{order.number}/shipping_quotes"
    record: Record = {
        "id": order.number,
        "order_id": order.number,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "company": address.company,
        "street_1": address.street_1,
        "street_2": address.street_2,
        "city": address.city,
        "zip": address.postal_code,
        "country": address.country_name,
        "country_iso2": address.country_code,
        "state": address.state_name,
        "email": person.email,
        "phone": address.phone,
        "items_total": itemize(order).quantity,
        "items_shipped": itemize(order).quantity if is_shipped(order) else 0,
        "shipping_method": "None",
    }
    for cost in ("", "handling_"):
        record[f"base_{cost}cost"] = NOTHING
        record |= {f"{cost}cost_{part}": NOTHING for part in ("ex_tax", "inc_tax", "tax")}
        record[f"{cost}cost_tax_class_id"] = 0
    quotes = {"url": f"https://api.bigcommerce.com/stores/sandboxhash/v2{path}", "resource": path}
    return [
        record | {"shipping_zone_id": 0, "shipping_zone_name": "", "shipping_quotes": quotes, "form_fields": []},
    ]


def _shipments(person: Person, order: PurchaseOrder) -> list[Record]:
    if not is_shipped(order):
        return []
    number = f"1Z{order.number:010}"
    return [
        {
            "id": order.number,
            "order_id": order.number,
            "customer_id": customer_id(person),
            "order_address_id": order.number,
            "date_created": format_datetime(order.created_at + _SHIPPED_AFTER),
            "tracking_number": number,
            "merchant_shipping_cost": NOTHING,
            "shipping_method": "None",
            "comments": "",
            "shipping_provider": "ups",
            "tracking_carrier": "",
            "tracking_link": "",
            "billing_address": render_billing_address(person),
            "shipping_address": render_billing_address(person),
            "items": [
                {"order_product_id": line.number, "product_id": line.product_number, "quantity": line.quantity}
                for line in itemize(order).lines
            ],
            "shipping_provider_display_name": "UPS",
            "generated_tracking_link": f"https://tracking.example/{number}",
        }
    ]


def _coupons(person: Person, order: PurchaseOrder) -> list[Record]:
    coupon = itemize(order).coupon
    if coupon is None:
        return []
    amount = count_units(coupon.amount, person.currency)
    is_fixed = coupon.percentage is None
    return [
        {
            "id": order.number,
            "coupon_id": 2 if is_fixed else 1,
            "order_id": order.number,
            "code": coupon.code,
            "amount": amount if is_fixed else coupon.percentage,
            "type": 2 if is_fixed else 1,  # an amount off the order's total, or a share
            "discount": amount,
        }
    ]


_PARTS: Mapping[str, Callable[[Person, PurchaseOrder], list[Record]]] = {
    "products": _products,
    "shipping_addresses": _shipping_addresses,
    "shipments": _shipments,
    "coupons": _coupons,
}


def _refund(person: Person, order: PurchaseOrder, refund: PurchaseRefund) -> Record:
    amount = count_units(refund.amount, person.currency)
    return {
        "id": _REFUND_IDS + refund.number,
        "order_id": order.number,
        "user_id": 1,
        "created": f"{order.created_at + _REFUNDED_AFTER:%Y-%m-%dT%H:%M:%S+00:00}",
        "reason": refund.reason,
        "total_amount": amount,
        "total_tax": 0,
        "uses_merchant_override_values": False,
        "items": [{"item_type": "ORDER", "item_id": order.number, "quantity": 1, "requested_amount": amount}],
        "payments": [{"id": 1, "provider_id": "manual", "amount": amount, "offline": True, "is_declined": False}],
    }
