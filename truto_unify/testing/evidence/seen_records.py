"""Unified records of samples and recorded exchanges, each with what fills it: a list, a get, or a side load."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from urllib.parse import unquote, urlsplit

from truto_unify.config.schema import read_first
from truto_unify.engine.side_loads import inline_items, load_id, needs_load, order_items
from truto_unify.expressions import search_or_null
from truto_unify.testing.exchanges import answered_records, is_call_of
from truto_unify.testing.native_json import walk_leaves
from truto_unify.testing.samples import Sample

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from truto_unify.config.evidence import Level
    from truto_unify.config.mapping import SideLoad
    from truto_unify.testing.exchanges import Exchange
    from truto_unify.testing.provider_under_test import Method, ProviderUnderTest
    from truto_unify.testing.samples import Samples

Where = Literal["list", "get", "side load"]


@dataclass(frozen=True, slots=True)
class Seen:
    """A unified record and its origin.

    Attributes:
        record: the unified record.
        level: where its native record comes from.
        day: the day of the recording; None if unknown.
        where: the call that gives it.
    """

    record: Mapping[str, Any]
    level: Level
    day: str | None
    where: Where


def seen_fields(record: Mapping[str, Any]) -> Iterator[str]:
    """The unified fields, and the parts of objects and lists, that have a value in this record; some repeat.

    >>> list(seen_fields({"id": "1", "name": None, "emails": [{"email": "a@b.test", "type": None}]}))
    ['id', 'emails', 'emails.email']
    """
    for name, value in record.items():
        if name == "remote_data" or value is None or value == []:
            continue
        yield name
        for inner in value if isinstance(value, list) else (value,):
            if isinstance(inner, Mapping):
                yield from (f"{name}.{part}" for part in seen_fields(inner))


def seen_samples(under_test: ProviderUnderTest, samples: Samples) -> Iterator[Seen]:
    """The records of samples, which count as synthetic: a sample file does not say where it comes from."""
    for method, natives in samples.items():
        for sample in natives:
            yield from _views(under_test, method, sample, "synthetic", None)


def seen_exchanges(under_test: ProviderUnderTest, exchanges: Sequence[Exchange]) -> Iterator[Seen]:
    """The records of exchanges, completed by those side loads of each that are among the exchanges."""
    calls = {name: [*_calls_of(under_test, load, exchanges)] for name, load in under_test.config.side_loads.items()}
    for exchange in exchanges:
        for method in under_test.methods:
            for native in answered_records(under_test, method, exchange):
                sample = Sample(native, dict(_loaded(under_test, native, calls)))
                yield from _views(under_test, method, sample, exchange.level, exchange.day)


def _views(
    under_test: ProviderUnderTest, method: Method, sample: Sample, level: Level, day: str | None
) -> Iterator[Seen]:
    """The record as the method gives it by itself, and the record with all side loads if that differs."""
    loads = under_test.config.side_loads
    automatic = {name: items for name, items in sample.loaded.items() if method in loads[name].methods}
    views: tuple[tuple[Any, Where], ...] = ((automatic, method), (sample.loaded, "side load"))
    for loaded, where in views if sample.loaded != automatic else views[:1]:
        mapped = under_test.mapper.map_record(sample.native, context=dict(under_test.account.context), loaded=loaded)
        if not mapped.faults:
            yield Seen(mapped.fields, level, day, where)


_SideCall: TypeAlias = "tuple[set[str], Any]"
"""The texts that the request of a side load names, and the result in its answer."""


def _calls_of(under_test: ProviderUnderTest, load: SideLoad, exchanges: Sequence[Exchange]) -> Iterator[_SideCall]:
    endpoint = under_test.provider.endpoint(load.endpoint)
    for exchange in exchanges:
        if exchange.status < 400 and is_call_of(exchange, endpoint):
            paths = endpoint.record_path if endpoint.list_path is None else endpoint.list_path
            is_there, value = read_first(exchange.answer, paths or ((),))
            if is_there:
                yield _texts(exchange), value


def _texts(exchange: Exchange) -> set[str]:
    """What a request names: the steps of its path, the values of its query and of its body."""
    return {
        *(unquote(step) for step in urlsplit(exchange.uri).path.split("/")),
        *(part for value in exchange.query.values() for part in (value, *value.split(","))),
        *(str(value) for _, value in walk_leaves(exchange.request)),
    }


def _loaded(
    under_test: ProviderUnderTest, native: Any, calls: Mapping[str, Sequence[_SideCall]]
) -> Iterator[tuple[str, Any]]:
    """The side loads of a record that were recorded, each with its result."""
    for name, load in under_test.config.side_loads.items():
        if (items := inline_items(load, native)) is not None:
            yield name, order_items(load, items)
            continue
        if load.replaces_record or not needs_load(load, native):
            continue
        results = [result for texts, result in calls[name] if load.once or load_id(load, native) in texts]
        if results:
            is_list = under_test.provider.endpoint(load.endpoint).list_path is not None
            yield name, _items(load, native, results) if is_list else results[-1]


def _items(load: SideLoad, native: Any, pages: Sequence[Any]) -> Any:
    items = [item for page in pages if isinstance(page, list) for item in page]
    if load.batch is not None:
        items = [item for item in items if str(search_or_null(load.batch.key, item)) == load_id(load, native)]
    return order_items(load, items)
