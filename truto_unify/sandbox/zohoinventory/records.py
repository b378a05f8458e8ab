"""Zoho Inventory's own shape of the invented people: contacts, their addresses and contact persons.

https://www.zoho.com/inventory/api/v1/contacts/
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

from truto_unify.sandbox.people import Person, PostalAddress

if TYPE_CHECKING:
    from collections.abc import Iterable

Record = dict[str, Any]

ORGANIZATION_ZONE = ZoneInfo("America/New_York")

# Ids have 19 digits, more than a JavaScript number can hold exactly; one person has a block of a thousand.
_CONTACT_BASE = 4_608_150_000_000_000_000
_BLOCK = 1000
_BILLING, _SHIPPING, _FIRST_PERSON, _FIRST_ADDRESS = 2, 3, 11, 101

_FOUNDED = datetime(2022, 11, 7, 15, 0, tzinfo=UTC)
_FIRST_VENDOR_NUMBER = 900_000_001


@dataclass(frozen=True, slots=True)
class Contact:
    """A person or a vendor, with a name that is unique in the whole list."""

    person: Person
    contact_name: str
    contact_type: Literal["customer", "vendor"] = "customer"

    @property
    def contact_id(self) -> str:
        """The id, as text."""
        return make_id(self.person, 1)

    @property
    def phone(self) -> str:
        """The phone as Zoho's own screen writes it: the extension in the same text."""
        extension = self.person.phone_extension
        return f"{self.person.phone} x{extension}" if extension else self.person.phone


def make_id(person: Person, place: int) -> str:
    """The id of the part of a person that stands at ``place`` of the person's block."""
    return str(_CONTACT_BASE + person.number * _BLOCK + place)


def make_contacts(people: Iterable[Person]) -> list[Contact]:
    """All contacts, customers and vendors.

    `contact_name` is required and unique: a person without a name gets the e-mail, phone or number, and a name
    that is taken gets a number in parentheses.
    """
    taken: set[str] = set()
    contacts = []
    entries: list[tuple[Person, Literal["customer", "vendor"]]] = [(person, "customer") for person in people]
    entries.extend((vendor, "vendor") for vendor in _VENDORS)
    for person, contact_type in entries:
        display_name = _display_name(person, contact_type)
        name, turn = display_name, 1
        while name.casefold() in taken:
            turn += 1
            name = f"{display_name} ({turn})"
        taken.add(name.casefold())
        contacts.append(Contact(person, name, contact_type))
    return contacts


def format_instant(moment: datetime) -> str:
    """The organisation's local time; the offset has no colon and moves with daylight saving."""
    return moment.astimezone(ORGANIZATION_ZONE).strftime("%Y-%m-%dT%H:%M:%S%z")


def format_day(moment: datetime) -> str:
    """A day in the format of the organisation's settings, for display only."""
    return moment.astimezone(ORGANIZATION_ZONE).strftime("%d %b %Y")


def currency_id(code: str) -> str:
    """The id that a currency has in this organisation."""
    return str(_CONTACT_BASE - 1000 + sum(place * ord(letter) for place, letter in enumerate(code, start=1)))


def render_list_item(contact: Contact) -> Record:
    """A contact of a list, without addresses and contact persons."""
    person = contact.person
    return {
        "contact_id": contact.contact_id,
        "contact_name": contact.contact_name,
        "customer_name": contact.contact_name,
        "vendor_name": contact.contact_name,
        **render_shared(contact),
        "language_code_formatted": "",
        "contact_type_formatted": contact.contact_type.capitalize(),
        "portal_status_formatted": "Disabled",
        "created_time_formatted": format_day(person.created_at),
        "last_modified_time_formatted": format_day(person.updated_at),
        "contactperson_custom_fields": [],
        "has_attachment": False,
    }


