"""Write goods as WooCommerce products and variations, and select them as WordPress's queries do.

https://woocommerce.github.io/woocommerce-rest-api-docs/#products, and what a real shop answered.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from truto_unify.sandbox.woocommerce.records import Record, local_time, utc_time
from truto_unify.sandbox.woocommerce.selection import is_in_range, matches_id, place_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from truto_unify.sandbox.goods import Goods, GoodsVariant
    from truto_unify.sandbox.woocommerce.parameters import Arguments

CURRENCY = {"code": "USD", "name": "United States (US) dollar", "symbol": "&#36;"}
WEIGHT_UNIT = {
    "id": "woocommerce_weight_unit",
    "label": "Weight unit",
    "type": "select",
    "default": "kg",
    "value": "kg",
    "group_id": "products",
}
_CATEGORY_IDS = {"Kitchen": 16, "Clothing": 17, "Paper & pens": 18, "Light": 19}
_TAG_IDS = {"new": 31, "gift": 32, "Sale": 33}


def product_record(goods: Goods, api: str, site: str) -> Record:
    """One product.

    Args:
        goods: What it is.
        api: The address of the API.
        site: The address of the shop.
    """
    price = money(goods.price_cents)
    regular = money(goods.before_cents) if goods.before_cents is not None else price
    has_variants = bool(goods.variants)
    return {
        "id": goods.number,
        "name": goods.name,
        "slug": f"goods-{goods.number}",
        "permalink": f"{site}/product/goods-{goods.number}/",
        **_times(goods),
        "type": "variable" if has_variants else "simple",
        "status": "publish" if goods.is_active else "draft",
        "featured": False,
        "catalog_visibility": "visible",
        "description": goods.description,
        "short_description": "",
        "sku": goods.sku,
        "price": price,
        "regular_price": "" if has_variants else regular,
        "sale_price": price if goods.before_cents is not None else "",
        "on_sale": goods.before_cents is not None,
        "purchasable": True,
        "total_sales": 0,
        "virtual": False,
        "manage_stock": goods.stock is not None,
        "stock_quantity": goods.stock,
        "backorders": "no",
        "weight": _kilograms(goods.weight_grams),
        "dimensions": {"length": "", "width": "", "height": ""},
        "parent_id": 0,
        "purchase_note": "Wash by hand." if goods.name.startswith("Wool scarf") else "",
        "categories": [_term(goods.category, _CATEGORY_IDS)],
        "brands": [{"id": 41, "name": html.escape(goods.vendor), "slug": "brand"}] if goods.vendor else [],
        "tags": [_term(tag, _TAG_IDS) for tag in goods.tags],
        "images": _images(goods, site),
        "attributes": _attributes(goods),
        "variations": [variant.number for variant in goods.variants],
        "menu_order": 0,
        "meta_data": [],
        "stock_status": "outofstock" if goods.stock is not None and goods.stock <= 0 else "instock",
        "global_unique_id": goods.barcode,
        "_links": {
            "self": [{"href": f"{api}/products/{goods.number}"}],
            "collection": [{"href": f"{api}/products"}],
        },
    }


def variation_record(goods: Goods, variant: GoodsVariant, api: str) -> Record:
    """One variation of a product.

    Args:
        goods: The product.
        variant: The variation.
        api: The address of the API.
    """
    price = money(variant.price_cents)
    is_on_sale = variant.before_cents is not None
    return {
        "id": variant.number,
        "type": "variation",
        **_times(goods),
        "description": "",
        "sku": variant.sku,
        "global_unique_id": variant.barcode,
        "price": price,
        "regular_price": price if variant.before_cents is None else money(variant.before_cents),
        "sale_price": price if is_on_sale else "",
        "on_sale": is_on_sale,
        "status": "publish",
        "manage_stock": variant.stock is not None,
        "stock_quantity": variant.stock,
        "weight": "",
        "attributes": [
            {"id": 1, "name": "Size", "slug": "pa_size", "option": variant.size},
            {"id": 0, "name": "Colour", "slug": "colour", "option": variant.colour},
        ],
        "meta_data": [],
        "name": f"{variant.size}, {variant.colour}",
        "parent_id": goods.number,
        "_links": {"up": [{"href": f"{api}/products/{goods.number}"}]},
    }


def money(cents: int) -> str:
    """An amount as the shop keeps it."""
    return f"{cents // 100}.{cents % 100:02}"


def select_products(goods: Iterable[Goods], arguments: Arguments) -> list[Goods | tuple[Goods, GoodsVariant]]:
    """The products that match the arguments, sorted; a search by ``sku`` finds variations too."""
    wanted = {sku.casefold() for sku in arguments.single["sku"].split(",") if sku}
    matches: list[Goods | tuple[Goods, GoodsVariant]] = []
    for item in goods:
        if not _matches(item, arguments):
            continue
        if not wanted or item.sku.casefold() in wanted:
            matches.append(item)
        matches += [(item, variant) for variant in item.variants if variant.sku.casefold() in wanted]
    matches.sort(key=_number)
    match arguments.single["orderby"]:
        case "date":
            matches.sort(key=lambda item: _goods(item).created_at)
        case "modified":
            matches.sort(key=lambda item: _goods(item).updated_at)
        case "include":
            matches.sort(key=lambda item: place_of(_number(item), arguments))
            return matches
    if arguments.single["order"] == "desc":
        matches.reverse()
    return matches


def _goods(item: Goods | tuple[Goods, GoodsVariant]) -> Goods:
    return item[0] if isinstance(item, tuple) else item


def _number(item: Goods | tuple[Goods, GoodsVariant]) -> int:
    return item[1].number if isinstance(item, tuple) else item.number


def _matches(goods: Goods, arguments: Arguments) -> bool:
    status = "publish" if goods.is_active else "draft"
    return (
        matches_id(goods.number, arguments)
        and arguments.single["status"] in {"any", status}
        and arguments.single["search"].casefold() in f"{goods.name} {goods.description}".casefold()
        and is_in_range(goods.created_at, goods.updated_at, arguments)
    )


def _times(goods: Goods) -> Record:
    return {
        "date_created": local_time(goods.created_at),
        "date_created_gmt": utc_time(goods.created_at),
        "date_modified": local_time(goods.updated_at),
        "date_modified_gmt": utc_time(goods.updated_at),
    }


def _kilograms(grams: int | None) -> str:
    return "" if grams is None else f"{grams / 1000:.3f}".rstrip("0").rstrip(".")


def _term(name: str, ids: dict[str, int]) -> Record:
    """A category or a tag; WordPress keeps its name as HTML."""
    return {"id": ids[name], "name": html.escape(name), "slug": f"term-{ids[name]}"}


def _images(goods: Goods, site: str) -> list[Record]:
    if not goods.image:
        return []
    src = f"{site}/wp-content/uploads/2026/11/{goods.image}"
    return [{"id": goods.number + 9, "src": src, "name": goods.image, "alt": ""}]


def _attributes(goods: Goods) -> list[Record]:
    if not goods.variants:
        return []
    sizes = list(dict.fromkeys(variant.size for variant in goods.variants))
    colours = list(dict.fromkeys(variant.colour for variant in goods.variants))
    return [
        {"id": 1, "name": "Size", "slug": "pa_size", "position": 0, "variation": True, "options": sizes},
        {"id": 0, "name": "Colour", "slug": "Colour", "position": 1, "variation": True, "options": colours},
        {"id": 2, "name": "Material", "slug": "pa_material", "position": 2, "variation": False, "options": ["wool"]},
    ]
