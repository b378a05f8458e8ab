from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.twins import CUSTOMERS, STILL, TWINS, AsyncTwin, SyncTwin, Twin
from truto_unify import (
    Account,
    Budget,
    CallError,
    Client,
    Customer,
    InvalidCursor,
    InvalidId,
    InvalidInput,
    MappingError,
    MissingCredential,
    NotFoundError,
    Settings,
    UnknownProvider,
    UnknownResource,
    UnsupportedParameter,
)
from truto_unify.async_client import AsyncClient
from truto_unify.models.query_values import LIST_OPTIONS
from truto_unify.types import Request

if TYPE_CHECKING:
    from tests.loopback import Loopback
    from truto_unify import Page

both = pytest.mark.parametrize("twin", TWINS)
SLUGS = ("shopify", "woocommerce")
SHOP = Account(
    provider="woocommerce",
    credentials={"consumer_key": "ck_0123", "consumer_secret": "cs_0123"},
    context={"store_url": "https://shop.example"},
)


def refuse_everything(request: httpx.Request) -> httpx.Response:
    raise AssertionError(f"{request.url} was asked")


NO_NETWORK = httpx.MockTransport(refuse_everything)


def serve(*records: dict[str, Any], total: int | None = None) -> httpx.MockTransport:
    """A WooCommerce shop of these records on one page, and of one of them by id."""

    def answer(request: httpx.Request) -> httpx.Response:
        pages = {"/wp-json/wc/v3/customers": list(records)}
        singles = {f"/wp-json/wc/v3/customers/{record['id']}": record for record in records if "id" in record}
        headers = {"X-WP-Total": str(len(records) if total is None else total)}
        return httpx.Response(200, headers=headers, json={**singles, **pages}[request.url.path])

    return httpx.MockTransport(answer)


# ------------------------------------------------------------------------------- both clients do the same

QUERIES: list[dict[str, Any]] = [
    {},
    {"limit": 1},
    {"limit": 7},
    {"limit": 130},
    {"limit": 5, "sort_by": {"created_at": "desc"}},
    {"limit": 5, "sort_by": {"updated_at": "asc"}},
    {"limit": 5, "created_at": {"gte": "2024-06-01T00:00:00Z", "lt": "2025-06-01T00:00:00Z"}},
    {"limit": 3, "emails": [{"is_primary": True, "email": "nobody@example.test"}]},
    {"limit": 3, "name": {"like": "a"}},
    {"limit": 3, "response_format": "raw"},
    {"limit": 3, "response_format": "normalized"},
    {"limit": 3, "exclude_fields": "emails,phones"},
    {"limit": 3, "ignore_remote_data": True},
]


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("query", QUERIES, ids=repr)
def test_both_clients_give_the_same_page(slug: str, query: dict[str, Any], loopback: Loopback) -> None:
    account = loopback.account(slug)

    pages = [twin(on_wait=loopback.clock.advance).list(account, **query) for twin in TWINS]
    first, second = (replace(page, rate_limit=None) for page in pages)  # the second call finds less of the quota

    assert first == second


@pytest.mark.parametrize("slug", SLUGS)
def test_both_clients_send_the_same_requests(slug: str, loopback: Loopback) -> None:
    account, store = loopback.account(slug), loopback.store(slug)
    seen = []

    for twin in TWINS:
        loopback.renew()
        twin().list(account, limit=130, name={"like": "a"})
        seen.append([replace(request, headers=tuple(sorted(request.headers))) for request in store.requests])

    assert seen[0] == seen[1]
    assert len(seen[0]) > (slug != "shopify")  # which gives all of them on one page


@both
@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("limit", [None, 40, 1000])
def test_iterate_gives_every_customer_once_in_pages_of_limit(
    slug: str, limit: int | None, twin: type[Twin], loopback: Loopback
) -> None:
    whole = SyncTwin(on_wait=loopback.clock.advance).list(loopback.account(slug), limit=1000)

    records = twin(on_wait=loopback.clock.advance).iterate(loopback.account(slug), limit=limit)

    assert records == whole.result
    assert len({record.id for record in records}) == len(records) > 100


