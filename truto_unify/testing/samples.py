"""Native records of a provider for tests of its mapping: from files, from a server, or invented around an id."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from truto_unify.config.field_rules import ValueRule
from truto_unify.config.schema import read_first, show_paths
from truto_unify.engine.route import find_route
from truto_unify.engine.send import open_session
from truto_unify.engine.side_loads import load_sides, order_items
from truto_unify.expressions import is_true
from truto_unify.mapping.record import NativeRecord
from truto_unify.testing.native_json import paths_of, replace_node, shape_of, walk_leaves

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from truto_unify.client import Client
    from truto_unify.testing.provider_under_test import Method, ProviderUnderTest
    from truto_unify.transport import Transport
    from truto_unify.types import Account


@dataclass(frozen=True)
class Sample:
    """A native record with the results of its side loads.

    Attributes:
        native: the record as the provider gives it.
        loaded: the items of each side load.
    """

    native: Any
    loaded: dict[str, Any] = field(default_factory=dict)


Samples = dict["Method", list[Sample]]
"""Samples for each unified method."""


def read_samples(under_test: ProviderUnderTest, folder: Path) -> Samples:
    """The samples that an author stores as files.

    ``<folder>/<provider>/<model>/<resource>/list.json`` holds a native list answer, or a list of native records;
    ``get.json`` holds a native answer or record, or a list of them. ``loaded.json`` beside them holds the items of each
    side load by name, for every record; or a list of such objects, the first for the first record of either file, and
    the last for all further records.
    An edition of the mapping has its own folder inside of that: ``<resource>/<context field>-<value>``.

    Raises:
        ValueError: a file is not JSON, or a list answer has no records at the declared path.
    """
    sample_folder = folder / under_test.slug / under_test.folder_name
    loaded = _read_json(sample_folder / "loaded.json") or {}
    samples: Samples = {}
    for method in under_test.methods:
        file = sample_folder / f"{method}.json"
        content = _read_json(file)
        natives = [] if content is None else _natives(under_test, method, content)
        if natives is None:
            paths = show_paths(under_test.endpoint(method).list_path or ((),))
            raise ValueError(f"{under_test}: {file}: no list of records at {paths}; is list_path right?")
        sides = [_ordered(under_test, items) for items in (loaded if isinstance(loaded, list) else [loaded])]
        samples[method] = [Sample(native, sides[min(at, len(sides) - 1)]) for at, native in enumerate(natives)]
    return samples


def _ordered(under_test: ProviderUnderTest, loaded: dict[str, Any]) -> dict[str, Any]:
    """The items of side loads in the order in which the engine returns them."""
    loads = under_test.config.side_loads
    return {name: order_items(loads[name], items) if name in loads else items for name, items in loaded.items()}


def _read_json(file: Path) -> Any:
    if not file.is_file():
        return None
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{file}: not JSON: {error}") from None


def _natives(under_test: ProviderUnderTest, method: Method, content: Any) -> list[Any] | None:
    """The native records of a file; None if a list answer has no records at the declared path."""
    endpoint = under_test.endpoint(method)
    for paths in (endpoint.list_path, endpoint.record_path):
        is_there, value = read_first(content, paths) if paths is not None else (False, None)
        if is_there and isinstance(value, list | dict):
            return value if isinstance(value, list) else [value]
    if isinstance(content, list):
        return content
    return None if method == "list" else [content]


def fetch_samples(
    under_test: ProviderUnderTest, account: Account, client: Client, transport: Transport, *, max_count: int = 12
) -> Samples:
    """Samples from a server: the most varied records of its list, and the same records by ``get``.

    Args:
        under_test: the pair to test.
        account: an account at the server.
        client: reads the records.
        transport: loads the records' side loads, from the same server.
        max_count: the greatest number of samples of a method.
    """
    natives = list(client.iterate(under_test.schema, account, response_format="raw"))
    chosen = choose_varied(natives, max_count)
    samples: Samples = {}
    if "list" in under_test.methods:
        samples["list"] = [Sample(native) for native in chosen]
    if "get" in under_test.methods:
        ids = [str(under_test.mapper.map_record(native).fields["id"]) for native in chosen]
        whole = [client.get(under_test.schema, account, record_id, response_format="raw") for record_id in ids]
        session = open_session(find_route(under_test.mapping, account, "get"), client.settings)
        loads = {name: load for name, load in under_test.config.side_loads.items() if not load.replaces_record}
        records = [NativeRecord(parsed=native) for native in whole]
        loaded = transport.run(load_sides(session, under_test.mapper, loads, records))
        samples["get"] = [Sample(native, sides) for native, sides in zip(whole, loaded.sides, strict=True)]
    return samples


def choose_varied(natives: Sequence[Any], max_count: int) -> list[Any]:
    """The records that together show the most forms of leaves, in their order."""
    looks = [{(shape_of(path), _look(value)) for path, value in walk_leaves(native)} for native in natives]
    chosen: list[int] = []
    seen: set[tuple[str, str]] = set()
    while len(chosen) < min(max_count, len(natives)):
        rest = [index for index in range(len(natives)) if index not in chosen]
        best = max(rest, key=lambda index: (len(looks[index] - seen), -index))
        chosen.append(best)
        seen |= looks[best]
    return [natives[index] for index in sorted(chosen)]


def _look(value: Any) -> str:
    if isinstance(value, str):
        return "blank" if not value.strip() else "text" if value.isascii() else "other script"
    return type(value).__name__


def invent_records(under_test: ProviderUnderTest, count: int, samples: Sequence[Sample] = ()) -> list[Any]:
    """Native records with numbered ids; an id alone, or with the rest of a sample if an id is not enough.

    Raises:
        AssertionError: the id's expression allows no invented record; samples would help.
    """
    rule = under_test.config.response_mapping.get("id")
    paths = paths_of(rule.expression.tree) if isinstance(rule, ValueRule) else []
    for origin in ({}, *(sample.native for sample in samples)):
        for id_paths in (*([path] for path in paths), paths):
            natives = [_with_id(origin, id_paths, number) for number in range(1001, 1001 + count)]
            if natives and _has_ids(under_test, natives):
                return natives
    raise AssertionError(
        under_test.problem("id", "no native record can be derived from its expression; give samples of the list")
    )


def _with_id(native: Any, paths: list[tuple[str | int, ...]], number: int) -> Any:
    for path in paths:
        native = replace_node(native, path, str(number))
    return native


def _has_ids(under_test: ProviderUnderTest, natives: list[Any]) -> bool:
    condition = under_test.config.where
    mapped = [under_test.mapper.map_record(native) for native in (natives[0], natives[-1])]
    has_faults = any(result.faults for result in mapped)
    fits = condition is None or all(is_true(condition, native) for native in natives)
    ids = {result.fields["id"] for result in mapped}
    return not has_faults and fits and len(ids) == len({id(natives[0]), id(natives[-1])})


def candidate_ids(samples: Sequence[Sample], under_test: ProviderUnderTest) -> Iterator[str]:
    """Ids that a provider may accept as its own: first those of samples, then usual forms."""
    for sample in samples:
        record_id = under_test.mapper.map_record(sample.native).fields.get("id")
        if record_id is not None:
            yield str(record_id)
    yield from ("1001", "00000000-0000-4000-8000-000000001001", "0123456789abcdef01234567", "contract", "C-1001")


def native_with_id(under_test: ProviderUnderTest, record_id: str, samples: Sequence[Sample]) -> Any:
    """A native record with this id: that of a sample, or a record with the id alone.

    Raises:
        AssertionError: no such record can be derived.
    """
    for sample in samples:
        if under_test.mapper.map_record(sample.native, loaded=sample.loaded).fields.get("id") == record_id:
            return sample.native
    rule = under_test.config.response_mapping["id"]
    for path in paths_of(rule.expression.tree) if isinstance(rule, ValueRule) else ():
        native = replace_node({}, path, record_id)
        if under_test.mapper.map_record(native).fields.get("id") == record_id:
            return native
    raise AssertionError(
        under_test.problem("get", f"no sample has the id {record_id}, and none can be derived; give samples")
    )
