"""Native records of a provider, on which mappings are tried: from files, from a server, or made up around an id."""

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
    from truto_unify.testing.provider_under_test import Method, Subject
    from truto_unify.transport import Transport
    from truto_unify.types import Account


@dataclass(frozen=True)
class Sample:
    """One native record with the results of its side loads.

    Attributes:
        native: the record as the provider gives it.
        loaded: items by side load.
    """

    native: Any
    loaded: dict[str, Any] = field(default_factory=dict)


Samples = dict["Method", list[Sample]]
"""Samples for each unified method."""


def read_samples(subject: Subject, folder: Path) -> Samples:
    """The samples that an author keeps as files.

    ``<folder>/<provider>/<model>/<resource>/list.json`` holds one native list answer, or a list of native records;
    ``get.json`` one native answer or record, or a list of them; ``loaded.json`` beside them, where a mapping has
    side loads, the items of each by name, which then belong to every record; or a list of such objects, the first for
    the first record of either file, the last for every further one.

    Raises:
        ValueError: a file is not JSON, or a list answer holds no records where the provider's file says.
    """
    place = folder / subject.slug / subject.resource
    loaded = _read_json(place / "loaded.json") or {}
    found: Samples = {}
    for method in subject.methods:
        file = place / f"{method}.json"
        content = _read_json(file)
        natives = [] if content is None else _natives(subject, method, content)
        if natives is None:
            paths = show_paths(subject.endpoint(method).list_path or ((),))
            raise ValueError(f"{subject}: {file}: no list of records at {paths}; is list_path right?")
        sides = [_ordered(subject, one) for one in (loaded if isinstance(loaded, list) else [loaded])]
        found[method] = [Sample(native, sides[min(at, len(sides) - 1)]) for at, native in enumerate(natives)]
    return found


def _ordered(subject: Subject, loaded: dict[str, Any]) -> dict[str, Any]:
    """The items of side loads in the order in which the engine hands them on."""
    loads = subject.config.side_loads
    return {name: order_items(loads[name], items) if name in loads else items for name, items in loaded.items()}


def _read_json(file: Path) -> Any:
    if not file.is_file():
        return None
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{file}: not JSON: {error}") from None


def _natives(subject: Subject, method: Method, content: Any) -> list[Any] | None:
    """The native records of a file; None for a list answer that does not hold them where it must."""
    endpoint = subject.endpoint(method)
    for paths in (endpoint.list_path, endpoint.record_path):
        found, value = read_first(content, paths) if paths is not None else (False, None)
        if found and isinstance(value, list | dict):
            return value if isinstance(value, list) else [value]
    if isinstance(content, list):
        return content
    return None if method == "list" else [content]


def fetch_samples(
    subject: Subject, account: Account, client: Client, transport: Transport, *, most: int = 12
) -> Samples:
    """Samples from a server: of its whole list those that differ most, and the same records by ``get``.

    Args:
        subject: the pair that is tried.
        account: an account at the server.
        client: reads the records.
        transport: reads their side loads; it reaches the same server.
        most: how many of each.
    """
    natives = list(client.iterate(subject.resource_name, account, response_format="raw"))
    chosen = choose_varied(natives, most)
    found: Samples = {}
    if "list" in subject.methods:
        found["list"] = [Sample(native) for native in chosen]
    if "get" in subject.methods:
        ids = [str(subject.mapper.map(native)["id"]) for native in chosen]
        whole = [client.get(subject.resource_name, account, one, response_format="raw") for one in ids]
        session = open_session(find_route(subject.mapping, account, "get"), client.settings)
        loads = {name: load for name, load in subject.config.side_loads.items() if not load.replaces_record}
        records = [NativeRecord(parsed=native) for native in whole]
        loaded = transport.run(load_sides(session, subject.mapper, loads, records))
        found["get"] = [Sample(native, sides) for native, sides in zip(whole, loaded.sides, strict=True)]
    return found


def choose_varied(natives: Sequence[Any], most: int) -> list[Any]:
    """The records that together show the most ways in which a leaf can look, in their order."""
    looks = [{(shape_of(path), _look(value)) for path, value in walk_leaves(one)} for one in natives]
    chosen: list[int] = []
    seen: set[tuple[str, str]] = set()
    while len(chosen) < min(most, len(natives)):
        rest = [index for index in range(len(natives)) if index not in chosen]
        best = max(rest, key=lambda index: (len(looks[index] - seen), -index))
        chosen.append(best)
        seen |= looks[best]
    return [natives[index] for index in sorted(chosen)]


def _look(value: Any) -> str:
    if isinstance(value, str):
        return "blank" if not value.strip() else "text" if value.isascii() else "other script"
    return type(value).__name__


def invent_records(subject: Subject, count: int, samples: Sequence[Sample] = ()) -> list[Any]:
    """Native records that have just an id, numbered; with the rest of a sample where an id is not enough.

    Raises:
        AssertionError: no record could be made; samples would help.
    """
    rule = subject.config.response_mapping.get("id")
    places = paths_of(rule.expression.tree) if isinstance(rule, ValueRule) else []
    for origin in ({}, *(sample.native for sample in samples)):
        for places_of_id in (*([place] for place in places), places):
            made = [_with_id(origin, places_of_id, one) for one in range(1001, 1001 + count)]
            if made and _has_ids(subject, made):
                return made
    raise AssertionError(
        subject.problem("id", "no native record could be made up from its expression; give samples of the list")
    )


def _with_id(native: Any, places: list[tuple[str | int, ...]], number: int) -> Any:
    for place in places:
        native = replace_node(native, place, str(number))
    return native


def _has_ids(subject: Subject, natives: list[Any]) -> bool:
    keep = subject.config.where
    mapped = [subject.mapper.map_record(one) for one in (natives[0], natives[-1])]
    is_sound = all(not one.faults for one in mapped) and all(keep is None or is_true(keep, one) for one in natives)
    return is_sound and len({one.fields["id"] for one in mapped}) == len({id(natives[0]), id(natives[-1])})


def candidate_ids(samples: Sequence[Sample], subject: Subject) -> Iterator[str]:
    """Ids that a provider may take for one of its own: those of samples first, then usual forms."""
    for sample in samples:
        found = subject.mapper.map_record(sample.native).fields.get("id")
        if found is not None:
            yield str(found)
    yield from ("1001", "00000000-0000-4000-8000-000000001001", "0123456789abcdef01234567", "contract", "C-1001")


def native_with_id(subject: Subject, record_id: str, samples: Sequence[Sample]) -> Any:
    """A native record with this id: that of a sample, or one that has just the id.

    Raises:
        AssertionError: none can be made up.
    """
    for sample in samples:
        if subject.mapper.map_record(sample.native, loaded=sample.loaded).fields.get("id") == record_id:
            return sample.native
    rule = subject.config.response_mapping["id"]
    for path in paths_of(rule.expression.tree) if isinstance(rule, ValueRule) else ():
        native = replace_node({}, path, record_id)
        if subject.mapper.map_record(native).fields.get("id") == record_id:
            return native
    raise AssertionError(subject.problem("get", f"no native record with the id {record_id} is known; give samples"))
