"""``prove`` confirms a shop that does what its mapping claims, and names each fault of a shop that does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.testing.evidence.shop import prove, shop_registry

if TYPE_CHECKING:
    from truto_unify import Registry


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    return shop_registry(tmp_path_factory.mktemp("shop"))


def test_a_shop_without_a_fault_is_confirmed(registry: Registry) -> None:
    assert prove(registry) == {
        "pages": ("ok", "30 records in 2 or 3 pages; total agrees"),
        "get": ("ok", "the record that was asked for"),
        "email": ("ok", "4 queries, 4 records, as emulated"),
        "emails[][email]": ("ok", "2 queries, 2 records, as emulated"),
        "first_name": ("ok", "4 queries, 4 records, as emulated"),
        "first_name[like]": ("ok", "2 queries, 2 records, as emulated"),
        "created_at[gte]": ("ok", "1 query, 15 records, as emulated"),
        "sort_by[created_at]=asc": ("ok", "30 records in order, as emulated"),
        "sort_by[created_at]=desc": ("ok", "30 records in order, as emulated"),
        "side load orders": ("ok", "called for 5 records, filled for 4"),
    }


@pytest.mark.parametrize(
    ("fault", "claim", "text"),
    [
        ("ignores mail", "email", "the answer is that of the list without it"),
        ("ignores words", "first_name", "the answer is that of the list without it"),
        ("ignores words", "first_name[like]", "the answer is that of the list without it"),
        ("ignores since", "created_at[gte]", "the answer is that of the list without it"),
        ("minds capitals", "email", "misses 1 of 1 record that match (in other capitals)"),
        ("searches beginnings", "first_name[like]", "misses 1 of 1 record that match"),
        ("merged sort", "sort_by[created_at]=asc", "out of order at 19 of 20 records"),
        ("one direction", "sort_by[created_at]=desc", "out of order at 19 of 20 records"),
        ("page cap", "pages", "asked for 20 a page and got 8: declare max_page_size: 8"),
        ("page cap, no total", "pages", "asked for 20 a page and got 8: declare max_page_size: 8"),
        ("lying total", "pages", "30 records came, and the store counts 31"),
        ("dead side load", "side load orders", "refused with HTTP 404"),
        ("side load of somebody", "side load orders", "gives the same for 5 different records"),
    ],
)
def test_each_fault_is_named_at_its_claim(fault: str, claim: str, text: str, registry: Registry) -> None:
    assert prove(registry, *fault.split(", "))[claim] == ("differs", text)


@pytest.mark.parametrize("faults", [("ignores page",), ("ignores page", "no total")])
def test_a_shop_that_ignores_the_page(faults: tuple[str, ...], registry: Registry) -> None:
    verdict, _ = prove(registry, *faults)["pages"]

    assert verdict == "differs"


def test_an_ignored_page_is_named_although_a_native_page_holds_every_record(registry: Registry) -> None:
    assert prove(registry, people=12)["pages"] == ("ok", "12 records in 1 or 3 pages; total agrees")
    assert prove(registry, "ignores page", people=12)["pages"][0] == "differs"


def test_a_claim_without_suitable_records_is_untried(registry: Registry) -> None:
    single, empty = prove(registry, people=1), prove(registry, "empty side load")

    assert {claim: text for claim, (verdict, text) in single.items() if verdict == "untried"} == {
        "pages": "1 record: too few for a second page",
        "sort_by[created_at]=asc": "fewer than two records differ in it",
        "sort_by[created_at]=desc": "fewer than two records differ in it",
    }
    assert empty["side load orders"] == ("untried", "called, and empty for 10 records")


def test_an_empty_shop_proves_nothing(registry: Registry) -> None:
    findings = prove(registry, people=0)

    assert {verdict for verdict, _ in findings.values()} == {"untried"}
    assert findings["email"] == ("untried", "no record that was read has a value for it")


def test_a_claim_beyond_the_budget_is_untried(registry: Registry) -> None:
    findings = prove(registry, budget=12)

    assert findings["email"][0] == "ok"
    assert findings["first_name"] == ("untried", "the budget of 12 requests is used up")
