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
    from collections.abc import Mapping

    from pydantic.fields import FieldInfo

KindName = Literal["id", "text", "time", "country", "status", "money", "boolean", "list"]


@dataclass(frozen=True, slots=True)
class Kind:
    """The nature of a field.

    Attributes:
        name: which rule its values follow.
        item: the model of a list's elements.
        values: the declared values of a status; any other value passes unchanged.
        elements: which elements of a list stay: ``emails`` and ``phones`` drop blanks and repeats,
            ``addresses`` drops elements that name no place, ``all`` drops none.
        is_derived: whether the engine fills the part from another one, so that a mapping may leave it out.
    """

    name: KindName
    item: type[BaseModel] | None = None
    values: tuple[str, ...] = ()
    elements: Literal["emails", "phones", "addresses", "all"] = "all"
    is_derived: bool = False


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


Id = Annotated[str, Kind("id")]
OptionalId = Annotated[str | None, Kind("id")]
Text = Annotated[str | None, Kind("text")]
Country = Annotated[str | None, Kind("country")]
Status = Annotated[str | None, Kind("status")]
Money = Annotated[str | None, Kind("money")]
Flag = Annotated[bool | None, Kind("boolean")]
Time = Annotated[
    Annotated[AwareDatetime, PlainSerializer(format_time, return_type=str, when_used="json")] | None,
    Kind("time"),
]


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
