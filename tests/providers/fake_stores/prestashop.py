"""A fake PrestaShop, written from https://devdocs.prestashop-project.org/9/webservice/."""

from __future__ import annotations

import base64
import re
from operator import itemgetter
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from starlette.requests import Request

    from truto_unify.sandbox.people import Person, PostalAddress

Records = list[dict[str, Any]]
ACCOUNT = {
    "credentials": {"key": "FAKEFAKEFAKEFAKEFAKEFAKEFAKEFAKE"},
    "context": {"store_url": "https://fake.example.test", "time_zone": "Europe/Paris"},
}
API_ROOT = "/api"
ZONE = ZoneInfo("Europe/Paris")
STATES = {"pending": "1", "paid": "2", "refunded": "7"}
_BRACKETS = re.compile(r"(%?)\[([^\[\]]*)\](%?)")


def refuse(request: Request) -> Response | None:
    """Refuses a wrong key, in XML; and a call that asks for XML, which this fake does not write."""
    pair = base64.b64encode(f"{ACCOUNT['credentials']['key']}:".encode()).decode()
    if request.headers.get("authorization") != f"Basic {pair}":
        body = "<prestashop><errors><error><message>Invalid authentication key</message></error></errors></prestashop>"
        return Response(f'<?xml version="1.0"?>{body}', 401, media_type="text/xml")
    assert request.query_params["output_format"] == "JSON"
    return None


def create_routes(people: Sequence[Person]) -> list[Route]:
    """The calls that the mapping makes."""
    customers = [customer_of(person) for person in people]
    countries, states = (numbered(people, of) for of in (country_of, state_of))
    addresses = [address for person in people for address in addresses_of(person, countries, states)]
    orders = [order for person in people for order in orders_of(person)]

    def serve(name: str, records: Records) -> Route:
        async def list_records(request: Request) -> Response:
            asked = request.query_params
            found = [record for record in records if all(test(record) for test in _tests(asked))]
            for key in reversed(asked["sort"].strip("[]").split(",")):
                field, _, direction = key.rpartition("_")
                found.sort(key=itemgetter(field), reverse=direction == "DESC")
            offset, count = map(int, asked["limit"].split(","))
            page = found[offset : offset + count]
            return JSONResponse({name: page} if page else [])

        return Route(f"{API_ROOT}/{name}", list_records)

    async def get(request: Request) -> Response:
        for customer in customers:
            if str(customer["id"]) == request.path_params["id"]:
                return JSONResponse({"customer": customer})
        return JSONResponse({"errors": [{"code": 20, "message": "This customer does not exist."}]}, 404)

    lists = {"customers": customers, "addresses": addresses, "orders": orders}
    lists |= {"countries": records_of(countries), "states": records_of(states)}
    return [Route(f"{API_ROOT}/customers/{{id}}", get), *(serve(name, records) for name, records in lists.items())]


def customer_of(person: Person) -> dict[str, Any]:
    """The customer of a person: every value but the id is a text."""
    return {
        "id": person.number,
        "id_lang": "1",
        "deleted": "0",
        "lastname": person.last_name,
        "firstname": person.first_name,
        "email": person.email,
        "newsletter": str(int(person.accepts_marketing)),
        "company": person.company,
        "active": str(int(person.is_active)),
        "is_guest": "0",
        "date_add": _local(person.created_at),
        "date_upd": _local(person.updated_at),
    }


def country_of(address: PostalAddress) -> tuple[str, str]:
    """What identifies a country, and its code."""
    return address.country_code, address.country_code


def state_of(address: PostalAddress) -> tuple[str, str]:
    """What identifies a state, and its code."""
    return f"{address.country_code} {address.state_name}" if address.state_name else "", address.state_code


def numbered(people: Sequence[Person], of: Callable[[PostalAddress], tuple[str, str]]) -> dict[str, tuple[int, str]]:
    """The number and the code of each place; the number of none is zero."""
    codes = dict(sorted(of(address) for person in people for address in person.addresses))
    return {"": (0, ""), **{name: (number, code) for number, (name, code) in enumerate(codes.items(), 1) if name}}


def records_of(places: dict[str, tuple[int, str]]) -> Records:
    """The places as the service lists them."""
    return [{"id": number, "iso_code": code} for number, code in places.values() if number]


def addresses_of(person: Person, countries: dict[str, tuple[int, str]], states: dict[str, tuple[int, str]]) -> Records:
    """The addresses of a person."""
    return [
        {
            "id": 100 * person.number + number,
            "id_customer": str(person.number),
            "id_country": str(countries[country_of(address)[0]][0]),
            "id_state": str(states[state_of(address)[0]][0]),
            "alias": address.kind,
            "company": address.company,
            "address1": address.street_1,
            "address2": address.street_2,
            "postcode": address.postal_code,
            "city": address.city,
            "phone": address.phone,
            "phone_mobile": "",
            "deleted": "0",
        }
        for number, address in enumerate(person.addresses, 1)
    ]


def orders_of(person: Person) -> Records:
    """The orders of a person."""
    return [
        {
            "id": order.number,
            "id_customer": str(person.number),
            "current_state": STATES[order.status],
            "total_paid_tax_incl": f"{order.total_minor / 100:.6f}",
            "date_add": _local(order.created_at),
        }
        for order in person.orders
    ]


def _local(moment: datetime) -> str:
    """A time in the clock of the shop."""
    return f"{moment.astimezone(ZONE):%Y-%m-%d %H:%M:%S}"


def _tests(asked: Any) -> list[Callable[[dict[str, Any]], bool]]:
    """The filters of a request; times are compared if ``date=1`` says so."""
    tests = []
    for name, text in asked.items():
        if name.startswith("filter["):
            field = name.removeprefix("filter[").removesuffix("]")
            assert not field.startswith("date_") or asked["date"] == "1"
            tests.append(_test(field, text))
    return tests


def _test(field: str, text: str) -> Callable[[dict[str, Any]], bool]:
    match = _BRACKETS.fullmatch(text)
    assert match is not None
    before, value, after = match.groups()
    wanted = value.lower()
    if before and after:
        return lambda record: wanted in record[field].lower()
    if "," in value:
        first, last = value.split(",")
        return lambda record: first <= record[field] <= last
    return lambda record: str(record[field]).lower() == wanted
