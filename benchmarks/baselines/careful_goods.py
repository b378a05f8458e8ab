"""Orders and products as a careful backend engineer maps them by hand, each rule a function of ``cleaning``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.baselines.cleaning import (
    clean_amount,
    clean_country,
    clean_text,
    clean_time,
    divide_amount,
    drop_repeats,
    first_text,
    join_names,
    keep_emails,
    keep_phones,
    make_email,
    make_phone,
    plain_name,
    subtract_amounts,
    sum_amounts,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Record = dict[str, Any]

_WOOCOMMERCE_STATUSES = {
    "checkout-draft": "pending",
    "auto-draft": "pending",
    "pending": "pending",
    "on-hold": "pending",
    "processing": "active",
    "completed": "completed",
    "refunded": "completed",
    "cancelled": "cancelled",
    "trash": "archived",
}
_WOOCOMMERCE_FULFILLMENTS = {
    **dict.fromkeys(("checkout-draft", "auto-draft", "pending", "on-hold", "processing", "failed", "trash"), "pending"),
    "completed": "delivered",
    "refunded": "cancelled",
    "cancelled": "cancelled",
}
_WOOCOMMERCE_PRODUCT_STATUSES = {
    "publish": "active",
    **dict.fromkeys(("draft", "pending", "private", "future", "trash"), "inactive"),
}
_PAYMENTS = {
    "PENDING": "pending",
    "AUTHORIZED": "authorized",
    "PAID": "paid",
    "PARTIALLY_PAID": "partial",
    "PARTIALLY_REFUNDED": "partially_refunded",
    "REFUNDED": "refunded",
    "VOIDED": "voided",
    "EXPIRED": "voided",
}
_FULFILLMENTS = {
    **dict.fromkeys(("UNFULFILLED", "OPEN", "SCHEDULED", "ON_HOLD", "IN_PROGRESS"), "pending"),
    "PENDING_FULFILLMENT": "pending",
    "REQUEST_DECLINED": "pending",
    "PARTIALLY_FULFILLED": "partial",
    "FULFILLED": "delivered",
    "RESTOCKED": "cancelled",
}
_PRODUCT_STATUSES = {"ACTIVE": "active", "UNLISTED": "active", "DRAFT": "inactive", "ARCHIVED": "inactive"}
_WEIGHT_UNITS = {"GRAMS": "g", "KILOGRAMS": "kg", "OUNCES": "oz", "POUNDS": "lb"}


def map_woocommerce_order(native: Record) -> Record:
    """An order of WooCommerce's REST API."""
    billing, shipping = native.get("billing") or {}, native.get("shipping") or {}
    status = clean_text(native.get("status"))
    return {
        "id": clean_text(native["id"]),
        "order_number": clean_text(native.get("number")),
        "currency": clean_text(native.get("currency")),
        "exchange_rate": None,
        "discounts": [_woocommerce_discount(coupon) for coupon in native.get("coupon_lines") or ()],
        "sub_total": sum_amounts([line.get("subtotal") for line in native.get("line_items") or ()]),
        "shipping_cost": clean_amount(native.get("shipping_total")),
        "total_discount": clean_amount(native.get("discount_total")),
        "total_tax": clean_amount(native.get("total_tax")),
        "total_amount": clean_amount(native.get("total")),
        "status": _WOOCOMMERCE_STATUSES.get(status, status) if status else None,
        "payment_status": _woocommerce_payment(native, status),
        "fulfillment_status": _WOOCOMMERCE_FULFILLMENTS.get(status, status) if status else None,
        "payment_method": clean_text(native.get("payment_method_title") or native.get("payment_method")),
        "customer": {
            "id": clean_text(native.get("customer_id") or None),
            "name": join_names(billing.get("first_name"), billing.get("last_name")),
            "first_name": clean_text(billing.get("first_name")),
            "last_name": clean_text(billing.get("last_name")),
            "company_name": clean_text(billing.get("company")),
            "emails": keep_emails([make_email(billing.get("email"), "billing", is_primary=True)]),
            "phones": keep_phones([make_phone(billing.get("phone"), "billing")]),
        },
        "billing_address": _woocommerce_place(billing),
        "shipping_address": _woocommerce_place(shipping),
        "line_items": [_woocommerce_line(line) for line in native.get("line_items") or ()],
        "fulfillments": [],
        "refunds": [_woocommerce_refund(refund) for refund in native.get("refunds") or ()],
        "notes": clean_text(native.get("customer_note")),
        "tags": [],
        "created_at": clean_time(native.get("date_created_gmt")),
        "updated_at": clean_time(native.get("date_modified_gmt")),
        "remote_data": native,
    }


