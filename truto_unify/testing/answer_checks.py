"""Compares native answers with what was asked, and reports filters, sorts, pages and side loads that are not served.

A filter means here what it means in the engine, on the unified records of the answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from truto_unify.call_arguments import read_list_call
from truto_unify.client import Client
from truto_unify.engine.local_query import matches, sort_value
from truto_unify.engine.plan import declared_parameters
from truto_unify.engine.side_loads import inline_items
from truto_unify.testing.exchanges import answered_records, is_call_of, records_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from truto_unify.config.mapping import SideLoad
    from truto_unify.models.resource import ResourceSchema
    from truto_unify.testing.exchanges import Exchange
    from truto_unify.testing.provider_under_test import ProviderUnderTest
    from truto_unify.types import Account, Filter, PlanEntry, Sort

Fields = dict[str, Any]
"""The fields of a unified record."""
_STAND_INS = {"gt": ("gte",), "lt": ("lte",), "eq": ("gte", "lte")}


@dataclass(frozen=True, slots=True)
class CallCheck:
    """What the answers to a call show.

    Attributes:
        problems: what the call asked for and the answers do not serve.
        tried: declared filters and sorts that the answers confirm, as ``email[like]`` or ``sort_by[created_at]``.
        side_loads: the side loads that were called.
        has_second_page: whether a later page has records that the first page lacks.
    """

    problems: tuple[str, ...] = ()
    tried: tuple[str, ...] = ()
    side_loads: tuple[str, ...] = ()
    has_second_page: bool = False


def check_call(
    under_test: ProviderUnderTest, account: Account, arguments: Mapping[str, Any], exchanges: Sequence[Exchange]
) -> CallCheck:
    """Checks the answers to a unified list or get; the answers to a get show its side loads only.

    Args:
        under_test: provider and resource.
        account: the account of the call.
        arguments: the arguments of the call.
        exchanges: the exchanges of the call, in their order.

    Raises:
        CallError: the mapping no longer allows the call.
    """
    problems: list[str] = []
    tried: list[str] = []
    pages = listed_pages(under_test, account, exchanges)
    if pages:
        for labels, fault, is_tried in _check_plan(under_test, account, arguments, [*_joined(pages)]):
            problems += [fault] if fault else []
            tried += labels if is_tried and not fault else ()
        problems += [fault] if (fault := repeat_fault(pages)) else []
    called = called_side_loads(under_test, exchanges)
    is_empty = bool(pages) and not any(pages)
    asked = () if is_empty else tuple(arguments.get("side_load") or ())
    problems += [_side_load_fault(under_test, name, exchanges) for name in asked if name not in called]
    has_second = _has_second_page(pages) and repeat_fault(pages) is None
    return CallCheck(tuple(problems), tuple(tried), called, has_second)


def _check_plan(
    under_test: ProviderUnderTest, account: Account, arguments: Mapping[str, Any], records: Sequence[Fields]
) -> Iterator[tuple[list[str], str | None, bool]]:
    """For each native filter and sort: its declarations, its fault or None, and whether the records try it."""
    method, schema = under_test.config.list, under_test.mapping.schema
    call = read_list_call(schema, arguments)
    with Client(under_test.registry) as client:
        plan = client.explain(under_test.schema, account, **arguments).query_plan
    declared = declared_parameters(method) if method is not None else ()
    for asked, entry in zip(call.filters, plan, strict=False):
        if entry.how == "native":
            is_tried = any(matches(record, (asked,), schema) for record in records)
            yield [*declared_as(entry.parameter, declared)], filter_fault(asked, entry, records, schema), is_tried
    sorts = [entry for entry in plan[len(call.filters) :] if entry.parameter.startswith("sort_by[")]
    if call.sort is not None and sorts and sorts[0].how == "native":
        is_tried = len({*sort_moments(call.sort, records)}) > 1
        yield [sorts[0].parameter], order_fault(call.sort, records), is_tried


def declared_as(parameter: str, declared: Sequence[str]) -> Iterator[str]:
    """The declarations that serve a parameter of a query plan.

    >>> list(declared_as("created_at[gt]", ["created_at[gte]"])), list(declared_as("a[][b]&a[][c]", ["a[][b]"]))
    (['created_at[gte]'], ['a[][b]'])
    """
    for part in parameter.split("&"):
        name, bracket, op = part.removesuffix("]").rpartition("[")
        others = _STAND_INS.get(op, ()) if bracket else _STAND_INS["eq"]
        candidates = [part] if part in declared else [f"{name or part}[{other}]" for other in others]
        yield from (candidate for candidate in candidates if candidate in declared)


def listed_pages(under_test: ProviderUnderTest, account: Account, exchanges: Sequence[Exchange]) -> list[list[Fields]]:
    """The unified records of each native page, in order; a page that was read twice counts once."""
    endpoint, mapper = under_test.endpoint("list"), under_test.mapper
    pages: dict[str, list[Fields]] = {}
    for exchange in exchanges:
        if exchange.status < 400 and is_call_of(exchange, endpoint):
            natives = [native for native in records_of(under_test, "list", exchange.answer) if mapper.is_kept(native)]
            records = [mapper.map_record(native, context=account.context) for native in natives]
            if records or exchange.key not in pages:  # an equal request may have been refused before, with HTTP 200
                pages[exchange.key] = [record.fields for record in records if not record.faults]
    return [*pages.values()]


def called_side_loads(under_test: ProviderUnderTest, exchanges: Sequence[Exchange]) -> tuple[str, ...]:
    """The side loads with an answered request, or with items in the records of an answer."""
    provider = under_test.provider
    answered = [exchange for exchange in exchanges if exchange.status < 400 and exchange.answer is not None]
    return tuple(
        name
        for name, load in under_test.config.side_loads.items()
        if any(is_call_of(exchange, provider.endpoint(load.endpoint)) for exchange in answered)
        or any(holds_inline(under_test, load, exchange) for exchange in answered)
    )


def holds_inline(under_test: ProviderUnderTest, load: SideLoad, exchange: Exchange) -> bool:
    """Whether records of an answer came with all the items of a side load."""
    natives = (native for method in under_test.methods for native in answered_records(under_test, method, exchange))
    return load.inline is not None and any(inline_items(load, native) is not None for native in natives)


def _side_load_fault(under_test: ProviderUnderTest, name: str, exchanges: Sequence[Exchange]) -> str:
    endpoint = under_test.provider.endpoint(under_test.config.side_loads[name].endpoint)
    refused = [exchange.status for exchange in exchanges if is_call_of(exchange, endpoint)]
    return f"the side load {name} was {f'refused with HTTP {refused[0]}' if refused else 'never called'}"


def filter_fault(asked: Filter, entry: PlanEntry, records: Sequence[Fields], schema: ResourceSchema) -> str | None:
    """The fault of a native filter; None if it has none. A record without the field does not count.

    Args:
        asked: the filter.
        entry: the entry of the query plan for it.
        records: unified records of the answer.
        schema: the unified resource.
    """
    filled = [record for record in records if _has_value(record, asked, schema)]
    mismatches = [record for record in filled if not matches(record, (asked,), schema)]
    name = entry.parameter
    if filled and len(mismatches) == len(filled):
        return f"{name}: none of {len(filled)} records matches; the store does not filter by it"
    if mismatches and entry.match == "exact":
        return f"{name}: declared exact, and {len(mismatches)} of {len(filled)} records do not match"
    return None


def _has_value(record: Fields, asked: Filter, schema: ResourceSchema) -> bool:
    """Whether a record has the field, or the part of an element, that a filter compares."""
    name, part = schema.inner_filters.get(asked.field, (asked.field, None))
    value = record.get(name)
    if part is None:
        return value not in (None, [])
    elements = value if isinstance(value, list) else (value,) if value else ()
    return any(item.get(part) is not None for item in elements)


def sort_moments(sort: Sort, records: Sequence[Fields]) -> list[str]:
    """The values of the sort field, of each record that has it."""
    return [value for record in records if (value := sort_value(record, sort))]


def order_fault(sort: Sort, records: Sequence[Fields]) -> str | None:
    """The fault in the order of records from a native sort, or None."""
    moments = sort_moments(sort, records)
    ordered = moments if sort.direction == "asc" else moments[::-1]
    wrong = sum(1 for former, latter in pairwise(ordered) if former > latter)
    if not wrong:
        return None
    return f"sort_by[{sort.field}]={sort.direction}: out of order at {wrong} of {len(moments)} records"


def repeat_fault(pages: Sequence[Sequence[Fields]]) -> str | None:
    """The first page that repeats earlier pages, in prose; None if no page does.

    A page repeats if all of its records are on earlier pages. Two repetitions are no fault: pages overlap in part, and
    a request behind the end of a list without a total finds the last records again.
    """
    seen: set[Any] = set()
    former: list[Any] = []
    for number, page in enumerate(pages, start=1):
        ids = [record["id"] for record in page]
        is_rest = len(ids) < len(former) and ids == former[-len(ids) :]
        if seen and ids and seen.issuperset(ids) and not is_rest:
            return f"page {number} repeats {len({*ids})} of {len({*ids})} records"
        seen.update(ids)
        former = ids
    return None


def _has_second_page(pages: Sequence[Sequence[Fields]]) -> bool:
    """Whether a later page has a record that the first page with records lacks."""
    ids = [{record["id"] for record in page} for page in pages if page]
    return any(not further <= ids[0] for further in ids[1:])


def _joined(pages: Sequence[Sequence[Fields]]) -> Iterator[Fields]:
    """The records of all pages, without repetitions."""
    seen: set[Any] = set()
    for page in pages:
        for record in page:
            if record["id"] not in seen:
                seen.add(record["id"])
                yield record
