from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.server.conftest import account_id
from truto_unify import InvalidInput
from truto_unify.sandbox.store import PlannedFailure
from truto_unify.server.batch_placeholders import fill_placeholders
from truto_unify.server.settings import ServiceSettings

if TYPE_CHECKING:
    from tests.server.conftest import Service

SLUG = "bigcommerce"
CUSTOMERS: Final = "ecommerce/customers"


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
