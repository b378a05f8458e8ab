"""A pretend BigCommerce store: v3 customers, addresses and catalog, v2 orders and their parts.

Written from https://docs.bigcommerce.com and as strict as the real one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from truto_unify.sandbox.bigcommerce.catalog import (
    STORE,
    get_product,
    list_brands,
    list_categories,
    list_products,
)
from truto_unify.sandbox.bigcommerce.customers import list_addresses, list_customers
from truto_unify.sandbox.bigcommerce.order_parts import list_part, list_refunds
from truto_unify.sandbox.bigcommerce.orders import get_order, list_orders
from truto_unify.sandbox.bigcommerce.query import BigCommerceError, Query
from truto_unify.sandbox.bigcommerce.records import STORE_HASH
from truto_unify.sandbox.middleware import record_or_fail
from truto_unify.sandbox.rate_window import RateWindow

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.middleware.base import RequestResponseEndpoint
    from starlette.requests import Request

    from truto_unify.sandbox.store import Store

ACCOUNT = {"credentials": {"access_token": "bc_sandbox"}, "context": {"store_hash": STORE_HASH}}
API_ROOT = f"/stores/{STORE_HASH}/v3"
ORDERS_ROOT = f"/stores/{STORE_HASH}/v2"
NARROW_TOKEN = "bc_sandbox_products"  # a token without the scope for customers and orders

# https://docs.bigcommerce.com/docs/start/best-practices#api-rate-limits: a Standard or Plus plan
CALLS_PER_WINDOW = 150
WINDOW_SECONDS = 30

_ERROR_TYPE = "https://developer.bigcommerce.com/api-docs/getting-started/api-status-codes"
_XML_REFUSAL = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<errors><error><status>406</status>'
    "<message>Send the header Accept: application/json.</message></error></errors>\n"
)


def create_app(store: Store) -> Starlette:
    """Build the store's API over these people.

    Args:
        store: The people, the clock, the planned failures and the recorded requests.
    """
    window = RateWindow(store.clock, CALLS_PER_WINDOW, WINDOW_SECONDS)

    async def guard(request: Request, proceed: RequestResponseEndpoint) -> Response:
        """Record the call, then apply planned failures, the rate limit and the token check, in this order."""
        if (fault := await record_or_fail(store, request)) is not None:
            return fault
        answer = _check_access(request, within_quota=window.admit()) or await proceed(request)
        answer.headers.update(_rate_headers(window))
        return answer

    app = Starlette(
        routes=_routes(store),
        middleware=[Middleware(BaseHTTPMiddleware, dispatch=guard)],
        exception_handlers={BigCommerceError: _answer_refusal, HTTPException: _answer_unrouted},
    )
    app.router.redirect_slashes = False
    return app


def _routes(store: Store) -> list[Route]:
    def route(path: str, answer: Callable[..., object]) -> Route:
        async def endpoint(request: Request) -> Response:
            content = answer(Query.parse(request.scope["query_string"]), **request.path_params)
            return JSONResponse(content) if content else Response(status_code=204)

        return Route(path, endpoint, methods=["GET"])

    order = f"{ORDERS_ROOT}/orders/{{number:int}}"
    return [
        route(f"{API_ROOT}/customers", lambda query: list_customers(query, store.people)),
        route(f"{API_ROOT}/customers/addresses", lambda query: list_addresses(query, store.people)),
        route(f"{ORDERS_ROOT}/orders", lambda query: list_orders(query, store.people)),
        route(order, lambda _, number: get_order(store.people, number)),
        route(f"{order}/{{name}}", lambda query, number, name: list_part(query, store.people, number, name)),
        route(f"{API_ROOT}/orders/payment_actions/refunds", lambda query: list_refunds(query, store.people)),
        route(f"{API_ROOT}/catalog/products", list_products),
        route(f"{API_ROOT}/catalog/products/{{number:int}}", get_product),
        route(f"{API_ROOT}/catalog/brands", list_brands),
        route(f"{API_ROOT}/catalog/trees/categories", list_categories),
        route(f"{ORDERS_ROOT}/store", lambda _: STORE),
    ]


def _check_access(request: Request, *, within_quota: bool) -> Response | None:
    if not _path(request).startswith(f"/stores/{STORE_HASH}/"):
        # The gateway answers for an unknown store, in HTML.
        return HTMLResponse("<html><body><h1>404 Not Found</h1></body></html>", status_code=404)
    if not within_quota:
        return _refuse(request, BigCommerceError(429, "Too many requests"))
    token = request.headers.get("x-auth-token", "")
    if token not in {ACCOUNT["credentials"]["access_token"], NARROW_TOKEN}:
        return _refuse(request, BigCommerceError(401, "Unauthorized"))
    if token == NARROW_TOKEN:
        return _refuse(request, BigCommerceError(403, "You don't have a required scope to access the endpoint"))
    if _is_v2(request) and "application/json" not in request.headers.get("accept", ""):
        # v2 answers in XML unless the client asks for JSON.
        return Response(_XML_REFUSAL, status_code=406, media_type="application/xml")
    return None


def _rate_headers(window: RateWindow) -> dict[str, str]:
    return {
        "X-Rate-Limit-Requests-Left": str(window.calls_left),
        "X-Rate-Limit-Requests-Quota": str(CALLS_PER_WINDOW),
        "X-Rate-Limit-Time-Reset-Ms": str(window.milliseconds_left),
        "X-Rate-Limit-Time-Window-Ms": str(WINDOW_SECONDS * 1000),
    }


async def _answer_refusal(request: Request, error: Exception) -> Response:
    return _refuse(request, cast("BigCommerceError", error))


async def _answer_unrouted(request: Request, error: Exception) -> Response:
    status = cast("HTTPException", error).status_code
    return _refuse(request, BigCommerceError(status, "Method not allowed" if status == 405 else "Not found"))


def _refuse(request: Request, refusal: BigCommerceError) -> Response:
    status = refusal.status
    if not _is_v2(request):
        body = {"status": status, "title": refusal.title, "type": _ERROR_TYPE, "errors": refusal.details}
        return JSONResponse(body, status_code=status)
    entry: dict[str, object] = {"status": status, "message": refusal.title}
    if refusal.details:
        entry["details"] = refusal.details
    return JSONResponse([entry], status_code=status)


def _is_v2(request: Request) -> bool:
    return _path(request).startswith(f"{ORDERS_ROOT}/")


def _path(request: Request) -> str:
    return request.url.path.removeprefix(request.scope.get("root_path", ""))
