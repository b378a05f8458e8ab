"""The invented purchases as Commerce7 orders; a refund is an order of its own, with amounts below zero.

https://developer.commerce7.com/docs/orders
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from truto_unify.sandbox.commerce7.records import (
    address_id,
    customer_id,
    derive_id,
    iso,
    order_id,
    render_buyer,
    render_recipient,
)
from truto_unify.sandbox.purchases import itemize

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from truto_unify.sandbox.people import Person, PurchaseOrder
    from truto_unify.sandbox.purchases import Purchase, PurchaseLine

_REFUND_NUMBERS = 1_000_000
_REFUNDED_AFTER = timedelta(days=2)
_SHIPPED_AFTER = timedelta(days=1)
_CHARGES = {"pending": "PreAuth", "paid": "Sale", "refunded": "Sale"}


@dataclass(frozen=True, slots=True)
class Order:
    """An order of the tenant: what a person bought, or the refund of it."""

    person: Person
    purchase: PurchaseOrder
    is_refund: bool = False

    @property
    def id(self) -> str:
        """The store's id."""
        return derive_id("refund", self.purchase.number) if self.is_refund else order_id(self.purchase)

    @property
    def number(self) -> int:
        """The number that people see."""
        return self.purchase.number + (_REFUND_NUMBERS if self.is_refund else 0)

    @property
    def created_at(self) -> datetime:
        """When it was created; it never changes afterwards."""
        return self.purchase.created_at + (_REFUNDED_AFTER if self.is_refund else timedelta())

    @property
    def is_paid(self) -> bool:
        """Whether it was paid, or paid back."""
        return self.purchase.status != "pending"

    @property
    def sign(self) -> int:
        """Minus one if quantities and amounts are below zero."""
        return -1 if self.is_refund else 1


def all_orders(people: Iterable[Person]) -> list[Order]:
    """Every order: a refund follows the order that it refunds."""
    orders: list[Order] = []
    for person in people:
        for purchase in person.orders:
            orders.append(Order(person, purchase))
            if purchase.status == "refunded":
                orders.append(Order(person, purchase, is_refund=True))
    return orders


def render_listed_order(order: Order) -> dict[str, object]:
    """One record of ``/order``."""
    refund = Order(order.person, order.purchase, is_refund=True)
    has_refund = order.purchase.status == "refunded" and not order.is_refund
    return _render(order) | {
        "refundOrderId": refund.id if has_refund else None,
        "refundOrderNumber": refund.number if has_refund else None,
    }


def render_single_order(order: Order) -> dict[str, object]:
    """The record of ``/order/{id}``, which differs in a few keys from the listed one."""
    return _render(order) | {
        "linkedOrders": [],
        "duties": [],
        "selectedShippingOptions": {"shippingServiceId": None},
    }


@lru_cache(maxsize=4096)  # lists look at all of them, and nobody changes what is rendered
def _render(order: Order) -> dict[str, object]:
    created = iso(order.created_at)
    purchase = itemize(order.purchase)
    total = order.sign * order.purchase.total_minor
    is_shipped = order.is_paid and not order.is_refund
    record: dict[str, object] = {
        "id": order.id,
        "orderSubmittedDate": created,
        "orderPaidDate": created if order.is_paid else None,
        "orderFulfilledDate": iso(order.created_at + _SHIPPED_AFTER) if is_shipped else None,
        "orderNumber": order.number,
        "orderSource": "Internal",
        "purchaseType": "Refund" if order.is_refund else "Regular",
        "previousOrderId": order_id(order.purchase) if order.is_refund else None,
        "previousOrderNumber": order.purchase.number if order.is_refund else None,
        "paymentStatus": "Paid" if order.is_paid else "Authorized",
        "complianceStatus": "No Compliance Required",
        "fulfillmentStatus": _fulfillment_status(order),
        "shippingStatus": "Not Tracked",
        "cartId": order.id,
        "channel": "Web",
        "customerId": customer_id(order.person),
        "customer": render_buyer(order.person),
        "orderDeliveryMethod": "Ship",
        "taxSaleType": "Offsite",
        "subTotal": order.sign * purchase.sub_total,  # after discounts
        "shipTotal": order.sign * purchase.shipping,
        "taxTotal": order.sign * purchase.tax,
        "total": total,
        "totalAfterTip": total,
        "allowPromotions": True,
        "isNonTaxable": False,
        "createdAt": created,
        "updatedAt": created,
        "billTo": _render_address(order.person, "billing"),
        "shipTo": _render_address(order.person, "shipping"),
        "tenders": [_render_tender(order, total)],
        "items": [_render_item(order, line) for line in purchase.lines],
        "shippingInstructions": purchase.note or None,
        "tags": [{"id": derive_id("tag", tag), "title": tag} for tag in purchase.tags],
        "shipping": _render_shipping(order, purchase),
        "coupons": _render_coupons(order, purchase),
        "taxes": _render_taxes(order, purchase),
        "fulfillments": [_render_fulfillment(order)] if is_shipped else [],
    }
    record |= dict.fromkeys(("dutyTotal", "bottleDepositTotal", "tipTotal"), 0)
    record |= dict.fromkeys(("posProfileId", "productTenantId", "giftMessage"))
    record |= dict.fromkeys(("club", "pickupBy", "carryOut"))
    return record | {name: [] for name in ("flags", "promotions")}


