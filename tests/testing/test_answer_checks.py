"""A recording is refused if its answers do not match the request."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.testing.evidence.shop import ACCOUNT, RESOURCE, Shop, shop_registry
from truto_unify import ProviderError
from truto_unify.testing import ProviderUnderTest
from truto_unify.testing.answer_checks import CallCheck, check_call, declared_as, order_fault, repeat_fault
from truto_unify.testing.cassettes import UnsafeCassette, read_sidecar
from truto_unify.testing.cassettes.record import Plan, record_call
from truto_unify.testing.evidence.replayed import replay_cassette
from truto_unify.testing.exchanges import Exchange
from truto_unify.types import Sort

if TYPE_CHECKING:
    from pathlib import Path

    from truto_unify import Registry


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    return shop_registry(tmp_path_factory.mktemp("shop"))


def record(registry: Registry, folder: Path, *faults: str, pages: int | None = 1, **arguments: Any) -> Path:
    """A cassette of a list of a shop with these faults."""
    plan = Plan(RESOURCE, "list", arguments=arguments, pages=pages, provenance="synthetic")
    transport = httpx.MockTransport(Shop(frozenset(faults)).serve)
    return record_call(registry, ACCOUNT, plan, folder / "recording.yaml", transport=transport, key=b"key").cassette


@pytest.mark.parametrize(
    ("fault", "arguments", "problem"),
    [
        ("ignores since", {"created_at": {"gte": "2024-05-20T00:00:00Z"}, "limit": 20},
         "created_at[gte]: declared exact, and 19 of 30 records do not match"),
        ("ignores words", {"first_name": "nobody"},
         "first_name: none of 30 records matches; the store does not filter by it"),
        ("merged sort", {"sort_by": {"created_at": "asc"}, "limit": 5},
         "sort_by[created_at]=asc: out of order at 29 of 30 records"),
        ("dead side load", {"side_load": ["orders"], "limit": 2}, "the side load orders was refused with HTTP 404"),
    ],
)  # fmt: skip
def test_a_recording_with_wrong_answers_is_refused(
    fault: str, arguments: dict[str, Any], problem: str, registry: Registry, tmp_path: Path
) -> None:
    with pytest.raises(UnsafeCassette) as caught:
        record(registry, tmp_path, fault, **arguments)

    assert caught.value.findings == (
        problem,
        "nothing was written: mend the mapping, or record what the store does serve",
    )
    assert not (tmp_path / "recording.yaml").exists()


def test_nothing_is_recorded_if_a_full_page_shows_that_a_filter_is_ignored(registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(ProviderError) as caught:
        record(registry, tmp_path, "ignores since", created_at={"gte": "2024-06-20T00:00:00Z"}, limit=20)

    assert caught.value.code == "filter_ignored"
    assert not (tmp_path / "recording.yaml").exists()


def test_a_recording_says_which_filters_and_sorts_it_confirms(registry: Registry, tmp_path: Path) -> None:
    asked = {"created_at": {"gt": "2024-05-05T08:00:00Z"}, "sort_by": {"created_at": "desc"}, "side_load": ["orders"]}

    played = replay_cassette(registry, record(registry, tmp_path, pages=3, limit=9, **asked))

    assert played.problems == ()
    assert played.check == CallCheck(
        tried=("created_at[gte]", "sort_by[created_at]"), side_loads=("orders",), has_second_page=True
    )


def test_an_equality_filter_does_not_prove_a_like_filter(registry: Registry, tmp_path: Path) -> None:
    played = replay_cassette(registry, record(registry, tmp_path, first_name={"like": "ana"}))

    assert played.check.tried == ("first_name[like]",)


def changed(cassette: Path, old: str, new: str) -> Path:
    """The cassette with a text replaced."""
    text = cassette.read_text()
    assert old in text
    cassette.write_text(text.replace(old, new))
    return cassette


def test_an_old_cassette_with_wrong_answers_does_not_count(registry: Registry, tmp_path: Path) -> None:
    cassette = record(registry, tmp_path, created_at={"gte": "2024-05-29T00:00:00Z"}, limit=20)
    changed(cassette, '"joined": "2024-05-30', '"joined": "2024-04-30')

    assert replay_cassette(registry, cassette).problems == (
        "created_at[gte]: declared exact, and 1 of 2 records do not match",
    )


def test_a_second_page_that_repeats_the_first_is_a_problem(registry: Registry) -> None:
    subject, shop = ProviderUnderTest(registry, "shop", RESOURCE), Shop(frozenset({"ignores page"}))
    exchanges = [exchange_of(shop, f"page={page}&size=20&order=id") for page in (1, 2)]

    check = check_call(subject, ACCOUNT, {"limit": 20}, exchanges)

    assert (check.problems, check.has_second_page) == (("page 2 repeats 20 of 20 records",), False)


def test_a_requested_side_load_must_be_called(registry: Registry) -> None:
    subject = ProviderUnderTest(registry, "shop", RESOURCE)
    listed = exchange_of(Shop(), "page=1&size=20&order=id")
    empty = exchange_of(Shop(people=0), "page=1&size=20&order=id")

    checks = [check_call(subject, ACCOUNT, {"side_load": ["orders"]}, [exchange]) for exchange in (listed, empty)]

    assert [check.problems for check in checks] == [("the side load orders was never called",), ()]


def exchange_of(shop: Shop, query: str) -> Exchange:
    """What the shop answers to a list."""
    uri = f"https://shop.test/api/people?{query}"
    answer = json.loads(shop.serve(httpx.Request("GET", uri)).content)
    return Exchange(uri, None, 200, answer, "recorded")


def test_a_cassette_that_no_longer_fits_is_reported_in_a_line(registry: Registry, tmp_path: Path) -> None:
    cassette = record(registry, tmp_path, limit=5)
    changed(cassette, "size=5", "size=7")

    assert replay_cassette(registry, cassette).problems == ("now sends size=5, recorded size=7; record it again",)


def test_unused_answers_are_reported(registry: Registry, tmp_path: Path) -> None:
    cassette = record(registry, tmp_path, limit=5, pages=2)
    about = cassette.with_name("recording.about.json")
    about.write_text(about.read_text().replace('"pages": 2', '"pages": 1'))

    assert replay_cassette(registry, cassette).problems == ("1 of 2 recorded answers are not asked for any more",)
    assert read_sidecar(cassette).call == {"arguments": {"limit": 5}, "pages": 1}


@given(st.lists(st.integers(min_value=0, max_value=59), max_size=8), st.sampled_from(["asc", "desc"]))
def test_an_order_has_a_fault_unless_it_is_sorted(seconds: list[int], direction: Any) -> None:
    records = [{"created_at": f"2024-05-02T08:00:{second:02d}Z"} for second in seconds]
    is_ordered = seconds == sorted(seconds, reverse=direction == "desc")

    assert (order_fault(Sort("created_at", direction), records) is None) == is_ordered


@given(st.lists(st.lists(st.integers(min_value=0, max_value=9), unique=True), max_size=5))
def test_pages_without_a_common_record_have_no_fault(pages: list[list[int]]) -> None:
    apart = [[{"id": f"{number}-{value}"} for value in page] for number, page in enumerate(pages)]

    assert repeat_fault(apart) is None
    assert (repeat_fault([*apart, *apart]) is None) == (not any(apart))


def test_the_last_records_again_behind_the_end_of_a_list_are_no_repetition() -> None:
    first, second, rest = ([{"id": number} for number in numbers] for numbers in ((1, 2, 3), (3, 4, 5), (4, 5)))

    assert repeat_fault([first, second, rest]) is None
    assert repeat_fault([first, second, second]) == "page 3 repeats 3 of 3 records"
    assert repeat_fault([first, second, first[:2]]) == "page 3 repeats 2 of 2 records"


def test_the_rest_of_a_first_page_is_no_second_page(registry: Registry) -> None:
    subject, shop = ProviderUnderTest(registry, "shop", RESOURCE), Shop(people=20)
    exchanges = [exchange_of(shop, f"page={page}&size={size}&order=id") for page, size in ((1, 20), (4, 5))]

    check = check_call(subject, ACCOUNT, {"limit": 20}, exchanges)

    assert (check.problems, check.has_second_page) == ((), False)


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        ("email", ["email"]),
        ("created_at[gt]", ["created_at[gte]"]),
        ("created_at", ["created_at[gte]", "created_at[lte]"]),
        ("emails[][email]&emails[][type]", ["emails[][email]"]),
        ("name[like]", []),
        ("sort_by[created_at]", ["sort_by[created_at]"]),
    ],
)
def test_the_declarations_that_serve_a_parameter(parameter: str, expected: list[str]) -> None:
    declared = ("email", "created_at[gte]", "created_at[lte]", "emails[][email]", "name", "sort_by[created_at]")

    assert [*declared_as(parameter, declared)] == expected
