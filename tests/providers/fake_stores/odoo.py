"""A fake Odoo 19, written from https://www.odoo.com/documentation/19.0/developer/reference/external_api.html."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.requests import Request

    from truto_unify.sandbox.people import Person, PostalAddress

Records = list[dict[str, Any]]
ACCOUNT = {
    "credentials": {"api_key": "odoo-fake-key"},
    "context": {"url": "https://fake.example.test", "database": "fake"},
}
API_ROOT = "/json/2"
CHILDREN = 100_000
"""The ids of addresses begin above it."""
STATES = {"pending": "draft", "paid": "sale", "refunded": "cancel"}


def refuse(request: Request) -> Response | None:
    """Refuses a wrong key."""
    if request.headers.get("authorization") != f"bearer {ACCOUNT['credentials']['api_key']}":
        return _error(401, "werkzeug.exceptions.Unauthorized", "Invalid apikey")
    return None


def create_routes(people: Sequence[Person]) -> list[Route]:
    """The two models that the mapping searches."""
    partners = [partner_of(person) for person in people]
    partners += [child for person in people for child in children_of(person)]
    orders = [order for person in people for order in orders_of(person)]

    def serve(records: Records) -> Callable[[Request], Any]:
        async def search_read(request: Request) -> Response:
            asked = await request.json()
            found = [record for record in records if all(_matches(record, *term) for term in asked["domain"])]
            hides_archived = asked.get("context", {}).get("active_test", True)
            found = [record for record in found if record.get("active", True) or not hides_archived]
            for key in reversed(asked.get("order", "id asc").split(", ")):
                field, _, direction = key.partition(" ")
                found.sort(key=itemgetter(field), reverse=direction == "desc")
            start = asked.get("offset", 0)
            page = found[start : start + asked.get("limit", len(found))]
            return JSONResponse([{name: record[name] for name in ("id", *asked["fields"])} for record in page])

        return search_read

    async def read(request: Request) -> Response:
        asked = await request.json()
        found = [partner for partner in partners if partner["id"] in asked["ids"]]
        if not found:
            return _error(404, "odoo.exceptions.MissingError", "Record does not exist or has been deleted.")
        return JSONResponse([{name: record[name] for name in ("id", *asked["fields"])} for record in found])

    return [
        Route(f"{API_ROOT}/res.partner/read", read, methods=["POST"]),
        Route(f"{API_ROOT}/res.partner/search_read", serve(partners), methods=["POST"]),
        Route(f"{API_ROOT}/sale.order/search_read", serve(orders), methods=["POST"]),
    ]


def partner_of(person: Person) -> dict[str, Any]:
    """The partner of a person: false for what is blank."""
    name = f"{person.first_name} {person.last_name}".strip() or person.company or person.email
    return {
        "id": person.number,
        "name": name or False,
        "email": person.email or False,
        "phone": person.phone or False,
        "is_company": False,
        "company_name": person.company or False,
        "commercial_company_name": person.company or False,
        "parent_id": False,
        "type": "contact",
        "active": person.is_active,
        "customer_rank": 1,
        "create_date": f"{person.created_at:%Y-%m-%d %H:%M:%S}",
        "write_date": f"{person.updated_at:%Y-%m-%d %H:%M:%S}",
        **_place(next(iter(person.addresses), None)),
    }


def children_of(person: Person) -> Records:
    """The further addresses of a person, as partners below it."""
    return [
        {
            **partner_of(person),
            "id": CHILDREN + 100 * person.number + number,
            "parent_id": person.number,
            "type": {"billing": "invoice", "shipping": "delivery"}[address.kind],
            "phone": address.phone or False,
            "active": True,
            "customer_rank": 0,
            **_place(address),
        }
        for number, address in enumerate(person.addresses[1:], 1)
    ]


def orders_of(person: Person) -> Records:
    """The orders of a person."""
    return [
        {
            "id": order.number,
            "name": f"S{order.number:05d}",
            "partner_id": person.number,
            "state": STATES[order.status],
            "amount_total": order.total_minor / 100,
            "currency_id": [1, person.currency],
            "date_order": f"{order.created_at:%Y-%m-%d %H:%M:%S}",
        }
        for order in person.orders
    ]


def _place(address: PostalAddress | None) -> dict[str, Any]:
    country = address and address.country_code
    state = address and address.state_name
    return {
        "street": (address and address.street_1) or False,
        "street2": (address and address.street_2) or False,
        "city": (address and address.city) or False,
        "zip": (address and address.postal_code) or False,
        "state_id": [1, f"{state} ({country})"] if state else False,
        "country_id": [1, address.country_name] if address and country else False,
        "country_code": country or False,
    }


def _matches(record: dict[str, Any], field: str, operator: str, value: Any) -> bool:
    """Whether a term of a domain holds; a field that the model lacks is a KeyError."""
    stored = record[field]
    text = str(stored or "").lower()
    tests: dict[str, Callable[[], bool]] = {
        "=": lambda: stored == value,
        ">": lambda: stored > value,
        ">=": lambda: stored >= value,
        "<": lambda: stored < value,
        "in": lambda: stored in value,
        "=ilike": lambda: text == str(value).lower(),
        "ilike": lambda: str(value).lower() in text,
    }
    return tests[operator]()


def _error(status: int, name: str, message: str) -> Response:
    return JSONResponse({"name": name, "message": message, "arguments": [message], "context": {}, "debug": ""}, status)
