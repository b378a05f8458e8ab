"""Side loads that need not be a request for each record: items within the records, or the whole list of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pytest

from tests.engine.driver import Driver
from tests.engine.stores import MAPPING, RESOURCE, ROOT, SIDES, account, person, reply
from truto_unify import Registry
from truto_unify.engine.send import Budget
from truto_unify.errors import MappingError, ProviderError, UnsupportedParameter
from truto_unify.types import PlanEntry

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from truto_unify.types import Request, Response

ACME = account("ways")
PROVIDER = f"""{SIDES}
    all_notes:
      path: /notes
      list_path: notes
      pagination: {{type: page_number, page_param: page, page_size_param: size, max_page_size: 2, total_path: total}}
"""
RULES = """
side_loads:
  notes: {endpoint: people.notes, order_by: text, whole: {endpoint: people.all_notes, key: owner}}
  self: {endpoint: people.one, must_hold: name}
  cards:
    endpoint: people.cards
    count: card_count
    inline: {query: {include: cards}, items: cards, has_more: more_cards}
response_mapping:
  notes: {expr: "loaded.notes[].text"}
  cards: {expr: "loaded.cards[].number"}
"""


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    folder = tmp_path_factory.mktemp("ways")
    (folder / "providers").mkdir()
    (folder / "mappings" / RESOURCE).mkdir(parents=True)
    (folder / "providers" / "ways.yaml").write_text(PROVIDER)
    mapping = MAPPING.replace("people.get", "people.one").replace("response_mapping:", RULES.strip())
    (folder / "mappings" / RESOURCE / "ways.yaml").write_text(mapping)
    return Registry(overlay=[folder])


def store(
    people: Sequence[dict[str, Any]],
    notes: Sequence[dict[str, Any]] = (),
    *,
    has_total: bool = True,
    status: int = 200,
) -> Callable[[Request], Response]:
    """People, the list of all notes in pages of two (with this status), and the notes and cards of each person."""

    def answer(request: Request) -> Response:
        steps = request.url.removeprefix(f"{ROOT}/").split("/")
        query = {name: many[0] for name, many in parse_qs(request.query).items()}
        shown = [one if query.get("include") == "cards" else {**one, "cards": None} for one in people]
        if steps == ["people"]:
            return reply({"people": shown})
        if steps == ["notes"]:
            start = 2 * (int(query["page"]) - 1)
            total = {"total": len(notes)} if has_total else {}
            return reply({"notes": notes[start : start + 2], **total}, status)
        if steps == ["cards"]:
            return reply({"cards": [{"number": f"c{at}"} for at in range(3)]})
        if len(steps) == 2 and steps[1] == "13":
            return reply({"person": {"error": "try later"}})
        if len(steps) == 2:
            return reply({"person": next(one for one in shown if str(one["id"]) == steps[1])})
        return reply({"notes": [note for note in notes if str(note["owner"]) == steps[1]]})

    return answer


def asked(driver: Driver) -> list[str]:
    return [f"{request.url}?{request.query}".removeprefix(f"{ROOT}/").rstrip("?") for request in driver.sent]


def notes(*owners: int | None) -> list[dict[str, Any]]:
    """Notes of these people, the last one first in the alphabet."""
    return [{"owner": owner, "text": f"n{len(owners) - at}"} for at, owner in enumerate(owners)]


# ------------------------------------------------------------------------------------------------ the whole list


def test_many_records_are_completed_from_the_whole_list(registry: Registry) -> None:
    driver = Driver(registry, store([person(number) for number in range(1, 10)], notes(2, 9, None, 2)))

    page = driver.page(ACME, side_load=("notes",))

    assert [record["notes"] for record in page.result] == [[], ["n1", "n4"], *([[]] * 6), ["n3"]]
    assert asked(driver) == ["people", "notes?size=2&page=1", "notes?size=2&page=2"]
    assert (page.request_count, page.query_plan) == (
        3,
        (PlanEntry("side_load[notes]", "native", native="people.all_notes for 9 records: 4 items, 2 requests"),),
    )


@pytest.mark.parametrize(
    ("count", "pages", "requests", "told"),
    [
        (4, 1, (0, 4), "people.all_notes would save little"),
        (5, 1, (1, 0), None),
        (7, 2, (1, 7), "people.all_notes has 2 pages"),
        (8, 2, (2, 0), None),
        (9, 3, (1, 9), "people.all_notes has 3 pages"),
    ],
)
def test_the_list_is_read_if_its_pages_take_no_longer_than_four_requests_at_once_for_all_records(
    registry: Registry, count: int, pages: int, requests: tuple[int, int], told: str | None
) -> None:
    driver = Driver(registry, store([person(number) for number in range(1, count + 1)], notes(*[1] * (2 * pages))))

    page = driver.page(ACME, side_load=("notes",))

    of_all = [url for url in asked(driver) if url.startswith("notes?")]
    of_each = [url for url in asked(driver) if url.endswith("/notes?size=2")]
    assert ((len(of_all), len(of_each)), page.query_plan[0].reason) == (requests, told)
    assert len(page.result[0]["notes"]) == 2 * pages


def test_a_list_that_tells_no_total_is_not_read_on(registry: Registry) -> None:
    people = [person(number) for number in range(1, 9)]
    driver = Driver(registry, store(people, notes(1, 1, 1, 1), has_total=False))

    page = driver.page(ACME, side_load=("notes",))

    assert page.query_plan[0].reason == "people.all_notes states no total"
    assert (len(driver.sent), page.request_count) == (1 + 1 + 8, 1 + 1 + 8)


@pytest.mark.parametrize("status", [403, 404])
def test_a_list_that_the_store_refuses_is_replaced_by_a_request_for_each_record(
    registry: Registry, status: int
) -> None:
    people = [person(number) for number in range(1, 9)]
    budget = {"budget": Budget(max_side_requests=8)}
    driver = Driver(registry, store(people, notes(1, 8), status=status), budget)

    page = driver.page(ACME, side_load=("notes",))

    assert [record["notes"] for record in page.result] == [["n2"], *([[]] * 6), ["n1"]]
    assert asked(driver)[:2] == ["people", "notes?size=2&page=1"]
    assert (len(driver.sent), page.request_count) == (1 + 1 + 8, 1 + 1 + 8)
    assert page.query_plan[0].reason == f"people.all_notes is refused (HTTP {status})"


def test_items_that_all_belong_to_no_record_are_not_lost_in_silence(registry: Registry) -> None:
    people = [person(number) for number in range(1, 9)]
    driver = Driver(registry, store(people, notes(None, None)))

    with pytest.raises(ProviderError) as caught:
        driver.page(ACME, side_load=("notes",))

    assert (caught.value.code, caught.value.message) == (
        "incomplete_list",
        "ways people.all_notes: no item of the answer holds owner, so that they belong to no record",
    )


def test_the_pages_of_the_whole_list_count_in_the_budget(registry: Registry) -> None:
    people = [person(number) for number in range(1, 9)]
    budget = {"budget": Budget(max_side_requests=2)}

    assert Driver(registry, store(people, notes(1, 1, 1)), budget).page(ACME, side_load=("notes",)).request_count == 3
    with pytest.raises(UnsupportedParameter, match='side_load "notes" needs 8 requests'):
        Driver(registry, store(people, notes(*[1] * 6)), budget).page(ACME, side_load=("notes",))


# ------------------------------------------------------------------------------------------- within the records


def test_items_within_the_records_take_no_request(registry: Registry) -> None:
    people = [person(1, cards=[{"number": "a"}], card_count=1), person(2, cards=[], card_count=0)]
    driver = Driver(registry, store(people))

    page = driver.page(ACME, side_load=("cards",))

    assert [record["cards"] for record in page.result] == [["a"], []]
    assert (asked(driver), page.request_count, page.partial_reasons) == (["people?include=cards"], 1, ())
    text = "within 2 of 2 records; people.cards for 0"
    assert page.query_plan == (PlanEntry("side_load[cards]", "native", native=text),)


def test_records_that_hold_a_part_or_nothing_of_their_items_need_the_request(registry: Registry) -> None:
    people = [person(1, cards=[{"number": "a"}], more_cards=True), person(2, cards=None), person(3, cards=[])]
    driver = Driver(registry, store(people))

    page = driver.page(ACME, side_load=("cards",))

    assert [record["cards"] for record in page.result] == [["c0", "c1", "c2"], ["c0", "c1", "c2"], []]
    assert asked(driver) == ["people?include=cards", "cards?owners=1", "cards?owners=2"]
    assert page.query_plan[0].native == "within 1 of 3 records; people.cards for 2"


def test_a_get_asks_for_the_items_too(registry: Registry) -> None:
    driver = Driver(registry, store([person(1, cards=[{"number": "a"}])]))

    assert driver.get(ACME, "1", side_load=("cards",))["cards"] == ["a"]
    assert driver.get(ACME, "1")["cards"] is None
    assert asked(driver) == ["people/1?include=cards", "people/1"]


def test_fewer_items_than_the_record_counts_are_said(registry: Registry) -> None:
    page = Driver(registry, store([person(1, cards=[], card_count=2)])).page(ACME, side_load=("cards",))

    assert page.partial_reasons == ('cards: card_count says 2, and 0 came (record "1")',)


def test_a_parameter_of_the_caller_takes_precedence(registry: Registry) -> None:
    driver = Driver(registry, store([person(1, cards=[])]))

    driver.page(ACME, side_load=("cards",), remote_query={"include": "none"})

    assert asked(driver) == ["people?include=none", "cards?owners=1"]


# --------------------------------------------------------------------------------------------- another answer


def test_an_answer_that_is_another_one_is_an_error(registry: Registry) -> None:
    assert Driver(registry, store([person(12)])).page(ACME, side_load=("self",)).request_count == 2

    with pytest.raises(MappingError, match=r"people\.one: the answer has no name: it is another record, or an error"):
        Driver(registry, store([person(13)])).page(ACME, side_load=("self",))