@both
@pytest.mark.parametrize("slug", SLUGS)
def test_get_gives_what_list_gave(slug: str, twin: type[Twin], loopback: Loopback) -> None:
    account = loopback.account(slug)
    listed = twin(on_wait=loopback.clock.advance).list(account, limit=5).result

    assert [twin(on_wait=loopback.clock.advance).get(account, record.id) for record in listed] == listed


@both
@pytest.mark.parametrize("slug", SLUGS)
def test_a_page_goes_on_where_the_one_before_ended(slug: str, twin: type[Twin], loopback: Loopback) -> None:
    client, account = twin(on_wait=loopback.clock.advance), loopback.account(slug)

    first = client.list(account, limit=3)
    second = client.list(account, limit=4, next_cursor=first.next_cursor)

    assert [*first.result, *second.result] == client.list(account, limit=7).result
    assert (first.prev_cursor, first.result_count, second.result_count) == (None, 3, 4)


@both
@pytest.mark.parametrize("slug", SLUGS)
def test_an_unknown_id_is_not_found(slug: str, twin: type[Twin], loopback: Loopback) -> None:
    with pytest.raises(NotFoundError, match="99999999"):
        twin().get(loopback.account(slug), "99999999")


# ------------------------------------------------------------------------------- explain


@both
@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("query", [{}, {"limit": 5, "created_at": {"gt": "2024-01-01"}, "name": "Ana"}], ids=repr)
def test_explain_sends_nothing(slug: str, query: dict[str, Any], twin: type[Twin], loopback: Loopback) -> None:
    account = loopback.account(slug)

    explanation = twin(transport=NO_NETWORK).explain(account, **query)
    page = twin(on_wait=loopback.clock.advance).list(account, **query)

    assert explanation.query_plan == page.query_plan
    sent = loopback.store(slug).requests[0]
    assert explanation.request.method == sent.method
    assert explanation.request.url == f"{loopback.origin}/{slug}{sent.path}"
    assert explanation.request.query == httpx.QueryParams(list(sent.query)).__str__().replace("+", "%20")
    assert (explanation.request.body or b"") == sent.body


def test_explain_shows_the_request_without_its_authorization() -> None:
    explanation = SyncTwin(transport=NO_NETWORK).explain(SHOP, limit=5, sort_by={"created_at": "desc"})

    assert explanation.request == Request(
        method="GET",
        url="https://shop.example/wp-json/wc/v3/customers",
        query="orderby=registered_date&order=desc&per_page=5&page=1",
        headers=(("Accept", "application/json"), ("Authorization", "[redacted]")),
    )
    assert [(entry.parameter, entry.how) for entry in explanation.query_plan] == [("sort_by[created_at]", "native")]


def test_explain_of_a_get() -> None:
    explanation = SyncTwin(transport=NO_NETWORK).explain(SHOP, "17")

    assert explanation.query_plan == ()
    assert (explanation.request.method, explanation.request.url, explanation.request.query) == (
        "GET",
        "https://shop.example/wp-json/wc/v3/customers/17",
        "",
    )


def test_explain_needs_no_credentials() -> None:
    stranger = Account(provider="woocommerce", context={"store_url": "https://shop.example"})

    assert SyncTwin(transport=NO_NETWORK).explain(stranger, "17") == SyncTwin(transport=NO_NETWORK).explain(SHOP, "17")


# ------------------------------------------------------------------------------- arguments

