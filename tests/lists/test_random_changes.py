"""Whatever changes between two requests: nobody who was there all the time is lost or repeated in silence."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from tests.lists.cells import LIMITS, Cell, run_cell
from tests.lists.doors import DOORS, Bench, Door, open_bench
from tests.lists.scenarios import CHANGED, LAST_CHANGED, ORDERS, Scenario
from tests.lists.stock import BY_ID, Order, make_stock
from tests.lists.subjects import SUBJECTS, Subject, write_overlays
from truto_unify import Registry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.lists.exchange import Ask, Reply
    from tests.lists.site import Site

TRIED_DOORS = tuple(door for door in DOORS if door.name in {"list at once", "list by cursor", "iterate"})
TRIED_SUBJECTS = tuple(subject for subject in SUBJECTS if TRIED_DOORS[0] in subject.doors and not subject.shop_limits)


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


def is_told(subject: Subject, steps: list[Step]) -> bool:
    """Whether no total hides a change: where pages are full to the last, one gone and one come look like none."""
    moments = Counter(step.request for step in steps)
    return not subject.kind.counts_places or max(moments.values()) < 2


a_step = st.builds(Step, st.integers(2, 8), st.sampled_from(["delete", "insert", "update"]), st.integers(0, 24))


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    overlay = write_overlays(tmp_path_factory.mktemp("stores"))
    with open_bench(Registry(overlay=[overlay]), overlay) as opened:
        yield opened


AT_ONCE, BY_CURSOR, _ = TRIED_DOORS
NAMED = {subject.name: subject for subject in TRIED_SUBJECTS}


# The first record moves to the end just before the last page, which begins with the last record given.
@example(NAMED["number_offset"], [Step(6, "update", 0)], 24, CHANGED, AT_ONCE, None)
# A record moves to the top of the last page, which reaches back to the top of the list.
@example(NAMED["number_total"], [Step(2, "update", 1)], 2, LAST_CHANGED, BY_CURSOR, 1)
@example(NAMED["number_silent"], [Step(2, "update", 1)], 2, LAST_CHANGED, BY_CURSOR, 1)
@example(NAMED["number_fixed"], [Step(2, "update", 1)], 2, LAST_CHANGED, BY_CURSOR, 1)
@example(NAMED["offset_total"], [Step(2, "update", 1)], 2, LAST_CHANGED, BY_CURSOR, 1)
# The last record moves to the top, and the record that was first before moves above it.
@example(NAMED["cursor_plain"], [Step(2, "update", 4), Step(2, "update", 1)], 5, LAST_CHANGED, BY_CURSOR, 2)
# So they do in a list that the engine sorts: places are those of the store's own order.
@example(NAMED["wix"], [Step(2, "update", 3), Step(3, "update", 2)], 5, LAST_CHANGED, BY_CURSOR, 1)
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
    assume(is_told(subject, steps))
    scenario = Scenario("changes", partial(change_and_serve, steps), make_stock=partial(make_stock, count), order=order)
    verdict = run_cell(bench, Cell(subject, scenario, door, limit)).verdict

    assert verdict.outcome in {"exact", "flagged", "error"}, verdict.reason
