"""The invented goods as Commerce7 products: what is sold is always a variant, and variants differ by their title alone.

https://developer.commerce7.com/docs/products
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from truto_unify.sandbox.commerce7.records import derive_id, iso
from truto_unify.sandbox.goods import GoodsVariant

if TYPE_CHECKING:
    from truto_unify.sandbox.goods import Goods

_MADE_AT = "2020-01-01T00:00:00.000Z"


def product_id(goods: Goods) -> str:
    """The store's id of goods."""
    return derive_id("goods", goods.number)


def render_product(goods: Goods) -> dict[str, object]:
    """A record of ``/product``; the store sells to the public, so that it is Available everywhere or nowhere."""
    image = f"https://images.example/{goods.image}" if goods.image else None
    vendor_id = derive_id("vendor", goods.vendor) if goods.vendor else None
    return {
        "id": product_id(goods),
        "title": goods.name,
        "subTitle": None,
        "image": image,
        "type": "General Merchandise",
        "departmentId": None,
        "vendorId": vendor_id,
        "teaser": None,
        "content": goods.description or None,
        "webStatus": "Available" if goods.is_active else "Not Available",
        "adminStatus": "Available",
        "slug": f"goods-{goods.number}",
        "metaData": None,
        "appData": None,
        "appSync": None,
        "productTemplateId": None,
        "createdAt": iso(goods.created_at),
        "updatedAt": iso(goods.updated_at),
        "images": [{"id": derive_id("image", goods.number), "src": image, "sortOrder": 0}] if image else [],
        "bundleItems": [],
        "department": None,
        "vendor": {"id": vendor_id, "title": goods.vendor} if goods.vendor else None,
        "variants": _render_variants(goods),
        "collections": [_render_collection(goods.category)],
        "seo": {"title": goods.name, "description": None},
        "security": {"availableTo": "Public"},
        "overrideOperatingRegions": {
            "isOverride": False,
            "operatingStateCodes": None,
            "operatingCountryCodes": None,
        },
    }


def texts_of(goods: Goods) -> tuple[str, ...]:
    """What ``q`` searches."""
    return (goods.name, goods.sku, *(variant.sku for variant in goods.variants))


def _render_variants(goods: Goods) -> list[dict[str, object]]:
    if goods.variants:
        return [_render_variant(goods, variant, position) for position, variant in enumerate(goods.variants, 1)]
    prices = (goods.price_cents, goods.stock, goods.barcode, goods.before_cents)
    return [_render_variant(goods, GoodsVariant(goods.number, "Each", "", goods.sku, *prices), 1)]


def _render_variant(goods: Goods, variant: GoodsVariant, position: int) -> dict[str, object]:
    variant_id = derive_id("variant", variant.number)
    return {
        "id": variant_id,
        "title": ", ".join(filter(None, (variant.size, variant.colour))),
        "sku": variant.sku,
        "upcCode": variant.barcode or None,
        "volumeInML": None,
        "costOfGood": 0,
        "price": variant.price_cents,
        "comparePrice": variant.before_cents,
        "bottleDeposit": 0,
        "maxQuantityPerCart": None,
        "sortOrder": position,
        "hasInventory": variant.stock is not None,
        "inventoryPolicy": "Back Order" if variant.stock is None else "Dont Sell",
        "hasShipping": True,
        "taxType": "General Merchandise",
        "weight": (goods.weight_grams or 0) / 1000,
        "inventory": None if variant.stock is None else [_render_inventory(variant_id, variant.stock)],
    }


def _render_inventory(variant_id: str, stock: int) -> dict[str, object]:
    return {
        "reserveCount": 0,
        "allocatedCount": 0,
        "productVariantId": variant_id,
        "inventoryLocationId": derive_id("location", "warehouse"),
        "availableForSaleCount": stock,
    }


def _render_collection(title: str) -> dict[str, object]:
    return {
        "id": derive_id("collection", title),
        "title": title,
        "content": "",
        "webStatus": "Available",
        "adminStatus": "Available",
        "slug": f"collection-{derive_id('collection', title)[:8]}",
        "productTemplateId": None,
        "type": "Manual",
        "productCount": None,
        "appliesToCondition": None,
        "onlyShowProductsWithInventory": False,
        "metaData": {},
        "createdAt": _MADE_AT,
        "updatedAt": _MADE_AT,
        "seo": {"title": title, "description": None},
    }
