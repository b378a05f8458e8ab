"""One page of a Shopify connection: arguments, order, cursors and pageInfo.

https://shopify.dev/docs/api/usage/pagination-graphql
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from graphql import GraphQLError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

R = TypeVar("R")
SortValue = str | int | float | list[str | None]

MAX_PAGE_SIZE = 250


@dataclass(frozen=True, slots=True)
class PageArguments:
    """The arguments that every connection takes."""

    first: int | None = None
    last: int | None = None
    after: str | None = None
    before: str | None = None
    reverse: bool | None = False


@dataclass(frozen=True, slots=True)
class RecordConnection(Generic[R]):
    """A GraphQL connection: the ids, the order and the rendering of its records."""

    read_id: Callable[[R], int]
    read_sort_value: Callable[[R], SortValue]
    render: Callable[[R], dict[str, object]]

    def page(self, records: Sequence[R], arguments: PageArguments) -> dict[str, object]:
        """Cut one page.

        Args:
            records: All records of the connection, in any order.
            arguments: The arguments of the connection.

        Returns:
            ``edges``, ``nodes`` and ``pageInfo``.

        Raises:
            GraphQLError: Shopify refuses an argument or a combination of arguments.
        """
        check_page_size(arguments)
        ordered = sorted(records, key=self._rank, reverse=bool(arguments.reverse))
        start, end = 0, len(ordered)
        if arguments.after is not None:
            start = self._count_until(ordered, arguments.after, arguments, inclusive=True)
        if arguments.before is not None:
            end = self._count_until(ordered, arguments.before, arguments, inclusive=False)
        end = max(start, end)
        if arguments.first is not None:
            end = min(end, start + arguments.first)
        elif arguments.last is not None:
            start = max(start, end - arguments.last)
        window = ordered[start:end]
        edges = [{"cursor": self._write_cursor(record), "node": self.render(record)} for record in window]
        return {
            "edges": edges,
            "nodes": [edge["node"] for edge in edges],
            "pageInfo": {
                "hasNextPage": end < len(ordered),
                "hasPreviousPage": start > 0,
                "startCursor": edges[0]["cursor"] if edges else None,
                "endCursor": edges[-1]["cursor"] if edges else None,
            },
        }

    def _rank(self, record: R) -> tuple[object, int]:
        return _order_value(self.read_sort_value(record)), self.read_id(record)

    def _write_cursor(self, record: R) -> str:
        content = {"last_id": self.read_id(record), "last_value": self.read_sort_value(record)}
        return base64.b64encode(json.dumps(content, separators=(",", ":")).encode()).decode()

    def _count_until(self, ordered: Sequence[R], cursor: str, arguments: PageArguments, *, inclusive: bool) -> int:
        """The number of records before a cursor's position; the record of the cursor may be deleted."""
        example = self.read_sort_value(ordered[0]) if ordered else None
        place = _read_cursor(cursor, example)
        ranks = [self._rank(record) for record in ordered]
        passed = [rank > place if arguments.reverse else rank < place for rank in ranks]
        return sum(passed) + (inclusive and place in ranks)


def check_page_size(arguments: PageArguments) -> None:
    """Check the page size.

    Args:
        arguments: The arguments of the connection.

    Raises:
        GraphQLError: Neither or both of first and last are given, or one is out of bounds.
    """
    if arguments.first is None and arguments.last is None:
        raise bad_request("you must provide one of first or last")
    if arguments.first is not None and arguments.last is not None:
        raise bad_request("providing both first and last is not supported")
    name = "last" if arguments.first is None else "first"
    size = arguments.last if arguments.first is None else arguments.first
    if size is not None and not 0 <= size <= MAX_PAGE_SIZE:
        # The limit is documented, the message is not.
        raise bad_request(f"{name} must be between 0 and {MAX_PAGE_SIZE}")


def bad_request(message: str) -> GraphQLError:
    """An error with the code that Shopify gives to refused arguments."""
    return GraphQLError(message, extensions={"code": "BAD_REQUEST"})


def _read_cursor(cursor: str, example: SortValue | None) -> tuple[object, int]:
    """A cursor belongs to its sort key: its value must have the type of this sort's values."""
    try:
        content = json.loads(base64.b64decode(cursor, validate=True))
        last_id, value = int(content["last_id"]), content["last_value"]
    except (binascii.Error, ValueError, TypeError, KeyError) as error:
        raise bad_request("Invalid cursor for current pagination sort.") from error
    if example is not None and _type_of(value) != _type_of(example):
        raise bad_request("Invalid cursor for current pagination sort.")
    return _order_value(value), last_id


def _type_of(value: object) -> str:
    if isinstance(value, str):
        return "digits" if value.isdigit() else "text"
    return type(value).__name__


def _order_value(value: SortValue) -> object:
    # A missing country, province or city sorts last.
    return tuple((part is None, part or "") for part in value) if isinstance(value, list) else value