LIST_ERRORS: list[tuple[dict[str, Any], type[CallError], str]] = [
    ({"limit": 0}, InvalidInput, "limit must be a whole number from 1, not 0"),
    ({"limit": True}, InvalidInput, "limit must be a whole number from 1, not true"),
    ({"limit": "5"}, InvalidInput, 'limit must be a whole number from 1, not "5"'),
    ({"limit": 1.5}, InvalidInput, "limit must be a whole number from 1, not 1.5"),
    ({"next_cursor": 5}, InvalidInput, "next_cursor must be the text that the page before gave"),
    ({"next_cursor": "x"}, InvalidCursor, "this cursor is damaged; pass next_cursor exactly as it was given"),
    (
        {"sort_by": {"name": "asc"}},
        UnsupportedParameter,
        'ecommerce/customers cannot be sorted by "name"; it has created_at, updated_at',
    ),
    ({"sort_by": {"created_at": "up"}}, InvalidInput, 'sort_by[created_at] must be asc or desc, not "up"'),
    (
        {"sort_by": {"created_at": "asc", "updated_at": "asc"}},
        InvalidInput,
        'sort_by takes one field, as in {"created_at": "desc"}',
    ),
    ({"sort_by": "created_at"}, InvalidInput, 'sort_by takes one field, as in {"created_at": "desc"}'),
    (
        {"emial": "x"},
        UnsupportedParameter,
        'ecommerce/customers has no query parameter "emial" (did you mean "email"?)',
    ),
    (
        {"limt": 5},
        UnsupportedParameter,
        'ecommerce/customers has no query parameter "limt" (did you mean "limit"?)',
    ),
    (
        {"colour": "red"},
        UnsupportedParameter,
        'ecommerce/customers has no query parameter "colour"; it has created_at, updated_at, name, first_name, '
        "last_name, company_name, email, emails, phones, ignore_remote_data, remote_query, side_load, limit, "
        "ignore_limit, next_cursor, unsupported, on_record_error, sort_by, exclude_fields, response_format",
    ),
    (
        {"email": None},
        InvalidInput,
        "email is None, which is no value to filter by; leave email out to list without it",
    ),
    ({"ignore_limit": "no"}, InvalidInput, 'ignore_limit must be True or False, not "no"'),
    ({"ignore_remote_data": 1}, InvalidInput, "ignore_remote_data must be True or False, not 1"),
    ({"side_load": 5}, InvalidInput, "side_load must be names of side loads"),
    (
        {"created_at": {"after": "2024-01-01"}},
        UnsupportedParameter,
        '"created_at" has no operator "after"; it has eq, gt, gte, lt, lte',
    ),
    ({"created_at": {}}, InvalidInput, "created_at names no operator; it has eq, gt, gte, lt, lte"),
    (
        {"created_at": "yesterday"},
        InvalidInput,
        'created_at[eq] must be an ISO 8601 time such as 2024-01-01T00:00:00Z, not "yesterday"',
    ),
    (
        {"created_at": ["2024-01-01"]},
        InvalidInput,
        "created_at takes one value or operators (eq, gt, gte, lt, lte), not a list",
    ),
    ({"email": {"like": " "}}, InvalidInput, "email[like] is blank, which nothing can match"),
    ({"email": []}, InvalidInput, "email[in] is an empty list, which nothing can match"),
    ({"email": True}, InvalidInput, "email[eq] must be text, not true/false"),
    ({"name": "\ud800"}, InvalidInput, "name[eq] holds half of a surrogate pair, which is not text"),
    (
        {"emails": [{"kind": "x"}]},
        UnsupportedParameter,
        '"emails" has no part "kind"; it has email, type, status, is_primary',
    ),
    (
        {"emails": ["x"]},
        InvalidInput,
        "emails[0] must name parts of an element: email, type, status, is_primary",
    ),
    ({"emails": []}, InvalidInput, "emails is an empty list, which nothing can match"),
    (
        {"emails": [{"is_primary": "maybe"}]},
        InvalidInput,
        'emails[0][is_primary] must be true or false, not "maybe"',
    ),
    (
        {"unsupported": "maybe"},
        InvalidInput,
        'unsupported "maybe" is not known; one of emulate, emulate_may_miss, error, ignore',
    ),
    (
        {"on_record_error": "x"},
        InvalidInput,
        'on_record_error "x" is not known; one of raise, skip, keep_raw',
    ),
    (
        {"response_format": "xml"},
        InvalidInput,
        'response_format "xml" is not known; one of unified, raw, normalized, stream',
    ),
    (
        {"exclude_fields": ["emailz"]},
        UnsupportedParameter,
        'exclude_fields: no field "emailz" (did you mean "emails"?)',
    ),
    ({"exclude_fields": 5}, InvalidInput, "exclude_fields must be field names, not a number"),
    ({"exclude_fields": [["id"]]}, InvalidInput, "exclude_fields must be field names, not a list"),
    ({"remote_query": "x"}, InvalidInput, "remote_query must be a mapping of native names to values"),
    ({"remote_query": {1: 2}}, InvalidInput, "remote_query must be a mapping of native names to values"),
    (
        {"remote_query": {"page": 2}},
        InvalidInput,
        'remote_query may not set "page", which pages the list; use limit and next_cursor',
    ),
    (
        {"remote_query": {"role": {"a": 1}}},
        InvalidInput,
        "remote_query[role] must be a plain value or a list of them, not an object",
    ),
    (
        {"company_name": "x", "unsupported": "error"},
        UnsupportedParameter,
        'woocommerce ecommerce/customers: company_name is not supported: the provider has no filter for "company_name"'
        "; supported: emails[][email] with emails[][is_primary]=true, sort_by[created_at]",
    ),
]


