"""Values that contain syntax reach a store unchanged, or the engine filters by them itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.loopback import PEOPLE
from tests.query.meaning import TEXTS, select
from tests.query.shops import SLUGS, ids, open_shop
from truto_unify.errors import CallError, InvalidInput, UnsupportedParameter
from truto_unify.sandbox.shopify.search import Group, Node, SearchTerm, parse_search

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.query.conftest import Market
    from tests.query.shops import Question, Shop

HOSTILE = (
    'a"b',
    '"',
    "'; DROP TABLE customers; --",
    "O'Brien",
    "back\\slash\\",
    '\\"',
    "a,b",
    ",",
    "Ana,",
    "first_name:*",
    "a:b",
    "gt:1",
    "GTE:2024-01-01",
    "btw:a|b",
    "ne:x",
    "in:a|b",
    "Ana OR email:*",
    "NOT Ana",
    "-Ana",
    "(Ana",
    "Ana) OR (x",
    "*",
    "Ana*",
    "%",
    "_",
    "A_a",
    '{"$ne": null}',
    '{"$gt": ""}',
    "$startsWith",
    "[]",
    "{value}",
    "{id}",
    "{credentials.access_token}",
    "{{7*7}}",
    "a&email=b@c.test",
    "a=b#c?d",
    "a%26b%00c",
    "a+b c",
    "../../admin",
    "line\nbreak",
    "tab\there",
    "re\r\nX-Injected: 1",
    "nul\x00byte",
    "\x7fdel",
    "\u202egnirts",
    "a\u200bb",
    "e\u0301tude",
    "\ufeffbom",
    "李小明",
    "👩‍👩‍👧 Ruiz",
    "ﬀ ligature",
    "sepa\u2028rator",
    "null",
    "true",
    "<script>alert(1)</script>",
)
LONG = "x" * 100_000
LOCAL_PARTS = ("o'brien+", "a_b", "{id}", "or", "x-", "*", "a&b=", "%40", "$ne", "#", '"a b"', "a,b", "gt:")
EMAILS = tuple(f"{part}{number}@example.com" for number, part in enumerate(LOCAL_PARTS))
PARAMETERS = {
    "bigcommerce": {"name:like", "company:in", "email:in"},
    "commerce7": {"q"},
    "zohoinventory": {f"{name}_contains" for name in ("contact_name", *TEXTS[1:])},
}
COMPANIES_OF_ADDRESSES = {"commerce7", "shopify", "shopify_rest"}  # and nobody here has an address
PLACES = {"info.name.first", "info.name.last", "info.company", "info.emails.email"}


def people() -> Iterator[Any]:
    """Customers with these names, and customers with other names."""
    yield from PEOPLE[:5]
    for number, value in enumerate((*HOSTILE, LONG)):
        base = PEOPLE[5 + number % 100]
        email = f"{LOCAL_PARTS[number % len(LOCAL_PARTS)]}{number}@example.com"
        yield replace(base, first_name=value, last_name=f"{value} Ruiz", company=value, email=email, addresses=())


@pytest.fixture(scope="module")
def crowds(market: Market) -> dict[str, Shop]:
    """Each store, with these customers."""
    everybody = list(people())
    opened = {slug: open_shop(slug, market.registry(), everybody, remembers=True) for slug in SLUGS}
    return {slug: market.stack.enter_context(shop) for slug, shop in opened.items()}


def check_requests(shop: Shop, field: str, values: list[str]) -> None:
    """Each request holds only this value, in this parameter."""
    plain = {value.strip() for value in values}
    for question in shop.asked:
        check_question(shop.slug, question, field, plain)


def check_question(slug: str, question: Question, field: str, plain: set[str]) -> None:
    if slug == "shopify":
        if question.search:
            check_search(parse_search(question.search), field, plain)
        return
    if slug == "wix":
        conditions = question.body["query"].get("filter", {})
        assert set(question.body) == {"query"}
        for place, condition in conditions.items():
            assert place in PLACES
            assert set(condition) == {"$startsWith"}
            assert condition["$startsWith"] in plain
        return
    allowed = PARAMETERS.get(slug, set())
    said = [(name, value) for name, value in question.params if name in allowed]
    others = {name for name, _ in question.params} - {name for name, _ in said}
    assert others <= OTHERS[slug]
    assert len(said) <= 1
    for name, value in said:
        parts = value.split(",") if name.endswith(":in") else [value]
        assert set(parts) <= plain


OTHERS = {
    "bigcommerce": {"include", "sort", "limit", "page"},
    "commerce7": {"cursor", "limit"},
    "shopify_rest": {"limit", "page_info"},
    "woocommerce": {"orderby", "order", "per_page", "page", "offset"},
    "zohoinventory": {"organization_id", "contact_type", "sort_column", "sort_order", "per_page", "page"},
}


def check_search(tree: Node, field: str, plain: set[str]) -> None:
    terms = list(tree.parts) if isinstance(tree, Group) else [tree]
    value = max(plain, key=len)
    assert not isinstance(tree, Group) or tree.joiner == "and"
    if field == "name":
        words = [word for word in value.split() if any(letter.isalnum() for letter in word)]
        assert terms == [SearchTerm("default", "", word, quoted=True) for word in words]
    else:
        assert terms == [SearchTerm(field, "", value, quoted=True)]


def is_sent(shop: Shop, field: str) -> bool:
    """Whether a filter by this field reaches the store; if it does not, all fields and stores share one code."""
    plain = "ana@example.com" if field == "email" else "Ana"
    queries: list[dict[str, Any]] = [{field: plain}, {field: {"like": plain}}, {field: {"in": [plain, "b"]}}]
    return any(entry.how == "native" for query in queries for entry in shop.page(**query, limit=1).query_plan)


@pytest.mark.parametrize("field", TEXTS)
@pytest.mark.parametrize("slug", SLUGS)
def test_a_hostile_value_is_a_value(crowds: dict[str, Shop], slug: str, field: str) -> None:
    shop = crowds[slug]
    records = shop.records()
    turn, match_count = TEXTS.index(field), 0
    every = (*HOSTILE, *EMAILS) if field == "email" else HOSTILE
    values = every if is_sent(shop, field) else every[turn :: len(TEXTS)]
    for number, value in enumerate(values):
        # Each value with one of two operators, by turns of the fields: they differ less than the values do.
        whole = {"name": f"{value} {value} ruiz", "last_name": f"{value} RUIZ"}.get(field, value)
        forms: list[dict[str, Any]] = [{field: whole}, {field: {"like": value}}, {field: {"in": [whole, "b"]}}]
        query = forms[0] if (number + turn) % 2 else forms[1 + number % 2]
        shop.forget()
        result = shop.page(**query, limit=300).result
        assert sorted(ids(result)) == sorted(ids(select(records, query))), query
        operations = query[field] if isinstance(query[field], dict) else {}
        check_requests(shop, field, operations.get("in", [whole, value]))
        match_count += len(result)

    has_some = field != "company_name" or slug not in COMPANIES_OF_ADDRESSES
    least = sum(field != "email" or value in EMAILS for value in values)
    assert (match_count >= max(least, 1)) == has_some


@pytest.mark.parametrize("field", TEXTS)
@pytest.mark.parametrize("slug", SLUGS)
def test_100_kilobytes_are_a_value_too(crowds: dict[str, Shop], slug: str, field: str) -> None:
    shop = crowds[slug]
    records = shop.records()
    forms: Any = [{field: LONG}, {field: {"like": LONG}}, {field: {"in": [LONG, "x"]}}, {field: f"{LONG}@x.test"}]
    for query in forms if is_sent(shop, field) else forms[TEXTS.index(field) % len(forms) :][:1]:
        shop.forget()
        assert ids(shop.page(**query, limit=300).result) == ids(select(records, query))
        assert all(len(str(question.params)) < 5000 for question in shop.asked)


# Without é: a name holds it decomposed, and whether a store finds that by the composed letter is not documented.
SIGNS = "\"'\\,:|*%_(){}[]$<>=&#?+-.@/~ \n\x00\u00a0ñ李aZ1"
WORDS = (" OR ", " AND ", "NOT ", "gt:", "btw:", "{value}", "{id}", "$ne", "email:")
MIXTURES = st.lists(st.sampled_from([*SIGNS, *WORDS]), min_size=1, max_size=8)


@pytest.mark.parametrize("slug", SLUGS)
@settings(max_examples=15)
@given(pieces=MIXTURES, field=st.sampled_from(TEXTS), op=st.sampled_from(["eq", "like"]))
def test_any_mixture_of_syntax_is_a_value(
    crowds: dict[str, Shop], slug: str, pieces: list[str], field: str, op: str
) -> None:
    shop, value = crowds[slug], "".join(pieces)
    records = shop.records()
    shop.forget()
    query = {field: {op: value}}
    if not value.strip():
        with pytest.raises(InvalidInput, match="is blank, which nothing can match"):
            shop.page(**query)
        return

    assert sorted(ids(shop.page(**query, limit=300).result)) == sorted(ids(select(records, query)))
    check_requests(shop, field, [value])


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("slug", ["shopify", "woocommerce"])
def test_a_hostile_part_of_an_element_is_a_value(crowds: dict[str, Shop], slug: str, value: str) -> None:
    """The two stores that filter by several parts of an element."""
    shop = crowds[slug]
    records = shop.records()
    for query in (
        {"emails": [{"email": value, "is_primary": True}]},
        {"emails": [{"email": f"{value}@example.com", "is_primary": True}]},
        {"emails": [{"email": "a@example.com", "type": value}]},
        {"phones": [{"number": value, "type": "primary"}]},
        {"phones": [{"number": f"+1{value}", "type": "primary"}]},
    ):
        shop.forget()
        assert ids(shop.page(**query, limit=300).result) == ids(select(records, query))


@pytest.mark.parametrize(
    ("email", "how"),
    [
        ("o'brien+x@example.com", "native"),
        ("A.B!#$%&/=?^_`{|}~@sub.example-x.co", "native"),
        ("*@example.com", "emulated"),
        ("a*@example.com", "emulated"),
        ("josé@example.com", "emulated"),
        ("a@exämple.com", "emulated"),
        ("a@-example.com", "emulated"),
        ("a@example-.com", "emulated"),
        ("a@example..com", "emulated"),
        ("a@b.c", "emulated"),
        ("ſ@example.com", "emulated"),
        ("a@b@example.com", "emulated"),
        ('"a b"@example.com', "emulated"),
        (f"{'a' * 4000}@example.com", "emulated"),
        (f"a@{'-' * 50_000}", "emulated"),
    ],
)
def test_the_shop_that_checks_emails_receives_only_valid_ones(crowds: dict[str, Shop], email: str, how: str) -> None:
    shop = crowds["woocommerce"]
    page = shop.page(emails=[{"email": email, "is_primary": True}])

    assert ([entry.how for entry in page.query_plan], page.result) == ([how], [])


@pytest.mark.parametrize(
    ("query", "kind", "message"),
    [
        (
            {"first_name": {"$ne": None}},
            UnsupportedParameter,
            '"first_name" has no operator "$ne"; it has eq, in, ',
        ),
        ({"first_name": {"like": {"$gt": ""}}}, InvalidInput, "first_name[like] must be text, not an object"),
        ({"first_name": ["a", {"$ne": 1}]}, InvalidInput, "first_name[in] must be text, not an object"),
        ({"first_name": "\ud800"}, InvalidInput, "first_name[eq] holds half of a surrogate pair, which is not text"),
        ({"emails": [{"$or": "a"}]}, UnsupportedParameter, '"emails" has no part "$or"; it has email, type, '),
        ({"emails": [{"is_primary": "true OR 1"}]}, InvalidInput, "emails[0][is_primary] must be true or false, not "),
        ({"created_at": "gt:2024-01-01"}, InvalidInput, "created_at[eq] must be an ISO 8601 time such as "),
        ({"created_at": {"gte": "2024-01-01' OR email:'*"}}, InvalidInput, "created_at[gte] must be an ISO 8601 time"),
        ({"created_at": {"gte": "2024-01-01|2025-01-01"}}, InvalidInput, "created_at[gte] must be an ISO 8601 time "),
        ({"sort_by": {"created_at": "asc; drop"}}, InvalidInput, "sort_by[created_at] must be asc or desc, not "),
        ({"sort_by": {"id)": "asc"}}, UnsupportedParameter, 'ecommerce/customers cannot be sorted by "id)"; it has '),
        ({"$where": "1"}, UnsupportedParameter, 'ecommerce/customers has no query parameter "$where"; it has '),
    ],
)
@pytest.mark.parametrize("slug", SLUGS)
def test_an_invalid_value_is_refused_before_anything_is_sent(
    crowds: dict[str, Shop], slug: str, query: dict[str, Any], kind: type[CallError], message: str
) -> None:
    shop = crowds[slug]
    shop.forget()
    with pytest.raises(kind) as caught:
        shop.page(**query)

    assert (caught.value.message[: len(message)], shop.asked) == (message, [])
