"""Select and sort the users and orders of the pretend WooCommerce store, as WordPress's queries do.

Users: https://developer.wordpress.org/reference/classes/wp_user_query/
Orders: https://woocommerce.github.io/woocommerce-rest-api-docs/#list-all-orders
"""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from truto_unify.sandbox.woocommerce.parameters import Arguments, parse_time
from truto_unify.sandbox.woocommerce.records import (
    ADMINISTRATOR,
    ORDER_STATUSES,
    SITE_TIME_ZONE,
    display_name,
    user_id,
    username,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from truto_unify.sandbox.people import Person, PurchaseOrder


def select_users(people: Iterable[Person], arguments: Arguments) -> list[Person]:
    """The users that match the arguments, sorted; ties by id."""
    matches = [person for person in people if _matches_user(person, arguments)]
    matches.sort(key=user_id)
    descends = arguments.single["order"] == "desc"
    match arguments.single["orderby"]:
        case "name":
            matches.sort(key=lambda person: _collate(display_name(person)), reverse=descends)
        case "registered_date":
            matches.sort(key=lambda person: person.created_at, reverse=descends)
        case "include":
            matches.sort(key=lambda person: place_of(user_id(person), arguments))
        case _:
            matches.sort(key=user_id, reverse=descends)
    return matches


def select_orders(people: Iterable[Person], arguments: Arguments) -> list[tuple[Person, PurchaseOrder]]:
    """The orders that match the arguments, each with its buyer.

    An order's number is its id, title and slug here, and an order never changes after its creation.
    """
    matches = [
        (person, order) for person in people for order in person.orders if _matches_order(person, order, arguments)
    ]
    matches.sort(key=lambda pair: pair[1].number)
    orderby = arguments.single["orderby"]
    if orderby == "include":
        matches.sort(key=lambda pair: place_of(pair[1].number, arguments))
        return matches
    if orderby in {"date", "modified"}:
        matches.sort(key=lambda pair: pair[1].created_at)
    if arguments.single["order"] == "desc":
        matches.reverse()
    return matches


def _matches_user(person: Person, arguments: Arguments) -> bool:
    role = "administrator" if person is ADMINISTRATOR else "customer"
    if arguments.single["role"] not in {"all", role} or not matches_id(user_id(person), arguments):
        return False
    email = arguments.single["email"]
    if email:  # replaces the search, and compares the account's e-mail only
        return _collate(email) == _collate(person.email)
    text = _collate(arguments.single["search"].strip("* "))
    if "@" in text:
        return text in _collate(person.email)
    if text.isdecimal():
        return text in _collate(username(person)) or text == str(user_id(person))
    return any(text in _collate(column) for column in (username(person), person.email, display_name(person)))


def _matches_order(person: Person, order: PurchaseOrder, arguments: Arguments) -> bool:
    statuses = arguments.lists["status"] or ("any",)
    customer = arguments.single["customer"]
    return (
        matches_id(order.number, arguments)
        and ("any" in statuses or ORDER_STATUSES[order.status] in statuses)
        and (not customer or int(customer) == user_id(person))
        and is_in_range(order.created_at, order.created_at, arguments)
    )


def is_in_range(created_at: datetime, changed_at: datetime, arguments: Arguments) -> bool:
    """Both bounds are exclusive; a bound without a zone is in the site's, unless ``dates_are_gmt`` is set."""
    is_utc = arguments.single["dates_are_gmt"].lower() in {"1", "true"}
    for name in ("after", "modified_after", "before", "modified_before"):
        bound = parse_time(arguments.single[name])
        if bound is None:
            continue
        if bound.tzinfo is None:
            bound = bound.replace(tzinfo=UTC if is_utc else SITE_TIME_ZONE)
        moment = changed_at if name.startswith("modified") else created_at
        if not (moment > bound if name.endswith("after") else moment < bound):
            return False
    return True


def matches_id(number: int, arguments: Arguments) -> bool:
    """WordPress reads ``exclude`` only if there is no ``include``."""
    include = arguments.ids("include")
    return number in include if include else number not in arguments.ids("exclude")


def place_of(number: int, arguments: Arguments) -> int:
    """The place of an id in ``include``."""
    include = arguments.ids("include")
    return include.index(number) if include else number


def _collate(text: str) -> str:
    """MySQL's usual collation compares without case and accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
