"""Reads every value of a unified record with its path and its kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from truto_unify.config.field_rules import ValueRule, tables_of
from truto_unify.models.fields import Kind, field_kinds
from truto_unify.testing.native_json import show_path, walk_leaves

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from truto_unify.config.field_rules import ObjectRule, Rule
    from truto_unify.testing.provider_under_test import ProviderUnderTest

Leaf = tuple[str, Kind | None, Any]


@dataclass(frozen=True, slots=True)
class _Form:
    """What is known of a field or a part before any record is seen.

    Attributes:
        kind: the kind of its values; None if nothing declares it.
        parts: the forms of its parts, for an object or a list of objects; None for a value or a list of values.
    """

    kind: Kind | None
    parts: Mapping[str, _Form] | None


_UNKNOWN = _Form(None, None)


class RecordLeaves:
    """The leaves of a mapping's records.

    Args:
        under_test: the provider and resource of the mapping.
    """

    def __init__(self, under_test: ProviderUnderTest) -> None:
        kinds = field_kinds(under_test.mapping.schema.record)
        self._forms = _forms(kinds, {name: [rule] for name, rule in under_test.config.response_mapping.items()})

    def of(self, record: Mapping[str, Any]) -> Iterator[Leaf]:
        """Every value of a unified record that is not null, with its path and its kind; without ``remote_data``.

        A field that an overlay adds has the kind that its rule declares, or None.
        """
        yield from _leaves("", {name: value for name, value in record.items() if name != "remote_data"}, self._forms)


def _forms(kinds: Mapping[str, Kind], rules: Mapping[str, Sequence[Rule]]) -> dict[str, _Form]:
    forms = {}
    for name in dict.fromkeys((*kinds, *rules)):
        own = rules.get(name, ())
        kind = kinds.get(name) or next(map(_added_kind, own), None)
        tables: list[ObjectRule] = [table for rule in own for table in tables_of(rule)]
        if not tables or (kind is not None and kind.item is None):
            forms[name] = _Form(kind.of or kind if kind is not None else None, None)
            continue
        names = dict.fromkeys(part for table in tables for part in table.parts)
        below = {part: [table.parts[part] for table in tables if part in table.parts] for part in names}
        forms[name] = _Form(kind, _forms(kind.parts if kind is not None else {}, below))
    return forms


def _added_kind(rule: Rule | None) -> Kind | None:
    if not isinstance(rule, ValueRule) or rule.type is None or rule.type == "raw":
        return None
    return Kind(rule.type)


def _leaves(above: str, values: Mapping[str, Any], forms: Mapping[str, _Form]) -> Iterator[Leaf]:
    for name, value in values.items():
        if value is None:
            continue
        form, label = forms.get(name, _UNKNOWN), f"{above}{name}"
        if form.parts is None and not isinstance(value, dict | list):
            yield label, form.kind, value
        elif form.parts is None:
            yield from ((f"{label}{path}", form.kind, leaf) for path, leaf in _plain_leaves(value))
        elif isinstance(value, list):
            for index, element in enumerate(value):
                yield from _leaves(f"{label}[{index}].", element, form.parts)
        else:
            yield from _leaves(f"{label}.", value, form.parts)


def _plain_leaves(value: Any) -> Iterator[tuple[str, Any]]:
    for path, leaf in walk_leaves(value):
        if leaf is not None:
            shown = show_path(path)
            yield shown if shown.startswith("[") else f".{shown}", leaf
