"""Wix's own shape of the invented people: contacts (V4).

https://dev.wix.com/docs/rest/crm/members-contacts/contacts/contacts/contact-v4/contact-object
"""

from __future__ import annotations

import re
import unicodedata
import uuid
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from truto_unify.sandbox.purchases import count_units

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from truto_unify.sandbox.people import Person, PostalAddress

Record = dict[str, Any]

_NAMESPACE = uuid.UUID("5d1c6f0e-0b53-4c0e-9f7a-6d7f0f5b9a11")

# The fields of each fieldset; `id` and `revision` are always returned.
_FIELDSETS: dict[str, tuple[str, ...]] = {
    "BASIC": ("primaryInfo", "info.name"),
    "COMMUNICATION_DETAILS": ("primaryInfo", "info.name", "info.emails", "info.phones", "info.addresses"),
    "EXTENDED": ("info.name", "info.extendedFields"),
}
FIELDSET_NAMES = frozenset({*_FIELDSETS, "FULL"})


def contact_id(person: Person) -> str:
    """The UUID that a person has as a contact."""
    return make_uuid("contact", person.number)


def can_be_contact(person: Person) -> bool:
    """Whether Wix can hold this person: it requires a name, a phone or an e-mail."""
    return any((person.first_name, person.last_name, person.phone, person.email, person.second_email))


@lru_cache(maxsize=50_000)
def render_contact(person: Person) -> Record:
    """The full contact of a person, without empty keys; callers must not change it."""
    info = filled(
        {
            "name": filled({"first": person.first_name, "last": person.last_name}),
            "emails": _items(_render_emails(person)),
            "phones": _items(_render_phones(person)),
            "addresses": _items(_render_addresses(person)),
            "company": person.company,
            "labelKeys": _items(_render_labels(person)),
            "extendedFields": {"items": _render_extended_fields(person)},
        }
    )
    emails = info.get("emails", {}).get("items", [{}])
    phones = info.get("phones", {}).get("items", [{}])
    contact = {
        "id": contact_id(person),
        "revision": 1 if person.updated_at == person.created_at else 2,
        "source": {"sourceType": "WIX_STORES" if person.orders else "ADMIN"},
        "createdDate": format_instant(person.created_at),
        "updatedDate": format_instant(person.updated_at),
        "lastActivity": _render_last_activity(person),
        "primaryInfo": filled({"email": emails[0].get("email"), "phone": phones[0].get("phone")}),
        "info": info,
    }
    return filled(contact)


def project(contact: Record, fields: Iterable[str], fieldsets: Iterable[str]) -> Record:
    """The part of a contact that ``fields`` and ``fieldsets`` select; by default ``BASIC``."""
    named_sets = set(fieldsets)
    paths = [*fields]
    if "FULL" in named_sets:
        return contact
    if not paths and not named_sets:
        named_sets = {"BASIC"}
    for name in named_sets:
        paths.extend(_FIELDSETS[name])
    chosen: Record = {"id": contact["id"], "revision": contact["revision"]}
    for path in paths:
        _copy_path(contact, chosen, path.split("."))
    return {key: chosen[key] for key in contact if key in chosen}


def format_instant(moment: datetime) -> str:
    """A time as Wix writes it: UTC with milliseconds and a Z."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + f".{moment.microsecond // 1000:03d}Z"


def make_uuid(kind: str, key: object) -> str:
    """The id of a thing of this kind, the same every time."""
    return str(uuid.uuid5(_NAMESPACE, f"{kind} {key}"))


def filled(record: Record) -> Record:
    """The record without empty keys: Wix leaves them out and never sends null."""
    return {key: value for key, value in record.items() if value not in (None, "", {})}


def _items(items: list[Any]) -> Record:
    return {"items": items} if items else {}


def _render_emails(person: Person) -> list[Record]:
    addresses = [address for address in (person.email, person.second_email) if address]
    # A shop's checkout tags nothing; the second address is one that the merchant typed in by hand.
    tags = ("UNTAGGED", "WORK")
    return [
        {"id": make_uuid("email", f"{person.number} {place}"), "tag": tags[place], "email": address}
        | ({"primary": True} if place == 0 else {})
        for place, address in enumerate(addresses)
    ]


def _render_phones(person: Person) -> list[Record]:
    """Wix has no extension: it is lost here."""
    if not person.phone:
        return []
    return [
        {
            "id": make_uuid("phone", person.number),
            "tag": "UNTAGGED",
            "phone": _typed_phone(person.phone),
            "e164Phone": person.phone,
            "primary": True,
        }
    ]


def _typed_phone(phone: str) -> str:
    """`phone` holds the typed text; only `e164Phone` is normalised."""
    return f"{phone[:-7]} {phone[-7:-4]}-{phone[-4:]}".strip()


def _render_addresses(person: Person) -> list[Record]:
    return [
        {
            "id": make_uuid("address", f"{person.number} {place}"),
            "tag": address.kind.upper(),
            "address": rendered,
        }
        for place, address in enumerate(person.addresses)
        if (rendered := render_address(address))
    ]


def render_address(address: PostalAddress) -> Record:
    """One address, without empty keys."""
    # ISO 3166-2 needs both parts: "US-CA".
    has_subdivision = address.country_code and address.state_code
    return filled(
        {
            "country": address.country_code,
            "subdivision": f"{address.country_code}-{address.state_code}" if has_subdivision else "",
            "city": address.city,
            "postalCode": address.postal_code,
            "addressLine": address.street_1,
            "addressLine2": address.street_2,
        }
    )


def _render_labels(person: Person) -> list[str]:
    customer = ["contacts.customers"] if person.orders else []
    return customer + [f"custom.{_slug(tag)}" for tag in person.tags]


def _slug(label: str) -> str:
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _render_extended_fields(person: Person) -> Record:
    names = [name for name in (person.first_name, person.last_name) if name]
    fields: Record = {
        "contacts.displayByFirstName": " ".join(names),
        "contacts.displayByLastName": " ".join(reversed(names)),
        "members.membershipStatus": "APPROVED" if person.is_active else "INACTIVE",
    }
    if person.email:
        fields |= {
            "emailSubscriptions.subscriptionStatus": "SUBSCRIBED" if person.accepts_marketing else "NOT_SET",
            "emailSubscriptions.deliverabilityStatus": "VALID",
            "emailSubscriptions.effectiveEmail": person.email,
        }
    if person.orders:
        spent_minor = sum(order.total_minor for order in person.orders if order.status == "paid")
        fields |= {
            "ecom.numOfPurchases": len(person.orders),
            "ecom.totalSpentAmount": count_units(spent_minor, person.currency),
            "ecom.totalSpentCurrency": person.currency,
            "ecom.lastPurchaseDate": format_instant(max(order.created_at for order in person.orders)),
        }
    return filled(fields)


def _render_last_activity(person: Person) -> Record:
    if not person.orders:
        return {"activityDate": format_instant(person.created_at), "activityType": "CONTACT_CREATED"}
    last = max(order.created_at for order in person.orders)
    return {"activityDate": format_instant(last), "activityType": "ECOM_PURCHASE"}


def _copy_path(source: Record, target: Record, path: list[str]) -> None:
    """Copy the value under ``path``; a path that leads nowhere copies nothing."""
    head, *rest = path
    if head not in source:
        return
    if not rest:
        target[head] = source[head]
    elif isinstance(source[head], dict):
        part = target.setdefault(head, {})
        _copy_path(source[head], part, rest)
        if not part:
            del target[head]
