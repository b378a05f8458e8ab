"""BigCommerce's catalog of version 3: products, their brands and categories, and the facts of the store.

https://docs.bigcommerce.com/docs/rest-catalog/products
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from truto_unify.sandbox.bigcommerce.pages import numbered_page
from truto_unify.sandbox.bigcommerce.product_records import BRAND_IDS, CATEGORY_IDS, render_product
from truto_unify.sandbox.bigcommerce.query import BigCommerceError, moment_test, read_limit
from truto_unify.sandbox.goods import invent_goods

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from truto_unify.sandbox.bigcommerce.query import Query
    from truto_unify.sandbox.goods import Goods

    Test = Callable[[Goods], bool]

Record = dict[str, object]

STORE: Record = {
    "id": "sandboxhash",
    "domain": "shop.example",
    "secure_url": "https://shop.example",
    "name": "Sandbox",
    "currency": "USD",
    "currency_symbol": "$",
    "timezone": {"name": "UTC"},
    "weight_units": "KGS",
    "dimension_units": "Centimeters",
}
_INCLUDES = frozenset(("variants", "images", "options", "modifiers", "custom_fields", "primary_image", "videos"))
_FEW = frozenset(("options", "modifiers"))  # included parts with which a page has ten products at most
_FEW_LIMIT = 10
_SORTS: Mapping[str, Callable[[Goods], tuple[object, ...]]] = {
    "id": lambda goods: (goods.number,),
    "name": lambda goods: (goods.name.casefold(),),
    "sku": lambda goods: (goods.sku.casefold(),),
    "price": lambda goods: (goods.before_cents or goods.price_cents,),
    "date_modified": lambda goods: (goods.updated_at,),
}
_NUMBERS: Mapping[str, Callable[[int, int], bool]] = {
    "id": lambda number, bound: number == bound,
    "id:min": lambda number, bound: number >= bound,
    "id:max": lambda number, bound: number <= bound,
    "id:greater": lambda number, bound: number > bound,
    "id:less": lambda number, bound: number < bound,
}
_MOMENTS = ("date_modified", "date_modified:min", "date_modified:max")
_PARAMETERS = frozenset(
    (
        *("page", "limit", "include", "sort", "direction", "id:in", "name", "keyword", "sku", "sku:in"),
        *("is_visible", "availability", "brand_id", *_NUMBERS, *_MOMENTS),
    )
)


def list_products(query: Query) -> Record:
    """Answer ``GET /v3/catalog/products``.

    Raises:
        BigCommerceError: A parameter is unknown or its value is invalid.
    """
    _refuse_unknown(query, _PARAMETERS)
    include = _read_include(query)
    rows = _sorted(query, [goods for goods in invent_goods() if all(test(goods) for test in _read_tests(query))])
    limit = min(read_limit(query), _FEW_LIMIT) if include & _FEW else read_limit(query)
    page, pagination = numbered_page(query, rows, limit)
    return {"data": [render_product(goods, include) for goods in page], "meta": {"pagination": pagination}}


def get_product(query: Query, number: int) -> Record:
    """Answer ``GET /v3/catalog/products/{id}``.

    Raises:
        BigCommerceError: There is no such product, or a parameter is unknown or its value is invalid.
    """
    _refuse_unknown(query, ("include",))
    include = _read_include(query)
    for goods in invent_goods():
        if goods.number == number:
            return {"data": render_product(goods, include), "meta": {}}
    raise BigCommerceError(404, f"A product was not found with an id of {number}")


def list_brands(query: Query) -> Record:
    """Answer ``GET /v3/catalog/brands``.

    Raises:
        BigCommerceError: A parameter is unknown or its value is invalid.
    """
    return _named(query, "id", [{"id": number, "name": name} for name, number in BRAND_IDS.items()])


def list_categories(query: Query) -> Record:
    """Answer ``GET /v3/catalog/trees/categories``.

    Raises:
        BigCommerceError: A parameter is unknown or its value is invalid.
    """
    rows: list[Record] = [
        {"category_id": number, "parent_id": 0, "tree_id": 1, "name": name, "is_visible": True}
        for name, number in CATEGORY_IDS.items()
    ]
    return _named(query, "category_id", rows)


def _named(query: Query, key: str, rows: Sequence[Record]) -> Record:
    _refuse_unknown(query, ("page", "limit", f"{key}:in"))
    if f"{key}:in" in query:
        wanted = query.numbers(f"{key}:in")
        rows = [row for row in rows if row[key] in wanted]
    page, pagination = numbered_page(query, rows)
    return {"data": list(page), "meta": {"pagination": pagination}}


def _refuse_unknown(query: Query, allowed: Collection[str]) -> None:
    if unknown := query.unknown(allowed):
        raise BigCommerceError(422, f"The filter(s): {', '.join(unknown)} are not valid filter parameter(s).")


def _read_include(query: Query) -> frozenset[str]:
    include = query.texts("include") if "include" in query else frozenset()
    if unknown := include - _INCLUDES:
        raise BigCommerceError(422, "Missing or invalid data.", dict.fromkeys(unknown, "is not a valid include"))
    return include


def _sorted(query: Query, rows: list[Goods]) -> list[Goods]:
    name = query.text("sort") if "sort" in query else "id"
    direction = query.text("direction") if "direction" in query else "asc"
    if name not in _SORTS or direction not in {"asc", "desc"}:
        raise BigCommerceError(422, "Missing or invalid data.", {"sort": f"{name} {direction} is not a valid sort"})
    key = _SORTS[name]
    return sorted(rows, key=lambda goods: (*key(goods), goods.number), reverse=direction == "desc")


def _read_tests(query: Query) -> list[Test]:
    tests: list[Test] = []
    for name, matches in _NUMBERS.items():
        if name in query:
            tests.append(_number_test(matches, query.number(name, 0)))
    if "id:in" in query:
        ids = query.numbers("id:in")
        tests.append(lambda goods: goods.number in ids)
    if "brand_id" in query:
        brand = query.number("brand_id", 0)
        tests.append(lambda goods: BRAND_IDS.get(goods.vendor, 0) == brand)
    for name in _MOMENTS:
        if name in query:
            tests.append(_moment_test(moment_test(name.partition(":")[2], query.iso_moment(name))))
    return tests + _text_tests(query)


def _text_tests(query: Query) -> list[Test]:
    tests: list[Test] = []
    if "name" in query:
        name = query.text("name").casefold()
        tests.append(lambda goods: goods.name.casefold() == name)
    if "keyword" in query:
        words = query.text("keyword").casefold().split()
        tests.append(lambda goods: all(word in f"{goods.name} {goods.sku}".casefold() for word in words))
    if "sku" in query:
        sku = query.text("sku").casefold()
        tests.append(lambda goods: goods.sku.casefold() == sku)
    if "sku:in" in query:
        skus = query.texts("sku:in")
        tests.append(lambda goods: goods.sku.casefold() in skus)
    if "is_visible" in query:
        is_visible = query.text("is_visible").casefold() in {"true", "1"}
        tests.append(lambda goods: goods.is_active == is_visible)
    if "availability" in query:
        availability = query.text("availability")
        tests.append(lambda _: availability == "available")
    return tests


def _number_test(matches: Callable[[int, int], bool], bound: int) -> Test:
    return lambda goods: matches(goods.number, bound)


def _moment_test(test: Callable[..., bool]) -> Test:
    return lambda goods: test(goods.updated_at)
