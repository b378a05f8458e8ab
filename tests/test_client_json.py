"""Pages and records as ready JSON: the same records, and the store's own bytes inside them."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.one_shop import SHOP
from tests.shipped import REGISTRY
from tests.twins import CUSTOMERS, STILL
from truto_unify import AsyncClient, InvalidInput, MappingError, Settings
from truto_unify.engine.budget_store import MemoryBudgetStore
from truto_unify.sandbox.serve import STORES

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.loopback import Loopback
    from truto_unify.reports import MappingReport

ODD = (
    rb'{ "id":7000000000000000017 , "first_name":"Zo\u00eb\/", "last_name" : "\ud83d\ude00", "email":null,'
    rb' "total": 1.10, "e": 1e3, "big":123456789012345678901234567890, "tiny":1E-400, "huge": 1e400, "nul":"\u0000",'
    + ' "z":"é", "a":{}, "id2":[ 1 ,2.0]}'.encode()
)
PLAIN = b'{"id": 2, "first_name": "Ana", "role": "customer"}'


def run(
    work: Callable[[AsyncClient], Awaitable[Any]],
    transport: httpx.AsyncBaseTransport | None = None,
    settings: Settings = STILL,
    **more: Any,
) -> Any:
    async def with_client() -> Any:
        async with AsyncClient(REGISTRY, settings=settings, transport=transport, **more) as client:
            return await work(client)

    return asyncio.run(with_client())


def serve(bodies: dict[str, bytes]) -> httpx.MockTransport:
    """A WooCommerce shop that answers each path with these bytes."""

    def answer(request: httpx.Request) -> httpx.Response:
        body = bodies[request.url.path.removeprefix("/wp-json/wc/v3/")]
        total = "0" if body == b"[]" else "2"
        headers = {"content-type": "application/json", "x-wp-total": total, "x-wp-totalpages": "1"}
        return httpx.Response(200, headers=headers, content=body)

    return httpx.MockTransport(answer)


@pytest.mark.parametrize("slug", STORES)
@pytest.mark.parametrize(
    "query",
    [
        {},
        {"limit": 7},
        {"limit": 130},
        {"limit": 40, "name": {"like": "a"}},
        {"limit": 50, "sort_by": {"updated_at": "asc"}},
        {"limit": 60, "response_format": "raw"},
        {"limit": 60, "response_format": "normalized"},
        {"limit": 60, "exclude_fields": "emails,phones"},
        {"limit": 60, "ignore_remote_data": True},
        {"limit": 5, "side_load": "orders"},
    ],
)
def test_a_page_as_json_is_the_page(slug: str, query: dict[str, Any], loopback: Loopback) -> None:
    account = loopback.account(slug)

    async def wait(seconds: float) -> None:
        loopback.clock.advance(seconds)

    async def read(client: AsyncClient) -> tuple[Any, Any, list[Any]]:
        page = await client.list(CUSTOMERS, account, **query)
        ready = await client.list_json(CUSTOMERS, account, **query)
        lines = [json.loads(line) async for line in client.iterate_json(CUSTOMERS, account, **query)]
        return page, ready, lines

    # Zoho's quota of the minute is kept here, so that time must pass.
    settings = Settings(
        now=lambda: datetime.fromtimestamp(loopback.clock.now, UTC),
        timer=lambda: loopback.clock.now,
        random=lambda: 0.0,
        budgets=MemoryBudgetStore(lambda: loopback.clock.now),
    )
    page, ready, lines = run(read, settings=settings, sleep=wait)
    records = [record if isinstance(record, dict) else record.model_dump(mode="json") for record in page.result]
    if query.get("exclude_fields"):
        records = [{name: record[name] for name in record if name not in {"emails", "phones"}} for record in records]
    if query.get("ignore_remote_data"):
        records = [{name: record[name] for name in record if name != "remote_data"} for record in records]

    assert json.loads(ready.body) == {
        "result": records,
        "next_cursor": page.next_cursor,
        "prev_cursor": None,
        "result_count": len(records),
        "is_partial_response": page.is_partial_response,
        "may_have_changed": page.may_have_changed,
        "partial_reasons": [*page.partial_reasons],
    }
    assert replace(ready.page, rate_limit=None) == replace(page, result=[], rate_limit=None)
    assert lines[: len(records)] == records


@pytest.mark.parametrize("slug", STORES)
def test_a_record_as_json_is_the_record(slug: str, loopback: Loopback) -> None:
    account = loopback.account(slug)

    async def read(client: AsyncClient) -> tuple[Any, bytes]:
        record_id = (await client.list(CUSTOMERS, account, limit=1)).result[0].id
        return await client.get(CUSTOMERS, account, record_id), await client.get_json(CUSTOMERS, account, record_id)

    record, text = run(read)

    assert json.loads(text) == record.model_dump(mode="json")


@pytest.mark.parametrize(
    "query", [{}, {"side_load": "orders"}, {"first_name": "Zoë/"}, {"sort_by": {"updated_at": "asc"}}]
)
def test_the_bytes_of_a_listed_record_leave_as_they_came(query: dict[str, Any]) -> None:
    shop = serve({"customers": b"[" + ODD + b" , " + PLAIN + b"]", "orders": b"[]"})

    page = run(lambda client: client.list_json(CUSTOMERS, SHOP, **query), shop)

    assert b'"remote_data":' + ODD + b"}" in page.body
    assert "Zoë/" in [record["first_name"] for record in json.loads(page.body)["result"]]


@pytest.mark.parametrize("query", [{}, {"side_load": "orders"}])
def test_the_bytes_of_a_record_leave_as_they_came(query: dict[str, Any]) -> None:
    shop = serve({"customers/7000000000000000017": ODD, "orders": b"[]"})

    text = run(lambda client: client.get_json(CUSTOMERS, SHOP, "7000000000000000017", **query), shop)

    assert text.endswith(b'"remote_data":' + ODD + b"}")


def test_the_bytes_leave_as_they_came_in_a_raw_page_and_in_lines() -> None:
    shop = serve({"customers": b"[" + ODD + b"," + PLAIN + b"]"})

    async def read(client: AsyncClient) -> tuple[bytes, list[bytes]]:
        raw = await client.list_json(CUSTOMERS, SHOP, response_format="raw")
        return raw.body, [line async for line in client.iterate_json(CUSTOMERS, SHOP)]

    raw, lines = run(read, shop)

    assert raw.startswith(b'{"result":[' + ODD + b"," + PLAIN + b"],")
    assert [
        line.endswith(b'"remote_data":' + native + b"}\n") for line, native in zip(lines, (ODD, PLAIN), strict=True)
    ] == [
        True,
        True,
    ]


def test_half_of_a_character_leaves_as_the_replacement_character() -> None:
    body = rb'[{"id": 1, "first_name": "\ud83d"}, {"id": 2, "first_name": "Ana"}]'

    page = run(lambda client: client.list_json(CUSTOMERS, SHOP), serve({"customers": body}))

    records = json.loads(page.body)["result"]
    assert [(record["id"], record["first_name"]) for record in records] == [("1", "\ufffd"), ("2", "Ana")]
    assert records[0]["remote_data"] == {"id": 1, "first_name": "\ufffd"}


def test_a_record_that_breaks_the_mapping_is_kept_with_its_bytes() -> None:
    bad = b'{"id": 3, "email": {"x": 1.10}}'
    shop = serve({"customers": b"[" + PLAIN + b"," + bad + b"]"})

    page = run(lambda client: client.list_json(CUSTOMERS, SHOP), shop)

    assert b'"remote_data":' + bad + b"}" in page.body
    assert [(error.index, error.field) for error in page.page.record_errors] == [(1, "emails[0].email")]
    with pytest.raises(MappingError) as caught:
        run(lambda client: client.list_json(CUSTOMERS, SHOP, on_record_error="raise"), shop)
    assert caught.value.remote_data == {"id": 3, "email": {"x": 1.10}}


def test_records_by_a_field() -> None:
    shop = serve({"customers": b"[" + PLAIN + b"]"})

    page = run(lambda client: client.list_json(CUSTOMERS, SHOP, key_by="id"), shop)

    assert list(json.loads(page.body)["result"]) == ["2"]
    with pytest.raises(InvalidInput, match='cannot be keyed by "name"'):
        run(lambda client: client.list_json(CUSTOMERS, SHOP, key_by="name"), serve({"customers": b'[{"id": 1}]'}))


ODD_SHAPE = b'{"id": 4, "billing": "nowhere"}'


@pytest.mark.parametrize(
    ("records", "query", "count"),
    [
        ([PLAIN, PLAIN.replace(b"2", b"5")], {}, 0),
        ([PLAIN, ODD_SHAPE], {}, 1),
        ([PLAIN, ODD_SHAPE], {"name": {"like": "a"}}, 1),
        ([PLAIN, ODD_SHAPE], {"response_format": "raw"}, 1),
    ],
)
def test_records_that_do_not_fit_the_byte_path_are_counted(
    records: list[bytes], query: dict[str, Any], count: int
) -> None:
    shop = serve({"customers": b"[" + b",".join(records) + b"]"})
    reports: list[MappingReport] = []
    settings = replace(STILL, on_mapped=reports.append)

    async def read(client: AsyncClient) -> tuple[int, int]:
        ready = await client.list_json(CUSTOMERS, SHOP, **query)
        assert [line async for line in client.iterate_json(CUSTOMERS, SHOP, **query)] != []
        parsed = await client.list(CUSTOMERS, SHOP, response_format="raw")
        return ready.page.fallback_count, parsed.fallback_count

    assert run(read, shop, settings=settings) == (count, 0)
    assert [report.fallback_count for report in reports] == [count, count, 0]


def test_an_id_too_long_for_a_number_is_a_fault_of_its_record() -> None:
    shop = serve({"customers": b"[" + PLAIN + b',{"id": ' + b"9" * 5000 + b"}]"})

    page = run(lambda client: client.list_json(CUSTOMERS, SHOP), shop)

    assert [error.field for error in page.page.record_errors] == ["id"]
    assert len(json.loads(page.body, parse_int=str)["result"]) == 2


def test_a_record_is_one_line_even_if_the_store_writes_it_on_several() -> None:
    pretty = json.dumps([{"id": 2, "role": "customer"}, {"id": 3}], indent=2).replace("\n", "\r\n").encode()

    async def work(client: AsyncClient) -> list[bytes]:
        return [line async for line in client.iterate_json(CUSTOMERS, SHOP)]

    lines = run(work, serve({"customers": pretty}))
    assert b"".join(lines).splitlines(keepends=True) == lines
    assert [json.loads(line)["remote_data"] for line in lines] == [{"id": 2, "role": "customer"}, {"id": 3}]
