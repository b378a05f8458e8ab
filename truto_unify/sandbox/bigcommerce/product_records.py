"""The invented goods as BigCommerce products: amounts are numbers, zero is no amount, and blank text is "".

A product without options has one variant, which repeats it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from truto_unify.sandbox.goods import Goods, GoodsVariant

Record = dict[str, object]

CATEGORY_IDS: Mapping[str, int] = {"Kitchen": 16, "Clothing": 17, "Paper & pens": 18, "Light": 19}
BRAND_IDS: Mapping[str, int] = {"Acme": 41, "Bo & Sons": 42, "Øst": 43}
_SIZE, _COLOUR = 108, 109
_BLANK = ("product_tax_code", "warranty", "bin_picking_number", "upc", "mpn", "search_keywords")


def render_product(goods: Goods, include: Collection[str] = ()) -> Record:
    """A record of ``/v3/catalog/products`` with the included parts."""
    price = (goods.before_cents or goods.price_cents) / 100
    record: Record = {
        "id": goods.number,
        "name": goods.name,
        "type": "physical",
        "sku": goods.sku,
        "description": goods.description,
        "weight": (goods.weight_grams or 0) / 1000,
        "price": price,
        "cost_price": 0,
        "retail_price": 0,
        "sale_price": goods.price_cents / 100 if goods.before_cents is not None else 0,
        "map_price": 0,
        "tax_class_id": 0,
        "calculated_price": goods.price_cents / 100,
        "categories": [CATEGORY_IDS[goods.category]],
        "brand_id": BRAND_IDS.get(goods.vendor, 0),
        "option_set_id": None,
        "option_set_display": "right",
        "inventory_level": goods.stock or 0,
        "inventory_warning_level": 0,
        "inventory_tracking": _tracking(goods),
        "total_sold": 0,
        "is_free_shipping": False,
        "is_visible": goods.is_active,
        "is_featured": False,
        "related_products": [-1],
        "date_last_imported": None,
        "availability": "available",
        "availability_description": "",
        "sort_order": 0,
        "condition": "New",
        "is_condition_shown": False,
        "date_created": _iso(goods.created_at),
        "date_modified": _iso(goods.updated_at),
        "preorder_release_date": None,
        "custom_url": {"url": f"/goods-{goods.number}/", "is_customized": False},
        "base_variant_id": None if goods.variants else _base_id(goods),
        **dict.fromkeys(("width", "depth", "height"), 0),
        **dict.fromkeys(_BLANK, ""),
        "gtin": goods.barcode,
    }
    if "variants" in include:
        record["variants"] = _variants(goods)
    if "images" in include:
        record["images"] = _images(goods)
    if "options" in include:
        record["options"] = _options(goods)
    return record


def _tracking(goods: Goods) -> str:
    if goods.variants:
        return "variant"
    return "none" if goods.stock is None else "product"


def _base_id(goods: Goods) -> int:
    return goods.number + 7


def _variants(goods: Goods) -> list[Record]:
    if not goods.variants:
        price = (goods.before_cents or goods.price_cents) / 100
        record = _variant(goods, _base_id(goods), goods.sku, goods.price_cents)
        return [record | {"price": price, "inventory_level": goods.stock or 0, "gtin": goods.barcode}]
    return [
        _variant(goods, variant.number, variant.sku, variant.price_cents)
        | {
            "retail_price": None if variant.before_cents is None else variant.before_cents / 100,
            "gtin": variant.barcode,
            "inventory_level": variant.stock or 0,
            "option_values": _option_values(variant),
        }
        for variant in goods.variants
    ]


def _variant(goods: Goods, number: int, sku: str, cents: int) -> Record:
    has_own_price = cents != goods.price_cents
    unset = ("sale_price", "retail_price", "map_price", "weight", "width", "height", "depth")
    return {
        "id": number,
        "product_id": goods.number,
        "sku": sku,
        "sku_id": None,
        "price": cents / 100 if has_own_price else None,
        "calculated_price": cents / 100,
        **dict.fromkeys(unset),
        "fixed_cost_shipping_price": None,
        "is_free_shipping": False,
        "calculated_weight": (goods.weight_grams or 0) / 1000,
        "purchasing_disabled": False,
        "purchasing_disabled_message": "",
        "image_url": "",
        "cost_price": 0,
        "upc": "",
        "mpn": "",
        "gtin": "",
        "inventory_level": 0,
        "inventory_warning_level": 0,
        "bin_picking_number": "",
        "option_values": [],
    }


def _option_values(variant: GoodsVariant) -> list[Record]:
    return [
        {"id": _value_id(variant.size), "label": variant.size, "option_id": _SIZE, "option_display_name": "Size"},
        {
            "id": _value_id(variant.colour),
            "label": variant.colour,
            "option_id": _COLOUR,
            "option_display_name": "Colour",
        },
    ]


def _options(goods: Goods) -> list[Record]:
    if not goods.variants:
        return []
    sizes = list(dict.fromkeys(variant.size for variant in goods.variants))
    colours = list(dict.fromkeys(variant.colour for variant in goods.variants))
    return [
        {
            "id": number,
            "product_id": goods.number,
            "name": f"{name}-{number}",
            "display_name": name,
            "type": "rectangles",
            "sort_order": place,
            "option_values": [
                {"id": _value_id(label), "label": label, "sort_order": at, "is_default": False}
                for at, label in enumerate(labels)
            ],
        }
        for place, (number, name, labels) in enumerate(((_SIZE, "Size", sizes), (_COLOUR, "Colour", colours)))
    ]


def _value_id(label: str) -> int:
    """The number of an option's value."""
    return 60 + sum(label.encode()) % 1000


def _images(goods: Goods) -> list[Record]:
    if not goods.image:
        return []
    record: Record = {"id": goods.number + 9, "product_id": goods.number, "is_thumbnail": True, "sort_order": 0}
    sizes = ("zoom", "standard", "thumbnail", "tiny")
    urls = {f"url_{size}": f"https://images.example/{size}/{goods.image}" for size in sizes}
    return [record | urls | {"description": "", "image_file": goods.image}]


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}+00:00"
