"""The unified calls: list and get, answered with ready bytes.

Ids may hold slashes, so an id that reads like a meta route is reached with its slashes percent-encoded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from truto_unify.accounts.records import Identity
from truto_unify.server.connection import find_connection, watched
from truto_unify.server.errors import ascii_json
from truto_unify.server.identity import require
from truto_unify.server.query import Asked, read_get, read_list, read_parameters
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
    asked = read_list(read_parameters(request))
    connection = await find_connection(request, identity, asked.account_id)
    name = f"{model}/{resource}"
    if asked.response_format == "stream":
        return await _answer_stream(request, name, connection, asked)
    return await _answer_page(request, name, connection, asked)


@records.get("/unified/{model}/{resource}/{record_id:path}")
async def get_record(request: Request, model: str, resource: str, record_id: str, identity: Caller) -> Response:
    """One unified record."""
    if not record_id:
        return await list_records(request, model, resource, identity)
    asked = read_get(read_parameters(request))
    connection = await find_connection(request, identity, asked.account_id, "get")
    async with watched(request, connection):
        body = await request.app.state.client.get_json(
            f"{model}/{resource}",
            connection.account,
            record_id,
            response_format=asked.response_format,
            **asked.arguments,
        )
    return Response(body, media_type="application/json")


async def _answer_page(request: Request, resource: str, connection: Connection, asked: Asked) -> Response:
    async with watched(request, connection):
        page: JsonPage = await request.app.state.client.list_json(
            resource,
            connection.account,
            key_by=asked.key_by,
            response_format=asked.response_format,
            **asked.arguments,
        )
    return Response(page.body, headers=_page_headers(page, asked), media_type="application/json")


async def _answer_stream(request: Request, resource: str, connection: Connection, asked: Asked) -> Response:
    lines = _stream_lines(request, resource, connection, asked)
    first = await anext(lines, None)  # what goes wrong before the first record still has a status of its own
    plan = request.app.state.client.explain(resource, connection.account, **asked.arguments).query_plan
    return RecordStream(first, lines, _plan_header(plan, asked))


async def _stream_lines(
    request: Request, resource: str, connection: Connection, asked: Asked
) -> AsyncGenerator[bytes, None]:
    """The lines of a stream; ``limit`` ends it."""
    arguments = dict(asked.arguments)
    left = None if arguments.get("ignore_limit") else arguments.get("limit")
    async with watched(request, connection):
        async for line in request.app.state.client.iterate_json(resource, connection.account, **arguments):
            yield line
            if left is not None:
                left -= 1
                if not left:
                    return


def _page_headers(page: JsonPage, asked: Asked) -> dict[str, str]:
    """How the query was served, and how many records broke the mapping."""
    headers = _plan_header(page.page.query_plan, asked)
    if page.page.record_errors:
        headers["X-Unify-Record-Errors"] = str(len(page.page.record_errors))
    return headers


def _plan_header(plan: Any, asked: Asked) -> dict[str, str]:
    # What is sent natively holds the caller's values, which do not belong into headers that proxies log.
    names = ("parameter", "how", "match", "reason")
    entries = [{name: told for name in names if (told := getattr(entry, name)) is not None} for entry in plan]
    entries += [{"parameter": name, "how": "ignored", "reason": "it was given no value"} for name in asked.unset]
    return {"X-Unify-Query-Plan": ascii_json(entries)} if entries else {}
