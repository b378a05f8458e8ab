"""A pretend store of a shipped provider behind the harness: requests and answers are altered on the wire."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from dataclasses import replace
from datetime import timedelta
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx

from tests.lists.exchange import ABSENT, Ask, Reply
from tests.lists.kinds import PAGE_SIZE
from tests.lists.stock import BEGIN, BY_ID
from truto_unify.sandbox.people import Person, PurchaseOrder, invent_people
from truto_unify.sandbox.serve import STORES
from truto_unify.sandbox.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.applications import Starlette

    from tests.lists.dialects import Dialect
    from tests.lists.stock import Person as StockPerson
    from tests.lists.stock import Stock

BUYER = 99
"""The person whose orders a side load reads."""
_ORDER_NUMBERS = 9_000_00
_MODEL = invent_people(1)[0]
_PERSON = re.compile(r"person(\d+)@example\.test")
_ORDER = re.compile(r"9000(\d\d)")
_FRACTION = re.compile(r"\.000\d{3}(?=[Z+\"-])")
"""What makes the order of ties; it is cut off before anybody sees it."""
_SIGNALS = ("total", "pages", "more", "following")


class SandboxStore:
    """One list of one pretend store.

    Args:
        dialect: where the list speaks.
        stock: the people; or the orders of one of them.
        holds_orders: whether it is their orders.
    """

    native_resource = "customers"
    person_id = None

    def __init__(self, dialect: Dialect, stock: Stock, *, holds_orders: bool = False) -> None:
        self.dialect = dialect
        self.stock = stock
        self.holds_orders = holds_orders
        self.is_always_partial = dialect.is_always_partial
        self.seconds = 0.0
        self.store = Store.of([], lambda: self.seconds)
        self.app: Starlette = STORES[dialect.provider](self.store)
        self.request = httpx.Request("GET", "https://store.example.test")
        self.answer = httpx.Response(200)
        self.honest = Reply()

    def key(self, record: Mapping[str, Any]) -> int:
        """The number of a native record: of its person, or of its order."""
        match = (_ORDER if self.holds_orders else _PERSON).search(json.dumps(record))
        assert match is not None
        return int(match[1])

    def unified_number(self, record: Mapping[str, Any]) -> int:
        """The number of a unified record: of its person, or of its order, which tells it by its amount."""
        if self.holds_orders:
            return round(float(record["total_amount"]))
        match = _PERSON.search(json.dumps(record["emails"]))
        assert match is not None
        return int(match[1])

    def company(self, number: int) -> str:
        """What the filter of the harness compares."""
        return self.stock.people[number].company

    def person_answer(self, request: httpx.Request) -> httpx.Response | None:
        """The answer to whatever is no request for a page of the list."""
        path = urlsplit(str(request.url)).path
        is_list = path.endswith(self.dialect.path)
        if is_list and self.dialect.operation:
            is_list = json.loads(request.content)["operationName"] == self.dialect.operation
        return None if is_list else self._ask(request, 0)

    def read(self, request: httpx.Request) -> Ask:
        """The page that a request asks for."""
        self.request = request
        dialect = self.dialect
        asked = {name: _read(request, getattr(dialect, name)) for name in ("page", "offset", "cursor", "size")}
        statements = tuple(_text(_read(request, place)) for place in dialect.sorting)
        cursor = asked["cursor"]
        return Ask(
            page=_whole(asked["page"]),
            offset=_whole(asked["offset"]),
            cursor=None if cursor in {None, dialect.first_cursor} else str(cursor),
            size=_whole(asked["size"]),
            order=dialect.orders.get(statements, dialect.default),
        )

    def serve(self, ask: Ask, request: int) -> Reply:
        """The honest answer; a page holds ``page_size`` records at most."""
        self.seconds += 1.0
        self.answer = self._ask(self._altered(ask), request)
        assert self.answer.is_success, self.answer.text
        body = self.answer.json() if self.answer.content else []
        self.honest = Reply(
            records=_dig(body, self.dialect.records) or [],
            **{name: _read(self.answer, getattr(self.dialect, name)) for name in _SIGNALS},
        )
        if self.dialect.kind.style == "link":
            link = self.answer.links.get("next")
            self.honest.following = dict(parse_qsl(urlsplit(link["url"]).query))["page_info"] if link else None
        for name in ("total", "pages"):
            if isinstance(getattr(self.honest, name), str):
                setattr(self.honest, name, int(getattr(self.honest, name)))
        return replace(self.honest)

    def _altered(self, ask: Ask) -> httpx.Request:
        """The request as it would be for another page."""
        dialect, wire = self.dialect, _Wire(self.request)
        wire.put(dialect.page, ask.page)
        wire.put(dialect.offset, ask.offset)
        wire.put(dialect.cursor, ask.cursor if ask.cursor is not None else dialect.first_cursor)
        wire.put(dialect.size, min(ask.size or PAGE_SIZE, 2 * PAGE_SIZE))
        is_sorted = self.read(self.request).order != BY_ID
        if is_sorted and ask.order == BY_ID:
            for place in dialect.sorting:
                wire.put(place, None)
        return wire.request()

    def _ask(self, request: httpx.Request, number: int) -> httpx.Response:
        """Asks the pretend store itself."""
        self.fill(number)
        status, headers, content = _call(self.app, request)
        text = _FRACTION.sub("", content.decode())
        return httpx.Response(status, headers=headers, content=text.encode())

    def fill(self, number: int = 0) -> None:
        """Puts the people of this moment into the pretend store; the number of the request shuffles ties."""
        luck = Random(number)
        people = sorted(self.stock.people.values(), key=lambda person: person.number)
        shuffle: Callable[[], int] = (lambda: luck.randrange(1000)) if self.stock.ties else (lambda: 0)
        if self.holds_orders:
            orders = tuple(_order(person, shuffle()) for person in people)
            buyer = _person(BUYER, 0, 1, "Red", 0)
            self.store.people[:] = [replace(buyer, orders=orders)]
        else:
            self.store.people[:] = [
                _person(person.number, person.created, person.updated, person.company, shuffle()) for person in people
            ]

    def write(self, _: Ask, reply: Reply) -> httpx.Response:
        """The pretend store's own answer, altered where the reply differs from the honest one."""
        dialect, wire = self.dialect, _Wire(self.answer)
        if reply.records != self.honest.records:
            wire.body = _planted(wire.body, dialect.records, reply.records)
        for name in _SIGNALS:
            if getattr(reply, name) != getattr(self.honest, name):
                wire.put(getattr(dialect, name), getattr(reply, name), keeps_null=True)
        if dialect.kind.style == "link" and reply.following != self.honest.following:
            wire.headers.pop("link", None)
            if reply.following not in {None, ABSENT, ""}:
                address = str(self.request.url).partition("?")[0]
                query = urlencode({"limit": PAGE_SIZE, "page_info": reply.following})
                wire.headers["link"] = f'<{address}?{query}>; rel="next"'
        return wire.response()