def _woocommerce_discount(coupon: Record) -> Record:
    is_percent = coupon.get("discount_type") == "percent"
    return {
        "code": clean_text(coupon.get("code")),
        "amount": clean_amount(coupon.get("discount")),
        "percentage": clean_amount(coupon.get("nominal_amount")) if is_percent else None,
    }


def _woocommerce_payment(native: Record, status: str | None) -> str | None:
    if status == "refunded":
        return "refunded"
    if native.get("refunds"):
        return "partially_refunded"
    if native.get("date_paid_gmt"):
        return "paid"
    return {"cancelled": "cancelled", "completed": "unknown"}.get(status, "pending") if status else None


def _woocommerce_place(address: Record) -> Record | None:
    place = {
        "street_1": clean_text(address.get("address_1")),
        "street_2": clean_text(address.get("address_2")),
        "city": clean_text(address.get("city")),
        "state": clean_text(address.get("state")),
        "postal_code": clean_text(address.get("postcode")),
        "country": clean_country(address.get("country")),
    }
    return {**place, "company_name": clean_text(address.get("company"))} if any(place.values()) else None


def _woocommerce_line(line: Record) -> Record:
    return {
        "id": clean_text(line["id"]),
        "product_id": clean_text(line.get("product_id") or None),
        "variant_id": clean_text(line.get("variation_id") or None),
        "sku": clean_text(line.get("sku")),
        "name": clean_text(line.get("name")),
        "quantity": clean_amount(line.get("quantity")),
        "unit_price": divide_amount(line.get("subtotal"), line.get("quantity")),
        "total_discount": subtract_amounts(line.get("subtotal"), line.get("total")),
        "total_tax": clean_amount(line.get("total_tax")),
        "total_amount": clean_amount(line.get("total")),
    }


def _woocommerce_refund(refund: Record) -> Record:
    total = clean_amount(refund.get("total"))
    return {
        "id": clean_text(refund["id"]),
        "amount": clean_amount(refund.get("amount")) or (total.removeprefix("-") if total else None),
        "reason": clean_text(refund.get("reason")),
        "created_at": clean_time(refund.get("date_created_gmt")),
    }


