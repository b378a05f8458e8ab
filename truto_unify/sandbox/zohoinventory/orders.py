"""Write the orders of invented people as Zoho Inventory's sales orders: rows of the list, and whole orders.

https://www.zoho.com/inventory/api/v1/salesorders/, and the keys that recorded answers have.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from truto_unify.sandbox.purchases import count_units, decimal_places, itemize
from truto_unify.sandbox.zohoinventory.details import currency_symbol
from truto_unify.sandbox.zohoinventory.records import (
    ORGANIZATION_ZONE,
    currency_id,
    format_instant,
    render_named_addresses,
    render_persons,
)

if TYPE_CHECKING:
    from truto_unify.sandbox.people import PurchaseOrder
    from truto_unify.sandbox.purchases import Purchase, PurchaseLine
    from truto_unify.sandbox.zohoinventory.records import Contact, Record

_ORDER_BASE = 4_708_150_000_000_000_000
_LINE_BASE = 4_718_150_000_000_000_000
_PACKAGE_BASE = 4_728_150_000_000_000_000
_ITEM_BASE = 4_738_150_000_000_000_000
_TAG_BASE = 4_748_150_000_000_000_000
_STATUSES = {"pending": "draft", "paid": "closed", "refunded": "void"}
_COUNTRIES = (
    "AU-AUS",
    "BR-BRA",
    "CA-CAN",
    "DE-DEU",
    "ES-ESP",
    "FR-FRA",
    "GB-GBR",
    "IS-ISL",
    "IT-ITA",
    "PL-POL",
    "SG-SGP",
)
_ALPHA_3 = {pair[:2]: pair[3:] for pair in (*_COUNTRIES, "US-USA")}
_EMPTY = (
    "sub_statuses", "shipping_charge_taxes", "invoices", "purchaseorders", "salesreturns", "payments",
    "creditnotes", "refunds", "picklists", "documents", "custom_fields", "contact_persons_associated",
)  # fmt: skip
_ZERO = (
    "sub_total_inclusive_of_tax", "adjustment", "roundoff_value", "payment_terms",
)  # fmt: skip
_BLANK = (
    "shipment_date", "reference_number", "current_sub_status_id", "shipping_charge_tax", "adjustment_description",
    "terms", "salesperson_id", "salesperson_name", "coupon_id", "delivery_method",
    "delivery_method_id", "tracking_url",
)  # fmt: skip


def order_id(order: PurchaseOrder) -> str:
    """The id of a sales order."""
    return str(_ORDER_BASE + order.number)


def render_order_rows(contact: Contact) -> list[Record]:
    """The sales orders of a contact, as in the list of orders."""
    return [_render_row(contact, order) for order in contact.person.orders]


def render_order(contact: Contact, order: PurchaseOrder) -> Record:
    """The whole sales order, with what a row of the list lacks."""
    person = contact.person
    currency = person.currency
    purchase = itemize(order)
    total = count_units(order.total_minor, currency)
    billing, shipping, _ = render_named_addresses(contact)
    companies = [address.company for address in person.addresses if address.kind == "shipping"]
    persons = render_persons(contact)[:1]
    return {
        "salesorder_id": order_id(order),
        "salesorder_number": _order_number(order),
        "date": _order_day(order),
        **dict.fromkeys(_BLANK, ""),
        **{key: [] for key in _EMPTY},
        **dict.fromkeys(_ZERO, 0),
        **_render_statuses(order),
        "customer_id": contact.contact_id,
        "customer_name": contact.contact_name,
        "contact_persons": [contact_person["contact_person_id"] for contact_person in persons],
        "contact_person_details": persons,
        "currency_id": currency_id(person.currency),
        "currency_code": person.currency,
        "currency_symbol": currency_symbol(person.currency),
        "exchange_rate": 1,
        "price_precision": decimal_places(currency),
        **_render_sums(purchase, currency),
        **dict.fromkeys(("total", "bcy_total"), total),
        "balance": 0 if order.status == "paid" else total,
        "is_discount_before_tax": True,
        "is_inclusive_tax": False,
        "tax_rounding": "entity_level",
        "is_emailed": False,
        "created_time": format_instant(order.created_at),
        "last_modified_time": format_instant(order.created_at),
        "created_date": _order_day(order),
        "sales_channel": "direct_sales",
        "source": "Api",
        "payment_terms_label": "Due on Receipt",
        "total_quantity": purchase.quantity,
        "notes": purchase.note,
        "tags": [_render_tag(tag) for tag in purchase.tags],
        "line_items": [_render_line(order, line, currency) for line in purchase.lines],
        "packages": [_render_package(order)] if order.status == "paid" else [],
        "custom_field_hash": {},
        "billing_address_id": billing["address_id"],
        "billing_address": _render_address(billing, without=("latitude", "longitude")),
        "shipping_address_id": shipping["address_id"],
        "shipping_address": {**_render_address(shipping), "company_name": companies[0] if companies else ""},
        "contact": {"customer_balance": 0, "credit_limit": 0, "unused_customer_credits": 0},
    }


@lru_cache(maxsize=4096)  # lists look at all of them, and nobody changes what is rendered
def _render_row(contact: Contact, order: PurchaseOrder) -> Record:
    person = contact.person
    quantity = itemize(order).quantity
    is_paid = order.status == "paid"
    total = count_units(order.total_minor, person.currency)
    return {
        "salesorder_id": order_id(order),
        "zcrm_potential_id": "",
        "zcrm_potential_name": "",
        "customer_name": contact.contact_name,
        "customer_id": contact.contact_id,
        "email": person.email,
        "delivery_date": "",
        "company_name": person.company,
        "color_code": "",
        "current_sub_status_id": "",
        "pickup_location_id": "",
        "salesorder_number": _order_number(order),
        "reference_number": "",
        "date": _order_day(order),
        "shipment_date": "",
        "shipment_days": "",
        "due_by_days": "",
        "due_in_days": "",
        "currency_id": currency_id(person.currency),
        "source": "Api",
        "currency_code": person.currency,
        "total": total,
        "bcy_total": total,
        "total_invoiced_amount": total if is_paid else 0,
        "created_time": format_instant(order.created_at),
        "last_modified_time": format_instant(order.created_at),
        "is_emailed": False,
        "quantity": quantity,
        **dict.fromkeys(("quantity_invoiced", "quantity_packed", "quantity_shipped"), quantity if is_paid else 0),
        **_render_statuses(order),
        "order_fulfillment_type": "",
        "is_drop_shipment": False,
        "is_backorder": False,
        "is_manually_fulfilled": False,
        "sales_channel": "direct_sales",
        "sales_channel_formatted": "Direct Sales",
        "salesperson_name": "",
        "has_attachment": False,
        "tags": [_render_tag(tag) for tag in itemize(order).tags],
        "balance": 0 if is_paid else total,
        "delivery_method": "",
        "delivery_method_id": "",
        "is_viewed_in_mail": False,
        "mail_first_viewed_time": "",
        "mail_last_viewed_time": "",
        "is_scheduled_for_quick_shipment_create": False,
    }


def _render_statuses(order: PurchaseOrder) -> Record:
    """The statuses of an order; those of its parts are blank until it is confirmed."""
    is_paid = order.status == "paid"
    return {
        **dict.fromkeys(("status", "order_status", "current_sub_status"), _STATUSES[order.status]),
        "invoiced_status": "invoiced" if is_paid else "",
        "paid_status": "paid" if is_paid else "",
        "shipped_status": "fulfilled" if is_paid else "",
    }


def _render_sums(purchase: Purchase, currency: str) -> Record:
    """The parts of the total. The discount is one of the whole order: the lines and ``sub_total`` do not hold it."""
    coupon = purchase.coupon
    price, discount, tax, shipping = (
        count_units(amount, currency) for amount in (purchase.price, purchase.discount, purchase.tax, purchase.shipping)
    )
    is_share = coupon is not None and coupon.percentage is not None
    return {
        "discount_type": "entity_level" if coupon else "item_level",
        "discount": f"{coupon.percentage}%" if coupon and is_share else discount,
        "discount_percent": coupon.percentage if coupon and is_share else 0,
        "discount_total": discount,
        "discount_applied_on_amount": price if coupon else 0,
        "coupon_code": coupon.code if coupon else "",
        **dict.fromkeys(("sub_total", "bcy_sub_total"), price),
        "sub_total_exclusive_of_discount": count_units(purchase.sub_total, currency),
        "tax_total": tax,
        "taxes": [{"tax_name": "Tax (20%)", "tax_amount": tax}] if purchase.tax else [],
        **dict.fromkeys(
            ("shipping_charge", "shipping_charge_exclusive_of_tax", "shipping_charge_inclusive_of_tax"), shipping
        ),
    }


def _render_tag(tag: str) -> Record:
    """One option of a reporting tag."""
    number = _TAG_BASE + len(tag)
    return {"tag_id": str(_TAG_BASE), "tag_name": "Kind", "tag_option_id": str(number), "tag_option_name": tag}


def _render_line(order: PurchaseOrder, line: PurchaseLine, currency: str) -> Record:
    price, unit_price, tax = (count_units(amount, currency) for amount in (line.price, line.unit_price, line.tax))
    shipped = line.quantity if order.status == "paid" else 0
    item_id = _ITEM_BASE + line.product_number * 10
    return {
        "line_item_id": str(_LINE_BASE + line.number),
        "item_id": str(item_id),
        "variant_id": str(item_id),
        "product_id": str(item_id + 3),
        "name": line.name,
        "group_name": line.name,
        "description": "",
        "sku": line.sku,
        "item_order": 1,
        "quantity": line.quantity,
        "unit": "pcs",
        **dict.fromkeys(("rate", "bcy_rate", "sales_rate"), unit_price),
        **dict.fromkeys(("discount", "discount_amount"), 0),
        "tax_percentage": 20 if line.tax else 0,
        **dict.fromkeys(("tax_id", "tax_name"), ""),
        "tax_type": "tax",
        "line_item_taxes": [{"tax_id": "", "tax_name": "Tax (20%)", "tax_amount": tax}] if line.tax else [],
        **{key: [] for key in ("discounts", "mapped_items", "item_custom_fields", "tags")},
        **dict.fromkeys(("item_total", "item_sub_total"), price),
        **dict.fromkeys(("quantity_invoiced", "quantity_packed", "quantity_shipped", "quantity_delivered"), shipped),
        **dict.fromkeys(("quantity_cancelled", "quantity_returned"), 0),
        "is_combo_product": False,
        "package_details": {
            **dict.fromkeys(("length", "width", "height", "weight"), ""),
            "weight_unit": "lb",
            "dimension_unit": "in",
        },
    }


def _render_package(order: PurchaseOrder) -> Record:
    number = _PACKAGE_BASE + order.number
    return {
        "package_id": str(number),
        "package_number": f"PK-{order.number:05d}",
        "status": "delivered",
        "detailed_status": "Delivered",
        "status_message": "Delivered",
        "shipment_id": str(number + 500_000),
        "shipment_number": f"SH-{order.number:05d}",
        "carrier": "FedEx",
        "tracking_number": f"TRK{order.number}",
        "shipment_date": _order_day(order),
    }


def _render_address(address: Record, without: tuple[str, ...] = ()) -> Record:
    """An address inside an order: without its id, and with a code of three letters for its country."""
    code = address["country_code"]
    parts = {name: value for name, value in address.items() if name not in {"address_id", *without}}
    return {**parts, "country_code": _ALPHA_3.get(code, code)}


def _order_number(order: PurchaseOrder) -> str:
    return f"SO-{order.number:05d}"


def _order_day(order: PurchaseOrder) -> str:
    return order.created_at.astimezone(ORGANIZATION_ZONE).date().isoformat()