@both
@pytest.mark.parametrize(("query", "kind", "message"), LIST_ERRORS, ids=lambda parameter: ascii(parameter)[:50])
def test_a_list_with_a_wrong_argument_is_refused_unsent(
    query: dict[str, Any], kind: type[CallError], message: str, twin: type[Twin]
) -> None:
    with pytest.raises(CallError) as caught:
        twin(transport=NO_NETWORK).list(SHOP, **query)

    assert (type(caught.value), caught.value.message) == (kind, message)


GET_HAS = "it has ignore_remote_data, remote_query, side_load, exclude_fields, response_format"


@both
@pytest.mark.parametrize(
    ("record_id", "query", "kind", "message"),
    [
        ("", {}, InvalidInput, "get needs an id"),
        (" ", {}, InvalidInput, "get needs an id"),
        ("abc", {}, InvalidId, '"abc" is not a valid id of woocommerce; an id looks like 17'),
        ("17/../1", {}, InvalidId, '"17/../1" is not a valid id of woocommerce; an id looks like 17'),
        ("17\n", {}, InvalidId, '"17\n" is not a valid id of woocommerce; an id looks like 17'),
        (None, {}, InvalidInput, "the id must be text, not null"),
        (1.5, {}, InvalidInput, "the id must be text, not a number"),
        ("17", {"limit": 3}, UnsupportedParameter, f'get of {CUSTOMERS} has no query parameter "limit"; {GET_HAS}'),
        ("17", {"email": "x"}, UnsupportedParameter, f'get of {CUSTOMERS} has no query parameter "email"; {GET_HAS}'),
        (
            "17",
            {"side_laod": "orders"},
            UnsupportedParameter,
            f'get of {CUSTOMERS} has no query parameter "side_laod" (did you mean "side_load"?)',
        ),
    ],
)
def test_a_get_with_a_wrong_argument_is_refused_unsent(
    record_id: Any, query: dict[str, Any], kind: type[CallError], message: str, twin: type[Twin]
) -> None:
    with pytest.raises(CallError) as caught:
        twin(transport=NO_NETWORK).get(SHOP, record_id, **query)

    assert (type(caught.value), caught.value.message) == (kind, message)


@both
def test_an_option_that_is_none_counts_as_not_given(twin: type[Twin]) -> None:
    options = dict.fromkeys(LIST_OPTIONS)

    assert twin(transport=serve({"id": 1})).list(SHOP, **options) == twin(transport=serve({"id": 1})).list(SHOP)


