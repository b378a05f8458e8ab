"""Every way in which a caller reads a list, through the public interface only."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, cast
from unittest import mock

import httpx

from tests.lists.walk import Walk
from tests.server.memory_store import MemoryStore
from truto_unify import Account, AsyncClient, Client, Registry, Settings
from truto_unify.cli.main import main
from truto_unify.server.app import create_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.lists.scenarios import Scenario
    from tests.lists.site import Site, Store
    from truto_unify.accounts.store import AccountStore

CUSTOMERS: Final = "ecommerce/customers"
TOKEN = "token-of-the-harness"
ACCOUNT_ID = "00000000-0000-4000-8000-000000000000"
_OWN_ERRORS = {"call": 3, "provider": 4, "transport": 5, "mapping": 6}


class Bench:
    """The clients and the service, opened once; ``site`` is what stands behind them.

    Args:
        registry: knows the stores.
        overlay: the folder of their files, for the command line.
    """

    def __init__(self, registry: Registry, overlay: Path) -> None:
        self.registry = registry
        self.overlay = overlay
        self.site: Site | None = None
        self.account = Account(provider="unset")
        self.runner = asyncio.Runner()
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.shortages: list[str] = []
        self.settings = Settings(now=lambda: self.now, timer=self.seconds, on_shortage=self.shortages.append)
        self.client, self.async_client = self.open_clients()
        self.accounts = MemoryStore()
        self.accounts.add_token(TOKEN, "environment")
        app = create_app(cast("AccountStore", self.accounts), registry=registry, client=self.async_client)
        self.service = httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://service.test",
            headers={"Authorization": f"Bearer {TOKEN}"},
        )

    def open_clients(self) -> tuple[Client, AsyncClient]:
        """Both clients, which reach nothing but the site."""
        transport = httpx.MockTransport(self.answer)
        return (
            Client(self.registry, settings=self.settings, transport=transport, sleep=_no_sleep),
            AsyncClient(self.registry, settings=self.settings, transport=transport, sleep=_no_async_sleep),
        )

    def answer(self, request: httpx.Request) -> httpx.Response:
        """The site behind the clients; a second passes for each request, so that no quota is used up."""
        assert self.site is not None
        self.now += timedelta(seconds=1)
        return self.site(request)

    def seconds(self) -> float:
        """The time of the bench, for quotas."""
        return self.now.timestamp()

    @property
    def store(self) -> Store:
        """The store of the walk."""
        assert self.site is not None
        return self.site.store

    def walk(self, door: Door, account: Account, site: Site, scenario: Scenario, limit: int | None) -> Walk:
        """Reads the list of a store through a door."""
        self.site, self.account = site, account
        walk = Walk()
        try:
            door.read(self, walk, scenario, limit)
        except Exception as error:  # noqa: BLE001 - whatever comes is what is judged
            walk.fail(error)
        return walk

    def run_command(self, words: list[str]) -> tuple[int, str, str]:
        """Runs a command in this process; gives its exit code and what it wrote."""
        out, err = io.StringIO(), io.StringIO()
        with (
            mock.patch.object(sys, "argv", words),
            self.command_network(),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            try:
                main()
            except SystemExit as end:
                return int(str(end.code)), out.getvalue(), err.getvalue()
        return 0, out.getvalue(), err.getvalue()

    def command_network(self) -> AbstractContextManager[object]:
        """Leads the requests of commands to the site."""
        transport = httpx.MockTransport(self.answer)
        return mock.patch.object(
            httpx.HTTPTransport, "handle_request", lambda _, request: transport.handle_request(request)
        )

    def close(self) -> None:
        """Closes everything."""
        self.client.close()
        self.runner.run(self.async_client.aclose())
        self.runner.run(self.service.aclose())
        self.runner.close()


def _no_sleep(_: float) -> None:
    return None


async def _no_async_sleep(_: float) -> None:
    return None


def _query(scenario: Scenario, limit: int | None) -> dict[str, Any]:
    query: dict[str, Any] = {"limit": limit}
    if scenario.order.field != "id":
        direction = "desc" if scenario.order.is_descending else "asc"
        query["sort_by"] = {f"{scenario.order.field}_at": direction}
    if scenario.company is not None:
        query["company_name"] = scenario.company
    return query


def _flag(bench: Bench, walk: Walk, *, may_have_changed: bool, is_partial: bool) -> None:
    walk.is_flagged |= may_have_changed or (is_partial and not bench.store.is_always_partial)


def _flag_page(bench: Bench, walk: Walk, page: Any) -> None:
    may_have_changed = bool(getattr(page, "may_have_changed", False))
    _flag(bench, walk, may_have_changed=may_have_changed, is_partial=page.is_partial_response)


def _flag_envelope(bench: Bench, walk: Walk, envelope: dict[str, Any]) -> None:
    may_have_changed = bool(envelope.get("may_have_changed"))
    _flag(bench, walk, may_have_changed=may_have_changed, is_partial=envelope["is_partial_response"])


def _take_page(bench: Bench, walk: Walk, page: Any) -> None:
    _flag_page(bench, walk, page)
    walk.take(page.result, bench.store.unified_number)


def _read_pages(bench: Bench, walk: Walk, query: dict[str, Any]) -> None:
    cursor: str | None = None
    while True:
        page = bench.client.list(CUSTOMERS, bench.account, **query, next_cursor=cursor, response_format="normalized")
        _take_page(bench, walk, page)
        cursor = page.next_cursor
        if cursor is None:
            return


def read_at_once(bench: Bench, walk: Walk, scenario: Scenario, _: int | None) -> None:
    """``list`` with a limit above the size of the list."""
    _read_pages(bench, walk, _query(scenario, 1000))


def read_by_cursor(bench: Bench, walk: Walk, scenario: Scenario, limit: int | None) -> None:
    """``list``, page by page."""
    _read_pages(bench, walk, _query(scenario, limit))


def read_iterator(bench: Bench, walk: Walk, scenario: Scenario, limit: int | None) -> None:
    """``iterate``."""
    query = _query(scenario, limit)
    for record in bench.client.iterate(CUSTOMERS, bench.account, **query, response_format="normalized"):
        walk.take([record], bench.store.unified_number)


def read_page_iterator(bench: Bench, walk: Walk, scenario: Scenario, limit: int | None) -> None:
    """``pages``."""
    query = _query(scenario, limit)
    for page in bench.client.pages(CUSTOMERS, bench.account, **query, response_format="normalized"):
        _take_page(bench, walk, page)


def read_json(bench: Bench, walk: Walk, scenario: Scenario, limit: int | None) -> None:
    """``AsyncClient.list_json``, page by page."""

    async def read() -> None:
        cursor: str | None = None
        while True:
            answer = await bench.async_client.list_json(
                CUSTOMERS, bench.account, **_query(scenario, limit), next_cursor=cursor
            )
            body = json.loads(answer.body)
            _flag_page(bench, walk, answer.page)
            walk.take(body["result"], bench.store.unified_number)
            cursor = body["next_cursor"]
            if cursor is None:
                return

    bench.runner.run(read())


def read_stream(bench: Bench, walk: Walk, scenario: Scenario, limit: int | None) -> None:
    """``AsyncClient.iterate_json``."""

    async def read() -> None:
        async for line in bench.async_client.iterate_json(CUSTOMERS, bench.account, **_query(scenario, limit)):
            walk.take([json.loads(line)], bench.store.unified_number)

    bench.runner.run(read())


def read_side_load(bench: Bench, walk: Walk, _: Scenario, __: int | None) -> None:
    """``get`` with a side load of several pages."""
    person_id = bench.store.person_id
    if person_id is None:
        (person,) = bench.client.list(CUSTOMERS, bench.account, response_format="normalized").result
        person_id = person["id"]
    bench.shortages.clear()
    record = bench.client.get(CUSTOMERS, bench.account, person_id, side_load=["orders"], response_format="normalized")
    walk.is_flagged |= bool(bench.shortages)
    walk.take(record["orders"], bench.store.unified_number)


def read_proxy(bench: Bench, walk: Walk, _: Scenario, limit: int | None) -> None:
    """``proxy_list``, page by page."""
    cursor: str | None = None
    while True:
        page = bench.client.proxy_list(bench.store.native_resource, bench.account, limit=limit, next_cursor=cursor)
        _flag_page(bench, walk, page)
        walk.take(page.result, bench.store.key)
        cursor = page.next_cursor
        if cursor is None:
            return


def read_command_line(bench: Bench, walk: Walk, scenario: Scenario, limit: int | None) -> None:
    """``truto-unify list --all``."""
    words = ["truto-unify", "list", CUSTOMERS, "--all", "--format", "json", "--overlay", str(bench.overlay)]
    words += ["--provider", bench.account.provider]
    if bench.account.base_url is not None:
        words += ["--base-url", bench.account.base_url]
    if bench.account.token_url is not None:
        words += ["--token-url", bench.account.token_url]
    for name, value in bench.account.context.items():
        words += ["--context", f"{name}={value}"]
    for name, value in bench.account.credentials.items():
        words += ["--credential", f"{name}={value}"]
    query = _query(scenario, limit)
    for field, direction in query.get("sort_by", {}).items():
        words += ["--sort", f"{field}:{direction}"]
    if limit is not None:
        words += ["--limit", str(limit)]
    if scenario.company is not None:
        words += ["--query", f"company_name={scenario.company}"]
    code, out, err = bench.run_command(words)
    if code == 0:
        envelope = json.loads(out)
        _flag_envelope(bench, walk, envelope)
        walk.take(envelope["result"], bench.store.unified_number)
    elif code in _OWN_ERRORS.values():
        walk.error = f"exit {code}"
    else:
        walk.crash = f"exit {code}: {err[-200:]}"


def read_service(bench: Bench, walk: Walk, scenario: Scenario, limit: int | None) -> None:
    """``GET /unified/…`` of the service, page by page."""
    bench.accounts.connections.clear()
    bench.accounts.add_account("environment", ACCOUNT_ID, bench.account)
    params: dict[str, str] = {"integrated_account_id": ACCOUNT_ID}
    query = _query(scenario, limit)
    for field, direction in query.get("sort_by", {}).items():
        params[f"sort_by[{field}]"] = direction
    if limit is not None:
        params["limit"] = str(limit)
    if scenario.company is not None:
        params["company_name"] = scenario.company

    async def read() -> None:
        while True:
            answer = await bench.service.get(f"/unified/{CUSTOMERS}", params=params)
            body = answer.json()
            if answer.status_code != httpx.codes.OK:
                walk.error = f"{answer.status_code} {body['error']}" if "statusCode" in body else None
                walk.crash = None if "statusCode" in body else answer.text[:200]
                return
            _flag_envelope(bench, walk, body)
            walk.take(body["result"], bench.store.unified_number)
            if body["next_cursor"] is None:
                return
            params["next_cursor"] = body["next_cursor"]

    bench.runner.run(read())


@dataclass(frozen=True)
class Door:
    """One way in.

    Attributes:
        name: as the table shows it.
        read: walks to the end.
        limits: which of the limits are tried; all where None.
        is_unified: whether orders and filters can be asked for.
        is_ordered: whether records show their times.
        is_continuous: whether one call reads to the end, or gives native pages.
        is_usual: whether it is tried with everything; the others lead to the same code behind them.
    """

    name: str
    read: Callable[[Bench, Walk, Scenario, int | None], None]
    limits: tuple[int | None, ...] | None = None
    is_unified: bool = True
    is_ordered: bool = True
    is_continuous: bool = False
    is_usual: bool = True


DOORS = (
    Door("list at once", read_at_once, (None,)),
    Door("list by cursor", read_by_cursor),
    Door("iterate", read_iterator, is_continuous=True),
    Door("pages", read_page_iterator, (7, 2, None), is_usual=False),
    Door("list_json", read_json, (7, 2, None), is_usual=False),
    Door("stream", read_stream, (7, 2, None), is_continuous=True, is_usual=False),
    Door("side load", read_side_load, (None,), is_unified=False, is_ordered=False),
    Door("proxy", read_proxy, is_unified=False, is_ordered=False, is_continuous=True),
    Door("--all", read_command_line, (7,), is_usual=False),
    Door("service", read_service, (7,), is_usual=False),
)


@contextlib.contextmanager
def open_bench(registry: Registry, overlay: Path) -> Iterator[Bench]:
    """A bench that is closed at the end."""
    bench = Bench(registry, overlay)
    try:
        yield bench
    finally:
        bench.close()
