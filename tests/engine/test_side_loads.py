from __future__ import annotations

import asyncio
import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import httpx
import pytest

from tests.engine.driver import Driver, ids, play
from tests.engine.stores import RESOURCE, ROOT, account, person, reply, unified
from truto_unify import AsyncClient, Client, Settings
from truto_unify.engine.send import Budget
from truto_unify.errors import (
    MappingError,
    NotFoundError,
    PermissionDeniedError,
    ProviderError,
    ProviderUnavailableError,
    UnsupportedParameter,
)
from truto_unify.types import Account, RecordError, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from truto_unify.registry import Registry
    from truto_unify.types import Response

SIDES = account("sides")
CARDS = [{"owner": number % 3 + 1, "number": f"c{number}"} for number in range(5)]


def made(number: int, **changes: Any) -> dict[str, Any]:
    return unified(person(number), company_name=None, notes=None, cards=None) | changes


def store(*people: dict[str, Any]) -> Callable[[Request], Response]:
    """Answers every endpoint of the store from these people; a person's notes stand on two pages."""

    def provider(request: Request) -> Response:
        steps = request.url.removeprefix(f"{ROOT}/").split("/")
        query = {name: many[0] for name, many in parse_qs(request.query).items()}
        if steps == ["people"]:
            return reply({"people": list(people)})
        if steps == ["cards"]:
            return reply({"cards": [card for card in CARDS if str(card["owner"]) in query["owners"].split(",")]})
        if steps[-1] == "notes":
            page = {None: ["a", "b"], "2": ["c"]}[query.get("after")]
            notes = [{"text": f"{steps[1]}{letter}"} for letter in page]
            return reply({"notes": notes, "next": {"a": "2"}.get(page[0])})
        matching = [person for person in people if str(person["id"]) == steps[1] and not person.get("is_gone")]
        return reply({"person": matching[0] | {"is_brief": False}} if matching else {}, 200 if matching else 404)

    return provider


def urls(driver: Driver) -> list[str]:
    return [f"{request.url}?{request.query}".removeprefix(f"{ROOT}/").rstrip("?") for request in driver.sent]


def test_get_completes_its_record_by_itself(stores: Registry) -> None:
    driver = Driver(stores, store(person(1)))
    native = person(1, is_brief=False)

    assert driver.get(SIDES, "1") == made(1, notes=["1a", "1b", "1c"], remote_data=native)
    assert urls(driver) == ["people/1", "people/1/notes?size=2", "people/1/notes?size=2&after=2"]


def test_a_list_completes_only_what_it_must_and_what_is_asked_for(stores: Registry) -> None:
    driver = Driver(stores, store(person(1), person(2, is_brief=True), person(3)))
    page = driver.page(SIDES, side_load=("cards",))

    assert page.result == [
        made(1, cards=["c0", "c3"]),
        made(2, cards=["c1", "c4"], remote_data=person(2, is_brief=False)),
        made(3, cards=["c2"]),
    ]
    assert (urls(driver), page.request_count, page.is_partial_response) == (
        ["people", "people/2", "cards?owners=1%2C2", "cards?owners=3"],
        4,
        True,
    )


def test_a_list_that_did_all_that_get_would_do_is_whole(stores: Registry) -> None:
    page = Driver(stores, store(person(1))).page(SIDES, side_load=("notes",))

    assert (page.result, page.is_partial_response) == ([made(1, notes=["1a", "1b", "1c"])], False)


SHOP = Account(provider="shopify", credentials={"access_token": "shpat_0123"}, context={"shop": "acme"})


def shop_of(*counts: tuple[str | None, int]) -> Callable[[Request], Response]:
    """A Shopify shop whose customers count some orders and give some."""
    customers = [
        {"id": f"gid://shopify/Customer/{number}", "legacyResourceId": str(number), "numberOfOrders": count}
        for number, (count, _) in enumerate(counts, 1)
    ]
    end = {"hasNextPage": False, "endCursor": None}

    def provider(request: Request) -> Response:
        variables = json.loads(request.body or b"")["variables"]
        if "id" not in variables:
            return reply({"data": {"customers": {"nodes": customers, "pageInfo": end}}})
        number = int(variables["id"].rpartition("/")[2])
        nodes = [{"id": f"gid://shopify/Order/{at}"} for at in range(counts[number - 1][1])]
        return reply({"data": {"customer": {**customers[number - 1], "orders": {"nodes": nodes, "pageInfo": end}}}})

    return provider


