from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.query.meaning import select
from tests.query.shops import CUSTOMERS, ORIGIN, SLUGS, ids, joined, open_shop
from truto_unify.engine import cursor as cursors
from truto_unify.engine.arguments import read_filters
from truto_unify.engine.list_read import begin_list
from truto_unify.errors import InvalidCursor, InvalidInput, ProviderError
from truto_unify.models import RESOURCES
from truto_unify.types import Call

if TYPE_CHECKING:
    from tests.query.conftest import Market
    from tests.query.shops import Shop

QUERY: dict[str, Any] = {"last_name": {"like": "a"}, "limit": 4}
SORT = {"sort_by": {"created_at": "desc"}}
MAIN_EMAIL = {"emails": [{"email": "a@x.test", "is_primary": True}]}
YEAR_2024 = {"created_at": {"gte": "2024-01-01", "lt": "2025-01-01"}}
YEAR, FIRST, BEGINS = "2025-01-01T00:00:00Z", "info.name.first", "$startsWith"
OTHER_CALL = (
    "this cursor belongs to another account, resource, query or sort; repeat the call it came from, "
    "or start again without a cursor"
)
DAMAGED = "this cursor is damaged; pass next_cursor exactly as it was given"


def first_cursor(shop: Shop, **query: Any) -> str:
    cursor = shop.page(**query).next_cursor
    assert cursor is not None
    return cursor


def binding(shop: Shop, **query: Any) -> str:
    """What a cursor of this call is bound to."""
    call = Call(resource=CUSTOMERS, method="list", filters=read_filters(RESOURCES[CUSTOMERS], query))
    mapper = shop.registry.mapper(CUSTOMERS, shop.slug)
    return begin_list(mapper, shop.account, call, shop.settings).fingerprint


@pytest.mark.parametrize(
    "changes",
    [
        {"last_name": {"like": "b"}},
        {"last_name": "a"},
        {"last_name": {"like": "A"}},
        {"first_name": {"like": "a"}},
        {"sort_by": {"created_at": "asc"}},
        {"sort_by": {"updated_at": "desc"}},
        {"unsupported": "ignore"},
        {"remote_query": {"zzz": "1"}},
    ],
)
@pytest.mark.parametrize("slug", SLUGS)
def test_a_cursor_belongs_to_its_query(market: Market, slug: str, changes: dict[str, Any]) -> None:
    shop = market.know(slug).shop
    cursor = first_cursor(shop, **QUERY)
    shop.forget()
    with pytest.raises(InvalidCursor) as caught:
        shop.page(**{**QUERY, **changes}, next_cursor=cursor)

    assert (caught.value.message, shop.asked) == (OTHER_CALL, [])


@pytest.mark.parametrize("slug", SLUGS)
def test_a_sorted_cursor_belongs_to_its_direction(market: Market, slug: str) -> None:
    shop = market.know(slug).shop
    for field in ("created_at", "updated_at"):
        cursor = first_cursor(shop, sort_by={field: "asc"}, limit=4)
        for other in ({field: "desc"}, {"created_at" if field == "updated_at" else "updated_at": "asc"}, None):
            with pytest.raises(InvalidCursor, match=r"^this cursor belongs to another account, "):
                shop.page(sort_by=other, limit=4, next_cursor=cursor)


def test_a_cursor_belongs_to_its_account(market: Market) -> None:
    known = {slug: market.know(slug).shop for slug in SLUGS}
    cursors = {slug: first_cursor(shop, **QUERY) for slug, shop in known.items()}
    for slug, shop in known.items():
        shop.forget()
        for other, cursor in cursors.items():
            if other != slug:
                with pytest.raises(InvalidCursor, match=r"^this cursor belongs to another account, "):
                    shop.page(**QUERY, next_cursor=cursor)
        assert shop.asked == []


def test_a_cursor_belongs_to_one_account_of_a_provider(market: Market) -> None:
    shop = market.know("woocommerce").shop
    cursor = first_cursor(shop, **QUERY)
    for other in (
        replace(shop.account, base_url="https://other.example.test/wp-json/wc/v3"),
        replace(shop.account, context={"store_url": "https://other.example"}),
        replace(shop.account, id="another"),
    ):
        shop.forget()
        with pytest.raises(InvalidCursor, match=r"^this cursor belongs to another account, "):
            shop.client.list(CUSTOMERS, other, **QUERY, next_cursor=cursor)
        assert shop.asked == []


