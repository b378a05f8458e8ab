"""A fake Squarespace, written from https://developers.squarespace.com/commerce-apis/retrieve-all-profiles."""

from __future__ import annotations

import base64
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

    from truto_unify.sandbox.people import Person

Record = dict[str, Any]
ACCOUNT: dict[str, dict[str, str]] = {"credentials": {"api_key": "fake-0123"}, "context": {}}
API_ROOT = "/1.0"
PAGE_SIZE = 50


def refuse(request: Request) -> Response | None:
    """Refuses a wrong key, and a call without a user agent."""
    if request.headers.get("authorization") != f"Bearer {ACCOUNT['credentials']['api_key']}":
        return _error(401, "AUTHORIZATION_ERROR", None, "You are not authorized to do that.")
    if not request.headers.get("user-agent"):
        return _error(400, "INVALID_REQUEST_ERROR", "MISSING_ARGUMENT", "User-Agent is missing")
    return None


def create_routes(people: Sequence[Person]) -> list[Route]:
    """The list and the profiles of some ids; a subscriber is among them, who is no customer."""
    subscriber = {**profile_of(people[0]), "id": f"{0:024x}", "isCustomer": False} if people else {}
    profiles = [*([subscriber] if subscriber else []), *map(profile_of, people)]

    async def list_profiles(request: Request) -> Response:
        asked = dict(request.query_params)
        start = 0
        if cursor := asked.pop("cursor", None):
            if asked:
                return _error(400, "INVALID_REQUEST_ERROR", "INVALID_ARGUMENT", "cursor stands alone")
            start, asked = json.loads(base64.b64decode(cursor))
        filters = dict(term.split(",", 1) for term in asked.get("filter", "").split(";") if term)
        if "email" in filters and len(filters) > 1:
            return _error(400, "INVALID_REQUEST_ERROR", "INVALID_ARGUMENT", "email stands alone")
        field, is_ascending = asked.get("sortField", "id"), asked.get("sortDirection") == "asc"
        found = [profile for profile in profiles if _is_found(profile, filters)]
        found.sort(key=lambda profile: (profile[field], profile["id"]), reverse=not is_ascending)
        end = start + PAGE_SIZE
        cursor = base64.b64encode(json.dumps([end, asked]).encode()).decode() if end < len(found) else None
        pagination = {
            "hasNextPage": cursor is not None,
            "nextPageCursor": cursor,
            "nextPageUrl": cursor and f"https://api.squarespace.com/1.0/profiles?cursor={cursor}",
        }
        return JSONResponse({"profiles": found[start:end], "pagination": pagination})

    async def get(request: Request) -> Response:
        wanted = request.path_params["ids"].split(",")
        found = [profile for profile in profiles if profile["id"] in wanted]
        if len(found) < len(wanted):
            return _error(404, "INVALID_REQUEST_ERROR", None, "One or more profiles were not found.")
        return JSONResponse({"profiles": found})

    return [Route("/1.0/profiles", list_profiles), Route("/1.0/profiles/{ids}", get)]


def profile_of(person: Person) -> Record:
    """The profile of a person: what is blank is null."""
    address = next((address for address in person.addresses if address.kind == "shipping"), None)
    total = Decimal(sum(order.total_minor for order in person.orders)).scaleb(-2)
    return {
        "id": f"{person.number:024x}",
        "email": person.email,
        "firstName": person.first_name or None,
        "lastName": person.last_name or None,
        "hasAccount": person.is_active,
        "isCustomer": True,
        "acceptsMarketing": person.accepts_marketing,
        "createdOn": person.created_at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "address": address
        and {
            "firstName": person.first_name,
            "lastName": person.last_name,
            "address1": address.street_1,
            "address2": address.street_2 or None,
            "city": address.city,
            "state": address.state_code or None,
            "postalCode": address.postal_code or None,
            "countryCode": address.country_code,
            "phone": address.phone or None,
        },
        "transactionsSummary": {
            "orderCount": len(person.orders),
            "totalOrderAmount": {"value": f"{total:.2f}", "currency": person.currency} if person.orders else None,
        },
    }


def _is_found(profile: Record, filters: dict[str, str]) -> bool:
    if "email" in filters:
        return bool(profile["email"].lower() == filters["email"].lower())
    return all(profile[name] for name in filters)


def _error(status: int, kind: str, subtype: str | None, message: str) -> Response:
    return JSONResponse({"type": kind, "subtype": subtype, "message": message, "contextId": "FAKE"}, status)
