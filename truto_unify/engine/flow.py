"""One unified call from beginning to end, as generators that yield ``Send`` and ``Wait``.

No step knows whether a synchronous or an asynchronous driver feeds it, and tests feed it plain lists.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import ceil
from typing import TYPE_CHECKING, Any

from truto_unify.config.schema import read_first, show_paths
from truto_unify.engine import cursor as cursors
from truto_unify.engine.auth import authorize
from truto_unify.engine.faults import Answer, read_answer
from truto_unify.engine.pagination import PageAsk, Pager
from truto_unify.engine.plan import QueryPlan, plan_query
from truto_unify.engine.query import NativeQuery, build_query, remote_places, set_path
from truto_unify.engine.request import build_request, follow_link
from truto_unify.engine.residual import matches, sort_key, sort_records
from truto_unify.engine.response import RecordTally, map_records, shape_record
from truto_unify.engine.retry import RetryPolicy, next_delay
from truto_unify.engine.route import Route, find_route
from truto_unify.errors import (
    InvalidInput,
    NotFoundError,
    ProviderError,
    TransportError,
    UnsupportedParameter,
)
from truto_unify.types import Call, Page, Request, Response, Send, Wait

if TYPE_CHECKING:
    from truto_unify.config.registry import Configuration
    from truto_unify.engine.mapper import Mapper

Flow = Generator[Send | Wait, Response | None, Any]


@dataclass(frozen=True, slots=True)
class Budget:
    """What one list call may cost.

    Attributes:
        max_requests: native pages read.
        max_records: native records read.
    """

    max_requests: int = 100
    max_records: int = 25_000


@dataclass(frozen=True, slots=True)
class Settings:
    """What every call of a client shares.

    Attributes:
        retry: how patient a call is.
        budget: what a list call may cost.
        cursor_key: seals cursors.
        now: the clock.
        random: gives numbers from 0 to 1, for jitter.
    """

    retry: RetryPolicy = field(default_factory=RetryPolicy)
    budget: Budget = field(default_factory=Budget)
    cursor_key: bytes = field(default=cursors.DEFAULT_KEY, repr=False)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    random: Callable[[], float] = random.random


def exchange(route: Route, request: Request, settings: Settings) -> Generator[Any, Any, Answer]:
    """Sends one native request, tries again where that is safe, and gives the good answer.

    Raises:
        ProviderError: the provider refuses.
        TransportError: no answer arrives.
    """
    label = f"{route.provider.slug} {request.method} {request.url.removeprefix(route.base_url) or '/'}"
    began = settings.now()
    attempt = 0
    while True:
        attempt += 1
        authorized = authorize(request, route.provider.config.authorization, route.values)
        error: ProviderError | TransportError
        try:
            response = yield Send(authorized)
        except TransportError as lost:
            error, passing, told = lost, lost.retryable, None
        else:
            now = settings.now()
            read = read_answer(route.provider.config, route.endpoint, response, route.redactor, now, label)
            if isinstance(read, Answer):
                return read
            error, passing, told = read.error, read.is_passing, read.error.retry_after
        elapsed = (settings.now() - began).total_seconds()
        # A refusal for lack of quota was not carried out, so even a write may be repeated.
        if not passing or not (request.is_safe or _was_not_carried_out(error)):
            raise error
        delay = next_delay(settings.retry, attempt, told, elapsed, settings.random)
        if delay is None:
            raise error
        yield Wait(delay, error.message)


def _was_not_carried_out(error: Exception) -> bool:
    return isinstance(error, ProviderError) and error.status_code == 429


def get_record(configuration: Configuration, mapper: Mapper, account: Any, call: Call, settings: Settings) -> Flow:
    """The unified ``get``: one record by its id.

    Raises:
        NotFoundError: there is no such record.
        MappingError: the answer does not hold a record where it must, or the record breaks the mapping.
    """
    route = find_route(configuration, account, call.resource, "get")
    if call.id is None or not str(call.id).strip():
        raise InvalidInput("get needs an id")
    request = get_request(route, call)
    answer = yield from exchange(route, request, settings)
    found, native = read_first(answer.body, route.endpoint.record_path or ((),))
    if found and native is None and route.endpoint.null_record == "not_found":
        raise NotFoundError(
            f'{route.provider.slug} has no {call.resource} with the id "{call.id}"',
            status_code=answer.response.status,
            raw_response=route.redactor.value(answer.body),
        )
    if not found or native is None:
        where = show_paths(route.endpoint.record_path or ((),))
        raise mapper.error(answer.body, "", f"no record at {where}")
    record = mapper.map(native, context=route.context)
    shaped = shape_record(record, call.response_format, call.exclude_fields, ignore_remote_data=call.ignore_remote_data)
    return shaped


def get_request(route: Route, call: Call) -> Request:
    """The native request of a ``get``, without authorization.

    Raises:
        InvalidInput: the id does not look like one of this provider's.
    """
    pattern = route.endpoint.id_pattern
    record_id = str(call.id)
    if pattern and not re.fullmatch(pattern, record_id):
        raise InvalidInput(f'"{record_id[:80]}" is no id of {route.provider.slug}: it must match {pattern}')
    params = [(name, str(value)) for name, value in call.remote_query.items()]
    return build_request(
        route.provider.config,
        route.endpoint,
        route.base_url,
        route.values,
        params=params if route.endpoint.method == "GET" else (),
        document=_document(route),
        record_id=record_id,
    )


def _document(route: Route) -> str | None:
    graphql = route.endpoint.graphql
    return route.provider.documents[graphql.document] if graphql else None


@dataclass(slots=True)
class ListRead:
    """The state of one list call while it reads page after page."""

    route: Route
    call: Call
    plan: QueryPlan
    query: NativeQuery
    pager: Pager
    binding: str
    mapper: Mapper
    settings: Settings
    tally: RecordTally = field(default_factory=RecordTally)
    requests: int = 0
    is_partial: bool = False
    seen_pages: list[Mapping[str, Any]] = field(default_factory=list)
    seen_ids: set[str] = field(default_factory=set)

    @property
    def is_filtered(self) -> bool:
        """Whether a page may give fewer records than it holds."""
        return bool(self.plan.checks) or self.call.on_record_error == "skip"


def begin_list(
    configuration: Configuration,
    mapper: Mapper,
    account: Any,
    call: Call,
    settings: Settings,
    *,
    needs_credentials: bool = True,
) -> ListRead:
    """Everything of a list call that needs no I/O: route, plan, native query.

    Raises:
        CallError: the call is impossible; nothing was sent.
    """
    route = find_route(configuration, account, call.resource, "list", needs_credentials=needs_credentials)
    method = route.mapping.config.list
    assert method is not None  # noqa: S101 - find_route refuses a resource without list
    where = f"{route.provider.slug} {call.resource}"
    taken = remote_places(call.remote_query, method, route.endpoint)
    plan = plan_query(method, call.filters, call.sort, unsupported=call.unsupported, taken=taken, where=where)
    query = build_query(method, plan.terms, plan.sort_form, call.remote_query, route.endpoint)
    binding = cursors.query_binding(
        route.provider.slug,
        route.base_url,
        sorted(route.context.items()),
        account.id,
        call.resource,
        [(one.field, one.op, one.value) for one in call.filters],
        [call.sort.field, call.sort.direction] if call.sort else None,
        call.unsupported,
        dict(call.remote_query),
    )
    pager = Pager(route.endpoint.pagination)
    return ListRead(route, call, plan, query, pager, binding, mapper, settings)


def list_records(configuration: Configuration, mapper: Mapper, account: Any, call: Call, settings: Settings) -> Flow:
    """The unified ``list``: one page, filled from as many native pages as it takes.

    Raises:
        CallError: the call is impossible, or cannot be served within the budget.
        ProviderError, TransportError, MappingError: see the error tree.
    """
    read = begin_list(configuration, mapper, account, call, settings)
    if read.plan.sort is not None:
        page = yield from _read_sorted(read)
    else:
        page = yield from _read_in_order(read)
    return page


def list_request(read: ListRead) -> Request:
    """The first native request of a list call, without authorization."""
    position = _start(read)
    return _page_request(read, position.page, position.size or _page_size(read, read.call.limit))


def _start(read: ListRead) -> cursors.Position:
    if not read.call.next_cursor:
        return cursors.Position(read.pager.first())
    return cursors.read_cursor(read.call.next_cursor, read.binding, read.settings.cursor_key)


def _page_size(read: ListRead, wanted: int | None) -> int | None:
    """Records to ask for: no more than needed where every record counts, as many as possible where few do."""
    largest = read.pager.max_size
    if largest is None or wanted is None or read.is_filtered or read.plan.sort is not None:
        return largest
    # Equal pages instead of full ones and a rest: 150 is 75 + 75, so that no page is cut.
    return ceil(wanted / ceil(wanted / largest))


def _page_request(read: ListRead, page: Mapping[str, Any], size: int | None) -> Request:
    ask: PageAsk = read.pager.ask(page, size)
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
        document=_document(read.route),
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

    records: list[dict[str, Any] | None]
    next_page: Mapping[str, Any] | None


def _read_page(read: ListRead, page: Mapping[str, Any], size: int | None) -> Generator[Any, Any, NativePage]:
    _check_progress(read, page)
    read.requests += 1
    request = _page_request(read, page, size)
    answer = yield from exchange(read.route, request, read.settings)
    natives = read.mapper.records_of(answer.body) if answer.body is not None or answer.response.body else []
    next_page = read.pager.next(page, size, answer.response, answer.body, len(natives), read.route.base_url)
    if next_page is not None and next_page == dict(page):
        raise _stuck(read, "the provider gave the same page cursor again", answer.response.status)
    mapped = map_records(
        read.mapper,
        natives,
        policy=read.call.on_record_error,
        tally=read.tally,
        query={name: many[0] if len(many) == 1 else many for name, many in read.query.params.items()},
        context=read.route.context,
    )
    _check_new_ids(read, mapped, answer.response.status)
    partial = read.route.mapping.config.list.partial if read.route.mapping.config.list else None
    if partial is not None and not read.is_partial:
        read.is_partial = any(partial.search(native) is True for native in natives)
    return NativePage(mapped, next_page)


def _check_progress(read: ListRead, page: Mapping[str, Any]) -> None:
    if any(page == seen for seen in read.seen_pages):
        raise _stuck(read, "the provider gave the same page cursor again", 200)
    read.seen_pages.append(dict(page))


def _check_new_ids(read: ListRead, mapped: list[dict[str, Any] | None], status: int) -> None:
    ids = {str(record["id"]) for record in mapped if record is not None and record.get("id") is not None}
    if ids and ids <= read.seen_ids:
        raise _stuck(read, "the provider gave a page without any new record", status)
    read.seen_ids |= ids


def _stuck(read: ListRead, message: str, status: int) -> ProviderError:
    label = f"{read.route.provider.slug} {read.call.resource}"
    return ProviderError(f"{label}: {message}; stopped so as not to loop", status_code=status, code="pagination_loop")


def _read_in_order(read: ListRead) -> Generator[Any, Any, Page[dict[str, Any]]]:
    """Reads pages in the provider's order until the limit is filled or the end is reached."""
    position = _start(read)
    limit = read.call.limit
    size = position.size or _page_size(read, limit)
    page: Mapping[str, Any] | None = position.page
    skip = position.skip
    kept: list[dict[str, Any]] = []
    while page is not None:
        native = yield from _read_page(read, page, size)
        room = None if limit is None else limit - len(kept)
        taken, consumed = _take(read, native.records, skip, room)
        kept += taken
        if consumed < len(native.records):
            inside, rest = read.pager.inside(page, consumed)
            return _page(read, kept, cursors.Position(inside, rest, size if rest else None))
        page, skip = native.next_page, 0
        if page is None or (limit is None and kept) or (limit is not None and len(kept) >= limit):
            break
        if _is_spent(read):
            if not kept:
                raise _over_budget(read)
            break
        if limit is not None and read.pager.has_free_size and not read.is_filtered:
            size = _page_size(read, limit - len(kept))
    pinned = None if read.pager.has_free_size else size
    return _page(read, kept, cursors.Position(page, 0, pinned) if page is not None else None)