def render_persons(contact: Contact) -> list[Record]:
    """The contact persons: the primary person, and a second one with only the second e-mail."""
    person = contact.person
    names = {"first_name": person.first_name, "last_name": person.last_name}
    persons = [names | {"email": person.email, "phone": contact.phone}]
    if person.second_email:
        persons.append({"first_name": "", "last_name": "", "email": person.second_email, "phone": ""})
    return [
        {
            "contact_person_id": make_id(person, _FIRST_PERSON + place),
            "salutation": "",
            **contact_fields,
            "mobile": "",
            "designation": "",
            "department": "",
            "skype": "",
            "is_primary_contact": place == 0,
            "is_added_in_portal": False,
            "communication_preference": {"is_sms_enabled": False, "is_whatsapp_enabled": False},
        }
        for place, contact_fields in enumerate(persons)
        if any(contact_fields.values())
    ]


def render_named_addresses(contact: Contact) -> tuple[Record, Record, list[Record]]:
    """The billing address, the shipping address and the additional ones; the first two always exist."""
    billing = [address for address in contact.person.addresses if address.kind == "billing"]
    shipping = [address for address in contact.person.addresses if address.kind == "shipping"]
    person = contact.person
    return (
        _render_address(make_id(person, _BILLING), billing[0] if billing else PostalAddress("billing")),
        _render_address(make_id(person, _SHIPPING), shipping[0] if shipping else PostalAddress("shipping")),
        [
            _render_address(make_id(person, _FIRST_ADDRESS + place), address)
            for place, address in enumerate((*billing[1:], *shipping[1:]))
        ],
    )


def _display_name(person: Person, contact_type: str) -> str:
    if contact_type == "vendor":
        return person.company
    name = f"{person.first_name} {person.last_name}".strip()
    return name or person.email or person.phone or f"Contact {person.number}"


def render_shared(contact: Contact) -> Record:
    """The keys that the list and the single contact share."""
    person = contact.person
    # The list shows the primary contact person, who is the person itself.
    return {
        "company_name": person.company,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "email": person.email,
        "phone": contact.phone,
        "mobile": "",
        "website": "",
        "language_code": "",
        "contact_type": contact.contact_type,
        "status": "active" if person.is_active else "inactive",
        "customer_sub_type": "business" if person.company else "individual",
        "source": "api",
        "is_linked_with_zohocrm": False,
        "payment_terms": 0,
        "payment_terms_id": str(_CONTACT_BASE + 81),
        "payment_terms_label": "Due on Receipt",
        "currency_id": currency_id(person.currency),
        "currency_code": person.currency,
        "twitter": "",
        "facebook": "",
        "outstanding_receivable_amount": 0,
        "outstanding_receivable_amount_bcy": 0,
        "outstanding_payable_amount": 0,
        "outstanding_payable_amount_bcy": 0,
        "unused_credits_receivable_amount": 0,
        "unused_credits_receivable_amount_bcy": 0,
        "unused_credits_payable_amount": 0,
        "unused_credits_payable_amount_bcy": 0,
        "portal_status": "disabled",
        "created_time": format_instant(person.created_at),
        "last_modified_time": format_instant(person.updated_at),
        "custom_fields": [],
        "custom_field_hash": {},
        "tags": [],
        "ach_supported": False,
    }


def _render_address(address_id: str, address: PostalAddress) -> Record:
    """One address; unset parts are empty text, and a blank address still has its id."""
    return {
        "address_id": address_id,
        "attention": "",
        "address": address.street_1,
        "street2": address.street_2,
        "city": address.city,
        "state_code": address.state_code,
        "state": address.state_name or address.state_code,
        "zip": address.postal_code,
        "country": address.country_name,
        "county": "",
        "latitude": "",
        "longitude": "",
        "country_code": address.country_code,
        "phone": address.phone,
        "fax": "",
    }


def _vendor(place: int, company: str, email: str) -> Person:
    created_at = _FOUNDED + timedelta(days=97 * place)
    return Person(
        number=_FIRST_VENDOR_NUMBER + place,
        first_name="",
        last_name="",
        email=email,
        phone="",
        phone_extension="",
        company=company,
        currency="USD",
        is_active=True,
        accepts_marketing=False,
        created_at=created_at,
        updated_at=created_at,
    )


_VENDORS = (
    _vendor(0, "Harbour Paper Supply", "orders@harbour-paper.example"),
    _vendor(1, "Mill Lane Packaging", "sales@mill-lane.example"),
    _vendor(2, "Østfjord Freight", ""),
)
