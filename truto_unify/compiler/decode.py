"""Builds a decoder that parses from JSON only what a mapping reads, into structs with one slot for each key.

A record whose shape does not fit (a text where an object is expected) raises ``msgspec.ValidationError``; the caller
then decodes it in full. https://jcristharif.com/msgspec/structs.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from truto_unify.compiler.access_path import InconsistentAccess

if TYPE_CHECKING:
    from collections.abc import Mapping

    from truto_unify.compiler.access_path import AccessPath


def record_type(root: AccessPath, attributes: Mapping[str, str]) -> type[msgspec.Struct]:
    """The struct of a record.

    Args:
        root: what is read of the record; frozen.
        attributes: the slot of each key.

    Raises:
        InconsistentAccess: the mapping reads the whole record, or a key that msgspec cannot look up.
    """
    if root.kind != "object":
        raise InconsistentAccess("the whole record is read")
    try:
        struct: type[msgspec.Struct] = _type_of(root, attributes, {})
    except (ValueError, TypeError) as error:
        raise InconsistentAccess(str(error)) from None
    return struct


def _type_of(path: AccessPath, attributes: Mapping[str, str], types: dict[int, Any]) -> Any:
    """The type of the values at a path; ``types`` are those of the paths that came before."""
    path = path.resolve()
    if path.kind == "any":
        return str | None if path.is_text else Any
    if id(path) not in types:
        if path.kind == "list":
            types[id(path)] = list[_optional(_type_of(path.element(), attributes, types))]  # type: ignore[misc]  # the type is made at run time
        else:
            keys = {key: value for key, value in path.keys.items() if key in attributes}
            fields = [
                (attributes[key], _optional(_type_of(value, attributes, types)), None) for key, value in keys.items()
            ]
            types[id(path)] = msgspec.defstruct(
                "Read", fields, rename={attributes[key]: key for key in keys}, gc=False, frozen=True
            )
    return types[id(path)]


def _optional(kind: Any) -> Any:
    return kind if kind is Any else kind | None
