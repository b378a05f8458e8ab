"""What a store does wrong, one function each: it asks the honest store and alters what is asked or answered.

A fault that strikes one page strikes the second place that is asked for, each time that it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from tests.lists.exchange import ABSENT, Ask, Record, Reply
from tests.lists.kinds import PAGE_SIZE
from tests.lists.stock import BY_ID

if TYPE_CHECKING:
    from tests.lists.kinds import Kind
    from tests.lists.site import Site

Answer = Callable[["Site", Ask], Reply]
Demand = Literal["exact", "exact or error"]


def always(_: Kind) -> bool:
    """Every kind."""
    return True


@dataclass(frozen=True)
class Fault:
    """One thing that a store does wrong.

    Attributes:
        name: as the table shows it.
        answer: gives the faulty answer.
        demand: ``exact`` where the answers hold all that a reader needs; else a typed error is as good.
        fits: whether a kind can have the fault.
        needs: what the call must ask for, so that the fault shows.
        is_provable: whether anything in a kind's answers contradicts the fault.
        why_not: why nothing does.
    """

    name: str
    answer: Answer
    demand: Demand = "exact or error"
    fits: Callable[[Kind], bool] = always
    needs: Literal["nothing", "order", "filter"] = "nothing"
    is_provable: Callable[[Kind], bool] = always
    why_not: str = ""


def honest(site: Site, ask: Ask) -> Reply:
    """No fault."""
    return site.serve(ask)


# ------------------------------------------------------------------------------------------------- sizes and places

CAP = 3
"""What a store gives at most, below what the YAML declares."""
OWN_SIZE = 4
"""What a store gives that does not listen to the size."""
LARGE_SIZE = 8


def capped(site: Site, ask: Ask) -> Reply:
    """Never more than three records, and pages are counted in threes."""
    return site.serve(replace(ask, size=min(ask.size or CAP, CAP)))


def capped_by_hook(site: Site, ask: Ask) -> Reply:
    """Never more than three records, while pages are counted in the size that was asked for."""
    reply = site.serve(ask)
    return replace(reply, records=reply.records[:CAP])


def sized(size: int) -> Answer:
    """Pages of this size, whatever is asked."""

    def answer(site: Site, ask: Ask) -> Reply:
        return site.serve(replace(ask, size=size))

    return answer


def placeless(site: Site, ask: Ask) -> Reply:
    """Always the first page."""
    return site.serve(_first_page(ask))


def deaf(site: Site, ask: Ask) -> Reply:
    """The whole query string is dropped on the way."""
    return site.serve(replace(_first_page(ask), size=OWN_SIZE, order=BY_ID, company=None))


def unsorted(site: Site, ask: Ask) -> Reply:
    """Always by id."""
    return site.serve(replace(ask, order=BY_ID))


def unfiltered(site: Site, ask: Ask) -> Reply:
    """Always everybody."""
    return site.serve(replace(ask, company=None))


def _first_page(ask: Ask) -> Ask:
    page = None if ask.page is None else 1
    offset = None if ask.offset is None else 0
    return replace(ask, page=page, offset=offset, cursor=None)


# ----------------------------------------------------------------------------------------------------------- records


def hiding(site: Site, ask: Ask) -> Reply:
    """A plugin removes every fourth person from the page; totals and marks know nothing of it."""
    return _withhold(site, site.serve(ask), lambda record: site.store.key(record) % 4 == 0)


def _withhold(site: Site, reply: Reply, is_hidden: Callable[[Record], bool]) -> Reply:
    site.withheld |= {site.store.key(record) for record in reply.records if is_hidden(record)}
    return replace(reply, records=[record for record in reply.records if not is_hidden(record)])


def second_place(change: Callable[[Site, Reply], Reply]) -> Answer:
    """Alters the second place of the list that is asked for."""

    def answer(site: Site, ask: Ask) -> Reply:
        reply = site.serve(ask)
        if ask.place not in site.places:
            site.places.append(ask.place)
            site.first_replies.setdefault(ask.place, reply)
        return change(site, reply) if site.places.index(ask.place) == 1 else reply

    return answer


def _first(site: Site) -> Reply:
    return site.first_replies[site.places[0]]


def same_page_again(site: Site, reply: Reply) -> Reply:
    """The records of the first page, beside what is true of this one."""
    return replace(reply, records=_first(site).records)


def last_record_again(site: Site, reply: Reply) -> Reply:
    """The last record of the previous page comes first on this page too."""
    return replace(reply, records=_first(site).records[-1:] + reply.records)


def record_twice(_: Site, reply: Reply) -> Reply:
    """A record comes twice on the page."""
    return replace(reply, records=reply.records + reply.records[:1])


def no_records(_: Site, reply: Reply) -> Reply:
    """Nothing on the page."""
    return replace(reply, records=[])


def two_fewer(site: Site, reply: Reply) -> Reply:
    """The last two of the page are left out."""
    return _withhold(site, reply, lambda record: record in reply.records[-2:])


def empty_once(site: Site, ask: Ask) -> Reply:
    """The second request is answered with nothing; asked again, the page is there."""
    reply = site.serve(ask)
    return replace(reply, records=[]) if site.requests == 2 else reply


def empty_later(site: Site, ask: Ask) -> Reply:
    """Every place after the second is empty."""
    reply = site.serve(ask)
    if ask.place not in site.places:
        site.places.append(ask.place)
    return replace(reply, records=[]) if site.places.index(ask.place) > 1 else reply


def short_rest_follows(site: Site, ask: Ask) -> Reply:
    """The second page is short, and the next page continues after it."""
    if ask.place not in site.places:
        site.places.append(ask.place)
    return site.serve(replace(ask, size=min(ask.size or 2, 2)) if site.places.index(ask.place) == 1 else ask)


# ----------------------------------------------------------------------------------------------------------- signals


def signal(name: str, value: Callable[[Site, Any], Any]) -> Answer:
    """Says something else about the list."""

    def answer(site: Site, ask: Ask) -> Reply:
        reply = site.serve(ask)
        return replace(reply, **{name: value(site, getattr(reply, name))})

    return answer


def end_cursor(value: Any) -> Answer:
    """Writes the end of the list in another way."""
    return signal("following", lambda _, mark: value if mark is None else mark)


def repeating_cursor(site: Site, ask: Ask) -> Reply:
    """From the second page on, the next cursor is the cursor of the request."""
    reply = site.serve(ask)
    return replace(reply, following=ask.cursor, more=True) if ask.cursor is not None else reply


def returning_cursor(site: Site, ask: Ask) -> Reply:
    """The third page leads back to the second."""
    reply = site.serve(ask)
    if reply.following is not None and len(site.marks) < 2 and reply.following not in site.marks:
        site.marks.append(reply.following)
    is_second_mark = len(site.marks) > 1 and ask.cursor == site.marks[1]
    return replace(reply, following=site.marks[0], more=True) if is_second_mark else reply


# ----------------------------------------------------------------------------------------------------------- changes

Where = Literal["first", "three", "last given", "next", "last", "front", "end"]
Operation = Literal["delete", "insert", "update", "replace"]


@dataclass(frozen=True)
class Change:
    """What happens to the records between two requests.

    Attributes:
        operation: what is done; ``replace`` deletes somebody and adds somebody.
        where: to whom, or where a newcomer stands: as seen from what was given out by then.
        gaps: before which requests, counted from 1.
    """

    operation: Operation
    where: Where
    gaps: tuple[int, ...] = field(default=(2,))

    def __str__(self) -> str:
        times = "once" if len(self.gaps) == 1 else "again and again"
        return f"{self.operation} {self.where}, {times} from request {self.gaps[0]}"

    def __call__(self, site: Site, ask: Ask) -> Reply:
        """Changes the store where it is time, and answers honestly."""
        if site.requests in self.gaps:
            self.apply(site, ask)
        return site.serve(ask)

    def apply(self, site: Site, ask: Ask) -> None:
        """Does it once."""
        stock = site.stock
        if self.operation == "insert":
            times = [person.created for person in stock.people.values()]
            is_first = self.where == "front"
            stock.insert(created=None if is_first == ask.order.is_descending else min(times, default=1) - 1)
            return
        numbers = self._choose(site, ask)
        (stock.update if self.operation == "update" else stock.delete)(numbers)
        if self.operation == "replace":
            stock.insert()

    def _choose(self, site: Site, ask: Ask) -> list[int]:
        order = [person.number for person in site.stock.ordered(ask.order, site.requests)]
        seen = [number for number in order if number in site.returned]
        unseen = [number for number in order if number not in site.returned]
        choices: dict[str, list[int]] = {
            "first": seen[:1],
            "three": seen[:3],
            "last given": [number for number in reversed(site.returned) if number in order][:1],
            "next": unseen[:1],
            "last": unseen[-1:],
        }
        return choices[self.where]


def has(*signals: str) -> Callable[[Kind], bool]:
    """Whether the answers of a kind hold one of these signals."""
    return lambda kind: bool(kind.signals & set(signals))


def _tells_end(kind: Kind) -> bool:
    return not kind.is_silent


_EMPTY = "an empty page is all that ends the list"

FAULTS: tuple[Fault, ...] = (
    Fault("none", honest, "exact"),
    Fault("page capped", capped, "exact"),
    Fault(
        "page capped, pages counted in the asked size",
        capped_by_hook,
        fits=lambda kind: kind.style == "number",
        is_provable=lambda kind: not (kind.has_fixed_size and kind.is_silent),
        why_not="a page that is short may hide records, as that of a store with a plugin does",
    ),
    Fault("size ignored, smaller pages", sized(OWN_SIZE), "exact"),
    Fault("size ignored, larger pages", sized(LARGE_SIZE), "exact"),
    Fault("place ignored", placeless),
    Fault("query ignored", deaf),
    Fault("sort ignored", unsorted, needs="order"),
    Fault("filter ignored", unfiltered, needs="filter"),
    Fault(
        "records hidden",
        hiding,
        "exact",
        is_provable=lambda kind: not (kind.after_record and kind.is_silent),
        why_not=f"{_EMPTY}, and one that hides all its records is empty",
    ),
    Fault("page 2 is page 1 again", second_place(same_page_again)),
    Fault("last record again", second_place(last_record_again), "exact"),
    Fault("record twice on a page", second_place(record_twice), "exact"),
    Fault("empty page", second_place(no_records), is_provable=_tells_end, why_not=_EMPTY),
    Fault("empty page once", empty_once, is_provable=_tells_end, why_not=_EMPTY),
    Fault("empty pages to the end", empty_later, is_provable=_tells_end, why_not=_EMPTY),
    Fault("short page, told by the total", second_place(two_fewer), fits=has("total")),
    Fault("short page, rest follows", short_rest_follows, "exact", fits=lambda kind: kind.style != "number"),
    Fault("total too low", signal("total", lambda *_: 13), fits=has("total")),
    Fault(
        "total too low, where a full page ends",
        signal("total", lambda *_: 2 * PAGE_SIZE),
        fits=has("total"),
        is_provable=lambda kind: "pages" in kind.signals,
        why_not="the page is full and ends where the total does, as the last page of an honest list may",
    ),
    Fault("total zero", signal("total", lambda *_: 0), fits=has("total")),
    Fault("total negative", signal("total", lambda *_: -1), fits=has("total")),
    Fault("total too high", signal("total", lambda *_: 30), fits=has("total")),
    Fault("total shrinks", signal("total", lambda site, total: total - 2 * site.requests), fits=has("total")),
    Fault("total grows", signal("total", lambda site, total: total + 2 * site.requests), fits=has("total")),
    Fault("total absent", signal("total", lambda *_: ABSENT), "exact", fits=has("total")),
    Fault("total null", signal("total", lambda *_: None), "exact", fits=has("total")),
    Fault("total as text", signal("total", lambda _, total: str(total)), "exact", fits=has("total")),
    Fault("total is no number", signal("total", lambda *_: "many"), "exact", fits=has("total")),
    Fault("pages too few", signal("pages", lambda *_: 2), fits=has("pages")),
    Fault("pages zero", signal("pages", lambda *_: 0), fits=has("pages")),
    Fault("pages too many", signal("pages", lambda _, pages: pages + 2), fits=has("pages")),
    Fault("pages absent", signal("pages", lambda *_: ABSENT), "exact", fits=has("pages")),
    Fault("more absent", signal("more", lambda *_: ABSENT), "exact", fits=has("more")),
    Fault("more null", signal("more", lambda *_: None), "exact", fits=has("more")),
    Fault("more as text", signal("more", lambda _, more: str(more).lower()), "exact", fits=has("more")),
    Fault("more as number", signal("more", lambda _, more: int(more)), "exact", fits=has("more")),
    Fault("more always", signal("more", lambda *_: True), fits=has("more")),
    Fault(
        "more never",
        signal("more", lambda *_: False),
        fits=has("more"),
        is_provable=lambda kind: kind.style == "cursor" and not kind.after_record,
        why_not="nothing else says that more follow; `endCursor` stands on the last page of a connection too, and any "
        "page has a last record",
    ),
    Fault("end said by an absent cursor", end_cursor(ABSENT), "exact", fits=lambda kind: kind.style == "cursor"),
    Fault("end said by a blank cursor", end_cursor(""), "exact", fits=lambda kind: kind.style == "cursor"),
    Fault("cursor repeats", repeating_cursor, fits=lambda kind: not kind.counts_places),
    Fault("cursor goes back", returning_cursor, fits=lambda kind: not kind.counts_places),
)
