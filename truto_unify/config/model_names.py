"""The names that unified resources, their fields and their filters may have.

They are parts of URLs and of folders, attributes of records, and keyword arguments of calls.
"""

from __future__ import annotations

import re
from keyword import iskeyword
from typing import TYPE_CHECKING

from pydantic import BaseModel

from truto_unify.config.field_rules import RULE_KEYS
from truto_unify.models.query_values import LIST_OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_FORM = "use lower-case letters, digits and _, with a letter first, and at most 60 of them"
_NOTES_PATH = "meta"
"""``/unified/meta/{model}/{integration}`` is a page of the service."""
_FIXED_ARGUMENTS = frozenset({*LIST_OPTIONS, "integrated_account_id", "key_by"})
_FIXED_PREFIXES = ("truto_", "unify_")
_SOURCE_KEYS = frozenset({*RULE_KEYS, "each", "map"})


def resource_name_fault(name: str, others: Iterable[str] = ()) -> str | None:
    """Why a resource cannot be called so; None if it can.

    Args:
        name: ``model/resource``.
        others: the names of all resources.

    >>> resource_name_fault("ticketing/events")
    >>> resource_name_fault("Ticketing/events")
    '"Ticketing" cannot name a model: use lower-case letters, digits and _, with a letter first, and at most 60 of them'
    """
    model, slash, resource = name.partition("/")
    if not slash:
        return f'"{name}" is not the name of a resource, which is model/resource, as ticketing/events'
    for word, what in ((model, "model"), (resource, "resource")):
        if not _NAME.fullmatch(word):
            return f'"{word}" cannot name a {what}: {_FORM}'
    if model == _NOTES_PATH:
        return f'"{model}" cannot name a model: the service has pages of its own below /unified/{_NOTES_PATH}'
    flat = name.replace("/", "_")
    twin = next((other for other in others if other != name and other.replace("/", "_") == flat), None)
    if twin is not None:
        return f'"{name}" and "{twin}" are the same without the slash, as operations of the service are called'
    return None


def field_name_fault(name: str, *, is_part: bool = False, model: type[BaseModel] = BaseModel) -> str | None:
    """Why a field cannot be called so; None if it can.

    Args:
        name: the field, or the part of an object or of a list's elements.
        is_part: whether it is a part.
        model: the model that the field is added to.

    >>> field_name_fault("starts_at")
    >>> field_name_fault("from")
    '"from" is a word of Python, so that no record can have it as an attribute'
    """
    if not _NAME.fullmatch(name):
        return f'"{name}" cannot name a field: {_FORM}'
    if name == "remote_data":
        return "remote_data is always the native record; every resource has it"
    if iskeyword(name):
        return f'"{name}" is a word of Python, so that no record can have it as an attribute'
    if hasattr(model, name):
        return f'"{name}" is a method of records, as of every pydantic model'
    if is_part and name in _SOURCE_KEYS:
        return f'"{name}" has a meaning of its own in a mapping, which could not fill a part of this name'
    return None


def filter_name_fault(name: str) -> str | None:
    """Why a filter cannot be called so; None if it can.

    >>> filter_name_fault("venue_name")
    >>> filter_name_fault("limit")
    '"limit" is another argument of a list; a filter needs a name of its own'
    """
    if not _NAME.fullmatch(name) or iskeyword(name):
        return f'"{name}" cannot name a filter: {_FORM}, and no word of Python'
    if name in _FIXED_ARGUMENTS:
        return f'"{name}" is another argument of a list; a filter needs a name of its own'
    if name.startswith(_FIXED_PREFIXES):
        return f'"{name}" cannot name a filter: names that begin with {" or ".join(_FIXED_PREFIXES)} are options'
    return None