def map_shopify_order(native: Record) -> Record:
    """An order of Shopify's GraphQL Admin API."""
    customer = native.get("customer") or {}
    billing, shipping = native.get("billingAddress") or {}, native.get("shippingAddress") or {}
    has_name = first_text(customer.get("firstName"), customer.get("lastName"))
    buyer = customer if has_name else billing
    payment = native.get("displayFinancialStatus") or "PENDING"
    fulfillment = native.get("displayFulfillmentStatus")
    currency = native.get("currencyCode")
    discounts = (native.get("discountApplications") or {}).get("nodes") or ()
    return {
        "id": _shopify_id(native),
        "order_number": clean_text(native.get("name")),
        "currency": clean_text(currency),
        "exchange_rate": _exchange_rate(native.get("totalPriceSet") or {}),
        "discounts": [_shopify_discount(discount, currency) for discount in discounts],
        "sub_total": _shop_amount(native.get("subtotalPriceSet")),
        "shipping_cost": _shop_amount(native.get("totalShippingPriceSet")),
        "total_discount": _shop_amount(native.get("totalDiscountsSet")),
        "total_tax": _shop_amount(native.get("totalTaxSet")),
        "total_amount": _shop_amount(native.get("totalPriceSet")),
        "status": "cancelled" if native.get("cancelledAt") else "archived" if native.get("closedAt") else "active",
        "payment_status": _PAYMENTS.get(payment, payment),
        "fulfillment_status": _FULFILLMENTS.get(fulfillment, fulfillment) if fulfillment else None,
        "payment_method": clean_text(next(iter(native.get("paymentGatewayNames") or ()), None)),
        "customer": {
            "id": _shopify_id(customer),
            "name": join_names(buyer.get("firstName"), buyer.get("lastName")),
            "first_name": clean_text(buyer.get("firstName")),
            "last_name": clean_text(buyer.get("lastName")),
            "company_name": clean_text(billing.get("company")),
            "emails": keep_emails(
                [
                    make_email(native.get("email"), "order", is_primary=True),
                    make_email((customer.get("defaultEmailAddress") or {}).get("emailAddress"), "primary"),
                ]
            ),
            "phones": keep_phones(
                [
                    make_phone(native.get("phone"), "order"),
                    make_phone((customer.get("defaultPhoneNumber") or {}).get("phoneNumber"), "primary"),
                    make_phone(billing.get("phone"), "billing"),
                ]
            ),
        },
        "billing_address": _shopify_place(billing),
        "shipping_address": _shopify_place(shipping),
        "line_items": [_shopify_line(line) for line in (native.get("lineItems") or {}).get("nodes") or ()],
        "fulfillments": [_shopify_fulfillment(parcel) for parcel in native.get("fulfillments") or ()],
        "refunds": [_shopify_refund(refund) for refund in native.get("refunds") or ()],
        "notes": clean_text(native.get("note")),
        "tags": drop_repeats(native.get("tags") or []),
        "created_at": clean_time(native.get("createdAt")),
        "updated_at": clean_time(native.get("updatedAt")),
        "remote_data": native,
    }


def _shopify_id(native: Record) -> str | None:
    gid = native.get("id")
    return clean_text(native.get("legacyResourceId")) or (gid.rpartition("/")[2] if gid else None)


def _money_of(bag: Record | None) -> Any:
    return ((bag or {}).get("shopMoney") or {}).get("amount")


def _shop_amount(bag: Record | None) -> str | None:
    return clean_amount(_money_of(bag))


def _exchange_rate(total: Record) -> str | None:
    shop, buyer = total.get("shopMoney") or {}, total.get("presentmentMoney") or {}
    if shop.get("currencyCode") == buyer.get("currencyCode"):
        return None
    return divide_amount(shop.get("amount"), buyer.get("amount"))


def _shopify_discount(discount: Record, currency: str | None) -> Record:
    value = discount.get("value") or {}
    is_whole = value.get("currencyCode") == currency and discount.get("allocationMethod") != "EACH"
    return {
        "code": clean_text(discount.get("code") or discount.get("title")),
        "amount": clean_amount(value.get("amount")) if is_whole else None,
        "percentage": clean_amount(value.get("percentage")),
    }


def _shopify_place(address: Record) -> Record | None:
    place = {
        "street_1": clean_text(address.get("address1")),
        "street_2": clean_text(address.get("address2")),
        "city": clean_text(address.get("city")),
        "state": clean_text(address.get("provinceCode") or address.get("province")),
        "postal_code": clean_text(address.get("zip")),
        "country": clean_country(address.get("countryCodeV2") or address.get("country")),
    }
    return {**place, "company_name": clean_text(address.get("company"))} if any(place.values()) else None


