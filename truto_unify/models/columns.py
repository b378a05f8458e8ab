"""The columns of a table of records, derived from the annotations and kinds of a unified model."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

from pydantic import AwareDatetime, BaseModel

from truto_unify.frames import Column
from truto_unify.models.fields import Kind

if TYPE_CHECKING:
    from truto_unify.frames import ColumnKind

_SCALARS: tuple[tuple[Any, ColumnKind], ...] = (
    (str, "text"),
    (bool, "boolean"),  # before int, of which bool is a subclass
    (int, "integer"),
    (float, "number"),
    (Decimal, "money"),
    (datetime, "time"),
    (AwareDatetime, "time"),
)


@cache
def model_columns(model: type[BaseModel]) -> tuple[Column, ...]:
    """A column for each field of a model.

    >>> from truto_unify.models.ecommerce import CustomerOrder
    >>> [(column.name, column.kind) for column in model_columns(CustomerOrder)]
    [('id', 'text'), ('status', 'text'), ('total_amount', 'money')]
    """
    return tuple(_column(name, info.annotation, info.metadata) for name, info in model.model_fields.items())


def _column(name: str, annotation: Any, notes: Sequence[Any] = ()) -> Column:
    annotation, inner_notes = _unwrap(annotation)
    if any(isinstance(note, Kind) and note.name in {"money", "decimal"} for note in (*notes, *inner_notes)):
        return Column(name, "money")
    if get_origin(annotation) in (list, tuple, set, Sequence) and get_args(annotation):
        return Column(name, "list", (_column("item", get_args(annotation)[0]),))
    if not isinstance(annotation, type):
        return Column(name, "json")
    if issubclass(annotation, BaseModel):
        # Parquet has no objects without parts.
        return Column(name, "object", model_columns(annotation)) if annotation.model_fields else Column(name, "json")
    kinds: list[ColumnKind] = [kind for scalar, kind in _SCALARS if issubclass(annotation, scalar)]
    return Column(name, kinds[0] if kinds else "json")


def _unwrap(annotation: Any) -> tuple[Any, list[Any]]:
    """The type of an annotation without ``| None``, and what ``Annotated`` says about it."""
    notes: list[Any] = []
    while True:
        origin, arguments = get_origin(annotation), get_args(annotation)
        if origin is Annotated:
            annotation = arguments[0]
            notes += arguments[1:]
        elif origin in (Union, UnionType):
            present = [argument for argument in arguments if argument is not NoneType]
            if len(present) > 1:
                return Any, notes
            (annotation,) = present
        else:
            return annotation, notes
