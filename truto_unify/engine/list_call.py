"""The unified list from beginning to end, as a generator that yields what it needs done.

No step knows whether a synchronous or an asynchronous driver feeds it, and tests feed it plain lists.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import compress
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
from truto_unify.engine.shaping import RecordTally, collect_records, shape_record
from truto_unify.engine.side_loads import Texts, as_text_of, load_sides, missing_loads, wanted_loads
from truto_unify.errors import ProviderError, UnsupportedParameter
from truto_unify.mapping.json_text import RecordText
from truto_unify.redaction import masked_errors
from truto_unify.types import Account, Call, NativeText, OnRecordError, Page, Request, Step

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from typing_extensions import Buffer

    from truto_unify.config.mapping import SideLoad
    from truto_unify.mapping.mapper import Mapper

Flow = Generator[Step, Any, Any]
Made = Any
"""A unified record: a dict, or a ``RecordText`` where nobody looks into it again."""
_AT_ONCE = 16
"""Records that are mapped and written together: few enough for the processor to have them at hand still."""


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
    tally: RecordTally = field(default_factory=RecordTally)
    requests: int = 0
    seen_pages: list[Mapping[str, Any]] = field(default_factory=list)
    seen_ids: set[str] = field(default_factory=set)
    as_text: bool = False
    is_written: bool = False
    texts: Texts = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        """What all calls of the client share."""
        return self.session.settings

    @property
    def is_filtered(self) -> bool:
        """Whether a page may give fewer records than it holds."""
        keep = self.route.mapping.config.where
        return bool(self.plan.checks) or self.call.on_record_error == "skip" or keep is not None


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
    as_text: bool = False,
    is_written: bool = False,
) -> Flow:
    """The unified ``list``: one page, filled from as many native pages as it takes.

    Args:
        mapper: the mapping engine.
        account: whose store is asked.
        call: what is asked.
        settings: shared by all calls of the client.
        as_text: the ``remote_data`` of each record is a ``NativeText``.
        is_written: with ``as_text``, a record of which all is known from its bytes may be a ``RecordText``.

    Raises:
        CallError: the call is impossible, or cannot be served within the budget.
        ProviderError, TransportError, MappingError: see the error tree.
    """
    read = begin_list(mapper, account, call, settings)
    read.as_text = as_text
    read.is_written = is_written and _may_be_written(read)
    with masked_errors(read.route.redactor):
        if read.plan.sort is not None:
            page = yield from _read_sorted(read)
        else:
            page = yield from _read_in_order(read)
    return page


def _may_be_written(read: ListRead) -> bool:
    """Whether nobody looks into a record again once it is mapped."""
    return _is_whole(read.call) and not (read.loads or read.plan.checks or read.plan.sort is not None)


def _is_whole(call: Call) -> bool:
    """Whether records leave with all that they have."""
    return call.response_format in {"unified", "stream"} and not (call.exclude_fields or call.ignore_remote_data)


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

    records: list[Made | None]
    next_page: Mapping[str, Any] | None


def _read_page(read: ListRead, page: Mapping[str, Any], size: int | None) -> Generator[Any, Any, NativePage]:
    _check_progress(read, page)
    read.requests += 1
    request = _page_request(read, page, size)
    path = read.mapper.records_paths[0] if read.as_text else None
    answer = yield from exchange(read.session, read.route.endpoint, request, records_path=path)
    natives: Sequence[Any] = []
    next_page: Mapping[str, Any] | None = None
    if answer.body is not None or answer.response.body:  # else a declared empty status: the list ends here
        natives = answer.records if answer.records is not None else read.mapper.records_of(answer.body)
        next_page = read.pager.next(page, size, answer.response, answer.body, len(natives), request.url)
    if next_page is not None and next_page == dict(page):
        raise _stuck(read, "the provider gave the same page cursor again", answer.response.status)
    made = _map_natives(read, natives, is_text=answer.records is not None)
    _check_new_ids(read, made, answer.response.status)
    return NativePage(made, next_page)


def _map_natives(read: ListRead, natives: Sequence[Any], *, is_text: bool) -> list[Made | None]:
    """A unified record for each native one of a page; None for those that are left out."""
    query = {name: many[0] if len(many) == 1 else many for name, many in read.query.params.items()}
    context, mapper = read.route.context, read.mapper
    if is_text and not read.loads:
        good = _map_texts(read, natives, query, context)
        if good is not None:
            return good
        texts = [bytes(native) for native in natives]
        mapped = [mapper.map_text(text, query=query, context=context) for text in texts]
        is_kept = [one.is_kept for one in mapped]
        natives = [NativeText(text) for text in texts]
        results: Iterable[Any] = compress(mapped, is_kept)
    else:
        if is_text:
            natives = [_parse_text(read, bytes(native)) for native in natives]
        is_kept = [mapper.is_kept(native) for native in natives]
        chosen = compress(natives, is_kept)
        results = (mapper.map_record(native, query=query, context=context, loaded={}) for native in chosen)
    kept = list(compress(natives, is_kept))
    made = collect_records(mapper, kept, results, policy=read.call.on_record_error, tally=read.tally)
    read.tally.seen += is_kept.count(False)
    records = iter(made)
    return [next(records) if kept else None for kept in is_kept]


def _map_texts(
    read: ListRead, texts: Sequence[Buffer], query: Mapping[str, Any], context: Mapping[str, str]
) -> list[Made | None] | None:
    """A unified record for each text of a page where all of them are good; else None, and nothing is counted."""
    made: list[Made | None] = []
    unmapped: Counter[str] = Counter()
    for start in range(0, len(texts), _AT_ONCE):
        some = texts[start : start + _AT_ONCE]
        page = read.mapper.map_texts(some, query=query, context=context, is_written=read.is_written)
        if page is None:
            return None
        unmapped.update(page.unmapped)
        made += page.records
    read.tally.unmapped.update(unmapped)
    read.tally.seen += len(texts)
    return made


def _parse_text(read: ListRead, text: bytes) -> Any:
    native = json.loads(text)
    read.texts[id(native)] = (native, text)
    return native


def _check_progress(read: ListRead, page: Mapping[str, Any]) -> None:
    if any(page == seen for seen in read.seen_pages):
        raise _stuck(read, "the provider gave the same page cursor again", 200)
    read.seen_pages.append(dict(page))


def _check_new_ids(read: ListRead, mapped: list[Made | None], status: int) -> None:
    ids = {str(one) for one in map(_id_of, mapped) if one is not None}
    if ids and ids <= read.seen_ids:
        raise _stuck(read, "the provider gave a page without any new record", status)
    read.seen_ids |= ids


def _id_of(record: Made | None) -> Any:
    return record.id if isinstance(record, RecordText) else record and record.get("id")


def _stuck(read: ListRead, message: str, status: int) -> ProviderError:
    label = f"{read.route.provider.slug} {read.call.resource}"
    return ProviderError(f"{label}: {message}; stopped so as not to loop", status_code=status, code="pagination_loop")


def _read_in_order(read: ListRead) -> Generator[Any, Any, Page[dict[str, Any]]]:
    """Reads pages in the provider's order until the limit is filled or the end is reached."""
    position = _start(read)
    limit = read.call.limit
    size = position.size or _page_size(read, limit)
    page: Mapping[str, Any] | None = position.page
    kept: list[Made] = []
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
    read: ListRead, page: Mapping[str, Any], records: list[Made | None], consumed: int, size: int | None
) -> cursors.Position:
    """The place after so many records of a page."""
    inside, skip = read.pager.inside(page, consumed)
    if not skip:
        return cursors.Position(inside)
    ids = [one for one in map(_id_of, records[:consumed]) if one is not None]
    return cursors.Position(inside, skip, size, marks=tuple(cursors.mark_record(one) for one in ids[-_MARKS:]))


