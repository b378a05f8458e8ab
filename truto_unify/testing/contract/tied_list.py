"""A list in which records share a sort key across every page edge, as a provider without a second key gives it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from truto_unify.config.field_rules import ValueRule
from truto_unify.testing.native_json import paths_of, replace_node

if TYPE_CHECKING:
    import httpx

    from truto_unify.testing.contract.scripted_server import ListScript
    from truto_unify.testing.provider_under_test import ProviderUnderTest
    from truto_unify.types import Sort

_START = datetime(2024, 1, 1, tzinfo=UTC)
_FORMS = ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S")


@dataclass
class TiedList:
    """Serves a list in which the last record of each page has the sort key of the first record of the next page.

    Attributes:
        script: serves the records.
        size: the number of records on a page.
        is_steady: whether records of the same key keep their order; if not, they change places with each request.
        requests: the number of requests so far.
    """

    script: ListScript
    size: int
    is_steady: bool
    requests: int = field(default=0, init=False)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answers one request for a page."""
        records = self.script.records
        if self.requests and not self.is_steady:
            for edge in range(self.size, len(records), self.size):
                records[edge - 1], records[edge] = records[edge], records[edge - 1]
        self.requests += 1
        return self.script(request)


def plant_ties(under_test: ProviderUnderTest, records: list[Any], size: int, sort: Sort) -> list[Any] | None:
    """The records in the order of a sort, with equal keys at each page edge; None if no key can be written.

    Args:
        under_test: the pair to test.
        records: native records.
        size: the number of records on a page.
        sort: the order.
    """
    rule = under_test.config.response_mapping.get(sort.field)
    paths = paths_of(rule.expression.tree) if isinstance(rule, ValueRule) else []
    step = timedelta(days=1 if sort.direction == "asc" else -1)
    # The first record of a page has the key of the record before it.
    moments = [_START + step * (index - (index % size == 0)) for index in range(len(records))]
    for path in paths:
        for form in _FORMS:
            planted = [
                replace_node(record, path, moment.strftime(form))
                for record, moment in zip(records, moments, strict=True)
            ]
            result = under_test.mapper.map_record(planted[0])
            if result.fields.get(sort.field) is not None and not result.faults:
                return planted
    return None
