"""Write the invented goods as Wix Stores products, of the catalog of version 3.

https://dev.wix.com/docs/api-reference/business-solutions/stores/catalog-v3/products-v3/product-object
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from truto_unify.sandbox.goods import invent_goods
from truto_unify.sandbox.wix.products import CURRENCY, product_id
from truto_unify.sandbox.wix.records import filled, format_instant, make_uuid

if TYPE_CHECKING:
    from collections.abc import Iterable

    from truto_unify.sandbox.goods import Goods, GoodsVariant
    from truto_unify.sandbox.wix.records import Record

FIELD_PARTS = {
    "URL": "url",
    "CURRENCY": "currency",
    "PLAIN_DESCRIPTION": "plainDescription",
    "DIRECT_CATEGORIES_INFO": "directCategoriesInfo",
    "WEIGHT_MEASUREMENT_UNIT_INFO": "weightMeasurementUnitInfo",
}
"""The parts of a product that an answer lacks unless ``fields`` names them."""
MEDIA_ITEMS = "MEDIA_ITEMS_INFO"
"""Names the pictures in ``fields``."""
CATEGORY_TREE = "@wix/stores"
"""The namespace of the one tree of categories that a shop has."""
_MEDIA = "https://static.wixstatic.com/media"


def render_product(goods: Goods, fields: Iterable[str], *, with_variants: bool) -> Record:
    """One product with these ``fields``; only a call for one product has its variants."""
    prices = [sold.price_cents for sold in goods.variants or (goods,)]
    before = [sold.before_cents for sold in goods.variants or (goods,) if sold.before_cents is not None]
    page = f"goods-{goods.number}"
    product = filled(
        {
            "id": product_id(goods),
            "revision": "1",
            "name": goods.name,
            "slug": page,
            "url": {"relativePath": f"/product-page/{page}", "url": f"https://goods.example/product-page/{page}"},
            "plainDescription": goods.description,
            "visible": goods.is_active,
            "productType": "PHYSICAL",
            "currency": CURRENCY,
            "actualPriceRange": _range(prices),
            **({"compareAtPriceRange": _range(before)} if before else {}),
            "media": _render_media(goods),
            "options": _render_options(goods),
            "brand": {"id": make_uuid("brand", goods.vendor), "name": goods.vendor} if goods.vendor else None,
            "weightMeasurementUnitInfo": {"weightMeasurementUnit": "KG"},
            "directCategoriesInfo": {"categories": [{"id": make_uuid("collection", goods.category), "index": 0}]},
            "createdDate": format_instant(goods.created_at),
            "updatedDate": format_instant(goods.updated_at),
            **({"variantsInfo": {"variants": _render_variants(goods)}} if with_variants else {}),
        }
    )
    chosen = {*fields}
    left_out = {part for name, part in FIELD_PARTS.items() if name not in chosen}
    if MEDIA_ITEMS not in chosen:
        product.get("media", {}).pop("itemsInfo", None)
    return {name: value for name, value in product.items() if name not in left_out}


def render_read_only_variants(goods: Goods) -> list[Record]:
    """The variants as a list of their own has them."""
    return [
        {
            "id": make_uuid("read-only variant", variant["id"]),
            "variantId": variant["id"],
            **{name: value for name, value in variant.items() if name != "id"},
            "productData": {"productId": product_id(goods), "name": goods.name},
        }
        for variant in _render_variants(goods)
    ]


def render_stock(goods: Goods) -> list[Record]:
    """The stock of each variant, at the one location of the site."""
    sold = goods.variants or (goods,)
    return [
        {
            "id": make_uuid("inventory item", each.number),
            "productId": product_id(goods),
            "variantId": make_uuid("variant", each.number),
            "locationId": make_uuid("location", 1),
            "trackQuantity": each.stock is not None,
            **({"inStock": True} if each.stock is None else {"quantity": each.stock, "inStock": each.stock > 0}),
        }
        for each in sold
    ]


def render_categories() -> list[Record]:
    """The categories of all goods; the last one is hidden from visitors."""
    names = [*dict.fromkeys(goods.category for goods in invent_goods())]
    return [
        {
            "id": make_uuid("collection", name),
            "revision": "1",
            "name": name,
            "visible": name != names[-1],
            "parentCategory": {"index": index},
            "treeReference": {"appNamespace": CATEGORY_TREE},
        }
        for index, name in enumerate(names)
    ]


def _render_variants(goods: Goods) -> list[Record]:
    """The variants; a product without options has one without choices."""
    return [_render_variant(goods, each, each.size, each.colour) for each in goods.variants] or [
        _render_variant(goods, goods)
    ]


def _render_variant(goods: Goods, sold: Goods | GoodsVariant, *choices: str) -> Record:
    price = {"actualPrice": {"amount": _amount(sold.price_cents)}}
    if sold.before_cents is not None:
        price["compareAtPrice"] = {"amount": _amount(sold.before_cents)}
    weight = {} if goods.weight_grams is None else {"weight": goods.weight_grams / 1000}
    return filled(
        {
            "id": make_uuid("variant", sold.number),
            "visible": True,
            "sku": sold.sku,
            "barcode": sold.barcode,
            "choices": [
                {"optionChoiceIds": {"optionId": make_uuid("option", name)}, "optionChoiceNames": _names(name, choice)}
                for name, choice in zip(("Size", "Colour"), choices, strict=False)
            ],
            "price": price,
            "physicalProperties": weight,
        }
    )


def _names(option: str, choice: str) -> Record:
    return {"optionName": option, "choiceName": choice, "renderType": "TEXT_CHOICES"}


def _render_options(goods: Goods) -> list[Record]:
    names = {
        "Size": dict.fromkeys(variant.size for variant in goods.variants),
        "Colour": dict.fromkeys(variant.colour for variant in goods.variants),
    }
    return [
        {
            "id": make_uuid("option", name),
            "name": name,
            "optionRenderType": "TEXT_CHOICES",
            "choicesSettings": {"choices": [{"choiceType": "CHOICE_TEXT", "name": choice} for choice in choices]},
        }
        for name, choices in names.items()
        if choices
    ]


def _render_media(goods: Goods) -> Record:
    if not goods.image:
        return {"itemsInfo": {"items": []}}
    file = f"{goods.number}~mv2.png"
    picture = {"id": file, "mediaType": "IMAGE", "image": {"id": file, "url": f"{_MEDIA}/{file}"}}
    return {"main": picture, "itemsInfo": {"items": [picture]}}


def _range(cents: list[int]) -> Record:
    return {"minValue": {"amount": _amount(min(cents))}, "maxValue": {"amount": _amount(max(cents))}}


def _amount(cents: int) -> str:
    """Without padding."""
    return f"{cents / 100:.2f}".rstrip("0").rstrip(".")
