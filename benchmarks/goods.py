"""Pages of orders with their lines, and of products with their variants, as WooCommerce and Shopify return them.

The same seed gives the same bytes. The buyers are the people of ``people``; nothing here is recorded.
"""

from __future__ import annotations

import json
from datetime import UTC, timedelta
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Any, Final

from benchmarks.people import invent_people
from benchmarks.shopify_nodes import customer_node
from benchmarks.workload import Workload, find_records, write_as_php, write_plain
from truto_unify.sandbox.goods import invent_goods
from truto_unify.sandbox.shopify.products import option_values, selected_options, variants_of
from truto_unify.sandbox.woocommerce.products import product_record
from truto_unify.sandbox.woocommerce.records import order_record

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from truto_unify.sandbox.goods import Goods, GoodsVariant
    from truto_unify.sandbox.people import Person

Record = dict[str, Any]
ORDERS: Final = "ecommerce/orders"
PRODUCTS: Final = "ecommerce/products"
_SHOP = "https://shop.example"
_API = f"{_SHOP}/wp-json/wc/v3"
_SIZES = {"woocommerce": 100, "shopify": 50}
"""The orders or products of a page."""


@cache
def make_goods_workload(provider: str, resource: str, count: int | None = None, seed: int = 1) -> Workload:
    """One page of a store; every part of it follows from the arguments.

    Args:
        provider: ``shopify`` or ``woocommerce``.
        resource: ``ORDERS`` or ``PRODUCTS``.
        count: records of the page; the store's usual page by default.
        seed: another seed gives other people and lines.
    """
    random = Random(f"benchmarks {seed} {provider} {resource}")  # noqa: S311 - reproducible, and protects nothing
    size = count or _SIZES[provider]
    if resource == ORDERS:
        records = [_RENDER_ORDER[provider](person, random) for person in invent_people(size, "dense", seed)]
    else:
        records = [_RENDER_PRODUCT[provider](goods) for goods in invent_goods(size)]
    if provider == "woocommerce":
        body = write_as_php(records)
    else:
        nodes = {"nodes": records, "pageInfo": {"hasNextPage": True, "endCursor": "eyJsYXN0X2lkIjo3MDUwfQ=="}}
        body = write_plain({"data": {resource.rpartition("/")[2]: nodes}})
    return Workload(provider, "dense", body, find_records(provider, json.loads(body), resource), resource)


def _woocommerce_order(person: Person, random: Random) -> Record:
    """An order of one to six lines, every third with a coupon, every fifth of a guest, every seventh refunded."""
    order: Record = order_record(person, person.orders[0], _API, _SHOP)
    has_coupon = order["id"] % 3 == 0
    lines = [_woocommerce_line(order["id"], place, random, is_cheaper=has_coupon) for place in range(1, _lines(random))]
    coupon = {"id": order["id"] + 7, "code": "spring", "discount": "4.20", "discount_tax": "0.00"}
    tax = {"id": order["id"] + 8, "rate_code": "US-ME-TAX-1", "label": "Tax", "tax_total": "1.10", "rate_percent": 5.5}
    shipping = {"id": order["id"] + 9, "method_title": "Flat rate", "method_id": "flat_rate", "total": "4.90"}
    return {
        **order,
        "customer_id": 0 if person.number % 5 == 0 else order["customer_id"],
        "payment_method": "stripe",
        "payment_method_title": "Credit card (Stripe)",
        "customer_note": "Please ring twice." if person.number % 4 == 0 else "",
        "shipping_total": "4.90",
        "total_tax": "1.10",
        "line_items": lines,
        "tax_lines": [tax],
        "shipping_lines": [shipping],
        "coupon_lines": [{**coupon, "discount_type": "percent", "nominal_amount": 10}] if has_coupon else [],
    }


def _lines(random: Random) -> int:
    return random.randint(2, 7)


