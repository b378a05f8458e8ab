"""Commerce7's answers: lists with filters, and single records.

https://developer.commerce7.com/docs/customers, /customer-addresses and /orders name the parameters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from truto_unify.sandbox.commerce7 import records
from truto_unify.sandbox.commerce7.query import (
    PAGING,
    Commerce7Error,
    moment_test,
    number_test,
    page_of,
    refuse_unknown,
    words_test,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from starlette.datastructures import QueryParams

    from truto_unify.sandbox.people import Person, PurchaseOrder

    Addressed = tuple[Person, int]
    Ordered = tuple[Person, PurchaseOrder]

_CUSTOMER_PARAMETERS = (
    *PAGING,
    *("q", "createdAt", "updatedAt", "lifetimeValue", "orderCount", "tagId"),
)
_ORDER_EQUALITIES = (
    *("id", "customerId", "orderNumber", "channel", "fulfillmentStatus", "complianceStatus"),
    *("orderDeliveryMethod", "posProfileId"),
)
_ORDER_MOMENTS = ("updatedAt", "orderPaidDate", "orderSubmittedDate")
_ORDER_PARAMETERS = (*PAGING, "q", *_ORDER_EQUALITIES, *_ORDER_MOMENTS)


def list_customers(people: Sequence[Person], params: QueryParams) -> dict[str, object]:
    """Answer ``GET /customer``: newest first by page, by id with a cursor.

    Raises:
        Commerce7Error: A parameter is unknown or its value is invalid.
    """
    refuse_unknown(params, _CUSTOMER_PARAMETERS)
    rows = sorted(people, key=lambda person: (person.created_at, person.number), reverse=True)
    for test in _customer_tests(params):
        rows = [person for person in rows if test(person)]
    page, beside = page_of(params, rows, records.customer_id)
    return {"customers": [records.render_customer(person) for person in page]} | beside


def list_addresses(people: Sequence[Person], params: QueryParams) -> dict[str, object]:
    """Answer ``GET /customer-address``: the addresses of the whole tenant.

    Raises:
        Commerce7Error: A parameter is unknown or its value is invalid.
    """
    refuse_unknown(params, (*PAGING, "searchText"))
    rows = [(person, position) for person in people for position in range(len(person.addresses))]
    return _address_page(params, rows)


def list_customer_addresses(people: Sequence[Person], params: QueryParams, customer_id: str) -> dict[str, object]:
    """Answer ``GET /customer/{id}/address``, which knows no cursor.

    Raises:
        Commerce7Error: There is no such customer, or a parameter is unknown or its value is invalid.
    """
    refuse_unknown(params, ("limit", "page", "searchText"))
    person = _find_person(people, customer_id)
    return _address_page(params, [(person, position) for position in range(len(person.addresses))])


def list_orders(people: Sequence[Person], params: QueryParams) -> dict[str, object]:
    """Answer ``GET /order``: newest first by page, by id with a cursor.

    Raises:
        Commerce7Error: A parameter is unknown or its value is invalid.
    """
    refuse_unknown(params, _ORDER_PARAMETERS)
    rows = sorted(_all_orders(people), key=lambda row: row[1].number, reverse=True)
    for test in _order_tests(params):
        rows = [row for row in rows if test(row)]
    page, beside = page_of(params, rows, lambda row: records.order_id(row[1]))
    return {"orders": [records.render_listed_order(*row) for row in page]} | beside


def get_customer(people: Sequence[Person], customer_id: str) -> dict[str, object]:
    """Answer ``GET /customer/{id}``: the bare record.

    Raises:
        Commerce7Error: There is no such customer.
    """
    return records.render_customer(_find_person(people, customer_id))


def get_address(people: Sequence[Person], customer_id: str, address_id: str) -> dict[str, object]:
    """Answer ``GET /customer/{id}/address/{id}``: the bare record.

    Raises:
        Commerce7Error: There is no such customer or address.
    """
    person = _find_person(people, customer_id)
    for position in range(len(person.addresses)):
        if records.address_id(person, position) == address_id:
            return records.render_address(person, position)
    raise Commerce7Error(404, "Not found")


def get_order(people: Sequence[Person], order_id: str) -> dict[str, object]:
    """Answer ``GET /order/{id}``: the bare record.

    Raises:
        Commerce7Error: There is no such order.
    """
    for person, order in _all_orders(people):
        if records.order_id(order) == order_id:
            return records.render_single_order(person, order)
    raise Commerce7Error(404, "Not found")


def _find_person(people: Sequence[Person], customer_id: str) -> Person:
    for person in people:
        if records.customer_id(person) == customer_id:
            return person
    raise Commerce7Error(404, "Not found")


def _all_orders(people: Sequence[Person]) -> list[Ordered]:
    return [(person, order) for person in people for order in person.orders]


def _address_page(params: QueryParams, rows: Sequence[Addressed]) -> dict[str, object]:
    if "searchText" in params:
        matches = words_test(params["searchText"])
        rows = [row for row in rows if matches(_address_texts(row))]
    page, beside = page_of(params, rows, lambda row: records.address_id(*row))
    return {"customerAddresses": [records.render_address(*row) for row in page]} | beside


def _address_texts(row: Addressed) -> tuple[str, ...]:
    person, address = row[0], row[0].addresses[row[1]]
    return (person.first_name, person.last_name, address.company, address.street_1, address.city)


def _customer_tests(params: QueryParams) -> list[Callable[[Person], bool]]:
    tests: list[Callable[[Person], bool]] = []
    if "createdAt" in params:
        tests.append(_moment_test(moment_test("createdAt", params["createdAt"]), lambda row: row.created_at))
    if "updatedAt" in params:
        tests.append(_moment_test(moment_test("updatedAt", params["updatedAt"]), lambda row: row.updated_at))
    if "lifetimeValue" in params:
        values = number_test("lifetimeValue", params["lifetimeValue"])
        tests.append(lambda person: values(records.lifetime_value(person)))
    if "orderCount" in params:
        counts = number_test("orderCount", params["orderCount"])
        tests.append(lambda person: counts(len(person.orders)))
    if "tagId" in params:
        tag = params["tagId"]
        tests.append(lambda person: any(records.derive_id("tag", title) == tag for title in person.tags))
    if "q" in params:
        matches = words_test(params["q"])
        tests.append(lambda person: matches(_person_texts(person)))
    return tests


def _moment_test(test: Callable[[datetime], bool], moment_of: Callable[[Person], datetime]) -> Callable[[Person], bool]:
    return lambda person: test(moment_of(person))


def _person_texts(person: Person) -> tuple[str, ...]:
    return (person.first_name, person.last_name, person.email, person.second_email, person.phone)


def _order_tests(params: QueryParams) -> list[Callable[[Ordered], bool]]:
    tests: list[Callable[[Ordered], bool]] = []
    for name in _ORDER_EQUALITIES:
        if name in params:
            tests.append(_order_equality_test(name, params[name]))
    for name in _ORDER_MOMENTS:
        if name in params:
            tests.append(_order_moment_test(name, moment_test(name, params[name])))
    if "q" in params:
        matches = words_test(params["q"])
        tests.append(lambda row: matches((*_person_texts(row[0]), str(row[1].number))))
    return tests


def _order_equality_test(name: str, text: str) -> Callable[[Ordered], bool]:
    return lambda row: str(records.render_listed_order(*row)[name]) == text


def _order_moment_test(name: str, test: Callable[[datetime], bool]) -> Callable[[Ordered], bool]:
    # All dates of an order are the same here, except that an unpaid one has no payment date.
    def is_dated(order: PurchaseOrder) -> bool:
        return name != "orderPaidDate" or order.status != "pending"

    return lambda row: is_dated(row[1]) and test(row[1].created_at)
