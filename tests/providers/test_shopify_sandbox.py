"""Shopify's Admin GraphQL API as the sandbox serves it, over a real socket: synthetic, and as strict as documented."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib import resources
from typing import TYPE_CHECKING, Any

import pytest
from graphql import FragmentDefinitionNode, build_schema, get_operation_ast, parse, validate

from tests.golden_file import page_content, record_content
from tests.loopback import PEOPLE, Loopback
from tests.shipped import REGISTRY
from tests.shopify_schema import ABSENT, load_real_schema
from tests.twins import STILL, TWINS, SyncTwin, Twin
from truto_unify import (
    AuthenticationError,
    NotFoundError,
    PermissionDeniedError,
    ProviderError,
    ProviderUnavailableError,
    RateLimitedError,
    Registry,
    RejectedInputError,
    RetryPolicy,
)
from truto_unify.sandbox.shopify import cost
from truto_unify.sandbox.shopify.cost import CostRules
from truto_unify.sandbox.shopify.search import SearchTerm, parse_search
from truto_unify.sandbox.store import PlannedFailure

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphql import GraphQLSchema

    from truto_unify import Page
    from truto_unify.sandbox.people import Person

both = pytest.mark.parametrize("twin", TWINS)


@pytest.fixture
def people(loopback: Loopback) -> list[Person]:
    return loopback.store("shopify").people


def asked(loopback: Loopback) -> list[dict[str, Any]]:
    """The variables of each request that reached the store."""
    return [json.loads(request.body)["variables"] for request in loopback.store("shopify").requests]


def read_terms(query: str) -> list[tuple[str, str]]:
    """The terms of a search text, as the store's own parser reads it; all of them must hold."""
    tree: Any = parse_search(query)
    parts = getattr(tree, "parts", (tree,))
    assert getattr(tree, "joiner", "and") == "and"
    assert {type(part) for part in parts} == {SearchTerm}
    return [(part.field, part.value) for part in parts]


# ------------------------------------------------------------------------------- hostile names

HOSTILE = [
    pytest.param('Ana "The Rock" Ruiz', ["Ana", '"The', 'Rock"', "Ruiz"], id="double quotes"),
    pytest.param("O'Neil 'x", ["O'Neil", "'x"], id="single quotes"),
    pytest.param("back\\slash \\", ["back\\slash"], id="backslashes"),
    pytest.param('end\\"', ['end\\"'], id="an escaped quote"),
    pytest.param("a:b first_name:Zoe", ["a:b", "first_name:Zoe"], id="colons"),
    pytest.param("Ana OR Ben AND NOT Cy", ["Ana", "OR", "Ben", "AND", "NOT", "Cy"], id="operators"),
    pytest.param("-Ana (Ben)", ["-Ana", "(Ben)"], id="minus and parentheses"),
    pytest.param("Ana* b*c", ["Ana*", "b*c"], id="stars"),
    pytest.param("id:>1 *:* tag:x", ["id:>1", "tag:x"], id="other fields"),
    pytest.param("Ana\tRuiz", None, id="a tab"),
    pytest.param("Ana\nRuiz", None, id="a line break"),
    pytest.param("Ana\x00Ruiz", None, id="NUL"),
    pytest.param("* OR *", ["OR"], id="an operator between stars"),
    pytest.param("--- !", None, id="no letter"),
    pytest.param("ﬁ Ｚｏë 李", ["ﬁ", "Ｚｏë", "李"], id="other letters"),
]


@both
@pytest.mark.parametrize(("name", "words"), HOSTILE)
def test_a_hostile_name_reaches_the_store_as_plain_words_or_not_at_all(
    name: str, words: list[str] | None, twin: type[Twin], loopback: Loopback, people: list[Person]
) -> None:
    people[40] = replace(people[40], first_name=name, last_name="")

    page = twin(on_wait=loopback.clock.advance).list(loopback.account("shopify"), name=name, limit=1)

    sent = {variables.get("query") for variables in asked(loopback)}
    assert [read_terms(query) for query in sent if query] == [[("default", word) for word in words or ()]] * bool(words)
    assert [entry.how for entry in page.query_plan] == ["native" if words else "emulated"]
    assert [record.id for record in page.result] == ["7000000000041"]


