"""Recognises a GraphQL list with a count in a sample."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from truto_unify.scaffold.envelope import guess_ends, write_path
from truto_unify.scaffold.guess import Guess

if TYPE_CHECKING:
    from truto_unify.scaffold.envelope import Records

_MIN_DEPTH = 3
"""Steps to a GraphQL list: data, a call, its list. The list of a REST API needs fewer."""


def guess_counted_list(document: Any, records: Records) -> Guess | None:
    """Paging by skip and take; None unless the answer has all values below data, and a count beside its records.

    Args:
        document: a native answer.
        records: the records in it.

    >>> from truto_unify.scaffold.envelope import Records
    >>> body = {"data": {"customers": {"items": [{}], "totalItems": 60}}}
    >>> guess_counted_list(body, Records(("data", "customers", "items"), [{}], is_list=True)).value["total_path"]
    'data.customers.totalItems'
    """
    if not isinstance(document, dict) or not {*document} <= {"data", "extensions"} or len(records.path) < _MIN_DEPTH:
        return None
    total = guess_ends(document, records).get("total_path")
    if total is None or total != write_path((*records.path[:-1], str(total).rpartition(".")[2])):
        return None
    rule = {
        "type": "offset",
        "offset_body_path": "variables.skip",
        "page_size_body_path": "variables.take",
        "max_page_size": 100,
        "total_path": total,
    }
    return Guess(rule, "a GraphQL list with its count; the names of skip and take and max_page_size were not seen")
