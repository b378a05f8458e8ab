"""One list call: what is asked, settled before any I/O, and what is known while its pages are read."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING, Any

from truto_unify.engine import cursor as cursors
from truto_unify.engine.native_pages import NativePages
from truto_unify.engine.native_query import NativeQuery, account_params, build_query, remote_places
from truto_unify.engine.plan import QueryPlan, plan_query
from truto_unify.engine.route import Route, find_route
from truto_unify.engine.send import Session, Settings, open_session
from truto_unify.engine.shaping import RecordStats, shape_of
from truto_unify.engine.side_loads import wanted_loads
from truto_unify.errors import UnsupportedParameter

if TYPE_CHECKING:
    from datetime import datetime

    from truto_unify.config.mapping import SideLoad
    from truto_unify.errors import UnifyError
    from truto_unify.mapping.mapper import Mapper
    from truto_unify.types import Account, Call


@dataclass(slots=True)
class ListRead:
    """A list call and how far it has come."""

    session: Session
    route: Route
    call: Call
    plan: QueryPlan
    query: NativeQuery
    pages: NativePages
    binding: str
    mapper: Mapper
    loads: dict[str, SideLoad]
    began: datetime
    stats: RecordStats = field(default_factory=RecordStats)
    side_requests: int = 0
    seen_ids: set[str] = field(default_factory=set)

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
        is_read_here = self.loads or self.plan.checks or self.plan.sort is not None
        return bool(is_read_here) or not shape_of(self.call).is_whole

    @property
    def is_filtered(self) -> bool:
        """Whether a page may give fewer records than it holds."""
        keep = self.route.mapping.config.where
        return bool(self.plan.checks) or self.call.on_record_error == "skip" or keep is not None

    def start(self) -> cursors.Position:
        """Where the call begins.

        Raises:
            InvalidCursor: the cursor belongs to another call, or is damaged.
        """
        if not self.call.next_cursor:
            return cursors.Position(self.pages.paging.first())
        return cursors.read_cursor(self.call.next_cursor, self.binding, self.settings.cursor_key)

    def page_size(self, wanted: int | None) -> int | None:
        """Records to ask for: no more than needed if every record counts, as many as possible if few do."""
        paging = self.pages.paging
        largest = paging.max_size
        if largest is None or wanted is None or self.is_filtered or self.plan.sort is not None:
            return largest
        if paging.has_free_size:
            return min(wanted, largest)
        # Equal pages instead of full ones and a rest: 150 is 75 + 75, so that no page is cut.
        return ceil(wanted / ceil(wanted / largest))

    def spent_budget(self) -> str | None:
        """The budget that is used up, as ``max_requests=100``; None if the call may go on."""
        budget = self.settings.budget
        used = {
            "max_requests": self.pages.requests,
            "max_records": self.stats.seen,
            "max_seconds": (self.settings.now() - self.began).total_seconds(),
        }
        return next((f"{name}={getattr(budget, name)}" for name in used if used[name] >= getattr(budget, name)), None)

    def over_budget(self, spent: str) -> UnsupportedParameter:
        """The error of a call that its budget does not allow to finish."""
        names = self.plan.emulated or tuple(entry.parameter for entry in self.plan.entries)
        message = (
            f"{self.pages.label}: {', '.join(names) or 'the call'} is served by reading the list, and "
            f"{self.pages.requests} requests ({self.stats.seen} records) were not enough; the budget {spent} is used "
            f"up. Raise it, or narrow the list with what the provider serves itself"
        )
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
    reserved = account_params(route.provider.config)
    query = build_query(method, plan.terms, plan.sort_form, call.remote_query, route.endpoint, reserved)
    session = open_session(route, settings)
    binding = cursors.query_binding(
        session.account_key,
        call.resource,
        [(one.field, one.op, one.value) for one in call.filters],
        [call.sort.field, call.sort.direction] if call.sort else None,
        call.unsupported,
        dict(call.remote_query),
        # A mapping that was changed meanwhile asks for another list, in which the place means something else.
        [query.params, query.body, plan.sort is not None],
    )
    loads = wanted_loads(mapper, call.side_load, "list")

    def no_records(body: Any, message: str, _status: int) -> UnifyError:
        return mapper.error(body or "", "", message)

    pages = NativePages(session, route.endpoint, label, no_records, query)
    return ListRead(session, route, call, plan, query, pages, binding, mapper, loads, settings.now())
