"""Checks whether a value of a unified record comes from its native record, or whether the mapping invents it."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from truto_unify.config.field_rules import ValueRule, expressions_of, mapped_names, rules_at, tables_of, value_rules
from truto_unify.models.fields import Kind, field_kinds
from truto_unify.testing.native_json import literals_in, show_path, walk_leaves
from truto_unify.values import read_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from truto_unify.config.field_rules import ObjectRule, Rule
    from truto_unify.testing.provider_under_test import ProviderUnderTest

_TIME_FORMS = ("iso", "rfc2822", "epoch_seconds", "epoch_milliseconds")
_DIGITS = re.compile(r"\D+")
_INDEX = re.compile(r"\[\d+\]")
_ARITHMETIC = ("sum_decimals", "subtract_decimals", "divide_decimals", "multiply_decimals")


def record_leaves(under_test: ProviderUnderTest, record: Mapping[str, Any]) -> Iterator[tuple[str, Kind | None, Any]]:
    """Every value of a unified record that is not null, with its path and its kind; without ``remote_data``.

    A field that an overlay adds has the kind that its rule declares, or None.
    """
    kinds = field_kinds(under_test.mapping.schema.record)
    rules = {name: (rule,) for name, rule in under_test.config.response_mapping.items()}
    fields = {name: value for name, value in record.items() if name != "remote_data"}
    yield from _leaves("", fields, kinds, rules)


def _leaves(
    above: str, values: Mapping[str, Any], kinds: Mapping[str, Kind], rules: Mapping[str, Sequence[Rule]]
) -> Iterator[tuple[str, Kind | None, Any]]:
    for name, value in values.items():
        label, own = f"{above}{name}", rules.get(name, ())
        kind = kinds.get(name) or next(map(_added_kind, own), None)
        tables = [table for rule in own for table in tables_of(rule)]
        if not tables or (kind is not None and kind.item is None):
            leaf_kind = kind.of or kind if kind is not None else None
            yield from ((f"{label}{path}", leaf_kind, leaf) for path, leaf in _plain_leaves(value))
            continue
        below = {part: [table.parts[part] for table in tables if part in table.parts] for part in _names_of(tables)}
        inner = kind.parts if kind is not None else {}
        if isinstance(value, list):
            for index, element in enumerate(value):
                yield from _leaves(f"{label}[{index}].", element, inner, below)
        elif value is not None:
            yield from _leaves(f"{label}.", value, inner, below)


def _names_of(tables: Sequence[ObjectRule]) -> Iterator[str]:
    yield from dict.fromkeys(part for table in tables for part in table.parts)


def _added_kind(rule: Rule | None) -> Kind | None:
    if not isinstance(rule, ValueRule) or rule.type is None or rule.type == "raw":
        return None
    return Kind(rule.type)


def _plain_leaves(value: Any) -> Iterator[tuple[str, Any]]:
    leaves = walk_leaves(value) if isinstance(value, dict | list) else [((), value)]
    for path, leaf in leaves:
        if leaf is not None:
            shown = show_path(path) if path else ""
            yield f".{shown}" if path and not shown.startswith("[") else shown, leaf


class Sources:
    """The origins of the values in a mapping's records, beside the native record.

    Args:
        under_test: the pair whose mapping counts.
    """

    def __init__(self, under_test: ProviderUnderTest) -> None:
        self.under_test = under_test
        self.context = dict(under_test.account.context)
        self.constants = {
            _fold(constant) for constant in _constants(under_test) if not isinstance(constant, dict | list)
        }
        self.zones = [UTC, *_zones(under_test, self.context)]
        self.computed = set(_computed(under_test))

    def invented(self, record: Mapping[str, Any], *origins: Any) -> list[tuple[str, Any]]:
        """(path, value) pairs that are neither in a native document nor in the mapping file."""
        leaves = [value for origin in origins for _, value in walk_leaves({"": origin}) if value is not None]
        known = {_fold(value) for value in leaves}
        known |= {_fold(html.unescape(value)) for value in leaves if isinstance(value, str) and "&" in value}
        return [
            (path, value)
            for path, kind, value in record_leaves(self.under_test, record)
            if not isinstance(value, bool)
            and (folded := _fold(value)) not in known
            and folded not in self.constants
            and _INDEX.sub("", path) not in self.computed
            and not self._is_derived(kind, str(value), leaves)
        ]

    def _is_derived(self, kind: Kind | None, value: str, leaves: list[Any]) -> bool:
        if kind is not None and kind.name == "time":
            return self._is_time_of(value, leaves)
        if kind is not None and kind.name in {"money", "decimal"}:
            return any(_has_same_digits(value, leaf) for leaf in leaves)
        if kind is not None and kind.is_derived:
            return any(value in str(leaf) for leaf in leaves)
        # Part of a longer text: an id at the end of an address, a number before its extension.
        piece = re.compile(rf"(?<!\w){re.escape(value)}(?!\w)", re.IGNORECASE)
        cut = re.compile(rf"(?<!\w){re.escape(value)}\s*(?:x|ext)", re.IGNORECASE)
        texts = [leaf for leaf in leaves if isinstance(leaf, str)]
        if any(piece.search(text) or cut.search(text) for text in texts):
            return True
        words = {word.casefold() for text in texts for word in text.split()} | self.constants
        return len(value.split()) > 1 and all(word.casefold() in words for word in value.split())

    def _is_time_of(self, value: str, leaves: list[Any]) -> bool:
        moment = read_time(value, zone=None)
        texts = {str(leaf) for leaf in leaves if isinstance(leaf, str | int | float) and not isinstance(leaf, bool)}
        return any(moment in _moments(text, zone) for text in texts for zone in self.zones)


def _computed(under_test: ProviderUnderTest) -> Iterator[str]:
    """The fields and parts that a mapping computes from several amounts, so that no leaf holds them."""
    rules = under_test.config.response_mapping
    for label in mapped_names(rules):
        texts = [rule.expression.text for rule in rules_at(rules, label) if isinstance(rule, ValueRule)]
        if any(f"{name}(" in text for name in _ARITHMETIC for text in texts):
            yield label


def _fold(value: Any) -> str:
    return str(value).strip().casefold()


def _constants(under_test: ProviderUnderTest) -> Iterator[Any]:
    for rule in under_test.config.response_mapping.values():
        for expression in expressions_of(rule):
            yield from literals_in(expression.text)
        for value_rule in value_rules(rule):
            yield from (value_rule.enum or {}).values()
            yield from (value for value in (value_rule.const, value_rule.default) if value is not None)
    for expression in under_test.config.define.values():
        yield from literals_in(expression.text)


def _zones(under_test: ProviderUnderTest, context: Mapping[str, str]) -> Iterator[ZoneInfo]:
    for rule in under_test.config.response_mapping.values():
        for value_rule in value_rules(rule):
            name = value_rule.zone or ""
            if name.startswith("{"):
                name = context.get(name.removeprefix("{context.").removesuffix("}"), "")
            if name not in {"", "utc", "in_value"}:
                yield ZoneInfo(name)


@lru_cache(maxsize=50_000)
def _moments(text: str, zone: Any) -> frozenset[datetime]:
    moments = set()
    for form in _TIME_FORMS:
        try:
            moments.add(read_time(text.strip(), zone=zone, form=form))
        except ValueError:
            continue
    return frozenset(moments)


def _has_same_digits(value: str, native: Any) -> bool:
    """Whether an amount equals a native amount, perhaps in another unit (cents)."""
    if isinstance(native, bool) or not isinstance(native, str | int | float):
        return False
    ours, its = _read_amount(value), _read_amount(str(native))
    return ours is not None and its is not None and (ours[0] == its[0] or ours[1] == its[1])


@lru_cache(maxsize=50_000)
def _read_amount(text: str) -> tuple[Decimal, str] | None:
    """An amount, and its digits without the zeros at both ends; None for other texts."""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return None
    return amount, _DIGITS.sub("", format(amount, "f")).strip("0")
