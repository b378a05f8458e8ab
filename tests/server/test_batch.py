from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.server.conftest import account_id
from truto_unify import InvalidInput
from truto_unify.sandbox.store import PlannedFailure
from truto_unify.server.batch_placeholders import MAX_DEPTH, MAX_FILLED_CHARS, VALUE_CHARS, fill_placeholders
from truto_unify.server.settings import ServiceSettings

if TYPE_CHECKING:
    from tests.server.conftest import Service

SLUG = "bigcommerce"
CUSTOMERS: Final = "ecommerce/customers"


def nested(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(levels):
        value = {"a": value}
    return value


async def run(service: Service, *resources: dict[str, Any], **more: Any) -> Any:
    body = {"integrated_account_id": account_id(SLUG), "resources": list(resources), **more}
    return await service.http.post("/batch-request", json=body)


@pytest.mark.anyio
async def test_a_list_is_read_to_its_end(service: Service) -> None:
    answer = await run(service, {"resource": CUSTOMERS, "query": {"limit": 50, "truto_ignore_remote_data": True}})
    whole = await service.call("/unified/ecommerce/customers?limit=1000&truto_ignore_remote_data=true", SLUG)
    assert answer.json() == {"result": {CUSTOMERS: whole.json()["result"]}, "errors": {}}


@pytest.mark.anyio
async def test_an_item_is_repeated_for_each_record_of_another(service: Service) -> None:
    item_query = {"limit": 1000, "created_at": {"gte": "{{args.since}}"}, "truto_ignore_remote_data": True}
    answer = await run(
        service,
        {
            "name": "each",
            "resource": CUSTOMERS,
            "method": "get",
            "id": "{{resources.ecommerce.customers.id}}",
            "query": {"truto_ignore_remote_data": True},
            "depends_on": [CUSTOMERS],
        },
        {"resource": CUSTOMERS, "method": "list", "query": item_query},
        args={"since": "2026-03-01T00:00:00Z"},
    )
    body = answer.json()
    assert body["errors"] == {}
    assert body["result"]["each"] == body["result"][CUSTOMERS]
    assert 1 < len(body["result"]["each"]) < 50


@pytest.mark.anyio
async def test_native_results_appear_where_they_are_asked_for(service: Service) -> None:
    shown, hidden = {"resource": "customers", "persist": True}, {"resource": "customers", "name": "hidden"}
    single = {"resource": "customers", "method": "get", "id": 101, "name": "one", "persist": True}
    body = (await run(service, shown, hidden, single)).json()
    assert list(body["result"]) == ["customers", "one"]
    assert (body["result"]["one"][0]["data"][0]["id"], len(body["result"]["customers"]) > 100) == (101, True)


@pytest.mark.anyio
async def test_a_failed_step_does_not_hide_the_results_of_others(service: Service) -> None:
    service.loopback.store(SLUG).failures.append(
        PlannedFailure(422, (("content-type", "application/json"),), b'{"title":"no"}')
    )
    body = (
        await run(
            service,
            {"name": "bad", "resource": CUSTOMERS, "query": {"limit": 3}},
            {"name": "after", "resource": CUSTOMERS, "method": "get", "id": "101", "depends_on": "bad"},
            {"name": "good", "resource": CUSTOMERS, "method": "get", "id": "101"},
            {"name": "none", "resource": CUSTOMERS, "method": "get", "id": "999999"},
        )
    ).json()
    assert {name: [record["id"] for record in records] for name, records in body["result"].items()} == {
        "bad": [],
        "after": [],
        "good": ["101"],
        "none": [],
    }
    statuses = {
        name: [(error["statusCode"], error.get("id")) for error in errors] for name, errors in body["errors"].items()
    }
    assert statuses == {"bad": [(422, None)], "after": [(424, None)], "none": [(404, "999999")]}
    assert body["errors"]["bad"][0]["raw_response"] == {"title": "no"}


@pytest.mark.anyio
@pytest.mark.parametrize("service_settings", [ServiceSettings(batch_calls=3), ServiceSettings(batch_records=100)])
async def test_a_batch_has_a_budget(service: Service) -> None:
    body = (await run(service, {"resource": CUSTOMERS, "query": {"limit": 30}})).json()
    assert (body["result"], [error["statusCode"] for error in body["errors"][CUSTOMERS]]) == ({CUSTOMERS: []}, [400])


LOOP = [{"resource": CUSTOMERS, "depends_on": "b"}, {"resource": CUSTOMERS, "name": "b", "depends_on": CUSTOMERS}]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"[]", "the body must be a JSON object with integrated_account_id and resources"),
        (b"{", "the body must be a JSON object with integrated_account_id and resources"),
        ({"resources": []}, "resources must be a list of 1 to 50 items"),
        ({"resources": [{"resource": "a"}], "args": 1}, "args must be an object"),
        ({"resources": [{"resource": "a"}], "integrated_account_id": 1}, "integrated_account_id must be text"),
        (
            {"resources": [{"resource": "a"}], "mode": 1},
            'the body: "mode" is not supported; the keys are args, integrated_account_id, resources',
        ),
        ({"resources": [1]}, "resources[0] must be an object"),
        ({"resources": [{}]}, "resources[0].resource must name a resource"),
        (
            {"resources": [{"resource": "a", "method": "create"}]},
            'resources[0].method must be one of list, get, not "create"',
        ),
        (
            {"resources": [{"resource": "a", "method": "get"}]},
            "resources[0].id must be an id or a placeholder; get needs one",
        ),
        (
            {"resources": [{"type": "transform", "name": "a"}]},
            'resources[0]: the type "transform" is not supported; leave it out',
        ),
        (
            {"resources": [{"resource": "a"}, {"resource": "a"}]},
            'resources[1]: the name "a" is used twice; give each item its own name',
        ),
        (
            {"resources": [{"resource": "a", "depends_on": "b"}]},
            '"a" depends on "b", which is not another item; the other items: none',
        ),
        ({"resources": LOOP}, "these items depend on each other in a circle: ecommerce/customers, b"),
        (
            {"resources": [{"resource": "a", "id": "{{resources.b.id}}"}]},
            "resources[0]: {{resources.b.id}} must begin with args. or with resources.<an item in depends_on>.",
        ),
        ({"resources": [{"resource": "b", "query": "x"}]}, "resources[0].query must be an object"),
        ({"resources": [{"resource": "a", "persist": "yes"}]}, "resources[0].persist must be true or false"),
        (
            {"resources": [{"resource": "a", "query": nested(900)}]},
            "resources[0].query is nested more than 32 levels deep",
        ),
        (
            {"resources": [{"resource": "a", "depends_on": [str(number) for number in range(51)]}]},
            "resources[0].depends_on names more than 50 items",
        ),
    ],
)  # fmt: skip
async def test_a_wrong_body_is_refused_before_any_call(service: Service, body: Any, message: str) -> None:
    sent = {"content": body} if isinstance(body, bytes) else {"json": body}
    answer = await service.http.post("/batch-request", **sent)
    assert (answer.status_code, answer.json()["message"]) == (400, message)


