"""BigCommerce v3 lists: customers and their addresses, with filters, sorting and both kinds of paging.

https://docs.bigcommerce.com/docs/rest-management/customers
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from truto_unify.sandbox.bigcommerce.pages import PAGING, numbered_page, page_link
from truto_unify.sandbox.bigcommerce.query import BigCommerceError, moment_test, read_limit
from truto_unify.sandbox.bigcommerce.records import (
    address_id,
    customer_id,
    full_name,
    holdable,
    phone_text,
    render_address,
    render_customer,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from truto_unify.sandbox.bigcommerce.query import Query
    from truto_unify.sandbox.people import Person

Row = TypeVar("Row")
Rank = tuple[str, int]

_TEXT_LISTS: Mapping[str, Callable[[Person], str]] = {
    "company:in": lambda person: person.company,
    "email:in": lambda person: person.email,
    "name:in": full_name,
    "phone:in": phone_text,
    "registration_ip_address:in": lambda _: "",
}
_NUMBER_LISTS: Mapping[str, Callable[[Person], int]] = {
    "id:in": customer_id,
    "customer_group_id:in": lambda _: 0,
}
_MOMENTS: Mapping[str, Callable[[Person], datetime]] = {
    "date_created": lambda person: person.created_at,
    "date_modified": lambda person: person.updated_at,
}
_SORTS: Mapping[str, Callable[[Person], str]] = {
    "date_created": lambda person: person.created_at.isoformat(),
    "date_modified": lambda person: person.updated_at.isoformat(),
    "last_name": lambda person: person.last_name.casefold(),
}
_INCLUDES = ("addresses", "storecredit", "attributes", "formfields", "shopper_profile_id", "segment_ids")
_MOMENT_PARAMETERS = [f"{name}{operator}" for name in _MOMENTS for operator in ("", ":min", ":max")]
_CUSTOMER_PARAMETERS = frozenset(
    (*PAGING, "include", "sort", "name:like", *_TEXT_LISTS, *_NUMBER_LISTS, *_MOMENT_PARAMETERS)
)
_ADDRESS_PARAMETERS = frozenset(("page", "limit", "include", "id:in", "customer_id:in", "company:in", "name:in"))


@dataclass(frozen=True, slots=True)
class _Order(Generic[Row]):
    """The order of a list: newest id first by default."""

    id_of: Callable[[Row], int]
    value_of: Callable[[Row], str] = lambda _: ""
    descending: bool = True

    def rank(self, row: Row) -> Rank:
        return self.value_of(row), self.id_of(row)

    def sort(self, rows: Iterable[Row]) -> list[Row]:
        return sorted(rows, key=self.rank, reverse=self.descending)

    def follows(self, row: Row, anchor: Rank) -> bool:
        return self.rank(row) < anchor if self.descending else self.rank(row) > anchor


def list_customers(query: Query, people: Iterable[Person]) -> dict[str, object]:
    """Answer ``GET /v3/customers``.

    Raises:
        BigCommerceError: A parameter is unknown or its value is invalid.
    """
    _refuse_unknown(query, _CUSTOMER_PARAMETERS)
    include = _read_include(query, _INCLUDES)
    everybody = holdable(people)
    order = _read_sort(query)
    tests = _read_tests(query)
    rows = order.sort(person for person in everybody if all(test(person) for test in tests))
    if "after" in query or "before" in query:
        page, meta = _cursor_page(query, rows, order, everybody)
    else:
        page, meta = _numbered_page(query, rows, order.id_of)
    return {"data": [render_customer(person, include) for person in page], "meta": meta}


def list_addresses(query: Query, people: Iterable[Person]) -> dict[str, object]:
    """Answer ``GET /v3/customers/addresses``, which knows page numbers only.

    Raises:
        BigCommerceError: A parameter is unknown or its value is invalid.
    """
    _refuse_unknown(query, _ADDRESS_PARAMETERS)
    include = _read_include(query, ("formfields",))
    rows = [(person, position) for person in holdable(people) for position in range(len(person.addresses))]
    if "id:in" in query:
        ids = query.numbers("id:in")
        rows = [row for row in rows if address_id(*row) in ids]
    if "customer_id:in" in query:
        ids = query.numbers("customer_id:in")
        rows = [row for row in rows if customer_id(row[0]) in ids]
    if "company:in" in query:
        texts = query.texts("company:in")
        rows = [row for row in rows if row[0].addresses[row[1]].company.casefold() in texts]
    if "name:in" in query:
        texts = query.texts("name:in")
        rows = [row for row in rows if full_name(row[0]).casefold() in texts]
    rows.sort(key=lambda row: address_id(*row), reverse=True)
    page, meta = _numbered_page(query, rows, None)
    return {"data": [render_address(*row, include) for row in page], "meta": meta}


def _refuse_unknown(query: Query, allowed: Collection[str]) -> None:
    # A literal filter such as customer_id instead of customer_id:in is refused in these words.
    if unknown := query.unknown(allowed):
        raise BigCommerceError(422, f"The filter(s): {', '.join(unknown)} are not valid filter parameter(s).")


def _read_include(query: Query, allowed: Collection[str]) -> Collection[str]:
    include = query.texts("include") if "include" in query else frozenset()
    if unknown := include.difference(allowed):
        raise BigCommerceError(422, "Missing or invalid data.", dict.fromkeys(unknown, "is not a valid include"))
    return include


def _read_sort(query: Query) -> _Order[Person]:
    if "sort" not in query:
        return _Order(customer_id)
    field, _, direction = query.text("sort").partition(":")
    if field not in _SORTS or direction not in {"asc", "desc"}:
        raise BigCommerceError(422, "Missing or invalid data.", {"sort": f"{query.text('sort')} is not a valid sort"})
    return _Order(customer_id, _SORTS[field], descending=direction == "desc")


def _read_tests(query: Query) -> list[Callable[[Person], bool]]:
    tests: list[Callable[[Person], bool]] = []
    # Text compares without case: this is not documented, but the store's database does it.
    for name, text_of in _TEXT_LISTS.items():
        if name in query:
            tests.append(_text_test(text_of, query.texts(name)))
    for name, number_of in _NUMBER_LISTS.items():
        if name in query:
            tests.append(_number_test(number_of, query.numbers(name)))
    for parameter in _MOMENT_PARAMETERS:
        if parameter in query:
            name, _, operator = parameter.partition(":")
            test = moment_test(operator, query.iso_moment(parameter))
            tests.append(_moment_test(_MOMENTS[name], test))
    if "name:like" in query:
        parts = query.texts("name:like")
        tests.append(lambda person: any(part in full_name(person).casefold() for part in parts))
    return tests


def _text_test(text_of: Callable[[Person], str], texts: frozenset[str]) -> Callable[[Person], bool]:
    return lambda person: text_of(person).casefold() in texts


def _number_test(number_of: Callable[[Person], int], numbers: frozenset[int]) -> Callable[[Person], bool]:
    return lambda person: number_of(person) in numbers


def _moment_test(moment_of: Callable[[Person], datetime], test: Callable[[datetime], bool]) -> Callable[[Person], bool]:
    return lambda person: test(moment_of(person))


def _numbered_page(
    query: Query, rows: Sequence[Row], cursor_of: Callable[[Row], int] | None
) -> tuple[Sequence[Row], dict[str, object]]:
    page, pagination = numbered_page(query, rows)
    meta: dict[str, object] = {"pagination": pagination}
    # Recorded: an empty first page has no cursors either.
    if pagination["current_page"] == 1 and page and cursor_of is not None:
        block = _cursor_block(query, page, cursor_of, more_before=False, more_after=len(page) < len(rows))
        meta["cursor_pagination"] = block
    return page, meta


def _cursor_page(
    query: Query, rows: Sequence[Row], order: _Order[Row], everybody: Iterable[Row]
) -> tuple[Sequence[Row], dict[str, object]]:
    limit = read_limit(query)
    if "after" in query and "before" in query:
        raise BigCommerceError(422, "Missing or invalid data.", {"after": "cannot be combined with before"})
    anchor = _read_anchor(query, "after" if "after" in query else "before", order, everybody)
    later = [row for row in rows if order.follows(row, anchor)]
    earlier = [row for row in rows if not order.follows(row, anchor) and order.rank(row) != anchor]
    if "after" in query:
        page, more_before, more_after = later[:limit], len(later) < len(rows), len(later) > limit
    else:
        page, more_before, more_after = earlier[-limit:], len(earlier) > limit, len(earlier) < len(rows)
    block = _cursor_block(query, page, order.id_of, more_before=more_before, more_after=more_after)
    return page, {"cursor_pagination": block}


def _cursor_block(
    query: Query, page: Sequence[Row], id_of: Callable[[Row], int], *, more_before: bool, more_after: bool
) -> dict[str, object]:
    limit = read_limit(query)
    block: dict[str, object] = {"count": len(page), "per_page": limit}
    links: dict[str, str] = {}
    if page:
        # end_cursor is set on the last page too: only links.next tells whether more follow.
        start, end = _write_cursor(id_of(page[0])), _write_cursor(id_of(page[-1]))
        block |= {"start_cursor": start, "end_cursor": end}
        if more_before:
            links["previous"] = page_link(query, limit, f"before={start}")
        if more_after:
            links["next"] = page_link(query, limit, f"after={end}")
    return block | {"links": links}


def _write_cursor(row_id: int) -> str:
    text = json.dumps({"id": row_id}, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_anchor(query: Query, name: str, order: _Order[Row], everybody: Iterable[Row]) -> Rank:
    text = query.text(name)
    try:
        content = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        row_id = int(content["id"])
    except (binascii.Error, ValueError, KeyError, TypeError):
        raise BigCommerceError(422, "Missing or invalid data.", {name: f"{name} is not a valid cursor"}) from None
    # The row may no longer match the filter, so its position is looked up among all rows.
    for row in everybody:
        if order.id_of(row) == row_id:
            return order.rank(row)
    return "", row_id
