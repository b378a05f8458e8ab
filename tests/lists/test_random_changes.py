"""Whatever changes between two requests: nobody who was there all the time is lost or repeated in silence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from tests.lists.cells import LIMITS, Cell, run_cell
from tests.lists.doors import DOORS, Bench, Door, open_bench
from tests.lists.scenarios import CHANGED, CREATED, LAST_CHANGED, ORDERS, Scenario
from tests.lists.stock import BY_ID, Order, make_stock
from tests.lists.subjects import SUBJECTS, Subject, write_overlays
from truto_unify import Registry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.lists.exchange import Ask, Reply
    from tests.lists.site import Site

TRIED_DOORS = tuple(door for door in DOORS if door.name in {"list at once", "list by cursor", "iterate"})
TRIED_SUBJECTS = tuple(subject for subject in SUBJECTS if TRIED_DOORS[0] in subject.doors and not subject.shop_limits)

OPERATIONS = ("delete", "insert", "update")


@dataclass(frozen=True)
class Step:
    """One change before a request.

    Attributes:
        request: counted from 1.
        operation: what is done.
        place: of the person in the order of the list; or the time at which a newcomer was created.
    """

    request: int
    operation: str
    place: int

    def apply(self, site: Site, ask: Ask) -> None:
        """Does it."""
        order = [person.number for person in site.stock.ordered(ask.order, site.requests)]
        if self.operation == "insert":
            site.stock.insert(created=90 + self.place * 5)
        elif order:
            change = site.stock.delete if self.operation == "delete" else site.stock.update
            change([order[self.place % len(order)]])


def change_and_serve(steps: list[Step], site: Site, ask: Ask) -> Reply:
    """Changes the store where it is time, and answers honestly."""
    for step in steps:
        if step.request == site.requests:
            step.apply(site, ask)
    return site.serve(ask)


def is_told(subject: Subject, steps: list[Step], order: Order) -> bool:
    """Whether no change hides another one.

    Where pages are full to the last, one gone and one come look like none. Without a total, pages of a fixed size show
    a change by the page before, so that it takes two requests to see one. A list by the newest change that the engine
    sorts is read whole before its first page is given: a record that moves meanwhile, and is passed by a newcomer,
    shows only by how many records come before the next page, and one that is deleted hides that.
    """
    kind, moments = subject.kind, sorted(step.request for step in steps)
    at_once = 2 if kind.has_fixed_size and kind.is_silent else 1
    if (
        not subject.sorts(order)
        and order == LAST_CHANGED
        and len({step.operation for step in steps}) == len(OPERATIONS)
    ):
        return False
    return not kind.counts_places or all(later - earlier >= at_once for earlier, later in pairwise(moments))


a_step = st.builds(Step, st.integers(2, 8), st.sampled_from(OPERATIONS), st.integers(0, 24))


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    overlay = write_overlays(tmp_path_factory.mktemp("stores"))
    with open_bench(Registry(overlay=[overlay]), overlay) as opened:
        yield opened


AT_ONCE, BY_CURSOR, _ = TRIED_DOORS
NAMED = {subject.name: subject for subject in TRIED_SUBJECTS}


# The first record moves to the end just before the last page, which begins with the last record given.
@example(NAMED["number_offset"], [Step(6, "update", 0)], 24, CHANGED, AT_ONCE, None)
# So it does where the last page could begin behind the last record given, because it shows the end of the list.
@example(NAMED["offset_total"], [Step(2, "update", 0)], 9, CHANGED, BY_CURSOR, 18)
@example(NAMED["number_total"], [Step(3, "update", 0)], 10, CHANGED, BY_CURSOR, 18)
# Records move up before the 60th, where a page of every size begins, so that none overlaps the page before.
@example(NAMED["number_silent"], [Step(24, "delete", 0)], 70, BY_ID, AT_ONCE, None)
@example(NAMED["number_pages"], [Step(24, "delete", 0)], 70, CREATED, BY_CURSOR, None)
@example(NAMED["number_total"], [Step(24, "update", 0)], 70, CHANGED, AT_ONCE, None)
# A call ends inside a short page, and a record is deleted before the next one goes on.
@example(NAMED["offset_silent"], [Step(5, "delete", 2)], 13, CREATED, BY_CURSOR, 6)
# A record moves to the top of the last page, which reaches back to the top of the list.
@example(NAMED["number_total"], [Step(2, "update", 1)], 2, LAST_CHANGED, BY_CURSOR, 1)
@example(NAMED["number_silent"], [Step(2, "update", 1)], 2, LAST_CHANGED, BY_CURSOR, 1)
@example(NAMED["number_fixed"], [Step(2, "update", 1)], 2, LAST_CHANGED, BY_CURSOR, 1)
@example(NAMED["offset_total"], [Step(2, "update", 1)], 2, LAST_CHANGED, BY_CURSOR, 1)
# The last record moves to the top, and the record that was first before moves above it.
@example(NAMED["cursor_plain"], [Step(2, "update", 4), Step(2, "update", 1)], 5, LAST_CHANGED, BY_CURSOR, 2)
# So they do in a list that the engine sorts: places are those of the store's own order.
@example(NAMED["wix"], [Step(2, "update", 3), Step(3, "update", 2)], 5, LAST_CHANGED, BY_CURSOR, 1)
# A record moves up while the engine reads the list to sort it, and a newcomer stands above it.
@example(NAMED["woocommerce"], [Step(3, "update", 4), Step(4, "insert", 0)], 18, LAST_CHANGED, BY_CURSOR, 4)
@settings(max_examples=60)
@given(
    subject=st.sampled_from(TRIED_SUBJECTS),
    steps=st.lists(a_step, min_size=1, max_size=6),
    count=st.integers(1, 25),
    order=st.sampled_from([BY_ID, *ORDERS]),
    door=st.sampled_from(TRIED_DOORS),
    limit=st.sampled_from(LIMITS),
)
def test_changes_between_two_requests_are_survived_or_told(
    bench: Bench, subject: Subject, steps: list[Step], count: int, order: Order, door: Door, limit: int | None
) -> None:
    assume(is_told(subject, steps, order))
    scenario = Scenario("changes", partial(change_and_serve, steps), make_stock=partial(make_stock, count), order=order)
    verdict = run_cell(bench, Cell(subject, scenario, door, limit)).verdict

    assert verdict.outcome in {"exact", "flagged", "error"}, verdict.reason
