"""Write the orders of invented people as Wix eCommerce orders, with their shipments, payments and refunds.

https://dev.wix.com/docs/api-reference/business-solutions/e-commerce/orders/introduction
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from truto_unify.sandbox.wix.records import contact_id, filled, format_instant, make_uuid, render_address

if TYPE_CHECKING:
    from truto_unify.sandbox.people import Person, PurchaseOrder
    from truto_unify.sandbox.wix.records import Record

# https://dev.wix.com/docs/rest/business-solutions/e-commerce/orders/orders-object
_PAYMENT_STATUS = {"pending": "NOT_PAID", "paid": "PAID", "refunded": "FULLY_REFUNDED"}
_FULFILLMENT_STATUS = {"pending": "NOT_FULFILLED", "paid": "FULFILLED", "refunded": "FULFILLED"}
_STORES_APP = "215238eb-22a5-4c36-9e7b-e7c08025e04e"
_NO_VARIANT = "00000000-0000-0000-0000-000000000000"
_FIRST_LINE = "00000000-0000-0000-0000-000000000001"


def order_id(order: PurchaseOrder) -> str:
    """The id of an order."""
    return make_uuid("order", order.number)


def render_order(person: Person, order: PurchaseOrder) -> Record:
    """One order of a person. The amount is text, as in every price of Wix."""
    contact_details = filled(
        {
            "firstName": person.first_name,
            "lastName": person.last_name,
            "phone": person.phone,
            "company": person.company,
        }
    )
    moment = format_instant(order.created_at)
    return filled(
        {
            "id": order_id(order),
            "number": str(order.number),
            "createdDate": moment,
            "updatedDate": moment,
            "purchasedDate": moment,
            "lineItems": [_render_line(order, person.currency)],
            "buyerInfo": filled({"contactId": contact_id(person), "email": person.email}),
            "paymentStatus": _PAYMENT_STATUS[order.status],
            "fulfillmentStatus": _FULFILLMENT_STATUS[order.status],
            "weightUnit": "KG",
            "currency": person.currency,
            "taxIncludedInPrices": False,
            "priceSummary": {
                "subtotal": _price(order.total_cents, person.currency),
                "shipping": _price(0, person.currency),
                "tax": _price(0, person.currency),
                "discount": _price(0, person.currency),
                "total": _price(order.total_cents, person.currency),
                "totalAdditionalFees": _price(0, person.currency),
            },
            "billingInfo": filled({"address": _address(person, 0), "contactDetails": contact_details}),
            "shippingInfo": _render_shipping(person),
            "status": "APPROVED",
            "archived": False,
            "channelInfo": {"type": "WEB"},
            "appliedDiscounts": [],
        }
    )


def render_fulfillments(order: PurchaseOrder) -> Record:
    """The shipments of an order, as an entry of those of many orders."""
    if order.status == "pending":
        return {"orderId": order_id(order), "fulfillments": []}
    number = f"1Z{order.number}"
    shipment = {
        "id": make_uuid("fulfillment", order.number),
        "createdDate": format_instant(order.created_at + timedelta(days=1)),
        "lineItems": [{"id": _FIRST_LINE, "quantity": 1}],
        "trackingInfo": {
            "trackingNumber": number,
            "shippingProvider": "ups",
            "trackingLink": f"https://wwwapps.ups.com/WebTracking/track?track=yes&trackNums={number}",
        },
        "status": "Fulfilled",
        "completed": True,
    }
    return {"orderId": order_id(order), "fulfillments": [shipment]}


def render_transactions(person: Person, order: PurchaseOrder) -> Record:
    """The payments and refunds of an order, as an entry of those of many orders."""
    amount = _price(order.total_cents, person.currency)
    payment = {
        "id": make_uuid("payment", order.number),
        "createdDate": format_instant(order.created_at),
        "amount": amount,
        "refundDisabled": False,
        "regularPaymentDetails": {"paymentMethod": "CreditCard", "offlinePayment": False, "status": "APPROVED"},
    }
    refund = {
        "id": make_uuid("refund", order.number),
        "createdDate": format_instant(order.created_at + timedelta(days=2)),
        "details": {"reason": ""},
        "transactions": [{"paymentId": payment["id"], "amount": amount, "refundStatus": "SUCCEEDED"}],
    }
    return {
        "orderId": order_id(order),
        "payments": [payment] if order.status != "pending" else [],
        "refunds": [refund] if order.status == "refunded" else [],
    }


def _render_line(order: PurchaseOrder, currency: str) -> Record:
    price, nothing = _price(order.total_cents, currency), _price(0, currency)
    return {
        "id": _FIRST_LINE,
        "productName": {"original": "Invented thing", "translated": "Invented thing"},
        "catalogReference": {
            "catalogItemId": make_uuid("product", 11),
            "appId": _STORES_APP,
            "options": {"variantId": _NO_VARIANT},
        },
        "quantity": 1,
        "totalDiscount": nothing,
        "physicalProperties": {"sku": "SKU-1", "shippable": True},
        "itemType": {"preset": "PHYSICAL"},
        "refundQuantity": int(order.status == "refunded"),
        **dict.fromkeys(("price", "priceBeforeDiscounts", "totalPriceBeforeTax", "totalPriceAfterTax"), price),
        "paymentOption": "FULL_PAYMENT_ONLINE",
        "taxInfo": {"taxAmount": nothing, "taxableAmount": price, "taxRate": "0"},
    }


def _render_shipping(person: Person) -> Record:
    if len(person.addresses) < 2:
        return {}
    company = person.addresses[1].company
    details = filled({"firstName": person.first_name, "lastName": person.last_name, "company": company})
    destination = filled({"address": _address(person, 1), "contactDetails": details})
    return {"title": "Standard", "logistics": {"shippingDestination": destination}}


def _address(person: Person, place: int) -> Record:
    return render_address(person.addresses[place]) if len(person.addresses) > place else {}


def _price(cents: int, currency: str) -> Record:
    amount = f"{cents // 100}.{cents % 100:02d}"
    return {"amount": amount, "formattedAmount": f"{amount} {currency}"}
