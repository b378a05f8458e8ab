"""The result of a walk over a list, and its verdict."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from truto_unify import UnifyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.lists.scenarios import Scenario
    from tests.lists.site import Site

Outcome = Literal["exact", "flagged", "error", "refused", "unprovable", "wasteful", "wrong"]
"""``refused`` is a typed error where the answers held all that was needed; ``wasteful`` is exact, at a high price.

``unprovable`` is a loss of records that no answer held, which nothing in the answers contradicts.
"""


@dataclass
class Walk:
    """What a door gave out.

    Attributes:
        numbers: of the records, in the order in which they came.
        times: creation and change of each, where the door shows them.
        is_flagged: whether a page said that the list may have changed, or that it is partial.
        error: what ended the walk, if it did not end by itself; by its class and code.
        crash: an exception that is not ours.
    """

    numbers: list[int] = field(default_factory=list)
    times: list[tuple[str, str]] = field(default_factory=list)
    is_flagged: bool = False
    error: str | None = None
    crash: str | None = None

    def take(self, records: Iterable[Any], number: Callable[[Any], int]) -> None:
        """Adds records, of which ``number`` tells the number."""
        for record in records:
            self.numbers.append(number(record))
            times = record if isinstance(record, Mapping) else {}  # a native record may be anything
            self.times.append((str(times.get("created_at")), str(times.get("updated_at"))))

    def fail(self, error: Exception) -> None:
        """Records the error that ended the walk."""
        if isinstance(error, UnifyError):
            self.error = describe(error)
        else:
            self.crash = f"{type(error).__name__}: {error}"[:200]


def describe(error: UnifyError) -> str:
    """The class of an error, and its code where it has one."""
    code = getattr(error, "code", None)
    return f"{type(error).__name__}({code})" if code else type(error).__name__


@dataclass(frozen=True)
class Verdict:
    """Whether a walk is right, and why not."""

    outcome: Outcome
    reason: str = ""

    @property
    def is_bad(self) -> bool:
        """Whether no caller should get this result."""
        return self.outcome in {"wasteful", "wrong"}

    @property
    def is_unseen_loss(self) -> bool:
        """Whether records were lost that no answer held, and nothing else is wrong."""
        return re.fullmatch(r"lost \[[\d, ]+\]", self.reason) is not None


def judge(walk: Walk, site: Site, scenario: Scenario, *, is_ordered: bool) -> Verdict:
    """Compares the returned records with the store's records."""
    if site.is_exhausted:
        return Verdict("wrong", f"more than {site.max_requests} requests")
    if walk.crash is not None:
        return Verdict("wrong", walk.crash)
    faults = list(_find_faults(walk, site, scenario, is_ordered=is_ordered))
    if walk.error is not None:
        return _judge_error(walk.error, [text for kind, text in faults if kind in {"repeat", "stranger"}], scenario)
    strangers = [text for kind, text in faults if kind == "stranger"]
    if strangers or (faults and not walk.is_flagged):
        return Verdict("wrong", "; ".join(strangers or [text for _, text in faults]))
    if walk.is_flagged and scenario.row == "none":
        return Verdict("wrong", "flagged, and nothing is wrong")
    return Verdict("flagged", "; ".join(text for _, text in faults)) if walk.is_flagged else Verdict("exact")


def _judge_error(error: str, early_faults: list[str], scenario: Scenario) -> Verdict:
    if early_faults:
        return Verdict("wrong", f"{early_faults[0]} before {error}")
    return Verdict("refused" if scenario.demand == "exact" else "error", error)


def _find_faults(walk: Walk, site: Site, scenario: Scenario, *, is_ordered: bool) -> Iterable[tuple[str, str]]:
    wanted, known = site.required, site.stock.everybody
    if scenario.company is not None:
        fitting = {number for number in known if site.store.company(number) == scenario.company}
        wanted, known = wanted & fitting, fitting
    counts = Counter(walk.numbers)
    is_by_change = scenario.order.field == "updated"
    moved = site.stock.updated if is_by_change else set()
    # In a list by time of change, a record that changes comes again: each of its states comes once.
    texts = [updated for _, updated in walk.times] if is_by_change else [""] * len(walk.numbers)
    states = Counter(zip(walk.numbers, texts, strict=True))
    repeated = sorted({number for (number, _), count in states.items() if count > 1})
    lost = sorted(wanted - set(counts))
    strangers = sorted(set(counts) - known)
    if strangers:
        yield "stranger", f"strangers {strangers}"
    held = sorted(set(lost) & set(site.returned))
    if lost:
        yield "loss", f"lost {lost}" + (f", though answers held {held}" if held else "")
    if repeated:
        yield "repeat", f"repeated {repeated}"
    if is_ordered and scenario.order.field != "id" and not repeated and not moved:
        times = [pair[scenario.order.field == "updated"] for pair in walk.times]
        if times != sorted(times, reverse=scenario.order.is_descending):
            yield "order", "out of order"
