"""The contract of unified records: whole, clean, and never raising or inventing when a native record has holes."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from truto_unify.models.fields import field_kinds
from truto_unify.testing.contract.sources import Sources, record_leaves
from truto_unify.testing.native_json import delete_node, replace_node, shape_of, walk_nodes
from truto_unify.values import PLACE_PARTS, compare_text, phone_digits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from truto_unify.testing.native_json import Path
    from truto_unify.testing.provider_under_test import Method, Subject
    from truto_unify.testing.samples import Sample

_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{3}|\.\d{6})?Z")
_MONEY = re.compile(r"-?\d+\.\d{2,}")
_ENOUGH = 4
"""How often one kind of hole is tried at one place, over all samples and all elements of a list."""


def context_of(subject: Subject) -> dict[str, str]:
    """The context that expressions see."""
    return dict(subject.account.context)


def check_records(subject: Subject, method: Method, samples: Sequence[Sample]) -> list[str]:
    """Every sample as a unified record: each field there, each value as its kind demands, nothing made up."""
    if not samples:
        return [subject.problem(method, f"there are no samples; put native records into a file {method}.json")]
    sources = Sources(subject)
    problems: list[str] = []
    for number, sample in enumerate(samples):
        mapped = subject.mapper.map_record(sample.native, context=context_of(subject), loaded=sample.loaded)
        place = f"{method}, sample {number}"
        problems += [subject.problem(f"{place}, {name or 'record'}", what) for name, what in mapped.faults]
        problems += [subject.problem(f"{place}, {one}", what) for one, what in _flaws(subject, mapped.fields)]
        problems += _model_faults(subject, place, mapped.fields)
        if mapped.fields["remote_data"] is not sample.native:
            problems.append(subject.problem(place, "remote_data is not the native record"))
        for name, value in sources.invented(mapped.fields, sample.native, sample.loaded, context_of(subject)):
            what = f"{value!r} stands neither in the native record nor in the mapping file"
            problems.append(subject.problem(f"{place}, {name}", what))
    return _shortened(problems)


def _flaws(subject: Subject, record: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What a unified record must not look like."""
    kinds = field_kinds(subject.mapping.schema.record)
    for name, kind in kinds.items():
        if name not in record:
            yield name, "the field is missing"
            continue
        if kind.item is None:
            continue
        if not isinstance(record[name], list):
            yield name, f"a list was expected, not {type(record[name]).__name__}"
            return
        for index, item in enumerate(record[name]):
            missing = field_kinds(kind.item).keys() - item
            yield from ((f"{name}[{index}].{part}", "the field is missing") for part in missing)
        yield from _list_flaws(name, kind.elements, record[name])
    for name, leaf_kind, value in record_leaves(subject, record):
        what = _value_flaw(leaf_kind.name, value) if leaf_kind is not None else None
        if what:
            yield name, what


