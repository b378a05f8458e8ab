"""The query parameters of Zoho Inventory's lists: filters, sort and page.

Unknown parameters are ignored silently, as the real lists do: a misspelt filter returns everybody. A value
that a known parameter does not take is answered with code 2, under HTTP 200 except for the page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from truto_unify.sandbox.zohoinventory.answers import RefusedError
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
    "outstanding_receivable_amount": lambda contact: 0,  # noqa: ARG005 - nobody owes anything
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

_STATUS_FILTERS: Mapping[str, Callable[[Contact], bool]] = {
    "Status.All": lambda contact: True,  # noqa: ARG005
    "Status.Active": lambda contact: contact.person.is_active,
    "Status.Inactive": lambda contact: not contact.person.is_active,
    # Nobody here is a duplicate or came from a CRM.
    "Status.Duplicate": lambda contact: False,  # noqa: ARG005
    "Status.Crm": lambda contact: False,  # noqa: ARG005
}


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page is wanted."""

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


def read_page(query: Mapping[str, str]) -> PageRequest:
    """Read ``page`` and ``per_page``; 200 rows are the default and the most.

    Raises:
        RefusedError: One of them is out of range or not a number.
    """
    numbers = {}
    for name, default, maximum in (("page", 1, 10**9), ("per_page", _MAX_PER_PAGE, _MAX_PER_PAGE)):
        text = query.get(name) or str(default)
        if not re.fullmatch(r"\d{1,10}", text) or not 1 <= int(text) <= maximum:
            raise RefusedError(400, 2, f"Invalid value passed for {name}")
        numbers[name] = int(text)
    return PageRequest(numbers["page"], numbers["per_page"])


def filter_contacts(contacts: Iterable[Contact], query: Mapping[str, str]) -> list[Contact]:
    """Keep the contacts that pass every filter of the query; blank filters do not count.

    Raises:
        RefusedError: A filter has a value that it does not take.
    """
    tests = [_read_status(query), *_read_text_filters(query)]
    if contact_type := query.get("contact_type"):
        if contact_type not in ("customer", "vendor"):
            raise _refusal("contact_type")
        tests.append(lambda contact: contact.contact_type == contact_type)
    if text := query.get("search_text"):
        # It looks at the name and the notes, and nobody here has notes.
        tests.append(lambda contact: text.casefold() in contact.contact_name.casefold())
    if since := query.get("last_modified_time"):
        earliest = _read_instant(since)
        tests.append(lambda contact: contact.person.updated_at >= earliest)
    return [contact for contact in contacts if all(test(contact) for test in tests)]


def filter_orders(orders: Iterable[Record], query: Mapping[str, str]) -> list[Record]:
    """Keep the sales orders that pass the exact filters of the query."""
    wanted = {name: query[name] for name in ("customer_id", "salesorder_number", "date", "status") if query.get(name)}
    return [order for order in orders if all(order[name] == value for name, value in wanted.items())]


def sort_rows(
    rows: Iterable[Row],
    query: Mapping[str, str],
    columns: Mapping[str, Callable[[Row], Any]],
    *,
    default: tuple[str, str],
) -> tuple[list[Row], str, str]:
    """Put rows in the order that the query asks for; equal ones keep theirs.

    Args:
        rows: What to sort.
        query: Has ``sort_column`` and ``sort_order`` (``A`` or ``D``), or not.
        columns: What may be sorted, and how to read it.
        default: The column and the order without them.

    Returns:
        The rows, and the column and order that were used.

    Raises:
        RefusedError: The column or the order is unknown.
    """
    column = query.get("sort_column") or default[0]
    if column not in columns:
        raise _refusal("sort_column")
    order = query.get("sort_order") or (default[1] if column == default[0] else "A")
    if order not in ("A", "D"):
        raise _refusal("sort_order")
    return sorted(rows, key=columns[column], reverse=order == "D"), column, order


def _refusal(name: str) -> RefusedError:
    return RefusedError(200, 2, f"Invalid value passed for {name}")


def _read_status(query: Mapping[str, str]) -> Callable[[Contact], bool]:
    name = query.get("filter_by") or "Status.All"
    if name not in _STATUS_FILTERS:
        raise _refusal("filter_by")
    return _STATUS_FILTERS[name]


def _read_instant(text: str) -> datetime:
    """ISO with an offset. A `+` that was not escaped arrives as a blank, and is refused."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _refusal("last_modified_time") from None
    if moment.tzinfo is None:
        raise _refusal("last_modified_time")
    return moment


def _read_text_filters(query: Mapping[str, str]) -> Iterable[Callable[[Contact], bool]]:
    """`name`, `name_startswith` and `name_contains`.

    Whether an exact filter looks at case is not documented; here it does, so that nobody relies on the
    kinder reading.
    """
    for name, read in _TEXT_FILTERS.items():
        for suffix, compare in _COMPARISONS.items():
            if wanted := query.get(name + suffix):
                yield _text_test(read, compare, wanted)


def _text_test(
    read: Callable[[Contact], Iterable[str]], compare: Callable[[str, str], bool], wanted: str
) -> Callable[[Contact], bool]:
    return lambda contact: any(compare(value, wanted) for value in read(contact))


def _address_texts(contact: Contact) -> list[str]:
    parts = ("street_1", "street_2", "city", "state_name", "postal_code", "country_name")
    return [getattr(address, part) for address in contact.person.addresses for part in parts]


_COMPARISONS: Mapping[str, Callable[[str, str], bool]] = {
    "": lambda value, wanted: value == wanted,
    "_startswith": lambda value, wanted: value.casefold().startswith(wanted.casefold()),
    "_contains": lambda value, wanted: wanted.casefold() in value.casefold(),
}
# First name, last name, e-mail and phone are looked up among all contact persons, though a list shows only
# those of the primary one.
_TEXT_FILTERS: Mapping[str, Callable[[Contact], Iterable[str]]] = {
    "contact_name": lambda contact: [contact.contact_name],
    "company_name": lambda contact: [contact.person.company],
    "first_name": lambda contact: [person["first_name"] for person in render_persons(contact)],
    "last_name": lambda contact: [person["last_name"] for person in render_persons(contact)],
    "email": lambda contact: [person["email"] for person in render_persons(contact)],
    "phone": lambda contact: [person["phone"] for person in render_persons(contact)],
    "address": _address_texts,
}