def _shopify_line(line: Record) -> Record:
    allocations = line.get("discountAllocations") or ()
    taxes = line.get("taxLines")
    discount = sum_amounts([_money_of(allocation.get("allocatedAmountSet")) for allocation in allocations])
    discount = discount or _shop_amount(line.get("totalDiscountSet"))
    tax = sum_amounts([_money_of(tax_line.get("priceSet")) for tax_line in taxes or ()])
    return {
        "id": line["id"].rpartition("/")[2],
        "product_id": clean_text((line.get("product") or {}).get("legacyResourceId")),
        "variant_id": clean_text((line.get("variant") or {}).get("legacyResourceId")),
        "sku": clean_text(line.get("sku")),
        "name": clean_text(line.get("name") or line.get("title")),
        "quantity": clean_amount(line.get("quantity")),
        "unit_price": _shop_amount(line.get("originalUnitPriceSet")),
        "total_discount": discount,
        "total_tax": tax or ("0.0" if taxes == [] else None),
        "total_amount": subtract_amounts(_money_of(line.get("originalTotalSet")), discount),
    }


def _shopify_fulfillment(fulfillment: Record) -> Record:
    parcel: Record = next(iter(fulfillment.get("trackingInfo") or ()), {})
    return {
        "id": _shopify_id(fulfillment),
        "status": clean_text(fulfillment.get("displayStatus") or fulfillment.get("status")),
        "carrier": clean_text(parcel.get("company")),
        "tracking_number": clean_text(parcel.get("number")),
        "tracking_url": clean_text(parcel.get("url")),
        "shipped_at": clean_time(fulfillment.get("createdAt")),
    }


def _shopify_refund(refund: Record) -> Record:
    return {
        "id": _shopify_id(refund),
        "amount": _shop_amount(refund.get("totalRefundedSet")),
        "reason": clean_text(refund.get("note")),
        "created_at": clean_time(refund.get("createdAt")),
    }


def map_woocommerce_product(native: Record) -> Record:
    """A product of WooCommerce's REST API, whose list has no variations and no currency."""
    status = clean_text(native.get("status"))
    images = [
        {"id": clean_text(image.get("id")), "url": clean_text(image.get("src"))} for image in native.get("images") or ()
    ]
    categories = [
        {"id": clean_text(category.get("id")), "name": plain_name(category.get("name"))}
        for category in native.get("categories") or ()
    ]
    brand: Record = next(iter(native.get("brands") or ()), {})
    return {
        "id": clean_text(native["id"]),
        "name": plain_name(native.get("name")),
        "description": clean_text(native.get("description") or native.get("short_description")),
        "status": _WOOCOMMERCE_PRODUCT_STATUSES.get(status, status) if status else None,
        "price": clean_amount(native.get("price")),
        "compare_at_price": clean_amount(native.get("regular_price")) if native.get("on_sale") else None,
        "currency": None,
        "sku": clean_text(native.get("sku")),
        "barcode": clean_text(native.get("global_unique_id")),
        "inventory_quantity": clean_amount(native.get("stock_quantity")),
        "vendor": plain_name(brand.get("name")),
        "url": clean_text(native.get("permalink")),
        "weight": clean_amount(native.get("weight")),
        "weight_unit": None,
        "images": [image for image in images if image["url"]],
        "options": [_woocommerce_option(option) for option in native.get("attributes") or () if option["variation"]],
        "variants": [],
        "categories": [category for category in categories if category["id"] or category["name"]],
        "tags": drop_repeats([plain_name(tag.get("name")) for tag in native.get("tags") or ()]),
        "notes": clean_text(native.get("purchase_note")),
        "created_at": clean_time(native.get("date_created_gmt")),
        "updated_at": clean_time(native.get("date_modified_gmt")),
        "remote_data": native,
    }


def _woocommerce_option(option: Record) -> Record:
    return {
        "id": clean_text(option.get("id") or None),
        "name": clean_text(option.get("name")),
        "values": drop_repeats(option.get("options") or []),
    }


