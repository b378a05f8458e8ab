"""Write the invented goods as Zoho Inventory's items, and select them as its list does.

An item is what can be sold: goods with variants are a group, with an item for each variant.
https://www.zoho.com/inventory/api/v1/items/, and the keys that recorded answers have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from truto_unify.sandbox.goods import invent_goods
from truto_unify.sandbox.zohoinventory.records import format_instant

if TYPE_CHECKING:
    from truto_unify.sandbox.goods import Goods, GoodsVariant
    from truto_unify.sandbox.zohoinventory.records import Record

_ITEM_BASE = 4_738_150_000_000_000_000
_GROUP = 5
_CATEGORY_BASE = 4_748_150_000_000_000_000
_BLANK = (
    "tax_id", "tax_name", "purchase_account_id", "purchase_description", "attribute_id1", "attribute_name1",
    "attribute_option_id1", "attribute_option_name1", "upc", "isbn", "part_number", "vendor_name", "length", "width",
    "height", "image_document_id", "manufacturer",
)  # fmt: skip
_FALSE = ("is_combo_product", "can_be_purchased", "has_attachment", "is_returnable")


def make_items() -> list[Record]:
    """All items, as rows of the list."""
    return [_render_row(goods, variant) for goods in invent_goods() for variant in goods.variants or (None,)]


def find_item(item_id: str) -> Record | None:
    """The whole item, with what a row of the list lacks."""
    for goods in invent_goods():
        for variant in goods.variants or (None,):
            if _item_id(goods, variant) == item_id:
                return _render_row(goods, variant) | _render_rest(goods)
    return None


def _item_id(goods: Goods, variant: GoodsVariant | None) -> str:
    return str(_ITEM_BASE + (goods if variant is None else variant).number * 10)


def _render_row(goods: Goods, variant: GoodsVariant | None) -> Record:
    sold = goods if variant is None else variant
    name = goods.name if variant is None else f"{goods.name}-{variant.size}/{variant.colour}"
    return {
        **dict.fromkeys(_BLANK, ""),
        **dict.fromkeys(_FALSE, False),
        "item_id": _item_id(goods, variant),
        "group_id": str(_ITEM_BASE + goods.number * 10 + _GROUP),
        "group_name": goods.name,
        "name": name,
        "item_name": name,
        "unit": "pcs",
        "status": "active" if goods.is_active else "inactive",
        "source": "api",
        "description": goods.description,
        "brand": goods.vendor,
        "rate": sold.price_cents / 100,
        "tax_percentage": 0,
        "account_id": str(_ITEM_BASE + 388),
        "account_name": "Sales",
        "purchase_rate": 0,
        "can_be_sold": True,
        "track_inventory": sold.stock is not None,
        "item_type": "sales" if sold.stock is None else "inventory",
        "product_type": "goods",
        "sku": sold.sku,
        "ean": sold.barcode,
        "image_name": goods.image,
        "image_type": "png" if goods.image else "",
        "created_time": format_instant(goods.created_at),
        "last_modified_time": format_instant(goods.updated_at),
        "weight": "" if goods.weight_grams is None else goods.weight_grams / 1000,
        "weight_unit": "kg",
        "dimension_unit": "cm",
        **_render_stock(sold.stock),
        **(_render_attributes(variant) if variant is not None else {}),
    }


def _render_stock(stock: int | None) -> Record:
    """An item that nobody counts has none of these keys."""
    if stock is None:
        return {}
    return dict.fromkeys(("stock_on_hand", "available_stock", "actual_available_stock"), stock)


def _render_attributes(variant: GoodsVariant) -> Record:
    pairs = (("Size", variant.size), ("Colour", variant.colour))
    return {
        f"attribute_{key}{place}": value
        for place, (name, option) in enumerate(pairs, start=1)
        for key, value in (
            ("id", str(_CATEGORY_BASE + 100 * place)),
            ("name", name),
            ("option_id", str(_CATEGORY_BASE + 100 * place + sum(map(ord, option)) % 90 + 1)),
            ("option_name", option),
        )
    }


def _render_rest(goods: Goods) -> Record:
    return {
        "category_id": str(_CATEGORY_BASE + sum(map(ord, goods.category))),
        "category_name": goods.category,
        "tags": [
            {
                "tag_id": str(_CATEGORY_BASE + 10_000 + place),
                "tag_name": f"Label {place}",
                "tag_option_id": str(_CATEGORY_BASE + 20_000 + place),
                "tag_option_name": tag,
                "is_tag_mandatory": False,
            }
            for place, tag in enumerate(goods.tags, start=1)
        ],
        "custom_fields": [],
        "documents": [],
    }