AWAY = "leave out"
WANTED = "give the address of the shop alone"
ACCOUNT_ERRORS: list[tuple[Account, type[CallError], str]] = [
    (
        Account(provider="woocomerce"),
        UnknownProvider,
        'unknown provider "woocomerce" (did you mean "woocommerce"?)',
    ),
    (
        Account(provider="woocommerce"),
        MissingCredential,
        "an account of woocommerce needs context.store_url (Address of the shop), "
        "credentials.consumer_key (Consumer key), credentials.consumer_secret (Consumer secret)",
    ),
    (
        replace(SHOP, credentials={"consumer_key": "ck_0123", "consumer_secret": ""}),
        MissingCredential,
        "an account of woocommerce needs credentials.consumer_secret (Consumer secret)",
    ),
    (
        replace(SHOP, credentials={**SHOP.credentials, "token": "t"}),
        InvalidInput,
        'an account of woocommerce has no credentials field "token"; it has consumer_key, consumer_secret',
    ),
    (
        replace(SHOP, credentials={**SHOP.credentials, "consumer_secret": "a\nb"}),
        InvalidInput,
        "credentials.consumer_secret holds a control character",
    ),
    (
        replace(SHOP, credentials={**SHOP.credentials, "consumer_secret": "a\ud800b"}),
        InvalidInput,
        "credentials.consumer_secret holds half of a surrogate pair",
    ),
    (
        replace(SHOP, credentials={**SHOP.credentials, "consumer_secret": "cs_0123 "}),
        InvalidInput,
        "credentials.consumer_secret begins or ends with a blank",
    ),
    *(
        (replace(SHOP, base_url=address), InvalidInput, f'base_url must be a plain http(s) address, not "{address}"')
        for address in (
            "ftp://x",
            "shop.example",
            "https://",
            "https:///customers",
            "https://shop.example:port",
            "https://shop.example:99999",
            "https://[::1",
            "https://shop.example/api?x=1",
            "https://shop.example/#x",
            "https://shop example",
        )
    ),
    (
        replace(SHOP, base_url="https://user:s3cret-word@shop.example"),
        InvalidInput,
        "base_url must be a plain http(s) address",
    ),
    (
        Account(provider="shopify", credentials={"access_token": "shpat_0"}, context={"shop": "acme.myshopify.com"}),
        InvalidInput,
        'context.shop "acme.myshopify.com": give the name of the shop alone, the part before .myshopify.com',
    ),
]