@pytest.mark.parametrize(
    ("value", "filled"),
    [
        ("{{args.a}}", [1, 2]),
        ("{{ args.b }}-x", "7-x"),
        ({"q": ["{{args.a.1}}"]}, {"q": [2]}),
        ("{{}} {a} {{a b}}", "{{}} {a} {{a b}}"),
        (5, 5),
    ],
)
def test_placeholders(value: Any, filled: Any) -> None:
    assert fill_placeholders(value, {"args": {"a": [1, 2], "b": 7}}) == filled


@pytest.mark.parametrize("value", ["{{args.c}}", "x{{args.a}}", "{{args.a.9}}", "{{nothing}}"])
def test_placeholders_that_stand_for_nothing(value: str) -> None:
    with pytest.raises(InvalidInput, match="placeholder"):
        fill_placeholders(value, {"args": {"a": [1, 2], "b": 7}})


LONG: Final = "y" * 1000
WIDE: Final = list(range(1000))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("{{args.x}}" * 101, '"item" takes the item over 100000 characters'),
        ({"q": {"name": "-{{args.x}}" * 101}}, '"q.name" takes the item over 100000 characters'),
        ({"q": ["{{args.x}}"] * 101}, '"q.98" takes the item over 100000 characters'),
        ({f"{number}{LONG}": 1 for number in range(100)}, '"item" takes the item over 100000 characters'),
        ({"q": ["{{args.list}}"] * 10}, '"q.9.987" takes the item over 100000 characters'),
        ({"q": "{{args.deep}}"}, '"q.a.a.a.a.a" is nested more than 32 levels deep'),
    ],
)
def test_what_placeholders_fill_is_measured_before_it_is_built(value: Any, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        fill_placeholders(value, {"args": {"x": LONG, "list": WIDE, "deep": nested(MAX_DEPTH)}})


def test_placeholders_fill_up_to_their_limits() -> None:
    scope = {"args": {"x": LONG, "deep": nested(MAX_DEPTH - 2)}}
    filled = fill_placeholders("{{args.x}}" * 99 + "z" * (len(LONG) - VALUE_CHARS), scope)
    assert len(filled) + VALUE_CHARS == MAX_FILLED_CHARS
    assert fill_placeholders({"q": "{{args.deep}}"}, scope) == {"q": nested(MAX_DEPTH - 2)}


@pytest.mark.anyio
async def test_an_item_that_fills_too_much_is_an_error_beside_the_results_of_others(service: Service) -> None:
    bomb = {"resource": CUSTOMERS, "query": {"name": "{{args.x}}" * 2000}}
    good = {"name": "good", "resource": CUSTOMERS, "method": "get", "id": "101"}
    body = (await run(service, bomb, good, args={"x": "y" * 100_000})).json()
    message = (
        '"query.name" takes the item over 100000 characters, with its placeholders filled; ask for less in one item'
    )
    assert [(error["statusCode"], error["message"]) for error in body["errors"][CUSTOMERS]] == [(400, message)]
    assert [record["id"] for record in body["result"]["good"]] == ["101"]


@pytest.mark.anyio
async def test_a_list_begins_at_its_cursor(service: Service) -> None:
    path = "limit=100&truto_ignore_remote_data=true"
    first = (await service.call(f"/unified/ecommerce/customers?{path}", SLUG)).json()
    query = {"limit": 100, "truto_ignore_remote_data": True}
    whole = (await run(service, {"resource": CUSTOMERS, "query": query})).json()["result"][CUSTOMERS]
    rest = await run(service, {"resource": CUSTOMERS, "query": {**query, "next_cursor": first["next_cursor"]}})
    assert rest.json()["result"][CUSTOMERS] == whole[100:] != []
    wrong = await run(service, {"resource": CUSTOMERS, "query": {"next_cursor": "x"}})
    assert [error["statusCode"] for error in wrong.json()["errors"][CUSTOMERS]] == [400]


@pytest.mark.anyio
async def test_a_native_list_begins_at_its_cursor(service: Service) -> None:
    first = (await service.call("/proxy/customers?limit=100", SLUG)).json()
    item = {"resource": "customers", "persist": True, "query": {"limit": 100}}
    whole = (await run(service, item)).json()["result"]["customers"]
    rest = await run(service, {**item, "query": {"limit": 100, "next_cursor": first["next_cursor"]}})
    assert rest.json()["result"]["customers"] == whole[len(first["result"]) :] != []
    own = (await run(service, {**item, "query": {"integrated_account_id": "x"}})).json()
    assert [error["message"] for error in own["errors"]["customers"]] == [
        "integrated_account_id cannot stand in the query of an item"
    ]
