"""A fake Magento 2, written from https://developer.adobe.com/commerce/webapi/rest/use-rest/performing-searches/."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import UTC, datetime
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.providers.fake_stores.values import filled

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.datastructures import QueryParams
    from starlette.requests import Request

    from truto_unify.sandbox.people import Person, PostalAddress

Record = dict[str, Any]
ACCOUNT = {"credentials": {"access_token": "fake-token"}, "context": {"store_url": "https://shop.fake.test"}}
API_ROOT = "/rest/all/V1"
STATUSES = {"pending": "pending", "paid": "complete", "refunded": "closed"}
_FILTER = re.compile(r"searchCriteria\[filter_groups\]\[(\d+)\]\[filters\]\[(\d+)\]\[(\w+)\]")
_SORT = re.compile(r"searchCriteria\[sortOrders\]\[(\d+)\]\[(\w+)\]")
_CONDITIONS: dict[str, Callable[[Any, str], bool]] = {
    "eq": lambda value, wanted: str(value).casefold() == wanted.casefold(),
    "gteq": lambda value, wanted: value >= wanted,
    "lteq": lambda value, wanted: value <= wanted,
    "like": lambda value, wanted: wanted.strip("%").casefold() in value.casefold(),
}


def refuse(request: Request) -> Response | None:
    """Refuses a wrong token."""
    if request.headers.get("authorization") != f"Bearer {ACCOUNT['credentials']['access_token']}":
        message = "The consumer isn't authorized to access %resources."
        return JSONResponse({"message": message, "parameters": {"resources": "Magento_Customer::customer"}}, 401)
    return None


def create_routes(people: Sequence[Person]) -> list[Route]:
    """The search of customers, a customer, and the search of orders."""
    customers = [customer_of(person) for person in people]
    orders = [order for person in people for order in orders_of(person)]

    async def search(request: Request) -> Response:
        return _page(request.query_params, [{**customer, "entity_id": customer["id"]} for customer in customers])

    async def get(request: Request) -> Response:
        wanted = request.path_params["id"]
        for customer in customers:
            if customer["id"] == wanted:
                return JSONResponse(customer)
        message = "No such entity with %fieldName = %fieldValue"
        return JSONResponse({"message": message, "parameters": {"fieldName": "customerId", "fieldValue": wanted}}, 404)

    async def search_orders(request: Request) -> Response:
        return _page(request.query_params, orders)

    return [
        Route(f"{API_ROOT}/customers/search", search),
        Route(f"{API_ROOT}/customers/{{id:int}}", get),
        Route(f"{API_ROOT}/orders", search_orders),
    ]


def customer_of(person: Person) -> Record:
    """The customer of a person: what is not set is left out."""
    addresses = [address_of(person, turn, address) for turn, address in enumerate(person.addresses)]
    is_business = bool(person.company) and person.number % 2 == 0
    business = {"company_id": person.number, "status": int(person.is_active), "telephone": person.phone}
    return filled(
        {
            "id": person.number,
            "group_id": 1,
            "created_at": _time(person.created_at),
            "updated_at": _time(person.updated_at),
            "email": person.email,
            "firstname": person.first_name,
            "lastname": person.last_name,
            "store_id": 1,
            "website_id": 1,
            "addresses": addresses,
            "extension_attributes": {
                "is_subscribed": person.accepts_marketing,
                **({"company_attributes": business} if is_business else {}),
            },
        }
    )


def address_of(person: Person, turn: int, address: PostalAddress) -> Record:
    """An address; the first is the default for both if it is the only one."""
    is_last = turn == min(1, len(person.addresses) - 1)
    return filled(
        {
            "id": person.number * 100 + turn,
            "street": [*filter(None, (address.street_1, address.street_2))],
            "city": address.city,
            "region": filled({"region_code": address.state_code, "region": address.state_name}),
            "postcode": address.postal_code,
            "country_id": address.country_code,
            "company": address.company,
            "telephone": address.phone,
            "default_billing": True if turn == 0 else None,
            "default_shipping": True if is_last else None,
        }
    )


def orders_of(person: Person) -> list[Record]:
    """The orders of a person."""
    return [
        {
            "entity_id": order.number,
            "customer_id": person.number,
            "status": STATUSES[order.status],
            "grand_total": order.total_minor / 100,
        }
        for order in person.orders
    ]


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _page(asked: QueryParams, records: list[Record]) -> Response:
    """A page of the search: the last one again if a later one is asked for."""
    groups: defaultdict[str, defaultdict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    sorts: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for name, value in asked.items():
        if match := _FILTER.fullmatch(name):
            groups[match[1]][match[2]][match[3]] = value
        elif match := _SORT.fullmatch(name):
            sorts[match[1]][match[2]] = value
    found = [
        record
        for record in records
        if all(any(_holds(record, condition) for condition in group.values()) for group in groups.values())
    ]
    for _, sort in sorted(sorts.items(), reverse=True):
        found.sort(key=itemgetter(sort["field"]), reverse=sort["direction"] == "DESC")
    size = int(asked.get("searchCriteria[pageSize]", "20"))
    pages = max(1, -(-len(found) // size))
    start = (min(int(asked.get("searchCriteria[currentPage]", "1")), pages) - 1) * size
    items = [
        {name: value for name, value in record.items() if name != "entity_id" or "customer_id" in record}
        for record in found[start : start + size]
    ]
    return JSONResponse({"items": items, "search_criteria": {}, "total_count": len(found)})


def _holds(record: Record, condition: dict[str, str]) -> bool:
    value = record.get(condition["field"])
    return value is not None and _CONDITIONS[condition.get("condition_type", "eq")](value, condition["value"])
