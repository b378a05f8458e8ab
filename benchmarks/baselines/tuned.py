"""Hand-written mappings tuned for speed with a profiler: inlined, with fast paths.

The careful mapping handles a record of an unusual shape. Mappings should not be written like this.
"""

from __future__ import annotations

from datetime import datetime
from string import ascii_uppercase
from typing import TYPE_CHECKING, Any

from benchmarks.baselines import careful
from benchmarks.baselines.cleaning import clean_country, clean_time, keep_phones, make_phone

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Record = dict[str, Any]

_read_time = datetime.fromisoformat
_UNUSUAL = (KeyError, TypeError, AttributeError, IndexError)
_CODES = frozenset(f"{first}{second}" for first in ascii_uppercase for second in ascii_uppercase)
_STATES = {"ENABLED": "active", "DISABLED": "inactive", "enabled": "active", "disabled": "inactive"}
_CONSENTS = {
    word: word.lower()
    for consent in ("SUBSCRIBED", "NOT_SUBSCRIBED", "UNSUBSCRIBED", "PENDING", "REDACTED", "INVALID")
    for word in (consent, consent.lower())
}
_HOURS = {
    f"{hour:02}{'-' if offset > 0 else '+'}{abs(offset):02}:00": f"{hour + offset:02}"
    for hour in range(24)
    for offset in range(-14, 13)
    if 0 <= hour + offset < 24
}
"""Local hour and offset to the hour in UTC, if both are on the same day: ``03-05:00`` to ``08``."""


def map_shopify(native: Record) -> Record:
    """A Shopify customer of the GraphQL Admin API, with all requested fields."""
    try:
        return _map_shopify(native)
    except _UNUSUAL:
        return careful.map_shopify(native)


def _map_shopify(native: Record) -> Record:  # noqa: PLR0912, PLR0915 - inlined on purpose
    identity, first_name, last_name = native["legacyResourceId"], native["firstName"], native["lastName"]
    if first_name is not None:
        first_name = first_name.strip() or None
    if last_name is not None:
        last_name = last_name.strip() or None
    name = native["displayName"].strip() if first_name or last_name else None
    if not identity or name == "" or "email" in native or "phone" in native:
        return careful.map_shopify(native)

    nodes = native["addressesV2"]["nodes"]
    default_address = native["defaultAddress"]
    company = default_id = None
    if default_address is not None:
        if not nodes:
            return careful.map_shopify(native)
        default_id, company = default_address["id"], default_address["company"]
        company = company.strip() if company else None

    email = native["defaultEmailAddress"]
    emails = []
    if email is not None and (address := email["emailAddress"]) and (address := address.strip()):
        consent = email["marketingState"]
        emails = [
            {
                "email": address,
                "type": "primary",
                "status": _CONSENTS[consent] if consent is not None else None,
                "is_primary": True,
            }
        ]

    phone = native["defaultPhoneNumber"]
    phones: list[Record] = []
    if phone is not None:
        number = phone["phoneNumber"]
        if number[0] == "+" and number[1:].isdecimal():
            phones.append({"number": number, "extension": None, "type": "primary"})
        else:
            phones += _unusual_phone(number, "primary")

    addresses = []
    for node in nodes:
        gid = node["id"]
        street_1, street_2, city = node["address1"], node["address2"], node["city"]
        state = node["provinceCode"] or node["province"]
        postal_code, country = node["zip"], node["countryCodeV2"] or node["country"]
        if street_1 is not None:
            street_1 = street_1.strip() or None
        if street_2 is not None:
            street_2 = street_2.strip() or None
        if city is not None:
            city = city.strip() or None
        if state is not None:
            state = state.strip() or None
        if postal_code is not None:
            postal_code = postal_code.strip() or None
        if country not in _CODES:
            country = clean_country(country)
        if street_1 or city or country or postal_code or state or street_2:
            addresses.append(
                {
                    "id": gid[gid.rindex("/") + 1 :].partition("?")[0],
                    "type": "default" if gid == default_id else None,
                    "street_1": street_1,
                    "street_2": street_2,
                    "city": city,
                    "state": state,
                    "postal_code": postal_code,
                    "country": country,
                }
            )
        if number := node["phone"]:
            if number[0] == "+" and number[1:].isdecimal():
                phones.append({"number": number, "extension": None, "type": "address"})
            else:
                phones += _unusual_phone(number, "address")
        if not company and (text := node["company"]):
            company = text.strip()

    created_at, updated_at = native["createdAt"], native["updatedAt"]
    if len(created_at) == 20 and created_at[19] == "Z" and created_at[7] == "-":
        _read_time(created_at)
    else:
        created_at = clean_time(created_at)
    if len(updated_at) == 20 and updated_at[19] == "Z" and updated_at[7] == "-":
        _read_time(updated_at)
    else:
        updated_at = clean_time(updated_at)
    return {
        "id": identity,
        "name": name,
        "first_name": first_name,
        "last_name": last_name,
        "company_name": company or None,
        "emails": emails,
        "phones": phones if len(phones) < 2 else _without_repeats(phones),
        "addresses": addresses,
        "currency": native["amountSpent"]["currencyCode"],
        "status": _STATES.get(native["state"]) or native["state"].lower(),
        "orders": [],
        "created_at": created_at,
        "updated_at": updated_at,
        "remote_data": native,
    }


