"""A pretend WooCommerce store: the read side of the REST API wc/v3 for customers, orders and products.

Written from https://woocommerce.github.io/woocommerce-rest-api-docs/ and from what a real shop answered. Over
plain HTTP a real shop needs OAuth 1.0a; the sandbox accepts HTTP Basic too, because it has no TLS.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import math
import time
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from truto_unify.sandbox.goods import invent_goods
from truto_unify.sandbox.middleware import record_or_fail
from truto_unify.sandbox.woocommerce.parameters import (
    CUSTOMER_PARAMETERS,
    ORDER_PARAMETERS,
    PART_PARAMETERS,
    PRODUCT_PARAMETERS,
    Arguments,
    Parameter,
    page_link,
    read_arguments,
)
from truto_unify.sandbox.woocommerce.products import (
    CURRENCY,
    WEIGHT_UNIT,
    product_record,
    select_products,
    variation_record,
)
from truto_unify.sandbox.woocommerce.records import (
    ADMINISTRATOR,
    Record,
    customer_record,
    order_record,
    refund_records,
    user_id,
)
from truto_unify.sandbox.woocommerce.selection import select_orders, select_users
from truto_unify.sandbox.woocommerce.signature import NAMES, signature_fault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from starlette.requests import Request

    from truto_unify.sandbox.goods import Goods, GoodsVariant
    from truto_unify.sandbox.people import Person, PurchaseOrder
    from truto_unify.sandbox.store import Store

ACCOUNT = {
    "credentials": {"consumer_key": "ck_sandbox", "consumer_secret": "cs_sandbox"},
    "context": {"store_url": "https://shop.example"},
}
API_ROOT = "/wp-json/wc/v3"

_WRITES = ["POST", "PUT", "PATCH", "DELETE"]
_ORDER_DEFAULTS = (("status", "any"), ("dp", "2"), ("context", "view"))
_COLLECTION = "GET, POST"
_ITEM = "GET, POST, PUT, PATCH, DELETE"

_Item = TypeVar("_Item")


class _WooCommerceError(Exception):
    """An error response; ``allow`` is the Allow header if WordPress sends one."""

    def __init__(self, status: int, code: str, message: str, allow: str = "", **data: object) -> None:
        super().__init__(message)
        self.status = status
        self.allow = allow
        self.body: Record = {"code": code, "message": message, "data": {"status": status, **data}}


@dataclass(frozen=True, slots=True)
class _Call:
    """A request and whether its key is known."""

    store: Store
    request: Request
    knows_key: bool

    @property
    def site(self) -> str:
        """The address of the shop as the client sees it, also when the shop is mounted below a path."""
        url = self.request.url
        return f"{url.scheme}://{url.netloc}{self.request.scope.get('root_path', '')}"

    @property
    def api(self) -> str:
        return self.site + API_ROOT

    @property
    def customers(self) -> list[Person]:
        """WordPress has no user without an e-mail."""
        return [person for person in self.store.people if person.email]

    def require_key(self, message: str) -> None:
        """Refuse a missing or unknown key, with the same error."""
        if not self.knows_key:
            raise _WooCommerceError(401, "woocommerce_rest_cannot_view", message)


def create_app(store: Store, now: Callable[[], float] = time.time) -> Starlette:
    """Create the shop.

    Args:
        store: Its people, its recorded requests and its planned failures.
        now: Seconds since 1970, against which timestamps of signed requests are checked.

    Returns:
        An ASGI application; it leaves out people without an e-mail, and a user id is a person's number + 1.
    """
    key_check = _KeyCheck(now)

    def route(path: str, answer: Callable[[_Call], Response], *more_methods: str) -> Route:
        async def endpoint(request: Request) -> Response:
            fault = await record_or_fail(store, request)
            return fault or _answer(store, key_check, request, answer)

        return Route(path, endpoint, methods=["GET", *more_methods])

    return Starlette(
        routes=[
            route(f"{API_ROOT}/customers", _list_customers),
            route(f"{API_ROOT}/customers/{{id:int}}", _get_customer),
            route(f"{API_ROOT}/orders", _list_orders),
            route(f"{API_ROOT}/orders/{{id:int}}", _get_order),
            route(f"{API_ROOT}/orders/{{id:int}}/refunds", _list_refunds),
            route(f"{API_ROOT}/products", _list_products),
            route(f"{API_ROOT}/products/{{id:int}}", _get_product),
            route(f"{API_ROOT}/products/{{id:int}}/variations", _list_variations),
            route(f"{API_ROOT}/data/currencies/current", _get_currency),
            route(f"{API_ROOT}/settings/products/woocommerce_weight_unit", _get_weight_unit),
            route("/{path:path}", _no_route, *_WRITES),
        ]
    )


def _answer(store: Store, key_check: _KeyCheck, request: Request, answer: Callable[[_Call], Response]) -> Response:
    call = _Call(store, request, knows_key=False)
    try:
        call = _Call(store, request, knows_key=key_check.is_known(request, call.site))
        response = answer(call)
    except _WooCommerceError as refusal:
        response = _json_response(refusal.body, refusal.status, refusal.allow)
    # As recorded: PHP's header() replaces a header of the same name, so an answer with page
    # links has no link to the API root. https://www.php.net/manual/en/function.header.php
    response.headers.setdefault("Link", f'<{call.site}/wp-json/>; rel="https://api.w.org/"')
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Access-Control-Expose-Headers"] = "X-WP-Total, X-WP-TotalPages, Link"
    response.headers["Access-Control-Allow-Headers"] = (
        "Authorization, X-WP-Nonce, Content-Disposition, Content-MD5, Content-Type"
    )
    if call.knows_key:
        response.headers["Expires"] = "Wed, 11 Jan 1984 05:00:00 GMT"
        response.headers["Cache-Control"] = "no-cache, must-revalidate, max-age=0, no-store, private"
    elif request.method == "GET":
        response.headers["Vary"] = "Origin"
    return response


@dataclass(frozen=True, slots=True)
class _KeyCheck:
    """Identifies the caller; ``now`` and the used nonces are for signed requests."""

    now: Callable[[], float]
    nonces: set[str] = field(default_factory=set)

    def is_known(self, request: Request, site: str) -> bool:
        """Whether the key is known; the query string comes before the header, as in WC_REST_Authentication."""
        query = request.query_params
        if all(query.get(name) for name in NAMES):
            return self._is_signed(request, site)
        key, secret = query.get("consumer_key", ""), query.get("consumer_secret", "")
        if not (key and secret):
            key, secret = _basic_credentials(request.headers.get("authorization", ""))
        if not (key and secret) or key != ACCOUNT["credentials"]["consumer_key"]:
            return False
        if not hmac.compare_digest(secret.encode(), ACCOUNT["credentials"]["consumer_secret"].encode()):
            raise _WooCommerceError(401, "woocommerce_rest_authentication_error", "Consumer secret is invalid.")
        _require_reading(request)
        return True

    def _is_signed(self, request: Request, site: str) -> bool:
        if request.query_params["oauth_consumer_key"] != ACCOUNT["credentials"]["consumer_key"]:
            raise _WooCommerceError(401, "woocommerce_rest_authentication_error", "Consumer key is invalid.")
        path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
        secret, pairs = ACCOUNT["credentials"]["consumer_secret"], request.query_params.multi_items()
        fault = signature_fault(request.method, site + path, pairs, secret, self.now(), self.nonces)
        if fault:
            raise _WooCommerceError(401, "woocommerce_rest_authentication_error", fault)
        _require_reading(request)
        return True


def _require_reading(request: Request) -> None:
    """Refuse a write; the sandbox's key is read-only."""
    if request.method not in {"GET", "HEAD"}:
        message = "The API key provided does not have write permissions."
        raise _WooCommerceError(401, "woocommerce_rest_authentication_error", message)


