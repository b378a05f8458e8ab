"""The cases that unified APIs often get wrong, for each store, and each rule of values by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.loopback import PEOPLE
from tests.query.meaning import in_order, select
from tests.query.shops import SLUGS, ids, joined, open_shop

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.query.conftest import Known, Market

YEAR = {"gte": "2025-01-01T00:00:00Z", "lt": "2026-01-01T00:00:00Z"}


def asked_names(known: Known) -> set[str]:
    """The names of the parameters that the store received."""
    return {statement.partition("=")[0] for question in known.shop.asked for statement in question.statements}


@pytest.mark.parametrize(
    ("slug", "query", "how", "place"),
    [
        ("woocommerce", {"updated_at": YEAR}, "emulated", "modified_after"),
        ("commerce7", {"email": "ZOE.Horvath11@example.com"}, "native", "email"),
        ("commerce7", {"email": "nobody@example.com"}, "native", "email"),
        ("bigcommerce", {"first_name": "zoe"}, "native", "first_name"),
        ("bigcommerce", {"first_name": "Horvath"}, "native", "first_name"),
        ("shopify", {"company_name": "three foxes llc"}, "emulated", "company_name"),
        ("shopify", {"company_name": {"like": "ñandú"}}, "emulated", "company_name"),
    ],
)
def test_a_filter_that_the_store_ignores_or_lacks_is_applied(
    market: Market, slug: str, query: dict[str, Any], how: str, place: str
) -> None:
    known = market.know(slug)
    known.shop.forget()
    page = known.shop.page(**query, limit=300)

    assert page.result == select(known.records, query)
    assert len(page.result) < len(known.records) / 2
    assert {entry.how for entry in page.query_plan} == {how}
    assert place not in asked_names(known)


@pytest.mark.parametrize("slug", ["woocommerce", "zohoinventory"])
def test_a_date_that_the_store_only_sorts_by_is_applied_to_a_list_that_ends_early(market: Market, slug: str) -> None:
    known = market.know(slug)
    newest_first = in_order(known.records, "created_at", "desc")
    query = {"created_at": {"gte": newest_first[20]["created_at"]}}
    known.shop.forget()
    page = known.shop.page(**query, limit=300)

    assert page.result == select(newest_first, query)
    assert len(known.shop.asked) == 1
    assert page.query_plan[0].reason == (
        'the provider has no filter for "created_at[gte]"; the list is read by created_at, newest first, '
        "and ends behind the bound"
    )


@pytest.mark.parametrize("direction", ["asc", "desc"])
@pytest.mark.parametrize(
    ("slug", "field", "how"),
    [
        ("wix", "updated_at", "emulated"),
        ("wix", "created_at", "native"),
        ("woocommerce", "updated_at", "emulated"),
        ("commerce7", "created_at", "emulated"),
        ("shopify_rest", "updated_at", "emulated"),
    ],
)
def test_a_sort_that_the_store_lacks_is_applied(
    market: Market, slug: str, field: str, how: str, direction: str
) -> None:
    known = market.know(slug)
    pages = known.shop.walk([25], sort_by={field: direction})
    expected = in_order(known.records, field, direction)

    assert [entry.how for entry in pages[0].query_plan] == [how]
    assert [record[field] for record in joined(pages)] == [record[field] for record in expected]
    assert sorted(ids(joined(pages))) == sorted(ids(expected))
    if how == "emulated":
        assert joined(pages) == expected


def test_records_without_the_sorted_field_come_last_both_ways(market: Market) -> None:
    """WooCommerce customers that were never changed have no time of change."""
    known = market.know("woocommerce")
    undated = [record["id"] for record in known.records if record["updated_at"] is None]
    assert undated

    for direction in ("asc", "desc"):
        records = joined(known.shop.walk([40], sort_by={"updated_at": direction}))
        assert ids(records)[len(records) - len(undated) :] == sorted(undated)


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("vary", [str, str.upper, str.swapcase, lambda text: f" \t{text}\u00a0", str.title])
def test_text_compares_without_its_case_and_outer_blanks(market: Market, slug: str, vary: Callable[[str], str]) -> None:
    known = market.know(slug)
    customer = next(record for record in known.records if record["first_name"] == "Jean-Pierre Marie")

    for name in ("name", "first_name", "last_name"):
        page = known.shop.page(**{name: vary(customer[name])}, limit=300)
        assert page.result == [customer]


@pytest.mark.parametrize("slug", SLUGS)
def test_a_part_of_a_text_is_no_match_unless_like_asks_for_it(market: Market, slug: str) -> None:
    known = market.know(slug)
    (customer,) = [record for record in known.records if record["last_name"] == "Saint-Exupéry Dubois"]

    assert known.shop.page(last_name="Saint-Exupéry").result == []
    assert known.shop.page(last_name="Saint Exupéry Dubois").result == []
    assert known.shop.page(last_name={"like": "exupÉRY d"}).result == [customer]
    assert known.shop.page(last_name={"like": " Saint-"}).result == [customer]


@pytest.mark.parametrize("slug", SLUGS)
def test_in_matches_any_of_its_values_and_gives_each_record_once(market: Market, slug: str) -> None:
    known = market.know(slug)
    emails = [record["emails"][0]["email"] for record in known.records if record["emails"]][10:13]
    expected = [record for record in known.records if {email["email"] for email in record["emails"]} & set(emails)]
    for value in ([*emails, "nobody@example.com", emails[0].upper()], ",".join(emails), {"in": tuple(emails)}):
        wanted = {"in": value} if isinstance(value, str) else value
        page = known.shop.page(email=wanted, limit=300)
        assert sorted(ids(page.result)) == sorted(ids(expected))


@pytest.mark.parametrize("slug", SLUGS)
def test_an_email_filter_matches_any_email_of_a_customer(market: Market, slug: str) -> None:
    known = market.know(slug)
    emails = [(record, element["email"]) for record in known.records for element in record["emails"]]
    second = [pair for pair in emails if pair[0]["emails"][0]["email"] != pair[1]][:3]

    assert bool(second) == (slug in {"commerce7", "wix", "woocommerce"})
    for record, email in [*emails[:2], *second]:
        for query in ({"email": email}, {"email": f"  {email.upper()}"}, {"emails": [{"email": email}]}):
            assert known.shop.page(**query, limit=300).result == [record]


def test_an_element_matches_when_one_element_has_all_the_parts(market: Market) -> None:
    known = market.know("woocommerce")
    customer = next(record for record in known.records if len(record["emails"]) == 2)
    main, billing = customer["emails"]
    parts = {"email": billing["email"], "type": "billing", "is_primary": False}

    assert known.shop.page(emails=[parts]).result == [customer]
    assert known.shop.page(emails=[{**parts, "type": "primary"}]).result == []
    assert known.shop.page(emails=[{**parts, "is_primary": True}]).result == []
    assert known.shop.page(emails=[{**parts, "type": "primary"}, {"email": main["email"]}]).result == [customer]


@pytest.mark.parametrize("slug", SLUGS)
def test_phone_numbers_compare_by_their_digits(market: Market, slug: str) -> None:
    known = market.know(slug)
    record = next(customer for customer in known.records[20:] if customer["phones"])
    number = record["phones"][0]["number"]
    digits = "".join(letter for letter in number if letter.isdigit())
    expected = select(known.records, {"phones": {"number": number}})

    assert record in expected
    for spelt in (number, digits, f"+{digits[0]} ({digits[1:4]}) {digits[4:7]}-{digits[7:]}", f" {'.'.join(digits)} "):
        assert known.shop.page(phones=[{"number": spelt}], limit=300).result == expected
    assert known.shop.page(phones=[{"number": digits[1:]}]).result == []


@pytest.mark.parametrize("slug", SLUGS)
def test_a_null_never_matches(market: Market, slug: str) -> None:
    known = market.know(slug)
    nameless = [record["id"] for record in known.records if record["first_name"] is None]
    assert nameless

    for query in (
        {"first_name": "null"},
        {"first_name": "None"},
        {"first_name": {"like": "a"}},
        {"first_name": {"like": "null"}},
        {"emails": [{"type": "null"}]},
        {"created_at": {"lt": "9999-12-31T23:59:59Z"}, "first_name": {"like": "o"}},
    ):
        actual = ids(known.shop.page(**query, limit=300).result)
        assert set(actual).isdisjoint(nameless)
        assert sorted(actual) == sorted(ids(select(known.records, query)))


@pytest.mark.parametrize("slug", SLUGS)
def test_each_end_of_a_range_is_exclusive_or_inclusive(market: Market, slug: str) -> None:
    """Each end is the exact time of a customer; two customers share a moment of creation."""
    known = market.know(slug)
    moments = [person.created_at.isoformat() for person in (PEOPLE[10], PEOPLE[11], PEOPLE[23], PEOPLE[24])]
    assert moments[0] == moments[1]
    assert moments[1] != moments[2]
    counts = {}
    for low in ("gt", "gte"):
        for high in ("lt", "lte"):
            query = {"created_at": {low: moments[0], high: moments[2]}}
            result = known.shop.page(**query, limit=300).result
            assert sorted(ids(result)) == sorted(ids(select(known.records, query)))
            counts[low, high] = len(result)

    assert counts["gte", "lt"] == counts["gt", "lt"] + 2
    assert counts["gt", "lte"] > counts["gt", "lt"]
    assert ids(known.shop.page(created_at=moments[0]).result) != []


@pytest.mark.parametrize("field", ["created_at", "updated_at"])
@pytest.mark.parametrize("slug", SLUGS)
def test_a_record_exactly_at_an_end_matches_only_if_the_end_is_inclusive(market: Market, slug: str, field: str) -> None:
    known = market.know(slug)
    for record in [record for record in known.records if record[field]][7:100:60]:
        moment, here = record[field], set(ids(select(known.records, {field: record[field]})))
        for op, includes in (("gt", False), ("gte", True), ("lt", False), ("lte", True), ("eq", True)):
            query = {field: {op: moment}}
            actual = ids(known.shop.page(**query, limit=300).result)
            assert sorted(actual) == sorted(ids(select(known.records, query)))
            assert here & set(actual) == (here if includes else set())


@pytest.mark.parametrize("slug", SLUGS)
def test_instants_compare_across_time_zones(market: Market, slug: str) -> None:
    known = market.know(slug)
    same = ("2025-03-01T00:00:00Z", "2025-03-01T05:30:00+05:30", "2025-02-28T16:00:00-08:00", "2025-03-01")
    results = [known.shop.page(created_at={"gte": moment}, limit=300).result for moment in same]

    assert 0 < len(results[0]) < len(known.records)
    assert all(result == results[0] for result in results)


@pytest.mark.parametrize("slug", SLUGS)
def test_one_read_of_the_store_serves_two_filters_that_it_lacks(market: Market, slug: str) -> None:
    with open_shop(slug, market.registry(40), remembers=True) as shop:
        needed = len(shop.walk([None]))
        shop.forget()
        query = {"phones": [{"type": "PRIMARY"}], "emails": [{"is_primary": True, "type": "Primary"}]}
        page = shop.page(**query, limit=300)

        assert sorted(ids(page.result)) == sorted(ids(select(market.know(slug).records, query)))
        assert {entry.how for entry in page.query_plan} == {"emulated"}
        assert page.request_count == len(shop.asked) == needed
