"""The invented goods that the pretend stores sell; everything about them follows from their number.

This module knows no store: each store module decides what it can hold of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

_FIRST_CREATED = datetime(2023, 2, 1, 8, 0, tzinfo=UTC)
_NAMES = ("Tea tin", "Mug", "Wool scarf", "Notebook", "Lamp", "Jam & jelly", "Café au lait bowl", "Linen shirt")
_VENDORS = ("Acme", "Bo & Sons", "", "Øst")
_CATEGORIES = ("Kitchen", "Clothing", "Paper & pens", "Light")
_TAGS = ("new", "gift", "Sale")
_SIZES = ("S", "M", "L")
_COLOURS = ("red", "dark blue")
_COUNT = 40
_ON_SALE = 1  # the place of the variant that has a barcode and a price before a sale


@dataclass(frozen=True, slots=True)
class GoodsVariant:
    """What a customer buys: one size and colour of goods.

    Attributes:
        number: unique over all goods and variants.
        size: its size.
        colour: its colour.
        sku: stock keeping unit, or empty.
        price_cents: the price today.
        stock: how many there are; None if nobody counts.
        barcode: an EAN, or empty.
        before_cents: the price before a sale; None without a sale.
    """

    number: int
    size: str
    colour: str
    sku: str
    price_cents: int
    stock: int | None
    barcode: str = ""
    before_cents: int | None = None


@dataclass(frozen=True, slots=True)
class Goods:
    """One product; absent parts are empty text.

    Attributes:
        number: unique over all goods and variants.
        name: plain text.
        description: HTML.
        is_active: whether the shop sells it.
        sku: stock keeping unit.
        barcode: an EAN.
        price_cents: the price today.
        before_cents: the price before a sale; None without a sale.
        stock: how many there are, below zero if too many were sold; None if nobody counts.
        vendor: the maker.
        weight_grams: None if unknown.
        category: where it stands in the shop.
        tags: labels.
        image: the file name of its picture.
        variants: empty if there is one form only.
        created_at: aware, UTC, whole seconds.
        updated_at: the same, never before ``created_at``.
    """

    number: int
    name: str
    description: str
    is_active: bool
    sku: str
    barcode: str
    price_cents: int
    before_cents: int | None
    stock: int | None
    vendor: str
    weight_grams: int | None
    category: str
    tags: tuple[str, ...]
    image: str
    variants: tuple[GoodsVariant, ...]
    created_at: datetime
    updated_at: datetime


@cache
def invent_goods(count: int = _COUNT) -> tuple[Goods, ...]:
    """Invents the same goods every time, in the order of their creation; some are created in the same second."""
    goods: list[Goods] = []
    created_at = _FIRST_CREATED
    for index in range(count):
        created_at += timedelta(hours=index * 7 % 30)
        goods.append(_one(2001 + index * 10, index, created_at))
    return tuple(goods)


def _one(number: int, index: int, created_at: datetime) -> Goods:
    price = 250 + index * 137 % 9000
    is_on_sale = index % 5 == 2
    has_variants = index % 4 == 3
    return Goods(
        number=number,
        name=f"{_NAMES[index % len(_NAMES)]} {index // len(_NAMES) + 1}",
        description="" if index % 6 == 5 else f"<p>Number {index + 1} of the invented goods.</p>",
        is_active=index % 7 != 6,
        sku="" if index % 9 == 8 else f"GOODS-{index + 1:03}",
        barcode=f"40000000{index:05}" if index % 3 == 0 else "",
        price_cents=price,
        before_cents=price + 500 if is_on_sale and not has_variants else None,
        stock=None if index % 4 == 0 or has_variants else index * 11 % 50 - 3,
        vendor=_VENDORS[index % len(_VENDORS)],
        weight_grams=None if index % 8 == 7 else 50 + index * 35,
        category=_CATEGORIES[index % len(_CATEGORIES)],
        tags=_TAGS[: index % (len(_TAGS) + 1)],
        image="" if index % 10 == 9 else f"goods-{index + 1}.png",
        variants=_variants(number, index, price) if has_variants else (),
        created_at=created_at,
        updated_at=created_at + timedelta(days=index * 13 % 40, seconds=index),
    )


def _variants(number: int, index: int, price: int) -> tuple[GoodsVariant, ...]:
    pairs = [(size, colour) for size in _SIZES for colour in _COLOURS]
    return tuple(
        GoodsVariant(
            number=number + 1 + place,
            size=size,
            colour=colour,
            sku=f"GOODS-{index + 1:03}-{size}-{colour[0]}",
            price_cents=price + place * 100,
            stock=place - 1 if place % 2 else None,
            barcode=f"41000000{number + place:05}" if place == _ON_SALE else "",
            before_cents=price + place * 100 + 300 if place == _ON_SALE else None,
        )
        for place, (size, colour) in enumerate(pairs)
    )
