from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.requests import Request

from tests.server.conftest import account_id
from truto_unify import InvalidInput, UnsupportedParameter
from truto_unify.server.query import UnifiedQuery, read_get, read_list, read_parameters

if TYPE_CHECKING:
    from tests.server.conftest import Service


def read(query: str) -> UnifiedQuery:
    request = Request({"type": "http", "query_string": query.encode(), "headers": []})
    return read_list(read_parameters(request))


@pytest.mark.parametrize(
    ("query", "arguments"),
    [
        ("", {}),
        ("limit=10&next_cursor=abc", {"limit": 10, "next_cursor": "abc"}),
        ("limit=&next_cursor=&name=&truto_exclude_fields=", {}),
        ("limit=None&next_cursor=None&truto_ignore_limit=None&emails[][email]=None", {}),
        ("created_at[gte]=a&created_at[lt]=None", {"created_at": {"gte": "a"}}),
        ("truto_ignore_limit=TRUE&truto_ignore_remote_data=0", {"ignore_limit": True, "ignore_remote_data": False}),
        ("truto_exclude_fields=a,%20b,,a", {"exclude_fields": ("a", "b")}),
        ("truto_exclude_fields[]=a&truto_exclude_fields[]=b,c", {"exclude_fields": ("a", "b", "c")}),
        ("remote_query[a][b]=&remote_query[c][]=1", {"remote_query": {"a": {"b": ""}, "c": ["1"]}}),
        ("sort_by[created_at]=desc", {"sort_by": {"created_at": "desc"}}),
        ("unify_side_load=orders&unify_unsupported=error", {"side_load": ("orders",), "unsupported": "error"}),
        ("unify_on_record_error=skip", {"on_record_error": "skip"}),
        ("emails%5B%5D%5Bemail%5D=x&emails[][type]=y", {"emails": [{"email": "x", "type": "y"}]}),
        ("email[in]=a,b", {"email": {"in": "a,b"}}),
        ("name=a+b%2Bc", {"name": "a b+c"}),
    ],
)
def test_a_query_string_becomes_arguments(query: str, arguments: dict[str, Any]) -> None:
    assert read(query).arguments == arguments


def test_empty_parameters_count_as_unset() -> None:
    assert read("name=&created_at[gt]=None&limit=").unset == ("name", "created_at")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("limit=ten", 'limit must be a whole number from 1, not "ten"'),
        ("limit=0", 'limit must be a whole number from 1, not "0"'),
        ("limit=-1", 'limit must be a whole number from 1, not "-1"'),
        ("limit=1.5", 'limit must be a whole number from 1, not "1.5"'),
        ("limit=9999999999", 'limit must have at most 9 digits, not "9999999999"'),
        ("limit=٣", 'limit must be a whole number from 1, not "٣"'),
        ("limit=1&limit=2", 'the query parameter "limit" is given twice; give it once'),
        ("limit[]=1", "limit takes one value; write limit=…, once"),
        ("next_cursor[a]=1", "next_cursor takes one value; write next_cursor=…, once"),
        ("truto_ignore_limit=yes", 'truto_ignore_limit must be true or false (or 1 or 0), not "yes"'),
        (
            "truto_response_format=xml",
            'truto_response_format must be one of unified, raw, normalized, stream, not "xml"',
        ),
        (
            "truto_exclude_fields[a]=1",
            "truto_exclude_fields must be names: truto_exclude_fields=a,b or truto_exclude_fields[]=a",
        ),
        ("remote_query=1", "remote_query must name native parameters: remote_query[name]=value"),
        ("sort_by=created_at", "sort_by must name a field: sort_by[created_at]=desc"),
        ("key_by=a", '"key_by" is not a query parameter; use "truto_key_by"'),
        ("no-name=a", 'there is no query parameter "no-name"'),
        ("a[b=1", 'cannot read the query parameter "a[b"; write name[part]=value'),
        ("a[b][c][d][e][f][g]=1", 'the query parameter "a[b][c][d][e][f][g]" is nested more than 6 deep'),
        ("&".join(f"a{number}=1" for number in range(201)), "the query has more than 200 parameters"),
    ],
)  # fmt: skip
def test_a_query_that_cannot_be_read_is_an_error(query: str, message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read(query)
    assert caught.value.message == message


def test_get_takes_no_filter() -> None:
    message = r'^get has no parameter "limit"; its parameters: integrated_account_id, '
    with pytest.raises(UnsupportedParameter, match=message):
        read_get({"limit": "1"})


NAMES = st.sampled_from(
    [
        "limit", "next_cursor", "name", "email", "emails", "phones", "created_at", "sort_by", "remote_query",
        "truto_key_by", "truto_response_format", "truto_ignore_limit", "truto_exclude_fields", "truto_super_query",
        "unify_side_load", "unify_unsupported", "resource", "account", "self", "method", "key_by", "id", "", "%",
        "__class__", "ä", "\0", "a b",
    ]
)  # fmt: skip
STEPS = st.sampled_from(
    ["[]", "[0]", "[9999]", "[gt]", "[in]", "[email]", "[", "]", "[[]]", "[created_at]", "%5B%5D", "[\0]"]
)
VALUES = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        ["", "None", "true", "1", "raw", "stream", "2024-01-01T00:00:00Z", "id", "a,b", "%ff", "\ud800", "9" * 30]
    ),
)
PAIRS = st.lists(st.tuples(NAMES, st.lists(STEPS, max_size=4).map("".join), VALUES), max_size=5)


@pytest.mark.anyio
async def test_no_query_is_answered_with_a_500(service: Service) -> None:
    """Fuzzed in one event loop: hypothesis gives the queries, the loop asks."""
    queries: list[str] = []

    @given(PAIRS)
    @settings(max_examples=60, database=None, suppress_health_check=list(HealthCheck), derandomize=False)
    def collect(pairs: list[tuple[str, str, str]]) -> None:
        queries.append(
            "&".join(f"{name}{steps}={quote(value, errors='surrogatepass')}" for name, steps, value in pairs)
        )

    collect()
    account = account_id("woocommerce")
    for query in queries:
        path = "/unified/ecommerce/customers"
        for target in (path, f"{path}/101"):
            raw = f"{query}&integrated_account_id={account}".encode("utf-8", "surrogatepass")
            assert await ask(service, target, raw) in {200, 400, 404}, query


async def ask(service: Service, path: str, query: bytes) -> int:
    """The status of a call whose query string is sent byte by byte as it is, which no HTTP library would do."""
    status = 0

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        nonlocal status
        status = message.get("status", status)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "root_path": "",
        "headers": [(b"authorization", b"Bearer token-of-the-test"), (b"host", b"service.test")],
        "client": ("127.0.0.1", 1),
        "server": ("service.test", 80),
    }
    await service.app(scope, receive, send)
    return status
