"""The query parameters of Zoho Inventory's lists: filters, sort and page.

Unknown parameters are ignored silently, as in the real lists: a misspelt filter returns all contacts. A wrong
value of a known parameter is an error with code 2, and with HTTP 200 except for the page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from truto_unify.sandbox.zohoinventory.answers import ZohoError
from truto_unify.sandbox.zohoinventory.records import render_persons

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from truto_unify.sandbox.zohoinventory.records import Contact, Record

Row = TypeVar("Row")

_MAX_PER_PAGE = 200

CONTACT_COLUMNS: Mapping[str, Callable[[Contact], Any]] = {
    "contact_name": lambda contact: contact.contact_name.casefold(),
    "first_name": lambda contact: contact.person.first_name.casefold(),
    "last_name": lambda contact: contact.person.last_name.casefold(),
    "email": lambda contact: contact.person.email.casefold(),
    "outstanding_receivable_amount": lambda contact: 0,  # noqa: ARG005 - no contact owes anything
    "created_time": lambda contact: contact.person.created_at,
    "last_modified_time": lambda contact: contact.person.updated_at,
}
ORDER_COLUMNS: Mapping[str, Callable[[Record], Any]] = {
    "customer_name": lambda order: order["customer_name"].casefold(),
    "salesorder_number": lambda order: order["salesorder_number"],
    # Order numbers follow neither clock nor calendar, and local times may be written with two offsets.
    "created_time": lambda order: datetime.fromisoformat(order["created_time"]),
    "last_modified_time": lambda order: datetime.fromisoformat(order["last_modified_time"]),
    "date": lambda order: order["date"],
    "total": lambda order: order["total"],
}

ITEM_COLUMNS: Mapping[str, Callable[[Record], Any]] = {
    "name": lambda item: item["name"].casefold(),
    "sku": lambda item: item["sku"].casefold(),
    "rate": lambda item: item["rate"],
    "created_time": lambda item: datetime.fromisoformat(item["created_time"]),
    "last_modified_time": lambda item: datetime.fromisoformat(item["last_modified_time"]),
}

_STATUS_FILTERS: Mapping[str, Callable[[Contact], bool]] = {
    "Status.All": lambda contact: True,  # noqa: ARG005 - every contact has it
    "Status.Active": lambda contact: contact.person.is_active,
    "Status.Inactive": lambda contact: not contact.person.is_active,
    # No contact here is a duplicate or comes from a CRM.
    "Status.Duplicate": lambda contact: False,  # noqa: ARG005 - no contact has it
    "Status.Crm": lambda contact: False,  # noqa: ARG005 - no contact has it
}

_ORDER_STATUS_FILTERS: Mapping[str, tuple[str, ...]] = {
    "Status.All": (),
    "Status.Draft": ("draft",),
    "Status.Open": ("open", "confirmed"),
    "Status.Confirmed": ("open", "confirmed"),
    "Status.Closed": ("closed",),
    "Status.Void": ("void",),
    "Status.Onhold": ("onhold",),
}
_ITEM_STATUS_FILTERS: Mapping[str, tuple[str, ...]] = {
    "Status.All": (),
    "Status.Active": ("active",),
    "Status.Inactive": ("inactive",),
}


@dataclass(frozen=True, slots=True)
class PageWindow:
    """The requested page."""

    number: int
    size: int

    @property
    def start(self) -> int:
        """The position of its first row."""
        return (self.number - 1) * self.size

    @property
    def stop(self) -> int:
        """The position after its last row."""
        return self.number * self.size


def read_page(query: Mapping[str, str]) -> PageWindow:
    """Read ``page`` and ``per_page``; 200 rows are the default and the maximum.

    Raises:
        ZohoError: One of them is out of range or not a number.
    """
    numbers = {}
    for name, default, maximum in (("page", 1, 10**9), ("per_page", _MAX_PER_PAGE, _MAX_PER_PAGE)):
        text = query.get(name) or str(default)
        if not re.fullmatch(r"\d{1,10}", text) or not 1 <= int(text) <= maximum:
            raise ZohoError(400, 2, f"Invalid value passed for {name}")
        numbers[name] = int(text)
    return PageWindow(numbers["page"], numbers["per_page"])


def filter_contacts(contacts: Iterable[Contact], query: Mapping[str, str]) -> list[Contact]:
    """The contacts that pass every filter of the query; blank filters are ignored.

    Raises:
        ZohoError: A filter has a wrong value.
    """
    tests = [_read_status(query), *_read_text_filters(query)]
    if contact_type := query.get("contact_type"):
        if contact_type not in ("customer", "vendor"):
            raise _invalid_value("contact_type")
        tests.append(lambda contact: contact.contact_type == contact_type)
    if text := query.get("search_text"):
        # It searches the name and the notes; no contact here has notes.
        tests.append(lambda contact: text.casefold() in contact.contact_name.casefold())
    if since := query.get("last_modified_time"):
        earliest = _read_instant(since)
        tests.append(lambda contact: contact.person.updated_at >= earliest)
    return [contact for contact in contacts if all(test(contact) for test in tests)]


def filter_orders(orders: Iterable[Record], query: Mapping[str, str]) -> list[Record]:
    """The sales orders that pass every filter of the query; days are those of the organisation, both ends included.

    Raises:
        ZohoError: A filter has a wrong value.
    """
    exact = {name: query[name] for name in ("customer_id", "salesorder_number", "date", "status") if query.get(name)}
    statuses = _read_statuses(query, _ORDER_STATUS_FILTERS)
    first, last = (_read_day(query, f"created_date_{end}") for end in ("start", "end"))
    since = query.get("last_modified_time")
    earliest = _read_instant(since) if since else None
    return [
        order
        for order in orders
        if all(order[name] == value for name, value in exact.items())
        and (not statuses or order["status"] in statuses)
        and (first or "") <= order["created_time"][:10] <= (last or "9999")
        and (earliest is None or datetime.fromisoformat(order["last_modified_time"]) >= earliest)
    ]


def filter_items(items: Iterable[Record], query: Mapping[str, str]) -> list[Record]:
    """The items that pass every filter of the query.

    Raises:
        ZohoError: A filter has a wrong value.
    """
    statuses = _read_statuses(query, _ITEM_STATUS_FILTERS)
    since = query.get("last_modified_time")
    earliest = _read_instant(since) if since else None
    texts = [
        (name, compare, expected)
        for name in ("name", "sku")
        for suffix, compare in _COMPARISONS.items()
        if (expected := query.get(name + suffix))
    ]
    return [
        item
        for item in items
        if (not statuses or item["status"] in statuses)
        and all(compare(item[name], expected) for name, compare, expected in texts)
        and (earliest is None or datetime.fromisoformat(item["last_modified_time"]) >= earliest)
    ]


def sort_rows(
    rows: Iterable[Row],
    query: Mapping[str, str],
    columns: Mapping[str, Callable[[Row], Any]],
    *,
    default: tuple[str, str],
) -> tuple[list[Row], str, str]:
    """Sort rows as the query says; ties keep their order.

    Args:
        rows: The rows.
        query: May have ``sort_column`` and ``sort_order`` (``A`` or ``D``).
        columns: The sortable columns, and how to read each.
        default: The default column and order.

    Returns:
        The rows, and the column and order that were used.

    Raises:
        ZohoError: The column or the order is unknown.
    """
    column = query.get("sort_column") or default[0]
    if column not in columns:
        raise _invalid_value("sort_column")
    order = query.get("sort_order") or (default[1] if column == default[0] else "A")
    if order not in ("A", "D"):
        raise _invalid_value("sort_order")
    return sorted(rows, key=columns[column], reverse=order == "D"), column, order


def _invalid_value(name: str) -> ZohoError:
    return ZohoError(200, 2, f"Invalid value passed for {name}")


def _read_status(query: Mapping[str, str]) -> Callable[[Contact], bool]:
    name = query.get("filter_by") or "Status.All"
    if name not in _STATUS_FILTERS:
        raise _invalid_value("filter_by")
    return _STATUS_FILTERS[name]


def _read_statuses(query: Mapping[str, str], table: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The statuses that ``filter_by`` stands for; none for all records."""
    name = query.get("filter_by") or "Status.All"
    if name not in table:
        raise _invalid_value("filter_by")
    return table[name]


