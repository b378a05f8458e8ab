"""A fake Stripe, written from https://docs.stripe.com/api/customers."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

    from truto_unify.sandbox.people import Person, PostalAddress

Record = dict[str, Any]
ACCOUNT: dict[str, dict[str, str]] = {"credentials": {"secret_key": "sk_test_fake"}, "context": {}}
API_ROOT = "/v1"
DELETED = "cus_deleted"
"""The id of a customer that was deleted: it can be read, and is in no list."""
OPERATORS = {"gt": operator.gt, "gte": operator.ge, "lt": operator.lt, "lte": operator.le}


def refuse(request: Request) -> Response | None:
    """Refuses a wrong key."""
    if request.headers.get("authorization") != f"Bearer {ACCOUNT['credentials']['secret_key']}":
        return _error(401, {"message": "Invalid API Key provided: sk_test_****"})
    return None


def create_routes(people: Sequence[Person]) -> list[Route]:
    """The list, newest first, and the single customer."""
    customers = [customer_of(person) for person in reversed(people)]

    async def list_customers(request: Request) -> Response:
        asked = dict(request.query_params)
        limit, start = int(asked.pop("limit", "10")), asked.pop("starting_after", None)
        found = [customer for customer in customers if _is_found(customer, asked)]
        ids = [customer["id"] for customer in found]
        if start is not None and start not in {customer["id"] for customer in customers}:
            return _missing(start, "starting_after")
        first = ids.index(start) + 1 if start is not None else 0
        rest = found[first:]
        page = {"object": "list", "url": "/v1/customers", "has_more": len(rest) > limit, "data": rest[:limit]}
        return JSONResponse(page)

    async def get(request: Request) -> Response:
        wanted = request.path_params["id"]
        if wanted == DELETED:
            return JSONResponse({"id": DELETED, "object": "customer", "deleted": True})
        found = [customer for customer in customers if customer["id"] == wanted]
        return JSONResponse(found[0]) if found else _missing(wanted, "id")

    return [Route("/v1/customers", list_customers), Route("/v1/customers/{id}", get)]


def customer_of(person: Person) -> Record:
    """The customer of a person: what is blank is null."""
    billing, shipping = (
        next((at for at in person.addresses if at.kind == kind), None) for kind in ("billing", "shipping")
    )
    name = " ".join(filter(None, (person.first_name, person.last_name))) or person.company
    return {
        "id": f"cus_{person.number:014d}",
        "object": "customer",
        "address": address_of(billing),
        "balance": 0,
        "created": int(person.created_at.timestamp()),
        "currency": person.currency.lower() if person.orders else None,
        "delinquent": False,
        "description": None,
        "email": person.email or None,
        "livemode": False,
        "metadata": {},
        "name": name or None,
        "phone": person.phone or None,
        "shipping": {"name": name, "phone": shipping.phone or None, "address": address_of(shipping)}
        if shipping
        else None,
    }


def address_of(address: PostalAddress | None) -> Record | None:
    """An address, or null."""
    if address is None:
        return None
    return {
        "line1": address.street_1,
        "line2": address.street_2 or None,
        "city": address.city,
        "state": address.state_code or None,
        "postal_code": address.postal_code or None,
        "country": address.country_code,
    }


def _is_found(customer: Record, asked: dict[str, str]) -> bool:
    """Whether the filters find a customer; an unknown parameter is a KeyError."""
    for name, value in asked.items():
        if name == "email":
            matches = customer["email"] == value
        else:
            compare = OPERATORS[name.removeprefix("created[").removesuffix("]")]
            matches = compare(customer["created"], int(value))
        if not matches:
            return False
    return True


def _missing(wanted: str, param: str) -> Response:
    return _error(404, {"code": "resource_missing", "message": f"No such customer: '{wanted}'", "param": param})


def _error(status: int, error: dict[str, str]) -> Response:
    return JSONResponse({"error": {"type": "invalid_request_error", **error}}, status)
