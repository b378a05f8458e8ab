"""Checks the answer to the filters that a provider is said to serve exactly.

A provider, a proxy or a plugin that ignores a filter returns records of other people. The check costs nothing where the
listed record holds the field.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from truto_unify.engine.local_query import contradicts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from truto_unify.models.resource import ResourceSchema
    from truto_unify.types import Filter, PlanEntry


@dataclass(slots=True)
class ExactFilters:
    """The exact native filters of one list call, and the records that contradict them.

    Attributes:
        filters: each filter with its parameter, as callers write it.
        schema: of the unified resource.
        misses: by parameter, the records so far that the provider returned although the filter excludes them.
    """

    filters: Sequence[tuple[str, Filter]]
    schema: ResourceSchema
    misses: Counter[str] = field(default_factory=Counter)

    def accepts(self, record: Mapping[str, Any]) -> bool:
        """Whether a unified record contradicts no filter; a contradiction is counted."""
        if not self.filters:
            return True
        broken = [name for name, condition in self.filters if contradicts(record, condition, self.schema)]
        self.misses.update(broken)
        return not broken

    def ignored_by(self, records: Sequence[Mapping[str, Any]]) -> str | None:
        """The parameter that every one of these records contradicts; None if there is none."""
        for name, condition in self.filters if records else ():
            if all(contradicts(record, condition, self.schema) for record in records):
                return name
        return None

    def counted(self, entries: Sequence[PlanEntry]) -> tuple[PlanEntry, ...]:
        """The entries of the plan with the number of records that were left out."""
        return tuple(replace(entry, misses=self.misses[entry.parameter]) for entry in entries)
