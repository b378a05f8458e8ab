"""The rules of the reference's sections 2, 3, 4, 6 and 7 that concern customers, against a REST and a GraphQL store.

What each filter finds in every store is tested in ``tests/query``; nothing in the service depends on the store.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from httpx import HTTPTransport

from tests.server.conftest import TOKEN, account_id
from tests.server.reference_rows import FILTER_ROWS, Row, StoreList
from truto_unify import Client
from truto_unify.sandbox.store import PlannedFailure

if TYPE_CHECKING:
    from tests.loopback import Loopback
    from tests.server.conftest import Service
    from truto_unify import Account, Registry

STORES = ("woocommerce", "shopify")
pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("slug", STORES)]
LIST = "/unified/ecommerce/customers"
FIELDS = [
    "id", "name", "first_name", "last_name", "company_name", "emails", "phones", "addresses", "currency", "status",
    "orders", "created_at", "updated_at", "remote_data",
]  # fmt: skip
ENVELOPE = [
    "result", "next_cursor", "prev_cursor", "result_count",
    "is_partial_response", "may_have_changed", "partial_reasons",
]  # fmt: skip


@pytest.fixture(scope="module")
def whole_lists(served_stores: Loopback, registry: Registry) -> dict[str, StoreList]:
    """All customers of every store, as the library gives them."""
    with Client(registry, transport=HTTPTransport()) as client:
        return {slug: read_whole(client, served_stores.account(slug)) for slug in STORES}


def read_whole(client: Client, account: Account) -> StoreList:
    records = client.iterate("ecommerce/customers", account)
    return StoreList([record.model_dump(mode="json") for record in records])


@pytest.fixture
def known(whole_lists: dict[str, StoreList], slug: str) -> StoreList:
    return whole_lists[slug]


def ids(records: list[dict[str, Any]]) -> list[str]:
    return sorted(record["id"] for record in records)


async def read_all(service: Service, slug: str, query: str) -> list[dict[str, Any]]:
    """Every page of a list, as the SDKs read it: the same parameters, and the cursor of the page before."""
    records: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        path = f"{LIST}?{query}" if cursor is None else f"{LIST}?{without_cursor(query)}&next_cursor={cursor}"
        answer = await service.call(path, slug)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        records += page["result"]
        cursor = page["next_cursor"]
        if cursor is None:
            return records
        assert page["result"]  # 9.5: no empty page in the middle


def without_cursor(query: str) -> str:
    return "&".join(part for part in query.split("&") if not part.startswith("next_cursor"))


@pytest.mark.parametrize("row", FILTER_ROWS, ids=str)
async def test_which_customers_a_list_gives(service: Service, slug: str, known: StoreList, row: Row) -> None:
    expected = ids([record for record in known.records if row.keeps(known, record)])
    assert ids(await read_all(service, slug, row.query(known))) == expected


@pytest.mark.parametrize("direction", ["asc", "desc"])
async def test_3_sort_by(service: Service, slug: str, known: StoreList, direction: str) -> None:
    times = [record["created_at"] for record in await read_all(service, slug, f"sort_by[created_at]={direction}")]
    assert times == sorted((record["created_at"] for record in known.records), reverse=direction == "desc")


async def test_3_unsupported_filters_are_served_all_the_same(service: Service, slug: str, known: StoreList) -> None:
    answer = await service.call(f"{LIST}?email={known.mail}&last_name=", slug)
    plan = json.loads(answer.headers["x-unify-query-plan"])
    assert [(entry["parameter"], entry["how"] in {"native", "emulated"}) for entry in plan[:1]] == [("email", True)]
    assert plan[1:] == [{"parameter": "last_name", "how": "ignored", "reason": "the parameter has no value"}]
    assert ids(answer.json()["result"]) == [known.people[0]["id"]]


async def test_4_1_limit_and_next_cursor_give_each_customer_once(service: Service, slug: str, known: StoreList) -> None:
    records = await read_all(service, slug, "limit=50")
    assert ids(records) == ids(known.records)
    first = await service.call(f"{LIST}?limit=2", slug)
    assert first.json()["result_count"] == len(first.json()["result"]) == 2


async def test_4_1_ignore_limit_drops_it(service: Service, slug: str) -> None:
    ignored = (await service.call(f"{LIST}?limit=2&truto_ignore_limit=true", slug)).json()
    assert ignored == (await service.call(LIST, slug)).json()
    assert ignored["result_count"] > 2


@pytest.mark.parametrize("flag", ["true", "1", "True"])
async def test_4_1_ignore_remote_data(service: Service, slug: str, known: StoreList, flag: str) -> None:
    record = (await service.call(f"{LIST}?limit=1&truto_ignore_remote_data={flag}", slug)).json()["result"][0]
    assert list(record) == FIELDS[:-1]
    got = await service.call(f"{LIST}/{record['id']}?truto_ignore_remote_data={flag}", slug)
    assert list(got.json()) == FIELDS[:-1]


@pytest.mark.parametrize("spelling", ["=phones,emails", "[]=phones&truto_exclude_fields[]=emails", "[0]=phones,emails"])
async def test_4_1_exclude_fields(service: Service, slug: str, spelling: str) -> None:
    rest = [name for name in FIELDS if name not in {"phones", "emails"}]
    record = (await service.call(f"{LIST}?limit=1&truto_exclude_fields{spelling}", slug)).json()["result"][0]
    got = await service.call(f"{LIST}/{record['id']}?truto_exclude_fields{spelling}", slug)
    assert (list(record), list(got.json())) == (rest, rest)


async def test_4_1_key_by_makes_result_an_object(service: Service, slug: str) -> None:
    plain = (await service.call(f"{LIST}?limit=3", slug)).json()
    keyed = (await service.call(f"{LIST}?limit=3&truto_key_by=id", slug)).json()
    assert keyed == {**plain, "result": {record["id"]: record for record in plain["result"]}}


async def test_4_1_super_query_is_refused(service: Service, slug: str) -> None:
    answer = await service.call(f"{LIST}?truto_super_query=apac", slug)
    assert (answer.status_code, answer.json()["message"]) == (
        400,
        "truto_super_query is not supported: every call reads from the provider; leave it out",
    )


async def test_4_3_every_field_is_there_and_remote_data_is_verbatim(
    service: Service, slug: str, known: StoreList
) -> None:
    records = await read_all(service, slug, "")
    assert sorted(records, key=lambda record: record["id"]) == sorted(known.records, key=lambda record: record["id"])
    assert all(list(record) == FIELDS and isinstance(record["id"], str) for record in records)


async def test_4_4_partial_response(service: Service, slug: str, loopback: Loopback) -> None:
    page = (await service.call(f"{LIST}?limit=3", slug)).json()
    with Client() as client:
        expected = client.list("ecommerce/customers", loopback.account(slug), limit=3).is_partial_response
    assert page["is_partial_response"] is expected
    assert expected or slug != "zohoinventory"


async def test_4_5_response_formats(service: Service, slug: str) -> None:
    unified, raw, normalized = [
        (await service.call(f"{LIST}?limit=3&truto_response_format={form}", slug)).json()
        for form in ("unified", "raw", "normalized")
    ]
    assert unified == (await service.call(f"{LIST}?limit=3", slug)).json()
    assert raw == {**unified, "result": [record["remote_data"] for record in unified["result"]]}
    without = [{name: record[name] for name in FIELDS[:-1]} for record in unified["result"]]
    assert normalized == {**unified, "result": without}


async def test_4_5_response_formats_of_get(service: Service, slug: str, known: StoreList) -> None:
    record_id = known.people[0]["id"]
    unified, raw, normalized, stream = [
        (await service.call(f"{LIST}/{record_id}?truto_response_format={form}", slug)).json()
        for form in ("unified", "raw", "normalized", "stream")
    ]
    assert unified == stream == (await service.call(f"{LIST}/{record_id}", slug)).json()
    assert (raw, normalized) == (unified["remote_data"], {name: unified[name] for name in FIELDS[:-1]})


async def test_4_5_stream_gives_a_record_a_line_to_the_end(service: Service, slug: str, known: StoreList) -> None:
    answer = await service.call(f"{LIST}?truto_response_format=stream", slug)
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert ids([json.loads(line) for line in answer.text.splitlines()]) == ids(known.records)


async def test_4_6_envelope_and_get_without_one(service: Service, slug: str, known: StoreList) -> None:
    page = (await service.call(f"{LIST}?limit=1", slug)).json()
    assert list(page) == ENVELOPE
    assert (page["prev_cursor"], page["result_count"], isinstance(page["next_cursor"], str)) == (None, 1, True)
    whole = (await service.call(f"{LIST}?limit=1000", slug)).json()
    assert (whole["next_cursor"], whole["result_count"]) == (None, len(known.records))
    got = (await service.call(f"{LIST}/{page['result'][0]['id']}", slug)).json()
    assert (list(got), got["id"]) == (FIELDS, page["result"][0]["id"])


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
async def test_4_there_is_no_other_method(service: Service, slug: str, method: str) -> None:
    path = LIST if method == "POST" else f"{LIST}/17"
    answer = await service.call(path, slug, method=method, json={"first_name": "Ana"})
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    assert answer.json() == {
        "statusCode": 405,
        "error": "Method Not Allowed",
        "message": f"{method} is not allowed here; allowed: GET",
    }


async def test_2_a_call_without_an_account(service: Service, slug: str) -> None:
    answer = await service.call(LIST, None)
    message = "the query parameter integrated_account_id is required"
    assert (answer.status_code, answer.json()) == (
        400,
        {
            "statusCode": 400,
            "error": "Bad Request",
            "message": message,
            "truto_error_insight": {
                "missing_required_query_parameters": {"description": message, "value": ["integrated_account_id"]}
            },
        },
    )


async def test_2_an_account_token_makes_the_id_unnecessary(service: Service, slug: str) -> None:
    service.store.add_token("account-token", "environment-1", account_id(slug))
    headers = {"Authorization": "Bearer account-token"}
    with_token = await service.call(f"{LIST}?limit=2", None, headers=headers)
    assert with_token.json() == (await service.call(f"{LIST}?limit=2", slug)).json()
    elsewhere = await service.call("/integration", None, headers=headers)
    assert elsewhere.status_code == 403


async def test_9_4_leading_double_slashes(service: Service, slug: str) -> None:
    address = f"http://service.test//unified/ecommerce/customers?integrated_account_id={account_id(slug)}&limit=1"
    answer = await service.http.get(address)
    assert answer.json() == (await service.call(f"{LIST}?limit=1", slug)).json()


async def test_9_2_ids_with_and_without_escapes(service: Service, slug: str, known: StoreList) -> None:
    record_id = known.people[0]["id"]
    escaped = record_id.replace(":", "%3A").replace("/", "%2F")
    plain, coded = [await service.call(f"{LIST}/{spelling}", slug) for spelling in (record_id, escaped)]
    assert plain.json() == coded.json()
    assert plain.json()["id"] == record_id


REMOTE = {
    401: ("Unauthorized", ["remote_error"]),
    403: ("Forbidden", ["forbidden_error", "remote_error"]),
    404: ("Not Found", ["remote_error"]),
    409: ("Conflict", ["remote_error"]),
    422: ("Unprocessable Entity", ["remote_error"]),
    429: ("Too Many Requests", ["rate_limit_error", "remote_error"]),
    500: ("Internal Server Error", ["remote_error"]),
    503: ("Service Unavailable", ["remote_error"]),
}


@pytest.mark.parametrize("status", list(REMOTE))
async def test_6_what_the_provider_refuses(service: Service, slug: str, status: int) -> None:
    phrase, insights = REMOTE[status]
    body = {"message": "no, not today", "errors": [{"message": "no, not today"}]}
    headers = (("content-type", "application/json"), ("retry-after", "7.2"), ("set-cookie", "session=1"))
    service.loopback.store(slug).failures.append(PlannedFailure(status, headers, json.dumps(body).encode()))
    answer = await service.call(LIST, slug)
    error = answer.json()
    assert (answer.status_code, error["statusCode"], error["error"]) == (status, status, phrase)
    assert list(error) == [
        "statusCode",
        "error",
        "message",
        "truto_is_remote_error",
        "raw_response",
        "truto_error_insight",
    ]
    assert (error["truto_is_remote_error"], error["raw_response"]) == (True, body)
    assert sorted(error["truto_error_insight"]) == insights
    assert "set-cookie" not in answer.headers
    assert answer.headers.get("retry-after") == ("8" if status in {429, 500, 503} else None)


async def test_6_1_a_body_that_is_no_json_is_text(service: Service, slug: str) -> None:
    page = b"<html>Bad gateway</html>"
    service.loopback.store(slug).failures.append(PlannedFailure(502, (("content-type", "text/html"),), page))
    answer = await service.call(LIST, slug)
    assert (answer.status_code, answer.json()["raw_response"]) == (502, page.decode())


async def test_6_1_our_own_errors_have_three_fields(service: Service, slug: str) -> None:
    answer = await service.call(f"{LIST}?created_at[gte]=yesterday", slug)
    assert answer.json() == {
        "statusCode": 400,
        "error": "Bad Request",
        "message": 'created_at[gte] must be an ISO 8601 time such as 2024-01-01T00:00:00Z, not "yesterday"',
    }


async def test_6_3_a_refusal_of_the_credentials_is_noted(service: Service, slug: str) -> None:
    bad = {name: f"wrong-{name}" for name in service.loopback.account(slug).credentials}
    account = service.loopback.account(slug, credentials=bad)
    service.store.add_account("environment-1", account_id(slug), account)
    answer = await service.call(LIST, slug)
    assert (answer.status_code, answer.json()["truto_is_remote_error"]) == (401, True)
    assert service.store.notes == [(account_id(slug), "AuthenticationError")]
    assert "wrong-" not in answer.text


async def test_6_3_a_good_answer_is_noted_for_an_account_in_trouble(service: Service, slug: str) -> None:
    account = service.loopback.account(slug)
    service.store.add_account("environment-1", account_id(slug), account, status="needs_reauth")
    await service.call(f"{LIST}?limit=1", slug)
    assert service.store.notes == [(account_id(slug), "success")]


TELLS_QUOTA = {"bigcommerce": "150;w=30", "shopify": "2000", "zohoinventory": "7500"}
QUOTA_COUNTS = ("ratelimit-remaining", "ratelimit-reset")


async def test_7_rate_limit_headers(service: Service, slug: str) -> None:
    answers = [await service.call(f"{LIST}?limit=1", slug) for _ in range(2)]
    assert [answer.headers.get("ratelimit-limit") for answer in answers] == [TELLS_QUOTA.get(slug)] * 2
    counted = [answer.headers[name] for answer in answers for name in QUOTA_COUNTS if name in answer.headers]
    assert len(counted) == (4 if slug in TELLS_QUOTA else 0)
    assert all(number.isdecimal() for number in counted)


async def test_the_token_is_never_shown(service: Service, slug: str) -> None:
    answer = await service.call("/unified/ecommerce/nothing", slug)
    assert TOKEN not in answer.text