def _unusual_phone(number: str, kind: str) -> list[Record]:
    """A number that is more than a plus and digits; empty if blank."""
    phone = make_phone(number, kind)
    return [phone] if phone["number"] else []


def _without_repeats(phones: list[Record]) -> list[Record]:
    """Like the careful ``keep_phones`` for bare E.164 numbers: equal texts are repeats."""
    by_number: dict[str, Record] = {}
    for phone in phones:
        if phone["extension"] is not None or (number := phone["number"])[0] != "+" or not number[1:].isdecimal():
            return keep_phones(phones)
        if number not in by_number:
            by_number[number] = phone
    return list(by_number.values())


def map_shopify_rest(native: Record) -> Record:
    """A Shopify customer of the REST Admin API."""
    try:
        return _map_shopify_rest(native)
    except _UNUSUAL:
        return careful.map_shopify_rest(native)


def _map_shopify_rest(native: Record) -> Record:  # noqa: PLR0912 - inlined on purpose
    get = native.get
    first_name, last_name = native["first_name"], native["last_name"]
    if first_name is not None:
        first_name = first_name.strip() or None
    if last_name is not None:
        last_name = last_name.strip() or None
    name = f"{first_name} {last_name}" if first_name and last_name else first_name or last_name

    company = None
    if (default_address := get("default_address")) is not None and (company := default_address["company"]):
        company = company.strip()

    emails = []
    if (address := native["email"]) and (address := address.strip()):
        consent = native["email_marketing_consent"]
        emails = [
            {
                "email": address,
                "type": "primary",
                "status": _CONSENTS[consent["state"]] if consent is not None else None,
                "is_primary": True,
            }
        ]

    phones: list[Record] = []
    if number := native["phone"]:
        if number[0] == "+" and number[1:].isdecimal():
            phones.append({"number": number, "extension": None, "type": "primary"})
        else:
            phones += _unusual_phone(number, "primary")

    addresses = []
    for node in get("addresses") or ():
        street_1, street_2, city = node["address1"], node["address2"], node["city"]
        state = node["province_code"] or node["province"]
        postal_code, country = node["zip"], node["country_code"] or node["country"]
        if street_1 is not None:
            street_1 = street_1.strip() or None
        if street_2 is not None:
            street_2 = street_2.strip() or None
        if city is not None:
            city = city.strip() or None
        if state is not None:
            state = state.strip() or None
        if postal_code is not None:
            postal_code = postal_code.strip() or None
        if country not in _CODES:
            country = clean_country(country)
        if street_1 or city or country or postal_code or state or street_2:
            addresses.append(
                {
                    "id": str(node["id"]),
                    "type": "default" if node["default"] else None,
                    "street_1": street_1,
                    "street_2": street_2,
                    "city": city,
                    "state": state,
                    "postal_code": postal_code,
                    "country": country,
                }
            )
        if number := node["phone"]:
            if number[0] == "+" and number[1:].isdecimal():
                phones.append({"number": number, "extension": None, "type": "address"})
            else:
                phones += _unusual_phone(number, "address")
        if not company and (text := node["company"]):
            company = text.strip()

    return {
        "id": str(native["id"]),
        "name": name,
        "first_name": first_name,
        "last_name": last_name,
        "company_name": company or None,
        "emails": emails,
        "phones": phones if len(phones) < 2 else _without_repeats(phones),
        "addresses": addresses,
        "currency": native["currency"],
        "status": _STATES.get(native["state"]) or native["state"].lower(),
        "orders": [],
        "created_at": _to_utc(native["created_at"]),
        "updated_at": _to_utc(native["updated_at"]),
        "remote_data": native,
    }


