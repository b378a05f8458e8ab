"""A fake Ecwid, written from https://docs.ecwid.com/api-reference/rest-api/customers/search-customers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.providers.fake_stores.values import filled

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from starlette.datastructures import QueryParams
    from starlette.requests import Request

    from truto_unify.sandbox.people import Person, PostalAddress

Record = dict[str, Any]
ACCOUNT = {"credentials": {"secret_token": "secret_fake"}, "context": {"store_id": "1003"}}
API_ROOT = "/api/v3/1003"
FILTERS = {"keyword", "email", "useExactEmailMatch", "createdFrom", "createdTo", "updatedFrom", "updatedTo"}
PAGING = {"offset", "limit", "sortBy"}
STATUSES = {"pending": "AWAITING_PAYMENT", "paid": "PAID", "refunded": "REFUNDED"}


def refuse(request: Request) -> Response | None:
    """Refuses a wrong token."""
    if request.headers.get("authorization") != f"Bearer {ACCOUNT['credentials']['secret_token']}":
        return _error(403, "FORBIDDEN", "Token has no access to the store")
    return None


def create_routes(people: Sequence[Person]) -> list[Route]:
    """The search of customers, a customer, and the search of orders."""
    by_id = {customer_id(person): person for person in people}

    async def search(request: Request) -> Response:
        asked = request.query_params
        if unknown := {*asked} - FILTERS - PAGING:
            return _error(400, "WRONG_PARAMETER", f"Unknown parameter {unknown}")
        found = [person for person in people if _is_found(person, asked)]
        key, _, direction = asked.get("sortBy", "NAME_ASC").rpartition("_")
        keys = {"REGISTERED_DATE": "created_at", "UPDATED_DATE": "updated_at", "NAME": "last_name"}
        # Records of the same key come in any order: here the newest first.
        found.sort(key=lambda person: person.number, reverse=True)
        found.sort(key=lambda person: getattr(person, keys[key]), reverse=direction == "DESC")
        return _page(asked, [customer_of(person) for person in found])

    async def get(request: Request) -> Response:
        person = by_id.get(request.path_params["id"])
        return JSONResponse(customer_of(person)) if person else _error(404, "CUSTOMER_NOT_FOUND", "Customer not found")

    async def search_orders(request: Request) -> Response:
        asked = request.query_params
        person = by_id.get(int(asked["customerId"]))
        return _page(asked, [*map(order_of, person.orders)] if person else [])

    return [
        Route(f"{API_ROOT}/customers", search),
        Route(f"{API_ROOT}/customers/{{id:int}}", get),
        Route(f"{API_ROOT}/orders", search_orders),
    ]


def customer_of(person: Person) -> Record:
    """The customer of a person; a name of two words is cut."""
    name = " ".join(filter(None, (person.first_name, person.last_name)))
    billing = next((address for address in person.addresses if address.kind == "billing"), None)
    words = name.split()
    cut = {"firstName": words[0], "lastName": words[1]} if len(words) == 2 else {}
    owned = [("EMAIL", person.email), ("EMAIL", person.second_email), ("PHONE", person.phone)]
    return filled(
        {
            "id": customer_id(person),
            "name": name,
            "email": person.email,
            "registered": _time(person.created_at),
            "updated": _time(person.updated_at),
            "billingPerson": filled({"name": name, **cut, **(address_of(billing) if billing else {})}) or None,
            "shippingAddresses": [
                {"id": person.number * 100 + turn, "name": name, **address_of(address)}
                for turn, address in enumerate(person.addresses)
                if address.kind == "shipping"
            ],
            "contacts": [{"contact": text, "type": kind} for kind, text in owned if text],
            "acceptMarketing": person.accepts_marketing,
        }
    )


def customer_id(person: Person) -> int:
    """An id that is not the number of the person."""
    return 177_000_000 + person.number


def address_of(address: PostalAddress) -> Record:
    """An address; both lines are in one text."""
    return filled(
        {
            "companyName": address.company,
            "street": "\n".join(filter(None, (address.street_1, address.street_2))),
            "city": address.city,
            "stateOrProvinceCode": address.state_code,
            "stateOrProvinceName": address.state_name,
            "postalCode": address.postal_code,
            "countryCode": address.country_code,
            "phone": address.phone,
        }
    )


def order_of(order: Any) -> Record:
    """An order of a person."""
    return {"id": f"XJ{order.number}", "paymentStatus": STATUSES[order.status], "total": order.total_minor / 100}


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S +0000")


def _is_found(person: Person, asked: QueryParams) -> bool:
    """Whether the filters find a person; the ends of a range belong to it."""
    if "email" in asked:
        is_exact = asked.get("useExactEmailMatch") == "true"
        mail, wanted = person.email.lower(), asked["email"].lower()
        if not (mail == wanted if is_exact else wanted in mail):
            return False
    for start, end, moment in (
        ("createdFrom", "createdTo", person.created_at),
        ("updatedFrom", "updatedTo", person.updated_at),
    ):
        seconds = moment.timestamp()
        if not int(asked.get(start, "0")) <= seconds <= int(asked.get(end, "9999999999")):
            return False
    return True


def _page(asked: QueryParams, found: list[Record]) -> Response:
    offset, limit = int(asked.get("offset", "0")), int(asked.get("limit", "100"))
    if not 0 < limit <= 100:
        return _error(400, "WRONG_PARAMETER", "Wrong numeric parameter 'limit' value")
    items = found[offset : offset + limit]
    return JSONResponse({"total": len(found), "count": len(items), "offset": offset, "limit": limit, "items": items})


def _error(status: int, code: str, message: str) -> Response:
    return JSONResponse({"errorCode": code, "errorMessage": message}, status)
