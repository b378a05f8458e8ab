"""The contract of unified records: complete, clean, without errors or invented values if a native record has holes."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from truto_unify.element_rules import element_rule
from truto_unify.models.fields import field_kinds
from truto_unify.testing.contract.sources import Sources, fold
from truto_unify.testing.native_json import delete_node, leaf_values, replace_node, shape_of, walk_nodes
from truto_unify.values import compare_text, phone_digits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from truto_unify.element_rules import ElementRule
    from truto_unify.models.fields import Kind
    from truto_unify.testing.native_json import Path
    from truto_unify.testing.provider_under_test import Method, ProviderUnderTest
    from truto_unify.testing.samples import Sample

_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{3}|\.\d{6})?Z")
_DECIMAL = re.compile(r"-?\d+(\.\d+)?")
_MAX_TRIES = 2
"""How often a kind of hole is tried at a path at most, over all samples and all list elements."""
_MIN_PART = 3
"""A text of fewer characters is a part of many others by chance, so it does not count as a part."""


def context_of(under_test: ProviderUnderTest) -> dict[str, str]:
    """The context of the account, for expressions."""
    return dict(under_test.account.context)


def check_records(under_test: ProviderUnderTest, method: Method, samples: Sequence[Sample]) -> list[str]:
    """Checks every sample as a unified record: every field present, every value of its kind, no value invented."""
    if not samples:
        return [_no_samples(under_test, method)]
    sources = Sources(under_test)
    problems: list[str] = []
    for number, sample in enumerate(samples):
        mapped = under_test.mapper.map_record(sample.native, context=sources.context, loaded=sample.loaded)
        place = f"{method}, sample {number}"
        problems += [under_test.problem(f"{place}, {name or 'record'}", what) for name, what in mapped.faults]
        problems += [
            under_test.problem(f"{place}, {name}", what) for name, what in _flaws(under_test, sources, mapped.fields)
        ]
        problems += [
            under_test.problem(f"{place}, {name}", what) for name, what in _model_flaws(under_test, mapped.fields)
        ]
        if mapped.fields["remote_data"] is not sample.native:
            problems.append(under_test.problem(place, "remote_data is not the native record"))
        for name, value in sources.invented(mapped.fields, sample.native, sample.loaded, sources.context):
            what = f"{value!r} is neither in the native record nor in the mapping file"
            problems.append(under_test.problem(f"{place}, {name}", what))
    return _shortened(problems)


def _no_samples(under_test: ProviderUnderTest, method: Method) -> str:
    return under_test.problem(method, f"no samples; put native records into a file {method}.json")


def _flaws(under_test: ProviderUnderTest, sources: Sources, record: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(field, flaw) pairs of a unified record."""
    yield from _form_flaws("", record, field_kinds(under_test.mapping.schema.record))
    for name, leaf_kind, value in sources.leaves.of(record):
        what = _value_flaw(leaf_kind.name, value) if leaf_kind is not None else None
        if what:
            yield name, what


def _form_flaws(above: str, values: Any, kinds: Mapping[str, Kind]) -> Iterator[tuple[str, str]]:
    """(field, flaw) pairs of what is missing in a record or a part of it, or is not in the form of its kind."""
    for name, kind in kinds.items():
        label, value = f"{above}{name}", values.get(name)
        if name not in values:
            yield label, "the field is missing"
        elif kind.is_list and not isinstance(value, list):
            yield label, f"must be a list, and is a {type(value).__name__}"
        elif kind.is_list and kind.item is not None:
            for index, element in enumerate(value or ()):
                yield from _form_flaws(f"{label}[{index}].", element, kind.parts)
            yield from _list_flaws(label, kind, value or [])
        elif kind.item is not None and value is not None:
            yield from _object_flaws(label, value, kind)


def _object_flaws(label: str, values: Any, kind: Kind) -> Iterator[tuple[str, str]]:
    yield from _form_flaws(f"{label}.", values, kind.parts)
    if not any(values[part] not in (None, []) for part in kind.required or kind.parts):
        yield label, "an object without a value must be null"


