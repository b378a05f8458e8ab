"""The unified list from beginning to end, as a generator that yields what it needs done.

No step knows whether a synchronous or an asynchronous driver feeds it, and tests feed it plain lists.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field, replace
from math import ceil
from typing import TYPE_CHECKING, Any

from truto_unify.engine import cursor as cursors
from truto_unify.engine.local_query import matches, sort_key, sort_records
from truto_unify.engine.native_query import (
    NativeQuery,
    account_params,
    build_query,
    remote_places,
    set_path,
)
from truto_unify.engine.pagination import PageAsk, Pager, check_origin
from truto_unify.engine.plan import QueryPlan, plan_query
from truto_unify.engine.request import build_request, follow_link
from truto_unify.engine.route import Route, find_route
from truto_unify.engine.send import Session, Settings, exchange, open_session
from truto_unify.engine.shaping import RecordStats, collect_records, native_of, shape_of
from truto_unify.engine.side_loads import load_sides, missing_loads, wanted_loads
from truto_unify.errors import ProviderError, UnsupportedParameter
from truto_unify.mapping.record import NativeRecord
from truto_unify.redaction import masked_errors
from truto_unify.types import Account, Call, OnRecordError, Page, Request, Step

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from truto_unify.config.mapping import SideLoad
    from truto_unify.engine.answers import Answer
    from truto_unify.mapping.mapper import Mapper
    from truto_unify.mapping.record import UnifiedRecord

Flow = Generator[Step, Any, Any]


@dataclass(slots=True)
class ListRead:
    """The state of one list call while it reads page after page."""

    session: Session
    route: Route
    call: Call
    plan: QueryPlan
    query: NativeQuery
    pager: Pager
    binding: str
    mapper: Mapper
    loads: dict[str, SideLoad]
    began: datetime
    stats: RecordStats = field(default_factory=RecordStats)
    requests: int = 0
    seen_pages: list[Mapping[str, Any]] = field(default_factory=list)
    seen_ids: set[str] = field(default_factory=set)
    as_json: bool = False

    @property
    def settings(self) -> Settings:
        """What all calls of the client share."""
        return self.session.settings

    @property
    def is_filtered(self) -> bool:
        """Whether a page may give fewer records than it holds."""
        keep = self.route.mapping.config.keep
        return bool(self.plan.checks) or self.call.on_record_error == "skip" or keep is not None

    @property
    def keeps_fields(self) -> bool:
        """Whether anything but the id and the JSON of a record is read after it was mapped."""
        is_read_here = self.loads or self.plan.checks or self.plan.sort is not None
        return bool(is_read_here) or not shape_of(self.call).is_whole


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
    where = f"{route.provider.slug} {call.resource}"
    taken = remote_places(call.remote_query, route.endpoint)
    plan = plan_query(method, call.filters, call.sort, unsupported=call.unsupported, taken=taken, where=where)
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
    return ListRead(
        session, route, call, plan, query, Pager(route.endpoint.pagination), binding, mapper, loads, settings.now()
    )


def list_records(
    mapper: Mapper,
    account: Account,
    call: Call,
    settings: Settings,
    *,
    as_json: bool = False,
) -> Flow:
    """The unified ``list``: one page, filled from as many native pages as it takes.

    Args:
        mapper: the mapping engine.
        account: whose store is asked.
        call: what is asked.
        settings: shared by all calls of the client.
        as_json: whether the caller wants the JSON of the records and not their fields.

    Returns:
        A page of ``UnifiedRecord``, still to be shaped (``shape_of``).

    Raises:
        CallError: the call is impossible, or cannot be served within the budget.
        ProviderError, TransportError, MappingError: see the error tree.
    """
    read = begin_list(mapper, account, call, settings)
    read.as_json = as_json
    with masked_errors(read.route.redactor):
        if read.plan.sort is not None:
            page = yield from _read_sorted(read)
        else:
            page = yield from _read_in_order(read)
    return page


def list_request(read: ListRead) -> Request:
    """The first native request of a list call, without authorization."""
    position = _start(read)
    page = position.page if position.after is None else read.pager.first()
    return _page_request(read, page, position.size or _page_size(read, read.call.limit))


def _start(read: ListRead) -> cursors.Position:
    if not read.call.next_cursor:
        return cursors.Position(read.pager.first())
    return cursors.read_cursor(read.call.next_cursor, read.binding, read.settings.cursor_key)


def _page_size(read: ListRead, wanted: int | None) -> int | None:
    """Records to ask for: no more than needed where every record counts, as many as possible where few do."""
    largest = read.pager.max_size
    if largest is None or wanted is None or read.is_filtered or read.plan.sort is not None:
        return largest
    if read.pager.has_free_size:
        return min(wanted, largest)
    # Equal pages instead of full ones and a rest: 150 is 75 + 75, so that no page is cut.
    return ceil(wanted / ceil(wanted / largest))


def _page_request(read: ListRead, page: Mapping[str, Any], size: int | None) -> Request:
    ask: PageAsk = read.pager.ask(page, size)
    if ask.url is not None:
        check_origin(ask.url, read.route.base_url)  # a cursor may come from anywhere
    params = [(name, value) for name, many in read.query.params.items() for value in many]
    body: dict[str, Any] = {}
    for path, value in ask.body:
        set_path(body, path, value)
    request = build_request(
        read.route.provider.config,
        read.route.endpoint,
        read.route.base_url,
        read.route.values,
        params=[*params, *ask.params],
        body=_joined(read.query.body, body),
        document=read.route.provider.document(read.route.endpoint),
    )
    return follow_link(request, ask.url) if ask.url else request


def _joined(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    joined = dict(one)
    for key, value in other.items():
        inner = joined.get(key)
        joined[key] = _joined(inner, value) if isinstance(inner, Mapping) and isinstance(value, Mapping) else value
    return joined


@dataclass(frozen=True, slots=True)
class NativePage:
    """One native page, mapped: a unified record for each native one (None where it was left out)."""

    records: list[UnifiedRecord | None]
    next_page: Mapping[str, Any] | None


def _read_page(read: ListRead, page: Mapping[str, Any], size: int | None) -> Generator[Any, Any, NativePage]:
    _check_progress(read, page)
    read.requests += 1
    request = _page_request(read, page, size)
    path = read.mapper.records_paths[0] if read.as_json else None
    answer = yield from exchange(read.session, read.route.endpoint, request, records_path=path)
    natives: Sequence[NativeRecord] = []
    next_page: Mapping[str, Any] | None = None
    if answer.body is not None or answer.response.body:  # else a declared empty status: the list ends here
        natives = _native_records(read, answer)
        next_page = read.pager.next(page, size, answer.response, answer.body, len(natives), request.url)
    if next_page is not None and next_page == dict(page):
        raise _stuck(read, "the provider gave the same page cursor again", answer.response.status)
    records = _map_natives(read, natives)
    _check_new_ids(read, records, answer.response.status)
    return NativePage(records, next_page)


def _native_records(read: ListRead, answer: Answer) -> list[NativeRecord]:
    if answer.records is not None:
        return [NativeRecord(record) for record in answer.records]
    values = read.mapper.records_of(answer.body)
    return [NativeRecord(None, value, answer.is_unicode) for value in values]


def _map_natives(read: ListRead, natives: Sequence[NativeRecord]) -> list[UnifiedRecord | None]:
    """A unified record for each native one of a page; None for those that are left out."""
    query = {name: many[0] if len(many) == 1 else many for name, many in read.query.params.items()}
    mapper = read.mapper
    records = mapper.map_natives(natives, query=query, context=read.route.context, keeps_fields=read.keeps_fields)
    return collect_records(mapper, records, policy=read.call.on_record_error, stats=read.stats)


def _check_progress(read: ListRead, page: Mapping[str, Any]) -> None:
    if any(page == seen for seen in read.seen_pages):
        raise _stuck(read, "the provider gave the same page cursor again", 200)
    read.seen_pages.append(dict(page))


def _check_new_ids(read: ListRead, records: list[UnifiedRecord | None], status: int) -> None:
    ids = {record.id for record in records if record is not None and record.id is not None}
    if ids and ids <= read.seen_ids:
        raise _stuck(read, "the provider gave a page without any new record", status)
    read.seen_ids |= ids


def _stuck(read: ListRead, message: str, status: int) -> ProviderError:
    label = f"{read.route.provider.slug} {read.call.resource}"
    return ProviderError(f"{label}: {message}; stopped so as not to loop", status_code=status, code="pagination_loop")


def _read_in_order(read: ListRead) -> Generator[Any, Any, Page[UnifiedRecord]]:
    """Reads pages in the provider's order until the limit is filled or the end is reached."""
    position = _start(read)
    limit = read.call.limit
    size = position.size or _page_size(read, limit)
    page: Mapping[str, Any] | None = position.page
    kept: list[UnifiedRecord] = []
    while page is not None:
        native = yield from _read_page(read, page, size)
        room = None if limit is None else limit - len(kept)
        skip = _given_out(native.records, position) if page is position.page else 0
        taken, consumed = _take(read, native.records, skip, room)
        kept += taken
        if consumed < len(native.records):
            return (yield from _finish(read, kept, _inside(read, page, native.records, consumed, size)))
        page = native.next_page
        if page is None or (limit is None and kept) or (limit is not None and len(kept) >= limit):
            break
        spent = _spent(read)
        if spent is not None:
            if not kept:
                raise _over_budget(read, spent)
            break
        if limit is not None and read.pager.has_free_size and not read.is_filtered:
            size = _page_size(read, limit - len(kept))
    pinned = None if read.pager.has_free_size else size
    return (yield from _finish(read, kept, cursors.Position(page, 0, pinned) if page is not None else None))


