"""The invented goods as Shopify shows them, one by one and in pages.

https://shopify.dev/docs/api/admin-graphql/latest/objects/Product
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from truto_unify.sandbox.goods import Goods, GoodsVariant, invent_goods
from truto_unify.sandbox.shopify.fields import collection_id, media_id, milliseconds, product_id, variant_id
from truto_unify.sandbox.shopify.pages import PageArguments, RecordConnection
from truto_unify.sandbox.shopify.scalars import Record, money, name_record, read_gid, write_time
from truto_unify.sandbox.shopify.search import SearchField, search_connection

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from truto_unify.sandbox.shopify.pages import SortValue
    from truto_unify.sandbox.shopify.records import Info

CURRENCY = "USD"
_SHOP = "sandbox"


def variants_of(goods: Goods) -> tuple[GoodsVariant, ...]:
    """The variants; goods of one form have the default variant, which holds what the goods say."""
    prices = (goods.price_cents, goods.stock, goods.barcode, goods.before_cents)
    default = GoodsVariant(goods.number, "", "", goods.sku, *prices)
    return goods.variants or (default,)


def vendor(goods: Goods) -> str:
    """The vendor; without one it is the shop."""
    return goods.vendor or _SHOP


def status(goods: Goods) -> str:
    """A value of ``ProductStatus``."""
    return "ACTIVE" if goods.is_active else "DRAFT"


def _total_stock(goods: Goods) -> int:
    return sum(variant.stock or 0 for variant in variants_of(goods))


def _skus(goods: Goods) -> list[str]:
    return [variant.sku for variant in variants_of(goods)]


PRODUCT_SORTS: dict[str, Callable[[Goods], SortValue]] = {
    "CREATED_AT": lambda goods: milliseconds(goods.created_at),
    "ID": lambda goods: str(product_id(goods.number)),
    "INVENTORY_TOTAL": _total_stock,
    "PRODUCT_TYPE": lambda _goods: "",
    "PUBLISHED_AT": lambda goods: milliseconds(goods.created_at),
    "RELEVANCE": lambda _goods: 1.0,
    "TITLE": lambda goods: goods.name.lower(),
    "UPDATED_AT": lambda goods: milliseconds(goods.updated_at),
    "VENDOR": lambda goods: vendor(goods).lower(),
}

PRODUCT_FIELDS: dict[str, SearchField[Goods]] = {
    "default": SearchField("text", lambda goods: (goods.name, vendor(goods), *goods.tags, *_skus(goods))),
    "barcode": SearchField("exact", lambda goods: (goods.barcode,)),
    "created_at": SearchField("time", lambda goods: (goods.created_at,)),
    "id": SearchField("number", lambda goods: (product_id(goods.number),)),
    "inventory_total": SearchField("number", lambda goods: (_total_stock(goods),)),
    "sku": SearchField("text", _skus),
    "status": SearchField("exact", lambda goods: (status(goods).lower(),)),
    "tag": SearchField("exact", lambda goods: goods.tags),
    "title": SearchField("text", lambda goods: (goods.name,)),
    "updated_at": SearchField("time", lambda goods: (goods.updated_at,)),
    "vendor": SearchField("exact", lambda goods: (vendor(goods),)),
}


def page_products(info: Info, arguments: dict[str, Any]) -> Record:
    """One page of the ``products`` connection.

    Args:
        info: The place in the query; its context collects the warnings of the search.
        arguments: The arguments of the field.

    Returns:
        The connection's page.
    """
    arguments.pop("savedSearchId", None)
    read_sort_value = PRODUCT_SORTS[arguments.pop("sortKey") or "ID"]
    matches = search_connection(invent_goods(), PRODUCT_FIELDS, info, arguments.pop("query", None))
    connection = RecordConnection(lambda goods: product_id(goods.number), read_sort_value, render_product)
    return connection.page(matches, PageArguments(**arguments))


def find_product(gid: str) -> Record | None:
    """The product with an id; None if absent.

    Raises:
        GraphQLError: The id is malformed or of another type.
    """
    number = read_gid("Product", gid)
    return next((render_product(goods) for goods in invent_goods() if product_id(goods.number) == number), None)


def render_product(goods: Goods) -> Record:
    """A ``Product``; the connections in it are functions, as graphql-core calls them."""
    variants = variants_of(goods)
    prices = sorted(variant.price_cents for variant in variants)
    return {
        **name_record("Product", product_id(goods.number)),
        "title": goods.name,
        "handle": handle(goods),
        "descriptionHtml": goods.description,
        "status": status(goods),
        "vendor": vendor(goods),
        "productType": "",
        "tags": sorted(goods.tags),
        "createdAt": write_time(goods.created_at),
        "updatedAt": write_time(goods.updated_at),
        "publishedAt": write_time(goods.created_at) if goods.is_active else None,
        "onlineStoreUrl": f"https://{_SHOP}.example/products/{handle(goods)}" if goods.is_active else None,
        "totalInventory": _total_stock(goods),
        "tracksInventory": any(variant.stock is not None for variant in variants),
        "hasOnlyDefaultVariant": not goods.variants,
        "isGiftCard": False,
        "variantsCount": {"count": len(variants), "precision": "EXACT"},
        "priceRangeV2": {
            "minVariantPrice": money(prices[0], CURRENCY),
            "maxVariantPrice": money(prices[-1], CURRENCY),
        },
        "options": lambda _info, first=None: _options(goods)[:first],
        "collections": partial(_page_collections, goods),
        "media": partial(_page_media, goods),
        "variants": partial(_page_variants, goods),
    }


def handle(goods: Goods) -> str:
    """The part of the address that names the product."""
    return f"goods-{goods.number}"


def padded(cents: int) -> str:
    """The price of a variant, which is padded, unlike a ``MoneyV2``."""
    return f"{cents // 100}.{cents % 100:02d}"


def option_values(goods: Goods) -> dict[str, list[str]]:
    """The values of each option; goods of one form have the option that says so."""
    if not goods.variants:
        return {"Title": ["Default Title"]}
    return {
        "Size": list(dict.fromkeys(variant.size for variant in goods.variants)),
        "Colour": list(dict.fromkeys(variant.colour for variant in goods.variants)),
    }


def selected_options(variant: GoodsVariant) -> dict[str, str]:
    """What makes a variant this one, by the name of the option."""
    return {"Size": variant.size, "Colour": variant.colour} if variant.size else {"Title": "Default Title"}


def _options(goods: Goods) -> list[Record]:
    return [
        {
            "id": f"gid://shopify/ProductOption/{product_id(goods.number) * 10 + position}",
            "name": name,
            "position": position,
            "optionValues": [{"name": value} for value in values],
        }
        for position, (name, values) in enumerate(option_values(goods).items(), 1)
    ]


def _page_variants(goods: Goods, _info: Any, **page: Any) -> Record:
    variants = variants_of(goods)
    page.pop("sortKey", None)
    places: RecordConnection[GoodsVariant] = RecordConnection(
        lambda variant: variant_id(variant.number), variants.index, partial(_render_variant, goods)
    )
    return places.page(variants, PageArguments(**page))


def _render_variant(goods: Goods, variant: GoodsVariant) -> Record:
    grams = goods.weight_grams
    weight = None if grams is None else {"value": grams / 1000, "unit": "KILOGRAMS"}
    return {
        **name_record("ProductVariant", variant_id(variant.number)),
        "title": " / ".join(selected_options(variant).values()),
        "sku": variant.sku or None,
        "barcode": variant.barcode or None,
        "price": padded(variant.price_cents),
        "compareAtPrice": None if variant.before_cents is None else padded(variant.before_cents),
        "position": variants_of(goods).index(variant) + 1,
        "inventoryQuantity": variant.stock or 0,
        "inventoryPolicy": "DENY",
        "taxable": True,
        "createdAt": write_time(goods.created_at),
        "updatedAt": write_time(goods.updated_at),
        "selectedOptions": [{"name": name, "value": value} for name, value in selected_options(variant).items()],
        "inventoryItem": {"tracked": variant.stock is not None, "measurement": {"weight": weight}},
    }


def _page_media(goods: Goods, _info: Any, **page: Any) -> Record:
    page.pop("sortKey", None)
    pictures: Sequence[int] = [media_id(goods.number)] if goods.image else []
    connection: RecordConnection[int] = RecordConnection(lambda number: number, str, partial(_render_picture, goods))
    return connection.page(pictures, PageArguments(**page))


def _render_picture(goods: Goods, number: int) -> Record:
    url = f"https://cdn.shopify.example/s/files/{goods.image}"
    return {
        "__typename": "MediaImage",
        "id": f"gid://shopify/MediaImage/{number}",
        "alt": "",
        "mediaContentType": "IMAGE",
        "preview": {"image": {"url": url, "width": 800, "height": 600}},
    }


def _page_collections(goods: Goods, _info: Any, **page: Any) -> Record:
    page.pop("sortKey", None)
    connection: RecordConnection[str] = RecordConnection(collection_id, str, _render_collection)
    return connection.page([goods.category], PageArguments(**page))


def _render_collection(category: str) -> Record:
    number = collection_id(category)
    return {**name_record("Collection", number), "title": category, "handle": f"collection-{number}"}