def _basic_credentials(header: str) -> tuple[str, str]:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        key, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return key, secret


def _no_route(_: _Call) -> Response:
    raise _WooCommerceError(404, "rest_no_route", "No route was found matching the URL and request method.")


def _get_customer(call: _Call) -> Response:
    record_id = call.request.path_params["id"]
    for person in (ADMINISTRATOR, *call.customers):
        if user_id(person) == record_id:
            # WooCommerce looks up the user before it checks the key.
            call.require_key("Sorry, you cannot view this resource.")
            allow = _ITEM.removesuffix(", DELETE") if person is ADMINISTRATOR else _ITEM
            return _json_response(customer_record(person, call.api), allow=allow)
    raise _WooCommerceError(404, "wc_user_invalid_id", "Invalid user ID.")


def _list_customers(call: _Call) -> Response:
    arguments = _read(call, CUSTOMER_PARAMETERS)
    matches = select_users((ADMINISTRATOR, *call.customers), arguments)
    return _page(call, arguments, "customers", matches, lambda person: customer_record(person, call.api))


def _list_orders(call: _Call) -> Response:
    arguments = _read(call, ORDER_PARAMETERS)
    matches = select_orders(call.customers, arguments)
    return _page(call, arguments, "orders", matches, lambda pair: order_record(pair[0], pair[1], call.api, call.site))


def _get_order(call: _Call) -> Response:
    person, order = _find_order(call)
    call.require_key("Sorry, you cannot view this resource.")
    return _json_response(order_record(person, order, call.api, call.site), allow=_ITEM)


