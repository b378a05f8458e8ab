from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.server.conftest import HOME, SLUGS, account_id
from truto_unify import Client
from truto_unify.sandbox.store import PlannedFailure
from truto_unify.server.forwarding import safe_content_type

if TYPE_CHECKING:
    from tests.server.conftest import Service

pytestmark = pytest.mark.anyio
JSON = (("content-type", "application/json"),)
OUTSIDE = "the path must name something below the provider's API root, without . and .. steps"


@pytest.mark.parametrize("slug", SLUGS)
async def test_a_native_list_gives_each_record_once(service: Service, slug: str) -> None:
    records: list[Any] = []
    path = "/proxy/customers?limit=50"
    while True:
        page = (await service.call(path, slug)).json()
        assert list(page) == [
            "result",
            "next_cursor",
            "prev_cursor",
            "result_count",
            "is_partial_response",
            "may_have_changed",
            "partial_reasons",
        ]
        records += page["result"]
        if page["next_cursor"] is None:
            break
        path = f"/proxy/customers?limit=50&next_cursor={page['next_cursor']}"
    service.loopback.renew()  # one store's quota would not do for both
    raw = (await service.call("/unified/ecommerce/customers?truto_response_format=raw&limit=1000", slug)).json()
    assert sorted(map(str, records)) == sorted(map(str, raw["result"]))


@pytest.mark.parametrize("slug", SLUGS)
async def test_one_native_record_is_the_body_of_the_provider(service: Service, slug: str) -> None:
    record = (await service.call("/unified/ecommerce/customers?limit=1", slug)).json()["result"][0]
    with Client() as client:
        expected = client.proxy_get("customers", service.loopback.account(slug), record["id"])
    answer = await service.call(f"/proxy/customers/{record['id']}", slug)
    assert (answer.status_code, without_meter(answer.json())) == (200, without_meter(json.loads(expected.body)))


def without_meter(body: Any) -> Any:
    """GraphQL bodies say how much of the quota is left, which differs from call to call."""
    return {name: value for name, value in body.items() if name != "extensions"}


async def test_parameters_go_to_the_provider_as_they_are(service: Service) -> None:
    await service.call("/proxy/customers?role=all&search=a+b%26c&include[]=1&include[]=2&limit=3", "woocommerce")
    (seen,) = service.loopback.store("woocommerce").requests
    assert [pair for pair in seen.query if pair[0] not in {"page", "per_page"}] == [
        ("role", "all"),
        ("search", "a b&c"),
        ("include[]", "1"),
        ("include[]", "2"),
    ]
    assert ("per_page", "3") in seen.query


async def test_parameters_of_a_call_by_post_go_into_its_body(service: Service) -> None:
    await service.call("/proxy/customers?query[filter][info.name.first]=Ana&limit=3", "wix")
    (seen,) = service.loopback.store("wix").requests
    assert json.loads(seen.body)["query"]["filter"] == {"info.name.first": "Ana"}


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("/proxy/custmers", 404, 'woocommerce has no native resource "custmers" (did you mean "customers"?)'),
        ("/proxy/shop", 405, 'woocommerce shop has no "list"; it has currency, weight_unit'),
        ("/proxy/customers?limit=0", 400, 'limit must be a whole number from 1, not "0"'),
        ("/proxy/customers?limit=1&limit=2", 400, 'the query parameter "limit" is given twice; give it once'),
        (
            "/proxy/customers?per_page=3",
            400,
            'the query may not set "per_page", which pages the list; use limit and next_cursor',
        ),
        ("/proxy/customers?consumer_key=x", 400, 'the query may not set "consumer_key", which belongs to the account'),
        ("/proxy/customers?next_cursor=x", 400, "this cursor is damaged; pass next_cursor exactly as it was given"),
        ("/proxy/customers/x", 404, '"x" is not a valid id of woocommerce customers.get; an id looks like 17'),
        ("/custom/%2e%2e/b", 400, OUTSIDE),
        ("/custom/a/%2e%2e/b", 400, OUTSIDE),
        ("/custom/a\\b", 400, OUTSIDE),
        (
            "/custom/customers?consumer_secret=x",
            400,
            'the query may not set "consumer_secret", which belongs to the account',
        ),
    ],
)  # fmt: skip
async def test_an_impossible_call_is_refused_and_not_sent(
    service: Service, path: str, status: int, message: str
) -> None:
    answer = await service.call(path, "woocommerce")
    assert (answer.status_code, answer.json()["message"]) == (status, message)
    assert service.loopback.store("woocommerce").requests == []


async def test_a_cursor_belongs_to_its_query(service: Service) -> None:
    page = (await service.call("/proxy/customers?limit=3", "woocommerce")).json()
    answer = await service.call(f"/proxy/customers?limit=3&role=all&next_cursor={page['next_cursor']}", "woocommerce")
    assert (answer.status_code, answer.json()["message"].partition(";")[0]) == (
        400,
        "this cursor belongs to another account, resource, query or sort",
    )


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
async def test_writes_that_the_provider_file_does_not_declare(service: Service, method: str) -> None:
    path = "/proxy/customers" if method == "POST" else "/proxy/customers/17"
    answer = await service.call(path, "woocommerce", method=method, json={})
    assert (answer.status_code, answer.json()["error"]) == (405, "Method Not Allowed")


