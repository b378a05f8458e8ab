"""Numbered pages of BigCommerce's version 3."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeVar

from truto_unify.sandbox.bigcommerce.query import read_limit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from truto_unify.sandbox.bigcommerce.query import Query

Row = TypeVar("Row")
PAGING = ("page", "limit", "after", "before")


def numbered_page(
    query: Query, rows: Sequence[Row], limit: int | None = None
) -> tuple[Sequence[Row], dict[str, object]]:
    """The rows of a page, and the part ``pagination`` of ``meta``.

    Args:
        query: has the number of the page.
        rows: the whole list.
        limit: the size of a page, if it is not the one of the query.
    """
    limit = limit or read_limit(query)
    number = query.number("page", 1, minimum=1)
    page = rows[(number - 1) * limit : number * limit]
    last = max(1, math.ceil(len(rows) / limit))  # recorded: an empty list still has one page
    pagination: dict[str, object] = {
        "total": len(rows),
        "count": len(page),
        "per_page": limit,
        "current_page": number,
        "total_pages": last,
    }
    if last > 1:
        links = {"previous": number - 1, "current": number, "next": number + 1}
        pagination["links"] = {
            name: page_link(query, limit, f"page={target}")
            for name, target in links.items()
            if name == "current" or 1 <= target <= last
        }
    return page, pagination


def page_link(query: Query, limit: int, position: str) -> str:
    """The query string of another page of the same list."""
    return "?" + "&".join([*query.pairs_without(PAGING), f"limit={limit}", position])