def test_a_cursor_holds_for_another_secret_of_the_same_account(market: Market) -> None:
    """Tokens are renewed while a list is read."""
    with open_shop("wix", market.registry()) as shop:
        cursor = first_cursor(shop, **QUERY)
        shop.account = replace(shop.account, credentials={"api_key": "renewed"})
        with pytest.raises(ProviderError, match="Unauthenticated"):  # the store was asked and does not know the key
            shop.page(**QUERY, next_cursor=cursor)


@pytest.mark.parametrize("slug", SLUGS)
def test_a_cursor_holds_for_another_spelling_of_the_same_query(market: Market, slug: str) -> None:
    shop = market.know(slug).shop
    query = {"created_at": {"gte": "2024-01-01T00:00:00Z", "lt": "2026-01-01T00:00:00Z"}, "last_name": {"like": "a"}}
    same = {"last_name": {"like": "a"}, "created_at": {"lt": "2026-01-01", "gte": "2024-01-01T02:00:00+02:00"}}
    cursor = first_cursor(shop, **query, limit=3)
    page, same_page = (shop.page(**form, limit=3, next_cursor=cursor) for form in (query, same))

    assert page.result == same_page.result != []


def test_a_cursor_belongs_to_its_mapping(market: Market) -> None:
    """If the store sorts, a position is a number of records; if the engine sorts, it is a key."""
    native, emulated = market.know("wix"), market.know("wix", is_emulated=True)
    query = {"sort_by": {"created_at": "desc"}, "limit": 4}
    for known, other in ((native, emulated), (emulated, native)):
        cursor = first_cursor(known.shop, **query)
        with pytest.raises(InvalidCursor, match=r"^this cursor belongs to another account, "):
            other.shop.page(**query, next_cursor=cursor)


# ------------------------------------------------------------------------------------------------ forgery


@pytest.mark.parametrize("slug", SLUGS)
def test_a_cursor_with_any_character_changed_is_refused(market: Market, slug: str) -> None:
    shop = market.know(slug).shop
    cursor = first_cursor(shop, **QUERY)
    shop.forget()
    for index, letter in enumerate(cursor):
        other = "B" if letter == "A" else "A"
        with pytest.raises(InvalidCursor, match=f"^{DAMAGED}$"):
            shop.page(**QUERY, next_cursor=cursor[:index] + other + cursor[index + 1 :])
    for wrong in (cursor[:-1], cursor + "A", cursor + "=", cursor.swapcase(), f" {cursor}", "x", quote(cursor) + "%3D"):
        with pytest.raises(InvalidCursor, match=f"^{DAMAGED}$"):
            shop.page(**QUERY, next_cursor=wrong)
    assert shop.asked == []


def test_a_cursor_sealed_with_another_key_is_refused(market: Market) -> None:
    shop = market.know("shopify").shop
    client = shop.open_client(replace(shop.settings, cursor_key=b"another key"))
    with client:
        cursor = client.list(CUSTOMERS, shop.account, **QUERY).next_cursor
        with pytest.raises(InvalidCursor, match=f"^{DAMAGED}$"):
            shop.page(**QUERY, next_cursor=cursor)
        with pytest.raises(InvalidCursor, match=f"^{DAMAGED}$"):
            client.list(CUSTOMERS, shop.account, **QUERY, next_cursor=first_cursor(shop, **QUERY))


def test_a_cursor_of_another_version_is_refused(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = market.know("shopify").shop
    monkeypatch.setattr(cursors, "VERSION", cursors.VERSION + 1)
    cursor = first_cursor(shop, **QUERY)
    monkeypatch.undo()
    with pytest.raises(InvalidCursor, match=r"^this cursor was made by another version; start again without a cursor$"):
        shop.page(**QUERY, next_cursor=cursor)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example.test/admin/api/2026-07/customers.json?page_info=x",
        "http://sandbox.example.test/admin/api/2026-07/customers.json",
        "https://sandbox.example.test:8443/admin/api/2026-07/customers.json",
        "https://sandbox.example.test@evil.example.test/customers.json",
        "https://user:secret@sandbox.example.test/customers.json",
        "//evil.example.test/",
        "/customers.json",
        "file:///etc/passwd",
        "",
    ],
)
def test_a_link_that_leaves_the_stores_own_origin_is_refused(market: Market, url: str) -> None:
    """Even a correctly sealed link must not send credentials to another host."""
    shop = market.know("shopify_rest").shop
    forged = cursors.write_cursor(cursors.Position({"url": url}), binding(shop), shop.settings.cursor_key)
    shop.forget()
    with pytest.raises(InvalidCursor, match="outside the provider's API root"):
        shop.page(next_cursor=forged)

    assert shop.asked == []


