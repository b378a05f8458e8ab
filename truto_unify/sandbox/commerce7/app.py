"""A pretend Commerce7 tenant: customers, their addresses and orders, and products.

Written from https://developer.commerce7.com/docs and as strict as the real one.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, cast

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from truto_unify.sandbox.commerce7.lists import (
    get_address,
    get_customer,
    get_order,
    get_product,
    list_addresses,
    list_customer_addresses,
    list_customers,
    list_orders,
    list_products,
)
from truto_unify.sandbox.commerce7.query import Commerce7Error, read_page, refuse_unknown
from truto_unify.sandbox.commerce7.records import TENANT
from truto_unify.sandbox.middleware import record_or_fail
from truto_unify.sandbox.rate_window import RateWindow

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.middleware.base import RequestResponseEndpoint
    from starlette.requests import Request

    from truto_unify.sandbox.store import Store

    Answer = Callable[[Request], dict[str, object]]

ACCOUNT = {
    "credentials": {"app_id": "sandbox-app", "app_secret": "sandbox-secret"},
    "context": {"tenant": TENANT},
}
API_ROOT = "/v1"

# https://developer.commerce7.com/docs/commerce7-apis#rate-limiting: cursor reads have no limit
CALLS_PER_MINUTE = 100
FAST_PAGES = 100  # deeper pages: one a minute


def create_app(store: Store) -> Starlette:
    """Build the tenant's API over these people.

    Args:
        store: The people, the clock, the planned failures and the recorded requests.
    """
    calls = RateWindow(store.clock, CALLS_PER_MINUTE, 60)
    deep_pages = RateWindow(store.clock, 1, 60)

    async def guard(request: Request, proceed: RequestResponseEndpoint) -> Response:
        """Record the call, then apply planned failures, the credential check and the rate limit, in this order."""
        if (fault := await record_or_fail(store, request)) is not None:
            return fault
        try:
            _check_credentials(request)
            if "cursor" not in request.query_params:
                _check_rate(request, calls, deep_pages)
        except Commerce7Error as refusal:
            return JSONResponse(refusal.body, status_code=refusal.status)
        return await proceed(request)

    def people(answer: Callable[..., dict[str, object]]) -> Callable[[Request], Awaitable[Response]]:
        """The endpoint of a list, which reads the query itself."""

        async def endpoint(request: Request) -> Response:
            return JSONResponse(answer(store.people, request.query_params, **request.path_params))

        return endpoint

    def single(answer: Callable[..., dict[str, object]]) -> Callable[[Request], Awaitable[Response]]:
        """The endpoint of a record, which has no parameters."""

        async def endpoint(request: Request) -> Response:
            refuse_unknown(request.query_params, ())
            return JSONResponse(answer(store.people, **request.path_params))

        return endpoint

    customer_path = "/customer/{customer_id}"
    app = Starlette(
        routes=[
            Route(f"{API_ROOT}/customer", people(list_customers), methods=["GET"]),
            Route(f"{API_ROOT}/customer-address", people(list_addresses), methods=["GET"]),
            Route(f"{API_ROOT}/order", people(list_orders), methods=["GET"]),
            Route(f"{API_ROOT}/order/{{order_id}}", single(get_order), methods=["GET"]),
            Route(f"{API_ROOT}/product", people(list_products), methods=["GET"]),
            Route(f"{API_ROOT}/product/{{product_id}}", single(get_product), methods=["GET"]),
            Route(f"{API_ROOT}{customer_path}", single(get_customer), methods=["GET"]),
            Route(f"{API_ROOT}{customer_path}/address", people(list_customer_addresses), methods=["GET"]),
            Route(f"{API_ROOT}{customer_path}/address/{{address_id}}", single(get_address), methods=["GET"]),
        ],
        middleware=[Middleware(BaseHTTPMiddleware, dispatch=guard)],
        exception_handlers={Commerce7Error: _answer_refusal, HTTPException: _answer_unrouted},
    )
    app.router.redirect_slashes = False
    return app


def _check_credentials(request: Request) -> None:
    tenant = request.headers.get("tenant")
    expected = ACCOUNT["credentials"]
    # A call without a tenant fails even with valid credentials.
    if tenant is None or _basic(request) != (expected["app_id"], expected["app_secret"]):
        raise Commerce7Error(401, "Unauthenticated User")
    if tenant != TENANT:
        raise Commerce7Error(403, "The app is not installed at this tenant")


def _basic(request: Request) -> tuple[str, str] | None:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return user, password


def _check_rate(request: Request, calls: RateWindow, deep_pages: RateWindow) -> None:
    if not calls.admit():
        raise Commerce7Error(429, "Too many requests")
    if read_page(request.query_params) > FAST_PAGES and not deep_pages.admit():
        raise Commerce7Error(429, "Too many requests")


async def _answer_refusal(request: Request, error: Exception) -> Response:  # noqa: ARG001 - the framework's signature
    refusal = cast("Commerce7Error", error)
    return JSONResponse(refusal.body, status_code=refusal.status)


async def _answer_unrouted(request: Request, error: Exception) -> Response:
    status = cast("HTTPException", error).status_code
    message = "Method not allowed" if status == 405 else "Not found"
    return await _answer_refusal(request, Commerce7Error(status, message))
