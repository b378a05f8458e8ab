"""The types of query arguments: the values of filters, and the options that every resource has.

They are keyword arguments of the clients, which check them at run time too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal, TypedDict

from truto_unify.types import OnRecordError, Unsupported

TextValue = str | int | float
"""A number means its text, as in ``number=41223344``."""
TimeValue = str | date
"""ISO 8601, a ``datetime`` or a ``date``; UTC if it has no zone."""

ModelFormat = Literal["unified", "stream"]
"""Response formats whose records are models."""
DictFormat = Literal["raw", "normalized"]
"""Response formats whose records are dictionaries."""


class TimeOperators(TypedDict, total=False):
    """Bounds of an instant."""

    eq: TimeValue
    gt: TimeValue
    gte: TimeValue
    lt: TimeValue
    lte: TimeValue


TextOperators = TypedDict(
    "TextOperators", {"eq": TextValue, "in": TextValue | Sequence[TextValue], "like": TextValue}, total=False
)
"""Comparisons of a text; ``like`` finds a part of it."""

TimeFilter = TimeValue | TimeOperators
TextFilter = TextValue | Sequence[TextValue] | TextOperators


class GetOptions(TypedDict, total=False):
    """Options of a get, beside those whose type depends on the resource; None means "not given".

    Attributes:
        ignore_remote_data: leaves ``remote_data`` out.
        remote_query: native parameters by name, added to the request as they are.
        side_load: names of side loads of the mapping.
    """

    ignore_remote_data: bool | None
    remote_query: Mapping[str, Any] | None
    side_load: str | Sequence[str] | None


class ListOptions(GetOptions, total=False):
    """Options of a list, beside those whose type depends on the resource; None means "not given".

    Attributes:
        limit: records on the page at most.
        ignore_limit: ignores ``limit``.
        next_cursor: from the page before.
        unsupported: whether a filter or sort that the provider does not serve is emulated, an error, or ignored.
        on_record_error: whether a record that breaks the mapping is an error, left out, or kept raw.
    """

    limit: int | None
    ignore_limit: bool | None
    next_cursor: str | None
    unsupported: Unsupported | None
    on_record_error: OnRecordError | None


_SHAPING = ("exclude_fields", "response_format")
"""Options whose type depends on the resource."""
GET_OPTIONS = (*GetOptions.__annotations__, *_SHAPING)
LIST_OPTIONS = (*ListOptions.__annotations__, "sort_by", *_SHAPING)
