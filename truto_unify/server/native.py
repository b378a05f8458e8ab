"""Native calls: a provider's own resources (``/proxy``) and any path of it (``/custom``), with stored credentials.

https://www.truto.one/docs/guides/integrated-accounts/making-api-calls
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Request, Response

from truto_unify.accounts.records import Identity
from truto_unify.engine.proxy_call import find_endpoint
from truto_unify.errors import InvalidInput
from truto_unify.server.connection import ACCOUNT_PARAM, find_connection, observe_errors
from truto_unify.server.errors import Refused, dump, missing_parameters
from truto_unify.server.forwarding import safe_content_type
from truto_unify.server.identity import require
from truto_unify.server.query import read_number, read_pairs

if TYPE_CHECKING:
    from truto_unify.accounts.records import Connection
    from truto_unify.types import NativeAnswer, Page

router = APIRouter(include_in_schema=False)
ProxyCaller = Annotated[Identity, Depends(require("proxy", "proxy:read"))]
CustomCaller = Annotated[Identity, Depends(require("custom", "custom:read"))]
VERBS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_METHODS = {"POST": "create", "PUT": "update", "PATCH": "update", "DELETE": "delete"}
_SERVICE_PARAMS = (ACCOUNT_PARAM, "limit", "next_cursor")
Pairs = list[tuple[str, str]]


@router.api_route("/proxy/{resource}", methods=["GET", "POST"])
async def proxy_many(request: Request, resource: str, identity: ProxyCaller) -> Response:
    """A page of native records; POST creates one."""
    own, query = _split(request)
    may_write = "proxy" in identity.scopes
    connection = await find_connection(request, identity, own.get(ACCOUNT_PARAM), may_write=may_write)
    if request.method == "POST":
        return await _proxy_one(request, connection, resource, "create", None, query)
    return await _proxy_page(request, connection, resource, own, query)


@router.api_route("/proxy/{resource}/{record_id:path}", methods=VERBS)
async def proxy_one(request: Request, resource: str, record_id: str, identity: ProxyCaller) -> Response:
    """One native record; POST calls the native method of that name."""
    if not record_id:
        return await proxy_many(request, resource, identity)
    own, query = _split(request)
    may_write = "proxy" in identity.scopes
    connection = await find_connection(request, identity, own.get(ACCOUNT_PARAM), "get", may_write=may_write)
    if request.method == "POST":
        return await _proxy_one(request, connection, resource, record_id, None, query)
    method = _METHODS.get(request.method, "get")
    return await _proxy_one(request, connection, resource, method, record_id, query)


@router.api_route("/custom/{path:path}", methods=VERBS)
async def custom(request: Request, path: str, identity: CustomCaller) -> Response:
    """Any path below the provider's API root."""
    own, query = _split(request, (ACCOUNT_PARAM,))
    may_write = "custom" in identity.scopes
    connection = await find_connection(request, identity, own.get(ACCOUNT_PARAM), "get", may_write=may_write)
    _check_write(request, connection)
    body, content_type = await _custom_body(request)
    async with observe_errors(request, connection):
        answer: NativeAnswer = await request.app.state.client.custom(
            request.method, f"/{path}", connection.account, query=query, body=body, content_type=content_type
        )
    if not answer.is_json:
        kind = safe_content_type(dict(answer.headers).get("content-type", ""))
        # The provider's page must not run as one of the service's.
        headers = {"Content-Type": kind, "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
        return Response(answer.body, answer.status, headers)
    envelope = b'{"result":' + answer.body + b',"next_cursor":null,"prev_cursor":null}'
    return Response(envelope, answer.status, media_type="application/json")


async def _proxy_page(
    request: Request, connection: Connection, resource: str, own: dict[str, str], query: Pairs
) -> Response:
    account = connection.account
    endpoint = find_endpoint(request.app.state.registry.provider(account.provider), resource, "list")
    record_id = None
    if endpoint.takes_id:
        ids = [value for name, value in query if name == "id"]
        query = [pair for pair in query if pair[0] != "id"]
        if not ids or not ids[0]:
            raise missing_parameters("id")  # a list that belongs to one record
        record_id = ids[0]
    limit = read_number("limit", own.get("limit"))
    cursor = own.get("next_cursor")
    async with observe_errors(request, connection):
        page: Page[Any] = await request.app.state.client.proxy_list(
            resource, account, query, id=record_id, limit=limit, next_cursor=None if cursor == "None" else cursor
        )
    envelope = {
        "result": page.result,
        "next_cursor": page.next_cursor,
        "prev_cursor": page.prev_cursor,
        "result_count": page.result_count,
        "is_partial_response": page.is_partial_response,
        "may_have_changed": page.may_have_changed,
        "partial_reasons": page.partial_reasons,
    }
    return Response(dump(envelope), media_type="application/json")


async def _proxy_one(
    request: Request, connection: Connection, resource: str, method: str, record_id: str | None, query: Pairs
) -> Response:
    account = connection.account
    endpoint = find_endpoint(request.app.state.registry.provider(account.provider), resource, method)
    if not endpoint.is_safe:
        _check_write(request, connection)
    body = None
    if request.method in {"POST", "PUT", "PATCH"}:
        body = _json_object(await request.body())
    async with observe_errors(request, connection):
        answer: NativeAnswer = await request.app.state.client.proxy_call(
            resource, method, account, query, id=record_id, body=body
        )
    return Response(answer.body, answer.status, media_type="application/json" if answer.is_json else None)


def _split(request: Request, service_params: tuple[str, ...] = _SERVICE_PARAMS) -> tuple[dict[str, str], Pairs]:
    """The parameters of the service, and those of the provider."""
    own: dict[str, str] = {}
    query: Pairs = []
    for name, value in read_pairs(request):
        if name not in service_params:
            query.append((name, value))
        elif name in own:
            raise InvalidInput(f'the query parameter "{name}" is given twice; give it once')
        else:
            own[name] = value
    return own, query


def _check_write(request: Request, connection: Connection) -> None:
    if connection.stored.is_sandbox and request.method != "GET":
        raise Refused(405, "this is a sandbox account, which is read-only", headers={"Allow": "GET"})


async def _custom_body(request: Request) -> tuple[bytes | None, str | None]:
    """The body and content type for the provider; JSON is recognized by its content."""
    body = await request.body()
    if not body or request.method == "GET":
        return None, None
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return body, request.headers.get("content-type")
    if isinstance(value, dict) and "methodConfig" in value:
        raise InvalidInput("methodConfig is not supported: a custom call is sent unchanged; leave the key out")
    return body, "application/json"


def _json_object(body: bytes) -> dict[str, Any] | None:
    if not body:
        return None
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise InvalidInput("the body must be a JSON object") from None
    if not isinstance(value, dict):
        raise InvalidInput("the body must be a JSON object")
    return value