def _person(number: int, created: int, updated: int, company: str, fraction: int) -> Person:
    moment = BEGIN + timedelta(minutes=created, microseconds=fraction)
    return replace(
        _MODEL,
        number=number,
        first_name="Person",
        last_name=f"Number {number}",
        email=f"person{number}@example.test",
        second_email="",
        company=company,
        created_at=moment,
        updated_at=max(BEGIN + timedelta(minutes=updated, microseconds=fraction), moment),
        addresses=(),
        orders=(),
    )


def _order(person: StockPerson, fraction: int) -> PurchaseOrder:
    moment = BEGIN + timedelta(minutes=person.created, microseconds=fraction)
    return PurchaseOrder(_ORDER_NUMBERS + person.number, "paid", 100 * person.number, moment)


def _call(app: Starlette, request: httpx.Request) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Calls an ASGI application on a loop of its own: the caller may stand inside another one, or in none."""

    async def ask() -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        answer = await httpx.ASGITransport(app).handle_async_request(request)
        return answer.status_code, answer.headers.raw, await answer.aread()

    return asyncio.run_coroutine_threadsafe(ask(), _loop()).result()


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    return loop


class _Wire:
    """A request or an answer, taken apart to be altered."""

    def __init__(self, message: httpx.Request | httpx.Response) -> None:
        self.message = message
        self.headers = {name: value for name, value in message.headers.items() if name != "content-length"}
        self.body: Any = json.loads(message.content) if message.content else None
        self.query: dict[str, str] = {}
        if isinstance(message, httpx.Request):
            self.query = dict(parse_qsl(str(message.url).partition("?")[2], keep_blank_values=True))

    def put(self, place: str, value: Any, *, keeps_null: bool = False) -> None:
        """Writes a value at its path, or deletes the value there."""
        where, _, name = place.partition(":")
        is_gone = value is ABSENT or (value is None and not keeps_null)
        if where == "query":
            self.query.pop(name, None)
            if not is_gone:
                self.query[name] = str(value)
        elif where == "header":
            self.headers.pop(name.lower(), None)
            if not is_gone and value is not None:
                self.headers[name.lower()] = str(value)
        elif where == "body":
            self.body = _planted(self.body, name, ABSENT if is_gone else value)

    def request(self) -> httpx.Request:
        """The request again."""
        assert isinstance(self.message, httpx.Request)
        address = str(self.message.url).partition("?")[0]
        query = urlencode(self.query, safe=":") if self.query else ""
        content = json.dumps(self.body).encode() if self.body is not None else b""
        url = f"{address}?{query}" if query else address
        return httpx.Request(self.message.method, url, headers=self.headers, content=content)

    def response(self) -> httpx.Response:
        """The answer again."""
        assert isinstance(self.message, httpx.Response)
        status = self.message.status_code
        if self.body is None:
            return httpx.Response(status, headers=self.headers)
        if status == httpx.codes.NO_CONTENT:
            status = 200
        return httpx.Response(status, headers=self.headers, content=json.dumps(self.body).encode())


def _read(message: httpx.Request | httpx.Response, place: str) -> Any:
    where, _, name = place.partition(":")
    if where == "query":
        assert isinstance(message, httpx.Request)
        return dict(parse_qsl(str(message.url).partition("?")[2])).get(name)
    if where == "header":
        return message.headers.get(name, ABSENT)
    if where == "body":
        return _dig(json.loads(message.content), name)
    return None


def _dig(body: Any, path: str) -> Any:
    for step in path.split(".") if path else ():
        if not isinstance(body, dict):
            return None
        body = body.get(step)
    return body


def _planted(body: Any, path: str, value: Any) -> Any:
    """The body with a value at its place; what lies around it is copied."""
    if not path:
        return value
    step, _, rest = path.partition(".")
    whole = dict(body) if isinstance(body, dict) else {}
    if rest:
        whole[step] = _planted(whole.get(step), rest, value)
    elif value is ABSENT:
        whole.pop(step, None)
    else:
        whole[step] = value
    return whole


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
