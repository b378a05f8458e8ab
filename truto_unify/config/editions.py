"""Tells which edition of a mapping an account's context chooses, and which context chooses an edition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from truto_unify.config.provider import FieldDeclaration

Edition = tuple[str, str]
"""A field of an account's context, and the value for which a mapping file has a layer of its own."""


def choose_edition(
    editions: Mapping[str, Mapping[str, Any]], fields: Mapping[str, FieldDeclaration], context: Mapping[str, str]
) -> Edition | None:
    """The first edition of which the context has the value; None for the file as it is."""
    for field, layers in editions.items():
        value = _context_value(fields, field, context)
        if isinstance(value, str) and value in layers:
            return field, value
    return None


def _context_value(fields: Mapping[str, FieldDeclaration], name: str, context: Mapping[str, str]) -> str | None:
    """The value of a context field as addresses and expressions read it: with its default, or derived from another."""
    declared = fields.get(name)
    if declared is not None and declared.derived is not None:
        source = _context_value(fields, declared.derived.source, context)
        return declared.derived.table.get(source) if source is not None else None
    value = context.get(name)
    return declared.default if value in {None, ""} and declared is not None else value


def context_of_edition(edition: Edition, fields: Mapping[str, FieldDeclaration]) -> dict[str, str]:
    """The context field, and its value, by which an account has an edition; of a derived field, that of its source."""
    name, value = edition
    declared = fields.get(name)
    if declared is None or declared.derived is None:
        return {name: value}
    sources = [source for source, derived in declared.derived.table.items() if derived == value]
    return context_of_edition((declared.derived.source, sources[0]), fields) if sources else {}


def edition_label(edition: Edition) -> str:
    """An edition for people, such as ``catalog: v3``."""
    return ": ".join(edition)
