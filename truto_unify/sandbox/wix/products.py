"""Write the invented goods as Wix Stores products, of the catalog of version 1.

https://dev.wix.com/docs/api-reference/business-solutions/stores/catalog-v1/catalog/product-object
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from truto_unify.sandbox.goods import invent_goods
from truto_unify.sandbox.wix.records import filled, format_instant, make_uuid

if TYPE_CHECKING:
    from truto_unify.sandbox.goods import Goods, GoodsVariant
    from truto_unify.sandbox.wix.records import Record

CURRENCY = "USD"
NO_VARIANT = "00000000-0000-0000-0000-000000000000"
_CODES = {"red": "#aa0000", "dark blue": "#000088"}
_MEDIA = "https://static.wixstatic.com/media"


def product_id(goods: Goods) -> str:
    """The id of a product."""
    return make_uuid("product", goods.number)


def render_products(*, with_variants: bool, with_hidden: bool) -> list[Record]:
    """Every product, as a query lists it; without variants and hidden products unless the query asks for them."""
    products = [render_product(goods) for goods in invent_goods() if with_hidden or goods.is_active]
    if not with_variants:
        for product in products:
            del product["variants"]
    return products


def render_product(goods: Goods) -> Record:
    """One product, with its variants."""
    page = f"goods-{goods.number}"
    return filled(
        {
            "id": product_id(goods),
            "name": goods.name,
            "slug": page,
            "visible": goods.is_active,
            "productType": "physical",
            "description": goods.description,
            "sku": goods.sku,
            "weight": _kilograms(goods),
            "stock": _render_stock("trackInventory", goods.stock),
            **dict.fromkeys(
                ("price", "priceData", "convertedPriceData"), _render_price(goods.price_cents, goods.before_cents)
            ),
            "additionalInfoSections": [],
            "ribbons": [],
            "media": _render_media(goods),
            "customTextFields": [],
            "manageVariants": bool(goods.variants),
            "productOptions": _render_options(goods),
            "productPageUrl": {"base": "https://goods.example", "path": f"/product-page/{page}"},
            # Microseconds since 1970, with the number for goods of the same second.
            "numericId": str(int(goods.created_at.timestamp()) * 1_000_000 + goods.number),
            "inventoryItemId": make_uuid("inventory item", goods.number),
            "discount": {"type": "NONE", "value": 0},
            "collectionIds": [make_uuid("collection", goods.category)],
            "variants": [_render_variant(goods, variant) for variant in goods.variants or (None,)],
            "lastUpdated": format_instant(goods.updated_at),
            "createdDate": format_instant(goods.created_at),
            "brand": goods.vendor,
        }
    )


def _render_variant(goods: Goods, variant: GoodsVariant | None) -> Record:
    """One variant; a product without variants has one, whose id has zeros alone."""
    sold = goods if variant is None else variant
    price = _render_price(sold.price_cents, sold.before_cents)
    return {
        "id": NO_VARIANT if variant is None else make_uuid("variant", variant.number),
        "choices": {} if variant is None else {"Size": variant.size, "Colour": variant.colour},
        "variant": {
            "priceData": price,
            "convertedPriceData": price,
            "weight": _kilograms(goods) if variant is None else 0,
            "sku": sold.sku,
            "visible": True,
        },
        "stock": _render_stock("trackQuantity", sold.stock),
    }


def _render_price(cents: int, before_cents: int | None) -> Record:
    price, discounted = (before_cents or cents) / 100, cents / 100
    formatted = {"price": f"${price:.2f}", "discountedPrice": f"${discounted:.2f}"}
    return {"currency": CURRENCY, "price": price, "discountedPrice": discounted, "formatted": formatted}


def _render_stock(tracks: str, stock: int | None) -> Record:
    """What there is; without a number if nobody counts."""
    in_stock = stock is None or stock > 0
    return {
        tracks: stock is not None,
        **({} if stock is None else {"quantity": stock}),
        "inStock": in_stock,
        **({"inventoryStatus": "IN_STOCK" if in_stock else "OUT_OF_STOCK"} if tracks == "trackInventory" else {}),
    }


def _render_media(goods: Goods) -> Record:
    if not goods.image:
        return {"items": []}
    file = f"{goods.number}~mv2.png"
    picture = {
        "id": file,
        "mediaType": "image",
        "title": goods.image,
        "thumbnail": {"url": f"{_MEDIA}/{file}/v1/fit/w_50,h_50/file.png", "width": 50, "height": 50},
        "image": {"url": f"{_MEDIA}/{file}/v1/fit/w_600,h_600/file.png", "width": 600, "height": 600},
    }
    return {"mainMedia": picture, "items": [picture]}


def _render_options(goods: Goods) -> list[Record]:
    if not goods.variants:
        return []
    sizes = dict.fromkeys(variant.size for variant in goods.variants)
    colours = dict.fromkeys(variant.colour for variant in goods.variants)
    return [
        {"optionType": "drop_down", "name": "Size", "choices": [_choice(size, size) for size in sizes]},
        {"optionType": "color", "name": "Colour", "choices": [_choice(_CODES[name], name) for name in colours]},
    ]


def _choice(value: str, description: str) -> Record:
    return {"value": value, "description": description, "inStock": True, "visible": True}


def _kilograms(goods: Goods) -> float:
    """Zero if nobody weighed it."""
    return (goods.weight_grams or 0) / 1000