def _to_utc(text: str) -> str | None:
    """A time with an offset and whole seconds, in UTC: only the hour changes if the day stays the same."""
    hour = _HOURS.get(text[11:13] + text[19:])
    if hour is None or text[7] != "-":
        return clean_time(text)
    _read_time(text)
    return f"{text[:11]}{hour}{text[13:19]}Z"


def map_woocommerce(native: Record) -> Record:
    """A WooCommerce customer, whose blank parts are empty texts."""
    try:
        return _map_woocommerce(native)
    except _UNUSUAL:
        return careful.map_woocommerce(native)


def _map_woocommerce(native: Record) -> Record:  # noqa: PLR0912 - inlined on purpose
    billing, shipping = native["billing"], native["shipping"]
    first_name, last_name = native["first_name"].strip(), native["last_name"].strip()
    if not first_name and not last_name:
        first_name, last_name = billing["first_name"].strip(), billing["last_name"].strip()
    name = f"{first_name} {last_name}" if first_name and last_name else first_name or last_name or None

    emails = []
    email, billing_email = native["email"].strip(), billing["email"].strip()
    if email:
        emails.append({"email": email, "type": "primary", "status": None, "is_primary": True})
    if billing_email and billing_email != email and billing_email.casefold() != email.casefold():
        emails.append({"email": billing_email, "type": "billing", "status": None, "is_primary": False})

    phones: list[Record] = []
    if number := billing["phone"]:
        if number[0] == "+" and number[1:].isdecimal():
            phones.append({"number": number, "extension": None, "type": "billing"})
        else:
            phones += _unusual_phone(number, "billing")
    if number := shipping["phone"]:
        if number[0] == "+" and number[1:].isdecimal():
            phones.append({"number": number, "extension": None, "type": "shipping"})
        else:
            phones += _unusual_phone(number, "shipping")

    addresses = []
    for kind, address in (("billing", billing), ("shipping", shipping)):
        street_1, street_2, city = address["address_1"].strip(), address["address_2"].strip(), address["city"].strip()
        state, postal_code, country = address["state"].strip(), address["postcode"].strip(), address["country"]
        if country not in _CODES:
            country = clean_country(country)
        if street_1 or city or country or postal_code or state or street_2:
            addresses.append(
                {
                    "id": None,
                    "type": kind,
                    "street_1": street_1 or None,
                    "street_2": street_2 or None,
                    "city": city or None,
                    "state": state or None,
                    "postal_code": postal_code or None,
                    "country": country,
                }
            )

    created_at, updated_at = native["date_created_gmt"], native["date_modified_gmt"]
    if created_at is not None and len(created_at) == 19 and created_at[7] == "-":
        _read_time(created_at)
        created_at += "Z"
    else:
        created_at = clean_time(created_at)
    if updated_at is not None and len(updated_at) == 19 and updated_at[7] == "-":
        _read_time(updated_at)
        updated_at += "Z"
    else:
        updated_at = clean_time(updated_at)
    return {
        "id": str(native["id"]),
        "name": name,
        "first_name": first_name or None,
        "last_name": last_name or None,
        "company_name": billing["company"].strip() or shipping["company"].strip() or None,
        "emails": emails,
        "phones": phones if len(phones) < 2 else _without_repeats(phones),
        "addresses": addresses,
        "currency": None,
        "status": None,
        "orders": [],
        "created_at": created_at,
        "updated_at": updated_at,
        "remote_data": native,
    }


TUNED: Mapping[str, Callable[[Record], Record]] = {
    "shopify": map_shopify,
    "shopify_rest": map_shopify_rest,
    "woocommerce": map_woocommerce,
}
"""The same providers as ``careful.CAREFUL``."""
