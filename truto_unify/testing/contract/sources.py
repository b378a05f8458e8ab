"""Checks whether a value of a unified record comes from its native record, or whether the mapping invents it."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from truto_unify.config.field_rules import ValueRule, expressions_of, mapped_names, rules_at, value_rules
from truto_unify.testing.contract.leaves import RecordLeaves
from truto_unify.testing.native_json import leaf_values, literals_in
from truto_unify.values import clean_country, read_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from truto_unify.models.fields import Kind
    from truto_unify.testing.provider_under_test import ProviderUnderTest

_TIME_FORMS = ("iso", "rfc2822", "epoch_seconds", "epoch_milliseconds")
_DIGITS = re.compile(r"\D+")
_INDEX = re.compile(r"\[\d+\]")
_READS_NAMES = re.compile(r"\b(?:entries|keys)\(")
_SEPARATOR = re.compile(r"\bjoin_text\('([^']*)'")
_ARITHMETIC = ("sum_decimals", "subtract_decimals", "divide_decimals", "multiply_decimals")


class Sources:
    """The origins of the values in a mapping's records, beside the native record.

    Args:
        under_test: the provider and resource of the mapping.
    """

    def __init__(self, under_test: ProviderUnderTest) -> None:
        self.under_test = under_test
        self.context = dict(under_test.account.context)
        self.constants = {
            fold(constant) for constant in _constants(under_test) if not isinstance(constant, dict | list)
        }
        self.zones = [UTC, *_zones(under_test, self.context)]
        self.computed = set(_computed(under_test))
        self.leaves = RecordLeaves(under_test)
        rules = under_test.config.response_mapping.values()
        texts = [expression.text for rule in rules for expression in expressions_of(rule)]
        self.reads_names = any(_READS_NAMES.search(text) for text in texts)
        separators = {separator for text in texts for separator in _SEPARATOR.findall(text)}
        self.joins_texts = "" in separators
        self.separators = {separator.strip() for separator in separators} - {""}

    def invented(self, record: Mapping[str, Any], *origins: Any) -> list[tuple[str, Any]]:
        """(path, value) pairs of values that stand neither in a native document nor in the mapping file."""
        names = _names_in(list(origins)) if self.reads_names else ()
        origin = _Origin([*(value for value in leaf_values(list(origins)) if value is not None), *names])
        return [
            (path, value)
            for path, kind, value in self.leaves.of(record)
            if not isinstance(value, bool)
            and (folded := fold(value)) not in origin.known
            and folded not in self.constants
            and _INDEX.sub("", path) not in self.computed
            and not self._is_derived(kind, str(value), origin)
        ]

    def _is_derived(self, kind: Kind | None, value: str, origin: _Origin) -> bool:
        if kind is not None and kind.name == "time":
            moment = read_time(value, zone=None)
            return any(moment in _moments(text, zone) for text in origin.moments for zone in self.zones)
        if kind is not None and kind.name == "country" and value in {*map(clean_country, origin.texts)}:
            return True
        if kind is not None and kind.name in {"money", "decimal", "integer"}:
            return any(_has_same_digits(value, leaf) for leaf in origin.leaves)
        if kind is not None and kind.is_derived:
            return any(value in str(leaf) for leaf in origin.leaves)
        return self._is_of_texts(value, origin)

    def _is_of_texts(self, value: str, origin: _Origin) -> bool:
        """Whether a value is part of a longer text, or several texts together."""
        # An id at the end of an address, a number before its extension.
        piece = re.compile(rf"(?<!\w){re.escape(value)}(?!\w)", re.IGNORECASE)
        cut = re.compile(rf"(?<!\w){re.escape(value)}\s*(?:x|ext)", re.IGNORECASE)
        if any(piece.search(text) or cut.search(text) for text in origin.texts):
            return True
        if self.joins_texts and any(value.removeprefix(text) in origin.texts for text in origin.texts):
            return True
        words = value.casefold().split()
        return len(words) > 1 and all(self._is_word(word, origin) for word in words)

    def _is_word(self, word: str, origin: _Origin) -> bool:
        """Whether a word is in a text or in the mapping file; the separator of ``join_text(', ', …)`` may follow it."""
        words = (word, *(word.removesuffix(separator) for separator in self.separators))
        return any(word in origin.words or word in self.constants for word in words)


class _Origin:
    """The native values of one record.

    Args:
        leaves: the values; none is null.
    """

    def __init__(self, leaves: list[Any]) -> None:
        self.leaves = leaves
        self.texts = [leaf for leaf in leaves if isinstance(leaf, str)]
        self.known = set(map(fold, leaves))
        self.known |= {fold(html.unescape(text)) for text in self.texts if "&" in text}

    @cached_property
    def moments(self) -> set[str]:
        """The values that may be a time."""
        numbers = (str(leaf) for leaf in self.leaves if isinstance(leaf, int | float) and not isinstance(leaf, bool))
        return {*self.texts, *numbers}

    @cached_property
    def words(self) -> set[str]:
        """The words of the texts."""
        return {word.casefold() for text in self.texts for word in text.split()}


def _computed(under_test: ProviderUnderTest) -> Iterator[str]:
    """The fields and parts that a mapping computes from several amounts, so that no leaf holds them."""
    rules = under_test.config.response_mapping
    for label in mapped_names(rules):
        texts = [rule.expression.text for rule in rules_at(rules, label) if isinstance(rule, ValueRule)]
        if any(f"{name}(" in text for name in _ARITHMETIC for text in texts):
            yield label


def _names_in(value: Any) -> Iterator[str]:
    """The keys of every object, which the function ``entries`` reads."""
    if isinstance(value, dict):
        yield from value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _names_in(inner)


def fold(value: Any) -> str:
    """The text by which a native value and a unified value are compared."""
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