async def test_a_provider_error_is_marked_and_noted(service: Service) -> None:
    service.loopback.store("woocommerce").failures.append(
        PlannedFailure(401, JSON, b'{"code":"x","message":"go away"}')
    )
    answer = await service.call("/proxy/customers", "woocommerce")
    assert (answer.status_code, answer.json()["raw_response"]) == (401, {"code": "x", "message": "go away"})
    assert service.store.notes == [(account_id("woocommerce"), "AuthenticationError")]


async def test_custom_json_stands_in_an_envelope(service: Service) -> None:
    answer = await service.call("/custom/customers?per_page=1&orderby=id", "woocommerce")
    assert list(answer.json()) == ["result", "next_cursor", "prev_cursor"]
    assert len(answer.json()["result"]) == 1


async def test_custom_gives_anything_else_as_it_is(service: Service) -> None:
    image = (("content-type", "image/png"), ("set-cookie", "a=b"))
    service.loopback.store("woocommerce").failures.append(PlannedFailure(200, image, b"\x89PNG"))
    answer = await service.call("/custom/logo.png", "woocommerce")
    assert (answer.content, answer.headers["content-type"], "set-cookie" in answer.headers) == (
        b"\x89PNG",
        "image/png",
        False,
    )


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_custom_sends_any_verb_with_its_body(service: Service, method: str) -> None:
    service.loopback.store("woocommerce").failures.append(PlannedFailure(201, JSON, b'{"id":5}'))
    headers = {"Content-Type": "text/plain;charset=UTF-8"}
    answer = await service.call("/custom/a%20b/c", "woocommerce", method=method, content=b'{"a": 1}', headers=headers)
    (seen,) = service.loopback.store("woocommerce").requests
    assert (answer.status_code, answer.json()["result"]) == (201, {"id": 5})
    assert (seen.method, seen.path.rpartition("/v3")[2], seen.body) == (method, "/a b/c", b'{"a": 1}')
    assert dict(seen.headers)["content-type"] == "application/json"
    assert "integrated_account_id" not in dict(seen.query)


async def test_custom_sends_what_is_no_json_as_it_is_called(service: Service) -> None:
    service.loopback.store("woocommerce").failures.append(PlannedFailure(200, JSON, b"{}"))
    await service.call("/custom/x", method="POST", content=b"a,b\n1,2", headers={"Content-Type": "text/csv"})
    (seen,) = service.loopback.store("woocommerce").requests
    assert (dict(seen.headers)["content-type"], seen.body) == ("text/csv", b"a,b\n1,2")


async def test_custom_refuses_steering(service: Service) -> None:
    answer = await service.call("/custom/x", method="POST", json={"methodConfig": {}})
    refusal = "methodConfig is not supported: a custom call is sent unchanged; leave the key out"
    assert (answer.status_code, answer.json()["message"]) == (400, refusal)


async def test_a_sandbox_account_may_only_be_read(service: Service) -> None:
    account = service.loopback.account("woocommerce")
    service.store.add_account(HOME, account_id("woocommerce"), account, is_sandbox=True)
    answer = await service.call("/custom/customers", method="DELETE")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    assert (await service.call("/custom/customers")).status_code == 200


async def test_a_page_of_the_provider_runs_as_none_of_the_service(service: Service) -> None:
    page = PlannedFailure(200, (("content-type", "text/html"),), b"<script>1</script>")
    service.loopback.store("woocommerce").failures.append(page)

    answer = await service.call("/custom/customers")

    assert (answer.text, answer.headers["content-type"]) == ("<script>1</script>", "text/html")
    assert (answer.headers["x-content-type-options"], answer.headers["content-security-policy"]) == (
        "nosniff",
        "sandbox",
    )


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "html",
        "text/html; charset=☃",
        "text/html; a=é",
        "text/html\x01x",
        "text/html\x7f",
        "text/html; a\x0bb",
        "a/b\r\n",
    ],
)
def test_a_content_type_that_no_header_can_hold_is_that_of_any_bytes(content_type: str) -> None:
    assert safe_content_type(content_type) == "application/octet-stream"


@pytest.mark.parametrize(
    ("content_type", "shown"),
    [
        ("text/csv; charset=utf-8", "text/csv; charset=utf-8"),
        ("text/html; " + "a" * 500, "application/octet-stream"),
        ("html", "application/octet-stream"),
    ],
)
async def test_custom_passes_a_fitting_content_type_on(service: Service, content_type: str, shown: str) -> None:
    failure = PlannedFailure(200, (("content-type", content_type),), b"abc")
    service.loopback.store("woocommerce").failures.append(failure)
    answer = await service.call("/custom/customers", "woocommerce")
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, b"abc", shown)