@pytest.mark.parametrize(("name", "words"), HOSTILE)
@pytest.mark.parametrize(("parameter", "field"), [("first_name", "first_name"), ("last_name", "last_name")])
def test_a_hostile_part_of_a_name_reaches_the_store_as_one_phrase_or_not_at_all(
    parameter: str, field: str, name: str, words: list[str] | None, loopback: Loopback, people: list[Person]
) -> None:
    names = {"first_name": "x", "last_name": "y", parameter: name}
    people[40] = replace(people[40], first_name=names["first_name"], last_name=names["last_name"])

    page = SyncTwin(on_wait=loopback.clock.advance).list(loopback.account("shopify"), limit=1, **{parameter: name})

    sent = {variables.get("query") for variables in asked(loopback)}
    assert [read_terms(query) for query in sent if query] == [[(field, name)]] * bool(words)
    assert [record.id for record in page.result] == ["7000000000041"]


@both
def test_a_name_of_100_kilobytes_is_quoted_word_by_word(
    twin: type[Twin], loopback: Loopback, people: list[Person]
) -> None:
    name = "ab " * 33_000 + '"'
    people[40] = replace(people[40], first_name=name, last_name="")
    client = twin(on_wait=loopback.clock.advance)

    page = client.list(loopback.account("shopify"), first_name=name, limit=1)

    assert read_terms(asked(loopback)[0]["query"]) == [("first_name", name)]
    assert [record.id for record in page.result] == ["7000000000041"]


@both
@pytest.mark.parametrize(
    "email", ['a"b@example.com', "a\\@example.com", "a OR email:*", "*", "x@example.com)", "-x@example.com", "'"]
)
def test_a_hostile_email_matches_no_other_customer(email: str, twin: type[Twin], loopback: Loopback) -> None:
    client = twin(on_wait=loopback.clock.advance)

    page = client.list(loopback.account("shopify"), email=email, limit=5)

    assert (page.result, page.next_cursor) == ([], None)
    sent = {variables.get("query") for variables in asked(loopback)}
    assert [read_terms(query) for query in sent if query] == [[("email", email)]] * any(map(str.isalnum, email))


@both
@pytest.mark.parametrize("number", ['+1555"', "+1555 OR phone:*", "*", "+15550100 x7", "15550100"])
def test_a_phone_that_is_no_e164_number_is_looked_for_on_the_records(
    number: str, twin: type[Twin], loopback: Loopback
) -> None:
    client = twin(on_wait=loopback.clock.advance)

    page = client.list(loopback.account("shopify"), phones=[{"number": number, "type": "primary"}], limit=5)

    assert [entry.how for entry in page.query_plan] == ["emulated"]
    assert {variables.get("query") for variables in asked(loopback)} == {None}


def test_times_are_quoted(loopback: Loopback) -> None:
    page = SyncTwin(on_wait=loopback.clock.advance).list(
        loopback.account("shopify"), limit=2, created_at={"gte": "2024-01-01T00:00:00+02:00"}, updated_at="2026-01-01"
    )

    assert asked(loopback)[0]["query"] == (
        "customer_date:>='2023-12-31T22:00:00Z' updated_at:>='2026-01-01T00:00:00Z' updated_at:<='2026-01-01T00:00:00Z'"
    )
    assert [(entry.how, entry.match) for entry in page.query_plan] == [("native", "may_miss"), ("native", "may_miss")]


# ------------------------------------------------------------------------------- native and emulated are the same

FILTERS: list[dict[str, Any]] = [
    {"created_at": {"gt": "2024-06-01T00:00:00Z", "lte": "2025-06-01T00:00:00Z"}},
    {"updated_at": {"gte": "2025-06-01T00:00:00Z"}},
    {"created_at": PEOPLE[20].created_at},
    {"name": f"{PEOPLE[4].first_name} {PEOPLE[4].last_name}"},
    {"first_name": PEOPLE[7].first_name.upper()},
    {"last_name": PEOPLE[9].last_name},
    {"email": PEOPLE[12].email},
    {"emails": [{"email": PEOPLE[12].email, "is_primary": True}]},
    {"phones": [{"number": PEOPLE[14].phone, "type": "primary"}]},
    {"phones": [{"number": PEOPLE[14].phone, "type": "primary"}], "created_at": {"lt": "2030-01-01"}},
]


