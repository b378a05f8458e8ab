"""The contract of enums: every native value gives its unified value; an unknown value stays as it is and is counted."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from truto_unify.config.field_rules import Source, ValueRule, mapped_names, rules_at, tables_of
from truto_unify.mapping.interpreter import element_roots
from truto_unify.testing.contract.leaves import RecordLeaves
from truto_unify.testing.contract.records import context_of
from truto_unify.testing.native_json import literals_in, replace_node, walk_leaves
from truto_unify.values import compare_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from truto_unify.config.field_rules import Rule
    from truto_unify.mapping.record import UnifiedRecord
    from truto_unify.testing.native_json import Path
    from truto_unify.testing.provider_under_test import ProviderUnderTest
    from truto_unify.testing.samples import Sample

    _UnknownRecord = tuple[Sample, Path, UnifiedRecord]

UNKNOWN = "contract-unknown"
_INDEX = re.compile(r"\[\d+\]")


def check_enums(under_test: ProviderUnderTest, samples: Sequence[Sample]) -> list[str]:
    """Checks every enum of the mapping, by changing the leaves of samples.

    Args:
        under_test: the pair to test.
        samples: samples of any method.
    """
    rules = [*enum_rules(under_test)]
    if not samples:
        return [under_test.problem(name, "no sample can test its enum") for name, _ in rules]
    records = [*_unknown_records(under_test, samples)] if rules else []
    return [line for name, rule in rules for line in _check_enum(under_test, name, rule, samples, records)]


def enum_rules(under_test: ProviderUnderTest) -> Iterator[tuple[str, ValueRule]]:
    """Every field, and every part of a field, with an enum; a part has one entry for each source of its list."""
    rules = under_test.config.response_mapping
    for label in dict.fromkeys(mapped_names(rules)):
        yield from ((label, rule) for rule in rules_at(rules, label) if isinstance(rule, ValueRule) and rule.enum)


def _check_enum(
    under_test: ProviderUnderTest,
    name: str,
    rule: ValueRule,
    samples: Sequence[Sample],
    records: Sequence[_UnknownRecord],
) -> Iterator[str]:
    table = rule.enum or {}
    folded = [compare_text(key) for key in table]
    paths = [(sample, path) for sample, path, record in records if _reaches(under_test, name, record)]
    constants = [value for value in literals_in(rule.expression.text) if isinstance(value, str)]
    if not paths and not set(map(compare_text, constants)) & set(folded):
        yield under_test.problem(
            name, "no sample has a leaf that reaches its enum; an unknown value must stay as it is"
        )
        return
    for key, wanted in table.items():
        if not any(_gives(under_test, name, *place, key, wanted) for place in _places(samples, paths)):
            what = f"no leaf of any sample gives {wanted!r} through the enum's {key!r}"
            yield under_test.problem(name, what)


def _places(samples: Sequence[Sample], paths: list[tuple[Sample, Path]]) -> Iterator[tuple[Sample, Path]]:
    """(sample, path) of the leaves to change: first those that reach the field, then all others."""
    yield from paths
    for sample in samples:
        yield from ((sample, path) for path, _ in walk_leaves(sample.native))


def enum_paths(under_test: ProviderUnderTest, name: str, sample: Sample) -> Iterator[Path]:
    """The leaves that reach the enum: an unknown value there appears in the field unchanged, and is counted."""
    records = _unknown_records(under_test, [sample])
    return (path for _, path, record in records if _reaches(under_test, name, record))


def _unknown_records(under_test: ProviderUnderTest, samples: Sequence[Sample]) -> Iterator[_UnknownRecord]:
    """Each sample with an unknown value at one of its leaves, and its unified record."""
    for sample in samples:
        for path, _ in walk_leaves(sample.native):
            native = replace_node(sample.native, path, UNKNOWN)
            record = under_test.mapper.map_record(native, context=context_of(under_test), loaded=sample.loaded)
            if record.unmapped:
                yield sample, path, record


def _reaches(under_test: ProviderUnderTest, name: str, record: UnifiedRecord) -> bool:
    is_counted = record.unmapped.get(f"{name}={UNKNOWN}")
    return bool(is_counted) and UNKNOWN in values_of(under_test, name, record.fields)


def _gives(under_test: ProviderUnderTest, name: str, sample: Sample, path: Path, key: str, wanted: str) -> bool:
    """Whether this key at this leaf, or a value that the expression turns into the key, gives the declared value."""
    before = under_test.mapper.map_record(sample.native, context=context_of(under_test), loaded=sample.loaded)
    for value in (key, key.upper(), True, False, None, 0, 1):
        native = replace_node(sample.native, path, value)
        mapped = under_test.mapper.map_record(native, context=context_of(under_test), loaded=sample.loaded)
        if any(unmapped.partition("=")[0] == name for unmapped in mapped.unmapped):
            continue
        values = values_of(under_test, name, mapped.fields)
        is_new = values.count(wanted) > values_of(under_test, name, before.fields).count(wanted)
        if wanted in values and (is_new or isinstance(value, str)) and _reads(under_test, name, native, sample, key):
            return True
    return False


def _reads(under_test: ProviderUnderTest, name: str, native: Any, sample: Sample, key: str) -> bool:
    """Whether the expression, before the enum translates it, gives this key for some element of the record."""
    call = {"query": None, "context": context_of(under_test), "loaded": sample.loaded}
    field, *parts = name.split(".")
    values = _expression_values(field, under_test.config.response_mapping[field], parts, native, call)
    flat = [item for value in values for item in (value if isinstance(value, list) else (value,))]
    texts = [str(value).lower() if isinstance(value, bool) else str(value) for value in flat if value is not None]
    return compare_text(key) in map(compare_text, texts)


def _expression_values(
    name: str, rule: Rule, parts: Sequence[str], root: Any, names: Mapping[str, Any]
) -> Iterator[Any]:
    """The values of a part's expression in every element that holds the part."""
    if isinstance(rule, ValueRule):
        yield rule.expression.search(root, names)
        return
    part, *rest = parts
    for table in tables_of(rule):
        if part in table.parts:
            roots = element_roots(name, table, root, names) if isinstance(table, Source) else [(root, names)]
            for item, inner in roots:
                yield from _expression_values(name, table.parts[part], rest, item, inner)


def values_of(under_test: ProviderUnderTest, name: str, record: dict[str, Any]) -> list[Any]:
    """Every value of a field, or of a part of a list, that is not null."""
    return [value for place, _, value in _leaves_of(under_test).of(record) if _INDEX.sub("", place) == name]


@lru_cache(maxsize=32)
def _leaves_of(under_test: ProviderUnderTest) -> RecordLeaves:
    return RecordLeaves(under_test)
