"""Side loads: the declared extra requests that complete records, within a budget and a few at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from truto_unify.config.schema import read_first, show_paths
from truto_unify.engine.exchange import exchange
from truto_unify.engine.pagination import Pager
from truto_unify.engine.query import set_path
from truto_unify.engine.request import build_request, follow_link
from truto_unify.errors import NotFoundError, ProviderError, UnsupportedParameter
from truto_unify.expressions import is_true, search_or_null, suggest
from truto_unify.types import Gather

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from truto_unify.config.mapping import SideLoad
    from truto_unify.config.provider import Endpoint
    from truto_unify.engine.exchange import Session
    from truto_unify.engine.mapper import Mapper
    from truto_unify.types import Request


@dataclass(slots=True)
class Loaded:
    """Native records after their side loads.

    Attributes:
        natives: the records, replaced where a side load gives the whole record.
        sides: for each record the results by name.
        requests: how many requests it took.
    """

    natives: list[Any]
    sides: list[dict[str, Any]]
    requests: int = 0


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


def missing_loads(mapper: Mapper, done: dict[str, SideLoad], natives: Sequence[Any]) -> bool:
    """Whether ``get`` would complete one of these records by a side load that was not done."""
    left = [
        load for name, load in mapper.mapping.config.side_loads.items() if "get" in load.methods and name not in done
    ]
    return any(_needs(load, native) for load in left for native in natives)


def load_sides(
    session: Session, mapper: Mapper, loads: dict[str, SideLoad], natives: list[Any]
) -> Generator[Any, Any, Loaded]:
    """Runs the side loads of these records.

    Raises:
        UnsupportedParameter: they would take more requests than the budget allows; nothing of them was sent.
        ProviderError, TransportError, MappingError: a request failed.
    """
    result = Loaded(list(natives), [{} for _ in natives])
    for name, load in loads.items():
        chosen = [index for index, native in enumerate(result.natives) if _needs(load, native)]
        if load.batch is None:
            groups = [[index] for index in chosen]
        else:
            groups = [chosen[start : start + load.batch.size] for start in range(0, len(chosen), load.batch.size)]
        _check_budget(session, name, result.requests + len(groups))
        members = [[result.natives[index] for index in group] for group in groups]
        flows = tuple(_load_group(session, mapper, load, one) for one in members)
        answers = (yield Gather(flows, session.settings.budget.at_once)) if flows else []
        for group, (items, requests) in zip(groups, answers, strict=True):
            result.requests += requests
            for index in group:
                _keep(result, name, load, index, items)
    return result


def _needs(load: SideLoad, native: Any) -> bool:
    """Whether this record is to be completed; one that names no id cannot be."""
    return bool(_native_id(load, native)) and (load.when is None or is_true(load.when, native))


def _native_id(load: SideLoad, native: Any) -> str:
    if load.id is not None:
        value = search_or_null(load.id, native)
    else:
        value = native.get("id") if isinstance(native, dict) else None
    return "" if value is None else str(value)


def _check_budget(session: Session, name: str, needed: int) -> None:
    most = session.settings.budget.max_side_requests
    if needed > most:
        slug = session.route.provider.slug
        message = (
            f'{slug}: side_load "{name}" needs {needed} requests for this page, and the budget is '
            f"max_side_requests={most}; ask for fewer records at a time (limit) or raise it"
        )
        raise UnsupportedParameter(message, parameter="side_load")


def _keep(result: Loaded, name: str, load: SideLoad, index: int, items: Any) -> None:
    native = result.natives[index]
    if load.batch is not None:
        wanted = _native_id(load, native)
        items = [item for item in items if str(search_or_null(load.batch.belongs_to, item)) == wanted]
    if load.replaces_record:
        # A record that was deleted meanwhile stays as the list gave it.
        result.natives[index] = native if items is None else items
    else:
        result.sides[index][name] = items


def _load_group(
    session: Session, mapper: Mapper, load: SideLoad, natives: list[Any]
) -> Generator[Any, Any, tuple[Any, int]]:
    """The result of one extra call, all pages of it, and how many requests it took."""
    endpoint = session.route.provider.endpoint(load.endpoint)
    record_id = ",".join(_native_id(load, native) for native in natives)
    try:
        if endpoint.records_path is None:
            answer = yield from exchange(session, endpoint, side_request(session, endpoint, record_id, None))
            found, record = read_first(answer.body, endpoint.record_path or ((),))
            if not found:
                raise mapper.error(answer.body, "", f"no record at {show_paths(endpoint.record_path or ((),))}")
            return record, 1
        return (yield from _load_list(session, mapper, endpoint, record_id))
    except NotFoundError:
        return None if endpoint.records_path is None else [], 1


def _load_list(
    session: Session, mapper: Mapper, endpoint: Endpoint, record_id: str
) -> Generator[Any, Any, tuple[list[Any], int]]:
    pager = Pager(endpoint.pagination)
    items: list[Any] = []
    page = pager.first()
    requests = 0
    while page is not None:
        requests += 1
        _check_budget(session, "paging", requests)
        request = side_request(session, endpoint, record_id, page)
        answer = yield from exchange(session, endpoint, request)
        if answer.body is None:
            break
        found, records = read_first(answer.body, endpoint.records_path or ((),))
        if not found or not isinstance(records, list):
            raise mapper.error(answer.body, "", f"no list of records at {show_paths(endpoint.records_path or ((),))}")
        items += records
        base_url = session.route.base_url
        following = pager.next(page, pager.max_size, answer.response, answer.body, len(records), base_url)
        if following == page:
            message = f"{session.route.provider.slug}: a side load gave the same page again; stopped so as not to loop"
            raise ProviderError(message, status_code=answer.response.status, code="pagination_loop")
        page = following  # type: ignore[assignment]
    return items, requests


def side_request(session: Session, endpoint: Endpoint, record_id: str, page: dict[str, Any] | None) -> Request:
    """The native request of a call that belongs to one record (or, in a batch, to several)."""
    route = session.route
    pager = Pager(endpoint.pagination)
    ask = pager.ask(page, pager.max_size) if page is not None else None
    body: dict[str, Any] = {}
    for path, value in ask.body if ask else ():
        set_path(body, path, value)
    request = build_request(
        route.provider.config,
        endpoint,
        route.base_url,
        route.values,
        params=ask.params if ask else (),
        body=body,
        document=route.provider.document(endpoint),
        record_id=record_id,
    )
    return follow_link(request, ask.url) if ask and ask.url else request
