"""Several calls in one request: lists are read to their end, and errors stand beside results.

https://www.truto.one/docs/api-reference/admin/batch-requests/create
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Request, Response

from truto_unify.accounts.records import Identity
from truto_unify.errors import InvalidInput, UnifyError
from truto_unify.server.batch_placeholders import fill_placeholders
from truto_unify.server.batch_plan import BatchPlan, Step, read_batch
from truto_unify.server.connection import ACCOUNT_PARAM, find_connection, observe_errors
from truto_unify.server.errors import Refused, dump, error_body
from truto_unify.server.identity import check_scope, read_api_identity
from truto_unify.server.query import UnifiedQuery, read_get, read_list, read_number, read_text
from truto_unify.server.security_events import note_refusal

if TYPE_CHECKING:
    from truto_unify.accounts.records import Connection
    from truto_unify.server.settings import ServiceSettings

router = APIRouter(include_in_schema=False)
Caller = Annotated[Identity, Depends(read_api_identity)]
MAX_CONCURRENT_CALLS = 4
"""Concurrent calls of one step."""


@router.post("/batch-request")
async def batch_request(request: Request, identity: Caller) -> Response:
    """Runs the items of a batch in their order of dependence."""
    plan = read_batch(await request.body(), request.app.state.registry.resource_names)
    for step in plan.steps:
        check_scope(identity, *(("unified:read",) if step.is_unified else ("proxy", "proxy:read")))
    connections = {
        method: await find_connection(request, identity, plan.account_id, method)
        for method in dict.fromkeys(step.method for step in plan.steps)
    }
    run = _Run(request, plan, connections, request.app.state.settings)
    for step in plan.steps:
        await run.run_step(step)
    return Response(dump(run.body()), media_type="application/json")


@dataclass(slots=True)
class _Run:
    """A running batch."""

    request: Request
    plan: BatchPlan
    connections: Mapping[str, Connection]
    limits: ServiceSettings
    records: dict[str, list[Any]] = field(default_factory=dict)
    errors: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    calls: int = 0
    count: int = 0

    async def run_step(self, step: Step) -> None:
        """Runs one step: once, or once for each record of another step."""
        self.records[step.name], self.errors[step.name] = [], []
        failed = [name for name in step.depends_on if self.errors[name] and not self.records[name]]
        if failed:
            message = f"{failed[0]} failed, and {step.name} depends on it"
            self.errors[step.name].append(error_body(Refused(424, message)))
            return
        scopes: list[dict[str, Any]] = [{"args": self.plan.args}]
        if step.each_of is not None:
            scopes = [_scope(self.plan.args, step.each_of, record) for record in self.records[step.each_of]]
        slots = asyncio.Semaphore(MAX_CONCURRENT_CALLS)

        async def call(scope: dict[str, Any]) -> list[Any]:
            async with slots:
                return await self._call(step, scope)

        for records in await asyncio.gather(*(call(scope) for scope in scopes)):
            self.records[step.name] += records

    async def _call(self, step: Step, scope: Mapping[str, Any]) -> list[Any]:
        context: dict[str, Any] = {}
        try:
            self._check_calls(self.calls + 1)
            item = fill_placeholders({"id": step.id, "query": dict(step.query)}, scope)
            record_id, query = item["id"], item["query"]
            if record_id is not None:
                context["id"] = record_id
            connection = self.connections[step.method]
            async with observe_errors(self.request, connection):
                if step.method == "get":
                    return [await self._get(step, connection, record_id, query)]
                return await self._list(step, connection, query)
        except UnifyError as error:
            note_refusal(error)
            self.errors[step.name].append({**error_body(error), **context})
            return []

    async def _get(self, step: Step, connection: Connection, record_id: Any, query: dict[str, Any]) -> Any:
        if not isinstance(record_id, str | int) or isinstance(record_id, bool):
            raise InvalidInput("the id must be text or a number")
        self._spend()
        client = self.request.app.state.client
        if step.is_unified:
            arguments = _arguments(read_get(query))
            body = await client.get_json(step.resource, connection.account, str(record_id), **arguments)
        else:
            body = (await client.proxy_get(step.resource, connection.account, str(record_id), query)).body
        self._count(1)
        return orjson.loads(body)

    async def _list(self, step: Step, connection: Connection, query: dict[str, Any]) -> list[Any]:
        """The records of every page, from that of ``next_cursor`` on; ``limit`` is the page size."""
        client, account = self.request.app.state.client, connection.account
        result: list[Any] = []
        arguments = _arguments(read_list(query)) if step.is_unified else _native_arguments(query)
        cursor: str | None = arguments.pop("next_cursor", None)
        while True:
            self._spend()
            if step.is_unified:
                page = await client.list_json(step.resource, account, **{**arguments, "next_cursor": cursor})
                envelope = orjson.loads(page.body)
                records, cursor = envelope["result"], envelope["next_cursor"]
            else:
                page = await client.proxy_list(step.resource, account, **arguments, next_cursor=cursor)
                records, cursor = page.result, page.next_cursor
            self._count(len(records))
            result += records
            if cursor is None:
                return result

    def _spend(self) -> None:
        self.calls += 1
        self._check_calls(self.calls)

    def _check_calls(self, calls: int) -> None:
        if calls > self.limits.batch_calls:
            raise Refused(
                400, f"a batch may make at most {self.limits.batch_calls} calls; request fewer items or larger pages"
            )

    def _count(self, number: int) -> None:
        self.count += number
        if self.count > self.limits.batch_records:
            raise Refused(400, f"a batch may return at most {self.limits.batch_records} records; filter the lists")

    def body(self) -> dict[str, Any]:
        """The body of the response."""
        shown = [step.name for step in self.plan.steps if step.is_shown]
        return {
            "result": {name: self.records[name] for name in shown},
            "errors": {step.name: self.errors[step.name] for step in self.plan.steps if self.errors[step.name]},
        }


def _arguments(query: UnifiedQuery) -> dict[str, Any]:
    """The keyword arguments of a call.

    Raises:
        InvalidInput: the query holds a parameter that an item of a batch cannot have.
    """
    if query.account_id is not None or query.key_by is not None:
        raise InvalidInput("integrated_account_id and truto_key_by cannot stand in the query of an item")
    return {**query.arguments, "response_format": query.response_format}


def _native_arguments(query: Mapping[str, Any]) -> dict[str, Any]:
    """The keyword arguments of a native list: those parameters that belong to the service, and the provider's.

    Raises:
        InvalidInput: the query names an account, or a limit or a cursor is malformed.
    """
    if ACCOUNT_PARAM in query:
        raise InvalidInput(f"{ACCOUNT_PARAM} cannot stand in the query of an item")
    return {
        "query": {name: value for name, value in query.items() if name not in {"limit", "next_cursor"}},
        "limit": read_number("limit", query.get("limit")),
        "next_cursor": read_text("next_cursor", query.get("next_cursor")),
    }


def _scope(args: Mapping[str, Any], name: str, record: Any) -> dict[str, Any]:
    """The values that placeholders may name: ``args``, and the record under ``resources.<name with dots>``."""
    inner: Any = record
    for step in reversed(name.replace("/", ".").split(".")):
        inner = {step: inner}
    return {"args": args, "resources": inner}
