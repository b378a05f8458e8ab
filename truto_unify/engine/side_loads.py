"""Side loads: the declared extra requests that complete records, within a budget and a few at a time."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from truto_unify.config.schema import read_first, show_paths
from truto_unify.engine.native_pages import NativePages
from truto_unify.engine.request import build_request
from truto_unify.engine.send import exchange
from truto_unify.engine.walks import open_walk
from truto_unify.engine.whole_lists import read_whole
from truto_unify.errors import NotFoundError, UnsupportedParameter
from truto_unify.expressions import EvaluationError, is_true, search_or_null, suggest
from truto_unify.functions import is_number, to_number
from truto_unify.mapping.json_input import NotJson, cut_record
from truto_unify.mapping.record import NativeRecord
from truto_unify.steps import Gather
from truto_unify.types import PlanEntry

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence

    from truto_unify.config.mapping import Batch, Inline, SideLoad, Whole
    from truto_unify.config.provider import Endpoint
    from truto_unify.engine.send import Session
    from truto_unify.errors import UnifyError
    from truto_unify.expressions import Expression
    from truto_unify.mapping.mapper import Mapper
    from truto_unify.types import Request

_LOGGER = logging.getLogger("truto_unify")
_FAILS = "cannot be evaluated"


@dataclass(slots=True)
class Loaded:
    """Native records after their side loads.

    Attributes:
        natives: the records, replaced where a side load gives the whole record.
        sides: for each record the results by name.
        requests: how many requests it took.
        shortages: for each side load that gave fewer items than a record counts, how many it gave; for each that could
            not be asked for, why.
        entries: for each side load that has another way than a request for each record, or could not be asked for
            some records, what was done.
    """

    natives: list[NativeRecord]
    sides: list[dict[str, Any]]
    requests: int = 0
    shortages: tuple[str, ...] = ()
    entries: tuple[PlanEntry, ...] = ()


@dataclass(slots=True)
class _Purse:
    """The side requests of one page, counted against the budget; flows in several threads share it."""

    session: Session
    names: str
    needed: int = 0
    guard: threading.Lock = field(default_factory=threading.Lock)

    def take(self, count: int) -> None:
        """Sets so many requests aside.

        Raises:
            UnsupportedParameter: they go beyond the budget.
        """
        with self.guard:
            self.needed += count
            needed = self.needed
        most = self.session.settings.budget.max_side_requests
        if needed > most:
            slug = self.session.route.provider.slug
            message = (
                f'{slug}: side_load "{self.names}" needs {needed} requests for this page, and the budget is '
                f"max_side_requests={most}; ask for fewer records at a time (limit) or raise it"
            )
            raise UnsupportedParameter(message, parameter="side_load")

    def give_back(self, count: int) -> None:
        """Takes so many requests out of the count again."""
        with self.guard:
            self.needed -= count


def wanted_loads(mapper: Mapper, asked: Sequence[str], method: str) -> dict[str, SideLoad]:
    """The side loads of a call: those that were asked for, and those that the method does by itself.

    Raises:
        UnsupportedParameter: the mapping has no such side load.
    """
    known = mapper.mapping.config.side_loads
    for name in asked:
        if name not in known:
            hint = suggest(name, known) or f"; it has {', '.join(known) or 'none'}"
            label = f"{mapper.mapping.provider.slug} {mapper.mapping.schema.name}"
            message = f'{label} has no side load "{name}"{hint}'
            raise UnsupportedParameter(message, parameter="side_load", supported=tuple(known))
    return {name: load for name, load in known.items() if name in asked or method in load.methods}


def inlines_of(loads: Mapping[str, SideLoad]) -> tuple[Inline, ...]:
    """What makes the records hold the items of these side loads."""
    return tuple(load.inline for load in loads.values() if load.inline is not None)


def missing_loads(mapper: Mapper, done: dict[str, SideLoad], natives: Iterable[Any]) -> bool:
    """Whether ``get`` would complete one of these records by a side load that was not done."""
    left = [
        load for name, load in mapper.mapping.config.side_loads.items() if "get" in load.methods and name not in done
    ]
    return bool(left) and any(needs_load(load, native) for native in natives for load in left)


def load_sides(
    session: Session, mapper: Mapper, loads: dict[str, SideLoad], natives: list[NativeRecord]
) -> Generator[Any, Any, Loaded]:
    """Runs the side loads of these records.

    Raises:
        UnsupportedParameter: they take more requests than the budget allows; nothing of them was sent, unless
            it is the pages of a side load that turn out to be too many.
        ProviderError, TransportError, MappingError: a request failed.
    """
    result = Loaded(list(natives), [{} for _ in natives])
    blocked: dict[str, PlanEntry] = {}
    for name, load in loads.items():
        _keep_inline(result, name, load)
    plan = {name: _groups(load, natives) for name, load in loads.items()}
    purse = _Purse(session, ", ".join(name for name, groups in plan.items() if groups))
    for name, load in loads.items():
        if load.whole is not None:
            blocked |= _blocked(result, name, load)
            plan[name] = yield from _load_whole(session, mapper, (name, load, load.whole), plan[name], purse, result)
    purse.take(sum(len(groups) for groups in plan.values()))
    for name, load in loads.items():
        groups = plan[name]
        if load.whole is None:
            groups = _groups(load, result.natives)  # a side load before may have replaced the records
            blocked |= _blocked(result, name, load)
            purse.take(max(len(groups) - len(plan[name]), 0))
        members = [[result.natives[index].value for index in group] for group in groups]
        flows = tuple(_load_group(session, mapper, load, group, purse) for group in members)
        answers = (yield Gather(flows, session.settings.budget.at_once)) if flows else []
        for group, (items, requests, text) in zip(groups, answers, strict=True):
            result.requests += requests
            for index in group:
                _keep(result, name, load, index, items, text)
    result.entries = _with_reasons(result.entries, blocked)
    result.shortages = (
        *(f"{name}: {entry.reason}" for name, entry in blocked.items()),
        *_shortages(loads, result),
    )
    report = session.settings.on_shortage or partial(_LOGGER.warning, "items are missing: %s")
    for shortage in result.shortages:
        report(shortage)
    return result


def _keep_inline(result: Loaded, name: str, load: SideLoad) -> None:
    """Takes over the items that the records themselves hold in full."""
    if load.inline is None:
        return
    held = 0
    for native, sides in zip(result.natives, result.sides, strict=True):
        items = inline_items(load, native.value)
        if items is not None:
            sides[name] = order_items(load, items)
            held += 1
    text = f"within {held} of {len(result.natives)} records; {load.endpoint} for {len(_groups(load, result.natives))}"
    result.entries += (PlanEntry(_parameter(name), "native", native=text),)


def _load_whole(
    session: Session,
    mapper: Mapper,
    declared: tuple[str, SideLoad, Whole],
    groups: list[list[int]],
    purse: _Purse,
    result: Loaded,
) -> Generator[Any, Any, list[list[int]]]:
    """Completes the records from the whole list of a side load; those that are left need a request each."""
    name, load, whole = declared
    at_once = session.settings.budget.at_once
    pages = _pages(session, mapper, whole.endpoint, None)
    read = yield from read_whole(whole, pages, len(groups), at_once, lambda: purse.take(1))
    if read.items is None:
        purse.give_back(read.requests)  # a look in vain must not make a call fail
    result.requests += read.requests
    each = f"{load.endpoint} for each of {len(groups)} records"
    entry = PlanEntry(_parameter(name), "native", native=each, reason=f"{whole.endpoint} {read.told}")
    if read.items is not None:
        entry = PlanEntry(_parameter(name), "native", native=f"{whole.endpoint} for {len(groups)} records: {read.told}")
        for index in (index for group in groups for index in group):
            items = [*read.items.get(load_id(load, result.natives[index].value), ())]
            result.sides[index][name] = order_items(load, items)
        groups = []
    result.entries += (entry,)
    return groups


def planned_way(name: str, load: SideLoad) -> PlanEntry | None:
    """How a side load is served, as far as that is known before the records are; None if there is one way."""
    if load.inline is not None:
        text = f"within the records; {load.endpoint} for those that hold a part"
    elif load.whole is not None:
        text = f"{load.whole.endpoint} if it has few pages for the records, else {load.endpoint} for each"
    else:
        return None
    return PlanEntry(_parameter(name), "native", native=text)


def _parameter(name: str) -> str:
    return f"side_load[{name}]"


def _shortages(loads: dict[str, SideLoad], result: Loaded) -> Iterator[str]:
    for name, load in loads.items():
        if load.count is None:
            continue
        short: list[str] = []
        for native, sides in zip(result.natives, result.sides, strict=True):
            count, items = to_number(search_or_null(load.count, native.value)), sides.get(name)
            if is_number(count) and isinstance(items, list) and len(items) < count:
                record_id = load_id(load, native.value)
                short.append(f'{name}: {load.count.text} says {count}, and {len(items)} came (record "{record_id}")')
        if short:
            yield short[0] + (f", and too few for {len(short) - 1} more" if len(short) > 1 else "")


def _groups(load: SideLoad, natives: Sequence[NativeRecord]) -> list[list[int]]:
    """The places of the records that are to be completed, those of one request together."""
    chosen = [index for index, native in enumerate(natives) if needs_load(load, native.value)]
    size = max(len(chosen), 1) if load.once else load.batch.size if load.batch else 1
    return [chosen[start : start + size] for start in range(0, len(chosen), size)]


def _blocked(result: Loaded, name: str, load: SideLoad) -> dict[str, PlanEntry]:
    """The plan of a side load that cannot be asked for some records, with the reason of the first; empty if it can."""
    natives = [native.value for native in result.natives]
    reasons = [(index, reason) for index, native in enumerate(natives) if (reason := blocked_by(load, native))]
    if not reasons:
        return {}
    index, reason = reasons[0]
    others = f", and {len(reasons) - 1} more cannot be asked for either" if len(reasons) > 1 else ""
    text = f"{reason} in record {index + 1} of {len(natives)}{others}"
    asked = sum(needs_load(load, native) for native in natives)
    native = f"{load.endpoint} for {asked} of {len(natives)} records"
    return {name: PlanEntry(_parameter(name), "native" if asked else "ignored", native=native, reason=text)}


def _with_reasons(entries: tuple[PlanEntry, ...], blocked: Mapping[str, PlanEntry]) -> tuple[PlanEntry, ...]:
    """The plan of side loads, with what could not be asked for."""
    known = {entry.parameter: entry for entry in entries}
    for entry in blocked.values():
        before = known.get(entry.parameter)
        reasons = [text for text in (before.reason if before else None, entry.reason) if text]
        known[entry.parameter] = replace(before or entry, reason="; ".join(reasons))
    return tuple(known.values())


def blocked_by(load: SideLoad, native: Any) -> str | None:
    """Why nothing tells whether, or by which id, to complete this record; None if all is known.

    >>> from truto_unify.config.mapping import SideLoad
    >>> load = SideLoad.model_validate({"endpoint": "notes.list", "id": "number", "where": "is_open"})
    >>> [blocked_by(load, {"number": 1, "is_open": is_open}) for is_open in (True, False, None)]
    [None, None, None]
    >>> blocked_by(load, {"is_open": True})
    'the id "number" is null'
    """
    if inline_items(load, native) is not None:
        return None
    if load.where is not None and _missing(load.where, native) == _FAILS:
        return f'where "{load.where.text}" {_FAILS}'
    if load_id(load, native) or (load.where is not None and not is_true(load.where, native)):
        return None
    if load.id is None:
        return "there is no id"
    return f'the id "{load.id.text}" {_missing(load.id, native) or "is blank"}'


def _missing(expression: Expression, native: Any) -> str | None:
    """Why an expression gives nothing for this record; None if it gives a value."""
    try:
        return "is null" if expression.search(native) is None else None
    except EvaluationError:  # its message may quote the record, and what is said here is logged
        return _FAILS


def needs_load(load: SideLoad, native: Any) -> bool:
    """Whether this record is to be completed by a request; one that names no id cannot be."""
    is_wanted = bool(load_id(load, native)) and (load.where is None or is_true(load.where, native))
    return is_wanted and inline_items(load, native) is None


def inline_items(load: SideLoad, native: Any) -> list[Any] | None:
    """The items with which a record came; None if it holds none, or a part of them."""
    inline = load.inline
    if inline is None or (inline.has_more is not None and is_true(inline.has_more, native)):
        return None
    items = search_or_null(inline.items, native)
    return items if isinstance(items, list) else None


def load_id(load: SideLoad, native: Any) -> str:
    """The id by which the side load asks for this record; blank if the record has none."""
    if load.id is not None:
        value = search_or_null(load.id, native)
    else:
        value = native.get("id") if isinstance(native, dict) else None
    return "" if value is None else str(value)


def _keep(result: Loaded, name: str, load: SideLoad, index: int, items: Any, text: bytes | None) -> None:
    if load.batch is not None:
        wanted = load_id(load, result.natives[index].value)
        items = [item for item in items if str(search_or_null(load.batch.key, item)) == wanted]
    if load.replaces_record:
        if items is not None:  # a record that was deleted meanwhile stays as the list gave it
            result.natives[index] = NativeRecord(text, items, is_unicode=False)
    else:
        result.sides[index][name] = order_items(load, items)


def order_items(load: SideLoad, items: Any) -> Any:
    """What a side load gave, in the order that the mapping asks for; items without the key come first."""
    if load.order_by is None or not isinstance(items, list):
        return items
    keys = [_order_key(search_or_null(load.order_by, item)) for item in items]
    return [items[at] for at in sorted(range(len(items)), key=keys.__getitem__)]


def _order_key(value: Any) -> tuple[int, float, str]:
    """Numbers, and texts that are numbers, stand by their size and before other texts.

    >>> sorted([_order_key(value) for value in ("b", "10", 9, None, "a")])
    [(0, 0, ''), (1, 9, ''), (1, 10, ''), (2, 0, 'a'), (2, 0, 'b')]
    """
    number = to_number(value)
    if is_number(number):
        return 1, number, ""
    return (2, 0, value) if isinstance(value, str) else (0, 0, "")


def _load_group(
    session: Session, mapper: Mapper, load: SideLoad, natives: list[Any], purse: _Purse
) -> Generator[Any, Any, tuple[Any, int, bytes | None]]:
    """The result of one extra call, all pages of it, how many requests it took, and its bytes if it is one record."""
    endpoint = session.route.provider.endpoint(load.endpoint)
    ids = () if load.once else tuple(load_id(load, native) for native in natives)
    record_id = ids if load.batch is not None else ",".join(ids)
    try:
        if endpoint.list_path is None:
            answer = yield from exchange(session, endpoint, _record_request(session, endpoint, record_id))
            found, record = read_first(answer.body, endpoint.record_path or ((),))
            if not found or not isinstance(record, dict):
                raise mapper.error(answer.body, "", f"no record at {show_paths(endpoint.record_path or ((),))}")
            if load.must_hold is not None and not is_true(load.must_hold, record):
                message = f"{load.endpoint}: the answer has no {load.must_hold.text}: it is another record, or an error"
                raise mapper.error(answer.body, "", message)
            return record, 1, record_text(answer.response.body, endpoint.record_path)
        pages = _pages(session, mapper, load.endpoint, record_id)
        # The first page of each is in the plan.
        items = yield from open_walk(pages).read_all(lambda: purse.take(1))
        if load.batch is not None:
            _check_owners(load.batch, pages, ids, items)
        return items, pages.requests, None
    except NotFoundError:
        return None if endpoint.list_path is None else [], 1, None


def _check_owners(batch: Batch, pages: NativePages, ids: Sequence[str], items: Sequence[Any]) -> None:
    """Checks that each item names its record; one that does not would be lost without a word.

    Items of records that were not asked for are left out: a store may answer with all that it has. With them alone, the
    answer is that of another request.

    Raises:
        ProviderError: code ``incomplete_list``.
    """
    owners = [search_or_null(batch.key, item) for item in items]
    if None in owners:
        message = f"the answer holds an item without {batch.key.text}, so that it belongs to no record"
        raise pages.error(message, "incomplete_list", 200)
    if owners and not {*map(str, owners)} & {*ids}:
        owner = min(map(str, owners))
        message = f'the answer holds only items of records that were not asked for, such as {batch.key.text} "{owner}"'
        raise pages.error(message, "incomplete_list", 200)


def _pages(session: Session, mapper: Mapper, call: str, record_id: str | tuple[str, ...] | None) -> NativePages:
    def no_records(body: Any, message: str, _status: int) -> UnifyError:
        return mapper.error(body, "", message)

    provider = session.route.provider
    label = f"{provider.slug} {call}"
    return NativePages(session, provider.endpoint(call), label, no_records, record_id=record_id)


def _record_request(session: Session, endpoint: Endpoint, record_id: str | tuple[str, ...]) -> Request:
    route = session.route
    return build_request(
        route.provider.config,
        endpoint,
        route.base_of(endpoint),
        route.values,
        document=route.provider.document(endpoint),
        record_id=record_id,
    )


def record_text(body: bytes, paths: tuple[tuple[str, ...], ...] | None) -> bytes | None:
    """The bytes of the one record of an answer; None where they cannot be told."""
    try:
        texts = (cut_record(body, path) for path in paths or ((),))
        return next((text for text in texts if text is not None), None)
    except NotJson:
        return None
