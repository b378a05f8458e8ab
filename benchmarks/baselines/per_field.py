"""The mapping files run by jmespath as its documentation says: each expression compiled once, searched per record.

``search_each_time`` creates an interpreter for each call, as the library does; ``search_shared`` shares one.
Cleaning is that of the careful hand-written mappings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jmespath
from jmespath.visitor import TreeInterpreter

from benchmarks.baselines import cleaning
from benchmarks.workload import RESOURCE
from truto_unify import Registry
from truto_unify.functions import INTERPRETER_OPTIONS
from truto_unify.models.fields import field_kinds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from truto_unify.config.mapping import ElementRule, FieldRule

Record = dict[str, Any]


def search_each_time(text: str) -> Callable[[Any], Any]:
    """The expression as ``jmespath.compile(text).search``."""
    compiled = jmespath.compile(text)
    return lambda document: compiled.search(document, options=INTERPRETER_OPTIONS)


_SHARED = TreeInterpreter(INTERPRETER_OPTIONS)


def search_shared(text: str) -> Callable[[Any], Any]:
    """The expression evaluated by a shared interpreter, which the library does not offer."""
    tree = jmespath.compile(text).parsed
    return lambda document: _SHARED.visit(tree, document)


def make_mapping(
    provider: str, prepare: Callable[[str], Callable[[Any], Any]] = search_each_time
) -> Callable[[Record], Record]:
    """A function from native to unified record that evaluates the expressions of the shipped mapping one by one.

    Args:
        provider: slug.
        prepare: how an expression becomes a function.
    """
    mapping = Registry().mapping(RESOURCE, provider)
    rules = mapping.config.response_mapping
    fields: list[tuple[str, Callable[[Any], Any]]] = []
    for name, kind in field_kinds(mapping.schema.record).items():
        rule = rules.get(name)
        if rule is None:
            fields.append((name, _no_elements if kind.item else _nothing))
        elif rule.each is not None:
            parts = list(field_kinds(kind.item)) if kind.item else []
            fields.append((name, _list_field(name, rule, parts, prepare)))
        else:
            fields.append((name, _value_field(rule, kind.name, prepare)))

    def run(native: Record) -> Record:
        record = {name: make(native) for name, make in fields}
        record["remote_data"] = native
        return record

    return run


def _nothing(_native: Any) -> None:
    return None


def _no_elements(_native: Any) -> list[Record]:
    return []


def _value_field(
    rule: FieldRule | ElementRule, kind: str, prepare: Callable[[str], Callable[[Any], Any]]
) -> Callable[[Any], Any]:
    assert rule.expr is not None  # noqa: S101 - a rule without `each` has an expression
    search = prepare(rule.expr.text)
    clean: Callable[[Any], Any] = _CLEAN.get(kind, cleaning.clean_text)
    table: Mapping[str, str] = {native.casefold(): unified for native, unified in (rule.enum or {}).items()}
    if not table:
        return lambda native: clean(search(native))

    def look_up(native: Any) -> Any:
        value = clean(search(native))
        return table.get(value.casefold(), value) if value else None

    return look_up


_CLEAN: Mapping[str, Callable[[Any], Any]] = {
    "time": cleaning.clean_time,
    "country": cleaning.clean_country,
    "boolean": lambda value: value,
}
_KEEP: Mapping[str, Callable[[list[Record]], list[Record]]] = {
    "emails": cleaning.keep_emails,
    "phones": cleaning.keep_phones,
    "addresses": cleaning.keep_addresses,
}


def _list_field(
    name: str, rule: FieldRule, parts: list[str], prepare: Callable[[str], Callable[[Any], Any]]
) -> Callable[[Any], Any]:
    assert rule.each is not None  # noqa: S101 - the caller checks it
    each, keep = prepare(rule.each.text), _KEEP.get(name, list)
    rules = rule.map or {}
    kinds = {"is_primary": "boolean", "country": "country"}
    makers = [
        (part, _value_field(rules[part], kinds.get(part, "text"), prepare) if part in rules else None) for part in parts
    ]

    def make(native: Any) -> list[Record]:
        elements = []
        for item in each(native) or ():
            document = {"item": item, "parent": native}
            elements.append({part: run(document) if run else None for part, run in makers})
        if name == "phones":
            elements = [cleaning.make_phone(phone["number"], phone["type"]) for phone in elements]
        return keep(elements)

    return make
