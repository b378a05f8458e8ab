"""The judge of the harness recognizes each kind of wrong walk."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.lists.faults import honest
from tests.lists.kinds import KINDS
from tests.lists.scenarios import CHANGED, CREATED, Scenario
from tests.lists.site import Site
from tests.lists.stock import COMPANIES, make_stock, written_time
from tests.lists.stores import FakeStore
from tests.lists.walk import Verdict, Walk, describe, judge
from truto_unify import NotFoundError, ProviderError

ANY_END = Scenario("a fault", honest)
MUST_BE_EXACT = Scenario("a fault", honest, "exact")


def site_of(count: int = 4, **changes: object) -> Site:
    site = Site(FakeStore(KINDS[0], make_stock(count)), honest, max_requests=9)
    return replace(site, **changes)  # type: ignore[arg-type]  # the changes are those of a site


@pytest.mark.parametrize(
    ("walk", "verdict"),
    [
        (Walk([1, 2, 3, 4]), Verdict("exact")),
        (Walk([4, 1, 3, 2]), Verdict("exact")),
        (Walk([1, 2, 4]), Verdict("wrong", "lost [3]")),
        (Walk([1, 2, 3, 4, 3]), Verdict("wrong", "repeated [3]")),
        (Walk([1, 2, 3, 4, 9]), Verdict("wrong", "strangers [9]")),
        (Walk([1, 2, 4], is_flagged=True), Verdict("flagged", "lost [3]")),
        (Walk([1, 2, 3, 4, 9], is_flagged=True), Verdict("wrong", "strangers [9]")),
        (Walk([1, 2], error="ProviderError(x)"), Verdict("error", "ProviderError(x)")),
        (Walk([1, 1], error="ProviderError(x)"), Verdict("wrong", "repeated [1] before ProviderError(x)")),
        (Walk([1, 2, 3, 4], crash="KeyError: 'x'"), Verdict("wrong", "KeyError: 'x'")),
    ],
)
def test_a_walk_is_compared_with_who_was_there(walk: Walk, verdict: Verdict) -> None:
    assert judge(walk, site_of(), ANY_END, is_ordered=False) == verdict


def test_an_error_is_refused_where_the_answers_held_everything() -> None:
    walk = Walk([1], error="ProviderError(x)")

    assert judge(walk, site_of(), MUST_BE_EXACT, is_ordered=False) == Verdict("refused", "ProviderError(x)")


def test_a_walk_that_asks_for_too_much_is_wrong_whatever_comes_out() -> None:
    site = site_of(requests=10)

    assert judge(Walk([1, 2, 3, 4]), site, ANY_END, is_ordered=False) == Verdict("wrong", "more than 9 requests")


def test_a_flag_without_a_reason_is_wrong() -> None:
    walk = Walk([1, 2, 3, 4], is_flagged=True)
    verdict = judge(walk, site_of(), Scenario("none", honest, "exact"), is_ordered=False)

    assert verdict == Verdict("wrong", "flagged, and nothing is wrong")


def test_records_come_in_the_order_that_was_asked_for() -> None:
    site = site_of()
    people = site.stock.ordered(CREATED, 1)
    times = [(written_time(person.created), "") for person in people]
    walk = Walk([person.number for person in people], times)
    turned = Walk(walk.numbers[::-1], times[::-1])
    scenario = replace(ANY_END, order=CREATED)

    assert judge(walk, site, scenario, is_ordered=True) == Verdict("exact")
    assert judge(turned, site, scenario, is_ordered=True) == Verdict("wrong", "out of order")
    assert judge(turned, site, scenario, is_ordered=False) == Verdict("exact")


def test_a_record_comes_again_in_a_list_by_time_of_change_only_if_it_changed() -> None:
    site = site_of()
    site.stock.update([1])
    scenario = replace(ANY_END, order=CHANGED)
    times = [(person, "2024-01-01") for person in "1234"]
    again, changed = Walk([1, 2, 3, 4, 1], [*times, times[0]]), Walk([1, 2, 3, 4, 1], [*times, ("1", "2024-01-02")])

    assert judge(again, site, scenario, is_ordered=True) == Verdict("wrong", "repeated [1]")
    assert judge(changed, site, scenario, is_ordered=True) == Verdict("exact")


def test_a_record_that_does_not_match_the_filter_is_a_stranger() -> None:
    scenario = replace(ANY_END, company=COMPANIES[1])

    assert judge(Walk([1, 4]), site_of(), scenario, is_ordered=False) == Verdict("exact")
    assert judge(Walk([1, 2, 4]), site_of(), scenario, is_ordered=False) == Verdict("wrong", "strangers [2]")


def test_a_reader_need_not_return_records_that_came_or_went() -> None:
    site = site_of()
    site.stock.delete([2])
    site.stock.insert()

    assert judge(Walk([1, 3, 4]), site, ANY_END, is_ordered=False) == Verdict("exact")
    assert judge(Walk([1, 2, 3, 4, 5]), site, ANY_END, is_ordered=False) == Verdict("exact")
    assert judge(Walk([1, 5, 3, 4, 5]), site, ANY_END, is_ordered=False) == Verdict("wrong", "repeated [5]")


def test_who_never_came_out_is_not_asked_of_a_reader() -> None:
    site = site_of(withheld={3, 4}, returned=[1, 2, 4])

    assert judge(Walk([1, 2, 4]), site, ANY_END, is_ordered=False) == Verdict("exact")
    assert judge(Walk([1, 2]), site, ANY_END, is_ordered=False) == Verdict("wrong", "lost [4], though answers held [4]")


def test_an_error_is_described_by_its_class_and_code() -> None:
    assert describe(ProviderError("no", status_code=200, code="page_lost")) == "ProviderError(page_lost)"
    assert describe(NotFoundError("no", status_code=404)) == "NotFoundError"


@pytest.mark.parametrize(
    ("walk", "is_unseen_loss"),
    [(Walk([1, 2]), True), (Walk([1]), False), (Walk([1, 2, 2]), False), (Walk([1, 2, 3, 4]), False)],
)
def test_only_a_loss_of_records_that_no_answer_held_may_be_unprovable(walk: Walk, is_unseen_loss: bool) -> None:
    assert judge(walk, site_of(returned=[1, 2]), ANY_END, is_ordered=False).is_unseen_loss is is_unseen_loss
