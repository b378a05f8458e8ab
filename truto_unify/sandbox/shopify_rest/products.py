"""Write the invented goods as products of Shopify's older REST Admin API, with the ids of the GraphQL store.

https://shopify.dev/docs/api/admin-rest/latest/resources/product
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from truto_unify.sandbox.shopify.fields import media_id, product_id, variant_id
from truto_unify.sandbox.shopify.products import (
    CURRENCY,
    handle,
    option_values,
    padded,
    selected_options,
    status,
    variants_of,
    vendor,
)
from truto_unify.sandbox.shopify_rest.records import Record, local_time

if TYPE_CHECKING:
    from truto_unify.sandbox.goods import Goods, GoodsVariant

SHOP: Record = {
    "id": 1,
    "name": "sandbox",
    "currency": CURRENCY,
    "weight_unit": "kg",
    "iana_timezone": "America/New_York",
}


def product_record(goods: Goods) -> Record:
    """One product.

    Args:
        goods: What it is.

    Returns:
        Its fields, with all its variants, of which there are fewer than a hundred.
    """
    number = product_id(goods.number)
    images = [_image_record(goods)] if goods.image else []
    return {
        "id": number,
        "title": goods.name,
        "body_html": goods.description or None,
        "vendor": vendor(goods),
        "product_type": "",
        "created_at": local_time(goods.created_at),
        "handle": handle(goods),
        "updated_at": local_time(goods.updated_at),
        "published_at": local_time(goods.created_at) if goods.is_active else None,
        "template_suffix": None,
        "published_scope": "web",
        "tags": ", ".join(sorted(goods.tags)),
        "status": status(goods).lower(),
        "admin_graphql_api_id": f"gid://shopify/Product/{number}",
        "variants": [variant_record(goods, variant) for variant in variants_of(goods)],
        "options": [
            {"id": number * 10 + position, "product_id": number, "name": name, "position": position, "values": values}
            for position, (name, values) in enumerate(option_values(goods).items(), 1)
        ],
        "images": images,
        "image": images[0] if images else None,
    }


def variant_record(goods: Goods, variant: GoodsVariant) -> Record:
    """One variant of a product.

    Args:
        goods: The product.
        variant: The variant.

    Returns:
        Its fields; the weight is zero if nobody knows it.
    """
    number, grams = variant_id(variant.number), goods.weight_grams or 0
    options = [*selected_options(variant).values(), None, None, None]
    return {
        "id": number,
        "product_id": product_id(goods.number),
        "title": " / ".join(selected_options(variant).values()),
        "price": padded(variant.price_cents),
        "position": variants_of(goods).index(variant) + 1,
        "inventory_policy": "deny",
        "compare_at_price": None if variant.before_cents is None else padded(variant.before_cents),
        "option1": options[0],
        "option2": options[1],
        "option3": options[2],
        "created_at": local_time(goods.created_at),
        "updated_at": local_time(goods.updated_at),
        "taxable": True,
        "barcode": variant.barcode,
        "fulfillment_service": "manual",
        "grams": grams,
        "inventory_management": None if variant.stock is None else "shopify",
        "requires_shipping": True,
        "sku": variant.sku,
        "weight": grams / 1000,
        "weight_unit": "kg",
        "inventory_quantity": variant.stock or 0,
        "image_id": None,
        "admin_graphql_api_id": f"gid://shopify/ProductVariant/{number}",
    }


def _image_record(goods: Goods) -> Record:
    return {
        "id": media_id(goods.number),
        "alt": None,
        "position": 1,
        "product_id": product_id(goods.number),
        "created_at": local_time(goods.created_at),
        "updated_at": local_time(goods.updated_at),
        "width": 800,
        "height": 600,
        "src": f"https://cdn.shopify.example/s/files/{goods.image}",
        "variant_ids": [],
    }