@pytest.fixture(scope="module")
def without_filters(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """A mapping without native filters and sorts."""
    folder = tmp_path_factory.mktemp("overlay")
    file = folder / "mappings" / "ecommerce" / "customers" / "shopify.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"list": {"filters": None, "sort": None, "search": None}}))
    return Registry(overlay=[folder])


@pytest.mark.parametrize("query", FILTERS, ids=repr)
def test_a_filter_of_the_store_equals_the_filter_of_the_engine(
    query: dict[str, Any], without_filters: Registry, loopback: Loopback
) -> None:
    account = loopback.account("shopify")

    native = SyncTwin(on_wait=loopback.clock.advance).list(account, limit=1000, **query)
    emulated = SyncTwin(without_filters, on_wait=loopback.clock.advance).list(account, limit=1000, **query)

    assert {entry.how for entry in native.query_plan} == {"native"}
    assert {entry.how for entry in emulated.query_plan} == {"emulated"}
    assert native.result == emulated.result != []


@pytest.mark.parametrize("field", ["created_at", "updated_at"])
@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_a_sort_of_the_store_equals_the_sort_of_the_engine(
    field: str, direction: str, without_filters: Registry, loopback: Loopback
) -> None:
    account, sort = loopback.account("shopify"), {field: direction}

    native = SyncTwin(on_wait=loopback.clock.advance).list(account, limit=1000, sort_by=sort)
    emulated = SyncTwin(without_filters, on_wait=loopback.clock.advance).list(account, limit=1000, sort_by=sort)

    moments = [getattr(record, field) for record in native.result]
    assert moments == sorted(moments, reverse=direction == "desc")
    assert moments == [getattr(record, field) for record in emulated.result]
    assert {record.id for record in native.result} == {record.id for record in emulated.result}


# ------------------------------------------------------------------------------- errors inside HTTP 200


@both
def test_a_warning_of_the_search_is_an_error_and_no_wider_answer(twin: type[Twin], loopback: Loopback) -> None:
    with pytest.raises(RejectedInputError) as caught:
        twin().list(loopback.account("shopify"), limit=2, remote_query={"query": "created_at:>2024"})

    assert (caught.value.code, caught.value.status_code, caught.value.retryable) == ("invalid_field", 200, False)
    assert caught.value.raw_response["data"]["customers"]["nodes"]
    assert len(loopback.store("shopify").requests) == 1


def throttled(requested: int, available: int | None, restore: float = 100.0) -> PlannedFailure:
    status = None if available is None else {"currentlyAvailable": available, "restoreRate": restore}
    points = {"requestedQueryCost": requested, "actualQueryCost": None, "throttleStatus": status}
    errors = [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]
    return PlannedFailure(200, (), json.dumps({"errors": errors, "extensions": {"cost": points}}).encode())


@both
@pytest.mark.parametrize(
    ("fault", "waits"),
    [
        pytest.param(throttled(1200, 200), [10.0], id="a thousand points at a hundred a second"),
        pytest.param(throttled(1200, 200, restore=2000.0), [1.0], id="a second at least"),
        pytest.param(throttled(1200, 1250), [1.0], id="enough meanwhile"),
        pytest.param(throttled(1200, None), [0.25, 8.75], id="nobody says how long, until the declared bucket is full"),
        pytest.param(throttled(1200, 200, restore=0.0), [0.25, 6.75], id="a rate of nothing, at the declared one"),
    ],
)
def test_throttling_waits_until_the_bucket_holds_what_the_query_costs(
    fault: PlannedFailure, waits: list[float], twin: type[Twin], loopback: Loopback
) -> None:
    loopback.store("shopify").failures.append(fault)
    client = twin()

    page = client.list(loopback.account("shopify"), limit=1)

    assert (page.result_count, page.request_count, client.waits) == (1, 1, waits)


@both
def test_a_long_list_is_read_to_its_end_through_a_small_bucket(
    twin: type[Twin], loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cost, "BUCKET_SIZE", 52)
    monkeypatch.setattr(cost, "RESTORE_RATE", 10)
    client = twin(on_wait=loopback.clock.advance)

    pages = [client.iterate(loopback.account("shopify"), limit=50) for _ in range(3)]

    assert [len(page) for page in pages] == [137, 137, 137]
    assert len(client.waits) > 0
    assert min(client.waits) >= 1.0
    assert max(client.waits) < 11.0


@both
def test_a_wait_beyond_the_deadline_is_an_error(twin: type[Twin], loopback: Loopback) -> None:
    loopback.store("shopify").failures.append(throttled(1000, 0, restore=1.0))
    client = twin()

    with pytest.raises(RateLimitedError) as caught:
        client.list(loopback.account("shopify"), limit=1)

    assert (caught.value.retry_after, caught.value.code, client.waits) == (1000.0, "THROTTLED", [])


def graphql_error(code: str | None, message: str = "No", **beside: Any) -> bytes:
    extensions = {"extensions": {"code": code}} if code else {}
    return json.dumps({"errors": [{"message": message, **extensions}], **beside}).encode()


@both
@pytest.mark.parametrize(
    ("status", "body", "kind", "code", "message"),
    [
        (200, graphql_error("ACCESS_DENIED"), PermissionDeniedError, "ACCESS_DENIED", "No"),
        (200, graphql_error("ACCESS_DENIED", data={"customers": None}), PermissionDeniedError, "ACCESS_DENIED", "No"),
        (200, graphql_error("undefinedField"), RejectedInputError, "undefinedField", "No"),
        (200, graphql_error("MAX_COST_EXCEEDED"), RejectedInputError, "MAX_COST_EXCEEDED", "No"),
        (200, graphql_error(None), RejectedInputError, None, "No"),
        (400, b'{"errors":{"query":"Required parameter missing or invalid"}}', RejectedInputError, None, "Bad Request"),
        (401, b'{"errors":"[API] Invalid API key"}', AuthenticationError, None, "[API] Invalid API key"),
        (402, b'{"errors":"Unavailable Shop"}', PermissionDeniedError, None, "Unavailable Shop"),
        (403, b'{"errors":"[API] no"}', PermissionDeniedError, None, "[API] no"),
        (404, b'{"errors":"Not Found"}', NotFoundError, None, "Not Found"),
        (423, b'{"errors":"Locked"}', PermissionDeniedError, None, "Locked"),
    ],
)
def test_an_error_answer_becomes_the_error_of_its_kind(
    status: int,
    body: bytes,
    kind: type[ProviderError],
    code: str | None,
    message: str,
    twin: type[Twin],
    loopback: Loopback,
) -> None:
    loopback.store("shopify").failures.append(PlannedFailure(status, (), body))
    client = twin()

    with pytest.raises(ProviderError) as caught:
        client.list(loopback.account("shopify"), limit=1)

    assert (type(caught.value), caught.value.code, caught.value.status_code) == (kind, code, status)
    refused = "; refused: access_token" if kind is AuthenticationError else ""
    assert caught.value.message == f"shopify POST /graphql.json: {message} (HTTP {status}){refused}"
    assert client.waits == []


@both
@pytest.mark.parametrize(
    ("fault", "waits"),
    [
        (PlannedFailure(200, (), graphql_error("INTERNAL_SERVER_ERROR")), [0.25, 0.5, 1.0]),
        (PlannedFailure(503), [0.25, 0.5, 1.0]),
        # Refused for too many requests: after its own wait, each retry waits until the declared bucket is full.
        (PlannedFailure(430), [0.25, 8.75, 0.5, 8.5, 1.0, 8.0]),
    ],
)
def test_a_transient_error_is_tried_again(
    fault: PlannedFailure, waits: list[float], twin: type[Twin], loopback: Loopback
) -> None:
    loopback.store("shopify").failures.extend([fault] * 3)
    client = twin()

    page = client.list(loopback.account("shopify"), limit=1)

    assert (page.result_count, client.waits) == (1, waits)


@both
def test_an_error_that_stays_is_raised_after_the_last_attempt(twin: type[Twin], loopback: Loopback) -> None:
    loopback.store("shopify").failures.extend([PlannedFailure(200, (), graphql_error("INTERNAL_SERVER_ERROR"))] * 2)
    client = twin(settings=replace(STILL, retry=RetryPolicy(attempts=2)))

    with pytest.raises(ProviderUnavailableError) as caught:
        client.list(loopback.account("shopify"), limit=1)

    assert (caught.value.code, caught.value.retryable, client.waits) == ("INTERNAL_SERVER_ERROR", True, [0.25])


@both
def test_a_wrong_token_is_an_authentication_error(twin: type[Twin], loopback: Loopback) -> None:
    account = loopback.account("shopify", credentials={"access_token": "shpat_wrong"})

    with pytest.raises(AuthenticationError, match="Invalid API key or access token"):
        twin().list(account)


@both
def test_null_data_is_an_error_and_no_empty_page(twin: type[Twin], loopback: Loopback) -> None:
    loopback.store("shopify").failures.append(PlannedFailure(200, (), b'{"data":{"customers":null}}'))

    with pytest.raises(Exception, match="no list of records at") as caught:
        twin().list(loopback.account("shopify"))

    assert type(caught.value).__name__ == "MappingError"


# ------------------------------------------------------------------------------- records


def test_the_display_name_of_a_nameless_customer_is_no_name(loopback: Loopback) -> None:
    records = SyncTwin(on_wait=loopback.clock.advance).iterate(loopback.account("shopify"))

    natives = [(customer, customer.remote_data) for customer in records]
    nameless = [customer for customer, native in natives if native["firstName"] is native["lastName"] is None]

    assert [customer.id[-3:] for customer in nameless] == ["044", "052", "061", "081", "109"]
    assert {(customer.name, customer.first_name, customer.last_name) for customer in nameless} == {(None, None, None)}
    assert all(customer.remote_data["displayName"] for customer in nameless)


def test_a_list_that_cuts_addresses_says_so_and_get_has_them_all(loopback: Loopback) -> None:
    client, account = SyncTwin(on_wait=loopback.clock.advance), loopback.account("shopify")
    number = next(person.number for person in PEOPLE if len(person.addresses) > 10)
    record_id = str(7_000_000_000_000 + number)

    pages = client.pages(account, limit=1, remote_query={"query": f"id:{record_id}"})
    record = client.get(account, record_id)

    assert [(page.is_partial_response, len(page.result[0].addresses)) for page in pages] == [(True, 10)]
    assert len(record.addresses) == 12
    assert record.addresses[:10] == pages[0].result[0].addresses


PICKED = {
    "nameless": "7000000000044",
    "no_email": "7000000000031",
    "phone_extension": "7000000000059",
    "no_phone": "7000000000011",
}


def test_a_page_as_it_should_be(golden: Callable[[str, Any], None], loopback: Loopback) -> None:
    page: Page[Any] = SyncTwin().list(loopback.account("shopify"), limit=12, created_at={"gte": "2023-03-01"})

    raw = SyncTwin().list(
        loopback.account("shopify"), limit=12, created_at={"gte": "2023-03-01"}, response_format="raw"
    )
    assert [record.remote_data for record in page.result] == raw.result
    golden("shopify/list", page_content(page))


@pytest.mark.parametrize(("name", "record_id"), PICKED.items())
def test_a_record_as_it_should_be(
    name: str, record_id: str, golden: Callable[[str, Any], None], loopback: Loopback
) -> None:
    record = SyncTwin().get(loopback.account("shopify"), record_id)

    assert record.remote_data == SyncTwin().get(loopback.account("shopify"), record_id, response_format="raw")
    golden(f"shopify/get_{name}", record_content(record))


# ------------------------------------------------------------------------------- the documents

SMALL = build_schema(resources.files("truto_unify.sandbox.shopify").joinpath("schema.graphql").read_text("utf-8"))
DOCUMENTS = REGISTRY.provider("shopify").documents


@pytest.mark.parametrize("name", DOCUMENTS)
def test_our_documents_are_valid_in_the_small_schema(name: str) -> None:
    assert validate(SMALL, parse(DOCUMENTS[name])) == []


@pytest.fixture(scope="module")
def real_schema() -> GraphQLSchema:
    schema = load_real_schema()
    if schema is None:
        pytest.skip(ABSENT)
    return schema


@pytest.mark.parametrize("name", DOCUMENTS)
def test_our_documents_are_valid_in_the_real_schema(name: str, real_schema: GraphQLSchema) -> None:
    assert validate(real_schema, parse(DOCUMENTS[name])) == []


def test_no_deprecated_field_is_asked_for(loopback: Loopback) -> None:
    headers: list[str] = []
    account = loopback.account("shopify")

    with pytest.raises(ProviderError) as caught:
        SyncTwin().list(account, remote_query={"query": "nosuch:1"})
    headers += caught.value.headers

    assert "x-shopify-api-version" in headers
    assert "x-shopify-api-deprecated-reason" not in headers


ENDPOINTS = {
    f"{resource}.{call}": endpoint
    for resource, calls in REGISTRY.provider("shopify").config.resources.items()
    for call, endpoint in calls.items()
}


@pytest.mark.parametrize("name", ENDPOINTS)
def test_a_full_page_costs_less_than_the_smallest_bucket_holds(name: str) -> None:
    """Shops on small plans have 1,000 points, and no query may cost more."""
    endpoint = ENDPOINTS[name]
    assert endpoint.graphql is not None
    document = parse(DOCUMENTS[endpoint.graphql.document])
    operation = get_operation_ast(document, endpoint.graphql.operation)
    fragments = {part.name.value: part for part in document.definitions if isinstance(part, FragmentDefinitionNode)}
    size = endpoint.pagination.max_page_size if endpoint.pagination is not None else None
    assert operation is not None
    assert SMALL.query_type is not None

    costs = [
        CostRules(fragments, {"first": first}).requested(operation.selection_set, SMALL.query_type)
        for first in range(1, (size or 1) + 1)
    ]

    assert costs == sorted(costs)
    assert costs[-1] < 600
