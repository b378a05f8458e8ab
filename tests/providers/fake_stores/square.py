"""A fake Square, written from https://developer.squareup.com/reference/square/customers-api."""

from __future__ import annotations

import base64
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.providers.fake_stores.values import filled

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.requests import Request

    from truto_unify.sandbox.people import Person

Records = list[dict[str, Any]]
LOCATION = "LFAKE0001"
ACCOUNT = {
    "credentials": {"access_token": "EAAA-fake"},
    "context": {"environment": "sandbox", "location_id": LOCATION},
}
API_ROOT = "/v2"
STATES = {"pending": "OPEN", "paid": "COMPLETED", "refunded": "COMPLETED"}


def refuse(request: Request) -> Response | None:
    """Refuses a wrong token, and a call without a version."""
    if request.headers.get("authorization") != f"Bearer {ACCOUNT['credentials']['access_token']}":
        detail = "This request could not be authorized."
        return _error(401, "AUTHENTICATION_ERROR", "UNAUTHORIZED", detail)
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", request.headers.get("square-version", "")):
        return _error(400, "INVALID_REQUEST_ERROR", "INVALID_SQUARE_VERSION_FORMAT", "Invalid version")
    return None


def create_routes(people: Sequence[Person]) -> list[Route]:
    """The three calls that the mapping makes."""
    customers = [customer_of(person) for person in people]
    orders = [order for person in people for order in orders_of(person)]

    async def search(request: Request) -> Response:
        asked = await request.json()
        try:
            found = _find(customers, asked.get("query", {}))
        except KeyError as error:
            return _error(400, "INVALID_REQUEST_ERROR", "BAD_REQUEST", f"Unknown field {error}")
        return _page(asked, found, "customers", 100)

    async def get(request: Request) -> Response:
        wanted = request.path_params["id"]
        for customer in customers:
            if customer["id"] == wanted:
                return JSONResponse({"customer": customer})
        detail = f"Customer with ID `{wanted}` not found."
        return _error(404, "INVALID_REQUEST_ERROR", "NOT_FOUND", detail, "customer_id")

    async def search_orders(request: Request) -> Response:
        asked = await request.json()
        if not asked.get("location_ids"):
            detail = "Must provide at least 1 location_id"
            return _error(400, "INVALID_REQUEST_ERROR", "MISSING_REQUIRED_PARAMETER", detail, "location_ids")
        wanted = asked["query"]["filter"]["customer_filter"]["customer_ids"]
        found = [order for order in orders if order["customer_id"] in wanted]
        return _page(asked, found, "orders", 1000)

    return [
        Route("/v2/customers/search", search, methods=["POST"]),
        Route("/v2/customers/{id}", get),
        Route("/v2/orders/search", search_orders, methods=["POST"]),
    ]


def customer_of(person: Person) -> dict[str, Any]:
    """The profile of a person: what is blank is left out."""
    address = next(iter(person.addresses), None)
    return filled(
        {
            "id": customer_id(person),
            "created_at": person.created_at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "updated_at": person.updated_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "given_name": person.first_name,
            "family_name": person.last_name,
            "company_name": person.company,
            "email_address": person.email,
            "phone_number": person.phone,
            "address": filled(
                {
                    "address_line_1": address.street_1,
                    "address_line_2": address.street_2,
                    "locality": address.city,
                    "administrative_district_level_1": address.state_code,
                    "postal_code": address.postal_code,
                    "country": address.country_code,
                }
            )
            if address
            else None,
            "preferences": {"email_unsubscribed": not person.accepts_marketing},
            "creation_source": "DIRECTORY",
            "version": 0,
        }
    )


def customer_id(person: Person) -> str:
    """An id as Square's: capitals and digits."""
    return f"FAKE{person.number:022d}"


def orders_of(person: Person) -> Records:
    """The orders of a person at the one location."""
    return [
        {
            "id": f"ORDER{order.number}",
            "location_id": LOCATION,
            "customer_id": customer_id(person),
            "state": STATES[order.status],
            "total_money": {"amount": order.total_minor, "currency": person.currency},
            "created_at": order.created_at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        }
        for order in person.orders
    ]


def _find(customers: Records, query: dict[str, Any]) -> Records:
    """The customers that a query finds; a filter that Square does not have is a KeyError."""
    found = customers
    for name, asked in query.get("filter", {}).items():
        matches = _FILTERS[name]
        found = [customer for customer in found if name in customer and matches(customer[name], asked)]
    sort = query.get("sort", {})
    fields = {"CREATED_AT": ["created_at"], "DEFAULT": ["given_name", "family_name"]}[sort.get("field", "DEFAULT")]
    is_descending = sort.get("order", "ASC") == "DESC"
    return sorted(found, key=lambda customer: [customer.get(name, "") for name in fields], reverse=is_descending)


def _is_within(value: str, asked: dict[str, str]) -> bool:
    """Whether a time is in a range, without both ends: the documentation does not say whether they belong to it."""
    start, end = asked.get("start_at", "2000-01-01T00:00:00Z"), asked.get("end_at", "2100-01-01T00:00:00Z")
    return datetime.fromisoformat(start) < datetime.fromisoformat(value) < datetime.fromisoformat(end)


def _has_digits(value: str, asked: dict[str, str]) -> bool:
    return re.sub(r"\D", "", value) == re.sub(r"\D", "", asked["exact"])


_FILTERS: dict[str, Callable[[str, dict[str, str]], bool]] = {
    "created_at": _is_within,
    "updated_at": _is_within,
    "email_address": lambda value, asked: value.lower() == asked["exact"].lower(),
    "phone_number": _has_digits,
}


def _page(asked: dict[str, Any], found: Records, name: str, most: int) -> Response:
    """A page, and the cursor of the next one; ``{}`` without a record."""
    limit = asked.get("limit", most)
    if not 1 <= limit <= most:
        return _error(400, "INVALID_REQUEST_ERROR", "VALUE_TOO_HIGH", "Too high", "limit")
    start = int(base64.b64decode(asked.get("cursor") or "MA=="))
    page = found[start : start + limit]
    body: dict[str, Any] = {name: page} if page else {}
    if start + limit < len(found):
        body["cursor"] = base64.b64encode(str(start + limit).encode()).decode()
    return JSONResponse(body)


def _error(status: int, category: str, code: str, detail: str, field: str | None = None) -> Response:
    error = {"category": category, "code": code, "detail": detail}
    return JSONResponse({"errors": [{**error, **({"field": field} if field else {})}]}, status)
