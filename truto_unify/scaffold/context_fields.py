"""Adds context fields to a drafted provider file."""

from __future__ import annotations

from typing import Any

from truto_unify.scaffold.vocabulary import snake


def add_context_field(context: dict[str, Any], native_name: str, example: str = "demo") -> str:
    """Adds a context field for a part of requests that differs between accounts.

    Args:
        context: the context fields of the provider file, which gets the new one.
        native_name: what the provider calls the part.
        example: a value of the field.

    Returns:
        The placeholder that reads the field.

    >>> context = {}
    >>> add_context_field(context, "storeHash"), context
    ('{context.store_hash}', {'store_hash': {'title': 'Store hash', 'example': 'demo'}})
    """
    name = snake(native_name)
    context[name] = {"title": name.replace("_", " ").capitalize(), "example": example}
    return f"{{context.{name}}}"