@pytest.mark.parametrize(
    ("counts", "reasons"),
    [
        ([("9", 2)], ('orders: numberOfOrders says 9, and 2 came (record "1")',)),
        (
            [("1", 1), ("3", 0), ("2", 1)],
            ('orders: numberOfOrders says 3, and 0 came (record "2"), and too few for 1 more',),
        ),
        ([("2", 2), ("1", 2), (None, 2)], ()),
    ],
    ids=["cut", "two cut", "whole"],
)
def test_fewer_items_than_the_record_counts_are_partial_and_said(
    stores: Registry, counts: list[tuple[str | None, int]], reasons: tuple[str, ...]
) -> None:
    page = Driver(stores, shop_of(*counts)).page(SHOP, side_load=("orders",))

    assert (page.partial_reasons, page.is_partial_response) == (reasons, bool(reasons))


def test_a_get_says_what_its_side_loads_lack(stores: Registry, caplog: pytest.LogCaptureFixture) -> None:
    reason = 'orders: numberOfOrders says 9, and 2 came (record "1")'
    reported: list[str] = []

    Driver(stores, shop_of(("9", 2)), {"on_shortage": reported.append}).get(SHOP, "1", side_load=("orders",))
    Driver(stores, shop_of(("9", 2))).get(SHOP, "1", side_load=("orders",))

    assert reported == [reason]
    assert caplog.messages == [f"items are missing: {reason}"]


def test_a_record_that_is_gone_meanwhile_stays_as_it_was_listed(stores: Registry) -> None:
    native = person(2, is_brief=True, is_gone=True)

    assert Driver(stores, store(person(1), native)).page(SIDES).result == [made(1), made(2, remote_data=native)]


def test_a_record_without_an_id_is_not_completed(stores: Registry) -> None:
    natives = [person(1), person(2), person(3), person(4), {"id": None, "is_brief": True}]
    driver = Driver(stores, store(*natives))
    page = driver.page(SIDES, side_load=("notes", "cards"))

    assert [record["id"] for record in page.result] == ["1", "2", "3", "4", None]
    assert [url for url in urls(driver) if "None" in url or "//" in url] == []


def test_what_is_wrong_with_a_record_is_said_once_though_it_is_mapped_twice(stores: Registry) -> None:
    natives = [person(1), person(2, name=[], status="odd"), person(3), person(4), person(5)]
    page = Driver(stores, store(*natives)).page(SIDES, side_load=("cards",))

    assert page.record_errors == (RecordError(1, "name", "expected text, got a list"),)
    assert (ids([page]), page.unmapped) == ([1, 2, 3, 4, 5], {"status=odd": 1})


def test_what_was_left_out_before_a_side_load_is_still_counted(stores: Registry) -> None:
    natives = [person(1), person(2, name=[]), person(3), person(4), person(5)]
    page = Driver(stores, store(*natives)).page(SIDES, side_load=("cards",), on_record_error="skip")

    assert page.record_errors == (RecordError(1, "name", "expected text, got a list"),)
    assert ids([page]) == [1, 3, 4, 5]


def test_an_unknown_side_load_is_refused_with_what_is_known(stores: Registry) -> None:
    driver = Driver(stores, play())

    with pytest.raises(UnsupportedParameter) as caught:
        driver.page(SIDES, side_load=("card",))
    assert (caught.value.message, caught.value.supported) == (
        f'sides {RESOURCE} has no side load "card" (did you mean "cards"?)',
        ("whole", "notes", "cards", "posted_cards"),
    )
    with pytest.raises(UnsupportedParameter, match=r'has no side load "cards"; it has none$'):
        driver.get(account("offsets"), "7", side_load=("cards",))
    assert driver.sent == []


def test_side_loads_past_the_budget_are_refused_before_any_is_sent(stores: Registry) -> None:
    driver = Driver(stores, store(*(person(number) for number in range(1, 5))), {"budget": Budget(max_side_requests=3)})

    with pytest.raises(UnsupportedParameter) as caught:
        driver.page(SIDES, side_load=("notes",))
    assert caught.value.message == (
        'sides: side_load "notes" needs 4 requests for this page, and the budget is max_side_requests=3; '
        "ask for fewer records at a time (limit) or raise it"
    )
    assert urls(driver) == ["people"]
    assert ids([driver.page(SIDES, side_load=("cards",))]) == [1, 2, 3, 4]


def test_side_loads_share_one_budget_and_are_refused_together(stores: Registry) -> None:
    driver = Driver(stores, store(*(person(number) for number in range(1, 5))), {"budget": Budget(max_side_requests=5)})

    with pytest.raises(UnsupportedParameter, match=r'^sides: side_load "notes, cards" needs 6 requests for this page'):
        driver.page(SIDES, side_load=("notes", "cards"))
    assert urls(driver) == ["people"]


