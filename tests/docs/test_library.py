"""What docs/library.md prints works: its examples and each native call of its table."""

from __future__ import annotations

import ast
import asyncio
import inspect
import json
import re
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx
import pytest

import truto_unify
from tests.docs.page import Fence, read_blocks, read_page, read_rows
from tests.library_page import CLASSES, read_entries, sections
from tests.page_sections import read_sections
from tests.shipped import REGISTRY
from truto_unify import Account, AsyncClient, Client, Registry

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi import FastAPI

PAGE = read_page("docs/library.md")
PYTHON = [block.text for block in read_blocks(PAGE) if isinstance(block, Fence) and block.info == "python"]
CALLS = [call for call, _ in read_rows(PAGE, "| call | for |")]
SHOP = Account(
    provider="woocommerce",
    credentials={"consumer_key": "ck_0123", "consumer_secret": "cs_0123"},
    context={"store_url": "https://shop.example"},
)
ANA = {"id": 17, "email": "ana@example.test", "first_name": "Ana", "last_name": ""}


def answer_as_a_store(request: httpx.Request) -> httpx.Response:
    body = ANA if request.url.path.endswith("/17") else [ANA]
    return httpx.Response(200, json=body, headers={"X-WP-Total": "1", "X-WP-TotalPages": "1"})


def code_with(words: str) -> str:
    """The only example with these words."""
    (text,) = [text for text in PYTHON if words in text]
    return text


TRANSPORT = httpx.MockTransport(answer_as_a_store)


@pytest.fixture(autouse=True)
def store(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every client of the page asks the same store."""
    monkeypatch.setattr(truto_unify, "Client", partial(Client, transport=TRANSPORT))
    monkeypatch.setattr(truto_unify, "AsyncClient", partial(AsyncClient, transport=TRANSPORT))


def test_records_are_models_or_dictionaries(capsys: pytest.CaptureFixture[str]) -> None:
    exec(code_with("email={"), {"account": SHOP})

    assert capsys.readouterr().out == "ana@example.test\nana@example.test\n"


def test_a_list_is_read_to_its_end(capsys: pytest.CaptureFixture[str]) -> None:
    exec(code_with("client.pages("), {"account": SHOP})
    exec(code_with("iterate_json"), {"account": SHOP})

    *lines, last = capsys.readouterr().out.splitlines()
    assert lines == ["1 False", "1"]
    assert json.loads(ast.literal_eval(last))["name"] == "Ana"


def test_the_tables_are_those_of_the_classes() -> None:
    assert read_sections(PAGE) == sections(), "run: make signatures"


@pytest.mark.parametrize("kind", CLASSES.values(), ids=CLASSES)
def test_a_table_has_every_argument_of_its_class(kind: Any) -> None:
    names = [name for name, _ in read_entries(inspect.getdoc(kind) or "")]

    assert names == [*inspect.signature(kind).parameters]


def test_every_call_of_a_client_is_in_a_table() -> None:
    cells = [cell for cell, _ in read_rows(PAGE, "| call | result |")]
    named = {name for cell in cells for name in re.findall(r"(?:^|`)(?:client\.)?(\w+)", cell)}

    assert {*vars(Client), "explain"} - {"close", "lanes"} - {name for name in vars(Client) if name[0] == "_"} == named


def test_every_method_of_the_table_maps_a_record() -> None:
    mapper = REGISTRY.mapper("ecommerce/customers", "woocommerce")
    results: list[Any] = [
        mapper.map(ANA)["name"],
        mapper.map_record(ANA).fields["name"],
        json.loads(mapper.map_page(json.dumps([ANA]).encode()))[0]["name"],
        json.loads(next(iter(mapper.iter_page(json.dumps([ANA]).encode()))))["name"],
    ]

    assert results == ["Ana"] * 4
    assert [name for name, *_ in read_rows(PAGE, "| method of a mapper | takes | gives |")] == [
        "map",
        "map_record",
        "map_page",
        "iter_page",
    ]


def test_a_query_is_passed_on_and_a_name_is_checked(capsys: pytest.CaptureFixture[str]) -> None:
    exec(f"from __future__ import annotations\n{code_with('def names')}", {"account": SHOP})

    assert capsys.readouterr().out == "['Ana']\n1\n"


def test_a_web_framework_shows_pages_and_masked_accounts() -> None:
    names: dict[str, Any] = {"account": SHOP}
    exec(code_with("FastAPI"), names)
    app: FastAPI = names["app"]

    async def ask() -> list[Any]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app.test") as client:
            return [(await client.get(path)).json() for path in ("/account", "/customers")]

    account, page = asyncio.run(ask())
    assert account["credentials"] == {"consumer_key": "[redacted]", "consumer_secret": "[redacted]"}
    assert [customer["name"] for customer in page["result"]] == ["Ana"]


@pytest.mark.parametrize("call", CALLS)
def test_each_native_call_runs(call: str, tmp_path: Path) -> None:
    update = "resources: {customers: {update: {method: PUT, path: '/customers/{id}', record_path: '@'}}}"
    (tmp_path / "providers").mkdir()
    (tmp_path / "providers" / "woocommerce.yaml").write_text(update, encoding="utf-8")

    with Client(Registry(tmp_path), transport=TRANSPORT) as client:
        answer: Any = eval(call.replace("{...}", "{}"), {"client": client, "account": SHOP})

    records = answer.result if call.startswith("client.proxy_list") else json.loads(answer.body)
    assert records in (ANA, [ANA])


def test_every_native_call_has_a_row() -> None:
    assert [call.partition("(")[0] for call in CALLS] == [
        "client.proxy_list",
        "client.proxy_get",
        "client.proxy_call",
        "client.custom",
    ]


def test_many_calls_at_once_are_bounded() -> None:
    names: dict[str, Any] = {}

    exec(code_with("CircuitBreaker"), names)

    assert names["limits"].max_in_flight_per_account == 4
