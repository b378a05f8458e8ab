"""Finds constants of a mapping that the unified field cannot hold."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from truto_unify.expressions import suggest
from truto_unify.values import CLEANERS, clean_time, compare_text, show_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from truto_unify.config.field_rules import ValueRule
    from truto_unify.config.yaml import Node
    from truto_unify.errors import Problem
    from truto_unify.expressions import Tree
    from truto_unify.models.fields import Kind

RULE = "constant-value"


def check_constants(name: str, rule: ValueRule, kind: Kind, place: Node) -> Iterator[Problem]:
    """A problem for each constant that a rule gives and that the kind of its field does not take.

    Args:
        name: the field.
        rule: its rule.
        kind: its kind; that of an element, of a list of values.
        place: the rule in the file.
    """
    for key in ("const", "default"):
        value = getattr(rule, key)
        fault = _fault(name, value, rule, kind) if value is not None else None
        if fault is not None:
            yield place.at((key,)).problem(fault, rule=RULE)
    enum = {compare_text(native): unified for native, unified in (rule.enum or {}).items()}
    # A status has a problem of its own for each undeclared value of its enum.
    for native, unified in (rule.enum or {}).items() if not kind.values else ():
        fault = _fault(name, unified, rule, kind)
        if fault is not None:
            yield place.at(("enum", native)).problem(fault, rule=RULE)
    for value in dict.fromkeys(_results(rule.expr.tree)) if rule.expr is not None else ():
        if compare_text(str(value)) in enum:  # case does not count, as in "True"
            continue
        fault = _fault(name, value, rule, kind)
        if fault is not None:
            yield (place.child("expr") or place).problem(fault, rule=RULE)


def _fault(name: str, value: Any, rule: ValueRule, kind: Kind) -> str | None:
    """Why a field of this kind cannot hold a value; None if it can."""
    if kind.values:
        if not isinstance(value, str) or (value and value not in kind.values):
            hint = suggest(str(value), kind.values) or f"; declared: {', '.join(kind.values)}"
            return f'"{value}" is not a declared value of "{name}"{hint}'
        return None
    try:
        if kind.name == "time":
            _check_time(value, rule)
        elif kind.name in CLEANERS:
            CLEANERS[kind.name](value)
    except ValueError as error:
        return f'{show_value(value)} is no value of "{name}": {error}'
    return None


def _check_time(value: Any, rule: ValueRule) -> None:
    """Raises ``ValueError`` if the value is a time in none of the rule's formats."""
    zone = None if rule.zone in {None, "in_value"} else UTC
    for number, form in enumerate(rule.format, start=1):
        try:
            clean_time(value, zone=zone, form=form)
        except ValueError:
            if number == len(rule.format):
                raise
        else:
            return


def _results(tree: Tree) -> Iterator[str | float | bool]:
    """The constants that an expression may give as its result."""
    kind, children = tree["type"], [child for child in tree.get("children", ()) if isinstance(child, dict)]
    if kind == "literal" and isinstance(tree["value"], str | int | float):
        yield tree["value"]
    elif kind == "or_expression":
        for child in children:
            yield from _results(child)
    elif kind == "and_expression":
        yield from _results(children[-1])
    elif kind == "function_expression" and tree["value"] == "when":
        for child in children[1:]:
            yield from _results(child)