def _list_flaws(name: str, elements: str, items: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    if elements == "emails":
        yield from _repeats(name, [compare_text(one["email"] or "") for one in items])
    elif elements == "phones":
        yield from _repeats(name, [(phone_digits(one["number"] or ""), one["extension"]) for one in items])
    elif elements == "addresses":
        for index, one in enumerate(items):
            if all(one[part] is None for part in PLACE_PARTS):
                yield f"{name}[{index}]", "an address that names no place"


def _repeats(name: str, keys: list[Any]) -> Iterator[tuple[str, str]]:
    for index, key in enumerate(keys):
        if key in keys[:index]:
            yield f"{name}[{index}]", "stands there twice"
        if not key or key == ("", None):
            yield f"{name}[{index}]", "is blank"


def _value_flaw(kind: str, value: Any) -> str | None:
    """What is wrong with one value of a unified record."""
    if kind == "boolean":
        return None if isinstance(value, bool) else f"{value!r} is not true or false"
    if not isinstance(value, str):
        return f"{value!r} is not text"
    flaws = {
        "a blank text must be null": not value.strip(),
        "begins or ends with a blank": value != value.strip(),
        "is no RFC 3339 time in UTC with Z": kind == "time" and not _TIME.fullmatch(value),
        "is no decimal text": kind == "money" and not _MONEY.fullmatch(value),
        "is a code, and must be in capitals": kind == "country" and len(value) == 2 and not value.isupper(),
    }
    return next((f"{value!r}: {what}" for what, is_so in flaws.items() if is_so), None)


def _model_faults(subject: Subject, place: str, record: dict[str, Any]) -> list[str]:
    try:
        subject.mapping.schema.record.model_validate(record)
    except ValidationError as error:
        faults = error.errors(include_url=False)
        return [subject.problem(f"{place}, {'.'.join(map(str, one['loc']))}", one["msg"]) for one in faults]
    return []


def check_null_sweep(subject: Subject, method: Method, samples: Sequence[Sample]) -> list[str]:
    """Every part of every sample taken away in every way: the mapping neither raises nor invents.

    A leaf is deleted, nulled and blanked, a list and an object also emptied; a text that becomes a list may be
    refused as a fault of its field. Only a record without its id is no record.
    """
    if not samples:
        return [subject.problem(method, f"there are no samples; put native records into a file {method}.json")]
    sources = Sources(subject)
    problems: dict[tuple[str, str, str], str] = {}
    tried: Counter[tuple[str, str]] = Counter()
    for sample in samples:
        whole = {"native": sample.native, "loaded": sample.loaded}
        for path, value in walk_nodes(whole):
            look = (shape_of(path), "blank" if value == "" else type(value).__name__)
            if len(path) < 2 or tried[look] == _ENOUGH:
                continue
            tried[look] += 1
            for how, changed in _holes(whole, path, value):
                for name, what in _look_at(subject, sources, changed, is_same_type=how != "an empty list for a value"):
                    key = (shape_of(path), how, re.sub(r"\[\d+\]", "[]", name))
                    line = f"{method}, {name or 'record'}"
                    problems.setdefault(key, subject.problem(line, f"{_shown(path)} {how}: {what}"))
    return _shortened(list(problems.values()))


def _shown(path: Path) -> str:
    text = shape_of(path)
    return text.removeprefix("native.")


def _holes(document: Any, path: Path, value: Any) -> Iterator[tuple[str, Any]]:
    yield "deleted", delete_node(document, path)
    if value is not None:
        yield "null", replace_node(document, path, None)
    if isinstance(value, dict):
        yield "an empty object", replace_node(document, path, {})
        yield "an empty list", replace_node(document, path, [])  # what PHP makes of an empty object
    elif isinstance(value, list):
        yield "an empty list", replace_node(document, path, [])
    else:
        yield "blank", replace_node(document, path, "")
        yield "an empty list for a value", replace_node(document, path, [])


def _look_at(subject: Subject, sources: Sources, document: Any, *, is_same_type: bool) -> Iterator[tuple[str, str]]:
    native, loaded = document["native"], document.get("loaded", {})
    try:
        mapped = subject.mapper.map_record(native, context=context_of(subject), loaded=loaded)
    except Exception as error:  # noqa: BLE001 - whatever it is, the report names it
        yield "", f"the mapping raises {type(error).__name__}: {error}"
        return
    if is_same_type:
        yield from ((name, f"the mapping raises: {what}") for name, what in mapped.faults if not _lacks_id(name))
    yield from _flaws(subject, mapped.fields)
    if not mapped.faults:
        yield from ((one, what) for one, what in _model_flaws(subject, mapped.fields))
    for name, value in sources.invented(mapped.fields, native, loaded, context_of(subject)):
        yield name, f"the mapping invents {value!r}"


def _lacks_id(name: str) -> bool:
    """Whether a fault is about an id that is not there: what has none is no record, and no element of a list."""
    return name.rpartition(".")[2] == "id"


def _model_flaws(subject: Subject, record: dict[str, Any]) -> Iterator[tuple[str, str]]:
    try:
        subject.mapping.schema.record.model_validate(record)
    except ValidationError as error:
        for one in error.errors(include_url=False):
            yield ".".join(map(str, one["loc"])), str(one["msg"])


def _shortened(problems: list[str], most: int = 25) -> list[str]:
    left = len(problems) - most
    return problems if left <= 0 else [*problems[:most], f"and {left} more of the kind"]


def golden_records(subject: Subject, samples: Sequence[Sample]) -> list[dict[str, Any]]:
    """The unified records of these samples, ready for a golden file; ``remote_data`` is left out."""
    made = []
    for sample in samples:
        record = subject.mapper.map(sample.native, context=context_of(subject), loaded=sample.loaded)
        made.append({name: value for name, value in record.items() if name != "remote_data"})
    return made