def test_the_pages_of_side_loads_count_too(stores: Registry) -> None:
    people = [person(number) for number in range(1, 5)]
    driver = Driver(stores, store(*people), {"budget": Budget(max_side_requests=7)})

    with pytest.raises(UnsupportedParameter, match=r'^sides: side_load "notes" needs 8 requests for this page'):
        driver.page(SIDES, side_load=("notes",))
    assert len(driver.sent) == 1 + 7
    enough = Driver(stores, store(*people), {"budget": Budget(max_side_requests=8)})
    assert enough.page(SIDES, side_load=("notes",)).request_count == 1 + 8


def test_nobody_needs_no_side_load(stores: Registry) -> None:
    driver = Driver(stores, store(), {"budget": Budget(max_side_requests=0)})
    page = driver.page(SIDES, side_load=("notes", "cards"))

    assert (page.result, urls(driver), page.is_partial_response) == ([], ["people"], False)


def test_a_batch_gives_each_record_its_own(stores: Registry) -> None:
    people = [person(number) for number in (3, 9, 1)]
    cards = [*CARDS, {"owner": "1", "number": "c7"}]
    outcomes = play(reply({"people": people}), reply({"cards": cards}), reply({"cards": cards}))
    driver = Driver(stores, outcomes)

    assert [record["cards"] for record in driver.page(SIDES, side_load=("cards",)).result] == [
        ["c2"],
        [],
        ["c0", "c3", "c7"],
    ]
    assert urls(driver)[1:] == ["cards?owners=3%2C9", "cards?owners=1"]


WITHOUT_OWNER = "sides people.cards: the answer holds an item without owner, so that it belongs to no record"
OF_OTHERS = 'sides people.cards: the answer holds only items of records that were not asked for, such as owner "2"'


@pytest.mark.parametrize(
    ("cards", "message"),
    [
        ([*CARDS, {"owner": None, "number": "c8"}], WITHOUT_OWNER),
        ([*CARDS, {"number": "c8"}], WITHOUT_OWNER),
        ([*CARDS, None], WITHOUT_OWNER),
        ([*CARDS, "c8"], WITHOUT_OWNER),
        ([{"owner": 2, "number": "c1"}, {"owner": 4, "number": "c8"}], OF_OTHERS),
    ],
)
def test_an_item_of_a_batch_that_belongs_to_no_record_is_not_lost_in_silence(
    stores: Registry, cards: list[Any], message: str
) -> None:
    driver = Driver(stores, play(reply({"people": [person(1), person(3)]}), reply({"cards": cards})))

    with pytest.raises(ProviderError) as caught:
        driver.page(SIDES, side_load=("cards",))

    assert (caught.value.message, caught.value.code) == (message, "incomplete_list")


def test_a_body_lists_the_ids_of_a_batch(stores: Registry) -> None:
    people = [person(number) for number in (3, 9, 1)]
    outcomes = play(reply({"people": people}), reply({"cards": CARDS}), reply({"cards": CARDS}))
    driver = Driver(stores, outcomes)

    driver.page(SIDES, side_load=("posted_cards",))

    assert [request.body for request in driver.sent[1:]] == [b'{"owners":["3","9"]}', b'{"owners":["1"]}']


# ---------------------------------------------------------------------------------- several under way together


@dataclass
class Crowd:
    """Answers as ``store`` does, but a side load only when ``size`` of them are under way."""

    size: int
    answer: Callable[[Request], Response]
    under_way: int = 0
    most: int = 0
    guard: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.threads = threading.Barrier(self.size, timeout=30)

    @contextmanager
    def counted(self) -> Iterator[None]:
        with self.guard:
            self.under_way += 1
            self.most = max(self.most, self.under_way)
        try:
            yield
        finally:
            with self.guard:
                self.under_way -= 1

    def response(self, request: httpx.Request) -> httpx.Response:
        address, _, query = str(request.url).partition("?")
        found: Response = self.answer(Request(request.method, address, query))
        return httpx.Response(found.status, headers=list(found.headers), content=found.body)

    def handle(self, request: httpx.Request) -> httpx.Response:
        with self.counted():
            {"/api/people": lambda: 0}.get(request.url.path, self.threads.wait)()
        return self.response(request)

    async def handle_async(self, request: httpx.Request) -> httpx.Response:
        with self.counted():
            await {"/api/people": lambda: asyncio.sleep(0)}.get(request.url.path, self.tasks.wait)()
        return self.response(request)

    def list(self, stores: Registry, **options: Any) -> Any:
        """By a client with threads."""
        with Client(stores, transport=httpx.MockTransport(self.handle), **options) as client:
            return client.list(RESOURCE, SIDES, side_load=["notes"])

    def list_async(self, stores: Registry, **options: Any) -> Any:
        """By a client with tasks."""

        async def read() -> Any:
            self.tasks = asyncio.Barrier(self.size)
            async with AsyncClient(stores, transport=httpx.MockTransport(self.handle_async), **options) as client:
                return await asyncio.wait_for(client.list(RESOURCE, SIDES, side_load=["notes"]), 30)

        return asyncio.run(read())


