"""A fake Lightspeed X-Series, written from https://x-series-api.lightspeedhq.com/reference/listcustomers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

    from truto_unify.sandbox.people import Person, PostalAddress

ACCOUNT = {"credentials": {"access_token": "lsxs-fake"}, "context": {"domain_prefix": "fake"}}
API_ROOT = "/api/2026-04"
MOST = 200


def refuse(request: Request) -> Response | None:
    """Refuses a wrong token."""
    if request.headers.get("authorization") != f"Bearer {ACCOUNT['credentials']['access_token']}":
        return JSONResponse({"error": "invalid_token", "error_description": "The access token is invalid"}, 401)
    return None


def create_routes(people: Sequence[Person]) -> list[Route]:
    """The two calls that the mapping makes."""
    customers = [customer_of(person) for person in people]

    async def list_customers(request: Request) -> Response:
        after, size = int(request.query_params.get("after", 0)), int(request.query_params.get("page_size", 50))
        page = [customer for customer in customers if customer["version"] > after][: min(size, MOST)]
        ends = (page[0]["version"], page[-1]["version"]) if page else (None, None)
        return JSONResponse({"data": page, "version": {"min": ends[0], "max": ends[1]}})

    async def get(request: Request) -> Response:
        for customer in customers:
            if customer["id"] == request.path_params["id"]:
                return JSONResponse({"data": customer})
        return JSONResponse({"errors": {"global": ["Customer not found"]}}, 404)

    return [Route(f"{API_ROOT}/customers", list_customers), Route(f"{API_ROOT}/customers/{{id}}", get)]


def customer_of(person: Person) -> dict[str, Any]:
    """The customer of a person: what is blank is null."""
    physical, postal = [*person.addresses[:2], None, None][:2]
    return {
        "id": str(UUID(int=person.number)),
        "customer_code": f"CODE-{person.number}",
        "name": f"{person.first_name} {person.last_name}".strip() or None,
        "first_name": person.first_name or None,
        "last_name": person.last_name or None,
        "email": person.email or None,
        "company_name": person.company or None,
        "do_not_email": not person.accepts_marketing,
        "phone": person.phone or None,
        "mobile": None,
        "fax": None,
        **_place("physical", physical),
        **_place("postal", postal),
        "created_at": person.created_at.isoformat(),
        "updated_at": person.updated_at.isoformat(),
        "deleted_at": None,
        "version": 3_505_346_000 + person.number,
    }


def _place(name: str, address: PostalAddress | None) -> dict[str, Any]:
    """The parts of an address, which the customer itself holds."""
    values = {
        "address_1": address and address.street_1,
        "address_2": address and address.street_2,
        "suburb": None,
        "city": address and address.city,
        "postcode": address and address.postal_code,
        "state": address and address.state_name,
        "country_id": address and address.country_code,
    }
    return {f"{name}_{part}": value or None for part, value in values.items()}