def test_a_cursor_holds_no_secret(market: Market) -> None:
    for slug in SLUGS:
        shop = market.know(slug).shop
        raw = base64.urlsafe_b64decode(first_cursor(shop, **QUERY) + "==")
        content = json.loads(raw[16:])
        secrets = [value for value in shop.account.credentials.values() if value in str(content)]
        assert (secrets, set(content) <= {"v", "b", *"pszagqlotcfwunixrhkedjEJ"}) == ([], True)
        assert len(raw) < 1000


# ------------------------------------------------------------------------------------------- another limit


@pytest.mark.parametrize("page_size", [None, 9])
@pytest.mark.parametrize("slug", SLUGS)
@settings(max_examples=3)
@given(limits=st.lists(st.integers(1, 60), min_size=2, max_size=9), is_sorted=st.booleans(), is_filtered=st.booleans())
def test_the_limit_may_change_from_page_to_page(
    market: Market, slug: str, page_size: int | None, limits: list[int], is_sorted: bool, is_filtered: bool
) -> None:
    known = market.know(slug, page_size)
    query: dict[str, Any] = {"sort_by": {"updated_at": "desc"}} if is_sorted else {}
    filters = {"last_name": {"like": "a"}} if is_filtered else {}
    pages = known.shop.walk([*limits, 40], **query, **filters)

    assert sorted(ids(joined(pages))) == sorted(ids(select(known.records, filters)))
    assert all(0 < page.result_count <= limit for page, limit in zip(pages[:-1], [*limits, *[40] * 99], strict=False))


@pytest.mark.parametrize("slug", SLUGS)
def test_options_of_the_answer_may_change_from_page_to_page(market: Market, slug: str) -> None:
    known = market.know(slug)
    cursor = first_cursor(known.shop, limit=5)
    raw = known.shop.page(limit=5, next_cursor=cursor, response_format="raw")
    bare = known.shop.page(limit=5, next_cursor=cursor, exclude_fields="addresses,phones")

    assert ids(bare.result) == ids(known.records)[5:10]
    assert raw.result_count == 5
    assert raw.next_cursor == bare.next_cursor


# -------------------------------------------------------------------------------------------- remote_query


@pytest.mark.parametrize(
    ("slug", "remote_query", "statement"),
    [
        ("bigcommerce", {"customer_group_id:in": 0}, "customer_group_id:in=0"),
        ("commerce7", {"orderCount": "gte:2"}, "orderCount=gte:2"),
        ("shopify", {"query": "state:enabled"}, "variables.query=state:enabled"),
        ("shopify_rest", {"ids": "7000000000001,7000000000002"}, "ids=7000000000001,7000000000002"),
        ("wix", {"search": "an"}, "search=an"),
        ("wix", {"query": {"filter": {"info.company": {"$exists": True}}}}, "query.filter.info.company.$exists=true"),
        ("woocommerce", {"role": "all"}, "role=all"),
        ("zohoinventory", {"filter_by": "Status.Inactive"}, "filter_by=Status.Inactive"),
    ],
)
def test_remote_query_reaches_the_store_on_every_page(
    market: Market, slug: str, remote_query: dict[str, Any], statement: str
) -> None:
    with open_shop(slug, market.registry(9)) as shop:
        everybody = len(shop.records())
        shop.wire.rest = 10.0
        shop.forget()
        pages = shop.walk([20], remote_query=remote_query)
        first_ask = shop.asked[:1] if slug == "shopify_rest" else shop.asked  # a link repeats it in its own way

        assert all(statement in question.statements for question in first_ask)
        assert len(set(ids(joined(pages)))) == len(joined(pages))
        assert slug in {"bigcommerce", "woocommerce"} or 0 < len(joined(pages)) < everybody
        assert slug != "woocommerce" or len(joined(pages)) == everybody + 1  # the shop's administrator