by_threads_and_tasks = pytest.mark.parametrize("read", [Crowd.list, Crowd.list_async], ids=["threads", "tasks"])


@by_threads_and_tasks
@pytest.mark.parametrize("at_once", [1, 4])
def test_so_many_side_loads_are_under_way_and_no_more(stores: Registry, at_once: int, read: Any) -> None:
    crowd = Crowd(at_once, store(*(person(number) for number in range(1, 9))))

    page = read(crowd, stores, settings=Settings(budget=Budget(at_once=at_once)))

    expected = [[f"{number}{letter}" for letter in "abc"] for number in range(1, 9)]
    assert [record.notes for record in page.result] == expected
    assert (crowd.most, crowd.under_way, page.request_count) == (at_once, 0, 1 + 2 * 8)


@by_threads_and_tasks
def test_an_error_in_one_of_many_ends_the_call_and_the_rest_is_not_begun(stores: Registry, read: Any) -> None:
    asked: list[str] = []

    def provider(request: Request) -> Response:
        asked.append(request.url.removeprefix(f"{ROOT}/"))
        refused = {f"{ROOT}/people/1/notes": reply({"message": "no"}, 403)}
        return refused.get(request.url) or everybody(request)

    everybody = store(*(person(number) for number in range(1, 201)))
    crowd = Crowd(1, provider)

    with pytest.raises(PermissionDeniedError):
        read(crowd, stores, settings=Settings(budget=Budget(at_once=4)))
    assert crowd.under_way == 0
    assert 2 <= len(asked) < 1 + 2 * 200


@by_threads_and_tasks
def test_one_of_many_that_is_not_found_is_empty_and_the_others_are_not(stores: Registry, read: Any) -> None:
    everybody = store(*(person(number) for number in range(1, 5)))

    def provider(request: Request) -> Response:
        gone = {f"{ROOT}/people/3/notes": reply({}, 404)}
        return gone.get(request.url) or everybody(request)

    page = read(Crowd(1, provider), stores, settings=Settings(budget=Budget(at_once=1)))

    assert [len(record.notes) for record in page.result] == [3, 3, 0, 3]


def test_a_side_load_without_a_body_is_empty(stores: Registry) -> None:
    driver = Driver(stores, play(reply({"person": person(1)}), reply(b"", 204)))

    assert driver.get(SIDES, "1") == made(1, notes=[])


def test_a_side_load_that_is_not_found_is_empty(stores: Registry) -> None:
    driver = Driver(stores, play(reply({"person": person(1)}), reply({}, 404)))

    assert driver.get(SIDES, "1") == made(1, notes=[])


@pytest.mark.parametrize(
    ("outcomes", "kind", "message"),
    [
        ([reply({"comments": []})], MappingError, r"record: no list of records at notes "),
        ([reply({"notes": None})], MappingError, r"record: no list of records at notes "),
        ([reply({}, 501)], ProviderUnavailableError, r"^sides GET /people/1/notes: Not Implemented \(HTTP 501\)$"),
        (
            [reply({"notes": [{"text": "a"}], "next": "2"}), reply({"notes": [{"text": "b"}], "next": "2"})],
            ProviderError,
            r"^sides people.notes: the provider gave the same page again; stopped so as not to loop$",
        ),
    ],
)
def test_a_side_load_that_fails_ends_the_call(
    stores: Registry, outcomes: list[Response], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        Driver(stores, play(reply({"person": person(1)}), *outcomes)).get(SIDES, "1")


@pytest.mark.parametrize("answer", [{"human": {}}, {"person": None}, {"person": "Ana"}, None])
def test_a_whole_record_that_is_not_where_it_must_be_is_a_broken_mapping(stores: Registry, answer: Any) -> None:
    outcomes = play(reply({"people": [person(1, is_brief=True)]}), reply(answer))

    with pytest.raises(MappingError, match="record: no record at person "):
        Driver(stores, outcomes).page(SIDES)


# ------------------------------------------------------------------------- records that are none of the resource


def test_a_list_leaves_out_what_is_none_of_its_resource(stores: Registry) -> None:
    robots = [person(number, kind="robot", name=[]) for number in (2, 4, 5)]
    natives = [person(1), robots[0], person(3), *robots[1:], person(6)]
    pages = Driver(stores, store(*natives)).walk(SIDES, limit=2)

    assert [ids([page]) for page in pages] == [[1, 3], [6]]
    assert [page.record_errors for page in pages] == [(), ()]


def test_get_does_not_find_what_is_none_of_its_resource(stores: Registry) -> None:
    with pytest.raises(NotFoundError, match=rf'^sides has no {RESOURCE} with the id "2"$'):
        Driver(stores, store(person(2, kind="robot"))).get(SIDES, "2")