def _fulfillment_status(order: Order) -> str:
    if order.is_refund:
        return "No Fulfillment Required"
    return "Fulfilled" if order.is_paid else "Not Fulfilled"


def _render_tender(order: Order, total: int) -> dict[str, object]:
    paid_at = iso(order.created_at)
    return {
        "id": derive_id("tender", order.number),
        "refundId": None,
        "previousTenderId": derive_id("tender", order.purchase.number) if order.is_refund else None,
        "tenderType": "Credit Card",
        "chargeType": "Refund" if order.is_refund else _CHARGES[order.purchase.status],
        "chargeStatus": "Success",
        "amountTendered": total,
        "tip": 0,
        "errorCode": "",
        "paymentDate": paid_at,
        "createdAt": paid_at,
        "updatedAt": paid_at,
    }


def _render_shipping(order: Order, purchase: Purchase) -> list[dict[str, object]]:
    if not purchase.shipping:
        return []
    price = order.sign * purchase.shipping
    service = {"title": "UPS Ground", "code": "03", "service": "UPS", "tax": 0}
    return [{"id": derive_id("shipping", order.number), **service, "price": price, "originalPrice": price}]


def _render_coupons(order: Order, purchase: Purchase) -> list[dict[str, object]]:
    """What coupons took off; an order does not say whether it was a share."""
    if purchase.coupon is None:
        return []
    coupon, value = purchase.coupon, order.sign * purchase.coupon.amount
    named = {"id": derive_id("coupon", order.number), "title": coupon.code.title(), "code": coupon.code}
    return [{**named, "productValue": value, "shippingValue": 0, "totalValue": value}]


def _render_taxes(order: Order, purchase: Purchase) -> list[dict[str, object]]:
    if not purchase.tax:
        return []
    tax = order.sign * purchase.tax
    return [{"id": derive_id("tax", order.number), "title": "Tax", "price": tax, "isIncludedInPrice": False}]


def _render_item(order: Order, line: PurchaseLine) -> dict[str, object]:
    record: dict[str, object] = {
        "id": derive_id("item", line.number + (order.number - order.purchase.number)),
        "productTitle": line.name,
        "type": "General Merchandise",
        "productId": derive_id("goods", line.product_number),
        "productVariantTitle": None,
        "productVariantId": derive_id("variant", line.product_number),
        "sku": line.sku,
        "price": line.unit_price - line.discount // line.quantity,
        "originalPrice": line.unit_price,
        "comparePrice": line.unit_price,
        "quantity": order.sign * line.quantity,
        "quantityFulfilled": line.quantity if order.is_paid and not order.is_refund else 0,
        "isPriceOverride": False,
        "taxType": "General Merchandise",
        "hasShipping": True,
        "tax": order.sign * line.tax,
    }
    record |= dict.fromkeys(("costOfGood", "bottleDeposit", "weight"), 0)
    unset = ("inventoryLocationId", "image", "vendor", "volumeInML", "departmentCode", "allocationId")
    return record | dict.fromkeys((*unset, "departmentId", "collectionIds"))


def _render_fulfillment(order: Order) -> dict[str, object]:
    return {
        "id": derive_id("fulfillment", order.number),
        "type": "Shipped",
        "fulfillmentDate": iso(order.created_at + _SHIPPED_AFTER),
        "packageCount": 1,
        "items": [{"sku": line.sku, "quantityFulfilled": line.quantity} for line in itemize(order.purchase).lines],
        "shipped": {"trackingNumbers": [f"1Z{order.number:010}"], "carrier": "UPS"},
    }


def _render_address(person: Person, kind: str) -> dict[str, object] | None:
    for position, address in enumerate(person.addresses):
        if address.kind == kind:
            return {
                "id": derive_id(f"{kind} copy", f"{person.number}/{position}"),
                "customerAddressId": address_id(person, position),
                **render_recipient(person, address),
            }
    return None