def _find_order(call: _Call) -> tuple[Person, PurchaseOrder]:
    number = call.request.path_params["id"]
    for person in call.customers:
        for order in person.orders:
            if order.number == number:
                return person, order
    raise _WooCommerceError(404, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.")


def _list_refunds(call: _Call) -> Response:
    arguments = _read(call, PART_PARAMETERS)
    person, order = _find_order(call)
    path = f"orders/{order.number}/refunds"
    return _page(call, arguments, path, refund_records(person, order), lambda refund: refund)


def _list_products(call: _Call) -> Response:
    arguments = _read(call, PRODUCT_PARAMETERS)
    return _page(call, arguments, "products", select_products(invent_goods(), arguments), partial(_write_product, call))


def _write_product(call: _Call, item: Goods | tuple[Goods, GoodsVariant]) -> Record:
    if isinstance(item, tuple):
        return variation_record(*item, call.api)
    return product_record(item, call.api, call.site)


def _get_product(call: _Call) -> Response:
    number = call.request.path_params["id"]
    for goods in invent_goods():
        variant = next((variant for variant in goods.variants if variant.number == number), None)
        if goods.number == number or variant is not None:
            call.require_key("Sorry, you cannot view this resource.")
            found = (goods, variant) if variant is not None else goods
            return _json_response(_write_product(call, found), allow=_ITEM)
    raise _WooCommerceError(404, "woocommerce_rest_product_invalid_id", "Invalid ID.")


def _list_variations(call: _Call) -> Response:
    arguments = _read(call, PART_PARAMETERS)
    number = call.request.path_params["id"]
    variants = [(goods, variant) for goods in invent_goods() for variant in goods.variants if goods.number == number]
    path = f"products/{number}/variations"
    return _page(call, arguments, path, variants, partial(_write_product, call))


def _get_currency(call: _Call) -> Response:
    call.require_key("Sorry, you cannot view this resource.")
    return _json_response({**CURRENCY, "_links": {"self": [{"href": f"{call.api}/data/currencies/USD"}]}})


def _get_weight_unit(call: _Call) -> Response:
    call.require_key("Sorry, you cannot view this resource.")
    return _json_response(WEIGHT_UNIT)


def _read(call: _Call, schema: Mapping[str, Parameter]) -> Arguments:
    """Check the parameters first and the key second, as WordPress does."""
    arguments = read_arguments(call.request.query_params.multi_items(), schema)
    if arguments.problems:
        names = ", ".join(arguments.problems)
        texts = {name: problem["message"] for name, problem in arguments.problems.items()}
        raise _WooCommerceError(
            400,
            "rest_invalid_param",
            f"Invalid parameter(s): {names}",
            allow=_COLLECTION if call.knows_key else "",
            params=texts,
            details=arguments.problems,
        )
    call.require_key("Sorry, you cannot list resources.")
    return arguments


def _page(
    call: _Call,
    arguments: Arguments,
    name: str,
    matches: Sequence[_Item],
    write: Callable[[_Item], Record],
) -> Response:
    """A page of the list, with the totals and the links to its neighbours."""
    size = arguments.number("per_page")
    start = arguments.number("offset") or (arguments.number("page") - 1) * size
    start = max(start, 0)
    page = math.ceil(start / size + 1)
    pages = math.ceil(len(matches) / size)
    response = _json_response([write(item) for item in matches[start : start + size]], allow=_COLLECTION)
    response.headers["X-WP-Total"] = str(len(matches))
    response.headers["X-WP-TotalPages"] = str(pages)
    neighbours = {
        "prev": min(page - 1, pages) if page > 1 else None,
        "next": page + 1 if page < pages else None,
    }
    query = call.request.query_params.multi_items()
    if name == "orders":
        # As recorded: the orders route writes these defaults into its links.
        sent = {key.partition("[")[0] for key, _ in query}
        query += [pair for pair in _ORDER_DEFAULTS if pair[0] not in sent]
    links = [
        f'<{page_link(f"{call.api}/{name}", query, arguments, neighbour)}>; rel="{relation}"'
        for relation, neighbour in neighbours.items()
        if neighbour is not None
    ]
    if links:
        response.headers["Link"] = ", ".join(links)
    return response


def _json_response(body: object, status: int = 200, allow: str = "") -> Response:
    """JSON as PHP's json_encode writes it: ASCII, with escaped slashes."""
    text = json.dumps(body, separators=(",", ":")).replace("/", "\\/")
    headers = {"Allow": allow} if allow else {}
    return Response(text, status, headers, media_type="application/json; charset=UTF-8")
