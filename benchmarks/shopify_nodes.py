"""People as answers of the ``ListCustomers`` query of ``providers/shopify.graphql``: its fields, in its order."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from truto_unify.sandbox.shopify.fields import address_id, customer_id, full_name, spent_minor, state_of

if TYPE_CHECKING:
    from datetime import datetime

    from truto_unify.sandbox.people import Person, PostalAddress

Record = dict[str, Any]

_NOTES = (
    "Asked for paper-free invoices and a call before delivery; the side door is open until six, and the bell of the "
    "front door has been out of order since the works began. Wants the winter list as soon as it is printed.",
    "Met at the spring fair. Prefers the old packaging, and orders twice a year for the whole office; the person to "
    "ask for is whoever answers the telephone. Returned one box last year, and was sent another the same week.",
    "Gift cards only by e-mail. Speaks to Noor about returns; the last one was settled in full. Has moved twice, so "
    "that older addresses should be asked about before anything heavy is sent there.",
)


def customer_node(person: Person) -> Record:
    """One node of the ``customers`` connection."""
    addresses = [_address(person, place, address) for place, address in enumerate(person.addresses)]
    amount = spent_minor(person)
    return {
        "id": f"gid://shopify/Customer/{customer_id(person)}",
        "legacyResourceId": str(customer_id(person)),
        "firstName": person.first_name or None,
        "lastName": person.last_name or None,
        "displayName": full_name(person) or person.email,
        "state": state_of(person),
        "locale": "en",
        "note": _NOTES[person.number % 3] if person.tags else None,
        "tags": sorted(person.tags),
        "verifiedEmail": True,
        "taxExempt": False,
        "numberOfOrders": str(len(person.orders)),
        "createdAt": _time(person.created_at),
        "updatedAt": _time(person.updated_at),
        "defaultEmailAddress": {
            "emailAddress": person.email,
            "marketingState": "SUBSCRIBED" if person.accepts_marketing else "NOT_SUBSCRIBED",
            "marketingOptInLevel": "SINGLE_OPT_IN",
            "marketingUpdatedAt": _time(person.created_at) if person.accepts_marketing else None,
        },
        "defaultPhoneNumber": {"phoneNumber": person.phone} if person.phone else None,
        "defaultAddress": {"id": addresses[0]["id"], "company": addresses[0]["company"]} if addresses else None,
        "amountSpent": {"amount": f"{amount // 100}.{amount % 100:02d}", "currencyCode": person.currency},
        "addressesV2": {"nodes": addresses, "pageInfo": {"hasNextPage": False}},
    }


def _address(person: Person, place: int, address: PostalAddress) -> Record:
    return {
        "id": f"gid://shopify/MailingAddress/{address_id(person, place)}?model_name=CustomerAddress",
        "firstName": person.first_name or None,
        "lastName": person.last_name or None,
        "company": address.company or None,
        "address1": address.street_1 or None,
        "address2": address.street_2 or None,
        "city": address.city or None,
        "province": address.state_name or None,
        "provinceCode": address.state_code or None,
        "country": address.country_name or None,
        "countryCodeV2": address.country_code or None,
        "zip": address.postal_code or None,
        "phone": address.phone or None,
    }


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