def _given_out(records: list[Made | None], position: cursors.Position) -> int:
    """How many records of the cursor's page were given out before; others of them may be gone by now."""
    marked = [
        index
        for index, record in enumerate(records[: position.skip])
        if record is not None and cursors.mark_record(_id_of(record)) in position.marks
    ]
    return marked[-1] + 1 if marked else position.skip - len(position.marks)


def _take(read: ListRead, records: list[Made | None], skip: int, room: int | None) -> tuple[list[Made], int]:
    """The records that pass the checks, as many as there is room for, and the place of the next that does."""
    if not read.plan.checks and None not in records:
        end = len(records) if room is None else min(len(records), skip + room)
        return records[skip:end], end
    taken: list[Made] = []
    for index, record in enumerate(records):
        if index >= skip and record is not None and matches(record, read.plan.checks, read.mapper.mapping.schema):
            if room is not None and len(taken) == room:
                return taken, index
            taken.append(record)
    return taken, len(records)


def _read_sorted(read: ListRead) -> Generator[Any, Any, Page[dict[str, Any]]]:
    """Reads the whole list, sorts it, and gives the part after the cursor's (key, id)."""
    sort = read.plan.sort
    assert sort is not None  # noqa: S101 - list_records comes here only for an emulated sort
    position = _start(read)
    records: list[Made] = []
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
    keys = [sort_key(record, sort) for record in ordered]
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
        "max_records": read.tally.seen,
        "max_seconds": (read.settings.now() - read.began).total_seconds(),
    }
    return next((f"{name}={getattr(budget, name)}" for name, one in used.items() if one >= getattr(budget, name)), None)


