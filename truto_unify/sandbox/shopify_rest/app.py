"""A pretend Shopify store: customers of its older REST Admin API, read-only.

Written from https://shopify.dev/docs/api/admin-rest and as strict as the real one. The search, which has its own
language, and the count are left out.
"""

from __future__ import annotations

import base64
import json
import math
import re
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Generic, TypeVar
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from truto_unify.sandbox.middleware import record_or_fail
from truto_unify.sandbox.shopify.fields import address_id, customer_id, is_customer, order_id
from truto_unify.sandbox.shopify_rest.records import (
    SHOP_TIME_ZONE,
    Record,
    address_record,
    customer_record,
    order_record,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from starlette.requests import Request

    from truto_unify.sandbox.people import Person
    from truto_unify.sandbox.shopify.fields import Sale
    from truto_unify.sandbox.store import Store

VERSION = "2026-07"
API_ROOT = f"/admin/api/{VERSION}"
ACCOUNT = {"credentials": {"access_token": "shpat_sandbox"}, "context": {"shop": "sandbox"}}

# https://shopify.dev/docs/api/admin-rest/usage/rate-limits: a standard plan
BUCKET_SIZE = 40
LEAKS_PER_SECOND = 2
DEFAULT_LIMIT = 50
MAX_LIMIT = 250

_T = TypeVar("_T")

_VERSIONS = re.compile(r"\d{4}-(01|04|07|10)|unstable")
_WRONG_TOKEN = "[API] Invalid API key or access token (unrecognized login or wrong password)"
_NO_WRITES = "[API] This action requires merchant approval for write_customers scope."
_TOO_FAST = (
    f"Exceeded {LEAKS_PER_SECOND} calls per second for api client. "
    "Reduce request rates to resume uninterrupted service."
)
_SEE_PAGINATION = "See https://shopify.dev/api/usage/pagination-rest for more information."
_NO_ID = "expected String to be a id"
_INVALID = "Invalid value."
_ALLOWED_WITH_PAGE_INFO = frozenset(("page_info", "limit", "fields"))
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def create_app(store: Store) -> Starlette:
    """The pretend store as an ASGI application.

    Args:
        store: Its people, its clock and its planned failures.

    Returns:
        An application that serves ``GET /admin/api/{version}/customers.json`` and what lies below it.
    """
    shop = _RestShop(store, _LeakyBucket(store.clock))

    async def answer(request: Request) -> Response:
        fault = await record_or_fail(store, request)
        return fault or shop.answer(request)

    return Starlette(
        routes=[
            Route("/admin/api/{version}/{path:path}", answer, methods=_METHODS),
            Route("/{path:path}", answer, methods=_METHODS),
        ]
    )


class _ShopifyRestError(Exception):
    """An error response: ``errors`` is a text, or a text for each parameter."""

    def __init__(self, status: int, errors: str | Mapping[str, str]) -> None:
        super().__init__(errors)
        self.status = status
        self.errors = errors


@dataclass(slots=True)
class _LeakyBucket:
    """A leaky bucket: each call adds a drop, and drops leak with time."""

    clock: Callable[[], float]
    _level: float = field(default=0.0, init=False)
    _seen_at: float = field(default=-math.inf, init=False)

    def pour(self) -> bool:
        """Count a call, unless the bucket would overflow."""
        now = self.clock()
        self._level = max(0.0, self._level - (now - self._seen_at) * LEAKS_PER_SECOND)
        self._seen_at = now
        if self._level + 1 > BUCKET_SIZE:
            return False
        self._level += 1
        return True

    @property
    def reading(self) -> str:
        """The ``X-Shopify-Shop-Api-Call-Limit``; rounded up, so that a bucket that refuses is shown as full."""
        return f"{math.ceil(self._level)}/{BUCKET_SIZE}"


@dataclass
class _RestShop:
    store: Store
    bucket: _LeakyBucket

    def answer(self, request: Request) -> Response:
        headers = {
            "content-type": "application/json; charset=utf-8",
            "x-request-id": str(uuid.uuid4()),
            "x-shopify-api-version": VERSION,
            "vary": "Accept",
        }
        try:
            self._admit(request, headers)
            return JSONResponse(self._route(request, headers), headers=headers)
        except _ShopifyRestError as refusal:
            return JSONResponse({"errors": refusal.errors}, refusal.status, headers)

    def _admit(self, request: Request, headers: dict[str, str]) -> None:
        """Check the token first: the bucket belongs to the app of the token."""
        if request.headers.get("x-shopify-access-token") != ACCOUNT["credentials"]["access_token"]:
            raise _ShopifyRestError(401, _WRONG_TOKEN)
        is_admitted = self.bucket.pour()
        headers["x-shopify-shop-api-call-limit"] = self.bucket.reading
        if not is_admitted:
            headers["retry-after"] = "2.0"
            raise _ShopifyRestError(429, _TOO_FAST)

    def _route(self, request: Request, headers: dict[str, str]) -> Record:
        version = request.path_params.get("version", "")
        path = re.fullmatch(r"customers(?:/([^/]+?)(/orders|/addresses)?)?\.json", request.path_params["path"])
        if not path or not _VERSIONS.fullmatch(version) or path[1] in {"search", "count"}:
            raise _ShopifyRestError(404, "Not Found")
        if version != VERSION:
            # An unsupported version is no error: another version answers, with a warning.
            headers["x-shopify-api-version-warning"] = "https://shopify.dev/concepts/about-apis/versioning"
        if request.method not in {"GET", "HEAD"}:
            # The sandbox's token is read-only.
            raise _ShopifyRestError(403, _NO_WRITES)
        customers = [person for person in self.store.people if is_customer(person)]
        if path[1] is None:
            return _list(request, headers, _CUSTOMERS, customers)
        person = _find(customers, path[1])
        if path[2] == "/addresses":
            return _list(request, headers, _ADDRESSES, [(person, place) for place in range(len(person.addresses))])
        if path[2]:
            return _list(request, headers, _ORDERS, [(person, order) for order in person.orders])
        return {"customer": _narrow(customer_record(person), request.query_params.get("fields"))}


@dataclass(frozen=True, slots=True)
class _Kind(Generic[_T]):
    """The ids, dates and rendering of the records of a list."""

    name: str
    read_id: Callable[[_T], int]
    read_created_at: Callable[[_T], datetime]
    read_updated_at: Callable[[_T], datetime]
    render: Callable[[_T], Record]


_CUSTOMERS: _Kind[Person] = _Kind(
    "customers", customer_id, lambda person: person.created_at, lambda person: person.updated_at, customer_record
)
_ADDRESSES: _Kind[tuple[Person, int]] = _Kind(
    "addresses",
    lambda row: address_id(*row),
    lambda row: row[0].created_at,
    lambda row: row[0].updated_at,
    lambda row: address_record(*row),
)
_ORDERS: _Kind[Sale] = _Kind(
    "orders", order_id, lambda sale: sale[1].created_at, lambda sale: sale[1].created_at, order_record
)


@dataclass(frozen=True, slots=True)
class _Filters:
    """The filters of a list's first request; the ``page_info`` of later pages repeats them."""

    sent: Mapping[str, str]

    def ids(self, name: str) -> list[int]:
        """The numbers of a parameter; empty if it is absent or blank."""
        parts = [part.strip() for part in self.sent.get(name, "").split(",") if part.strip()]
        return [_read_id(name, part) for part in parts]

    def time(self, name: str) -> datetime | None:
        """A bound; a value without a zone is in the shop's zone, and a blank may replace the T, as in the real shop."""
        text = self.sent.get(name, "")
        if not text:
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            # The real message for a wrong time is not published. An unescaped plus sign arrives as a blank.
            raise _ShopifyRestError(400, {name: _INVALID}) from error
        return moment if moment.tzinfo else moment.replace(tzinfo=SHOP_TIME_ZONE)

    def select(self, kind: _Kind[_T], records: Iterable[_T]) -> list[_T]:
        """The matching records: newest id first, but ascending after a ``since_id``."""
        ids, since = self.ids("ids"), self.ids("since_id")
        spans = [
            (read, self.time(f"{name}_min"), self.time(f"{name}_max"))
            for name, read in (("created_at", kind.read_created_at), ("updated_at", kind.read_updated_at))
        ]
        matches = [
            record
            for record in records
            if (not ids or kind.read_id(record) in ids)
            and (not since or kind.read_id(record) > since[0])
            and all(
                (first is None or read(record) >= first) and (last is None or read(record) <= last)
                for read, first, last in spans
            )
        ]
        # The invented orders are all open.
        if kind.name == "orders" and self.sent.get("status") in {"closed", "cancelled"}:
            return []
        return sorted(matches, key=kind.read_id, reverse=not since)


@dataclass(frozen=True, slots=True)
class _Place:
    """The position of a page: its beginning, or backwards its end; the content of ``page_info``."""

    filters: _Filters
    direction: str = "next"
    last_id: int | None = None

    @classmethod
    def read(cls, kind_name: str, query: Mapping[str, str]) -> _Place:
        if "page" in query:
            raise _ShopifyRestError(400, {"page": f"page cannot be passed. {_SEE_PAGINATION}"})
        if "page_info" not in query:
            return cls(_Filters({name: value for name, value in query.items() if name not in _ALLOWED_WITH_PAGE_INFO}))
        for name in query:
            if name not in _ALLOWED_WITH_PAGE_INFO:
                message = f"{name} cannot be passed when page_info is present. {_SEE_PAGINATION}"
                raise _ShopifyRestError(400, {name: message})
        try:
            content = json.loads(base64.b64decode(query["page_info"], altchars=b"-_", validate=True))
            filters, direction, last_id = content[kind_name], content["direction"], int(content["last_id"])
            return cls(_Filters(dict(filters)), direction, last_id)
        except (ValueError, TypeError, KeyError) as error:
            raise _ShopifyRestError(400, {"page_info": _INVALID}) from error

    def write(self, kind_name: str) -> str:
        content = {"direction": self.direction, "last_id": self.last_id, kind_name: dict(self.filters.sent)}
        return base64.urlsafe_b64encode(json.dumps(content, separators=(",", ":")).encode()).decode()

    def cut(self, ids: list[int], limit: int) -> tuple[int, int]:
        """The start and the end of the page; the record before it may be deleted."""
        if self.last_id is None:
            return 0, limit
        ascends = bool(self.filters.ids("since_id"))
        if self.direction == "next":
            start = sum(number <= self.last_id if ascends else number >= self.last_id for number in ids)
            return start, start + limit
        end = sum(number < self.last_id if ascends else number > self.last_id for number in ids)
        return max(0, end - limit), end


def _list(request: Request, headers: dict[str, str], kind: _Kind[_T], records: Iterable[_T]) -> Record:
    """A page, with a ``Link`` header for its neighbours if there are any."""
    query = dict(request.query_params)
    limit = _read_limit(query.get("limit"))
    place = _Place.read(kind.name, query)
    matches = place.filters.select(kind, records)
    ids = [kind.read_id(record) for record in matches]
    start, end = place.cut(ids, limit)
    page = matches[start:end]
    links = []
    beside = (("previous", start > 0, 0), ("next", end < len(matches), -1))
    for relation, exists, edge in beside:
        if exists and page:
            page_info = _Place(place.filters, relation, kind.read_id(page[edge])).write(kind.name)
            extra_query = {"fields": query["fields"]} if "fields" in query else {}
            address = request.url.replace(query=urlencode({"limit": limit, "page_info": page_info} | extra_query))
            links.append(f'<{address}>; rel="{relation}"')
    if links:
        headers["link"] = ", ".join(links)
    return {kind.name: [_narrow(kind.render(record), query.get("fields")) for record in page]}


def _read_limit(text: str | None) -> int:
    if not text:
        return DEFAULT_LIMIT
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) == 0:
        # The real message for this is not published either.
        raise _ShopifyRestError(400, {"limit": _INVALID})
    return min(int(text), MAX_LIMIT)


def _read_id(name: str, text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,20}", text):
        raise _ShopifyRestError(400, {name: _NO_ID})
    return int(text)


def _find(customers: Iterable[Person], text: str) -> Person:
    number = _read_id("id", text)
    for person in customers:
        if customer_id(person) == number:
            return person
    raise _ShopifyRestError(404, "Not Found")


def _narrow(record: Record, fields: str | None) -> Record:
    """Only the requested fields; unknown fields are ignored."""
    names = {name.strip() for name in (fields or "").split(",")} - {""}
    return {name: value for name, value in record.items() if name in names} if names else record
