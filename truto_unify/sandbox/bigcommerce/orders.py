"""BigCommerce v2 orders: bare arrays, and an empty body if there are none.

https://docs.bigcommerce.com/docs/rest-management/orders
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from truto_unify.sandbox.bigcommerce.query import BigCommerceError, moment_test, parse_iso, read_limit
from truto_unify.sandbox.bigcommerce.records import customer_id, holdable, order_status_id, render_order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from truto_unify.sandbox.bigcommerce.query import Query
    from truto_unify.sandbox.people import Person, PurchaseOrder

    Row = tuple[Person, PurchaseOrder]

_NUMBERS: Mapping[str, Callable[[Row, int], bool]] = {
    "customer_id": lambda row, number: customer_id(row[0]) == number,
    "status_id": lambda row, number: order_status_id(row[1]) == number,
    "min_id": lambda row, number: row[1].number >= number,
    "max_id": lambda row, number: row[1].number <= number,
}
_MOMENTS = ("min_date_created", "max_date_created", "min_date_modified", "max_date_modified")
_SORTS: Mapping[str, Callable[[Row], float]] = {
    "id": lambda row: row[1].number,
    "customer_id": lambda row: customer_id(row[0]),
    "date_created": lambda row: row[1].created_at.timestamp(),
    "date_modified": lambda row: row[1].created_at.timestamp(),
    "status_id": lambda row: order_status_id(row[1]),
}
_PARAMETERS = frozenset(("page", "limit", "sort", "email", *_NUMBERS, *_MOMENTS))


def list_orders(query: Query, people: Iterable[Person]) -> list[dict[str, object]]:
    """Answer ``GET /v2/orders``; an empty list stands for 204 without a body.

    Raises:
        BigCommerceError: A parameter is unknown or its value is invalid.
    """
    if unknown := query.unknown(_PARAMETERS):
        raise BigCommerceError(400, f"The field '{unknown[0]}' is not supported by this resource.")
    limit = read_limit(query)
    number = query.number("page", 1, minimum=1)
    rows = _sort(query, all_orders(people))
    for test in _read_tests(query):
        rows = [row for row in rows if test(row)]
    return [render_order(*row) for row in rows[(number - 1) * limit : number * limit]]


def get_order(people: Iterable[Person], number: int) -> dict[str, object]:
    """Answer ``GET /v2/orders/{id}``.

    Raises:
        BigCommerceError: There is no such order.
    """
    return render_order(*find_order(people, number))


def find_order(people: Iterable[Person], number: int) -> Row:
    """The order with this number, and who placed it.

    Raises:
        BigCommerceError: There is no such order.
    """
    for row in all_orders(people):
        if row[1].number == number:
            return row
    raise BigCommerceError(404, "The requested resource was not found.")


def all_orders(people: Iterable[Person]) -> list[Row]:
    """Every order of the people whom the store can hold."""
    return [(person, order) for person in holdable(people) for order in person.orders]


def _read_tests(query: Query) -> list[Callable[[Row], bool]]:
    tests: list[Callable[[Row], bool]] = []
    for name, matches in _NUMBERS.items():
        if name in query:
            tests.append(_number_test(matches, query.number(name, 0)))
    for name in _MOMENTS:
        if name in query:
            # An order is never edited here: both of its dates are the same.
            test = moment_test(name[:3], _read_moment(name, query.text(name)))
            tests.append(_created_test(test))
    if "email" in query:
        email = query.text("email").casefold()
        tests.append(lambda row: row[0].email.casefold() == email)
    return tests


def _number_test(matches: Callable[[Row, int], bool], number: int) -> Callable[[Row], bool]:
    return lambda row: matches(row, number)


def _created_test(test: Callable[[datetime], bool]) -> Callable[[Row], bool]:
    return lambda row: test(row[1].created_at)


def _read_moment(name: str, text: str) -> datetime | date:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return parse_iso(name, text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _sort(query: Query, rows: list[Row]) -> list[Row]:
    if "sort" not in query:
        return sorted(rows, key=_SORTS["id"], reverse=True)
    field, _, direction = query.text("sort").partition(":")
    if field not in _SORTS or direction not in {"asc", "desc"}:
        raise BigCommerceError(400, "The field 'sort' is invalid.")
    return sorted(rows, key=_SORTS[field], reverse=direction == "desc")
