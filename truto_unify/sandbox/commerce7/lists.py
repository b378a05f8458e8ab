"""Commerce7's answers: lists with filters, and single records.

https://developer.commerce7.com/docs/customers, /customer-addresses, /orders and /products name the parameters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from truto_unify.sandbox.commerce7 import records
from truto_unify.sandbox.commerce7.orders import all_orders, render_listed_order, render_single_order
from truto_unify.sandbox.commerce7.products import product_id, render_product, texts_of
from truto_unify.sandbox.commerce7.query import (
    PAGING,
    Commerce7Error,
    moment_test,
    number_test,
    page_of,
    refuse_unknown,
    words_test,
)
from truto_unify.sandbox.goods import invent_goods

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from starlette.datastructures import QueryParams

    from truto_unify.sandbox.commerce7.orders import Order
    from truto_unify.sandbox.goods import Goods
    from truto_unify.sandbox.people import Person

    Addressed = tuple[Person, int]

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
_PRODUCT_EQUALITIES = ("webStatus", "adminStatus", "type", "departmentId", "vendorId")
_PRODUCT_PARAMETERS = (*PAGING, "q", "updatedAt", "collectionId", *_PRODUCT_EQUALITIES)


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
    rows = sorted(all_orders(people), key=lambda order: order.number, reverse=True)
    for test in _order_tests(params):
        rows = [order for order in rows if test(order)]
    page, beside = page_of(params, rows, lambda order: order.id)
    return {"orders": [render_listed_order(order) for order in page]} | beside


def list_products(_: Sequence[Person], params: QueryParams) -> dict[str, object]:
    """Answer ``GET /product``: newest first by page, by id with a cursor.

    Raises:
        Commerce7Error: A parameter is unknown or its value is invalid.
    """
    refuse_unknown(params, _PRODUCT_PARAMETERS)
    rows = sorted(invent_goods(), key=lambda goods: (goods.created_at, goods.number), reverse=True)
    for test in _product_tests(params):
        rows = [goods for goods in rows if test(goods)]
    page, beside = page_of(params, rows, product_id)
    return {"products": [render_product(goods) for goods in page]} | beside


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
    for order in all_orders(people):
        if order.id == order_id:
            return render_single_order(order)
    raise Commerce7Error(404, "Not found")


def get_product(_: Sequence[Person], product_id: str) -> dict[str, object]:
    """Answer ``GET /product/{id}``: the bare record.

    Raises:
        Commerce7Error: There is no such product.
    """
    for record in map(render_product, invent_goods()):
        if record["id"] == product_id:
            return record
    raise Commerce7Error(404, "Not found")


def _find_person(people: Sequence[Person], customer_id: str) -> Person:
    for person in people:
        if records.customer_id(person) == customer_id:
            return person
    raise Commerce7Error(404, "Not found")


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


def _order_tests(params: QueryParams) -> list[Callable[[Order], bool]]:
    tests: list[Callable[[Order], bool]] = []
    for name in _ORDER_EQUALITIES:
        if name in params:
            tests.append(_order_equality_test(name, params[name]))
    for name in _ORDER_MOMENTS:
        if name in params:
            tests.append(_order_moment_test(name, moment_test(name, params[name])))
    if "q" in params:
        matches = words_test(params["q"])
        tests.append(lambda order: matches((*_person_texts(order.person), str(order.number))))
    return tests


def _order_equality_test(name: str, text: str) -> Callable[[Order], bool]:
    return lambda order: str(render_listed_order(order)[name]) == text


def _order_moment_test(name: str, test: Callable[[datetime], bool]) -> Callable[[Order], bool]:
    # All dates of an order are the same here, except that an unpaid one has no payment date.
    return lambda order: (name != "orderPaidDate" or order.is_paid) and test(order.created_at)


def _product_tests(params: QueryParams) -> list[Callable[[Goods], bool]]:
    tests: list[Callable[[Goods], bool]] = []
    for name in _PRODUCT_EQUALITIES:
        if name in params:
            tests.append(_product_equality_test(name, params[name]))
    if "collectionId" in params:
        wanted = params["collectionId"]
        tests.append(lambda goods: records.derive_id("collection", goods.category) == wanted)
    if "updatedAt" in params:
        changed = moment_test("updatedAt", params["updatedAt"])
        tests.append(lambda goods: changed(goods.updated_at))
    if "q" in params:
        matches = words_test(params["q"])
        tests.append(lambda goods: matches(texts_of(goods)))
    return tests


def _product_equality_test(name: str, text: str) -> Callable[[Goods], bool]:
    return lambda goods: str(render_product(goods)[name]) == text