@both
@pytest.mark.parametrize(("account", "kind", "message"), ACCOUNT_ERRORS)
def test_a_wrong_account_is_refused_unsent(
    account: Account, kind: type[CallError], message: str, twin: type[Twin]
) -> None:
    with pytest.raises(CallError) as caught:
        twin(transport=NO_NETWORK).list(account)

    assert (type(caught.value), caught.value.message) == (kind, message)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("https://shop.example/wp-json/wc/v3/", f"{AWAY} /wp-json and what follows; {WANTED}"),
        ("https://shop.example/WP-JSON", f"{AWAY} /wp-json and what follows; {WANTED}"),
        ("https://shop.example/wp-admin/index.php", f"{AWAY} what follows the address of the shop"),
    ],
)
def test_another_address_of_the_shop_is_refused_with_what_to_leave_out(address: str, message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        SyncTwin(transport=NO_NETWORK).list(replace(SHOP, context={"store_url": address}))

    assert caught.value.message == f'context.store_url "{address}": {message}'


def test_an_unknown_resource_is_refused() -> None:
    with Client(transport=NO_NETWORK) as client, pytest.raises(UnknownResource) as caught:
        client.list("ecommerce/customer", SHOP)  # type: ignore[call-overload]

    assert caught.value.message == 'unknown unified resource "ecommerce/customer" (did you mean "ecommerce/customers"?)'


@both
def test_a_cursor_of_another_query_is_refused(twin: type[Twin], loopback: Loopback) -> None:
    account = loopback.account("woocommerce")
    cursor = twin().list(account, limit=3).next_cursor

    for change in ({"name": {"like": "a"}}, {"sort_by": {"created_at": "asc"}}, {"remote_query": {"role": "all"}}):
        with pytest.raises(InvalidCursor, match="belongs to another account, resource, query or sort"):
            twin(transport=NO_NETWORK).list(account, limit=3, next_cursor=cursor, **change)


@both
def test_a_cursor_of_another_account_or_key_is_refused(twin: type[Twin], loopback: Loopback) -> None:
    account = loopback.account("woocommerce")
    cursor = twin().list(account, limit=3).next_cursor

    with pytest.raises(InvalidCursor, match="belongs to another account"):
        twin(transport=NO_NETWORK).list(replace(account, id="other"), next_cursor=cursor)
    with pytest.raises(InvalidCursor, match="damaged"):
        twin(transport=NO_NETWORK, settings=replace(STILL, cursor_key=b"other")).list(account, next_cursor=cursor)


# ------------------------------------------------------------------------------- shapes


@both
@pytest.mark.parametrize("slug", SLUGS)
def test_the_formats_are_three_views_of_one_record(slug: str, twin: type[Twin], loopback: Loopback) -> None:
    client, account = twin(on_wait=loopback.clock.advance), loopback.account(slug)

    def read(form: str) -> list[Any]:
        return client.list(account, limit=20, response_format=form).result

    unified = read("unified")
    assert {type(record) for record in unified} == {Customer}
    assert read("raw") == [record.remote_data for record in unified]
    assert read("normalized") == [record.model_dump(mode="json", exclude={"remote_data"}) for record in unified]
    assert [client.get(account, unified[0].id, response_format=form) for form in ("raw", "unified")] == [
        unified[0].remote_data,
        unified[0],
    ]


@both
def test_fields_can_be_left_out(twin: type[Twin], loopback: Loopback) -> None:
    client, account = twin(), loopback.account("woocommerce")
    (whole,) = client.list(account, limit=1).result

    (less,) = client.list(account, limit=1, exclude_fields=["emails", "phones", "remote_data"]).result
    (normalized,) = client.list(account, limit=1, exclude_fields="emails,phones", response_format="normalized").result

    expected = whole.model_dump(mode="json", exclude={"emails", "phones", "remote_data"})
    assert less.model_dump(mode="json", exclude_unset=True) == expected
    assert normalized == expected


@both
def test_remote_data_can_be_left_out(twin: type[Twin], loopback: Loopback) -> None:
    client, account = twin(), loopback.account("woocommerce")
    (whole,) = client.list(account, limit=1).result

    (less,) = client.list(account, limit=1, ignore_remote_data=True).result
    single = client.get(account, whole.id, ignore_remote_data=True)

    assert less == single == whole.model_copy(update={"remote_data": None})
    assert whole.remote_data["id"] == int(whole.id)


@both
def test_remote_query_goes_through_as_it_is(twin: type[Twin], loopback: Loopback) -> None:
    account = loopback.account("woocommerce")

    native = {"role": "all", "orderby": "id", "include": "3,1", "_embed": ["id", "role"]}
    page = twin().list(account, limit=2, remote_query=native)

    assert [record.id for record in page.result] == ["1", "3"]
    assert [request.query for request in loopback.store("woocommerce").requests] == [
        (
            ("orderby", "id"),
            ("order", "asc"),
            ("role", "all"),
            ("include", "3,1"),
            ("_embed", "id"),
            ("_embed", "role"),
            ("per_page", "2"),
            ("page", "1"),
        )
    ]


@both
def test_remote_query_of_graphql_is_its_variables(twin: type[Twin], loopback: Loopback) -> None:
    account = loopback.account("shopify")

    page = twin().list(account, limit=2, remote_query={"query": "id:>7000000000050"})

    assert [record.id for record in page.result] == ["7000000000051", "7000000000052"]


# ------------------------------------------------------------------------------- plans and broken records


@both
def test_a_filter_without_a_native_form_reads_on_within_its_budget(twin: type[Twin], loopback: Loopback) -> None:
    small = replace(STILL, budget=Budget(max_requests=1))

    with pytest.raises(UnsupportedParameter) as caught:
        twin(settings=small).list(loopback.account("woocommerce"), name="Nobody At All", limit=1)

    assert caught.value.parameter == "name"
    assert "the budget max_requests=1 is used up" in caught.value.message


@both
def test_an_ignored_filter_says_so(twin: type[Twin], loopback: Loopback) -> None:
    account = loopback.account("woocommerce")

    page = twin().list(account, name="Nobody At All", unsupported="ignore", limit=2)

    assert page.result == twin().list(account, limit=2).result
    assert [(entry.parameter, entry.how, entry.reason) for entry in page.query_plan] == [
        ("name", "ignored", 'the provider has no filter for "name"')
    ]


BROKEN = {"id": 2, "date_created_gmt": "once upon a time"}
GOOD = [{"id": number} for number in (1, 3, 4, 5)]


def faults_of(page: Page[Any]) -> list[tuple[int, str]]:
    return [(fault.index, fault.field) for fault in page.record_errors]


@both
def test_a_broken_record_is_kept_with_its_fault(twin: type[Twin]) -> None:
    page = twin(transport=serve(GOOD[0], BROKEN, *GOOD[1:])).list(SHOP)

    assert [(record.id, record.created_at) for record in page.result][1] == ("2", None)
    assert page.result[1].remote_data == BROKEN
    assert faults_of(page) == [(1, "created_at")]


@both
def test_a_broken_record_can_be_skipped(twin: type[Twin]) -> None:
    page = twin(transport=serve(GOOD[0], BROKEN, *GOOD[1:])).list(SHOP, on_record_error="skip")

    assert [record.id for record in page.result] == ["1", "3", "4", "5"]
    assert faults_of(page) == [(1, "created_at")]


@both
@pytest.mark.parametrize("page", [[GOOD[0], BROKEN, *GOOD[1:]], [BROKEN]])
def test_a_broken_record_can_end_the_call(page: list[dict[str, Any]], twin: type[Twin]) -> None:
    with pytest.raises(MappingError) as caught:
        twin(transport=serve(*page)).list(SHOP, on_record_error="raise")

    assert caught.value.field == "created_at"
    assert caught.value.remote_data == BROKEN
    assert caught.value.place.startswith("mappings/ecommerce/customers/woocommerce.yaml:")
    assert 'expected a time, got "once upon a time"' in caught.value.message


@both
def test_more_than_a_quarter_broken_means_that_the_mapping_is(twin: type[Twin]) -> None:
    with pytest.raises(MappingError, match="2 of 4 records break the mapping"):
        twin(transport=serve(GOOD[0], BROKEN, GOOD[1], {**BROKEN, "id": 9})).list(SHOP)


@both
def test_a_get_of_a_broken_record_is_an_error(twin: type[Twin]) -> None:
    with pytest.raises(MappingError, match='expected a time, got "once upon a time"'):
        twin(transport=serve(BROKEN)).get(SHOP, "2")


@both
def test_an_answer_without_a_list_is_an_error_and_no_empty_page(twin: type[Twin]) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"customers": []}))

    with pytest.raises(MappingError, match="no list of records at the whole body"):
        twin(transport=transport).list(SHOP)