def _over_budget(read: ListRead, spent: str) -> UnsupportedParameter:
    names = read.plan.emulated or tuple(entry.parameter for entry in read.plan.entries)
    label = f"{read.route.provider.slug} {read.call.resource}"
    message = (
        f"{label}: {', '.join(names) or 'the call'} is served by reading the list, and {read.requests} requests "
        f"({read.tally.seen} records) were not enough; the budget {spent} is used up. "
        f"Raise it, or narrow the list with what the provider serves itself"
    )
    return UnsupportedParameter(message, parameter=names[0] if names else "limit")


def _finish(
    read: ListRead, kept: list[Made], after: cursors.Position | None
) -> Generator[Any, Any, Page[dict[str, Any]]]:
    """The page of these records, completed by side loads and shaped as the caller wants it."""
    call = read.call
    natives = [one if isinstance(one, RecordText) else one["remote_data"] for one in kept]
    if read.loads and kept:
        loaded = yield from load_sides(read.session, read.mapper, read.loads, natives)
        natives = loaded.natives
        read.requests += loaded.requests
        # They are mapped a second time: what the first time had to say about them counts no more.
        tally = RecordTally(errors=read.tally.errors if call.on_record_error == "skip" else [])
        pairs = zip(natives, loaded.sides, strict=True)
        mapped = (read.mapper.map_record(one, context=read.route.context, loaded=sides) for one, sides in pairs)
        policy: OnRecordError = "raise" if call.on_record_error == "raise" else "keep_raw"
        made = collect_records(read.mapper, natives, mapped, policy=policy, tally=tally)
        read.tally = tally
        kept = [record for record in made if record is not None]
        read.texts |= loaded.texts
    is_partial = _is_partial(read, natives)
    if read.as_text:
        for record in kept:
            if not isinstance(record, RecordText) and not isinstance(record["remote_data"], NativeText):
                record["remote_data"] = as_text_of(record["remote_data"], read.texts)
    shaped = (
        kept
        if _is_whole(call)
        else [
            shape_record(one, call.response_format, call.exclude_fields, ignore_remote_data=call.ignore_remote_data)
            for one in kept
        ]
    )
    return Page(
        result=shaped,
        next_cursor=cursors.write_cursor(after, read.binding, read.settings.cursor_key) if after else None,
        is_partial_response=is_partial,
        query_plan=read.plan.entries,
        record_errors=tuple(replace(one, message=read.route.redactor.text(one.message)) for one in read.tally.errors),
        unmapped=dict(read.tally.unmapped),
        request_count=read.requests,
        rate_limit=read.session.meter.last,
    )


def _is_partial(read: ListRead, natives: list[Any]) -> bool:
    """Whether ``get`` would give more than this page for at least one of its records."""
    texts = (NativeText, RecordText)
    if any(one.is_partial if isinstance(one, texts) else read.mapper.is_partial(one) for one in natives):
        return True
    plain = [one for one in natives if not isinstance(one, texts)]
    return missing_loads(read.mapper, read.loads, plain)
