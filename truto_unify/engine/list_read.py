"""One list call: what is asked, settled before any I/O, and what is known while its pages are read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import ceil
from typing import TYPE_CHECKING, Any

from truto_unify.config.forbidden_parameters import forbidden_names
from truto_unify.engine import cursor as cursors
from truto_unify.engine.exact_filters import ExactFilters
from truto_unify.engine.list_order import CHANGE_TIME, default_order, ending_reason, ends_list, order_key
from truto_unify.engine.native_pages import NativePages
from truto_unify.engine.native_query import NativeQuery, build_query, remote_places
from truto_unify.engine.plan import MISSES, QueryPlan, plan_query
from truto_unify.engine.route import Route, find_route
from truto_unify.engine.send import Session, Settings, open_session
from truto_unify.engine.shaping import RecordStats, shape_of
from truto_unify.engine.side_loads import inlines_of, planned_way, wanted_loads
from truto_unify.engine.walks import ListOrder
from truto_unify.errors import UnsupportedParameter
from truto_unify.types import PlanEntry

if TYPE_CHECKING:
    from truto_unify.config.mapping import ListMethod, SideLoad
    from truto_unify.config.sorts import SortRules
    from truto_unify.errors import UnifyError
    from truto_unify.mapping.mapper import Mapper
    from truto_unify.types import Account, Call


@dataclass(slots=True)
class ListRead:
    """A list call and how far it has come; ``ways`` are those of side loads that have several."""

    session: Session
    route: Route
    call: Call
    plan: QueryPlan
    query: NativeQuery
    pages: NativePages
    fingerprint: str
    mapper: Mapper
    loads: dict[str, SideLoad]
    order: ListOrder | None
    began: float
    exact: ExactFilters
    ways: tuple[PlanEntry, ...] = ()
    stats: RecordStats = field(default_factory=RecordStats)
    side_requests: int = 0

    @property
    def settings(self) -> Settings:
        """What all calls of the client share."""
        return self.session.settings

    @property
    def as_json(self) -> bool:
        """Whether the records are read as bytes."""
        return self.pages.list_path is not None

    @property
    def keeps_fields(self) -> bool:
        """Whether anything but the id and the JSON of a record is read after it was mapped."""
        plan = self.plan
        is_read_here = self.loads or plan.checks or plan.exact or plan.sort is not None or self.order is not None
        return bool(is_read_here) or not shape_of(self.call).is_whole

    @property
    def is_filtered(self) -> bool:
        """Whether a page may give fewer records than it holds."""
        keep = self.route.mapping.config.where
        return bool(self.plan.checks) or self.call.on_record_error == "skip" or keep is not None

    @property
    def last_key(self) -> str | None:
        """The key behind which no record passes the filters, in the order of the list; None if there is no such key."""
        order = self.plan.order
        if order is None:
            return None
        keys = [order_key(condition.value) for condition in self.plan.checks if ends_list(condition, order)]
        return (max if order.direction == "desc" else min)(keys, default=None)

    def start(self) -> cursors.Position:
        """Where the call begins.

        Raises:
            InvalidCursor: the cursor belongs to another call, or is damaged.
        """
        if not self.call.next_cursor:
            return cursors.Position(self.pages.paging.first())
        return cursors.read_cursor(self.call.next_cursor, self.fingerprint, self.settings.cursor_key)

    def page_size(self, wanted: int | None, largest: int | None) -> int | None:
        """Records to ask for: no more than needed if every record counts, as many as possible if few do."""
        if largest is None or wanted is None or self.is_filtered or self.plan.sort is not None:
            return largest
        if self.pages.paging.has_free_size:
            return min(wanted, largest)
        # Equal pages instead of full ones and a rest: 150 is 75 + 75, so that no page is cut.
        return ceil(wanted / ceil(wanted / largest))

    def spent_budget(self) -> str | None:
        """The budget that is used up, as ``max_requests=100``; None if the call may go on."""
        budget = self.settings.budget
        used = {
            "max_requests": self.pages.requests,
            "max_records": self.pages.records,
            "max_seconds": self.settings.timer() - self.began,
        }
        return next((f"{name}={getattr(budget, name)}" for name in used if used[name] >= getattr(budget, name)), None)

    def over_budget(self, spent: str) -> UnsupportedParameter:
        """The error of a call that its budget does not allow to finish."""
        names = self.plan.emulated or tuple(entry.parameter for entry in self.plan.entries)
        message = (
            f"{self.pages.label}: {', '.join(names) or 'the call'} is served by reading the list, and "
            f"{self.pages.requests} requests ({self.pages.records} records) were not enough; the budget {spent} is "
            f"used up. Raise it, or narrow the list with what the provider serves itself"
        )
        if any(entry.reason and entry.reason.endswith(MISSES) for entry in self.plan.entries):
            message += '; with unsupported="emulate" the provider serves more itself, and may miss records'
        return UnsupportedParameter(message, parameter=names[0] if names else "limit")


def begin_list(
    mapper: Mapper, account: Account, call: Call, settings: Settings, *, needs_credentials: bool = True
) -> ListRead:
    """Everything of a list call that needs no I/O: route, plan, native query.

    Raises:
        CallError: the call is impossible; nothing was sent.
    """
    route = find_route(mapper.mapping, account, "list", needs_credentials=needs_credentials)
    method = route.mapping.config.list
    assert method is not None  # noqa: S101 - find_route refuses a resource without list
    label = f"{route.provider.slug} {call.resource}"
    taken = remote_places(call.remote_query, route.endpoint)
    plan = plan_query(method, call.filters, call.sort, unsupported=call.unsupported, taken=taken, where=label)
    forbidden = forbidden_names(route.provider.config)
    query = build_query(method, plan.terms, plan.sort_form, call.remote_query, route.endpoint, forbidden)
    loads = wanted_loads(mapper, call.side_load, "list")
    session = open_session(route, settings)
    fingerprint = cursors.fingerprint(
        session.account_key,
        call.resource,
        [(condition.field, condition.op, condition.value) for condition in call.filters],
        [call.sort.field, call.sort.direction] if call.sort else None,
        call.unsupported,
        dict(call.remote_query),
        # A mapping that was changed meanwhile asks for another list, in which the place means something else.
        [query.params, query.body, plan.sort is not None],
    )
    ways = tuple(way for name, load in loads.items() if (way := planned_way(name, load)) is not None)

    def no_records(body: Any, message: str, _status: int) -> UnifyError:
        return mapper.error(body or "", "", message)

    # A cursor is good whatever side loads are asked for.
    if inlines := inlines_of(loads):
        query = build_query(method, plan.terms, plan.sort_form, call.remote_query, route.endpoint, forbidden, inlines)
    extras = ", ".join(name for name, load in loads.items() if load.inline)
    pages = NativePages(session, route.endpoint, label, no_records, query, extras=extras)
    order = _list_order(plan, method.sort)
    exact = ExactFilters(plan.exact, mapper.mapping.schema)
    began = settings.timer()
    return ListRead(session, route, call, plan, query, pages, fingerprint, mapper, loads, order, began, exact, ways)


def _list_order(plan: QueryPlan, rules: SortRules) -> ListOrder | None:
    order = plan.order
    if order is None:
        return None
    is_by_change = order.field == CHANGE_TIME
    is_sent = plan.sort_form is not None
    return ListOrder(
        order.field, order.direction == "desc", rules.unique is not False, is_by_change, is_asked_for=is_sent
    )


def sort_here(read: ListRead, reason: str) -> ListRead:
    """The same call with its sort served by the engine."""
    sort = read.plan.order
    assert sort is not None  # noqa: S101 - only a sort that was sent is emulated
    name, ending = f"sort_by[{sort.field}]", ending_reason(sort)
    entries = tuple(
        PlanEntry(name, "emulated", reason=reason)
        if entry.parameter == name
        else replace(entry, reason=entry.reason and entry.reason.removesuffix(ending))
        for entry in read.plan.entries
    )
    order = default_order(_list_method(read).sort, _taken(read))
    return _with_plan(read, replace(read.plan, sort=sort, sort_form=None, order=order, entries=entries))


def keep_default_order(read: ListRead) -> ListRead:
    """The same call in the default order of the mapping, and not in the one that the engine chose."""
    call = read.call
    plan = plan_query(
        _list_method(read),
        call.filters,
        call.sort,
        unsupported=call.unsupported,
        taken=_taken(read),
        may_choose_order=False,
    )
    return _with_plan(read, plan)


def _with_plan(read: ListRead, plan: QueryPlan) -> ListRead:
    method, route = _list_method(read), read.route
    forbidden = forbidden_names(route.provider.config)
    remote, inlines = read.call.remote_query, inlines_of(read.loads)
    query = build_query(method, plan.terms, plan.sort_form, remote, route.endpoint, forbidden, inlines)
    order = _list_order(plan, method.sort)
    return replace(read, plan=plan, query=query, order=order, pages=replace(read.pages, query=query))


def _list_method(read: ListRead) -> ListMethod:
    method = read.route.mapping.config.list
    assert method is not None  # noqa: S101 - the call is a list
    return method


def _taken(read: ListRead) -> frozenset[str]:
    return remote_places(read.call.remote_query, read.route.endpoint)
