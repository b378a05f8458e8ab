"""The schema of a unified resource: its record model, its filters and its sorts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, Literal

from pydantic import BaseModel
from typing_extensions import TypeVar

PartKind = Literal["text", "phone", "integer", "boolean"]
RecordModel = TypeVar("RecordModel", bound=BaseModel)
RecordModel_co = TypeVar("RecordModel_co", bound=BaseModel, covariant=True, default=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceSchema(Generic[RecordModel_co]):
    """A unified resource.

    Attributes:
        name: ``model/resource``, the folder of its mappings and its path in the URL.
        record: the pydantic model of one record.
        text_filters: filters that compare a text field of the record.
        time_filters: filters that compare an instant of the record.
        inner_filters: filters that look inside a list or an object: name -> (field, text part).
        element_filters: filters that describe an element of a list: name -> its parts.
        sorts: fields that ``sort_by`` may name.
        custom_fields: fields that an overlay adds to the model; a mapping need not fill them.
        brief: the columns of a short table, from the most to the least important: header -> place in the record, as
            ``customer.emails.email``. If it is empty, each field that is one value is a column.
    """

    name: str
    record: type[RecordModel_co]
    text_filters: tuple[str, ...] = ()
    time_filters: tuple[str, ...] = ()
    inner_filters: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    element_filters: Mapping[str, Mapping[str, PartKind]] = field(default_factory=dict[str, Mapping[str, PartKind]])
    sorts: tuple[str, ...] = ()
    custom_fields: frozenset[str] = frozenset()
    brief: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def filter_names(self) -> tuple[str, ...]:
        """Every filter by the name callers use, element parts as ``emails[][type]``."""
        parts = [f"{name}[][{part}]" for name, kinds in self.element_filters.items() for part in kinds]
        return (*self.time_filters, *self.text_filters, *self.inner_filters, *parts)
