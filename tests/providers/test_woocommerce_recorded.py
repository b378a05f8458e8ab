"""A real WooCommerce 11 shop, replayed: lists, gets, refusals and faults, through both clients."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.golden_file import page_content, record_content
from tests.providers.native_defaults import (
    CASSETTES,
    MATCHERS,
    documented_defaults,
    match_telling_query,
    read_cassette,
    telling_query,
)
from tests.providers.recorded_shop import ACCOUNT, ORIGIN
from tests.shipped import REGISTRY
from tests.twins import STILL, Twin, both
from truto_unify import (
    Account,
    AuthenticationError,
    Client,
    ConflictError,
    NotFoundError,
    ProviderError,
    ProviderUnavailableError,
    Registry,
    RejectedInputError,
    RetryPolicy,
    Settings,
)
from truto_unify.models.ecommerce import Customer
from truto_unify.sandbox.woocommerce.parameters import CUSTOMER_PARAMETERS

if TYPE_CHECKING:
    from pathlib import Path

API = f"{ORIGIN}/wp-json/wc/v3"
BY_NAME = {"orderby": "name"}  # the recorded calls left the order to the shop
BY_NAME_QUERY = {"remote_query": {**BY_NAME, "role": "customer"}}
Golden = Callable[[str, Any], None]


@dataclass
class SeenRequest:
    uri: str
    headers: Mapping[str, str] = field(default_factory=dict)


@pytest.fixture(scope="module")
def vcr_cassette_dir() -> str:
    return str(CASSETTES)


@pytest.fixture
def vcr_config() -> dict[str, object]:
    return {"match_on": MATCHERS}


def natives_of(*names: str) -> list[dict[str, Any]]:
    """The records of recorded list answers, in order."""
    return [record for name in names for record in json.loads(read_cassette(name)["response"]["body"]["string"])]


def golden_name(cassette: str) -> str:
    return f"woocommerce/{cassette.partition('/')[2]}"


def primary(email: str) -> list[dict[str, object]]:
    """The e-mail filter that WooCommerce serves itself."""
    return [{"email": email, "is_primary": True}]


def overlay(folder: Path, provider: dict[str, Any]) -> Registry:
    """The shipped configuration with changes to the provider file."""
    file = folder / "providers" / "woocommerce.yaml"
    file.parent.mkdir()
    file.write_text(json.dumps(provider))
    return Registry(overlay=[folder])


def replay(name: str, *values: object) -> Any:
    """The parameters of a test on one cassette."""
    return pytest.param(name, *values, marks=pytest.mark.vcr(f"{name}.yaml"), id=name)


@both
@pytest.mark.parametrize(
    ("name", "query"),
    [
        replay("lists/001-list-default", {"limit": 10, "remote_query": BY_NAME}),
        replay("lists/007-list-registered-desc", {"limit": 5, "sort_by": {"created_at": "desc"}}),
        replay("lists/009-list-role-all", {"limit": 3, "remote_query": {"role": "all"}}),
        replay("lists/011-list-email", {"limit": 10, "emails": primary("buyer0007@example.com"), **BY_NAME_QUERY}),
        replay("lists/012-list-email-none", {"limit": 10, "emails": primary("nobody@example.com"), **BY_NAME_QUERY}),
        # A filter that WooCommerce ignores comes back with everybody, which is why none is ever sent.
        replay(
            "lists/068-customers-modified-after-ignored",
            {"limit": 1, "remote_query": {**BY_NAME, "modified_after": "2099-01-01T00:00:00"}},
        ),
    ],
)
def test_a_list(name: str, query: dict[str, Any], twin: type[Twin], golden: Golden) -> None:
    page = twin().list(ACCOUNT, **query)

    assert [record.remote_data for record in page.result] == natives_of(name)
    golden(golden_name(name), page_content(page))


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("lists/003-list-100-page2", range(102, 202)),
        ("lists/004-list-100-page3", range(202, 252)),
        ("lists/005-list-100-page4", ()),
    ],
)
def test_the_later_pages_of_a_recorded_list_are_mapped(name: str, ids: Sequence[int]) -> None:
    body = read_cassette(name)["response"]["body"]["string"].encode()

    records = json.loads(REGISTRY.mapper("ecommerce/customers", "woocommerce").map_page(body))

    assert [int(record["id"]) for record in records] == [*ids]
    assert [record["remote_data"] for record in records] == natives_of(name)


@both
@pytest.mark.parametrize(
    ("name", "record_id"),
    [replay("get/021-get-2", "2"), replay("get/023-get-4", "4"), replay("get/026-get-admin", "1")],
)
def test_a_get(name: str, record_id: str, twin: type[Twin], golden: Golden) -> None:
    record = twin().get(ACCOUNT, record_id)

    assert record.remote_data == json.loads(read_cassette(name)["response"]["body"]["string"])
    golden(golden_name(name), record_content(record))


def refusal(error: ProviderError) -> dict[str, object]:
    return {
        "class": type(error),
        "message": error.message,
        "code": error.code,
        "status_code": error.status_code,
        "status": error.status,
        "retry_after": error.retry_after,
        "retryable": error.retryable,
    }


def refused(
    kind: type[ProviderError], status: int, code: str, message: str, *, call: str, as_status: int | None = None
) -> dict[str, object]:
    return {
        "class": kind,
        "message": f"woocommerce {call}: {message} (HTTP {status}){_further(kind, code)}",
        "code": code,
        "status_code": status,
        "status": as_status or status,
        "retry_after": None,
        "retryable": False,
    }


def _further(kind: type[ProviderError], code: str) -> str:
    """What our file and our account add to the words of the shop."""
    is_keyed = kind is AuthenticationError and code == "woocommerce_rest_authentication_error"
    names = "; refused: consumer_key, consumer_secret" if is_keyed else ""
    return f"; {HINTS[code]}{names}" if code in HINTS else names


HINTS = {
    "woocommerce_rest_cannot_view": (
        "the shop knows no such keys: either they are wrong, or its host drops the Authorization header (then set "
        "the context field keys_in to query)"
    ),
    "rest_no_route": "WooCommerce may not be active there, or store_url is not the address of the shop",
}
LIST = "GET /customers"
CANNOT = "woocommerce_rest_authentication_error"


@both
@pytest.mark.parametrize(
    ("name", "remote_query", "expected"),
    [
        replay(
            "errors/038-err-400-orderby",
            {"orderby": "bogus"},
            refused(RejectedInputError, 400, "rest_invalid_param", "Invalid parameter(s): orderby", call=LIST),
        ),
        replay(
            "errors/040-err-400-email",
            {**BY_NAME, "email": "notanemail"},
            refused(RejectedInputError, 400, "rest_invalid_param", "Invalid parameter(s): email", call=LIST),
        ),
        replay(
            "errors/045-err-401-bad-secret",
            BY_NAME,
            refused(AuthenticationError, 401, CANNOT, "Consumer secret is invalid.", call=LIST),
        ),
        replay(
            "errors/046-err-401-write-only-key",
            BY_NAME,
            refused(
                AuthenticationError, 401, CANNOT, "The API key provided does not have read permissions.", call=LIST
            ),
        ),
    ],
)
def test_a_refused_list(name: str, remote_query: dict[str, str], expected: dict[str, object], twin: type[Twin]) -> None:
    client = twin()

    with pytest.raises(ProviderError) as caught:
        client.list(ACCOUNT, limit=10, remote_query=remote_query)

    assert refusal(caught.value) == expected
    assert caught.value.raw_response == json.loads(read_cassette(name)["response"]["body"]["string"])
    assert client.waits == []


@both
@pytest.mark.vcr("errors/029-err-404-id.yaml")
def test_an_unknown_id(twin: type[Twin]) -> None:
    with pytest.raises(ProviderError) as caught:
        twin().get(ACCOUNT, "999999")

    assert refusal(caught.value) == refused(
        NotFoundError, 404, "wc_user_invalid_id", "Invalid user ID.", call="GET /customers/999999"
    )


@both
@pytest.mark.vcr("errors/031-err-404-route.yaml")
def test_a_shop_without_the_route(twin: type[Twin], tmp_path: Path) -> None:
    get = {"path": "/{id}", "id_pattern": "nosuch", "id_example": "nosuch"}
    registry = overlay(tmp_path, {"resources": {"customers": {"get": get}}})

    with pytest.raises(ProviderError) as caught:
        twin(registry).get(ACCOUNT, "nosuch")

    message = "No route was found matching the URL and request method."
    assert refusal(caught.value) == refused(NotFoundError, 404, "rest_no_route", message, call="GET /nosuch")


@both
@pytest.mark.vcr("errors/034-err-400-per-page-high.yaml")
def test_a_page_larger_than_the_shop_gives(twin: type[Twin], tmp_path: Path) -> None:
    pagination = {"pagination": {"max_page_size": 101}}
    registry = overlay(tmp_path, {"resources": {"customers": {"list": pagination}}})

    with pytest.raises(ProviderError) as caught:
        twin(registry).list(ACCOUNT, limit=101, remote_query=BY_NAME)

    message = "Invalid parameter(s): per_page"
    assert refusal(caught.value) == refused(RejectedInputError, 400, "rest_invalid_param", message, call=LIST)


@both
@pytest.mark.vcr("errors/043-err-401-nothing.yaml")
def test_a_call_without_authorization(twin: type[Twin], tmp_path: Path) -> None:
    registry = overlay(tmp_path, {"authorization": None})

    with pytest.raises(ProviderError) as caught:
        twin(registry).list(ACCOUNT, limit=10, remote_query=BY_NAME)

    message = "Sorry, you cannot list resources."
    assert refusal(caught.value) == refused(
        AuthenticationError, 401, "woocommerce_rest_cannot_view", message, call=LIST
    )


@both
@pytest.mark.vcr("faults/071-fault-maintenance.yaml")
def test_maintenance_is_an_error_with_its_time_and_without_a_wait(twin: type[Twin]) -> None:
    client = twin()

    with pytest.raises(ProviderError) as caught:
        client.list(ACCOUNT, limit=10, remote_query=BY_NAME)

    assert refusal(caught.value) == {
        "class": ProviderUnavailableError,
        "message": "woocommerce GET /customers: Briefly unavailable for scheduled maintenance. Check back in a minute. "
        "(HTTP 503)",
        "code": "wp_die",
        "status_code": 503,
        "status": 503,
        "retry_after": 600.0,
        "retryable": True,
    }
    assert client.waits == []


DATABASE_DOWN = {
    "class": ProviderUnavailableError,
    "message": "woocommerce GET /customers: Error establishing a database connection (HTTP 500)",
    "code": "wp_die",
    "status_code": 500,
    "status": 500,
    "retry_after": None,
    "retryable": True,
}
OVER_HTTP = Account(provider="woocommerce", credentials=ACCOUNT.credentials, base_url=API.replace("https:", "http:"))


@both
@pytest.mark.vcr("faults/072-fault-database-down.yaml")
def test_a_database_that_is_down(twin: type[Twin]) -> None:
    once = Settings(now=STILL.now, random=STILL.random, retry=RetryPolicy(attempts=1))

    with pytest.raises(ProviderError) as caught:
        twin(settings=once).list(OVER_HTTP, limit=10, remote_query=BY_NAME)

    assert refusal(caught.value) == DATABASE_DOWN


@both
def test_a_database_that_stays_down_is_asked_five_times(twin: type[Twin]) -> None:
    answer = read_cassette("faults/072-fault-database-down")["response"]
    asked: list[str] = []

    def serve(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(answer["status"]["code"], content=answer["body"]["string"])

    client = twin(transport=httpx.MockTransport(serve))
    with pytest.raises(ProviderError) as caught:
        client.list(OVER_HTTP, limit=10)

    assert refusal(caught.value) == DATABASE_DOWN
    assert asked == [f"{OVER_HTTP.base_url}/customers?orderby=id&order=asc&per_page=10&page=1"] * 5
    assert client.waits == [0.25, 0.5, 1.0, 2.0]


NEW_PERSON = {
    "email": "new.person@example.com",
    "first_name": "New",
    "last_name": "Person",
    "billing": {"address_1": "1 Way", "city": "Paris", "country": "FR", "postcode": "75001"},
    "meta_data": [{"key": "k", "value": "v"}],
}
CREATE = {"method": "POST", "path": "/customers"}
UPDATE = {"method": "PUT", "path": "/customers/{id}"}
DELETE = {"method": "DELETE", "path": "/customers/{id}", "query": {"force": "true"}}
DELETE_SOFTLY = {"method": "DELETE", "path": "/customers/{id}"}


@pytest.mark.parametrize(
    ("name", "endpoint", "arguments"),
    [
        replay("writes/049-create-201", CREATE, {"body": NEW_PERSON}),
        replay(
            "writes/055-update-200",
            UPDATE,
            {"id": "252", "body": {"last_name": "Changed", "billing": {"phone": "+33 1"}}},
        ),
        replay("writes/059-delete-200-force", DELETE, {"id": "252"}),
    ],
)
def test_what_a_write_answers_maps_like_a_get(
    name: str, endpoint: dict[str, Any], arguments: dict[str, Any], tmp_path: Path, golden: Golden
) -> None:
    registry = overlay(tmp_path, {"resources": {"customers": {"write": endpoint}}})

    with Client(registry) as client:
        answer = client.proxy_call("customers", "write", ACCOUNT, **arguments)

    native = json.loads(answer.body)
    assert native == json.loads(read_cassette(name)["response"]["body"]["string"])
    customer = Customer.model_validate(registry.mapper("ecommerce/customers", "woocommerce").map(native))
    golden(golden_name(name), record_content(customer))


@pytest.mark.parametrize(
    ("name", "endpoint", "arguments", "expected"),
    [
        replay(
            "writes/050-create-400-exists",
            CREATE,
            {"body": {"email": "new.person@example.com"}},
            refused(
                ConflictError,
                400,
                "registration-error-email-exists",
                "An account is already registered with new.person@example.com. Please log in or use a different "
                "email address.",
                call="POST /customers",
            ),
        ),
        replay(
            "writes/058-delete-501-no-force",
            DELETE_SOFTLY,
            {"id": "252"},
            refused(
                RejectedInputError,
                501,
                "woocommerce_rest_trash_not_supported",
                "Customers do not support trashing.",
                call="DELETE /customers/252",
            ),
        ),
    ],
)
def test_a_refused_write(
    name: str, endpoint: dict[str, Any], arguments: dict[str, Any], expected: dict[str, object], tmp_path: Path
) -> None:
    registry = overlay(tmp_path, {"resources": {"customers": {"write": endpoint}}})
    waits: list[float] = []

    with Client(registry, sleep=waits.append) as client, pytest.raises(ProviderError) as caught:
        client.proxy_call("customers", "write", ACCOUNT, **arguments)

    assert refusal(caught.value) == expected
    assert waits == []


@pytest.mark.parametrize(
    ("name", "method", "path"),
    [
        replay("lists/019-list-head", "HEAD", "/customers?per_page=10"),
        replay("lists/020-schema-options", "OPTIONS", "/customers"),
        replay("orders/064-orders-list", "GET", "/orders?per_page=5"),
    ],
)
def test_what_no_unified_call_sends_is_replayed_too(name: str, method: str, path: str) -> None:
    recorded = read_cassette(name)["response"]

    with httpx.Client(headers={"Authorization": "Basic eDp5"}) as client:
        answer = client.request(method, API + path)

    assert answer.status_code == recorded["status"]["code"]
    assert answer.reason_phrase == recorded["status"]["message"]
    assert {key: values for key, values in recorded["headers"].items() if answer.headers.get_list(key) != values} == {}
    assert answer.text == recorded["body"]["string"]


def test_what_we_and_the_sandbox_send_and_take_is_what_the_schema_says() -> None:
    schema = json.loads(read_cassette("lists/020-schema-options")["response"]["body"]["string"])
    arguments = schema["endpoints"][0]["args"]
    mapping = REGISTRY.mapping("ecommerce/customers", "woocommerce")
    pagination: Any = mapping.provider.endpoint("customers.list").pagination
    method: Any = mapping.config.list

    assert documented_defaults() == {
        "context": "view",
        "page": "1",
        "per_page": "10",
        "order": "asc",
        "orderby": "name",
        "role": "customer",
    }
    assert pagination.max_page_size == arguments["per_page"]["maximum"] == 100
    assert {form.query["orderby"] for form in method.sort.forms} <= set(arguments["orderby"]["enum"])
    assert {pagination.page_param, pagination.page_size_param, pagination.offset_param, "email"} <= set(arguments)
    assert set(CUSTOMER_PARAMETERS) == set(arguments)


@pytest.mark.parametrize(
    ("query", "telling"),
    [
        ("", []),
        ("page=1&per_page=10&orderby=name&order=asc&role=customer&context=view", []),
        ("page=2&per_page=100", [("page", "2"), ("per_page", "100")]),
        ("orderby=id", [("orderby", "id")]),
        ("role=all&order=desc", [("order", "desc"), ("role", "all")]),
        ("page=01&email=&search=name", [("email", ""), ("page", "01"), ("search", "name")]),
        ("email=a%2Bb%40example.com&email=c", [("email", "a+b@example.com"), ("email", "c")]),
    ],
)
def test_only_documented_defaults_equal_their_absence(query: str, telling: list[tuple[str, str]]) -> None:
    assert telling_query(f"{API}/customers?{query}") == telling


def test_other_endpoints_have_no_defaults() -> None:
    assert telling_query(f"{API}/refunds?page=1") == [("page", "1")]


def test_a_request_that_differs_in_one_value_is_no_match() -> None:
    request, other = (httpx.Request("GET", f"{API}/customers?per_page={size}") for size in (99, 100))

    with pytest.raises(AssertionError):
        match_telling_query(SeenRequest(str(request.url)), SeenRequest(str(other.url)))