_MARKS = 8
"""How many records a cursor inside a page remembers: so many may go before it has to count instead."""


def _inside(
    read: ListRead, page: Mapping[str, Any], records: list[UnifiedRecord | None], consumed: int, size: int | None
) -> cursors.Position:
    """The place after so many records of a page."""
    inside, skip = read.pager.inside(page, consumed)
    if not skip:
        return cursors.Position(inside)
    ids = [record.id for record in records[:consumed] if record is not None and record.id is not None]
    return cursors.Position(inside, skip, size, marks=tuple(cursors.mark_record(one) for one in ids[-_MARKS:]))


def _given_out(records: list[UnifiedRecord | None], position: cursors.Position) -> int:
    """How many records of the cursor's page were given out before; others of them may be gone by now."""
    marked = [
        index
        for index, record in enumerate(records[: position.skip])
        if record is not None and cursors.mark_record(record.id) in position.marks
    ]
    return marked[-1] + 1 if marked else position.skip - len(position.marks)


def _take(
    read: ListRead, records: list[UnifiedRecord | None], skip: int, room: int | None
) -> tuple[list[UnifiedRecord], int]:
    """The records that pass the checks, as many as there is room for, and the place of the next that does."""
    if not read.plan.checks and None not in records:
        end = len(records) if room is None else min(len(records), skip + room)
        return [record for record in records[skip:end] if record is not None], end
    taken: list[UnifiedRecord] = []
    schema = read.mapper.mapping.schema
    for index, record in enumerate(records):
        if index >= skip and record is not None and matches(record.fields, read.plan.checks, schema):
            if room is not None and len(taken) == room:
                return taken, index
            taken.append(record)
    return taken, len(records)


