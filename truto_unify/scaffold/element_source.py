"""The guess about a unified list or object: the rules of its sources, the paths that they read, the missing parts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from truto_unify.scaffold.shape import expression_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from truto_unify.models.fields import Kind
    from truto_unify.scaffold.guess import Guess
    from truto_unify.scaffold.shape import Path


@dataclass
class NestedGuess:
    """The guess about one unified list or object.

    Attributes:
        guess: the rules of its sources, or of its parts.
        missing: the parts at any depth without a native field, each with the reason.
        read: the native paths that the guess reads.
    """

    guess: Guess
    missing: dict[str, str] = field(default_factory=dict)
    read: set[Path] = field(default_factory=set)


@dataclass
class ElementSource:
    """A native path whose value becomes one or more elements of a unified list.

    Attributes:
        path: from the record; () is the record itself.
        is_list: whether it is a native list.
        parts: the rule of each unified part, evaluated in an element.
        read: the native paths that the parts read, from an element.
    """

    path: Path
    is_list: bool
    parts: dict[str, Any]
    read: set[Path]

    @property
    def expression(self) -> str:
        """The path as JMESPath."""
        return expression_of(self.path)

    @property
    def rule(self) -> dict[str, Any]:
        """The source as a mapping file writes it: with "each" for a list, with parts below the path for an object."""
        if self.is_list:
            return {"each": self.expression, **self.parts}
        return {part: below_path(self.path, rule) for part, rule in self.parts.items()}


def missing_parts(kind: Kind, sources: list[dict[str, Any]], where: str) -> dict[str, str]:
    """The parts at any depth that no source has, each with the reason."""
    missing: dict[str, str] = {}
    for part, part_kind in kind.parts.items():
        rules = [source[part] for source in sources if part in source]
        if not rules and not part_kind.is_derived:
            missing[part] = f"nothing like it was seen in {where}"
        elif rules and part_kind.item is not None:
            inner = [source for rule in rules for source in (rule if isinstance(rule, list) else [rule])]
            further = missing_parts(part_kind, inner, f"{where}.{part}")
            missing |= {f"{part}.{name}": reason for name, reason in further.items()}
    return missing


def below_path(path: Path, rule: Any) -> Any:
    """A rule of an element's part, rewritten for the record that holds the element.

    >>> below_path(("billing",), "code || country"), below_path((), "city")
    ('billing.code || billing.country', 'city')
    >>> below_path(("billing",), "when(main, 'default')")
    "when(billing.main, 'default')"
    >>> below_path(("buyer",), "when(id != `0`, id)")
    'when(buyer.id != `0`, buyer.id)'
    >>> below_path(("refund",), "from_minor_units(sum, record.currency)")
    'from_minor_units(refund.sum, record.currency)'
    >>> below_path(("refund",), "divide_decimals(sum.amount, sum.divisor)")
    'divide_decimals(refund.sum.amount, refund.sum.divisor)'
    >>> below_path(("buyer",), [{"each": "mails", "email": "@"}, {"email": "mail", "type": {"const": "main"}}])
    [{'each': 'buyer.mails', 'email': '@'}, {'email': 'buyer.mail', 'type': {'const': 'main'}}]
    """
    if isinstance(rule, list):
        return [below_path(path, source) for source in rule]
    if isinstance(rule, dict):
        if "const" in rule:
            return rule
        first = next((key for key in ("each", "expr") if key in rule), None)
        parts = (first,) if first is not None else tuple(rule)
        return rule | {part: below_path(path, rule[part]) for part in parts}
    return _text_below(expression_of(path), rule) if path else rule


def _text_below(before: str, rule: str) -> str:
    if re.match(r"(from_minor_units|divide_decimals|shift_decimal)\(", rule) is not None:
        return re.sub(r"(?<=[(, ])(?!record\.)[A-Za-z_\"][^ ,()]*(?=[,)])", lambda match: f"{before}.{match[0]}", rule)
    call = re.match(r"\w+\(([^ ,()]+)[ ,)]", rule)
    if call is not None:
        return re.sub(rf"(?<![\w.'`]){re.escape(call[1])}(?![\w'(])", lambda match: f"{before}.{match[0]}", rule)
    return " || ".join(f"{before}.{alternative}" for alternative in rule.split(" || "))


def with_names(rule: Any, names: Mapping[str, str]) -> Any:
    """A rule with other names for the fields of the record that it reads.

    >>> with_names([{"email": "email", "type": {"const": "email"}}], {"email": "buyer_email"})
    [{'email': 'buyer_email', 'type': {'const': 'email'}}]
    """
    if isinstance(rule, list):
        return [with_names(source, names) for source in rule]
    if isinstance(rule, dict):
        return rule if "const" in rule else {part: with_names(inner, names) for part, inner in rule.items()}
    if not isinstance(rule, str):
        return rule
    return re.sub(r"(?<![\w.'`\"])[A-Za-z_]\w*(?![\w'(])", lambda match: names.get(match[0], match[0]), rule)