@pytest.mark.parametrize(
    ("slug", "query", "remote_query", "wins"),
    [
        ("bigcommerce", {"email": "a@x.test"}, {"email:in": "b@x.test"}, "email:in=b@x.test"),
        ("commerce7", {"first_name": "Ana"}, {"q": "Bo"}, "q=Bo"),
        ("commerce7", {"created_at": {"gte": "2024-01-01"}}, {"createdAt": "lt:2026-01-01"}, "createdAt=lt:2026-01-01"),
        ("commerce7", YEAR_2024, {"createdAt": "gt:2023-05-01"}, "createdAt=gt:2023-05-01"),
        ("shopify", {"first_name": "Ana"}, {"query": "state:enabled"}, "variables.query=state:enabled"),
        ("shopify", SORT, {"sortKey": "ID"}, "variables.sortKey=ID"),
        ("shopify_rest", {"created_at": {"gte": "2024-01-01"}}, {"created_at_min": YEAR}, f"created_at_min={YEAR}"),
        (
            "wix",
            {"first_name": "Ana"},
            {"query": {"filter": {FIRST: {BEGINS: "B"}}}},
            f"query.filter.{FIRST}.{BEGINS}=B",
        ),
        ("wix", SORT, {"query": {"sort": [{"fieldName": FIRST}]}}, f'query.sort=[{{"fieldName": "{FIRST}"}}]'),
        ("woocommerce", MAIN_EMAIL, {"email": "b@x.test"}, "email=b@x.test"),
        ("woocommerce", MAIN_EMAIL, {"email[]": "b@x.test"}, "email[]=b@x.test"),
        ("woocommerce", SORT, {"orderby": "name"}, "orderby=name"),
        ("zohoinventory", SORT, {"sort_order": "A"}, "sort_order=A"),
    ],
)
def test_remote_query_wins_and_the_filter_is_emulated(
    market: Market, slug: str, query: dict[str, Any], remote_query: dict[str, Any], wins: str
) -> None:
    with open_shop(slug, market.registry()) as shop:
        passed = joined(shop.walk([None], remote_query=remote_query))
        shop.forget()
        page = shop.page(**query, remote_query=remote_query, limit=300)
        name = wins.partition("=")[0]

        assert [statement for statement in shop.asked[0].statements if statement.partition("=")[0] == name] == [wins]
        assert {entry.how for entry in page.query_plan} == {"emulated"}
        assert all(str(entry.reason).endswith(" is already used") for entry in page.query_plan[:1])
        filters = {key: value for key, value in query.items() if key != "sort_by"}
        assert sorted(ids(page.result)) == sorted(ids(select(passed, filters)))


@pytest.mark.parametrize(
    ("slug", "remote_query"),
    [
        ("bigcommerce", {"page": 2}),
        ("bigcommerce", {"limit": 5}),
        ("bigcommerce", {"after": "eyJpZCI6NX0"}),
        ("bigcommerce", {"access_token": "other"}),
        ("commerce7", {"cursor": "start"}),
        ("commerce7", {"page": 3}),
        ("commerce7", {"app_secret": "x"}),
        ("shopify", {"after": "x"}),
        ("shopify", {"first": 250}),
        ("shopify_rest", {"page_info": "x"}),
        ("shopify_rest", {"limit": 1}),
        ("shopify_rest", {"access_token": "x"}),
        ("wix", {"query": {"paging": {"offset": 5}}}),
        ("wix", {"query": {"cursorPaging": {"limit": 5}}}),
        ("wix", {"query": None}),
        ("woocommerce", {"page": 2}),
        ("woocommerce", {"page[]": 2}),
        ("woocommerce", {"per page": 2}),
        ("woocommerce", {"per.page": 2}),
        ("woocommerce", {"PER_PAGE": 2}),
        ("woocommerce", {" offset": 2}),
        ("woocommerce", {"offset\0x": 2}),
        ("woocommerce", {"consumer_key": "ck_other"}),
        ("woocommerce", {"consumer_secret": "cs_other"}),
        ("woocommerce", {"consumer_key[]": "ck_other"}),
        ("zohoinventory", {"organization_id": "1"}),
        ("zohoinventory", {"per_page": 1}),
        ("zohoinventory", {"refresh_token": "x"}),
    ],
)
def test_remote_query_may_not_set_paging_or_credentials(
    market: Market, slug: str, remote_query: dict[str, Any]
) -> None:
    shop = market.know(slug).shop
    shop.forget()
    (name,) = remote_query
    with pytest.raises(InvalidInput) as caught:
        shop.page(remote_query=remote_query)

    assert caught.value.message in {
        f'remote_query may not set "{name}", which pages the list; use limit and next_cursor',
        f'remote_query may not set "{name}", which belongs to the account',
    }
    assert shop.asked == []


def test_the_links_of_a_store_are_its_own(market: Market) -> None:
    """Credentials go only to the account's own address, whatever host the store's links name."""
    shop = market.know("shopify_rest", 9).shop
    shop.forget()
    shop.walk([9])

    assert len(shop.asked) > 10
    assert shop.account.base_url is not None
    assert shop.account.base_url.startswith(ORIGIN)
