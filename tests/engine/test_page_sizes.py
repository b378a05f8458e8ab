"""A list whose page is too costly for the store asks for smaller pages, and later lists ask for those at once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.engine.driver import Driver, ids
from tests.engine.stores import person, reply, write_stores
from truto_unify.engine.page_sizes import PageSizes
from truto_unify.errors import RejectedInputError
from truto_unify.types import Account, Filter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from truto_unify.registry import Registry
    from truto_unify.types import Request, Response

ACME = Account(provider="edges", credentials={"token": "t0ken"})


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    folder: Path = tmp_path_factory.mktemp("sizes")
    registry = write_stores(folder)
    for kind in ("edges", "offsets"):
        file = folder / "providers" / f"{kind}.yaml"
        text = file.read_text("utf-8").replace("  rules:\n", "  rules:\n    - {status: 400, smaller_page: true}\n")
        file.write_text(text, "utf-8")
    return type(registry)(overlay=[folder])


def store(most: int, count: int = 7) -> Callable[[Request], Response]:
    """A GraphQL store whose quota never allows more than so many records at once."""

    def answer(request: Request) -> Response:
        variables = json.loads(request.body or b"")["variables"]
        if variables["size"] > most:
            return reply({"message": "too costly"}, 400)
        start = int(variables.get("after", 0))
        end = min(start + variables["size"], count)
        people = [person(number) for number in range(start + 1, end + 1)]
        info = {"hasNextPage": end < count, "endCursor": str(end)}
        return reply({"data": {"people": {"nodes": people, "pageInfo": info}}})

    return answer


def sizes(driver: Driver) -> list[int]:
    return [json.loads(request.body or b"")["variables"]["size"] for request in driver.sent]


def test_a_page_that_is_too_costly_is_halved_until_it_is_not(registry: Registry) -> None:
    driver = Driver(registry, store(most=2))

    pages = driver.walk(ACME)

    assert ids(pages) == [1, 2, 3, 4, 5, 6, 7]
    assert (sizes(driver), [page.request_count for page in pages]) == ([5, 2, 2, 2, 2], [2, 1, 1, 1])


def test_a_limit_is_filled_by_smaller_pages(registry: Registry) -> None:
    driver = Driver(registry, store(most=2))

    page = driver.page(ACME, limit=5)

    assert (ids([page]), sizes(driver)) == ([1, 2, 3, 4, 5], [5, 2, 2, 1])


def test_later_lists_of_the_account_ask_for_the_smaller_page_for_an_hour(registry: Registry) -> None:
    driver = Driver(registry, store(most=2))
    driver.page(ACME)
    driver.sent.clear()

    driver.page(ACME)
    assert (sizes(driver), driver.first_request(ACME).body) == ([2], driver.sent[0].body)

    driver.clock.wait(3601)
    driver.page(ACME)
    assert sizes(driver) == [2, 5, 2]


def test_a_cursor_inside_of_a_page_that_becomes_smaller_repeats_nothing(registry: Registry) -> None:
    stores = [store(most=5)]

    def answer(request: Request) -> Response:
        return stores[-1](request)

    driver = Driver(registry, answer)
    emulated = (Filter("company_name", "eq", "acme"),)
    first = driver.page(ACME, limit=4, filters=emulated)
    stores.append(store(most=2))

    rest = driver.walk(ACME, limit=4, filters=emulated, next_cursor=first.next_cursor)

    assert (ids([first]), ids(rest)) == ([1, 2, 3, 4], [5, 6, 7])


def test_a_single_record_that_is_too_costly_is_an_error(registry: Registry) -> None:
    driver = Driver(registry, store(most=0))

    with pytest.raises(RejectedInputError, match="too costly"):
        driver.page(ACME)
    assert sizes(driver) == [5, 2, 1]


def test_a_list_that_counts_places_keeps_its_page_size(registry: Registry) -> None:
    driver = Driver(registry, lambda _: reply({"message": "too costly"}, 400))

    with pytest.raises(RejectedInputError, match="too costly"):
        driver.page(Account(provider="offsets", credentials={"token": "t0ken"}))
    assert len(driver.sent) == 1


def test_sizes_are_those_of_one_list_and_the_oldest_of_very_many_are_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("truto_unify.engine.page_sizes._MAX_LISTS", 2)
    known = PageSizes()

    halves = [known.halve(key, 100, 0.0) for key in "abc"]

    assert halves == [50, 50, 50]
    assert [known.limit(key, 80, 1.0) for key in "abcd"] == [80, 50, 50, 80]
    assert (known.limit("b", 20, 1.0), known.limit("b", None, 1.0), known.limit("b", 80, 4000.0)) == (20, None, 80)
