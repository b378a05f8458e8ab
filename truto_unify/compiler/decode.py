"""Makes a decoder that builds from JSON just what a mapping reads, as structs with one slot for each key.

A record whose shape does not fit (a text where an object is read) raises ``msgspec.ValidationError``; whoever calls
decodes it in full instead. https://jcristharif.com/msgspec/structs.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from truto_unify.compiler.reading import InconsistentReading

if TYPE_CHECKING:
    from collections.abc import Mapping

    from truto_unify.compiler.reading import Reading


def record_type(root: Reading, attributes: Mapping[str, str]) -> type[msgspec.Struct]:
    """The struct of a record.

    Args:
        root: what is read of the record; settled.
        attributes: the slot of each key.

    Raises:
        InconsistentReading: the record is wanted as a whole, or a key is nothing that the decoder can look for.
    """
    if root.kind != "object":
        raise InconsistentReading("the whole record is read")
    try:
        made: type[msgspec.Struct] = _type_of(root, attributes, {})
    except (ValueError, TypeError) as error:
        raise InconsistentReading(str(error)) from None
    return made


def _type_of(place: Reading, attributes: Mapping[str, str], made: dict[int, Any]) -> Any:
    place = place.find()
    if place.kind == "any":
        return str | None if place.is_text else Any
    if id(place) not in made:
        if place.kind == "list":
            made[id(place)] = list[_optional(_type_of(place.element(), attributes, made))]  # type: ignore[misc]
        else:
            keys = {key: one for key, one in place.keys.items() if key in attributes}
            fields = [(attributes[key], _optional(_type_of(one, attributes, made)), None) for key, one in keys.items()]
            made[id(place)] = msgspec.defstruct(
                "Read", fields, rename={attributes[key]: key for key in keys}, gc=False, frozen=True
            )
    return made[id(place)]


def _optional(kind: Any) -> Any:
    return kind if kind is Any else kind | None