def map_shopify_product(native: Record) -> Record:
    """A product of Shopify's GraphQL Admin API with its variants."""
    variants = (native.get("variants") or {}).get("nodes") or []
    first = variants[0] if variants else {}
    weight = _shopify_weight(first)
    unit = weight.get("unit") if weight.get("value") else None
    is_plain = bool(native.get("hasOnlyDefaultVariant"))
    status, price_range = clean_text(native.get("status")), native.get("priceRangeV2") or {}
    media = (native.get("media") or {}).get("nodes") or ()
    images = [_shopify_image(picture) for picture in media if picture.get("mediaContentType") == "IMAGE"]
    collections = (native.get("collections") or {}).get("nodes") or ()
    return {
        "id": _shopify_id(native),
        "name": clean_text(native.get("title")),
        "description": clean_text(native.get("descriptionHtml")),
        "status": _PRODUCT_STATUSES.get(status, status) if status else None,
        "price": clean_amount(first.get("price")),
        "compare_at_price": clean_amount(first.get("compareAtPrice")),
        "currency": clean_text((price_range.get("minVariantPrice") or {}).get("currencyCode")),
        "sku": clean_text(first.get("sku")),
        "barcode": clean_text(first.get("barcode")),
        "inventory_quantity": clean_amount(native.get("totalInventory")) if native.get("tracksInventory") else None,
        "vendor": clean_text(native.get("vendor")),
        "url": clean_text(native.get("onlineStoreUrl")),
        "weight": clean_amount(weight.get("value")) if unit else None,
        "weight_unit": _WEIGHT_UNITS.get(unit, unit) if unit else None,
        "images": [image for image in images if image["url"]],
        "options": [] if is_plain else [_shopify_option(option) for option in native.get("options") or ()],
        "variants": [_shopify_variant(variant, unit, is_plain=is_plain) for variant in variants],
        "categories": [{"id": _shopify_id(entry), "name": clean_text(entry.get("title"))} for entry in collections],
        "tags": drop_repeats(native.get("tags") or []),
        "notes": None,
        "created_at": clean_time(native.get("createdAt")),
        "updated_at": clean_time(native.get("updatedAt")),
        "remote_data": native,
    }


def _shopify_weight(variant: Record) -> Record:
    item = variant.get("inventoryItem") or {}
    return (item.get("measurement") or {}).get("weight") or {}


def _shopify_image(picture: Record) -> Record:
    image = (picture.get("preview") or {}).get("image") or {}
    return {"id": picture["id"].rpartition("/")[2], "url": clean_text(image.get("url"))}


def _shopify_option(option: Record) -> Record:
    values = [value["name"] for value in option.get("optionValues") or ()]
    return {
        "id": option["id"].rpartition("/")[2],
        "name": clean_text(option.get("name")),
        "values": drop_repeats(values),
    }


def _shopify_variant(variant: Record, unit: str | None, *, is_plain: bool) -> Record:
    item, weight = variant.get("inventoryItem") or {}, _shopify_weight(variant)
    has_weight = weight.get("unit") == unit and weight.get("value")
    options = [] if is_plain else variant.get("selectedOptions") or []
    return {
        "id": _shopify_id(variant),
        "name": None if is_plain else clean_text(variant.get("title")),
        "price": clean_amount(variant.get("price")),
        "compare_at_price": clean_amount(variant.get("compareAtPrice")),
        "sku": clean_text(variant.get("sku")),
        "barcode": clean_text(variant.get("barcode")),
        "inventory_quantity": clean_amount(variant.get("inventoryQuantity")) if item.get("tracked") else None,
        "weight": clean_amount(weight["value"]) if has_weight else None,
        "options": [
            {"id": None, "name": clean_text(option.get("name")), "value": clean_text(option.get("value"))}
            for option in options
        ],
    }


CAREFUL_GOODS: Mapping[tuple[str, str], Callable[[Record], Record]] = {
    ("woocommerce", "ecommerce/orders"): map_woocommerce_order,
    ("woocommerce", "ecommerce/products"): map_woocommerce_product,
    ("shopify", "ecommerce/orders"): map_shopify_order,
    ("shopify", "ecommerce/products"): map_shopify_product,
}
"""A mapping for each provider and resource that is compared with hand-written code."""
