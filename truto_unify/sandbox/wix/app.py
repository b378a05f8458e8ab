"""Two pretend Wix sites, one with each catalog: contacts V4 and eCommerce orders, as strict as the documentation.

https://dev.wix.com/docs/rest/crm/members-contacts/contacts/contacts/contact-v4/introduction
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from truto_unify.sandbox.goods import invent_goods
from truto_unify.sandbox.middleware import record_or_fail
from truto_unify.sandbox.wix import catalog_v3
from truto_unify.sandbox.wix.auth import (
    ACCOUNT,
    CONTEXTS,
    OAUTH_CREDENTIALS,
    V3_SITE_ID,
    WixAccess,
    WixError,
    answer_token,
    application_error,
    read_object,
    validation_error,
)
from truto_unify.sandbox.wix.orders import order_id, render_fulfillments, render_order, render_transactions
from truto_unify.sandbox.wix.products import product_id, render_product, render_products
from truto_unify.sandbox.wix.query import (
    CATEGORY_FIELDS,
    CONTACT_FIELDS,
    ORDER_FIELDS,
    PRODUCT_FIELDS,
    PRODUCT_V3_FIELDS,
    STOCK_FIELDS,
    VARIANT_FIELDS,
    QueryRefusedError,
    compile_filter,
    matches_search,
    sort_records,
)
from truto_unify.sandbox.wix.records import (
    FIELDSET_NAMES,
    can_be_contact,
    contact_id,
    project,
    render_contact,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request

    from truto_unify.sandbox.people import Person, PurchaseOrder
    from truto_unify.sandbox.store import Store
    from truto_unify.sandbox.wix.query import QueryField
    from truto_unify.sandbox.wix.records import Record

    Answer = Callable[[Store, Request], Awaitable[Response]]

__all__ = ["ACCOUNT", "API_ROOT", "CONTEXTS", "OAUTH_CREDENTIALS", "TOKEN_PATH", "create_app"]

API_ROOT = ""
TOKEN_PATH = "/oauth2/token"

_CONTACTS_LIMIT = (50, 1000)  # default, maximum
_ORDERS_LIMIT = (50, 100)
_PRODUCTS_LIMIT = (100, 100)
_VARIANTS_LIMIT = (100, 1000)
_CATEGORIES_LIMIT = (100, 1000)
_MAX_OFFSET = 10_000
_MAX_SEARCH_LENGTH = 100
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_EVERY_METHOD = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def create_app(store: Store) -> Starlette:
    """Build the pretend sites, which have the same people and goods.

    Args:
        store: Their people, their clock and their recorded requests.

    Returns:
        An ASGI application; ``API_ROOT`` is where its API begins.
    """
    access = WixAccess(store)

    def guarded(answer: Answer) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            fault = await record_or_fail(store, request)
            if fault is not None:
                return fault
            try:
                access.check_caller(request)
                access.check_rate()
                return await answer(store, request)
            except WixError as refusal:
                return refusal.response
            except QueryRefusedError as refusal:
                return validation_error(refusal)

        return endpoint

    async def give_token(request: Request) -> Response:
        fault = await record_or_fail(store, request)
        return fault if fault is not None else await answer_token(access, request)

    return Starlette(
        routes=[
            Route(TOKEN_PATH, give_token, methods=["POST"]),
            Route("/contacts/v4/contacts", guarded(_list_contacts), methods=["GET"]),
            Route("/contacts/v4/contacts/query", guarded(_query_contacts), methods=["POST"]),
            Route("/contacts/v4/contacts/{id}", guarded(_get_contact), methods=["GET"]),
            Route("/ecom/v1/orders/search", guarded(_search_orders), methods=["POST"]),
            Route("/ecom/v1/orders/{id}", guarded(_get_order), methods=["GET"]),
            Route("/ecom/v1/fulfillments/list-by-ids", guarded(_list_fulfillments), methods=["POST"]),
            Route("/ecom/v1/payments/list-by-ids", guarded(_list_transactions), methods=["POST"]),
            *(
                Route(path, guarded(_only_for(catalog, answer)), methods=[method])
                for catalog, calls in _CATALOGS.items()
                for method, path, answer in calls
            ),
            Route("/{path:path}", guarded(_refuse_path), methods=_EVERY_METHOD),
        ]
    )


async def _list_contacts(store: Store, request: Request) -> Response:
    """Like the query, but with dotted names in the query string and without a filter."""
    query = request.query_params
    sort = {"fieldName": query.get("sort.fieldName"), "order": query.get("sort.order", "ASC")}
    return _answer_contacts(
        store,
        {
            "sort": [sort] if "sort.fieldName" in query else [],
            "paging": {
                name: _read_number(f"paging.{name}", query[f"paging.{name}"])
                for name in ("limit", "offset")
                if f"paging.{name}" in query
            },
            "fields": query.getlist("fields"),
            "fieldsets": query.getlist("fieldsets"),
        },
    )


async def _query_contacts(store: Store, request: Request) -> Response:
    body = await read_object(request)
    search = body.get("search", "")
    if not isinstance(search, str):
        raise QueryRefusedError("Expected a string", field="search")
    if len(search) > _MAX_SEARCH_LENGTH:
        raise QueryRefusedError(
            f"size must be between 0 and {_MAX_SEARCH_LENGTH}",
            field="search",
            violatedRule="MAX_LENGTH",
            data={"threshold": _MAX_SEARCH_LENGTH},
        )
    return _answer_contacts(store, _object_in(body, "query"), search)


def _answer_contacts(store: Store, query: Record, search: str = "") -> Response:
    fields, fieldsets = _read_projection(query)
    paging = _object_in(query, "paging")
    limit = _read_bounded(paging, "paging.limit", *_CONTACTS_LIMIT)
    offset = _read_bounded(paging, "paging.offset", 0, None)
    test = compile_filter(query.get("filter") or {}, CONTACT_FIELDS)
    contacts = [render_contact(person) for person in store.people if can_be_contact(person)]
    matches = [contact for contact in contacts if test(contact) and matches_search(contact, search)]
    by_default = [{"fieldName": "createdDate", "order": "ASC"}]
    ordered = sort_records(matches, query.get("sort") or by_default, CONTACT_FIELDS)
    page = ordered[offset : offset + limit]
    return JSONResponse(
        {
            "contacts": [project(contact, fields, fieldsets) for contact in page],
            "pagingMetadata": {
                "count": len(page),
                "offset": offset,
                "total": len(ordered),
                "tooManyToCount": False,
            },
        }
    )


async def _get_contact(store: Store, request: Request) -> Response:
    record_id = _read_id(request, "contactId")
    query = request.query_params
    fields, fieldsets = _read_projection({"fields": query.getlist("fields"), "fieldsets": query.getlist("fieldsets")})
    for person in store.people:
        if contact_id(person) == record_id.lower() and can_be_contact(person):
            contact = project(render_contact(person), fields, fieldsets)
            return JSONResponse({"contact": contact, "responseType": "REGULAR"})
    return application_error(404, "CONTACT_NOT_FOUND", "Contact not found", contactId=record_id)


async def _search_orders(store: Store, request: Request) -> Response:
    """Later pages send only the cursor, which holds the filter and the sort."""
    search, offset, limit = _read_cursor_paging(await read_object(request), "search", _ORDERS_LIMIT)
    test = compile_filter(search.get("filter") or {}, ORDER_FIELDS)
    orders = [render_order(person, order) for person, order in _orders_of(store)]
    by_default = [{"fieldName": "createdDate", "order": "DESC"}]
    ordered = sort_records(filter(test, orders), search.get("sort") or by_default, ORDER_FIELDS)
    page = ordered[offset : offset + limit]
    has_next = offset + limit < len(ordered)
    cursors = {"next": _write_cursor(search, offset + limit)} if has_next else {}
    metadata = {"count": len(page), "cursors": cursors, "hasNext": has_next}
    return JSONResponse({"orders": page, "metadata": metadata})


async def _get_order(store: Store, request: Request) -> Response:
    record_id = _read_id(request, "id")
    for person, order in _orders_of(store):
        if order_id(order) == record_id.lower():
            return JSONResponse({"order": render_order(person, order)})
    return application_error(404, "ORDER_NOT_FOUND", "Order not found", orderId=record_id)


async def _list_fulfillments(store: Store, request: Request) -> Response:
    wanted = await _read_order_ids(request)
    found = [render_fulfillments(order) for _, order in _orders_of(store) if order_id(order) in wanted]
    return JSONResponse({"ordersWithFulfillments": found})


async def _list_transactions(store: Store, request: Request) -> Response:
    wanted = await _read_order_ids(request)
    found = [render_transactions(person, order) for person, order in _orders_of(store) if order_id(order) in wanted]
    return JSONResponse({"orderTransactions": found})


async def _query_products(store: Store, request: Request) -> Response:  # noqa: ARG001 - every answer has this shape
    """The filter and the sort are JSON inside of a text."""
    body = await read_object(request)
    query = _object_in(body, "query")
    paging = _object_in(query, "paging")
    limit = _read_bounded(paging, "query.paging.limit", *_PRODUCTS_LIMIT)
    offset = _read_bounded(paging, "query.paging.offset", 0, _MAX_OFFSET)
    products = render_products(
        with_variants=body.get("includeVariants") is True, with_hidden=body.get("includeHiddenProducts") is True
    )
    test = compile_filter(_read_text(query, "filter", "{}"), PRODUCT_FIELDS)
    sorts = [
        {"fieldName": name, "order": str(order).upper()}
        for sort in _read_text(query, "sort", "[]")
        for name, order in sort.items()
    ]
    ordered = sort_records(filter(test, products), sorts, PRODUCT_FIELDS)
    page = ordered[offset : offset + limit]
    metadata = {"items": limit, "offset": offset}
    return JSONResponse({"products": page, "metadata": metadata, "totalResults": len(ordered)})


async def _get_product(store: Store, request: Request) -> Response:  # noqa: ARG001 - every answer has this shape
    record_id = _read_id(request, "id")
    for goods in invent_goods():
        if product_id(goods) == record_id.lower():
            return JSONResponse({"product": render_product(goods)})
    return application_error(404, "PRODUCT_NOT_FOUND", "Product not found", productId=record_id)


async def _query_products_v3(store: Store, request: Request) -> Response:  # noqa: ARG001 - every answer has this shape
    body = await read_object(request)
    fields = _read_fields(_texts_in(body, "fields"))
    products = [catalog_v3.render_product(goods, fields, with_variants=False) for goods in invent_goods()]
    return _answer_page(body, "products", products, PRODUCT_V3_FIELDS, _PRODUCTS_LIMIT)


async def _query_variants(store: Store, request: Request) -> Response:  # noqa: ARG001 - every answer has this shape
    rows = [row for goods in invent_goods() for row in catalog_v3.render_read_only_variants(goods)]
    return _answer_page(await read_object(request), "variants", rows, VARIANT_FIELDS, _VARIANTS_LIMIT)


async def _query_stock(store: Store, request: Request) -> Response:  # noqa: ARG001 - every answer has this shape
    rows = [row for goods in invent_goods() for row in catalog_v3.render_stock(goods)]
    return _answer_page(await read_object(request), "inventoryItems", rows, STOCK_FIELDS, _PRODUCTS_LIMIT)


async def _query_categories(store: Store, request: Request) -> Response:  # noqa: ARG001 - every answer has this shape
    """Needs the tree; hidden categories come only if the query asks for them."""
    body = await read_object(request)
    if _object_in(body, "treeReference").get("appNamespace") != catalog_v3.CATEGORY_TREE:
        raise QueryRefusedError("must be the namespace of a tree", field="treeReference.appNamespace")
    with_hidden = body.get("returnNonVisibleCategories") is True
    rows = [row for row in catalog_v3.render_categories() if with_hidden or row["visible"]]
    return _answer_page(body, "categories", rows, CATEGORY_FIELDS, _CATEGORIES_LIMIT)


async def _get_product_v3(store: Store, request: Request) -> Response:  # noqa: ARG001 - every answer has this shape
    record_id = _read_id(request, "productId")
    fields = _read_fields([text for part in request.query_params.getlist("fields") for text in part.split(",")])
    for goods in invent_goods():
        if product_id(goods) == record_id.lower():
            return JSONResponse({"product": catalog_v3.render_product(goods, fields, with_variants=True)})
    return application_error(404, "PRODUCT_NOT_FOUND", "Product not found", productId=record_id)


def _read_fields(names: list[str]) -> list[str]:
    for name in names:
        if name not in {*catalog_v3.FIELD_PARTS, catalog_v3.MEDIA_ITEMS}:
            raise QueryRefusedError(f"unsupported field '{name}'", field="fields")
    return names


def _answer_page(
    body: Record, name: str, records: list[Record], fields: Mapping[str, QueryField], limits: tuple[int, int]
) -> Response:
    """A page of a query by cursor, which holds the filter and the sort."""
    query, offset, limit = _read_cursor_paging(body, "query", limits)
    matching = filter(compile_filter(query.get("filter") or {}, fields), records)
    ordered = sort_records(matching, query.get("sort") or [], fields)
    page = ordered[offset : offset + limit]
    following = {"next": _write_cursor(query, offset + limit)} if offset + limit < len(ordered) else {}
    return JSONResponse({name: page, "pagingMetadata": {"count": len(page), "cursors": following}})


def _read_cursor_paging(body: Record, part: str, limits: tuple[int, int]) -> tuple[Record, int, int]:
    """The query or search of a body, its offset and its limit; that of a cursor if the body holds one."""
    query = _object_in(body, part)
    paging = _object_in(query, "cursorPaging")
    limit = _read_bounded(paging, f"{part}.cursorPaging.limit", *limits)
    if not paging.get("cursor"):
        return query, 0, limit
    if query.get("filter") or query.get("sort"):
        raise QueryRefusedError("cursor cannot be combined with filter or sort", field="cursorPaging")
    return *_read_cursor(paging["cursor"]), limit


def _only_for(catalog: str, answer: Answer) -> Answer:
    """The answer of a site with this catalog; the other site refuses the call."""

    async def check(store: Store, request: Request) -> Response:
        site = "V3" if request.headers.get("wix-site-id") == V3_SITE_ID else "V1"
        if site == catalog:
            return await answer(store, request)
        code = f"CATALOG_{site}_SITE_CALLING_CATALOG_{catalog}_API"
        message = f"This site uses the catalog of version {site[1:]}"
        return application_error(428, code, message, path=request.url.path)

    return check


async def _refuse_path(store: Store, request: Request) -> Response:  # noqa: ARG001 - every answer has this shape
    return application_error(404, "NOT_FOUND", "No such endpoint", path=request.url.path)


_CATALOGS: dict[str, tuple[tuple[str, str, Answer], ...]] = {
    "V1": (
        ("POST", "/stores/v1/products/query", _query_products),
        ("GET", "/stores/v1/products/{id}", _get_product),
    ),
    "V3": (
        ("POST", "/stores/v3/products/query", _query_products_v3),
        ("POST", "/stores/v3/products/query-variants", _query_variants),
        ("GET", "/stores/v3/products/{id}", _get_product_v3),
        ("POST", "/stores/v3/inventory-items/query", _query_stock),
        ("POST", "/categories/v1/categories/query", _query_categories),
    ),
}


def _read_text(query: Record, name: str, default: str) -> Any:
    text = query.get(name, default)
    try:
        return json.loads(text)
    except (TypeError, ValueError) as error:
        raise QueryRefusedError("Expected JSON inside of a string", field=name) from error


def _orders_of(store: Store) -> list[tuple[Person, PurchaseOrder]]:
    return [(person, order) for person in store.people for order in person.orders]


def _read_id(request: Request, field: str) -> str:
    record_id: str = request.path_params["id"]
    _check_id(record_id, field)
    return record_id


def _check_id(record_id: object, field: str) -> None:
    if not isinstance(record_id, str) or not _GUID.fullmatch(record_id):
        raise QueryRefusedError(
            f"value '{record_id}' is not a valid GUID", field=field, violatedRule="FORMAT", data={"type": "GUID"}
        )


async def _read_order_ids(request: Request) -> set[str]:
    """The ids of a call for many orders, at most a page of them."""
    ids = (await read_object(request)).get("orderIds")
    if not isinstance(ids, list) or not 0 < len(ids) <= _ORDERS_LIMIT[1]:
        raise QueryRefusedError(f"size must be between 1 and {_ORDERS_LIMIT[1]}", field="orderIds")
    for each in ids:
        _check_id(each, "orderIds")
    return {each.lower() for each in ids}


def _object_in(body: Record, name: str) -> Record:
    part = body.get(name) or {}
    if not isinstance(part, dict):
        raise QueryRefusedError("Expected an object", field=name)
    return part


def _read_projection(query: Record) -> tuple[list[str], list[str]]:
    """The ``fields`` and ``fieldsets`` of a query."""
    fieldsets = _texts_in(query, "fieldsets")
    for name in fieldsets:
        if name not in FIELDSET_NAMES:
            raise QueryRefusedError(f"unsupported fieldset '{name}'", field="fieldsets")
    return _texts_in(query, "fields"), fieldsets


def _texts_in(query: Record, name: str) -> list[str]:
    texts = query.get(name) or []
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise QueryRefusedError("Expected an array of strings", field=name)
    return texts


def _read_number(name: str, text: str) -> int:
    if not re.fullmatch(r"-?\d{1,9}", text):
        raise QueryRefusedError("Expected an integer", field=name)
    return int(text)


def _read_bounded(paging: Record, name: str, default: int, maximum: int | None) -> int:
    number = paging.get(name.rpartition(".")[2], default)
    if not isinstance(number, int) or isinstance(number, bool):
        raise QueryRefusedError("Expected an integer", field=name)
    if number < 0:
        raise QueryRefusedError(
            "must be greater than or equal to 0", field=name, violatedRule="MIN", data={"threshold": 0}
        )
    if maximum is not None and number > maximum:
        raise QueryRefusedError(
            f"must be less than or equal to {maximum}",
            field=name,
            violatedRule="MAX",
            data={"threshold": maximum},
        )
    return number


def _write_cursor(search: Record, offset: int) -> str:
    content = {name: search[name] for name in ("filter", "sort") if name in search}
    return base64.urlsafe_b64encode(json.dumps([content, offset]).encode()).decode()


def _read_cursor(cursor: object) -> tuple[Record, int]:
    try:
        search, offset = json.loads(base64.urlsafe_b64decode(str(cursor)))
    except (ValueError, binascii.Error) as error:
        raise QueryRefusedError("invalid cursor", field="cursorPaging.cursor") from error
    return search, offset
