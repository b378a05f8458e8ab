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
    customer_id,
    is_shipped,
    money,
    render_billing_address,
    shipping_address,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from truto_unify.sandbox.bigcommerce.query import Query
    from truto_unify.sandbox.people import Person, PurchaseOrder

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
    orders = [order for _, order in all_orders(people) if order.status == "refunded"]
    refunds = [_refund(order) for order in sorted(orders, key=lambda order: order.number)]
    for name, key in (("order_id:in", "order_id"), ("id:in", "id")):
        if name in query:
            wanted = query.numbers(name)
            refunds = [refund for refund in refunds if refund[key] in wanted]
    page, pagination = numbered_page(query, refunds)
    return {"data": list(page), "meta": {"pagination": pagination}}


def _products(_: Person, order: PurchaseOrder) -> list[Record]:
    price = money(order.total_cents)
    record: Record = {
        "id": order.number,
        "order_id": order.number,
        "product_id": 11,
        "variant_id": 0,
        "order_pickup_method_id": 0,
        "order_address_id": order.number,
        "sku": "SKU-1",
        "upc": "",
        "type": "physical",
        "quantity": 1,
        "is_refunded": order.status == "refunded",
        "quantity_refunded": 1 if order.status == "refunded" else 0,
        "refund_amount": price if order.status == "refunded" else money(0),
        "quantity_shipped": 1 if is_shipped(order) else 0,
        "is_bundled_product": False,
        "discounted_total_inc_tax": price,
    }
    record |= dict.fromkeys(("name", "name_customer", "name_merchant"), "Invented thing")
    record |= dict.fromkeys(("base_price", "price_ex_tax", "price_inc_tax"), price)
    record |= dict.fromkeys(("base_total", "total_ex_tax", "total_inc_tax"), price)
    zeros = ("price_tax", "total_tax", "base_cost_price", "cost_price_inc_tax", "cost_price_ex_tax", "cost_price_tax")
    wrapping = ("base_wrapping_cost", "wrapping_cost_ex_tax", "wrapping_cost_inc_tax", "wrapping_cost_tax")
    record |= dict.fromkeys((*zeros, *wrapping, "fixed_shipping_cost"), money(0))
    record |= dict.fromkeys(("weight", "width", "height", "depth"), money(0))
    record |= dict.fromkeys(("return_id", "wrapping_id"), 0)
    blank = ("wrapping_name", "wrapping_message", "ebay_item_id", "ebay_transaction_id", "bin_picking_number")
    record |= dict.fromkeys((*blank, "external_id", "fulfillment_source", "brand"), "")
    unset = ("event_name", "event_date", "option_set_id", "parent_order_product_id", "gift_certificate_id")
    record |= dict.fromkeys(unset)
    return [record | {name: [] for name in ("applied_discounts", "product_options", "configurable_fields")}]


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
        "items_total": 1,
        "items_shipped": 1 if is_shipped(order) else 0,
        "shipping_method": "None",
    }
    for cost in ("", "handling_"):
        record[f"base_{cost}cost"] = money(0)
        record |= {f"{cost}cost_{part}": money(0) for part in ("ex_tax", "inc_tax", "tax")}
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
            "merchant_shipping_cost": money(0),
            "shipping_method": "None",
            "comments": "",
            "shipping_provider": "ups",
            "tracking_carrier": "",
            "tracking_link": "",
            "billing_address": render_billing_address(person),
            "shipping_address": render_billing_address(person),
            "items": [{"order_product_id": order.number, "product_id": 11, "quantity": 1}],
            "shipping_provider_display_name": "UPS",
            "generated_tracking_link": f"https://tracking.example/{number}",
        }
    ]


def _no_coupons(_: Person, __: PurchaseOrder) -> list[Record]:
    return []


_PARTS: Mapping[str, Callable[[Person, PurchaseOrder], list[Record]]] = {
    "products": _products,
    "shipping_addresses": _shipping_addresses,
    "shipments": _shipments,
    "coupons": _no_coupons,
}


def _refund(order: PurchaseOrder) -> Record:
    amount = order.total_cents / 100
    return {
        "id": _REFUND_IDS + order.number,
        "order_id": order.number,
        "user_id": 1,
        "created": f"{order.created_at + _REFUNDED_AFTER:%Y-%m-%dT%H:%M:%S+00:00}",
        "reason": "",
        "total_amount": amount,
        "total_tax": 0,
        "uses_merchant_override_values": False,
        "items": [{"item_type": "PRODUCT", "item_id": order.number, "quantity": 1, "requested_amount": amount}],
        "payments": [{"id": 1, "provider_id": "manual", "amount": amount, "offline": True, "is_declined": False}],
    }
