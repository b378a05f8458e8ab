"""What is inside of an order at Shopify: its lines, what was sent and what was given back.

https://shopify.dev/docs/api/admin-graphql/latest/objects/Order
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from truto_unify.sandbox.purchases import buyers_currency, itemize
from truto_unify.sandbox.shopify.fields import (
    cancelled_at,
    closed_at,
    fulfillment_id,
    line_id,
    product_id,
    refund_id,
    variant_id,
)
from truto_unify.sandbox.shopify.pages import PageArguments, RecordConnection
from truto_unify.sandbox.shopify.scalars import Record, money, money_bag, name_record, write_time

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from truto_unify.sandbox.purchases import Coupon, PurchaseLine
    from truto_unify.sandbox.shopify.fields import Sale

_FINANCIAL_STATUS = {"pending": "PENDING", "paid": "PAID", "refunded": "REFUNDED"}
_FULFILLMENT_STATUS = {"pending": "UNFULFILLED", "paid": "FULFILLED", "refunded": "RESTOCKED"}


def render_content(sale: Sale) -> Record:
    """The fields of an ``Order`` that say what was bought and what became of it.

    A paid order was sent and archived on the next day; a refunded one was cancelled two days later.

    Args:
        sale: The order and who placed it.

    Returns:
        Its fields by name; a connection is a function, as graphql-core calls it.
    """
    person, order = sale
    purchase = itemize(order)
    refunded = sum(refund.amount for refund in purchase.refunds)
    return {
        "displayFinancialStatus": _FINANCIAL_STATUS[order.status],
        "displayFulfillmentStatus": _FULFILLMENT_STATUS[order.status],
        "cancelledAt": _write(cancelled_at(sale)),
        "cancelReason": "CUSTOMER" if refunded else None,
        "closedAt": _write(closed_at(sale)),
        "taxesIncluded": False,
        "paymentGatewayNames": [] if order.status == "pending" else ["bogus"],
        "discountCodes": [purchase.coupon.code] if purchase.coupon else [],
        "subtotalPriceSet": _price(sale, purchase.sub_total),
        "totalShippingPriceSet": _price(sale, purchase.shipping),
        "totalDiscountsSet": _price(sale, purchase.discount),
        "totalTaxSet": _price(sale, purchase.tax),
        "totalTipReceivedSet": money_bag(0, person.currency),
        **dict.fromkeys(("totalPriceSet", "currentTotalPriceSet"), _price(sale, order.total_minor)),
        "totalRefundedSet": _price(sale, refunded),
        "lineItems": partial(_page_lines, sale),
        "discountApplications": partial(_page_discounts, sale),
        "fulfillments": lambda _info, first=None: _fulfillments(sale)[:first],
        "refunds": lambda _info, first=None: _refunds(sale)[:first],
    }


def _price(sale: Sale, amount: int) -> Record:
    """A ``MoneyBag``: the shop's money, and that of the buyer."""
    person, order = sale
    purchase = itemize(order)
    bought = money(amount * purchase.buyer_rate, buyers_currency(purchase, person.currency))
    return {"shopMoney": money(amount, person.currency), "presentmentMoney": bought}


def order_lines(sale: Sale) -> Sequence[PurchaseLine]:
    """The lines of an order."""
    return itemize(sale[1]).lines


def _page_lines(sale: Sale, _info: Any, **page: Any) -> Record:
    connection: RecordConnection[PurchaseLine] = RecordConnection(
        line_id, lambda line: str(line_id(line)), partial(_render_line, sale)
    )
    return connection.page(order_lines(sale), PageArguments(**page))


def _page_discounts(sale: Sale, _info: Any, **page: Any) -> Record:
    coupon = itemize(sale[1]).coupon
    connection: RecordConnection[Coupon] = RecordConnection(
        lambda _coupon: 1, lambda _coupon: "1", partial(_render_discount, sale)
    )
    return connection.page([coupon] if coupon else [], PageArguments(**page))


def _render_discount(sale: Sale, coupon: Coupon) -> Record:
    value: Record = {"__typename": "MoneyV2", **money(coupon.amount, sale[0].currency)}
    if coupon.percentage is not None:
        value = {"__typename": "PricingPercentageValue", "percentage": float(coupon.percentage)}
    return {
        "__typename": "DiscountCodeApplication",
        "allocationMethod": "ACROSS",
        "code": coupon.code,
        "targetSelection": "ALL",
        "targetType": "LINE_ITEM",
        "value": value,
    }


def _render_line(sale: Sale, line: PurchaseLine) -> Record:
    price = partial(_price, sale)
    taxes = [{"title": "Tax", "rate": 0.2, "priceSet": price(line.tax)}] if line.tax else []
    return {
        "id": f"gid://shopify/LineItem/{line_id(line)}",
        "name": line.name,
        "title": line.name,
        "variantTitle": None,
        "sku": line.sku,
        "quantity": line.quantity,
        "currentQuantity": 0 if sale[1].status == "refunded" else line.quantity,
        "product": name_record("Product", product_id(line.product_number)),
        "variant": name_record("ProductVariant", variant_id(line.product_number)),
        "originalUnitPriceSet": price(line.unit_price),
        # A discount of the whole order is in neither of these; it is in the allocations.
        **dict.fromkeys(("originalTotalSet", "discountedTotalSet"), price(line.price)),
        "totalDiscountSet": price(0),
        "discountAllocations": [{"allocatedAmountSet": price(line.discount)}] if line.discount else [],
        "taxLines": lambda _info, first=None: taxes[:first],
    }


def _write(moment: datetime | None) -> str | None:
    return None if moment is None else write_time(moment)


def _fulfillments(sale: Sale) -> list[Record]:
    order, sent_at = sale[1], _write(closed_at(sale))
    if sent_at is None:
        return []
    tracking = {"number": f"PARCEL{order.number}", "url": f"https://parcels.example/{order.number}", "company": "Acme"}
    return [
        {
            **name_record("Fulfillment", fulfillment_id(sale)),
            "name": f"#{order.number}-F1",
            "status": "SUCCESS",
            "displayStatus": "FULFILLED",
            "createdAt": sent_at,
            "updatedAt": sent_at,
            "deliveredAt": None,
            "trackingInfo": lambda _info, first=None: [tracking][:first],
        }
    ]


def _refunds(sale: Sale) -> list[Record]:
    return [
        {
            **name_record("Refund", refund_id(refund)),
            "createdAt": _write(cancelled_at(sale)),
            "note": refund.reason or None,
            "totalRefundedSet": _price(sale, refund.amount),
        }
        for refund in itemize(sale[1]).refunds
    ]
