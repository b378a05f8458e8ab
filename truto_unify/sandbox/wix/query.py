"""The Wix API Query Language: filter and sort, with the operators that each field declares.

Undeclared fields and operators are refused, never ignored. The documentation does not say whether `$eq` looks
at upper and lower case; here it does, so that nobody relies on the kinder reading.
https://dev.wix.com/docs/rest/crm/members-contacts/contacts/contacts/contact-v4/sort-filter-and-search
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from truto_unify.sandbox.wix.records import Record

Kind = Literal["text", "instant", "date", "number"]


class QueryRefusedError(Exception):
    """A query that Wix answers with 400.

    Attributes:
        violation: The entry of ``fieldViolations`` that says why.
    """

    def __init__(self, description: str, *, field: str = "value", **more: object) -> None:
        super().__init__(f"{field} {description}")
        self.violation: dict[str, object] = {"field": field, "description": description, **more}


@dataclass(frozen=True, slots=True)
class QueryField:
    """The declared operators of one field in queries.

    ``path`` leads to the values in a record; lists on the way are walked through.
    """

    path: tuple[str, ...]
    operators: frozenset[str]
    is_sortable: bool = False
    kind: Kind = "text"


_IDENTITY = frozenset({"$eq", "$ne", "$in", "$exists"})
_TEXT = _IDENTITY | {"$startsWith"}
_RANGE = frozenset({"$eq", "$ne", "$gt", "$gte", "$lt", "$lte"})
_CHOICE = frozenset({"$eq", "$ne", "$in", "$nin"})
_SET = frozenset({"$hasSome", "$hasAll"})
_EXTENDED = ("info", "extendedFields", "items")


def _extended(
    key: str, operators: frozenset[str], *, is_sortable: bool = False, kind: Kind = "text"
) -> dict[str, QueryField]:
    """An extended field: in a record its dots are part of one key, in a query they look like a path."""
    field = QueryField((*_EXTENDED, key), operators, is_sortable=is_sortable, kind=kind)
    return {f"info.extendedFields.{key}": field}


CONTACT_FIELDS: Mapping[str, QueryField] = {
    "id": QueryField(("id",), _IDENTITY),
    "createdDate": QueryField(("createdDate",), _RANGE, is_sortable=True, kind="instant"),
    "updatedDate": QueryField(("updatedDate",), _RANGE, kind="instant"),
    "lastActivity.activityDate": QueryField(("lastActivity", "activityDate"), _RANGE, is_sortable=True, kind="instant"),
    "primaryInfo.email": QueryField(("primaryInfo", "email"), _TEXT, is_sortable=True),
    "primaryInfo.phone": QueryField(("primaryInfo", "phone"), _TEXT),
    "primaryEmail.email": QueryField(("primaryInfo", "email"), _TEXT, is_sortable=True),
    "primaryEmail.subscriptionStatus": QueryField((*_EXTENDED, "emailSubscriptions.subscriptionStatus"), _CHOICE),
    "primaryEmail.deliverabilityStatus": QueryField((*_EXTENDED, "emailSubscriptions.deliverabilityStatus"), _CHOICE),
    "primaryPhone.phone": QueryField(("primaryInfo", "phone"), _TEXT),
    "primaryPhone.e164Phone": QueryField(("info", "phones", "items", "e164Phone"), _TEXT),
    "info.name.first": QueryField(("info", "name", "first"), _TEXT, is_sortable=True),
    "info.name.last": QueryField(("info", "name", "last"), _TEXT, is_sortable=True),
    "info.emails.email": QueryField(("info", "emails", "items", "email"), _TEXT),
    "info.phones.phone": QueryField(("info", "phones", "items", "phone"), _TEXT),
    "info.phones.e164Phone": QueryField(("info", "phones", "items", "e164Phone"), _TEXT),
    "info.addresses.street": QueryField(("info", "addresses", "items", "address", "addressLine"), _TEXT),
    "info.addresses.city": QueryField(("info", "addresses", "items", "address", "city"), _TEXT),
    "info.addresses.subdivision": QueryField(("info", "addresses", "items", "address", "subdivision"), _IDENTITY),
    "info.addresses.country": QueryField(("info", "addresses", "items", "address", "country"), _IDENTITY),
    "info.company": QueryField(("info", "company"), _TEXT, is_sortable=True),
    "info.jobTitle": QueryField(("info", "jobTitle"), _TEXT, is_sortable=True),
    "info.birthdate": QueryField(("info", "birthdate"), _RANGE, is_sortable=True, kind="date"),
    "info.locale": QueryField(("info", "locale"), _IDENTITY),
    "info.labelKeys": QueryField(("info", "labelKeys", "items"), _SET),
    "info.locations": QueryField(("info", "locations", "items"), _SET),
    **_extended("members.membershipStatus", _CHOICE),
    **_extended("emailSubscriptions.subscriptionStatus", _CHOICE),
    **_extended("emailSubscriptions.deliverabilityStatus", _CHOICE),
    **_extended("emailSubscriptions.effectiveEmail", frozenset({"$exists"}), is_sortable=True),
    **_extended("ecom.numOfPurchases", _RANGE, is_sortable=True, kind="number"),
    **_extended("ecom.totalSpentAmount", _RANGE, is_sortable=True, kind="number"),
    **_extended("ecom.totalSpentCurrency", _CHOICE),
    **_extended("ecom.lastPurchaseDate", _RANGE, is_sortable=True, kind="instant"),
}

# https://dev.wix.com/docs/rest/business-solutions/e-commerce/orders/search-orders
ORDER_FIELDS: Mapping[str, QueryField] = {
    "id": QueryField(("id",), _CHOICE),
    "number": QueryField(("number",), _CHOICE, is_sortable=True),
    "createdDate": QueryField(("createdDate",), _RANGE, is_sortable=True, kind="instant"),
    "updatedDate": QueryField(("updatedDate",), _RANGE, is_sortable=True, kind="instant"),
    **{
        name: QueryField(tuple(name.split(".")), _CHOICE)
        for name in ("status", "paymentStatus", "fulfillmentStatus", "buyerInfo.contactId", "buyerInfo.email")
    },
}


# https://dev.wix.com/docs/api-reference/business-solutions/stores/catalog-v1/catalog/query-products
PRODUCT_FIELDS: Mapping[str, QueryField] = {
    **{
        name: QueryField((name,), _TEXT | _RANGE, is_sortable=True)
        for name in ("id", "name", "sku", "slug", "numericId")
    },
    "createdDate": QueryField(("createdDate",), _RANGE, kind="instant"),
    "lastUpdated": QueryField(("lastUpdated",), _RANGE, is_sortable=True, kind="instant"),
    "collectionIds": QueryField(("collectionIds",), _SET),
}


# https://dev.wix.com/docs/api-reference/business-solutions/stores/catalog-v3/products-v3/query-products
PRODUCT_V3_FIELDS: Mapping[str, QueryField] = {
    "id": QueryField(("id",), _CHOICE),
    "visible": QueryField(("visible",), _CHOICE, is_sortable=True),
    "slug": QueryField(("slug",), _TEXT, is_sortable=True),
    "createdDate": QueryField(("createdDate",), _RANGE, is_sortable=True, kind="instant"),
    "updatedDate": QueryField(("updatedDate",), _RANGE, is_sortable=True, kind="instant"),
}
VARIANT_FIELDS: Mapping[str, QueryField] = {
    "id": QueryField(("id",), _CHOICE),
    "variantId": QueryField(("variantId",), _CHOICE),
    "productData.productId": QueryField(("productData", "productId"), _CHOICE),
}
# https://dev.wix.com/docs/rest/business-management/categories/query-categories
CATEGORY_FIELDS: Mapping[str, QueryField] = {
    "id": QueryField(("id",), _CHOICE),
    "name": QueryField(("name",), _TEXT, is_sortable=True),
}
STOCK_FIELDS: Mapping[str, QueryField] = {"productId": QueryField(("productId",), _CHOICE)}


def read_values(record: Record, path: tuple[str, ...]) -> list[Any]:
    """Every value under a path; empty if the record lacks it.

    >>> read_values({"emails": [{"email": "a@example.test"}, {}]}, ("emails", "email"))
    ['a@example.test']
    """
    values: list[Any] = [record]
    for name in path:
        values = [value[name] for value in values if isinstance(value, dict) and name in value]
        values = [item for value in values for item in (value if isinstance(value, list) else [value])]
    return values


def compile_filter(condition: object, fields: Mapping[str, QueryField]) -> Callable[[Record], bool]:
    """Turn the ``filter`` of a query into a test for one record.

    Args:
        condition: The decoded filter.
        fields: The filterable fields.

    Returns:
        A function that returns whether a record passes.

    Raises:
        QueryRefusedError: The filter is malformed, or names a field or operator that is not declared.
    """
    if not isinstance(condition, dict):
        raise QueryRefusedError("Expected an object", field="filter")
    tests = [_compile_entry(name, operand, fields) for name, operand in condition.items()]
    return lambda record: all(test(record) for test in tests)


def sort_records(records: Iterable[Record], sorts: object, fields: Mapping[str, QueryField]) -> list[Record]:
    """Sort records as ``sort`` says; ties keep their order.

    Args:
        records: The records.
        sorts: The decoded list of ``{"fieldName", "order"}``.
        fields: The sortable fields.

    Returns:
        The records, sorted. A missing value ranks lowest.

    Raises:
        QueryRefusedError: A field is not sortable, or an order is neither ASC nor DESC.
    """
    if not isinstance(sorts, list) or not all(isinstance(sort, dict) for sort in sorts):
        raise QueryRefusedError("Expected an array of objects", field="sort")
    ordered = list(records)
    for sort in reversed(sorts):
        name, order = sort.get("fieldName"), sort.get("order", "ASC")
        field = fields.get(name) if isinstance(name, str) else None
        if field is None or not field.is_sortable:
            raise QueryRefusedError(f"Field '{name}' is not declared as sortable")
        if order not in ("ASC", "DESC"):
            raise QueryRefusedError("Expected ASC or DESC", field="sort.order")
        ordered.sort(key=partial(_sort_key, field.path), reverse=order == "DESC")
    return ordered


def _sort_key(path: tuple[str, ...], record: Record) -> list[Any]:
    """At most one value; a record without a value ranks lowest."""
    return read_values(record, path)[:1]


def matches_search(record: Record, text: str) -> bool:
    """Whether each word of ``text`` begins a word in the searchable fields: names, e-mails and phones."""
    searchable = ("info.name.first", "info.name.last", "info.emails.email", "info.phones.phone")
    paths = [CONTACT_FIELDS[name].path for name in (*searchable, "info.phones.e164Phone")]
    words = {word for path in paths for value in read_values(record, path) for word in _words(value)}
    return all(any(word.startswith(start) for word in words) for start in _words(text))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _compile_entry(name: str, operand: object, fields: Mapping[str, QueryField]) -> Callable[[Record], bool]:
    if name in ("$and", "$or"):
        if not isinstance(operand, list):
            raise QueryRefusedError(f"Operator '{name}' expects an array")
        tests = [compile_filter(part, fields) for part in operand]
        combine = all if name == "$and" else any
        return lambda record: combine(test(record) for test in tests)
    if name == "$not":
        test = compile_filter(operand, fields)
        return lambda record: not test(record)
    if name not in fields:
        raise QueryRefusedError(f"Field '{name}' is not declared as filterable")
    field = fields[name]
    operations = operand if isinstance(operand, dict) else {"$eq": operand}
    if not operations:
        raise QueryRefusedError(f"Field '{name}' has no operator")
    tests = [_compile_operation(name, field, *operation) for operation in operations.items()]
    return lambda record: all(test(record) for test in tests)


def _compile_operation(name: str, field: QueryField, operator: str, operand: object) -> Callable[[Record], bool]:
    if operator not in field.operators:
        raise QueryRefusedError(f"Operator '{operator}' is not supported for field '{name}'")
    if operator == "$exists":
        if not isinstance(operand, bool):
            raise QueryRefusedError("Operator '$exists' expects a boolean")
        return lambda record: bool(read_values(record, field.path)) == operand
    if operator in ("$in", "$nin", "$hasSome", "$hasAll"):
        if not isinstance(operand, list):
            raise QueryRefusedError(f"Operator '{operator}' expects an array")
        operands = {_read_operand(name, field.kind, item) for item in operand}
        compare_sets = _SET_TESTS[operator]
        return lambda record: compare_sets(set(_comparable(record, field)), operands)
    value = _read_operand(name, field.kind, operand)
    if operator == "$ne":
        return lambda record: value not in _comparable(record, field)
    compare = _VALUE_TESTS[operator]
    return lambda record: any(compare(actual, value) for actual in _comparable(record, field))


_SET_TESTS: dict[str, Callable[[set[Any], set[Any]], bool]] = {
    "$in": lambda actual, expected: bool(actual & expected),
    "$nin": lambda actual, expected: not actual & expected,
    "$hasSome": lambda actual, expected: bool(actual & expected),
    "$hasAll": lambda actual, expected: expected <= actual,
}
_VALUE_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "$eq": lambda actual, expected: actual == expected,
    "$gt": lambda actual, expected: actual > expected,
    "$gte": lambda actual, expected: actual >= expected,
    "$lt": lambda actual, expected: actual < expected,
    "$lte": lambda actual, expected: actual <= expected,
    # Wix documents that this operator ignores case:
    # https://dev.wix.com/docs/sdk/backend-modules/data/items/wix-data-query/starts-with
    "$startsWith": lambda actual, expected: actual.casefold().startswith(expected.casefold()),
}


def _comparable(record: Record, field: QueryField) -> list[Any]:
    values = read_values(record, field.path)
    return [datetime.fromisoformat(value) for value in values] if field.kind == "instant" else values


def _read_operand(name: str, kind: Kind, operand: object) -> Any:
    """The operand as a comparable value; instants need a zone, dates are `YYYY-MM-DD`."""
    try:
        if kind == "number" and isinstance(operand, int | float) and not isinstance(operand, bool):
            return operand
        if kind != "number" and isinstance(operand, str):
            return _read_text(kind, operand)
    except ValueError:
        pass
    raise QueryRefusedError(f"Field '{name}' does not accept value {operand!r}")


def _read_text(kind: Kind, operand: str) -> datetime | str:
    if kind == "date":
        return date.fromisoformat(operand).isoformat()
    if kind == "text":
        return operand
    moment = datetime.fromisoformat(operand)
    if moment.tzinfo is None:
        raise ValueError(operand)
    return moment
