"""The unified calls: list and get.

Ids may hold slashes; an id that looks like a meta route needs its slashes percent-encoded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from truto_unify.accounts.records import Identity
from truto_unify.server.connection import find_connection, observe_errors
from truto_unify.server.errors import ascii_json
from truto_unify.server.identity import require
from truto_unify.server.query import UnifiedQuery, read_get, read_list, read_parameters
from truto_unify.server.request_context import current_context
from truto_unify.server.stream import RecordStream

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from truto_unify.accounts.records import Connection
    from truto_unify.types import JsonPage

lists = APIRouter(include_in_schema=False)
records = APIRouter(include_in_schema=False)
Caller = Annotated[Identity, Depends(require("unified:read"))]


@lists.get("/unified/{model}/{resource}")
async def list_records(request: Request, model: str, resource: str, identity: Caller) -> Response:
    """One page of unified records, or a stream of all of them."""
    query = read_list(read_parameters(request))
    connection = await find_connection(request, identity, query.account_id)
    name = f"{model}/{resource}"
    if query.response_format == "stream":
        return await _answer_stream(request, name, connection, query)
    return await _answer_page(request, name, connection, query)


@records.get("/unified/{model}/{resource}/{record_id:path}")
async def get_record(request: Request, model: str, resource: str, record_id: str, identity: Caller) -> Response:
    """One unified record."""
    if not record_id:
        return await list_records(request, model, resource, identity)
    query = read_get(read_parameters(request))
    connection = await find_connection(request, identity, query.account_id, "get")
    async with observe_errors(request, connection):
        body = await request.app.state.client.get_json(
            f"{model}/{resource}",
            connection.account,
            record_id,
            response_format=query.response_format,
            **query.arguments,
        )
    return Response(body, headers=_shortage_header(), media_type="application/json")


async def _answer_page(request: Request, resource: str, connection: Connection, query: UnifiedQuery) -> Response:
    async with observe_errors(request, connection):
        page: JsonPage = await request.app.state.client.list_json(
            resource,
            connection.account,
            key_by=query.key_by,
            response_format=query.response_format,
            **query.arguments,
        )
    return Response(page.body, headers=_page_headers(page, query), media_type="application/json")


async def _answer_stream(request: Request, resource: str, connection: Connection, query: UnifiedQuery) -> Response:
    lines = _stream_lines(request, resource, connection, query)
    first = await anext(lines, None)  # an error before the first record still has its own status
    plan = request.app.state.client.explain(resource, connection.account, **query.arguments).query_plan
    return RecordStream(first, lines, _plan_header(plan, query))


async def _stream_lines(
    request: Request, resource: str, connection: Connection, query: UnifiedQuery
) -> AsyncGenerator[bytes, None]:
    """The lines of a stream; ``limit`` ends it."""
    arguments = dict(query.arguments)
    remaining = None if arguments.get("ignore_limit") else arguments.get("limit")
    async with observe_errors(request, connection):
        async for line in request.app.state.client.iterate_json(resource, connection.account, **arguments):
            yield line
            if remaining is not None:
                remaining -= 1
                if not remaining:
                    return


def _page_headers(page: JsonPage, query: UnifiedQuery) -> dict[str, str]:
    """Headers for the query plan, the number of records that broke the mapping, and what side loads lack."""
    headers = _plan_header(page.page.query_plan, query)
    if page.page.record_errors:
        headers["X-Unify-Record-Errors"] = str(len(page.page.record_errors))
    return headers | _shortage_header()


def _shortage_header() -> dict[str, str]:
    context = current_context()
    return {"X-Unify-Partial-Reasons": ascii_json(context.shortages)} if context and context.shortages else {}


def _plan_header(plan: Any, query: UnifiedQuery) -> dict[str, str]:
    # The native query holds the caller's values, which must not stand in headers that proxies log.
    names = ("parameter", "how", "match", "reason", "misses")
    entries = [{name: value for name in names if (value := getattr(entry, name))} for entry in plan]
    entries += [{"parameter": name, "how": "ignored", "reason": "the parameter has no value"} for name in query.unset]
    return {"X-Unify-Query-Plan": ascii_json(entries)} if entries else {}
