"""The kinds of unified fields: which rules their values follow.

A kind is attached to a pydantic field with ``Annotated``. The mapper reads it and applies the rules of
``truto_unify.values``, so that the model alone says what a field holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AwareDatetime, BaseModel, PlainSerializer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic.fields import FieldInfo

KindName = Literal[
    "id", "text", "phone", "time", "country", "status", "money", "decimal", "integer", "boolean", "object", "list"
]


@dataclass(frozen=True, slots=True)
class Kind:
    """The nature of a field.

    Attributes:
        name: which rule its values follow.
        item: the model of an object, or of a list's elements.
        of: the kind of a list's values; None if its elements are objects.
        values: the declared values of a status; any other value passes unchanged.
        required: of a list, the parts of which an element must have one, or it is dropped; of an object, those of which
            it must have one, or it is null: if left out, any part counts for an object, and none for a list.
        unique: of a list, the parts that make two elements equal; the first of equal elements stays. They are equal if
            they have the same first part, as its kind compares it, and the other parts do not differ; null differs from
            nothing, and the element takes the parts that it lacks. True for a list of values.
        split_from: the part of kind ``phone`` whose extension this part takes, so that a mapping may leave it out.
    """

    name: KindName
    item: type[BaseModel] | None = None
    of: Kind | None = None
    values: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    unique: tuple[str, ...] | bool = False
    split_from: str | None = None

    @property
    def is_list(self) -> bool:
        """Whether its value is a list."""
        return self.name == "list"

    @property
    def is_derived(self) -> bool:
        """Whether the engine fills the part from another one."""
        return self.split_from is not None

    @property
    def parts(self) -> Mapping[str, Kind]:
        """The kinds of the parts of an object, or of a list's elements; empty for values."""
        return field_kinds(self.item) if self.item is not None else _NO_PARTS


_NO_PARTS: Mapping[str, Kind] = MappingProxyType({})


def format_time(moment: datetime) -> str:
    """RFC 3339 in UTC with ``Z``; a fraction only if it is not zero.

    >>> format_time(datetime(2024, 5, 2, 8, 0, 0, 120000, tzinfo=UTC))
    '2024-05-02T08:00:00.120Z'
    >>> format_time(datetime(2024, 5, 2, 8, 0, tzinfo=UTC))
    '2024-05-02T08:00:00Z'
    """
    moment = moment.astimezone(UTC).replace(tzinfo=None)
    if not moment.microsecond:
        return f"{moment.isoformat()}Z"
    return f"{moment.isoformat(timespec='microseconds' if moment.microsecond % 1000 else 'milliseconds')}Z"


Instant = Annotated[AwareDatetime, PlainSerializer(format_time, return_type=str, when_used="json")]
"""A time, which JSON holds as text."""

Id = Annotated[str, Kind("id")]
OptionalId = Annotated[str | None, Kind("id")]
Text = Annotated[str | None, Kind("text")]
Country = Annotated[str | None, Kind("country")]
Status = Annotated[str | None, Kind("status")]
Money = Annotated[str | None, Kind("money")]
Decimal = Annotated[str | None, Kind("decimal")]
Integer = Annotated[int | None, Kind("integer")]
Flag = Annotated[bool | None, Kind("boolean")]
Time = Annotated[Instant | None, Kind("time")]


@cache
def field_kinds(model: type[BaseModel]) -> Mapping[str, Kind]:
    """The kind of each field of a unified model, ``remote_data`` left out."""
    kinds = {name: _kind_of(name, info) for name, info in model.model_fields.items() if name != "remote_data"}
    return MappingProxyType(kinds)


def _kind_of(name: str, info: FieldInfo) -> Kind:
    kinds = [kind for kind in info.metadata if isinstance(kind, Kind)]
    if len(kinds) != 1:
        raise TypeError(f"unified field {name} has {len(kinds)} kinds instead of one")
    return kinds[0]


def nested_kinds(model: type[BaseModel]) -> Iterator[tuple[str, Kind]]:
    """The kind of each field of a unified model, and of each part below it, as ``customer.emails.email``."""
    for name, kind in field_kinds(model).items():
        yield name, kind
        if kind.item is not None:
            yield from ((f"{name}.{part}", inner) for part, inner in nested_kinds(kind.item))
