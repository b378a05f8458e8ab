"""A pretend Zoho Inventory organisation: contacts, sales orders and items, as strict as the documentation.

https://www.zoho.com/inventory/api/v1/contacts/#list-contacts
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.routing import Route

from truto_unify.sandbox.middleware import record_or_fail
from truto_unify.sandbox.zohoinventory.answers import ZohoError, answer
from truto_unify.sandbox.zohoinventory.auth import (
    ACCOUNT,
    REFRESH_CREDENTIALS,
    ZohoAccess,
    answer_token,
)
from truto_unify.sandbox.zohoinventory.details import ORGANIZATION_ID, render_contact, render_organization
from truto_unify.sandbox.zohoinventory.items import find_item, make_items
from truto_unify.sandbox.zohoinventory.orders import order_id, render_order, render_order_rows
from truto_unify.sandbox.zohoinventory.query import (
    CONTACT_COLUMNS,
    ITEM_COLUMNS,
    ORDER_COLUMNS,
    filter_contacts,
    filter_items,
    filter_orders,
    read_page,
    sort_rows,
)
from truto_unify.sandbox.zohoinventory.records import make_contacts, render_list_item, render_named_addresses

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from truto_unify.sandbox.store import Store
    from truto_unify.sandbox.zohoinventory.records import Contact, Record

    Answer = Callable[[Store, Request], Record]
    Endpoint = Callable[[Request], Awaitable[Response]]

__all__ = ["ACCOUNT", "API_ROOT", "REFRESH_CREDENTIALS", "TOKEN_PATH", "create_app"]

API_ROOT = "/inventory/v1"
TOKEN_PATH = "/oauth/v2/token"

_EVERY_METHOD = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def create_app(store: Store) -> Starlette:
    """Build the pretend organisation.

    Args:
        store: Its people, its clock and its recorded requests.

    Returns:
        An ASGI application; ``API_ROOT`` is where its API begins.
    """
    access = ZohoAccess(store)

    def guarded(answer_with: Answer, *, needs_organization: bool = True) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            fault = await record_or_fail(store, request)
            if fault is not None:
                return fault
            headers: dict[str, str] = {}
            try:
                access.check_token(request)
                if needs_organization:
                    access.check_organization(request)
                    access.check_rate()
                    headers = access.rate_headers()
                return answer({"code": 0, "message": "success", **answer_with(store, request)}, headers=headers)
            except ZohoError as refusal:
                refusal.response.headers.update(headers)
                return refusal.response

        return endpoint

    async def give_token(request: Request) -> Response:
        fault = await record_or_fail(store, request)
        return fault if fault is not None else await answer_token(access, request)

    return Starlette(
        routes=[
            Route(TOKEN_PATH, give_token, methods=["POST"]),
            Route(f"{API_ROOT}/organizations/{{id}}", guarded(_get_organization), methods=["GET"]),
            Route(
                f"{API_ROOT}/organizations",
                guarded(_list_organizations, needs_organization=False),
                methods=["GET"],
            ),
            Route(f"{API_ROOT}/contacts", guarded(_list_contacts), methods=["GET"]),
            Route(f"{API_ROOT}/contacts/{{id}}", guarded(_get_contact), methods=["GET"]),
            Route(f"{API_ROOT}/contacts/{{id}}/address", guarded(_list_addresses), methods=["GET"]),
            Route(f"{API_ROOT}/salesorders", guarded(_list_orders), methods=["GET"]),
            Route(f"{API_ROOT}/salesorders/{{id}}", guarded(_get_order), methods=["GET"]),
            Route(f"{API_ROOT}/items", guarded(_list_items), methods=["GET"]),
            Route(f"{API_ROOT}/items/{{id}}", guarded(_get_item), methods=["GET"]),
            Route("/{path:path}", guarded(_refuse_path), methods=_EVERY_METHOD),
        ]
    )


def _list_organizations(store: Store, request: Request) -> Record:  # noqa: ARG001 - every answer has this shape
    return {"organizations": [render_organization()]}


def _get_organization(store: Store, request: Request) -> Record:  # noqa: ARG001 - every answer has this shape
    if _read_id(request, "organization_id") != ORGANIZATION_ID:
        raise ZohoError(404, 1002, "Organization does not exist.")
    return {"organization": render_organization()}


def _list_contacts(store: Store, request: Request) -> Record:
    query = request.query_params
    page = read_page(query)
    matches = filter_contacts(make_contacts(store.people), query)
    ordered, sort_column, sort_order = sort_rows(matches, query, CONTACT_COLUMNS, default=("contact_name", "A"))
    rows = ordered[page.start : page.stop]
    return {
        "contacts": [render_list_item(contact) for contact in rows],
        "page_context": {
            "page": page.number,
            "per_page": page.size,
            "has_more_page": page.stop < len(ordered),
            "report_name": "Contacts",
            "applied_filter": query.get("filter_by") or "Status.All",
            "sort_column": sort_column,
            "sort_order": sort_order,
        },
    }


def _get_contact(store: Store, request: Request) -> Record:
    return {"contact": render_contact(_find_contact(store, request))}


def _list_addresses(store: Store, request: Request) -> Record:
    billing, shipping, additional = render_named_addresses(_find_contact(store, request))
    return {"addresses": [billing, shipping, *additional]}


def _list_orders(store: Store, request: Request) -> Record:
    query = request.query_params
    page = read_page(query)
    orders = [order for contact in make_contacts(store.people) for order in render_order_rows(contact)]
    matches = filter_orders(orders, query)
    ordered, sort_column, sort_order = sort_rows(matches, query, ORDER_COLUMNS, default=("created_time", "D"))
    return {
        "salesorders": ordered[page.start : page.stop],
        "page_context": {
            "page": page.number,
            "per_page": page.size,
            "has_more_page": page.stop < len(ordered),
            "report_name": "Sales Orders",
            "applied_filter": query.get("filter_by") or "Status.All",
            "custom_fields": [],
            "sort_column": sort_column,
            "sort_order": sort_order,
        },
    }


def _get_order(store: Store, request: Request) -> Record:
    number = _read_id(request, "salesorder_id")
    for contact in make_contacts(store.people):
        for order in contact.person.orders:
            if order_id(order) == number:
                return {"salesorder": render_order(contact, order)}
    raise ZohoError(404, 1002, "Sales Order does not exist.")


def _list_items(store: Store, request: Request) -> Record:  # noqa: ARG001 - every answer has this shape
    query = request.query_params
    page = read_page(query)
    matches = filter_items(make_items(), query)
    ordered, sort_column, sort_order = sort_rows(matches, query, ITEM_COLUMNS, default=("name", "A"))
    return {
        "items": ordered[page.start : page.stop],
        "page_context": {
            "page": page.number,
            "per_page": page.size,
            "has_more_page": page.stop < len(ordered),
            "report_name": "Items",
            "applied_filter": query.get("filter_by") or "Status.All",
            "custom_fields": [],
            "sort_column": sort_column,
            "sort_order": sort_order,
        },
    }


def _get_item(store: Store, request: Request) -> Record:  # noqa: ARG001 - every answer has this shape
    item = find_item(_read_id(request, "item_id"))
    if item is None:
        raise ZohoError(404, 1002, "Item does not exist.")
    return {"item": item}


def _refuse_path(store: Store, request: Request) -> Record:  # noqa: ARG001 - every answer has this shape
    raise ZohoError(404, 5, "Invalid URL Passed")


def _find_contact(store: Store, request: Request) -> Contact:
    record_id = _read_id(request, "contact_id")
    for contact in make_contacts(store.people):
        if contact.contact_id == record_id:
            return contact
    raise ZohoError(404, 1002, "Contact does not exist.")


def _read_id(request: Request, name: str) -> str:
    record_id: str = request.path_params["id"]
    if not record_id.isdecimal():
        raise ZohoError(400, 2, f"Invalid value passed for {name}")
    return record_id
