"""Compares the words of filters with the values of the model, and with the enums of the same fields."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from truto_unify.config.field_rules import ValueRule, rules_at
from truto_unify.config.filter_lint import deepest
from truto_unify.config.filters import OPERATORS
from truto_unify.expressions import nearest
from truto_unify.models.fields import nested_kinds
from truto_unify.values import compare_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from truto_unify.config.mapping import MappingConfig
    from truto_unify.config.yaml import Node
    from truto_unify.errors import Problem
    from truto_unify.models.resource import ResourceSchema


def check_words(config: MappingConfig, node: Node, schema: ResourceSchema) -> Iterator[Problem]:
    """A warning for each unified word that is nearly one of the model; a problem for each that the enum contradicts."""
    kinds = dict(nested_kinds(schema.record))
    for name, rule in config.list.filters.items() if config.list is not None else ():
        label = name if name in kinds else ".".join(schema.inner_filters.get(name, ()))
        values = kinds[label].values if label in kinds else ()
        enum = _enum_of(config, label)
        place = node.at(("list", "filters", name))
        for op in OPERATORS:
            form = rule.native(op)
            for unified, native in form.words.items() if form is not None else ():
                word_place = deepest(place, op, "words").at((unified,))
                means = enum.get(compare_text(native))
                near = nearest(unified, values) if unified not in values else None
                # A value that the enum lacks passes unchanged, so that a word outside of the model may be meant.
                if near is not None and compare_text(unified) not in {compare_text(native), *enum}:
                    message = f'"{unified}" is nearly "{near}" of "{label}"; write "{near}" if it is meant'
                    warning = word_place.problem(message, rule="near-word", at_key=True)
                    yield replace(warning, is_warning=True)
                elif form is not None and form.match == "exact" and means is not None and means != unified:
                    message = f'"{native}" is "{means}" by the enum of "{label}", not "{unified}"; correct one of them'
                    yield word_place.problem(message, rule="filter-word")


def _enum_of(config: MappingConfig, label: str) -> dict[str, str]:
    """The unified value of each native one, in the form for comparison, if one rule alone gives the field."""
    rules = rules_at(config.response_mapping, label)
    rule = rules[0] if len(rules) == 1 else None
    enum = rule.enum if isinstance(rule, ValueRule) else None
    return {compare_text(native): unified for native, unified in (enum or {}).items()}
