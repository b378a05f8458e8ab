"""The mapping files run by jmespath as its documentation says: each expression compiled once, searched per record.

``search_each_time`` makes an interpreter for each call, as the library does; ``search_shared`` keeps one for all.
Cleaning is that of the careful hand-written mappings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from jmespath.visitor import TreeInterpreter

from benchmarks.baselines import cleaning
from benchmarks.workload import RESOURCE
from truto_unify import Registry
from truto_unify.config.field_rules import ValueRule
from truto_unify.functions import INTERPRETER_OPTIONS
from truto_unify.models.fields import field_kinds

if TYPE_CHECKING:
    from truto_unify.config.field_rules import Source
    from truto_unify.expressions import Expression

Record = dict[str, Any]
Search = Callable[[Any, Mapping[str, Any]], Any]
Prepare = Callable[["Expression"], Search]


class _Interpreter(TreeInterpreter):
    """The official one, which knows the names that a mapping binds."""

    def __init__(self) -> None:
        super().__init__(INTERPRETER_OPTIONS)
        self.names: Mapping[str, Any] = {}

    def visit_variable(self, node: Any, _value: Any) -> Any:
        return self.names.get(node["value"])

    def visit_of_record(self, node: Any, _value: Any) -> Any:
        return self.visit(node["children"][0], self.names["record"])


def search_each_time(expression: Expression) -> Search:
    """The expression as ``jmespath.compile(text).search``: with an interpreter for each call."""

    def search(document: Any, names: Mapping[str, Any]) -> Any:
        interpreter = _Interpreter()
        interpreter.names = names
        return interpreter.visit(expression.tree, document)

    return search


_SHARED = _Interpreter()


def search_shared(expression: Expression) -> Search:
    """The expression evaluated by one interpreter that all share, which the library does not offer."""

    def search(document: Any, names: Mapping[str, Any]) -> Any:
        _SHARED.names = names
        return _SHARED.visit(expression.tree, document)

    return search


def make_mapping(provider: str, prepare: Prepare = search_each_time) -> Callable[[Record], Record]:
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
        elif isinstance(rule, ValueRule):
            fields.append((name, partial(_of_native, _value_field(rule, kind.name, prepare))))
        elif isinstance(rule, tuple):
            fields.append((name, _list_field(name, rule, list(kind.parts), prepare)))

    def run(native: Record) -> Record:
        record = {name: make(native) for name, make in fields}
        record["remote_data"] = native
        return record

    return run


def _of_native(search: Search, native: Any) -> Any:
    return search(native, {})


def _nothing(_native: Any) -> None:
    return None


def _no_elements(_native: Any) -> list[Record]:
    return []


def _value_field(rule: ValueRule, kind: str, prepare: Prepare) -> Search:
    search = prepare(rule.expression)
    clean: Callable[[Any], Any] = _CLEAN.get(kind, cleaning.clean_text)
    table: Mapping[str, str] = {native.casefold(): unified for native, unified in (rule.enum or {}).items()}
    if not table:
        return lambda root, names: clean(search(root, names))

    def look_up(root: Any, names: Mapping[str, Any]) -> Any:
        value = clean(search(root, names))
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
    name: str, sources: tuple[Source, ...], parts: list[str], prepare: Prepare
) -> Callable[[Any], list[Record]]:
    keep, kinds = _KEEP.get(name, list), {"is_primary": "boolean", "country": "country"}
    makers: list[tuple[Search | None, list[tuple[str, Search | None]]]] = []
    for source in sources:
        rules = {part: rule for part, rule in source.parts.items() if isinstance(rule, ValueRule)}
        runs = [
            (part, _value_field(rules[part], kinds.get(part, "text"), prepare) if part in rules else None)
            for part in parts
        ]
        makers.append((prepare(source.each) if source.each is not None else None, runs))

    def make(native: Any) -> list[Record]:
        elements: list[Record] = []
        names = {"parent": native, "record": native}
        for each, runs in makers:
            for root in [native] if each is None else each(native, {}) or ():
                elements.append({part: run(root, names) if run else None for part, run in runs})
        if name == "phones":
            elements = [cleaning.make_phone(element["number"], element["type"]) for element in elements]
        return keep(elements)

    return make