def _take(
    read: ListRead, records: list[dict[str, Any] | None], skip: int, room: int | None
) -> tuple[list[dict[str, Any]], int]:
    """The records that pass the checks, as many as there is room for, and how many were looked at."""
    taken: list[dict[str, Any]] = []
    for index, record in enumerate(records):
        if room is not None and len(taken) == room:
            return taken, index
        if index >= skip and record is not None and matches(record, read.plan.checks, read.mapper.mapping.schema):
            taken.append(record)
    return taken, len(records)


def _read_sorted(read: ListRead) -> Generator[Any, Any, Page[dict[str, Any]]]:
    """Reads the whole list, sorts it, and gives the part after the cursor's (key, id)."""
    sort = read.plan.sort
    assert sort is not None  # noqa: S101 - list_records comes here only for an emulated sort
    position = _start(read)
    records: list[dict[str, Any]] = []
    page: Mapping[str, Any] | None = read.pager.first()
    size = read.pager.max_size
    while page is not None:
        native = yield from _read_page(read, page, size)
        records += _take(read, native.records, 0, None)[0]
        page = native.next_page
        if page is not None and _is_spent(read):
            raise _over_budget(read)
    ordered = sort_records(records, sort)
    if position.after is not None:
        ordered = ordered[_index_after(ordered, position.after, sort) :]
    limit = read.call.limit or len(ordered) or 1
    kept, rest = ordered[:limit], ordered[limit:]
    return _page(read, kept, cursors.Position(after=sort_key(kept[-1], sort)) if rest else None)


