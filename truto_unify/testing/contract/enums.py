"""The contract of enums: every native value gives its unified one, and an unknown one passes through and is counted."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from truto_unify.config.field_rules import ValueRule, part_names, rules_of_part
from truto_unify.mapping.interpreter import Scope, element_roots
from truto_unify.testing.contract.records import context_of
from truto_unify.testing.contract.sources import record_leaves
from truto_unify.testing.native_json import literals_in, replace_node, walk_leaves
from truto_unify.values import compare_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from truto_unify.testing.native_json import Path
    from truto_unify.testing.provider_under_test import Subject
    from truto_unify.testing.samples import Sample

UNKNOWN = "contract-unknown"
_INDEX = re.compile(r"\[\d+\]")


def check_enums(subject: Subject, samples: Sequence[Sample]) -> list[str]:
    """Every enum of the mapping, tried by changing the leaves of samples.

    Args:
        subject: the pair that is tried.
        samples: of any method.
    """
    problems: list[str] = []
    for name, rule in enum_rules(subject):
        if not samples:
            problems.append(subject.problem(name, "there are no samples to try its enum on"))
            continue
        problems += _check_enum(subject, name, rule, samples)
    return problems


def enum_rules(subject: Subject) -> Iterator[tuple[str, ValueRule]]:
    """Every field, and part of a list, that has an enum; one for each source of the list."""
    for name, rule in subject.config.response_mapping.items():
        if isinstance(rule, ValueRule):
            yield from [(name, rule)] if rule.enum else []
            continue
        for part in part_names(rule):
            yield from ((f"{name}.{part}", inner) for inner in rules_of_part(rule, part) if inner.enum)


def _check_enum(subject: Subject, name: str, rule: ValueRule, samples: Sequence[Sample]) -> Iterator[str]:
    table = rule.enum or {}
    folded = [compare_text(key) for key in table]
    levers = [(one, path) for one in samples for path in enum_levers(subject, name, one)]
    constants = [one for one in literals_in(rule.expression.text) if isinstance(one, str)]
    if not levers and not set(map(compare_text, constants)) & set(folded):
        yield subject.problem(name, "no native value of any sample reaches its enum; an unknown one must pass through")
        return
    for key, wanted in table.items():
        if not any(_gives(subject, name, one, path, key, wanted) for one, path in _reaches(samples, levers)):
            what = f"the enum's {key!r} is never reached: no native value of any sample gives {wanted!r} through it"
            yield subject.problem(name, what)


def _reaches(samples: Sequence[Sample], levers: list[tuple[Sample, Path]]) -> Iterator[tuple[Sample, Path]]:
    """Where to put a value: first what is known to move the field, then any leaf."""
    yield from levers
    for one in samples:
        yield from ((one, path) for path, _ in walk_leaves(one.native))


def enum_levers(subject: Subject, name: str, sample: Sample) -> Iterator[Path]:
    """The leaves of which an unknown value passes through to the field, raw and counted."""
    for path, _ in walk_leaves(sample.native):
        native = replace_node(sample.native, path, UNKNOWN)
        mapped = subject.mapper.map_record(native, context=context_of(subject), loaded=sample.loaded)
        if mapped.unmapped.get(f"{name}={UNKNOWN}") and UNKNOWN in values_of(subject, name, mapped.fields):
            yield path


def _gives(subject: Subject, name: str, sample: Sample, path: Path, key: str, wanted: str) -> bool:
    """Whether this key, or what the expression makes into it, gives the declared value at this leaf."""
    before = subject.mapper.map_record(sample.native, context=context_of(subject), loaded=sample.loaded)
    for value in (key, key.upper(), True, False, None, 0, 1):
        native = replace_node(sample.native, path, value)
        mapped = subject.mapper.map_record(native, context=context_of(subject), loaded=sample.loaded)
        if any(one.partition("=")[0] == name for one in mapped.unmapped):
            continue
        values = values_of(subject, name, mapped.fields)
        is_new = values.count(wanted) > values_of(subject, name, before.fields).count(wanted)
        if wanted in values and (is_new or isinstance(value, str)) and _reads(subject, name, native, sample, key):
            return True
    return False


def _reads(subject: Subject, name: str, native: Any, sample: Sample, key: str) -> bool:
    """Whether the expression itself gives this key somewhere in the record."""
    field, _, part = name.partition(".")
    rule = subject.config.response_mapping[field]
    call = {"query": None, "context": context_of(subject), "loaded": sample.loaded}
    if isinstance(rule, ValueRule):
        found = [rule.expression.search(native, call)]
    else:
        found = [
            source.parts[part].expression.search(root, names)
            for source in rule
            if part in source.parts
            for root, names in element_roots(field, source, Scope(native, call, Counter()))
        ]
    texts = [str(one).lower() if isinstance(one, bool) else str(one) for one in found if one is not None]
    return compare_text(key) in map(compare_text, texts)


def values_of(subject: Subject, name: str, record: dict[str, Any]) -> list[Any]:
    """Every value of a field, or of a part of a list, that is not null."""
    return [value for place, _, value in record_leaves(subject, record) if _INDEX.sub("", place) == name]
