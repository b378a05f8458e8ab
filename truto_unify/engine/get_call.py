"""The unified get, as a generator that yields the steps for a driver to take."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from truto_unify.config.forbidden_parameters import forbidden_names
from truto_unify.config.schema import read_first, show_paths
from truto_unify.engine.native_query import build_record_query
from truto_unify.engine.request import build_request, check_id
from truto_unify.engine.route import Route, find_route
from truto_unify.engine.send import Settings, exchange, open_session
from truto_unify.engine.side_loads import inlines_of, load_sides, record_text, wanted_loads
from truto_unify.errors import NotFoundError
from truto_unify.expressions import is_true
from truto_unify.mapping.json_input import NotJson, cut_records, read_text
from truto_unify.mapping.record import NativeRecord
from truto_unify.redaction import masked_errors
from truto_unify.reports import MappingReport
from truto_unify.steps import Step

if TYPE_CHECKING:
    from truto_unify.config.mapping import Inline
    from truto_unify.engine.answers import Answer
    from truto_unify.mapping.mapper import Mapper
    from truto_unify.types import Account, Call, Request

Flow = Generator[Step, Any, Any]


def get_record(mapper: Mapper, account: Account, call: Call, settings: Settings) -> Flow:
    """The unified ``get``: one record by its id, with its side loads.

    Returns:
        A ``UnifiedRecord``, which the caller shapes (``shape_of``).

    Raises:
        NotFoundError: the provider has no such record.
        MappingError: the answer holds no record at its path, or the record does not fit the mapping.
    """
    route = find_route(mapper.mapping, account, "get")
    call = replace(call, id=check_id(call.id, route.endpoint, call="get", owner=route.provider.slug))
    loads = wanted_loads(mapper, call.side_load, "get")
    request = get_request(route, call, inlines_of(loads))
    session = open_session(route, settings)
    with masked_errors(route.redactor):
        answer = yield from exchange(session, route.endpoint, request)
        listed = _the_record(mapper, route, call, answer)
        loaded = yield from load_sides(session, mapper, loads, [listed])
        (native,), (sides,) = loaded.natives, loaded.sides
        record = mapper.map_native(native, context=route.context, loaded=sides)
        if settings.on_mapped is not None:
            report = MappingReport(
                provider=route.provider.slug,
                resource=call.resource,
                record_count=1,
                error_count=len(record.faults),
                unmapped_count=sum(record.unmapped.values()),
            )
            settings.on_mapped(report)
        if record.faults:
            raise mapper.error(native.value, *record.faults[0])
    if route.endpoint.record_path is None and record.id != str(call.id):
        raise _not_found(route, call, answer)  # a provider that ignores the id filter returns some other record
    return record


def _the_record(mapper: Mapper, route: Route, call: Call, answer: Answer) -> NativeRecord:
    """The one native record of an answer, or of a filtered list if the provider has no call for one record."""
    endpoint = route.endpoint
    by_list = endpoint.record_path is None
    paths = endpoint.list_path if by_list else endpoint.record_path
    exists, native = read_first(answer.body, paths or ((),))
    if by_list and isinstance(native, list):
        native = native[0] if native else None
    elif not exists or (native is None and endpoint.null_record == "error"):
        raise mapper.error(answer.body, "", f"no record at {show_paths(paths or ((),))}")
    keep = route.mapping.config.where
    if native is None or (keep is not None and not is_true(keep, native)):
        raise _not_found(route, call, answer)
    return NativeRecord(_text_of_get(route, answer), native, answer.is_unicode)


def _text_of_get(route: Route, answer: Answer) -> bytes | None:
    """The bytes of the record in the answer of a ``get``; None if they cannot be cut out."""
    endpoint, body = route.endpoint, answer.response.body
    try:
        if endpoint.record_path is None:
            records = cut_records(body, (endpoint.list_path or ((),))[0])
            return read_text(records[0]) if records else None
        return record_text(body, endpoint.record_path)
    except NotJson:
        return None


def _not_found(route: Route, call: Call, answer: Answer) -> NotFoundError:
    return NotFoundError(
        f'{route.provider.slug} has no {call.resource} with the id "{call.id}"',
        status_code=answer.response.status,
        raw_response=route.redactor.value(answer.body),
    )


def get_request(route: Route, call: Call, inlines: Sequence[Inline] = ()) -> Request:
    """The native request of a ``get``, without authorization.

    Args:
        route: the target of the call.
        call: what is asked.
        inlines: what makes the record hold the items of side loads.

    Raises:
        InvalidInput: the id does not have the form of this provider's ids.
    """
    record_id = check_id(call.id, route.endpoint, call="get", owner=route.provider.slug)
    forbidden = forbidden_names(route.provider.config)
    query = build_record_query(call.remote_query, route.endpoint, forbidden, inlines=inlines)
    return build_request(
        route.provider.config,
        route.endpoint,
        route.base_of(route.endpoint),
        route.values,
        params=query.pairs,
        body=query.body,
        document=route.provider.document(route.endpoint),
        record_id=record_id,
    )