def _index_after(ordered: list[dict[str, Any]], after: tuple[int, str, str], sort: Any) -> int:
    """Where to go on: after the record of this (key, id), or where it would stand if it is gone."""
    keys = [sort_key(record, sort) for record in ordered]
    if after in keys:
        return keys.index(after) + 1

    def precedes(key: tuple[int, str, str]) -> bool:
        if key[0] != after[0]:
            return key[0] < after[0]
        if key[1] != after[1]:
            return key[1] > after[1] if sort.direction == "desc" else key[1] < after[1]
        return key[2] < after[2]

    return sum(1 for key in keys if precedes(key))


def _is_spent(read: ListRead) -> bool:
    budget = read.settings.budget
    return read.requests >= budget.max_requests or read.tally.seen >= budget.max_records


def _over_budget(read: ListRead) -> UnsupportedParameter:
    budget = read.settings.budget
    spent = "max_requests" if read.requests >= budget.max_requests else "max_records"
    names = read.plan.emulated or tuple(entry.parameter for entry in read.plan.entries)
    label = f"{read.route.provider.slug} {read.call.resource}"
    message = (
        f"{label}: {', '.join(names) or 'the call'} is served by reading the list, and {read.requests} requests "
        f"({read.tally.seen} records) were not enough; the budget {spent}={getattr(budget, spent)} is used up. "
        f"Raise it, or narrow the list with what the provider serves itself"
    )
    return UnsupportedParameter(message, parameter=names[0] if names else "limit")


def _page(read: ListRead, kept: list[dict[str, Any]], after: cursors.Position | None) -> Page[dict[str, Any]]:
    call = read.call
    shaped = [
        shape_record(one, call.response_format, call.exclude_fields, ignore_remote_data=call.ignore_remote_data)
        for one in kept
    ]
    return Page(
        result=shaped,
        next_cursor=cursors.write_cursor(after, read.binding, read.settings.cursor_key) if after else None,
        is_partial_response=read.is_partial,
        query_plan=read.plan.entries,
        record_errors=tuple(read.tally.errors),
        unmapped=dict(read.tally.unmapped),
        request_count=read.requests,
    )
