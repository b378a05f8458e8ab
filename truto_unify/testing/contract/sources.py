"""Tells whether a value of a unified record comes from its native record, or was invented by the mapping."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from truto_unify.config.field_rules import ValueRule, expressions_of, rules_of_part, value_rules
from truto_unify.models.fields import Kind, field_kinds
from truto_unify.testing.native_json import literals_in, show_path, walk_leaves
from truto_unify.values import read_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from truto_unify.config.field_rules import Rule
    from truto_unify.testing.provider_under_test import Subject

_TIME_FORMS = ("iso", "rfc2822", "epoch_seconds", "epoch_milliseconds")
_DIGITS = re.compile(r"\D+")


def record_leaves(subject: Subject, record: Mapping[str, Any]) -> Iterator[tuple[str, Kind | None, Any]]:
    """Every value of a unified record that is not null, with its place and its kind; ``remote_data`` left out.

    A field that an overlay adds has the kind that its rule gives it, or None.
    """
    kinds = field_kinds(subject.mapping.schema.record)
    rules = subject.config.response_mapping
    for name, value in record.items():
        if name == "remote_data":
            continue
        kind = kinds.get(name) or _added_kind(rules.get(name))
        if kind is None or kind.item is None or not isinstance(value, list):
            yield from ((f"{name}{place}", kind, one) for place, one in _plain_leaves(value))
            continue
        parts = field_kinds(kind.item)
        for index, item in enumerate(value):
            for part, one in item.items():
                if one is not None:
                    rule = next(iter(rules_of_part(rules.get(name), part)), None)
                    yield f"{name}[{index}].{part}", parts.get(part) or _added_kind(rule), one


def _added_kind(rule: Rule | None) -> Kind | None:
    if not isinstance(rule, ValueRule) or rule.type is None or rule.type == "raw":
        return None
    return Kind(rule.type)


def _plain_leaves(value: Any) -> Iterator[tuple[str, Any]]:
    found = walk_leaves(value) if isinstance(value, dict | list) else [((), value)]
    yield from ((f".{show_path(path)}" if path else "", one) for path, one in found if one is not None)


class Sources:
    """Where the values of one mapping's records may come from, beside the native record.

    Args:
        subject: the pair whose mapping counts.
    """

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.constants = {_fold(one) for one in _constants(subject) if not isinstance(one, dict | list)}
        self.zones = [UTC, *_zones(subject)]

    def invented(self, record: Mapping[str, Any], *origins: Any) -> list[tuple[str, Any]]:
        """(place, value) of what neither a native document nor the mapping file holds."""
        leaves = [value for origin in origins for _, value in walk_leaves({"": origin}) if value is not None]
        known = {_fold(value) for value in leaves}
        return [
            (place, value)
            for place, kind, value in record_leaves(self.subject, record)
            if not isinstance(value, bool)
            and (text := _fold(value)) not in known
            and text not in self.constants
            and not self._is_derived(kind, str(value), leaves)
        ]

    def _is_derived(self, kind: Kind | None, value: str, leaves: list[Any]) -> bool:
        if kind is not None and kind.name == "time":
            return self._is_time_of(value, leaves)
        if kind is not None and kind.name == "money":
            return any(_has_same_digits(value, one) for one in leaves)
        if kind is not None and kind.is_derived:
            return any(value in str(one) for one in leaves)
        # A piece of a longer text: an id at the end of an address, a number before its extension.
        piece = re.compile(rf"(?<!\w){re.escape(value)}(?!\w)", re.IGNORECASE)
        cut = re.compile(rf"(?<!\w){re.escape(value)}\s*(?:x|ext)", re.IGNORECASE)
        texts = [one for one in leaves if isinstance(one, str)]
        if any(piece.search(one) or cut.search(one) for one in texts):
            return True
        words = {word.casefold() for one in texts for word in one.split()} | self.constants
        return len(value.split()) > 1 and all(word.casefold() in words for word in value.split())

    def _is_time_of(self, value: str, leaves: list[Any]) -> bool:
        moment = read_time(value, zone=None)
        texts = {str(one) for one in leaves if isinstance(one, str | int | float) and not isinstance(one, bool)}
        return any(moment in _moments(text, zone) for text in texts for zone in self.zones)


def _fold(value: Any) -> str:
    return str(value).strip().casefold()


def _constants(subject: Subject) -> Iterator[Any]:
    for rule in subject.config.response_mapping.values():
        for expression in expressions_of(rule):
            yield from literals_in(expression.text)
        for one in value_rules(rule):
            yield from (one.enum or {}).values()
            yield from (value for value in (one.const, one.default) if value is not None)
    for expression in subject.config.define.values():
        yield from literals_in(expression.text)


def _zones(subject: Subject) -> Iterator[ZoneInfo]:
    context = subject.account.context
    for rule in subject.config.response_mapping.values():
        for one in value_rules(rule):
            name = one.zone or ""
            if name.startswith("{"):
                name = context.get(name.removeprefix("{context.").removesuffix("}"), "")
            if name not in {"", "utc", "in_value"}:
                yield ZoneInfo(name)


@lru_cache(maxsize=50_000)
def _moments(text: str, zone: Any) -> frozenset[datetime]:
    found = set()
    for form in _TIME_FORMS:
        try:
            found.add(read_time(text.strip(), zone=zone, form=form))
        except ValueError:
            continue
    return frozenset(found)


def _has_same_digits(value: str, native: Any) -> bool:
    """Whether an amount is a native one, perhaps in other units (cents)."""
    if isinstance(native, bool) or not isinstance(native, str | int | float):
        return False
    try:
        amount, other = Decimal(value), Decimal(str(native))
    except InvalidOperation:
        return False
    ours, theirs = (_DIGITS.sub("", format(one, "f")).strip("0") for one in (amount, other))
    return amount == other or ours == theirs
