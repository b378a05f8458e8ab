"""The invented people and their orders as Shopify shows them, one by one and in pages.

https://shopify.dev/docs/api/admin-graphql/latest/objects/Customer
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from truto_unify.sandbox.purchases import buyers_currency, itemize
from truto_unify.sandbox.shopify.fields import (
    CUSTOMER_FIELDS,
    CUSTOMER_SORTS,
    ORDER_FIELDS,
    ORDER_SORTS,
    Sale,
    address_id,
    customer_id,
    full_name,
    is_customer,
    order_id,
    spent_minor,
    state_of,
)
from truto_unify.sandbox.shopify.orders import render_content
from truto_unify.sandbox.shopify.pages import PageArguments, RecordConnection, bad_request
from truto_unify.sandbox.shopify.scalars import Record, money, name_record, read_gid, write_time
from truto_unify.sandbox.shopify.search import search_connection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphql import GraphQLResolveInfo

    from truto_unify.sandbox.people import Person, PostalAddress

    Info = GraphQLResolveInfo[list[dict[str, object]]]


def page_customers(people: Sequence[Person], info: Info, arguments: dict[str, Any]) -> Record:
    """One page of the ``customers`` connection.

    Args:
        people: All people of the store.
        info: The place in the query; its context collects the warnings of the search.
        arguments: The arguments of the field.

    Returns:
        The connection's page.
    """
    customers = [person for person in people if is_customer(person)]
    read_sort_value = CUSTOMER_SORTS[arguments.pop("sortKey") or "ID"]
    matches = search_connection(customers, CUSTOMER_FIELDS, info, arguments.pop("query", None))
    return RecordConnection(customer_id, read_sort_value, render_customer).page(matches, PageArguments(**arguments))


def page_orders(people: Sequence[Person], info: Info, arguments: dict[str, Any]) -> Record:
    """One page of an ``orders`` connection: of one customer, or of the whole shop.

    Args:
        people: The people whose orders are listed.
        info: The place in the query; its context collects the warnings of the search.
        arguments: The arguments of the field.

    Returns:
        The connection's page.

    Raises:
        GraphQLError: The pretend store cannot sort by that key.
    """
    sort_key = arguments.pop("sortKey") or "ID"
    if sort_key not in ORDER_SORTS:
        raise bad_request(f"The sandbox does not sort orders by {sort_key}")
    arguments.pop("savedSearchId", None)
    orders = [(person, order) for person in people if is_customer(person) for order in person.orders]
    matches = search_connection(orders, ORDER_FIELDS, info, arguments.pop("query", None))
    return RecordConnection(order_id, ORDER_SORTS[sort_key], render_order).page(matches, PageArguments(**arguments))


def render_customer(person: Person) -> Record:
    """A ``Customer``; the connections in it are functions, as graphql-core calls them.

    Args:
        person: The customer.

    Returns:
        Its fields by name.
    """
    addresses = [_render_address(person, index) for index in range(len(person.addresses))]
    orders = sorted(person.orders, key=lambda order: order.created_at)
    return {
        **name_record("Customer", customer_id(person)),
        "firstName": person.first_name or None,
        "lastName": person.last_name or None,
        "displayName": full_name(person) or person.email or _spell_phone(person.phone),
        "email": person.email or None,
        "phone": person.phone or None,
        "defaultEmailAddress": _render_email(person) if person.email else None,
        "defaultPhoneNumber": _render_phone(person) if person.phone else None,
        "state": state_of(person),
        "locale": "en",
        "note": None,
        "tags": sorted(set(person.tags)),
        "verifiedEmail": True,
        "validEmailAddress": bool(person.email),
        "taxExempt": False,
        "dataSaleOptOut": False,
        "canDelete": not person.orders,
        "defaultAddress": addresses[0] if addresses else None,
        "addresses": lambda _info, first=None: addresses[:first],
        "addressesV2": partial(_page_addresses, person),
        "amountSpent": money(spent_minor(person), person.currency),
        "numberOfOrders": str(len(person.orders)),
        "orders": partial(_page_own_orders, person),
        "lastOrder": render_order((person, orders[-1])) if orders else None,
        "createdAt": write_time(person.created_at),
        "updatedAt": write_time(person.updated_at),
    }


def render_order(sale: Sale) -> Record:
    """An ``Order``.

    Args:
        sale: The order and who placed it.

    Returns:
        Its fields by name.
    """
    person, order = sale
    moment = write_time(order.created_at)
    return {
        **name_record("Order", order_id(sale)),
        **render_content(sale),
        "name": f"#{order.number}",
        "customer": lambda _info: render_customer(person),
        "email": person.email or None,
        "phone": person.phone or None,
        "billingAddress": _render_order_address(person, 0),
        "shippingAddress": _render_order_address(person, 1),
        "currencyCode": person.currency,
        "presentmentCurrencyCode": buyers_currency(itemize(order), person.currency),
        "note": itemize(order).note or None,
        "tags": sorted(itemize(order).tags),
        "test": False,
        "sourceName": "web",
        "processedAt": moment,
        "createdAt": moment,
        "updatedAt": moment,
    }


def _page_own_orders(person: Person, info: Info, **arguments: Any) -> Record:
    return page_orders([person], info, arguments)


def _page_addresses(person: Person, _info: Info, **page: Any) -> Record:
    connection: RecordConnection[int] = RecordConnection(
        partial(address_id, person),
        lambda index: str(address_id(person, index)),
        partial(_render_address, person),
    )
    return connection.page(range(len(person.addresses)), PageArguments(**page))


def _render_email(person: Person) -> Record:
    subscribed = person.accepts_marketing
    return {
        "emailAddress": person.email,
        "marketingState": "SUBSCRIBED" if subscribed else "NOT_SUBSCRIBED",
        "marketingOptInLevel": "SINGLE_OPT_IN",
        "marketingUpdatedAt": write_time(person.created_at) if subscribed else None,
        "validFormat": True,
    }


def _render_phone(person: Person) -> Record:
    return {
        "phoneNumber": person.phone,
        "marketingState": "NOT_SUBSCRIBED",
        "marketingOptInLevel": "SINGLE_OPT_IN",
        "marketingUpdatedAt": None,
        "marketingCollectedFrom": None,
    }


def _render_address(person: Person, index: int) -> Record:
    address = person.addresses[index]
    company, phone = address.company, address.phone
    if index == 0:
        # A customer of Shopify has no company, and its phone has no extension: the address holds both.
        company = company or person.company
        if person.phone_extension:
            phone = f"{person.phone or phone.partition(' ')[0]} x{person.phone_extension}"
    shown = {
        "firstName": person.first_name,
        "lastName": person.last_name,
        "name": full_name(person),
        "company": company,
        "address1": address.street_1,
        "address2": address.street_2,
        "city": address.city,
        "province": address.state_name,
        "provinceCode": address.state_code,
        "country": address.country_name,
        "countryCode": address.country_code,
        "countryCodeV2": address.country_code,
        "zip": address.postal_code,
        "phone": phone,
        "formattedArea": _write_area(address),
    }
    gid = f"gid://shopify/MailingAddress/{address_id(person, index)}?model_name=CustomerAddress"
    return {"id": gid, "coordinatesValidated": False, **{key: value or None for key, value in shown.items()}}


def _render_order_address(person: Person, index: int) -> Record | None:
    """The billing address (0) or the shipping address (1) of an order; None if the person has no such address."""
    return _render_address(person, index) if index < len(person.addresses) else None


def _write_area(address: PostalAddress) -> str:
    town = " ".join(filter(None, (address.city, address.state_code)))
    return ", ".join(filter(None, (town, address.country_name)))


def _spell_phone(phone: str) -> str:
    """The display name of a customer with only a phone: a North American number is grouped."""
    if phone.startswith("+1") and len(phone) == len("+15550100100"):
        return f"+1 {phone[2:5]}-{phone[5:8]}-{phone[8:]}"
    return phone


def find_customer(people: Sequence[Person], gid: str) -> Record | None:
    """The customer with an id.

    Args:
        people: All people of the store.
        gid: The global id.

    Returns:
        The customer, or None if absent.

    Raises:
        GraphQLError: The id is malformed or of another type.
    """
    number = read_gid("Customer", gid)
    matches = [person for person in people if is_customer(person) and customer_id(person) == number]
    return render_customer(matches[0]) if matches else None


def find_order(people: Sequence[Person], gid: str) -> Record | None:
    """The order with an id.

    Args:
        people: All people of the store.
        gid: The global id.

    Returns:
        The order, or None if absent.

    Raises:
        GraphQLError: The id is malformed or of another type.
    """
    number = read_gid("Order", gid)
    sales = [(person, order) for person in people if is_customer(person) for order in person.orders]
    matches = [sale for sale in sales if order_id(sale) == number]
    return render_order(matches[0]) if matches else None