def _read_sorted(read: ListRead) -> Generator[Any, Any, Page[UnifiedRecord]]:
    """Reads the whole list, sorts it, and gives the part after the cursor's (key, id)."""
    sort = read.plan.sort
    assert sort is not None  # noqa: S101 - list_records comes here only for an emulated sort
    position = _start(read)
    records: list[UnifiedRecord] = []
    page: Mapping[str, Any] | None = read.pager.first()
    size = read.pager.max_size
    while page is not None:
        native = yield from _read_page(read, page, size)
        records += _take(read, native.records, 0, None)[0]
        page = native.next_page
        spent = _spent(read) if page is not None else None
        if spent is not None:
            raise _over_budget(read, spent)
    ordered = sort_records(records, sort)
    keys = [sort_key(record.fields, sort) for record in ordered]
    start = _index_after(keys, position, sort)
    end = start + (read.call.limit or max(len(ordered) - start, 1))
    following = None
    if end < len(ordered):
        following = cursors.Position(after=keys[end - 1], skip=keys[:end].count(keys[end - 1]))
    return (yield from _finish(read, ordered[start:end], following))


def _index_after(keys: list[tuple[int, str, str]], position: cursors.Position, sort: Any) -> int:
    """Where to go on: after as many records of this (key, id) as were given, or where they would stand if gone."""
    after = position.after
    if after is None:
        return 0

    def precedes(key: tuple[int, str, str]) -> bool:
        if key[0] != after[0]:
            return key[0] < after[0]
        if key[1] != after[1]:
            return key[1] > after[1] if sort.direction == "desc" else key[1] < after[1]
        return key[2] < after[2]

    return sum(1 for key in keys if precedes(key)) + min(keys.count(after), position.skip)


