"""A pretend Shopify store: customers, orders and products of its older REST Admin API, read-only.

Written from https://shopify.dev/docs/api/admin-rest and as strict as the real one. The search, which has its own
language, and the counts are left out.
"""

from __future__ import annotations

import math
import re
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from truto_unify.sandbox.goods import Goods, GoodsVariant, invent_goods
from truto_unify.sandbox.middleware import record_or_fail
from truto_unify.sandbox.shopify.fields import (
    FULFILLMENT_WORDS,
    OPEN_STATUSES,
    address_id,
    customer_id,
    is_customer,
    order_id,
    product_id,
    variant_id,
)
from truto_unify.sandbox.shopify.products import handle, status, variants_of, vendor
from truto_unify.sandbox.shopify_rest.lists import Kind, find_record, list_records, narrow
from truto_unify.sandbox.shopify_rest.products import SHOP, product_record, variant_record
from truto_unify.sandbox.shopify_rest.records import Record, address_record, customer_record, order_record
from truto_unify.sandbox.shopify_rest.refusals import ShopifyRestError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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

_T = TypeVar("_T")

_VERSIONS = re.compile(r"\d{4}-(01|04|07|10)|unstable")
_PATH = re.compile(
    r"(?P<kind>customers|orders|products)(?:/(?P<id>[^/]+?)(?:/(?P<part>orders|addresses|variants))?)?\.json"
)
_PARTS: dict[str, set[str | None]] = {
    "customers": {None, "orders", "addresses"},
    "orders": {None},
    "products": {None, "variants"},
}
_WRONG_TOKEN = "[API] Invalid API key or access token (unrecognized login or wrong password)"
_NO_WRITES = "[API] This action requires merchant approval for write_customers scope."
_TOO_FAST = (
    f"Exceeded {LEAKS_PER_SECOND} calls per second for api client. "
    "Reduce request rates to resume uninterrupted service."
)
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]

_CUSTOMERS: Kind[Person] = Kind(
    "customers",
    customer_id,
    lambda person: person.created_at,
    lambda person: person.updated_at,
    customer_record,
    words={},
    defaults={},
)
_ADDRESSES: Kind[tuple[Person, int]] = Kind(
    "addresses",
    lambda row: address_id(*row),
    lambda row: row[0].created_at,
    lambda row: row[0].updated_at,
    lambda row: address_record(*row),
    words={},
    defaults={},
)
_ORDERS: Kind[Sale] = Kind(
    "orders",
    order_id,
    lambda sale: sale[1].created_at,
    lambda sale: sale[1].created_at,
    order_record,
    words={
        "status": lambda sale: ("any", OPEN_STATUSES[sale[1].status]),
        "financial_status": lambda sale: ("any", sale[1].status),
        "fulfillment_status": lambda sale: ("any", *FULFILLMENT_WORDS[sale[1].status]),
        "name": lambda sale: (f"#{sale[1].number}", str(sale[1].number)),
    },
    defaults={"status": "open"},
)
_PRODUCTS: Kind[Goods] = Kind(
    "products",
    lambda goods: product_id(goods.number),
    lambda goods: goods.created_at,
    lambda goods: goods.updated_at,
    product_record,
    words={
        "status": lambda goods: (status(goods).lower(),),
        "title": lambda goods: (goods.name,),
        "vendor": lambda goods: (vendor(goods),),
        "handle": lambda goods: (handle(goods),),
    },
    defaults={},
)
_VARIANTS: Kind[tuple[Goods, GoodsVariant]] = Kind(
    "variants",
    lambda row: variant_id(row[1].number),
    lambda row: row[0].created_at,
    lambda row: row[0].updated_at,
    lambda row: variant_record(*row),
    words={},
    defaults={},
)


def create_app(store: Store) -> Starlette:
    """The pretend store as an ASGI application.

    Args:
        store: Its people, its clock and its planned failures.

    Returns:
        An application that serves ``GET /admin/api/{version}/customers.json``, orders, products and the shop.
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
        except ShopifyRestError as refusal:
            return JSONResponse({"errors": refusal.errors}, refusal.status, headers)

    def _admit(self, request: Request, headers: dict[str, str]) -> None:
        """Check the token first: the bucket belongs to the app of the token."""
        if request.headers.get("x-shopify-access-token") != ACCOUNT["credentials"]["access_token"]:
            raise ShopifyRestError(401, _WRONG_TOKEN)
        is_admitted = self.bucket.pour()
        headers["x-shopify-shop-api-call-limit"] = self.bucket.reading
        if not is_admitted:
            headers["retry-after"] = "2.0"
            raise ShopifyRestError(429, _TOO_FAST)

    def _route(self, request: Request, headers: dict[str, str]) -> Record:
        version = request.path_params.get("version", "")
        path = _PATH.fullmatch(request.path_params["path"])
        is_shop = request.path_params["path"] == "shop.json"
        is_known = is_shop or (path is not None and path["part"] in _PARTS[path["kind"]])
        if not is_known or not _VERSIONS.fullmatch(version) or (path and path["id"] in {"search", "count"}):
            raise ShopifyRestError(404, "Not Found")
        if version != VERSION:
            # An unsupported version is no error: another version answers, with a warning.
            headers["x-shopify-api-version-warning"] = "https://shopify.dev/concepts/about-apis/versioning"
        if request.method not in {"GET", "HEAD"}:
            # The sandbox's token is read-only.
            raise ShopifyRestError(403, _NO_WRITES)
        if path is None:
            return {"shop": SHOP}
        if path["kind"] == "products":
            return _products(request, headers, path["id"], path["part"])
        customers = [person for person in self.store.people if is_customer(person)]
        if path["kind"] == "orders":
            sales = [(person, order) for person in customers for order in person.orders]
            return _one_or_all(request, headers, _ORDERS, sales, path["id"])
        if path["part"] is None:
            return _one_or_all(request, headers, _CUSTOMERS, customers, path["id"])
        person = find_record(_CUSTOMERS, customers, path["id"])
        if path["part"] == "addresses":
            return list_records(request, headers, _ADDRESSES, [(person, at) for at in range(len(person.addresses))])
        return list_records(request, headers, _ORDERS, [(person, order) for order in person.orders])


def _products(request: Request, headers: dict[str, str], record_id: str | None, part: str | None) -> Record:
    if part is None or record_id is None:
        return _one_or_all(request, headers, _PRODUCTS, invent_goods(), record_id)
    goods = find_record(_PRODUCTS, invent_goods(), record_id)
    return list_records(request, headers, _VARIANTS, [(goods, variant) for variant in variants_of(goods)])


def _one_or_all(
    request: Request, headers: dict[str, str], kind: Kind[_T], records: Sequence[_T], record_id: str | None
) -> Record:
    if record_id is None:
        return list_records(request, headers, kind, records)
    record = kind.render(find_record(kind, records, record_id))
    return {kind.name.removesuffix("s"): narrow(record, request.query_params.get("fields"))}