def _read_day(query: Mapping[str, str], name: str) -> str | None:
    text = query.get(name)
    if text and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise _invalid_value(name)
    return text or None


def _read_instant(text: str) -> datetime:
    """ISO with an offset. An unescaped `+` arrives as a blank, and is an error."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _invalid_value("last_modified_time") from None
    if moment.tzinfo is None:
        raise _invalid_value("last_modified_time")
    return moment


def _read_text_filters(query: Mapping[str, str]) -> Iterable[Callable[[Contact], bool]]:
    """`name`, `name_startswith` and `name_contains`.

    Whether an exact filter ignores case is not documented; here it does not, so that no mapping relies on the
    lenient reading.
    """
    for name, read in _TEXT_FILTERS.items():
        for suffix, compare in _COMPARISONS.items():
            if expected := query.get(name + suffix):
                yield _text_test(read, compare, expected)


def _text_test(
    read: Callable[[Contact], Iterable[str]], compare: Callable[[str, str], bool], expected: str
) -> Callable[[Contact], bool]:
    return lambda contact: any(compare(value, expected) for value in read(contact))


def _address_texts(contact: Contact) -> list[str]:
    parts = ("street_1", "street_2", "city", "state_name", "postal_code", "country_name")
    return [getattr(address, part) for address in contact.person.addresses for part in parts]


_COMPARISONS: Mapping[str, Callable[[str, str], bool]] = {
    "": lambda value, expected: value == expected,
    "_startswith": lambda value, expected: value.casefold().startswith(expected.casefold()),
    "_contains": lambda value, expected: expected.casefold() in value.casefold(),
}
# First name, last name, e-mail and phone are searched in all contact persons, although a list shows only
# those of the primary person.
_TEXT_FILTERS: Mapping[str, Callable[[Contact], Iterable[str]]] = {
    "contact_name": lambda contact: [contact.contact_name],
    "company_name": lambda contact: [contact.person.company],
    "first_name": lambda contact: [person["first_name"] for person in render_persons(contact)],
    "last_name": lambda contact: [person["last_name"] for person in render_persons(contact)],
    "email": lambda contact: [person["email"] for person in render_persons(contact)],
    "phone": lambda contact: [person["phone"] for person in render_persons(contact)],
    "address": _address_texts,
}
