"""Write the orders of invented people as Wix eCommerce orders, with their shipments, payments and refunds.

https://dev.wix.com/docs/api-reference/business-solutions/e-commerce/orders/introduction
"""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from truto_unify.sandbox.purchases import buyers_currency, itemize, write_amount
from truto_unify.sandbox.wix.records import contact_id, filled, format_instant, make_uuid, render_address

if TYPE_CHECKING:
    from truto_unify.sandbox.people import Person, PurchaseOrder
    from truto_unify.sandbox.purchases import Purchase, PurchaseLine
    from truto_unify.sandbox.wix.records import Record

# https://dev.wix.com/docs/rest/business-solutions/e-commerce/orders/orders-object
_PAYMENT_STATUS = {"pending": "NOT_PAID", "paid": "PAID", "refunded": "FULLY_REFUNDED"}
_FULFILLMENT_STATUS = {"pending": "NOT_FULFILLED", "paid": "FULFILLED", "refunded": "FULFILLED"}
_STORES_APP = "215238eb-22a5-4c36-9e7b-e7c08025e04e"
_NO_VARIANT = "00000000-0000-0000-0000-000000000000"


def order_id(order: PurchaseOrder) -> str:
    """The id of an order."""
    return make_uuid("order", order.number)


@lru_cache(maxsize=4096)  # lists look at all of them, and nobody changes what is rendered
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
    purchase = itemize(order)
    return filled(
        {
            "id": order_id(order),
            "number": str(order.number),
            "createdDate": moment,
            "updatedDate": moment,
            "purchasedDate": moment,
            "lineItems": [
                _render_line(order, line, place, person.currency) for place, line in enumerate(purchase.lines)
            ],
            "buyerNote": purchase.note,
            "buyerInfo": filled({"contactId": contact_id(person), "email": person.email}),
            "paymentStatus": _PAYMENT_STATUS[order.status],
            "fulfillmentStatus": _FULFILLMENT_STATUS[order.status],
            "weightUnit": "KG",
            "currency": person.currency,
            "currencyConversionDetails": _render_conversion(purchase, person.currency),
            "taxIncludedInPrices": False,
            "priceSummary": {
                "subtotal": _price(purchase.price, person.currency),  # before discounts
                "shipping": _price(purchase.shipping, person.currency),
                "tax": _price(purchase.tax, person.currency),
                "discount": _price(purchase.discount, person.currency),
                "total": _price(order.total_minor, person.currency),
                "totalAdditionalFees": _price(0, person.currency),
            },
            "billingInfo": filled({"address": _address(person, 0), "contactDetails": contact_details}),
            "shippingInfo": _render_shipping(person),
            "status": "APPROVED",
            "archived": False,
            "channelInfo": {"type": "WEB"},
            "appliedDiscounts": _render_discounts(purchase, person.currency),
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
        "lineItems": [
            {"id": _line_id(place), "quantity": line.quantity} for place, line in enumerate(itemize(order).lines)
        ],
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
    amount = _price(order.total_minor, person.currency)
    payment = {
        "id": make_uuid("payment", order.number),
        "createdDate": format_instant(order.created_at),
        "amount": amount,
        "refundDisabled": False,
        "regularPaymentDetails": {"paymentMethod": "CreditCard", "offlinePayment": False, "status": "APPROVED"},
    }
    refunds = [
        {
            "id": make_uuid("refund", refund.number),
            "createdDate": format_instant(order.created_at + timedelta(days=2)),
            "details": {"reason": refund.reason},
            "transactions": [
                {
                    "paymentId": payment["id"],
                    "amount": _price(refund.amount, person.currency),
                    "refundStatus": "SUCCEEDED",
                }
            ],
        }
        for refund in itemize(order).refunds
    ]
    return {
        "orderId": order_id(order),
        "payments": [payment] if order.status != "pending" else [],
        "refunds": refunds,
    }


def _line_id(place: int) -> str:
    return f"00000000-0000-0000-0000-{place + 1:012}"


def _render_line(order: PurchaseOrder, line: PurchaseLine, place: int, currency: str) -> Record:
    amount = _price(line.amount, currency)
    return {
        "id": _line_id(place),
        "productName": {"original": line.name, "translated": line.name},
        "catalogReference": {
            "catalogItemId": make_uuid("product", line.product_number),
            "appId": _STORES_APP,
            "options": {"variantId": _NO_VARIANT},
        },
        "quantity": line.quantity,
        "totalDiscount": _price(line.discount, currency),
        "physicalProperties": {"sku": line.sku, "shippable": True},
        "itemType": {"preset": "PHYSICAL"},
        "refundQuantity": line.quantity if order.status == "refunded" else 0,
        "price": _price(line.unit_price - line.discount // line.quantity, currency),
        "priceBeforeDiscounts": _price(line.unit_price, currency),
        "totalPriceBeforeTax": amount,
        "totalPriceAfterTax": _price(line.amount + line.tax, currency),
        "paymentOption": "FULL_PAYMENT_ONLINE",
        "taxInfo": {
            "taxAmount": _price(line.tax, currency),
            "taxableAmount": amount,
            "taxRate": "0.2" if line.tax else "0",
        },
    }


def _render_discounts(purchase: Purchase, currency: str) -> list[Record]:
    """What was taken off; that a coupon is a share is not said."""
    if purchase.coupon is None:
        return []
    code = purchase.coupon.code
    coupon = {
        "id": make_uuid("coupon", len(code)),
        "code": code,
        "name": code.title(),
        "amount": _price(purchase.coupon.amount, currency),
    }
    return [{"discountType": "GLOBAL", "lineItemIds": [], "coupon": coupon}]


def _render_conversion(purchase: Purchase, currency: str) -> Record:
    """From the currency that the buyer saw to the order's; absent if they are the same."""
    if purchase.buyer_rate == 1:
        return {}
    original = buyers_currency(purchase, currency)
    return {"originalCurrency": original, "conversionRate": str(1 / purchase.buyer_rate)}


def _render_shipping(person: Person) -> Record:
    if len(person.addresses) < 2:
        return {}
    company = person.addresses[1].company
    details = filled({"firstName": person.first_name, "lastName": person.last_name, "company": company})
    destination = filled({"address": _address(person, 1), "contactDetails": details})
    return {"title": "Standard", "logistics": {"shippingDestination": destination}}


def _address(person: Person, place: int) -> Record:
    return render_address(person.addresses[place]) if len(person.addresses) > place else {}


def _price(amount: int, currency: str) -> Record:
    text = write_amount(amount, currency)
    return {"amount": text, "formattedAmount": f"{text} {currency}"}