@both
def test_the_same_page_again_stops_with_an_error(twin: type[Twin]) -> None:
    with pytest.raises(Exception, match="the provider gave the same page again; stopped so as not to loop") as caught:
        twin(transport=serve(*GOOD, total=1000)).list(SHOP, limit=200)

    assert getattr(caught.value, "code", None) == "pagination_loop"


# ------------------------------------------------------------------------------- the clients themselves


def test_a_client_can_be_closed_without_a_context() -> None:
    client = Client(transport=serve(*GOOD))

    page = client.list(CUSTOMERS, SHOP)
    client.close()

    assert [record.id for record in page.result] == ["1", "3", "4", "5"]


@pytest.mark.anyio
async def test_an_async_client_can_be_closed_without_a_context() -> None:
    client = AsyncClient(transport=serve(*GOOD))

    page = await client.list(CUSTOMERS, SHOP)
    await client.aclose()

    assert [record.id for record in page.result] == ["1", "3", "4", "5"]


def test_a_client_serves_several_providers_with_its_one_pool(loopback: Loopback) -> None:
    with Client(settings=Settings()) as client:
        pages = [client.list(CUSTOMERS, loopback.account(slug), limit=2) for slug in SLUGS]

    assert [page.result_count for page in pages] == [2, 2]


def test_leaving_an_iteration_early_reads_no_further_page(loopback: Loopback) -> None:
    with Client() as client:
        first = next(client.iterate(CUSTOMERS, loopback.account("woocommerce"), limit=10))

    assert first.id
    assert len(loopback.store("woocommerce").requests) == 1


def test_async_and_sync_explain_alike() -> None:
    query: dict[str, Any] = {"email": "a@b.c", "limit": 5}

    assert AsyncTwin(transport=NO_NETWORK).explain(SHOP, **query) == SyncTwin(transport=NO_NETWORK).explain(
        SHOP, **query
    )


@pytest.mark.parametrize(
    "account", ["woocommerce", {"provider": "woocommerce", "credentials": {"key": "s3cret"}}, None]
)
def test_what_is_no_account_is_refused(account: Any) -> None:
    with Client(transport=NO_NETWORK) as client, pytest.raises(InvalidInput) as caught:
        client.list(CUSTOMERS, account)

    assert caught.value.message == (
        "an account is Account(provider=..., credentials={...}, context={...}), "
        f"not a value of the type {type(account).__name__}"
    )