def _woocommerce_line(number: int, place: int, random: Random, *, is_cheaper: bool) -> Record:
    quantity, cents = random.randint(1, 4), random.randint(100, 9000)
    subtotal = quantity * cents
    total = _money(subtotal * 9 // 10 if is_cheaper else subtotal)
    size = {"id": number * 10 + place, "key": "pa_size", "value": "m", "display_key": "Size", "display_value": "M"}
    return {
        "id": number * 10 + place,
        "name": f"Linen shirt {place} - M",
        "product_id": 2000 + place,
        "variation_id": 0 if place % 2 else 2050 + place,
        "quantity": quantity,
        "tax_class": "",
        "subtotal": _money(subtotal),
        "subtotal_tax": "0.55",
        "total": total,
        "total_tax": "0.55",
        "taxes": [{"id": 1, "total": "0.55", "subtotal": "0.55"}],
        "meta_data": [size],
        "sku": f"SHIRT-{place}",
        "global_unique_id": "",
        "price": cents / 100,
        "image": {"id": "77", "src": f"{_SHOP}/wp-content/uploads/2026/11/shirt-{place}.png"},
        "parent_name": "Linen shirt",
    }


def _woocommerce_product(goods: Goods) -> Record:
    """As the pretend store writes it, with the links and values that a theme and a plugin add."""
    record = product_record(goods, _API, _SHOP)
    meta = [
        {"id": 9000 + goods.number, "key": "_yoast_wpseo_title", "value": goods.name},
        {"id": 9001 + goods.number, "key": "_layout", "value": {"sidebar": "left", "columns": 3}},
    ]
    return {**record, "related_ids": [2001, 2011, 2021], "meta_data": meta}


def _shopify_order(person: Person, random: Random) -> Record:
    """An order of one to six lines, every third with a discount, every fifth of a guest."""
    order, buyer = person.orders[0], customer_node(person)
    lines = [_shopify_line(order.number, place, random, person.currency) for place in range(1, _lines(random))]
    places = [_shopify_place(address) for address in buyer["addressesV2"]["nodes"]]
    created_at, is_paid = order.created_at, order.status == "paid"
    parcel = {"company": "Acme", "number": f"PARCEL{order.number}", "url": f"https://parcels.example/{order.number}"}
    fulfillment = {
        **_name("Fulfillment", order.number),
        "status": "SUCCESS",
        "displayStatus": "FULFILLED",
        "createdAt": _time(created_at + timedelta(days=1)),
        "trackingInfo": [parcel],
    }
    value = {"amount": "4.20", "currencyCode": person.currency}
    discount = {"code": "SPRING", "allocationMethod": "ACROSS", "targetSelection": "ALL", "value": value}
    return {
        **_name("Order", order.number),
        "name": f"#{order.number}",
        "email": person.email,
        "phone": person.phone,
        "note": "Please ring twice." if person.number % 4 == 0 else None,
        "tags": sorted(person.tags),
        "createdAt": _time(created_at),
        "updatedAt": _time(created_at + timedelta(days=1)),
        "cancelledAt": None,
        "closedAt": _time(created_at + timedelta(days=1)) if is_paid else None,
        "currencyCode": person.currency,
        "displayFinancialStatus": {"paid": "PAID", "refunded": "REFUNDED"}.get(order.status, "PENDING"),
        "displayFulfillmentStatus": "FULFILLED" if is_paid else "UNFULFILLED",
        "paymentGatewayNames": ["shopify_payments"],
        "subtotalPriceSet": _bag(order.total_minor, person.currency),
        "totalShippingPriceSet": _bag(490, person.currency),
        "totalDiscountsSet": _bag(420 if person.number % 3 == 0 else 0, person.currency),
        "totalTaxSet": _bag(110, person.currency),
        "totalPriceSet": _bag(order.total_minor + 600, person.currency),
        "customer": None if person.number % 5 == 0 else _shopify_buyer(buyer),
        "billingAddress": places[0] if places else None,
        "shippingAddress": places[-1] if places else None,
        "discountApplications": {"nodes": [discount] if person.number % 3 == 0 else []},
        "lineItems": {"nodes": lines, "pageInfo": {"hasNextPage": False}},
        "fulfillments": [fulfillment] if is_paid else [],
        "refunds": [] if order.status != "refunded" else [_shopify_refund(person, order.total_minor)],
    }


def _shopify_buyer(node: Record) -> Record:
    names = ("id", "legacyResourceId", "firstName", "lastName", "defaultEmailAddress", "defaultPhoneNumber")
    return {name: node[name] for name in names}


def _shopify_place(address: Record) -> Record:
    return {name: value for name, value in address.items() if name != "id"}


def _shopify_refund(person: Person, cents: int) -> Record:
    order = person.orders[0]
    return {
        **_name("Refund", order.number),
        "note": "Too small",
        "createdAt": _time(order.created_at + timedelta(days=2)),
        "totalRefundedSet": _bag(cents, person.currency),
    }


def _shopify_line(number: int, place: int, random: Random, currency: str) -> Record:
    quantity, cents = random.randint(1, 4), random.randint(100, 9000)
    is_cheaper = number % 3 == 0
    discount = [{"allocatedAmountSet": _bag(quantity * cents // 10, currency)}] if is_cheaper else []
    return {
        "id": f"gid://shopify/LineItem/{number * 10 + place}",
        "name": f"Linen shirt {place} - M",
        "title": f"Linen shirt {place}",
        "variantTitle": "M",
        "sku": f"SHIRT-{place}",
        "quantity": quantity,
        "currentQuantity": quantity,
        "product": _name("Product", 2000 + place),
        "variant": _name("ProductVariant", 2050 + place),
        "originalUnitPriceSet": _bag(cents, currency),
        "originalTotalSet": _bag(quantity * cents, currency),
        "totalDiscountSet": _bag(0, currency),
        "discountAllocations": discount,
        "taxLines": [{"title": "Tax", "ratePercentage": 5.5, "priceSet": _bag(55, currency)}] if place < 4 else [],
    }


def _shopify_product(goods: Goods) -> Record:
    image = {"url": f"https://cdn.shopify.example/s/files/{goods.image}", "width": 800, "height": 600}
    picture = {"id": f"gid://shopify/MediaImage/{goods.number}", "mediaContentType": "IMAGE"}
    variants = variants_of(goods)
    options = [
        {
            "id": f"gid://shopify/ProductOption/{goods.number * 10 + place}",
            "name": name,
            "position": place,
            "optionValues": [{"name": value} for value in values],
        }
        for place, (name, values) in enumerate(option_values(goods).items(), 1)
    ]
    price = {"amount": _money(variants[0].price_cents), "currencyCode": "USD"}
    return {
        **_name("Product", goods.number),
        "title": goods.name,
        "handle": f"goods-{goods.number}",
        "descriptionHtml": goods.description,
        "status": "ACTIVE" if goods.is_active else "DRAFT",
        "vendor": goods.vendor or "Acme",
        "productType": "",
        "tags": sorted(goods.tags),
        "createdAt": _time(goods.created_at),
        "updatedAt": _time(goods.updated_at),
        "onlineStoreUrl": f"{_SHOP}/products/goods-{goods.number}" if goods.is_active else None,
        "totalInventory": sum(variant.stock or 0 for variant in variants),
        "tracksInventory": any(variant.stock is not None for variant in variants),
        "hasOnlyDefaultVariant": not goods.variants,
        "priceRangeV2": {"minVariantPrice": price, "maxVariantPrice": price},
        "options": options,
        "collections": {"nodes": [{**_name("Collection", 16), "title": goods.category}]},
        "media": {"nodes": [{**picture, "preview": {"image": image}}] if goods.image else []},
        "variants": {"nodes": [_shopify_variant(goods, variant) for variant in variants]},
    }


def _shopify_variant(goods: Goods, variant: GoodsVariant) -> Record:
    grams, chosen = goods.weight_grams, selected_options(variant)
    weight = None if grams is None else {"value": grams / 1000, "unit": "KILOGRAMS"}
    return {
        **_name("ProductVariant", variant.number),
        "title": " / ".join(chosen.values()),
        "sku": variant.sku or None,
        "barcode": goods.barcode or None,
        "price": _money(variant.price_cents),
        "compareAtPrice": _money(goods.before_cents) if goods.before_cents is not None else None,
        "position": 1,
        "inventoryQuantity": variant.stock or 0,
        "createdAt": _time(goods.created_at),
        "updatedAt": _time(goods.updated_at),
        "selectedOptions": [{"name": name, "value": value} for name, value in chosen.items()],
        "inventoryItem": {"tracked": variant.stock is not None, "measurement": {"weight": weight}},
    }


def _name(kind: str, number: int) -> Record:
    return {"id": f"gid://shopify/{kind}/{number}", "legacyResourceId": str(number)}


def _bag(cents: int, currency: str) -> Record:
    """A ``MoneyBag``: the amount in the currency of the shop and in that of the buyer."""
    amount = {"amount": _money(cents), "currencyCode": currency}
    return {"shopMoney": amount, "presentmentMoney": amount}


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


_RENDER_ORDER: dict[str, Callable[[Person, Random], Record]] = {
    "woocommerce": _woocommerce_order,
    "shopify": _shopify_order,
}
_RENDER_PRODUCT: dict[str, Callable[[Goods], Record]] = {
    "woocommerce": _woocommerce_product,
    "shopify": _shopify_product,
}
