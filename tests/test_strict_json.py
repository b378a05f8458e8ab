"""What servers write and JSON lacks: every door gives valid JSON, and the other records keep their bytes."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import httpx

from tests.one_shop import SHOP
from tests.twins import CUSTOMERS
from truto_unify import AsyncClient, Client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

OTHER = b'{"id":2,"total":1.10,"n":12345678901234567890.5,"k":1,"k":2}'
ODD = rb'{"id":1,"first_name":"Ana \ud83d","price":NaN,"low":-Infinity}'
NATIVE = {"id": 1, "first_name": "Ana \ufffd", "price": None, "low": None}


def serve(request: httpx.Request) -> httpx.Response:
    is_list = request.url.path.endswith("/customers")
    body = b"[" + ODD + b"," + OTHER + b"]" if is_list else ODD
    return httpx.Response(200, headers={"content-type": "application/json", "x-wp-total": "2"}, content=body)


def strict(text: bytes | str) -> Any:
    def refuse(constant: str) -> None:
        raise ValueError(constant)

    return json.loads(text, parse_constant=refuse)


def test_models_can_be_written_as_json() -> None:
    with Client(transport=httpx.MockTransport(serve)) as client:
        customers = [*client.list(CUSTOMERS, SHOP).result, client.get(CUSTOMERS, SHOP, "1")]

    rows = [strict(customer.model_dump_json()) for customer in customers]
    assert [(row["id"], row["first_name"], row["remote_data"].get("price")) for row in rows] == [
        ("1", "Ana \ufffd", None),
        ("2", None, None),
        ("1", "Ana \ufffd", None),
    ]


def test_json_is_strict_and_the_other_records_keep_their_bytes() -> None:
    async def read() -> tuple[bytes, bytes, list[bytes]]:
        async with AsyncClient(transport=httpx.MockTransport(serve)) as client:
            page, record = await client.list_json(CUSTOMERS, SHOP), await client.get_json(CUSTOMERS, SHOP, "1")
            lines: AsyncIterator[bytes] = client.iterate_json(CUSTOMERS, SHOP)
            return page.body, record, [line async for line in lines]

    page, record, lines = asyncio.run(read())

    assert [row["remote_data"] for row in strict(page)["result"]] == [NATIVE, strict(OTHER)]
    assert b'"remote_data":' + OTHER in page
    assert strict(record)["remote_data"] == NATIVE
    assert [strict(line)["remote_data"] for line in lines] == [NATIVE, strict(OTHER)]
