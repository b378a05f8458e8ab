"""A fake Salesforce B2C instance: search, record and addresses of the Data API, written from its documentation."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.providers.fake_stores.values import filled

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.requests import Request

    from truto_unify.sandbox.people import Person

Records = list[dict[str, Any]]
ACCOUNT = {
    "credentials": {"client_id": "client-fake", "client_secret": "password-fake"},
    "context": {"host": "fake.example.test", "customer_list_id": "RefArch"},
}
API_ROOT = "/s/-/dw/data/v24_5"
TOKEN_PATH = "/dwsso/oauth2/access_token"
TOKEN = "token-fake"
LIST = f"{API_ROOT}/customer_lists/RefArch"
MOST = 200


def refuse(request: Request) -> Response | None:
    """Refuses a call without the token, and a token request without the client's password."""
    if request.url.path == TOKEN_PATH:
        pair = ":".join(ACCOUNT["credentials"].values())
        is_known = request.headers.get("authorization") == f"Basic {base64.b64encode(pair.encode()).decode()}"
        return None if is_known else JSONResponse({"error": "invalid_client"}, 401)
    if request.headers.get("authorization") != f"Bearer {TOKEN}":
        return _fault(401, "InvalidAccessTokenException", "Unauthorized request! The access token is invalid.")
    return None


def create_routes(people: Sequence[Person]) -> list[Route]:
    """The calls that the mapping makes."""
    customers = [customer_of(person) for person in people]
    addresses = {customer_number(person): addresses_of(person) for person in people}

    async def give_token(request: Request) -> Response:
        return JSONResponse({"access_token": TOKEN, "scope": "mail", "token_type": "Bearer", "expires_in": 1799})

    async def search(request: Request) -> Response:
        asked = await request.json()
        start, count = asked.get("start", 0), asked.get("count", 25)
        if not 1 <= count <= MOST:
            return _fault(400, "ConstraintViolationException", "count must be 1 to 200")
        found = [customer for customer in customers if _matches(asked["query"])(customer)]
        keys = [sort["field"] for sort in asked.get("sorts", [])]
        found.sort(key=lambda customer: [str(customer.get(key, "")) for key in keys])
        hits = [{"data": customer, "relevance": 1.0} for customer in found[start : start + count]]
        body = {"count": len(hits), "start": start, "total": len(found)}
        return JSONResponse({**body, **({"hits": hits} if hits else {})})

    async def get(request: Request) -> Response:
        for customer in customers:
            if customer["customer_no"] == request.path_params["number"]:
                return JSONResponse(customer)
        return _fault(404, "CustomerNotFoundException", "No customer with this number could be found.")

    async def list_addresses(request: Request) -> Response:
        found = addresses[request.path_params["number"]]
        start, count = int(request.query_params["start"]), int(request.query_params["count"])
        page = found[start : start + count]
        return JSONResponse({"count": len(page), "data": page, "start": start, "total": len(found)})

    return [
        Route(TOKEN_PATH, give_token, methods=["POST"]),
        Route(f"{LIST}/customer_search", search, methods=["POST"]),
        Route(f"{LIST}/customers/{{number}}", get),
        Route(f"{LIST}/customers/{{number}}/addresses", list_addresses),
    ]


def customer_number(person: Person) -> str:
    """The number of a customer, with zeros before it."""
    return f"{person.number:08d}"


def customer_of(person: Person) -> dict[str, Any]:
    """The customer of a person, as the Data API writes it: blank parts are left out."""
    return filled(
        {
            "customer_id": f"ab{person.number:026d}",
            "customer_no": customer_number(person),
            "first_name": person.first_name,
            "last_name": person.last_name,
            "email": person.email,
            "company_name": person.company,
            "phone_home": person.phone,
            "credentials": {"enabled": person.is_active, "login": person.email or customer_number(person)},
            "creation_date": person.created_at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "last_modified": person.updated_at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        }
    )


def addresses_of(person: Person) -> Records:
    """The address book of a person; the first one is preferred."""
    return [
        filled(
            {
                "address_id": f"address-{number}",
                "address1": address.street_1,
                "address2": address.street_2,
                "city": address.city,
                "state_code": address.state_code,
                "postal_code": address.postal_code,
                "country_code": address.country_code,
                "company_name": address.company,
                "phone": address.phone,
                "preferred": number == 1,
            }
        )
        for number, address in enumerate(person.addresses, 1)
    ]


def _matches(query: dict[str, Any]) -> Callable[[dict[str, Any]], bool]:
    """A test of a customer; a query that the instance does not have is a KeyError."""
    ((kind, asked),) = query.items()
    if kind == "match_all_query":
        return lambda _: True
    if kind == "bool_query":
        parts = [_matches(part) for part in asked["must"]]
        return lambda customer: all(part(customer) for part in parts)
    assert (kind, asked["operator"]) == ("term_query", "is")
    [name], [value] = asked["fields"], asked["values"]
    return lambda customer: str(customer.get(name, "")).lower() == value.lower()


def _fault(status: int, kind: str, message: str) -> Response:
    return JSONResponse({"_v": "24.5", "fault": {"type": kind, "message": message}}, status)