def _list_flaws(name: str, kind: Kind, elements: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    rule = element_rule(kind)
    forms = [_unique_form(rule, element) for element in elements]
    for index, element in enumerate(elements):
        if rule.required and all(element[part] is None for part in rule.required):
            yield f"{name}[{index}]", f"is blank: it has none of {', '.join(rule.required)}"
        if rule.unique and forms[index] in forms[:index]:
            yield f"{name}[{index}]", "is a repeated element"


def _unique_form(rule: ElementRule, element: dict[str, Any]) -> tuple[Any, ...]:
    first, *others = (element[part] for part in rule.unique or rule.required or element)
    if isinstance(first, str):
        first = phone_digits(first) if rule.compares == "phone" else compare_text(first)
    return (first, *others)


def _value_flaw(kind: str, value: Any) -> str | None:
    """What is wrong with a value of a unified record; None if it is fine."""
    if kind == "boolean":
        return None if isinstance(value, bool) else f"{value!r} is not true or false"
    if kind == "integer":
        return None if type(value) is int else f"{value!r} is not a whole number"
    if not isinstance(value, str):
        return f"{value!r} is not text"
    flaws = {
        "must be null, not a blank text": not value.strip(),
        "begins or ends with white space": value != value.strip(),
        "is not an RFC 3339 time in UTC with Z": kind == "time" and not _TIME.fullmatch(value),
        "is not a decimal number": kind in {"money", "decimal"} and not _DECIMAL.fullmatch(value),
        "is a country code, and must be in capitals": kind == "country" and len(value) == 2 and not value.isupper(),
    }
    return next((f"{value!r}: {what}" for what, is_so in flaws.items() if is_so), None)


def check_null_sweep(under_test: ProviderUnderTest, samples: Mapping[Method, Sequence[Sample]]) -> list[str]:
    """Removes every part of every sample in every way; the mapping must neither raise nor invent.

    Each leaf is deleted, set to null and to a blank; a list and an object are emptied too. A text that becomes a
    list may be a fault of its field, and a record without its id may fail. A field has one line, whatever the number
    of holes that show its fault. The methods share one field table, so a hole that the samples of one method have
    shown is not tried again with those of another.
    """
    missing = [_no_samples(under_test, method) for method, group in samples.items() if not group]
    if missing:
        return missing
    sources = Sources(under_test)
    problems: dict[tuple[str, str], str] = {}
    holes: defaultdict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    tried: Counter[tuple[str, str]] = Counter()
    for method, sample in ((method, sample) for method, group in samples.items() for sample in group):
        whole = {"native": sample.native, "loaded": sample.loaded}
        whole_record = _SampleRecord(under_test, sources, sample)
        for path, value in walk_nodes(whole):
            look = (shape_of(path), "blank" if value == "" else type(value).__name__)
            if len(path) < 2 or tried[look] == _MAX_TRIES:
                continue
            tried[look] += 1
            is_shown = whole_record.shows(value)
            for how, changed in _holes(whole, path, value):
                for name, what in _check_changed(
                    under_test,
                    sources,
                    changed,
                    is_same_type=how != "an empty list for a value",
                    known=None if is_shown else whole_record.values,
                ):
                    key = re.sub(r"\[\d+\]", "[]", name), "" if name else what
                    holes[key].add((shape_of(path), how))
                    line = f"{method}, {name or 'record'}"
                    problems.setdefault(key, under_test.problem(line, f"{_shown(path)} {how}: {what}"))
    return _shortened([_with_count(line, len(holes[key])) for key, line in problems.items()])


def _with_count(line: str, count: int) -> str:
    return line if count == 1 else f"{line} (and {count - 1} more {'hole' if count == 2 else 'holes'})"


def _shown(path: Path) -> str:
    text = shape_of(path)
    return text.removeprefix("native.")


def _holes(document: Any, path: Path, value: Any) -> Iterator[tuple[str, Any]]:
    yield "deleted", delete_node(document, path)
    if value is not None:
        yield "null", replace_node(document, path, None)
    if isinstance(value, dict):
        yield "an empty object", replace_node(document, path, {})
        yield "an empty list", replace_node(document, path, [])  # as PHP writes an empty object
    elif isinstance(value, list):
        yield "an empty list", replace_node(document, path, [])
    else:
        yield "blank", replace_node(document, path, "")
        yield "an empty list for a value", replace_node(document, path, [])


class _SampleRecord:
    """The unified record of a whole sample.

    Attributes:
        values: the record without ``remote_data``; None if it cannot be mapped, has faults or has flaws.
    """

    def __init__(self, under_test: ProviderUnderTest, sources: Sources, sample: Sample) -> None:
        document = {"native": sample.native, "loaded": sample.loaded}
        self.values: dict[str, Any] | None = None
        self._folded: set[str] = set()
        self._parts: set[str] = set()
        if not any(_check_changed(under_test, sources, document, is_same_type=True, known=None)):
            mapped = under_test.mapper.map_record(sample.native, context=sources.context, loaded=sample.loaded)
            self.values = None if mapped.faults else _without_native(mapped.fields)
            self._folded = {fold(value) for _, _, value in sources.leaves.of(mapped.fields)}
            self._parts = {text for text in self._folded if len(text) >= _MIN_PART}

    def shows(self, native: Any) -> bool:
        """Whether a value of the record equals one of these native values, or is a part of its text."""
        texts = [fold(value) for value in leaf_values(native)]
        return any(text in self._folded or any(part in text for part in self._parts) for text in texts)


def _without_native(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name != "remote_data"}


def _check_changed(
    under_test: ProviderUnderTest,
    sources: Sources,
    document: Any,
    *,
    is_same_type: bool,
    known: Mapping[str, Any] | None,
) -> Iterator[tuple[str, str]]:
    """The flaws of the record of a changed document; *known* is a record without flaws, which is not checked again."""
    native, loaded = document["native"], document.get("loaded", {})
    try:
        mapped = under_test.mapper.map_record(native, context=sources.context, loaded=loaded)
    except Exception as error:  # noqa: BLE001 - whatever it is, the report names it
        yield "", f"the mapping raises {type(error).__name__}: {error}"
        return
    if not mapped.faults and known is not None and known == _without_native(mapped.fields):
        return
    if is_same_type:
        yield from ((name, f"the mapping raises: {what}") for name, what in mapped.faults if not _lacks_id(name))
    yield from _flaws(under_test, sources, mapped.fields)
    if not mapped.faults:
        yield from ((name, what) for name, what in _model_flaws(under_test, mapped.fields))
    for name, value in sources.invented(mapped.fields, native, loaded, sources.context):
        yield name, f"the mapping invents {value!r}"


def _lacks_id(name: str) -> bool:
    """Whether a fault is about a missing id: a value without an id is neither a record nor a list element."""
    return name.rpartition(".")[2] == "id"


def _model_flaws(under_test: ProviderUnderTest, record: dict[str, Any]) -> Iterator[tuple[str, str]]:
    try:
        under_test.mapping.schema.record.model_validate(record)
    except ValidationError as error:
        for fault in error.errors(include_url=False):
            yield ".".join(map(str, fault["loc"])), str(fault["msg"])


def _shortened(problems: list[str], max_count: int = 25) -> list[str]:
    left = len(problems) - max_count
    return problems if left <= 0 else [*problems[:max_count], f"and {left} more problems"]


def golden_records(under_test: ProviderUnderTest, samples: Sequence[Sample]) -> list[dict[str, Any]]:
    """The unified records of these samples for a golden file, without ``remote_data``."""
    records = []
    for sample in samples:
        record = under_test.mapper.map(sample.native, context=context_of(under_test), loaded=sample.loaded)
        records.append({name: value for name, value in record.items() if name != "remote_data"})
    return records
