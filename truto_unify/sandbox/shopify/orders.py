"""What is inside of an order at Shopify: its line, what was sent and what was given back.

https://shopify.dev/docs/api/admin-graphql/latest/objects/Order
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from truto_unify.sandbox.shopify.fields import (
    THING_NUMBER,
    cancelled_at,
    closed_at,
    fulfillment_id,
    line_id,
    product_id,
    refund_id,
    variant_id,
)
from truto_unify.sandbox.shopify.pages import PageArguments, RecordConnection
from truto_unify.sandbox.shopify.scalars import Record, money_bag, name_record, write_time

if TYPE_CHECKING:
    from datetime import datetime

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
    currency, total, nothing = person.currency, order.total_cents, money_bag(0, person.currency)
    refunded = total if order.status == "refunded" else 0
    return {
        "displayFinancialStatus": _FINANCIAL_STATUS[order.status],
        "displayFulfillmentStatus": _FULFILLMENT_STATUS[order.status],
        "cancelledAt": _write(cancelled_at(sale)),
        "cancelReason": "CUSTOMER" if refunded else None,
        "closedAt": _write(closed_at(sale)),
        "taxesIncluded": False,
        "paymentGatewayNames": [] if order.status == "pending" else ["bogus"],
        "discountCodes": [],
        "subtotalPriceSet": money_bag(total, currency),
        **dict.fromkeys(("totalShippingPriceSet", "totalDiscountsSet", "totalTaxSet", "totalTipReceivedSet"), nothing),
        "totalPriceSet": money_bag(total, currency),
        "currentTotalPriceSet": money_bag(total, currency),
        "totalRefundedSet": money_bag(refunded, currency),
        "lineItems": partial(_page_lines, sale),
        "discountApplications": _page_discounts,
        "fulfillments": lambda _info, first=None: _fulfillments(sale)[:first],
        "refunds": lambda _info, first=None: _refunds(sale)[:first],
    }


def line_ids(sale: Sale) -> list[int]:
    """The ids of the lines of an order: it has one line."""
    return [line_id(sale)]


def _page_lines(sale: Sale, _info: Any, **page: Any) -> Record:
    ids = line_ids(sale)
    connection: RecordConnection[int] = RecordConnection(lambda number: number, str, partial(_render_line, sale))
    return connection.page(ids, PageArguments(**page))


def _page_discounts(_info: Any, **page: Any) -> Record:
    """Nobody has a discount."""
    connection: RecordConnection[int] = RecordConnection(lambda number: number, str, lambda _number: {})
    return connection.page([], PageArguments(**page))


def _render_line(sale: Sale, number: int) -> Record:
    person, order = sale
    price = money_bag(order.total_cents, person.currency)
    nothing = money_bag(0, person.currency)
    return {
        "id": f"gid://shopify/LineItem/{number}",
        "name": "Invented thing",
        "title": "Invented thing",
        "variantTitle": None,
        "sku": "SKU-1",
        "quantity": 1,
        "currentQuantity": 0 if order.status == "refunded" else 1,
        "product": name_record("Product", product_id(THING_NUMBER)),
        "variant": name_record("ProductVariant", variant_id(THING_NUMBER)),
        **dict.fromkeys(("originalUnitPriceSet", "originalTotalSet", "discountedTotalSet"), price),
        "totalDiscountSet": nothing,
        "discountAllocations": [],
        "taxLines": lambda _info, **_page: [],
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
    person, order = sale
    if order.status != "refunded":
        return []
    return [
        {
            **name_record("Refund", refund_id(sale)),
            "createdAt": _write(cancelled_at(sale)),
            "note": None,
            "totalRefundedSet": money_bag(order.total_cents, person.currency),
        }
    ]
