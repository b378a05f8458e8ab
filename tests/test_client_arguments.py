"""Arguments, accounts and cursors that no call can be meant by: both clients refuse them before anything is sent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.one_shop import NO_NETWORK, SHOP, serve
from tests.twins import CUSTOMERS, STILL, SyncTwin, Twin, both
from truto_unify import (
    Account,
    CallError,
    InvalidCursor,
    InvalidId,
    InvalidInput,
    MissingCredential,
    UnknownProvider,
    UnsupportedParameter,
)
from truto_unify.models.query_values import LIST_OPTIONS

if TYPE_CHECKING:
    from tests.loopback import Loopback

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
