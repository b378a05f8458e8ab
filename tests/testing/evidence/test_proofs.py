from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.acme import PEOPLE, RESOURCE, acme, acme_samples
from truto_unify.config.pagination import CursorPagination, LinkHeaderPagination, OffsetPagination, PageNumberPagination
from truto_unify.testing.evidence.proofs import (
    contract_problems,
    is_later_page,
    prove_exchanges,
    stronger,
)
from truto_unify.testing.exchanges import Exchange, records_of

if TYPE_CHECKING:
    from pathlib import Path

    from truto_unify.config.pagination import PageSize

SEARCH = "https://demo.acme.example/api/people/search"
LISTED: Any = {"data": {"people": PEOPLE, "next": None, "more": False}}
FIRST = Exchange(SEARCH, {"page": {"size": 40}}, 200, LISTED, "recorded", "2026-11-01", RESOURCE, "POST")
NEXT: Any = {"data": {"people": [{**PEOPLE[0], "id": 99}], "next": None, "more": False}}
SECOND = replace(FIRST, request={"page": {"size": 40, "after": "x"}}, answer=NEXT, day="2026-11-02")
PERSON = "https://demo.acme.example/api/people/7"
ONE = replace(FIRST, uri=PERSON, request=None, answer={"person": PEOPLE[0]}, method="GET")
REFUSED = Exchange(SEARCH, None, 200, {"fault": {"text": "Too busy", "code": "BUSY"}}, "docs-example")


def test_exchanges_prove_what_they_show(tmp_path: Path) -> None:
    assert prove_exchanges(acme(tmp_path), [FIRST, SECOND, ONE, REFUSED]) == {
        "list": {"level": "recorded", "day": "2026-11-02"},
        "second page": {"level": "recorded", "day": "2026-11-02"},
        "get": {"level": "recorded", "day": "2026-11-01"},
        "refusal": {"level": "docs-example"},
    }


def test_a_second_page_without_a_new_record_proves_nothing(tmp_path: Path) -> None:
    proofs = prove_exchanges(acme(tmp_path), [FIRST, replace(SECOND, answer=LISTED)])

    assert proofs == {"list": {"level": "recorded", "day": "2026-11-02"}}


@pytest.mark.parametrize(
    "exchange",
    [
        replace(FIRST, resource="ecommerce/orders"),
        replace(FIRST, uri=f"{PERSON}/friends"),
        replace(FIRST, method="PUT"),
        replace(FIRST, answer={"data": {"people": []}}),
        replace(FIRST, answer={"data": {"people": [{**PEOPLE[0], "created": "soon"}]}}),
        replace(FIRST, answer={"other": 5}),
        replace(FIRST, answer=None),
        replace(REFUSED, answer={"fault": {"reason": 5}}),
        replace(REFUSED, status=500, answer=None),
        replace(REFUSED, status=500, answer={"unread": "Too busy"}),
    ],
)
def test_an_unread_or_misunderstood_answer_proves_nothing(exchange: Exchange, tmp_path: Path) -> None:
    assert prove_exchanges(acme(tmp_path), [exchange]) == {}


def test_the_contract_reports_the_problems_of_a_provider(tmp_path: Path) -> None:
    good = acme(tmp_path / "good")
    bad = acme(tmp_path / "bad", mapping={"{expr: created, zone: utc}": "{expr: created, zone: in_value}"})

    assert contract_problems(good, acme_samples(good, tmp_path / "good")) == []
    assert contract_problems(good, {"list": [], "get": []}) != []
    assert contract_problems(bad, acme_samples(bad, tmp_path / "bad")) != []


PAGE = PageNumberPagination(type="page_number", page_param="page", page_size_param="n", max_page_size=9)
OFFSET = OffsetPagination(type="offset", offset_body_path=("q", "from"), page_size_param="n", max_page_size=9)
CURSOR = CursorPagination(
    type="cursor", cursor_path=("c",), cursor_param="c", first_cursor="start", page_size_param="n", max_page_size=9
)
LINK = LinkHeaderPagination(type="link_header", page_size_param="n", max_page_size=9)


@pytest.mark.parametrize(
    ("pagination", "query", "body", "expected"),
    [
        (PAGE, "", None, False),
        (PAGE, "page=1", None, False),
        (PAGE, "page=2", None, True),
        (PAGE.model_copy(update={"first_page": 0}), "page=1", None, True),
        (OFFSET, "", {"q": {"from": 0}}, False),
        (OFFSET, "", {"q": {"from": 9}}, True),
        (OFFSET, "from=9", None, False),
        (CURSOR, "c=start", None, False),
        (CURSOR, "c=", None, False),
        (CURSOR, "c=b2s", None, True),
        (LINK, "page=2", None, False),
    ],
)
def test_the_request_tells_a_later_page(pagination: PageSize, query: str, body: Any, expected: bool) -> None:
    assert is_later_page(pagination, f"https://shop.example/people?{query}", body) is expected


def test_the_records_of_an_answer_are_those_of_the_method(tmp_path: Path) -> None:
    subject = acme(tmp_path)

    assert records_of(subject, "list", LISTED) == PEOPLE
    assert records_of(subject, "get", {"person": PEOPLE[0]}) == PEOPLE[:1]
    assert records_of(subject, "get", LISTED) == records_of(subject, "list", {"person": PEOPLE[0]}) == []


def test_the_stronger_level_and_then_the_newer_day_counts() -> None:
    old, new = {"level": "recorded", "day": "2026-01-01"}, {"level": "recorded", "day": "2026-02-01"}

    assert stronger(None, "synthetic", None) == {"level": "synthetic"}
    assert stronger(old, "docs-example", None) == old
    assert stronger(old, "recorded", "2026-02-01") == new
    assert stronger(new, "recorded", "2026-01-01") == new