def _spent(read: ListRead) -> str | None:
    """The budget that is used up, as ``max_requests=100``; None where the call may go on."""
    budget = read.settings.budget
    used = {
        "max_requests": read.requests,
        "max_records": read.stats.seen,
        "max_seconds": (read.settings.now() - read.began).total_seconds(),
    }
    return next((f"{name}={getattr(budget, name)}" for name, one in used.items() if one >= getattr(budget, name)), None)


def _over_budget(read: ListRead, spent: str) -> UnsupportedParameter:
    names = read.plan.emulated or tuple(entry.parameter for entry in read.plan.entries)
    label = f"{read.route.provider.slug} {read.call.resource}"
    message = (
        f"{label}: {', '.join(names) or 'the call'} is served by reading the list, and {read.requests} requests "
        f"({read.stats.seen} records) were not enough; the budget {spent} is used up. "
        f"Raise it, or narrow the list with what the provider serves itself"
    )
    return UnsupportedParameter(message, parameter=names[0] if names else "limit")


def _finish(
    read: ListRead, kept: list[UnifiedRecord], after: cursors.Position | None
) -> Generator[Any, Any, Page[UnifiedRecord]]:
    """The page of these records, completed by side loads."""
    call = read.call
    is_partial = any(record.is_partial for record in kept)
    if read.loads and kept:
        natives = [native_of(record) for record in kept]
        loaded = yield from load_sides(read.session, read.mapper, read.loads, natives)
        read.requests += loaded.requests
        # They are mapped a second time: what the first time had to say about them counts no more.
        stats = RecordStats(errors=read.stats.errors if call.on_record_error == "skip" else [])
        pairs = zip(loaded.natives, loaded.sides, strict=True)
        records = (read.mapper.map_native(native, context=read.route.context, loaded=sides) for native, sides in pairs)
        policy: OnRecordError = "raise" if call.on_record_error == "raise" else "keep_raw"
        collected = collect_records(read.mapper, records, policy=policy, stats=stats)
        stats.fallbacks = read.stats.fallbacks
        read.stats = stats
        kept = [record for record in collected if record is not None]
        is_partial = _is_partial(read, [native.value for native in loaded.natives])
    return Page(
        result=kept,
        next_cursor=cursors.write_cursor(after, read.binding, read.settings.cursor_key) if after else None,
        is_partial_response=is_partial,
        query_plan=read.plan.entries,
        record_errors=tuple(replace(one, message=read.route.redactor.text(one.message)) for one in read.stats.errors),
        unmapped=dict(read.stats.unmapped),
        request_count=read.requests,
        fallback_count=read.stats.fallbacks if read.as_json else 0,
        rate_limit=read.session.meter.last,
    )


def _is_partial(read: ListRead, natives: list[Any]) -> bool:
    """Whether ``get`` would give more than the list and its side loads for at least one of these records."""
    return any(map(read.mapper.is_partial, natives)) or missing_loads(read.mapper, read.loads, natives)
